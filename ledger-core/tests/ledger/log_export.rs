//! The log of a case leaves on a view of its own, with the names of staff and without anything of the case.

use ledger_core::{
    case::CloseCase,
    clock::Span,
    events::{Event, NoteAddedContent},
    ids::{CaseId, Position},
    ledger::{Caller, CaseCommand, CaseLog, Ledger, LedgerError, LogAsked, Look},
};

use crate::story::{Kvam, Log, assert_refused_by, code, occasion, profile, tenant, texts};

fn asked(with_content: bool) -> LogAsked {
    LogAsked {
        format: code("some_format"),
        period: Span::ALWAYS,
        with_content,
        imported_with_content: false,
    }
}

impl Kvam {
    async fn log_of(
        &self,
        caller: &Caller,
        log: Log,
        asked: &LogAsked,
    ) -> Result<CaseLog, LedgerError> {
        let ledger = &self.ledger;
        ledger.export_log(caller, log.id, asked, &occasion()).await
    }

    async fn size(&self) -> u64 {
        let tip = self.parts.store.tip(&tenant()).await;
        tip.expect("a tip").frontier.size()
    }
}

async fn closed(kvam: &Kvam) -> Log {
    let log = kvam.log().await;
    kvam.notes(&kvam.teacher, log.id, "Hemmeleg").await;
    kvam.sees(&kvam.nurse, log.id).await;
    let close = CaseCommand::Close(CloseCase {
        reason: code("thrives"),
        summary: "Trivst no".to_owned(),
    });
    kvam.does(&kvam.teacher, log.id, close).await;
    log
}

#[tokio::test]
async fn it_covers_its_own_view_and_opens_nothing_of_the_case() {
    let kvam = Kvam::in_memory().await;
    let log = closed(&kvam).await;
    let exported = kvam.log_of(&kvam.auditor, log, &asked(false)).await;
    let exported = exported.expect("an auditor may");
    let last = exported.events.last().expect("there are events");
    assert_eq!(last.position, exported.view.first);
    let Event::LogExported(facts) = &last.event else {
        panic!("it ends with {:?}", last.event);
    };
    assert_eq!(facts.format, code("some_format"));
    assert!(!facts.with_content);
    let mut positions = exported.events.iter().map(|event| event.position);
    assert!(positions.clone().is_sorted());
    assert!(positions.all(|position| exported.contents.get(position).is_none()));

    let nurse = exported.accounts.get(&kvam.nurse.account);
    assert!(nurse.is_some(), "{:?}", exported.accounts);
    assert!(!exported.accounts.contains_key(&kvam.mother.account));
    assert!(exported.organisations.contains_key(&kvam.school));
}

#[tokio::test]
async fn an_export_of_many_keeps_no_ciphertext_of_a_case_that_it_only_passes() {
    let kvam = Kvam::in_memory().await;
    let log = closed(&kvam).await;
    // A server that has only exported it.
    let other = Ledger::new(kvam.parts.clone());
    let (auditor, archivist) = (&kvam.auditor, &kvam.archivist);
    for (who, asked) in [(auditor, asked(false)), (archivist, asked(true))] {
        let exported = other
            .export_log_among(who, log.id, None, &asked, &occasion())
            .await;
        assert!(exported.expect("is read").is_some());
    }
    let positions: Vec<Position> = (0..kvam.size().await).map(Position).collect();
    let store = &kvam.parts.store;
    let deleted = store.delete_contents(&tenant(), &positions).await;
    assert!(deleted.expect("deletes") > 0);
    let shown = other
        .look(&kvam.teacher, log.id, &Look::Case, &occasion())
        .await;
    assert!(texts(&shown.expect("is shown")).is_empty());
}

#[tokio::test]
async fn with_its_texts_it_is_the_case_itself_that_is_taken_out() {
    let kvam = Kvam::in_memory().await;
    let log = closed(&kvam).await;
    let refused = kvam.log_of(&kvam.auditor, log, &asked(true)).await;
    assert_refused_by(&refused.err().expect("is refused"), "V8");
    let exported = kvam.log_of(&kvam.archivist, log, &asked(true)).await;
    let exported = exported.expect("an archivist may");
    let texts = exported.events.iter().filter_map(|event| {
        let note: NoteAddedContent = exported.contents.read(event.position)?;
        matches!(event.event, Event::NoteAdded(_)).then_some(note.text)
    });
    assert_eq!(texts.collect::<Vec<_>>(), ["Hemmeleg"]);
    let last = exported.events.last().map(|event| &event.event);
    assert!(matches!(last, Some(Event::LogExported(facts)) if facts.with_content));
}

#[tokio::test]
async fn among_many_what_one_may_not_have_is_passed_over_and_not_noted() {
    let kvam = Kvam::in_memory().await;
    let log = kvam.log().await;
    let ledger = &kvam.ledger;
    let among = async |caller: &Caller, case: CaseId, system: Option<&str>, asked: &LogAsked| {
        let system = system.map(|system| system.parse().expect("a profile"));
        let (system, occasion) = (system.as_ref(), occasion());
        let log = ledger.export_log_among(caller, case, system, asked, &occasion);
        log.await.expect("nothing is broken").is_some()
    };
    let before = kvam.size().await;
    let nowhere = CaseId::from_ulid(77_u128.into());
    for caller in [
        &kvam.teacher,
        &kvam.mother,
        &kvam.colleague,
        &kvam.archivist,
    ] {
        assert!(!among(caller, log.id, None, &asked(false)).await);
    }
    assert!(!among(&kvam.auditor, nowhere, None, &asked(false)).await);
    assert!(!among(&kvam.auditor, log.id, Some("another"), &asked(false)).await);
    let later = LogAsked {
        period: Span {
            from: Some("2030-01-01T00:00:00Z".parse().expect("a moment")),
            until: None,
        },
        ..asked(false)
    };
    assert!(!among(&kvam.auditor, log.id, None, &later).await);
    assert_eq!(kvam.size().await, before);
    let system = profile();
    assert!(among(&kvam.auditor, log.id, Some(system.as_str()), &asked(false)).await);
    assert_eq!(kvam.size().await, before + 1);
}

#[tokio::test]
async fn for_one_case_a_refusal_is_noted() {
    let kvam = Kvam::in_memory().await;
    let log = kvam.log().await;
    let before = kvam.size().await;
    let refused = kvam.log_of(&kvam.teacher, log, &asked(false)).await;
    assert_refused_by(&refused.err().expect("is refused"), "V8");
    let refused = kvam.log_of(&kvam.colleague, log, &asked(false)).await;
    assert!(matches!(refused.err(), Some(LedgerError::NotFound)));
    assert_eq!(kvam.size().await, before + 2);
}
