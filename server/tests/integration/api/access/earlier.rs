//! What was recorded before a reopening, in every shape in which a case can be read: whoever may not see it learns
//! neither what it says nor that it is there (S18).

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::support::{
    events::Events,
    reopened::{MARK, Reopened},
    service::Client,
};

/// Every reading of a reopened log as it is now, by its name.
const SHAPES: [&str; 11] = [
    "",
    "/printout",
    "/timeline",
    "/parties",
    "/services",
    "/consents",
    "/measures",
    "/meetings",
    "/agreements",
    "/notes",
    "/documents",
];

impl Reopened {
    fn services(&self) -> [(&'static str, &Client); 2] {
        [
            ("the baton holder", &self.story.holder.client),
            ("the professional", &self.story.professional.client),
        ]
    }

    /// Says nothing of what came before: no text of it, no id, no position.
    #[track_caller]
    fn tells_nothing(&self, what: &str, answer: &Value) {
        let text = answer.to_string();
        assert!(!text.contains(MARK), "{what}: {text}");
        for id in &self.earlier {
            assert!(!text.contains(id), "{what} names {id}: {text}");
        }
        let mut positions = BTreeSet::new();
        gather(answer, &mut positions);
        let noted = self.noted.as_u64().unwrap();
        assert!(!positions.contains(&noted), "{what} cites it: {text}");
    }
}

/// Every number that stands under a position or a citation.
fn gather(answer: &Value, positions: &mut BTreeSet<u64>) {
    match answer {
        Value::Array(items) => items.iter().for_each(|item| gather(item, positions)),
        Value::Object(fields) => {
            for (name, value) in fields {
                if ["position", "corrects", "target"].contains(&name.as_str()) {
                    positions.extend(value.as_u64());
                }
                if ["cited", "targets"].contains(&name.as_str()) {
                    let cited = value.as_array().into_iter().flatten();
                    positions.extend(cited.filter_map(Value::as_u64));
                }
                gather(value, positions);
            }
        }
        _ => {}
    }
}

#[tokio::test]
async fn no_shape_tells_the_services_of_what_came_before() {
    let log = Reopened::begin().await;
    for (who, client) in log.services() {
        for shape in SHAPES {
            let answer = client.get(&format!("{}{shape}", log.path)).await.good();
            log.tells_nothing(&format!("{who}, {shape:?}"), &answer);
        }
        let whole = client.get(&log.path).await.good();
        // What the new log needs is carried over.
        assert_eq!(whole["childName"], "Kari Nordmann");
        assert_eq!(whole["concern"], "");
        assert_eq!(whole["parties"].as_array().unwrap().len(), 3, "{whole}");
        assert_eq!(whole["contact"]["name"], "Hanna, kontaktlærar");
        assert_eq!(whole["services"].as_array().unwrap().len(), 1);
        assert_eq!(whole["consents"].as_array().unwrap().len(), 2);
        assert_eq!(whole["course"]["turns"].as_array().unwrap().len(), 1);
        assert_eq!(whole["measures"][0]["title"], "NYTT tiltak");
        assert_eq!(whole["notes"][0]["title"], "NYTT notat");

        let list = client.get("/v1/cases").await.good();
        assert_eq!(list["items"][0]["caseId"], log.id.as_str());
        log.tells_nothing("the list", &list);
        let search = json!({ "nationalId": "01010112345" });
        let found = client.post("/v1/cases/search", &search).await.good();
        assert_eq!(found["items"][0]["caseId"], log.id.as_str());
        log.tells_nothing("a search", &found);
    }
}

#[tokio::test]
async fn what_came_before_is_not_due() {
    let log = Reopened::begin().await;
    let guardian = &log.story.guardian.client;
    // The read model lags: without a position, the new measure may be planned and not yet begun.
    let instance = &log.story.service.instance;
    let tip = instance.store().tip(instance.tenant()).await.unwrap();
    let latest = tip.frontier.size() - 1;
    let path = &format!("/v1/due?until=2999-01-01&minPosition={latest}");
    let due = guardian.get(path).await.good().to_string();
    assert!(due.contains(&log.measure), "{due}");
    for (who, client) in log.services() {
        let due = client.get(path).await.good();
        let kinds = due["items"].as_array().unwrap().iter();
        let kinds: Vec<&Value> = kinds.map(|item| &item["kind"]).collect();
        assert_eq!(kinds, ["measure_evaluation"], "{who}: {due}");
        log.tells_nothing(who, &due);
        // No cursor leads past what is not there.
        let page = client.get(&format!("{path}&limit=1")).await.good();
        log.tells_nothing(who, &page);
        let cursor = page["nextCursor"].as_str().unwrap().to_owned();
        let next = format!("{path}&limit=1&cursor={cursor}");
        assert_eq!(client.get(&next).await.good()["items"], json!([]));
    }
}

#[tokio::test]
async fn a_document_from_before_is_answered_like_one_that_never_was() {
    let log = Reopened::begin().await;
    let nowhere = "01ARZ3NDEKTSV4RRFFQ69G5FAV";
    for (_, client) in log.services() {
        let of = async |document: &str| {
            let path = format!("{}/documents/{document}", log.path);
            client.get(&path).await.problem(404)
        };
        assert_eq!(of(&log.document).await, of(nowhere).await);
    }
    let document = format!("{}/documents/{}", log.path, log.document);
    let read = log.story.guardian.client.get(&document).await;
    assert_eq!(read.bytes, b"%PDF-1.7 GAMMALT");
}

#[tokio::test]
async fn the_log_did_not_exist_before_it_was_reopened_for_whoever_may_not_see_that() {
    let log = Reopened::begin().await;
    let then = format!("atPosition={}", log.noted);
    for (who, client) in log.services() {
        for shape in SHAPES {
            let path = format!("{}{shape}?{then}", log.path);
            assert_eq!(client.get(&path).await.status, 404, "{who}, {shape:?}");
        }
        let since = format!("{}?atPosition={}", log.path, log.since);
        log.tells_nothing(who, &client.get(&since).await.good());
    }
    let guardian = &log.story.guardian.client;
    let past = guardian.get(&format!("{}?{then}", log.path)).await.good();
    assert_eq!(past["notes"][0]["title"], MARK);
}

#[tokio::test]
async fn a_stream_begins_with_the_reopening() {
    let log = Reopened::begin().await;
    for (_, client) in log.services() {
        let path = format!("{}/events", log.path);
        let mut events = Events::open(client, &path, Some("1")).await;
        events.expect("watching").await;
        let mut names = Vec::new();
        while names.last().is_none_or(|name| name != "note_added") {
            let sent = events.next().await.unwrap();
            log.tells_nothing("the stream", &sent.data);
            names.push(sent.name);
        }
        assert!(names.contains(&"case_reopened".to_owned()), "{names:?}");
        assert!(!names.contains(&"case_closed".to_owned()), "{names:?}");
    }
}

#[tokio::test]
async fn what_is_said_since_of_something_from_before_goes_with_it() {
    let log = Reopened::begin().await;
    let holder = &log.story.holder.client;
    let mut events = Events::open(holder, &format!("{}/events", log.path), None).await;
    events.expect("watching").await;
    // The guardian knows of the old measure, and evaluates it.
    let path = format!("{}/measures/{}/evaluations", log.path, log.measure);
    let evaluation = json!({ "effect": "some", "evaluateOn": "2040-03-15", "assessment": MARK });
    let guardian = &log.story.guardian.client;
    guardian.post(&path, &evaluation).await.good();
    for shape in SHAPES {
        let answer = holder.get(&format!("{}{shape}", log.path)).await.good();
        log.tells_nothing(shape, &answer);
    }
    let note = json!({ "section": "notes", "title": "NYTT", "text": "" });
    let notes = format!("{}/notes", log.path);
    guardian.post(&notes, &note).await.good();
    let sent = events.expect("note_added").await;
    log.tells_nothing("the stream", &sent.data);
}

#[tokio::test]
async fn nobody_acts_on_what_is_not_there_for_them() {
    let log = Reopened::begin().await;
    let holder = &log.story.holder.client;
    let nowhere = "01ARZ3NDEKTSV4RRFFQ69G5FAV";
    let ending = json!({ "effect": "some", "assessment": "Nei." });
    let end = async |measure: &str| {
        let path = format!("{}/measures/{measure}/ending", log.path);
        let answer = holder.post(&path, &ending).await;
        (answer.status, answer.text().replace(measure, "…"))
    };
    assert_eq!(end(&log.measure).await, end(nowhere).await);
    let correct = async |position: &Value| {
        let body = json!({ "position": position, "text": "Nei.", "reason": "Nei." });
        let path = format!("{}/corrections", log.path);
        let problem = holder.post(&path, &body).await.problem(422);
        problem
            .to_string()
            .replace(&format!("position {position} "), "…")
    };
    assert_eq!(correct(&log.noted).await, correct(&json!(1)).await);
}

#[tokio::test]
async fn the_guardians_yes_opens_it_and_taking_it_back_closes_it() {
    let log = Reopened::begin().await;
    let guardian = &log.story.guardian.client;
    // A no is recorded, and changes nothing.
    let no = json!({ "kind": "earlier_content", "by": log.guardian, "reason": "Ikkje no." });
    let path = format!("{}/declined-consents", log.path);
    guardian.post(&path, &no).await.good();
    let again = guardian.post(&path, &no).await.problem(422);
    assert_eq!(again["requirement"], "S18");
    let seen = log.story.holder.client.get(&log.path).await.good();
    assert_eq!(seen["declinedConsents"][0]["stands"], true);
    log.tells_nothing("after a no", &seen);

    let consent = log.open_the_old_log().await;
    for (who, client) in log.services() {
        for shape in [
            "",
            "/printout",
            "/timeline",
            "/measures",
            "/notes",
            "/documents",
        ] {
            let answer = client.get(&format!("{}{shape}", log.path)).await.good();
            assert!(
                answer.to_string().contains(MARK),
                "{who}, {shape}: {answer}"
            );
        }
        let document = format!("{}/documents/{}", log.path, log.document);
        assert_eq!(client.get(&document).await.bytes, b"%PDF-1.7 GAMMALT");
        let then = format!("{}/notes?atPosition={}", log.path, log.noted);
        assert_eq!(client.get(&then).await.good()["items"][0]["title"], MARK);
    }
    let seen = log.story.holder.client.get(&log.path).await.good();
    assert_eq!(seen["declinedConsents"][0]["stands"], false);

    let path = format!("{}/consents/{consent}/withdrawal", log.path);
    let by = json!({ "by": log.guardian });
    guardian.post(&path, &by).await.good();
    for (who, client) in log.services() {
        for shape in SHAPES {
            let answer = client.get(&format!("{}{shape}", log.path)).await.good();
            log.tells_nothing(who, &answer);
        }
    }
}

#[tokio::test]
async fn the_guardian_reads_the_whole_and_the_auditor_sees_who_saw_what() {
    let log = Reopened::begin().await;
    let guardian = &log.story.guardian.client;
    let whole = guardian.get(&log.path).await.good();
    assert_eq!(whole["concern"], "Kjem ofte for seint.");
    assert_eq!(whole["notes"][0]["title"], MARK);
    assert_eq!(whole["measures"].as_array().unwrap().len(), 2);
    log.story.holder.client.get(&log.path).await.good();

    let auditor = &log.story.auditor.client;
    let timeline = auditor.get(&format!("{}/timeline", log.path)).await.good();
    let events = timeline["events"].as_array().unwrap();
    let kinds: Vec<&str> = events
        .iter()
        .filter_map(|event| event["type"].as_str())
        .collect();
    assert!(kinds.contains(&"case_closed") && kinds.contains(&"meeting_planned"));
    assert!(!timeline.to_string().contains(MARK), "{timeline}");

    let saw = auditor.get(&format!("{}/audit/saw", log.path)).await.good();
    let views = saw["views"].as_array().unwrap().iter();
    let viewed: Vec<&Value> = views.filter(|view| view["what"] == "case_viewed").collect();
    let [.., by_guardian, by_holder] = &viewed[..] else {
        panic!("{saw}")
    };
    assert!(by_guardian["facts"].get("withoutEarlier").is_none());
    assert_eq!(
        by_holder["facts"]["withoutEarlier"],
        by_holder["facts"]["sections"]
    );

    let could = auditor
        .get(&format!("{}/audit/could", log.path))
        .await
        .good();
    let people = could["people"].as_array().unwrap();
    let one = |role: &str| {
        let mut people = people.iter();
        people
            .find(|person| person["roles"].as_array().unwrap().contains(&json!(role)))
            .unwrap()
    };
    assert_eq!(one("professional")["earlierSections"], json!([]));
    let guardian = one("guardian");
    assert_eq!(guardian["earlierSections"], guardian["sections"]);
}
