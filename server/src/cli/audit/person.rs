//! What one person saw, in all cases of a system.

use anyhow::Context as _;
use ledger_core::ids::{AccountId, ProfileId};

use super::{During, Keeping, Kept};
use crate::cli::{
    Exit, Progress,
    acting::{ActingArgs, occasion},
    output::OutputArgs,
    session::{self, Session},
    show,
};

/// What one person saw, in all cases of a system
///
/// The newest first. That it was asked is noted once, and in every case of which the answer tells something.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Examples:
  caseledger audit person --account 01JD9M6YF3E2A9Q4W8R7T6Y5U1 --system my-system --as 01JD9M6YF3E2A9Q4W8R7T6Y5U1
  caseledger audit person --account 01JD9M6YF3E2A9Q4W8R7T6Y5U1 --system my-system --from 2026-03-01T00:00:00Z --json")]
pub(super) struct PersonArgs {
    /// Whose views
    #[arg(id = "watcher", long = "account", value_name = "ACCOUNT")]
    account: AccountId,
    /// The system whose cases are asked about
    #[arg(long, value_name = "PROFILE")]
    system: ProfileId,
    #[command(flatten)]
    during: During,
    #[command(flatten)]
    acting: ActingArgs,
    #[command(flatten)]
    keeping: Keeping,
    #[command(flatten)]
    pub(super) output: OutputArgs,
}

impl PersonArgs {
    pub(super) async fn run(self, session: &Session) -> anyhow::Result<Exit> {
        let config = session.config()?;
        let caller = self.acting.caller(&config)?;
        let period = self.during.period()?;
        let (account, system, output) = (self.account, self.system, self.output);
        let saw = session::with_instance(config, output.json, async |instance| {
            let ledger = &instance.ledger;
            let occasion = occasion(ledger);
            let progress = Progress::begin("reading what they saw", output.json);
            let ask = async |before| {
                ledger
                    .saw_by(&caller, &system, account, period, before, None, &occasion)
                    .await
                    .context("it could not be asked what this person saw")
            };
            let mut saw = ask(None).await?;
            while let Some(more) = saw.more {
                progress.say(format!("reading what they saw: {} times", saw.views.len()));
                let page = ask(Some(more)).await?;
                saw.views.extend(page.views);
                (saw.more, saw.answer) = (page.more, page.answer);
            }
            let kept = Kept {
                question: "person",
                case: None,
                whole: false,
                shape: &show::person_shape(&saw),
                answer: &saw.answer,
                cited: saw.cited(),
            };
            self.keeping.keep(instance, kept).await?;
            Ok(saw)
        })
        .await?;
        output.print(&show::person_shape(&saw), || {
            let name = saw.views.iter().find_map(|seen| seen.name.clone());
            let name = name.unwrap_or_else(|| format!("account {account}"));
            format!("What {name} saw\n\n{}", show::person_text(&saw))
        })?;
        Ok(Exit::Done)
    }
}
