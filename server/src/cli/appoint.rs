//! `caseledger appoint`: the first administrator of a new ledger, from whom all other roles are handed down (X1).

use std::{path::PathBuf, sync::Arc};

use anyhow::Context as _;
use ledger_core::{
    clock::SystemEntropy,
    directory::AdoptProfile,
    ids::{AccountId, Code},
};
use serde::Serialize;

use super::{
    Exit, Failure,
    output::OutputArgs,
    profile::RuleBookSource,
    session::{self, Session},
    show,
};
use crate::{auth::Subject, config::Config};

/// Adopt a rule book and appoint its first administrator
///
/// Only for a ledger in which no rule book is in force yet. From then on the administrator activates accounts and
/// hands roles down, through the API.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Examples:
  caseledger appoint --profile NAME --name 'Gro Eksempel'
  caseledger appoint --profile NAME --name 'Gro Eksempel' --issuer id_porten --subject-file gro.txt
  caseledger appoint --profile NAME --name 'Gro Eksempel' --json
  caseledger appoint --profile rules/homework-help --name 'Gro Eksempel'
NAME is one of the rule books that come with the program; a wrong one is answered with all of them.")]
pub(super) struct AppointArgs {
    /// The person's name; sealed like every name
    #[arg(long, value_name = "NAME")]
    name: String,
    /// The rule book: a folder with profile.toml and access.cedar, or the name of one that comes with the program
    #[arg(long, value_name = "PROFILE")]
    profile: RuleBookSource,
    /// The role of the rule book that they get
    #[arg(long, value_name = "ROLE", default_value = "administrator")]
    role: Code,
    /// Who will vouch for them: the name of an issuer in the configuration
    #[arg(long, value_name = "ISSUER", requires = "subject_file")]
    issuer: Option<Code>,
    /// File with one line: by which name that issuer knows them. Often a national id, so it does not stand on the
    /// command line, where every user of the machine could read it
    #[arg(long, value_name = "PATH", requires = "issuer")]
    subject_file: Option<PathBuf>,
    #[command(flatten)]
    pub(super) output: OutputArgs,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Shape {
    account: AccountId,
    role: Code,
    profile: String,
}

impl AppointArgs {
    pub(super) async fn run(self, session: &Session) -> anyhow::Result<Exit> {
        let config = session.config()?;
        let rule_book = Arc::new(self.profile.load()?);
        let profile = rule_book.profile().id.to_string();
        let identity = self.identity(&config)?;
        let account = session::with_instance(config, self.output.json, async |instance| {
            let (ledger, tenant) = (&instance.ledger, instance.tenant());
            let account = match &identity {
                Some((issuer, subject)) => {
                    let account = ledger.account_of_identity(tenant, issuer, subject.as_str());
                    account.await?
                }
                None => AccountId::generate(ledger.now(), &SystemEntropy),
            };
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
            profile,
        };
        self.output.print(&shape, || {
            show::pairs(&[
                ("account", shape.account.to_string()),
                ("role", shape.role.to_string()),
                ("rule book in force", shape.profile.clone()),
            ])
        })?;
        Ok(Exit::Done)
    }

    /// Whom the account is for, where an issuer will vouch for them.
    fn identity(&self, config: &Config) -> anyhow::Result<Option<(Code, Subject)>> {
        let (Some(issuer), Some(path)) = (&self.issuer, &self.subject_file) else {
            return Ok(None);
        };
        if !config.issuers.iter().any(|known| known.name == *issuer) {
            return Err(Failure::usage(format!(
                "`issuers` of the configuration has none with the name {issuer}"
            ))
            .into());
        }
        let line = std::fs::read_to_string(path)
            .with_context(|| format!("{} cannot be read", path.display()))?;
        let subject = Subject::try_new(line.trim_end_matches(['\n', '\r'])).map_err(|invalid| {
            Failure::usage(format!("{}: the subject {invalid}", path.display()))
        })?;
        Ok(Some((issuer.clone(), subject)))
    }
}
