//! What the ledger knew of the case at a moment, and what was true.

use anyhow::Context as _;

use super::{About, At, Kept, as_of};
use crate::cli::{
    Exit,
    acting::occasion,
    session::{self, Session},
    show,
};

/// What the ledger knew of the case at a moment, and what was true
///
/// What had happened by then and was recorded later, what was found to be invalid, corrected or destroyed since, and whose
/// access that would have changed.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Examples:
  caseledger audit knew --case 01JD9M6ZP5W9T0W6Q0S1T2B3N4 --at 2026-03-01T12:00:00Z --as 01JD9M6YF3E2A9Q4W8R7T6Y5U1
  caseledger audit knew --case 01JD9M6ZP5W9T0W6Q0S1T2B3N4 --at 41 --json")]
pub(super) struct KnewArgs {
    #[command(flatten)]
    pub(super) about: About,
    /// As of when: a position in the ledger, or a moment such as 2026-03-01T12:00:00Z [default: now]
    #[arg(long, value_name = "POSITION|TIME")]
    at: Option<At>,
}

impl KnewArgs {
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
                .knew(&caller, case, as_of(self.at), &occasion(ledger))
                .await
                .context("it could not be asked what was known of the case")?;
            let kept = Kept {
                question: "knew",
                case: Some(case),
                whole: true,
                shape: &show::knew_shape(case, &answer),
                answer: &answer.answer,
                cited: answer.cited(),
            };
            keeping.keep(instance, kept).await?;
            Ok(answer)
        })
        .await?;
        output.print(&show::knew_shape(case, &answer), || {
            format!(
                "What the ledger knew of case {case}, and what was true\n\n{}",
                show::knew_text(&answer)
            )
        })?;
        Ok(Exit::Done)
    }
}
