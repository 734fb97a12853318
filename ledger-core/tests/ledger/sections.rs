//! Sections: what may be filed under them, and who is shown what stands in them.

use std::sync::Arc;

use ledger_core::{
    access::RuleBook,
    case::{AddNote, AddParty},
    command::RejectionCode,
    directory::AdoptProfile,
    events::Event,
    ids::{CaseId, Code, NoteId, StreamId},
    ledger::{Caller, CaseCommand, DirectoryCommand, Excerpt, LedgerError, Look, Shown},
    profile::RuleBookText,
};

use crate::story::{
    Kvam, assert_refused_by, code, note, occasion, rule_book, tenant, texts, withdraw,
};

fn filed_under(section: &str, text: &str) -> CaseCommand {
    let CaseCommand::AddNote(filed) = note(text) else {
        unreachable!("a note is a note")
    };
    CaseCommand::AddNote(AddNote {
        section: code(section),
        ..filed
    })
}

/// The rule book as it might have been, with parts of it replaced.
fn earlier_rules<const N: usize>(replaced: [(&str, &str); N]) -> AdoptProfile {
    let mut text = RuleBookText::built_in("stafettloggen-kvam").expect("it comes with the program");
    for (part, by) in replaced {
        assert!(text.profile_toml.contains(part), "{part}");
        text.profile_toml = text.profile_toml.replacen(part, by, 1);
    }
    let rule_book = RuleBook::load(&text).unwrap_or_else(|error| panic!("{error}"));
    AdoptProfile {
        rule_book: Arc::new(rule_book),
    }
}

async fn adopts(kvam: &Kvam, rules: AdoptProfile) {
    let command = DirectoryCommand::AdoptProfile(rules);
    kvam.administers(&kvam.administrator, command).await;
}

/// A parent without parental responsibility takes part.
async fn joins(kvam: &Kvam, who: &Caller, log: CaseId) {
    let parent = AddParty {
        role: code("parent"),
        account: Some(who.account),
        service: None,
        name: "Testperson".to_owned(),
        task: None,
    };
    kvam.does(&kvam.teacher, log, CaseCommand::AddParty(parent))
        .await;
}

async fn looks(kvam: &Kvam, who: &Caller, log: CaseId, look: Look) -> Result<Shown, LedgerError> {
    kvam.ledger.look(who, log, &look, &occasion()).await
}

#[tokio::test]
async fn a_note_is_filed_where_notes_are_expected_and_nowhere_else() {
    let kvam = Kvam::in_memory().await;
    let log = kvam.log().await;
    for section in ["timeline", "basics", "consents", "plan", "documents"] {
        let error = kvam
            .cannot(&kvam.mother, log.id, filed_under(section, "Løyndom"))
            .await;
        let LedgerError::Rejected(rejection) = error else {
            panic!("{section}: {error}");
        };
        assert_eq!(rejection.code, RejectionCode::NotInProfile, "{section}");
        let named = rejection.requirement.map(|id| id.to_string());
        assert_eq!(named.as_deref(), Some("V6"), "{section}");
    }
}

#[tokio::test]
async fn what_was_filed_among_the_facts_of_the_timeline_shows_the_auditor_no_text() {
    let kvam = Kvam::in_memory().await;
    let log = kvam.log().await;
    // A rule book whose facts stood elsewhere, and under which anything could be filed.
    let earlier = earlier_rules([(
        "holds = [\"timeline\"]",
        "takes = [\"notes\"]\n[sections.facts]\nname = { nn = \"f\", nb = \"f\", nl = \"f\", en = \"f\" }\nholds = [\"timeline\"]",
    )]);
    adopts(&kvam, earlier).await;
    kvam.does(&kvam.mother, log.id, filed_under("timeline", "Løyndom"))
        .await;
    adopts(&kvam, rule_book()).await;

    let shown = looks(&kvam, &kvam.auditor, log.id, Look::Timeline).await;
    assert_eq!(texts(&shown.expect("facts")), Vec::<String>::new());
    // Nothing is lost to those who may read the notes.
    let mother = kvam.sees(&kvam.mother, log.id).await;
    assert_eq!(texts(&mother), ["Løyndom"]);
}

#[tokio::test]
async fn what_was_filed_among_the_basic_data_is_shown_like_any_other_note() {
    let kvam = Kvam::in_memory().await;
    let log = kvam.log().await;
    joins(&kvam, &kvam.colleague, log.id).await;
    let earlier = earlier_rules([(
        "holds = [\"child\"",
        "takes = [\"notes\"]\nholds = [\"child\"",
    )]);
    adopts(&kvam, earlier).await;
    kvam.does(&kvam.mother, log.id, filed_under("basics", "Løyndom"))
        .await;
    let parent = kvam.sees(&kvam.colleague, log.id).await;
    assert_eq!(texts(&parent), ["Løyndom"], "by those rules");

    adopts(&kvam, rule_book()).await;
    for look in [Look::Case, Look::Print] {
        let parent = looks(&kvam, &kvam.colleague, log.id, look).await;
        assert_eq!(texts(&parent.expect("is shown")), Vec::<String>::new());
    }
    let teacher = looks(&kvam, &kvam.teacher, log.id, Look::Excerpt(Excerpt::Notes)).await;
    let teacher = teacher.expect("is shown");
    assert_eq!(texts(&teacher), ["Løyndom"]);
    assert_eq!(teacher.sections, [code("notes")].into());

    let consents = &teacher.case.state.consents;
    let established = consents
        .iter()
        .find(|(_, consent)| consent.by == log.mother && consent.kind == code("establish_log"));
    let (consent, _) = established.expect("hers");
    kvam.does(&kvam.mother, log.id, withdraw(*consent, log.mother))
        .await;
    let teacher = kvam.sees(&kvam.teacher, log.id).await;
    assert_eq!(teacher.sections, [code("basics"), code("consents")].into());
    assert_eq!(texts(&teacher), Vec::<String>::new());
    let notes: Vec<NoteId> = teacher.case.state.notes.keys().copied().collect();
    assert_eq!(notes.len(), 1, "it is there");
}

#[tokio::test]
async fn whoever_is_not_shown_the_timeline_is_told_why_and_so_is_the_audit_trail() {
    let kvam = Kvam::in_memory().await;
    let log = kvam.log().await;
    joins(&kvam, &kvam.colleague, log.id).await;
    let shown = kvam.sees(&kvam.colleague, log.id).await;
    assert_eq!(shown.sections, [code("basics"), code("plan")].into());
    let looks_refused = [Look::Timeline, Look::Changes(Some(shown.view.first))];
    for look in looks_refused {
        let action = look.action();
        let refused = looks(&kvam, &kvam.colleague, log.id, look).await.err();
        assert_refused_by(&refused.expect("is refused"), "X4");
        let store = &kvam.parts.store;
        let views = StreamId::Views(log.id);
        let views = store.read_stream(&tenant(), &views, 0, 1_000).await;
        let last = views.expect("reads").pop().expect("a view");
        let last = last.decode().expect("decodes");
        let Event::AccessRefused(facts) = &last.event else {
            panic!("{action}: a refusal leaves an event");
        };
        assert_eq!(facts.action.as_str(), action.code());
        let policies = last.envelope.basis.expect("why").policies;
        let policies: Vec<&str> = policies.iter().map(Code::as_str).collect();
        assert_eq!(policies, ["each_party_sees_its_sections"], "{action}");
    }
}
