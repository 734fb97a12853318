//! What others do in a case to somebody who takes part in it, or was let in to it.
//!
//! An event concerns whoever it names as its object, themselves or the service that they take part for, and whoever it takes
//! something from that such an event gave them. What is done in the case without naming them is not told: it concerns all
//! who take part.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    event::Actor,
    events::{ConsentInvalidated, ConsentWithdrawn, Event},
    ids::{
        AccountId, ConsentId, EmergencyId, HandoverId, InvitationId, MeasureId, OrganisationId,
        PartyId, Position, RoundId,
    },
    store::Recorded,
};

/// Somebody who takes part, and what they had in the case by the events so far.
pub(super) struct Participant {
    account: AccountId,
    /// As whom they take part, took part, or were to.
    parties: BTreeSet<PartyId>,
    /// For which service, where it is for one.
    services: BTreeMap<PartyId, OrganisationId>,
    invitations: BTreeMap<InvitationId, RoundId>,
    /// Those in which they read along.
    rounds: BTreeSet<RoundId>,
    handovers: BTreeSet<HandoverId>,
    consents: BTreeSet<ConsentId>,
    /// Everybody's consents, with the services that they let in.
    let_in: BTreeMap<ConsentId, Vec<OrganisationId>>,
    emergencies: BTreeSet<EmergencyId>,
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
            services: BTreeMap::new(),
            invitations: BTreeMap::new(),
            rounds: BTreeSet::new(),
            handovers: BTreeSet::new(),
            consents: BTreeSet::new(),
            let_in: BTreeMap::new(),
            emergencies: BTreeSet::new(),
            measures: BTreeSet::new(),
            concerned: BTreeSet::new(),
        }
    }

    /// As whom they take part, took part, or were to.
    pub(super) fn parties(&self) -> impl Iterator<Item = PartyId> {
        self.parties.iter().copied()
    }

    /// Whether they did it as a member of the family.
    pub(super) fn did(&self, recorded: &Recorded) -> bool {
        matches!(&recorded.envelope.actor, Actor::Party { party, .. } if self.is(*party))
    }

    /// Takes in the next event of the case. Whether it concerns them, or was done by them as a member of the family.
    pub(super) fn takes(&mut self, recorded: &Recorded) -> bool {
        let event = &recorded.event;
        // All of them are asked, for each remembers what it has seen.
        let concerns = [
            self.is_let_in(event),
            self.is_asked(event),
            self.is_of_a_service(event),
            self.broke_the_glass(event),
            self.is_in_the_plan(event),
            self.is_in_what_changed(event),
            self.did(recorded),
        ]
        .contains(&true);
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
                if let (true, Some(service)) = (self.is(facts.party), facts.service) {
                    self.services.insert(facts.party, service);
                }
                self.is(facts.party)
            }
            Event::PartyRemoved(facts) => {
                self.services.remove(&facts.party);
                self.is(facts.party)
            }
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

    /// Takes part for a service that is let in, or no more.
    fn is_of_a_service(&mut self, event: &Event) -> bool {
        let is_theirs = |service: &OrganisationId| self.services.values().any(|own| own == service);
        match event {
            Event::ConsentGiven(facts) => {
                let services = &facts.services;
                self.let_in.insert(facts.consent, services.clone());
                services.iter().any(is_theirs)
            }
            Event::ConsentWithdrawn(ConsentWithdrawn { consent, .. })
            | Event::ConsentInvalidated(ConsentInvalidated { consent }) => {
                let services = self.let_in.get(consent);
                services.is_some_and(|services| services.iter().any(is_theirs))
            }
            Event::ServiceAdded(facts) => is_theirs(&facts.service),
            Event::ServiceRemoved(facts) => is_theirs(&facts.service),
            _ => false,
        }
    }

    /// Saw the case in an emergency, which somebody may end.
    fn broke_the_glass(&mut self, event: &Event) -> bool {
        match event {
            Event::GlassBroken(facts) => {
                facts.account == self.account && self.emergencies.insert(facts.emergency)
            }
            Event::GlassMended(facts) => self.emergencies.contains(&facts.emergency),
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        case::testing::{
            arne, case_id, code, consent, father, gave, handover, let_in, measure, meeting, mother,
            new_party, nina, nurse, other_consent, planned, recorded, removed,
            rounds::{accepted, confirmed_as, invited, revoked, round_ended, takes_part_as},
            school, takes_part, teacher, torunn, withdrew, works, wrote,
        },
        events::{
            BatonDeclined, BatonOffered, ContentRedacted, EntryCorrected, GlassBroken, GlassMended,
            GuestInvited, MeasureChanged, MeetingHeld, ServiceAdded, ServiceRemoved,
        },
        ids::{CorrectionId, StreamId},
    };

    /// Which of these events concern somebody, counted from 1, which are also their positions.
    fn concern(
        account: AccountId,
        party: PartyId,
        events: impl IntoIterator<Item = Event>,
    ) -> Vec<u64> {
        let mut participant = Participant::new(account, BTreeSet::from([party]));
        let events = (1..).zip(events);
        events
            .filter(|(position, event)| {
                let event = recorded(*position, &StreamId::Case(case_id()), event);
                participant.takes(&event)
            })
            .map(|(position, _)| position)
            .collect()
    }

    #[test]
    fn a_case_that_goes_on_without_naming_somebody_does_not_concern_them() {
        let events = || {
            [
                takes_part(mother(), "guardian"),
                wrote(),
                takes_part(father(), "guardian"),
                removed(mother()),
            ]
        };
        assert_eq!(concern(nina(), mother(), events()), [1, 4]);
        assert_eq!(concern(nina(), father(), events()), [3]);
        assert!(concern(nina(), nurse(), events()).is_empty());
    }

    #[test]
    fn an_invitation_concerns_its_guest_until_the_round_ends() {
        let other = GuestInvited {
            invitation: crate::ids::InvitationId::from_ulid(999_u128.into()),
            party: nurse(),
            ..invited()
        };
        let guest = [
            invited().into(),
            other.into(),
            accepted(),
            confirmed_as(new_party()),
            takes_part_as(new_party(), "guest"),
            round_ended(),
        ];
        assert_eq!(
            concern(torunn(), new_party(), guest.clone()),
            [1, 3, 4, 5, 6]
        );
        // Whoever was invited and not confirmed read nothing that could end.
        assert_eq!(concern(nina(), nurse(), guest), [2]);
        let revoked = [
            invited().into(),
            accepted(),
            confirmed_as(new_party()),
            revoked(),
            round_ended(),
        ];
        assert_eq!(concern(torunn(), new_party(), revoked), [1, 2, 3, 4]);
    }

    #[test]
    fn a_consent_concerns_whoever_gave_it_also_when_another_takes_it_back() {
        let events = || -> [Event; 5] {
            [
                gave(consent(), father()).into(),
                gave(other_consent(), mother()).into(),
                withdrew(consent(), mother()),
                ConsentInvalidated {
                    consent: other_consent(),
                }
                .into(),
                withdrew(other_consent(), father()),
            ]
        };
        assert_eq!(concern(arne(), father(), events()), [1, 3, 5]);
        assert_eq!(concern(arne(), mother(), events()), [2, 3, 4, 5]);
    }

    #[test]
    fn a_consent_concerns_those_of_the_service_that_it_lets_in() {
        let service = school();
        let events = || -> [Event; 9] {
            [
                let_in(consent(), mother(), &[service]).into(),
                ServiceAdded { service }.into(),
                works(nurse(), "professional", nina(), service),
                let_in(other_consent(), father(), &[service]).into(),
                gave(ConsentId::from_ulid(999_u128.into()), mother()).into(),
                withdrew(consent(), mother()),
                ConsentInvalidated {
                    consent: other_consent(),
                }
                .into(),
                removed(nurse()),
                ServiceRemoved { service }.into(),
            ]
        };
        // Once she takes part for it, and as long as she does.
        assert_eq!(concern(nina(), nurse(), events()), [3, 4, 6, 7, 8]);
        assert!(concern(torunn(), teacher(), events()).is_empty());
    }

    #[test]
    fn an_emergency_concerns_whoever_broke_the_glass_also_when_another_ends_it() {
        let emergency = EmergencyId::from_ulid(1_u128.into());
        let events = || -> [Event; 2] {
            [
                GlassBroken {
                    emergency,
                    account: nina(),
                    until: crate::case::testing::now(),
                }
                .into(),
                GlassMended { emergency }.into(),
            ]
        };
        assert_eq!(concern(nina(), nurse(), events()), [1, 2]);
        assert!(concern(torunn(), teacher(), events()).is_empty());
    }

    #[test]
    fn a_measure_concerns_whoever_sees_to_it_and_whoever_did() {
        let changed = |responsible| -> Event {
            MeasureChanged {
                measure: measure(),
                responsible,
                evaluate_on: "2026-06-01".parse().expect("a date"),
                begins_on: None,
                ends_on: None,
            }
            .into()
        };
        let events = || {
            [
                planned(),
                changed(teacher()),
                changed(nurse()),
                changed(nurse()),
            ]
        };
        assert_eq!(concern(torunn(), teacher(), events()), [1, 2, 3]);
        assert_eq!(concern(nina(), nurse(), events()), [3, 4]);
    }

    #[test]
    fn an_offer_of_the_baton_concerns_both_also_when_it_is_declined() {
        let events = || -> [Event; 2] {
            [
                BatonOffered {
                    handover: handover(),
                    from: teacher(),
                    to: nurse(),
                }
                .into(),
                BatonDeclined {
                    handover: handover(),
                    by: nurse(),
                }
                .into(),
            ]
        };
        for party in [teacher(), nurse()] {
            assert_eq!(concern(arne(), party, events()), [1, 2]);
        }
        assert!(concern(arne(), mother(), events()).is_empty());
    }

    #[test]
    fn what_puts_right_or_destroys_what_concerned_them_does_too() {
        let corrected = |target| -> Event {
            EntryCorrected {
                correction: CorrectionId::from_ulid(1_u128.into()),
                target: Position(target),
            }
            .into()
        };
        let redacted: Event = ContentRedacted {
            targets: vec![Position(1), Position(2)],
            documents: Vec::new(),
            reason: code("wrong_person"),
            backups_end: crate::case::testing::now(),
        }
        .into();
        let held: Event = MeetingHeld {
            meeting: meeting(),
            present: vec![mother(), teacher()],
        }
        .into();
        let events = [
            takes_part(mother(), "guardian"),
            wrote(),
            corrected(1),
            corrected(2),
            redacted,
            held,
        ];
        assert_eq!(concern(nina(), mother(), events), [1, 3, 5, 6]);
    }
}
