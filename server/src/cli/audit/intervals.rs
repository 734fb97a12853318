//! Since when and until when each could see the case.

use anyhow::Context as _;
use ledger_core::{
    ids::{CaseId, Position},
    ledger::{Answered, Intervals},
};
use serde::Serialize;

use super::{About, Told};
use crate::cli::{Exit, session::Session, show};

/// Since when and until when each could see the case
///
/// Over its whole life: what each could read, and the event or date that began and ended it.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Examples:
  caseledger audit intervals --case 01JD9M6ZP5W9T0W6Q0S1T2B3N4 --as 01JD9M6YF3E2A9Q4W8R7T6Y5U1
  caseledger audit intervals --case 01JD9M6ZP5W9T0W6Q0S1T2B3N4 --json")]
pub(super) struct IntervalsArgs {
    #[command(flatten)]
    pub(super) about: About,
}

impl IntervalsArgs {
    pub(super) async fn run(self, session: &Session) -> anyhow::Result<Exit> {
        self.about
            .ask(session, true, async |ledger, caller, case, occasion| {
                ledger.intervals(caller, case, occasion).await.context(
                    "it could not be asked since when and until when each could see the case",
                )
            })
            .await
    }
}

impl Told for Intervals {
    const QUESTION: &'static str = "intervals";

    fn shape(&self, case: CaseId) -> impl Serialize {
        show::intervals_shape(case, self)
    }

    fn text(&self, case: CaseId) -> String {
        format!(
            "Who could see case {case}, over its whole life\n\n{}",
            show::intervals_text(self)
        )
    }

    fn evidence(&self) -> (&Answered, Vec<Position>) {
        (&self.answer, self.cited())
    }
}
