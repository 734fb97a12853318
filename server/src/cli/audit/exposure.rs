//! For how long cases could be looked at before they were hidden.

use std::slice;

use ledger_core::{
    ids::{CaseId, ProfileId},
    ledger::{Caller, Exposure, Ledger, LedgerError, Occasion, OfSystem},
};
use serde::Serialize;

use super::of_cases::{AboutCases, ToldOfCases};
use crate::cli::{Exit, session::Session, show};

/// For how long cases could be looked at before they were hidden, who could, and who did
///
/// From the intake of a case until it was hidden: those who could look in that time and cannot after it, by the rules and
/// the people of the time, and what each of them saw.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Examples:
  caseledger audit exposure --case 01JD9M6ZP5W9T0W6Q0S1T2B3N4 --as 01JD9M6YF3E2A9Q4W8R7T6Y5U1
  caseledger audit exposure --system my-system --as 01JD9M6YF3E2A9Q4W8R7T6Y5U1 --json")]
pub(super) struct ExposureArgs {
    #[command(flatten)]
    pub(super) about: AboutCases,
}

/// Cases that are looked through at a time: each that was exposed is answered by a replay of its own.
const PAGE: usize = 100;

impl ExposureArgs {
    pub(super) async fn run(self, session: &Session) -> anyhow::Result<Exit> {
        self.about.ask::<Exposure>(session).await
    }
}

impl ToldOfCases for Exposure {
    const OF_CASE: &'static str = "exposure";
    const OF_SYSTEM: &'static str = "all_exposures";
    const FAILED: &'static str = "it could not be asked how cases were exposed";

    async fn of_case(
        ledger: &Ledger,
        caller: &Caller,
        case: CaseId,
        occasion: &Occasion,
    ) -> Result<Self, LedgerError> {
        ledger.exposure(caller, case, occasion).await
    }

    async fn of_system(
        ledger: &Ledger,
        caller: &Caller,
        system: &ProfileId,
        after: Option<CaseId>,
        occasion: &Occasion,
    ) -> Result<OfSystem<Self>, LedgerError> {
        ledger
            .exposures_of_system(caller, system, (after, Some(PAGE)), occasion)
            .await
    }

    fn kept(&self) -> impl Serialize {
        show::exposure_shape(slice::from_ref(self))
    }

    fn shape(of: &[Self]) -> impl Serialize {
        show::exposure_shape(of)
    }

    fn text(of: &[Self]) -> String {
        format!(
            "For how long cases were exposed\n\n{}",
            show::exposure_text(of)
        )
    }
}
