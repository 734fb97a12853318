//! An imported case is a case: seen by the rules, proven, taken out, closed, archived and erased.

use std::{fs, io::Write as _};

use caseledger::{
    export::bundle,
    import::{Why, xes::XesError},
};
use ledger_core::{
    case::{ArchiveCase, CloseCase},
    events::{CaseOpenedContent, EntryImportedContent, Event, log_value},
    ids::CaseId,
    ledger::{CaseCommand, LedgerError, Look},
};

use super::town::{Town, fixture};
use crate::support::story::{code, occasion};

/// Closes a case.
pub(super) async fn close(town: &Town, case: CaseId) {
    let close = CaseCommand::Close(CloseCase {
        reason: code("no_longer_needed"),
        summary: "Nobody gardens any more".to_owned(),
    });
    let ledger = &town.ledger;
    ledger
        .execute(&town.caseworker, case, close, &occasion())
        .await
        .unwrap();
}

/// Closes, takes out, archives and erases a case.
async fn end(town: &Town, case: CaseId) {
    close(town, case).await;
    let folder = tempfile::tempdir().unwrap();
    let target = folder.path().join("bundle");
    let ledger = &town.ledger;
    bundle::write(ledger, &town.archivist, case, &target, &occasion())
        .await
        .unwrap();
    bundle::verify(&target).unwrap();
    let cited = fs::read_to_string(target.join("data/cited.jsonl")).unwrap();
    assert!(cited.contains("log_imported"), "the import goes with it");
    let archive = CaseCommand::Archive(ArchiveCase {
        reference: "taken over".to_owned(),
    });
    ledger
        .execute(&town.archivist, case, archive, &occasion())
        .await
        .unwrap();
    ledger
        .erase(&town.archivist, case, &occasion())
        .await
        .unwrap();
}

#[tokio::test]
async fn an_imported_case_is_seen_by_those_who_may_and_by_nobody_else() {
    let town = Town::new().await;
    let (imported, _) = town.import(&fixture("allotments.xes")).await;
    assert_eq!((imported.cases_added, imported.entries_added), (3, 5));
    let cases = town.cases().await;
    let ledger = &town.ledger;
    let look = |caller, look: Look| {
        let case = cases[0];
        async move { ledger.look(caller, case, &look, &occasion()).await }
    };
    let seen = look(&town.caseworker, Look::Timeline).await.unwrap();
    let entries: Vec<_> = seen
        .events
        .iter()
        .filter(|recorded| matches!(recorded.event, Event::EntryImported(_)))
        .collect();
    let said: EntryImportedContent = seen.contents.read(entries[0].position).unwrap();
    assert_eq!(
        log_value(&said.attributes, "concept:name"),
        Some("Ask for a plot")
    );
    let at = entries[0].envelope.occurred_at.unwrap();
    assert_eq!(at.to_rfc3339(), "2011-10-11T11:45:40.276+00:00");
    let listed = look(&town.caseworker, Look::List).await.unwrap();
    let opened = listed.case.state.opened.as_ref().unwrap();
    let name: CaseOpenedContent = listed.contents.read(opened.position).unwrap();
    assert_eq!(name.child_name, "plot-1");
    // Whoever brought it sees nothing of it, nor does somebody of another unit; the auditor sees facts.
    for caller in [&town.administrator, &town.stranger] {
        for way in [Look::Case, Look::Timeline, Look::List, Look::Print] {
            let refused = look(caller, way).await;
            assert!(matches!(refused, Err(LedgerError::NotFound)));
        }
    }
    let facts = look(&town.auditor, Look::Timeline).await.unwrap();
    assert!(facts.contents.get(entries[0].position).is_none());
    assert!(look(&town.auditor, Look::Case).await.is_err());
}

#[tokio::test]
async fn the_same_file_again_adds_nothing_and_an_import_that_broke_off_goes_on() {
    let town = Town::new().await;
    let path = fixture("allotments.xes");
    let folder = tempfile::tempdir().unwrap();
    // A file with an error near its end: looked at as a whole first, it adds nothing.
    let text = fs::read_to_string(&path).unwrap();
    let broken = folder.path().join("broken.xes");
    fs::write(&broken, text.replace("</log>", "")).unwrap();
    let before = town.events().await.len();
    let error = town
        .import_as(&town.administrator, &broken)
        .await
        .unwrap_err();
    assert!(error.downcast_ref::<XesError>().is_some(), "{error}");
    assert_eq!(town.events().await.len(), before);

    town.import(&path).await;
    let there = town.events().await.len();
    // The name does not matter, the bytes do.
    let elsewhere = folder.path().join("renamed.log");
    fs::copy(&path, &elsewhere).unwrap();
    let (again, _) = town.import(&elsewhere).await;
    assert!(again.before);
    assert_eq!((again.cases_added, again.cases, again.entries), (0, 3, 5));
    assert_eq!(town.events().await.len(), there);
}

#[tokio::test]
async fn provenance_says_which_file_and_where_in_it() {
    let town = Town::new().await;
    let (imported, _) = town.import(&fixture("allotments.xes")).await;
    let events = town.events().await;
    let begun = events.iter().find_map(|recorded| match &recorded.event {
        Event::LogImported(facts) => Some((recorded.position, facts)),
        _ => None,
    });
    let (position, log) = begun.unwrap();
    assert_eq!(Some(log.source_sha256), imported.sha256);
    let bytes = fs::metadata(fixture("allotments.xes")).unwrap().len();
    assert_eq!(log.source_bytes, bytes);
    let places: Vec<_> = events
        .iter()
        .filter_map(|recorded| match &recorded.event {
            Event::CaseImported(facts) => {
                let basis = recorded.envelope.basis.as_ref().unwrap();
                assert!(basis.cited.contains(&position));
                assert_eq!(basis.policies[0].as_str(), "the_administrator_imports");
                Some((facts.trace, facts.line, facts.log))
            }
            _ => None,
        })
        .collect();
    assert_eq!(
        places,
        [(1, 23, position), (2, 51, position), (3, 67, position)]
    );
    let undated: Vec<_> = events
        .iter()
        .filter_map(|recorded| match &recorded.event {
            Event::EntryImported(facts) => Some((facts.entry, facts.line, facts.undated)),
            _ => None,
        })
        .collect();
    assert_eq!(
        undated,
        [
            (1, 34, false),
            (2, 42, false),
            (1, 53, false),
            (2, 58, true),
            (3, 61, false)
        ]
    );
}

#[tokio::test]
async fn what_cannot_be_used_is_counted_and_kept_in_the_conclusion() {
    let town = Town::new().await;
    let (imported, told) = town.import(&fixture("damaged.xes")).await;
    assert_eq!(imported.unused, told.unused.len() as u64);
    assert_eq!(imported.unused, 11);
    assert!(
        told.unused
            .iter()
            .any(|unused| unused.why == Why::InTheFuture)
    );
    let concluded = town
        .events()
        .await
        .into_iter()
        .find_map(|recorded| match recorded.event {
            Event::ImportConcluded(facts) => Some((facts.cases, facts.entries, facts.unused)),
            _ => None,
        });
    assert_eq!(concluded, Some((1, 2, 11)));
    // Told again, so that a script learns it whenever it asks.
    let (again, _) = town.import(&fixture("damaged.xes")).await;
    assert_eq!((again.before, again.unused), (true, 11));
}

#[tokio::test]
async fn nobody_imports_who_may_not() {
    let town = Town::new().await;
    let before = town.events().await.len();
    for caller in [&town.caseworker, &town.archivist, &town.auditor] {
        let refused = town.import_as(caller, &fixture("allotments.xes")).await;
        let refused = refused.unwrap_err();
        let refused = refused.downcast_ref::<LedgerError>();
        assert!(
            matches!(refused, Some(LedgerError::Refused(_))),
            "{refused:?}"
        );
    }
    assert_eq!(town.events().await.len(), before);
}

#[tokio::test]
async fn a_case_with_more_entries_than_one_append_takes_is_whole() {
    let town = Town::new().await;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("long.xes");
    let mut log = String::from("<log><trace><string key=\"concept:name\" value=\"long\"/>\n");
    for number in 0..2_345 {
        log += &format!("<event><int key=\"n\" value=\"{number}\"/></event>\n");
    }
    log += "</trace><trace/></log>";
    fs::File::create(&path)
        .unwrap()
        .write_all(log.as_bytes())
        .unwrap();
    let (imported, _) = town.import(&path).await;
    assert_eq!((imported.cases_added, imported.entries_added), (2, 2_345));
    assert_eq!((imported.cases, imported.entries), (2, 2_345));
    let out = town.exported_by(&town.archivist).await;
    let numbers: Vec<_> = out.matches("<int key=\"n\" value=\"").collect();
    assert_eq!(numbers.len(), 2_345);
}

#[tokio::test]
async fn an_erased_case_is_gone_for_good_and_with_the_last_of_them_the_log_itself() {
    let town = Town::new().await;
    let path = fixture("allotments.xes");
    town.import(&path).await;
    let cases = town.cases().await;
    let events = town.events().await;
    let (import, log) = events
        .iter()
        .find_map(|recorded| match &recorded.event {
            Event::LogImported(facts) => Some((facts.import, recorded.position)),
            _ => None,
        })
        .unwrap();
    let store = town.ledger.store();
    let contents = async || store.contents(&town.tenant, &[log]).await.unwrap().len();
    end(&town, cases[0]).await;
    let (again, _) = town.import(&path).await;
    assert!(again.before);
    assert_eq!(again.cases_added, 0);
    assert_eq!(contents().await, 1, "two of its cases are still there");
    end(&town, cases[1]).await;
    end(&town, cases[2]).await;
    assert_eq!(contents().await, 0);
    assert_eq!(
        town.stream_of(import).await,
        ["log_imported", "import_concluded"]
    );
    let left = events.iter().filter(|recorded| {
        matches!(
            recorded.event,
            Event::EntryImported(_) | Event::CaseImported(_)
        )
    });
    let positions: Vec<_> = left.map(|recorded| recorded.position).collect();
    assert_eq!(store.contents(&town.tenant, &positions).await.unwrap(), []);
    let verified = town
        .ledger
        .verify(&town.tenant, false, &|_, _| ())
        .await
        .unwrap();
    assert!(verified.errors.is_empty(), "{:?}", verified.errors);
}
