//! What the ledger knew of the case at a moment, and what was true.

use anyhow::Context as _;
use ledger_core::{
    ids::{CaseId, Position},
    ledger::{Answered, Knew},
};
use serde::Serialize;

use super::{About, At, Told, as_of};
use crate::cli::{Exit, session::Session, show};

/// What the ledger knew of the case at a moment, and what was true
///
/// What had happened by then and was recorded later, what was found to be invalid, corrected or destroyed since, and whose
/// access that would have changed.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Examples:
  caseledger audit knew --case 01JD9M6ZP5W9T0W6Q0S1T2B3N4 --at 2026-03-01T12:00:00Z --as 01JD9M6YF3E2A9Q4W8R7T6Y5U1
  caseledger audit knew --case 01JD9M6ZP5W9T0W6Q0S1T2B3N4 --at 41 --json")]
pub(super) struct KnewArgs {
    #[command(flatten)]
    pub(super) about: About,
    /// As of when: a position in the ledger, or a moment such as 2026-03-01T12:00:00Z [default: now]
    #[arg(long, value_name = "POSITION|TIME")]
    at: Option<At>,
}

impl KnewArgs {
    pub(super) async fn run(self, session: &Session) -> anyhow::Result<Exit> {
        let at = self.at;
        self.about
            .ask(session, true, async |ledger, caller, case, occasion| {
                ledger
                    .knew(caller, case, as_of(at), occasion)
                    .await
                    .context("it could not be asked what was known of the case")
            })
            .await
    }
}

impl Told for Knew {
    const QUESTION: &'static str = "knew";

    fn shape(&self, case: CaseId) -> impl Serialize {
        show::knew_shape(case, self)
    }

    fn text(&self, case: CaseId) -> String {
        format!(
            "What the ledger knew of case {case}, and what was true\n\n{}",
            show::knew_text(self)
        )
    }

    fn evidence(&self) -> (&Answered, Vec<Position>) {
        (&self.answer, self.cited())
    }
}
