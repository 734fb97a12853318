//! `caseledger audit`: an auditor's questions. Each answer leaves an event of its own.

use std::str::FromStr;

use anyhow::Context as _;
use clap::Subcommand;
use ledger_core::{
    clock::{Timestamp, to_micros},
    ids::{CaseId, Position, ProfileId},
    ledger::AsOf,
};

use super::{
    Exit,
    acting::{ActingArgs, occasion},
    output::OutputArgs,
    session::{self, Session},
    show,
};

/// Ask who saw a case, who could have seen it, and why
///
/// The answers come from the events alone, by the rules in force at the time that is asked about. Whoever asks is
/// recorded, with the question.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Examples:
  caseledger audit saw --case 01JD9M6ZP5W9T0W6Q0S1T2B3N4 --as 01JD9M6YF3E2A9Q4W8R7T6Y5U1
  caseledger audit could --case 01JD9M6ZP5W9T0W6Q0S1T2B3N4 --at 2026-03-01T12:00:00Z
  caseledger audit why --case 01JD9M6ZP5W9T0W6Q0S1T2B3N4 --at 41 --json")]
pub(super) struct AuditArgs {
    #[command(subcommand)]
    question: Question,
}

#[derive(Debug, Subcommand)]
enum Question {
    Saw(SawArgs),
    Could(CouldArgs),
    Exposure(ExposureArgs),
    Why(WhyArgs),
}

/// For how long cases could be looked at before they were hidden, who could, and who did
///
/// From the intake of a case until it was hidden: those who could look in that time and cannot after it, by the rules and
/// the people of the time, and what each of them saw.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Examples:
  caseledger audit exposure --case 01JD9M6ZP5W9T0W6Q0S1T2B3N4 --as 01JD9M6YF3E2A9Q4W8R7T6Y5U1
  caseledger audit exposure --system my-system --as 01JD9M6YF3E2A9Q4W8R7T6Y5U1 --json")]
#[group(id = "which", required = true, multiple = false, args = ["case", "system"])]
struct ExposureArgs {
    /// The case
    #[arg(long, value_name = "CASE")]
    case: Option<CaseId>,
    /// Every case of a system
    #[arg(long, value_name = "PROFILE")]
    system: Option<ProfileId>,
    #[command(flatten)]
    acting: ActingArgs,
    #[command(flatten)]
    output: OutputArgs,
}

/// Who saw the case, what, and when
///
/// Everybody to whom anything of the case was shown, printed, listed or given out, and everybody who was refused.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Examples:
  caseledger audit saw --case 01JD9M6ZP5W9T0W6Q0S1T2B3N4 --as 01JD9M6YF3E2A9Q4W8R7T6Y5U1
  caseledger audit saw --case 01JD9M6ZP5W9T0W6Q0S1T2B3N4 --at 120 --json")]
struct SawArgs {
    #[command(flatten)]
    about: About,
    /// As of when: a position in the ledger, or a moment such as 2026-03-01T12:00:00Z [default: now]
    #[arg(long, value_name = "POSITION|TIME")]
    at: Option<At>,
}

/// Who could have seen the case, and why
///
/// Decides the question "may this person see it?" for everybody who takes part or holds a role, with the people,
/// consents and rules of the moment that is asked about, and says on which rules and events each answer rests.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Examples:
  caseledger audit could --case 01JD9M6ZP5W9T0W6Q0S1T2B3N4 --as 01JD9M6YF3E2A9Q4W8R7T6Y5U1
  caseledger audit could --case 01JD9M6ZP5W9T0W6Q0S1T2B3N4 --at 40")]
struct CouldArgs {
    #[command(flatten)]
    about: About,
    /// As of when: a position in the ledger, or a moment such as 2026-03-01T12:00:00Z [default: now]
    #[arg(long, value_name = "POSITION|TIME")]
    at: Option<At>,
}

/// Why something was done or shown
///
/// The rules that allowed the event at this position, the requirements that these rest on, and the events that the
/// decision looked at.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Examples:
  caseledger audit why --case 01JD9M6ZP5W9T0W6Q0S1T2B3N4 --at 41 --as 01JD9M6YF3E2A9Q4W8R7T6Y5U1")]
struct WhyArgs {
    #[command(flatten)]
    about: About,
    /// The event: its position in the ledger
    #[arg(long, value_name = "POSITION")]
    at: u64,
}

#[derive(Debug, clap::Args)]
struct About {
    /// The case
    #[arg(long, value_name = "CASE")]
    case: CaseId,
    #[command(flatten)]
    acting: ActingArgs,
    #[command(flatten)]
    output: OutputArgs,
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

impl AuditArgs {
    pub(super) fn wants_json(&self) -> bool {
        match &self.question {
            Question::Saw(args) => args.about.output.json,
            Question::Could(args) => args.about.output.json,
            Question::Exposure(args) => args.output.json,
            Question::Why(args) => args.about.output.json,
        }
    }

    pub(super) async fn run(self, session: &Session) -> anyhow::Result<Exit> {
        match self.question {
            Question::Saw(args) => args.run(session).await,
            Question::Could(args) => args.run(session).await,
            Question::Exposure(args) => args.run(session).await,
            Question::Why(args) => args.run(session).await,
        }
    }
}

/// Cases that are asked for at a time.
const PAGE: u32 = 200;

impl ExposureArgs {
    async fn run(self, session: &Session) -> anyhow::Result<Exit> {
        let config = session.config()?;
        let caller = self.acting.caller(&config)?;
        let (case, system, output) = (self.case, self.system, self.output);
        let exposures = session::with_instance(config, output.json, async |instance| {
            let (ledger, tenant) = (&instance.ledger, &caller.tenant);
            let mut cases: Vec<CaseId> = case.into_iter().collect();
            if let Some(system) = &system {
                projections::catch_up(instance.projector.clone(), instance.store(), tenant.clone())
                    .await?;
                loop {
                    let after = cases.last().copied();
                    let page = projections::case_list::of_system(
                        &instance.projector,
                        tenant,
                        system,
                        after,
                        PAGE,
                    )
                    .await?;
                    let is_last = page.len() < PAGE as usize;
                    cases.extend(page);
                    if is_last {
                        break;
                    }
                }
            }
            let mut exposures = Vec::new();
            for case in cases {
                let exposure = ledger
                    .exposure(&caller, case, &occasion(ledger))
                    .await
                    .with_context(|| {
                        format!("it could not be asked how case {case} was exposed")
                    })?;
                exposures.push(exposure);
            }
            if system.is_some() {
                exposures.retain(|exposure| exposure.window.is_some());
            }
            Ok(exposures)
        })
        .await?;
        output.print(&show::exposure_shape(&exposures), || {
            format!(
                "For how long cases were exposed\n\n{}",
                show::exposure_text(&exposures)
            )
        })?;
        Ok(Exit::Done)
    }
}

fn as_of(at: Option<At>) -> AsOf {
    at.map_or(AsOf::Now, |at| at.0)
}

impl SawArgs {
    async fn run(self, session: &Session) -> anyhow::Result<Exit> {
        let About {
            case,
            acting,
            output,
        } = self.about;
        let config = session.config()?;
        let caller = acting.caller(&config)?;
        let saw = session::with_instance(config, output.json, async |instance| {
            let ledger = &instance.ledger;
            ledger
                .saw(&caller, case, as_of(self.at), &occasion(ledger))
                .await
                .context("it could not be asked who saw the case")
        })
        .await?;
        output.print(&show::saw_shape(case, &saw), || {
            format!("Who saw case {case}\n\n{}", show::saw_text(&saw))
        })?;
        Ok(Exit::Done)
    }
}

impl CouldArgs {
    async fn run(self, session: &Session) -> anyhow::Result<Exit> {
        let About {
            case,
            acting,
            output,
        } = self.about;
        let config = session.config()?;
        let caller = acting.caller(&config)?;
        let (could, cited) = session::with_instance(config, output.json, async |instance| {
            let ledger = &instance.ledger;
            let could = ledger
                .could(&caller, case, as_of(self.at), &occasion(ledger))
                .await
                .context("it could not be asked who could have seen the case")?;
            let cited = show::cited_events(ledger, &caller.tenant, &could).await?;
            Ok((could, cited))
        })
        .await?;
        output.print(&show::could_shape(case, &could), || {
            format!(
                "Who could see case {case}, as of {}\n\n{}",
                show::moment(could.at),
                show::could_text(&could, &cited)
            )
        })?;
        Ok(Exit::Done)
    }
}

impl WhyArgs {
    async fn run(self, session: &Session) -> anyhow::Result<Exit> {
        let About {
            case,
            acting,
            output,
        } = self.about;
        let config = session.config()?;
        let caller = acting.caller(&config)?;
        let why = session::with_instance(config, output.json, async |instance| {
            let ledger = &instance.ledger;
            ledger
                .why(&caller, case, Position(self.at), &occasion(ledger))
                .await
                .with_context(|| format!("position {} could not be explained", self.at))
        })
        .await?;
        output.print(&show::why_shape(case, &why), || show::why_text(&why))?;
        Ok(Exit::Done)
    }
}
