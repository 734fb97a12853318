//! What staff and organisations are called, as far as that can still be read.

use std::collections::{BTreeMap, BTreeSet};

use super::{Ledger, LedgerError, OpenedContents, states::Freshness};
use crate::{
    events::{AccountActivatedContent, OrganisationRegisteredContent},
    ids::{AccountId, OrganisationId, Position, TenantId},
};

impl Ledger {
    /// What those of them are called who work for somebody or were ever given a role. A parent stands among the others: one
    /// who asks about another's child, or about a case whose erasure has taken away that they were part of it.
    pub(super) async fn names_of_staff(
        &self,
        tenant: &TenantId,
        accounts: BTreeSet<AccountId>,
    ) -> Result<BTreeMap<AccountId, String>, LedgerError> {
        let mut activated = BTreeMap::new();
        for id in accounts {
            let account = self.account(tenant, id, Freshness::FromMemory).await?;
            let is_staff = account.state.organisation.is_some() || !account.state.roles.is_empty();
            if let Some(position) = account.state.activated.filter(|_| is_staff) {
                activated.insert(position, id);
            }
        }
        let opened = self.opened_at(tenant, activated.keys()).await?;
        let names = activated.into_iter().filter_map(|(position, id)| {
            let content: AccountActivatedContent = opened.read(position)?;
            Some((id, content.name))
        });
        Ok(names.collect())
    }

    /// What organisations are called: no personal data.
    pub(super) async fn names_of_organisations(
        &self,
        tenant: &TenantId,
        organisations: BTreeSet<OrganisationId>,
    ) -> Result<BTreeMap<OrganisationId, String>, LedgerError> {
        let mut registered = BTreeMap::new();
        for id in organisations {
            let organisation = self.organisation(tenant, id, Freshness::FromMemory).await?;
            if let Some(position) = organisation.state.registered {
                registered.insert(position, id);
            }
        }
        let opened = self.opened_at(tenant, registered.keys()).await?;
        let names = registered.into_iter().filter_map(|(position, id)| {
            let content: OrganisationRegisteredContent = opened.read(position)?;
            Some((id, content.name))
        });
        Ok(names.collect())
    }

    /// The contents of the events at these positions.
    pub(super) async fn opened_at(
        &self,
        tenant: &TenantId,
        positions: impl Iterator<Item = &Position>,
    ) -> Result<OpenedContents, LedgerError> {
        let positions: Vec<Position> = positions.copied().collect();
        let events = self.decoded_at(tenant, &positions).await?;
        self.open_contents(tenant, &events.iter().collect::<Vec<_>>())
            .await
    }
}
