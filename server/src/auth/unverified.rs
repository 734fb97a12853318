//! Why a token is not taken: for the figures, never for whoever sent it.

use jsonwebtoken::errors::{Error, ErrorKind};

/// Why a token is not taken. Its code is a label in the metrics; the sender reads the same words for all of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Unverified {
    /// It is not shaped like a token, or lacks what every token has.
    Malformed,
    /// Nobody whose word is taken issued it.
    Issuer,
    /// It is signed by an algorithm that its issuer does not use, or not at all.
    Algorithm,
    /// Its issuer has no such key.
    Key,
    /// The signature is not its issuer's.
    Signature,
    /// It is for another service.
    Audience,
    /// It has ended.
    Expired,
    /// It has not begun.
    NotYet,
    /// It holds only together with a proof that cannot be checked here.
    Bound,
    /// It is for another tenant, or the request is.
    Tenant,
    /// What it says of the assurance means nothing here.
    Assurance,
    /// It names nobody.
    Subject,
}

impl Unverified {
    /// As a label.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Malformed => "malformed",
            Self::Issuer => "unknown_issuer",
            Self::Algorithm => "algorithm",
            Self::Key => "unknown_key",
            Self::Signature => "bad_signature",
            Self::Audience => "audience",
            Self::Expired => "expired",
            Self::NotYet => "not_yet_valid",
            Self::Bound => "bound_to_a_key",
            Self::Tenant => "tenant",
            Self::Assurance => "assurance",
            Self::Subject => "subject",
        }
    }
}

/// What the library found wrong with a token whose key and algorithm were right.
pub(super) fn because_of(error: &Error) -> Unverified {
    match error.kind() {
        ErrorKind::InvalidSignature => Unverified::Signature,
        ErrorKind::InvalidAlgorithm => Unverified::Algorithm,
        ErrorKind::InvalidAudience => Unverified::Audience,
        ErrorKind::InvalidIssuer => Unverified::Issuer,
        ErrorKind::ExpiredSignature => Unverified::Expired,
        ErrorKind::ImmatureSignature => Unverified::NotYet,
        ErrorKind::MissingRequiredClaim(claim) if claim == "aud" => Unverified::Audience,
        _ => Unverified::Malformed,
    }
}
