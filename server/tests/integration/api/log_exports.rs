//! The log in the formats of the field: what it holds, who gets it, what it leaves behind, and how a broken one is known.

use std::collections::BTreeSet;

use reqwest::Method;
use serde_json::{Value, json};
use sqlx::{AssertSqlSafe, ConnectOptions as _};

use crate::support::{
    local_team::{self, People},
    service::{Answer, Client, PROFILE},
    smtp::SmtpServer,
    story_by_http::{CaseOfStory, Story, activate, assign},
};

const FORMATS: [(&str, &str); 6] = [
    ("audit-event", "application/fhir+ndjson"),
    ("nen7513-csv", "text/csv"),
    ("nen7513-json", "application/json"),
    ("ldv", "application/x-ndjson"),
    ("consent-records", "application/ld+json"),
    ("xes", "application/xml"),
];

fn of_case(case: &str, format: &str) -> String {
    format!("/v1/cases/{case}/log-exports/{format}")
}

/// What an auditor's export of this address holds, in JSON, one value a record.
async fn actions(client: &Client, path: &str) -> Vec<Value> {
    let answer = client.get(path).await.good();
    answer.as_array().unwrap().clone()
}

/// The cases that an export of many holds.
async fn cases(client: &Client, query: &str) -> BTreeSet<String> {
    let path = format!("/v1/log-exports/nen7513-json{query}");
    let actions = actions(client, &path).await;
    let case = |action: &Value| action["participants"][0]["participantObjectID"].clone();
    let cases = actions.iter().map(case);
    cases
        .map(|case| case.as_str().unwrap().to_owned())
        .collect()
}

async fn close(story: &Story, case: &CaseOfStory) {
    let path = format!("/v1/cases/{}", case.id);
    let holder = &story.holder.client;
    let etag = holder.get(&path).await.header("etag").to_owned();
    let body = json!({ "reason": "thrives", "summary": "Går bra." });
    let closing = format!("{path}/closing");
    holder.post_having_seen(&etag, &closing, &body).await.good();
}

#[tokio::test]
async fn each_format_names_staff_and_holds_nothing_of_the_case() {
    let story = Story::begin().await;
    let case = story.case().await;
    story.note(&case.id, "Hemmeleg").await;
    story
        .guardian
        .client
        .get(&format!("/v1/cases/{}", case.id))
        .await
        .good();
    // A parent of another child is refused, and not named either.
    let path = format!("/v1/cases/{}", case.id);
    story.stranger.client.get(&path).await.problem(404);
    for (format, media_type) in FORMATS {
        let answer = story.auditor.client.get(&of_case(&case.id, format)).await;
        assert_eq!(answer.status, 200, "{format}");
        assert_eq!(answer.header("content-type"), media_type);
        assert!(
            answer
                .header("content-disposition")
                .starts_with("attachment")
        );
        let text = answer.text();
        assert!(text.contains(&case.id), "{format}: {text}");
        for word in [
            "Kari",
            "Hemmeleg",
            "Gro",
            "Ståle",
            "01010112345",
            &story.guardian.id,
        ] {
            assert!(!text.contains(word), "{format} says {word}: {text}");
        }
        let names = match format {
            // It names people and organisations by their ids.
            "ldv" | "xes" => vec![],
            "consent-records" => vec!["Øystese skule"],
            _ => vec!["Hanna Haldar", "Øystese skule"],
        };
        for name in names {
            assert!(text.contains(name), "{format} does not say {name}: {text}");
        }
    }
}

#[tokio::test]
async fn an_export_is_noted_in_each_of_its_cases() {
    let story = Story::begin().await;
    let case = story.case().await;
    let auditor = &story.auditor.client;
    let period = "from=2026-01-01T01:00:00%2B01:00&to=2126-01-01T00:00:00Z";
    let path = format!("{}?{period}", of_case(&case.id, "audit-event"));
    let request = auditor.request(Method::GET, &path);
    let request = request.header("purpose", "inspection");
    assert_eq!(Answer::to(request).await.status, 200);
    let saw = format!("/v1/cases/{}/audit/saw", case.id);
    let saw = auditor.get(&saw).await.good();
    let views = saw["views"].as_array().unwrap();
    let noted = views.iter().find(|view| view["what"] == "log_exported");
    let noted = noted.unwrap_or_else(|| panic!("{saw}"));
    assert_eq!(noted["name"], "Rune Revisor");
    assert_eq!(noted["facts"]["format"], "audit_event");
    assert_eq!(noted["facts"]["from"], "2026-01-01T00:00:00Z");
    assert_eq!(noted["facts"]["until"], "2126-01-01T00:00:00Z");
    assert!(noted["facts"].get("withContent").is_none(), "{noted}");
}

#[tokio::test]
async fn a_period_is_half_open_and_leaves_out_cases_in_which_nothing_was_recorded() {
    let story = Story::begin().await;
    let case = story.case().await;
    let auditor = &story.auditor.client;
    let all = actions(auditor, &of_case(&case.id, "nen7513-json")).await;
    let at = |index: usize| all[index]["eventDateTime"].as_str().unwrap().to_owned();
    let (from, to) = (at(1), at(3));
    let path = format!("{}?from={from}&to={to}", of_case(&case.id, "nen7513-json"));
    let some = actions(auditor, &path).await;
    let within = |action: &&Value| {
        let at = action["eventDateTime"].as_str().unwrap();
        from.as_str() <= at && at < to.as_str()
    };
    let expected: Vec<Value> = all.iter().filter(within).cloned().collect();
    assert!(!expected.is_empty());
    assert_eq!(some, expected);

    // Another case begins after the period: it is not there, and knows nothing of the export.
    let other = story.open("Ola Nordmann", "02020212345").await;
    let found = cases(auditor, &format!("?from={from}&to={to}")).await;
    assert_eq!(found, BTreeSet::from([case.id.clone()]));
    let saw = format!("/v1/cases/{other}/audit/saw");
    let saw = auditor.get(&saw).await.good();
    assert!(!saw.to_string().contains("log_exported"), "{saw}");

    for query in [
        format!("?from={to}&to={from}"),
        format!("?from={from}&to={from}"),
        "?from=2026-01-01".to_owned(),
        "?until=2026-01-01T00:00:00Z".to_owned(),
    ] {
        let path = format!("{}{query}", of_case(&case.id, "ldv"));
        auditor.get(&path).await.problem(400);
    }
}

#[tokio::test]
async fn of_many_cases_those_that_one_may_not_export_are_left_out_without_a_trace() {
    let story = Story::begin().await;
    let closed = story.case().await;
    let open = story.open("Ola Nordmann", "02020212345").await;
    close(&story, &closed).await;
    let both = BTreeSet::from([closed.id.clone(), open.clone()]);
    let auditor = &story.auditor.client;
    assert_eq!(cases(auditor, "").await, both);
    assert_eq!(cases(auditor, &format!("?profile={PROFILE}")).await, both);
    let unknown = "/v1/log-exports/ldv?profile=another-system";
    auditor.get(unknown).await.problem(422);

    // The archivist gets what has ended.
    let archivist = &story.archivist.client;
    assert_eq!(
        cases(archivist, "").await,
        BTreeSet::from([closed.id.clone()])
    );
    let path = of_case(&open, "ldv");
    archivist.get(&path).await.problem(404);
    let path = of_case(&closed.id, "ldv");
    assert_eq!(archivist.get(&path).await.status, 200);

    // Nobody else gets anything, whether they take part or not.
    let none = BTreeSet::new();
    let before = story.service.instance.ledger.store();
    let size = before.tip(story.service.instance.tenant()).await.unwrap();
    let others = [
        &story.holder,
        &story.guardian,
        &story.stranger,
        &story.leader,
        &story.colleague,
    ];
    for person in others {
        assert_eq!(cases(&person.client, "").await, none);
        for (format, _) in FORMATS {
            let many = format!("/v1/log-exports/{format}");
            let text = person.client.get(&many).await.text();
            assert!(
                !text.contains(&closed.id) && !text.contains(&open),
                "{text}"
            );
        }
    }
    let after = before.tip(story.service.instance.tenant()).await.unwrap();
    assert_eq!(size, after, "what is left out is not noted");
    story
        .service
        .anyone()
        .get("/v1/log-exports/ldv")
        .await
        .problem(401);
}

#[tokio::test]
async fn another_tenants_auditor_gets_their_own_cases() {
    let story = Story::begin().await;
    let case = story.case().await;
    let other = Story::begin_on(story.service.start_beside("bergen").await).await;
    let other_case = other.case().await;
    let auditor = &other.auditor.client;
    assert_eq!(cases(auditor, "").await, BTreeSet::from([other_case.id]));
    auditor.get(&of_case(&case.id, "ldv")).await.problem(404);
    let visitor = auditor.at_another(&story.service.url);
    visitor.get("/v1/log-exports/ldv").await.problem(401);
}

#[tokio::test]
async fn whoever_would_not_take_the_format_is_told_before_anything_is_noted() {
    let story = Story::begin().await;
    let case = story.case().await;
    let auditor = &story.auditor.client;
    let path = of_case(&case.id, "consent-records");
    let request = auditor
        .request(Method::GET, &path)
        .header("accept", "text/csv");
    Answer::to(request).await.problem(406);
    let request = auditor
        .request(Method::GET, &path)
        .header("accept", "application/ld+json");
    assert_eq!(Answer::to(request).await.status, 200);
    auditor
        .get(&of_case(&case.id, "no-such-format"))
        .await
        .problem(404);
    let saw = format!("/v1/cases/{}/audit/saw", case.id);
    let saw = auditor.get(&saw).await.good();
    let exported = saw.to_string().matches("log_exported").count();
    assert_eq!(exported, 1, "{saw}");
}

#[tokio::test]
async fn an_export_that_breaks_in_the_middle_does_not_end_as_a_whole_one_does() {
    let story = Story::begin().await;
    story.case().await;
    let broken = story.open("Ola Nordmann", "02020212345").await;
    // Something that cannot be read, among the views of the second case.
    story
        .holder
        .client
        .get(&format!("/v1/cases/{broken}"))
        .await
        .good();
    let mut connection = story.service.database.options.connect().await.unwrap();
    let sql = format!(
        "SET session_replication_role = replica; UPDATE events SET envelope = '' WHERE stream = 'views/{broken}'"
    );
    sqlx::raw_sql(AssertSqlSafe(sql))
        .execute(&mut connection)
        .await
        .unwrap();
    let request = story
        .auditor
        .client
        .request(Method::GET, "/v1/log-exports/audit-event");
    let response = request.send().await.unwrap();
    assert_eq!(response.status(), 200, "the first case was good");
    let error = response.bytes().await.unwrap_err();
    assert!(
        error.is_body() || error.is_decode() || error.is_request(),
        "{error:?}"
    );
}

/// The roles of agents, and the identifier of whoever holds them.
fn agents(event: &Value) -> BTreeSet<(String, String)> {
    let agents = event["agent"].as_array().unwrap().iter();
    let agent = |agent: &Value| {
        let code = &agent["type"]["coding"][0]["code"];
        let who = &agent["who"]["identifier"]["value"];
        (text(code), text(who))
    };
    agents.map(agent).collect()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

#[tokio::test]
async fn what_was_handed_over_is_a_disclosure_to_its_receiver_by_whoever_consented() {
    let Some(post) = SmtpServer::start(&[]) else {
        return;
    };
    let people = People::begin(Some(post.port)).await;
    let (path, mother, _, prepared) = people.prepared().await;
    let transmission = text(&prepared["transmissionId"]);
    let sending = format!("{path}/transmissions/{transmission}/sending");
    people.member.client.post(&sending, &json!({})).await.good();
    let auditor = activate(&people.service, "Rita Revisor", None).await;
    let administrator = &people.service.administrator;
    assign(
        local_team::PROFILE,
        administrator,
        &auditor,
        "auditor",
        None,
    )
    .await;
    let log = auditor
        .client
        .get(&format!("{path}/log-exports/audit-event"))
        .await
        .text();
    let events = log
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap());
    let sent = |event: &Value| event["subtype"][1]["code"] == "transmission_sent";
    let disclosed: Vec<Value> = events.filter(sent).collect();
    let [disclosed] = &disclosed[..] else {
        panic!("{log}");
    };
    assert_eq!(disclosed["type"]["code"], "110106");
    let agents = agents(disclosed);
    for (role, who) in [
        ("110153", "https://caseledger.localhost/kvam"),
        ("110152", people.ocmw.as_str()),
        ("159541003", people.team.as_str()),
        ("429577009", mother.as_str()),
        ("IRCP", people.member.id.as_str()),
    ] {
        let agent = (role.to_owned(), who.to_owned());
        assert!(agents.contains(&agent), "{agent:?} is not in {agents:?}");
    }
}

#[tokio::test]
async fn a_consent_record_tells_the_whole_life_of_its_consent() {
    let story = Story::begin().await;
    let case = story.case().await;
    let path = format!("/v1/cases/{}/consents", case.id);
    let renewal = json!({
        "kind": "establish_log", "by": case.guardian_party, "form": "digital", "renews": case.consent,
        "validThrough": "2126-01-01",
    });
    let guardian = &story.guardian.client;
    let renewed = guardian.post(&path, &renewal).await.good();
    let renewed = text(&renewed["consentId"]);
    let withdrawal = format!("{path}/{renewed}/withdrawal");
    let by = json!({ "by": case.guardian_party });
    guardian.post(&withdrawal, &by).await.good();
    let path = of_case(&case.id, "consent-records");
    let records = story.auditor.client.get(&path).await.good();
    let lives = records["@graph"].as_array().unwrap().iter().map(|record| {
        let states = record["dct:hasPart"].as_array().unwrap().iter();
        let states: Vec<String> = states.map(|turn| text(&turn["@type"])).collect();
        (text(&record["dct:identifier"]), states)
    });
    let lives: Vec<_> = lives.collect();
    let state = |state: &str| format!("dpv:{state}");
    assert_eq!(
        lives,
        [
            (case.consent.clone(), vec![state("ConsentGiven")]),
            (
                renewed.clone(),
                vec![state("RenewedConsentGiven"), state("ConsentWithdrawn")]
            ),
        ]
    );
    let consent = |id: &str| format!("https://caseledger.localhost/kvam/consents/{id}");
    let [first, second] = [&records["@graph"][0], &records["@graph"][1]];
    assert_eq!(first["dct:isReplacedBy"]["@id"], consent(&renewed));
    assert_eq!(second["dct:replaces"]["@id"], consent(&case.consent));
    assert_eq!(
        second["dct:hasPart"][0]["dct:valid"]["@value"],
        "2126-01-01"
    );
    assert_eq!(
        second["dpv:hasConsentStatus"]["@id"],
        "dpv:ConsentWithdrawn"
    );
}
