//! Since when and until when each could see the case.

use anyhow::Context as _;

use super::{About, Kept};
use crate::cli::{
    Exit,
    acting::occasion,
    session::{self, Session},
    show,
};

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
                .intervals(&caller, case, &occasion(ledger))
                .await
                .context(
                    "it could not be asked since when and until when each could see the case",
                )?;
            let kept = Kept {
                question: "intervals",
                case: Some(case),
                whole: true,
                shape: &show::intervals_shape(case, &answer),
                answer: &answer.answer,
                cited: answer.cited(),
            };
            keeping.keep(instance, kept).await?;
            Ok(answer)
        })
        .await?;
        output.print(&show::intervals_shape(case, &answer), || {
            format!(
                "Who could see case {case}, over its whole life\n\n{}",
                show::intervals_text(&answer)
            )
        })?;
        Ok(Exit::Done)
    }
}
