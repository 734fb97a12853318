//! Reads each policy: what it is called and who asked for it, what it concerns, what it speaks of.
//!
//! Beside what Cedar itself demands, every policy carries an `@id` and a `@requirement`, speaks of attributes only
//! (never of one person or one case: that is what makes a verdict a function of the attributes), and uses only
//! words that the profile declares.

use std::collections::BTreeSet;

use cedar_policy::{
    ActionConstraint, Entities, EntityUid, Policy, PolicyId, PolicySet, PrincipalConstraint,
    ResourceConstraint,
};

use super::{
    Action, AttributeName, DecidingPolicy, Effect, attributes::AttributeSet,
    policies::MINIMUM_ASSURANCE, syntax::Spoken,
};
use crate::{
    ids::Code,
    profile::{
        Problem, Profile, Requirement, RuleBookFile, Scope, line_at, undeclared_requirement,
    },
};

/// What is known of a policy.
#[derive(Debug)]
pub(super) struct Known {
    pub(super) policy: DecidingPolicy,
    /// The attributes that its conditions speak of.
    pub(super) mentions: AttributeSet,
    /// The actions that its scope admits.
    pub(super) concerns: Vec<Action>,
}

/// Reads the policies of one text.
pub(super) struct Reader<'a> {
    text: &'a str,
    profile: Option<&'a Profile>,
    action_entities: &'a Entities,
    found: Vec<Problem>,
}

impl<'a> Reader<'a> {
    pub(super) const fn new(
        text: &'a str,
        profile: Option<&'a Profile>,
        action_entities: &'a Entities,
    ) -> Self {
        Self {
            text,
            profile,
            action_entities,
            found: Vec::new(),
        }
    }

    /// The mistakes found so far.
    pub(super) fn found(self) -> Vec<Problem> {
        self.found
    }

    /// Each policy under its own id, and what is known of it, in the order of the text. A policy without a proper
    /// id keeps the parser's, and is a mistake found.
    pub(super) fn policies(&mut self, parsed: &PolicySet) -> (Vec<Policy>, Vec<Known>) {
        for template in parsed.templates() {
            let place = self.place(&template.to_cedar());
            self.report(
                place,
                None,
                "a template names a person in its place; speak of roles instead".to_owned(),
            );
        }
        // The parser numbers policies in the order of the text. Equal texts are told apart by going on from the last.
        let mut in_order: Vec<_> = parsed.policies().collect();
        in_order.sort_by_key(|policy| number(policy.id()));
        let mut reached = 0;
        let policies = in_order.into_iter().map(|policy| {
            let source = policy.to_cedar().unwrap_or_default();
            let ahead = self.text.get(reached..).and_then(|rest| rest.find(&source));
            let place = reached + ahead.unwrap_or(0);
            if ahead.is_some() {
                reached = place + source.len();
            }
            (place, source, policy)
        });
        let policies: Vec<_> = policies.collect();
        let mut taken = BTreeSet::new();
        let mut named = Vec::new();
        let mut compiled = Vec::new();
        for (place, source, policy) in policies {
            let known = self.policy(place, &source, policy);
            let Some(known) = known else {
                named.push(policy.clone());
                continue;
            };
            let id = known.policy.id.clone();
            if taken.insert(id.clone()) {
                named.push(policy.new_id(PolicyId::new(id.as_str())));
                compiled.push(known);
            } else {
                let message = "another policy has this @id; choose another".to_owned();
                self.report(place, Some(id.as_str()), message);
                named.push(policy.clone());
            }
        }
        (named, compiled)
    }

    fn policy(&mut self, place: usize, source: &str, policy: &Policy) -> Option<Known> {
        let id = policy.annotation("id").unwrap_or_default();
        let rule = (!id.is_empty()).then_some(id);
        let spoken = match policy.to_json() {
            Ok(json) => Spoken::of(&json),
            Err(error) => {
                self.report(place, rule, error.to_string());
                return None;
            }
        };
        self.persons(place, rule, policy, &spoken);
        self.words(place, source, rule, &spoken);
        let parsed_id = id.parse().map_err(|error| {
            self.report(
                place,
                rule,
                format!("a policy begins with @id(\"a_short_name\"): {error}"),
            );
        });
        let requirement = policy
            .annotation("requirement")
            .unwrap_or_default()
            .parse::<Requirement>()
            .map_err(|error| {
                self.report(
                    place,
                    rule,
                    format!("a policy says which sentence asked for it with @requirement(\"V8\"): {error}"),
                );
            });
        if let (Some(profile), Ok(requirement)) = (self.profile, requirement)
            && profile.sentence(requirement).is_none()
        {
            let citation = format!("@requirement(\"{requirement}\")");
            let within = source.find(&citation).unwrap_or(0);
            self.report(place + within, rule, undeclared_requirement(requirement));
        }
        Some(Known {
            policy: DecidingPolicy {
                id: parsed_id.ok()?,
                requirement: requirement.ok()?,
                effect: match policy.effect() {
                    cedar_policy::Effect::Permit => Effect::Permit,
                    cedar_policy::Effect::Forbid => Effect::Forbid,
                },
            },
            mentions: self.mentions(&spoken),
            concerns: self.concerns(&policy.action_constraint()),
        })
    }

    /// A policy that looked at who asks would make remembered verdicts wrong, and would be a rule for one person.
    fn persons(&mut self, place: usize, rule: Option<&str>, policy: &Policy, spoken: &Spoken) {
        let mut persons = spoken.persons.clone();
        if policy.principal_constraint() != PrincipalConstraint::Any {
            persons.insert("principal".to_owned());
        }
        if policy.resource_constraint() != ResourceConstraint::Any {
            persons.insert("resource".to_owned());
        }
        for person in persons {
            self.report(
                place,
                rule,
                format!("speaks of one {person}; leave {person} bare and ask context for roles"),
            );
        }
    }

    /// Every word that an attribute is compared with is one that the attribute can have.
    fn words(&mut self, place: usize, source: &str, rule: Option<&str>, spoken: &Spoken) {
        let Some(profile) = self.profile else { return };
        for (attribute, word) in &spoken.words {
            let Some((kind, known)) = vocabulary(profile, attribute) else {
                continue;
            };
            if !known.contains(&word.as_str()) {
                let within = source.find(&format!("{word:?}")).unwrap_or(0);
                self.report(
                    place + within,
                    rule,
                    format!(
                        "context.{attribute} is never {word:?}; profile.toml declares the {kind} {}",
                        known.join(", ")
                    ),
                );
            }
        }
    }

    fn mentions(&self, spoken: &Spoken) -> AttributeSet {
        if spoken.whole_context {
            return AttributeSet::all();
        }
        let named = AttributeName::ALL
            .iter()
            .copied()
            .filter(|name| spoken.attributes.contains(name.code()))
            .collect::<AttributeSet>();
        let roles_demand_more = self
            .profile
            .is_some_and(|profile| profile.roles.values().any(|role| role.assurance.is_some()));
        if spoken.attributes.contains(MINIMUM_ASSURANCE) && roles_demand_more {
            named.union(AttributeSet::from_iter([
                AttributeName::TenantRoles,
                AttributeName::UnitRoles,
                AttributeName::ReceiverRoles,
                AttributeName::ParentRoles,
                AttributeName::CaseRoles,
            ]))
        } else {
            named
        }
    }

    fn concerns(&self, scope: &ActionConstraint) -> Vec<Action> {
        let within = |group: &EntityUid, action: Action| {
            super::uid("Action", action.code()).is_some_and(|action| {
                self.action_entities.is_ancestor_of(group, &action) || *group == action
            })
        };
        Action::ALL
            .iter()
            .copied()
            .filter(|action| match scope {
                ActionConstraint::Any => true,
                ActionConstraint::Eq(only) => within(only, *action),
                ActionConstraint::In(groups) => groups.iter().any(|group| within(group, *action)),
            })
            .collect()
    }

    /// Where a template begins in the text.
    fn place(&self, source: &str) -> usize {
        self.text.find(source).unwrap_or(0)
    }

    fn report(&mut self, place: usize, rule: Option<&str>, message: String) {
        self.found.push(Problem {
            file: RuleBookFile::Access,
            line: line_at(self.text, place),
            rule: rule.map(str::to_owned),
            message,
        });
    }
}

/// The number in the parser's `policy12`.
fn number(id: &PolicyId) -> usize {
    let text: &str = id.as_ref();
    text.trim_start_matches("policy").parse().unwrap_or(0)
}

/// What an attribute can be, and what the profile calls it; `None` for attributes that hold no words.
fn vocabulary<'a>(profile: &'a Profile, attribute: &str) -> Option<(&'static str, Vec<&'a str>)> {
    let roles = |scopes: &[Scope]| {
        profile
            .roles
            .iter()
            .filter(|(_, role)| role.scopes.iter().any(|scope| scopes.contains(scope)))
            .map(|(code, _)| code.as_str())
            .collect()
    };
    Some(match attribute {
        "tenant_roles" => ("roles of the tenant", roles(&[Scope::Tenant])),
        "unit_roles" | "receiver_roles" | "parent_roles" => {
            ("roles of a unit", roles(&[Scope::Unit]))
        }
        "case_roles" => ("roles in a case", roles(&[Scope::Case, Scope::Family])),
        "unit_agreements" | "receiver_agreements" => (
            "agreements",
            profile.agreements.keys().map(Code::as_str).collect(),
        ),
        "status" | "status_asked" => (
            "statuses none,",
            profile
                .statuses
                .keys()
                .map(Code::as_str)
                .chain(["none"])
                .collect(),
        ),
        "section" => (
            "sections all,",
            profile
                .sections
                .keys()
                .map(Code::as_str)
                .chain(["all"])
                .collect(),
        ),
        "consents" => (
            "consents",
            profile
                .consents
                .iter()
                .map(|rule| rule.kind.as_str())
                .collect(),
        ),
        _ => return None,
    })
}
