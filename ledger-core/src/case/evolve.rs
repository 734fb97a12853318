//! What each event changes in a case.

use super::{
    BrokenGlass, Case, Clearance, Consent, CurrentStatus, Declined, Document, Erasure, Handover,
    Imported, LegalHold, Note, Opened, Party, ServiceTakingPart,
};
use crate::{
    clock::Timestamp,
    events::{ConsentGiven, Event},
    ids::{AccountId, HandoverId, Position},
    store::Recorded,
};

impl Case {
    /// Takes in one more event of the case's own stream. `family` is the account behind a family member who is
    /// added, where the content could be opened. Has no `_` arm, so that a new event type is not forgotten here.
    pub fn evolve(&mut self, recorded: &Recorded, family: Option<AccountId>) {
        let position = recorded.position;
        if recorded.envelope.content_commitment.is_some() {
            self.with_content.insert(position);
        }
        match &recorded.event {
            Event::OpeningCleared(_)
            | Event::CaseOpened(_)
            | Event::CaseImported(_)
            | Event::EntryImported(_)
            | Event::StatusChanged(_)
            | Event::SituationChanged(_)
            | Event::ClosingAgreed(_)
            | Event::ClosingAgreementTakenBack(_)
            | Event::CaseClosed(_)
            | Event::CaseReopened(_)
            | Event::PackageBuilt(_)
            | Event::CaseArchived(_)
            | Event::ErasureStarted(_)
            | Event::CaseErased(_)
            // The status says it.
            | Event::CaseRested(_)
            | Event::CaseResumed(_) => self.evolve_course(recorded),
            Event::PartyAdded(_)
            | Event::PartyRemoved(_)
            | Event::CameOfAge(_)
            | Event::TaskAssigned(_)
            | Event::ServiceAdded(_)
            | Event::ServiceRemoved(_)
            | Event::BatonOffered(_)
            | Event::BatonAccepted(_)
            | Event::BatonDeclined(_) => self.evolve_people(recorded, family),
            Event::ConsentGiven(_)
            | Event::ConsentWithdrawn(_)
            | Event::ConsentDeclined(_)
            | Event::ConsentInvalidated(_) => self.evolve_consents(recorded),
            Event::MeasurePlanned(_)
            | Event::MeasureBegun(_)
            | Event::MeasureChanged(_)
            | Event::MeasureEvaluated(_)
            | Event::MeasureEnded(_)
            | Event::MeetingPlanned(_)
            | Event::MeetingMoved(_)
            | Event::MeetingHeld(_)
            | Event::MeetingCancelled(_)
            | Event::AgreementMade(_)
            | Event::AgreementSettled(_) => self.plan.evolve(&recorded.event, position),
            Event::InformationGiven(_)
            | Event::ReferralMade(_)
            | Event::TransmissionPrepared(_)
            | Event::TransmissionSending(_)
            | Event::TransmissionSent(_)
            | Event::TransmissionFailed(_)
            | Event::PasswordConveyed(_)
            | Event::TransmissionReceived(_)
            | Event::WorkingCopyDestroyed(_) => self.handing_over.evolve(recorded),
            Event::NoteAdded(_)
            | Event::DocumentAdded(_)
            | Event::EntryCorrected(_)
            | Event::ContentRedacted(_) => self.evolve_entries(recorded),
            Event::RoundOpened(_)
            | Event::RoundEnded(_)
            | Event::GuestInvited(_)
            | Event::InvitationAccepted(_)
            | Event::GuestConfirmed(_)
            | Event::InvitationRevoked(_) => self.evolve_rounds(recorded),
            Event::HoldPlaced(_)
            | Event::HoldLifted(_)
            | Event::GlassBroken(_)
            | Event::GlassMended(_) => self.evolve_safeguards(recorded),
            // Of other streams.
            Event::LedgerOpened(_)
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

    fn evolve_course(&mut self, recorded: &Recorded) {
        let position = recorded.position;
        match &recorded.event {
            Event::OpeningCleared(facts) => {
                self.clearance = Some(Clearance {
                    position,
                    profile: facts.profile.clone(),
                    unit: facts.unit,
                    account: facts.account,
                });
            }
            Event::CaseOpened(facts) => {
                self.opened = Some(Opened {
                    position,
                    at: recorded.envelope.recorded_at,
                    profile: facts.profile.clone(),
                    unit: facts.unit,
                    unit_since: position,
                    kind: facts.kind.clone(),
                    submitted_to: facts.submitted_to,
                });
                self.status = Some(CurrentStatus {
                    code: facts.status.clone(),
                    since: position,
                    came_from: None,
                });
            }
            Event::CaseImported(facts) => {
                self.imported = Some(Imported {
                    position,
                    import: facts.import,
                    log: facts.log,
                    trace: facts.trace,
                    last_entry: 0,
                    entries: 0,
                });
            }
            Event::EntryImported(facts) => {
                if let Some(imported) = &mut self.imported {
                    imported.last_entry = facts.entry;
                    imported.entries += 1;
                }
            }
            Event::StatusChanged(facts) => {
                self.status = Some(CurrentStatus {
                    code: facts.to.clone(),
                    since: position,
                    came_from: Some(facts.from.clone()),
                });
            }
            Event::SituationChanged(_) => {
                self.changes.push((position, recorded.envelope.recorded_at));
            }
            Event::CaseClosed(_) => self.closed = Some(position),
            Event::ClosingAgreed(facts) => {
                let agrees = (facts.party, facts.reason.clone());
                self.closing.insert(agrees, position);
            }
            Event::ClosingAgreementTakenBack(facts) => {
                self.closing.remove(&(facts.party, facts.reason.clone()));
            }
            Event::CaseReopened(_) => {
                self.closed = None;
                self.closing.clear();
                self.reopened = Some(position);
            }
            Event::PackageBuilt(facts) => self.package = Some((position, facts.clone())),
            Event::CaseArchived(_) => self.archived = Some(position),
            Event::ErasureStarted(_) => self.erasure = Erasure::Started(position),
            Event::CaseErased(_) => {
                self.erasure = Erasure::Done(position);
                // Content, of which nothing is left: not in the memory of a service that has known it either, or it
                // would answer the family otherwise than one that has just begun.
                for party in self.parties.values_mut() {
                    party.family = None;
                }
            }
            _ => {}
        }
    }

    fn evolve_people(&mut self, recorded: &Recorded, family: Option<AccountId>) {
        let position = recorded.position;
        match &recorded.event {
            Event::PartyAdded(facts) => {
                let party = Party {
                    added: position,
                    role: facts.role.clone(),
                    role_since: position,
                    staff: facts.staff,
                    family,
                    service: facts.service,
                    of_age: None,
                    task: position,
                    removed: None,
                    removed_at: None,
                };
                self.parties.insert(facts.party, party);
            }
            Event::PartyRemoved(facts) => {
                if let Some(party) = self.parties.get_mut(&facts.party) {
                    party.removed = Some(position);
                    party.removed_at = Some(recorded.envelope.recorded_at);
                }
            }
            Event::CameOfAge(facts) => {
                if let Some(party) = self.parties.get_mut(&facts.party) {
                    party.of_age = Some(position);
                }
            }
            Event::TaskAssigned(facts) => {
                if let Some(party) = self.parties.get_mut(&facts.party) {
                    party.task = position;
                }
            }
            Event::ServiceAdded(facts) => {
                let service = ServiceTakingPart {
                    added: position,
                    removed: None,
                };
                self.services.insert(facts.service, service);
            }
            Event::ServiceRemoved(facts) => {
                if let Some(service) = self.services.get_mut(&facts.service) {
                    service.removed = Some(position);
                }
            }
            Event::BatonOffered(facts) => {
                let handover = Handover {
                    offered: position,
                    from: facts.from,
                    to: facts.to,
                    ended: None,
                };
                self.handovers.insert(facts.handover, handover);
            }
            Event::BatonAccepted(facts) => {
                for (party, role) in [(facts.from, &facts.former_role), (facts.to, &facts.role)] {
                    if let Some(party) = self.parties.get_mut(&party) {
                        party.role = role.clone();
                        party.role_since = position;
                    }
                }
                if let (Some(unit), Some(opened)) = (facts.unit, &mut self.opened) {
                    opened.unit = unit;
                    opened.unit_since = position;
                }
                self.end_handover(facts.handover, position);
            }
            Event::BatonDeclined(facts) => self.end_handover(facts.handover, position),
            _ => {}
        }
    }

    fn end_handover(&mut self, handover: HandoverId, position: Position) {
        if let Some(handover) = self.handovers.get_mut(&handover) {
            handover.ended = Some(position);
        }
    }

    fn evolve_consents(&mut self, recorded: &Recorded) {
        let position = recorded.position;
        match &recorded.event {
            Event::ConsentGiven(facts) => {
                self.take_consent(facts, position, recorded.envelope.recorded_at);
            }
            Event::ConsentWithdrawn(facts) => {
                if let Some(consent) = self.consents.get_mut(&facts.consent) {
                    consent.withdrawn = Some(position);
                }
            }
            Event::ConsentDeclined(facts) => self.declined.push(Declined {
                position,
                kind: facts.kind.clone(),
                by: facts.by,
                services: facts.services.iter().copied().collect(),
            }),
            Event::ConsentInvalidated(facts) => {
                if let Some(consent) = self.consents.get_mut(&facts.consent) {
                    consent.invalidated = Some(position);
                }
            }
            _ => {}
        }
    }

    /// Takes in a consent that was, or would be, recorded here and then.
    pub(super) fn take_consent(&mut self, facts: &ConsentGiven, given: Position, at: Timestamp) {
        self.declined
            .retain_mut(|declined| !declined.is_answered_by(facts));
        let renewed = facts.renews.and_then(|id| self.consents.get_mut(&id));
        if let Some(renewed) = renewed {
            renewed.renewed = Some((given, facts.valid_from, at));
        }
        let consent = Consent {
            given,
            given_at: at,
            kind: facts.kind.clone(),
            by: facts.by,
            form: facts.form.clone(),
            services: facts.services.iter().copied().collect(),
            valid_from: facts.valid_from,
            valid_through: facts.valid_through,
            renews: facts.renews,
            renewed: None,
            withdrawn: None,
            invalidated: None,
        };
        self.consents.insert(facts.consent, consent);
    }

    fn evolve_entries(&mut self, recorded: &Recorded) {
        let position = recorded.position;
        match &recorded.event {
            Event::NoteAdded(facts) => {
                let note = Note {
                    added: position,
                    section: facts.section.clone(),
                };
                self.notes.insert(facts.note, note);
            }
            Event::DocumentAdded(facts) => {
                let document = Document {
                    added: position,
                    section: facts.section.clone(),
                    format: facts.format.clone(),
                    size_bytes: facts.size_bytes,
                    body_commitment: facts.body_commitment,
                    redacted: false,
                };
                self.documents.insert(facts.document, document);
            }
            Event::EntryCorrected(facts) => {
                let corrections = self.corrections.entry(facts.target).or_default();
                corrections.push(position);
            }
            Event::ContentRedacted(facts) => {
                self.redacted.extend(facts.targets.iter().copied());
                for document in &facts.documents {
                    if let Some(document) = self.documents.get_mut(document) {
                        document.redacted = true;
                    }
                }
            }
            _ => {}
        }
    }

    fn evolve_safeguards(&mut self, recorded: &Recorded) {
        let position = recorded.position;
        match &recorded.event {
            Event::HoldPlaced(facts) => {
                let hold = LegalHold {
                    placed: position,
                    lifted: None,
                };
                self.holds.insert(facts.hold, hold);
            }
            Event::HoldLifted(facts) => {
                if let Some(hold) = self.holds.get_mut(&facts.hold) {
                    hold.lifted = Some(position);
                }
            }
            Event::GlassBroken(facts) => {
                let broken = BrokenGlass {
                    broken: position,
                    account: facts.account,
                    from: recorded.envelope.recorded_at,
                    until: facts.until,
                    mended: None,
                };
                self.emergencies.insert(facts.emergency, broken);
            }
            Event::GlassMended(facts) => {
                if let Some(broken) = self.emergencies.get_mut(&facts.emergency) {
                    broken.mended = Some(position);
                }
            }
            _ => {}
        }
    }
}
