//! The organisations around a question: the unit, the receiver, and what they are part of.
//!
//! They are looked up only where a rule asks about them, because every one of them is then consulted: the decision is
//! made again when an agreement is signed or ended meanwhile.

use super::{AsOf, Ledger, LedgerError, states::Freshness};
use crate::{
    access::{AttributeName, RuleBook},
    directory::{Organisation, Organisations},
    ids::{OrganisationId, StreamId, TenantId},
    standing::STEPS_UP_MAX,
};

/// The attributes that are read from organisations.
const READ_FROM_ORGANISATIONS: &[AttributeName] = &[
    AttributeName::ParentRoles,
    AttributeName::UnitAgreements,
    AttributeName::ReceiverAgreements,
    AttributeName::ReceiverBound,
];

/// Organisations, and the versions that they stood at.
#[derive(Debug, Default)]
pub(super) struct Around {
    pub(super) organisations: Organisations,
    pub(super) expected: Vec<(StreamId, u64)>,
}

impl Ledger {
    /// Some organisations and those that they are part of; none, where no rule asks about any.
    pub(super) async fn around(
        &self,
        tenant: &TenantId,
        rule_book: &RuleBook,
        organisations: impl Iterator<Item = OrganisationId> + Send,
        freshness: Freshness,
    ) -> Result<Around, LedgerError> {
        let mut around = Around::default();
        if !rule_book.speaks_of(READ_FROM_ORGANISATIONS) {
            return Ok(around);
        }
        for first in organisations {
            let mut next = Some(first);
            for _ in 0..=STEPS_UP_MAX {
                let Some(id) = next else { break };
                if around.organisations.contains_key(&id) {
                    break;
                }
                let found = self.organisation(tenant, id, freshness).await?;
                next = found.state.parent;
                around
                    .expected
                    .push((StreamId::Organisation(id), found.version));
                around.organisations.insert(id, found.state.clone());
            }
        }
        Ok(around)
    }

    /// The same, as the ledger knew them.
    pub(super) async fn around_as_of(
        &self,
        tenant: &TenantId,
        rule_book: &RuleBook,
        organisations: impl Iterator<Item = OrganisationId> + Send,
        as_of: AsOf,
    ) -> Result<Organisations, LedgerError> {
        let mut found = Organisations::default();
        if !rule_book.speaks_of(READ_FROM_ORGANISATIONS) {
            return Ok(found);
        }
        for first in organisations {
            let mut next = Some(first);
            for _ in 0..=STEPS_UP_MAX {
                let Some(id) = next.filter(|id| !found.contains_key(id)) else {
                    break;
                };
                let mut state = Organisation::default();
                let stream = StreamId::Organisation(id);
                for recorded in self.read_after(tenant, &stream, 0).await? {
                    if as_of.includes(&recorded) {
                        state.evolve(&recorded);
                    }
                }
                next = state.parent;
                found.insert(id, state.into());
            }
        }
        Ok(found)
    }
}
