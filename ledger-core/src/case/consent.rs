//! A consent, and when it holds.

use std::collections::BTreeSet;

use chrono::NaiveDate;

use super::Case;
use crate::{
    clock::{Span, Timestamp},
    command::{Rejection, Setting},
    events::ConsentGiven,
    ids::{Code, ConsentId, OrganisationId, PartyId, Position},
    profile::{ConsentRule, CountsFrom, Profile},
    standing,
};

/// A consent that was given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Consent {
    /// The event that gave it.
    pub given: Position,
    /// When it was recorded.
    pub given_at: Timestamp,
    /// Which of the profile's consents.
    pub kind: Code,
    /// Who gave it.
    pub by: PartyId,
    /// In which form.
    pub form: Code,
    /// The services that it lets in.
    pub services: BTreeSet<OrganisationId>,
    /// First day.
    pub valid_from: Option<NaiveDate>,
    /// Last day.
    pub valid_through: Option<NaiveDate>,
    /// The consent that it takes the place of.
    pub renews: Option<ConsentId>,
    /// The consent that has taken its place: the event, and from when on.
    pub renewed: Option<(Position, Option<NaiveDate>, Timestamp)>,
    /// The event that withdrew it.
    pub withdrawn: Option<Position>,
    /// The event that found it to be invalid.
    pub invalidated: Option<Position>,
}

/// That somebody said no to a consent. It stands until they give that consent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Declined {
    /// The event that says so.
    pub position: Position,
    /// To which of the profile's consents.
    pub kind: Code,
    /// Who.
    pub by: PartyId,
    /// The services that it was to let in; empty where the kind names none.
    pub services: BTreeSet<OrganisationId>,
}

impl Declined {
    /// Takes in a consent that was given after it; whether nothing is left of the no.
    pub(super) fn is_answered_by(&mut self, given: &ConsentGiven) -> bool {
        if self.kind != given.kind || self.by != given.by {
            return false;
        }
        for service in &given.services {
            self.services.remove(service);
        }
        self.services.is_empty()
    }
}

impl Consent {
    /// When it holds, in the profile's time zone; nothing, once it is withdrawn or found to be invalid.
    pub fn span(&self, profile: &Profile) -> Option<Span> {
        if self.withdrawn.is_some() || self.invalidated.is_some() {
            return None;
        }
        let begins = |day: Option<NaiveDate>, recorded: Timestamp| {
            day.map_or(recorded, |day| profile.begins_at(day).max(recorded))
        };
        let expires = self.valid_through.map(|day| profile.expires_at(day));
        // Whatever takes its place does so when it begins to hold, so that nothing lies between the two.
        let renewed = self.renewed.map(|(_, from, at)| begins(from, at));
        Some(Span {
            from: Some(begins(self.valid_from, self.given_at)),
            until: [expires, renewed].into_iter().flatten().min(),
        })
    }

    /// Whether nothing has ended it but, perhaps, its date.
    pub fn stands(&self) -> bool {
        self.withdrawn.is_none() && self.invalidated.is_none() && self.renewed.is_none()
    }

    /// Whether it may be taken back on the word of `by`. Who has come of age consents on their own behalf: what they
    /// have given, nobody else of the family takes back (X3).
    ///
    /// # Errors
    /// A rejection that names X3.
    pub(super) fn taken_back_by(
        &self,
        by: Option<PartyId>,
        case: &Case,
        setting: &Setting<'_>,
    ) -> Result<(), Rejection> {
        let of_age = case.parties.get(&self.by).and_then(|giver| giver.of_age);
        let family = by
            .and_then(|by| case.parties.get(&by))
            .is_some_and(|by| by.staff.is_none());
        if of_age.is_none() || !family || by == Some(self.by) {
            return Ok(());
        }
        let message =
            "the young person has come of age; nobody else takes back what they have consented to";
        Err(Rejection::invalid(message).because(setting.profile.ages.requirement.as_ref()))
    }

    /// The events that it rests on.
    pub fn positions(&self) -> impl Iterator<Item = Position> {
        let renewed = self.renewed.map(|(position, ..)| position);
        [Some(self.given), renewed, self.withdrawn, self.invalidated]
            .into_iter()
            .flatten()
    }
}

impl Case {
    /// Whether a consent still counts for anything: where its kind is asked for anew at each reopening, what was given
    /// before does not (S18).
    pub fn still_counts(&self, consent: &Consent, rule: &ConsentRule) -> bool {
        self.is_asked_since(consent.given, rule)
    }

    /// What was said no to and still counts, in the order in which it was said.
    pub fn declined<'a>(&'a self, profile: &'a Profile) -> impl Iterator<Item = &'a Declined> {
        self.declined.iter().filter(|declined| {
            let rule = profile.consent(&declined.kind);
            rule.is_some_and(|rule| self.is_asked_since(declined.position, rule))
        })
    }

    /// Whether this kind of consent has been asked for only once since then.
    fn is_asked_since(&self, position: Position, rule: &ConsentRule) -> bool {
        match rule.counts_from {
            CountsFrom::Opening => true,
            CountsFrom::Reopening => self.reopened.is_none_or(|reopened| position > reopened),
        }
    }

    /// Whether a consent that stands is to be obtained anew: the situation has changed since it was given (V27), the
    /// baton is offered to somebody of another unit (V13), or somebody has left who had not consented (V7).
    pub fn is_due_anew(&self, id: ConsentId, profile: &Profile) -> bool {
        let Some(consent) = self.consents.get(&id).filter(|consent| consent.stands()) else {
            return false;
        };
        let Some(rule) = profile.consent(&consent.kind) else {
            return false;
        };
        if !self.still_counts(consent, rule) {
            return false;
        }
        // The newest one of the same person counts, also where it does not say which one it renews.
        let is_newest = !self.consents.values().any(|other| {
            let same = other.kind == consent.kind && other.by == consent.by;
            same && other.stands() && other.given > consent.given
        });
        let has_changed = || {
            let mut changes = self.changes.iter();
            changes.any(|(position, _)| *position > consent.given)
        };
        is_newest
            && ((rule.anew_after_change && has_changed())
                || (rule.anew_at_transitions && self.is_offered_elsewhere(consent.given))
                || self.was_contradicted(rule, consent.given, profile))
    }

    /// Whether, since then, somebody has left who was asked for such a consent too and had not given it.
    fn was_contradicted(&self, rule: &ConsentRule, since: Position, profile: &Profile) -> bool {
        let of_this_kind = || {
            let consents = self.consents.values();
            consents.filter(|consent| consent.kind == rule.kind)
        };
        let left = standing::left_without_consenting(rule, self, profile, of_this_kind);
        left.is_some_and(|left| left > since)
    }

    /// Whether, since then, the baton has been offered to somebody of another unit who has not answered yet.
    fn is_offered_elsewhere(&self, since: Position) -> bool {
        let unit = self.opened.as_ref().map(|opened| opened.unit);
        let mut offers = self.handovers.values();
        offers.any(|offer| {
            let to = self.current_party(offer.to).and_then(|to| to.service);
            offer.ended.is_none() && offer.offered > since && to.is_some() && to != unit
        })
    }
}
