//! What the demo remembers from one start to the next: ids, in `demo.json` of the data directory. No names, no texts.

use std::{
    collections::BTreeMap,
    fs,
    io::{ErrorKind, Write as _},
    path::{Path, PathBuf},
};

use anyhow::{Context as _, bail};
use ledger_core::{
    clock::Timestamp,
    ids::{
        AccountId, CaseId, ConsentId, DocumentId, OrganisationId, PartyId, Position, ProfileId,
        TenantId,
    },
};
use serde::{Deserialize, Serialize};

use super::story::Name;

const FILE: &str = "demo.json";
/// Raised when the story or this file's shape changes: what is there is then not taken up.
const FORMAT: u32 = 3;

/// The demo's ids.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct State {
    format: u32,
    tenant: TenantId,
    /// One stage for each story.
    pub(super) stages: BTreeMap<ProfileId, Stage>,
}

/// One story's ids.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Stage {
    pub(super) tenant: TenantId,
    /// The cast, made before anything else, so that an interrupted story finds its people again.
    pub(super) accounts: BTreeMap<Name, AccountId>,
    pub(super) organisations: BTreeMap<Name, OrganisationId>,
    /// The story, once it has been played to its end.
    pub(super) played: Option<Played>,
}

/// A story that was played.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Played {
    pub(super) logs: BTreeMap<Name, Log>,
    /// Positions that the tour asks about.
    pub(super) labels: BTreeMap<String, Position>,
    /// What became of the log that was erased.
    pub(super) erased: Option<Certificate>,
}

/// One log of the story.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Log {
    pub(super) case: CaseId,
    #[serde(default)]
    pub(super) parties: BTreeMap<Name, PartyId>,
    /// By kind and giver.
    #[serde(default)]
    pub(super) consents: BTreeMap<String, BTreeMap<Name, ConsentId>>,
    #[serde(default)]
    pub(super) documents: Vec<DocumentId>,
    /// What steps have made, by their labels: ids.
    #[serde(default)]
    pub(super) made: BTreeMap<String, String>,
}

impl Log {
    /// A log in which nothing has happened.
    pub(super) fn new(case: CaseId) -> Self {
        Self {
            case,
            parties: BTreeMap::default(),
            consents: BTreeMap::default(),
            documents: Vec::new(),
            made: BTreeMap::default(),
        }
    }
}

/// An erasure, as the ledger certified it.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Certificate {
    pub(super) position: Position,
    pub(super) backups_end: Timestamp,
    pub(super) bundle: PathBuf,
}

impl State {
    /// Nothing was played yet.
    pub(super) const fn new(tenant: TenantId) -> Self {
        Self {
            format: FORMAT,
            tenant,
            stages: BTreeMap::new(),
        }
    }

    /// What was remembered for this tenant, if anything.
    pub(super) fn load(data_dir: &Path, tenant: &TenantId) -> anyhow::Result<Option<Self>> {
        let path = data_dir.join(FILE);
        let text = match fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => {
                return Err(error).with_context(|| format!("{} cannot be read", path.display()));
            }
        };
        let state: Self = serde_json::from_str(&text).with_context(|| {
            format!(
                "{} was not written by this version of the demo; choose another --data-dir",
                path.display()
            )
        })?;
        if state.format != FORMAT || state.tenant != *tenant {
            bail!(
                "{} belongs to another version of the demo or to another tenant ({}); choose another --data-dir",
                path.display(),
                state.tenant
            );
        }
        Ok(Some(state))
    }

    /// Remembers it: the file is there as a whole or not at all.
    pub(super) fn save(&self, data_dir: &Path) -> anyhow::Result<()> {
        let path = data_dir.join(FILE);
        let unfinished = data_dir.join(format!("{FILE}.new"));
        let write = || {
            let mut file = fs::File::create(&unfinished)?;
            file.write_all(serde_json::to_string_pretty(self)?.as_bytes())?;
            file.write_all(b"\n")?;
            file.sync_all()?;
            fs::rename(&unfinished, &path)?;
            fs::File::open(data_dir)?.sync_all()
        };
        write().with_context(|| format!("{} cannot be written", path.display()))
    }
}
