//! Which part of a list: what it is narrowed to, and where a page begins and ends.

use axum::{
    extract::{FromRequestParts, Query},
    http::{Uri, request::Parts},
};
use chrono::{DateTime, Utc};
use ledger_core::ids::{CaseId, Code, OrganisationId, ProfileId};
use projections::case_list::Filter;
use serde::Deserialize;
use utoipa::IntoParams;

use crate::api::{
    as_of::moment, error::ApiError, fields::FieldError, request::wrong_query, schemas,
    service::Service,
};

/// Cases in one page of a list, unless asked otherwise.
const PAGE_DEFAULT: u32 = 50;
/// The most cases in one page: each is decided, and seen, as if it were read alone.
const PAGE_MAX: u32 = 200;
/// The most statuses that are asked for together.
const STATUSES_MAX: usize = 20;

/// Which part of a list.
#[derive(Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(in crate::api) struct ListQuery {
    /// Only cases in one of these statuses; repeated for several.
    #[serde(default)]
    #[param(value_type = Vec<schemas::CodeWord>, required = false, max_items = 20, example = json!(["active"]))]
    status: Vec<Code>,
    /// Only cases of this system.
    #[param(value_type = Option<schemas::ProfileName>)]
    profile: Option<ProfileId>,
    /// Only cases of this unit.
    #[param(value_type = Option<schemas::Id>)]
    unit: Option<OrganisationId>,
    /// Only cases that ask for this kind of thing, where the system knows kinds of request.
    #[param(value_type = Option<schemas::CodeWord>, example = "advice")]
    kind: Option<Code>,
    /// Only cases submitted to this organisation.
    #[param(value_type = Option<schemas::Id>)]
    submitted_to: Option<OrganisationId>,
    /// Only cases opened at this moment or later.
    opened_from: Option<DateTime<Utc>>,
    /// Only cases opened before this moment.
    opened_before: Option<DateTime<Utc>>,
    /// The `nextCursor` of the page before; left out for the first. Ask with the same filters.
    #[param(value_type = Option<schemas::Id>)]
    cursor: Option<CaseId>,
    /// How many cases at most. A page has fewer only if nothing follows.
    #[param(minimum = 1, maximum = 200, default = 50)]
    limit: Option<u32>,
    /// Waits until the list has taken in the event at this position, such as the `position` of your own command.
    /// Where that takes longer than five seconds the answer is 503.
    #[param(minimum = 0)]
    min_position: Option<u64>,
}

/// A page that was asked for, checked.
pub(in crate::api) struct ListPage {
    pub(in crate::api) filter: Filter,
    pub(in crate::api) after: Option<CaseId>,
    pub(in crate::api) limit: u32,
    pub(in crate::api) min_position: Option<u64>,
}

impl FromRequestParts<Service> for ListPage {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &Service) -> Result<Self, ApiError> {
        page(&parts.uri)
    }
}

fn page(uri: &Uri) -> Result<ListPage, ApiError> {
    let wrong =
        |field: &str, message: String| Err(ApiError::Fields(vec![FieldError::new(field, message)]));
    // The library's form of a query knows no repeated names, so those that may be repeated are read apart.
    let (mut statuses, mut others) = (Vec::new(), Vec::new());
    for part in uri.query().unwrap_or_default().split('&') {
        match status_in(part) {
            Some(status) => statuses.push(status),
            None => others.push(part),
        }
    }
    let others = format!("/?{}", others.join("&"))
        .parse()
        .unwrap_or_default();
    let Query(mut query) = Query::<ListQuery>::try_from_uri(&others)
        .map_err(|rejection| ApiError::Fields(vec![wrong_query(&rejection)]))?;
    if statuses.len() > STATUSES_MAX {
        return wrong(
            "status",
            format!("can be repeated {STATUSES_MAX} times at most"),
        );
    }
    for status in statuses {
        match status.parse() {
            Ok(code) => query.status.push(code),
            Err(_) => {
                return wrong(
                    "status",
                    "must be a code, such as active; repeat it for several".to_owned(),
                );
            }
        }
    }
    let limit = query.limit.unwrap_or(PAGE_DEFAULT);
    if !(1..=PAGE_MAX).contains(&limit) {
        return wrong("limit", format!("must lie between 1 and {PAGE_MAX}"));
    }
    Ok(ListPage {
        filter: Filter {
            statuses: query.status,
            profile: query.profile,
            unit: query.unit,
            kind: query.kind,
            receiver: query.submitted_to,
            opened_from: moment("openedFrom", query.opened_from)?,
            opened_before: moment("openedBefore", query.opened_before)?,
        },
        after: query.cursor,
        limit,
        min_position: query.min_position,
    })
}

/// The status in a part of a query, decoded, if it is one.
fn status_in(part: &str) -> Option<String> {
    let part = format!("/?{part}").parse().ok()?;
    let Query(named) = Query::<Vec<(String, String)>>::try_from_uri(&part).ok()?;
    let mut named = named.into_iter();
    named.find_map(|(name, value)| (name == "status").then_some(value))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(query: &str) -> Result<ListPage, ApiError> {
        page(&format!("/v1/cases?{query}").parse().unwrap())
    }

    #[test]
    fn a_status_may_be_repeated_beside_the_other_filters() {
        let page = of("status=active&limit=7&status=closed&profile=stafettloggen-kvam").unwrap();
        let statuses: Vec<&str> = page.filter.statuses.iter().map(Code::as_str).collect();
        assert_eq!(statuses, ["active", "closed"]);
        assert_eq!(page.limit, 7);
        assert!(page.filter.profile.is_some());
        let encoded = of("status=%61ctive&%73tatus=closed&limit=7").unwrap();
        assert_eq!(encoded.filter.statuses, page.filter.statuses);
        let all = of("").unwrap();
        assert!(all.filter.is_everything());
        assert_eq!(all.limit, PAGE_DEFAULT);
    }

    #[test]
    fn what_is_no_filter_is_refused_by_its_name() {
        for query in [
            "status=Active",
            "status=",
            "limit=0",
            "limit=201",
            "limit=many",
            "colour=red",
            "unit=school",
            "openedFrom=yesterday",
            "openedBefore=%2B262000-12-31T23:59:59Z",
            "cursor=1",
            "profile=a&profile=b",
        ] {
            let Err(ApiError::Fields(wrong)) = of(query) else {
                panic!("{query} is no filter")
            };
            let name = query.split('=').next();
            let named = serde_json::to_value(&wrong[0]).unwrap();
            assert_eq!(named["field"].as_str(), name, "{query}: {named}");
        }
    }
}
