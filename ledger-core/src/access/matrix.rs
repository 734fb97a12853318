//! The whole of a rule book as a table: who, in which situation, may do what. Made from the words of the rule book alone,
//! for reading it, for comparing two of them, and for a snapshot that shows what a change of a rule brings.
//!
//! Here stands how one cell is asked for; which people, situations and questions there are stands in `space.rs`.
//!
//! **What it is not.** Somebody who holds several roles is not in it: they have what each role has, but for the `forbid`s
//! that name one of them. Nor are dates: a cell says what holds while its situation does.

mod compare;
mod space;
mod text;

use std::{cell::RefCell, collections::HashMap, sync::Arc};

pub use compare::{Change, changes};
pub use space::{Besides, Beyond, Person, Question, Situation, Space, Standing};

use super::{
    Action, Asker, Attribute, AttributeName, Attributes, Effect, Question as Asked, RuleBook,
    Value, all_sections, attributes::AttributeSet, no_form, no_reason, no_status,
};
use crate::{
    clock::Timestamp,
    ids::{AccountId, CaseId, Code},
    profile::{Assurance, Profile, Requirement, Scope},
};

/// What a cell says.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Verdict {
    /// Whether it may be done.
    pub allowed: bool,
    /// For a refusal, the requirement that it names; none where this rule book has no such person or situation.
    pub requirement: Option<Requirement>,
    /// The policies that made it so.
    pub policies: Vec<Code>,
}

/// What was asked before, by the action and what its policies look at: most cells look alike to them.
type Known = HashMap<(Action, Vec<Value>), Arc<Verdict>>;

/// A rule book that can be asked cell by cell.
pub struct Matrix<'a> {
    rule_book: &'a RuleBook,
    known: RefCell<Known>,
    mentioned: Vec<AttributeSet>,
}

impl<'a> Matrix<'a> {
    /// The table of a rule book.
    pub fn of(rule_book: &'a RuleBook) -> Self {
        Self {
            rule_book,
            known: RefCell::default(),
            mentioned: Action::ALL
                .iter()
                .map(|action| mentioned(rule_book, *action))
                .collect(),
        }
    }

    /// The rule book.
    pub const fn rule_book(&self) -> &'a RuleBook {
        self.rule_book
    }

    /// What the rule book says. A person, situation or section that it does not have may nothing.
    pub fn cell(
        &self,
        person: &Person,
        situation: &Situation,
        question: &Question,
    ) -> Arc<Verdict> {
        let profile = self.rule_book.profile();
        if !is_known(profile, person, situation, question) {
            return Arc::new(Verdict {
                allowed: false,
                requirement: None,
                policies: Vec::new(),
            });
        }
        let attributes = attributes(profile, person, situation, question);
        let action = question.action;
        let seen: Vec<Value> = self.mentioned[action.index()]
            .iter()
            .map(|name| attributes.value(name))
            .collect();
        let key = (action, seen);
        if let Some(verdict) = self.known.borrow().get(&key) {
            return Arc::clone(verdict);
        }
        let decision = self.rule_book.decide(&Asked {
            action,
            asker: Asker::Account(AccountId::from_ulid(ulid::Ulid::nil())),
            case: action
                .is_about_a_case()
                .then(|| CaseId::from_ulid(ulid::Ulid::nil())),
            at: Timestamp::UNIX_EPOCH,
            attributes,
        });
        let verdict = Arc::new(Verdict {
            allowed: decision.is_allowed(),
            requirement: decision.requirement,
            policies: decision.policies.into_iter().map(|one| one.id).collect(),
        });
        self.known.borrow_mut().insert(key, Arc::clone(&verdict));
        verdict
    }
}

/// What the policies that concern an action look at.
fn mentioned(rule_book: &RuleBook, action: Action) -> AttributeSet {
    let policies = &rule_book.policies;
    policies
        .mentioned(action, Effect::Permit)
        .union(policies.mentioned(action, Effect::Forbid))
}

fn is_known(
    profile: &Profile,
    person: &Person,
    situation: &Situation,
    question: &Question,
) -> bool {
    let holds = |role: &Code, scope| {
        let role = profile.roles.get(role);
        role.is_some_and(|role| role.scopes.contains(&scope))
    };
    let person = match &person.standing {
        Standing::Nobody => true,
        Standing::Tenant(role) => holds(role, Scope::Tenant),
        Standing::Unit(role) | Standing::Receiver(role) | Standing::Parent(role) => {
            holds(role, Scope::Unit)
        }
        Standing::UnitAndCase(role) => holds(role, Scope::Unit) && holds(role, Scope::Case),
        Standing::Case(role) => holds(role, Scope::Case),
        Standing::Family(role) => holds(role, Scope::Family),
    };
    let status = situation.status.as_ref();
    let section = question.section.as_ref();
    let form = question.form.as_ref();
    let into = question.into.as_ref();
    let reason = question.reason.as_ref();
    person
        && status.is_none_or(|status| profile.statuses.contains_key(status))
        && section.is_none_or(|section| profile.sections.contains_key(section))
        && into.is_none_or(|into| profile.statuses.contains_key(into))
        && reason.is_none_or(|reason| profile.reasons.closing.contains_key(reason))
        && form.is_none_or(|form| profile.consent_forms.contains_key(form))
}

/// What is so in a cell.
fn attributes(
    profile: &Profile,
    person: &Person,
    situation: &Situation,
    question: &Question,
) -> Attributes {
    let role = person.standing.role().cloned();
    let held = |here: bool| Attribute::given(role.clone().filter(|_| here).into_iter().collect());
    let standing = &person.standing;
    let agreements = |without: Option<&Code>| {
        let kinds = profile.agreements.keys();
        let in_force = kinds.filter(|kind| Some(*kind) != without);
        Attribute::given(in_force.cloned().collect())
    };
    let (unit_without, receiver_without) = match &situation.beyond {
        Beyond::UnitWithout(kind) => (Some(kind), None),
        Beyond::ReceiverWithout(kind) => (None, Some(kind)),
        _ => (None, None),
    };
    let is_there = situation.status.is_some();
    let shown = match (&question.section, person.standing.role_in_case()) {
        (Some(section), Some(role)) => profile.shows(role, section),
        _ => true,
    };
    let appoints = person
        .standing
        .role()
        .and_then(|role| profile.roles.get(role))
        .is_some_and(|role| !role.appoints.is_empty());
    // The service of whoever works for the responsible unit is let in by the consent to the case itself.
    let covered = person.besides == Besides::ServiceCovered
        || matches!(person.standing, Standing::UnitAndCase(_));
    Attributes {
        assurance: Attribute::given(match &situation.beyond {
            Beyond::SignedInAt(level) => *level,
            _ => Assurance::High,
        }),
        account_active: Attribute::given(situation.beyond != Beyond::AccountClosed),
        tenant_roles: held(matches!(standing, Standing::Tenant(_))),
        unit_roles: held(matches!(
            standing,
            Standing::Unit(_) | Standing::UnitAndCase(_)
        )),
        receiver_roles: held(matches!(standing, Standing::Receiver(_))),
        parent_roles: held(matches!(standing, Standing::Parent(_))),
        case_roles: held(standing.role_in_case().is_some()),
        status_asked: Attribute::given(question.into.clone().unwrap_or_else(no_status)),
        unit_agreements: agreements(unit_without),
        receiver_agreements: agreements(receiver_without),
        cleared: Attribute::given(question.cleared),
        of_age: Attribute::given(person.besides == Besides::OfAge),
        emergency: Attribute::given(person.besides == Besides::GlassBroken),
        case_exists: Attribute::given(is_there),
        status: Attribute::given(situation.status.clone().unwrap_or_else(no_status)),
        erasing: Attribute::given(situation.beyond == Beyond::Erasing),
        erased: Attribute::given(situation.beyond == Beyond::Erased),
        consents: Attribute::given(situation.consents.clone()),
        service_consented: Attribute::given(covered),
        held: Attribute::given(situation.beyond == Beyond::Held),
        consent_form: Attribute::given(question.form.clone().unwrap_or_else(no_form)),
        earlier: Attribute::given(question.earlier),
        round_open: Attribute::given(question.in_round),
        shares_data: Attribute::given(question.shares_data),
        receiver_consented: Attribute::given(
            !situation.consents.is_empty() && situation.beyond != Beyond::ReceiverNotNamed,
        ),
        receiver_bound: Attribute::given(situation.beyond != Beyond::ReceiverNotBound),
        asker_bound: Attribute::given(
            person
                .standing
                .role()
                .and_then(|role| profile.roles.get(role))
                .is_some_and(|role| role.bound_by_secrecy),
        ),
        closing_reason: Attribute::given(question.reason.clone().unwrap_or_else(no_reason)),
        section_shown: Attribute::given(shown),
        section: Attribute::given(question.section.clone().unwrap_or_else(all_sections)),
        self_party: Attribute::given(question.upon_self),
        may_appoint: Attribute::given(question.appointable && appoints),
    }
}
