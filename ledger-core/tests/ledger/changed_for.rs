//! What changed for a person between two positions: what happened to their account, what they did, and what others did to
//! them in cases.

use std::sync::Arc;

use ledger_core::{
    access::RuleBook,
    case::{AddParty, AssignTask, BreakGlass, MendGlass, RemoveParty},
    directory::AdoptProfile,
    events::Event,
    ids::{AccountId, CaseId, PartyId, Position, ProfileId},
    ledger::{AsOf, Caller, CaseCommand, Changed, Executed, LedgerError, Look, SawFilter},
    profile::RuleBookText,
};

use crate::story::{
    Kvam, Log, code, cooperate, establish, occasion, party_of, profile, tenant, withdraw,
};

async fn asked(
    kvam: &Kvam,
    system: &ProfileId,
    account: AccountId,
    between: (Position, Option<Position>),
) -> Changed {
    let auditor = &kvam.auditor;
    let answer = kvam
        .ledger
        .changed_for(auditor, system, account, between, &occasion())
        .await;
    answer.expect("is answered")
}

/// The position, the kind and the case of each.
fn told(changed: &Changed) -> Vec<(Position, &str, Option<CaseId>)> {
    let events = changed.events.iter();
    events
        .map(|event| {
            let envelope = &event.envelope;
            (event.position, envelope.event_type.as_str(), envelope.case)
        })
        .collect()
}

async fn is_let_in(kvam: &Kvam, case: CaseId, who: &Caller) -> Executed {
    let add = CaseCommand::AddParty(AddParty {
        role: code("professional"),
        account: Some(who.account),
        service: Some(kvam.school),
        name: "Kolbein".to_owned(),
        task: None,
    });
    kvam.does(&kvam.teacher, case, add).await
}

async fn is_removed(kvam: &Kvam, case: CaseId, party: PartyId) -> Executed {
    let remove = CaseCommand::RemoveParty(RemoveParty {
        party,
        reason: "Byttar jobb".to_owned(),
        occurred_at: None,
    });
    kvam.does(&kvam.teacher, case, remove).await
}

/// How often a case says that somebody asked about a person.
async fn questions_noted(kvam: &Kvam, case: CaseId) -> usize {
    let auditor = &kvam.auditor;
    let saw = kvam
        .ledger
        .saw(auditor, case, AsOf::Now, &SawFilter::default(), &occasion())
        .await;
    let views = saw.expect("is answered").views.into_iter();
    views
        .filter(|seen| seen.facts["question"] == "person")
        .count()
}

#[tokio::test]
async fn who_let_somebody_in_to_a_case_and_who_removed_them_is_told_of_that_time() {
    let kvam = Kvam::in_memory().await;
    let (log, other) = (kvam.log().await, kvam.log().await);
    let before = kvam.sees(&kvam.mother, log.id).await.view.first;
    let added = is_let_in(&kvam, log.id, &kvam.colleague).await;
    let party = party_of(&added);
    let task = CaseCommand::AssignTask(AssignTask {
        party,
        task: "Følgjer opp".to_owned(),
    });
    let task = kvam.does(&kvam.teacher, log.id, task).await;
    // What is done to others does not concern him.
    is_let_in(&kvam, other.id, &kvam.leader).await;
    let removed = is_removed(&kvam, log.id, party).await;
    let colleague = kvam.colleague.account;

    let changed = asked(&kvam, &profile(), colleague, (before, None)).await;
    let case = Some(log.id);
    let all = [
        (added.first, "party_added", case),
        (task.first, "task_assigned", case),
        (removed.first, "party_removed", case),
    ];
    assert_eq!(told(&changed), all);
    let by = changed.events.iter().map(|event| &event.envelope.actor);
    for actor in by {
        assert_eq!(actor.account(), Some(kvam.teacher.account));
    }
    assert_eq!(changed.cited(), all.map(|(position, ..)| position));
    // Who did it, and he himself, by their names.
    let names = &changed.names;
    let by = names.of_actor(&changed.events[0].envelope.actor);
    assert_eq!(by, Some("Torunn"));
    assert_eq!(
        names.parties.get(&party).map(String::as_str),
        Some("Kolbein")
    );
    assert_eq!(questions_noted(&kvam, log.id).await, 1);
    assert_eq!(questions_noted(&kvam, other.id).await, 0);

    // Only what lies after the first position, up to and with the second.
    let until = (added.first, Some(task.first));
    let some = asked(&kvam, &profile(), colleague, until).await;
    assert_eq!(told(&some), all[1..2]);
    let none = asked(&kvam, &profile(), colleague, (removed.first, None)).await;
    assert_eq!(told(&none), []);
    assert!(
        none.names.parties.is_empty(),
        "of a case that is not told of"
    );
    assert_eq!(questions_noted(&kvam, log.id).await, 2);
}

#[tokio::test]
async fn what_others_did_to_a_member_of_the_family_is_told_and_what_they_did_themselves() {
    let kvam = Kvam::in_memory().await;
    let log = kvam.log_without_consent().await;
    let through = kvam.sees(&kvam.mother, log.id).await.view.first;
    let father = kvam.father.account;
    let let_in = asked(&kvam, &profile(), father, (Position(0), Some(through))).await;
    let let_in: Vec<_> = let_in
        .events
        .iter()
        .filter(|event| event.envelope.case == Some(log.id))
        .collect();
    let [added] = let_in.as_slice() else {
        panic!("he was let in, and that is all: {let_in:?}");
    };
    assert_eq!(added.envelope.event_type.as_str(), "party_added");
    assert_eq!(added.envelope.actor.account(), Some(kvam.teacher.account));

    for (guardian, party) in [(&kvam.mother, log.mother), (&kvam.father, log.father)] {
        kvam.consents(guardian, log.id, establish(party, None))
            .await;
    }
    let cooperation = cooperate(log.father, [kvam.health]);
    let cooperation = kvam.consents(&kvam.father, log.id, cooperation).await;
    let seen = kvam.sees(&kvam.father, log.id).await.view.first;
    // Another guardian takes it back.
    let withdrawal = withdraw(cooperation, log.mother);
    let withdrawn = kvam.does(&kvam.mother, log.id, withdrawal).await;
    let removed = is_removed(&kvam, log.id, log.father).await;
    let changed = asked(&kvam, &profile(), father, (through, None)).await;
    let told = told(&changed);
    let kinds: Vec<&str> = told.iter().map(|(_, kind, _)| *kind).collect();
    assert_eq!(
        kinds,
        [
            "consent_given",
            "consent_given",
            "case_viewed",
            "consent_withdrawn",
            "party_removed"
        ]
    );
    let positions: Vec<Position> = told.iter().map(|(position, ..)| *position).collect();
    assert_eq!(positions[2..], [seen, withdrawn.first, removed.first]);
}

#[tokio::test]
async fn that_parents_let_in_a_service_is_told_of_those_who_take_part_for_it() {
    let kvam = Kvam::in_memory().await;
    let log = kvam.log_without_consent().await;
    let before = kvam.sees(&kvam.mother, log.id).await.view.first;
    kvam.consents(&kvam.mother, log.id, establish(log.mother, None))
        .await;
    let cooperation = cooperate(log.mother, [kvam.health]);
    let cooperation = kvam.consents(&kvam.mother, log.id, cooperation).await;
    let withdrawal = withdraw(cooperation, log.mother);
    let withdrawn = kvam.does(&kvam.mother, log.id, withdrawal).await;
    let nurse = kvam.nurse.account;
    let changed = asked(&kvam, &profile(), nurse, (before, None)).await;
    let told = told(&changed);
    let kinds: Vec<&str> = told.iter().map(|(_, kind, _)| *kind).collect();
    assert_eq!(kinds, ["consent_given", "consent_withdrawn"]);
    assert_eq!(told[1].0, withdrawn.first);
}

#[tokio::test]
async fn who_ended_an_emergency_is_told_of_whoever_read_in_it() {
    let kvam = Kvam::in_memory().await;
    let log = kvam.log().await;
    let before = kvam.sees(&kvam.mother, log.id).await.view.first;
    let broken = CaseCommand::BreakGlass(BreakGlass {
        reason: "Barnet er borte".to_owned(),
        hours: 2,
    });
    let broken = kvam.does(&kvam.leader, log.id, broken).await;
    let emergency = broken.decided.iter().find_map(|event| match event {
        Event::GlassBroken(facts) => Some(facts.emergency),
        _ => None,
    });
    let mend = CaseCommand::MendGlass(MendGlass {
        emergency: emergency.expect("an emergency"),
    });
    let mended = kvam.does(&kvam.teacher, log.id, mend).await;
    let leader = kvam.leader.account;
    let changed = asked(&kvam, &profile(), leader, (before, None)).await;
    let case = Some(log.id);
    let all = [
        (broken.first, "glass_broken", case),
        (mended.first, "glass_mended", case),
    ];
    assert_eq!(told(&changed), all);
}

#[tokio::test]
async fn a_case_of_another_system_is_not_told_of() {
    let kvam = Kvam::in_memory().await;
    let log = kvam.log().await;
    is_let_in(&kvam, log.id, &kvam.colleague).await;
    let mut text = RuleBookText::built_in("stafettloggen-kvam").expect("it comes with the program");
    text.profile_toml = text
        .profile_toml
        .replace("id = \"stafettloggen-kvam\"", "id = \"another-system\"");
    let rule_book = Arc::new(RuleBook::load(&text).unwrap_or_else(|error| panic!("{error}")));
    let another: ProfileId = "another-system".parse().expect("a profile");
    let adopted = AdoptProfile { rule_book };
    let (auditor, role) = (kvam.auditor.account, code("auditor"));
    kvam.ledger
        .appoint_first_administrator(&tenant(), adopted, auditor, "Audun", role)
        .await
        .expect("appoints");
    for account in [kvam.colleague.account, kvam.mother.account] {
        let changed = asked(&kvam, &another, account, (Position(0), None)).await;
        let cases = changed.events.iter();
        let cases: Vec<CaseId> = cases.filter_map(|event| event.envelope.case).collect();
        assert_eq!(cases, []);
    }
    assert_eq!(questions_noted(&kvam, log.id).await, 0);
}

#[tokio::test]
async fn to_be_found_by_an_auditor_shows_a_case_to_nobody() {
    let kvam = Kvam::in_memory().await;
    let log = kvam.log().await;
    let party = party_of(&is_let_in(&kvam, log.id, &kvam.colleague).await);
    is_removed(&kvam, log.id, party).await;
    let own = kvam.ledger.family_cases(&kvam.colleague).await;
    assert_eq!(own.expect("answers"), []);
    kvam.does_not_see(&kvam.colleague, log.id).await;
    for caller in [&kvam.colleague, &kvam.leader, &kvam.mother] {
        let between = (Position(0), None);
        let account = kvam.colleague.account;
        let refused = kvam
            .ledger
            .changed_for(caller, &profile(), account, between, &occasion())
            .await;
        assert!(matches!(refused.err(), Some(LedgerError::Refused(_))));
    }
}

#[tokio::test]
async fn of_more_than_is_told_at_a_time_nothing_is_left_out() {
    let kvam = Kvam::in_memory().await;
    let Log { id, .. } = kvam.log().await;
    let mut seen = Vec::new();
    for _ in 0..1_500 {
        let shown = kvam
            .ledger
            .look(&kvam.teacher, id, &Look::List, &occasion())
            .await;
        seen.push(shown.expect("is shown").view.first);
    }
    let (mut after, mut found) = (Position(seen[0].0 - 1), Vec::new());
    loop {
        let teacher = kvam.teacher.account;
        let page = asked(&kvam, &profile(), teacher, (after, None)).await;
        found.extend(page.events.iter().map(|event| event.position));
        match page.more {
            Some(more) => after = more,
            None => break,
        }
    }
    assert_eq!(found, seen);
}
