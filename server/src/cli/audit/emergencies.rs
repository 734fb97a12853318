//! When somebody broke the glass over a case, or over any case of a system.

use anyhow::Context as _;
use ledger_core::{
    ids::{CaseId, ProfileId},
    ledger::Emergencies,
};

use super::{Keeping, Kept};
use crate::cli::{
    Exit, Failure, Progress,
    acting::{ActingArgs, occasion},
    output::OutputArgs,
    session::{self, Session},
    show,
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

impl EmergenciesArgs {
    pub(super) async fn run(self, session: &Session) -> anyhow::Result<Exit> {
        let config = session.config()?;
        let caller = self.acting.caller(&config)?;
        if self.system.is_some() && self.keeping.bundle.is_some() {
            return Err(
                Failure::usage("--bundle keeps the answer about one case; give --case").into(),
            );
        }
        let output = self.output;
        let found = session::with_instance(config, output.json, async |instance| {
            let ledger = &instance.ledger;
            let occasion = occasion(ledger);
            let mut found: Vec<(CaseId, Emergencies)> = Vec::new();
            if let Some(case) = self.case {
                let answer = ledger
                    .emergencies(&caller, case, &occasion)
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
                found.push((case, answer));
            }
            if let Some(system) = &self.system {
                let progress = Progress::begin("looking through the cases", output.json);
                let mut after = None;
                loop {
                    let page = ledger
                        .emergencies_of_system(&caller, system, (after, None), &occasion)
                        .await
                        .context("it could not be asked when the glass was broken")?;
                    after = page.more;
                    found.extend(page.cases);
                    progress.say(format!("looking through the cases: {} found", found.len()));
                    if after.is_none() {
                        break;
                    }
                }
            }
            Ok(found)
        })
        .await?;
        let shapes: Vec<_> = found
            .iter()
            .map(|(case, answer)| show::emergencies_shape(*case, answer))
            .collect();
        output.print(&shapes, || {
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
}
