//! When the glass was broken, and for how long cases were exposed: of one case, and over all of a system.

use chrono::TimeDelta;
use ledger_core::{
    case::BreakGlass,
    ids::{CaseId, Position},
    ledger::{CaseCommand, LedgerError},
};

use crate::story::{Kvam, consent_of, occasion, profile, withdraw};

#[tokio::test]
async fn broken_glass_is_told_with_its_reason_and_with_what_was_read_under_it() {
    let kvam = Kvam::in_memory().await;
    let log = kvam.log().await;
    let consent = consent_of(&kvam, log).await;
    kvam.does(&kvam.mother, log.id, withdraw(consent, log.mother))
        .await;
    let broken = CaseCommand::BreakGlass(BreakGlass {
        reason: "Barnet er borte".to_owned(),
        hours: 2,
    });
    let broken = kvam.does(&kvam.leader, log.id, broken).await;
    let read = kvam.sees(&kvam.leader, log.id).await.view.first;
    kvam.clock.advance(TimeDelta::hours(3));
    let answer = kvam
        .ledger
        .emergencies(&kvam.auditor, log.id, &occasion())
        .await
        .expect("is answered");
    let [emergency] = answer.emergencies.as_slice() else {
        panic!("one emergency");
    };
    assert_eq!(emergency.since.position, Some(broken.first));
    assert_eq!(emergency.name.as_deref(), Some("Leiv"));
    assert_eq!(emergency.reason.as_deref(), Some("Barnet er borte"));
    assert_eq!(emergency.lasted_ms, TimeDelta::hours(2).num_milliseconds());
    let saw: Vec<Position> = emergency.saw.iter().map(|seen| seen.position).collect();
    assert_eq!(saw, [read]);
    // Over all cases of the system, of which another has none.
    kvam.log().await;
    let all = kvam
        .ledger
        .emergencies_of_system(&kvam.auditor, &profile(), (None, None), &occasion())
        .await
        .expect("is answered");
    let cases: Vec<CaseId> = all.cases.iter().map(|one| one.case).collect();
    assert_eq!(cases, [log.id]);
    let refused = kvam
        .ledger
        .emergencies_of_system(&kvam.leader, &profile(), (None, None), &occasion())
        .await;
    assert!(matches!(refused.err(), Some(LedgerError::Refused(_))));
}

#[tokio::test]
async fn how_long_cases_of_a_system_were_exposed_is_asked_by_the_auditor_alone() {
    let kvam = Kvam::in_memory().await;
    kvam.log().await;
    for caller in [&kvam.leader, &kvam.teacher, &kvam.nurse, &kvam.mother] {
        let refused = kvam
            .ledger
            .exposures_of_system(caller, &profile(), (None, None), &occasion())
            .await;
        assert!(matches!(refused.err(), Some(LedgerError::Refused(_))));
    }
    let all = kvam
        .ledger
        .exposures_of_system(&kvam.auditor, &profile(), (None, Some(1)), &occasion())
        .await
        .expect("is answered");
    // The rules of this system know no such time.
    assert!(all.cases.is_empty() && all.more.is_some());
}
