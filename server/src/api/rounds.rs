//! Consultation rounds of a unit's own, and the outsiders who are invited to read along.

use axum::{extract::State, http::StatusCode, response::Response};
use chrono::NaiveDate;
use ledger_core::{
    case::{ConfirmGuest, EndRound, OpenRound, RevokeInvitation},
    ids::{CaseId, Code, InvitationId, RoundId},
    ledger::{CaseCommand, NewInvitation},
};
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    answer::{self, Done},
    as_of::PastQuery,
    cases::{
        excerpt::{self, Rounds},
        execute,
    },
    error::ApiError,
    fields::{Line, NoBody, Text, body},
    openapi::{CommandHeaders, ReadHeaders},
    request::{Asked, Asker, Command, InCase, Segments},
    schemas,
    service::Service,
};
use crate::words::Wishes;

body! {
    /// A round to open.
    NewRound {
        /// What it is about, in one line.
        #[schema(value_type = schemas::LineText, example = "Overleg ondersteuningsteam")]
        topic: Line,
        /// Its last day.
        ends_on: NaiveDate,
    }
}

body! {
    /// Somebody to invite.
    Invitee {
        /// The e-mail address.
        #[schema(value_type = String, format = "email", example = "testpersoon@example.org")]
        email: Line,
        /// In which role they read along; left out for the usual one.
        #[schema(value_type = Option<schemas::CodeWord>, example = "guest")]
        role: Option<Code>,
        /// The last day on which it can be accepted; left out for as late as the system allows.
        expires_on: Option<NaiveDate>,
        /// Whether you bring the secret yourself, although the system would mail it to the address.
        #[schema(example = false)]
        brought_by_hand: Option<bool>,
    }
}

body! {
    /// Who has accepted an invitation.
    Guest {
        /// Whom you confirm: the name under which they read along.
        #[schema(value_type = schemas::LineText)]
        name: Line,
    }
}

body! {
    /// Why an invitation is taken back.
    Revocation {
        /// The reason in words.
        #[schema(value_type = Option<schemas::LongText>)]
        reason: Text,
    }
}

body! {
    /// An invitation to accept.
    Acceptance {
        /// The secret that came with it.
        #[schema(value_type = String, min_length = 1, max_length = 100, example = "QUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUE")]
        token: String,
        /// Your name, by which the inviter recognises you.
        #[schema(value_type = schemas::LineText)]
        name: Line,
    }
}

/// An invitation that was made.
#[derive(Serialize, ToSchema)]
pub(super) struct Invited {
    #[serde(flatten)]
    done: Done,
    /// The secret, for the guest alone, where you bring it to them. It is shown this once and stored nowhere: bring it by
    /// another way than the address if you can. Without it here, it is mailed to the address; a repeated request is
    /// answered without it, too.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "QUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUE")]
    token: Option<String>,
}

/// Read the rounds of a case and their invitations
#[utoipa::path(
    get, path = "/cases/{caseId}/rounds", tag = "cases", operation_id = "readRounds",
    description = "Decided, and noted in the ledger, as a reading of the section in which the people stand.",
    params(("caseId" = schemas::Id, Path, description = "The case."), PastQuery, ReadHeaders),
    responses((status = 200, description = "The rounds.", body = Rounds)),
)]
pub(super) async fn read(
    State(service): State<Service>,
    Segments(case): InCase,
    Asked(past): Asked<PastQuery>,
    asker: Asker,
    wishes: Wishes,
) -> Result<Response, ApiError> {
    excerpt::read::<Rounds>(&service, case, &asker, &wishes, &past).await
}

/// Open a consultation round
#[utoipa::path(
    post, path = "/cases/{caseId}/rounds", tag = "cases", operation_id = "openRound",
    params(("caseId" = schemas::Id, Path, description = "The case."), CommandHeaders),
    request_body = NewRound,
    responses((status = 201, description = "It is open.", body = Done)),
)]
pub(super) async fn open(
    State(service): State<Service>,
    Segments(case): InCase,
    command: Command<NewRound>,
) -> Result<Response, ApiError> {
    let executed = execute(&service, case, command, |body| {
        CaseCommand::OpenRound(OpenRound {
            topic: body.topic.0,
            ends_on: body.ends_on,
        })
    })
    .await?;
    Ok(answer::created(&executed))
}

/// End a round before its last day is over
#[utoipa::path(
    post, path = "/cases/{caseId}/rounds/{roundId}/ending", tag = "cases", operation_id = "endRound",
    description = "Its guests read no more.",
    params(
        ("caseId" = schemas::Id, Path, description = "The case."),
        ("roundId" = schemas::Id, Path, description = "The round."),
        CommandHeaders,
    ),
    responses((status = 200, description = "It has ended.", body = Done)),
)]
pub(super) async fn end(
    State(service): State<Service>,
    Segments((case, round)): Segments<(CaseId, RoundId)>,
    command: Command<NoBody>,
) -> Result<Response, ApiError> {
    let executed = execute(&service, case, command, |_| {
        CaseCommand::EndRound(EndRound { round })
    })
    .await?;
    Ok(answer::done(&executed))
}

/// Invite an outsider to read along
#[utoipa::path(
    post, path = "/cases/{caseId}/rounds/{roundId}/invitations", tag = "cases",
    operation_id = "inviteGuest",
    description = "A secret for the guest is mailed to the address where the system and this service do so; otherwise the \
                   answer holds it, once. Until you have confirmed who accepted it, they are shown nothing.",
    params(
        ("caseId" = schemas::Id, Path, description = "The case."),
        ("roundId" = schemas::Id, Path, description = "The round."),
        CommandHeaders,
    ),
    request_body = Invitee,
    responses((status = 201, description = "They are invited.", body = Invited)),
)]
pub(super) async fn invite(
    State(service): State<Service>,
    Segments((case, round)): Segments<(CaseId, RoundId)>,
    command: Command<Invitee>,
) -> Result<Response, ApiError> {
    let Command {
        caller,
        occasion,
        body,
    } = command;
    let invitation = NewInvitation {
        round,
        email: body.email.0,
        role: body.role,
        expires_on: body.expires_on,
        by_mail: service.mails() && body.brought_by_hand != Some(true),
    };
    let ledger = service.ledger().clone();
    let (executed, token) = service
        .to_its_end(async move { ledger.invite(&caller, case, invitation, &occasion).await })
        .await?;
    let invited = Invited {
        done: Done::of(&executed),
        token: token.map(|token| token.expose()),
    };
    Ok(answer::answered(
        StatusCode::CREATED,
        executed.version,
        invited,
    ))
}

/// Confirm who accepted an invitation
#[utoipa::path(
    post, path = "/cases/{caseId}/invitations/{invitationId}/confirmation", tag = "cases",
    operation_id = "confirmGuest",
    description = "From now on they read along, until the round ends.",
    params(
        ("caseId" = schemas::Id, Path, description = "The case."),
        ("invitationId" = schemas::Id, Path, description = "The invitation."),
        CommandHeaders,
    ),
    request_body = Guest,
    responses((status = 200, description = "They read along.", body = Done)),
)]
pub(super) async fn confirm(
    State(service): State<Service>,
    Segments((case, invitation)): Segments<(CaseId, InvitationId)>,
    command: Command<Guest>,
) -> Result<Response, ApiError> {
    let executed = execute(&service, case, command, |body| {
        CaseCommand::ConfirmGuest(ConfirmGuest {
            invitation,
            name: body.name.0,
        })
    })
    .await?;
    Ok(answer::done(&executed))
}

/// Take an invitation back
#[utoipa::path(
    post, path = "/cases/{caseId}/invitations/{invitationId}/revocation", tag = "cases",
    operation_id = "revokeInvitation",
    description = "A guest who was confirmed on it reads no more.",
    params(
        ("caseId" = schemas::Id, Path, description = "The case."),
        ("invitationId" = schemas::Id, Path, description = "The invitation."),
        CommandHeaders,
    ),
    request_body = Revocation,
    responses((status = 200, description = "It leads to nothing.", body = Done)),
)]
pub(super) async fn revoke(
    State(service): State<Service>,
    Segments((case, invitation)): Segments<(CaseId, InvitationId)>,
    command: Command<Revocation>,
) -> Result<Response, ApiError> {
    let executed = execute(&service, case, command, |body| {
        CaseCommand::RevokeInvitation(RevokeInvitation {
            invitation,
            reason: body.reason.0,
        })
    })
    .await?;
    Ok(answer::done(&executed))
}

/// Accept an invitation
#[utoipa::path(
    post, path = "/invitations/acceptance", tag = "cases", operation_id = "acceptInvitation",
    description = "Asked with the account that you will read with; it need not have been activated before. Whatever is \
                   wrong with the secret, the answer is 404. Nothing is shown before the inviter has confirmed you.",
    params(CommandHeaders), request_body = Acceptance,
    responses((status = 200, description = "The inviter can confirm you now.", body = Done)),
)]
pub(super) async fn accept(
    State(service): State<Service>,
    command: Command<Acceptance>,
) -> Result<Response, ApiError> {
    let Command {
        caller,
        occasion,
        body,
    } = command;
    service.may_try_an_invitation(caller.account)?;
    let ledger = service.ledger().clone();
    let executed = service
        .to_its_end(async move {
            ledger
                .accept_invitation(&caller, &body.token, &body.name.0, &occasion)
                .await
        })
        .await?;
    Ok(answer::done_unseen(&executed))
}
