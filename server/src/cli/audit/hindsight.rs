//! Who could see the case but should not have, as is known by now.

use anyhow::Context as _;
use ledger_core::{
    ids::{CaseId, Position},
    ledger::{Answered, Hindsight},
};
use serde::Serialize;

use super::{About, Told};
use crate::cli::{Exit, session::Session, show};

/// Who could see the case but should not have, as is known by now
///
/// On a consent that was never valid, on an agreement, a role or a part in the case that had ended before the ledger was
/// told; and the time in which the case was exposed. With what each of them read.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Examples:
  caseledger audit hindsight --case 01JD9M6ZP5W9T0W6Q0S1T2B3N4 --as 01JD9M6YF3E2A9Q4W8R7T6Y5U1
  caseledger audit hindsight --case 01JD9M6ZP5W9T0W6Q0S1T2B3N4 --json")]
pub(super) struct HindsightArgs {
    #[command(flatten)]
    pub(super) about: About,
}

impl HindsightArgs {
    pub(super) async fn run(self, session: &Session) -> anyhow::Result<Exit> {
        self.about
            .ask(session, true, async |ledger, caller, case, occasion| {
                ledger
                    .hindsight(caller, case, occasion)
                    .await
                    .context("it could not be asked who should not have seen the case")
            })
            .await
    }
}

impl Told for Hindsight {
    const QUESTION: &'static str = "hindsight";

    fn shape(&self, case: CaseId) -> impl Serialize {
        show::hindsight_shape(case, self)
    }

    fn text(&self, case: CaseId) -> String {
        format!(
            "Who could see case {case} but should not have\n\n{}",
            show::hindsight_text(self)
        )
    }

    fn evidence(&self) -> (&Answered, Vec<Position>) {
        (&self.answer, self.cited())
    }
}
