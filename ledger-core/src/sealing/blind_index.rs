//! Blind indexes: finding a record by something that must not stand in the database.
//!
//! A national id has few possible values, so an unkeyed hash of it could be reversed by trying them all. Everything
//! of low entropy is therefore looked up by an HMAC under a key that only the key store holds.

use std::fmt;

use aws_lc_rs::hmac;

use super::secret::IndexKey;

/// What a blind index is for. Two uses never share a value, so records cannot be linked across them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum BlindIndexLabel {
    /// The national identity number of a child or guardian.
    NationalId,
    /// Which account a person signs in with.
    PersonAccount,
    /// The account of a member of staff who takes part in a case.
    StaffAccount,
    /// Whom an issuer vouches for: the account follows from it.
    Identity,
    /// The secret of an invitation, by which it is found.
    Invitation,
    /// The secret of an invitation together with its id, by which it is recognised.
    InvitationToken,
    /// The file of a log that was taken in: the import follows from it.
    ImportSource,
    /// A case of an import: its id follows from it.
    ImportedCase,
    /// The import that brought a case.
    ImportedLog,
    /// The id of an invitation: its secret follows from it.
    InvitationSecret,
    /// The idempotency key that a client sent.
    IdempotencyKey,
    /// The body of a request, to see whether a repeated one is the same.
    RequestBody,
}

impl BlindIndexLabel {
    /// Part of what is hashed: never change one, the records found by it would be lost.
    const fn as_str(self) -> &'static str {
        match self {
            Self::NationalId => "national_id",
            Self::PersonAccount => "person_account",
            Self::StaffAccount => "staff_account",
            Self::Identity => "identity",
            Self::Invitation => "invitation",
            Self::InvitationToken => "invitation_token",
            Self::ImportSource => "import_source",
            Self::ImportedCase => "imported_case",
            Self::ImportedLog => "imported_log",
            Self::InvitationSecret => "invitation_secret",
            Self::IdempotencyKey => "idempotency_key",
            Self::RequestBody => "request_body",
        }
    }
}

/// HMAC-SHA-256 (RFC 2104) of a label and a value under the tenant's index key. Pseudonymous, so not printed.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BlindIndex(pub [u8; 32]);

impl fmt::Debug for BlindIndex {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("BlindIndex(redacted)")
    }
}

impl IndexKey {
    /// The blind index of a value: HMAC-SHA-256(key, label ‖ 0x00 ‖ value).
    ///
    /// The caller normalises the value first (a national id to its digits, an address to lower case): the
    /// same thing written in two ways must not become two records.
    pub fn blind_index(&self, label: BlindIndexLabel, normalised: &[u8]) -> BlindIndex {
        let mut context =
            hmac::Context::with_key(&hmac::Key::new(hmac::HMAC_SHA256, self.expose()));
        context.update(label.as_str().as_bytes());
        context.update(&[0]);
        context.update(normalised);
        let mut bytes = [0; 32];
        bytes.copy_from_slice(context.sign().as_ref());
        BlindIndex(bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_found_again_under_the_same_key_and_label_only() {
        let key = IndexKey::from_bytes([1; 32]);
        let found = key.blind_index(BlindIndexLabel::NationalId, b"01010112345");
        assert_eq!(
            found,
            key.blind_index(BlindIndexLabel::NationalId, b"01010112345")
        );
        for other in [
            key.blind_index(BlindIndexLabel::NationalId, b"01010112346"),
            key.blind_index(BlindIndexLabel::PersonAccount, b"01010112345"),
            IndexKey::from_bytes([2; 32]).blind_index(BlindIndexLabel::NationalId, b"01010112345"),
        ] {
            assert_ne!(found, other);
        }
    }

    #[test]
    fn stored_indexes_stay_valid() {
        // HMAC-SHA-256 with a key of 32 bytes 0x01 over "request_body", a zero byte and "{}", computed with Python's `hmac`.
        let index = IndexKey::from_bytes([1; 32]).blind_index(BlindIndexLabel::RequestBody, b"{}");
        assert_eq!(
            crate::ids::Digest(index.0).to_string(),
            "UkKmSgULDCVzKNO+Jzt1kSv9G94w4zxk+dnyz8Y+T/M="
        );
    }
}
