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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        case::testing::{Outcome, content, school, torunn},
        directory::testing::{account_after, activated},
    };

    fn activate() -> ActivateAccount {
        ActivateAccount {
            account: torunn(),
            organisation: Some(school()),
            name: "Torunn Lærar".to_owned(),
        }
    }

    #[test]
    fn an_account_is_activated_and_the_name_is_sealed_with_a_key_of_its_own() {
        let facts = AccountActivated {
            account: torunn(),
            organisation: Some(school()),
        };
        let [event] = Outcome(activate().decide(&Account::default())).then([facts.into()]);
        assert_eq!(event.stream, StreamId::Account(torunn()));
        assert_eq!(
            event.content.as_ref().map(|(key, _)| *key),
            Some(KeyId::Account(torunn()))
        );
        assert_eq!(
            content::<AccountActivatedContent>(&event).name,
            "Torunn Lærar"
        );
    }

    #[test]
    fn an_account_is_activated_once() {
        let account = account_after([activated()]);
        Outcome(activate().decide(&account)).rejected(RejectionCode::AlreadyThere);
    }

    #[test]
    fn everybody_has_a_name() {
        let name = String::new();
        let command = ActivateAccount { name, ..activate() };
        Outcome(command.decide(&Account::default()))
            .rejected(RejectionCode::Invalid)
            .naming("name");
    }
}
