//! What of a case was recorded before it was last reopened (S18).
//!
//! *Earlier* is every event recorded before the last reopening, and whatever was said since of an entry made before it:
//! an evaluation stands or falls with its measure, a correction with what it corrects. *Carried over* is what a new log
//! cannot do without, although it was recorded before: whom it is about, who and which services take part, the consents
//! that still count, with their signed forms, and an offer of the baton that waits. Of these the facts are carried over
//! and not what was said about them: see [`Earlier::bare`].

use std::collections::{BTreeMap, BTreeSet};

use super::Case;
use crate::{
    events::{
        BatonOfferedContent, CaseOpenedContent, ConsentGivenContent, Event, PartyAddedContent,
        ServiceAddedContent,
    },
    ids::{ConsentId, DocumentId, HandoverId, OrganisationId, PartyId, Position},
    profile::{Part, Profile},
    store::Recorded,
};

/// What of a case that was reopened is earlier, and what is carried over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Earlier {
    /// When it was reopened last.
    pub reopened: Position,
    /// The events that are earlier.
    pub events: BTreeSet<Position>,
    /// The events recorded before the reopening that are carried over.
    pub carried: BTreeSet<Position>,
}

impl Earlier {
    /// Of a case with all its events, in their order; nothing of a case that was never reopened.
    pub fn of<'a>(
        case: &Case,
        events: impl IntoIterator<Item = &'a Recorded> + Clone,
        profile: &Profile,
    ) -> Option<Self> {
        let reopened = case.reopened?;
        let mut taking_part = TakingPart::default();
        for recorded in events.clone() {
            if recorded.position < reopened {
                taking_part.take_in(recorded);
            }
        }
        let carried = taking_part.carried(case, profile);
        let mut earlier = BTreeSet::new();
        for recorded in events {
            let position = recorded.position;
            let is_earlier = if position < reopened {
                !carried.contains(&position)
            } else {
                is_about_earlier(case, &recorded.event, &earlier)
            };
            if is_earlier {
                earlier.insert(position);
            }
        }
        Some(Self {
            reopened,
            events: earlier,
            carried,
        })
    }

    /// The content of an event that is carried over, without what was said about it: names stay, and whose number and
    /// birthday it is; concern, task, remark and message go. Nothing, where it cannot be read.
    pub fn bare(event: &Event, json: &[u8]) -> Option<Vec<u8>> {
        let bare = match event {
            Event::CaseOpened(_) => {
                let mut content: CaseOpenedContent = serde_json::from_slice(json).ok()?;
                content.concern.clear();
                serde_json::to_vec(&content)
            }
            Event::PartyAdded(_) => {
                let mut content: PartyAddedContent = serde_json::from_slice(json).ok()?;
                content.task = None;
                serde_json::to_vec(&content)
            }
            Event::ServiceAdded(_) => serde_json::to_vec(&ServiceAddedContent {
                task: String::new(),
            }),
            Event::ConsentGiven(_) => serde_json::to_vec(&ConsentGivenContent {
                remark: String::new(),
            }),
            Event::BatonOffered(_) => serde_json::to_vec(&BatonOfferedContent {
                message: String::new(),
            }),
            // The signed form of a consent.
            Event::DocumentAdded(_) => return Some(json.to_vec()),
            _ => return None,
        };
        bare.ok()
    }
}

/// Who and what took part before the reopening, event by event.
#[derive(Default)]
struct TakingPart {
    opening: Option<Position>,
    parties: BTreeMap<PartyId, Position>,
    services: BTreeMap<OrganisationId, Position>,
    offers: BTreeMap<HandoverId, Position>,
    consents: BTreeMap<ConsentId, (Position, Option<DocumentId>)>,
}

impl TakingPart {
    fn take_in(&mut self, recorded: &Recorded) {
        let position = recorded.position;
        match &recorded.event {
            Event::CaseOpened(_) => self.opening = Some(position),
            Event::PartyAdded(facts) => drop(self.parties.insert(facts.party, position)),
            Event::GuestConfirmed(facts) => drop(self.parties.insert(facts.party, position)),
            Event::PartyRemoved(facts) => drop(self.parties.remove(&facts.party)),
            Event::ServiceAdded(facts) => drop(self.services.insert(facts.service, position)),
            Event::ServiceRemoved(facts) => drop(self.services.remove(&facts.service)),
            Event::BatonOffered(facts) => drop(self.offers.insert(facts.handover, position)),
            Event::BatonAccepted(facts) => drop(self.offers.remove(&facts.handover)),
            Event::BatonDeclined(facts) => drop(self.offers.remove(&facts.handover)),
            Event::ConsentGiven(facts) => {
                // What begins later leaves the one before it in force until then.
                if let Some(renewed) = facts.renews.filter(|_| facts.valid_from.is_none()) {
                    self.consents.remove(&renewed);
                }
                self.consents.insert(facts.consent, (position, facts.scan));
            }
            Event::ConsentWithdrawn(facts) => drop(self.consents.remove(&facts.consent)),
            Event::ConsentInvalidated(facts) => drop(self.consents.remove(&facts.consent)),
            _ => {}
        }
    }

    fn carried(self, case: &Case, profile: &Profile) -> BTreeSet<Position> {
        let counts = |id: &ConsentId| {
            let consent = case.consents.get(id)?;
            let rule = profile.consent(&consent.kind)?;
            case.still_counts(consent, rule).then_some(())
        };
        let consents: Vec<(Position, Option<DocumentId>)> = self
            .consents
            .into_iter()
            .filter(|(id, _)| counts(id).is_some())
            .map(|(_, consent)| consent)
            .collect();
        // Of the documents only those that were filed as what they are: forms of consent.
        let forms = consents
            .iter()
            .filter_map(|(_, scan)| case.documents.get(scan.as_ref()?))
            .filter(|form| form.section == *profile.section_of(Part::Consents))
            .map(|form| form.added);
        self.opening
            .into_iter()
            .chain(self.parties.into_values())
            .chain(self.services.into_values())
            .chain(self.offers.into_values())
            .chain(consents.iter().map(|(given, _)| *given))
            .chain(forms)
            .collect()
    }
}

/// Whether something that happened since is about an entry that is earlier.
fn is_about_earlier(case: &Case, event: &Event, earlier: &BTreeSet<Position>) -> bool {
    if let Event::ContentRedacted(facts) = event {
        let bodies = facts.documents.iter();
        let bodies = bodies.filter_map(|id| case.documents.get(id).map(|document| document.added));
        let mut destroyed = facts.targets.iter().copied().chain(bodies);
        return destroyed.all(|target| earlier.contains(&target));
    }
    entry_of(case, event).is_some_and(|entry| earlier.contains(&entry))
}

/// The event that made the entry that an event is about, where it is about another one's.
fn entry_of(case: &Case, event: &Event) -> Option<Position> {
    let measure = |id| case.plan.measures.get(id).map(|measure| measure.planned);
    let meeting = |id| case.plan.meetings.get(id).map(|meeting| meeting.planned);
    let consent = |id| case.consents.get(id).map(|consent| consent.given);
    let party = |id| case.parties.get(id).map(|party| party.added);
    let round = |id| case.rounds.get(id).map(|round| round.opened);
    let invitation = |id| {
        case.invitations
            .get(id)
            .map(|invitation| invitation.invited)
    };
    let offer = |id| case.handovers.get(id).map(|offer| offer.offered);
    let transmission = |id| {
        let known = case.handing_over.transmissions.get(id);
        known.map(|transmission| transmission.prepared)
    };
    match event {
        Event::MeasureBegun(facts) => measure(&facts.measure),
        Event::MeasureChanged(facts) => measure(&facts.measure),
        Event::MeasureEvaluated(facts) => measure(&facts.measure),
        Event::MeasureEnded(facts) => measure(&facts.measure),
        Event::MeetingMoved(facts) => meeting(&facts.meeting),
        Event::MeetingHeld(facts) => meeting(&facts.meeting),
        Event::MeetingCancelled(facts) => meeting(&facts.meeting),
        Event::AgreementSettled(facts) => {
            let agreement = case.plan.agreements.get(&facts.agreement);
            agreement.map(|agreement| agreement.made)
        }
        Event::EntryCorrected(facts) => Some(facts.target),
        Event::ConsentWithdrawn(facts) => consent(&facts.consent),
        Event::ConsentInvalidated(facts) => consent(&facts.consent),
        Event::PartyRemoved(facts) => party(&facts.party),
        Event::CameOfAge(facts) => party(&facts.party),
        Event::TaskAssigned(facts) => party(&facts.party),
        Event::BatonAccepted(facts) => offer(&facts.handover),
        Event::BatonDeclined(facts) => offer(&facts.handover),
        Event::RoundEnded(facts) => round(&facts.round),
        Event::GuestInvited(facts) => round(&facts.round),
        Event::InvitationAccepted(facts) => invitation(&facts.invitation),
        Event::GuestConfirmed(facts) => invitation(&facts.invitation),
        Event::InvitationRevoked(facts) => invitation(&facts.invitation),
        Event::TransmissionPrepared(facts) => {
            let referral = case.handing_over.referrals.get(&facts.referral);
            referral.map(|referral| referral.made)
        }
        Event::TransmissionSending(facts) => transmission(&facts.transmission),
        Event::TransmissionSent(facts) => transmission(&facts.transmission),
        Event::TransmissionFailed(facts) => transmission(&facts.transmission),
        Event::PasswordConveyed(facts) => transmission(&facts.transmission),
        Event::TransmissionReceived(facts) => transmission(&facts.transmission),
        Event::WorkingCopyDestroyed(facts) => transmission(&facts.transmission),
        Event::HoldLifted(facts) => case.holds.get(&facts.hold).map(|hold| hold.placed),
        Event::GlassMended(facts) => {
            let broken = case.emergencies.get(&facts.emergency);
            broken.map(|broken| broken.broken)
        }
        _ => None,
    }
}

impl Case {
    /// The case as it is for whoever may not see these events: what they made is not there. Who has come of age stays,
    /// with their consents, because it is by them that others consent no more.
    #[must_use]
    pub fn without(&self, hidden: &BTreeSet<Position>) -> Self {
        let mut case = self.clone();
        let seen = |position: &Position| !hidden.contains(position);
        let plan = &mut case.plan;
        plan.measures.retain(|_, measure| seen(&measure.planned));
        plan.meetings.retain(|_, meeting| seen(&meeting.planned));
        plan.agreements.retain(|_, made| seen(&made.made));
        for agreement in plan.agreements.values_mut() {
            let meeting = agreement.meeting;
            agreement.meeting = meeting.filter(|id| plan.meetings.contains_key(id));
        }
        let handed_over = &mut case.handing_over;
        handed_over
            .information
            .retain(|given| seen(&given.recorded));
        handed_over.referrals.retain(|_, made| seen(&made.made));
        handed_over
            .transmissions
            .retain(|_, known| seen(&known.prepared));
        case.notes.retain(|_, note| seen(&note.added));
        case.documents.retain(|_, document| seen(&document.added));
        case.handovers.retain(|_, offer| seen(&offer.offered));
        case.rounds.retain(|_, round| seen(&round.opened));
        case.invitations
            .retain(|_, invitation| seen(&invitation.invited));
        case.holds.retain(|_, hold| seen(&hold.placed));
        case.emergencies.retain(|_, broken| seen(&broken.broken));
        case.changes.retain(|(position, _)| seen(position));
        case.declined.retain(|declined| seen(&declined.position));
        case.services.retain(|_, service| seen(&service.added));
        case.corrections.retain(|target, _| seen(target));
        for corrections in case.corrections.values_mut() {
            corrections.retain(seen);
        }
        case.corrections
            .retain(|_, corrections| !corrections.is_empty());
        let of_age = |id: &PartyId| {
            let party = self.parties.get(id);
            party.is_some_and(|party| party.of_age.is_some())
        };
        case.consents
            .retain(|_, consent| seen(&consent.given) || of_age(&consent.by));
        case.parties
            .retain(|id, party| seen(&party.added) || of_age(id));
        case.clearance = case.clearance.filter(|clearance| seen(&clearance.position));
        case.package = case.package.filter(|(built, _)| seen(built));
        case.archived = case.archived.filter(seen);
        case.with_content.retain(seen);
        case.redacted.retain(seen);
        case
    }
}
