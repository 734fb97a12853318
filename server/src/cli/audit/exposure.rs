//! For how long cases could be looked at before they were hidden.

use anyhow::Context as _;
use ledger_core::{
    ids::{CaseId, ProfileId},
    ledger::{Caller, Exposure},
};

use super::{Keeping, Kept};
use crate::{
    cli::{
        Exit, Progress,
        acting::{ActingArgs, occasion},
        output::OutputArgs,
        session::{self, Session},
        show,
    },
    instance::Instance,
};

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
pub(super) struct ExposureArgs {
    /// The case
    #[arg(long, value_name = "CASE")]
    case: Option<CaseId>,
    /// Every case of a system
    #[arg(long, value_name = "PROFILE")]
    system: Option<ProfileId>,
    #[command(flatten)]
    acting: ActingArgs,
    #[command(flatten)]
    keeping: Keeping,
    #[command(flatten)]
    pub(super) output: OutputArgs,
}

/// Cases that are looked through at a time: each that was exposed is answered by a replay of its own.
const PAGE: usize = 100;

impl ExposureArgs {
    pub(super) async fn run(self, session: &Session) -> anyhow::Result<Exit> {
        let config = session.config()?;
        let caller = self.acting.caller(&config)?;
        let output = self.output;
        let exposures = session::with_instance(config, output.json, async |instance| {
            match (self.case, &self.system) {
                (Some(case), _) => self.of_case(instance, &caller, case).await,
                (None, Some(system)) => self.of_system(instance, &caller, system).await,
                (None, None) => unreachable!("the command line has demanded a case or a system"),
            }
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

    async fn of_case(
        &self,
        instance: &Instance,
        caller: &Caller,
        case: CaseId,
    ) -> anyhow::Result<Vec<Exposure>> {
        let ledger = &instance.ledger;
        let exposure = ledger.exposure(caller, case, &occasion(ledger)).await;
        let exposures = vec![exposure.context("it could not be asked how it was exposed")?];
        let kept = Kept {
            question: "exposure",
            case: Some(case),
            whole: true,
            shape: &show::exposure_shape(&exposures),
            answer: &exposures[0].answer,
            cited: exposures[0].cited(),
        };
        self.keeping.keep(instance, kept).await?;
        Ok(exposures)
    }

    async fn of_system(
        &self,
        instance: &Instance,
        caller: &Caller,
        system: &ProfileId,
    ) -> anyhow::Result<Vec<Exposure>> {
        let ledger = &instance.ledger;
        let occasion = occasion(ledger);
        let progress = Progress::begin("looking through the cases", self.output.json);
        let ask = async |after| {
            ledger
                .exposures_of_system(caller, system, (after, Some(PAGE)), &occasion)
                .await
                .context("it could not be asked how cases were exposed")
        };
        let mut found = ask(None).await?;
        while let Some(more) = found.more {
            let number = found.cases.len();
            progress.say(format!("looking through the cases: {number} found"));
            let page = ask(Some(more)).await?;
            found.cases.extend(page.cases);
            (found.more, found.answer) = (page.more, page.answer);
        }
        let shape = show::exposure_shape(&found.cases);
        let kept = Kept::of_system(
            "all_exposures",
            &shape,
            (&found.answer, found.cited()),
            found.cases.iter().map(|exposure| &exposure.answer),
        );
        self.keeping.keep(instance, kept).await?;
        Ok(found.cases)
    }
}
