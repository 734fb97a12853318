//! The ledger's speed, as ratios to what plain Postgres does in the same run on the same cluster.
//!
//! `cargo bench --bench ledger` fills a ledger with a million events; `-- --quick` with fewer, in under two minutes.
//! `--audit` measures only what an auditor waits for. `--json` ends with one line of JSON that holds every figure. Rounds
//! are interleaved and medians are compared, because the speed of a machine drifts. `synchronous_commit` is on, as always.

mod audit;
mod bulk;
mod cpu;
mod filled;
mod importing;
mod memory;
mod people;
mod raw;
mod report;
mod rounds;
mod world;

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use bulk::BulkTenant;
use report::Report;
use rounds::{Caller, callers, median, round};
use world::World;

/// Numbers of concurrent callers, each on a stream of its own.
const CALLERS: [usize; 4] = [1, 8, 32, 256];
/// Events of one call of a bulk append.
const BULK_EVENTS: usize = 100;

/// How much is measured.
#[derive(Debug, Clone, Copy)]
struct Extent {
    rounds: usize,
    round: Duration,
    filled_events: u64,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let has = |flag: &str| arguments.iter().any(|argument| argument == flag);
    let extent = if has("--quick") {
        Extent {
            rounds: 3,
            round: Duration::from_millis(700),
            filled_events: 200_000,
        }
    } else {
        Extent {
            rounds: 5,
            round: Duration::from_secs(2),
            filled_events: 1_000_000,
        }
    };
    let mut report = Report::new(extent.filled_events);
    if !has("--audit") {
        ledger(extent, &mut report).await?;
    }
    audit::answers(extent, &mut report).await?;
    println!("{report}");
    if has("--json") {
        println!("{}", report.to_json());
    }
    Ok(())
}

/// What the ledger does all day, and verification.
async fn ledger(extent: Extent, report: &mut Report) -> anyhow::Result<()> {
    let world = World::build(*CALLERS.last().unwrap_or(&1)).await?;
    eprintln!(
        "Postgres {}, {} rounds of {:?}",
        world.postgres_version(),
        extent.rounds,
        extent.round
    );

    for callers in CALLERS {
        one_event_a_call(&world, callers, extent, report).await?;
    }
    let tenant = world.fresh_tenant("bulk").await?;
    bulk(&world, &tenant, extent, report).await?;
    import(&world, &tenant, extent, report).await?;
    drop(tenant);
    growth_and_verification(&world, extent, report).await?;
    world.close().await
}

/// (a) raw inserts, (b) ledger appends and (c) logged reads, in turn.
async fn one_event_a_call(
    world: &World,
    number: usize,
    extent: Extent,
    report: &mut Report,
) -> anyhow::Result<()> {
    let raw = raw::Inserts::new(world, number).await?;
    let ([mut raws, mut appends, mut reads], [mut raw_cpu, mut append_cpu, mut read_cpu]) =
        (<[Vec<f64>; 3]>::default(), <[Vec<f64>; 3]>::default());
    // The first round of each warms up and is not counted.
    for counted in 0..=extent.rounds {
        eprint!(
            "\r{number:>4} callers, round {counted} of {}   ",
            extent.rounds
        );
        let inserted = round(world, callers(number, |n| raw.caller(n)), extent.round).await?;
        let appended = round(world, callers(number, |n| world.appending(n)), extent.round).await?;
        let read = round(world, callers(number, |n| world.reading(n)), extent.round).await?;
        if counted > 0 {
            raws.push(inserted.per_second);
            raw_cpu.push(inserted.cpu_micros);
            appends.push(appended.per_second);
            append_cpu.push(appended.cpu_micros);
            reads.push(read.per_second);
            read_cpu.push(read.cpu_micros);
        }
    }
    eprintln!();
    report.callers(number, median(&raws), median(&appends), median(&reads));
    report.cpu(
        number,
        median(&raw_cpu),
        median(&append_cpu),
        median(&read_cpu),
    );
    Ok(())
}

/// A hundred events a call, against `COPY` of the same rows in transactions of the same size.
async fn bulk(
    world: &World,
    tenant: &Arc<BulkTenant>,
    extent: Extent,
    report: &mut Report,
) -> anyhow::Result<()> {
    let copies = raw::Copies::new(world).await?;
    let (mut copied, mut appended) = (Vec::new(), Vec::new());
    for counted in 0..=extent.rounds {
        eprint!("\rbulk, round {counted} of {}   ", extent.rounds);
        let raw = round(world, callers(8, |n| copies.caller(n)), extent.round).await?;
        let ledger = round(
            world,
            callers(8, |n| tenant.appending(n, BULK_EVENTS)),
            extent.round,
        )
        .await?;
        if counted > 0 {
            copied.push(raw.per_second);
            appended.push(ledger.per_second);
        }
    }
    eprintln!();
    report.bulk(median(&copied), median(&appended));
    Ok(())
}

/// A log of 20,000 events by the command line's way, against bulk appends of as many.
async fn import(
    world: &World,
    tenant: &Arc<BulkTenant>,
    extent: Extent,
    report: &mut Report,
) -> anyhow::Result<()> {
    let importing = importing::Importing::begin(world.instance()).await?;
    let (mut imported, mut appended) = (Vec::new(), Vec::new());
    for counted in 0..=extent.rounds {
        eprint!("\rimport, round {counted} of {}   ", extent.rounds);
        let ledger = round(
            world,
            callers(8, |n| tenant.appending(n, BULK_EVENTS)),
            extent.round,
        )
        .await?;
        let import = importing.once(world.instance()).await?;
        if counted > 0 {
            appended.push(ledger.per_second);
            imported.push(import);
        }
    }
    eprintln!();
    report.import(median(&appended), median(&imported));
    Ok(())
}

/// How an append slows down while the ledger grows, and how fast the whole is verified.
async fn growth_and_verification(
    world: &World,
    extent: Extent,
    report: &mut Report,
) -> anyhow::Result<()> {
    let small = world.fresh_tenant("small").await?;
    let large = world.fresh_tenant("large").await?;
    small.fill_to(10_000, |_, _| ()).await?;
    let progress = |done: u64, of: u64| eprint!("\rfilling: {done} of {of} events   ");
    large.fill_to(extent.filled_events, progress).await?;
    eprintln!();
    // In turn, on the same cluster, so that only the size of the ledger differs.
    let (mut at_small, mut at_large) = (Vec::new(), Vec::new());
    for counted in 0..=extent.rounds {
        let few = round(world, vec![small.caller(counted)], extent.round).await?;
        let many = round(world, vec![large.caller(counted)], extent.round).await?;
        if counted > 0 {
            at_small.push(1e6 / few.per_second);
            at_large.push(1e6 / many.per_second);
        }
    }
    report.latency(median(&at_small), median(&at_large));

    let (mut copied, mut verified) = (Vec::new(), Vec::new());
    for _ in 0..extent.rounds.min(3) {
        let begun = Instant::now();
        let rows = raw::copy_out(world, &large.tenant).await?;
        copied.push(per_second(rows, begun));
        let begun = Instant::now();
        verified.push(per_second(large.verify().await?, begun));
    }
    report.verification(median(&copied), median(&verified));
    Ok(())
}

#[expect(
    clippy::cast_precision_loss,
    reason = "counts of a benchmark are far below 2^52"
)]
fn per_second(events: u64, begun: Instant) -> f64 {
    events as f64 / begun.elapsed().as_secs_f64()
}

/// What one caller does again and again; how many events a call has.
type Call = Box<dyn FnMut() -> rounds::Calling + Send>;

impl From<Call> for Caller {
    fn from(call: Call) -> Self {
        Self(call)
    }
}
