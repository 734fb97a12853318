//! What others do in a case to somebody who takes part in it, or was let in to it.
//!
//! An event concerns whoever it names as its object, and whoever it takes something from that such an event gave them.
//! What is done in the case without naming them is not told: it concerns all who take part.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    event::Actor,
    events::Event,
    ids::{AccountId, ConsentId, HandoverId, InvitationId, MeasureId, PartyId, Position, RoundId},
    store::Recorded,
};

/// Somebody who takes part, and what they had in the case by the events so far.
pub(super) struct Participant {
    account: AccountId,
    /// As whom they take part, took part, or were to.
    parties: BTreeSet<PartyId>,
    invitations: BTreeMap<InvitationId, RoundId>,
    /// Those in which they read along.
    rounds: BTreeSet<RoundId>,
    handovers: BTreeSet<HandoverId>,
    consents: BTreeSet<ConsentId>,
    /// Those that they see to.
    measures: BTreeSet<MeasureId>,
    /// What has concerned them.
    concerned: BTreeSet<Position>,
}

impl Participant {
    pub(super) fn new(account: AccountId, parties: BTreeSet<PartyId>) -> Self {
        Self {
            account,
            parties,
            invitations: BTreeMap::new(),
            rounds: BTreeSet::new(),
            handovers: BTreeSet::new(),
            consents: BTreeSet::new(),
            measures: BTreeSet::new(),
            concerned: BTreeSet::new(),
        }
    }

    /// Whether they did it as a member of the family.
    pub(super) fn did(&self, recorded: &Recorded) -> bool {
        matches!(&recorded.envelope.actor, Actor::Party { party, .. } if self.is(*party))
    }

    /// Takes in the next event of the case. Whether it concerns them, or was done by them as a member of the family.
    pub(super) fn takes(&mut self, recorded: &Recorded) -> bool {
        let concerns = self.is_let_in(&recorded.event)
            || self.is_asked(&recorded.event)
            || self.is_in_the_plan(&recorded.event)
            || self.is_in_what_changed(&recorded.event)
            || self.did(recorded);
        if concerns {
            self.concerned.insert(recorded.position);
        }
        concerns
    }

    fn is(&self, party: PartyId) -> bool {
        self.parties.contains(&party)
    }

    /// Comes and goes, with a role or the baton.
    fn is_let_in(&mut self, event: &Event) -> bool {
        match event {
            Event::OpeningCleared(facts) => facts.account == self.account,
            Event::PartyAdded(facts) => {
                if facts.staff == Some(self.account) {
                    self.parties.insert(facts.party);
                }
                self.is(facts.party)
            }
            Event::PartyRemoved(facts) => self.is(facts.party),
            Event::CameOfAge(facts) => self.is(facts.party),
            Event::TaskAssigned(facts) => self.is(facts.party),
            Event::BatonOffered(facts) => {
                let is_between = self.is(facts.from) || self.is(facts.to);
                is_between && self.handovers.insert(facts.handover)
            }
            Event::BatonAccepted(facts) => self.is(facts.from) || self.is(facts.to),
            Event::BatonDeclined(facts) => {
                self.is(facts.by) || self.handovers.contains(&facts.handover)
            }
            Event::GuestInvited(facts) => {
                let is_invited = self.is(facts.party);
                if is_invited {
                    self.invitations.insert(facts.invitation, facts.round);
                }
                is_invited
            }
            Event::InvitationAccepted(facts) => facts.account == self.account,
            Event::GuestConfirmed(facts) => {
                let round = self.invitations.get(&facts.invitation);
                self.rounds.extend(round);
                round.is_some() || self.is(facts.party)
            }
            Event::InvitationRevoked(facts) => {
                let round = self.invitations.get(&facts.invitation);
                round.is_some_and(|round| {
                    self.rounds.remove(round);
                    true
                })
            }
            Event::RoundEnded(facts) => self.rounds.remove(&facts.round),
            _ => false,
        }
    }

    /// Is told, and consents or not, where somebody else may record it or take it back.
    fn is_asked(&mut self, event: &Event) -> bool {
        match event {
            Event::InformationGiven(facts) => self.is(facts.party),
            Event::ConsentGiven(facts) => {
                let is_theirs = self.is(facts.by);
                if is_theirs {
                    self.consents.insert(facts.consent);
                }
                is_theirs
            }
            Event::ConsentDeclined(facts) => self.is(facts.by),
            Event::ConsentWithdrawn(facts) => {
                self.is(facts.by) || self.consents.contains(&facts.consent)
            }
            Event::ConsentInvalidated(facts) => self.consents.contains(&facts.consent),
            Event::ClosingAgreed(facts) => self.is(facts.party),
            Event::ClosingAgreementTakenBack(facts) => self.is(facts.party),
            Event::TransmissionPrepared(facts) => facts.about.iter().any(|one| self.is(*one)),
            _ => false,
        }
    }

    /// Sees to something, or was there.
    fn is_in_the_plan(&mut self, event: &Event) -> bool {
        match event {
            Event::MeasurePlanned(facts) => self.sees_to(facts.measure, facts.responsible),
            Event::MeasureChanged(facts) => {
                let did = self.measures.remove(&facts.measure);
                self.sees_to(facts.measure, facts.responsible) || did
            }
            Event::AgreementMade(facts) => facts.responsible.is_some_and(|one| self.is(one)),
            Event::MeetingHeld(facts) => facts.present.iter().any(|one| self.is(*one)),
            _ => false,
        }
    }

    fn sees_to(&mut self, measure: MeasureId, responsible: PartyId) -> bool {
        self.is(responsible) && self.measures.insert(measure)
    }

    /// What was written of them is put right, or destroyed.
    fn is_in_what_changed(&self, event: &Event) -> bool {
        match event {
            Event::EntryCorrected(facts) => self.concerned.contains(&facts.target),
            Event::ContentRedacted(facts) => {
                let mut targets = facts.targets.iter();
                targets.any(|target| self.concerned.contains(target))
            }
            _ => false,
        }
    }
}
