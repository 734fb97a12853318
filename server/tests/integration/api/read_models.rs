//! What is due, numbers, and intervals of access: who gets them, and what stands in them.

use chrono::{Days, NaiveDate, TimeDelta};
use ledger_core::{
    case::{BeginMeasure, MeasureDescription, PlanMeasure, PlanMeeting},
    clock::SystemEntropy,
    directory::SignAgreement,
    event::CorrelationId,
    events::Event,
    ids::{AgreementId, MeasureId},
    ledger::{Caller, CaseCommand, DirectoryCommand, Executed, Occasion},
    profile::Assurance,
};
use serde_json::{Value, json};

use crate::support::{
    service::{Client, PROFILE},
    story_by_http::{CaseOfStory, Person, Story, text},
};

/// Far enough for everything.
const ONE_DAY: &str = "2999-01-01";

fn caller(story: &Story, account: &str) -> Caller {
    Caller {
        tenant: story.service.instance.tenant().clone(),
        account: account.parse().unwrap(),
        issuer: "dev".parse().unwrap(),
        assurance: Assurance::High,
    }
}

async fn run(story: &Story, person: &Person, case: &str, command: CaseCommand) -> Executed {
    let ledger = &story.service.instance.ledger;
    let occasion = Occasion::new(CorrelationId::generate(&SystemEntropy));
    let case = case.parse().unwrap();
    ledger
        .execute(&caller(story, &person.id), case, command, &occasion)
        .await
        .unwrap()
}

/// The holder plans a measure, to be evaluated in some days.
async fn measure(story: &Story, case: &CaseOfStory, evaluate_in: Days) -> MeasureId {
    let planned = PlanMeasure(MeasureDescription {
        title: "Hemmeleg tiltak".to_owned(),
        description: "Hemmeleg skildring".to_owned(),
        development_area: "Hemmeleg område".to_owned(),
        responsible: case.guardian_party.parse().unwrap(),
        evaluate_on: today(story) + evaluate_in,
        begins_on: None,
        ends_on: None,
    });
    let planned = CaseCommand::PlanMeasure(planned);
    let executed = run(story, &story.holder, &case.id, planned).await;
    let Event::MeasurePlanned(facts) = &executed.decided[0] else {
        panic!("no measure in {:?}", executed.decided)
    };
    facts.measure
}

async fn meeting(story: &Story, case: &CaseOfStory, within: TimeDelta) {
    let meeting = PlanMeeting {
        at: story.service.instance.ledger.now() + within,
        title: "Hemmeleg møte".to_owned(),
        place: String::new(),
        agenda: String::new(),
    };
    let meeting = CaseCommand::PlanMeeting(meeting);
    run(story, &story.holder, &case.id, meeting).await;
}

fn today(story: &Story) -> NaiveDate {
    story.service.instance.ledger.now().date_naive()
}

/// The read models hold everything that is in the ledger now.
async fn caught_up(story: &Story) {
    let instance = &story.service.instance;
    projections::catch_up(
        instance.projector.clone(),
        instance.store(),
        instance.tenant().clone(),
    )
    .await
    .unwrap();
}

async fn due(client: &Client, query: &str) -> Value {
    client.get(&format!("/v1/due{query}")).await.good()
}

fn kinds(due: &Value) -> Vec<&str> {
    let items = due["items"].as_array().unwrap().iter();
    items.map(|item| item["kind"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn what_is_due_comes_by_day_and_only_of_sections_that_may_be_seen() {
    let story = Story::begin().await;
    let case = story.case().await;
    let parent = &story.stranger;
    story
        .add_party(&case.id, "parent", parent, None, "Ståle, faren til Kari")
        .await;
    measure(&story, &case, Days::new(40)).await;
    meeting(&story, &case, TimeDelta::days(3)).await;
    caught_up(&story).await;

    let soon = due(&story.holder.client, "").await;
    assert_eq!(kinds(&soon), ["measure_begins", "meeting"]);
    assert_eq!(soon["cases"][0]["childName"], "Kari Nordmann");
    assert_eq!(soon["items"][1]["caseId"], json!(case.id));
    assert!(soon["items"][1]["at"].is_string(), "{soon}");

    let all = [
        "measure_begins",
        "meeting",
        "measure_evaluation",
        "consent_renewal",
    ];
    let until = format!("?until={ONE_DAY}");
    for person in [&story.holder, &story.guardian] {
        let everything = due(&person.client, &until).await;
        assert_eq!(kinds(&everything), all);
        assert!(!everything.to_string().contains("Hemmeleg"), "{everything}");
        let is_guardian = person.id == story.guardian.id;
        assert_eq!(everything["items"][3]["own"], is_guardian);
    }
    let as_parent = due(&parent.client, &until).await;
    assert_eq!(
        kinds(&as_parent),
        all[..3],
        "consents are not theirs to see"
    );

    // Page by page it is the same.
    let mut paged = Vec::new();
    let mut cursor = String::new();
    loop {
        let page = due(&story.holder.client, &format!("{until}&limit=1{cursor}")).await;
        paged.extend(page["items"].as_array().unwrap().clone());
        match page["nextCursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    assert_eq!(kinds(&json!({ "items": paged })), all);

    // Being told of it is a view, as in a list.
    let saw = format!("/v1/cases/{}/audit/saw", case.id);
    let saw = story.auditor.client.get(&saw).await.good();
    let views = saw["views"].as_array().unwrap().iter();
    assert!(views.filter(|view| view["what"] == "case_listed").count() >= 4);

    // Nothing of the plan once the consent is withdrawn, and the consent itself no longer waits.
    story.withdraw(&case).await;
    caught_up(&story).await;
    assert_eq!(kinds(&due(&story.holder.client, &until).await), [""; 0]);
}

#[tokio::test]
async fn whoever_takes_no_part_is_told_of_nothing_that_is_due() {
    let story = Story::begin().await;
    let case = story.case().await;
    let other = story.open("Ola Nordmann", "02020212345").await;
    story
        .add_party(
            &other,
            "guardian",
            &story.stranger,
            None,
            "Ståle, far til Ola",
        )
        .await;
    measure(&story, &case, Days::new(1)).await;
    let colleague = &story.colleague;
    let party = story
        .add_party(
            &case.id,
            "professional",
            colleague,
            Some(&story.school),
            "Kåre",
        )
        .await;
    caught_up(&story).await;
    let until = format!("?until={ONE_DAY}");
    assert!(!kinds(&due(&colleague.client, &until).await).is_empty());
    let removal = format!("/v1/cases/{}/parties/{party}/removal", case.id);
    let body = json!({ "reason": "Byttar jobb." });
    story.holder.client.post(&removal, &body).await.good();
    // At once, however far behind the read model is: those removed, a guardian of another child, those who lead the
    // unit, administer, audit.
    for client in [
        &colleague.client,
        &story.stranger.client,
        &story.leader.client,
        &story.auditor.client,
        &story.service.administrator,
    ] {
        let told = due(client, &until).await.to_string();
        assert!(!told.contains(&case.id), "{told}");
    }
    story.service.anyone().get("/v1/due").await.problem(401);
    for query in [
        "?limit=0",
        "?until=-4000-01-01",
        "?cursor=nonsense",
        "?of=1",
    ] {
        let path = format!("/v1/due{query}");
        let status = story.holder.client.get(&path).await.status.as_u16();
        assert!((400..500).contains(&status), "{query}: {status}");
    }
}

#[tokio::test]
async fn numbers_are_for_those_responsible_and_small_ones_are_withheld() {
    let story = Story::begin().await;
    let case = story.case().await;
    let begun = measure(&story, &case, Days::new(1)).await;
    let begin = CaseCommand::BeginMeasure(BeginMeasure { measure: begun });
    run(&story, &story.holder, &case.id, begin).await;
    for number in 1..=6 {
        story
            .open("Ola Nordmann", &format!("0202021234{number}"))
            .await;
    }
    caught_up(&story).await;
    let whole = format!("/v1/numbers?profile={PROFILE}");
    let of_unit = format!("{whole}&unit={}", story.school);
    let numbers = story.service.administrator.get(&whole).await.good();
    assert_eq!(
        numbers["byStatus"],
        json!([
            { "code": "active", "name": "aktiv", "count": null, "fewerThan": 5 },
            // The one beside it would give it away.
            { "code": "preparing", "name": "under førebuing", "count": null },
        ])
    );
    assert_eq!(numbers["openedByMonth"][0]["count"], 7);
    assert_eq!(
        numbers["firstMeasure"],
        json!({ "cases": { "count": null, "fewerThan": 5 }, "medianDays": null, "p90Days": null })
    );
    assert_eq!(numbers["consentsWithdrawn"], json!({ "count": 0 }));
    let led = story.leader.client.get(&of_unit).await.good();
    assert_eq!(led["byStatus"], numbers["byStatus"]);
    let elsewhere = format!("{whole}&unit={}", story.counselling);
    let none = story.service.administrator.get(&elsewhere).await.good();
    assert_eq!(none["byStatus"], json!([]));

    story.leader.client.get(&whole).await.problem(403);
    story.leader.client.get(&elsewhere).await.problem(403);
    for person in [&story.holder, &story.guardian, &story.auditor] {
        person.client.get(&of_unit).await.problem(403);
    }
}

#[tokio::test]
async fn intervals_of_access_are_for_the_auditor_and_noted() {
    let story = Story::begin().await;
    let case = story.case().await;
    let role = "professional";
    let party = story
        .add_party(
            &case.id,
            role,
            &story.colleague,
            Some(&story.school),
            "Kåre",
        )
        .await;
    let removal = format!("/v1/cases/{}/parties/{party}/removal", case.id);
    let body = json!({ "reason": "Byttar jobb." });
    story.holder.client.post(&removal, &body).await.good();
    story.withdraw(&case).await;
    caught_up(&story).await;

    let path = format!("/v1/cases/{}/access-intervals", case.id);
    let answer = story.auditor.client.get(&path).await.good();
    let intervals = answer["intervals"].as_array().unwrap();
    let of = |kind: &str, id: &str| {
        let mut intervals = intervals.iter();
        intervals
            .find(|interval| interval["kind"] == kind && interval["id"] == id)
            .unwrap_or_else(|| panic!("no {kind} {id} in {answer}"))
    };
    let colleague = of("party", &party);
    assert_eq!(colleague["account"], json!(story.colleague.id));
    assert_eq!(colleague["endedBy"], "party_removed");
    assert!(colleague["untilPosition"].as_u64() > colleague["fromPosition"].as_u64());
    assert_eq!(of("consent", &case.consent)["endedBy"], "consent_withdrawn");
    assert!(of("party", &case.guardian_party).get("account").is_none());
    assert_eq!(of("unit", &case.id)["unit"], json!(story.school));
    let leads = of("role", &story.leader.id);
    assert_eq!(leads["role"], "unit_leader");
    assert!(leads.get("untilAt").is_none());
    assert!(!answer.to_string().contains(&story.guardian.id), "{answer}");

    // That it was asked stands in the ledger.
    let saw = format!("/v1/cases/{}/audit/saw", case.id);
    let saw = story.auditor.client.get(&saw).await.good();
    let noted = saw["views"].as_array().unwrap().iter();
    let mut noted = noted.filter(|view| view["position"] == answer["view"]["position"]);
    assert_eq!(noted.next().unwrap()["facts"]["question"], "could");

    for person in [&story.guardian, &story.holder] {
        person.client.get(&path).await.problem(403);
    }
    for person in [&story.stranger, &story.colleague, &story.leader] {
        person.client.get(&path).await.problem(404);
    }
}

#[tokio::test]
async fn agreements_that_end_are_for_whoever_may_sign_them() {
    let story = Story::begin().await;
    let ends = today(&story) + Days::new(10);
    let sign = SignAgreement {
        with: None,
        agreement: AgreementId::generate(story.service.instance.ledger.now(), &SystemEntropy),
        organisation: story.counselling.parse().unwrap(),
        kind: "data_processing".parse().unwrap(),
        valid_from: None,
        valid_through: Some(ends),
        title: "Hemmeleg avtale".to_owned(),
        reference: "arkivsak 7".to_owned(),
        items: [].into(),
        mailbox: None,
        bound_by_secrecy: false,
    };
    let administrator = caller(&story, &story.service.administrator_id.to_string());
    let occasion = Occasion::new(CorrelationId::generate(&SystemEntropy));
    let command = DirectoryCommand::SignAgreement(sign);
    let ledger = &story.service.instance.ledger;
    let profile = PROFILE.parse().unwrap();
    let signed = ledger.administer(&administrator, &profile, command, &occasion);
    signed.await.unwrap();
    caught_up(&story).await;

    let path = format!("/v1/due/agreements?profile={PROFILE}");
    let told = story.service.administrator.get(&path).await.good();
    assert_eq!(text(&told["items"][0], "organisation"), story.counselling);
    assert_eq!(told["items"][0]["validThrough"], json!(ends));
    assert!(!told.to_string().contains("Hemmeleg"), "{told}");
    let before = format!("{path}&until={}", ends - Days::new(1));
    let told = story.service.administrator.get(&before).await.good();
    assert_eq!(told["items"], json!([]));
    for person in [&story.leader, &story.holder, &story.guardian] {
        person.client.get(&path).await.problem(403);
    }
}
