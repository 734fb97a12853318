//! An auditor asks one server about what happened on another: what the first has in memory is old, and no answer may show
//! that.

use ledger_core::{
    clock::Span,
    directory::EndRole,
    ledger::{AsOf, Caller, DirectoryCommand, Ledger, LedgerError, Saw, SawFilter, SawOf},
};

use crate::story::{Kvam, Log, assert_refused_by, code, consent_of, occasion, profile, withdraw};

fn elsewhere(kvam: &Kvam) -> Ledger {
    Ledger::new(kvam.parts.clone())
}

fn end_of_the_auditors_role(kvam: &Kvam) -> DirectoryCommand {
    DirectoryCommand::EndRole(EndRole {
        account: kvam.auditor.account,
        role: code("auditor"),
        unit: None,
        occurred_at: None,
    })
}

/// Who saw the log.
async fn saw(kvam: &Kvam, who: &Caller, log: Log) -> Result<Saw, LedgerError> {
    let filter = SawFilter::default();
    let ledger = &kvam.ledger;
    ledger
        .saw(who, log.id, AsOf::Now, &filter, &occasion())
        .await
}

/// What the nurse saw.
async fn saw_by_nurse(kvam: &Kvam, who: &Caller) -> Result<SawOf, LedgerError> {
    let (nurse, always) = (kvam.nurse.account, Span::ALWAYS);
    let ledger = &kvam.ledger;
    ledger
        .saw_by(who, &profile(), nurse, always, None, None, &occasion())
        .await
}

#[tokio::test]
async fn an_answer_knows_what_another_server_appended_just_before() {
    let kvam = Kvam::in_memory().await;
    let log = kvam.log().await;
    let consent = consent_of(&kvam, log).await;
    let ask = async || {
        let ledger = &kvam.ledger;
        let answer = ledger
            .could(&kvam.auditor, log.id, AsOf::Now, &occasion())
            .await;
        let people = answer.expect("is answered").people;
        let nurse = people
            .into_iter()
            .find(|person| person.name.as_deref() == Some("Nina"));
        nurse.expect("takes part")
    };
    assert!(ask().await.decision.is_allowed());
    let withdrawal = withdraw(consent, log.mother);
    let withdrawn = elsewhere(&kvam)
        .execute(&kvam.mother, log.id, withdrawal, &occasion())
        .await
        .expect("is withdrawn");
    let nurse = ask().await;
    assert!(!nurse.decision.is_allowed());
    assert!(nurse.decision.citations.contains(&withdrawn.first));
}

#[tokio::test]
async fn an_auditor_whose_role_ended_on_another_server_is_told_nothing() {
    let kvam = Kvam::in_memory().await;
    let log = kvam.log().await;
    kvam.sees(&kvam.nurse, log.id).await;
    let case = saw(&kvam, &kvam.auditor, log).await;
    assert_eq!(case.expect("is answered").views.len(), 2);
    let person = saw_by_nurse(&kvam, &kvam.auditor).await;
    assert_eq!(person.expect("is answered").views.len(), 1);
    elsewhere(&kvam)
        .administer(
            &kvam.administrator,
            &profile(),
            end_of_the_auditors_role(&kvam),
            &occasion(),
        )
        .await
        .expect("ends");
    for refused in [
        saw(&kvam, &kvam.auditor, log).await.err(),
        saw_by_nurse(&kvam, &kvam.auditor).await.err(),
    ] {
        let refused = refused.expect("is refused");
        assert!(
            matches!(refused, LedgerError::Refused(_) | LedgerError::NotFound),
            "{refused}"
        );
    }
}

#[tokio::test]
async fn nobody_is_told_no_from_memory() {
    let kvam = Kvam::in_memory().await;
    let log = kvam.log().await;
    let refused = saw(&kvam, &kvam.teacher, log).await.err();
    assert_refused_by(&refused.expect("is refused"), "V8");
    assert!(saw_by_nurse(&kvam, &kvam.teacher).await.is_err());
    elsewhere(&kvam)
        .administer(
            &kvam.administrator,
            &profile(),
            kvam.assign(&kvam.teacher, "auditor", None),
            &occasion(),
        )
        .await
        .expect("is assigned");
    assert!(saw_by_nurse(&kvam, &kvam.teacher).await.is_ok());
    assert!(saw(&kvam, &kvam.teacher, log).await.is_ok());
}
