//! Why something was done or shown.

use anyhow::Context as _;
use ledger_core::{
    ids::{CaseId, Position},
    ledger::{Answered, Explanation},
};
use serde::Serialize;

use super::{About, Told};
use crate::cli::{Exit, session::Session, show};

/// Why something was done or shown
///
/// The rules that allowed the event at this position, the requirements that these rest on, and the events that the
/// decision looked at.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Examples:
  caseledger audit why --case 01JD9M6ZP5W9T0W6Q0S1T2B3N4 --at 41 --as 01JD9M6YF3E2A9Q4W8R7T6Y5U1")]
pub(super) struct WhyArgs {
    #[command(flatten)]
    pub(super) about: About,
    /// The event: its position in the ledger
    #[arg(long, value_name = "POSITION")]
    at: u64,
}

impl WhyArgs {
    pub(super) async fn run(self, session: &Session) -> anyhow::Result<Exit> {
        let at = self.at;
        self.about
            .ask(session, true, async |ledger, caller, case, occasion| {
                let position = Position(at);
                ledger
                    .why(caller, case, position, occasion)
                    .await
                    .with_context(|| format!("position {at} could not be explained"))
            })
            .await
    }
}

impl Told for Explanation {
    const QUESTION: &'static str = "why";

    fn shape(&self, case: CaseId) -> impl Serialize {
        show::why_shape(case, self)
    }

    fn text(&self, _: CaseId) -> String {
        show::why_text(self)
    }

    fn evidence(&self) -> (&Answered, Vec<Position>) {
        (&self.answer, self.cited())
    }
}
