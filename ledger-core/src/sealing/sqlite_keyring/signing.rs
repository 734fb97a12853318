//! Signing keys: added, listed, retired. A retired key is kept, because what it signed must stay explainable.

use rusqlite::params;

use super::{
    schema::failed,
    store::{Store, damaged, read_time},
};
use crate::{
    clock::Timestamp,
    ids::TenantId,
    sealing::{
        keyring::{KeyringError, StoredSigningKey},
        secret::{DataKey, SigningSeed},
        wrapping::{Place, unwrap, wrap},
    },
};

/// A row of `signing_keys`: number, wrapped seed, made at, retired at.
type SigningKeyRow = (u32, Vec<u8>, i64, Option<i64>);

impl Store {
    pub(super) fn signing_keys(
        &mut self,
        tenant: &TenantId,
    ) -> Result<Vec<StoredSigningKey>, KeyringError> {
        let tenant_key = self.tenant_key(tenant)?;
        let rows: Vec<SigningKeyRow> = self
            .connection
            .prepare_cached(
                "SELECT number, wrapped_seed, created_at, retired_at
                 FROM signing_keys WHERE tenant = ?1 ORDER BY number",
            )
            .and_then(|mut statement| {
                statement
                    .query_map([tenant.as_str()], |row| {
                        Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))
                    })?
                    .collect()
            })
            .map_err(failed("read the signing keys"))?;
        rows.into_iter()
            .map(|row| read_signing_key(tenant, &tenant_key, row))
            .collect()
    }

    pub(super) fn add_signing_key(
        &mut self,
        tenant: &TenantId,
        now: Timestamp,
    ) -> Result<StoredSigningKey, KeyringError> {
        let tenant_key = self.tenant_key(tenant)?;
        let number: u32 = self
            .connection
            .query_row(
                "SELECT 1 + coalesce(max(number), 0) FROM signing_keys WHERE tenant = ?1",
                [tenant.as_str()],
                |row| row.get(0),
            )
            .map_err(failed("number a signing key"))?;
        let seed = SigningSeed::generate(&*self.entropy);
        let wrapped = wrap(
            tenant_key.expose(),
            place(tenant, &number.to_string()),
            seed.expose(),
            &*self.entropy,
        );
        self.connection
            .execute(
                "INSERT INTO signing_keys (tenant, number, wrapped_seed, created_at) VALUES (?1, ?2, ?3, ?4)",
                params![tenant.as_str(), number, wrapped, now.timestamp_micros()],
            )
            .map_err(failed("add a signing key"))?;
        Ok(StoredSigningKey {
            number,
            seed,
            created_at: crate::clock::to_micros(now),
            retired_at: None,
        })
    }

    pub(super) fn retire_signing_key(
        &mut self,
        tenant: &TenantId,
        number: u32,
        at: Timestamp,
    ) -> Result<(), KeyringError> {
        let keys = self.signing_keys(tenant)?;
        let key = keys
            .iter()
            .find(|key| key.number == number)
            .ok_or_else(|| KeyringError::UnknownSigningKey {
                tenant: tenant.clone(),
                number,
            })?;
        if key.retired_at.is_some() {
            return Ok(());
        }
        let in_use = keys.iter().filter(|key| key.retired_at.is_none()).count();
        if in_use == 1 {
            return Err(KeyringError::LastSigningKey {
                tenant: tenant.clone(),
                number,
            });
        }
        self.connection
            .execute(
                "UPDATE signing_keys SET retired_at = ?3 WHERE tenant = ?1 AND number = ?2",
                params![tenant.as_str(), number, at.timestamp_micros()],
            )
            .map_err(failed("retire a signing key"))?;
        Ok(())
    }
}

fn read_signing_key(
    tenant: &TenantId,
    tenant_key: &DataKey,
    (number, wrapped, created_at, retired_at): SigningKeyRow,
) -> Result<StoredSigningKey, KeyringError> {
    let seed = unwrap(
        tenant_key.expose(),
        place(tenant, &number.to_string()),
        &wrapped,
    )
    .ok_or_else(|| damaged(format!("signing key {number} of tenant {tenant}")))?;
    Ok(StoredSigningKey {
        number,
        seed: SigningSeed::from_bytes(*seed),
        created_at: read_time(created_at)?,
        retired_at: retired_at.map(read_time).transpose()?,
    })
}

fn place<'a>(tenant: &'a TenantId, number: &'a str) -> Place<'a> {
    Place {
        kind: "signing_seed",
        tenant: tenant.as_str(),
        name: number,
    }
}
