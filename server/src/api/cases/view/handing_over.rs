//! What the family was told, its referrals, and what was handed over on them.

use chrono::{DateTime, Utc};
use ledger_core::{
    case::{Sending, Transmission},
    events::{
        Event, InformationGivenContent, PasswordConveyedContent, ReferralMadeContent,
        TransmissionReceivedContent, TransmissionSendingContent,
    },
    ids::{Code, DocumentId, OrganisationId, PartyId, Position, ReferralId, TransmissionId},
};
use serde::Serialize;
use utoipa::ToSchema;

use super::seen::{EntryView, ReasonView, Seen};
use crate::api::schemas;

/// What somebody was told before they were asked to consent to it.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::api) struct InformationView {
    /// The party that was told.
    #[schema(value_type = schemas::Id)]
    to: PartyId,
    /// Of what.
    #[schema(value_type = Vec<schemas::CodeWord>, example = json!(["purpose", "to_whom"]))]
    items: Vec<Code>,
    /// The organisation that it was about.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<schemas::Id>)]
    about: Option<OrganisationId>,
    /// When they were told.
    told_at: DateTime<Utc>,
    /// What was said about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    remark: Option<String>,
    /// The entry.
    #[serde(flatten)]
    entry: EntryView,
}

/// A referral to another organisation.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::api) struct ReferralView {
    /// Its id.
    #[schema(value_type = schemas::Id)]
    referral_id: ReferralId,
    /// Which of the profile's kinds.
    #[schema(value_type = schemas::CodeWord, example = "psychosocial")]
    kind: Code,
    /// What the system calls this kind.
    #[schema(example = "psychosociale verwijzing")]
    kind_name: Option<String>,
    /// Which subtype of that kind.
    #[schema(value_type = schemas::CodeWord, example = "welfare_centre")]
    subtype: Code,
    /// What the system calls this subtype.
    #[schema(example = "welzijnscentrum")]
    subtype_name: Option<String>,
    /// Whether data are shared on it.
    shares_data: bool,
    /// To which organisation.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<schemas::Id>)]
    receiver: Option<OrganisationId>,
    /// What the family hopes for.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "Help with the rent.")]
    remark: Option<String>,
    /// What was handed over on it.
    transmissions: Vec<TransmissionView>,
    /// The entry.
    #[serde(flatten)]
    entry: EntryView,
}

/// Something that is handed over.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct TransmissionView {
    /// Its id; also what both sides call it.
    #[schema(value_type = schemas::Id)]
    transmission_id: TransmissionId,
    /// How far it has come: `prepared`, `sending` (begun, and nothing more is known), `failed`, `sent`,
    /// `password_conveyed`, `received`.
    #[schema(example = "sent")]
    state: &'static str,
    /// Whose data it holds.
    #[schema(value_type = Vec<schemas::Id>)]
    about: Vec<PartyId>,
    /// The form, a document of the case.
    #[schema(value_type = schemas::Id)]
    form: DocumentId,
    /// The print for the family, a document of the case.
    #[schema(value_type = schemas::Id)]
    print: DocumentId,
    /// How often it was tried to send it.
    attempts: u32,
    /// The newest attempt.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<AttemptView>)]
    attempt: Option<AttemptView>,
    /// Why the newest attempt failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<FailureView>)]
    failure: Option<FailureView>,
    /// When it was taken by the receiver's side.
    #[serde(skip_serializing_if = "Option::is_none")]
    sent_at: Option<DateTime<Utc>>,
    /// That the password was conveyed.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<ConveyedView>)]
    password_conveyed: Option<ConveyedView>,
    /// That the receiver has confirmed.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<ReasonView>)]
    received: Option<ReasonView>,
    /// When the packed copy was destroyed; while it is not there, the copy is.
    #[serde(skip_serializing_if = "Option::is_none")]
    working_copy_destroyed_at: Option<DateTime<Utc>>,
    /// The entry that prepared it.
    #[serde(flatten)]
    entry: EntryView,
}

/// An attempt to send.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct AttemptView {
    /// To which mailbox.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "aanmelding@voorbeeld.example")]
    mailbox: Option<String>,
    /// The part of the Message-ID before the `@`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "transmission.01ARZ3NDEKTSV4RRFFQ69G5FAV")]
    message_id: Option<String>,
    /// The entry.
    #[serde(flatten)]
    entry: EntryView,
}

/// Why a sending failed.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct FailureView {
    /// `refused`, `refused_for_now`, `unprotected`, `unreachable`, `unwritable`.
    #[schema(value_type = schemas::CodeWord, example = "refused_for_now")]
    code: Code,
    /// The reply code of the mail server, where it gave one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = 451)]
    reply: Option<u16>,
}

/// That a password was conveyed.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct ConveyedView {
    /// By which of the profile's channels.
    #[schema(value_type = schemas::CodeWord, example = "sms")]
    channel: Code,
    /// What the system calls this channel.
    #[schema(example = "sms")]
    channel_name: Option<String>,
    /// What was said about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    remark: Option<String>,
    /// The entry.
    #[serde(flatten)]
    entry: EntryView,
}

/// What was told to whom.
pub(super) fn information(seen: &Seen<'_>) -> Vec<InformationView> {
    let given = seen.events().filter_map(|recorded| {
        let Event::InformationGiven(facts) = &recorded.event else {
            return None;
        };
        Some(InformationView {
            to: facts.party,
            items: facts.items.clone(),
            about: facts.receiver,
            told_at: facts.told_at,
            remark: seen
                .content::<InformationGivenContent>(recorded.position)
                .map(|said| said.remark),
            entry: seen.entry(recorded),
        })
    });
    given.collect()
}

/// The referrals.
pub(in crate::api) fn referrals(seen: &Seen<'_>) -> Vec<ReferralView> {
    let made = seen.events().filter_map(|recorded| {
        let Event::ReferralMade(facts) = &recorded.event else {
            return None;
        };
        let transmissions = seen.case().handing_over.transmissions.iter();
        let own = transmissions.filter(|(_, known)| known.referral == facts.referral);
        Some(ReferralView {
            referral_id: facts.referral,
            kind: facts.kind.clone(),
            kind_name: seen.names.referral(&facts.kind),
            subtype: facts.subtype.clone(),
            subtype_name: seen.names.referral_subtype(&facts.kind, &facts.subtype),
            shares_data: facts.shares_data,
            receiver: facts.receiver,
            remark: seen
                .content::<ReferralMadeContent>(recorded.position)
                .map(|said| said.remark),
            transmissions: own
                .filter_map(|(id, known)| transmission(seen, *id, known))
                .collect(),
            entry: seen.entry(recorded),
        })
    });
    made.collect()
}

fn transmission(
    seen: &Seen<'_>,
    id: TransmissionId,
    known: &Transmission,
) -> Option<TransmissionView> {
    let state = match known.sending {
        _ if known.received.is_some() => "received",
        _ if known.password_conveyed.is_some() => "password_conveyed",
        Sending::NotTried => "prepared",
        Sending::UnderWay(_) => "sending",
        Sending::Failed(_) => "failed",
        Sending::Sent(_) => "sent",
    };
    let sent = match known.sending {
        Sending::Sent(position) => Some(position),
        _ => None,
    };
    Some(TransmissionView {
        transmission_id: id,
        state,
        about: known.about.iter().copied().collect(),
        form: known.form,
        print: known.print,
        attempts: known.attempts,
        attempt: attempt(seen, id),
        failure: failure(seen, known),
        sent_at: seen.recorded_at(sent),
        password_conveyed: known
            .password_conveyed
            .and_then(|position| conveyed(seen, position)),
        received: seen.reason(known.received, |said: TransmissionReceivedContent| {
            said.remark
        }),
        working_copy_destroyed_at: seen.recorded_at(known.destroyed),
        entry: seen.entry_at(Some(known.prepared))?,
    })
}

/// The newest attempt.
fn attempt(seen: &Seen<'_>, id: TransmissionId) -> Option<AttemptView> {
    let attempts = seen.events().filter(|recorded| {
        matches!(&recorded.event, Event::TransmissionSending(facts) if facts.transmission == id)
    });
    let recorded = attempts.last()?;
    let said = seen.content::<TransmissionSendingContent>(recorded.position);
    let (mailbox, message_id) = said.map(|said| (said.mailbox, said.message_id)).unzip();
    Some(AttemptView {
        mailbox,
        message_id,
        entry: seen.entry(recorded),
    })
}

fn failure(seen: &Seen<'_>, known: &Transmission) -> Option<FailureView> {
    let Sending::Failed(position) = known.sending else {
        return None;
    };
    let Event::TransmissionFailed(facts) = &seen.event(position)?.event else {
        return None;
    };
    Some(FailureView {
        code: facts.code.clone(),
        reply: facts.reply,
    })
}

fn conveyed(seen: &Seen<'_>, position: Position) -> Option<ConveyedView> {
    let recorded = seen.event(position)?;
    let Event::PasswordConveyed(facts) = &recorded.event else {
        return None;
    };
    Some(ConveyedView {
        channel: facts.channel.clone(),
        channel_name: seen.names.channel(&facts.channel),
        remark: seen
            .content::<PasswordConveyedContent>(position)
            .map(|said| said.remark),
        entry: seen.entry(recorded),
    })
}
