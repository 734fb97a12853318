//! `caseledger appoint`: the first administrator of a new ledger, from whom all other roles are handed down (X1).

use std::sync::Arc;

use anyhow::Context as _;
use ledger_core::{
    access::RuleBook,
    clock::SystemEntropy,
    directory::AdoptProfile,
    ids::{AccountId, Code, ProfileId},
    profile::RuleBookText,
};
use serde::Serialize;

use super::{
    Exit,
    output::OutputArgs,
    session::{self, Session},
    show,
};

/// Adopt a rule book and appoint its first administrator
///
/// Only for a ledger in which no rule book is in force yet. From then on the administrator activates accounts and
/// hands roles down, through the API.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Examples:
  caseledger appoint --name 'Gro Eksempel'
  caseledger appoint --name 'Gro Eksempel' --profile stafettloggen-kvam --json")]
pub(super) struct AppointArgs {
    /// The person's name; sealed like every name
    #[arg(long, value_name = "NAME")]
    name: String,
    /// The rule book, one of those that come with the program
    #[arg(long, value_name = "PROFILE", default_value = "stafettloggen-kvam")]
    profile: ProfileId,
    /// The role of the rule book that they get
    #[arg(long, value_name = "ROLE", default_value = "administrator")]
    role: Code,
    #[command(flatten)]
    pub(super) output: OutputArgs,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Shape {
    account: AccountId,
    role: Code,
    profile: ProfileId,
}

impl AppointArgs {
    pub(super) async fn run(self, session: &Session) -> anyhow::Result<Exit> {
        let config = session.config()?;
        let text = RuleBookText::built_in(self.profile.as_str())
            .with_context(|| format!("no rule book {} comes with the program", self.profile))?;
        let rule_book = Arc::new(RuleBook::load(&text)?);
        let account = session::with_instance(config, self.output.json, async |instance| {
            let (ledger, tenant) = (&instance.ledger, instance.tenant());
            let account = AccountId::generate(ledger.now(), &SystemEntropy);
            let adopt = AdoptProfile { rule_book };
            ledger
                .appoint_first_administrator(tenant, adopt, account, &self.name, self.role.clone())
                .await?;
            Ok(account)
        })
        .await?;
        let shape = Shape {
            account,
            role: self.role,
            profile: self.profile,
        };
        self.output.print(&shape, || {
            show::pairs(&[
                ("account", shape.account.to_string()),
                ("role", shape.role.to_string()),
                ("rule book in force", shape.profile.to_string()),
            ])
        })?;
        Ok(Exit::Done)
    }
}
