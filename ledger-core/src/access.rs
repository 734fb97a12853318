//! Who may see and do what: facts → Cedar → decision, with the policies, the events and the time it rests on.
//!
//! Here stands how a question is decided. What the rules are stands in `profiles/<system>/access.cedar`; what a
//! rule can ask about stands in [`Attributes`]; how these are read from the ledger is the business of the case's
//! and the directory's state.
//!
//! **Invariant: nothing is allowed unless a policy permits it, none forbids it, and every policy could be evaluated.**

mod action;
mod attributes;
mod decision;
pub mod matrix;
mod memo;
mod policies;
mod reader;
mod syntax;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use cedar_policy::{
    Authorizer, Context, EntityId, EntityTypeName, EntityUid, PolicyId, Request,
    RestrictedExpression,
};

pub use action::{Action, ActionGroup};
pub use attributes::{
    Attribute, AttributeName, Attributes, Value, all_sections, no_form, no_reason, no_status,
};
pub use decision::{Asker, DecidingPolicy, Decision, Effect, Fault, Outcome, Question};

use attributes::AttributeSet;
use memo::Memo;
use policies::Policies;

use crate::{
    clock::Span,
    ids::{Code, Position},
    profile::{Profile, RuleBookError, RuleBookText},
};

/// A profile with its policies, ready to decide. Shared freely between threads.
#[derive(Debug)]
pub struct RuleBook {
    profile: Profile,
    policies: Policies,
    memo: Memo<Verdict>,
}

/// What the rules say of an action and a set of values. It holds nothing of who asked or when, so it may be
/// remembered; the rest of the decision is read from the question each time.
#[derive(Debug)]
struct Verdict {
    outcome: Outcome,
    policies: Vec<DecidingPolicy>,
    /// The attributes on whose values the outcome rests.
    rests_on: AttributeSet,
    fault: Option<Fault>,
}

impl RuleBook {
    /// Reads both texts, checks each, and checks that they fit together and into the schema.
    ///
    /// # Errors
    /// Every mistake found, with its file, line and rule.
    pub fn load(text: &RuleBookText) -> Result<Self, RuleBookError> {
        let profile = Profile::parse(text);
        let policies = Policies::compile(&text.access_cedar, profile.as_ref().ok());
        match (profile, policies) {
            (Ok(profile), Ok(policies)) => {
                let asked = [
                    AttributeName::ReceiverAgreements,
                    AttributeName::ReceiverBound,
                ];
                if !policies.speak_of(&asked) {
                    let problems = profile.shared_on_no_agreement();
                    if !problems.is_empty() {
                        return Err(RuleBookError { problems });
                    }
                }
                Ok(Self {
                    profile,
                    policies,
                    memo: Memo::default(),
                })
            }
            (profile, policies) => Err(RuleBookError {
                problems: [profile.err(), policies.err()]
                    .into_iter()
                    .flatten()
                    .flat_map(|error| error.problems)
                    .collect(),
            }),
        }
    }

    /// The vocabulary, statuses, consents and limits.
    pub const fn profile(&self) -> &Profile {
        &self.profile
    }

    /// The policies in the order of the text: for showing which rule was asked for by which requirement.
    pub fn policies(&self) -> impl Iterator<Item = &DecidingPolicy> {
        self.policies.iter()
    }

    /// The text of a policy, as it is written.
    pub fn policy_text(&self, id: &Code) -> Option<String> {
        let policy = self.policies.set().policy(&PolicyId::new(id.as_str()))?;
        policy.to_cedar()
    }

    /// How often Cedar has been asked, rather than remembered from.
    pub fn evaluations(&self) -> u64 {
        self.memo.misses()
    }

    /// Whether any policy speaks of one of these attributes: what none speaks of need not be looked up.
    pub fn speaks_of(&self, names: &[AttributeName]) -> bool {
        self.policies.speak_of(names)
    }

    /// Decides. Whatever is broken in the question or the rules leads to a refusal with a [`Fault`].
    pub fn decide(&self, question: &Question) -> Decision {
        if question.action.is_about_a_case() && question.case.is_none() {
            return self.decision(question, &Verdict::fault(Fault::CaseMissing));
        }
        let attributes = &question.attributes;
        let stale = AttributeName::ALL
            .iter()
            .find(|name| !attributes.support(**name).1.contains(question.at));
        if let Some(name) = stale {
            let fault = Fault::AttributeNotCurrent(*name);
            return self.decision(question, &Verdict::fault(fault));
        }
        let verdict: Arc<Verdict> = self
            .memo
            .get_or_evaluate(question.action, attributes, || self.evaluate(question));
        self.decision(question, &verdict)
    }

    /// Adds to the verdict what is of this question: the events, and the span in which it stays.
    fn decision(&self, question: &Question, verdict: &Verdict) -> Decision {
        let mut citations: Vec<Position> = Vec::new();
        let mut holds = Span::ALWAYS;
        for name in verdict.rests_on.iter() {
            let (cites, span) = question.attributes.support(name);
            citations.extend_from_slice(cites);
            holds = holds.intersect(span);
        }
        citations.sort_unstable();
        citations.dedup();
        let requirement = (verdict.outcome == Outcome::Deny).then(|| {
            verdict
                .policies
                .iter()
                .find(|policy| policy.effect == Effect::Forbid)
                .map_or(self.profile.refusal.default_requirement, |forbid| {
                    forbid.requirement
                })
        });
        Decision {
            outcome: verdict.outcome,
            policies: verdict.policies.clone(),
            requirement,
            sentence: requirement.and_then(|id| self.profile.sentence(id).cloned()),
            citations,
            holds: match verdict.fault {
                None => holds,
                // Nothing may be built on it, not even for a moment.
                Some(_) => Span {
                    from: Some(question.at),
                    until: Some(question.at),
                },
            },
            profile: self.profile.digest(),
            fault: verdict.fault,
        }
    }

    /// Asks Cedar. The result depends on the action and the attributes' values alone, because the policies are
    /// refused on loading if they look at the principal or the resource.
    fn evaluate(&self, question: &Question) -> Verdict {
        let Some(request) = self.request(question) else {
            return Verdict::fault(Fault::QuestionMalformed);
        };
        let response = Authorizer::new().is_authorized(
            &request,
            self.policies.set(),
            self.policies.action_entities(),
        );
        let action = question.action;
        let diagnostics = response.diagnostics();
        let failed: Vec<_> = diagnostics
            .errors()
            .map(|error| match error {
                cedar_policy::AuthorizationError::PolicyEvaluationError(error) => error.policy_id(),
            })
            .collect();
        if !failed.is_empty() {
            return Verdict {
                policies: self.policies.named(failed).0,
                ..Verdict::fault(Fault::EvaluationFailed)
            };
        }
        let (policies, mentioned) = self.policies.named(diagnostics.reason());
        let (outcome, rests_on) = match response.decision() {
            // A forbid that does not apply is why it is allowed, too.
            cedar_policy::Decision::Allow => (
                Outcome::Allow,
                mentioned.union(self.policies.mentioned(action, Effect::Forbid)),
            ),
            // Nothing permits: each permit could have, had the attributes been others.
            cedar_policy::Decision::Deny if policies.is_empty() => (
                Outcome::Deny,
                self.policies.mentioned(action, Effect::Permit),
            ),
            cedar_policy::Decision::Deny => (Outcome::Deny, mentioned),
        };
        Verdict {
            outcome,
            policies,
            rests_on,
            fault: None,
        }
    }

    fn request(&self, question: &Question) -> Option<Request> {
        let principal = match question.asker {
            Asker::Account(id) => uid("Account", &id.to_string())?,
            Asker::Party(id) => uid("Party", &id.to_string())?,
        };
        let resource = match question.case {
            Some(id) => uid("Case", &id.to_string())?,
            None => uid("Ledger", "ledger")?,
        };
        let attributes = AttributeName::ALL.iter().map(|name| {
            let value = match question.attributes.value(*name) {
                Value::Bool(value) => RestrictedExpression::new_bool(value),
                Value::Long(value) => RestrictedExpression::new_long(value),
                Value::Code(code) => RestrictedExpression::new_string(code.as_str().to_owned()),
                Value::Codes(codes) => RestrictedExpression::new_set(
                    codes
                        .iter()
                        .map(|code| RestrictedExpression::new_string(code.as_str().to_owned())),
                ),
            };
            (name.code().to_owned(), value)
        });
        let demanded =
            RestrictedExpression::new_long(self.assurance_demanded(&question.attributes));
        let context = attributes.chain([(policies::MINIMUM_ASSURANCE.to_owned(), demanded)]);
        Request::new(
            principal,
            uid("Action", question.action.code())?,
            resource,
            Context::from_pairs(context).ok()?,
            Some(Policies::schema()),
        )
        .ok()
    }

    /// The profile's minimum, or more if a role that the asker holds demands more.
    fn assurance_demanded(&self, attributes: &Attributes) -> i64 {
        let roles = [
            &attributes.tenant_roles,
            &attributes.unit_roles,
            &attributes.receiver_roles,
            &attributes.parent_roles,
            &attributes.case_roles,
        ];
        roles
            .into_iter()
            .flat_map(|roles| &roles.value)
            .filter_map(|role| self.profile.roles.get(role)?.assurance)
            .fold(self.profile.minimum_assurance, Ord::max)
            .level()
    }
}

impl Verdict {
    fn fault(fault: Fault) -> Self {
        Self {
            outcome: Outcome::Deny,
            policies: Vec::new(),
            rests_on: AttributeSet::EMPTY,
            fault: Some(fault),
        }
    }
}

fn uid(kind: &str, id: &str) -> Option<EntityUid> {
    let kind: EntityTypeName = kind.parse().ok()?;
    Some(EntityUid::from_type_name_and_id(kind, EntityId::new(id)))
}
