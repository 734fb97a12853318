//! Who saw one's own case: the same question as an auditor's, for those whom the case is about, with what they need to
//! understand the answer (NEN 7513, the client's view: in order of time, who with organisation and role, which part, on
//! what basis).

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use super::{Answered, Period, SawFilter, Seen, answer::Question, history::History};
use crate::{
    access::{Action, Effect, RuleBook},
    event::{Actor, Basis},
    events::{Event, OrganisationRegisteredContent},
    ids::{CaseId, OrganisationId, StreamId, TenantId},
    ledger::{AsOf, Caller, Ledger, LedgerError, Occasion},
    profile::Requirement,
    store::Recorded,
};

/// One time that somebody saw something of one's own case.
#[derive(Debug, Clone)]
pub struct SeenOfOwn {
    /// Who, what and when.
    pub seen: Seen,
    /// The name of the organisation that they work for, where it can still be read.
    pub organisation: Option<String>,
    /// The sentences that allowed it; of a refusal, that forbade it.
    pub requirements: Vec<Requirement>,
}

/// Who saw one's own case.
pub struct OwnSaw {
    /// In the order in which it happened.
    pub views: Vec<SeenOfOwn>,
    /// Where to go on, if there may be more.
    pub more: Option<u64>,
    /// The rules in force, for their words.
    pub rule_book: Arc<RuleBook>,
    /// The event that this answer left.
    pub answer: Answered,
}

impl Ledger {
    /// Who saw the case, for those whom it is about.
    ///
    /// `after` is [`OwnSaw::more`] of the answer before.
    ///
    /// # Errors
    /// [`LedgerError::NotFound`] or [`LedgerError::Refused`] for whoever may not ask.
    pub async fn saw_own(
        &self,
        caller: &Caller,
        case_id: CaseId,
        period: Period,
        (after, limit): (u64, Option<usize>),
        occasion: &Occasion,
    ) -> Result<OwnSaw, LedgerError> {
        let tenant = &caller.tenant;
        let question = Question {
            period,
            ..Question::of(Action::AuditOwn)
        };
        let answer = self.answer(caller, case_id, question, occasion).await?;
        let history = self.history(tenant, case_id, answer.through()).await?;
        let rule_book = history.scene_as_of(AsOf::Now).rule_book;
        let rule_book = rule_book.ok_or_else(|| LedgerError::NoProfile(history.profile.clone()))?;
        let filter = SawFilter {
            period,
            after,
            limit,
            ..SawFilter::default()
        };
        let saw = self
            .saw_after(tenant, case_id, AsOf::Now, &filter, answer)
            .await?;
        let names = self.organisation_names(tenant, &saw.views).await?;
        let views = saw.views.into_iter().map(|seen| SeenOfOwn {
            organisation: organisation_of(&seen.actor)
                .and_then(|organisation| names.get(&organisation).cloned()),
            requirements: seen
                .basis
                .as_ref()
                .map(|basis| history.sentences_behind(basis))
                .unwrap_or_default(),
            seen,
        });
        Ok(OwnSaw {
            views: views.collect(),
            more: saw.more,
            rule_book,
            answer: saw.answer,
        })
    }

    /// The names of the organisations that these people work for.
    async fn organisation_names(
        &self,
        tenant: &TenantId,
        views: &[Seen],
    ) -> Result<BTreeMap<OrganisationId, String>, LedgerError> {
        let wanted: BTreeSet<OrganisationId> = views
            .iter()
            .filter_map(|seen| organisation_of(&seen.actor))
            .collect();
        let mut registered: Vec<(OrganisationId, Recorded)> = Vec::new();
        for id in wanted {
            let stream = StreamId::Organisation(id);
            let mut events = self.read_after(tenant, &stream, 0).await?.into_iter();
            let found =
                events.find(|event| matches!(event.event, Event::OrganisationRegistered(_)));
            registered.extend(found.map(|event| (id, event)));
        }
        let events: Vec<&Recorded> = registered.iter().map(|(_, event)| event).collect();
        let contents = self.open_contents(tenant, &events).await?;
        Ok(registered
            .iter()
            .filter_map(|(id, event)| {
                let content = contents.read::<OrganisationRegisteredContent>(event.position)?;
                Some((*id, content.name))
            })
            .collect())
    }
}

fn organisation_of(actor: &Actor) -> Option<OrganisationId> {
    match actor {
        Actor::Staff { organisation, .. } => *organisation,
        Actor::Party { .. } | Actor::Operator => None,
    }
}

impl History {
    /// The sentences that the policies of a decision rest on, by the rule book of its time.
    fn sentences_behind(&self, basis: &Basis) -> Vec<Requirement> {
        let digest = basis.profile_digest;
        let rule_book = self
            .rule_books()
            .find(|book| book.profile().digest() == digest);
        let Some(rule_book) = rule_book else {
            return Vec::new();
        };
        let deciding = rule_book
            .policies()
            .filter(|policy| basis.policies.contains(&policy.id));
        let deciding: Vec<_> = deciding.collect();
        let forbids = deciding
            .iter()
            .any(|policy| policy.effect == Effect::Forbid);
        let mut requirements: Vec<Requirement> = Vec::new();
        for policy in deciding {
            let counts = !forbids || policy.effect == Effect::Forbid;
            if counts && !requirements.contains(&policy.requirement) {
                requirements.push(policy.requirement);
            }
        }
        requirements
    }
}
