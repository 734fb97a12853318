//! Tenants: opening them, their index key, their origins and what was published under them.

use rusqlite::params;

use super::{
    schema::failed,
    store::{Store, damaged, read_time, tenant_key_place},
};
use crate::{
    clock::Timestamp,
    ids::{Digest, TenantId},
    sealing::{
        keyring::{KeyringError, Origin, PublishedHead},
        secret::{DataKey, IndexKey},
        wrapping::{Place, unwrap, wrap},
    },
};

/// A row of `origins`: name, since when, and the size, root and time of the last head, if there is one.
type OriginRow = (String, i64, Option<i64>, Option<[u8; 32]>, Option<i64>);

impl Store {
    pub(super) fn open_tenant(
        &mut self,
        tenant: &TenantId,
        origin: &str,
        now: Timestamp,
    ) -> Result<(), KeyringError> {
        match self.current_origin(tenant) {
            Ok((remembered, _)) => return same_origin(tenant, &remembered, origin),
            Err(KeyringError::UnknownTenant(_)) => {}
            Err(error) => return Err(error),
        }
        let key = DataKey::generate(&*self.entropy);
        let index = IndexKey::generate(&*self.entropy);
        let wrapped_key = wrap(
            self.master.expose(),
            tenant_key_place(tenant),
            key.expose(),
            &*self.entropy,
        );
        let wrapped_index = wrap(
            key.expose(),
            index_key_place(tenant),
            index.expose(),
            &*self.entropy,
        );
        self.connection
            .execute(
                "INSERT INTO tenants (tenant, wrapped_key, wrapped_index, opened_at) VALUES (?1, ?2, ?3, ?4)",
                params![tenant.as_str(), wrapped_key, wrapped_index, now.timestamp_micros()],
            )
            .map_err(failed("add a tenant"))?;
        self.add_origin(tenant, origin, now)?;
        self.add_signing_key(tenant, now)?;
        Ok(())
    }

    pub(super) fn open_new_origin(
        &mut self,
        tenant: &TenantId,
        origin: &str,
        now: Timestamp,
    ) -> Result<(), KeyringError> {
        let origins = self.origins(tenant)?;
        let is_origin = |(used, _): &(Origin, _)| &*used.name == origin;
        if origins.last().is_some_and(is_origin) {
            return Ok(());
        }
        if origins.iter().any(is_origin) {
            return Err(KeyringError::OriginUsedBefore {
                tenant: tenant.clone(),
                origin: origin.into(),
            });
        }
        self.add_origin(tenant, origin, now)
    }

    pub(super) fn origins(
        &mut self,
        tenant: &TenantId,
    ) -> Result<Vec<(Origin, Option<PublishedHead>)>, KeyringError> {
        let rows: Vec<OriginRow> = self
            .connection
            .prepare_cached(
                "SELECT origin, opened_at, published_size, published_root, published_at
                 FROM origins WHERE tenant = ?1 ORDER BY number",
            )
            .and_then(|mut statement| {
                statement
                    .query_map([tenant.as_str()], |row| {
                        Ok((
                            row.get(0)?,
                            row.get(1)?,
                            row.get(2)?,
                            row.get(3)?,
                            row.get(4)?,
                        ))
                    })?
                    .collect()
            })
            .map_err(failed("read a tenant's origins"))?;
        if rows.is_empty() {
            return Err(KeyringError::UnknownTenant(tenant.clone()));
        }
        rows.into_iter().map(read_origin).collect()
    }

    pub(super) fn remember_published(
        &mut self,
        tenant: &TenantId,
        origin: &str,
        head: PublishedHead,
    ) -> Result<(), KeyringError> {
        let (remembered, published) = self.current_origin(tenant)?;
        same_origin(tenant, &remembered, origin)?;
        match published {
            Some(published) if !published.admits(&head) => {
                return Err(KeyringError::BelowPublished {
                    published,
                    offered: head,
                });
            }
            Some(published) if published.size == head.size => return Ok(()),
            _ => {}
        }
        let size = i64::try_from(head.size)
            .map_err(|_| damaged(format!("the size {} of an offered tree head", head.size)))?;
        self.connection
            .prepare_cached(
                "UPDATE origins SET published_size = ?3, published_root = ?4, published_at = ?5
                 WHERE tenant = ?1 AND origin = ?2",
            )
            .and_then(|mut statement| {
                statement.execute(params![
                    tenant.as_str(),
                    origin,
                    size,
                    head.root.0,
                    head.at.timestamp_micros()
                ])
            })
            .map_err(failed("remember a published head"))?;
        Ok(())
    }

    pub(super) fn index_key(&mut self, tenant: &TenantId) -> Result<IndexKey, KeyringError> {
        let tenant_key = self.tenant_key(tenant)?;
        let wrapped: Vec<u8> = self
            .connection
            .prepare_cached("SELECT wrapped_index FROM tenants WHERE tenant = ?1")
            .and_then(|mut statement| statement.query_row([tenant.as_str()], |row| row.get(0)))
            .map_err(failed("read a tenant's index key"))?;
        unwrap(tenant_key.expose(), index_key_place(tenant), &wrapped)
            .map(|key| IndexKey::from_bytes(*key))
            .ok_or_else(|| damaged(format!("the index key of tenant {tenant}")))
    }

    fn current_origin(
        &mut self,
        tenant: &TenantId,
    ) -> Result<(Origin, Option<PublishedHead>), KeyringError> {
        self.origins(tenant)?
            .pop()
            .ok_or_else(|| KeyringError::UnknownTenant(tenant.clone()))
    }

    fn add_origin(
        &self,
        tenant: &TenantId,
        origin: &str,
        now: Timestamp,
    ) -> Result<(), KeyringError> {
        self.connection
            .execute(
                "INSERT INTO origins (tenant, number, origin, opened_at)
                 SELECT ?1, 1 + coalesce(max(number), 0), ?2, ?3 FROM origins WHERE tenant = ?1",
                params![tenant.as_str(), origin, now.timestamp_micros()],
            )
            .map_err(failed("add an origin"))?;
        Ok(())
    }
}

fn read_origin(row: OriginRow) -> Result<(Origin, Option<PublishedHead>), KeyringError> {
    let (name, opened_at, size, root, at) = row;
    let head = match (size, root, at) {
        (None, None, None) => None,
        (Some(size), Some(root), Some(at)) => Some(PublishedHead {
            size: u64::try_from(size).map_err(|_| damaged(format!("a head of {name}")))?,
            root: Digest(root),
            at: read_time(at)?,
        }),
        _ => return Err(damaged(format!("a head of {name}"))),
    };
    let origin = Origin {
        name: name.into(),
        opened_at: read_time(opened_at)?,
    };
    Ok((origin, head))
}

fn same_origin(tenant: &TenantId, remembered: &Origin, offered: &str) -> Result<(), KeyringError> {
    if &*remembered.name == offered {
        return Ok(());
    }
    Err(KeyringError::OriginDiffers {
        tenant: tenant.clone(),
        remembered: remembered.name.clone(),
        offered: offered.into(),
    })
}

fn index_key_place(tenant: &TenantId) -> Place<'_> {
    Place {
        kind: "index_key",
        tenant: tenant.as_str(),
        name: "",
    }
}
