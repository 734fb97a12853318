//! How long an auditor waits for an answer, at the full size of the ledger and at a tenth of it. Each question is asked of
//! one case, or one person, after another, so that nothing is answered twice from memory in a row.

use std::time::Instant;

use caseledger::instance::MachineClock;
use chrono::TimeDelta;
use ledger_core::{
    clock::{Clock as _, Span},
    ledger::{AsOf, SawFilter},
};

use crate::{Extent, report::Report, rounds::median, world::World};

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

/// Medians and the slowest of a hundred, in milliseconds.
pub(crate) async fn questions(
    world: &World,
    extent: Extent,
    report: &mut Report,
) -> anyhow::Result<()> {
    let progress =
        |done: u64, of: u64| eprint!("\rfilling for the audit: {done} of {of} events   ");
    let mut medians: Vec<Vec<f64>> = Vec::new();
    let mut slowest: Vec<f64> = Vec::new();
    for size in [extent.filled_events / 10, extent.filled_events] {
        world.fill_around(size, progress).await?;
        eprintln!();
        let mut at_size = Vec::new();
        slowest.clear();
        for question in Question::ALL {
            let mut taken = ask(world, question).await?;
            at_size.push(median(&taken));
            taken.sort_by(f64::total_cmp);
            slowest.push(taken[ASKED * 99 / 100]);
        }
        medians.push(at_size);
    }
    for (index, question) in Question::ALL.into_iter().enumerate() {
        let (name, key) = question.name();
        report.question(
            name,
            key,
            medians[0][index],
            medians[1][index],
            slowest[index],
        );
    }
    Ok(())
}

async fn ask(world: &World, question: Question) -> anyhow::Result<Vec<f64>> {
    let (ledger, auditor) = (world.ledger(), world.auditor());
    let mut taken = Vec::with_capacity(ASKED);
    for number in 0..ASKED {
        let case = world.read_case(number);
        let occasion = crate::world::occasion();
        let begun = Instant::now();
        match question {
            Question::Saw => {
                let filter = SawFilter::default();
                ledger
                    .saw(auditor, case, AsOf::Now, &filter, &occasion)
                    .await?;
            }
            Question::Person => {
                let now = MachineClock.now();
                let period = Span {
                    from: Some(now - TimeDelta::hours(1)),
                    until: None,
                };
                let (profile, person) = (World::profile()?, world.reader());
                ledger
                    .saw_by(auditor, &profile, person, period, None, Some(50), &occasion)
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
        taken.push(begun.elapsed().as_secs_f64() * 1_000.0);
    }
    Ok(taken)
}
