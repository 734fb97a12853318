//! What changed in a case, or for a person, between two positions.

use anyhow::Context as _;
use ledger_core::ids::{AccountId, CaseId, Position, ProfileId};

use super::{Keeping, Kept};
use crate::cli::{
    Exit,
    acting::{ActingArgs, occasion},
    output::OutputArgs,
    session::{self, Session},
    show,
};

/// What changed in a case, or for a person, between two positions
///
/// What happened, in words, and whose access grew or shrank by it. Of a person: what happened to their account, what they
/// did, and what others did to them in cases, such as letting them in and removing them.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Examples:
  caseledger audit changed --case 01JD9M6ZP5W9T0W6Q0S1T2B3N4 --after 41 --through 57 --as 01JD9M6YF3E2A9Q4W8R7T6Y5U1
  caseledger audit changed --account 01JD9M6YF3E2A9Q4W8R7T6Y5U1 --system my-system --after 41")]
#[group(id = "whose", required = true, multiple = false, args = ["case", "person"])]
pub(super) struct ChangedArgs {
    /// The case
    #[arg(long, value_name = "CASE")]
    case: Option<CaseId>,
    /// The person
    #[arg(
        id = "person",
        long = "account",
        value_name = "ACCOUNT",
        requires = "system"
    )]
    account: Option<AccountId>,
    /// The system in which the person did something
    #[arg(long, value_name = "PROFILE")]
    system: Option<ProfileId>,
    /// What happened after this position,
    #[arg(long, value_name = "POSITION", default_value_t = 0)]
    after: u64,
    /// up to and with this one [default: now]
    #[arg(long, value_name = "POSITION")]
    through: Option<u64>,
    #[command(flatten)]
    acting: ActingArgs,
    #[command(flatten)]
    keeping: Keeping,
    #[command(flatten)]
    pub(super) output: OutputArgs,
}

impl ChangedArgs {
    pub(super) async fn run(self, session: &Session) -> anyhow::Result<Exit> {
        let config = session.config()?;
        let caller = self.acting.caller(&config)?;
        let between = (Position(self.after), self.through.map(Position));
        let answer = session::with_instance(config, self.output.json, async |instance| {
            let ledger = &instance.ledger;
            let occasion = occasion(ledger);
            let asked = match (self.case, self.account, &self.system) {
                (Some(case), ..) => ledger.changed(&caller, case, between, &occasion).await,
                (None, Some(account), Some(system)) => {
                    ledger
                        .changed_for(&caller, system, account, between, &occasion)
                        .await
                }
                _ => unreachable!("the command line has demanded a case, or a person and a system"),
            };
            let answer = asked.context("it could not be asked what changed")?;
            let kept = Kept {
                question: if self.case.is_some() {
                    "changed"
                } else {
                    "person"
                },
                case: self.case,
                whole: false,
                shape: &show::changed_shape(&answer),
                answer: &answer.answer,
                cited: answer.cited(),
            };
            self.keeping.keep(instance, kept).await?;
            Ok(answer)
        })
        .await?;
        self.output.print(&show::changed_shape(&answer), || {
            format!(
                "What changed\n\n{}",
                show::changed_text(&answer, self.case.is_none())
            )
        })?;
        Ok(Exit::Done)
    }
}
