//! When somebody broke the glass over a case, or over any case of a system.

use anyhow::Context as _;
use ledger_core::{
    ids::{CaseId, ProfileId},
    ledger::{Caller, Emergencies},
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

/// When somebody broke the glass over a case, or over any case of a system
///
/// Every time: who, the reason that they gave, for how long, and what they read.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Examples:
  caseledger audit emergencies --case 01JD9M6ZP5W9T0W6Q0S1T2B3N4 --as 01JD9M6YF3E2A9Q4W8R7T6Y5U1
  caseledger audit emergencies --system my-system --as 01JD9M6YF3E2A9Q4W8R7T6Y5U1 --json")]
#[group(id = "which", required = true, multiple = false, args = ["case", "system"])]
pub(super) struct EmergenciesArgs {
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

type Found = Vec<(CaseId, Emergencies)>;

impl EmergenciesArgs {
    pub(super) async fn run(self, session: &Session) -> anyhow::Result<Exit> {
        let config = session.config()?;
        let caller = self.acting.caller(&config)?;
        let output = self.output;
        let found = session::with_instance(config, output.json, async |instance| {
            match (self.case, &self.system) {
                (Some(case), _) => self.of_case(instance, &caller, case).await,
                (None, Some(system)) => self.of_system(instance, &caller, system).await,
                (None, None) => unreachable!("the command line has demanded a case or a system"),
            }
        })
        .await?;
        output.print(&shapes(&found), || {
            let texts = found.iter().map(|(case, answer)| {
                format!(
                    "When the glass was broken over case {case}\n\n{}",
                    show::emergencies_text(answer)
                )
            });
            let texts: Vec<String> = texts.collect();
            if texts.is_empty() {
                return "The glass was never broken.".to_owned();
            }
            texts.join("\n\n")
        })?;
        Ok(Exit::Done)
    }

    async fn of_case(
        &self,
        instance: &Instance,
        caller: &Caller,
        case: CaseId,
    ) -> anyhow::Result<Found> {
        let ledger = &instance.ledger;
        let answer = ledger
            .emergencies(caller, case, &occasion(ledger))
            .await
            .context("it could not be asked when the glass was broken")?;
        let kept = Kept {
            question: "emergencies",
            case: Some(case),
            whole: true,
            shape: &show::emergencies_shape(case, &answer),
            answer: &answer.answer,
            cited: answer.cited(),
        };
        self.keeping.keep(instance, kept).await?;
        Ok(vec![(case, answer)])
    }

    async fn of_system(
        &self,
        instance: &Instance,
        caller: &Caller,
        system: &ProfileId,
    ) -> anyhow::Result<Found> {
        let ledger = &instance.ledger;
        let occasion = occasion(ledger);
        let progress = Progress::begin("looking through the cases", self.output.json);
        let ask = async |after| {
            ledger
                .emergencies_of_system(caller, system, (after, None), &occasion)
                .await
                .context("it could not be asked when the glass was broken")
        };
        let mut found = ask(None).await?;
        while let Some(more) = found.more {
            let number = found.cases.len();
            progress.say(format!("looking through the cases: {number} found"));
            let page = ask(Some(more)).await?;
            found.cases.extend(page.cases);
            (found.more, found.answer) = (page.more, page.answer);
        }
        let shape = shapes(&found.cases);
        let kept = Kept::of_system(
            "all_emergencies",
            &shape,
            (&found.answer, found.cited()),
            found.cases.iter().map(|(_, answer)| &answer.answer),
        );
        self.keeping.keep(instance, kept).await?;
        Ok(found.cases)
    }
}

fn shapes(found: &[(CaseId, Emergencies)]) -> Vec<show::EmergenciesShape<'_>> {
    let shapes = found.iter();
    shapes
        .map(|(case, answer)| show::emergencies_shape(*case, answer))
        .collect()
}
