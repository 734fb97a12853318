//! Everybody who has ever signed in to a tenant, with the events that made and unmade their roles. Kept in memory with
//! the position up to which it was read; whatever came since is read through an index of its own.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use super::super::{Ledger, LedgerError};
use crate::{
    events::Event,
    ids::{AccountId, OrganisationId, Position, StreamId, TenantId},
    store::{Recorded, StoredEvent, StreamKind},
};

/// The events of every account, in the order in which they were recorded. Nothing of it is content.
#[derive(Debug, Clone, Default)]
pub(in crate::ledger) struct Roster {
    pub(super) accounts: BTreeMap<AccountId, Vec<Arc<Recorded>>>,
    /// Those who were ever given a role in an organisation, or in the whole tenant. Most who sign in are parents, who never
    /// were: nobody who asks about one case has to look through all of them.
    had_roles: BTreeMap<Option<OrganisationId>, BTreeSet<AccountId>>,
    last: Option<Position>,
}

impl Roster {
    /// Everybody who was ever given a role in the whole tenant or in one of these organisations.
    pub(super) fn had_roles_around(
        &self,
        around: &BTreeSet<OrganisationId>,
    ) -> BTreeSet<AccountId> {
        let places = around.iter().copied().map(Some).chain([None]);
        let held = places.filter_map(|place| self.had_roles.get(&place));
        held.flatten().copied().collect()
    }

    fn take(&mut self, recorded: Recorded) {
        self.last = Some(recorded.position);
        let StreamId::Account(id) = recorded.envelope.stream else {
            return;
        };
        if let Event::RoleAssigned(facts) = &recorded.event {
            self.had_roles.entry(facts.unit).or_default().insert(id);
        }
        let events = self.accounts.entry(id).or_default();
        events.push(Arc::new(recorded));
    }
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
        let newer: Vec<Recorded> = newer
            .iter()
            .map(StoredEvent::decode)
            .collect::<Result<_, _>>()?;
        // Out of the memory for this moment, so that it need not be copied, unless somebody else is reading it.
        self.states.forget_roster(tenant);
        let mut roster = known.map(Arc::unwrap_or_clone).unwrap_or_default();
        for recorded in newer {
            roster.take(recorded);
        }
        let roster = Arc::new(roster);
        self.states.keep_roster(tenant.clone(), Arc::clone(&roster));
        Ok(roster)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        case::testing::{code, kolbein, nina, recorded, school, torunn},
        events::RoleAssigned,
    };

    #[test]
    fn those_are_found_who_had_a_role_here_or_everywhere() {
        let mut roster = Roster::default();
        let elsewhere = OrganisationId::from_ulid(77.into());
        let given = [
            (torunn(), Some(school())),
            (nina(), Some(elsewhere)),
            (kolbein(), None),
        ];
        for (position, (account, unit)) in (1..).zip(given) {
            let given = RoleAssigned {
                account,
                profile: None,
                role: code("teacher"),
                unit,
                until: None,
            };
            roster.take(recorded(
                position,
                &StreamId::Account(account),
                &given.into(),
            ));
        }
        let around = roster.had_roles_around(&BTreeSet::from([school()]));
        assert_eq!(around, BTreeSet::from([torunn(), kolbein()]));
        assert_eq!(roster.accounts.len(), 3);
    }
}
