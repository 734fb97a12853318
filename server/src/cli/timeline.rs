//! `caseledger timeline`: what happened in a case, as far as whoever asks may see it.

use ledger_core::{ids::CaseId, ledger::Look};

use super::{
    Exit,
    acting::{ActingArgs, occasion},
    output::OutputArgs,
    session::{self, Session},
    show,
};

/// Show what has happened in a case, event by event
///
/// Shows what the rules allow to the account that asks: an auditor sees facts alone, never a name or a text. The look
/// is recorded like any other.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Examples:
  caseledger timeline --case 01JD9M6ZP5W9T0W6Q0S1T2B3N4 --as 01JD9M6YF3E2A9Q4W8R7T6Y5U1
  caseledger timeline --case 01JD9M6ZP5W9T0W6Q0S1T2B3N4 --json")]
pub(super) struct TimelineArgs {
    /// The case
    #[arg(long, value_name = "CASE")]
    case: CaseId,
    #[command(flatten)]
    acting: ActingArgs,
    #[command(flatten)]
    pub(super) output: OutputArgs,
}

impl TimelineArgs {
    pub(super) async fn run(self, session: &Session) -> anyhow::Result<Exit> {
        let config = session.config()?;
        let caller = self.acting.caller(&config)?;
        let shown = session::with_instance(config, self.output.json, async |instance| {
            let ledger = &instance.ledger;
            let occasion = occasion(ledger);
            Ok(ledger
                .look(&caller, self.case, &Look::Timeline, &occasion)
                .await?)
        })
        .await?;
        self.output
            .print(&show::timeline_shape(self.case, &shown), || {
                format!(
                    "Timeline of case {}\n\n{}",
                    self.case,
                    show::timeline_text(&shown)
                )
            })?;
        Ok(Exit::Done)
    }
}
