//! Documents go in and come out as they were, in pieces, and only for as long as they may be seen.

use chrono::TimeDelta;
use ledger_core::{
    case::RedactContent,
    events::Event,
    ids::{CaseId, DocumentId, KeyId},
    ledger::{Caller, DocumentDescription, Executed, LedgerError},
    sealing::{CHUNK_BYTES, KeyState},
};

use crate::story::{Kvam, assert_refused_by, code, consent_of, occasion, tenant, withdraw};

const BYTES_MAX: u64 = 1_000_000;

fn body(bytes: usize) -> Vec<u8> {
    (0_u8..=250).cycle().take(bytes).collect()
}

fn description() -> DocumentDescription {
    DocumentDescription {
        section: code("documents"),
        format: code("pdf"),
        title: "Rapport".to_owned(),
        file_name: "rapport.pdf".to_owned(),
    }
}

async fn hand_in(kvam: &Kvam, who: &Caller, log: CaseId, body: &[u8]) -> (DocumentId, Executed) {
    let upload = kvam
        .ledger
        .upload(who, log, code("documents"), BYTES_MAX, &occasion())
        .await;
    let mut upload = upload.expect("may be handed in");
    // As a browser sends it: in portions that have nothing to do with the sealed pieces.
    for portion in body.chunks(50_001) {
        upload.write(portion).await.expect("is taken");
    }
    let done = upload
        .finish(description(), &occasion())
        .await
        .expect("is filed");
    let Some(Event::DocumentAdded(facts)) = done.decided.first() else {
        panic!("{done:?}");
    };
    assert_eq!(facts.size_bytes, body.len() as u64);
    (facts.document, done)
}

async fn fetch(
    kvam: &Kvam,
    who: &Caller,
    log: CaseId,
    document: DocumentId,
) -> Result<Vec<u8>, LedgerError> {
    let mut download = kvam
        .ledger
        .download(who, log, document, &occasion())
        .await?;
    let mut body = Vec::new();
    while let Some(piece) = download.next().await? {
        body.extend(piece);
    }
    Ok(body)
}

#[tokio::test]
async fn a_document_comes_back_byte_for_byte() {
    let kvam = Kvam::in_memory().await;
    let log = kvam.log().await;
    for bytes in [
        0,
        1,
        CHUNK_BYTES - 1,
        CHUNK_BYTES,
        CHUNK_BYTES + 1,
        3 * CHUNK_BYTES + 7,
    ] {
        let body = body(bytes);
        let (document, _) = hand_in(&kvam, &kvam.teacher, log.id, &body).await;
        let fetched = fetch(&kvam, &kvam.mother, log.id, document)
            .await
            .expect("is given");
        assert_eq!(fetched, body, "{bytes} bytes");
    }
}

#[tokio::test]
async fn a_withdrawal_ends_a_download_where_it_is() {
    let kvam = Kvam::in_memory().await;
    let log = kvam.log().await;
    let (document, _) = hand_in(&kvam, &kvam.teacher, log.id, &body(4 * CHUNK_BYTES)).await;
    let mut download = kvam
        .ledger
        .download(&kvam.nurse, log.id, document, &occasion())
        .await
        .expect("may begin");
    assert_eq!(
        download
            .next()
            .await
            .expect("is given")
            .expect("a piece")
            .len(),
        CHUNK_BYTES
    );
    let consent = consent_of(&kvam, log).await;
    kvam.does(&kvam.mother, log.id, withdraw(consent, log.mother))
        .await;
    kvam.clock.advance(kvam.parts.settings.recheck_every);
    assert_refused_by(&download.next().await.expect_err("ends"), "V24");
}

#[tokio::test]
async fn a_long_download_is_viewed_anew_every_few_seconds() {
    let kvam = Kvam::in_memory().await;
    let log = kvam.log().await;
    let (document, _) = hand_in(&kvam, &kvam.teacher, log.id, &body(4 * CHUNK_BYTES)).await;
    let mut download = kvam
        .ledger
        .download(&kvam.nurse, log.id, document, &occasion())
        .await
        .expect("may begin");
    while download.next().await.expect("is given").is_some() {
        kvam.clock.advance(TimeDelta::seconds(1));
    }
    let views = ledger_core::ids::StreamId::Views(log.id);
    let views = kvam
        .parts
        .store
        .read_stream(&tenant(), &views, 0, 100)
        .await
        .expect("reads");
    let from: Vec<u64> = views
        .iter()
        .filter_map(|view| match view.decode().expect("decodes").event {
            Event::DocumentDownloaded(facts) => Some(facts.from_byte),
            _ => None,
        })
        .collect();
    assert_eq!(from, [0, 2 * CHUNK_BYTES as u64]);
}

#[tokio::test]
async fn who_may_not_file_a_document_is_refused_before_the_first_byte() {
    let kvam = Kvam::in_memory().await;
    let log = kvam.log_without_consent().await;
    let begin = async |who| {
        let upload = kvam
            .ledger
            .upload(who, log.id, code("documents"), BYTES_MAX, &occasion())
            .await;
        upload.err().expect("is refused")
    };
    assert_refused_by(&begin(&kvam.teacher).await, "V24");
    assert!(matches!(
        begin(&kvam.colleague).await,
        LedgerError::NotFound
    ));
}

#[tokio::test]
async fn a_document_that_is_too_large_is_refused_while_it_comes_in() {
    let kvam = Kvam::in_memory().await;
    let log = kvam.log().await;
    let upload = kvam
        .ledger
        .upload(&kvam.teacher, log.id, code("documents"), 10, &occasion())
        .await;
    let mut upload = upload.expect("may be handed in");
    upload.write(&body(10)).await.expect("is taken");
    let refusal = upload.write(&body(1)).await;
    assert!(matches!(refusal, Err(LedgerError::Rejected(_))));
}

#[tokio::test]
async fn a_redacted_document_and_note_are_gone_for_everyone() {
    let kvam = Kvam::in_memory().await;
    let log = kvam.log().await;
    let (document, filed) = hand_in(&kvam, &kvam.teacher, log.id, &body(10)).await;
    kvam.notes(&kvam.teacher, log.id, "Om eit anna barn").await;
    let shown = kvam.sees(&kvam.mother, log.id).await;
    let note = shown
        .case
        .state
        .notes
        .values()
        .next()
        .expect("a note")
        .added;
    let command = RedactContent {
        positions: [note].into(),
        documents: [document].into(),
        reason_code: code("wrong_case"),
        reason: "Gjeld ein annan".to_owned(),
    };
    kvam.ledger
        .redact(&kvam.teacher, log.id, command, &occasion())
        .await
        .expect("is redacted");

    let shown = kvam.sees(&kvam.mother, log.id).await;
    assert!(shown.contents.get(note).is_none());
    assert!(shown.contents.get(filed.first).is_none(), "nor its name");
    assert!(matches!(
        fetch(&kvam, &kvam.mother, log.id, document).await,
        Err(LedgerError::NotFound)
    ));
    let key = KeyId::Document(document);
    let states = kvam
        .parts
        .keyring
        .keys(&tenant(), &[key])
        .await
        .expect("keys");
    assert!(matches!(states[&key], KeyState::Destroyed { .. }));
    assert!(
        kvam.parts
            .store
            .chunks(&tenant(), document, 0, 9)
            .await
            .expect("reads")
            .is_empty()
    );
    let gone = kvam
        .parts
        .store
        .contents(&tenant(), &[note, filed.first])
        .await;
    assert!(gone.expect("reads").is_empty());
}

#[tokio::test]
async fn a_document_that_is_not_there_is_not_found() {
    let kvam = Kvam::in_memory().await;
    let log = kvam.log().await;
    let nothing = DocumentId::from_ulid(1_u128.into());
    let fetched = fetch(&kvam, &kvam.mother, log.id, nothing).await;
    assert!(matches!(fetched, Err(LedgerError::NotFound)));
}
