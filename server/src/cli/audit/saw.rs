//! Who saw a case, and when.

use anyhow::Context as _;
use clap::ArgGroup;
use ledger_core::{
    ids::{AccountId, CaseId, Code, DocumentId, PartyId, Position},
    ledger::{Answered, Saw, SawFilter, Watcher},
};
use serde::Serialize;

use super::{About, At, During, Told, as_of};
use crate::cli::{Exit, session::Session, show};

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
        let who = self.account.map(Watcher::Account);
        let mut filter = SawFilter {
            period: self.during.period()?,
            who: who.or(self.party.map(Watcher::Party)),
            section: self.section,
            document: self.document,
            ..SawFilter::default()
        };
        let whole = self.at.is_none() && filter.asks_for_all();
        let at = self.at;
        self.about
            .ask(session, whole, async |ledger, caller, case, occasion| {
                let ask = async |filter: &SawFilter| {
                    ledger
                        .saw(caller, case, as_of(at), filter, occasion)
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
                Ok(saw)
            })
            .await
    }
}

impl Told for Saw {
    const QUESTION: &'static str = "saw";

    fn shape(&self, case: CaseId) -> impl Serialize {
        show::saw_shape(case, self)
    }

    fn text(&self, case: CaseId) -> String {
        format!("Who saw case {case}\n\n{}", show::saw_text(self))
    }

    fn evidence(&self) -> (&Answered, Vec<Position>) {
        (&self.answer, self.cited())
    }
}
