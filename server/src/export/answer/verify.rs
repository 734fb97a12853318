//! Checking an answer with its proofs, offline: everything that is wrong with it in one run.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt, fs, io,
    path::{Path, PathBuf},
};

use ledger_core::{
    event::Envelope,
    events::AuditAnswered,
    ids::{Code, Position, StreamId, TenantId},
    ledger::ComputedAt,
    log::{self, SignedHead, TreeHead, VerifierKey},
};
use serde::Serialize;
use serde_json::Value;

use super::{AnswerFile, FORMAT, FORMAT_VERSION};
use crate::export::bundle::Trust;

/// The longest file that is read.
const BYTES_MAX: u64 = 1024 * 1024 * 1024;

/// An answer that verified, and what it holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct AnswerVerification {
    /// Whose ledger it is from.
    pub tenant: TenantId,
    /// What was asked.
    pub question: Code,
    /// The event that the answer left.
    pub asked: Position,
    /// The ledger that it was computed over.
    pub over: ComputedAt,
    /// How many events were found as they were recorded.
    pub events: u64,
    /// How many things that the answer says were compared with the event that they are about.
    pub statements: u64,
    /// Streams of which all events are there, without a gap, each with its last version.
    pub whole_streams: BTreeMap<String, u64>,
    /// The keys that signed the head.
    pub signed_by: Vec<VerifierKey>,
    /// Where trust in them comes from.
    pub trust: Trust,
}

/// What is wrong with an answer.
#[derive(Debug)]
pub struct Complaint {
    /// Which file.
    pub path: PathBuf,
    /// Everything that was found.
    pub findings: Vec<String>,
}

impl fmt::Display for Complaint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (path, found) = (self.path.display(), self.findings.len());
        write!(f, "{path} does not verify; found: {found}")?;
        for finding in &self.findings {
            write!(f, "\n  {finding}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Complaint {}

/// Checks an answer with the public keys that it brings along.
///
/// # Errors
/// Everything that is wrong with it.
pub fn verify(path: &Path) -> Result<AnswerVerification, Complaint> {
    verify_with(path, &[])
}

/// Checks an answer; if `trusted` keys are given, its head must be signed by one of them.
///
/// # Errors
/// Everything that is wrong with it.
pub fn verify_with(path: &Path, trusted: &[VerifierKey]) -> Result<AnswerVerification, Complaint> {
    let complaint = |findings| Complaint {
        path: path.to_owned(),
        findings,
    };
    let file = read(path).map_err(|finding| complaint(vec![finding]))?;
    let mut check = Check::default();
    let checked = check.file(&file, trusted);
    match checked {
        Some(checked) if check.findings.is_empty() => Ok(checked),
        _ => Err(complaint(check.findings)),
    }
}

fn read(path: &Path) -> Result<AnswerFile, String> {
    let told = |error: io::Error| format!("it cannot be read ({})", error.kind());
    let bytes = fs::metadata(path).map_err(told)?.len();
    if bytes > BYTES_MAX {
        return Err(format!("it is longer than {BYTES_MAX} bytes"));
    }
    let text = fs::read(path).map_err(told)?;
    serde_json::from_slice(&text).map_err(|error| {
        format!(
            "it is not an answer with its proofs, from line {} on: {error}",
            error.line()
        )
    })
}

#[derive(Default)]
struct Check {
    findings: Vec<String>,
    statements: u64,
}

impl Check {
    fn file(&mut self, file: &AnswerFile, trusted: &[VerifierKey]) -> Option<AnswerVerification> {
        if file.format != FORMAT || file.format_version != FORMAT_VERSION {
            self.find(format!(
                "its form is {} {}; {FORMAT} {FORMAT_VERSION} was expected",
                file.format, file.format_version
            ));
            return None;
        }
        let (head, signed_by, trust) = self.head(file, trusted)?;
        let events = self.events(file, &head);
        self.over(file, &head);
        self.asked(file, &events);
        for position in &file.cited {
            if !events.contains_key(position) {
                self.find(format!(
                    "it cites position {position}, which it does not bring along"
                ));
            }
        }
        match serde_json::from_str::<Value>(file.answer.get()) {
            Ok(answer) => self.said(&answer, &events),
            Err(error) => self.find(format!("the answer is not JSON: {error}")),
        }
        let whole_streams = streams(&events);
        if file.whole && file.question.as_str() == "saw" {
            self.nothing_left_out(file, &events);
        }
        Some(AnswerVerification {
            tenant: file.tenant.clone(),
            question: file.question.clone(),
            asked: file.asked,
            over: file.over,
            events: events.len() as u64,
            statements: self.statements,
            whole_streams,
            signed_by,
            trust,
        })
    }

    fn find(&mut self, finding: String) {
        self.findings.push(finding);
    }

    /// The head, and who signed it.
    fn head(
        &mut self,
        file: &AnswerFile,
        trusted: &[VerifierKey],
    ) -> Option<(TreeHead, Vec<VerifierKey>, Trust)> {
        let signed: SignedHead = match file.head.parse() {
            Ok(signed) => signed,
            Err(error) => {
                self.find(format!("the head: {error}"));
                return None;
            }
        };
        let (keys, trust) = if trusted.is_empty() {
            let keys = file.keys.iter().filter_map(|key| key.parse().ok());
            (keys.collect::<Vec<VerifierKey>>(), Trust::BundleAlone)
        } else {
            (trusted.to_vec(), Trust::GivenKey)
        };
        if let Err(error) = signed.verify(&keys) {
            self.find(format!("the head: {error}"));
        }
        let signed_by = keys.iter();
        let signed_by = signed_by.filter(|key| signed.verify(std::slice::from_ref(*key)).is_ok());
        Some((
            signed.claimed().clone(),
            signed_by.cloned().collect(),
            trust,
        ))
    }

    /// The events, each against its salt, its leaf entry and its proof.
    fn events(&mut self, file: &AnswerFile, head: &TreeHead) -> BTreeMap<Position, Envelope> {
        let mut events = BTreeMap::new();
        for event in &file.events {
            let position = event.position;
            let Some(bytes) = event.bytes() else {
                self.find(format!(
                    "position {position}: its envelope is not padded base64"
                ));
                continue;
            };
            if log::leaf_entry(&event.salt.0, &bytes) != event.leaf_entry {
                self.find(format!(
                    "position {position}: its bytes are not those that were recorded"
                ));
            }
            let leaf = log::leaf_hash(event.leaf_entry);
            let way = &event.inclusion_proof;
            if let Err(error) = log::verify_inclusion(leaf, position, head.size, way, head.root) {
                self.find(format!("position {position}: {error}"));
            }
            let shown: Option<Value> = serde_json::from_str(event.envelope.get()).ok();
            let recorded: Option<Value> = serde_json::from_slice(&bytes).ok();
            if shown.is_none() || shown != recorded {
                self.find(format!(
                    "position {position}: what is shown of it is not what was recorded"
                ));
            }
            let Ok(envelope) = serde_json::from_slice::<Envelope>(&bytes) else {
                self.find(format!("position {position}: its envelope cannot be read"));
                continue;
            };
            if envelope.tenant != file.tenant {
                self.find(format!("position {position}: it belongs to another ledger"));
            }
            if events.insert(position, envelope).is_some() {
                self.find(format!("position {position} is there twice"));
            }
        }
        events
    }

    /// That the ledger of the head begins with the ledger that the answer was computed over.
    fn over(&mut self, file: &AnswerFile, head: &TreeHead) {
        let ComputedAt { size, root } = file.over;
        let proof = &file.consistency_proof;
        if let Err(error) = log::verify_consistency(size, root, head.size, head.root, proof) {
            self.find(format!("the ledger that it was computed over: {error}"));
        }
    }

    /// That it was asked, and when.
    fn asked(&mut self, file: &AnswerFile, events: &BTreeMap<Position, Envelope>) {
        let Some(asked) = events.get(&file.asked) else {
            self.find("the event by which it was asked is not there".to_owned());
            return;
        };
        let facts: Option<AuditAnswered> = serde_json::from_str(asked.facts.get()).ok();
        let question = facts.map(|facts| facts.question);
        if asked.event_type.as_str() != "audit_answered"
            || question.as_ref() != Some(&file.question)
        {
            self.find(format!(
                "the event at position {} does not say that this was asked",
                file.asked
            ));
        }
        if file.over.size != file.asked.0 + 1 {
            self.find("it was computed over another ledger than that of its event".to_owned());
        }
    }

    /// Whatever the answer says of an event, against what the event says.
    fn said(&mut self, value: &Value, events: &BTreeMap<Position, Envelope>) {
        match value {
            Value::Array(values) => values.iter().for_each(|value| self.said(value, events)),
            Value::Object(object) => {
                if let Some(position) = object.get("position").and_then(Value::as_u64) {
                    self.statement(Position(position), object, events);
                }
                object.values().for_each(|value| self.said(value, events));
            }
            _ => {}
        }
    }

    fn statement(
        &mut self,
        position: Position,
        said: &serde_json::Map<String, Value>,
        events: &BTreeMap<Position, Envelope>,
    ) {
        let Some(envelope) = events.get(&position) else {
            self.find(format!(
                "it speaks of position {position}, which it does not bring along"
            ));
            return;
        };
        self.statements += 1;
        let Ok(envelope) = serde_json::to_value(envelope) else {
            return;
        };
        for (name, of_envelope) in [
            ("at", "recordedAt"),
            ("recordedAt", "recordedAt"),
            ("what", "type"),
            ("actor", "actor"),
            ("facts", "facts"),
            ("basis", "basis"),
            ("case", "case"),
        ] {
            if let Some(value) = said.get(name)
                && !is_same(value, &envelope[of_envelope])
            {
                self.find(format!(
                    "of position {position} it says {name} {value}; recorded was {}",
                    envelope[of_envelope]
                ));
            }
        }
        if let Some(shown) = said.get("envelope")
            && *shown != envelope
        {
            self.find(format!(
                "position {position}: what the answer shows of it is not what was recorded"
            ));
        }
    }

    /// That every view up to the answer's own event is in the answer.
    fn nothing_left_out(&mut self, file: &AnswerFile, events: &BTreeMap<Position, Envelope>) {
        let Some(asked) = events.get(&file.asked) else {
            return;
        };
        let said: Value = serde_json::from_str(file.answer.get()).unwrap_or_default();
        let views = said["views"].as_array().into_iter().flatten();
        let told: BTreeSet<u64> = views.filter_map(|view| view["position"].as_u64()).collect();
        let mut versions = BTreeSet::new();
        for (position, view) in events {
            if view.stream == asked.stream {
                versions.insert(view.version);
                if !told.contains(&position.0) {
                    self.find(format!("it leaves out the view at position {position}"));
                }
            }
        }
        if !(1..=asked.version).all(|version| versions.contains(&version)) {
            self.find(format!(
                "of {} not every event up to version {} is there",
                asked.stream, asked.version
            ));
        }
    }
}

/// Of which streams every event up to the last is there.
fn streams(events: &BTreeMap<Position, Envelope>) -> BTreeMap<String, u64> {
    let mut versions: BTreeMap<&StreamId, Vec<u64>> = BTreeMap::new();
    for envelope in events.values() {
        let stream = &envelope.stream;
        versions.entry(stream).or_default().push(envelope.version);
    }
    let whole = versions.into_iter().filter_map(|(stream, versions)| {
        let follow = versions.iter().zip(1..).all(|(version, n)| *version == n);
        let last = versions.last().filter(|_| follow)?;
        Some((stream.to_string(), *last))
    });
    whole.collect()
}

/// Moments are compared as moments: the same one can be written in several ways.
fn is_same(said: &Value, recorded: &Value) -> bool {
    let moment = |value: &Value| {
        value
            .as_str()?
            .parse::<chrono::DateTime<chrono::Utc>>()
            .ok()
    };
    said == recorded || (moment(said).is_some() && moment(said) == moment(recorded))
}
