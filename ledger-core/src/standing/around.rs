//! What follows from the organisations around a case: roles in those that the unit is part of, agreements in force.
//!
//! Whose agreement counts is decided here once for every system:
//!
//! - **The unit's own** (K18, K19): what the unit has signed itself, alone or with anybody. An organisation that it is
//!   part of signs in its place only if it is of a kind that the profile names (`covers_units_of`), such as a school
//!   board. So nobody rides along on the agreement of a consortium because they are listed below it.
//! - **The receiver's** (K4, M5): what the receiver, or an organisation that it is part of, has signed alone; and what
//!   unit and receiver have signed with each other, whichever of the two recorded it. What a receiver has signed with
//!   somebody else is no agreement about this unit.
//!
//! An agreement counts only in the system in whose words it was recorded.

#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use super::roles;
use crate::{
    access::Attribute,
    clock::{Span, Timestamp},
    directory::{Account, Organisation, Organisations, SignedAgreement},
    ids::{AgreementId, Code, OrganisationId, Position},
    profile::Profile,
};

/// How many steps up, from a unit to what it is part of, a rule looks at most: whoever registered organisations in a
/// circle, or endlessly, has given nobody a role by it.
pub(crate) const STEPS_UP_MAX: usize = 8;

/// The two sides of an agreement, as far as they are known.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sides {
    pub(crate) unit: Option<OrganisationId>,
    pub(crate) receiver: Option<OrganisationId>,
}

/// An organisation and those that it is part of, from below.
fn upwards(
    first: Option<OrganisationId>,
    organisations: &Organisations,
) -> Vec<(OrganisationId, &Organisation)> {
    let mut found: Vec<(OrganisationId, &Organisation)> = Vec::new();
    let mut next = first;
    while let Some(id) = next {
        let seen = found.iter().any(|(known, _)| *known == id);
        let Some(organisation) = organisations.get(&id).filter(|_| !seen) else {
            break;
        };
        found.push((id, organisation));
        next = organisation.parent.filter(|_| found.len() <= STEPS_UP_MAX);
    }
    found
}

/// Roles held in the organisations that the unit is part of. They rest on what says that it is part of them, too.
pub(super) fn parent_roles(
    account: &Account,
    unit: Option<OrganisationId>,
    organisations: &Organisations,
    profile: &Profile,
    at: Timestamp,
) -> Attribute<BTreeSet<Code>> {
    let (mut held, mut cites, mut holds) = (BTreeSet::new(), Vec::new(), Span::ALWAYS);
    let mut way: Vec<Position> = Vec::new();
    for (index, (id, organisation)) in upwards(unit, organisations).into_iter().enumerate() {
        if index > 0 {
            let here = roles(account, Some(id), profile, at);
            if !here.cites.is_empty() {
                cites.extend(way.iter().copied());
            }
            held.extend(here.value);
            cites.extend(here.cites);
            holds = holds.intersect(here.holds);
        }
        way.extend(organisation.registered);
    }
    Attribute::new(held, cites, holds)
}

/// Gathers kinds of agreement that are in force.
struct Gathered<'a> {
    profile: &'a Profile,
    at: Timestamp,
    kinds: BTreeSet<Code>,
    cites: Vec<Position>,
    holds: Span,
}

impl<'a> Gathered<'a> {
    fn new(profile: &'a Profile, at: Timestamp) -> Self {
        Self {
            profile,
            at,
            kinds: BTreeSet::new(),
            cites: Vec::new(),
            holds: Span::ALWAYS,
        }
    }

    /// Takes in those agreements of an organisation that count.
    fn take(&mut self, signer: &Organisation, counts: impl Fn(&SignedAgreement) -> bool) {
        let own = signer
            .agreements
            .values()
            .filter(|agreement| agreement.profile.as_ref() == Some(&self.profile.id));
        for agreement in own.filter(|agreement| counts(agreement)) {
            self.cites.extend(agreement.positions());
            let Some(span) = agreement.span(self.profile) else {
                continue;
            };
            self.holds = self.holds.intersect(span.constant_around(self.at));
            if span.contains(self.at) {
                self.kinds.insert(agreement.kind.clone());
            }
        }
    }

    fn attribute(self) -> Attribute<BTreeSet<Code>> {
        Attribute::new(self.kinds, self.cites, self.holds)
    }
}

/// Whether an agreement of this kind counts for the units below an organisation that signs it.
fn covers_units(signer: &Organisation, agreement: &SignedAgreement, profile: &Profile) -> bool {
    let rule = profile.agreements.get(&agreement.kind);
    rule.zip(signer.kind.as_ref())
        .is_some_and(|(rule, kind)| rule.covers_units_of.contains(kind))
}

/// The kinds of agreement in force that the unit has signed itself.
pub(super) fn unit_agreements(
    sides: Sides,
    organisations: &Organisations,
    profile: &Profile,
    at: Timestamp,
) -> Attribute<BTreeSet<Code>> {
    let mut gathered = Gathered::new(profile, at);
    for (id, signer) in upwards(sides.unit, organisations) {
        gathered.take(signer, |agreement| {
            Some(id) == sides.unit || covers_units(signer, agreement, profile)
        });
    }
    gathered.attribute()
}

/// The kinds of agreement in force that the receiver has signed alone, or that unit and receiver have signed with each
/// other.
pub(super) fn receiver_agreements(
    sides: Sides,
    organisations: &Organisations,
    profile: &Profile,
    at: Timestamp,
) -> Attribute<BTreeSet<Code>> {
    let mut gathered = Gathered::new(profile, at);
    with_the_receiver(sides, organisations, profile, |_, signer, counts| {
        gathered.take(signer, counts);
    });
    gathered.attribute()
}

/// Whether one of them binds by professional secrecy whoever receives something on it (M4).
pub(super) fn receiver_bound(
    sides: Sides,
    organisations: &Organisations,
    profile: &Profile,
    at: Timestamp,
) -> Attribute<bool> {
    let mut gathered = Gathered::new(profile, at);
    with_the_receiver(sides, organisations, profile, |_, signer, counts| {
        gathered.take(signer, |agreement| {
            agreement.bound_by_secrecy && counts(agreement)
        });
    });
    let binding = gathered.attribute();
    Attribute::new(!binding.value.is_empty(), binding.cites, binding.holds)
}

/// The newest of them, of these kinds, and who has recorded it.
pub(crate) fn newest_with_the_receiver(
    sides: Sides,
    organisations: &Organisations,
    profile: &Profile,
    kinds: &[&Code],
    at: Timestamp,
) -> Option<(OrganisationId, AgreementId)> {
    let mut newest: Option<(Position, OrganisationId, AgreementId)> = None;
    with_the_receiver(sides, organisations, profile, |id, signer, counts| {
        for (agreement, signed) in &signer.agreements {
            let is_own = signed.profile.as_ref() == Some(&profile.id);
            let holds = signed.span(profile).is_some_and(|span| span.contains(at));
            if is_own
                && holds
                && kinds.contains(&&signed.kind)
                && counts(signed)
                && newest.is_none_or(|(position, ..)| position < signed.signed)
            {
                newest = Some((signed.signed, id, *agreement));
            }
        }
    });
    newest.map(|(_, signer, agreement)| (signer, agreement))
}

/// Gives each organisation that may have signed an agreement with the receiver, and which of its agreements count.
fn with_the_receiver(
    sides: Sides,
    organisations: &Organisations,
    profile: &Profile,
    mut each: impl FnMut(OrganisationId, &Organisation, &dyn Fn(&SignedAgreement) -> bool),
) {
    let receivers = upwards(sides.receiver, organisations);
    let senders = upwards(sides.unit, organisations);
    let stands_among = |side: &[(OrganisationId, &Organisation)], id: Option<OrganisationId>| {
        side.iter().any(|(known, _)| Some(*known) == id)
    };
    for (id, receiver) in &receivers {
        each(*id, receiver, &|agreement| {
            agreement.with.is_none()
                || agreement.with == sides.unit
                || senders.iter().any(|(id, sender)| {
                    agreement.with == Some(*id) && covers_units(sender, agreement, profile)
                })
        });
    }
    if !receivers.is_empty() {
        for (id, sender) in &senders {
            each(*id, sender, &|agreement| {
                (Some(*id) == sides.unit || covers_units(sender, agreement, profile))
                    && stands_among(&receivers, agreement.with)
            });
        }
    }
}
