//! What is due: in the caller's cases, and of the organisations' agreements. Read models propose; each case is decided as
//! if it stood in a list, and what belongs to a section that the caller may not see is left out.

use std::{
    collections::{BTreeMap, BTreeSet},
    str::FromStr,
    sync::Arc,
};

use axum::{Json, extract::State, response::Response};
use chrono::{DateTime, Days, NaiveDate, Utc};
use futures::{StreamExt as _, TryStreamExt as _, stream};
use ledger_core::{
    access::{Action, RuleBook},
    ids::{AgreementId, CaseId, Code, ConsentId, OrganisationId, PartyId, ProfileId},
    ledger::{LedgerError, Look, Shown},
    profile::Language,
};
use projections::due::{self, AgreementPlace, DueAgreement, DueItem, DuePlace, Kind, Whose};
use serde::{Deserialize, Serialize};
use ulid::Ulid;
use utoipa::{IntoParams, ToSchema};

use super::{
    cases::CaseSummary,
    error::ApiError,
    fields::{self, FieldError},
    language,
    openapi::ReadHeaders,
    read_models,
    request::{Asked, Asker},
    schemas,
    service::Service,
};
use crate::words::Wishes;

/// Things in one page, unless asked otherwise.
const PAGE_DEFAULT: u32 = 50;
/// The most things in one page.
const PAGE_MAX: u32 = 200;
/// Cases of one page that are looked at at the same time.
const LOOKS_AT_A_TIME: usize = 8;
/// How far ahead is looked, unless asked otherwise.
const DAYS_AHEAD_DEFAULT: Days = Days::new(28);

/// Until when, and which part.
#[derive(Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct DueQuery {
    /// The last day that is looked at; left out for four weeks from now.
    until: Option<NaiveDate>,
    /// The `nextCursor` of the page before; left out for the first.
    #[param(example = "2026-03-01.01ARZ3NDEKTSV4RRFFQ69G5FAV.meeting.01ARZ3NDEKTSV4RRFFQ69G5FAV")]
    cursor: Option<String>,
    /// How many things at most. A page has fewer only if nothing follows.
    #[param(minimum = 1, maximum = 200, default = 50)]
    limit: Option<u32>,
    /// Waits until the answer has taken in the event at this position, such as the `position` of your own command.
    /// Where that takes longer than five seconds the answer is 503.
    #[param(minimum = 0)]
    min_position: Option<u64>,
}

/// Which agreements, until when, and which part.
#[derive(Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct DueAgreementsQuery {
    /// By the rules of which system it is decided who may ask.
    #[param(value_type = schemas::ProfileName)]
    profile: ProfileId,
    /// The last day that is looked at; left out for four weeks from now.
    until: Option<NaiveDate>,
    /// The `nextCursor` of the page before; left out for the first.
    #[param(example = "2026-03-01.01ARZ3NDEKTSV4RRFFQ69G5FAV.01ARZ3NDEKTSV4RRFFQ69G5FAV")]
    cursor: Option<String>,
    /// How many agreements at most.
    #[param(minimum = 1, maximum = 200, default = 50)]
    limit: Option<u32>,
    /// Waits until the answer has taken in the event at this position, such as the `position` of your own command.
    /// Where that takes longer than five seconds the answer is 503.
    #[param(minimum = 0)]
    min_position: Option<u64>,
}

/// One page of what is due.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct DueList {
    /// What is due: what waits undated first, then by day.
    items: Vec<DueView>,
    /// The cases of this page, by name and status alone.
    cases: Vec<CaseSummary>,
    /// Asks for the next page; not there on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
}

/// Something that is due, without any text.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct DueView {
    /// In which case.
    #[schema(value_type = schemas::Id)]
    case_id: CaseId,
    /// What kind of thing: `consent_expires`, `consent_renewal` (recommended), `consent_anew` (the situation has
    /// changed), `measure_evaluation`, `measure_begins`, `meeting`, `agreement_due`, `handover_waiting`,
    /// `sending_under_way`, `password_to_convey`, `receipt_awaited`, `working_copy_to_destroy`, `hold`.
    #[schema(value_type = schemas::CodeWord, example = "meeting")]
    kind: &'static str,
    /// The id of the consent, measure, meeting, agreement, handover, transmission or hold.
    #[schema(value_type = schemas::Id)]
    id: String,
    /// On which day, in the time zone of the system; not there for what waits undated.
    #[serde(skip_serializing_if = "Option::is_none")]
    on: Option<NaiveDate>,
    /// At which moment, for a meeting and for the last attempt of a sending.
    #[serde(skip_serializing_if = "Option::is_none")]
    at: Option<DateTime<Utc>>,
    /// The party that it falls to: who gave the consent, sees to it, or is asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<schemas::Id>)]
    party: Option<PartyId>,
    /// Whether that is the caller.
    own: bool,
    /// The kind of a consent.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<schemas::CodeWord>)]
    consent_kind: Option<Code>,
}

/// One page of agreements that end.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct DueAgreementList {
    /// The agreements, by their last day.
    items: Vec<DueAgreementView>,
    /// Asks for the next page; not there on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
}

/// An agreement of an organisation that ends.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct DueAgreementView {
    /// Whose.
    #[schema(value_type = schemas::Id)]
    organisation: OrganisationId,
    /// Which.
    #[schema(value_type = schemas::Id)]
    agreement: AgreementId,
    /// What it is about.
    #[schema(value_type = schemas::CodeWord, example = "data_processing")]
    kind: Code,
    /// Its last day.
    valid_through: NaiveDate,
}

/// See what is due in the cases that the caller may see
#[utoipa::path(
    get, path = "/due", tag = "cases", operation_id = "listDue",
    description = "Facts alone: days, kinds and ids, without a title or text. Every case in the answer is decided, and \
                   noted as seen in a list; what belongs to a section that the caller may not see is left out. What \
                   is overdue stays until it is settled. Lags behind the ledger; `minPosition` waits for it.",
    params(DueQuery, ReadHeaders),
    responses((status = 200, description = "One page.", body = DueList)),
)]
pub(super) async fn list(
    State(service): State<Service>,
    Asked(query): Asked<DueQuery>,
    asker: Asker,
    wishes: Wishes,
) -> Result<Response, ApiError> {
    let limit = page(query.limit)?;
    let until = until(query.until, &service)?;
    let after = query.cursor.as_deref().map(|cursor| {
        place(cursor).ok_or_else(|| ApiError::Fields(vec![FieldError::new("cursor", CURSOR)]))
    });
    let after = after.transpose()?;
    read_models::wait_for(&service, &asker.caller, "due", query.min_position).await?;
    let ledger = service.ledger();
    let whose = Whose {
        account: asker.caller.account,
        units: ledger.units_of(&asker.caller).await?,
        cases: ledger.family_cases(&asker.caller).await?,
    };
    let pool = &service.instance().projector;
    let tenant = &asker.caller.tenant;
    let rule_books = rule_books(&service, &asker).await?;
    let (mut items, mut looks) = (Vec::new(), BTreeMap::new());
    let mut after = after;
    let mut last = None;
    // Until the page is full or nothing is left: a page that ends early, or a cursor that names what may not be seen,
    // would tell of what the caller may not know of.
    while items.len() < limit as usize {
        let wanted = limit - u32::try_from(items.len()).unwrap_or(limit);
        let found = due::find(
            pool,
            tenant,
            &whose,
            &rule_books,
            until,
            after.as_ref(),
            wanted,
        )
        .await
        .map_err(unreadable)?;
        let is_last = found.len() < wanted as usize;
        after = found.last().map(DueItem::place).or(after);
        look_at_each(&service, &asker, &found, &mut looks).await?;
        for item in found {
            let place = item.place();
            if let Some(view) = DueView::of(item, &looks) {
                items.push(view);
                last = Some(place);
            }
        }
        if is_last {
            last = None;
            break;
        }
    }
    let next_cursor = last.map(|place| {
        let on = place
            .on
            .map_or_else(|| UNDATED.to_owned(), |on| on.to_string());
        format!("{on}.{}.{}.{}", place.case, place.kind, place.item)
    });
    let mut list = DueList {
        items,
        cases: Vec::new(),
        next_cursor,
    };
    let mut languages: Vec<Language> = Vec::new();
    let looks = looks
        .iter()
        .filter_map(|(case, shown)| Some((case, shown.as_ref()?)));
    for (case, shown) in looks {
        let names = wishes.vocabulary(shown.profile());
        list.cases.push(CaseSummary::of(*case, shown, names));
        languages.push(names.language());
    }
    Ok(language::spoken(languages, Json(list)))
}

/// See which agreements of organisations end
#[utoipa::path(
    get, path = "/due/agreements", tag = "directory", operation_id = "listDueAgreements",
    description = "For whoever may record such agreements. Agreements that have ended by their date stay until they \
                   are ended. Lags behind the ledger; `minPosition` waits for it.",
    params(DueAgreementsQuery),
    responses((status = 200, description = "One page.", body = DueAgreementList)),
)]
pub(super) async fn agreements(
    State(service): State<Service>,
    Asked(query): Asked<DueAgreementsQuery>,
    asker: Asker,
) -> Result<Json<DueAgreementList>, ApiError> {
    let limit = page(query.limit)?;
    let until = until(query.until, &service)?;
    let after = query.cursor.as_deref().map(|cursor| {
        let place = agreement_place(cursor);
        place.ok_or_else(|| ApiError::Fields(vec![FieldError::new("cursor", CURSOR)]))
    });
    let after = after.transpose()?;
    let caller = &asker.caller;
    service
        .ledger()
        .permit_overview(caller, &query.profile, Action::SignAgreement, None)
        .await?;
    read_models::wait_for(&service, caller, "due", query.min_position).await?;
    let pool = &service.instance().projector;
    let found = due::agreements(pool, &caller.tenant, until, after, limit)
        .await
        .map_err(unreadable)?;
    let is_last = found.len() < limit as usize;
    let next_cursor = found.last().filter(|_| !is_last).map(|last| {
        let AgreementPlace {
            on,
            organisation,
            agreement,
        } = last.place();
        format!("{on}.{organisation}.{agreement}")
    });
    Ok(Json(DueAgreementList {
        items: found.into_iter().map(DueAgreementView::from).collect(),
        next_cursor,
    }))
}

/// In a cursor, the day of what waits undated.
const UNDATED: &str = "undated";

const CURSOR: &str = "is not the nextCursor of a page; leave it out for the first";

fn place(cursor: &str) -> Option<DuePlace> {
    let [on, case, kind, item] = parts(cursor)?;
    let on = match on {
        UNDATED => None,
        day => Some(day_of(day)?),
    };
    Some(DuePlace {
        on,
        case: case.parse().ok()?,
        kind: kind.parse::<Code>().ok()?.to_string(),
        item: item.parse::<Ulid>().ok()?.to_string(),
    })
}

fn agreement_place(cursor: &str) -> Option<AgreementPlace> {
    let [on, organisation, agreement] = parts(cursor)?;
    Some(AgreementPlace {
        on: day_of(on)?,
        organisation: organisation.parse().ok()?,
        agreement: agreement.parse().ok()?,
    })
}

fn parts<const N: usize>(cursor: &str) -> Option<[&str; N]> {
    let parts: Vec<&str> = cursor.split('.').collect();
    parts.try_into().ok()
}

fn day_of(text: &str) -> Option<NaiveDate> {
    fields::day(text.parse().ok()?).ok()
}

fn page(limit: Option<u32>) -> Result<u32, ApiError> {
    let limit = limit.unwrap_or(PAGE_DEFAULT);
    if (1..=PAGE_MAX).contains(&limit) {
        return Ok(limit);
    }
    let message = format!("must lie between 1 and {PAGE_MAX}");
    Err(ApiError::Fields(vec![FieldError::new("limit", message)]))
}

fn until(asked: Option<NaiveDate>, service: &Service) -> Result<NaiveDate, ApiError> {
    let ahead = service.ledger().now().date_naive() + DAYS_AHEAD_DEFAULT;
    fields::day(asked.unwrap_or(ahead))
        .map_err(|message| ApiError::Fields(vec![FieldError::new("until", message)]))
}

fn unreadable(error: projections::ProjectionError) -> ApiError {
    ApiError::Lists(error.into())
}

/// The rule books by which it is known when consents are to be renewed.
async fn rule_books(service: &Service, asker: &Asker) -> Result<Vec<Arc<RuleBook>>, ApiError> {
    let tenant = &asker.caller.tenant;
    let pool = &service.instance().projector;
    let mut rule_books = Vec::new();
    for profile in due::profiles(pool, tenant).await.map_err(unreadable)? {
        rule_books.extend(service.ledger().rule_book(tenant, &profile).await?);
    }
    Ok(rule_books)
}

/// Looks at each case once, as at a case of a list, and leaves out those that may not be seen.
async fn look_at_each(
    service: &Service,
    asker: &Asker,
    items: &[DueItem],
    looks: &mut BTreeMap<CaseId, Option<Shown>>,
) -> Result<(), ApiError> {
    let ledger = service.ledger();
    let cases: BTreeSet<CaseId> = items.iter().map(|item| item.case).collect();
    let cases = cases.into_iter().filter(|case| !looks.contains_key(case));
    let shown = cases.map(|case| async move {
        let shown = ledger.look(&asker.caller, case, &Look::Due, &asker.occasion);
        match shown.await {
            Ok(shown) => Ok((case, Some(shown))),
            Err(LedgerError::NotFound | LedgerError::Refused(_)) => Ok((case, None)),
            Err(error) => Err(error),
        }
    });
    let shown: Vec<(CaseId, Option<Shown>)> = stream::iter(shown)
        .buffered(LOOKS_AT_A_TIME)
        .try_collect()
        .await?;
    looks.extend(shown);
    Ok(())
}

/// Whether what is due is there for whoever was shown the case: what was recorded before a reopening may not be, and a
/// consent that counts no more is due no more.
fn is_there(item: &DueItem, shown: &Shown) -> bool {
    let (case, profile) = (&shown.case.state, shown.profile());
    match item.kind {
        Kind::ConsentExpires | Kind::ConsentRenewal | Kind::ConsentAnew => {
            let Some(id) = id::<ConsentId>(item) else {
                return false;
            };
            let consent = case.consents.get(&id);
            let counts = consent.is_some_and(|consent| {
                let rule = profile.consent(&consent.kind);
                rule.is_none_or(|rule| case.still_counts(consent, rule))
            });
            // The change that asks for it may be one that is not there.
            counts && (item.kind != Kind::ConsentAnew || case.is_due_anew(id, profile))
        }
        Kind::MeasureEvaluation | Kind::MeasureBegins => {
            id(item).is_some_and(|id| case.plan.measures.contains_key(&id))
        }
        Kind::Meeting => id(item).is_some_and(|id| case.plan.meetings.contains_key(&id)),
        Kind::AgreementDue => id(item).is_some_and(|id| case.plan.agreements.contains_key(&id)),
        Kind::HandoverWaiting => id(item).is_some_and(|id| case.handovers.contains_key(&id)),
        Kind::SendingUnderWay
        | Kind::PasswordToConvey
        | Kind::ReceiptAwaited
        | Kind::WorkingCopyToDestroy => {
            id(item).is_some_and(|id| case.handing_over.transmissions.contains_key(&id))
        }
        Kind::Hold => id(item).is_some_and(|id| case.holds.contains_key(&id)),
    }
}

fn id<T: FromStr>(item: &DueItem) -> Option<T> {
    item.item.parse().ok()
}

impl DueView {
    /// Nothing, where the case or the section may not be seen.
    fn of(item: DueItem, looks: &BTreeMap<CaseId, Option<Shown>>) -> Option<Self> {
        let shown = looks.get(&item.case)?.as_ref()?;
        let section = shown.profile().section_of(item.kind.part());
        if !shown.sections.contains(section) || !is_there(&item, shown) {
            return None;
        }
        let own = shown.party;
        Some(Self {
            case_id: item.case,
            kind: item.kind.code(),
            id: item.item,
            on: item.on,
            at: item.at,
            own: item.party.is_some() && item.party == own,
            party: item.party,
            consent_kind: item.consent_kind,
        })
    }
}

impl From<DueAgreement> for DueAgreementView {
    fn from(due: DueAgreement) -> Self {
        Self {
            organisation: due.organisation,
            agreement: due.agreement,
            kind: due.kind,
            valid_through: due.valid_through,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "01ARZ3NDEKTSV4RRFFQ69G5FAV";

    #[test]
    fn a_cursor_leads_back_to_its_place() {
        let dated = place(&format!("2026-03-01.{ID}.meeting.{ID}")).unwrap();
        assert_eq!(dated.on, NaiveDate::from_ymd_opt(2026, 3, 1));
        assert_eq!((dated.kind.as_str(), dated.item.as_str()), ("meeting", ID));
        let undated = place(&format!("{UNDATED}.{ID}.hold.{ID}")).unwrap();
        assert_eq!(undated.on, None);
    }

    #[test]
    fn what_is_no_cursor_is_refused() {
        for cursor in [
            "",
            "undated",
            &format!("soon.{ID}.meeting.{ID}"),
            &format!("-4713-01-01.{ID}.meeting.{ID}"),
            &format!("2026-03-01.{ID}.meeting.x'y"),
            &format!("2026-03-01.{ID}.meeting.{ID}.{ID}"),
        ] {
            assert_eq!(place(cursor), None, "{cursor}");
            assert_eq!(agreement_place(cursor), None, "{cursor}");
        }
    }
}
