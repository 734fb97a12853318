//! Let a person sign in no more.

use super::Account;
use crate::{
    command::{Decided, Rejection, RejectionCode},
    events::AccountDeactivated,
    ids::{AccountId, StreamId},
};

/// Deactivates an account. Its roles stay, and hold again if it is activated again.
#[derive(Debug, Clone)]
pub struct DeactivateAccount {
    /// Which account.
    pub account: AccountId,
}

impl DeactivateAccount {
    /// `account_deactivated`.
    pub fn decide(self, account: &Account) -> Result<Vec<Decided>, Rejection> {
        if !account.is_active() {
            let message = format!("no account {} is active", self.account);
            let rejection = Rejection::new(RejectionCode::NotFound, message);
            return Err(rejection);
        }
        let facts = AccountDeactivated {
            account: self.account,
        };
        Ok(vec![Decided::bare(StreamId::Account(self.account), facts)])
    }
}
