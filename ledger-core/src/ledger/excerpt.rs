//! A reading of one part of a case. It is decided, and noted, for the sections in which that part stands alone.

use std::{collections::BTreeSet, sync::Arc};

use super::look::part_of;
use crate::{
    case::Case,
    events::Event,
    ids::Code,
    profile::{Filed, Part, Profile},
    store::Recorded,
};

/// Which part of a case is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Excerpt {
    /// A part that stands in one section of the profile.
    Part(Part),
    /// The notes, each in the section under which it was filed.
    Notes,
    /// The documents by title and file name, each in the section under which it was filed.
    Documents,
}

impl Excerpt {
    /// The one section that must be shown; none where each entry stands in a section of somebody's choice.
    pub(super) fn section(self, profile: &Profile) -> Option<Code> {
        match self {
            Self::Part(part) => Some(profile.section_of(part).clone()),
            Self::Notes | Self::Documents => None,
        }
    }

    /// Of the sections that may be shown, those of which something is shown.
    pub(super) fn shown(
        self,
        case: &Case,
        profile: &Profile,
        allowed: BTreeSet<Code>,
    ) -> BTreeSet<Code> {
        let filed: BTreeSet<&Code> = match self {
            Self::Part(_) => return allowed,
            Self::Notes => {
                let sections = case.notes.values().map(|note| &note.section);
                sections
                    .filter_map(|section| profile.filed_in(Filed::Notes, section))
                    .collect()
            }
            Self::Documents => {
                let sections = case.documents.values().map(|document| &document.section);
                sections
                    .filter_map(|section| profile.filed_in(Filed::Documents, section))
                    .collect()
            }
        };
        allowed
            .into_iter()
            .filter(|section| filed.contains(section))
            .collect()
    }

    /// The events that belong to it, and the corrections of their entries.
    pub(super) fn events(self, known: &[Arc<Recorded>]) -> Vec<Arc<Recorded>> {
        let mut taken = BTreeSet::new();
        let mut events = Vec::new();
        for recorded in known {
            let is_taken = match (&recorded.event, self) {
                // A correction comes after what it corrects.
                (Event::EntryCorrected(facts), _) => taken.contains(&facts.target),
                (Event::NoteAdded(_), Self::Notes) | (Event::DocumentAdded(_), Self::Documents) => {
                    true
                }
                (event, Self::Part(part)) => part_of(event) == Some(part),
                _ => false,
            };
            if is_taken {
                taken.insert(recorded.position);
                events.push(Arc::clone(recorded));
            }
        }
        events
    }
}
