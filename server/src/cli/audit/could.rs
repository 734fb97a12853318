//! Who could have seen a case, and why.

use anyhow::Context as _;

use super::{About, At, Kept, as_of};
use crate::cli::{
    Exit,
    acting::occasion,
    session::{self, Session},
    show,
};

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
        let About {
            case,
            acting,
            keeping,
            output,
        } = self.about;
        let config = session.config()?;
        let caller = acting.caller(&config)?;
        let (could, cited) = session::with_instance(config, output.json, async |instance| {
            let ledger = &instance.ledger;
            let could = ledger
                .could(&caller, case, as_of(self.at), &occasion(ledger))
                .await
                .context("it could not be asked who could have seen the case")?;
            let cited = show::cited_events(ledger, &caller.tenant, &could).await?;
            let kept = Kept {
                question: "could",
                case: Some(case),
                whole: true,
                shape: &show::could_shape(case, &could),
                answer: &could.answer,
                cited: could.cited(),
            };
            keeping.keep(instance, kept).await?;
            Ok((could, cited))
        })
        .await?;
        output.print(&show::could_shape(case, &could), || {
            format!(
                "Who could see case {case}, as of {}\n\n{}",
                show::moment(could.at),
                show::could_text(&could, &cited)
            )
        })?;
        Ok(Exit::Done)
    }
}
