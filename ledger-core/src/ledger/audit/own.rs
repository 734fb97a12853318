//! Who saw one's own case: the same question as an auditor's, for those whom the case is about, with what they need to
//! understand the answer (NEN 7513, the client's view: in order of time, who with organisation and role, which part, on
//! what basis).

use std::sync::Arc;

use super::{Answered, SawFilter, Seen, answer::Question, history::History};
use crate::{
    access::{Action, Effect, RuleBook},
    clock::Span,
    event::{Actor, Basis},
    ids::{CaseId, OrganisationId},
    ledger::{AsOf, Caller, Ledger, LedgerError, Occasion},
    profile::Requirement,
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
        period: Span,
        (after, limit): (u64, Option<usize>),
        occasion: &Occasion,
    ) -> Result<OwnSaw, LedgerError> {
        let tenant = &caller.tenant;
        let question = Question {
            period,
            ..Question::of(Action::AuditOwn)
        };
        let (answer, history) = self
            .answer_from_history(caller, case_id, question, occasion)
            .await?;
        let rule_book = history.scene_as_of(AsOf::Now).rule_book;
        let rule_book = rule_book.ok_or_else(|| LedgerError::NoProfile(history.profile.clone()))?;
        let filter = SawFilter {
            period,
            after,
            limit,
            ..SawFilter::default()
        };
        let saw = self
            .saw_after(tenant, &history, AsOf::Now, &filter, answer)
            .await?;
        let actors = || saw.views.iter().map(|seen| &seen.actor);
        let organisations = actors().filter_map(organisation_of).collect();
        let organisations = self.names_of_organisations(tenant, organisations).await?;
        let staff = actors().filter_map(Actor::account).collect();
        let staff = self.names_of_staff(tenant, staff).await?;
        let views = saw.views.into_iter().map(|mut seen| {
            if let Some(account) = seen.actor.account() {
                // Somebody of another family, who tried to look, is not named to this one.
                seen.name = staff.get(&account).cloned();
            }
            let organisation = organisation_of(&seen.actor);
            let basis = seen.basis.as_ref();
            SeenOfOwn {
                organisation: organisation.and_then(|id| organisations.get(&id).cloned()),
                requirements: basis
                    .map(|basis| history.sentences_behind(basis))
                    .unwrap_or_default(),
                seen,
            }
        });
        Ok(OwnSaw {
            views: views.collect(),
            more: saw.more,
            rule_book,
            answer: saw.answer,
        })
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
