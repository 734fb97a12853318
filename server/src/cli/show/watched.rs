//! What a look at somebody else's log has found, for people and for programs.

use std::path::Path;

use ledger_core::{clock::Timestamp, ids::Digest, log::TreeHead};
use serde::Serialize;

use super::text::{moment, pairs, wrapped};
use crate::monitor::{Finding, Look};

/// What was found.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Watched<'a> {
    finding: &'static str,
    looked_at: Timestamp,
    origin: String,
    size: u64,
    root: Digest,
    /// What was known, if it was another head.
    #[serde(skip_serializing_if = "Option::is_none")]
    known_size: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    known_root: Option<Digest>,
    /// The root that the log shown has at the known size, where that is another.
    #[serde(skip_serializing_if = "Option::is_none")]
    root_at_known_size: Option<Digest>,
    #[serde(skip_serializing_if = "Option::is_none")]
    entries_hashed: Option<u64>,
    /// Keys that came to be trusted at this look.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    new_keys: Vec<NewKey>,
    #[serde(skip_serializing_if = "Option::is_none")]
    evidence: Option<&'a Path>,
    state: &'a Path,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct NewKey {
    key: String,
    /// The size of the head that this key and one that was trusted have both signed.
    at_size: u64,
}

impl<'a> Watched<'a> {
    pub(crate) fn new(
        look: &Look,
        state: &'a Path,
        evidence: Option<&'a Path>,
        looked_at: Timestamp,
    ) -> Self {
        let shown = look.shown.claimed();
        let of = |known: &TreeHead| (Some(known.size), Some(known.root));
        let (finding, (known_size, known_root), root_at_known_size) = match &look.finding {
            Finding::First => ("first", (None, None), None),
            Finding::Unchanged => ("unchanged", (None, None), None),
            Finding::Grown { known } => ("grown", of(known), None),
            Finding::WentBack { known } => ("went_back", of(known.claimed()), None),
            Finding::Forked { known, root_there } => {
                ("forked", of(known.claimed()), Some(*root_there))
            }
        };
        let new_keys = look.rotations.iter().map(|rotation| NewKey {
            key: rotation.key.to_string(),
            at_size: rotation.head.claimed().size,
        });
        Self {
            finding,
            looked_at,
            origin: shown.origin.to_string(),
            size: shown.size,
            root: shown.root,
            known_size,
            known_root,
            root_at_known_size,
            entries_hashed: look.entries,
            new_keys: new_keys.collect(),
            evidence,
            state,
        }
    }

    /// In words.
    pub(crate) fn text(&self) -> String {
        let mut rows = vec![("log", self.origin.clone())];
        if let (Some(size), Some(root)) = (self.known_size, self.known_root) {
            rows.push(("known", head(size, root)));
        }
        rows.push(("shown", head(self.size, self.root)));
        if let Some(root) = self.root_at_known_size {
            rows.push(("root there", format!("{root}, at the known size")));
        }
        if let Some(entries) = self.entries_hashed {
            rows.push((
                "entries",
                format!("{entries} fetched and hashed again; they give that root"),
            ));
        }
        if let Some(evidence) = self.evidence {
            rows.push(("evidence", evidence.display().to_string()));
        } else {
            rows.push(("kept in", self.state.display().to_string()));
        }
        rows.push(("looked at", moment(self.looked_at)));
        let mut paragraphs = vec![pairs(&rows)];
        paragraphs.extend(self.new_keys.iter().map(|new| {
            wrapped(
                &format!(
                    "The signing key was changed. The head of {} events is signed by a key that was trusted and by this \
                     one, which is trusted from now on: {}",
                    new.at_size, new.key
                ),
                2,
            )
        }));
        paragraphs.push(wrapped(&self.verdict(), 2));
        paragraphs.join("\n\n")
    }

    fn verdict(&self) -> String {
        match self.finding {
            "first" => "First look: there is nothing yet to compare with. The head is signed by the key that was \
                        given, and is trusted because this is the first time (trust on first use). What this log \
                        showed to others, or before, a later look cannot find out; comparing with theirs can."
                .into(),
            "unchanged" => "Unchanged: the same head as at the last look.".into(),
            "grown" => format!(
                "Consistent: the log of {} events is the beginning of the log of {}. Nothing that was there was \
                 changed or taken away.",
                self.known_size.unwrap_or_default(),
                self.size
            ),
            "went_back" => "THE LOG WENT BACK: it shows fewer events than it has signed before. Its database was put \
                            back to an earlier state, or somebody is shown the past as the present. Both heads are \
                            signed and were kept; the last good one is still remembered. Ask the log's keeper, and show \
                            them the evidence."
                .into(),
            _ if self.known_size == Some(self.size) => {
                "THE LOG HAS TWO HISTORIES: two heads of the same size with different roots, both signed by its key. \
                 The two files prove it by themselves, to anybody who has the public key."
                    .into()
            }
            _ => "THE LOG HAS TWO HISTORIES: the log that is shown does not begin with the one that was shown before. \
                  Both heads are signed; the tiles beside them lead to the later root, and to another root than the \
                  known one at its size. An event was changed, dropped or put in."
                .into(),
        }
    }
}

fn head(size: u64, root: Digest) -> String {
    format!("{size} events with root {root}")
}
