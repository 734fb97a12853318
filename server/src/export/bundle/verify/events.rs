//! The events, line by line: each against its leaf entry, its content and its place in its stream.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

use ledger_core::{
    clock::Timestamp,
    event::Basis,
    events::{DocumentAdded, Event, ProfileAdopted, ProfileAdoptedContent},
    ids::{Digest, DocumentId, Position, StreamId},
    log, sealing,
    store::Recorded,
};

use super::{
    super::{
        finding::{Findings, Problem},
        layout,
        lines::{Cut, EventLine},
    },
    reading,
};

/// What is kept of an event after its line was checked.
pub(super) struct Kept {
    /// Its line in its file.
    pub(super) line: u64,
    /// What should stand in the tree.
    pub(super) leaf_entry: Digest,
    /// What its decision rests on.
    pub(super) basis: Option<Basis>,
    /// Whether a content is missing that its envelope commits to.
    pub(super) lacks_content: bool,
}

/// What the events tell, as far as they can be read.
#[derive(Default)]
pub(super) struct Story {
    /// Events of the case and of its views.
    pub(super) own: BTreeMap<Position, Kept>,
    /// Events of other streams.
    pub(super) cited: BTreeMap<Position, Kept>,
    /// The last version of each of the case's two streams.
    pub(super) versions: BTreeMap<StreamId, u64>,
    /// How many contents are as they should be.
    pub(super) contents: u64,
    /// Events whose content was redacted.
    pub(super) redacted: BTreeSet<Position>,
    /// Documents that were added.
    pub(super) documents: BTreeMap<DocumentId, (Position, DocumentAdded)>,
    /// Documents that were redacted.
    pub(super) documents_redacted: BTreeSet<DocumentId>,
    /// Rule books that were adopted, and their texts.
    pub(super) adopted: BTreeMap<Position, (ProfileAdopted, Option<ProfileAdoptedContent>)>,
    /// The event at the cut, if it is the export that it should be.
    pub(super) exported: bool,
}

impl Story {
    /// Reads and checks both files.
    pub(super) fn read(root: &Path, cut: Option<&Cut>, findings: &mut Findings) -> Self {
        let mut story = Self::default();
        let mut reader = Reader {
            cut,
            file: layout::EVENTS,
            before: None,
        };
        reading::json_lines(root, layout::EVENTS, findings, |line, event, findings| {
            if let Some((kept, recorded)) = reader.take(line, &event, &mut story, findings) {
                reader.check_own_stream(line, &recorded, &mut story, findings);
                story.tell(&recorded, cut);
                story.own.insert(recorded.position, kept);
            }
        });
        let mut reader = Reader {
            file: layout::CITED,
            before: None,
            ..reader
        };
        reading::json_lines(root, layout::CITED, findings, |line, event, findings| {
            if let Some((kept, recorded)) = reader.take(line, &event, &mut story, findings) {
                reader.check_other_stream(line, &recorded, &story, findings);
                if let Event::ProfileAdopted(facts) = recorded.event {
                    let texts = event
                        .content
                        .and_then(|content| serde_json::from_slice(&content.bytes.0).ok());
                    story.adopted.insert(recorded.position, (facts, texts));
                }
                story.cited.insert(recorded.position, kept);
            }
        });
        story
    }

    /// Both kinds of events, by file.
    pub(super) fn get(&self, position: Position) -> Option<&Kept> {
        self.own
            .get(&position)
            .or_else(|| self.cited.get(&position))
    }

    /// Takes in what one of the case's own events says about contents and documents.
    fn tell(&mut self, recorded: &Recorded, cut: Option<&Cut>) {
        match &recorded.event {
            Event::ContentRedacted(facts) => {
                self.redacted.extend(&facts.targets);
                self.documents_redacted.extend(&facts.documents);
            }
            Event::DocumentAdded(facts) => {
                let added = (recorded.position, facts.clone());
                self.documents.insert(facts.document, added);
            }
            Event::CaseExported(facts) => {
                self.exported |= facts.format.as_str() == layout::FORMAT
                    && cut.is_some_and(|cut| cut.cut == recorded.position);
            }
            _ => {}
        }
    }
}

struct Reader<'a> {
    cut: Option<&'a Cut>,
    file: &'static str,
    before: Option<(Position, Timestamp)>,
}

impl Reader<'_> {
    /// Checks what holds for every event. Gives nothing for one that cannot be read.
    fn take(
        &mut self,
        line: u64,
        event: &EventLine,
        story: &mut Story,
        findings: &mut Findings,
    ) -> Option<(Kept, Recorded)> {
        let position = event.position;
        check_bytes(event, self.file, line, findings);
        let recorded = match event.stored().decode() {
            Ok(recorded) => recorded,
            Err(error) => {
                findings.line(self.file, line, error);
                return None;
            }
        };
        let at = recorded.envelope.recorded_at;
        if self.cut.is_some_and(|cut| position > cut.cut)
            || self.before.is_some_and(|(before, _)| position <= before)
        {
            findings.line(self.file, line, Problem::Order(position));
        }
        if self.before.is_some_and(|(_, before)| at < before) {
            findings.line(self.file, line, Problem::Time(position));
        }
        self.before = Some((position, at));
        let commitment = recorded.envelope.content_commitment;
        match (&event.content, commitment) {
            (Some(content), Some(commitment)) => {
                let found = sealing::commit(&content.salt.0, &content.bytes.0);
                if found == commitment {
                    story.contents += 1;
                } else {
                    findings.line(self.file, line, Problem::Content(position));
                }
                if content.json.get().as_bytes() != content.bytes.0 {
                    findings.line(self.file, line, Problem::Reading(position));
                }
            }
            (Some(_), None) => {
                findings.line(self.file, line, Problem::ContentUncalledFor(position));
            }
            (None, _) => {}
        }
        let kept = Kept {
            line,
            leaf_entry: event.leaf_entry,
            basis: recorded.envelope.basis.clone(),
            lacks_content: event.content.is_none() && commitment.is_some(),
        };
        Some((kept, recorded))
    }

    /// An event of the case or of its views, with the version that is next.
    fn check_own_stream(
        &self,
        line: u64,
        recorded: &Recorded,
        story: &mut Story,
        findings: &mut Findings,
    ) {
        let envelope = &recorded.envelope;
        let belongs = self.cut.is_none_or(|cut| {
            let streams = [StreamId::Case(cut.case), StreamId::Views(cut.case)];
            envelope.tenant == cut.tenant
                && envelope.case == Some(cut.case)
                && streams.contains(&envelope.stream)
        });
        if !belongs {
            self.foreign(line, recorded, findings);
            return;
        }
        let last = story.versions.entry(envelope.stream.clone()).or_default();
        let expected = *last + 1;
        *last = envelope.version;
        if envelope.version != expected {
            let problem = Problem::Version {
                stream: envelope.stream.clone(),
                expected,
                found: envelope.version,
            };
            findings.line(self.file, line, problem);
        }
    }

    /// An event of another stream of the same ledger, that is not among the case's own.
    fn check_other_stream(
        &self,
        line: u64,
        recorded: &Recorded,
        story: &Story,
        findings: &mut Findings,
    ) {
        let envelope = &recorded.envelope;
        let belongs = self.cut.is_none_or(|cut| {
            let streams = [StreamId::Case(cut.case), StreamId::Views(cut.case)];
            envelope.tenant == cut.tenant && !streams.contains(&envelope.stream)
        });
        if !belongs || story.own.contains_key(&recorded.position) {
            self.foreign(line, recorded, findings);
        }
    }

    fn foreign(&self, line: u64, recorded: &Recorded, findings: &mut Findings) {
        let problem = Problem::Foreign {
            position: recorded.position,
            stream: recorded.envelope.stream.clone(),
        };
        findings.line(self.file, line, problem);
    }
}

/// Salt and bytes must give the leaf entry, and what stands there for reading must be the bytes.
pub(super) fn check_bytes(event: &EventLine, file: &str, line: u64, findings: &mut Findings) {
    if log::leaf_entry(&event.salt.0, &event.envelope_bytes.0) != event.leaf_entry {
        findings.line(file, line, Problem::Leaf(event.position));
    }
    if event.envelope.get().as_bytes() != event.envelope_bytes.0 {
        findings.line(file, line, Problem::Reading(event.position));
    }
}
