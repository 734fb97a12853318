//! Writing an answer with its proofs: into a file beside its target, which takes its name once it is durable.

use std::{
    collections::BTreeSet,
    fs::{self, OpenOptions},
    io::{self, Write as _},
    os::unix::fs::OpenOptionsExt as _,
    path::{Path, PathBuf},
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use ledger_core::{
    ids::{CaseId, Code, Position, StreamId, TenantId},
    ledger::{Answered, Ledger, LedgerError},
};
use serde::Serialize;

use super::{AnswerFile, FORMAT, FORMAT_VERSION, ProvenEvent};

/// How many events of a stream are read at a time.
const PAGE: usize = 1_000;

/// An answer could not be written.
#[derive(Debug, thiserror::Error)]
pub enum AnswerError {
    /// The ledger did not give the events or proofs.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// There is a file of that name.
    #[error("{} is there already; choose another name, or remove it first", .0.display())]
    Exists(PathBuf),
    /// The operating system refused.
    #[error("{} could not be written", .path.display())]
    Io {
        /// Which file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The answer cannot be put into JSON.
    #[error("the answer could not be written as JSON")]
    NotJson(#[from] serde_json::Error),
}

/// What was asked.
#[derive(Debug, Clone)]
pub struct Question {
    /// As the event of the answer says it: `saw`, `could`, ….
    pub code: Code,
    /// The case, if it is about one: then all of its events and views go with the answer.
    pub case: Option<CaseId>,
    /// Whether everything was asked for, and not only a part of it.
    pub whole: bool,
}

/// Writes an answer with every event that it cites and the proofs of them. Readable by its owner alone.
///
/// # Errors
/// [`AnswerError::Exists`]; whatever keeps it from being written. Nothing is left at `out` then.
pub async fn write(
    ledger: &Ledger,
    tenant: &TenantId,
    out: &Path,
    question: &Question,
    answer: &impl Serialize,
    (answered, cited): (&Answered, Vec<Position>),
) -> Result<(), AnswerError> {
    let asked = answered.event.first;
    let mut positions: BTreeSet<Position> = cited.iter().copied().collect();
    positions.insert(asked);
    for stream in question
        .case
        .iter()
        .flat_map(|case| [StreamId::Case(*case), StreamId::Views(*case)])
    {
        positions.extend(stream_until(ledger, tenant, &stream, asked).await?);
    }
    let positions: Vec<Position> = positions.into_iter().collect();
    let receipts = ledger.receipts(tenant, &positions).await?;
    let stored = ledger.store().read_at(tenant, &positions).await;
    let stored = stored.map_err(LedgerError::from)?;
    let head = &receipts.first().ok_or(LedgerError::NotFound)?.signed_head;
    let keys = ledger.verifier_keys(tenant).await?;
    let consistency_proof = ledger
        .consistency(tenant, answered.over.size, head.claimed().size)
        .await?;
    let events: Result<Vec<ProvenEvent>, serde_json::Error> = stored
        .iter()
        .zip(&receipts)
        .map(|(event, receipt)| {
            Ok(ProvenEvent {
                position: event.position,
                leaf_entry: event.leaf_entry,
                salt: event.salt,
                envelope_bytes: STANDARD.encode(&event.envelope),
                envelope: serde_json::from_slice(&event.envelope)?,
                inclusion_proof: receipt.inclusion_proof.clone(),
            })
        })
        .collect();
    let file = AnswerFile {
        format: FORMAT.to_owned(),
        format_version: FORMAT_VERSION,
        tenant: tenant.clone(),
        question: question.code.clone(),
        whole: question.whole,
        answer: serde_json::value::to_raw_value(answer)?,
        asked,
        over: answered.over,
        cited,
        head: head.to_string(),
        consistency_proof,
        keys: keys.iter().map(ToString::to_string).collect(),
        events: events?,
    };
    let mut text = serde_json::to_vec_pretty(&file)?;
    text.push(b'\n');
    put(out, &text)
}

/// The positions of a stream's events up to one.
async fn stream_until(
    ledger: &Ledger,
    tenant: &TenantId,
    stream: &StreamId,
    through: Position,
) -> Result<Vec<Position>, LedgerError> {
    let (mut found, mut after) = (Vec::new(), 0);
    loop {
        let page = ledger
            .store()
            .read_stream(tenant, stream, after, PAGE)
            .await?;
        let is_last = page.len() < PAGE;
        after += page.len() as u64;
        found.extend(page.iter().map(|event| event.position));
        if is_last {
            found.retain(|position| *position <= through);
            return Ok(found);
        }
    }
}

fn put(out: &Path, text: &[u8]) -> Result<(), AnswerError> {
    let failed = |path: &Path| {
        let path = path.to_owned();
        move |source| AnswerError::Io { path, source }
    };
    if out.symlink_metadata().is_ok() {
        return Err(AnswerError::Exists(out.to_owned()));
    }
    let mut partial = out.as_os_str().to_owned();
    partial.push(".partial");
    let partial = PathBuf::from(partial);
    let written = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&partial)
        .and_then(|mut file| {
            file.write_all(text)?;
            file.sync_all()
        })
        // A link fails where somebody else has put a file of that name meanwhile; a rename would replace it.
        .and_then(|()| fs::hard_link(&partial, out));
    // Nothing is lost where there was nothing to remove.
    drop(fs::remove_file(&partial));
    written.map_err(|source| match source.kind() {
        io::ErrorKind::AlreadyExists => AnswerError::Exists(out.to_owned()),
        _ => failed(out)(source),
    })
}
