//! Unusual reading is found by plain rules, and each finding says what it counted.

use chrono::TimeDelta;
use ledger_core::{
    case::BreakGlass,
    clock::Span,
    ids::Position,
    ledger::{CaseCommand, LedgerError, Unusual, UnusualFilter, UnusualRule},
};

use crate::story::{Kvam, consent_of, occasion, profile, withdraw};

async fn unusual(kvam: &Kvam, filter: UnusualFilter) -> Vec<Unusual> {
    let found = kvam
        .ledger
        .unusual(&kvam.auditor, &profile(), filter, &occasion())
        .await;
    found.expect("is answered").found
}

fn everything() -> UnusualFilter {
    UnusualFilter::default()
}

#[tokio::test]
async fn reading_ones_own_cases_at_ones_own_pace_is_not_unusual() {
    let kvam = Kvam::in_memory().await;
    let log = kvam.log().await;
    kvam.sees(&kvam.nurse, log.id).await;
    kvam.sees(&kvam.teacher, log.id).await;
    assert!(unusual(&kvam, everything()).await.is_empty());
}

#[tokio::test]
async fn reading_without_taking_part_is_shown() {
    let kvam = Kvam::in_memory().await;
    let log = kvam.log().await;
    let consent = consent_of(&kvam, log).await;
    kvam.does(&kvam.mother, log.id, withdraw(consent, log.mother))
        .await;
    let broken = CaseCommand::BreakGlass(BreakGlass {
        reason: "Barnet er borte".to_owned(),
        hours: 2,
    });
    kvam.does(&kvam.leader, log.id, broken).await;
    let read = kvam.sees(&kvam.leader, log.id).await.view.first;
    let found = unusual(&kvam, everything()).await;
    let [one] = found.as_slice() else {
        panic!("one finding: {found:?}");
    };
    assert_eq!(one.rule, UnusualRule::OutsideOwnCases);
    assert_eq!(
        (one.name.as_deref(), one.case),
        (Some("Leiv"), Some(log.id))
    );
    let views: Vec<Position> = one.views.iter().map(|seen| seen.position).collect();
    assert_eq!(views, [read]);
    // Before it nothing was.
    let before = UnusualFilter {
        period: Span {
            from: None,
            until: Some(kvam.now()),
        },
        ..everything()
    };
    assert!(unusual(&kvam, before).await.is_empty());
    let of_another = UnusualFilter {
        account: Some(kvam.nurse.account),
        ..everything()
    };
    assert!(unusual(&kvam, of_another).await.is_empty());
}

#[tokio::test]
async fn reading_long_after_ones_last_contribution_is_shown_with_it() {
    let kvam = Kvam::in_memory().await;
    let log = kvam.log().await;
    kvam.notes(&kvam.nurse, log.id, "Helsekontroll").await;
    kvam.clock.advance(TimeDelta::days(179));
    kvam.sees(&kvam.nurse, log.id).await;
    assert!(unusual(&kvam, everything()).await.is_empty());
    kvam.clock.advance(TimeDelta::days(2));
    kvam.sees(&kvam.nurse, log.id).await;
    let found = unusual(&kvam, everything()).await;
    let [one] = found.as_slice() else {
        panic!("one finding: {found:?}");
    };
    assert_eq!(one.rule, UnusualRule::LongAfterContribution);
    assert_eq!((one.counted, one.threshold), (181, 180));
    assert_eq!(one.views.len(), 1);
    assert!(one.last_contribution.is_some());
}

#[tokio::test]
async fn many_cases_in_a_short_time_are_a_burst_and_the_same_many_over_a_day_are_none() {
    let kvam = Kvam::in_memory().await;
    let mut logs = Vec::new();
    for _ in 0..15 {
        logs.push(kvam.log().await);
    }
    for log in &logs {
        kvam.sees(&kvam.nurse, log.id).await;
        kvam.clock.advance(TimeDelta::minutes(30));
    }
    assert!(unusual(&kvam, everything()).await.is_empty());
    for log in &logs {
        kvam.sees(&kvam.nurse, log.id).await;
        kvam.clock.advance(TimeDelta::seconds(20));
    }
    let found = unusual(&kvam, everything()).await;
    let [one] = found.as_slice() else {
        panic!("one finding: {found:?}");
    };
    assert_eq!((one.rule, one.case), (UnusualRule::Burst, None));
    assert_eq!((one.counted, one.threshold, one.views.len()), (15, 15, 15));
}

#[tokio::test]
async fn nobody_else_may_ask_for_it() {
    let kvam = Kvam::in_memory().await;
    for who in [&kvam.teacher, &kvam.leader, &kvam.mother, &kvam.archivist] {
        let asked = kvam
            .ledger
            .unusual(who, &profile(), everything(), &occasion())
            .await;
        assert!(matches!(asked.err(), Some(LedgerError::Refused(_))));
    }
}
