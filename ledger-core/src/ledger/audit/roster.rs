//! Everybody who has ever signed in to a tenant, with the events that made and unmade their roles. Kept in memory with
//! the position up to which it was read; whatever came since is read through an index of its own.

use std::{collections::BTreeMap, sync::Arc};

use super::super::{Ledger, LedgerError};
use crate::{
    ids::{AccountId, Position, StreamId, TenantId},
    store::{Recorded, StreamKind},
};

/// The events of every account, in the order in which they were recorded. Nothing of it is content.
#[derive(Debug, Clone, Default)]
pub(in crate::ledger) struct Roster {
    pub(super) accounts: BTreeMap<AccountId, Vec<Arc<Recorded>>>,
    last: Option<Position>,
}

impl Ledger {
    /// Everybody, up to now.
    pub(super) async fn roster(&self, tenant: &TenantId) -> Result<Arc<Roster>, LedgerError> {
        let known = self.states.roster(tenant);
        let last = known.as_ref().and_then(|known| known.last);
        let newer = self
            .parts
            .store
            .read_kind(tenant, StreamKind::Accounts, last)
            .await?;
        if let (Some(known), true) = (&known, newer.is_empty()) {
            return Ok(Arc::clone(known));
        }
        let mut roster = known.map(Arc::unwrap_or_clone).unwrap_or_default();
        for stored in newer {
            let recorded = stored.decode()?;
            roster.last = Some(recorded.position);
            if let StreamId::Account(id) = &recorded.envelope.stream {
                let events = roster.accounts.entry(*id).or_default();
                events.push(Arc::new(recorded));
            }
        }
        let roster = Arc::new(roster);
        self.states.keep_roster(tenant.clone(), Arc::clone(&roster));
        Ok(roster)
    }
}
