//! From the text of `access.cedar` to policies that are known to be sound: parsed, read one by one by the
//! [`Reader`], and validated by Cedar against the schema, strictly.

use std::{collections::BTreeSet, sync::LazyLock};

use cedar_policy::{
    Entities, PolicyId, PolicySet, Schema, ValidationMode, Validator, ffi::DetailedError,
};

use super::{
    Action, DecidingPolicy, Effect,
    attributes::AttributeSet,
    reader::{Known, Reader},
};
use crate::profile::{Problem, Profile, RuleBookError, RuleBookFile, line_at};

/// In Cedar, after `context.`: the assurance that the profile demands of the asker. Not an attribute of the
/// question, because it is said by the rule book itself.
pub(super) const MINIMUM_ASSURANCE: &str = "minimum_assurance";

static SCHEMA: LazyLock<Schema> = LazyLock::new(|| {
    Schema::from_cedarschema_str(include_str!("../../profiles/schema.cedarschema"))
        .expect("the schema comes with the program and a test reads it")
        .0
});

/// The policies of one rule book.
#[derive(Debug)]
pub(super) struct Policies {
    set: PolicySet,
    action_entities: Entities,
    /// In the order of the text.
    compiled: Vec<Known>,
    /// For each action the attributes that its permits mention, and those that its forbids mention.
    by_action: Vec<[AttributeSet; 2]>,
}

impl Policies {
    /// Compiles the text. Without a profile (because it is broken itself) the words are not checked.
    pub(super) fn compile(text: &str, profile: Option<&Profile>) -> Result<Self, RuleBookError> {
        let parsed: PolicySet = text.parse().map_err(|errors| RuleBookError {
            problems: parse_problems(text, &DetailedError::from(&errors)),
        })?;
        let action_entities = SCHEMA
            .action_entities()
            .expect("the schema comes with the program and a test reads it");
        let mut reader = Reader::new(text, profile, &action_entities);
        let (policies, compiled) = reader.policies(&parsed);
        let mut found = reader.found();
        found.extend(nothing_is_allowed(&parsed));
        // The ids clash only where a policy kept the parser's for want of its own: a mistake found already.
        let set = PolicySet::from_policies(policies).unwrap_or(parsed);
        found.extend(validation_problems(text, &set));
        if !found.is_empty() {
            found.sort_by_key(|problem| problem.line);
            return Err(RuleBookError { problems: found });
        }
        let by_action = Action::ALL
            .iter()
            .map(|action| {
                [Effect::Permit, Effect::Forbid].map(|effect| {
                    compiled
                        .iter()
                        .filter(|one| one.policy.effect == effect && one.concerns.contains(action))
                        .fold(AttributeSet::EMPTY, |all, one| all.union(one.mentions))
                })
            })
            .collect();
        Ok(Self {
            set,
            action_entities,
            compiled,
            by_action,
        })
    }

    pub(super) const fn set(&self) -> &PolicySet {
        &self.set
    }

    pub(super) const fn action_entities(&self) -> &Entities {
        &self.action_entities
    }

    /// The schema that every rule book is written against.
    pub(super) fn schema() -> &'static Schema {
        &SCHEMA
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &DecidingPolicy> {
        self.compiled.iter().map(|one| &one.policy)
    }

    /// All that the permits, or the forbids, which concern an action mention.
    pub(super) fn mentioned(&self, action: Action, effect: Effect) -> AttributeSet {
        self.by_action[action.index()][effect as usize]
    }

    /// Whether any policy mentions one of these attributes.
    pub(super) fn speak_of(&self, names: &[super::AttributeName]) -> bool {
        let mut all = self.compiled.iter();
        all.any(|one| names.iter().any(|name| one.mentions.contains(*name)))
    }

    /// The policies with these ids in the order of the text, and all that they mention.
    pub(super) fn named<'a>(
        &self,
        ids: impl IntoIterator<Item = &'a PolicyId>,
    ) -> (Vec<DecidingPolicy>, AttributeSet) {
        let ids: BTreeSet<&str> = ids.into_iter().map(AsRef::as_ref).collect();
        let chosen = || {
            self.compiled
                .iter()
                .filter(|one| ids.contains(one.policy.id.as_str()))
        };
        (
            chosen().map(|one| one.policy.clone()).collect(),
            chosen().fold(AttributeSet::EMPTY, |all, one| all.union(one.mentions)),
        )
    }
}

/// Whatever no `permit` allows is refused: without any, nobody could do anything, not even put better rules into force.
fn nothing_is_allowed(set: &PolicySet) -> Option<Problem> {
    let mut policies = set.policies();
    if policies.any(|policy| policy.effect() == cedar_policy::Effect::Permit) {
        return None;
    }
    Some(Problem {
        file: RuleBookFile::Access,
        line: 1,
        rule: None,
        message: "there is no permit, so nothing would be allowed to anybody; write at least who may adopt_profile and \
                  who may read"
            .to_owned(),
    })
}

/// One problem for each error of the parser.
fn parse_problems(text: &str, error: &DetailedError) -> Vec<Problem> {
    let mut problems = vec![problem(text, None, error)];
    for related in &error.related {
        problems.extend(parse_problems(text, related));
    }
    problems
}

/// What Cedar's strict validation finds: types, unknown attributes and actions, and rules that can never apply.
fn validation_problems(text: &str, set: &PolicySet) -> Vec<Problem> {
    let result = Validator::new(SCHEMA.clone()).validate(set, ValidationMode::Strict);
    let errors = result
        .validation_errors()
        .map(|error| (error.policy_id(), DetailedError::from(error)));
    let warnings = result
        .validation_warnings()
        .map(|warning| (warning.policy_id(), DetailedError::from(warning)));
    errors
        .chain(warnings)
        .map(|(id, error)| problem(text, Some(id), &error))
        .collect()
}

fn problem(text: &str, id: Option<&PolicyId>, error: &DetailedError) -> Problem {
    let offset = error
        .source_locations
        .first()
        .map_or(0, |label| label.loc.start);
    let help = error.help.as_deref();
    Problem {
        file: RuleBookFile::Access,
        line: line_at(text, offset),
        rule: id.map(ToString::to_string),
        message: help.map_or_else(
            || error.message.clone(),
            |help| format!("{}; {help}", error.message),
        ),
    }
}
