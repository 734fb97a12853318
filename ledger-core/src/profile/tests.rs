use chrono::NaiveDate;

use super::*;
use crate::clock::Timestamp;

fn kvam() -> RuleBookText {
    RuleBookText::built_in("stafettloggen-kvam").expect("it comes with the program")
}

fn code(word: &str) -> Code {
    word.parse().expect("a code")
}

/// The problems of Kvam's profile after a change, which must change something.
fn after(from: &str, to: &str) -> Vec<Problem> {
    let mut text = kvam();
    let changed = text.profile_toml.replacen(from, to, 1);
    assert_ne!(changed, text.profile_toml, "{from:?} is not in the profile");
    text.profile_toml = changed;
    Profile::parse(&text)
        .expect_err("the change is a mistake")
        .problems
}

/// Checks that the change makes one problem, with this rule and message, on the line where `to` begins or
/// `offset` lines below.
#[track_caller]
fn check(from: &str, to: &str, offset: usize, rule: Option<&str>, message: &str) {
    let place = kvam().profile_toml.find(from).expect("in the profile");
    let line = line_at(&kvam().profile_toml, place) + offset;
    let found = after(from, to);
    let [problem] = &found[..] else {
        panic!("{found:#?}")
    };
    assert_eq!(problem.file, RuleBookFile::Profile);
    assert_eq!(problem.line, line, "{problem}");
    assert_eq!(problem.rule.as_deref(), rule, "{problem}");
    assert!(problem.message.contains(message), "{problem}");
}

#[test]
fn kvams_profile_says_what_the_sources_say() {
    let profile = Profile::parse(&kvam()).expect("it is sound");
    assert_eq!(profile.initial_status().as_str(), "preparing");
    assert_eq!(profile.minimum_assurance, Assurance::High);
    let establish = profile.consent(&code("establish_log")).expect("V24");
    assert_eq!(establish.consent_by, Quorum::All);
    assert_eq!(establish.withdraw_by, Quorum::Any);
    assert_eq!(establish.valid_for_months_recommended, Some(24));
    assert!(
        profile
            .consent(&code("cooperation"))
            .expect("V24")
            .names_services
    );
    let reasons: Vec<_> = profile.reasons.closing.keys().map(Code::as_str).collect();
    assert_eq!(
        reasons,
        [
            "consent_withdrawn",
            "guardians_wish",
            "individual_plan",
            "thrives"
        ]
    );
}

#[test]
fn commands_lead_from_status_to_status() {
    let profile = Profile::parse(&kvam()).expect("it is sound");
    let after = |command, from: &str| {
        let from = code(from);
        let mut steps = profile
            .transitions_of(command, &from)
            .map(|step| step.to.to_string());
        steps.next()
    };
    assert_eq!(
        after(Action::BeginMeasure, "preparing").as_deref(),
        Some("active")
    );
    assert_eq!(
        after(Action::CloseCase, "active").as_deref(),
        Some("closed")
    );
    assert_eq!(
        after(Action::ArchiveCase, "closed").as_deref(),
        Some("archived")
    );
    assert_eq!(
        after(Action::EraseCase, "archived").as_deref(),
        Some("erased")
    );
    assert_eq!(after(Action::CloseCase, "closed"), None);
    assert_eq!(after(Action::EraseCase, "closed"), None);
}

#[test]
fn an_unknown_key_is_found_on_its_line() {
    check(
        "appoints = [\"baton_holder\"",
        "apoints = [\"baton_holder\"",
        0,
        None,
        "expected one of `name`, `scopes`, `appoints`",
    );
    check(
        "[retention]",
        "[colours]\nred = 1\n[retention]",
        0,
        None,
        "unknown field `colours`",
    );
}

#[test]
fn an_unknown_key_below_the_requirements_is_told_where_it_stands() {
    for key in ["default_language = \"nn\"", "V1000 = { nn = \"Alt.\" }"] {
        let name = key.split(' ').next().expect("a key");
        check(
            "[requirements]\n",
            &format!("[requirements]\n{key}\n"),
            1,
            None,
            &format!("{name:?} stands below [requirements]"),
        );
    }
}

#[test]
fn a_transition_to_nowhere_is_found() {
    let found = after("to = \"erased\"", "to = \"gone\"");
    assert_eq!(
        found
            .iter()
            .map(|problem| problem.rule.as_deref())
            .collect::<Vec<_>>(),
        [Some("statuses.erased"), Some("transitions[14].to")],
        "the status that nothing leads to any more, and the one that does not exist"
    );
    assert!(
        found[1]
            .message
            .contains("there is no status gone; declare it, or use one of active, archived"),
        "{}",
        found[1]
    );
}

#[test]
fn an_unknown_role_is_found() {
    check(
        "appoints = [\"baton_holder\", \"professional\"]",
        "appoints = [\"baton_holder\", \"profesional\"]",
        0,
        Some("roles.unit_leader.appoints[1]"),
        "there is no role profesional",
    );
    check(
        "given_by = [\"guardian\"]",
        "given_by = [\"guardian\", \"professional\"]",
        0,
        Some("consents[0].given_by[1]"),
        "not a role of the family",
    );
}

#[test]
fn an_unknown_command_or_a_reading_makes_no_transition() {
    check(
        "command = \"close_case\"",
        "command = \"slam_case\"",
        0,
        None,
        "`close_case`",
    );
    check(
        "command = \"close_case\"",
        "command = \"view_case\"",
        0,
        Some("transitions[10].command"),
        "does not change a case",
    );
}

#[test]
fn a_command_has_one_outcome() {
    check(
        "command = \"archive_case\"\nfrom = [\"closed\", \"withdrawn\"]",
        "command = \"close_case\"\nfrom = [\"active\"]",
        1,
        Some("transitions[13].from[0]"),
        "leads somewhere in transitions[10] already",
    );
}

#[test]
fn exactly_one_status_is_initial() {
    let [problem] = &after("initial = true\n", "")[..] else {
        panic!("one mistake, one problem")
    };
    assert_eq!(problem.rule.as_deref(), Some("statuses"));
    assert!(
        problem
            .message
            .contains("mark the one that a case is opened in"),
        "{problem}"
    );
    check(
        "[statuses.withdrawn]\n",
        "[statuses.withdrawn]\ninitial = true\n",
        1,
        Some("statuses.withdrawn.initial"),
        "preparing and withdrawn are all initial",
    );
}

#[test]
fn shapes_are_checked_where_they_stand() {
    check(
        "requirement = \"V23\"",
        "requirement = \"23\"",
        0,
        None,
        "for example V24",
    );
    check(
        "time_zone = \"Europe/Oslo\"",
        "time_zone = \"Europe/Kvam\"",
        0,
        None,
        "IANA",
    );
    check("[roles.auditor]", "[roles.Auditor]", 0, None, "valid code");
    check(
        "{ nn = \"revisor\", nb",
        "{ nb = \"revisor\", en",
        0,
        None,
        "duplicate key",
    );
}

#[test]
fn every_name_is_given_in_the_profiles_language_and_in_those_it_promises() {
    let names = "{ nn = \"revisor\", nb = \"revisor\", nl = \"controleur\", en = \"auditor\" }";
    check(
        names,
        "{ nb = \"revisor\", nl = \"controleur\", en = \"auditor\" }",
        0,
        Some("roles.auditor.name"),
        "no name in the profile's language; add nn = ",
    );
    check(
        names,
        "{ nn = \"revisor\", nb = \"revisor\", en = \"auditor\" }",
        0,
        Some("roles.auditor.name"),
        "no name in a language that the profile promises; add nl = ",
    );
    let profile = Profile::parse(&kvam()).expect("it is sound");
    assert!(
        Language::ALL
            .into_iter()
            .all(|language| profile.promises(language))
    );
}

#[test]
fn the_digest_covers_both_texts_and_where_one_ends() {
    let digest = |profile: &str, access: &str| {
        RuleBookText {
            profile_toml: profile.to_owned(),
            access_cedar: access.to_owned(),
        }
        .digest()
    };
    assert_ne!(digest("a", "b"), digest("a", "c"));
    assert_ne!(digest("a", "b"), digest("c", "b"));
    assert_ne!(digest("ab", "c"), digest("a", "bc"));
    assert_eq!(
        Profile::parse(&kvam()).expect("sound").digest(),
        kvam().digest()
    );
}

#[test]
fn requirement_ids_have_one_shape() {
    for text in ["V24", "D1", "K19", "X10", "A1", "Z999"] {
        let read = text.parse::<Requirement>();
        assert_eq!(read.map(|id| id.to_string()).as_deref(), Ok(text));
    }
    for text in [
        "", "V", "24", "v24", "V0", "V024", "V+4", "Æ4", "V1000", "V24 ",
    ] {
        assert!(
            text.parse::<Requirement>().is_err(),
            "{text:?} was accepted"
        );
    }
}

#[test]
fn a_requirement_that_is_cited_has_a_sentence() {
    let citation = "young_person_consents_from_years = 16\nrequirement = \"X3\"";
    check(
        citation,
        "young_person_consents_from_years = 16\nrequirement = \"Z7\"",
        1,
        Some("ages.requirement"),
        "Z7 has no sentence; add Z7 = { … } to [requirements]",
    );
    check(
        "rest_case = \"V16\"",
        "rest_case = \"Z7\"",
        0,
        Some("asked_for.rest_case"),
        "Z7 has no sentence",
    );
    let found = after("\nX3 = {", "\nZ3 = {");
    let rules: Vec<_> = found.iter().filter_map(|one| one.rule.as_deref()).collect();
    assert_eq!(
        rules,
        [
            "roles.young_person.requirement",
            "ages.requirement",
            "asked_for.record_coming_of_age"
        ],
        "all that cite it, and not the sentence that nothing cites"
    );
}

#[test]
fn a_sentence_is_given_in_the_languages_that_are_promised() {
    check(
        "nl = \"Toestemming kan op papier worden gegeven en gescand.\", ",
        "",
        0,
        Some("requirements.X5"),
        "no sentence in a language that the profile promises; add nl = ",
    );
}

#[test]
fn what_was_asked_for_is_a_command_or_a_rule_of_the_program() {
    check(
        "consent_renewal = \"V26\"",
        "consent_renewel = \"V26\"",
        0,
        None,
        "did you mean consent_renewal,",
    );
    let profile = Profile::parse(&kvam()).expect("it is sound");
    let named = |id: Option<&Requirement>| id.map(ToString::to_string);
    assert_eq!(
        named(profile.asked_for_rule(KeptRule::ConsentForm)).as_deref(),
        Some("X5")
    );
    assert_eq!(
        profile.asked_for_command(Action::ArchiveCase).to_string(),
        "V19"
    );
    // Nobody asked for reading: it is refused with what everything is refused with.
    assert_eq!(
        profile.asked_for_command(Action::ViewCase).to_string(),
        "V8"
    );
}

/// Kvam's rules in another time zone.
fn in_zone(zone: &str) -> Profile {
    let mut text = kvam();
    text.profile_toml = text.profile_toml.replace("Europe/Oslo", zone);
    Profile::parse(&text).expect("it is sound")
}

fn date(text: &str) -> NaiveDate {
    text.parse().expect("a date")
}

fn at(text: &str) -> Timestamp {
    text.parse().expect("a timestamp")
}

#[test]
fn a_date_is_included_until_midnight_in_the_profiles_time_zone() {
    let oslo = in_zone("Europe/Oslo");
    assert_eq!(
        oslo.begins_at(date("2026-06-30")),
        at("2026-06-29T22:00:00Z")
    );
    assert_eq!(
        oslo.expires_at(date("2026-06-30")),
        at("2026-06-30T22:00:00Z")
    );
    assert_eq!(
        oslo.expires_at(date("2026-12-31")),
        at("2026-12-31T23:00:00Z")
    );
    assert_eq!(oslo.date_of(at("2026-06-30T21:59:59Z")), date("2026-06-30"));
    assert_eq!(oslo.date_of(at("2026-06-30T22:00:00Z")), date("2026-07-01"));
}

#[test]
fn a_status_that_a_transition_looks_back_to_exists() {
    check(
        "when = { came_from = [\"preparing\"] }",
        "when = { came_from = [\"somewhere\"] }",
        0,
        Some("transitions[4].when.came_from"),
        "there is no status somewhere",
    );
}

#[test]
fn nothing_but_facts_stands_in_the_section_of_the_timeline() {
    let here = "holds = [\"timeline\"]";
    check(
        here,
        "holds = [\"timeline\"]\ntakes = [\"notes\"]",
        1,
        Some("sections.timeline.takes"),
        "be filed elsewhere",
    );
    let mut text = kvam();
    text.profile_toml = text.profile_toml.replace(", \"course\"]", "]");
    text.profile_toml = text
        .profile_toml
        .replace(here, "holds = [\"timeline\", \"course\"]");
    let error = Profile::parse(&text).expect_err("it is a mistake");
    let [problem] = &error.problems[..] else {
        panic!("{error}")
    };
    assert_eq!(problem.rule.as_deref(), Some("sections.timeline.holds"));
}

#[test]
fn what_was_filed_elsewhere_stands_with_the_others_of_its_kind() {
    let stands = |profile: &Profile, filed, section: &str| {
        let stands = profile.filed_in(filed, &code(section));
        stands.map(|section| section.as_str().to_owned())
    };
    let profile = Profile::parse(&kvam()).expect("it is sound");
    for (filed, section, expected) in [
        (Filed::Notes, "notes", "notes"),
        (Filed::Notes, "timeline", "notes"),
        (Filed::Notes, "basics", "notes"),
        (Filed::Documents, "documents", "documents"),
        (Filed::Documents, "consents", "consents"),
    ] {
        let stands = stands(&profile, filed, section);
        assert_eq!(stands.as_deref(), Some(expected), "{section}");
    }
    // By rules from before sections said what they take.
    let mut text = kvam();
    for takes in ["takes = [\"notes\"]\n", "takes = [\"documents\"]\n"] {
        text.profile_toml = text.profile_toml.replace(takes, "");
    }
    let earlier = Profile::parse(&text).expect("it is sound");
    let stands = |section| stands(&earlier, Filed::Notes, section);
    assert_eq!(stands("basics").as_deref(), Some("basics"));
    assert_eq!(stands("timeline"), None);
    assert_eq!(stands("gossip"), None);
}

#[test]
fn days_on_which_clocks_change_begin_when_they_first_exist() {
    // Clocks went from 00:00 to 01:00.
    let forward = in_zone("America/Sao_Paulo");
    assert_eq!(
        forward.begins_at(date("2018-11-04")),
        at("2018-11-04T03:00:00Z")
    );
    // Clocks went from 01:00 to 00:00: midnight came twice.
    let back = in_zone("America/Havana");
    assert_eq!(
        back.begins_at(date("2024-11-03")),
        at("2024-11-03T04:00:00Z")
    );
    // The whole of 30 December 2011 was left out.
    let skipped = in_zone("Pacific/Apia");
    assert_eq!(
        skipped.begins_at(date("2011-12-30")),
        at("2011-12-30T10:00:00Z")
    );
    assert_eq!(
        skipped.expires_at(date("2011-12-29")),
        at("2011-12-30T10:00:00Z")
    );
}

#[test]
fn the_last_date_there_is_never_ends() {
    assert_eq!(
        in_zone("Europe/Oslo").expires_at(NaiveDate::MAX),
        Timestamp::MAX_UTC
    );
}

#[test]
fn sulas_profile_says_what_its_page_says() {
    let text = RuleBookText::built_in("stafettloggen-sula").expect("it comes with the program");
    let profile = Profile::parse(&text).expect("it is sound");
    let access = profile.consent(&code("service_access")).expect("S11");
    assert!(access.one_service_each);
    assert_eq!(access.forms, Some([code("paper")].into()));
    let earlier = profile.consent(&code("earlier_content")).expect("S18");
    assert_eq!(earlier.counts_from, CountsFrom::Reopening);
    assert_eq!(earlier.consent_by, Quorum::All);
    let thrives = &profile.reasons.closing[&code("thrives")];
    assert!(thrives.is_agreed() && thrives.agreed_by_services);
    assert!(!profile.reasons.closing[&code("guardians_demand")].is_agreed());
}

#[test]
fn what_a_consent_says_of_forms_services_and_reopenings_goes_together() {
    check(
        "names_services = true\n",
        "names_services = true\nforms = []\n",
        1,
        Some("consents[1].forms"),
        "name at least one",
    );
    check(
        "names_services = true\n",
        "names_services = true\nforms = [\"spoken\"]\n",
        1,
        Some("consents[1].forms"),
        "spoken",
    );
    check(
        "anew_at_transitions = true\n",
        "anew_at_transitions = true\none_service_each = true\n",
        1,
        Some("consents[0].one_service_each"),
        "names_services",
    );
}

#[test]
fn who_agrees_to_a_closing_takes_part() {
    let thrives = "[reasons.closing.thrives]\n";
    for (role, message) in [("uncle", "uncle"), ("auditor", "takes part")] {
        check(
            thrives,
            &format!("{thrives}agreed_by = [\"{role}\"]\n"),
            1,
            Some("reasons.closing.thrives.agreed_by"),
            message,
        );
    }
}

#[test]
fn measures_count_since_a_reopening_only_where_measures_are_asked_for() {
    check(
        "when = { consents = [\"establish_log\"] }\nrequirement = \"V17\"",
        "when = { consents = [\"establish_log\"], since_reopening = true }\nrequirement = \"V17\"",
        0,
        Some("transitions[5].when.since_reopening"),
        "measure_under_way",
    );
}

#[test]
fn an_invitation_is_mailed_to_guests_alone() {
    let text = RuleBookText::built_in("kindkans-berseba").expect("it comes with the program");
    let told = "to = [\"guest\"]";
    assert!(text.profile_toml.contains(told));
    let profile_toml = text
        .profile_toml
        .replacen(told, "to = [\"team_member\"]", 1);
    let changed = RuleBookText {
        profile_toml,
        ..text
    };
    let problems = Profile::parse(&changed).expect_err("a mistake").problems;
    let [problem] = &problems[..] else {
        panic!("{problems:#?}")
    };
    assert_eq!(
        problem.rule.as_deref(),
        Some("notifications.guest_invited.to[0]")
    );
    assert!(problem.message.contains("rounds.guest_roles"), "{problem}");
    check(
        "[notifications.party_added]",
        "[notifications.guest_invited]",
        0,
        Some("notifications.guest_invited"),
        "nobody is invited in this system",
    );
}
