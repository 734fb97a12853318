//! Who could see the case but should not have, as is known by now.

use anyhow::Context as _;

use super::{About, Kept};
use crate::cli::{
    Exit,
    acting::occasion,
    session::{self, Session},
    show,
};

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
                .hindsight(&caller, case, &occasion(ledger))
                .await
                .context("it could not be asked who should not have seen the case")?;
            let kept = Kept {
                question: "hindsight",
                case: Some(case),
                whole: true,
                shape: &show::hindsight_shape(case, &answer),
                answer: &answer.answer,
                cited: answer.cited(),
            };
            keeping.keep(instance, kept).await?;
            Ok(answer)
        })
        .await?;
        output.print(&show::hindsight_shape(case, &answer), || {
            format!(
                "Who could see case {case} but should not have\n\n{}",
                show::hindsight_text(&answer)
            )
        })?;
        Ok(Exit::Done)
    }
}
