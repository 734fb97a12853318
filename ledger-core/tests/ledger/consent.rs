//! What the family allows is shown, and nothing else, from the moment it is allowed until it ends.

use chrono::{NaiveDate, TimeDelta};
use ledger_core::{
    case::RemoveParty,
    ids::{CaseId, OrganisationId},
    ledger::{CaseCommand, Excerpt, LedgerError, Look},
    profile::Part,
};

use crate::story::{
    Kvam, assert_refused_by, code, cooperate, establish, note, occasion, texts, withdraw,
};

fn day(text: &str) -> NaiveDate {
    text.parse().expect("a date")
}

#[tokio::test]
async fn before_the_consent_only_the_family_and_the_basic_data_for_the_baton_holder() {
    let kvam = Kvam::in_memory().await;
    let log = kvam.log_without_consent().await;
    kvam.notes(&kvam.mother, log.id, "Eg er uroleg").await;
    assert_eq!(
        texts(&kvam.sees(&kvam.mother, log.id).await),
        ["Eg er uroleg"]
    );

    let teacher = kvam.sees(&kvam.teacher, log.id).await;
    // Whom to ask, and who has answered already.
    assert_eq!(teacher.sections, [code("basics"), code("consents")].into());
    assert!(texts(&teacher).is_empty());
    assert_refused_by(&kvam.does_not_see(&kvam.nurse, log.id).await, "V24");
    assert_refused_by(&kvam.cannot(&kvam.teacher, log.id, note("?")).await, "V24");
}

#[tokio::test]
async fn a_consent_opens_the_log_once_both_guardians_have_given_it() {
    let kvam = Kvam::in_memory().await;
    let log = kvam.log_without_consent().await;
    kvam.consents(&kvam.mother, log.id, establish(log.mother, None))
        .await;
    assert_refused_by(&kvam.cannot(&kvam.teacher, log.id, note("?")).await, "V24");
    kvam.consents(&kvam.father, log.id, establish(log.father, None))
        .await;
    kvam.notes(&kvam.teacher, log.id, "Første møte").await;
    assert_eq!(
        texts(&kvam.sees(&kvam.teacher, log.id).await),
        ["Første møte"]
    );
    // The other service has a consent of its own to wait for.
    assert_refused_by(&kvam.does_not_see(&kvam.nurse, log.id).await, "V12");
}

#[tokio::test]
async fn another_service_is_let_in_by_those_who_both_name_it() {
    let kvam = Kvam::in_memory().await;
    let log = kvam.log_without_consent().await;
    for (guardian, party) in [(&kvam.mother, log.mother), (&kvam.father, log.father)] {
        kvam.consents(guardian, log.id, establish(party, None))
            .await;
    }
    kvam.consents(&kvam.mother, log.id, cooperate(log.mother, [kvam.health]))
        .await;
    // The father cooperates too, but with somebody else.
    kvam.consents(&kvam.father, log.id, cooperate(log.father, [kvam.school]))
        .await;
    assert_refused_by(&kvam.does_not_see(&kvam.nurse, log.id).await, "V12");
    kvam.consents(&kvam.father, log.id, cooperate(log.father, [kvam.health]))
        .await;
    kvam.sees(&kvam.nurse, log.id).await;
}

#[tokio::test]
async fn a_withdrawn_consent_hides_the_log_from_the_services_at_once() {
    let kvam = Kvam::in_memory().await;
    let log = kvam.log().await;
    kvam.notes(&kvam.nurse, log.id, "Helsekontroll").await;
    let shown = kvam.sees(&kvam.nurse, log.id).await;
    assert_eq!(texts(&shown), ["Helsekontroll"]);
    let (consent, _) = shown
        .case
        .state
        .consents
        .iter()
        .find(|(_, consent)| consent.kind == code("establish_log") && consent.by == log.father)
        .expect("the father's consent");

    // Any guardian may, not only the one who gave it.
    kvam.does(&kvam.mother, log.id, withdraw(*consent, log.mother))
        .await;
    for who in [&kvam.nurse, &kvam.teacher] {
        assert_refused_by(&kvam.cannot(who, log.id, note("?")).await, "V18");
    }
    assert_refused_by(&kvam.does_not_see(&kvam.nurse, log.id).await, "V24");
    assert_eq!(
        kvam.sees(&kvam.teacher, log.id).await.sections,
        [code("basics"), code("consents")].into()
    );
    assert_eq!(
        texts(&kvam.sees(&kvam.mother, log.id).await),
        ["Helsekontroll"]
    );
}

#[tokio::test]
async fn a_dated_consent_ends_at_midnight_in_kvam_without_anybody_doing_anything() {
    let kvam = Kvam::in_memory().await;
    let log = kvam.log_without_consent().await;
    kvam.consents(
        &kvam.mother,
        log.id,
        establish(log.mother, Some(day("2026-03-31"))),
    )
    .await;
    kvam.consents(&kvam.father, log.id, establish(log.father, None))
        .await;
    let shown = kvam.sees(&kvam.teacher, log.id).await;
    // Midnight in summer time, two hours ahead of UTC.
    let ends = "2026-03-31T22:00:00Z".parse().expect("a timestamp");
    assert_eq!(shown.holds().until, Some(ends));

    kvam.clock
        .advance(ends - kvam.now() - TimeDelta::microseconds(1));
    kvam.notes(&kvam.teacher, log.id, "Siste kveld").await;
    kvam.clock.advance(TimeDelta::microseconds(1));
    assert_refused_by(&kvam.cannot(&kvam.teacher, log.id, note("?")).await, "V24");
    assert_eq!(
        kvam.sees(&kvam.teacher, log.id).await.sections,
        [code("basics"), code("consents")].into()
    );
    kvam.consents(
        &kvam.mother,
        log.id,
        establish(log.mother, Some(day("2026-12-31"))),
    )
    .await;
    kvam.notes(&kvam.teacher, log.id, "Fornya").await;
}

#[tokio::test]
async fn who_no_longer_takes_part_does_not_learn_that_the_log_exists() {
    let kvam = Kvam::in_memory().await;
    let log = kvam.log().await;
    kvam.sees(&kvam.nurse, log.id).await;
    let removal = RemoveParty {
        party: log.nurse,
        reason: "Ny helsesjukepleiar".to_owned(),
        occurred_at: None,
    };
    kvam.does(&kvam.teacher, log.id, CaseCommand::RemoveParty(removal))
        .await;
    assert!(matches!(
        kvam.does_not_see(&kvam.nurse, log.id).await,
        LedgerError::NotFound
    ));
    assert!(matches!(
        kvam.does_not_see(&kvam.colleague, log.id).await,
        LedgerError::NotFound
    ));
    assert!(matches!(
        kvam.does_not_see(&kvam.administrator, log.id).await,
        LedgerError::NotFound
    ));
    let nowhere = CaseId::from_ulid(77_u128.into());
    assert!(matches!(
        kvam.does_not_see(&kvam.nurse, nowhere).await,
        LedgerError::NotFound
    ));
}

#[tokio::test]
async fn every_way_of_looking_leaves_an_event_of_its_own() {
    let kvam = Kvam::in_memory().await;
    let log = kvam.log().await;
    for (look, expected) in [
        (Look::Case, "case_viewed"),
        (Look::Excerpt(Excerpt::Notes), "case_viewed"),
        (Look::Excerpt(Excerpt::Part(Part::Measures)), "case_viewed"),
        (Look::Print, "case_printed"),
        (Look::List, "case_listed"),
        (Look::Timeline, "timeline_viewed"),
    ] {
        let shown = kvam
            .ledger
            .look(&kvam.nurse, log.id, &look, &occasion())
            .await;
        let view = shown.expect("is shown").view;
        let stored = kvam
            .parts
            .store
            .read_at(&crate::story::tenant(), &[view.first])
            .await;
        let event = stored.expect("reads")[0].decode().expect("decodes");
        assert_eq!(event.event.event_type(), expected);
        let basis = event.envelope.basis.expect("why it was allowed");
        assert!(!basis.policies.is_empty() && !basis.cited.is_empty());
    }
}

#[tokio::test]
async fn nobody_opens_a_log_in_a_role_of_the_family() {
    let kvam = Kvam::in_memory().await;
    let id = kvam.cleared_for(&kvam.teacher).await;
    for role in ["guardian", "young_person", "administrator"] {
        let mut opening = kvam.opening();
        if let CaseCommand::Open(_, command) = &mut opening {
            command.opener_role = code(role);
        }
        let error = kvam.cannot(&kvam.teacher, id, opening).await;
        assert!(matches!(error, LedgerError::Rejected(_)), "{role}: {error}");
    }
    let elsewhere: OrganisationId = kvam.health;
    let mut opening = kvam.opening();
    if let CaseCommand::Open(_, command) = &mut opening {
        command.unit = elsewhere;
    }
    // The start was cleared for the school.
    assert_refused_by(&kvam.cannot(&kvam.teacher, id, opening).await, "V23");
}

#[tokio::test]
async fn a_letter_is_enough_to_withdraw_for_those_who_could_sign_in_too() {
    let kvam = Kvam::in_memory().await;
    let log = kvam.log().await;
    let shown = kvam.sees(&kvam.mother, log.id).await;
    let consents = &shown.case.state.consents;
    let (consent, _) = consents
        .iter()
        .find(|(_, consent)| consent.by == log.father)
        .expect("the father's");
    // Not on the word of the other parent, nor recorded by anybody but the baton holder.
    let by_father = || withdraw(*consent, log.father);
    for who in [&kvam.mother, &kvam.nurse] {
        let error = kvam.cannot(who, log.id, by_father()).await;
        assert!(matches!(error, LedgerError::Refused(_)), "{error}");
    }
    let done = kvam.does(&kvam.teacher, log.id, by_father()).await;
    assert!(done.decided.iter().any(|event| matches!(
        event,
        ledger_core::events::Event::ConsentWithdrawn(facts) if facts.by == log.father
    )));
}
