//! A closed case with everything that a bundle can hold, in a ledger in memory; and ways to tamper with a bundle.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
};

use aws_lc_rs::digest::{SHA256, SHA512, digest};
use caseledger::export::bundle::{self, BundleError, BundleReport, Finding};
use chrono::TimeDelta;
use ledger_core::{
    case::{CloseCase, RedactContent},
    clock::{Clock, SystemEntropy, Timestamp},
    events::Event,
    ids::{CaseId, DocumentId, Position, TenantId},
    ledger::{
        Caller, CaseCommand, DocumentDescription, Executed, Ledger, LedgerSettings, Look, Parts,
    },
    sealing::MemoryKeyring,
    store::memory::MemoryStore,
};

use crate::support::story::{Cast, cast, code, occasion};

/// A clock that goes on by a second whenever it is looked at.
struct Ticking(AtomicI64);

impl Clock for Ticking {
    fn now(&self) -> Timestamp {
        let begin: Timestamp = "2026-03-02T09:00:00Z".parse().unwrap();
        begin + TimeDelta::seconds(self.0.fetch_add(1, Ordering::Relaxed))
    }
}

/// A ledger, the people in it, and one case.
pub(super) struct Story {
    pub(super) ledger: Arc<Ledger>,
    pub(super) tenant: TenantId,
    pub(super) cast: Cast,
    pub(super) case: CaseId,
    folder: tempfile::TempDir,
}

impl Story {
    /// Until the log is open, the guardian has consented, a note and a document were filed and somebody has read them.
    pub(super) async fn begin() -> Self {
        let clock: Arc<dyn Clock> = Arc::new(Ticking(AtomicI64::new(0)));
        let entropy = Arc::new(SystemEntropy);
        let ledger = Ledger::new(Parts {
            store: Arc::new(MemoryStore::new(Arc::clone(&clock))),
            keyring: Arc::new(MemoryKeyring::new(entropy.clone())),
            clock,
            entropy,
            observer: Arc::new(()),
            settings: LedgerSettings::default(),
        });
        let tenant: TenantId = "kvam".parse().unwrap();
        let origin = "caseledger.example/kvam".parse().unwrap();
        ledger.open_ledger(&tenant, &origin).await.unwrap();
        let cast = cast(&ledger, &tenant, "Kvam").await;
        let opened = cast.open_case(&ledger, "Kvam").await;
        cast.consent(&ledger, opened, None, "Kvam").await;
        let story = Self {
            ledger: Arc::new(ledger),
            tenant,
            cast,
            case: opened.id,
            folder: tempfile::tempdir().unwrap(),
        };
        story.note("reading").await;
        // More than one sealed piece.
        story.document(70_000).await;
        let guardian = &story.cast.guardian;
        let seen = story
            .ledger
            .look(guardian, story.case, &Look::Case, &occasion())
            .await;
        assert!(seen.is_ok());
        story
    }

    /// The same, and closed: a bundle can be made.
    pub(super) async fn closed() -> Self {
        let story = Self::begin().await;
        story.close().await;
        story
    }

    /// The same with a note and a document more, which were then redacted.
    pub(super) async fn closed_with_redactions() -> Self {
        let story = Self::begin().await;
        let note = story.note("misfiled").await;
        let document = story.document(10).await;
        let redact = RedactContent {
            documents: [document].into(),
            ..misfiled(note.first)
        };
        story
            .ledger
            .redact(&story.cast.teacher, story.case, redact, &occasion())
            .await
            .unwrap();
        story.close().await;
        story
    }

    pub(super) async fn close(&self) {
        let close = CloseCase {
            reason: code("thrives"),
            summary: "The child thrives.".to_owned(),
        };
        self.command(&self.cast.teacher, CaseCommand::Close(close))
            .await;
    }

    pub(super) async fn note(&self, mark: &str) -> Executed {
        self.cast.note(&self.ledger, self.case, mark).await
    }

    async fn document(&self, bytes: usize) -> DocumentId {
        let upload = self
            .ledger
            .upload(
                &self.cast.teacher,
                self.case,
                code("documents"),
                1_000_000,
                &occasion(),
            )
            .await;
        let mut upload = upload.unwrap();
        let body: Vec<u8> = (0..=255).cycle().take(bytes).collect();
        upload.write(&body).await.unwrap();
        let description = DocumentDescription {
            section: code("documents"),
            format: code("pdf"),
            title: "Plan".to_owned(),
            file_name: "plan.pdf".to_owned(),
        };
        let done = upload.finish(description, &occasion()).await.unwrap();
        match done.decided.as_slice() {
            [Event::DocumentAdded(facts)] => facts.document,
            other => panic!("{other:?}"),
        }
    }

    pub(super) async fn command(&self, by: &Caller, command: CaseCommand) -> Executed {
        self.cast.run(&self.ledger, by, self.case, command).await
    }

    /// A place for bundles.
    pub(super) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Writes a bundle as someone.
    pub(super) async fn export(
        &self,
        by: &Caller,
        name: &str,
    ) -> Result<BundleReport, BundleError> {
        let out = self.folder().join(name);
        bundle::write(&self.ledger, by, self.case, &out, &occasion()).await
    }

    /// Writes a bundle as the archivist.
    pub(super) async fn bundle(&self) -> BundleReport {
        self.export(&self.cast.archivist, "bundle").await.unwrap()
    }
}

/// The command that redacts a note which was filed in the wrong log.
pub(super) fn misfiled(note: Position) -> RedactContent {
    RedactContent {
        positions: [note].into(),
        documents: [].into(),
        reason_code: code("wrong_case"),
        reason: "Filed in the wrong log".to_owned(),
    }
}

/// Every file of a bundle by its path within it.
pub(super) fn files(root: &Path) -> Vec<String> {
    fn walk(root: &Path, folder: PathBuf, files: &mut Vec<String>) {
        for entry in fs::read_dir(root.join(&folder)).unwrap() {
            let entry = entry.unwrap();
            let path = folder.join(entry.file_name());
            if entry.file_type().unwrap().is_dir() {
                walk(root, path, files);
            } else {
                files.push(path.to_str().unwrap().to_owned());
            }
        }
    }
    let mut found = Vec::new();
    walk(root, PathBuf::new(), &mut found);
    found.sort();
    found
}

/// What an attacker who knows BagIt does last: writes all manifests and the payload's size anew.
pub(super) fn write_manifests_anew(root: &Path) {
    let names = [("sha256", &SHA256), ("sha512", &SHA512)];
    let write = |prefix: &str, belongs: &dyn Fn(&str) -> bool| {
        for (name, algorithm) in names {
            let mut lines: BTreeMap<String, String> = BTreeMap::new();
            for file in files(root).into_iter().filter(|file| belongs(file)) {
                let sum = digest(algorithm, &fs::read(root.join(&file)).unwrap());
                let hex: String = sum.as_ref().iter().map(|b| format!("{b:02x}")).collect();
                lines.insert(file.clone(), format!("{hex}  {file}\n"));
            }
            let text: String = lines.into_values().collect();
            fs::write(root.join(format!("{prefix}-{name}.txt")), text).unwrap();
        }
    };
    let payload: Vec<String> = files(root)
        .into_iter()
        .filter(|file| file.starts_with("data/"))
        .collect();
    let bytes: u64 = payload
        .iter()
        .map(|file| fs::metadata(root.join(file)).unwrap().len())
        .sum();
    let info = fs::read_to_string(root.join("bag-info.txt")).unwrap();
    let info: String = info
        .lines()
        .map(|line| {
            if line.starts_with("Payload-Oxum") {
                format!("Payload-Oxum: {bytes}.{}\n", payload.len())
            } else {
                format!("{line}\n")
            }
        })
        .collect();
    fs::write(root.join("bag-info.txt"), info).unwrap();
    write("manifest", &|file| file.starts_with("data/"));
    write("tagmanifest", &|file| {
        !file.starts_with("data/") && !file.starts_with("tagmanifest")
    });
}

/// Everything that is wrong with a bundle; nothing, if it verifies.
pub(super) fn findings(root: &Path) -> Vec<Finding> {
    match bundle::verify(root) {
        Ok(_) => Vec::new(),
        Err(BundleError::Invalid { findings, .. }) => findings,
        Err(error) => panic!("{error}"),
    }
}
