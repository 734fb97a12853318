//! What a profile can say wrongly of a handover, one mistake at a time, in that of Mirage.

use crate::profile::{Problem, Profile, RuleBookFile, RuleBookText, line_at};

fn mirage() -> RuleBookText {
    RuleBookText::built_in("mirage-ocmw").expect("it comes with the program")
}

/// The profile with parts of it replaced; each must be there once.
fn with(changes: &[(&str, &str)]) -> RuleBookText {
    let mut text = mirage();
    for (from, to) in changes {
        let there = text.profile_toml.matches(from).count();
        assert_eq!(there, 1, "{from:?}");
        text.profile_toml = text.profile_toml.replace(from, to);
    }
    text
}

fn problems(text: &RuleBookText) -> Vec<Problem> {
    Profile::parse(text)
        .expect_err("there is a mistake")
        .problems
}

/// One problem, in this rule, with this message, on the line where `place` begins.
#[track_caller]
fn check(text: &RuleBookText, place: &str, rule: &str, message: &str) {
    let found = problems(text);
    let [problem] = &found[..] else {
        panic!("{found:#?}")
    };
    let at = text.profile_toml.find(place).expect("it is in the profile");
    assert_eq!(problem.file, RuleBookFile::Profile);
    assert_eq!(problem.rule.as_deref(), Some(rule), "{problem}");
    assert_eq!(problem.line, line_at(&text.profile_toml, at), "{problem}");
    assert!(problem.message.contains(message), "{problem}");
}

#[test]
fn an_item_of_information_has_a_name_in_each_language() {
    let name = "name = { nl = \"wat het doel is van de toeleiding\" }";
    let text = with(&[(
        "name = { nl = \"wat het doel is van de toeleiding\", en = \"what the referral is for\" }",
        name,
    )]);
    check(&text, name, "information.purpose.name", "add en = ");
}

#[test]
fn a_kind_and_a_subtype_of_referral_have_names_in_each_language() {
    let name = "name = { en = \"psychosocial referral\" }";
    let text = with(&[(
        "name = { nl = \"psychosociale verwijzing\", en = \"psychosocial referral\" }",
        name,
    )]);
    let missing = "no name in the profile's language; add nl = ";
    check(&text, name, "referrals.psychosocial.name", missing);
    let name = "name = { en = \"OCMW without sharing data\" }";
    let text = with(&[(
        "name = { nl = \"OCMW zonder gegevensdeling\", en = \"OCMW without sharing data\" }",
        name,
    )]);
    let rule = "referrals.psychosocial.subtypes.ocmw_without_data.name";
    check(&text, name, rule, missing);
}

#[test]
fn a_channel_for_passwords_has_a_name_in_each_language() {
    let name = "name = { nl = \"telefoon\" }";
    let text = with(&[("name = { nl = \"telefoon\", en = \"telephone\" }", name)]);
    let rule = "transmissions.password.channels.telephone.name";
    check(&text, name, rule, "add en = ");
}

#[test]
fn every_text_that_is_filled_in_is_given_in_each_language() {
    for (from, to, rule) in [
        (
            "title = { nl = \"Aanmelding bij het OCMW\", en = \"Referral to the OCMW\" }",
            "title = { nl = \"Aanmelding bij het OCMW\" }",
            "transmissions.form.title",
        ),
        (
            "answer = { nl = \"Alleen deze gegevens, en niets anders:\", en = \"These data alone, and nothing else:\" }",
            "answer = { nl = \"Alleen deze gegevens, en niets anders:\" }",
            "transmissions.print.parts[0].answer",
        ),
        (
            "question = { nl = \"Waarom?\", en = \"Why?\" }",
            "question = { nl = \"Waarom?\" }",
            "transmissions.print.parts[2].question",
        ),
        (
            "file_name = { nl = \"bericht-{reference}\", en = \"message-{reference}\" }",
            "file_name = { nl = \"bericht-{reference}\" }",
            "transmissions.mail.file_name",
        ),
    ] {
        let missing = "no text in a language that the profile promises; add en = ";
        check(&with(&[(from, to)]), to, rule, missing);
    }
}

#[test]
fn agreements_speak_of_items_that_are_declared() {
    let items = "items = [\"which_data\", \"the_weather\"]\nmailbox = true";
    let text = with(&[(
        "items = [\"which_data\", \"to_whom\", \"purpose\", \"what_happens\", \"what_to_expect\"]\nmailbox = true",
        items,
    )]);
    let message = "there is no information the_weather";
    check(&text, items, "agreements.cooperation.items", message);
}

#[test]
fn consents_ask_for_items_that_are_declared() {
    let informed =
        "informed_of = { items = [\"which_data\", \"the_weather\"], requirement = \"M7\" }";
    let text = with(&[(
        "informed_of = { items = [\"which_data\", \"to_whom\", \"purpose\", \"what_happens\", \"what_to_expect\"], requirement = \"M7\" }",
        informed,
    )]);
    let message = "there is no information the_weather";
    check(&text, informed, "consents[0].informed_of", message);
}

/// From the first subtype of a referral to where the handover begins.
fn without_subtypes() -> RuleBookText {
    let text = mirage().profile_toml;
    let begin = text
        .find("[referrals.psychosocial.subtypes.ocmw]")
        .expect("a subtype");
    let end = text.find("# How the form goes").expect("the handover");
    let kind = "[referrals.psychosocial]\n";
    with(&[
        (&text[begin..end], ""),
        (kind, &format!("{kind}subtypes = {{}}\n")),
    ])
}

#[test]
fn a_kind_of_referral_has_a_subtype() {
    check(
        &without_subtypes(),
        "subtypes = {}",
        "referrals.psychosocial.subtypes",
        "at least one subtype",
    );
}

#[test]
fn what_shares_nothing_takes_neither_consent_nor_agreement() {
    for more in ["consent = \"data_sharing\"", "agreements = [\"protocol\"]"] {
        let shares = "shares_data = false";
        let text = with(&[(shares, &format!("{shares}\n{more}"))]);
        check(
            &text,
            "[referrals.psychosocial.subtypes.ocmw_without_data]",
            "referrals.psychosocial.subtypes.ocmw_without_data",
            "takes no consent and no agreement; leave them out",
        );
    }
}

const CONSENT: &str = "consent = \"data_sharing\"\n";
const SUBTYPE: &str = "referrals.psychosocial.subtypes.ocmw";

#[test]
fn what_shares_data_names_a_consent() {
    let header = "[referrals.psychosocial.subtypes.ocmw]";
    let message = "name its kind (`consent`)";
    check(&with(&[(CONSENT, "")]), header, SUBTYPE, message);
}

#[test]
fn the_consent_is_declared_and_names_the_receiver() {
    let rule = format!("{SUBTYPE}.consent");
    let other = "consent = \"other\"\n";
    let text = with(&[(CONSENT, other)]);
    check(&text, other, &rule, "there is no consent other; declare it");
    let text = with(&[("names_services = true\n", "")]);
    check(&text, CONSENT, &rule, "give it names_services = true");
}

const AGREEMENTS: &str = "agreements = [\"cooperation\", \"protocol\"]";

#[test]
fn the_agreements_are_declared() {
    let other = "agreements = [\"cooperation\", \"treaty\"]";
    let rule = format!("{SUBTYPE}.agreements[1]");
    let message = "there is no agreement treaty; declare it, or use one of cooperation, protocol";
    check(&with(&[(AGREEMENTS, other)]), other, &rule, message);
}

#[test]
fn one_of_the_agreements_has_a_mailbox() {
    let rule = format!("{SUBTYPE}.agreements");
    let message = "name one that has a mailbox";
    let other = "agreements = [\"protocol\"]";
    check(&with(&[(AGREEMENTS, other)]), other, &rule, message);
    let text = with(&[("mailbox = true\n", "")]);
    check(&text, AGREEMENTS, &rule, message);
}

#[test]
fn what_shares_data_says_how_they_are_handed_over() {
    let text = mirage().profile_toml;
    let begin = text.find("[transmissions]").expect("the handover");
    let end = text.find("[sections.basics]").expect("the sections");
    check(
        &with(&[(&text[begin..end], "")]),
        "shares_data = true",
        &format!("{SUBTYPE}.shares_data"),
        "add [transmissions]",
    );
}

#[test]
fn forms_are_filed_where_the_referrals_stand() {
    let takes = "holds = [\"referrals\"]\ntakes = [\"notes\"]";
    let text = with(&[("holds = [\"referrals\"]\ntakes = [\"documents\"]", takes)]);
    check(
        &text,
        "takes = [\"notes\"]",
        "sections.referrals.takes",
        "let documents be filed here",
    );
}

/// The profile with other channels for passwords.
fn with_channels(channels: &str) -> RuleBookText {
    let text = mirage().profile_toml;
    let begin = text
        .find("[transmissions.password.channels.sms]")
        .expect("a channel");
    let end = text.find("[transmissions.form]").expect("the form");
    with(&[(&text[begin..end], channels)])
}

#[test]
fn a_password_goes_some_way() {
    let text = with_channels("[transmissions.password.channels]\n\n");
    check(
        &text,
        "[transmissions.password.channels]",
        "transmissions.password.channels",
        "name one",
    );
}

#[test]
fn a_password_never_goes_the_way_of_the_file() {
    let channels =
        "[transmissions.password.channels.email]\nname = { nl = \"e-mail\", en = \"e-mail\" }\n\n";
    check(
        &with_channels(channels),
        channels,
        "transmissions.password.channels.email",
        "the file goes by email, so the password does not; take it out",
    );
}
