//! The state of an account, for the tests beside each command. The language is that of [`crate::case::testing`].

use super::Account;
use crate::{
    case::testing::{KVAM, code, recorded, school, torunn},
    clock::Timestamp,
    events::{AccountActivated, Event, RoleAssigned, RoleEnded},
    ids::StreamId,
};

/// Torunn's account after these events.
pub(crate) fn account_after(events: impl IntoIterator<Item = Event>) -> Account {
    let mut account = Account::default();
    for (position, event) in (1..).zip(events) {
        account.evolve(&recorded(position, &StreamId::Account(torunn()), &event));
    }
    account
}

pub(crate) fn activated() -> Event {
    AccountActivated {
        account: torunn(),
        organisation: Some(school()),
    }
    .into()
}

/// Torunn holds the baton in the school.
pub(crate) fn assigned(until: Option<Timestamp>) -> Event {
    RoleAssigned {
        account: torunn(),
        profile: Some(KVAM.profile().id.clone()),
        role: code("baton_holder"),
        unit: Some(school()),
        until,
    }
    .into()
}

pub(crate) fn ended() -> Event {
    RoleEnded {
        account: torunn(),
        profile: Some(KVAM.profile().id.clone()),
        role: code("baton_holder"),
        unit: Some(school()),
    }
    .into()
}
