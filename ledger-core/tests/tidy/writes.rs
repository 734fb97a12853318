//! Only `store/postgres` writes the ledger's tables; only `projections` writes read models; only the outbox writes what is to
//! be sent.

use super::{
    source::{File, Finding},
    text::{Blank, code, without_tests},
};

/// The tables of the ledger itself.
const LEDGER: [&str; 8] = [
    "events",
    "event_contents",
    "tree_hashes",
    "ledger_heads",
    "lookups",
    "idempotency",
    "document_chunks",
    "published_heads",
];

/// The tables of the outbox.
const OUTBOX: [&str; 3] = [
    "notification_subscribers",
    "notification_days",
    "notification_deliveries",
];

/// Statements that write, in a file that may not write to that table.
pub(crate) fn out_of_place(file: &File) -> Vec<Finding> {
    // The key store is another database, in a file of its own.
    if file.is_test()
        || file
            .path
            .starts_with("ledger-core/src/sealing/sqlite_keyring")
    {
        return Vec::new();
    }
    // Strings are kept, because the statements are in them; what stands under `#[cfg(test)]` is found without them.
    let bare = without_tests(&code(&file.text, Blank::CommentsAndStrings));
    let with_strings = code(&file.text, Blank::Comments);
    let end = bare.trim_end().lines().count();
    let text: Vec<&str> = with_strings.lines().take(end).collect();
    let is_store = file.path.starts_with("ledger-core/src/store/postgres");
    let is_outbox = file.path.starts_with("server/src/notify/outbox");
    let is_projection = file.path.starts_with("projections/src");
    let mut findings = Vec::new();
    for (line, table) in written(&text.join("\n")) {
        let of_ledger = LEDGER.contains(&table.as_str());
        if of_ledger && !is_store {
            let message = format!("{table} is written by ledger-core/src/store/postgres alone");
            findings.push(Finding::new(line, message));
        } else if OUTBOX.contains(&table.as_str()) {
            if !is_outbox {
                let message = format!("{table} is written by server/src/notify/outbox alone");
                findings.push(Finding::new(line, message));
            }
        } else if !of_ledger && !is_projection {
            let message = format!(
                "{table} is not the ledger's: read models are written by projections alone"
            );
            findings.push(Finding::new(line, message));
        }
    }
    findings
}

/// Every table that a statement in the text writes to, with its line. A name that is spliced in shows as `{…}`.
fn written(text: &str) -> Vec<(usize, String)> {
    let tokens: Vec<(usize, String)> = (1..)
        .zip(text.lines())
        .flat_map(|(line, text)| {
            text.split(|c: char| !c.is_alphanumeric() && !"_{}.".contains(c))
                .filter(|token| !token.is_empty())
                .map(move |token| (line, token.to_owned()))
        })
        .collect();
    let mut found = Vec::new();
    for (at, (line, first)) in tokens.iter().enumerate() {
        let next = |further: usize| {
            tokens
                .get(at + further)
                .map_or("", |(_, token)| token.as_str())
        };
        // Statements are written in capitals; words of prose and code are not.
        let table = match first.as_str() {
            "INSERT" | "MERGE" if next(1) == "INTO" => next(2),
            "DELETE" if next(1) == "FROM" => next(2),
            "TRUNCATE" if next(1) == "TABLE" => next(2),
            "TRUNCATE" => next(1),
            "COPY" if next(2) == "FROM" => next(1),
            "UPDATE" if next(2) == "SET" || (next(2) == "AS" && next(4) == "SET") => next(1),
            _ => continue,
        };
        found.push((*line, table.to_owned()));
    }
    found
}

#[test]
fn it_finds_statements_that_write_where_they_must_not() {
    let statements = "fn a() {
    // INSERT INTO events is only mentioned here.
    query(\"INSERT INTO events (a) SELECT 1\");
    query(\"UPDATE ledger_heads SET size = 1\");
    query(\"UPDATE case_list AS c
           SET name = ''\");
    query(\"SELECT 1 FROM events FOR UPDATE\");
    query(\"TRUNCATE TABLE events\");
    query(format!(\"DELETE FROM {table}\"));
    query(\"COPY events (a) TO STDOUT\");
    query(\"INSERT INTO notification_days SELECT 1\");
}
";
    let found = |path| -> Vec<usize> {
        let findings = out_of_place(&File::sample(path, statements));
        findings.iter().map(|finding| finding.line).collect()
    };
    assert_eq!(found("server/src/api/cases.rs"), [3, 4, 5, 8, 9, 11]);
    assert_eq!(found("projections/src/case_list.rs"), [3, 4, 8, 11]);
    assert_eq!(found("server/src/notify/outbox.rs"), [3, 4, 5, 8, 9]);
    assert_eq!(found("ledger-core/src/store/postgres/batch.rs"), [5, 9, 11]);
    assert_eq!(
        found("server/tests/integration/store.rs"),
        Vec::<usize>::new()
    );
}
