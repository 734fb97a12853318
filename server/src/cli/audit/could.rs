//! Who could have seen a case, and why.

use std::collections::BTreeMap;

use anyhow::Context as _;
use ledger_core::{
    ids::{CaseId, Position},
    ledger::{Answered, CouldHave},
};
use serde::Serialize;

use super::{About, At, Told, as_of};
use crate::cli::{Exit, session::Session, show};

/// Who could have seen the case, and why
///
/// Decides the question "may this person see it?" for everybody who takes part or holds a role, with the people,
/// consents and rules of the moment that is asked about, and says on which rules and events each answer rests.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Examples:
  caseledger audit could --case 01JD9M6ZP5W9T0W6Q0S1T2B3N4 --as 01JD9M6YF3E2A9Q4W8R7T6Y5U1
  caseledger audit could --case 01JD9M6ZP5W9T0W6Q0S1T2B3N4 --at 40")]
pub(super) struct CouldArgs {
    #[command(flatten)]
    pub(super) about: About,
    /// As of when: a position in the ledger, or a moment such as 2026-03-01T12:00:00Z [default: now]
    #[arg(long, value_name = "POSITION|TIME")]
    at: Option<At>,
}

impl CouldArgs {
    pub(super) async fn run(self, session: &Session) -> anyhow::Result<Exit> {
        let at = self.at;
        self.about
            .ask(session, true, async |ledger, caller, case, occasion| {
                let could = ledger
                    .could(caller, case, as_of(at), occasion)
                    .await
                    .context("it could not be asked who could have seen the case")?;
                let cited = show::cited_events(ledger, &caller.tenant, &could).await?;
                Ok(WhoCould { could, cited })
            })
            .await
    }
}

/// The answer, with what kinds of events it cites.
struct WhoCould {
    could: CouldHave,
    cited: BTreeMap<Position, String>,
}

impl Told for WhoCould {
    const QUESTION: &'static str = "could";

    fn shape(&self, case: CaseId) -> impl Serialize {
        show::could_shape(case, &self.could)
    }

    fn text(&self, case: CaseId) -> String {
        format!(
            "Who could see case {case}, as of {}\n\n{}",
            show::moment(self.could.at),
            show::could_text(&self.could, &self.cited)
        )
    }

    fn evidence(&self) -> (&Answered, Vec<Position>) {
        (&self.could.answer, self.could.cited())
    }
}
