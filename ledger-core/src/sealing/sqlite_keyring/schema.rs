//! Opening the file: its permissions, its settings, its tables.
//!
//! Settings, and why:
//! - rollback journal, not WAL: a write-ahead log keeps earlier pages, and with them a wrapped key that was destroyed,
//!   until some later checkpoint overwrites them. The rollback journal holds the earlier page only while the transaction runs.
//! - `secure_delete`: what is deleted or overwritten is zeroed in the file.
//! - `synchronous = EXTRA`: also flushes the folder after the journal was removed. Otherwise a journal could reappear after
//!   a power cut and roll back a destruction that was already reported.
//! - `temp_store = MEMORY`: statement journals, which hold earlier pages too, never reach the disk.
//!
//! That a destroyed key is gone does not rest on `secure_delete` alone. SQLite moves rows between pages as they fill, and a copy
//! left behind would not be found again. So rows that hold a data key do not move: they are appended in the order of `slot`, and
//! a destroyed key is overwritten in place, by zeros of the same length, its row never deleted.

use std::{
    fs::{self, DirBuilder},
    os::unix::fs::{DirBuilderExt, PermissionsExt},
    path::Path,
    sync::Arc,
    time::Duration,
};

use rusqlite::{Connection, OpenFlags, TransactionBehavior};

use crate::{
    clock::Entropy,
    sealing::{
        keyring::KeyringError,
        secret::MasterKey,
        wrapping::{Place, unwrap, wrap},
    },
};

/// The file in the key store's folder.
const FILE: &str = "keys.sqlite3";

/// The format this program writes, in `PRAGMA user_version`.
const FORMAT: i64 = 1;

/// How long to wait for another process that is writing. Its transactions take milliseconds; a disk that
/// hangs for longer should be reported and not waited for.
pub(super) const BUSY_TIMEOUT: Duration = Duration::from_secs(10);

/// Proves that a master key is the right one before any tenant's key is touched.
const MASTER_CHECK: Place<'static> = Place {
    kind: "master_check",
    tenant: "",
    name: "",
};

/// Times are microseconds since 1970 UTC.
const TABLES: &str = "
    CREATE TABLE master_check (
        wrapped         BLOB NOT NULL
    ) STRICT;

    CREATE TABLE tenants (
        tenant          TEXT PRIMARY KEY,
        wrapped_key     BLOB NOT NULL,
        wrapped_index   BLOB NOT NULL,
        opened_at       INTEGER NOT NULL
    ) STRICT;

    CREATE TABLE origins (
        tenant          TEXT NOT NULL REFERENCES tenants,
        number          INTEGER NOT NULL,
        origin          TEXT NOT NULL,
        opened_at       INTEGER NOT NULL,
        published_size  INTEGER,
        published_root  BLOB,
        published_at    INTEGER,
        PRIMARY KEY (tenant, number),
        UNIQUE (tenant, origin)
    ) STRICT;

    CREATE TABLE signing_keys (
        tenant          TEXT NOT NULL REFERENCES tenants,
        number          INTEGER NOT NULL,
        wrapped_seed    BLOB NOT NULL,
        created_at      INTEGER NOT NULL,
        retired_at      INTEGER,
        PRIMARY KEY (tenant, number)
    ) STRICT;

    -- The wrapped key stays in the row it was appended to; see the module's text before changing this table.
    CREATE TABLE data_keys (
        slot            INTEGER PRIMARY KEY,
        tenant          TEXT NOT NULL REFERENCES tenants,
        key_id          TEXT NOT NULL,
        wrapped_key     BLOB NOT NULL,
        UNIQUE (tenant, key_id)
    ) STRICT;

    CREATE TABLE destroyed_keys (
        sequence        INTEGER PRIMARY KEY,
        tenant          TEXT NOT NULL REFERENCES tenants,
        key_id          TEXT NOT NULL,
        destroyed_at    INTEGER NOT NULL,
        reason          TEXT NOT NULL,
        UNIQUE (tenant, key_id)
    ) STRICT;
";

/// Turns a failure of SQLite into ours.
pub(super) fn failed<E>(doing: &'static str) -> impl FnOnce(E) -> KeyringError
where
    E: std::error::Error + Send + Sync + 'static,
{
    move |source| KeyringError::Storage {
        doing,
        source: Arc::new(source),
    }
}

pub(super) fn open(
    folder: &Path,
    master: &MasterKey,
    entropy: &dyn Entropy,
) -> Result<Connection, KeyringError> {
    make_private_folder(folder)?;
    let path = folder.join(FILE);
    let mut connection = Connection::open_with_flags(
        &path,
        OpenFlags::SQLITE_OPEN_READ_WRITE
            | OpenFlags::SQLITE_OPEN_CREATE
            | OpenFlags::SQLITE_OPEN_NO_MUTEX,
    )
    .map_err(failed("open its file"))?;
    // By path, never through a file of our own: closing one would drop the locks that SQLite holds on it in this process.
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600))
        .map_err(failed("protect its file"))?;
    configure(&connection).map_err(failed("apply its settings"))?;
    bring_up_to_date(&mut connection, master, entropy)?;
    check_master_key(&connection, master)?;
    Ok(connection)
}

fn make_private_folder(folder: &Path) -> Result<(), KeyringError> {
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder)
        .map_err(failed("make its folder"))?;
    let mode = fs::metadata(folder)
        .map_err(failed("look at its folder"))?
        .permissions()
        .mode()
        & 0o777;
    if mode & 0o077 != 0 {
        return Err(KeyringError::OpenToOthers {
            path: folder.display().to_string(),
            mode,
            wanted: 0o700,
        });
    }
    Ok(())
}

fn configure(connection: &Connection) -> rusqlite::Result<()> {
    connection.busy_timeout(BUSY_TIMEOUT)?;
    connection.pragma_update(None, "secure_delete", "ON")?;
    connection.pragma_update(None, "synchronous", "EXTRA")?;
    connection.pragma_update(None, "temp_store", "MEMORY")?;
    connection.pragma_update(None, "foreign_keys", "ON")?;
    connection.pragma_update(None, "trusted_schema", "OFF")?;
    connection.pragma_update_and_check(None, "journal_mode", "DELETE", |row| {
        row.get::<_, String>(0)
    })?;
    // More than there are different statements here, so that each is compiled once.
    connection.set_prepared_statement_cache_capacity(64);
    Ok(())
}

fn bring_up_to_date(
    connection: &mut Connection,
    master: &MasterKey,
    entropy: &dyn Entropy,
) -> Result<(), KeyringError> {
    // Under the write lock, so that of several processes that start together one makes the tables.
    let transaction = connection
        .transaction_with_behavior(TransactionBehavior::Immediate)
        .map_err(failed("lock its file"))?;
    let found: i64 = transaction
        .pragma_query_value(None, "user_version", |row| row.get(0))
        .map_err(failed("read its format"))?;
    match found {
        FORMAT => return Ok(()),
        0 => {}
        _ => {
            return Err(KeyringError::NewerFormat {
                found,
                known: FORMAT,
            });
        }
    }
    // What is wrapped does not matter, only that it opens.
    let check = wrap(master.expose(), MASTER_CHECK, &[0; 32], entropy);
    transaction
        .execute_batch(TABLES)
        .and_then(|()| {
            transaction.execute("INSERT INTO master_check (wrapped) VALUES (?1)", [check])
        })
        .and_then(|_| transaction.pragma_update(None, "user_version", FORMAT))
        .and_then(|()| transaction.commit())
        .map_err(failed("make its tables"))
}

fn check_master_key(connection: &Connection, master: &MasterKey) -> Result<(), KeyringError> {
    let check: Vec<u8> = connection
        .query_row("SELECT wrapped FROM master_check", [], |row| row.get(0))
        .map_err(failed("check the master key"))?;
    unwrap(master.expose(), MASTER_CHECK, &check)
        .map(|_| ())
        .ok_or(KeyringError::WrongMasterKey)
}
