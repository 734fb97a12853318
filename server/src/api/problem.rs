//! Every way in which a request can fail, as problem+json (RFC 9457): which kind, which status, which words. Only here
//! is it known.
//!
//! A failure becomes a [`Problem`] that is in no language yet and travels with the answer; the layer around all
//! requests puts it into the words of the client's language (`body.rs`). The words themselves stand in
//! `server/words/<language>.ftl`.
//!
//! **Invariants: whoever may not know of a case reads the same as if it were not there. No text of a failure below this
//! service leaves it.** What a client did not cause is logged instead, under the request's correlation id.

mod body;
mod kinds;

use std::{error::Error as _, fmt::Write as _, sync::Arc};

use axum::{
    http::{
        HeaderValue,
        header::{RETRY_AFTER, WWW_AUTHENTICATE},
    },
    response::{IntoResponse, Response},
};
use ledger_core::{
    command::{Rejection, RejectionCode},
    ledger::{LedgerError, Refusal},
    log::TreeError,
    profile::{Names, Requirement},
    sealing::{ChunkError, KeyringError},
    store::{AppendError, ReadError},
};

pub(super) use self::body::{ProblemBody, put_into_words};
use self::kinds::{Detail, Kind};
use super::{error::ApiError, fields::FieldError};
use crate::{auth::SignInError, words::Sentence};

/// After how long to come back to a service that cannot reach what it needs, in seconds.
const COME_BACK_SECONDS: u64 = 2;

/// What went wrong, and what to do, before it is put into words.
#[derive(Debug, Clone)]
pub(super) struct Problem {
    kind: Kind,
    detail: Sentence,
    /// The detail more exactly, in English.
    exactly: Option<String>,
    requirement: Option<Requirement>,
    /// What the requirement says, by the rule book that decided.
    sentence: Option<Arc<Names>>,
    code: Option<RejectionCode>,
    errors: Vec<FieldError>,
    retry_after_seconds: Option<u64>,
    challenge: Option<&'static str>,
}

impl Problem {
    fn new(kind: Kind, detail: impl Into<Sentence>) -> Self {
        Self {
            kind,
            detail: detail.into(),
            exactly: None,
            requirement: None,
            sentence: None,
            code: None,
            errors: Vec::new(),
            retry_after_seconds: None,
            challenge: None,
        }
    }

    /// Says more than the detail, in English.
    fn exactly(mut self, words: impl Into<String>) -> Self {
        self.exactly = Some(words.into());
        self
    }

    fn retry_after(mut self, seconds: u64) -> Self {
        self.retry_after_seconds = Some(seconds);
        self
    }

    /// The same whether it is not there or may not be known.
    fn not_found() -> Self {
        Self::new(Kind::NotFound, Detail::NotFound)
    }

    /// A defect, or damage: the client can do nothing.
    fn internal() -> Self {
        Self::new(Kind::Internal, Detail::Internal)
    }

    /// What the service needs cannot be reached or must not be used now.
    fn unavailable(detail: Detail) -> Self {
        Self::new(Kind::Unavailable, detail).retry_after(COME_BACK_SECONDS)
    }

    fn conflict(detail: Detail) -> Self {
        Self::new(Kind::Conflict, detail).retry_after(1)
    }
}

impl From<&ApiError> for Problem {
    fn from(error: &ApiError) -> Self {
        let words = error.to_string();
        match error {
            ApiError::Ledger(error) => Self::from(error),
            ApiError::SignIn(error) => Self::from(error),
            ApiError::Fields(errors) => Self {
                errors: errors.clone(),
                ..Self::new(Kind::InvalidFields, Detail::Fields)
            },
            ApiError::NotJson { line, column } => {
                let detail = Detail::NotJson.sentence();
                let detail = detail.with_number("line", *line as u64);
                Self::new(
                    Kind::Malformed,
                    detail.with_number("column", *column as u64),
                )
            }
            ApiError::Header { name, .. } => {
                let detail = Detail::Header.sentence().with("name", *name);
                Self::new(Kind::Malformed, detail).exactly(words)
            }
            ApiError::BodyInterrupted => Self::new(Kind::Malformed, Detail::BodyInterrupted),
            ApiError::Multipart(_) => Self::new(Kind::Malformed, Detail::Multipart).exactly(words),
            ApiError::IdempotencyKeyMissing => {
                Self::new(Kind::IdempotencyKeyMissing, Detail::IdempotencyKeyMissing)
            }
            ApiError::VersionMissing => Self::new(Kind::VersionMissing, Detail::VersionMissing),
            ApiError::UnsupportedMediaType { accepted } => {
                let detail = Detail::MediaType.sentence().with("accepted", *accepted);
                Self::new(Kind::UnsupportedMediaType, detail)
            }
            ApiError::UnsupportedFormat { .. }
            | ApiError::FormatDiffers { .. }
            | ApiError::ActiveContent { .. } => {
                Self::new(Kind::UnsupportedMediaType, Detail::Format).exactly(words)
            }
            ApiError::NotAcceptable { .. } => {
                Self::new(Kind::NotAcceptable, Detail::NotAcceptable).exactly(words)
            }
            ApiError::BodyTooLarge { bytes_max } => {
                let detail = Detail::BodyTooLarge.sentence();
                Self::new(Kind::TooLarge, detail.with_number("bytes", *bytes_max))
            }
            ApiError::NoMailServer => Self::new(Kind::Unavailable, Detail::NoMailServer),
            ApiError::UnknownRoute => Self::not_found(),
            ApiError::MethodNotAllowed => {
                Self::new(Kind::MethodNotAllowed, Detail::MethodNotAllowed)
            }
            ApiError::TooManyRequests {
                retry_after_seconds,
            } => {
                let detail = Detail::TooManyRequests.sentence();
                let detail = detail.with_number("seconds", *retry_after_seconds);
                Self::new(Kind::TooManyRequests, detail).retry_after(*retry_after_seconds)
            }
            ApiError::Lists(_) => Self::unavailable(Detail::CannotBeReached).exactly(words),
            ApiError::Busy => Self::unavailable(Detail::Busy),
            ApiError::TimedOut => Self::unavailable(Detail::TimedOut),
            ApiError::TooManyStreams { max } => {
                let detail = Detail::TooManyStreams.sentence();
                let detail = detail.with_number("max", *max as u64);
                Self::new(Kind::TooManyStreams, detail).retry_after(COME_BACK_SECONDS)
            }
            ApiError::ListsBehind { .. } => Self::new(Kind::ListsBehind, Detail::ListsBehind)
                .exactly(words)
                .retry_after(COME_BACK_SECONDS),
            ApiError::Internal => Self::internal(),
        }
    }
}

impl From<&SignInError> for Problem {
    fn from(error: &SignInError) -> Self {
        let (detail, challenge) = match error {
            SignInError::Missing => (Detail::NotSignedIn, r#"Bearer realm="caseledger""#),
            // Of one kind, whatever was wrong with the token.
            SignInError::Invalid(_) => (
                Detail::TokenInvalid,
                r#"Bearer realm="caseledger", error="invalid_token""#,
            ),
            SignInError::Unavailable => {
                return Self::unavailable(Detail::CannotBeReached).exactly(error.to_string());
            }
        };
        Self {
            challenge: Some(challenge),
            ..Self::new(Kind::NotSignedIn, detail)
        }
    }
}

impl From<&LedgerError> for Problem {
    fn from(error: &LedgerError) -> Self {
        match error {
            LedgerError::NotFound => Self::not_found(),
            LedgerError::Refused(refusal) => Self::from(&**refusal),
            LedgerError::Rejected(rejection) => Self::from(rejection),
            LedgerError::VersionDiffers { expected, actual } => {
                let detail = Detail::VersionDiffers.sentence();
                let detail = detail.with_number("expected", *expected);
                Self::new(Kind::VersionDiffers, detail.with_number("actual", *actual))
            }
            LedgerError::TooBusy => Self::conflict(Detail::TooBusy),
            LedgerError::Append(error) => Self::from(error),
            LedgerError::Read(error) => Self::from(error),
            LedgerError::Keyring(error) => Self::from(error),
            LedgerError::NoProfile(profile) => {
                let detail = Detail::NoRuleBook.sentence();
                Self::new(
                    Kind::NoRuleBook,
                    detail.with("profile", profile.to_string()),
                )
            }
            LedgerError::Document(ChunkError::TooLarge) => {
                Self::new(Kind::TooLarge, Detail::DocumentTooLarge).exactly(error.to_string())
            }
            LedgerError::Tree(TreeError::Shrinking { .. } | TreeError::OutsideTree { .. }) => {
                Self::new(Kind::NoSuchProof, Detail::NoSuchProof).exactly(error.to_string())
            }
            LedgerError::Restored { .. } => Self::unavailable(Detail::OperatorNeeded),
            LedgerError::Profile { .. }
            | LedgerError::ContentUnreadable(_)
            | LedgerError::Document(
                ChunkError::WrongLength { .. }
                | ChunkError::NotAuthentic { .. }
                | ChunkError::NotCommitted
                | ChunkError::FinalChunkMissing { .. }
                | ChunkError::AfterFinalChunk
                | ChunkError::AlreadyFailed,
            )
            | LedgerError::Tree(TreeError::Missing { .. })
            | LedgerError::Head(_)
            | LedgerError::KeyStoreContent { .. } => Self::internal(),
        }
    }
}

impl From<&Refusal> for Problem {
    fn from(refusal: &Refusal) -> Self {
        let detail = Detail::Refused.sentence();
        Self {
            requirement: refusal.requirement().copied(),
            sentence: refusal.decision.sentence.clone(),
            ..Self::new(Kind::Refused, detail.with_action("action", refusal.action))
        }
    }
}

impl From<&Rejection> for Problem {
    fn from(rejection: &Rejection) -> Self {
        Self {
            requirement: rejection.requirement,
            sentence: rejection.sentence.clone(),
            code: Some(rejection.code),
            ..Self::new(Kind::Rejected, Detail::from(rejection.code))
                .exactly(rejection.message.as_str())
        }
    }
}

impl From<&AppendError> for Problem {
    fn from(error: &AppendError) -> Self {
        match error {
            AppendError::Conflict { .. } | AppendError::NoLongerHolds { .. } => {
                Self::conflict(Detail::ChangedMeanwhile)
            }
            AppendError::Repeated { .. } => Self::conflict(Detail::BeingCarriedOut),
            AppendError::KeyReused => Self::new(Kind::IdempotencyKeyReused, Detail::KeyReused),
            AppendError::OccursInFuture { .. } => {
                Self::new(Kind::OccursInFuture, Detail::OccursInFuture).exactly(error.to_string())
            }
            AppendError::TooLarge { .. } => {
                Self::new(Kind::TooLarge, Detail::RequestTooLarge).exactly(error.to_string())
            }
            AppendError::Unavailable => Self::unavailable(Detail::NothingWritten),
            AppendError::OutcomeUnknown => Self::unavailable(Detail::OutcomeUnknown),
            // For whoever runs the service, the log says more.
            AppendError::ClockJumped { .. }
            | AppendError::UnknownTenant(_)
            | AppendError::WentBack { .. } => Self::unavailable(Detail::OperatorNeeded),
        }
    }
}

impl From<&ReadError> for Problem {
    fn from(error: &ReadError) -> Self {
        match error {
            ReadError::Unavailable(_) => Self::unavailable(Detail::CannotBeReached),
            ReadError::UnknownTenant(_) => Self::unavailable(Detail::OperatorNeeded),
            ReadError::Envelope { .. } | ReadError::Facts { .. } => Self::internal(),
        }
    }
}

impl From<&KeyringError> for Problem {
    fn from(error: &KeyringError) -> Self {
        match error {
            // What was sealed with it is gone, as if it had never been.
            KeyringError::Destroyed(_) => Self::not_found(),
            KeyringError::Storage { .. } | KeyringError::Stopped => {
                Self::unavailable(Detail::CannotBeReached)
            }
            KeyringError::UnknownTenant(_)
            | KeyringError::OriginDiffers { .. }
            | KeyringError::OriginUsedBefore { .. }
            | KeyringError::BelowPublished { .. }
            | KeyringError::WrongMasterKey
            | KeyringError::OpenToOthers { .. }
            | KeyringError::NewerFormat { .. } => Self::unavailable(Detail::OperatorNeeded),
            KeyringError::UnknownSigningKey { .. }
            | KeyringError::LastSigningKey { .. }
            | KeyringError::Damaged { .. } => Self::internal(),
        }
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let problem = Problem::from(&self);
        if problem.kind.status().is_server_error() && !matches!(self, Self::Busy) {
            tracing::error!(error = %with_causes(&self), "a request could not be answered");
        }
        problem.into_response()
    }
}

/// The error with what lies below it, for the log.
fn with_causes(error: &ApiError) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(below) = cause {
        write!(text, ": {below}").expect("writing to a string cannot fail");
        cause = below.source();
    }
    text
}

impl IntoResponse for Problem {
    /// Status and headers; the words are put in by the layer that knows the client's language.
    fn into_response(self) -> Response {
        let mut response = self.kind.status().into_response();
        let headers = response.headers_mut();
        if let Some(seconds) = self.retry_after_seconds {
            headers.insert(RETRY_AFTER, seconds.into());
        }
        if let Some(challenge) = self.challenge {
            headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static(challenge));
        }
        response.extensions_mut().insert(self);
        response
    }
}

#[cfg(test)]
mod tests {
    use ledger_core::profile::Language;
    use serde_json::Value;

    use super::*;
    use crate::words::Words;

    fn said(problem: &Problem, language: Language) -> Value {
        serde_json::to_value(ProblemBody::of(problem, Words::of(language))).unwrap()
    }

    #[test]
    fn what_may_not_be_known_reads_like_what_is_not_there() {
        let hidden = Problem::from(&ApiError::Ledger(LedgerError::NotFound));
        let nothing = Problem::from(&ApiError::UnknownRoute);
        for language in Language::ALL {
            assert_eq!(said(&hidden, language), said(&nothing, language));
        }
    }

    #[test]
    fn the_text_of_a_failure_below_stays_here() {
        let below = "password authentication failed for user \"ledger\"";
        let error = ApiError::Ledger(ReadError::Unavailable(below.into()).into());
        let shown = said(&Problem::from(&error), Language::En).to_string();
        assert!(!shown.contains("password"), "{shown}");
        assert!(with_causes(&error).contains("password"));
    }

    #[test]
    fn a_rejection_names_its_kind_and_its_requirement() {
        let says = [
            (Language::Nn, "Loggen viser tenester.".to_owned()),
            (Language::En, "The log shows services.".to_owned()),
        ];
        let rejection = Rejection {
            requirement: "V4".parse().ok(),
            sentence: Some(Arc::new(Names::from(says))),
            ..Rejection::new(RejectionCode::NotInProfile, "no such role")
        };
        let problem = said(&Problem::from(&rejection), Language::Nn);
        assert_eq!(problem["status"], 422);
        assert_eq!(problem["code"], "not_in_profile");
        assert_eq!(problem["requirement"], "V4");
        let text = problem["requirementText"].as_str().unwrap();
        assert_eq!(text, "Loggen viser tenester.");
        let elsewhere = said(&Problem::from(&rejection), Language::Nl);
        assert_eq!(elsewhere["requirementText"], "The log shows services.");
    }

    #[test]
    fn exact_words_are_the_detail_in_english_and_a_hint_elsewhere() {
        let rejection = Rejection::new(RejectionCode::Invalid, "it ends before it begins");
        let problem = Problem::from(&rejection);
        let english = said(&problem, Language::En);
        assert_eq!(english["detail"], "it ends before it begins");
        assert!(english.get("hint").is_none(), "{english}");
        for language in [Language::Nn, Language::Nb, Language::Nl] {
            let other = said(&problem, language);
            assert_eq!(other["hint"], "it ends before it begins");
            assert_ne!(other["detail"], english["detail"]);
            assert_eq!(other["type"], english["type"]);
        }
    }

    #[test]
    fn every_variable_of_a_detail_is_filled() {
        let filled = [
            ApiError::NotJson {
                line: 17,
                column: 23,
            },
            ApiError::Header {
                name: "17",
                expected: "23",
            },
            ApiError::UnsupportedMediaType { accepted: "17" },
            ApiError::BodyTooLarge { bytes_max: 17 },
            ApiError::TooManyRequests {
                retry_after_seconds: 17,
            },
            ApiError::Ledger(LedgerError::VersionDiffers {
                expected: 23,
                actual: 17,
            }),
        ];
        for error in &filled {
            for language in Language::ALL {
                let detail = Words::of(language).say(&Problem::from(error).detail);
                assert!(detail.contains("17") && !detail.contains('{'), "{detail}");
            }
        }
    }
}
