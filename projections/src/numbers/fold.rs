//! What a batch of events changes in what is counted, folded to one change a case and laid out in columns.

use std::collections::{BTreeMap, BTreeSet};

use ledger_core::{
    clock::Timestamp,
    events::{CaseOpened, Event},
    ids::{CaseId, Code, ConsentId, MeasureId, OrganisationId, StreamId},
    store::Recorded,
};

/// What a batch changes.
pub(super) struct Changes<'a>(BTreeMap<CaseId, Change<'a>>);

/// What a batch changes in one case.
#[derive(Default)]
struct Change<'a> {
    opened: Option<(&'a CaseOpened, Timestamp)>,
    status: Option<&'a Code>,
    unit: Option<OrganisationId>,
    first_measure_at: Option<Timestamp>,
    ended: BTreeMap<MeasureId, &'a Code>,
    withdrawn: BTreeSet<ConsentId>,
    erased: bool,
}

/// Cases, new or changed; what has no new value keeps the old one. The columns have one length.
#[derive(Default)]
pub(super) struct CaseRows {
    pub(super) cases: Vec<String>,
    pub(super) profiles: Vec<Option<String>>,
    pub(super) units: Vec<Option<String>>,
    pub(super) statuses: Vec<Option<String>>,
    pub(super) opened_at: Vec<Option<Timestamp>>,
    pub(super) first_measure_at: Vec<Option<Timestamp>>,
}

/// Case, measure and effect of measures that ended.
pub(super) type EndedRows = (Vec<String>, Vec<String>, Vec<String>);

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
        let cases = self.0.iter();
        cases
            .filter(|(_, change)| change.erased)
            .map(|(case, _)| case.to_string())
            .collect()
    }

    /// New cases, if `opened`; otherwise those that were there before.
    pub(super) fn cases(&self, opened: bool) -> CaseRows {
        let mut rows = CaseRows::default();
        for (case, change) in self.listed() {
            let is_changed = change.status.is_some()
                || change.unit.is_some()
                || change.first_measure_at.is_some();
            if change.opened.is_some() != opened || !(opened || is_changed) {
                continue;
            }
            let facts = change.opened.map(|(facts, _)| facts);
            let unit = change.unit.or(facts.map(|facts| facts.unit));
            let status = change.status.or(facts.map(|facts| &facts.status));
            rows.cases.push(case.to_string());
            rows.profiles
                .push(facts.map(|facts| facts.profile.to_string()));
            rows.units.push(unit.map(|unit| unit.to_string()));
            rows.statuses.push(status.map(Code::to_string));
            rows.opened_at.push(change.opened.map(|(_, at)| at));
            rows.first_measure_at.push(change.first_measure_at);
        }
        rows
    }

    pub(super) fn measures_ended(&self) -> EndedRows {
        let mut rows = EndedRows::default();
        for (case, change) in self.listed() {
            for (measure, effect) in &change.ended {
                rows.0.push(case.to_string());
                rows.1.push(measure.to_string());
                rows.2.push(effect.to_string());
            }
        }
        rows
    }

    /// Case and consent of those that were withdrawn.
    pub(super) fn consents_withdrawn(&self) -> (Vec<String>, Vec<String>) {
        let withdrawn = self.listed().flat_map(|(case, change)| {
            let withdrawn = change.withdrawn.iter();
            withdrawn.map(|consent| (case.to_string(), consent.to_string()))
        });
        withdrawn.unzip()
    }

    /// Cases that are still there when the batch ends.
    fn listed(&self) -> impl Iterator<Item = (&CaseId, &Change<'a>)> {
        self.0.iter().filter(|(_, change)| !change.erased)
    }
}

impl<'a> Change<'a> {
    /// Takes in one more event of the case's own stream. Has no `_` arm, so that a new event type is not forgotten.
    #[expect(clippy::too_many_lines, reason = "one line an event")]
    fn take_in(&mut self, recorded: &'a Recorded) {
        let at = recorded.envelope.recorded_at;
        match &recorded.event {
            Event::CaseOpened(facts) => self.opened = Some((facts, at)),
            Event::StatusChanged(facts) => self.status = Some(&facts.to),
            Event::BatonAccepted(facts) => self.unit = facts.unit.or(self.unit),
            Event::MeasureBegun(_) => {
                self.first_measure_at.get_or_insert(at);
            }
            Event::MeasureEnded(facts) => {
                self.ended.insert(facts.measure, &facts.effect);
            }
            Event::ConsentWithdrawn(facts) => {
                self.withdrawn.insert(facts.consent);
            }
            Event::ErasureStarted(_) | Event::CaseErased(_) => self.erased = true,
            // Not counted.
            Event::CaseClosed(_)
            | Event::CaseReopened(_)
            | Event::CaseArchived(_)
            | Event::CaseRested(_)
            | Event::CaseResumed(_)
            | Event::PartyAdded(_)
            | Event::PartyRemoved(_)
            | Event::ConsentGiven(_)
            | Event::ConsentInvalidated(_)
            | Event::NoteAdded(_)
            | Event::CaseImported(_)
            | Event::EntryImported(_)
            | Event::DocumentAdded(_)
            | Event::ContentRedacted(_)
            | Event::OpeningCleared(_)
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
            | Event::MeasureChanged(_)
            | Event::MeasureEvaluated(_)
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
