//! The auditor's questions are answered as of any moment, from the events alone.

use std::sync::Arc;

use chrono::TimeDelta;
use ledger_core::{
    access::RuleBook,
    case::RemoveParty,
    directory::AdoptProfile,
    ids::{CaseId, Position},
    ledger::{AsOf, CaseCommand, Could, DirectoryCommand, LedgerError, SawFilter},
    profile::RuleBookText,
};

use crate::story::{Kvam, Log, assert_refused_by, code, occasion, rule_book, withdraw};

async fn could(kvam: &Kvam, log: Log, as_of: AsOf, name: &str) -> Could {
    let answer = kvam
        .ledger
        .could(&kvam.auditor, log.id, as_of, &occasion())
        .await;
    let people = answer.expect("is answered").people;
    let found = people
        .into_iter()
        .find(|person| person.name.as_deref() == Some(name));
    found.expect("they take part")
}

#[tokio::test]
async fn who_saw_it_is_told_with_names_and_reasons() {
    let kvam = Kvam::in_memory().await;
    let log = kvam.log().await;
    let view = kvam.sees(&kvam.nurse, log.id).await.view;
    kvam.clock.advance(TimeDelta::hours(1));
    kvam.sees(&kvam.mother, log.id).await;
    kvam.does_not_see(&kvam.colleague, log.id).await;
    let saw = kvam
        .ledger
        .saw(
            &kvam.auditor,
            log.id,
            AsOf::Now,
            &SawFilter::default(),
            &occasion(),
        )
        .await
        .expect("answers");
    let told: Vec<_> = saw
        .views
        .iter()
        .map(|seen| (seen.name.as_deref(), seen.what.as_str()))
        .collect();
    let expected = [
        (Some("Nina"), "case_viewed"),
        (Some("Marit Mor"), "case_viewed"),
        (Some("Kolbein"), "access_refused"),
        (Some("Audun"), "audit_answered"),
    ];
    assert_eq!(told, expected);
    assert_eq!(saw.views[0].position, view.first);
    assert_eq!(saw.views[0].at, view.recorded_at);
    assert!(saw.views[0].basis.is_some());

    // As of before: by position and by time.
    for as_of in [AsOf::Position(view.first), AsOf::Time(view.recorded_at)] {
        let saw = kvam
            .ledger
            .saw(
                &kvam.auditor,
                log.id,
                as_of,
                &SawFilter::default(),
                &occasion(),
            )
            .await;
        assert_eq!(saw.expect("answers").views.len(), 1, "{as_of:?}");
    }
}

#[tokio::test]
async fn who_could_have_seen_it_is_told_as_of_before_a_withdrawal() {
    let kvam = Kvam::in_memory().await;
    let log = kvam.log().await;
    let shown = kvam.sees(&kvam.mother, log.id).await;
    let before = (shown.view.first, kvam.now());
    kvam.clock.advance(TimeDelta::hours(1));
    let consent = *shown.case.state.consents.keys().next().expect("a consent");
    let withdrawn = kvam
        .does(&kvam.mother, log.id, withdraw(consent, log.mother))
        .await;

    let nurse = could(&kvam, log, AsOf::Now, "Nina").await;
    assert!(nurse.sections.is_empty() && !nurse.decision.is_allowed());
    assert!(
        nurse.decision.citations.contains(&withdrawn.first),
        "the withdrawal says why"
    );
    for as_of in [AsOf::Position(before.0), AsOf::Time(before.1)] {
        let nurse = could(&kvam, log, as_of, "Nina").await;
        assert!(nurse.sections.contains(&code("notes")), "{as_of:?}");
        assert_eq!(nurse.roles, [code("professional")]);
        let mother = could(&kvam, log, as_of, "Marit Mor").await;
        assert_eq!((mother.account, mother.party), (None, Some(log.mother)));
    }
    // At the withdrawal itself it had ended.
    let nurse = could(&kvam, log, AsOf::Position(withdrawn.first), "Nina").await;
    assert!(nurse.sections.is_empty());
}

#[tokio::test]
async fn somebody_who_was_removed_is_still_named_with_the_removal() {
    let kvam = Kvam::in_memory().await;
    let log = kvam.log().await;
    let removal = CaseCommand::RemoveParty(RemoveParty {
        party: log.nurse,
        reason: String::new(),
        occurred_at: None,
    });
    let removed = kvam.does(&kvam.teacher, log.id, removal).await;
    let nurse = could(&kvam, log, AsOf::Now, "Nina").await;
    assert!(nurse.sections.is_empty() && nurse.roles.is_empty());
    assert!(nurse.decision.citations.contains(&removed.first));
}

#[tokio::test]
async fn why_something_was_shown_leads_to_the_rules_and_the_events_behind_it() {
    let kvam = Kvam::in_memory().await;
    let log = kvam.log().await;
    let shown = kvam.sees(&kvam.nurse, log.id).await;
    let position = shown.view.first;
    let why = kvam
        .ledger
        .why(&kvam.auditor, log.id, position, &occasion())
        .await
        .expect("answers");
    assert_eq!(why.event.position, position);
    let policy = (code("participants_read"), Some("V8".to_owned()));
    assert!(why.policies.contains(&policy), "{:?}", why.policies);
    let cited: Vec<Position> = why.cited.iter().map(|event| event.position).collect();
    for consent in shown.case.state.consents.values() {
        assert!(
            cited.contains(&consent.given),
            "consent at {}",
            consent.given
        );
    }
    let elsewhere = kvam
        .ledger
        .why(&kvam.auditor, log.id, Position(0), &occasion())
        .await;
    assert!(
        matches!(elsewhere, Err(LedgerError::NotFound)),
        "an event of something else"
    );
}

#[tokio::test]
async fn only_the_auditor_may_ask() {
    let kvam = Kvam::in_memory().await;
    let log = kvam.log().await;
    let ask = async |who, case: CaseId| {
        let answer = kvam
            .ledger
            .saw(who, case, AsOf::Now, &SawFilter::default(), &occasion())
            .await;
        answer.err().expect("is not answered")
    };
    assert_refused_by(&ask(&kvam.teacher, log.id).await, "V8");
    assert!(matches!(
        ask(&kvam.colleague, log.id).await,
        LedgerError::NotFound
    ));
    let nowhere = CaseId::from_ulid(77_u128.into());
    assert!(matches!(
        ask(&kvam.auditor, nowhere).await,
        LedgerError::NotFound
    ));
    // The auditor's answers hold facts; the log itself stays closed to them.
    assert_refused_by(&kvam.does_not_see(&kvam.auditor, log.id).await, "V8");
}

/// The rule book with a rule that lets every professional of the unit in, without any part in the log.
fn wider() -> AdoptProfile {
    let mut text = RuleBookText::built_in("stafettloggen-kvam").expect("it comes with the program");
    text.access_cedar.push_str(
        "\n// Whoever works in the unit reads everything.\n@id(\"the_whole_unit_reads\")\n@requirement(\"V8\")\n\
         permit (principal, action in Action::\"read\", resource)\n\
         when { context.unit_roles.contains(\"baton_holder\") };\n",
    );
    let rule_book = RuleBook::load(&text).unwrap_or_else(|error| panic!("{error}"));
    AdoptProfile {
        rule_book: Arc::new(rule_book),
    }
}

#[tokio::test]
async fn a_rule_that_widens_access_says_nothing_of_the_time_before_it() {
    let kvam = Kvam::in_memory().await;
    let log = kvam.log().await;
    let (old, new) = (rule_book().rule_book, wider());
    let (old, widened) = (old.profile().digest(), new.rule_book.profile().digest());
    kvam.does_not_see(&kvam.colleague, log.id).await;
    let before = kvam.sees(&kvam.mother, log.id).await.view.first;
    kvam.clock.advance(TimeDelta::hours(1));
    let adopted = kvam
        .administers(&kvam.administrator, DirectoryCommand::AdoptProfile(new))
        .await;
    let seen = kvam.sees(&kvam.colleague, log.id).await.view.first;

    // He can see it now, by the new rule; an hour ago he could not, by the rules of then.
    let now = could_account(&kvam, log, AsOf::Now)
        .await
        .expect("by the new rule");
    assert!(now.decision.is_allowed());
    assert_eq!(now.decision.profile, widened);
    let policies: Vec<&str> = now
        .decision
        .policies
        .iter()
        .map(|one| one.id.as_str())
        .collect();
    assert_eq!(policies, ["the_whole_unit_reads"]);
    for then in [
        AsOf::Position(before),
        AsOf::Position(Position(adopted.first.0 - 1)),
    ] {
        let then = could_account(&kvam, log, then).await;
        if let Some(then) = then {
            assert!(!then.decision.is_allowed() && then.sections.is_empty());
            assert_eq!(then.decision.profile, old);
        }
    }

    // What was decided keeps the rule book that decided it.
    for (position, digest, policy) in [
        (before, old, "guardians_read_everything"),
        (seen, widened, "the_whole_unit_reads"),
    ] {
        let why = kvam
            .ledger
            .why(&kvam.auditor, log.id, position, &occasion())
            .await;
        let why = why.expect("is answered");
        let basis = why.event.envelope.basis.as_ref().expect("it was decided");
        assert_eq!(basis.profile_digest, digest, "{position}");
        let named: Vec<_> = why.policies.iter().map(|(id, _)| id.as_str()).collect();
        assert!(named.contains(&policy), "{position}: {named:?}");
    }
}

async fn could_account(kvam: &Kvam, log: Log, as_of: AsOf) -> Option<Could> {
    let answer = kvam
        .ledger
        .could(&kvam.auditor, log.id, as_of, &occasion())
        .await;
    let people = answer.expect("is answered").people;
    let mut people = people.into_iter();
    people.find(|person| person.name.as_deref() == Some("Kolbein"))
}
