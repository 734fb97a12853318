//! What events and days cause: reading the cases for [`crate::notices`].

use std::collections::BTreeSet;

use chrono::NaiveDate;

use super::{
    Ledger, LedgerError,
    contacts::{may_see, recipient},
    states::Freshness,
};
use crate::{
    case::Party,
    ids::{CaseId, PartyId, ProfileId, StreamId, TenantId},
    notices::{self, Notice},
    profile::NotificationKind,
    store::Recorded,
};

impl Ledger {
    /// What these events cause, in their order, each with the system by whose rules. Of entries those are told who may see
    /// the section.
    pub async fn notices_of(
        &self,
        tenant: &TenantId,
        events: &[Recorded],
    ) -> Result<Vec<(ProfileId, Notice)>, LedgerError> {
        let mut found = Vec::new();
        let mut read: BTreeSet<CaseId> = BTreeSet::new();
        for recorded in events {
            let StreamId::Case(id) = recorded.envelope.stream else {
                continue;
            };
            let freshness = if read.insert(id) {
                Freshness::ReadAgain
            } else {
                Freshness::FromMemory
            };
            let case = self.case(tenant, id, freshness).await?;
            let Some(opened) = &case.state.opened else {
                continue;
            };
            let Some(rule_book) = self.rule_book(tenant, &opened.profile).await? else {
                continue;
            };
            let notices =
                notices::of_event(recorded, &case.state, &case.events, rule_book.profile());
            for mut notice in notices {
                if notice.kind == NotificationKind::CaseChanged {
                    notice.to = self.those_who_may_see(tenant, &notice).await?;
                }
                found.push((opened.profile.clone(), notice));
            }
        }
        Ok(found)
    }

    /// What a thing that falls on a day causes, if it is still so.
    pub async fn notice_of_day(
        &self,
        tenant: &TenantId,
        kind: NotificationKind,
        case_id: CaseId,
        item: &str,
        on: NaiveDate,
    ) -> Result<Option<(ProfileId, Notice)>, LedgerError> {
        let case = self.case(tenant, case_id, Freshness::ReadAgain).await?;
        let Some(opened) = &case.state.opened else {
            return Ok(None);
        };
        let Some(rule_book) = self.rule_book(tenant, &opened.profile).await? else {
            return Ok(None);
        };
        let profile = rule_book.profile();
        let notice = notices::of_day(kind, case_id, &case.state, profile, item, on);
        Ok(notice.map(|notice| (opened.profile.clone(), notice)))
    }

    async fn those_who_may_see(
        &self,
        tenant: &TenantId,
        notice: &Notice,
    ) -> Result<Vec<PartyId>, LedgerError> {
        let now = self.now();
        let mut may = Vec::new();
        for party in &notice.to {
            let case = self
                .case(tenant, notice.case, Freshness::FromMemory)
                .await?;
            let known = case.state.current_party(*party);
            let Some(account) = known.and_then(Party::account) else {
                continue;
            };
            let recipient = recipient(tenant, account);
            let situation = self
                .situation(&recipient, notice.case, None, Freshness::FromMemory)
                .await?;
            if may_see(&situation, &notice.section, now).is_allowed() {
                may.push(*party);
            }
        }
        Ok(may)
    }
}
