//! What the record of one event needs to know of the others of its case: which consent a decision rested on, to whom
//! something was sent, what a code is called.

use std::collections::{BTreeMap, BTreeSet};

use ledger_core::{
    event::Actor,
    events::Event,
    ids::{
        AccountId, Code, ConsentId, DocumentId, OrganisationId, PartyId, Position, TransmissionId,
    },
    ledger::CaseLog,
    profile::{Names, Profile},
    store::Recorded,
};

use super::Namespace;

/// The log of a case, with what its records refer to.
pub(super) struct Known<'a> {
    pub(super) log: &'a CaseLog,
    pub(super) names: &'a Namespace,
    /// Consents by the position of the event that gave or ended them, with whoever did; one that was never valid, with
    /// whoever had given it.
    consents: BTreeMap<Position, (ConsentId, PartyId)>,
    /// Where the glass was broken.
    emergencies: BTreeSet<Position>,
    /// To whom something was handed over.
    receivers: BTreeMap<TransmissionId, OrganisationId>,
    /// What the decision to send it looked at.
    sendings: BTreeMap<TransmissionId, &'a [Position]>,
}

impl<'a> Known<'a> {
    pub(super) fn of(log: &'a CaseLog, names: &'a Namespace) -> Self {
        let mut known = Self {
            log,
            names,
            consents: BTreeMap::new(),
            emergencies: BTreeSet::new(),
            receivers: BTreeMap::new(),
            sendings: BTreeMap::new(),
        };
        let mut given = BTreeMap::new();
        for recorded in &log.events {
            let position = recorded.position;
            match &recorded.event {
                Event::ConsentGiven(facts) => {
                    given.insert(facts.consent, facts.by);
                    known.consents.insert(position, (facts.consent, facts.by));
                }
                Event::ConsentWithdrawn(facts) => {
                    known.consents.insert(position, (facts.consent, facts.by));
                }
                Event::ConsentInvalidated(facts) => {
                    let by = given.get(&facts.consent).copied();
                    let invalidated = by.map(|by| (position, (facts.consent, by)));
                    known.consents.extend(invalidated);
                }
                Event::GlassBroken(_) => drop(known.emergencies.insert(position)),
                Event::TransmissionPrepared(facts) => {
                    known.receivers.insert(facts.transmission, facts.receiver);
                }
                Event::TransmissionSending(facts) => {
                    let cited = cited(recorded);
                    known.sendings.insert(facts.transmission, cited);
                }
                _ => {}
            }
        }
        known
    }

    pub(super) fn profile(&self) -> &'a Profile {
        self.log.rule_book.profile()
    }

    /// What a name is in the system's own language.
    pub(super) fn own<'n>(&self, names: &'n Names) -> Option<&'n str> {
        names.get(&self.profile().language).map(String::as_str)
    }

    /// What a role is called.
    pub(super) fn role(&self, code: &Code) -> Option<&'a str> {
        let role = self.profile().roles.get(code)?;
        self.own(&role.name)
    }

    /// What a member of staff is called.
    pub(super) fn account(&self, id: AccountId) -> Option<&'a str> {
        self.log.accounts.get(&id).map(String::as_str)
    }

    /// What an organisation is called.
    pub(super) fn organisation(&self, id: OrganisationId) -> Option<&'a str> {
        self.log.organisations.get(&id).map(String::as_str)
    }

    /// The unit that is responsible for the case.
    pub(super) fn unit(&self) -> Option<OrganisationId> {
        let opened = self.log.state.state.opened.as_ref();
        opened.map(|opened| opened.unit)
    }

    /// The consents that the decision about an event looked at, and who gave or ended them; each once. None for somebody of
    /// the family: they read what is theirs, and no consent lets them.
    pub(super) fn consents(&self, recorded: &Recorded) -> Vec<(ConsentId, PartyId)> {
        let mut consents: Vec<(ConsentId, PartyId)> = Vec::new();
        if matches!(recorded.envelope.actor, Actor::Party { .. }) {
            return consents;
        }
        let sending = match &recorded.event {
            Event::TransmissionSent(facts) => self.sendings.get(&facts.transmission),
            _ => None,
        };
        let sending = sending.into_iter().copied().flatten();
        for position in cited(recorded).iter().chain(sending) {
            if let Some(consent) = self.consents.get(position)
                && consents.iter().all(|(known, _)| *known != consent.0)
            {
                consents.push(*consent);
            }
        }
        consents
    }

    /// Whether the decision about an event looked at broken glass, or the event is of it.
    pub(super) fn is_emergency(&self, recorded: &Recorded) -> bool {
        matches!(
            recorded.event,
            Event::GlassBroken(_) | Event::GlassMended(_)
        ) || cited(recorded)
            .iter()
            .any(|position| self.emergencies.contains(position))
    }

    /// Who was handed something over outside of the ledger.
    pub(super) fn receiver(&self, recorded: &Recorded) -> Option<OrganisationId> {
        match &recorded.event {
            Event::TransmissionSent(facts) => self.receivers.get(&facts.transmission).copied(),
            _ => None,
        }
    }
}

/// The events that the decision about an event looked at.
fn cited(recorded: &Recorded) -> &[Position] {
    let basis = recorded.envelope.basis.as_ref();
    basis.map_or(&[], |basis| &basis.cited)
}

/// The document that an event is about.
pub(super) fn document(recorded: &Recorded) -> Option<DocumentId> {
    match &recorded.event {
        Event::DocumentAdded(facts) => Some(facts.document),
        Event::DocumentDownloaded(facts) => Some(facts.document),
        _ => None,
    }
}

/// The consent that an event is about.
pub(super) fn consent(recorded: &Recorded) -> Option<ConsentId> {
    match &recorded.event {
        Event::ConsentGiven(facts) => Some(facts.consent),
        Event::ConsentWithdrawn(facts) => Some(facts.consent),
        Event::ConsentInvalidated(facts) => Some(facts.consent),
        _ => None,
    }
}

/// The sections that were shown.
pub(super) fn sections(recorded: &Recorded) -> &[Code] {
    match &recorded.event {
        Event::CaseViewed(facts) => &facts.sections,
        Event::CasePrinted(facts) => &facts.sections,
        Event::CaseWatched(facts) => &facts.sections,
        _ => &[],
    }
}
