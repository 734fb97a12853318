//! How a person can be told that something new is waiting: what is known without opening anything.

use std::collections::BTreeMap;

use crate::{
    events::Event,
    ids::{Code, Position},
    profile::NotificationKind,
    store::Recorded,
};

/// The one way there is.
pub const EMAIL: &str = "email";
/// The wish not to be told.
pub const NONE: &str = "none";

/// What a person has said about being told.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Contact {
    /// The events that said how they can be reached, the newest last; its content is the address.
    pub set: Vec<Position>,
    /// Whether the newest one has an address for e-mail.
    pub has_email: bool,
    /// Of what they want to be told, and how.
    pub preferences: BTreeMap<Code, Code>,
}

impl Contact {
    /// Takes in one more event of the stream.
    pub fn evolve(&mut self, recorded: &Recorded) {
        match &recorded.event {
            Event::ContactSet(facts) => {
                self.set.push(recorded.position);
                self.has_email = facts.channels.iter().any(|known| known.as_str() == EMAIL);
            }
            Event::NotificationPreferencesSet(facts) => {
                self.preferences.clone_from(&facts.preferences);
            }
            _ => {}
        }
    }

    /// Whether they want to be told of this kind by e-mail.
    pub fn wants_email(&self, kind: NotificationKind) -> bool {
        let wish = self.preferences.get(&kind.to_code());
        wish.is_none_or(|wish| wish.as_str() == EMAIL)
    }
}
