//! Say of what one wants to be told (X6).

use std::collections::BTreeMap;

use super::contact::{EMAIL, NONE};
use crate::{
    command::{Decided, Rejection, RejectionCode},
    events::NotificationPreferencesSet,
    ids::{AccountId, Code, StreamId},
    profile::NotificationKind,
};

/// Sets all preferences of an account: of a kind that is left out, it is told by e-mail if there is an address.
#[derive(Debug, Clone)]
pub struct SetNotificationPreferences {
    /// Whose; the rules let everyone set their own.
    pub account: AccountId,
    /// By kind: `email` or `none`.
    pub preferences: BTreeMap<Code, Code>,
}

impl SetNotificationPreferences {
    /// `notification_preferences_set`.
    pub fn decide(self) -> Result<Vec<Decided>, Rejection> {
        for (kind, wish) in &self.preferences {
            if let Err(unknown) = kind.as_str().parse::<NotificationKind>() {
                return Err(Rejection::new(
                    RejectionCode::NotInProfile,
                    unknown.to_string(),
                ));
            }
            if ![EMAIL, NONE].contains(&wish.as_str()) {
                let message = format!("{kind} cannot be told by {wish}; give {EMAIL} or {NONE}");
                return Err(Rejection::invalid(message));
            }
        }
        let facts = NotificationPreferencesSet {
            account: self.account,
            preferences: self.preferences,
        };
        Ok(vec![Decided::bare(StreamId::Contacts(self.account), facts)])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::testing::{Outcome, code, torunn};

    fn set(kind: &str, wish: &str) -> SetNotificationPreferences {
        SetNotificationPreferences {
            account: torunn(),
            preferences: BTreeMap::from([(code(kind), code(wish))]),
        }
    }

    #[test]
    fn a_kind_is_told_by_email_or_not_at_all() {
        for wish in ["email", "none"] {
            let facts = NotificationPreferencesSet {
                account: torunn(),
                preferences: BTreeMap::from([(code("meeting"), code(wish))]),
            };
            Outcome(set("meeting", wish).decide()).then([facts.into()]);
        }
    }

    #[test]
    fn other_words_are_rejected() {
        Outcome(set("meeting", "pigeon").decide())
            .rejected(RejectionCode::Invalid)
            .naming("pigeon");
        Outcome(set("birthday", "email").decide())
            .rejected(RejectionCode::NotInProfile)
            .naming("birthday");
    }
}
