//! Why a request was not answered as it was meant. How each of these looks to the client stands in
//! [`problem`](super::problem), and nowhere else.

use ledger_core::ledger::LedgerError;

use super::fields::FieldError;
use crate::auth::SignInError;

/// Why a request was not answered as it was meant.
#[derive(Debug, thiserror::Error)]
pub(super) enum ApiError {
    /// The ledger did not do it.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// The lists cannot be read.
    #[error("the read models cannot be read")]
    Lists(#[source] anyhow::Error),
    /// The lists have not taken in what they were to have taken in.
    #[error(
        "the list is {events} events behind position {position}; come back, or ask without minPosition"
    )]
    ListsBehind {
        /// How many events are missing.
        events: u64,
        /// The position that was asked for.
        position: u64,
    },
    /// Nobody is signed in.
    #[error(transparent)]
    SignIn(#[from] SignInError),
    /// Fields of the body or the query are missing, unknown or wrong: all of them.
    #[error("{} of the request are not as they should be", count(.0))]
    Fields(Vec<FieldError>),
    /// The body is not JSON.
    #[error("the body is not JSON: the mistake is at line {line}, column {column}")]
    NotJson {
        /// From 1.
        line: usize,
        /// From 1.
        column: usize,
    },
    /// A header is not as it should be.
    #[error("the header {name} is not as it should be: {expected}")]
    Header {
        /// Which header.
        name: &'static str,
        /// What is expected.
        expected: &'static str,
    },
    /// A command without a key for repeating it.
    #[error(
        "this command needs the header Idempotency-Key, a text of your choice, so that it can be repeated safely"
    )]
    IdempotencyKeyMissing,
    /// A command that ends something, without the version that was seen.
    #[error("this command needs the header If-Match with the ETag of the case as you last read it")]
    VersionMissing,
    /// Another kind of body.
    #[error("this takes a body of type {accepted}")]
    UnsupportedMediaType {
        /// What is taken.
        accepted: &'static str,
    },
    /// A document of a kind that is not kept.
    #[error("documents are kept as {accepted}; this one is {found}")]
    UnsupportedFormat {
        /// What is taken.
        accepted: &'static str,
        /// What it is, as far as its bytes tell.
        found: &'static str,
    },
    /// A document that is not what it is said to be.
    #[error(
        "the file is declared as {declared}, but its bytes are {found}; declare what it is, or nothing"
    )]
    FormatDiffers {
        /// What the client says.
        declared: String,
        /// What the bytes say.
        found: &'static str,
    },
    /// A document in which something runs.
    #[error("this PDF holds {what}, so it is not kept; print it into a new PDF and file that")]
    ActiveContent {
        /// What was found.
        what: &'static str,
    },
    /// None of the types in `Accept` can be given.
    #[error("this is given as {produced}; none of the types in Accept is that")]
    NotAcceptable {
        /// What is given.
        produced: &'static str,
    },
    /// The body is too large.
    #[error("the body is larger than {bytes_max} bytes")]
    BodyTooLarge {
        /// The limit.
        bytes_max: u64,
    },
    /// The body ended early, or came too slowly.
    #[error("the body did not arrive whole; send it again")]
    BodyInterrupted,
    /// A multipart body is not as the operation wants it.
    #[error("the body is not as it should be: {0}")]
    Multipart(&'static str),
    /// There is no mail server to hand anything to.
    #[error("no mail server is configured, so nothing can be sent; set `smtp_url` and `smtp_from`")]
    NoMailServer,
    /// There is nothing here.
    #[error("there is nothing here")]
    UnknownRoute,
    /// Not with this method.
    #[error("this cannot be done here; the header Allow says what can")]
    MethodNotAllowed,
    /// Too much from one caller.
    #[error("too many requests; come back in {retry_after_seconds} s")]
    TooManyRequests {
        /// When to come back.
        retry_after_seconds: u64,
    },
    /// One caller follows too many cases at once.
    #[error("an account can follow {max} cases at the same time; end one of these streams first")]
    TooManyStreams {
        /// The limit.
        max: usize,
    },
    /// Too much from all callers together.
    #[error("the service is busy; try again")]
    Busy,
    /// It took too long.
    #[error("this took too long; repeat it with the same Idempotency-Key to learn how it ended")]
    TimedOut,
    /// A defect of this program.
    #[error("something went wrong here, and was noted; nothing that was acknowledged is lost")]
    Internal,
}

fn count(fields: &[FieldError]) -> String {
    match fields.len() {
        1 => "one field".to_owned(),
        several => format!("{several} fields"),
    }
}
