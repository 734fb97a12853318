//! The organisations around a question: the unit, the receiver, and what they are part of.
//!
//! They are looked up only where a rule asks about them, because every one of them is then consulted: the decision is
//! made again when an agreement is signed or ended meanwhile.

use std::sync::Arc;

use super::{Ledger, LedgerError, states::Freshness};
use crate::{
    access::{AttributeName, RuleBook},
    directory::Organisations,
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
}

/// Whether a rule asks about any organisation.
pub(super) fn is_asked_about(rule_book: &Arc<RuleBook>) -> bool {
    rule_book.speaks_of(READ_FROM_ORGANISATIONS)
}
