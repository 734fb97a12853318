//! What a batch of events changes in what is due, folded to one change a thing and laid out in columns, as the statements
//! take them.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use ledger_core::{
    clock::Timestamp,
    events::{ConsentGiven, Event},
    ids::{AgreementId, CaseId, ConsentId, OrganisationId, PartyId, StreamId},
    store::Recorded,
};

use super::Kind;
use crate::rows::bigint;

/// What a batch changes.
#[derive(Default)]
pub(super) struct Changes<'a> {
    cases: BTreeMap<CaseId, Change<'a>>,
    /// Agreements of organisations with their last day; nothing for those that ended.
    agreements: BTreeMap<(OrganisationId, AgreementId), Option<(String, NaiveDate)>>,
}

/// What a batch changes in one case.
#[derive(Default)]
struct Change<'a> {
    /// The profile of a case that was opened.
    opened: Option<String>,
    is_open: Option<bool>,
    changed_position: Option<i64>,
    erased: bool,
    /// Consents that were given; nothing for those that stand no longer.
    consents: BTreeMap<ConsentId, Option<(&'a ConsentGiven, i64, Timestamp)>>,
    items: BTreeMap<(Kind, String), ItemChange>,
    left: BTreeSet<PartyId>,
}

/// When something is due, and to whom it falls.
#[derive(Clone, Copy, Default)]
struct Item {
    party: Option<PartyId>,
    on: Option<NaiveDate>,
    at: Option<Timestamp>,
}

/// What becomes of one thing that waits.
enum ItemChange {
    /// It waits from now on.
    Waits(Item),
    /// If it still waits: at another time, perhaps for somebody else.
    Moved(Item),
    /// It is settled.
    Settled,
}

/// Cases, new or changed. The columns of all these have one length.
#[derive(Default)]
pub(super) struct CaseRows {
    pub(super) cases: Vec<String>,
    pub(super) profiles: Vec<Option<String>>,
    pub(super) are_open: Vec<Option<bool>>,
    pub(super) changed_positions: Vec<Option<i64>>,
}

/// Consents that were given.
#[derive(Default)]
pub(super) struct ConsentRows {
    pub(super) cases: Vec<String>,
    pub(super) consents: Vec<String>,
    pub(super) kinds: Vec<String>,
    pub(super) parties: Vec<String>,
    pub(super) given_positions: Vec<i64>,
    pub(super) given_at: Vec<Timestamp>,
    pub(super) valid_from: Vec<Option<NaiveDate>>,
    pub(super) valid_through: Vec<Option<NaiveDate>>,
}

/// Things that wait, or wait for another day.
#[derive(Default)]
pub(super) struct ItemRows {
    pub(super) cases: Vec<String>,
    pub(super) kinds: Vec<String>,
    pub(super) items: Vec<String>,
    pub(super) parties: Vec<Option<String>>,
    pub(super) due_on: Vec<Option<NaiveDate>>,
    pub(super) due_at: Vec<Option<Timestamp>>,
}

/// Agreements of organisations with a last day.
#[derive(Default)]
pub(super) struct AgreementRows {
    pub(super) organisations: Vec<String>,
    pub(super) agreements: Vec<String>,
    pub(super) kinds: Vec<String>,
    pub(super) valid_through: Vec<NaiveDate>,
}

impl<'a> Changes<'a> {
    pub(super) fn of(batch: &'a [Recorded]) -> Self {
        let mut changes = Self::default();
        for recorded in batch {
            match recorded.envelope.stream {
                StreamId::Case(case) => changes.cases.entry(case).or_default().take_in(recorded),
                StreamId::Organisation(organisation) => {
                    changes.take_in_agreement(organisation, &recorded.event);
                }
                _ => {}
            }
        }
        changes
    }

    fn take_in_agreement(&mut self, organisation: OrganisationId, event: &Event) {
        match event {
            Event::AgreementSigned(facts) => {
                if let Some(through) = facts.valid_through {
                    let signed = Some((facts.kind.to_string(), through));
                    self.agreements
                        .insert((organisation, facts.agreement), signed);
                }
            }
            Event::AgreementEnded(facts) => {
                self.agreements
                    .insert((organisation, facts.agreement), None);
            }
            _ => {}
        }
    }

    pub(super) fn erased(&self) -> Vec<String> {
        let cases = self.cases.iter();
        cases
            .filter(|(_, change)| change.erased)
            .map(|(case, _)| case.to_string())
            .collect()
    }

    /// New cases, if `opened`; otherwise those that were there before.
    pub(super) fn cases(&self, opened: bool) -> CaseRows {
        let mut rows = CaseRows::default();
        for (case, change) in self.listed() {
            let is_changed = change.is_open.is_some() || change.changed_position.is_some();
            if change.opened.is_some() == opened && (opened || is_changed) {
                rows.cases.push(case.to_string());
                rows.profiles.push(change.opened.clone());
                rows.are_open.push(change.is_open);
                rows.changed_positions.push(change.changed_position);
            }
        }
        rows
    }

    /// Case and consent of those that stand no longer.
    pub(super) fn consents_gone(&self) -> (Vec<String>, Vec<String>) {
        let changes = self.listed().flat_map(|(case, change)| {
            let gone = change.consents.iter().filter(|(_, given)| given.is_none());
            gone.map(|(consent, _)| (case.to_string(), consent.to_string()))
        });
        changes.unzip()
    }

    pub(super) fn consents_given(&self) -> ConsentRows {
        let mut rows = ConsentRows::default();
        for (case, change) in self.listed() {
            for (consent, given) in &change.consents {
                if let Some((facts, position, at)) = given {
                    rows.cases.push(case.to_string());
                    rows.consents.push(consent.to_string());
                    rows.kinds.push(facts.kind.to_string());
                    rows.parties.push(facts.by.to_string());
                    rows.given_positions.push(*position);
                    rows.given_at.push(*at);
                    rows.valid_from.push(facts.valid_from);
                    rows.valid_through.push(facts.valid_through);
                }
            }
        }
        rows
    }

    pub(super) fn items_waiting(&self) -> ItemRows {
        self.items(|change| match change {
            ItemChange::Waits(item) => Some(*item),
            ItemChange::Moved(_) | ItemChange::Settled => None,
        })
    }

    pub(super) fn items_moved(&self) -> ItemRows {
        self.items(|change| match change {
            ItemChange::Moved(item) => Some(*item),
            ItemChange::Waits(_) | ItemChange::Settled => None,
        })
    }

    pub(super) fn items_settled(&self) -> ItemRows {
        self.items(|change| matches!(change, ItemChange::Settled).then(Item::default))
    }

    fn items(&self, wanted: impl Fn(&ItemChange) -> Option<Item>) -> ItemRows {
        let mut rows = ItemRows::default();
        for (case, change) in self.listed() {
            for ((kind, id), item) in &change.items {
                if let Some(item) = wanted(item) {
                    rows.cases.push(case.to_string());
                    rows.kinds.push(kind.code().to_owned());
                    rows.items.push(id.clone());
                    rows.parties.push(item.party.map(|party| party.to_string()));
                    rows.due_on.push(item.on);
                    rows.due_at.push(item.at);
                }
            }
        }
        rows
    }

    /// Case and party of those who left: nothing waits for them any more, and their consents no longer count.
    pub(super) fn left(&self) -> (Vec<String>, Vec<String>) {
        let left = self.listed().flat_map(|(case, change)| {
            let left = change.left.iter();
            left.map(|party| (case.to_string(), party.to_string()))
        });
        left.unzip()
    }

    /// Organisation and agreement of those that ended.
    pub(super) fn agreements_ended(&self) -> (Vec<String>, Vec<String>) {
        let ended = self
            .agreements
            .iter()
            .filter(|(_, signed)| signed.is_none());
        ended
            .map(|((organisation, agreement), _)| (organisation.to_string(), agreement.to_string()))
            .unzip()
    }

    pub(super) fn agreements_signed(&self) -> AgreementRows {
        let mut rows = AgreementRows::default();
        for ((organisation, agreement), signed) in &self.agreements {
            if let Some((kind, through)) = signed {
                rows.organisations.push(organisation.to_string());
                rows.agreements.push(agreement.to_string());
                rows.kinds.push(kind.clone());
                rows.valid_through.push(*through);
            }
        }
        rows
    }

    /// Cases that are still there when the batch ends.
    fn listed(&self) -> impl Iterator<Item = (&CaseId, &Change<'a>)> {
        self.cases.iter().filter(|(_, change)| !change.erased)
    }
}

impl<'a> Change<'a> {
    #[expect(
        clippy::needless_pass_by_value,
        reason = "ids are small, and are copied"
    )]
    fn waits(&mut self, kind: Kind, id: impl ToString, item: Item) {
        let key = (kind, id.to_string());
        self.items.insert(key, ItemChange::Waits(item));
    }

    #[expect(
        clippy::needless_pass_by_value,
        reason = "ids are small, and are copied"
    )]
    fn moved(&mut self, kind: Kind, id: impl ToString, to: Item) {
        let key = (kind, id.to_string());
        let known = self.items.get(&key);
        let item = |known: &Item| Item {
            party: to.party.or(known.party),
            ..to
        };
        let change = match known {
            None => ItemChange::Moved(to),
            Some(ItemChange::Moved(known)) => ItemChange::Moved(item(known)),
            Some(ItemChange::Waits(known)) => ItemChange::Waits(item(known)),
            Some(ItemChange::Settled) => return,
        };
        self.items.insert(key, change);
    }

    #[expect(
        clippy::needless_pass_by_value,
        reason = "ids are small, and are copied"
    )]
    fn settled(&mut self, kind: Kind, id: impl ToString) {
        self.items
            .insert((kind, id.to_string()), ItemChange::Settled);
    }

    /// Takes in one more event of the case's own stream. Has no `_` arm, so that a new event type is not forgotten.
    #[expect(clippy::too_many_lines, reason = "one line an event type")]
    fn take_in(&mut self, recorded: &'a Recorded) {
        let position = bigint(recorded.position.0);
        let at = recorded.envelope.recorded_at;
        match &recorded.event {
            Event::CaseOpened(facts) => {
                self.opened = Some(facts.profile.to_string());
                self.is_open = Some(true);
            }
            Event::CaseReopened(_) => self.is_open = Some(true),
            Event::CaseClosed(_) | Event::CaseArchived(_) => self.is_open = Some(false),
            Event::ErasureStarted(_) | Event::CaseErased(_) => self.erased = true,
            Event::SituationChanged(_) => self.changed_position = Some(position),
            Event::PartyRemoved(facts) => {
                self.left.insert(facts.party);
            }
            Event::ConsentGiven(facts) => {
                if let Some(renewed) = facts.renews {
                    self.consents.insert(renewed, None);
                }
                self.consents
                    .insert(facts.consent, Some((facts, position, at)));
            }
            // What is not given anew is asked for no more.
            Event::ConsentDeclined(facts) => {
                for consent in &facts.lapsed {
                    self.consents.insert(*consent, None);
                }
            }
            Event::ConsentWithdrawn(facts) => {
                self.consents.insert(facts.consent, None);
            }
            Event::ConsentInvalidated(facts) => {
                self.consents.insert(facts.consent, None);
            }
            Event::MeasurePlanned(_)
            | Event::MeasureChanged(_)
            | Event::MeasureBegun(_)
            | Event::MeasureEvaluated(_)
            | Event::MeasureEnded(_) => self.take_in_measure(&recorded.event),
            Event::MeetingPlanned(_)
            | Event::MeetingMoved(_)
            | Event::MeetingHeld(_)
            | Event::MeetingCancelled(_)
            | Event::AgreementMade(_)
            | Event::AgreementSettled(_)
            | Event::BatonOffered(_)
            | Event::BatonAccepted(_)
            | Event::BatonDeclined(_)
            | Event::HoldPlaced(_)
            | Event::HoldLifted(_) => self.take_in_other(&recorded.event),
            Event::TransmissionPrepared(_)
            | Event::TransmissionSending(_)
            | Event::TransmissionSent(_)
            | Event::TransmissionFailed(_)
            | Event::PasswordConveyed(_)
            | Event::TransmissionReceived(_)
            | Event::WorkingCopyDestroyed(_) => self.take_in_transmission(&recorded.event, at),
            // Nothing waits because of these.
            Event::StatusChanged(_)
            | Event::PartyAdded(_)
            | Event::NoteAdded(_)
            | Event::CaseImported(_)
            | Event::EntryImported(_)
            | Event::DocumentAdded(_)
            | Event::ContentRedacted(_)
            | Event::OpeningCleared(_)
            | Event::CameOfAge(_)
            | Event::ServiceAdded(_)
            | Event::ServiceRemoved(_)
            | Event::TaskAssigned(_)
            | Event::InformationGiven(_)
            | Event::ReferralMade(_)
            | Event::EntryCorrected(_)
            | Event::ClosingAgreed(_)
            | Event::ClosingAgreementTakenBack(_)
            | Event::CaseRested(_)
            | Event::CaseResumed(_)
            | Event::GlassBroken(_)
            | Event::GlassMended(_)
            | Event::RoundOpened(_)
            | Event::RoundEnded(_)
            | Event::GuestInvited(_)
            | Event::InvitationAccepted(_)
            | Event::GuestConfirmed(_)
            | Event::InvitationRevoked(_)
            | Event::PackageBuilt(_)
            // Of other streams.
            | Event::LedgerOpened(_)
            | Event::SigningKeyRotated(_)
            | Event::LedgerRecovered(_)
            | Event::LogImported(_)
            | Event::ImportConcluded(_)
            | Event::ProfileAdopted(_)
            | Event::OrganisationRegistered(_)
            | Event::AgreementSigned(_)
            | Event::AgreementEnded(_)
            | Event::AccountActivated(_)
            | Event::AccountDeactivated(_)
            | Event::RoleAssigned(_)
            | Event::RoleEnded(_)
            | Event::ContactSet(_)
            | Event::NotificationPreferencesSet(_)
            | Event::ContactOpened(_)
            | Event::WebhookAdded(_)
            | Event::WebhookRemoved(_)
            | Event::CaseViewed(_)
            | Event::CaseListed(_)
            | Event::CaseFound(_)
            | Event::TimelineViewed(_)
            | Event::CaseWatched(_)
            | Event::DocumentDownloaded(_)
            | Event::CasePrinted(_)
            | Event::CaseExported(_)
            | Event::LogExported(_)
            | Event::InvitationAddressOpened(_)
            | Event::AuditAnswered(_)
            | Event::AccessRefused(_) => {}
        }
    }

    /// A measure waits to be begun until it is, and to be evaluated until it has ended.
    fn take_in_measure(&mut self, event: &Event) {
        let item = |party, on| Item {
            party,
            on,
            at: None,
        };
        match event {
            Event::MeasurePlanned(facts) => {
                let party = Some(facts.responsible);
                self.waits(
                    Kind::MeasureEvaluation,
                    facts.measure,
                    item(party, Some(facts.evaluate_on)),
                );
                let begins = item(party, facts.begins_on);
                self.waits(Kind::MeasureBegins, facts.measure, begins);
            }
            Event::MeasureChanged(facts) => {
                let party = Some(facts.responsible);
                self.moved(
                    Kind::MeasureEvaluation,
                    facts.measure,
                    item(party, Some(facts.evaluate_on)),
                );
                let begins = item(party, facts.begins_on);
                self.moved(Kind::MeasureBegins, facts.measure, begins);
            }
            Event::MeasureBegun(facts) => self.settled(Kind::MeasureBegins, facts.measure),
            Event::MeasureEvaluated(facts) => {
                let next = item(None, Some(facts.evaluate_on));
                self.moved(Kind::MeasureEvaluation, facts.measure, next);
            }
            Event::MeasureEnded(facts) => {
                self.settled(Kind::MeasureBegins, facts.measure);
                self.settled(Kind::MeasureEvaluation, facts.measure);
            }
            _ => {}
        }
    }

    /// Once begun, a sending waits until it has succeeded, or its packed copy is destroyed; once sent, the password waits to be conveyed and the receipt to be
    /// confirmed; the packed copy waits to be destroyed until it is.
    fn take_in_transmission(&mut self, event: &Event, recorded_at: Timestamp) {
        let on = |day| Item {
            on: Some(day),
            ..Item::default()
        };
        match event {
            Event::TransmissionPrepared(facts) => {
                self.waits(
                    Kind::WorkingCopyToDestroy,
                    facts.transmission,
                    on(facts.destroy_by),
                );
            }
            Event::TransmissionSending(facts) => {
                let item = Item {
                    at: Some(recorded_at),
                    ..Item::default()
                };
                // The attempt before has failed, or nothing became known of it.
                if facts.attempt > 1 {
                    self.moved(Kind::SendingUnderWay, facts.transmission, item);
                } else {
                    self.waits(Kind::SendingUnderWay, facts.transmission, item);
                }
            }
            Event::TransmissionSent(facts) => {
                self.settled(Kind::SendingUnderWay, facts.transmission);
                self.waits(
                    Kind::PasswordToConvey,
                    facts.transmission,
                    on(facts.password_by),
                );
                self.waits(
                    Kind::ReceiptAwaited,
                    facts.transmission,
                    on(facts.receipt_by),
                );
            }
            Event::PasswordConveyed(facts) => {
                self.settled(Kind::PasswordToConvey, facts.transmission);
            }
            Event::TransmissionReceived(facts) => {
                self.settled(Kind::ReceiptAwaited, facts.transmission);
            }
            Event::WorkingCopyDestroyed(facts) => {
                self.settled(Kind::SendingUnderWay, facts.transmission);
                self.settled(Kind::WorkingCopyToDestroy, facts.transmission);
            }
            _ => {}
        }
    }

    fn take_in_other(&mut self, event: &Event) {
        let at = |at| Item {
            at: Some(at),
            ..Item::default()
        };
        match event {
            Event::MeetingPlanned(facts) => self.waits(Kind::Meeting, facts.meeting, at(facts.at)),
            Event::MeetingMoved(facts) => self.moved(Kind::Meeting, facts.meeting, at(facts.at)),
            Event::MeetingHeld(facts) => self.settled(Kind::Meeting, facts.meeting),
            Event::MeetingCancelled(facts) => self.settled(Kind::Meeting, facts.meeting),
            // What was agreed without a day waits for no day.
            Event::AgreementMade(facts) if facts.due.is_some() => {
                let item = Item {
                    party: facts.responsible,
                    on: facts.due,
                    at: None,
                };
                self.waits(Kind::AgreementDue, facts.agreement, item);
            }
            Event::AgreementSettled(facts) => self.settled(Kind::AgreementDue, facts.agreement),
            Event::BatonOffered(facts) => {
                let item = Item {
                    party: Some(facts.to),
                    ..Item::default()
                };
                self.waits(Kind::HandoverWaiting, facts.handover, item);
            }
            Event::BatonAccepted(facts) => self.settled(Kind::HandoverWaiting, facts.handover),
            Event::BatonDeclined(facts) => self.settled(Kind::HandoverWaiting, facts.handover),
            Event::HoldPlaced(facts) => self.waits(Kind::Hold, facts.hold, Item::default()),
            Event::HoldLifted(facts) => self.settled(Kind::Hold, facts.hold),
            _ => {}
        }
    }
}
