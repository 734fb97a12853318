//! Cases that were recorded elsewhere: an event log is taken in, case by case and entry by entry.
//!
//! What a log says is content, its words and its keys alike; facts say only which file it was and where in it
//! something stood. When an entry happened stands in the envelope (`occurredAt`), and as it was written in the content.

use serde::{Deserialize, Serialize};

use crate::ids::{CaseId, Code, Digest, ImportId, OrganisationId, Position, ProfileId};

/// A log begins to be taken in. Stands first in the stream of the import.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct LogImported {
    /// The id of the import: computed from the file, so that the same file is the same import.
    pub import: ImportId,
    /// What the file is written in, for example `xes`.
    pub format: Code,
    /// SHA-256 of the file as it was given, byte for byte.
    pub source_sha256: Digest,
    /// Its length in bytes.
    pub source_bytes: u64,
    /// The system whose rules its cases follow.
    pub profile: ProfileId,
    /// The unit that is responsible for them.
    pub unit: OrganisationId,
}

/// What the log says about itself, and what its file was called.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct LogImportedContent {
    /// The name of the file, without its folder.
    pub file_name: String,
    /// What stands in it before the first case.
    pub header: LogHeaderContent,
}

/// What stands in a log before its first case (IEEE 1849-2023, section 4).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct LogHeaderContent {
    /// What the element of the log itself says, such as the version of the standard: name and value.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub declared: Vec<(String, String)>,
    /// The extensions that give the keys their meaning.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub extensions: Vec<LogExtensionContent>,
    /// What every case and every entry has, with a default.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub globals: Vec<LogGlobalContent>,
    /// By which keys entries count as the same.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub classifiers: Vec<LogClassifierContent>,
    /// What is said about the log as a whole.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attributes: Vec<LogAttributeContent>,
}

/// An extension.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct LogExtensionContent {
    /// Its name.
    pub name: String,
    /// What its keys begin with.
    pub prefix: String,
    /// Where it is defined.
    pub uri: String,
}

/// Attributes that every case or every entry has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct LogGlobalContent {
    /// `trace` or `event`; not said, where it is `event`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scope: Option<String>,
    /// The attributes, each with its default.
    pub attributes: Vec<LogAttributeContent>,
}

/// By which keys entries count as the same.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct LogClassifierContent {
    /// Its name.
    pub name: String,
    /// `trace` or `event`, where it says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scope: Option<String>,
    /// The keys, as they were written.
    pub keys: String,
}

/// What the value of an attribute is (IEEE 1849-2023, section 4.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LogAttributeKind {
    /// Text.
    String,
    /// A date with a time.
    Date,
    /// A whole number.
    Int,
    /// A number.
    Float,
    /// True or false.
    Boolean,
    /// An identifier.
    Id,
    /// Several attributes in an order.
    List,
    /// Several attributes in no order: of the first version of the standard.
    Container,
}

/// One attribute, with everything below it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct LogAttributeContent {
    /// What its value is.
    #[serde(rename = "type")]
    pub kind: LogAttributeKind,
    /// Its key.
    pub key: String,
    /// Its value as it was written; a list has none.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub value: String,
    /// What is said about it in turn.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attributes: Vec<Self>,
    /// What a list holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub values: Option<Vec<Self>>,
}

/// A case of the log. It stands behind the opening, which makes it a case like any other.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CaseImported {
    /// The case.
    pub case: CaseId,
    /// The import that brought it.
    pub import: ImportId,
    /// The event that began the import: what it says of the file counts for this case.
    pub log: Position,
    /// Its place among the cases of the file, from 1.
    pub trace: u64,
    /// The line of the file on which it begins, from 1.
    pub line: u64,
}

/// What the log says of the case, its original id included.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CaseImportedContent {
    /// In the order of the file.
    pub attributes: Vec<LogAttributeContent>,
}

/// An entry of the case in the log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct EntryImported {
    /// Its place among the entries of its case in the file, from 1.
    pub entry: u64,
    /// The line of the file on which it begins, from 1.
    pub line: u64,
    /// Whether the log does not say when it happened.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub undated: bool,
}

/// What the log says of the entry, its original id included.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct EntryImportedContent {
    /// In the order of the file.
    pub attributes: Vec<LogAttributeContent>,
}

/// The log was taken in to its end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ImportConcluded {
    /// The import.
    pub import: ImportId,
    /// How many cases of the file are in the ledger.
    pub cases: u64,
    /// How many entries of theirs.
    pub entries: u64,
    /// How many things in the file could not be used.
    pub unused: u64,
}

/// The value of the first attribute with a key.
pub fn log_value<'a>(attributes: &'a [LogAttributeContent], key: &str) -> Option<&'a str> {
    let found = attributes.iter().find(|attribute| attribute.key == key)?;
    Some(&found.value)
}
