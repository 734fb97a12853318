//! What every key store promises, run on each of them.

use std::{collections::HashSet, sync::Arc};

use chrono::DateTime;
use ledger_core::{
    clock::{SystemEntropy, Timestamp},
    ids::{CaseId, Digest, DocumentId, KeyId, TenantId},
    sealing::{
        DestroyedKey, Destruction, KeyState, Keyring, KeyringError, MemoryKeyring, PublishedHead,
    },
};

const ORIGIN: &str = "ledger.example/kvam";

fn kvam() -> TenantId {
    "kvam".parse().expect("a tenant name")
}

fn voss() -> TenantId {
    "voss".parse().expect("a tenant name")
}

fn case(number: u128) -> KeyId {
    KeyId::Case(CaseId::from_ulid(number.into()))
}

fn document(number: u128) -> KeyId {
    KeyId::Document(DocumentId::from_ulid(number.into()))
}

fn day(number: i64) -> Timestamp {
    DateTime::from_timestamp(number * 86_400, 123_000).expect("a date in this century")
}

fn head(size: u64, root: u8) -> PublishedHead {
    PublishedHead {
        size,
        root: Digest([root; 32]),
        at: day(3),
    }
}

async fn open(keyring: &dyn Keyring, tenant: &TenantId) {
    keyring
        .open_tenant(tenant, ORIGIN, day(0))
        .await
        .expect("the tenant opens");
}

async fn state(keyring: &dyn Keyring, tenant: &TenantId, id: KeyId) -> KeyState {
    let mut states = keyring.keys(tenant, &[id]).await.expect("keys are told");
    states.remove(&id).expect("every id is answered")
}

async fn a_tenant_that_was_never_opened_is_refused(keyring: &dyn Keyring) {
    assert_eq!(keyring.origin(&kvam()).await.expect("answers"), None);
    let refused = |error| matches!(error, KeyringError::UnknownTenant(tenant) if tenant == kvam());
    let tenant = kvam();
    assert!(refused(
        keyring
            .create(&tenant, &[case(1)])
            .await
            .expect_err("is refused")
    ));
    assert!(refused(
        keyring
            .keys(&tenant, &[case(1)])
            .await
            .expect_err("is refused")
    ));
    assert!(refused(
        keyring.create(&tenant, &[]).await.expect_err("is refused")
    ));
    assert!(refused(
        keyring.keys(&tenant, &[]).await.expect_err("is refused")
    ));
    assert!(refused(
        keyring.index_key(&tenant).await.expect_err("is refused")
    ));
    assert!(refused(
        keyring
            .signing_seeds(&tenant)
            .await
            .expect_err("is refused")
    ));
    assert!(refused(
        keyring
            .add_signing_seed(&tenant, day(0))
            .await
            .expect_err("is refused")
    ));
    assert!(refused(
        keyring.published(&tenant).await.expect_err("is refused")
    ));
    assert!(refused(
        keyring.destroyed(&tenant).await.expect_err("is refused")
    ));
    let ids = [case(1)];
    let destroyed = keyring.destroy(&tenant, &ids, day(0), Destruction::CaseErased);
    assert!(refused(destroyed.await.expect_err("is refused")));
    let remembered = keyring.remember_published(&tenant, ORIGIN, head(1, 1));
    assert!(refused(remembered.await.expect_err("is refused")));
    let new_origin = keyring.open_new_origin(&tenant, ORIGIN, day(0));
    assert!(refused(new_origin.await.expect_err("is refused")));
}

async fn a_tenant_opens_once_under_one_origin(keyring: &dyn Keyring) {
    open(keyring, &kvam()).await;
    let index_key = keyring.index_key(&kvam()).await.expect("an index key");
    let seeds = keyring.signing_seeds(&kvam()).await.expect("seeds");
    assert_eq!(seeds.len(), 1);
    assert_eq!((seeds[0].number, seeds[0].created_at), (1, day(0)));
    assert_eq!(seeds[0].retired_at, None);

    keyring
        .open_tenant(&kvam(), ORIGIN, day(9))
        .await
        .expect("opening again changes nothing");
    assert_eq!(keyring.index_key(&kvam()).await.expect("a key"), index_key);
    assert_eq!(keyring.signing_seeds(&kvam()).await.expect("seeds"), seeds);
    let origin = keyring
        .origin(&kvam())
        .await
        .expect("answers")
        .expect("is open");
    assert_eq!((&*origin.name, origin.opened_at), (ORIGIN, day(0)));

    let other = keyring
        .open_tenant(&kvam(), "ledger.example/other", day(9))
        .await;
    assert!(matches!(other, Err(KeyringError::OriginDiffers { .. })));
}

async fn a_new_key_is_random_and_stays_what_it_is(keyring: &dyn Keyring) {
    open(keyring, &kvam()).await;
    open(keyring, &voss()).await;
    assert_eq!(state(keyring, &kvam(), case(1)).await, KeyState::Unknown);
    let ids = [case(1), document(1), KeyId::Tenant, case(1)];
    let made = keyring.create(&kvam(), &ids).await.expect("keys");
    assert_eq!(made.len(), 3);
    let distinct: HashSet<_> = made.values().map(|key| *key.expose()).collect();
    assert_eq!(distinct.len(), 3);

    let again = keyring
        .create(&kvam(), &[case(1), case(2)])
        .await
        .expect("keys");
    assert_eq!(again[&case(1)], made[&case(1)]);
    assert_eq!(
        state(keyring, &kvam(), case(1)).await,
        KeyState::Present(made[&case(1)].clone())
    );
    assert_eq!(state(keyring, &voss(), case(1)).await, KeyState::Unknown);
    let elsewhere = keyring.create(&voss(), &[case(1)]).await.expect("keys");
    assert_ne!(elsewhere[&case(1)], made[&case(1)]);
}

async fn a_destroyed_key_never_comes_back_and_is_remembered(keyring: &dyn Keyring) {
    open(keyring, &kvam()).await;
    let ids = [case(1), document(1), case(2)];
    keyring.create(&kvam(), &ids).await.expect("keys");
    keyring
        .destroy(
            &kvam(),
            &[document(1)],
            day(1),
            Destruction::DocumentRedacted,
        )
        .await
        .expect("is destroyed");
    let both = [case(1), document(1)];
    keyring
        .destroy(&kvam(), &both, day(2), Destruction::CaseErased)
        .await
        .expect("destroying again changes nothing");

    let destroyed_at = |at| KeyState::Destroyed { at };
    assert_eq!(
        state(keyring, &kvam(), document(1)).await,
        destroyed_at(day(1))
    );
    assert_eq!(state(keyring, &kvam(), case(1)).await, destroyed_at(day(2)));
    assert!(matches!(
        state(keyring, &kvam(), case(2)).await,
        KeyState::Present(_)
    ));
    assert_eq!(
        keyring.destroyed(&kvam()).await.expect("is told"),
        [
            DestroyedKey {
                id: document(1),
                at: day(1),
                reason: Destruction::DocumentRedacted
            },
            DestroyedKey {
                id: case(1),
                at: day(2),
                reason: Destruction::CaseErased
            },
        ]
    );

    let refused = keyring.create(&kvam(), &[case(3), case(1)]).await;
    assert!(matches!(refused, Err(KeyringError::Destroyed(id)) if id == case(1)));
    assert_eq!(
        state(keyring, &kvam(), case(3)).await,
        KeyState::Unknown,
        "a refused call must make nothing"
    );
}

async fn a_key_that_was_destroyed_before_it_was_made_is_never_made(keyring: &dyn Keyring) {
    open(keyring, &kvam()).await;
    keyring
        .destroy(&kvam(), &[case(1)], day(1), Destruction::CaseErased)
        .await
        .expect("is remembered");
    let refused = keyring.create(&kvam(), &[case(1)]).await;
    assert!(matches!(refused, Err(KeyringError::Destroyed(_))));
}

async fn signing_keys_rotate_and_one_always_stays_in_use(keyring: &dyn Keyring) {
    open(keyring, &kvam()).await;
    let only = keyring.retire_signing_seed(&kvam(), 1, day(1)).await;
    assert!(matches!(
        only,
        Err(KeyringError::LastSigningKey { number: 1, .. })
    ));
    let added = keyring
        .add_signing_seed(&kvam(), day(1))
        .await
        .expect("a key");
    assert_eq!(
        (added.number, added.created_at, added.retired_at),
        (2, day(1), None)
    );
    for at in [day(2), day(3)] {
        keyring
            .retire_signing_seed(&kvam(), 1, at)
            .await
            .expect("retires");
    }
    let seeds = keyring.signing_seeds(&kvam()).await.expect("seeds");
    assert_eq!(seeds[0].retired_at, Some(day(2)), "the first date stays");
    assert_eq!(seeds[1], added);
    assert_ne!(seeds[0].seed, seeds[1].seed);
    let unknown = keyring.retire_signing_seed(&kvam(), 7, day(1)).await;
    assert!(matches!(
        unknown,
        Err(KeyringError::UnknownSigningKey { number: 7, .. })
    ));
}

async fn what_was_published_is_never_taken_back(keyring: &dyn Keyring) {
    open(keyring, &kvam()).await;
    assert_eq!(keyring.published(&kvam()).await.expect("answers"), None);
    let remember = |head| {
        let keyring = &keyring;
        async move { keyring.remember_published(&kvam(), ORIGIN, head).await }
    };
    remember(head(5, 5)).await.expect("the first");
    remember(head(9, 9)).await.expect("a larger one");
    let later = PublishedHead {
        at: day(8),
        ..head(9, 9)
    };
    remember(later).await.expect("the same one again");
    for below in [head(5, 5), head(8, 9), head(9, 8), head(0, 0)] {
        match remember(below).await {
            Err(KeyringError::BelowPublished { published, offered }) => {
                assert_eq!((published, offered), (head(9, 9), below));
            }
            other => panic!("{below} was not refused: {other:?}"),
        }
    }
    assert_eq!(
        keyring.published(&kvam()).await.expect("answers"),
        Some(head(9, 9))
    );
}

async fn a_new_origin_begins_anew_and_the_old_one_stays_listed(keyring: &dyn Keyring) {
    const RECOVERED: &str = "ledger.example/kvam/2";
    open(keyring, &kvam()).await;
    keyring
        .remember_published(&kvam(), ORIGIN, head(9, 9))
        .await
        .expect("a head");
    for _ in 0..2 {
        keyring
            .open_new_origin(&kvam(), RECOVERED, day(5))
            .await
            .expect("opens");
    }
    assert_eq!(keyring.published(&kvam()).await.expect("answers"), None);

    // A process that has not noticed the recovery yet.
    let stale = keyring
        .remember_published(&kvam(), ORIGIN, head(10, 10))
        .await;
    assert!(matches!(stale, Err(KeyringError::OriginDiffers { .. })));
    keyring
        .remember_published(&kvam(), RECOVERED, head(4, 4))
        .await
        .expect("a smaller head");

    let origins = keyring.origins(&kvam()).await.expect("answers");
    let listed: Vec<_> = origins
        .iter()
        .map(|(origin, head)| (&*origin.name, origin.opened_at, *head))
        .collect();
    assert_eq!(
        listed,
        [
            (ORIGIN, day(0), Some(head(9, 9))),
            (RECOVERED, day(5), Some(head(4, 4)))
        ]
    );
    let back = keyring.open_new_origin(&kvam(), ORIGIN, day(6)).await;
    assert!(matches!(back, Err(KeyringError::OriginUsedBefore { .. })));
}

async fn nothing_it_answers_prints_a_secret(keyring: &dyn Keyring) {
    open(keyring, &kvam()).await;
    keyring.create(&kvam(), &[case(1)]).await.expect("a key");
    let shown = [
        format!("{:?}", keyring.keys(&kvam(), &[case(1)]).await),
        format!("{:?}", keyring.create(&kvam(), &[case(1)]).await),
        format!("{:?}", keyring.index_key(&kvam()).await),
        format!("{:?}", keyring.signing_seeds(&kvam()).await),
    ];
    for text in shown {
        assert!(text.contains("(redacted)"), "{text}");
        // A secret that were printed would show as a list of 32 numbers or as a long word.
        assert!(
            !text.contains("[1") && text.matches(", ").count() < 8,
            "{text}"
        );
    }
}

macro_rules! every_key_store {
    ($($promise:ident,)*) => {
        mod in_memory {
            use super::*;
            $(
                #[tokio::test]
                async fn $promise() {
                    super::$promise(&MemoryKeyring::new(Arc::new(SystemEntropy))).await;
                }
            )*
        }

        #[cfg(feature = "sqlite")]
        mod in_sqlite {
            use super::*;
            use ledger_core::sealing::{MasterKey, SqliteKeyring};
            $(
                #[tokio::test]
                async fn $promise() {
                    let folder = tempfile::tempdir().expect("a folder");
                    let keyring = SqliteKeyring::open(
                        &folder.path().join("keys"),
                        &MasterKey::generate(&SystemEntropy),
                        Arc::new(SystemEntropy),
                    );
                    super::$promise(&keyring.expect("opens")).await;
                }
            )*
        }
    };
}

every_key_store! {
    a_tenant_that_was_never_opened_is_refused,
    a_tenant_opens_once_under_one_origin,
    a_new_key_is_random_and_stays_what_it_is,
    a_destroyed_key_never_comes_back_and_is_remembered,
    a_key_that_was_destroyed_before_it_was_made_is_never_made,
    signing_keys_rotate_and_one_always_stays_in_use,
    what_was_published_is_never_taken_back,
    a_new_origin_begins_anew_and_the_old_one_stays_listed,
    nothing_it_answers_prints_a_secret,
}
