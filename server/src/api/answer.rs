//! What commands and readings answer with.

use axum::{
    Json,
    http::{
        HeaderMap, HeaderValue, StatusCode,
        header::{ETAG, LOCATION},
    },
    response::{IntoResponse, Response},
};
use chrono::{DateTime, Utc};
use ledger_core::{
    events::Event,
    ids::{
        AccountId, AgreementId, CaseId, ConsentId, CorrectionId, Digest, DocumentId, EmergencyId,
        HandoverId, HoldId, InvitationId, MeasureId, MeetingId, NoteId, OrganisationId, PartyId,
        Position, ProfileId, ReferralId, RoundId, TransmissionId, WebhookId,
    },
    ledger::{Answered, Executed},
    store::Appended,
};
use serde::Serialize;
use utoipa::ToSchema;

use super::schemas;

/// What a command has brought about. A repeated request answers as the first did, from what stands in the ledger.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Done {
    /// The position of its first event.
    #[schema(value_type = u64, example = 41)]
    position: Position,
    /// How many events it has; they follow each other.
    #[schema(example = 1)]
    events: u64,
    /// When they were recorded.
    #[serde(skip_serializing_if = "Option::is_none")]
    recorded_at: Option<DateTime<Utc>>,
    /// The version of the case, or of whatever was changed, since then; also the ETag.
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<u64>,
    /// Where the receipt of the first event is.
    #[schema(example = "/v1/ledger/receipts/41")]
    receipt: String,
    /// The things that it made or changed.
    #[serde(flatten)]
    made: Made,
}

/// The ids of what a command made or changed.
#[derive(Debug, Default, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Made {
    /// The case.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<schemas::Id>)]
    case_id: Option<CaseId>,
    /// The party; where a case was opened, that of whoever opened it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<schemas::Id>)]
    party_id: Option<PartyId>,
    /// The consent.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<schemas::Id>)]
    consent_id: Option<ConsentId>,
    /// The note.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<schemas::Id>)]
    note_id: Option<NoteId>,
    /// The document.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<schemas::Id>)]
    document_id: Option<DocumentId>,
    /// The measure.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<schemas::Id>)]
    measure_id: Option<MeasureId>,
    /// The meeting.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<schemas::Id>)]
    meeting_id: Option<MeetingId>,
    /// The agreement: with the family, or signed by an organisation.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<schemas::Id>)]
    agreement_id: Option<AgreementId>,
    /// The offer of the baton.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<schemas::Id>)]
    handover_id: Option<HandoverId>,
    /// The service that takes part in the case.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<schemas::Id>)]
    service: Option<OrganisationId>,
    /// The legal hold.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<schemas::Id>)]
    hold_id: Option<HoldId>,
    /// The emergency.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<schemas::Id>)]
    emergency_id: Option<EmergencyId>,
    /// The consultation round.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<schemas::Id>)]
    round_id: Option<RoundId>,
    /// The invitation.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<schemas::Id>)]
    invitation_id: Option<InvitationId>,
    /// The referral.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<schemas::Id>)]
    referral_id: Option<ReferralId>,
    /// The transmission.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<schemas::Id>)]
    transmission_id: Option<TransmissionId>,
    /// The correction.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<schemas::Id>)]
    correction_id: Option<CorrectionId>,
    /// The organisation.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<schemas::Id>)]
    organisation_id: Option<OrganisationId>,
    /// The account.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<schemas::Id>)]
    account_id: Option<AccountId>,
    /// The webhook.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<schemas::Id>)]
    webhook_id: Option<WebhookId>,
    /// The profile.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<schemas::ProfileName>)]
    profile: Option<ProfileId>,
    /// What an erasure destroyed.
    #[serde(skip_serializing_if = "Option::is_none")]
    erased: Option<ErasedCounts>,
    /// From then on no backup can hold what was destroyed either.
    #[serde(skip_serializing_if = "Option::is_none")]
    backups_end: Option<DateTime<Utc>>,
}

/// What an erasure destroyed.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ErasedCounts {
    /// Keys.
    keys: u64,
    /// Contents.
    contents: u64,
}

impl Made {
    fn by(events: &[Event]) -> Self {
        let mut made = Self::default();
        for event in events {
            made.take(event);
        }
        made
    }

    fn take(&mut self, event: &Event) {
        match event {
            Event::PartyAdded(facts) => self.party_id = Some(facts.party),
            Event::PartyRemoved(facts) => self.party_id = Some(facts.party),
            Event::TaskAssigned(facts) => self.party_id = Some(facts.party),
            Event::CameOfAge(facts) => self.party_id = Some(facts.party),
            Event::ServiceAdded(facts) => self.service = Some(facts.service),
            Event::ServiceRemoved(facts) => self.service = Some(facts.service),
            Event::BatonOffered(facts) => self.handover_id = Some(facts.handover),
            Event::BatonAccepted(facts) => self.handover_id = Some(facts.handover),
            Event::BatonDeclined(facts) => self.handover_id = Some(facts.handover),
            Event::ConsentGiven(facts) => self.consent_id = Some(facts.consent),
            Event::ConsentWithdrawn(facts) => self.consent_id = Some(facts.consent),
            Event::ConsentInvalidated(facts) => self.consent_id = Some(facts.consent),
            Event::NoteAdded(facts) => self.note_id = Some(facts.note),
            Event::DocumentAdded(facts) => self.document_id = Some(facts.document),
            Event::EntryCorrected(facts) => self.correction_id = Some(facts.correction),
            Event::HoldPlaced(facts) => self.hold_id = Some(facts.hold),
            Event::HoldLifted(facts) => self.hold_id = Some(facts.hold),
            Event::GlassBroken(facts) => self.emergency_id = Some(facts.emergency),
            Event::GlassMended(facts) => self.emergency_id = Some(facts.emergency),
            Event::RoundOpened(facts) => self.round_id = Some(facts.round),
            Event::RoundEnded(facts) => self.round_id = Some(facts.round),
            Event::GuestInvited(facts) => self.invitation_id = Some(facts.invitation),
            Event::InvitationAccepted(facts) => self.invitation_id = Some(facts.invitation),
            Event::GuestConfirmed(facts) => self.invitation_id = Some(facts.invitation),
            Event::InvitationRevoked(facts) => self.invitation_id = Some(facts.invitation),
            Event::ContentRedacted(facts) => self.backups_end = Some(facts.backups_end),
            Event::CaseErased(facts) => {
                self.backups_end = Some(facts.backups_end);
                self.erased = Some(ErasedCounts {
                    keys: facts.keys,
                    contents: facts.contents,
                });
            }
            _ => {
                self.take_of_plan(event);
                self.take_of_directory(event);
            }
        }
    }

    fn take_of_plan(&mut self, event: &Event) {
        match event {
            Event::MeasurePlanned(facts) => self.measure_id = Some(facts.measure),
            Event::MeasureBegun(facts) => self.measure_id = Some(facts.measure),
            Event::MeasureChanged(facts) => self.measure_id = Some(facts.measure),
            Event::MeasureEvaluated(facts) => self.measure_id = Some(facts.measure),
            Event::MeasureEnded(facts) => self.measure_id = Some(facts.measure),
            Event::MeetingPlanned(facts) => self.meeting_id = Some(facts.meeting),
            Event::MeetingMoved(facts) => self.meeting_id = Some(facts.meeting),
            Event::MeetingHeld(facts) => self.meeting_id = Some(facts.meeting),
            Event::MeetingCancelled(facts) => self.meeting_id = Some(facts.meeting),
            Event::AgreementMade(facts) => self.agreement_id = Some(facts.agreement),
            Event::AgreementSettled(facts) => self.agreement_id = Some(facts.agreement),
            Event::ReferralMade(facts) => self.referral_id = Some(facts.referral),
            Event::TransmissionPrepared(facts) => {
                self.referral_id = Some(facts.referral);
                self.transmission_id = Some(facts.transmission);
                // The form, not the print.
                self.document_id = Some(facts.form);
            }
            Event::TransmissionSending(facts) => self.transmission_id = Some(facts.transmission),
            Event::TransmissionSent(facts) => self.transmission_id = Some(facts.transmission),
            Event::TransmissionFailed(facts) => self.transmission_id = Some(facts.transmission),
            Event::PasswordConveyed(facts) => self.transmission_id = Some(facts.transmission),
            Event::TransmissionReceived(facts) => self.transmission_id = Some(facts.transmission),
            Event::WorkingCopyDestroyed(facts) => self.transmission_id = Some(facts.transmission),
            _ => {}
        }
    }

    fn take_of_directory(&mut self, event: &Event) {
        match event {
            Event::OrganisationRegistered(facts) => self.organisation_id = Some(facts.organisation),
            Event::AgreementSigned(facts) => self.agreement_id = Some(facts.agreement),
            Event::AgreementEnded(facts) => self.agreement_id = Some(facts.agreement),
            Event::AccountActivated(facts) => self.account_id = Some(facts.account),
            Event::AccountDeactivated(facts) => self.account_id = Some(facts.account),
            Event::RoleAssigned(facts) => self.account_id = Some(facts.account),
            Event::RoleEnded(facts) => self.account_id = Some(facts.account),
            Event::ContactSet(facts) => self.account_id = Some(facts.account),
            Event::NotificationPreferencesSet(facts) => self.account_id = Some(facts.account),
            Event::WebhookAdded(facts) => self.webhook_id = Some(facts.webhook),
            Event::WebhookRemoved(facts) => self.webhook_id = Some(facts.webhook),
            Event::ProfileAdopted(facts) => self.profile = Some(facts.profile.clone()),
            _ => {}
        }
    }
}

impl Done {
    pub(super) fn of(executed: &Executed) -> Self {
        Self {
            position: executed.first,
            events: executed.count,
            recorded_at: executed.recorded_at,
            version: executed.version,
            receipt: receipt_of(executed.first),
            made: Made {
                case_id: executed.case,
                ..Made::by(&executed.decided)
            },
        }
    }
}

fn receipt_of(position: Position) -> String {
    format!("/v1/ledger/receipts/{position}")
}

/// Something was made. Where it can be read, says where.
pub(super) fn created(executed: &Executed) -> Response {
    let done = Done::of(executed);
    let location = match (&done.made.case_id, &done.made.document_id) {
        (Some(case), Some(document)) => Some(format!("/v1/cases/{case}/documents/{document}")),
        (Some(case), None) => Some(format!("/v1/cases/{case}")),
        _ => None,
    };
    let mut response = answered(StatusCode::CREATED, done.version, done);
    let location = location.and_then(|path| HeaderValue::try_from(path).ok());
    if let Some(location) = location {
        response.headers_mut().insert(LOCATION, location);
    }
    response
}

/// Something was made, and the answer says more than what was done.
pub(super) fn created_with<T: Serialize>(
    executed: &Executed,
    answer: impl FnOnce(Done) -> T,
) -> Response {
    let done = Done::of(executed);
    let headers = etag(done.version);
    (StatusCode::CREATED, headers, Json(answer(done))).into_response()
}

/// Something was made that cannot be read by itself.
pub(super) fn made(executed: &Executed) -> Response {
    answered(StatusCode::CREATED, executed.version, Done::of(executed))
}

/// Something was changed in a case that the caller may not know of: which case is left out, and how far it has come.
pub(super) fn done_unseen(executed: &Executed) -> Response {
    let done = Done {
        version: None,
        made: Made {
            case_id: None,
            ..Made::by(&executed.decided)
        },
        ..Done::of(executed)
    };
    answered(StatusCode::OK, None, done)
}

/// Something was changed.
pub(super) fn done(executed: &Executed) -> Response {
    answered(StatusCode::OK, executed.version, Done::of(executed))
}

pub(super) fn answered<T: Serialize>(
    status: StatusCode,
    version: Option<u64>,
    done: T,
) -> Response {
    let headers = etag(version);
    (status, headers, Json(done)).into_response()
}

/// The version as an ETag. It is strong: whatever changes a case changes its version.
fn etag(version: Option<u64>) -> HeaderMap {
    let mut headers = HeaderMap::new();
    if let Some(value) =
        version.and_then(|version| HeaderValue::try_from(format!("\"{version}\"")).ok())
    {
        headers.insert(ETAG, value);
    }
    headers
}

/// The view that stands in the ledger for a reading.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct View {
    /// Where it stands.
    #[schema(value_type = u64, example = 57)]
    position: Position,
    /// When.
    recorded_at: DateTime<Utc>,
    /// Where its receipt is.
    #[schema(example = "/v1/ledger/receipts/57")]
    receipt: String,
}

impl From<&Appended> for View {
    fn from(appended: &Appended) -> Self {
        Self {
            position: appended.first,
            recorded_at: appended.recorded_at,
            receipt: receipt_of(appended.first),
        }
    }
}

/// The event that an auditor's answer left, and what the answer rests on: enough for anyone to check it.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct AnswerView {
    /// The event.
    #[serde(flatten)]
    view: View,
    /// The ledger that the answer was computed over: all events up to that one.
    over: OverView,
    /// The positions of the events that the answer cites, in order; `/v1/ledger/receipts/{position}` proves each.
    #[schema(value_type = Vec<u64>)]
    cited: Vec<Position>,
}

/// A ledger at one size.
#[derive(Debug, Serialize, ToSchema)]
struct OverView {
    /// How many events.
    size: u64,
    /// The root of their Merkle tree (RFC 6962).
    #[schema(value_type = schemas::Hash)]
    root: Digest,
}

impl AnswerView {
    /// Of an answer that cites these positions.
    pub(super) fn of(answered: &Answered, cited: Vec<Position>) -> Self {
        Self {
            view: View::from(&answered.event),
            over: OverView {
                size: answered.over.size,
                root: answered.over.root,
            },
            cited,
        }
    }
}

/// A reading of something that has a version.
pub(super) fn shown(version: u64, body: impl Serialize) -> Response {
    (etag(Some(version)), Json(body)).into_response()
}
