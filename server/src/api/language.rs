//! In which language a client is spoken to: `Accept-Language` read, `Content-Language` and `Vary` declared
//! (RFC 9110 §12.5.4, §8.5, §12.5.5). How the choice is made stands in [`crate::words::Wishes`].

use std::{collections::BTreeSet, convert::Infallible};

use axum::{
    extract::FromRequestParts,
    http::{
        HeaderMap, HeaderValue,
        header::{ACCEPT_LANGUAGE, CONTENT_LANGUAGE, VARY},
        request::Parts,
    },
    response::{IntoResponse, Response},
};
use ledger_core::profile::Language;

use super::service::Service;
use crate::words::Wishes;

/// What a client wishes for; several headers count as one.
pub(super) fn wished(headers: &HeaderMap) -> Wishes {
    let values = headers.get_all(ACCEPT_LANGUAGE).iter();
    let values: Vec<&str> = values.filter_map(|value| value.to_str().ok()).collect();
    Wishes::parse(&values.join(","))
}

impl FromRequestParts<Service> for Wishes {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &Service) -> Result<Self, Infallible> {
        Ok(wished(&parts.headers))
    }
}

/// Declares in which languages an answer's words are, and that another wish would have brought others.
pub(super) fn declare(headers: &mut HeaderMap, languages: impl IntoIterator<Item = Language>) {
    let languages: BTreeSet<Language> = languages.into_iter().collect();
    let codes: Vec<&str> = languages.into_iter().map(Language::code).collect();
    if !codes.is_empty() {
        let value = HeaderValue::try_from(codes.join(", "))
            .expect("letters, commas and spaces may stand in a header");
        headers.insert(CONTENT_LANGUAGE, value);
    }
    headers.append(VARY, HeaderValue::from_static("Accept-Language"));
}

/// An answer whose words are in these languages.
pub(super) fn spoken(
    languages: impl IntoIterator<Item = Language>,
    answer: impl IntoResponse,
) -> Response {
    let mut response = answer.into_response();
    declare(response.headers_mut(), languages);
    response
}
