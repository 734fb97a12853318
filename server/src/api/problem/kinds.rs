//! The kinds of problem and of detail: one line each. Their words stand in `server/words/<language>.ftl`, as
//! `problem-<code>` and `detail-<code>`; a test misses them for as long as they are not there.

use axum::http::StatusCode;
use ledger_core::command::RejectionCode;

use crate::words::Sentence;

macro_rules! kinds {
    ($($name:ident = $code:literal, $status:ident;)*) => {
        /// What kind of problem. Its code never changes; its title is always the same words in the same language.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(in crate::api) enum Kind {
            $($name,)*
        }

        impl Kind {
            /// Every kind.
            #[cfg(test)]
            pub(super) const ALL: &[Self] = &[$(Self::$name),*];

            /// The last word of its type.
            pub(super) const fn code(self) -> &'static str {
                match self { $(Self::$name => $code,)* }
            }

            /// The status that it is answered with.
            pub(super) const fn status(self) -> StatusCode {
                match self { $(Self::$name => StatusCode::$status,)* }
            }
        }
    };
}

kinds! {
    Conflict = "conflict", CONFLICT;
    IdempotencyKeyMissing = "idempotency-key-missing", BAD_REQUEST;
    IdempotencyKeyReused = "idempotency-key-reused", UNPROCESSABLE_ENTITY;
    Internal = "internal", INTERNAL_SERVER_ERROR;
    InvalidFields = "invalid-fields", BAD_REQUEST;
    Malformed = "malformed", BAD_REQUEST;
    ListsBehind = "lists-behind", SERVICE_UNAVAILABLE;
    MethodNotAllowed = "method-not-allowed", METHOD_NOT_ALLOWED;
    NoRuleBook = "no-rule-book", UNPROCESSABLE_ENTITY;
    NoSuchProof = "no-such-proof", UNPROCESSABLE_ENTITY;
    NotAcceptable = "not-acceptable", NOT_ACCEPTABLE;
    NotFound = "not-found", NOT_FOUND;
    NotSignedIn = "not-signed-in", UNAUTHORIZED;
    OccursInFuture = "occurs-in-future", UNPROCESSABLE_ENTITY;
    Refused = "refused", FORBIDDEN;
    Rejected = "rejected", UNPROCESSABLE_ENTITY;
    TooLarge = "too-large", PAYLOAD_TOO_LARGE;
    TooManyRequests = "too-many-requests", TOO_MANY_REQUESTS;
    TooManyStreams = "too-many-streams", TOO_MANY_REQUESTS;
    Unavailable = "unavailable", SERVICE_UNAVAILABLE;
    UnsupportedMediaType = "unsupported-media-type", UNSUPPORTED_MEDIA_TYPE;
    VersionDiffers = "version-differs", PRECONDITION_FAILED;
    VersionMissing = "version-missing", PRECONDITION_REQUIRED;
}

impl Kind {
    /// What it is called.
    pub(super) fn title(self) -> Sentence {
        Sentence::new(format!("problem-{}", self.code()))
    }
}

macro_rules! details {
    ($($name:ident = $code:literal;)*) => {
        /// What was wrong, and what to do.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(in crate::api) enum Detail {
            $($name,)*
        }

        impl Detail {
            /// Every detail.
            #[cfg(test)]
            pub(super) const ALL: &[Self] = &[$(Self::$name),*];

            const fn code(self) -> &'static str {
                match self { $(Self::$name => $code,)* }
            }
        }
    };
}

details! {
    BeingCarriedOut = "being-carried-out";
    BodyInterrupted = "body-interrupted";
    BodyTooLarge = "body-too-large";
    Busy = "busy";
    CannotBeReached = "cannot-be-reached";
    ChangedMeanwhile = "changed-meanwhile";
    DocumentTooLarge = "document-too-large";
    Fields = "fields";
    Format = "format";
    Header = "header";
    IdempotencyKeyMissing = "idempotency-key-missing";
    Internal = "internal";
    KeyReused = "key-reused";
    ListsBehind = "lists-behind";
    MediaType = "media-type";
    MethodNotAllowed = "method-not-allowed";
    Multipart = "multipart";
    NoMailServer = "no-mail-server";
    NoRuleBook = "no-rule-book";
    NoSuchProof = "no-such-proof";
    NotAcceptable = "not-acceptable";
    NotFound = "not-found";
    NotJson = "not-json";
    NotSignedIn = "not-signed-in";
    NothingWritten = "nothing-written";
    OccursInFuture = "occurs-in-future";
    OperatorNeeded = "operator-needed";
    OutcomeUnknown = "outcome-unknown";
    Refused = "refused";
    RejectedAlreadyThere = "rejected-already-there";
    RejectedInvalid = "rejected-invalid";
    RejectedNotFound = "rejected-not-found";
    RejectedNotInProfile = "rejected-not-in-profile";
    RejectedWrongStatus = "rejected-wrong-status";
    RequestTooLarge = "request-too-large";
    TimedOut = "timed-out";
    TokenInvalid = "token-invalid";
    TooBusy = "too-busy";
    TooManyRequests = "too-many-requests";
    TooManyStreams = "too-many-streams";
    VersionDiffers = "version-differs";
    VersionMissing = "version-missing";
}

impl Detail {
    /// The sentence that says it, its variables still to be filled.
    pub(super) fn sentence(self) -> Sentence {
        Sentence::new(format!("detail-{}", self.code()))
    }
}

impl From<Detail> for Sentence {
    fn from(detail: Detail) -> Self {
        detail.sentence()
    }
}

impl From<RejectionCode> for Detail {
    fn from(code: RejectionCode) -> Self {
        match code {
            RejectionCode::NotFound => Self::RejectedNotFound,
            RejectionCode::AlreadyThere => Self::RejectedAlreadyThere,
            RejectionCode::WrongStatus => Self::RejectedWrongStatus,
            RejectionCode::NotInProfile => Self::RejectedNotInProfile,
            RejectionCode::Invalid => Self::RejectedInvalid,
        }
    }
}

#[cfg(test)]
mod tests {
    use ledger_core::profile::Language;

    use super::*;
    use crate::words::Words;

    #[test]
    fn every_kind_and_every_detail_has_words() {
        let titles = Kind::ALL.iter().map(|kind| kind.title());
        let details = Detail::ALL.iter().map(|detail| detail.sentence());
        for sentence in titles.chain(details) {
            for language in Language::ALL {
                let has_words = Words::of(language).has(sentence.id());
                assert!(has_words, "{language:?} has no {}", sentence.id());
            }
        }
    }
}
