//! What an auditor asks beyond who saw and who could: since when and until when, who should not have, what was known and
//! what was true, what changed, and when the glass was broken.

use chrono::TimeDelta;
use ledger_core::{
    case::{InvalidateConsent, RemoveParty, WithdrawConsent},
    clock::{Span, Timestamp},
    ids::{ConsentId, Position},
    ledger::{Access, AsOf, Caller, CaseCommand, LedgerError, Mistaken, Reason},
};

use crate::story::{Kvam, Log, code, consent_of, establish, occasion, profile, withdraw};

fn invalidate(consent: ConsentId) -> CaseCommand {
    CaseCommand::InvalidateConsent(InvalidateConsent {
        consent,
        reason: "Gjeve i feil namn".to_owned(),
    })
}

fn withdrawn_at(consent: ConsentId, log: Log, at: Timestamp) -> CaseCommand {
    let CaseCommand::WithdrawConsent(command) = withdraw(consent, log.mother) else {
        panic!("a withdrawal");
    };
    CaseCommand::WithdrawConsent(WithdrawConsent {
        occurred_at: Some(at),
        ..command
    })
}

async fn intervals(kvam: &Kvam, log: Log, name: &str) -> Vec<Access> {
    let answer = kvam
        .ledger
        .intervals(&kvam.auditor, log.id, &occasion())
        .await;
    let access = answer.expect("is answered").access.into_iter();
    access
        .filter(|access| access.could.name.as_deref() == Some(name))
        .collect()
}

async fn mistaken(kvam: &Kvam, log: Log, name: &str) -> Vec<Mistaken> {
    let answer = kvam
        .ledger
        .hindsight(&kvam.auditor, log.id, &occasion())
        .await;
    let mistaken = answer.expect("is answered").mistaken.into_iter();
    mistaken
        .filter(|mistaken| mistaken.could.name.as_deref() == Some(name))
        .collect()
}

#[tokio::test]
async fn an_interval_begins_and_ends_with_the_events_that_made_it_so() {
    let kvam = Kvam::in_memory().await;
    let log = kvam.log().await;
    kvam.clock.advance(TimeDelta::hours(1));
    let consent = consent_of(&kvam, log).await;
    let withdrawn = kvam
        .does(&kvam.mother, log.id, withdraw(consent, log.mother))
        .await;
    let nurse = intervals(&kvam, log, "Nina").await;
    let [access] = nurse.as_slice() else {
        panic!("one stretch of time: {nurse:?}");
    };
    assert!(access.could.sections.contains(&code("notes")));
    assert_eq!(access.since.what, Some(code("consent_given")));
    let until = access.until.as_ref().expect("it has ended");
    assert_eq!(until.position, Some(withdrawn.first));
    // The mother's own access lasts.
    let mother = intervals(&kvam, log, "Marit Mor").await;
    assert!(mother.last().is_some_and(|access| access.until.is_none()));
}

#[tokio::test]
async fn an_interval_that_ends_by_date_names_no_event() {
    let kvam = Kvam::in_memory().await;
    let log = kvam.log_without_consent().await;
    let ends = "2026-03-31".parse().expect("a date");
    kvam.consents(&kvam.mother, log.id, establish(log.mother, Some(ends)))
        .await;
    kvam.consents(&kvam.father, log.id, establish(log.father, None))
        .await;
    kvam.clock.advance(TimeDelta::days(60));
    let teacher = intervals(&kvam, log, "Torunn").await;
    let notes = code("notes");
    let mut with_notes = teacher
        .iter()
        .filter(|access| access.could.sections.contains(&notes));
    let until = with_notes.next().and_then(|access| access.until.as_ref());
    let until = until.expect("it has ended");
    let midnight: Timestamp = "2026-03-31T22:00:00Z".parse().expect("a moment");
    assert_eq!((until.at, until.position), (midnight, None));
    assert!(with_notes.next().is_none());
}

#[tokio::test]
async fn what_intervals_say_is_what_could_says_at_every_event() {
    let kvam = Kvam::in_memory().await;
    let log = kvam.log().await;
    kvam.clock.advance(TimeDelta::hours(1));
    let consent = consent_of(&kvam, log).await;
    kvam.does(&kvam.mother, log.id, withdraw(consent, log.mother))
        .await;
    kvam.clock.advance(TimeDelta::hours(1));
    let removal = CaseCommand::RemoveParty(RemoveParty {
        party: log.nurse,
        reason: String::new(),
        occurred_at: None,
    });
    kvam.does(&kvam.teacher, log.id, removal).await;
    let answer = kvam
        .ledger
        .intervals(&kvam.auditor, log.id, &occasion())
        .await
        .expect("is answered");
    let edges = answer.access.iter().map(|access| access.since.at);
    let edges: std::collections::BTreeSet<Timestamp> = edges.collect();
    assert!(edges.len() >= 2, "the story has turns");
    for at in edges {
        let could = kvam
            .ledger
            .could(&kvam.auditor, log.id, AsOf::Time(at), &occasion())
            .await
            .expect("is answered");
        for person in &could.people {
            let mut access = answer.access.iter().filter(|access| {
                access.could.account == person.account
                    && access.could.party == person.party
                    && access.since.at <= at
                    && access.until.as_ref().is_none_or(|until| at < until.at)
            });
            let sections = access.next().map(|access| access.could.sections.clone());
            assert_eq!(
                sections.unwrap_or_default(),
                person.sections,
                "{:?} at {at}",
                person.name
            );
            assert!(access.next().is_none(), "one stretch at a time");
        }
    }
}

#[tokio::test]
async fn a_consent_that_was_never_valid_makes_every_reading_on_it_a_mistaken_one() {
    let kvam = Kvam::in_memory().await;
    let log = kvam.log().await;
    assert!(mistaken(&kvam, log, "Nina").await.is_empty(), "nothing yet");
    kvam.clock.advance(TimeDelta::hours(1));
    let read = kvam.sees(&kvam.nurse, log.id).await.view.first;
    kvam.clock.advance(TimeDelta::hours(1));
    let consent = consent_of(&kvam, log).await;
    let found = kvam.does(&kvam.leader, log.id, invalidate(consent)).await;
    kvam.clock.advance(TimeDelta::hours(1));

    let nurse = mistaken(&kvam, log, "Nina").await;
    let [window] = nurse.as_slice() else {
        panic!("one stretch of time: {nurse:?}");
    };
    assert!(window.could.sections.contains(&code("notes")));
    assert!(window.could.decision.is_allowed() && !window.should_have.is_allowed());
    assert_eq!(window.until, found.recorded_at);
    let because: Vec<Position> = window.because.iter().map(|fact| fact.position).collect();
    assert_eq!(because, [found.first]);
    let saw: Vec<Position> = window.saw.iter().map(|seen| seen.position).collect();
    assert_eq!(saw, [read]);
    // The family sees its own log whoever has consented.
    assert!(mistaken(&kvam, log, "Marit Mor").await.is_empty());
}

#[tokio::test]
async fn a_withdrawal_that_was_recorded_late_counts_from_the_day_of_the_letter() {
    let kvam = Kvam::in_memory().await;
    let log = kvam.log().await;
    let consent = consent_of(&kvam, log).await;
    kvam.clock.advance(TimeDelta::days(1));
    kvam.sees(&kvam.nurse, log.id).await;
    kvam.clock.advance(TimeDelta::days(1));
    let letter = kvam.now();
    kvam.clock.advance(TimeDelta::days(1));
    let after_the_letter = kvam.sees(&kvam.nurse, log.id).await.view.first;
    kvam.clock.advance(TimeDelta::days(1));
    let recorded = kvam
        .does(&kvam.teacher, log.id, withdrawn_at(consent, log, letter))
        .await;
    kvam.clock.advance(TimeDelta::days(1));

    let nurse = mistaken(&kvam, log, "Nina").await;
    let [window] = nurse.as_slice() else {
        panic!("one stretch of time: {nurse:?}");
    };
    assert_eq!(window.from, letter);
    assert_eq!(window.until, recorded.recorded_at);
    assert_eq!(window.because[0].happened_at, Some(letter));
    let saw: Vec<Position> = window.saw.iter().map(|seen| seen.position).collect();
    assert_eq!(
        saw,
        [after_the_letter],
        "what was read before was rightly read"
    );
}

#[tokio::test]
async fn a_part_that_ended_before_the_ledger_was_told_is_a_mistaken_right() {
    let kvam = Kvam::in_memory().await;
    let log = kvam.log().await;
    kvam.clock.advance(TimeDelta::days(1));
    let left = kvam.now();
    kvam.clock.advance(TimeDelta::days(1));
    let removal = CaseCommand::RemoveParty(RemoveParty {
        party: log.nurse,
        reason: "Slutta i går".to_owned(),
        occurred_at: Some(left),
    });
    let told = kvam.does(&kvam.teacher, log.id, removal).await;
    let nurse = mistaken(&kvam, log, "Nina").await;
    let [window] = nurse.as_slice() else {
        panic!("one stretch of time: {nurse:?}");
    };
    assert_eq!((window.from, window.until), (left, told.recorded_at));
    assert!(window.saw.is_empty(), "she did not look");
}

#[tokio::test]
async fn what_was_known_and_what_was_true_differ_by_what_was_learned_later() {
    let kvam = Kvam::in_memory().await;
    let log = kvam.log().await;
    let consent = consent_of(&kvam, log).await;
    kvam.clock.advance(TimeDelta::days(1));
    let asked = AsOf::Time(kvam.now());
    kvam.clock.advance(TimeDelta::days(1));
    let found = kvam.does(&kvam.leader, log.id, invalidate(consent)).await;
    let knew = kvam
        .ledger
        .knew(&kvam.auditor, log.id, asked, &occasion())
        .await
        .expect("is answered");
    let [difference] = knew.differences.as_slice() else {
        panic!("one difference");
    };
    assert_eq!(difference.reason, Reason::InvalidatedLater);
    assert_eq!(difference.event.envelope.event_type, code("consent_given"));
    assert_eq!(difference.by.position, found.first);
    let nurse = knew
        .people
        .iter()
        .find(|gained| gained.could.name.as_deref() == Some("Nina"));
    let nurse = nurse.expect("she should have seen nothing");
    assert!(nurse.lost.contains(&code("notes")) && nurse.could.sections.is_empty());
    // As of now, the ledger knows what is true.
    let now = kvam
        .ledger
        .knew(&kvam.auditor, log.id, AsOf::Now, &occasion())
        .await
        .expect("is answered");
    assert!(now.differences.is_empty() && now.people.is_empty());
}

#[tokio::test]
async fn what_changed_between_two_positions_is_told_with_who_gained_and_who_lost() {
    let kvam = Kvam::in_memory().await;
    let log = kvam.log().await;
    let before = kvam.sees(&kvam.mother, log.id).await.view.first;
    let consent = consent_of(&kvam, log).await;
    let withdrawn = kvam
        .does(&kvam.mother, log.id, withdraw(consent, log.mother))
        .await;
    let changed = kvam
        .ledger
        .changed(&kvam.auditor, log.id, (before, None), &occasion())
        .await
        .expect("is answered");
    let told: Vec<Position> = changed.events.iter().map(|event| event.position).collect();
    assert_eq!(told.first(), Some(&withdrawn.first));
    let lost = changed
        .people
        .iter()
        .filter(|gained| gained.lost.contains(&code("notes")));
    let lost: Vec<_> = lost
        .filter_map(|gained| gained.could.name.clone())
        .collect();
    assert_eq!(lost, ["Torunn", "Nina"]);
    // Of a person: their roles, and what they did.
    let of = kvam
        .ledger
        .changed_for(
            &kvam.auditor,
            &profile(),
            kvam.teacher.account,
            (Position(0), None),
            &occasion(),
        )
        .await
        .expect("is answered");
    let kinds = of
        .events
        .iter()
        .map(|event| event.envelope.event_type.as_str());
    let kinds: Vec<&str> = kinds.collect();
    assert!(kinds.contains(&"role_assigned") && kinds.contains(&"party_added"));
}

#[tokio::test]
async fn nobody_else_may_ask_any_of_it() {
    let kvam = Kvam::in_memory().await;
    let log = kvam.log().await;
    let stranger = Caller {
        account: ledger_core::ids::AccountId::from_ulid(999.into()),
        ..kvam.auditor.clone()
    };
    for who in [
        &kvam.colleague,
        &kvam.teacher,
        &kvam.mother,
        &kvam.archivist,
        &stranger,
    ] {
        let ledger = &kvam.ledger;
        let refused = [
            ledger.intervals(who, log.id, &occasion()).await.err(),
            ledger.hindsight(who, log.id, &occasion()).await.err(),
            ledger.knew(who, log.id, AsOf::Now, &occasion()).await.err(),
            ledger
                .changed(who, log.id, (Position(0), None), &occasion())
                .await
                .err(),
            ledger.emergencies(who, log.id, &occasion()).await.err(),
            ledger
                .saw_by(
                    who,
                    &profile(),
                    kvam.nurse.account,
                    Span::ALWAYS,
                    None,
                    None,
                    &occasion(),
                )
                .await
                .err(),
            ledger
                .changed_for(
                    who,
                    &profile(),
                    kvam.nurse.account,
                    (Position(0), None),
                    &occasion(),
                )
                .await
                .err(),
        ];
        for (question, error) in refused.into_iter().enumerate() {
            let error = error.expect("is not answered");
            let hidden = matches!(error, LedgerError::NotFound | LedgerError::Refused(_));
            assert!(hidden, "question {question}: {error}");
        }
    }
}
