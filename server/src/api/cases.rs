//! Cases: opening, reading, listing, finding one again.

pub(super) mod excerpt;
mod filter;
mod view;

use axum::{
    Json,
    extract::State,
    response::{IntoResponse as _, Response},
};
use chrono::NaiveDate;
use futures::{StreamExt as _, TryStreamExt as _, stream};
use ledger_core::{
    case::{Beginning, OpenCase, normalised_national_id},
    command::LookupValue,
    ids::{CaseId, Code, OrganisationId, ProfileId},
    ledger::{CaseCommand, Executed, LedgerError, Look},
    profile::Language,
};
use serde::Serialize;
use utoipa::ToSchema;

pub(super) use self::{filter::ListPage, view::CaseSummary};
use self::{filter::ListQuery, view::CaseView};
use super::{
    answer::{self, Done},
    as_of::{AsOfView, PastQuery},
    candidates,
    error::ApiError,
    fields::{FieldError, Line, Text, body},
    language,
    openapi::{CommandHeaders, ReadHeaders},
    read_models,
    request::{Asked, Asker, Command, InCase, Question, Segments},
    schemas,
    service::Service,
};
use crate::words::Wishes;

/// Cases of one page that are looked at at the same time.
const LOOKS_AT_A_TIME: usize = 8;

body! {
    /// A case to open.
    NewCase {
        /// The clearance of the nearest leader, where the system asks for one: its `caseId`, under which the case is
        /// opened.
        #[schema(value_type = Option<schemas::Id>)]
        clearance: Option<CaseId>,
        /// The system whose rules it follows.
        #[schema(value_type = schemas::ProfileName)]
        profile: ProfileId,
        /// The unit that is responsible.
        #[schema(value_type = schemas::Id)]
        unit: OrganisationId,
        /// The child's name.
        #[schema(value_type = schemas::LineText)]
        child_name: Line,
        /// The child's national identity number, for finding the case again.
        #[schema(value_type = Option<String>, example = "01010112345")]
        national_id: Option<Line>,
        /// The day on which the child was born, for coming of age.
        birth_date: Option<NaiveDate>,
        /// Why the case is opened.
        #[schema(value_type = Option<schemas::LongText>)]
        concern: Text,
        /// The role in the case of whoever opens it.
        #[schema(value_type = schemas::CodeWord, example = "baton_holder")]
        opener_role: Code,
        /// The name under which the family knows whoever opens it.
        #[schema(value_type = schemas::LineText)]
        opener_name: Line,
        /// What is asked for: one of the kinds of request of the system, where it has any.
        #[schema(value_type = Option<schemas::CodeWord>, example = "advice")]
        kind: Option<Code>,
        /// The organisation at whose desk it is to be discussed.
        #[schema(value_type = Option<schemas::Id>)]
        submitted_to: Option<OrganisationId>,
        /// The status in which it begins, where the system leaves a choice; left out for the usual one.
        #[schema(value_type = Option<schemas::CodeWord>, example = "preparing")]
        status: Option<Code>,
    }
}

body! {
    /// What to find a case by.
    Search {
        /// The child's national identity number.
        #[schema(value_type = String, example = "01010112345")]
        national_id: Line,
    }
}

/// One page of a list.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct CaseList {
    /// The cases that the caller may see.
    items: Vec<CaseSummary>,
    /// Asks for what follows a full page: the last case of this one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<schemas::Id>)]
    next_cursor: Option<CaseId>,
}

/// Open a case
#[utoipa::path(
    post, path = "/cases", tag = "cases", operation_id = "openCase",
    description = "Whoever opens it becomes its first party. What may be read and written before the consents are \
                   given is up to the rules of the system.",
    params(CommandHeaders), request_body = NewCase,
    responses((status = 201, description = "It is open.", body = Done)),
)]
pub(super) async fn open(
    State(service): State<Service>,
    command: Command<NewCase>,
) -> Result<Response, ApiError> {
    let ledger = service.ledger();
    let cleared = command.body.clearance;
    let case = cleared.unwrap_or_else(|| CaseId::generate(ledger.now(), ledger.entropy()));
    let executed = execute(&service, case, command, |body| {
        let open = OpenCase {
            unit: body.unit,
            child_name: body.child_name.0,
            national_id: body.national_id.map(|id| id.0),
            birth_date: body.birth_date,
            concern: body.concern.0,
            opener_role: body.opener_role,
            opener_name: body.opener_name.0,
            begins: Beginning {
                kind: body.kind,
                submitted_to: body.submitted_to,
                status: body.status,
            },
        };
        CaseCommand::Open(body.profile, open)
    })
    .await?;
    Ok(answer::created(&executed))
}

/// Read a case
#[utoipa::path(
    get, path = "/cases/{caseId}", tag = "cases", operation_id = "readCase",
    description = "Shows the sections that the caller may see, now or as they were. The reading itself becomes part of \
                   the ledger. Asked about the past, the answer has no ETag, and who may see is decided by now.",
    params(("caseId" = schemas::Id, Path, description = "The case."), PastQuery, ReadHeaders),
    responses((status = 200, description = "What the caller may see.", body = CaseView)),
)]
pub(super) async fn read(
    State(service): State<Service>,
    Segments(case): InCase,
    Asked(past): Asked<PastQuery>,
    asker: Asker,
    wishes: Wishes,
) -> Result<Response, ApiError> {
    look(&service, case, &asker, &wishes, &Look::Case, &past).await
}

/// Read a case in order to print it
#[utoipa::path(
    get, path = "/cases/{caseId}/printout", tag = "cases", operation_id = "printCase",
    description = "Shows the same as a reading; the ledger says that it was printed.",
    params(("caseId" = schemas::Id, Path, description = "The case."), PastQuery, ReadHeaders),
    responses((status = 200, description = "What the caller may see.", body = CaseView)),
)]
pub(super) async fn print(
    State(service): State<Service>,
    Segments(case): InCase,
    Asked(past): Asked<PastQuery>,
    asker: Asker,
    wishes: Wishes,
) -> Result<Response, ApiError> {
    look(&service, case, &asker, &wishes, &Look::Print, &past).await
}

async fn look(
    service: &Service,
    case: CaseId,
    asker: &Asker,
    wishes: &Wishes,
    look: &Look,
    past: &PastQuery,
) -> Result<Response, ApiError> {
    let Asker { caller, occasion } = asker;
    let moment = past.moment()?;
    let ledger = service.ledger();
    let shown = ledger
        .look_back(caller, case, look, moment, occasion)
        .await?;
    let names = wishes.vocabulary(shown.profile());
    let view = CaseView::of(case, &shown, AsOfView::of(moment), names);
    let answer = if moment.is_now() {
        answer::shown(shown.case.version, view)
    } else {
        Json(view).into_response()
    };
    Ok(language::spoken([names.language()], answer))
}

/// List the cases that the caller may see
#[utoipa::path(
    get, path = "/cases", tag = "cases", operation_id = "listCases",
    description = "By name and status alone, oldest first. Every case in the list is decided, and noted as seen, as a \
                   reading of its own. The filters choose by a read model that may be a moment old; `minPosition` \
                   waits for it.",
    params(ListQuery, ReadHeaders),
    responses((status = 200, description = "One page.", body = CaseList)),
)]
pub(super) async fn list(
    State(service): State<Service>,
    page: ListPage,
    asker: Asker,
    wishes: Wishes,
) -> Result<Response, ApiError> {
    read_models::wait_for(&service, &asker.caller, "case_list", page.min_position).await?;
    let limit = page.limit as usize;
    let (mut found, mut after) = (Vec::new(), page.after);
    // Until the page is full or nothing is left: a page that ends early, or a cursor that names what may not be seen,
    // would tell of cases that the caller may not know of.
    while found.len() < limit {
        let wanted = limit - found.len();
        let candidates = candidates::of(&service, &asker.caller, &page, after, wanted).await?;
        let is_last = candidates.len() < wanted;
        after = candidates.last().copied().or(after);
        found.extend(look_at_each(&service, &asker, &wishes, candidates, &Look::List).await?);
        if is_last {
            break;
        }
    }
    let last = found.last().map(|seen| seen.case);
    let next_cursor = last.filter(|_| found.len() == limit);
    Ok(listed(found, next_cursor))
}

/// Find cases by a national identity number
#[utoipa::path(
    post, path = "/cases/search", tag = "cases", operation_id = "searchCases",
    description = "Asked by POST, because such a number has no place in an address. Every case that is found is \
                   decided, and noted as seen, as a reading of its own. An empty list also stands for cases that \
                   the caller may not know of.",
    params(ReadHeaders), request_body = Search,
    responses((status = 200, description = "The cases that the caller may see.", body = CaseList)),
)]
pub(super) async fn search(
    State(service): State<Service>,
    wishes: Wishes,
    question: Question<Search>,
) -> Result<Response, ApiError> {
    let Question {
        caller,
        occasion,
        body,
    } = question;
    let national_id = normalised_national_id(&body.national_id.0).map_err(|rejection| {
        ApiError::Fields(vec![FieldError::new("nationalId", rejection.message)])
    })?;
    let value = LookupValue::NationalId(national_id);
    let candidates = service.ledger().find(&caller, &value).await?;
    let asker = Asker { caller, occasion };
    let found = look_at_each(&service, &asker, &wishes, candidates, &Look::Found(value)).await?;
    Ok(listed(found, None))
}

/// A case that may be seen in a list.
struct Seen {
    case: CaseId,
    summary: CaseSummary,
    /// In which it is shown: cases of different systems may differ in it.
    language: Language,
}

fn listed(found: Vec<Seen>, next_cursor: Option<CaseId>) -> Response {
    let languages: Vec<Language> = found.iter().map(|seen| seen.language).collect();
    let items = found.into_iter().map(|seen| seen.summary).collect();
    language::spoken(languages, Json(CaseList { items, next_cursor }))
}

/// Looks at each candidate as at a case alone, and leaves out those that may not be seen. Says in which languages the
/// others are shown: cases of different systems may differ in it.
async fn look_at_each(
    service: &Service,
    asker: &Asker,
    wishes: &Wishes,
    candidates: Vec<CaseId>,
    how: &Look,
) -> Result<Vec<Seen>, ApiError> {
    let ledger = service.ledger();
    let looks = candidates.into_iter().map(|case| async move {
        let shown = ledger.look(&asker.caller, case, how, &asker.occasion).await;
        match shown {
            Ok(shown) => {
                let names = wishes.vocabulary(shown.profile());
                Ok(Some(Seen {
                    case,
                    summary: CaseSummary::of(case, &shown, names),
                    language: names.language(),
                }))
            }
            Err(LedgerError::NotFound | LedgerError::Refused(_)) => Ok(None),
            Err(error) => Err(error),
        }
    });
    let items: Vec<Option<Seen>> = stream::iter(looks)
        .buffered(LOOKS_AT_A_TIME)
        .try_collect()
        .await?;
    Ok(items.into_iter().flatten().collect())
}

/// Carries out a command about a case.
pub(super) async fn execute<T>(
    service: &Service,
    case: CaseId,
    command: Command<T>,
    to_command: impl FnOnce(T) -> CaseCommand,
) -> Result<Executed, ApiError> {
    let Command {
        caller,
        occasion,
        body,
    } = command;
    let command = to_command(body);
    let ledger = service.ledger().clone();
    service
        .to_its_end(async move { ledger.execute(&caller, case, command, &occasion).await })
        .await
}
