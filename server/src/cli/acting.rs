//! As whom a command acts. Whoever looks at a case leaves an event, so somebody must be named.

use ledger_core::{
    event::CorrelationId,
    ids::AccountId,
    ledger::{Caller, Ledger, Occasion},
    profile::Assurance,
};

use super::Failure;
use crate::config::Config;

/// The account that acts.
#[derive(Debug, Clone, clap::Args)]
pub(super) struct ActingArgs {
    /// Account that acts, and that is recorded [default: `operator` of the configuration]
    #[arg(long = "as", value_name = "ACCOUNT")]
    account: Option<AccountId>,
}

impl ActingArgs {
    /// Who calls. The sign-in is that of the machine: whoever may run this program with the key store in hand. The
    /// event says so by its issuer.
    pub(super) fn caller(&self, config: &Config) -> Result<Caller, Failure> {
        let account = self.account.or(config.operator).ok_or_else(|| {
            Failure::usage(
                "nobody is named: whoever looks at a case, or changes it, is recorded. Give --as ACCOUNT, or set \
                 `operator` in the configuration to the account that this command line acts as",
            )
        })?;
        Ok(Caller {
            tenant: config.tenant.clone(),
            account,
            issuer: "command_line"
                .parse()
                .expect("a word of a-z and '_' is a code"),
            assurance: Assurance::High,
        })
    }
}

/// The circumstances of one command: its events carry one correlation id.
pub(super) fn occasion(ledger: &Ledger) -> Occasion {
    Occasion::new(CorrelationId::generate(ledger.entropy()))
}
