//! What an auditor waits for, at the full size of the ledger and at a tenth of it: answers, the log in a format of the
//! field, and read models made anew. The ledger is one of its own, of decided cases. Each question is asked of one case,
//! or one person, after another, spread over all, so that nothing is answered twice from memory in a row.

use std::{sync::Arc, time::Instant};

use caseledger::{
    export::log::{Extent as Which, LogExport, LogFormat},
    instance::MachineClock,
};
use chrono::TimeDelta;
use ledger_core::{
    clock::{Clock as _, Span},
    ids::{AccountId, CaseId},
    ledger::{AsOf, SawFilter},
};

use crate::{
    Extent,
    filled::Filled,
    memory,
    people::profile,
    per_second, raw,
    report::Report,
    rounds::median,
    world::{World, occasion},
};

/// How often each question is asked.
const ASKED: usize = 200;

/// What is asked.
#[derive(Debug, Clone, Copy)]
enum Question {
    Saw,
    Person,
    Could,
    Intervals,
}

impl Question {
    const ALL: [Self; 4] = [Self::Saw, Self::Person, Self::Could, Self::Intervals];

    const fn name(self) -> (&'static str, &'static str) {
        match self {
            Self::Saw => ("who saw a case", "auditSaw"),
            Self::Person => ("what a person saw in an hour", "auditPerson"),
            Self::Could => ("who could see it at a moment", "auditCould"),
            Self::Intervals => ("who could see it, as intervals", "auditIntervals"),
        }
    }
}

/// Of one size: medians and the slowest of a hundred, in milliseconds, and the memory that an export takes, in MiB.
struct Measured {
    questions: Vec<(f64, f64)>,
    export_memory: Vec<f64>,
}

/// The formats whose memory is measured: one that shows facts alone, and one that is a single document.
const EXPORTED: [LogFormat; 2] = [LogFormat::AuditEvent, LogFormat::Xes];

/// Fills a ledger of its own twice, and asks each time.
pub(crate) async fn answers(extent: Extent, report: &mut Report) -> anyhow::Result<()> {
    let world = World::build(1).await?;
    let mut filled = Filled::default();
    filled.fill_to(&world, extent.filled_events / 10).await?;
    let small = measure(&world, &filled).await?;
    filled.fill_to(&world, extent.filled_events).await?;
    let large = measure(&world, &filled).await?;
    let pairs = small.questions.into_iter().zip(large.questions);
    for (question, ((few, _), (many, slowest))) in Question::ALL.into_iter().zip(pairs) {
        let (name, key) = question.name();
        report.question(name, key, few, many, slowest);
    }
    let pairs = small.export_memory.into_iter().zip(large.export_memory);
    for (format, (few, many)) in EXPORTED.into_iter().zip(pairs) {
        report.export_memory(format.name(), few, many);
    }
    rebuild(&world, report).await?;
    world.close().await
}

async fn measure(world: &World, filled: &Filled) -> anyhow::Result<Measured> {
    let mut questions = Vec::new();
    for question in Question::ALL {
        let mut taken = Vec::with_capacity(ASKED);
        for (case, teacher) in filled.spread(ASKED) {
            let begun = Instant::now();
            ask(world, question, case, teacher).await?;
            taken.push(begun.elapsed().as_secs_f64() * 1_000.0);
        }
        taken.sort_by(f64::total_cmp);
        questions.push((median(&taken), taken[taken.len() * 99 / 100]));
    }
    let mut export_memory = Vec::new();
    for format in EXPORTED {
        export_memory.push(export(world, format).await?);
    }
    Ok(Measured {
        questions,
        export_memory,
    })
}

async fn ask(
    world: &World,
    question: Question,
    case: CaseId,
    teacher: AccountId,
) -> anyhow::Result<()> {
    let (ledger, auditor) = (&world.instance().ledger, &world.people().auditor);
    let occasion = occasion();
    match question {
        Question::Saw => {
            let filter = SawFilter::default();
            let saw = ledger
                .saw(auditor, case, AsOf::Now, &filter, &occasion)
                .await?;
            anyhow::ensure!(!saw.views.is_empty(), "nobody saw a case");
        }
        Question::Person => {
            let period = Span {
                from: Some(MachineClock.now() - TimeDelta::hours(1)),
                until: None,
            };
            ledger
                .saw_by(
                    auditor,
                    &profile()?,
                    teacher,
                    period,
                    None,
                    Some(50),
                    &occasion,
                )
                .await?;
        }
        Question::Could => {
            let at = AsOf::Time(MachineClock.now() - TimeDelta::milliseconds(50));
            ledger.could(auditor, case, at, &occasion).await?;
        }
        Question::Intervals => {
            ledger.intervals(auditor, case, &occasion).await?;
        }
    }
    Ok(())
}

/// How much more memory was held at the highest while the log of the whole tenant was written, in MiB.
async fn export(world: &World, format: LogFormat) -> anyhow::Result<f64> {
    memory::forget_highest()?;
    let (held, _) = memory::held_and_highest()?;
    let mut export = LogExport::begin(
        Arc::clone(&world.instance().ledger),
        world.people().auditor.clone(),
        occasion(),
        format,
        Which::Tenant,
        Span::ALWAYS,
    )
    .await?;
    while export.next().await?.is_some() {}
    let progress = export.progress();
    eprintln!(
        "{}: {} records of {} cases",
        format.name(),
        progress.records,
        progress.cases
    );
    anyhow::ensure!(progress.cases > 0, "no case was exported");
    let (_, highest) = memory::held_and_highest()?;
    Ok(highest - held)
}

/// Every read model anew, against copying the same events out of Postgres.
async fn rebuild(world: &World, report: &mut Report) -> anyhow::Result<()> {
    let instance = world.instance();
    let begun = Instant::now();
    let copied = per_second(raw::copy_out(world, instance.tenant()).await?, begun);
    let begun = Instant::now();
    let mut events = 0;
    for projection in projections::all() {
        let (pool, store) = (instance.projector.clone(), instance.store());
        let tenant = instance.tenant().clone();
        eprintln!("making {} anew", projection.name());
        let rebuilt =
            projections::rebuild(pool, store, tenant, projection.name(), &|_, _| ()).await?;
        events = rebuilt.events;
    }
    report.rebuild(events, copied, per_second(events, begun));
    Ok(())
}
