//! Who saw a case, and when.

use anyhow::Context as _;
use clap::ArgGroup;
use ledger_core::{
    ids::{AccountId, Code, DocumentId, PartyId},
    ledger::{SawFilter, Watcher},
};

use super::{About, At, During, Kept, as_of};
use crate::cli::{
    Exit,
    acting::occasion,
    session::{self, Session},
    show,
};

/// Who saw the case, what, and when
///
/// Everybody to whom anything of the case was shown, printed, listed or given out, and everybody who was refused.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Examples:
  caseledger audit saw --case 01JD9M6ZP5W9T0W6Q0S1T2B3N4 --as 01JD9M6YF3E2A9Q4W8R7T6Y5U1
  caseledger audit saw --case 01JD9M6ZP5W9T0W6Q0S1T2B3N4 --section notes --from 2026-03-01T00:00:00+01:00
  caseledger audit saw --case 01JD9M6ZP5W9T0W6Q0S1T2B3N4 --account 01JD9M6YF3E2A9Q4W8R7T6Y5U1 --json")]
#[command(group(ArgGroup::new("who").args(["watcher", "party"])))]
pub(super) struct SawArgs {
    #[command(flatten)]
    pub(super) about: About,
    /// As of when: a position in the ledger, or a moment such as 2026-03-01T12:00:00Z [default: now]
    #[arg(long, value_name = "POSITION|TIME")]
    at: Option<At>,
    #[command(flatten)]
    during: During,
    /// Only what this member of staff saw
    #[arg(id = "watcher", long = "account", value_name = "ACCOUNT")]
    account: Option<AccountId>,
    /// Only what this party of the case saw
    #[arg(long, value_name = "PARTY")]
    party: Option<PartyId>,
    /// Only what showed something of this section
    #[arg(long, value_name = "SECTION")]
    section: Option<Code>,
    /// Only what gave out this document
    #[arg(long, value_name = "DOCUMENT")]
    document: Option<DocumentId>,
}

impl SawArgs {
    pub(super) async fn run(self, session: &Session) -> anyhow::Result<Exit> {
        let About {
            case,
            acting,
            keeping,
            output,
        } = self.about;
        let config = session.config()?;
        let caller = acting.caller(&config)?;
        let who = self.account.map(Watcher::Account);
        let mut filter = SawFilter {
            period: self.during.period()?,
            who: who.or(self.party.map(Watcher::Party)),
            section: self.section,
            document: self.document,
            ..SawFilter::default()
        };
        let whole = self.at.is_none() && filter.asks_for_all();
        let saw = session::with_instance(config, output.json, async |instance| {
            let ledger = &instance.ledger;
            let occasion = occasion(ledger);
            let ask = async |filter: &SawFilter| {
                ledger
                    .saw(&caller, case, as_of(self.at), filter, &occasion)
                    .await
                    .context("it could not be asked who saw the case")
            };
            let mut saw = ask(&filter).await?;
            while let Some(more) = saw.more {
                filter.after = more;
                let page = ask(&filter).await?;
                saw.views.extend(page.views);
                (saw.more, saw.answer) = (page.more, page.answer);
            }
            let kept = Kept {
                question: "saw",
                case: Some(case),
                whole,
                shape: &show::saw_shape(case, &saw),
                answer: &saw.answer,
                cited: saw.cited(),
            };
            keeping.keep(instance, kept).await?;
            Ok(saw)
        })
        .await?;
        output.print(&show::saw_shape(case, &saw), || {
            format!("Who saw case {case}\n\n{}", show::saw_text(&saw))
        })?;
        Ok(Exit::Done)
    }
}
