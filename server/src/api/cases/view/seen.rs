//! What may be seen of a case, and what every entry in it has in common: who wrote it when, and what was corrected.

use chrono::{DateTime, Utc};
use ledger_core::{
    case::Case,
    event::Actor,
    events::{EntryCorrectedContent, Event},
    ids::{CorrectionId, Position},
    ledger::{Shown, section_in},
    profile::{Part, Profile},
    store::Recorded,
};
use serde::{Serialize, de::DeserializeOwned};
use utoipa::ToSchema;

use crate::{api::schemas, words::Vocabulary};

/// The events of the sections that may be seen, and what they are called.
pub(in crate::api) struct Seen<'a> {
    shown: &'a Shown,
    events: Vec<&'a Recorded>,
    pub(super) names: Vocabulary<'a>,
}

/// What every entry has in common.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct EntryView {
    /// The position of its event, by which it can be corrected or redacted.
    #[schema(value_type = u64, example = 41)]
    position: Position,
    /// When it was recorded.
    recorded_at: DateTime<Utc>,
    /// When it happened, if earlier.
    #[serde(skip_serializing_if = "Option::is_none")]
    occurred_at: Option<DateTime<Utc>>,
    /// Who recorded it.
    #[schema(value_type = schemas::ActorDescription)]
    actor: Actor,
    /// Whether its text was destroyed.
    redacted: bool,
    /// Whether a correction says what should stand there instead.
    superseded: bool,
    /// What should stand there instead, the newest last.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    corrections: Vec<CorrectionView>,
}

/// What should stand somewhere instead.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct CorrectionView {
    /// Its id.
    #[schema(value_type = schemas::Id)]
    correction_id: CorrectionId,
    /// The position of its event.
    #[schema(value_type = u64, example = 57)]
    position: Position,
    /// The position of what it corrects: the entry, or a correction of it.
    #[schema(value_type = u64, example = 41)]
    corrects: Position,
    /// What should stand there.
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<String>,
    /// Why it was wrong.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    /// When it was recorded.
    recorded_at: DateTime<Utc>,
    /// Who corrected it.
    #[schema(value_type = schemas::ActorDescription)]
    actor: Actor,
    /// Whether another correction takes its place.
    superseded: bool,
}

/// That something happened, and what was said about it.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct ReasonView {
    /// The entry.
    #[serde(flatten)]
    entry: EntryView,
    /// What was said.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "The family moves.")]
    reason: Option<String>,
}

impl<'a> Seen<'a> {
    /// What was shown, without the events of sections that were not decided upon.
    pub(in crate::api) fn of(shown: &'a Shown, names: Vocabulary<'a>) -> Self {
        let events = shown.events.iter().filter(|recorded| {
            section_in(recorded, &shown.events, shown.profile())
                .is_some_and(|section| shown.sections.contains(&section))
        });
        Self {
            shown,
            events: events.map(AsRef::as_ref).collect(),
            names,
        }
    }

    /// Whether a part of the case may be seen.
    pub(super) fn shows(&self, part: Part) -> bool {
        let section = self.profile().section_of(part);
        self.shown.sections.contains(section)
    }

    /// The events that may be seen, in order.
    pub(super) fn events(&self) -> impl Iterator<Item = &'a Recorded> {
        self.events.iter().copied()
    }

    /// One of them.
    pub(super) fn event(&self, position: Position) -> Option<&'a Recorded> {
        let mut events = self.events();
        events.find(|recorded| recorded.position == position)
    }

    /// The state of the case, for what becomes of the things that may be seen.
    pub(super) fn case(&self) -> &'a Case {
        &self.shown.case.state
    }

    /// The rules that decided.
    pub(super) fn profile(&self) -> &'a Profile {
        self.shown.profile()
    }

    /// The moment as of which it is shown.
    pub(super) fn at(&self) -> DateTime<Utc> {
        self.shown.at
    }

    /// A content, where it may be seen and is still there.
    pub(super) fn content<T: DeserializeOwned>(&self, position: Position) -> Option<T> {
        self.shown.contents.read(position)
    }

    /// An event as an entry.
    pub(super) fn entry(&self, recorded: &Recorded) -> EntryView {
        let position = recorded.position;
        let envelope = &recorded.envelope;
        EntryView {
            position,
            recorded_at: envelope.recorded_at,
            occurred_at: envelope.occurred_at,
            actor: envelope.actor.clone(),
            redacted: self.case().redacted.contains(&position),
            superseded: self.is_superseded(position),
            corrections: self.corrections(position),
        }
    }

    /// The same for the event at a position.
    pub(super) fn entry_at(&self, position: Option<Position>) -> Option<EntryView> {
        Some(self.entry(self.event(position?)?))
    }

    /// That something happened at a position, and what its content says about it.
    pub(super) fn reason<T: DeserializeOwned>(
        &self,
        position: Option<Position>,
        said: impl FnOnce(T) -> String,
    ) -> Option<ReasonView> {
        let entry = self.entry_at(position)?;
        let reason = self.content(entry.position).map(said);
        Some(ReasonView { entry, reason })
    }

    /// When the event at a position was recorded.
    pub(super) fn recorded_at(&self, position: Option<Position>) -> Option<DateTime<Utc>> {
        Some(self.event(position?)?.envelope.recorded_at)
    }

    fn is_superseded(&self, position: Position) -> bool {
        self.case().corrections.contains_key(&position)
    }

    /// The corrections of an entry, and those of its corrections.
    fn corrections(&self, entry: Position) -> Vec<CorrectionView> {
        let (mut concerned, mut corrections) = (vec![entry], Vec::new());
        for recorded in self.events() {
            let position = recorded.position;
            let Event::EntryCorrected(facts) = &recorded.event else {
                continue;
            };
            if !concerned.contains(&facts.target) {
                continue;
            }
            concerned.push(position);
            let content = self.content::<EntryCorrectedContent>(position);
            let (text, reason) = content.map(|said| (said.text, said.reason)).unzip();
            corrections.push(CorrectionView {
                correction_id: facts.correction,
                position,
                corrects: facts.target,
                text,
                reason,
                recorded_at: recorded.envelope.recorded_at,
                actor: recorded.envelope.actor.clone(),
                superseded: self.is_superseded(position),
            });
        }
        corrections
    }
}
