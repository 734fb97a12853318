//! Take in a case that was recorded elsewhere: opened, with everything that its log says of it, sealed with its key.

use super::Case;
use crate::{
    clock::Timestamp,
    command::{self, Decided, LookupValue, Rejection, Setting},
    events::{
        CaseImported, CaseImportedContent, CaseOpened, CaseOpenedContent, EntryImported,
        EntryImportedContent, LogAttributeContent,
    },
    ids::{ImportId, OrganisationId, PartyId, Position},
};

/// From where a case came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Imported {
    /// The event that says so.
    pub position: Position,
    /// The import that brought it.
    pub import: ImportId,
    /// The event that began the import; its content is what the log said about itself.
    pub log: Position,
    /// Its place among the cases of the file, from 1.
    pub trace: u64,
    /// The place in the file of the last entry that is here; 0 = none yet.
    pub last_entry: u64,
    /// How many entries are here.
    pub entries: u64,
}

/// Takes in a case, or the entries of it that are not there yet.
#[derive(Debug, Clone)]
pub struct ImportCase {
    /// The unit that is responsible.
    pub unit: OrganisationId,
    /// The import that brings it.
    pub import: ImportId,
    /// The event that began the import.
    pub log: Position,
    /// Its place among the cases of the file, from 1.
    pub trace: u64,
    /// The line of the file on which it begins, from 1.
    pub line: u64,
    /// What it is called: one line.
    pub name: String,
    /// What the log says of it.
    pub attributes: Vec<LogAttributeContent>,
    /// Its entries in the order of the file, or the next of them.
    pub entries: Vec<ImportedEntry>,
}

/// An entry of a case in a log.
#[derive(Debug, Clone)]
pub struct ImportedEntry {
    /// Its place among the entries of its case, from 1.
    pub entry: u64,
    /// The line of the file on which it begins, from 1.
    pub line: u64,
    /// When it happened, if the log says so.
    pub occurred_at: Option<Timestamp>,
    /// What the log says of it.
    pub attributes: Vec<LogAttributeContent>,
}

impl ImportCase {
    /// `case_opened` and `case_imported`, unless they are there, and an `entry_imported` for each entry that is not.
    pub fn decide(self, case: &Case, setting: &Setting<'_>) -> Result<Vec<Decided>, Rejection> {
        let known = case.imported.as_ref();
        let last_entry = match known {
            Some(known) if known.import == self.import && known.trace == self.trace => {
                known.last_entry
            }
            _ if case.opened.is_some() => {
                return Err(Rejection::already("the case is open already"));
            }
            _ => 0,
        };
        let mut decided = Vec::with_capacity(self.entries.len() + 2);
        if known.is_none() {
            decided.push(self.opened(setting)?);
            let facts = CaseImported {
                case: setting.case,
                import: self.import,
                log: self.log,
                trace: self.trace,
                line: self.line,
            };
            let attributes = self.attributes;
            decided.push(setting.sealed(facts, &CaseImportedContent { attributes }));
        }
        let mut before = 0;
        for entry in self.entries {
            if entry.entry <= before {
                let message = format!("entry {} stands behind entry {before}", entry.entry);
                return Err(Rejection::invalid(message));
            }
            before = entry.entry;
            if entry.entry > last_entry {
                decided.push(entry.decide(setting)?);
            }
        }
        if decided.is_empty() {
            return Err(Rejection::already(
                "the case and its entries were imported already",
            ));
        }
        Ok(decided)
    }

    /// It is a case like any other. Nobody takes part in it by that, not even whoever brings it.
    fn opened(&self, setting: &Setting<'_>) -> Result<Decided, Rejection> {
        let facts = CaseOpened {
            case: setting.case,
            profile: setting.profile.id.clone(),
            unit: self.unit,
            status: setting.profile.initial_status().clone(),
            kind: None,
            submitted_to: None,
        };
        let content = CaseOpenedContent {
            child_name: command::line("name", &self.name)?,
            national_id: None,
            birth_date: None,
            concern: String::new(),
        };
        let mut opened = setting.sealed(facts, &content);
        // Leads from the import to its cases until they are erased. There is no party that it would be about.
        let nobody = PartyId::generate(setting.now, setting.entropy);
        opened
            .lookups
            .push((LookupValue::ImportedLog(self.import), nobody));
        Ok(opened)
    }
}

impl ImportedEntry {
    fn decide(self, setting: &Setting<'_>) -> Result<Decided, Rejection> {
        if self.occurred_at.is_some_and(|at| at > setting.now) {
            let message = format!(
                "entry {} lies in the future; leave it out until it has happened",
                self.entry
            );
            return Err(Rejection::invalid(message));
        }
        let facts = EntryImported {
            entry: self.entry,
            line: self.line,
            undated: self.occurred_at.is_none(),
        };
        let attributes = self.attributes;
        Ok(Decided {
            occurred_at: self.occurred_at,
            ..setting.sealed(facts, &EntryImportedContent { attributes })
        })
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;
    use crate::{
        case::testing::{content, given, now, opened, school},
        command::RejectionCode,
        events::{Event, LogAttributeKind},
    };

    fn attribute(key: &str, value: &str) -> LogAttributeContent {
        LogAttributeContent {
            kind: LogAttributeKind::String,
            key: key.to_owned(),
            value: value.to_owned(),
            attributes: Vec::new(),
            values: None,
        }
    }

    fn import() -> ImportId {
        ImportId::from_ulid(77_u128.into())
    }

    fn entry(entry: u64) -> ImportedEntry {
        ImportedEntry {
            entry,
            line: 10 + entry,
            occurred_at: Some(now() - TimeDelta::days(9)),
            attributes: vec![attribute("concept:name", "Received")],
        }
    }

    fn command(entries: Vec<ImportedEntry>) -> ImportCase {
        ImportCase {
            unit: school(),
            import: import(),
            log: Position(3),
            trace: 5,
            line: 10,
            name: "case 17".to_owned(),
            attributes: vec![attribute("concept:name", "case 17")],
            entries,
        }
    }

    fn imported() -> Event {
        CaseImported {
            case: crate::case::testing::case_id(),
            import: import(),
            log: Position(3),
            trace: 5,
            line: 10,
        }
        .into()
    }

    fn first_entry() -> Event {
        EntryImported {
            entry: 1,
            line: 11,
            undated: false,
        }
        .into()
    }

    #[test]
    fn an_imported_case_is_opened_and_all_that_its_log_says_is_sealed() {
        let second = EntryImported {
            entry: 2,
            line: 12,
            undated: false,
        };
        let [case, log, first, _] = given([]).when(command(vec![entry(1), entry(2)])).then([
            crate::case::testing::in_preparation(),
            imported(),
            first_entry(),
            second.into(),
        ]);
        assert_eq!(content::<CaseOpenedContent>(&case).child_name, "case 17");
        let said: CaseImportedContent = content(&log);
        assert_eq!(said.attributes, [attribute("concept:name", "case 17")]);
        let said: EntryImportedContent = content(&first);
        assert_eq!(said.attributes, [attribute("concept:name", "Received")]);
        assert_eq!(first.occurred_at, Some(now() - TimeDelta::days(9)));
    }

    #[test]
    fn what_is_there_already_is_not_added_again() {
        let there = || [opened(), imported(), first_entry()];
        given(there())
            .when(command(vec![entry(1)]))
            .rejected(RejectionCode::AlreadyThere);
        let third = EntryImported {
            entry: 3,
            line: 13,
            undated: false,
        };
        given(there())
            .when(command(vec![entry(1), entry(3)]))
            .then([third.into()]);
    }

    #[test]
    fn a_case_that_came_another_way_stays_as_it_is() {
        given([opened()])
            .when(command(vec![entry(1)]))
            .rejected(RejectionCode::AlreadyThere);
        let other = ImportCase {
            trace: 6,
            ..command(vec![entry(2)])
        };
        given([opened(), imported()])
            .when(other)
            .rejected(RejectionCode::AlreadyThere);
    }

    #[test]
    fn nothing_is_imported_that_has_not_happened_yet() {
        let tomorrow = ImportedEntry {
            occurred_at: Some(now() + TimeDelta::days(1)),
            ..entry(1)
        };
        given([])
            .when(command(vec![tomorrow]))
            .rejected(RejectionCode::Invalid)
            .naming("future");
    }

    #[test]
    fn entries_come_in_their_order() {
        given([])
            .when(command(vec![entry(2), entry(1)]))
            .rejected(RejectionCode::Invalid)
            .naming("behind");
    }
}
