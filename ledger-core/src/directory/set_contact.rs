//! Say how one can be told that something new is waiting (X6).

use super::contact::EMAIL;
use crate::{
    command::{self, Decided, Rejection},
    events::{ContactSet, ContactSetContent},
    ids::{AccountId, KeyId, StreamId},
    profile::Language,
};

/// The longest address: RFC 5321 §4.5.3.1.3, without the angle brackets.
const EMAIL_BYTES_MAX: usize = 254;

/// Sets the contact data of an account: what is left out is not there any more.
#[derive(Debug, Clone)]
pub struct SetContact {
    /// Whose; the rules let everyone set their own.
    pub account: AccountId,
    /// The address for e-mail.
    pub email: Option<String>,
    /// The language to be written to in.
    pub language: Option<Language>,
}

impl SetContact {
    /// `contact_set`.
    pub fn decide(self) -> Result<Vec<Decided>, Rejection> {
        let email = self.email.as_deref().map(address).transpose()?;
        let channels = email
            .iter()
            .map(|_| EMAIL.parse().expect("a word of a-z is a code"))
            .collect();
        let facts = ContactSet {
            account: self.account,
            channels,
        };
        let content = ContactSetContent {
            email,
            language: self.language,
        };
        Ok(vec![Decided::sealed(
            StreamId::Contacts(self.account),
            facts,
            KeyId::Account(self.account),
            &content,
        )])
    }
}

/// Shaped like an address. Whether it exists shows when something is sent there.
fn address(text: &str) -> Result<String, Rejection> {
    let text = command::line("email", text)?;
    let shaped = text.len() <= EMAIL_BYTES_MAX
        && !text.contains(char::is_whitespace)
        && !text.contains(['<', '>', ',', ';', '"'])
        && text.rsplit_once('@').is_some_and(|(local, domain)| {
            !local.is_empty() && domain.contains('.') && !domain.starts_with('.')
        });
    if shaped {
        Ok(text)
    } else {
        Err(Rejection::invalid(
            "email is not an address; expected name@domain",
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        case::testing::{Outcome, content, torunn},
        command::RejectionCode,
        events::Event,
    };

    fn set(email: Option<&str>) -> SetContact {
        SetContact {
            account: torunn(),
            email: email.map(str::to_owned),
            language: Some(Language::Nn),
        }
    }

    fn facts(channels: &[&str]) -> Event {
        ContactSet {
            account: torunn(),
            channels: channels.iter().map(|code| code.parse().unwrap()).collect(),
        }
        .into()
    }

    #[test]
    fn an_address_is_sealed_with_the_key_of_the_account() {
        let [event] =
            Outcome(set(Some("testperson@mail.example")).decide()).then([facts(&["email"])]);
        assert_eq!(event.stream, StreamId::Contacts(torunn()));
        assert_eq!(
            event.content.as_ref().map(|(key, _)| *key),
            Some(KeyId::Account(torunn()))
        );
        let content: ContactSetContent = content(&event);
        assert_eq!(content.email.as_deref(), Some("testperson@mail.example"));
        assert_eq!(content.language, Some(Language::Nn));
    }

    #[test]
    fn an_address_can_be_taken_away() {
        Outcome(set(None).decide()).then([facts(&[])]);
    }

    #[test]
    fn what_is_no_address_is_rejected_without_being_repeated() {
        for email in [
            "",
            "testperson",
            "a@b",
            "a b@mail.example",
            "A <a@mail.example>",
        ] {
            let rejected = set(Some(email)).decide();
            if let Err(rejection) = &rejected {
                assert!(email.is_empty() || !rejection.message.contains(email));
            }
            Outcome(rejected).rejected(RejectionCode::Invalid);
        }
    }
}
