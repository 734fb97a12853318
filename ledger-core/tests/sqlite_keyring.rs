//! What the SQLite key store promises beyond the contract: durable, erased for good, shared by several processes, batched.
#![cfg(feature = "sqlite")]

use std::{
    fs,
    future::Future,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    pin::Pin,
    sync::Arc,
    task::{Context, Waker},
};

use chrono::DateTime;
use ledger_core::{
    clock::{SystemEntropy, Timestamp},
    ids::{CaseId, Digest, DocumentId, KeyId, TenantId},
    sealing::{
        DataKey, Destruction, KeyState, Keyring, KeyringError, MasterKey, PublishedHead,
        SqliteKeyring,
    },
};
use rusqlite::Connection;

const ORIGIN: &str = "ledger.example/kvam";

/// A key store's folder, and what opens it.
struct Place {
    _parent: tempfile::TempDir,
    folder: PathBuf,
    master: MasterKey,
}

impl Place {
    fn new() -> Self {
        let parent = tempfile::tempdir().expect("a folder");
        Self {
            folder: parent.path().join("keys"),
            _parent: parent,
            master: MasterKey::generate(&SystemEntropy),
        }
    }

    /// Each call stands for another process: a thread, a connection and a cache of its own.
    fn open(&self) -> SqliteKeyring {
        SqliteKeyring::open(&self.folder, &self.master, Arc::new(SystemEntropy)).expect("opens")
    }

    async fn open_with_tenant(&self) -> SqliteKeyring {
        let keyring = self.open();
        keyring
            .open_tenant(&kvam(), ORIGIN, now())
            .await
            .expect("opens");
        keyring
    }

    fn file(&self) -> PathBuf {
        self.folder.join("keys.sqlite3")
    }

    /// Looks into the file beside the key store.
    fn database(&self) -> Connection {
        Connection::open(self.file()).expect("opens")
    }

    /// How many transactions have changed the file: the counter at byte 24 of its header (SQLite file format, section 1.3.7).
    fn transactions(&self) -> u32 {
        let bytes = fs::read(self.file()).expect("is readable");
        u32::from_be_bytes(bytes[24..28].try_into().expect("four bytes"))
    }
}

fn kvam() -> TenantId {
    "kvam".parse().expect("a tenant name")
}

fn now() -> Timestamp {
    DateTime::from_timestamp(1_790_000_000, 0).expect("a date in this century")
}

fn case(number: u128) -> KeyId {
    KeyId::Case(CaseId::from_ulid(number.into()))
}

fn head(size: u64) -> PublishedHead {
    PublishedHead {
        size,
        root: Digest([1; 32]),
        at: now(),
    }
}

async fn state(keyring: &SqliteKeyring, id: KeyId) -> KeyState {
    let mut states = keyring.keys(&kvam(), &[id]).await.expect("keys are told");
    states.remove(&id).expect("every id is answered")
}

fn contains(haystack: &[u8], needle: &[u8]) -> bool {
    haystack
        .windows(needle.len())
        .any(|window| window == needle)
}

/// Sends a request without waiting for its answer.
fn send<T>(request: &mut Pin<Box<dyn Future<Output = T> + Send + '_>>) {
    let polled = request
        .as_mut()
        .poll(&mut Context::from_waker(Waker::noop()));
    assert!(polled.is_pending());
}

#[tokio::test]
async fn everything_is_there_after_a_restart() {
    let place = Place::new();
    let first = place.open_with_tenant().await;
    let made = first
        .create(&kvam(), &[case(1), case(2)])
        .await
        .expect("keys");
    first
        .destroy(&kvam(), &[case(2)], now(), Destruction::CaseErased)
        .await
        .expect("gone");
    first
        .remember_published(&kvam(), ORIGIN, head(7))
        .await
        .expect("a head");
    let index_key = first.index_key(&kvam()).await.expect("a key");
    let seeds = first.signing_seeds(&kvam()).await.expect("seeds");
    drop(first);

    let second = place.open();
    assert_eq!(
        state(&second, case(1)).await,
        KeyState::Present(made[&case(1)].clone())
    );
    assert_eq!(
        state(&second, case(2)).await,
        KeyState::Destroyed { at: now() }
    );
    assert_eq!(
        second.published(&kvam()).await.expect("answers"),
        Some(head(7))
    );
    assert_eq!(second.index_key(&kvam()).await.expect("a key"), index_key);
    assert_eq!(second.signing_seeds(&kvam()).await.expect("seeds"), seeds);
}

#[tokio::test]
async fn only_its_owner_can_read_the_files() {
    let place = Place::new();
    let keyring = place.open_with_tenant().await;
    let mode = |path: &Path| fs::metadata(path).expect("exists").permissions().mode() & 0o777;
    assert_eq!(mode(&place.folder), 0o700);
    assert_eq!(mode(&place.file()), 0o600);
    drop(keyring);

    fs::set_permissions(&place.folder, fs::Permissions::from_mode(0o750)).expect("is mine");
    let refused = SqliteKeyring::open(&place.folder, &place.master, Arc::new(SystemEntropy));
    assert!(matches!(
        refused,
        Err(KeyringError::OpenToOthers { mode: 0o750, .. })
    ));
}

#[tokio::test]
async fn another_master_key_is_refused_at_the_door() {
    let place = Place::new();
    place.open_with_tenant().await;
    let other = MasterKey::generate(&SystemEntropy);
    let refused = SqliteKeyring::open(&place.folder, &other, Arc::new(SystemEntropy));
    assert!(matches!(refused, Err(KeyringError::WrongMasterKey)));
}

#[tokio::test]
async fn a_store_of_a_later_format_is_left_alone() {
    let place = Place::new();
    place.open_with_tenant().await;
    place
        .database()
        .pragma_update(None, "user_version", 99)
        .expect("is set");
    let refused = SqliteKeyring::open(&place.folder, &place.master, Arc::new(SystemEntropy));
    assert!(matches!(
        refused,
        Err(KeyringError::NewerFormat { found: 99, .. })
    ));
}

#[tokio::test]
async fn no_secret_stands_in_the_file_unwrapped() {
    let place = Place::new();
    let keyring = place.open_with_tenant().await;
    let keys = keyring.create(&kvam(), &[case(1)]).await.expect("keys");
    let index_key = keyring.index_key(&kvam()).await.expect("a key");
    let seeds = keyring.signing_seeds(&kvam()).await.expect("seeds");
    let bytes = fs::read(place.file()).expect("is readable");
    for secret in [
        keys[&case(1)].expose(),
        index_key.expose(),
        seeds[0].seed.expose(),
    ] {
        assert!(!contains(&bytes, secret));
    }
}

#[tokio::test]
async fn a_key_put_in_another_keys_place_does_not_open() {
    let place = Place::new();
    let keyring = place.open_with_tenant().await;
    keyring
        .create(&kvam(), &[case(1), case(2)])
        .await
        .expect("keys");
    place
        .database()
        .execute(
            "UPDATE data_keys SET wrapped_key = (SELECT wrapped_key FROM data_keys WHERE key_id = ?1) WHERE key_id = ?2",
            [case(1).to_string(), case(2).to_string()],
        )
        .expect("is swapped");
    drop(keyring);
    let refused = place.open().keys(&kvam(), &[case(2)]).await;
    assert!(
        matches!(refused, Err(KeyringError::Damaged { .. })),
        "{refused:?}"
    );
}

#[tokio::test]
async fn nothing_of_a_destroyed_key_is_left_in_the_folder() {
    const KEYS: u128 = 3_000;
    let place = Place::new();
    let keyring = place.open_with_tenant().await;
    // Ids in no order, and many, so that the tables and their indexes split and move as in real life.
    let ids: Vec<KeyId> = (0..KEYS)
        .map(|number| {
            let scattered = number.wrapping_mul(0x9E37_79B9_7F4A_7C15_F39C_C060_5CED_C835);
            if number % 2 == 0 {
                case(scattered)
            } else {
                KeyId::Document(DocumentId::from_ulid(scattered.into()))
            }
        })
        .collect();
    for some in ids.chunks(100) {
        keyring.create(&kvam(), some).await.expect("keys");
    }
    let wrapped: Vec<(String, Vec<u8>)> = {
        let database = place.database();
        let mut rows = database
            .prepare("SELECT key_id, wrapped_key FROM data_keys")
            .expect("compiles");
        let found = rows.query_map([], |row| Ok((row.get(0)?, row.get(1)?)));
        found
            .expect("runs")
            .collect::<Result<_, _>>()
            .expect("reads")
    };
    assert_eq!(wrapped.len(), ids.len());

    let destroyed: Vec<KeyId> = ids.iter().copied().step_by(3).collect();
    for some in destroyed.chunks(50) {
        keyring
            .destroy(&kvam(), some, now(), Destruction::CaseErased)
            .await
            .expect("gone");
    }
    // More keys, so that whatever was freed is used again.
    let later: Vec<KeyId> = (0..500).map(|number| case(number + 1)).collect();
    keyring.create(&kvam(), &later).await.expect("keys");

    let mut left = Vec::new();
    for entry in fs::read_dir(&place.folder).expect("a folder") {
        left.extend(fs::read(entry.expect("an entry").path()).expect("is readable"));
    }
    // Compared by their first bytes, which are a random nonce: looking for each key at every place would take minutes.
    let gone: std::collections::HashSet<String> =
        destroyed.iter().map(ToString::to_string).collect();
    let every_window: std::collections::HashSet<&[u8]> = left.windows(12).collect();
    for (id, wrapped) in &wrapped {
        for part in wrapped.chunks_exact(12) {
            assert_eq!(every_window.contains(part), !gone.contains(id), "{id}");
        }
    }
}

#[tokio::test]
async fn a_key_destroyed_by_another_process_is_not_served_from_memory() {
    let place = Place::new();
    let one = place.open_with_tenant().await;
    let other = place.open();
    let made = one
        .create(&kvam(), &[case(1), case(2)])
        .await
        .expect("keys");
    for keyring in [&one, &other] {
        assert_eq!(
            state(keyring, case(1)).await,
            KeyState::Present(made[&case(1)].clone())
        );
    }
    other
        .destroy(&kvam(), &[case(1)], now(), Destruction::CaseErased)
        .await
        .expect("gone");
    assert_eq!(
        state(&one, case(1)).await,
        KeyState::Destroyed { at: now() }
    );
    let refused = one.create(&kvam(), &[case(1)]).await;
    assert!(matches!(refused, Err(KeyringError::Destroyed(_))));
    assert_eq!(
        state(&one, case(2)).await,
        KeyState::Present(made[&case(2)].clone())
    );
}

#[tokio::test]
async fn a_cached_key_is_served_without_reading_the_tables() {
    let place = Place::new();
    let keyring = place.open_with_tenant().await;
    let made = keyring.create(&kvam(), &[case(1)]).await.expect("keys");
    // Takes the record away, leaving no trace that a key was destroyed: only memory can answer now.
    place
        .database()
        .execute("DELETE FROM data_keys", [])
        .expect("is deleted");
    assert_eq!(
        state(&keyring, case(1)).await,
        KeyState::Present(made[&case(1)].clone())
    );
    assert_eq!(state(&place.open(), case(1)).await, KeyState::Unknown);
}

#[tokio::test]
async fn two_processes_make_one_key() {
    let place = Place::new();
    let one = place.open_with_tenant().await;
    let other = place.open();
    for number in 0..50 {
        let ids = [case(number)];
        let tenant = kvam();
        let (here, there) = tokio::join!(one.create(&tenant, &ids), other.create(&tenant, &ids));
        assert_eq!(here.expect("keys"), there.expect("keys"));
    }
}

#[tokio::test]
async fn a_thousand_new_keys_cost_a_handful_of_transactions() {
    let place = Place::new();
    let keyring = place.open_with_tenant().await;
    let before = place.transactions();

    // Someone else writes for a while, so that the requests pile up, as they do behind a disk that is slow.
    let mut database = place.database();
    let writing = database
        .transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)
        .expect("locks");
    let tenant = kvam();
    let ids: Vec<[KeyId; 1]> = (0..1_000).map(|number| [case(number)]).collect();
    let mut requests: Vec<_> = ids.iter().map(|ids| keyring.create(&tenant, ids)).collect();
    for request in &mut requests {
        send(request);
    }
    drop(writing);
    let mut keys: Vec<DataKey> = Vec::new();
    for request in requests {
        keys.extend(request.await.expect("a key").into_values());
    }
    assert_eq!(keys.len(), 1_000);
    let transactions = place.transactions() - before;
    assert!(transactions <= 3, "{transactions} transactions");
}

#[tokio::test]
async fn asking_again_for_keys_that_exist_changes_nothing() {
    let place = Place::new();
    let keyring = place.open_with_tenant().await;
    let made = keyring
        .create(&kvam(), &[case(1), case(2)])
        .await
        .expect("keys");
    let before = place.transactions();
    for keyring in [keyring, place.open()] {
        for _ in 0..3 {
            let again = keyring.create(&kvam(), &[case(2), case(1)]).await;
            assert_eq!(again.expect("keys"), made);
        }
    }
    assert_eq!(place.transactions(), before);
}

#[tokio::test]
async fn in_one_batch_a_refused_change_is_undone_alone() {
    let place = Place::new();
    let keyring = place.open_with_tenant().await;
    keyring
        .destroy(&kvam(), &[case(9)], now(), Destruction::CaseErased)
        .await
        .expect("gone");
    let before = place.transactions();
    let mut database = place.database();
    let writing = database
        .transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)
        .expect("locks");
    let tenant = kvam();
    let (good, bad) = ([case(1)], [case(2), case(9)]);
    let mut first = keyring.create(&tenant, &good);
    let mut refused = keyring.create(&tenant, &bad);
    let mut last = keyring.remember_published(&tenant, ORIGIN, head(3));
    send(&mut first);
    send(&mut refused);
    send(&mut last);
    drop(writing);

    first.await.expect("a key");
    assert!(matches!(refused.await, Err(KeyringError::Destroyed(id)) if id == case(9)));
    last.await.expect("a head");
    assert!(matches!(
        state(&keyring, case(1)).await,
        KeyState::Present(_)
    ));
    assert_eq!(state(&keyring, case(2)).await, KeyState::Unknown);
    assert_eq!(
        keyring.published(&kvam()).await.expect("answers"),
        Some(head(3))
    );
    assert!(place.transactions() - before <= 2);
}

#[tokio::test]
async fn a_change_takes_place_even_if_its_caller_stops_waiting() {
    let place = Place::new();
    let keyring = place.open_with_tenant().await;
    let (tenant, ids) = (kvam(), [case(1)]);
    let mut request = keyring.destroy(&tenant, &ids, now(), Destruction::CaseErased);
    send(&mut request);
    drop(request);
    let refused = keyring.create(&kvam(), &ids).await;
    assert!(matches!(refused, Err(KeyringError::Destroyed(_))));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn published_heads_of_two_processes_never_go_down() {
    let place = Place::new();
    let one = place.open_with_tenant().await;
    let processes = [one, place.open()];
    let mut tasks = tokio::task::JoinSet::new();
    for task in 0..8_u64 {
        let keyring = processes[usize::from(task % 2 == 0)].clone();
        tasks.spawn(async move {
            let mut seen = 0;
            let mut accepted = 0;
            for step in 0..40 {
                // Neither rising nor falling: each task offers sizes that others have passed already.
                let size = (step * 37 + task * 11) % 200;
                match keyring
                    .remember_published(&kvam(), ORIGIN, head(size))
                    .await
                {
                    Ok(()) => accepted = accepted.max(size),
                    Err(KeyringError::BelowPublished { published, .. }) => {
                        assert!(published.size > size);
                    }
                    Err(other) => panic!("{other}"),
                }
                let published = keyring.published(&kvam()).await.expect("answers");
                let published = published.map_or(0, |head| head.size);
                assert!(published >= seen && published >= accepted, "went down");
                seen = published;
            }
            accepted
        });
    }
    let largest = tasks.join_all().await.into_iter().max();
    for keyring in &processes {
        let published = keyring.published(&kvam()).await.expect("answers");
        assert_eq!(published.map(|head| head.size), largest);
    }
}
