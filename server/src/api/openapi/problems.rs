//! The problems that operations can end in: one answer a status, described once and referred to by all.

use utoipa::openapi::{Content, Ref, RefOr, Response, ResponseBuilder, Schema};

use super::{common_headers, header};

/// Every status that a problem can have, and what it says.
const PROBLEMS: [(&str, &str); 14] = [
    (
        "400",
        "The request is malformed, or fields are not as they should be: all of them are named.",
    ),
    ("401", "Nobody is signed in."),
    (
        "403",
        "The rules do not allow it; the requirement is named.",
    ),
    ("404", "There is nothing here that the caller may know of."),
    ("406", "What is given is none of the types in Accept."),
    // A reading becomes part of the ledger too.
    (
        "409",
        "Somebody else was faster, again and again; try again.",
    ),
    ("412", "The case has changed since it was read."),
    ("413", "The body is too large."),
    ("415", "This kind of body is not taken."),
    (
        "422",
        "It cannot be so, the Idempotency-Key was used for another request, or the ledger has not come so far.",
    ),
    ("428", "If-Match is missing."),
    (
        "429",
        "Too many requests; Retry-After says when to come back.",
    ),
    ("500", "Something went wrong here, and was noted."),
    (
        "503",
        "The service cannot answer now; Retry-After says when to come back.",
    ),
];

/// Every status that a problem can have.
pub(super) fn statuses() -> impl Iterator<Item = &'static str> {
    PROBLEMS.into_iter().map(|(status, _)| status)
}

/// The answers by the names under which they are referred to.
pub(super) fn all() -> impl Iterator<Item = (String, Response)> {
    PROBLEMS
        .into_iter()
        .map(|(status, description)| (name(status), problem(status, description)))
}

/// What an operation says of a status.
pub(super) fn reference(status: &str) -> RefOr<Response> {
    RefOr::Ref(Ref::from_response_name(name(status)))
}

fn name(status: &str) -> String {
    format!("Problem{status}")
}

fn problem(status: &str, description: &str) -> Response {
    let mut response = ResponseBuilder::new()
        .description(description)
        .content(
            "application/problem+json",
            Content::new(Some(RefOr::<Schema>::Ref(Ref::from_schema_name("Problem")))),
        )
        .build();
    let of_its_own = match status {
        "401" => Some((
            "WWW-Authenticate",
            header("How to sign in.", "Bearer realm=\"caseledger\""),
        )),
        "409" | "429" | "503" => Some((
            "Retry-After",
            header("In how many seconds to come back.", "1"),
        )),
        _ => None,
    };
    for (name, header) in common_headers().into_iter().chain(of_its_own) {
        response.headers.insert(name.to_owned(), header.into());
    }
    response
}
