//! What an auditor waits for, in a ledger of full size and in one of a tenth of it: answers, the log in a format of the
//! field, the log of others, and read models made anew. Both hold decided cases. Before each question both servers are
//! started anew, with their Postgres: a small ledger would be in memory as a whole, a large one not, and only the size shall
//! differ. It is asked of both in turn, of one case, or one person, after another; then once more of the same.

use std::{fs, process::Command, time::Instant};

use anyhow::Context as _;
use caseledger::{export::log::LogFormat, instance::MachineClock};
use chrono::TimeDelta;
use ledger_core::{
    clock::{Clock as _, Span},
    ids::{AccountId, CaseId},
    ledger::{AsOf, SawFilter},
};

use crate::{
    Extent,
    filled::Filled,
    importing::{self, Importing},
    memory,
    people::profile,
    per_second, raw,
    report::Report,
    rounds::median,
    world::{World, occasion},
};

/// Of how many cases each question is asked, and of how many persons.
const CASES: usize = 200;
const PERSONS: usize = 100;

/// What is asked, and of which case or person.
#[derive(Debug, Clone, Copy)]
enum Question {
    Saw(CaseId),
    Person(AccountId),
    Could(CaseId),
    Intervals(CaseId),
}

/// A row of the table: what it is called for people and for programs, and all that is asked for it.
type Row = (&'static str, &'static str, fn(&Filled) -> Vec<Question>);

/// Each asks of other cases.
const ROWS: [Row; 4] = [
    ("who saw a case", "auditSaw", |of| {
        of_cases(of, 0, Question::Saw)
    }),
    ("what a person saw in an hour", "auditPerson", |of| {
        of.teachers(PERSONS).map(Question::Person).collect()
    }),
    ("who could see it at a moment", "auditCould", |of| {
        of_cases(of, 1, Question::Could)
    }),
    ("who could see it, as intervals", "auditIntervals", |of| {
        of_cases(of, 2, Question::Intervals)
    }),
];

/// So many rows ask of cases, and one question before each row.
const PARTS: usize = 4;

/// About a case that no row asks about.
fn before_all(of: &Filled) -> anyhow::Result<Question> {
    let mut others = of.cases(CASES, (PARTS - 1, PARTS));
    others.next().map(Question::Could).context("a case")
}

fn of_cases(of: &Filled, part: usize, question: fn(CaseId) -> Question) -> Vec<Question> {
    of.cases(CASES, (part, PARTS)).map(question).collect()
}

/// Whether a case was asked about before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Asked {
    /// Nothing of it is in memory.
    First,
    /// It is.
    Again,
}

/// The formats whose memory is measured: one that shows facts alone, and one that is a single document.
const EXPORTED: [LogFormat; 2] = [LogFormat::AuditEvent, LogFormat::Xes];

/// Fills two ledgers of their own, asks both in turn, and takes the larger one out.
pub(crate) async fn answers(extent: Extent, report: &mut Report) -> anyhow::Result<()> {
    let mut small = Filled::to(extent.filled_events / 10).await?;
    let mut large = Filled::to(extent.filled_events).await?;
    let mut first = None;
    for (name, key, questions) in ROWS {
        (small, large) = (small.started_anew().await?, large.started_anew().await?);
        // Whoever asks first waits until everybody who signs in was read.
        let few = ask(&small.world, before_all(&small)?).await?;
        let many = ask(&large.world, before_all(&large)?).await?;
        first.get_or_insert((few, many));
        for asked in [Asked::First, Asked::Again] {
            eprintln!("asking {name}, {asked:?}");
            let (mut few, mut many) = (Vec::new(), Vec::new());
            for (in_small, in_large) in questions(&small).into_iter().zip(questions(&large)) {
                few.push(ask(&small.world, in_small).await?);
                many.push(ask(&large.world, in_large).await?);
            }
            many.sort_by(f64::total_cmp);
            let slowest = many[many.len() * 99 / 100];
            report.question((name, key), asked, median(&few), median(&many), slowest);
        }
    }
    if let Some((few, many)) = first {
        report.first_question(few, many);
    }
    for format in EXPORTED {
        let (few, many) = (
            export(&small.world, format).await?,
            export(&large.world, format).await?,
        );
        report.export_memory(format.name(), few, many);
    }
    let importing = Importing::begin(small.world.instance()).await?;
    let few = importing.memory(&small.world, importing::CASES).await?;
    let many = importing
        .memory(&small.world, importing::CASES * 10)
        .await?;
    report.import_memory(importing::CASES, few, many);
    rebuild(&large.world, report).await?;
    small.world.close().await?;
    large.world.close().await
}

/// How long one answer took, in milliseconds.
async fn ask(world: &World, question: Question) -> anyhow::Result<f64> {
    let (ledger, auditor) = (&world.instance().ledger, &world.people().auditor);
    let occasion = occasion();
    let begun = Instant::now();
    match question {
        Question::Saw(case) => {
            let filter = SawFilter::default();
            let saw = ledger
                .saw(auditor, case, AsOf::Now, &filter, &occasion)
                .await?;
            anyhow::ensure!(!saw.views.is_empty(), "nobody saw a case");
        }
        Question::Could(case) => {
            let at = AsOf::Time(MachineClock.now() - TimeDelta::milliseconds(50));
            ledger.could(auditor, case, at, &occasion).await?;
        }
        Question::Intervals(case) => {
            ledger.intervals(auditor, case, &occasion).await?;
        }
        Question::Person(teacher) => {
            let (profile, limit) = (profile()?, Some(50));
            let period = Span {
                from: Some(MachineClock.now() - TimeDelta::hours(1)),
                until: None,
            };
            let saw = ledger
                .saw_by(auditor, &profile, teacher, period, None, limit, &occasion)
                .await?;
            anyhow::ensure!(!saw.views.is_empty(), "a teacher saw nothing");
        }
    }
    Ok(begun.elapsed().as_secs_f64() * 1_000.0)
}

/// The memory of `caseledger export` at its highest while it writes the log of the whole tenant, in MiB.
async fn export(world: &World, format: LogFormat) -> anyhow::Result<f64> {
    let (data, auditor) = (world.data_directory(), &world.people().auditor);
    let file = data.join(format.name());
    let mut command = Command::new(env!("CARGO_BIN_EXE_caseledger"));
    command
        .args(["export", "--json", "--format", format.name()])
        .arg("--data-dir")
        .arg(data)
        .arg("--out")
        .arg(&file)
        .args(["--as", &auditor.account.to_string()]);
    eprintln!("exporting as {}", format.name());
    let highest = memory::highest_of(command).await?;
    let bytes = fs::metadata(&file)?.len();
    anyhow::ensure!(bytes > 1_000_000, "only {bytes} bytes were exported");
    Ok(highest)
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
