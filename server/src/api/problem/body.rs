//! A problem as the client reads it (RFC 9457), in the language that the client asked for.

use axum::{
    body::Body,
    http::{
        HeaderValue,
        header::{CONTENT_LENGTH, CONTENT_TYPE},
    },
    response::Response,
};
use ledger_core::{
    command::RejectionCode,
    profile::{Language, Requirement},
};
use serde::Serialize;
use utoipa::ToSchema;

use super::Problem;
use crate::{
    api::{fields::FieldError, language},
    words::{Wishes, Words},
};

/// What went wrong, and what to do (RFC 9457).
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Problem, example = json!({
    "type": "urn:caseledger:problem:refused",
    "title": "The rules do not allow it",
    "status": 403,
    "detail": "The rules of this system do not allow you to add a note here.",
    "requirement": "V24",
    "requirementText": "There are two consents: one to the log, and one to cooperation with other services.",
}))]
#[serde(rename_all = "camelCase")]
pub(in crate::api) struct ProblemBody {
    /// What kind of problem, for programs.
    #[serde(rename = "type")]
    kind: String,
    /// The same for people; always the same words for the same kind, in the language of Content-Language.
    title: String,
    /// The HTTP status.
    status: u16,
    /// What was wrong this time, and what to do, in the language of Content-Language.
    detail: String,
    /// The same more exactly, in English: for whoever builds the client. Not there where `detail` says all of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    hint: Option<String>,
    /// The requirement that the refusing rule rests on.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, pattern = "^[A-Z][1-9][0-9]{0,2}$", example = "V24")]
    requirement: Option<Requirement>,
    /// What this requirement says, by the rule book that decided: in the language of Content-Language, or in one that
    /// the rule book has.
    #[serde(skip_serializing_if = "Option::is_none")]
    requirement_text: Option<String>,
    /// For `urn:caseledger:problem:rejected`, which kind of rejection.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, example = "not_in_profile")]
    code: Option<RejectionCode>,
    /// Every field that was wrong. The messages are in English: they are for whoever builds the client.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    errors: Vec<FieldError>,
}

impl ProblemBody {
    /// Says a problem in a language. The exact words exist in English alone: there they are the detail, elsewhere they
    /// follow it as a hint.
    pub(super) fn of(problem: &Problem, words: Words) -> Self {
        let (detail, hint) = match (&problem.exactly, words.language()) {
            (Some(exactly), Language::En) => (exactly.clone(), None),
            (exactly, _) => (words.say(&problem.detail), exactly.clone()),
        };
        Self {
            kind: format!("urn:caseledger:problem:{}", problem.kind.code()),
            title: words.say(&problem.kind.title()),
            status: problem.kind.status().as_u16(),
            detail,
            hint,
            requirement: problem.requirement,
            requirement_text: problem
                .sentence
                .as_ref()
                .and_then(|sentence| words.choose(sentence))
                .map(|(_, text)| text.to_owned()),
            code: problem.code,
            errors: problem.errors.clone(),
        }
    }
}

/// Gives an answer that stands for a problem its words. Any other answer stays as it is.
pub(in crate::api) fn put_into_words(mut response: Response, wishes: &Wishes) -> Response {
    let Some(problem) = response.extensions_mut().remove::<Problem>() else {
        return response;
    };
    let words = wishes.words();
    let body = serde_json::to_vec(&ProblemBody::of(&problem, words))
        .expect("a problem has text keys only and no failing serializer");
    let headers = response.headers_mut();
    // It was that of no body at all.
    headers.remove(CONTENT_LENGTH);
    headers.insert(
        CONTENT_TYPE,
        HeaderValue::from_static("application/problem+json"),
    );
    let sentence = problem.sentence.as_ref();
    let of_the_rule_book = sentence.and_then(|sentence| words.choose(sentence));
    let languages = of_the_rule_book.map(|(language, _)| language);
    language::declare(headers, languages.into_iter().chain([words.language()]));
    *response.body_mut() = Body::from(body);
    response
}
