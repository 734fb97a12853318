//! Who saw a case, by every way in which that is asked: by person, section and time, over all cases, and by the family.

use chrono::TimeDelta;
use ledger_core::{
    clock::Span,
    directory::ActivateAccount,
    ids::CaseId,
    ledger::{AsOf, Caller, DirectoryCommand, LedgerError, SawFilter, Watcher},
};

use crate::story::{Kvam, code, occasion, profile};

#[tokio::test]
async fn who_saw_is_asked_by_person_by_section_and_by_time_and_page_by_page() {
    let kvam = Kvam::in_memory().await;
    let log = kvam.log().await;
    kvam.sees(&kvam.nurse, log.id).await;
    kvam.clock.advance(TimeDelta::hours(1));
    let later = kvam.now();
    kvam.sees(&kvam.nurse, log.id).await;
    kvam.sees(&kvam.mother, log.id).await;
    let ask = async |filter: SawFilter| {
        let saw = kvam
            .ledger
            .saw(&kvam.auditor, log.id, AsOf::Now, &filter, &occasion())
            .await
            .expect("answers");
        let names = saw.views.iter().filter_map(|seen| seen.name.clone());
        (names.collect::<Vec<_>>(), saw.more)
    };
    let nurse = Some(Watcher::Account(kvam.nurse.account));
    let by_person = SawFilter {
        who: nurse,
        ..SawFilter::default()
    };
    assert_eq!(ask(by_person.clone()).await.0, ["Nina", "Nina"]);
    let by_party = SawFilter {
        who: Some(Watcher::Party(log.mother)),
        ..SawFilter::default()
    };
    assert_eq!(ask(by_party).await.0, ["Marit Mor"]);
    let since = SawFilter {
        period: Span {
            from: Some(later),
            until: None,
        },
        section: Some(code("notes")),
        ..SawFilter::default()
    };
    assert_eq!(ask(since).await.0, ["Nina", "Marit Mor"]);
    let nothing = SawFilter {
        section: Some(code("no_such_section")),
        ..SawFilter::default()
    };
    assert!(ask(nothing).await.0.is_empty());
    let first = SawFilter {
        limit: Some(1),
        ..by_person
    };
    let (names, more) = ask(first.clone()).await;
    assert_eq!(names, ["Nina"]);
    let rest = SawFilter {
        after: more.expect("there is more"),
        ..first
    };
    assert_eq!(ask(rest).await, (vec!["Nina".to_owned()], None));
}

#[tokio::test]
async fn what_one_person_saw_is_told_over_all_cases_and_noted_in_each() {
    let kvam = Kvam::in_memory().await;
    let logs = [kvam.log().await, kvam.log().await];
    for log in logs {
        kvam.sees(&kvam.nurse, log.id).await;
        kvam.sees(&kvam.mother, log.id).await;
    }
    for (who, name) in [(&kvam.nurse, "Nina"), (&kvam.mother, "Marit")] {
        let saw = kvam
            .ledger
            .saw_by(
                &kvam.auditor,
                &profile(),
                who.account,
                Span::ALWAYS,
                None,
                None,
                &occasion(),
            )
            .await
            .expect("answers");
        let cases: Vec<CaseId> = saw.views.iter().map(|seen| seen.case).collect();
        assert_eq!(cases, [logs[1].id, logs[0].id], "the newest first");
        assert!(
            saw.views
                .iter()
                .all(|seen| seen.name.as_deref() == Some(name))
        );
    }
    let noted = kvam
        .ledger
        .saw(
            &kvam.auditor,
            logs[0].id,
            AsOf::Now,
            &SawFilter::default(),
            &occasion(),
        )
        .await
        .expect("answers");
    let about = noted
        .views
        .iter()
        .filter(|seen| seen.what == code("audit_answered") && seen.facts["question"] == "person");
    assert_eq!(about.count(), 2, "one for each answer");
}

#[tokio::test]
async fn the_family_is_told_who_looked_but_not_what_a_parent_of_another_child_is_called() {
    let kvam = Kvam::in_memory().await;
    let log = kvam.log().await;
    kvam.sees(&kvam.nurse, log.id).await;
    let other = Caller {
        account: ledger_core::ids::AccountId::from_ulid(77.into()),
        ..kvam.mother.clone()
    };
    let activate = DirectoryCommand::ActivateAccount(ActivateAccount {
        account: other.account,
        organisation: None,
        name: "Ståle".to_owned(),
    });
    kvam.administers(&kvam.administrator, activate).await;
    kvam.does_not_see(&other, log.id).await;
    let saw = kvam
        .ledger
        .saw_own(&kvam.mother, log.id, Span::ALWAYS, (0, None), &occasion())
        .await
        .expect("is answered");
    let told = saw.views.iter().map(|view| {
        let organisation = view.organisation.as_deref();
        (
            view.seen.name.as_deref(),
            organisation,
            view.seen.what.as_str(),
        )
    });
    let told: Vec<_> = told.collect();
    let expected = [
        (Some("Nina"), Some("Helsestasjonen"), "case_viewed"),
        (None, None, "access_refused"),
        (Some("Marit Mor"), None, "audit_answered"),
    ];
    assert_eq!(told, expected);
    let refused = kvam
        .ledger
        .saw_own(&other, log.id, Span::ALWAYS, (0, None), &occasion())
        .await;
    assert!(matches!(refused.err(), Some(LedgerError::NotFound)));
}
