//! What a batch of events changes in the list, folded to one change a case and laid out in columns, as the statements
//! take them.

use std::collections::BTreeMap;

use ledger_core::{
    clock::Timestamp,
    events::{CaseOpened, Event, PartyAdded},
    ids::{CaseId, Code, OrganisationId, PartyId, StreamId},
    store::Recorded,
};

use crate::rows::bigint;

/// What a batch changes.
pub(super) struct Changes<'a>(BTreeMap<CaseId, Change<'a>>);

/// What a batch changes in one case.
#[derive(Default)]
struct Change<'a> {
    opened: Option<(&'a CaseOpened, Timestamp)>,
    status: Option<&'a Code>,
    /// The unit that it went over to with the baton (V13).
    unit: Option<OrganisationId>,
    /// That it was closed, and when; or that it was reopened.
    #[expect(
        clippy::option_option,
        reason = "that nothing was said is not that it was reopened"
    )]
    closed_at: Option<Option<Timestamp>>,
    last_position: i64,
    erased: bool,
    /// A member of staff who came, or a party that left.
    parties: BTreeMap<PartyId, Option<&'a PartyAdded>>,
    /// The roles that parties have since the baton went from one to the other.
    roles: BTreeMap<PartyId, &'a Code>,
}

/// New cases. The columns of all these have one length.
#[derive(Default)]
pub(super) struct OpenedRows {
    pub(super) cases: Vec<String>,
    pub(super) profiles: Vec<String>,
    pub(super) units: Vec<String>,
    pub(super) statuses: Vec<String>,
    pub(super) opened_at: Vec<Timestamp>,
    pub(super) closed_at: Vec<Option<Timestamp>>,
    pub(super) last_positions: Vec<i64>,
    pub(super) receivers: Vec<Option<String>>,
    pub(super) request_kinds: Vec<Option<String>>,
}

/// Cases that were there before; what has no new value keeps the old one.
#[derive(Default)]
pub(super) struct ChangedRows {
    pub(super) cases: Vec<String>,
    pub(super) statuses: Vec<Option<String>>,
    pub(super) units: Vec<Option<String>>,
    /// Whether `closed_at` says something new: nothing, for a case that was reopened.
    pub(super) closed_or_reopened: Vec<bool>,
    pub(super) closed_at: Vec<Option<Timestamp>>,
    pub(super) last_positions: Vec<i64>,
}

/// Parties that left.
#[derive(Default)]
pub(super) struct RemovedRows {
    pub(super) cases: Vec<String>,
    pub(super) parties: Vec<String>,
}

/// Members who were there before, and have another role now.
#[derive(Default)]
pub(super) struct RoleRows {
    pub(super) cases: Vec<String>,
    pub(super) parties: Vec<String>,
    pub(super) roles: Vec<String>,
}

/// Members of staff who came.
#[derive(Default)]
pub(super) struct AddedRows {
    pub(super) cases: Vec<String>,
    pub(super) parties: Vec<String>,
    pub(super) accounts: Vec<String>,
    pub(super) roles: Vec<String>,
    pub(super) services: Vec<Option<String>>,
}

impl<'a> Changes<'a> {
    pub(super) fn of(batch: &'a [Recorded]) -> Self {
        let mut changes = BTreeMap::<CaseId, Change<'a>>::new();
        for recorded in batch {
            if let StreamId::Case(case) = recorded.envelope.stream {
                changes.entry(case).or_default().take_in(recorded);
            }
        }
        Self(changes)
    }

    pub(super) fn erased(&self) -> Vec<String> {
        self.0
            .iter()
            .filter(|(_, change)| change.erased)
            .map(|(case, _)| case.to_string())
            .collect()
    }

    pub(super) fn opened(&self) -> OpenedRows {
        let mut rows = OpenedRows::default();
        for (case, change) in self.listed() {
            if let Some((facts, at)) = change.opened {
                rows.cases.push(case.to_string());
                rows.profiles.push(facts.profile.to_string());
                rows.units
                    .push(change.unit.unwrap_or(facts.unit).to_string());
                let status = change.status.unwrap_or(&facts.status);
                rows.statuses.push(status.to_string());
                rows.opened_at.push(at);
                rows.closed_at.push(change.closed_at.flatten());
                rows.last_positions.push(change.last_position);
                rows.receivers
                    .push(facts.submitted_to.map(|receiver| receiver.to_string()));
                rows.request_kinds
                    .push(facts.kind.as_ref().map(Code::to_string));
            }
        }
        rows
    }

    pub(super) fn changed(&self) -> ChangedRows {
        let mut rows = ChangedRows::default();
        for (case, change) in self.listed() {
            if change.opened.is_none() {
                rows.cases.push(case.to_string());
                rows.statuses.push(change.status.map(Code::to_string));
                rows.units.push(change.unit.map(|unit| unit.to_string()));
                rows.closed_or_reopened.push(change.closed_at.is_some());
                rows.closed_at.push(change.closed_at.flatten());
                rows.last_positions.push(change.last_position);
            }
        }
        rows
    }

    pub(super) fn removed(&self) -> RemovedRows {
        let mut rows = RemovedRows::default();
        for (case, party, added) in self.parties() {
            if added.is_none() {
                rows.cases.push(case.to_string());
                rows.parties.push(party.to_string());
            }
        }
        rows
    }

    pub(super) fn roles(&self) -> RoleRows {
        let mut rows = RoleRows::default();
        for (case, change) in self.listed() {
            let before = change.roles.iter();
            // Who came or left in this batch is written, or deleted, as a whole.
            for (party, role) in before.filter(|(party, _)| !change.parties.contains_key(party)) {
                rows.cases.push(case.to_string());
                rows.parties.push(party.to_string());
                rows.roles.push(role.to_string());
            }
        }
        rows
    }

    pub(super) fn added(&self) -> AddedRows {
        let mut rows = AddedRows::default();
        for (case, party, added) in self.parties() {
            if let Some(added) = added
                && let Some(account) = added.staff
            {
                let role = self.0[case].roles.get(party).copied();
                rows.cases.push(case.to_string());
                rows.parties.push(party.to_string());
                rows.accounts.push(account.to_string());
                rows.roles.push(role.unwrap_or(&added.role).to_string());
                let service = added.service.map(|service| service.to_string());
                rows.services.push(service);
            }
        }
        rows
    }

    /// Cases that are still there when the batch ends.
    fn listed(&self) -> impl Iterator<Item = (&CaseId, &Change<'a>)> {
        self.0.iter().filter(|(_, change)| !change.erased)
    }

    fn parties(&self) -> impl Iterator<Item = (&CaseId, &PartyId, Option<&'a PartyAdded>)> {
        self.listed().flat_map(|(case, change)| {
            let parties = change.parties.iter();
            parties.map(move |(party, added)| (case, party, *added))
        })
    }
}

impl<'a> Change<'a> {
    /// Takes in one more event of the case's own stream. Has no `_` arm, so that a new event type is not forgotten.
    #[expect(clippy::too_many_lines, reason = "one line an event")]
    fn take_in(&mut self, recorded: &'a Recorded) {
        self.last_position = bigint(recorded.position.0);
        let at = recorded.envelope.recorded_at;
        match &recorded.event {
            Event::CaseOpened(facts) => self.opened = Some((facts, at)),
            Event::StatusChanged(facts) => self.status = Some(&facts.to),
            Event::CaseClosed(_) => self.closed_at = Some(Some(at)),
            Event::CaseReopened(_) => self.closed_at = Some(None),
            Event::BatonAccepted(facts) => {
                self.roles.insert(facts.from, &facts.former_role);
                self.roles.insert(facts.to, &facts.role);
                self.unit = facts.unit.or(self.unit);
            }
            Event::PartyAdded(facts) => {
                self.parties.insert(facts.party, Some(facts));
            }
            Event::PartyRemoved(facts) => {
                self.parties.insert(facts.party, None);
            }
            Event::ErasureStarted(_) | Event::CaseErased(_) => self.erased = true,
            // Of a case's life, but of no use for finding it.
            Event::ConsentGiven(_)
            | Event::ConsentWithdrawn(_)
            | Event::NoteAdded(_)
            | Event::CaseImported(_)
            | Event::EntryImported(_)
            | Event::DocumentAdded(_)
            | Event::ContentRedacted(_)
            | Event::OpeningCleared(_)
            | Event::ConsentInvalidated(_)
            | Event::SituationChanged(_)
            | Event::ConsentDeclined(_)
            | Event::ClosingAgreed(_)
            | Event::ClosingAgreementTakenBack(_)
            | Event::CameOfAge(_)
            | Event::ServiceAdded(_)
            | Event::ServiceRemoved(_)
            | Event::TaskAssigned(_)
            | Event::BatonOffered(_)
            | Event::BatonDeclined(_)
            | Event::MeasurePlanned(_)
            | Event::MeasureBegun(_)
            | Event::MeasureChanged(_)
            | Event::MeasureEvaluated(_)
            | Event::MeasureEnded(_)
            | Event::MeetingPlanned(_)
            | Event::MeetingMoved(_)
            | Event::MeetingHeld(_)
            | Event::MeetingCancelled(_)
            | Event::AgreementMade(_)
            | Event::AgreementSettled(_)
            | Event::InformationGiven(_)
            | Event::ReferralMade(_)
            | Event::TransmissionPrepared(_)
            | Event::TransmissionSending(_)
            | Event::TransmissionSent(_)
            | Event::TransmissionFailed(_)
            | Event::PasswordConveyed(_)
            | Event::TransmissionReceived(_)
            | Event::WorkingCopyDestroyed(_)
            | Event::EntryCorrected(_)
            | Event::CaseRested(_)
            | Event::CaseResumed(_)
            | Event::HoldPlaced(_)
            | Event::HoldLifted(_)
            | Event::GlassBroken(_)
            | Event::GlassMended(_)
            | Event::RoundOpened(_)
            | Event::RoundEnded(_)
            | Event::GuestInvited(_)
            | Event::InvitationAccepted(_)
            | Event::GuestConfirmed(_)
            | Event::InvitationRevoked(_)
            | Event::PackageBuilt(_)
            | Event::CaseArchived(_)
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
}
