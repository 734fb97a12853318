//! Whether somebody's round is under way. That its last day has passed is evaluated, never recorded.

use crate::{
    access::Attribute,
    case::Case,
    clock::{Span, Timestamp},
    ids::{AccountId, RoundId},
    profile::Profile,
};

/// Whether the round that is acted upon is under way; or, where none is, one for which the asker was confirmed as a
/// guest.
pub(super) fn round_open(
    asking: AccountId,
    case: &Case,
    asked: Option<RoundId>,
    profile: &Profile,
    at: Timestamp,
) -> Attribute<bool> {
    let (mut value, mut cites, mut holds) = (false, Vec::new(), Span::ALWAYS);
    let mut take = |id: RoundId| {
        let Some(round) = case.rounds.get(&id) else {
            return;
        };
        cites.extend(round.positions());
        if let Some(span) = round.span(profile) {
            value |= span.contains(at);
            holds = holds.intersect(span.constant_around(at));
        }
    };
    if let Some(asked) = asked {
        take(asked);
        return Attribute::new(value, cites, holds);
    }
    let own = case.party_of(asking).map(|(party, _)| party);
    let mut of_guest = Vec::new();
    let confirmed = case.invitations.values();
    for invitation in confirmed.filter(|invitation| invitation.confirmed.is_some()) {
        if Some(invitation.party) == own {
            of_guest.extend(invitation.positions());
            if invitation.revoked.is_none() {
                take(invitation.round);
            }
        }
    }
    cites.extend(of_guest);
    Attribute::new(value, cites, holds)
}

/// Whether somebody takes part as a guest and every round that they were confirmed for is over: they may know no more
/// of the case than somebody who never took part.
pub(crate) fn is_guest_of_the_past(
    asking: AccountId,
    case: &Case,
    profile: &Profile,
    at: Timestamp,
) -> bool {
    let guest_roles = profile.rounds.iter().flat_map(|rounds| &rounds.guest_roles);
    let party = case.party_of(asking).map(|(_, party)| party);
    party.is_some_and(|party| {
        guest_roles.into_iter().any(|role| *role == party.role)
            && !round_open(asking, case, None, profile, at).value
    })
}
