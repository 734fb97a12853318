//! Writing an answer with its proofs.

use std::{collections::BTreeSet, path::Path};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use ledger_core::{
    ids::{CaseId, Code, Position, StreamId, TenantId},
    ledger::{Answered, Ledger, LedgerError},
};
use serde::Serialize;

use super::{AnswerFile, FORMAT, FORMAT_VERSION, ProvenEvent};
use crate::whole_file::{WholeFile, WholeFileError};

/// How many events of a stream are read at a time.
const PAGE: usize = 1_000;

/// An answer could not be written.
#[derive(Debug, thiserror::Error)]
pub enum AnswerError {
    /// The ledger did not give the events or proofs.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// The file could not be written.
    #[error(transparent)]
    File(#[from] WholeFileError),
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
/// Whatever keeps it from being written, such as a file of that name. Nothing is left at `out` then.
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
    let mut out = WholeFile::begin(out, false)?;
    out.write(&text)?;
    out.finish()?;
    Ok(())
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
