//! A school that discusses a child by itself, and an outsider who is invited to read along.

use std::sync::{Arc, LazyLock};

use super::{built_in, case_id, code, day, invitation, new_party, round, school, torunn};
use crate::{
    access::RuleBook,
    events::{
        CaseOpened, Event, GuestConfirmed, GuestInvited, InvitationAccepted, InvitationRevoked,
        PartyAdded, RoundEnded, RoundOpened,
    },
    ids::{AccountId, Digest, PartyId},
};

/// The rule book of Kindkans, as it comes with the program.
pub(crate) static KINDKANS: LazyLock<Arc<RuleBook>> =
    LazyLock::new(|| built_in("kindkans-berseba"));

pub(crate) fn kindkans() -> Arc<RuleBook> {
    Arc::clone(&KINDKANS)
}

/// A dossier that the school discusses by itself.
pub(crate) fn discussed() -> Event {
    CaseOpened {
        case: case_id(),
        profile: KINDKANS.profile().id.clone(),
        unit: school(),
        status: code("overleg_school"),
        kind: Some(code("advice")),
        submitted_to: None,
    }
    .into()
}

/// A round until this day.
pub(crate) fn round_until(ends_on: &str) -> Event {
    RoundOpened {
        round: round(),
        ends_on: day(ends_on),
    }
    .into()
}

/// A dossier with a round until the end of March, and what happened since.
pub(crate) fn in_a_round(since: impl IntoIterator<Item = Event>) -> Vec<Event> {
    [discussed(), round_until("2026-03-31")]
        .into_iter()
        .chain(since)
        .collect()
}

pub(crate) fn round_ended() -> Event {
    RoundEnded { round: round() }.into()
}

/// Somebody was invited; who accepts becomes this party.
pub(crate) fn invited() -> GuestInvited {
    GuestInvited {
        invitation: invitation(),
        round: round(),
        party: new_party(),
        role: code("guest"),
        expires_on: day("2026-03-16"),
        token_digest: Digest([9; 32]),
        by_mail: false,
    }
}

pub(crate) fn accepted_by(account: AccountId) -> Event {
    InvitationAccepted {
        invitation: invitation(),
        account,
    }
    .into()
}

/// Torunn has accepted.
pub(crate) fn accepted() -> Event {
    accepted_by(torunn())
}

pub(crate) fn confirmed_as(party: PartyId) -> Event {
    GuestConfirmed {
        invitation: invitation(),
        party,
    }
    .into()
}

/// Torunn takes part, not for a service.
pub(crate) fn takes_part_as(party: PartyId, role: &str) -> Event {
    PartyAdded {
        party,
        role: code(role),
        staff: Some(torunn()),
        service: None,
    }
    .into()
}

pub(crate) fn revoked() -> Event {
    InvitationRevoked {
        invitation: invitation(),
    }
    .into()
}
