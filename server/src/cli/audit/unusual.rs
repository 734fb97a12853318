//! What of people's reading was unusual, by the rules of the system.

use anyhow::Context as _;
use ledger_core::{
    ids::{AccountId, ProfileId},
    ledger::UnusualFilter,
};

use super::{During, Keeping, Kept};
use crate::cli::{
    Exit, Progress,
    acting::{ActingArgs, occasion},
    output::OutputArgs,
    session::{self, Session},
    show,
};

/// What of people's reading was unusual, by the rules of the system
///
/// Many cases in a short time, cases in which somebody took no part, cases to which they had long not contributed. The
/// thresholds stand in the rule book, and each finding says what was counted. Nobody is accused by it.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Examples:
  caseledger audit unusual --system my-system --from 2026-03-01T00:00:00Z --as 01JD9M6YF3E2A9Q4W8R7T6Y5U1
  caseledger audit unusual --system my-system --account 01JD9M6YF3E2A9Q4W8R7T6Y5U1 --json")]
pub(super) struct UnusualArgs {
    /// The system whose cases are asked about
    #[arg(long, value_name = "PROFILE")]
    system: ProfileId,
    /// Only the reading of this person
    #[arg(id = "watcher", long = "account", value_name = "ACCOUNT")]
    account: Option<AccountId>,
    #[command(flatten)]
    during: During,
    #[command(flatten)]
    acting: ActingArgs,
    #[command(flatten)]
    keeping: Keeping,
    #[command(flatten)]
    pub(super) output: OutputArgs,
}

impl UnusualArgs {
    pub(super) async fn run(self, session: &Session) -> anyhow::Result<Exit> {
        let config = session.config()?;
        let caller = self.acting.caller(&config)?;
        let mut filter = UnusualFilter {
            period: self.during.period()?,
            account: self.account,
            ..UnusualFilter::default()
        };
        let (system, output) = (self.system, self.output);
        let found = session::with_instance(config, output.json, async |instance| {
            let ledger = &instance.ledger;
            let occasion = occasion(ledger);
            let progress = Progress::begin("looking through what was read", output.json);
            let ask = async |filter| {
                ledger
                    .unusual(&caller, &system, filter, &occasion)
                    .await
                    .context("it could not be asked what was unusual")
            };
            let mut found = ask(filter).await?;
            while let Some(more) = found.more {
                let number = found.found.len();
                progress.say(format!("looking through what was read: {number} found"));
                filter.after = Some(more);
                let page = ask(filter).await?;
                found.found.extend(page.found);
                found.cut.extend(page.cut);
                (found.more, found.answer) = (page.more, page.answer);
            }
            let kept = Kept {
                question: "unusual",
                case: None,
                whole: false,
                shape: &show::unusual_shape(&found),
                answer: &found.answer,
                cited: found.cited(),
            };
            self.keeping.keep(instance, kept).await?;
            Ok(found)
        })
        .await?;
        output.print(&show::unusual_shape(&found), || {
            format!("Unusual reading\n\n{}", show::unusual_text(&found))
        })?;
        Ok(Exit::Done)
    }
}
