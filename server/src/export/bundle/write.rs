//! Writing a bundle: take the case out under a view, write the payload, check it as a stranger would, let the ledger
//! commit to it, and only then give it its name.

use std::{
    collections::BTreeMap,
    io::Write,
    path::{Path, PathBuf},
    sync::Arc,
};

use ledger_core::{
    case::BuildPackage,
    clock::Timestamp,
    events::{Event, ProfileAdoptedContent},
    ids::{CaseId, Code, Digest, Position, TenantId},
    ledger::{Caller, CaseCommand, ExportMaterial, Ledger, LedgerError, Occasion},
    log::{Receipt, VerifierKey},
    store::{Recorded, StoredEvent},
};
use serde::Serialize;

use super::{
    bag::{BagWriter, LineError},
    error::BundleError,
    layout,
    lines::{Cut, DocumentLine, EventLine, InclusionLine, PackageBuiltFile},
    manifest::Checksums,
    readme, verify,
};

/// A bundle that was written and committed to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct BundleReport {
    /// Where it stands.
    pub path: PathBuf,
    /// SHA-256 of its `manifest-sha256.txt`: what the ledger committed to.
    pub manifest_sha256: Digest,
    /// The last position that it covers.
    pub cut: Position,
    /// How many events of the case and of its views it holds.
    pub events: u64,
    /// How many documents.
    pub documents: u64,
    /// The position of the event that commits to it.
    pub package_position: Position,
}

/// Writes the bundle of a case into the folder `out`, which must not exist yet and is readable by its owner alone.
///
/// Appends `case_exported` before anything is read and `package_built` once the payload is durable and was read back.
///
/// # Errors
/// As [`Ledger::export`]; [`BundleError::TargetExists`]; whatever keeps the files from being written. Nothing is left
/// at `out` then. A `package_built` may stand in the ledger for a bundle that was given up: export again.
pub async fn write(
    ledger: &Ledger,
    caller: &Caller,
    case: CaseId,
    out: &Path,
    occasion: &Occasion,
) -> Result<BundleReport, BundleError> {
    let target = out.to_owned();
    let bag = blocking(move || BagWriter::begin(&target)).await?;

    let format: Code = layout::FORMAT.parse().expect("a word of a-z is a code");
    let material = Arc::new(ledger.export(caller, case, &format, occasion).await?);
    let payload = Payload::gather(ledger, &caller.tenant, Arc::clone(&material)).await?;
    let keys = payload.keys.clone();

    let (bag, payload) = blocking(move || payload.write_events(bag)).await?;
    let (bag, documents) = write_documents(ledger, caller, &material, &payload, bag).await?;
    let (bag, committed) = blocking(move || close_payload(bag, &documents, &payload)).await?;

    let command = BuildPackage {
        format,
        manifest_sha256: committed.sha256(),
        cut: material.cut,
        case_version: material.case_version,
        views_version: material.views_version,
    };
    // The view was the request's; this append is a part of the same that must not be mistaken for it.
    let occasion = Occasion {
        repeatable: None,
        case_version: None,
        ..occasion.clone()
    };
    let built = ledger
        .execute(caller, case, CaseCommand::BuildPackage(command), &occasion)
        .await?;
    let package = package_file(ledger, &caller.tenant, built.first).await?;
    let path = blocking(move || seal(bag, &package, &keys)).await?;
    Ok(BundleReport {
        path,
        manifest_sha256: committed.sha256(),
        cut: material.cut,
        events: material.events.len() as u64,
        documents: material.documents.len() as u64,
        package_position: built.first,
    })
}

/// Everything of the payload but the documents.
struct Payload {
    material: Arc<ExportMaterial>,
    receipts: Vec<Receipt>,
    keys: Vec<VerifierKey>,
    cut: Cut,
}

impl Payload {
    async fn gather(
        ledger: &Ledger,
        tenant: &TenantId,
        material: Arc<ExportMaterial>,
    ) -> Result<Self, BundleError> {
        let mut positions: Vec<Position> = material
            .events
            .iter()
            .chain(&material.cited)
            .map(|event| event.position)
            .collect();
        positions.sort_unstable();
        let receipts = ledger.receipts(tenant, &positions).await?;
        let head = &receipts.first().ok_or(LedgerError::NotFound)?.signed_head;
        let head = head.claimed();
        let cut = Cut {
            format: layout::FORMAT.parse().expect("a word of a-z is a code"),
            format_version: layout::FORMAT_VERSION,
            tenant: tenant.clone(),
            origin: head.origin.clone(),
            case: material.case,
            cut: material.cut,
            case_version: material.case_version,
            views_version: material.views_version,
            head_size: head.size,
            written_at: ledger.now(),
        };
        let keys = ledger.verifier_keys(tenant).await?;
        Ok(Self {
            material,
            receipts,
            keys,
            cut,
        })
    }

    fn write_events(self, mut bag: BagWriter) -> Result<(BagWriter, Self), BundleError> {
        let material = &self.material;
        bag.add(layout::README, readme::readme(&self.cut).as_bytes())?;
        bag.add(layout::CUT, &pretty(&self.cut)?)?;
        for (file, events) in [
            (layout::EVENTS, &material.events),
            (layout::CITED, &material.cited),
        ] {
            bag.add_written(file, |out| {
                for event in events {
                    let content = material.contents.get(event.position);
                    write_line(out, &EventLine::new(event, content)?)?;
                }
                Ok(())
            })?;
        }
        bag.add_written(layout::INCLUSION, |out| {
            for receipt in &self.receipts {
                let line = InclusionLine {
                    position: receipt.position,
                    leaf_entry: receipt.leaf_entry,
                    inclusion_proof: receipt.inclusion_proof.clone(),
                };
                write_line(out, &line)?;
            }
            Ok(())
        })?;
        if let Some(receipt) = self.receipts.first() {
            bag.add(layout::HEAD, receipt.signed_head.to_string().as_bytes())?;
        }
        bag.add_written(layout::KEYS, |out| {
            for key in &self.keys {
                writeln!(out, "{key}")?;
            }
            Ok(())
        })?;
        self.write_rule_books(&mut bag)?;
        Ok((bag, self))
    }

    /// The texts stand in the contents of their adoptions already; as files they can be read.
    fn write_rule_books(&self, bag: &mut BagWriter) -> Result<(), BundleError> {
        for event in decoded(&self.material.cited)? {
            let position = event.position;
            if let Event::ProfileAdopted(_) = event.event
                && let Some(texts) = self
                    .material
                    .contents
                    .read::<ProfileAdoptedContent>(position)
            {
                let [profile, access] = layout::rule_book_files(position);
                bag.add(&profile, texts.profile_toml.as_bytes())?;
                bag.add(&access, texts.access_cedar.as_bytes())?;
            }
        }
        Ok(())
    }
}

/// Writes the bodies, one at a time.
async fn write_documents(
    ledger: &Ledger,
    caller: &Caller,
    material: &ExportMaterial,
    payload: &Payload,
    mut bag: BagWriter,
) -> Result<(BagWriter, Vec<DocumentLine>), BundleError> {
    let mut added = BTreeMap::new();
    for event in decoded(&payload.material.events)? {
        if let Event::DocumentAdded(facts) = event.event {
            added.insert(facts.document, (event.position, facts));
        }
    }
    let mut lines = Vec::new();
    for document in &material.documents {
        let gone = || BundleError::DocumentGone(*document);
        let (position, facts) = added.remove(document).ok_or_else(gone)?;
        let exported = match ledger.export_document(caller, material, *document).await {
            Ok(exported) => exported,
            Err(LedgerError::NotFound) => return Err(gone()),
            Err(error) => return Err(error.into()),
        };
        let file = layout::document_file(*document, &facts.format);
        lines.push(DocumentLine {
            document: *document,
            position,
            file: file.clone(),
            format: facts.format,
            size_bytes: facts.size_bytes,
            salt: exported.salt,
            commitment: facts.body_commitment,
        });
        bag = blocking(move || {
            bag.add(&file, &exported.body)?;
            Ok(bag)
        })
        .await?;
    }
    Ok((bag, lines))
}

/// Ends the payload, and reads it back: the ledger commits to nothing that does not verify.
fn close_payload(
    mut bag: BagWriter,
    documents: &[DocumentLine],
    payload: &Payload,
) -> Result<(BagWriter, Checksums), BundleError> {
    bag.add_written(layout::DOCUMENTS, |out| {
        documents.iter().try_for_each(|line| write_line(out, line))
    })?;
    let findings = verify::payload_problems(bag.folder(), &payload.keys);
    if !findings.is_empty() {
        return Err(BundleError::SelfCheck(findings));
    }
    bag.add(layout::BAGIT, layout::BAGIT_TEXT.as_bytes())?;
    let info = bag_info(&payload.cut, &bag.payload_oxum());
    bag.add(layout::BAG_INFO, info.as_bytes())?;
    let committed = bag.close_payload()?;
    Ok((bag, committed))
}

/// Puts the ledger's commitment beside the payload, checks the whole and gives it its name.
fn seal(
    mut bag: BagWriter,
    package: &PackageBuiltFile,
    keys: &[VerifierKey],
) -> Result<PathBuf, BundleError> {
    bag.add(layout::PACKAGE_BUILT, &pretty(package)?)?;
    bag.add(
        layout::PACKAGE_PROOF,
        package.receipt.to_tlog_proof().as_bytes(),
    )?;
    bag.close_tags()?;
    match verify::verify_with(bag.folder(), keys) {
        Ok(_) => bag.finish(),
        Err(BundleError::Invalid { findings, .. }) => Err(BundleError::SelfCheck(findings)),
        Err(error) => Err(error),
    }
}

async fn package_file(
    ledger: &Ledger,
    tenant: &TenantId,
    position: Position,
) -> Result<PackageBuiltFile, BundleError> {
    let receipt = ledger.receipt(tenant, position).await?;
    let read = ledger.store().read_at(tenant, &[position]).await;
    let events = read.map_err(LedgerError::from)?;
    let event = events.first().ok_or(LedgerError::NotFound)?;
    Ok(PackageBuiltFile {
        event: EventLine::new(event, None).map_err(BundleError::NotJson)?,
        receipt,
    })
}

/// Metadata in the words of RFC 8493 §2.2.2.
fn bag_info(cut: &Cut, payload_oxum: &str) -> String {
    let date = |at: Timestamp| at.format("%Y-%m-%d").to_string();
    [
        ("Source-Organization", cut.tenant.to_string()),
        ("External-Identifier", cut.case.to_string()),
        ("Bagging-Date", date(cut.written_at)),
        ("Payload-Oxum", payload_oxum.to_owned()),
        (
            "Bag-Software-Agent",
            format!("caseledger {}", env!("CARGO_PKG_VERSION")),
        ),
    ]
    .map(|(label, value)| format!("{label}: {value}\n"))
    .concat()
}

fn decoded(events: &[StoredEvent]) -> Result<Vec<Recorded>, BundleError> {
    let decoded: Result<Vec<_>, _> = events.iter().map(StoredEvent::decode).collect();
    Ok(decoded.map_err(LedgerError::from)?)
}

fn write_line(out: &mut dyn Write, line: &impl Serialize) -> Result<(), LineError> {
    serde_json::to_writer(&mut *out, line)?;
    Ok(out.write_all(b"\n")?)
}

fn pretty(value: &impl Serialize) -> Result<Vec<u8>, BundleError> {
    let mut text = serde_json::to_vec_pretty(value).map_err(BundleError::NotJson)?;
    text.push(b'\n');
    Ok(text)
}

/// Runs file work where it holds up nobody else.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, BundleError> + Send + 'static,
) -> Result<T, BundleError> {
    tokio::task::spawn_blocking(work)
        .await
        .unwrap_or(Err(BundleError::Interrupted))
}
