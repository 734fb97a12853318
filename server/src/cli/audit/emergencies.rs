//! When somebody broke the glass over the case.

use anyhow::Context as _;

use super::{About, Kept};
use crate::cli::{
    Exit,
    acting::occasion,
    session::{self, Session},
    show,
};

/// When somebody broke the glass over the case
///
/// Every time: who, the reason that they gave, for how long, and what they read.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Examples:
  caseledger audit emergencies --case 01JD9M6ZP5W9T0W6Q0S1T2B3N4 --as 01JD9M6YF3E2A9Q4W8R7T6Y5U1")]
pub(super) struct EmergenciesArgs {
    #[command(flatten)]
    pub(super) about: About,
}

impl EmergenciesArgs {
    pub(super) async fn run(self, session: &Session) -> anyhow::Result<Exit> {
        let About {
            case,
            acting,
            keeping,
            output,
        } = self.about;
        let config = session.config()?;
        let caller = acting.caller(&config)?;
        let answer = session::with_instance(config, output.json, async |instance| {
            let ledger = &instance.ledger;
            let answer = ledger
                .emergencies(&caller, case, &occasion(ledger))
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
            keeping.keep(instance, kept).await?;
            Ok(answer)
        })
        .await?;
        output.print(&show::emergencies_shape(case, &answer), || {
            format!(
                "When the glass was broken over case {case}\n\n{}",
                show::emergencies_text(&answer)
            )
        })?;
        Ok(Exit::Done)
    }
}
