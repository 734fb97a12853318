//! When somebody broke the glass over a case, or over any case of a system.

use ledger_core::{
    ids::{CaseId, ProfileId},
    ledger::{Caller, Emergencies, Ledger, LedgerError, Occasion, OfSystem},
};
use serde::Serialize;

use super::of_cases::{AboutCases, ToldOfCases};
use crate::cli::{Exit, session::Session, show};

/// When somebody broke the glass over a case, or over any case of a system
///
/// Every time: who, the reason that they gave, for how long, and what they read.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Examples:
  caseledger audit emergencies --case 01JD9M6ZP5W9T0W6Q0S1T2B3N4 --as 01JD9M6YF3E2A9Q4W8R7T6Y5U1
  caseledger audit emergencies --system my-system --as 01JD9M6YF3E2A9Q4W8R7T6Y5U1 --json")]
pub(super) struct EmergenciesArgs {
    #[command(flatten)]
    pub(super) about: AboutCases,
}

impl EmergenciesArgs {
    pub(super) async fn run(self, session: &Session) -> anyhow::Result<Exit> {
        Box::pin(self.about.ask::<Emergencies>(session)).await
    }
}

impl ToldOfCases for Emergencies {
    const OF_CASE: &'static str = "emergencies";
    const OF_SYSTEM: &'static str = "all_emergencies";
    const FAILED: &'static str = "it could not be asked when the glass was broken";

    async fn of_case(
        ledger: &Ledger,
        caller: &Caller,
        case: CaseId,
        occasion: &Occasion,
    ) -> Result<Self, LedgerError> {
        ledger.emergencies(caller, case, occasion).await
    }

    async fn of_system(
        ledger: &Ledger,
        caller: &Caller,
        system: &ProfileId,
        after: Option<CaseId>,
        occasion: &Occasion,
    ) -> Result<OfSystem<Self>, LedgerError> {
        ledger
            .emergencies_of_system(caller, system, (after, None), occasion)
            .await
    }

    fn kept(&self) -> impl Serialize {
        show::emergencies_shape(self)
    }

    fn shape(of: &[Self]) -> impl Serialize {
        of.iter().map(show::emergencies_shape).collect::<Vec<_>>()
    }

    fn text(of: &[Self]) -> String {
        if of.is_empty() {
            return "The glass was never broken.".to_owned();
        }
        let texts = of.iter().map(|emergencies| {
            format!(
                "When the glass was broken over case {}\n\n{}",
                emergencies.case,
                show::emergencies_text(emergencies)
            )
        });
        texts.collect::<Vec<_>>().join("\n\n")
    }
}
