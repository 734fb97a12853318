//! Somebody who is superuser of the database, and in the end has the keys too, changes the past. Each attack is tried in
//! two strengths: against what the ledger itself notices, and in a way that it cannot notice. The second is what watching
//! is for: whoever has looked before, with other people's tools or with ours, sees it.

use std::{fs, path::Path, process::Command};

use ledger_core::{
    ids::{AccountId, Digest},
    ledger::LedgerError,
    log::{Frontier, SignedHead, VerifierKey, leaf_entry, leaf_hash},
};
use sqlx::{ConnectOptions as _, PgConnection, Row as _};
use tempfile::TempDir;

use super::{
    Monitor, happen, key_of, log_of, published,
    stranger::{Fault, Stranger},
};
use crate::{
    cli::Run,
    support::{
        postgres::{TestDatabase, copy_of},
        service::TestService,
    },
};

/// Those who watch one log: with the crates of others, and with our program.
struct Watchers {
    key: VerifierKey,
    stranger: Stranger,
    monitor: Monitor,
    _folder: TempDir,
}

impl Watchers {
    async fn begin(service: &TestService) -> Self {
        let key = key_of(service).await;
        let folder = tempfile::tempdir().unwrap();
        let mut watchers = Self {
            stranger: Stranger::new(&key),
            monitor: Monitor::new(&key, folder.path()),
            key,
            _folder: folder,
        };
        watchers.find_good(service).await;
        watchers
    }

    /// Both find nothing wrong; gives the size that they saw.
    async fn find_good(&mut self, service: &TestService) -> u64 {
        let size = published(service).await;
        let log = log_of(service);
        assert_eq!(self.stranger.look(&log).await, Ok(size));
        self.monitor.look(&log, &["--entries"]).await.ends_with(0);
        size
    }

    /// Both find fault with it.
    async fn find(&mut self, service: &TestService, fault: &[Fault], exit: i32) -> Run {
        let log = log_of(service);
        let found = self.stranger.look(&log).await.unwrap_err();
        assert!(fault.contains(&found), "{found:?}");
        self.monitor.look(&log, &[]).await.ends_with(exit)
    }

    /// The two heads that were kept of a conflict, each signed by the log's key, and how many tiles beside them.
    fn evidence(&self, run: &Run) -> (SignedHead, SignedHead, usize) {
        let folder = run.out.lines().find_map(|line| {
            let line = line.trim_start();
            line.strip_prefix("evidence").map(str::trim)
        });
        let folder = Path::new(folder.unwrap_or_else(|| panic!("no evidence in {}", run.out)));
        let head = |name: &str| {
            let text = fs::read_to_string(folder.join(name)).unwrap();
            let head: SignedHead = text.parse().unwrap();
            head.verify(std::slice::from_ref(&self.key)).unwrap();
            head
        };
        let keys = fs::read_to_string(folder.join("vkey")).unwrap();
        assert_eq!(keys, format!("{}\n", self.key));
        let tiles = fs::read_dir(folder.join("tile/0")).map_or(0, Iterator::count);
        (head("known.checkpoint"), head("shown.checkpoint"), tiles)
    }
}

/// A ledger whose service does not run.
struct Stopped {
    database: TestDatabase,
    folder: TempDir,
    administrator: AccountId,
}

impl Stopped {
    async fn of(service: TestService) -> Self {
        let administrator = service.administrator_id;
        let (database, folder) = service.stopped().await;
        Self {
            database,
            folder,
            administrator,
        }
    }

    /// A backup: of the database, and of the folder with the keys.
    async fn backup(&self) -> Self {
        let folder = tempfile::tempdir().unwrap();
        copy(&self.folder.path().join("keys"), folder.path());
        Self {
            database: copy_of(&self.database).await,
            folder,
            administrator: self.administrator,
        }
    }

    async fn start(self) -> anyhow::Result<TestService> {
        TestService::start_again(self.administrator, self.database, self.folder).await
    }
}

fn copy(from: &Path, into: &Path) {
    let copied = Command::new("cp").arg("-a").arg(from).arg(into).status();
    assert!(copied.unwrap().success());
}

async fn superuser(database: &TestDatabase) -> PgConnection {
    database.options.connect().await.unwrap()
}

/// As a superuser who has switched the triggers off.
async fn without_triggers(database: &TestDatabase) -> PgConnection {
    let mut connection = superuser(database).await;
    sqlx::query("SET session_replication_role = replica")
        .execute(&mut connection)
        .await
        .unwrap();
    connection
}

/// Names somebody else as the one who did what stands at a position; the leaf is computed anew, so that the event looks
/// whole.
async fn rewrite(connection: &mut PgConnection, position: u64, by: AccountId) {
    let position = i64::try_from(position).unwrap();
    let row = sqlx::query("SELECT envelope, salt FROM events WHERE position = $1")
        .bind(position)
        .fetch_one(&mut *connection)
        .await
        .unwrap();
    let envelope: Vec<u8> = row.get("envelope");
    let salt: Vec<u8> = row.get("salt");
    let told = String::from_utf8(envelope).unwrap();
    let lie = told.replace(&by.to_string(), "01ARZ3NDEKTSV4RRFFQ69G5FAV");
    assert_ne!(told, lie);
    let leaf = leaf_entry(salt.as_slice().try_into().unwrap(), lie.as_bytes());
    sqlx::query("UPDATE events SET envelope = $2, leaf_entry = $3 WHERE position = $1")
        .bind(position)
        .bind(lie.as_bytes())
        .bind(&leaf.0[..])
        .execute(&mut *connection)
        .await
        .unwrap();
}

/// Takes an event out, and closes the gap.
async fn drop_event(connection: &mut PgConnection, position: u64) {
    let position = i64::try_from(position).unwrap();
    for sql in [
        "DELETE FROM events WHERE position = $1",
        "UPDATE events SET position = position + 1000000 WHERE position > $1",
        "UPDATE events SET position = position - 1000001 WHERE position > $1 + 1000000",
        "DELETE FROM event_contents WHERE position = $1",
        "UPDATE event_contents SET position = position + 1000000 WHERE position > $1",
        "UPDATE event_contents SET position = position - 1000001 WHERE position > $1 + 1000000",
    ] {
        sqlx::query(sql)
            .bind(position)
            .execute(&mut *connection)
            .await
            .unwrap();
    }
}

/// Makes tree and head fit the events, and forgets what was served: nothing in the database tells of the change.
async fn cover_up(connection: &mut PgConnection) {
    let rows = sqlx::query("SELECT leaf_entry FROM events ORDER BY position")
        .fetch_all(&mut *connection)
        .await
        .unwrap();
    let mut frontier = Frontier::EMPTY;
    for row in &rows {
        let entry: Vec<u8> = row.get("leaf_entry");
        let entry = Digest(entry.try_into().unwrap());
        frontier.push(leaf_hash(entry), &mut Vec::new());
    }
    assert!(frontier.size() < 256, "no subtree is stored yet");
    sqlx::query("UPDATE ledger_heads SET size = $1, root = $2, frontier = $3")
        .bind(i64::try_from(frontier.size()).unwrap())
        .bind(&frontier.root().0[..])
        .bind(frontier.to_bytes())
        .execute(&mut *connection)
        .await
        .unwrap();
    sqlx::query("DELETE FROM published_heads")
        .execute(&mut *connection)
        .await
        .unwrap();
}

fn is_restored(refused: anyhow::Result<TestService>) -> bool {
    let refused = refused.err().expect("the service does not start");
    matches!(
        refused.downcast_ref::<LedgerError>(),
        Some(LedgerError::Restored { .. })
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_was_put_back_is_seen_and_so_is_the_fork_that_follows() {
    let service = TestService::start().await;
    happen(&service, &["Skulen"]).await;
    let mut watchers = Watchers::begin(&service).await;
    let ledger = Stopped::of(service).await;
    let backup = ledger.backup().await;
    let service = ledger.start().await.unwrap();
    happen(&service, &["Barnehagen", "Helsestasjonen", "Barnevernet"]).await;
    let size = watchers.find_good(&service).await;
    let mut ledger = Stopped::of(service).await;

    // The database alone is put back: the key store remembers what was published, and the service does not start.
    let database = copy_of(&backup.database).await;
    let mut now = ledger.backup().await;
    now.database = database;
    assert!(is_restored(now.start().await));

    // So the attacker puts the key store back too. Nothing in the ledger tells of it any more; the watchers do.
    ledger.database = backup.database.clone();
    let keys = ledger.folder.path().join("keys");
    fs::remove_dir_all(&keys).unwrap();
    copy(&backup.folder.path().join("keys"), ledger.folder.path());
    let service = ledger.start().await.unwrap();
    assert!(published(&service).await < size);
    let run = watchers.find(&service, &[Fault::WentBack], 8).await;
    assert!(run.out.contains("THE LOG WENT BACK"), "{}", run.out);
    let (known, shown, _) = watchers.evidence(&run);
    assert_eq!(known.claimed().size, size);
    assert!(shown.claimed().size < size);

    // It goes on with other events. At the size that was seen there is another root: the two heads prove it.
    happen(&service, &["Ein annan skule", "Ein annan barnehage", "PPT"]).await;
    assert_eq!(published(&service).await, size);
    let run = watchers.find(&service, &[Fault::Forked], 9).await;
    assert!(run.out.contains("TWO HISTORIES"), "{}", run.out);
    let (known, shown, _) = watchers.evidence(&run);
    assert_eq!(known.claimed().size, shown.claimed().size);
    assert_ne!(known.claimed().root, shown.claimed().root);

    // And when it is larger: the tiles tie the later head to another past.
    happen(&service, &["Enno ein"]).await;
    published(&service).await;
    let run = watchers.find(&service, &[Fault::Forked], 9).await;
    let (known, shown, tiles) = watchers.evidence(&run);
    assert_eq!(known.claimed().size + 1, shown.claimed().size);
    assert_eq!(tiles, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_honest_recovery_after_a_restore_is_told_from_a_fork() {
    let service = TestService::start().await;
    let mut watchers = Watchers::begin(&service).await;
    let mut ledger = Stopped::of(service).await;
    let backup = ledger.backup().await;
    let service = ledger.start().await.unwrap();
    happen(&service, &["Barnehagen"]).await;
    watchers.find_good(&service).await;
    // The operator restores the database, and says so.
    ledger = Stopped::of(service).await;
    ledger.database = backup.database.clone();
    let url = ledger.database.url.clone();
    let recovered = crate::cli::Program::new();
    let keys = ledger.folder.path().join("keys");
    let output = recovered
        .command()
        .env("DATABASE_URL", url)
        .args(["--set", "tenant=kvam", "--set"])
        .arg(format!("key_store={}", keys.display()))
        .args(["recover", "--origin", "caseledger.localhost/kvam-2"])
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    let service = ledger.start().await.unwrap();
    published(&service).await;
    let run = watchers.find(&service, &[Fault::NotSigned], 10).await;
    for words in ["ANOTHER LOG IS SHOWN", "kvam-2", "ledger_recovered"] {
        assert!(run.err.contains(words), "{}", run.err);
    }
    // Watched anew, under its new name.
    Watchers::begin(&service).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rewritten_event_is_seen() {
    let service = TestService::start().await;
    let ledger = Stopped::of(service).await;
    let early = ledger.backup().await;
    let service = ledger.start().await.unwrap();
    happen(&service, &["Skulen", "Barnehagen", "Helsestasjonen"]).await;
    let mut watchers = Watchers::begin(&service).await;
    let size = published(&service).await;
    let administrator = service.administrator_id;

    // The database refuses it, of a superuser too, while its triggers are on.
    let refused = sqlx::query("UPDATE events SET envelope = '{}'")
        .execute(&mut superuser(&service.database).await)
        .await
        .unwrap_err();
    assert!(refused.to_string().contains("append-only"), "{refused}");

    // Behind their back the running service goes on, says that it is not ready, and its tiles lead to no head.
    let mut connection = without_triggers(&service.database).await;
    rewrite(&mut connection, size - 2, administrator).await;
    let ready = service.anyone().get("/readyz").await;
    assert_eq!(ready.status, 503);
    happen(&service, &["PPT"]).await;
    let now = published(&service).await;
    let faults = [Fault::Tiles, Fault::Forked];
    let run = watchers.find(&service, &faults, 4).await;
    assert!(run.err.contains("DOES NOT LEAD TO ITS HEAD"), "{}", run.err);

    // Tree and head are made to fit. The key store remembers the root that was published: the service does not start.
    let mut ledger = Stopped::of(service).await;
    cover_up(&mut connection).await;
    drop(connection);
    let mut tried = ledger.backup().await;
    tried.database = copy_of(&ledger.database).await;
    assert!(is_restored(tried.start().await));

    // With a key store from before the event, nothing in the ledger tells of it any more.
    ledger.folder = early.folder;
    let service = ledger.start().await.unwrap();
    assert_eq!(published(&service).await, now);
    let tenant = service.instance.tenant();
    let verified = service.instance.ledger.verify(tenant, false, &|_, _| ());
    assert_eq!(verified.await.unwrap().errors, []);
    let run = watchers.find(&service, &[Fault::Forked], 9).await;
    let (known, shown, tiles) = watchers.evidence(&run);
    assert_eq!((known.claimed().size, shown.claimed().size), (size, now));
    assert_eq!(tiles, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dropped_event_is_seen() {
    let service = TestService::start().await;
    let ledger = Stopped::of(service).await;
    let early = ledger.backup().await;
    let service = ledger.start().await.unwrap();
    happen(&service, &["Skulen", "Barnehagen", "Helsestasjonen"]).await;
    let mut watchers = Watchers::begin(&service).await;
    let size = published(&service).await;

    // Taken out under a running service: a tile with a gap is not served, so that nobody keeps it.
    let mut connection = without_triggers(&service.database).await;
    sqlx::query("CREATE TABLE kept AS SELECT * FROM events WHERE position = $1")
        .bind(i64::try_from(size - 2).unwrap())
        .execute(&mut connection)
        .await
        .unwrap();
    sqlx::query("DELETE FROM events WHERE position = $1")
        .bind(i64::try_from(size - 2).unwrap())
        .execute(&mut connection)
        .await
        .unwrap();
    assert_eq!(service.anyone().get("/readyz").await.status, 503);
    happen(&service, &["PPT"]).await;
    let now = published(&service).await;
    let run = watchers.find(&service, &[Fault::Tiles], 5).await;
    assert!(run.err.contains("answered with status 500"), "{}", run.err);
    sqlx::query("INSERT INTO events SELECT * FROM kept")
        .execute(&mut connection)
        .await
        .unwrap();

    // Taken out, the gap closed, tree and head made to fit, with a key store from before: the ledger is whole again,
    // and one event shorter than it was seen.
    let mut ledger = Stopped::of(service).await;
    drop_event(&mut connection, size - 2).await;
    cover_up(&mut connection).await;
    drop(connection);
    ledger.folder = early.folder;
    let service = ledger.start().await.unwrap();
    let tenant = service.instance.tenant();
    let verified = service.instance.ledger.verify(tenant, false, &|_, _| ());
    assert_eq!(verified.await.unwrap().errors, []);
    assert_eq!(published(&service).await, now - 1);
    // Who saw the log at this very size has proof, and so has everybody else when it has grown.
    watchers.find(&service, &[Fault::Forked], 9).await;
    happen(&service, &["Enno ein"]).await;
    published(&service).await;
    let run = watchers.find(&service, &[Fault::Forked], 9).await;
    let (_, shown, tiles) = watchers.evidence(&run);
    assert_eq!((shown.claimed().size, tiles), (now, 1));
}
