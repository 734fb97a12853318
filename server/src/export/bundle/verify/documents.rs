//! The documents: each as the event that added it says, none missing that was not redacted.

use std::{
    collections::BTreeSet,
    io::{self, Write},
    path::Path,
};

use ledger_core::{
    ids::{Digest, DocumentId},
    sealing::CommitmentHasher,
};

use super::{
    super::{
        finding::{Findings, Problem},
        layout::{self, DOCUMENTS},
        lines::DocumentLine,
    },
    events::Story,
    reading,
};

/// Checks all documents; how many there are.
pub(super) fn check(root: &Path, story: &Story, findings: &mut Findings) -> u64 {
    let mut listed: BTreeSet<DocumentId> = BTreeSet::new();
    reading::json_lines(
        root,
        DOCUMENTS,
        findings,
        |line, document: DocumentLine, findings| {
            let id = document.document;
            let redacted = story.documents_redacted.contains(&id);
            let known = story.documents.get(&id).filter(|_| !redacted);
            let Some((position, facts)) = known.filter(|_| listed.insert(id)) else {
                findings.line(DOCUMENTS, line, Problem::DocumentUncalledFor(id));
                return;
            };
            let as_added = document.position == *position
                && document.file == layout::document_file(id, &facts.format)
                && document.format == facts.format
                && document.size_bytes == facts.size_bytes
                && document.commitment == facts.body_commitment;
            if !as_added {
                findings.line(DOCUMENTS, line, Problem::Document(id));
            }
            let file = layout::document_file(id, &facts.format);
            if let Some((bytes, commitment)) = commitment(root, &file, document.salt, findings)
                && (bytes, commitment) != (facts.size_bytes, facts.body_commitment)
            {
                findings.file(file, Problem::Body(*position));
            }
        },
    );
    for (document, (position, _)) in &story.documents {
        if !listed.contains(document) && !story.documents_redacted.contains(document) {
            let (document, position) = (*document, *position);
            findings.file(DOCUMENTS, Problem::DocumentMissing { document, position });
        }
    }
    listed.len() as u64
}

struct Committing(CommitmentHasher);

impl Write for Committing {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Length and commitment of a body.
fn commitment(
    root: &Path,
    file: &str,
    salt: Digest,
    findings: &mut Findings,
) -> Option<(u64, Digest)> {
    let mut body = reading::open(root, file, findings)?;
    let mut hasher = Committing(CommitmentHasher::new(&salt.0));
    match io::copy(&mut body, &mut hasher) {
        Ok(bytes) => Some((bytes, hasher.0.finish())),
        Err(error) => {
            reading::unreadable(file, &error, findings);
            None
        }
    }
}
