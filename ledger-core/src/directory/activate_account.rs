//! Let a person sign in (X1).

use super::Account;
use crate::{
    command::{self, Decided, Rejection, RejectionCode},
    events::{AccountActivated, AccountActivatedContent},
    ids::{AccountId, KeyId, OrganisationId, StreamId},
};

/// Activates an account.
#[derive(Debug, Clone)]
pub struct ActivateAccount {
    /// Its id.
    pub account: AccountId,
    /// The employer of a member of staff; none for a member of a family.
    pub organisation: Option<OrganisationId>,
    /// The person's name.
    pub name: String,
}

impl ActivateAccount {
    /// `account_activated`.
    pub fn decide(self, account: &Account) -> Result<Vec<Decided>, Rejection> {
        if account.activated.is_some() {
            return Err(Rejection::new(
                RejectionCode::AlreadyThere,
                "the account was activated before",
            ));
        }
        let content = AccountActivatedContent {
            name: command::line("name", &self.name)?,
        };
        let facts = AccountActivated {
            account: self.account,
            organisation: self.organisation,
        };
        Ok(vec![Decided::sealed(
            StreamId::Account(self.account),
            facts,
            KeyId::Account(self.account),
            &content,
        )])
    }
}
