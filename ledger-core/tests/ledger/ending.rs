//! Closed, exported, archived, erased: in that order, and what is left is the proof that it was so.

use ledger_core::{
    case::{ArchiveCase, BuildPackage, CloseCase},
    command::{LookupValue, RejectionCode},
    events::{CaseOpenedContent, Event, NoteAddedContent},
    ids::{Digest, KeyId},
    ledger::{AsOf, CaseCommand, ExportMaterial, LedgerError, SawFilter},
    sealing::KeyState,
};

use crate::story::{Kvam, Log, assert_refused_by, code, note, occasion, tenant};

fn close() -> CaseCommand {
    CaseCommand::Close(CloseCase {
        reason: code("thrives"),
        summary: "Trivst no".to_owned(),
    })
}

fn archive() -> CaseCommand {
    CaseCommand::Archive(ArchiveCase {
        reference: "ARK-2026-17".to_owned(),
    })
}

async fn export(kvam: &Kvam, log: Log) -> ExportMaterial {
    let material = kvam
        .ledger
        .export(&kvam.archivist, log.id, &code("bundle"), &occasion())
        .await;
    material.expect("is given out")
}

fn package(material: &ExportMaterial) -> CaseCommand {
    CaseCommand::BuildPackage(BuildPackage {
        format: code("bundle"),
        manifest_sha256: Digest([7; 32]),
        cut: material.cut,
        case_version: material.case_version,
        views_version: material.views_version,
    })
}

/// A log that went its whole way up to the archive.
async fn archived(kvam: &Kvam) -> Log {
    let log = kvam.log().await;
    kvam.notes(&kvam.teacher, log.id, "Møte").await;
    kvam.does(&kvam.teacher, log.id, close()).await;
    let material = export(kvam, log).await;
    kvam.does(&kvam.archivist, log.id, package(&material)).await;
    kvam.does(&kvam.archivist, log.id, archive()).await;
    log
}

#[tokio::test]
async fn a_closed_log_takes_no_entries_and_is_still_read() {
    let kvam = Kvam::in_memory().await;
    let log = kvam.log().await;
    kvam.does(&kvam.teacher, log.id, close()).await;
    assert_refused_by(&kvam.cannot(&kvam.mother, log.id, note("?")).await, "V15");
    assert_refused_by(&kvam.cannot(&kvam.teacher, log.id, close()).await, "V15");
    let shown = kvam.sees(&kvam.mother, log.id).await;
    let status = shown.case.state.status.clone().expect("a status");
    assert_eq!(status.code, code("closed"));
}

#[tokio::test]
async fn an_export_holds_the_log_up_to_its_cut_with_all_that_it_cites() {
    let kvam = Kvam::in_memory().await;
    let log = kvam.log().await;
    kvam.notes(&kvam.teacher, log.id, "Møte").await;
    kvam.sees(&kvam.nurse, log.id).await;
    let early = kvam
        .ledger
        .export(&kvam.archivist, log.id, &code("bundle"), &occasion())
        .await;
    // Nothing tells an archivist that a log is there while it is in use.
    assert!(matches!(early.err(), Some(LedgerError::NotFound)));
    kvam.does(&kvam.teacher, log.id, close()).await;
    let material = export(&kvam, log).await;

    assert_eq!(
        material.cut, material.view.first,
        "its own view is the last that it holds"
    );
    assert_eq!(
        material.events.last().map(|event| event.position),
        Some(material.cut)
    );
    let mut known: Vec<_> = material.events.iter().map(|event| event.position).collect();
    assert!(known.is_sorted());
    known.extend(material.cited.iter().map(|event| event.position));
    let mut notes = Vec::new();
    for event in &material.events {
        let recorded = event.decode().expect("decodes");
        assert_eq!(recorded.envelope.case, Some(log.id));
        let basis = recorded.envelope.basis.expect("each of them was decided");
        for cited in basis.cited {
            assert!(known.contains(&cited), "{cited} is cited and missing");
        }
        if let Some(content) = material.contents.read::<NoteAddedContent>(event.position) {
            notes.push(content.text);
        }
    }
    assert_eq!(notes, ["Møte"]);
    let not_for = kvam
        .ledger
        .export(&kvam.teacher, log.id, &code("bundle"), &occasion())
        .await;
    assert_refused_by(&not_for.err().expect("is refused"), "V8");
}

#[tokio::test]
async fn nothing_is_archived_before_a_package_or_erased_before_it_is_archived() {
    let kvam = Kvam::in_memory().await;
    let log = kvam.log().await;
    assert!(matches!(
        kvam.cannot(&kvam.archivist, log.id, archive()).await,
        LedgerError::NotFound
    ));
    kvam.does(&kvam.teacher, log.id, close()).await;
    match kvam.cannot(&kvam.archivist, log.id, archive()).await {
        LedgerError::Rejected(rejection) => {
            assert_eq!(rejection.code, RejectionCode::WrongStatus);
            assert_eq!(
                rejection.requirement.map(|id| id.to_string()).as_deref(),
                Some("X9")
            );
        }
        other => panic!("{other:?}"),
    }
    let erased = kvam
        .ledger
        .erase(&kvam.archivist, log.id, &occasion())
        .await;
    assert_refused_by(&erased.expect_err("is refused"), "V19");
    kvam.sees(&kvam.mother, log.id).await;
}

#[tokio::test]
async fn an_erased_log_cannot_be_opened_and_the_ledger_still_verifies() {
    let kvam = Kvam::in_memory().await;
    let log = archived(&kvam).await;
    let child = LookupValue::NationalId("01011212345".to_owned());
    assert_eq!(
        kvam.ledger
            .find(&kvam.teacher, &child)
            .await
            .expect("finds"),
        [log.id]
    );
    assert_eq!(
        kvam.ledger.family_cases(&kvam.mother).await.expect("finds"),
        [log.id]
    );
    let opened = kvam.sees(&kvam.mother, log.id).await;
    let position = opened
        .case
        .state
        .opened
        .as_ref()
        .expect("was opened")
        .position;
    let content: CaseOpenedContent = opened.contents.read(position).expect("is there");
    assert_eq!(content.child_name, "Ola Nordmann");

    let erased = kvam
        .ledger
        .erase(&kvam.archivist, log.id, &occasion())
        .await
        .expect("is erased");
    assert!(erased.contents > 0);
    let Some(Event::CaseErased(facts)) = erased.certificate.decided.first() else {
        panic!("{:?}", erased.certificate);
    };
    assert_eq!((facts.keys, facts.contents), (erased.keys, erased.contents));
    assert_eq!(facts.backups_end, kvam.now() + chrono::TimeDelta::days(30));

    let key = KeyId::Case(log.id);
    let states = kvam
        .parts
        .keyring
        .keys(&tenant(), &[key])
        .await
        .expect("keys");
    assert!(matches!(states[&key], KeyState::Destroyed { .. }));
    let left = kvam
        .parts
        .store
        .contents(&tenant(), &[position])
        .await
        .expect("reads");
    assert!(left.is_empty());
    assert_eq!(
        kvam.ledger
            .find(&kvam.teacher, &child)
            .await
            .expect("finds"),
        []
    );
    assert_eq!(
        kvam.ledger.family_cases(&kvam.mother).await.expect("finds"),
        []
    );
    for who in [&kvam.teacher, &kvam.nurse] {
        assert_refused_by(&kvam.does_not_see(who, log.id).await, "V19");
    }
    let found = kvam
        .ledger
        .verify(&tenant(), true, &|_, _| {})
        .await
        .expect("reads");
    assert_eq!(found.errors, []);
}

#[tokio::test]
async fn after_the_erasure_the_auditor_still_learns_who_saw_it() {
    let kvam = Kvam::in_memory().await;
    let log = archived(&kvam).await;
    kvam.sees(&kvam.nurse, log.id).await;
    kvam.ledger
        .erase(&kvam.archivist, log.id, &occasion())
        .await
        .expect("is erased");
    // Even by a server that has never seen the case.
    let fresh = ledger_core::ledger::Ledger::new(kvam.parts.clone());
    let saw = fresh
        .saw(
            &kvam.auditor,
            log.id,
            AsOf::Now,
            &SawFilter::default(),
            &occasion(),
        )
        .await
        .expect("answers");
    let nurse = saw
        .views
        .iter()
        .any(|seen| seen.name.as_deref() == Some("Nina"));
    assert!(
        nurse,
        "staff keep their names; those of the family are gone with the case"
    );
    let could = fresh
        .could(&kvam.auditor, log.id, AsOf::Now, &occasion())
        .await
        .expect("answers");
    assert!(
        could
            .people
            .iter()
            .all(|person| !person.decision.is_allowed())
    );
    let again = fresh.erase(&kvam.archivist, log.id, &occasion()).await;
    assert!(again.is_err(), "there is nothing left to erase");
}

#[tokio::test]
async fn an_erasure_that_was_interrupted_is_finished_by_asking_again() {
    let kvam = Kvam::in_memory().await;
    let log = archived(&kvam).await;
    let start = CaseCommand::StartErasure(ledger_core::case::StartErasure {});
    kvam.does(&kvam.archivist, log.id, start).await;
    // From here on everything is denied, although nothing has been destroyed yet.
    assert_refused_by(&kvam.does_not_see(&kvam.nurse, log.id).await, "V19");
    assert_refused_by(&kvam.does_not_see(&kvam.mother, log.id).await, "V19");
    kvam.ledger
        .erase(&kvam.archivist, log.id, &occasion())
        .await
        .expect("is finished");
    let states = kvam
        .parts
        .keyring
        .destroyed(&tenant())
        .await
        .expect("remembers");
    assert!(states.iter().any(|key| key.id == KeyId::Case(log.id)));
}
