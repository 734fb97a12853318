//! One of every event about cases that were recorded elsewhere.

use ledger_core::{
    events::{
        CaseImported, CaseImportedContent, EntryImported, EntryImportedContent, ImportConcluded,
        LogAttributeContent, LogAttributeKind, LogClassifierContent, LogExtensionContent,
        LogGlobalContent, LogHeaderContent, LogImported, LogImportedContent,
    },
    ids::{ImportId, Position, StreamId},
};

use super::golden::{Golden, bare, case, case_id, code, digest, school, sealed, text};

fn import() -> ImportId {
    ImportId::from_ulid(0x0199_5d1c_0020_1111_2222_3333_4444_5555_u128.into())
}

fn attribute(kind: LogAttributeKind, key: &str, value: &str) -> LogAttributeContent {
    LogAttributeContent {
        kind,
        key: text(key),
        value: text(value),
        attributes: Vec::new(),
        values: None,
    }
}

pub(crate) fn of_importing() -> Vec<Golden> {
    let name = || attribute(LogAttributeKind::String, "concept:name", "Zaak 17");
    let about_it = attribute(LogAttributeKind::Boolean, "checked", "true");
    let list = LogAttributeContent {
        values: Some(vec![attribute(LogAttributeKind::Int, "page", "1")]),
        attributes: vec![about_it],
        ..attribute(LogAttributeKind::List, "pages", "")
    };
    let at = attribute(
        LogAttributeKind::Date,
        "time:timestamp",
        "2026-02-27T10:00:00.000+01:00",
    );
    vec![
        sealed(
            StreamId::Import(import()),
            LogImported {
                import: import(),
                format: code("xes"),
                source_sha256: digest(9),
                source_bytes: 211_391,
                profile: "imported-log".parse().expect("a profile"),
                unit: school(),
            },
            &LogImportedContent {
                file_name: text("log.xes.gz"),
                header: LogHeaderContent {
                    declared: vec![(text("xes.version"), text("1849-2016"))],
                    extensions: vec![LogExtensionContent {
                        name: text("Concept"),
                        prefix: text("concept"),
                        uri: text("http://www.xes-standard.org/concept.xesext"),
                    }],
                    globals: vec![LogGlobalContent {
                        scope: Some(text("trace")),
                        attributes: vec![name()],
                    }],
                    classifiers: vec![LogClassifierContent {
                        name: text("Activity"),
                        scope: Some(text("event")),
                        keys: text("concept:name lifecycle:transition"),
                    }],
                    attributes: vec![attribute(LogAttributeKind::Float, "mean", "4.13")],
                },
            },
        ),
        sealed(
            case(),
            CaseImported {
                case: case_id(),
                import: import(),
                log: Position(11),
                trace: 17,
                line: 412,
            },
            &CaseImportedContent {
                attributes: vec![name(), list],
            },
        ),
        sealed(
            case(),
            EntryImported {
                entry: 1,
                line: 415,
                undated: false,
            },
            &EntryImportedContent {
                attributes: vec![at],
            },
        ),
        bare(
            StreamId::Import(import()),
            ImportConcluded {
                import: import(),
                cases: 1_434,
                entries: 8_577,
                unused: 2,
            },
        ),
    ]
}
