//! Why something was done or shown.

use anyhow::Context as _;
use ledger_core::ids::Position;

use super::{About, Kept};
use crate::cli::{
    Exit,
    acting::occasion,
    session::{self, Session},
    show,
};

/// Why something was done or shown
///
/// The rules that allowed the event at this position, the requirements that these rest on, and the events that the
/// decision looked at.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Examples:
  caseledger audit why --case 01JD9M6ZP5W9T0W6Q0S1T2B3N4 --at 41 --as 01JD9M6YF3E2A9Q4W8R7T6Y5U1")]
pub(super) struct WhyArgs {
    #[command(flatten)]
    pub(super) about: About,
    /// The event: its position in the ledger
    #[arg(long, value_name = "POSITION")]
    at: u64,
}

impl WhyArgs {
    pub(super) async fn run(self, session: &Session) -> anyhow::Result<Exit> {
        let About {
            case,
            acting,
            keeping,
            output,
        } = self.about;
        let config = session.config()?;
        let caller = acting.caller(&config)?;
        let why = session::with_instance(config, output.json, async |instance| {
            let ledger = &instance.ledger;
            let why = ledger
                .why(&caller, case, Position(self.at), &occasion(ledger))
                .await
                .with_context(|| format!("position {} could not be explained", self.at))?;
            let kept = Kept {
                question: "why",
                case: Some(case),
                whole: true,
                shape: &show::why_shape(case, &why),
                answer: &why.answer,
                cited: why.cited(),
            };
            keeping.keep(instance, kept).await?;
            Ok(why)
        })
        .await?;
        output.print(&show::why_shape(case, &why), || show::why_text(&why))?;
        Ok(Exit::Done)
    }
}
