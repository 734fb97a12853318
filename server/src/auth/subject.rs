//! Whom an issuer means.

use std::fmt;

/// The longest name of a subject (OpenID Connect Core 1.0 §2).
const CHARACTERS_MAX: usize = 255;

/// Why a text cannot name anybody; completes "the subject …".
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "must be 1 to 255 characters, without control characters and without spaces around them, exactly as the issuer's \
     tokens have it"
)]
pub struct InvalidSubject;

/// The name by which an issuer knows somebody, byte for byte. It may be a national id, so it is not printed.
#[derive(Clone, PartialEq, Eq)]
pub struct Subject(String);

impl Subject {
    /// A name that can be told apart from others. Nothing is trimmed: two names that differ are two people.
    pub fn try_new(text: &str) -> Result<Self, InvalidSubject> {
        let shaped = !text.is_empty()
            && text.trim() == text
            && text.chars().count() <= CHARACTERS_MAX
            && !text.chars().any(char::is_control);
        shaped.then(|| Self(text.to_owned())).ok_or(InvalidSubject)
    }

    /// As the issuer writes it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Subject(redacted)")
    }
}
