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
    access::RuleBook,
    case::{AddNote, AddParty, CloseCase, GiveConsent, OpenCase, RedactContent},
    clock::{Clock, SystemEntropy, Timestamp},
    directory::{ActivateAccount, AdoptProfile, AssignRole, RegisterOrganisation},
    event::CorrelationId,
    events::Event,
    ids::{AccountId, CaseId, Code, DocumentId, OrganisationId, PartyId, ProfileId, TenantId},
    ledger::{
        Caller, CaseCommand, DirectoryCommand, DocumentDescription, Executed, Ledger,
        LedgerSettings, Look, Occasion, Parts,
    },
    profile::{Assurance, RuleBookText},
    sealing::MemoryKeyring,
    store::memory::MemoryStore,
};

/// A clock that goes on by a second whenever it is looked at.
struct Ticking(AtomicI64);

impl Clock for Ticking {
    fn now(&self) -> Timestamp {
        let begin: Timestamp = "2026-03-02T09:00:00Z".parse().unwrap();
        begin + TimeDelta::seconds(self.0.fetch_add(1, Ordering::Relaxed))
    }
}

pub(super) fn code(word: &str) -> Code {
    word.parse().unwrap()
}

/// A ledger, the people in it, and one case.
pub(super) struct Story {
    pub(super) ledger: Arc<Ledger>,
    pub(super) tenant: TenantId,
    pub(super) case: CaseId,
    pub(super) teacher: AccountId,
    pub(super) archivist: AccountId,
    profile: ProfileId,
    folder: tempfile::TempDir,
}

impl Story {
    /// Until the log is open, the guardian has consented and a note and a document were filed.
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
        let account = || AccountId::generate(ledger.now(), ledger.entropy());
        let (admin, leader, guardian) = (account(), account(), account());
        let (teacher, archivist) = (account(), account());
        let school = OrganisationId::generate(ledger.now(), ledger.entropy());
        let case = CaseId::generate(ledger.now(), ledger.entropy());
        let story = Self {
            ledger: Arc::new(ledger),
            tenant: "kvam".parse().unwrap(),
            case,
            teacher,
            archivist,
            profile: "stafettloggen-kvam".parse().unwrap(),
            folder: tempfile::tempdir().unwrap(),
        };
        story.set_up(admin).await;
        story
            .administer(
                admin,
                DirectoryCommand::RegisterOrganisation(RegisterOrganisation {
                    organisation: school,
                    kind: code("school"),
                    parent: None,
                    name: "Øystese skule".to_owned(),
                }),
            )
            .await;
        for (account, organisation, name) in [
            (leader, Some(school), "Liv Leiar"),
            (teacher, Some(school), "Trude Lærar"),
            (archivist, None, "Arne Arkivar"),
            (guardian, None, "Mona Mor"),
        ] {
            let activate = ActivateAccount {
                account,
                organisation,
                name: name.to_owned(),
            };
            story
                .administer(admin, DirectoryCommand::ActivateAccount(activate))
                .await;
        }
        for (by, account, role, unit) in [
            (admin, leader, "unit_leader", Some(school)),
            (admin, archivist, "archivist", None),
            (leader, teacher, "baton_holder", Some(school)),
        ] {
            let assign = AssignRole {
                account,
                role: code(role),
                unit,
                until: None,
            };
            story
                .administer(by, DirectoryCommand::AssignRole(assign))
                .await;
        }
        story.open_and_consent(school, guardian).await;
        story.note("Lesing", "Les betre enn i haust.").await;
        story.document(70_000).await;
        story
    }

    async fn set_up(&self, admin: AccountId) {
        let origin = "caseledger.example/kvam".parse().unwrap();
        self.ledger
            .open_ledger(&self.tenant, &origin)
            .await
            .unwrap();
        let text = RuleBookText::built_in(self.profile.as_str()).unwrap();
        let adopt = AdoptProfile {
            rule_book: Arc::new(RuleBook::load(&text).unwrap()),
        };
        self.ledger
            .appoint_first_administrator(
                &self.tenant,
                adopt,
                admin,
                "Ada Admin",
                code("administrator"),
            )
            .await
            .unwrap();
    }

    async fn open_and_consent(&self, school: OrganisationId, guardian: AccountId) {
        let open = OpenCase {
            unit: school,
            child_name: "Ola Elev".to_owned(),
            national_id: Some("010203 12345".to_owned()),
            concern: "Vil ikkje på skulen".to_owned(),
            opener_role: code("baton_holder"),
            opener_name: "Trude Lærar".to_owned(),
        };
        let open = CaseCommand::Open(self.profile.clone(), open);
        self.command(self.teacher, open).await;
        let add = AddParty {
            role: code("guardian"),
            account: Some(guardian),
            service: None,
            name: "Mona Mor".to_owned(),
        };
        let added = self.command(self.teacher, CaseCommand::AddParty(add)).await;
        let consent = GiveConsent {
            kind: code("establish_log"),
            by: party_added(&added),
            services: [].into(),
            valid_from: None,
            valid_through: None,
            occurred_at: None,
            remark: "Skjema i skulens arkiv".to_owned(),
        };
        self.command(guardian, CaseCommand::GiveConsent(consent))
            .await;
        self.ledger
            .look(
                &self.caller(guardian),
                self.case,
                &Look::Case,
                &self.occasion(),
            )
            .await
            .unwrap();
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
        let note = story.note("Feil barn", "Skulle i ein annan logg.").await;
        let document = story.document(10).await;
        let redact = RedactContent {
            positions: [note.first].into(),
            documents: [document].into(),
            reason_code: code("wrong_case"),
            reason: "Ført i feil logg".to_owned(),
        };
        let caller = story.caller(story.teacher);
        story
            .ledger
            .redact(&caller, story.case, redact, &story.occasion())
            .await
            .unwrap();
        story.close().await;
        story
    }

    pub(super) async fn close(&self) {
        let close = CloseCase {
            reason: code("thrives"),
            summary: "Ola trivst.".to_owned(),
        };
        self.command(self.teacher, CaseCommand::Close(close)).await;
    }

    pub(super) async fn note(&self, title: &str, text: &str) -> Executed {
        let note = AddNote {
            section: code("notes"),
            title: title.to_owned(),
            text: text.to_owned(),
        };
        self.command(self.teacher, CaseCommand::AddNote(note)).await
    }

    async fn document(&self, bytes: usize) -> DocumentId {
        let caller = self.caller(self.teacher);
        let upload = self.ledger.upload(&caller, self.case, 1_000_000).await;
        let mut upload = upload.unwrap();
        let body: Vec<u8> = (0..=255).cycle().take(bytes).collect();
        upload.write(&body).await.unwrap();
        let description = DocumentDescription {
            section: code("documents"),
            format: code("pdf"),
            title: "Plan".to_owned(),
            file_name: "plan.pdf".to_owned(),
        };
        let done = upload.finish(description, &self.occasion()).await.unwrap();
        match done.decided.as_slice() {
            [Event::DocumentAdded(facts)] => facts.document,
            other => panic!("{other:?}"),
        }
    }

    pub(super) async fn command(&self, by: AccountId, command: CaseCommand) -> Executed {
        self.ledger
            .execute(&self.caller(by), self.case, command, &self.occasion())
            .await
            .unwrap()
    }

    async fn administer(&self, by: AccountId, command: DirectoryCommand) {
        self.ledger
            .administer(&self.caller(by), &self.profile, command, &self.occasion())
            .await
            .unwrap();
    }

    pub(super) fn caller(&self, account: AccountId) -> Caller {
        Caller {
            tenant: self.tenant.clone(),
            account,
            issuer: code("test"),
            assurance: Assurance::High,
        }
    }

    pub(super) fn occasion(&self) -> Occasion {
        Occasion::new(CorrelationId::generate(self.ledger.entropy()))
    }

    /// A place for bundles.
    pub(super) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Writes a bundle as someone.
    pub(super) async fn export(
        &self,
        by: AccountId,
        name: &str,
    ) -> Result<BundleReport, BundleError> {
        let out = self.folder().join(name);
        let caller = self.caller(by);
        bundle::write(&self.ledger, &caller, self.case, &out, &self.occasion()).await
    }

    /// Writes a bundle as the archivist.
    pub(super) async fn bundle(&self) -> BundleReport {
        self.export(self.archivist, "bundle").await.unwrap()
    }
}

fn party_added(done: &Executed) -> PartyId {
    match done.decided.as_slice() {
        [Event::PartyAdded(facts)] => facts.party,
        other => panic!("{other:?}"),
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
        .map(|line| match line.starts_with("Payload-Oxum") {
            true => format!("Payload-Oxum: {bytes}.{}\n", payload.len()),
            false => format!("{line}\n"),
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
