//! What a rule book is refused for, and what happens when a rule cannot be evaluated.

use super::given::{KVAM, Party, given};
use crate::{
    access::{Action, Fault, Outcome, RuleBook},
    clock::Span,
    profile::{Problem, RuleBookFile, RuleBookText, line_at},
};

/// Kvam's rule book with something added to its policies.
fn with_policy(added: &str) -> RuleBookText {
    let mut text = KVAM.profile().texts().clone();
    text.access_cedar.push_str(added);
    text
}

/// The line, from 1, of the first line of what was added.
fn first_added_line() -> usize {
    KVAM.profile().texts().access_cedar.lines().count() + 1
}

fn problems(text: &RuleBookText) -> Vec<Problem> {
    RuleBook::load(text)
        .expect_err("the rule book is broken")
        .problems
}

#[track_caller]
fn only_problem(text: &RuleBookText) -> Problem {
    let found = problems(text);
    assert_eq!(found.len(), 1, "{found:#?}");
    found.into_iter().next().expect("there is one")
}

#[track_caller]
fn check_policy(added: &str, rule: Option<&str>, line: usize, message: &str) {
    let problem = only_problem(&with_policy(added));
    assert_eq!(problem.file, RuleBookFile::Access);
    assert_eq!(problem.rule.as_deref(), rule, "{problem}");
    assert_eq!(problem.line, first_added_line() + line, "{problem}");
    assert!(problem.message.contains(message), "{problem}");
}

#[test]
fn every_policy_says_what_it_is_and_who_asked_for_it() {
    assert!(KVAM.policies().count() > 20);
    check_policy(
        "@requirement(\"V8\")\npermit (principal, action == Action::\"view_case\", resource);\n",
        None,
        0,
        "@id",
    );
    check_policy(
        "@id(\"loose\")\npermit (principal, action == Action::\"view_case\", resource);\n",
        Some("loose"),
        0,
        "@requirement",
    );
    check_policy(
        "@id(\"loose\")\n@requirement(\"Q4\")\npermit (principal, action, resource);\n",
        Some("loose"),
        1,
        "Q4 has no sentence; add Q4 = { … } to [requirements]",
    );
    check_policy(
        "@id(\"loose\")\n@requirement(\"4\")\npermit (principal, action == Action::\"view_case\", resource);\n",
        Some("loose"),
        0,
        "for example V24",
    );
    check_policy(
        "@id(\"active_account\")\n@requirement(\"X1\")\nforbid (principal, action, resource)\nunless { context.account_active };\n\n",
        Some("active_account"),
        0,
        "another policy has this @id",
    );
}

#[test]
fn an_id_like_the_parsers_own_is_no_trouble() {
    let text = RuleBookText {
        access_cedar: "@id(\"policy1\")\n@requirement(\"V8\")\npermit (principal, action in Action::\"read\", resource);\npermit (principal, action in Action::\"read\", resource);\n".to_owned(),
        ..KVAM.profile().texts().clone()
    };
    let lines: Vec<_> = problems(&text).iter().map(|problem| problem.line).collect();
    assert_eq!(lines, [4, 4], "neither @id nor @requirement");
}

#[test]
fn rules_that_allow_nothing_are_refused() {
    let only_forbids = "@id(\"active_account\")\n@requirement(\"X1\")\nforbid (principal, action, resource)\nunless { context.account_active };\n";
    for access_cedar in ["", "// Later.\n", only_forbids] {
        let text = RuleBookText {
            access_cedar: access_cedar.to_owned(),
            ..KVAM.profile().texts().clone()
        };
        let problem = only_problem(&text);
        assert_eq!((problem.file, problem.line), (RuleBookFile::Access, 1));
        assert!(problem.message.contains("there is no permit"), "{problem}");
    }
}

#[test]
fn data_are_shared_on_agreements_that_a_policy_asks_about() {
    let mut text = RuleBookText::built_in("mirage-ocmw").expect("it comes with the program");
    let asks =
        "unless { context.receiver_agreements.containsAll([\"cooperation\", \"protocol\"]) };";
    let secrecy = "unless { context.asker_bound && context.receiver_bound };";
    // One of the two is enough.
    for rule in [asks, secrecy] {
        let changed = text
            .access_cedar
            .replace(rule, "unless { context.asker_bound };");
        assert_ne!(changed, text.access_cedar, "{rule}");
        text.access_cedar = changed;
        if rule == asks {
            RuleBook::load(&text).expect("one still asks");
        }
    }
    let problem = only_problem(&text);
    let place = text.profile_toml.find("shares_data = true");
    let line = line_at(&text.profile_toml, place.expect("it shares data"));
    assert_eq!((problem.file, problem.line), (RuleBookFile::Profile, line));
    assert_eq!(
        problem.rule.as_deref(),
        Some("referrals.psychosocial.subtypes.ocmw.shares_data")
    );
    assert!(
        problem.message.contains("context.receiver_agreements"),
        "{problem}"
    );
}

#[test]
fn a_template_is_refused() {
    check_policy(
        "@id(\"odd\")\n@requirement(\"V8\")\npermit (principal == ?principal, action == Action::\"view_case\", resource);\n",
        None,
        0,
        "speak of roles instead",
    );
}

#[test]
fn an_unknown_attribute_is_found_on_its_line() {
    check_policy(
        "@id(\"odd\")\n@requirement(\"V8\")\npermit (principal, action == Action::\"view_case\", resource)\nwhen {\n  context.shoe_size\n};\n",
        Some("odd"),
        4,
        "shoe_size",
    );
}

#[test]
fn a_comparison_of_different_types_is_found() {
    check_policy(
        "@id(\"odd\")\n@requirement(\"V8\")\npermit (principal, action == Action::\"view_case\", resource)\nwhen { context.assurance == \"high\" };\n",
        Some("odd"),
        3,
        "",
    );
}

#[test]
fn a_word_that_the_profile_does_not_declare_is_found() {
    check_policy(
        "@id(\"odd\")\n@requirement(\"V8\")\npermit (principal, action == Action::\"view_case\", resource)\nwhen {\n  context.case_roles.containsAny([\"guardian\", \"neighbour\"]) };\n",
        Some("odd"),
        4,
        "\"neighbour\"; profile.toml declares the roles in a case baton_holder, guardian",
    );
    check_policy(
        "@id(\"odd\")\n@requirement(\"V8\")\npermit (principal, action == Action::\"view_case\", resource)\nwhen { \"opened\" == context.status };\n",
        Some("odd"),
        3,
        "statuses",
    );
    check_policy(
        "@id(\"odd\")\n@requirement(\"V8\")\npermit (principal, action == Action::\"view_case\", resource)\nwhen { context.tenant_roles.contains(\"guardian\") };\n",
        Some("odd"),
        3,
        "roles of the tenant",
    );
}

#[test]
fn a_policy_for_one_person_or_one_case_is_refused() {
    check_policy(
        "@id(\"odd\")\n@requirement(\"V8\")\npermit (principal == Account::\"01ARZ3NDEKTSV4RRFFQ69G5FAV\", action == Action::\"view_case\", resource);\n",
        Some("odd"),
        0,
        "speaks of one principal",
    );
    check_policy(
        "@id(\"odd\")\n@requirement(\"V8\")\npermit (principal, action == Action::\"view_case\", resource)\nwhen { resource == Case::\"01ARZ3NDEKTSV4RRFFQ69G5FAV\" };\n",
        Some("odd"),
        0,
        "speaks of one resource",
    );
}

#[test]
fn a_text_that_is_not_cedar_is_refused_with_its_line() {
    check_policy("permit (principal, action)\n", None, 0, "");
    let found = only_problem(&with_policy("\n\nperhaps (principal, action, resource);\n"));
    assert_eq!(found.line, first_added_line() + 2, "{found}");
}

#[test]
fn mistakes_in_both_texts_are_told_together() {
    let mut text = with_policy("@id(\"odd\")\npermit (principal, action, resource);\n");
    text.profile_toml = text
        .profile_toml
        .replace("to = \"closed\"", "to = \"shut\"");
    let files: Vec<_> = problems(&text).iter().map(|problem| problem.file).collect();
    assert!(files.contains(&RuleBookFile::Profile) && files.contains(&RuleBookFile::Access));
}

/// It passes every check, and overflows for whoever has an assurance above low.
const OVERFLOWING: &str = "@id(\"overflowing\")\n@requirement(\"V21\")\nforbid (principal, action == Action::\"view_case\", resource)\nwhen { context.assurance * 9223372036854775807 < 0 };\n";

#[test]
fn a_rule_that_cannot_be_evaluated_refuses() {
    let rules = RuleBook::load(&with_policy(OVERFLOWING)).expect("it passes the checks");
    let decision = given([Party("guardian")])
        .asks_of(&rules, Action::ViewCase)
        .decision;
    assert_eq!(decision.outcome, Outcome::Deny);
    assert_eq!(decision.fault, Some(Fault::EvaluationFailed));
    assert_eq!(decision.policies[0].id.as_str(), "overflowing");
    given([Party("guardian")])
        .asks_of(&rules, Action::PrintCase)
        .is_allowed();
}

#[test]
fn a_question_about_a_case_that_names_none_is_refused() {
    let mut question = given([Party("guardian")]).question(Action::ViewCase);
    question.case = None;
    let decision = KVAM.decide(&question);
    assert_eq!(decision.outcome, Outcome::Deny);
    assert_eq!(decision.fault, Some(Fault::CaseMissing));
    assert!(
        !decision.holds.contains(question.at),
        "nothing is built on it"
    );
}

#[test]
fn an_attribute_of_another_time_is_refused() {
    let mut question = given([Party("guardian")]).question(Action::ViewCase);
    question.attributes.consents.holds = Span {
        from: None,
        until: Some(question.at),
    };
    let decision = KVAM.decide(&question);
    assert_eq!(decision.outcome, Outcome::Deny);
    assert!(matches!(
        decision.fault,
        Some(Fault::AttributeNotCurrent(_))
    ));
}

#[test]
fn a_role_may_demand_more_than_the_profile() {
    let mut text = KVAM.profile().texts().clone();
    text.profile_toml = text
        .profile_toml
        .replace(
            "minimum_assurance = \"high\"",
            "minimum_assurance = \"low\"",
        )
        .replace(
            "[roles.guardian]\n",
            "[roles.guardian]\nassurance = \"substantial\"\n",
        );
    let rules = RuleBook::load(&text).expect("it is sound");
    let weakly = super::given::AssuranceOf(crate::profile::Assurance::Low);
    given([Party("young_person"), weakly])
        .asks_of(&rules, Action::ViewCase)
        .is_allowed();
    given([Party("guardian"), weakly])
        .asks_of(&rules, Action::ViewCase)
        .refused_by("V21")
        .citing(&[1]);
}
