//! A request that comes twice is carried out once; one that is out of date is not carried out.

use ledger_core::{
    ledger::{Caller, Executed, LedgerError, Occasion, Repeatable},
    store::AppendError,
};

use crate::story::{Kvam, Log, note, occasion, tenant};

async fn writes(
    kvam: &Kvam,
    who: &Caller,
    log: Log,
    key: &str,
    text: &str,
) -> Result<Executed, LedgerError> {
    let occasion = Occasion {
        repeatable: Some(Repeatable {
            key: key.to_owned(),
            request: text.as_bytes().to_vec(),
        }),
        ..occasion()
    };
    kvam.ledger
        .execute(who, log.id, note(text), &occasion)
        .await
}

#[tokio::test]
async fn a_request_that_comes_twice_is_carried_out_once() {
    let kvam = Kvam::in_memory().await;
    let log = kvam.log().await;
    let first = writes(&kvam, &kvam.teacher, log, "k1", "Møte")
        .await
        .expect("is done");
    let before = kvam.parts.store.tip(&tenant()).await.expect("a tip");
    let second = writes(&kvam, &kvam.teacher, log, "k1", "Møte")
        .await
        .expect("is answered");
    assert!(!first.repeated && second.repeated);
    assert_eq!(second.first, first.first);
    assert_eq!(second.events, first.events);
    assert_eq!(second.decided, first.decided);
    assert_eq!((second.case, second.version), (first.case, first.version));
    assert_eq!(
        kvam.parts.store.tip(&tenant()).await.expect("a tip"),
        before
    );
}

#[tokio::test]
async fn a_key_is_not_taken_for_another_request_but_others_may_use_it() {
    let kvam = Kvam::in_memory().await;
    let log = kvam.log().await;
    writes(&kvam, &kvam.teacher, log, "k1", "Møte")
        .await
        .expect("is done");
    let other = writes(&kvam, &kvam.teacher, log, "k1", "Noko anna").await;
    assert!(matches!(
        other,
        Err(LedgerError::Append(AppendError::KeyReused))
    ));
    let by_another = writes(&kvam, &kvam.mother, log, "k1", "Møte")
        .await
        .expect("is done");
    assert!(!by_another.repeated);
}

#[tokio::test]
async fn who_has_seen_an_older_version_is_told_to_read_again() {
    let kvam = Kvam::in_memory().await;
    let log = kvam.log().await;
    let seen = kvam.sees(&kvam.teacher, log.id).await.case.version;
    kvam.notes(&kvam.mother, log.id, "Kom imellom").await;
    let write = async |version| {
        let occasion = Occasion {
            case_version: Some(version),
            ..occasion()
        };
        kvam.ledger
            .execute(&kvam.teacher, log.id, note("Svar"), &occasion)
            .await
    };
    match write(seen).await {
        Err(LedgerError::VersionDiffers { expected, actual }) => {
            assert_eq!((expected, actual), (seen, seen + 1));
        }
        other => panic!("{other:?}"),
    }
    write(seen + 1).await.expect("is done");
}
