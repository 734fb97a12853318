//! Parties: who takes part in a case.

use axum::{extract::State, response::Response};
use chrono::{DateTime, NaiveDate, Utc};
use ledger_core::{
    case::{AddParty, AssignTask, RecordComingOfAge, RemoveParty},
    ids::{AccountId, CaseId, Code, OrganisationId, PartyId},
    ledger::CaseCommand,
};

use super::{
    answer::{self, Done},
    as_of::PastQuery,
    cases::{
        excerpt::{self, Parties},
        execute,
    },
    error::ApiError,
    fields::{Line, Text, body},
    openapi::{CommandHeaders, ReadHeaders},
    request::{Asked, Asker, Command, InCase, Segments},
    schemas,
    service::Service,
};
use crate::words::Wishes;

body! {
    /// Someone to let take part.
    NewParty {
        /// The role in the case.
        #[schema(value_type = schemas::CodeWord)]
        role: Code,
        /// The account; a member of the family may have none.
        #[schema(value_type = Option<schemas::Id>)]
        account: Option<AccountId>,
        /// The service for which a member of staff takes part.
        #[schema(value_type = Option<schemas::Id>)]
        service: Option<OrganisationId>,
        /// The name.
        #[schema(value_type = schemas::LineText)]
        name: Line,
        /// The task of somebody who works with the case.
        #[schema(value_type = Option<schemas::LongText>)]
        task: Option<Text>,
    }
}

body! {
    /// Why somebody's part ends.
    Removal {
        /// The reason in words.
        #[schema(value_type = Option<schemas::LongText>)]
        reason: Text,
        /// When it ended, if earlier than now.
        occurred_at: Option<DateTime<Utc>>,
    }
}

body! {
    /// What somebody does in a case.
    Task {
        /// The task, instead of the one before.
        #[schema(value_type = schemas::LongText)]
        task: Text,
    }
}

body! {
    /// That a young person is old enough.
    ComingOfAge {
        /// The day on which they were born.
        birth_date: NaiveDate,
    }
}

/// Read who takes part in a case
#[utoipa::path(
    get, path = "/cases/{caseId}/parties", tag = "cases", operation_id = "readParties",
    description = "Decided, and noted in the ledger, as a reading of the section in which they stand alone.",
    params(("caseId" = schemas::Id, Path, description = "The case."), PastQuery, ReadHeaders),
    responses((status = 200, description = "The parties.", body = Parties)),
)]
pub(super) async fn read(
    State(service): State<Service>,
    Segments(case): InCase,
    Asked(past): Asked<PastQuery>,
    asker: Asker,
    wishes: Wishes,
) -> Result<Response, ApiError> {
    excerpt::read::<Parties>(&service, case, &asker, &wishes, &past).await
}

/// Let someone take part
#[utoipa::path(
    post, path = "/cases/{caseId}/parties", tag = "cases", operation_id = "addParty",
    params(("caseId" = schemas::Id, Path, description = "The case."), CommandHeaders),
    request_body = NewParty,
    responses((status = 201, description = "They take part.", body = Done)),
)]
pub(super) async fn add(
    State(service): State<Service>,
    Segments(case): InCase,
    command: Command<NewParty>,
) -> Result<Response, ApiError> {
    let executed = execute(&service, case, command, |body| {
        CaseCommand::AddParty(AddParty {
            role: body.role,
            account: body.account,
            service: body.service,
            name: body.name.0,
            task: body.task.map(|task| task.0),
        })
    })
    .await?;
    Ok(answer::created(&executed))
}

/// End someone's part
#[utoipa::path(
    post, path = "/cases/{caseId}/parties/{partyId}/removal", tag = "cases",
    operation_id = "removeParty",
    description = "From the next reading on they see nothing.",
    params(
        ("caseId" = schemas::Id, Path, description = "The case."),
        ("partyId" = schemas::Id, Path, description = "The party."),
        CommandHeaders,
    ),
    request_body = Removal,
    responses((status = 200, description = "Their part has ended.", body = Done)),
)]
pub(super) async fn remove(
    State(service): State<Service>,
    Segments((case, party)): Segments<(CaseId, PartyId)>,
    command: Command<Removal>,
) -> Result<Response, ApiError> {
    let executed = execute(&service, case, command, |body| {
        CaseCommand::RemoveParty(RemoveParty {
            party,
            reason: body.reason.0,
            occurred_at: body.occurred_at,
        })
    })
    .await?;
    Ok(answer::done(&executed))
}

/// Assign a task
#[utoipa::path(
    post, path = "/cases/{caseId}/parties/{partyId}/task", tag = "cases",
    operation_id = "assignTask",
    description = "To somebody who works with the case.",
    params(
        ("caseId" = schemas::Id, Path, description = "The case."),
        ("partyId" = schemas::Id, Path, description = "The party."),
        CommandHeaders,
    ),
    request_body = Task,
    responses((status = 200, description = "It is theirs.", body = Done)),
)]
pub(super) async fn assign_task(
    State(service): State<Service>,
    Segments((case, party)): Segments<(CaseId, PartyId)>,
    command: Command<Task>,
) -> Result<Response, ApiError> {
    let executed = execute(&service, case, command, |body| {
        CaseCommand::AssignTask(AssignTask {
            party,
            task: body.task.0,
        })
    })
    .await?;
    Ok(answer::done(&executed))
}

/// Record that a young person has come of age
#[utoipa::path(
    post, path = "/cases/{caseId}/parties/{partyId}/coming-of-age", tag = "cases",
    operation_id = "recordComingOfAge",
    description = "From then on they consent on their own behalf. That they are old enough is a fact; the day of birth is sealed.",
    params(
        ("caseId" = schemas::Id, Path, description = "The case."),
        ("partyId" = schemas::Id, Path, description = "The party."),
        CommandHeaders,
    ),
    request_body = ComingOfAge,
    responses((status = 200, description = "It is recorded.", body = Done)),
)]
pub(super) async fn come_of_age(
    State(service): State<Service>,
    Segments((case, party)): Segments<(CaseId, PartyId)>,
    command: Command<ComingOfAge>,
) -> Result<Response, ApiError> {
    let executed = execute(&service, case, command, |body| {
        CaseCommand::RecordComingOfAge(RecordComingOfAge {
            party,
            birth_date: body.birth_date,
        })
    })
    .await?;
    Ok(answer::done(&executed))
}
