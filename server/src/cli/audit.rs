//! `caseledger audit`: an auditor's questions. Each answer leaves an event of its own.

mod asking;
mod changed;
mod could;
mod emergencies;
mod exposure;
mod hindsight;
mod intervals;
mod knew;
mod of_cases;
mod person;
mod saw;
mod unusual;
mod why;

use std::str::FromStr;

use clap::Subcommand;
use ledger_core::{
    clock::{Span, Timestamp, to_micros},
    ids::Position,
    ledger::AsOf,
};

use self::asking::{About, Keeping, Kept, Told};
use super::{Exit, Failure, session::Session};

/// Ask who saw a case, who could have seen it and why, who should not have, and what changed
///
/// The answers come from the events alone, by the rules in force at the time that is asked about. Whoever asks is
/// recorded, with the question.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Examples:
  caseledger audit saw --case 01JD9M6ZP5W9T0W6Q0S1T2B3N4 --as 01JD9M6YF3E2A9Q4W8R7T6Y5U1
  caseledger audit could --case 01JD9M6ZP5W9T0W6Q0S1T2B3N4 --at 2026-03-01T12:00:00Z
  caseledger audit intervals --case 01JD9M6ZP5W9T0W6Q0S1T2B3N4
  caseledger audit hindsight --case 01JD9M6ZP5W9T0W6Q0S1T2B3N4 --bundle answer.json
  caseledger audit why --case 01JD9M6ZP5W9T0W6Q0S1T2B3N4 --at 41 --json")]
pub(super) struct AuditArgs {
    #[command(subcommand)]
    question: Question,
}

#[derive(Debug, Subcommand)]
enum Question {
    Saw(saw::SawArgs),
    Person(person::PersonArgs),
    Could(could::CouldArgs),
    Intervals(intervals::IntervalsArgs),
    Hindsight(hindsight::HindsightArgs),
    Exposure(exposure::ExposureArgs),
    Knew(knew::KnewArgs),
    Changed(changed::ChangedArgs),
    Emergencies(emergencies::EmergenciesArgs),
    Unusual(unusual::UnusualArgs),
    Why(why::WhyArgs),
}

/// The time that is asked about.
#[derive(Debug, clap::Args)]
struct During {
    /// The first moment of the time that is asked about, with its zone [default: the beginning]
    #[arg(long, value_name = "TIME")]
    from: Option<Timestamp>,
    /// The first moment after it [default: now]
    #[arg(long, value_name = "TIME")]
    until: Option<Timestamp>,
}

impl During {
    fn period(&self) -> Result<Span, Failure> {
        let period = Span {
            from: self.from.map(to_micros),
            until: self.until.map(to_micros),
        };
        match (period.from, period.until) {
            (Some(from), Some(until)) if from >= until => Err(Failure::usage(format!(
                "--until {until} does not lie after --from {from}"
            ))),
            _ => Ok(period),
        }
    }
}

/// As of when: a position, or a moment.
#[derive(Debug, Clone, Copy)]
struct At(AsOf);

impl FromStr for At {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if let Ok(position) = text.parse() {
            return Ok(Self(AsOf::Position(Position(position))));
        }
        match text.parse::<Timestamp>() {
            Ok(at) => Ok(Self(AsOf::Time(to_micros(at)))),
            Err(_) => Err(
                "expected a position (a whole number) or a moment with its zone, such as 2026-03-01T12:00:00Z or \
                 2026-03-01T13:00:00+01:00"
                    .to_owned(),
            ),
        }
    }
}

fn as_of(at: Option<At>) -> AsOf {
    at.map_or(AsOf::Now, |at| at.0)
}

impl AuditArgs {
    pub(super) fn wants_json(&self) -> bool {
        let output = match &self.question {
            Question::Saw(args) => &args.about.output,
            Question::Person(args) => &args.output,
            Question::Could(args) => &args.about.output,
            Question::Intervals(args) => &args.about.output,
            Question::Hindsight(args) => &args.about.output,
            Question::Exposure(args) => &args.about.output,
            Question::Knew(args) => &args.about.output,
            Question::Changed(args) => &args.output,
            Question::Emergencies(args) => &args.about.output,
            Question::Unusual(args) => &args.output,
            Question::Why(args) => &args.about.output,
        };
        output.json
    }

    pub(super) async fn run(self, session: &Session) -> anyhow::Result<Exit> {
        match self.question {
            Question::Saw(args) => args.run(session).await,
            Question::Person(args) => args.run(session).await,
            Question::Could(args) => args.run(session).await,
            Question::Intervals(args) => args.run(session).await,
            Question::Hindsight(args) => args.run(session).await,
            Question::Exposure(args) => args.run(session).await,
            Question::Knew(args) => args.run(session).await,
            Question::Changed(args) => args.run(session).await,
            Question::Emergencies(args) => args.run(session).await,
            Question::Unusual(args) => args.run(session).await,
            Question::Why(args) => args.run(session).await,
        }
    }
}
