//! From whoever an issuer vouches for to an account.
//!
//! The account's id is computed, never looked up: no table links people to accounts, and without the key store nobody
//! can tell whose account an id is, nor whether somebody has one.

use ulid::Ulid;

use super::{Ledger, LedgerError};
use crate::{
    ids::{AccountId, Code, TenantId},
    sealing::{BlindIndex, BlindIndexLabel},
};

impl Ledger {
    /// The account of whoever an issuer knows by `subject`, active or not: the first 128 bits of the tenant's blind
    /// index over issuer and subject. The same identity has the same account for as long as the tenant has its key
    /// store, and another one at every other tenant.
    ///
    /// `subject` is taken byte for byte as the issuer gives it.
    pub async fn account_of_identity(
        &self,
        tenant: &TenantId,
        issuer: &Code,
        subject: &str,
    ) -> Result<AccountId, LedgerError> {
        let key = self.parts.keyring.index_key(tenant).await?;
        // A code has no zero byte, so no two identities are written alike.
        let identity = [issuer.as_str().as_bytes(), &[0], subject.as_bytes()].concat();
        let index = key.blind_index(BlindIndexLabel::Identity, &identity);
        Ok(account_of(index))
    }
}

fn account_of(BlindIndex(bytes): BlindIndex) -> AccountId {
    let mut first = [0; 16];
    first.copy_from_slice(&bytes[..16]);
    AccountId::from_ulid(Ulid::from_bytes(first))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sealing::IndexKey;

    #[test]
    fn an_identity_keeps_its_account() {
        // HMAC-SHA-256 with a key of 32 bytes 0x01 over "identity", a zero byte, "bank_id", a zero byte and "kari"; its
        // first 16 bytes in Crockford's base 32. Computed with Python.
        let index =
            IndexKey::from_bytes([1; 32]).blind_index(BlindIndexLabel::Identity, b"bank_id\0kari");
        assert_eq!(account_of(index).to_string(), "0B9RE8QW2MCZZD89M4H6272494");
    }
}
