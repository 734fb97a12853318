//! Following a case: what happens in it arrives while it happens, for as long as it may be seen.

use std::time::Duration;

use reqwest::Method;
use serde_json::Value;
use tokio::time::timeout;

use crate::support::{
    events::Events,
    eventually,
    python::{output_of, python_with, skipped},
    service::Answer,
    story_by_http::{CaseOfStory, Story, text},
};

fn path(case: &CaseOfStory) -> String {
    format!("/v1/cases/{}/events", case.id)
}

#[tokio::test]
async fn what_happens_arrives_as_it_stands_in_the_timeline() {
    let story = Story::begin().await;
    let case = story.case().await;
    let guardian = &story.guardian.client;
    let mut events = Events::open(guardian, &path(&case), None).await;
    let watching = events.expect("watching").await;
    assert_eq!(watching.data["caseId"], case.id);

    let noted = story.note(&case.id, "Fyrste").await;
    let sent = events.expect("note_added").await;
    assert_eq!(sent.id, noted["position"].to_string());
    let timeline = format!("/v1/cases/{}/timeline", case.id);
    let timeline = guardian.get(&timeline).await.good();
    let last = timeline["events"].as_array().unwrap().last().unwrap();
    assert_eq!(&sent.data, last);
    assert_eq!(sent.data["content"]["title"], "Fyrste");

    // Each batch is a view, appended before it was sent.
    let saw = format!("/v1/cases/{}/audit/saw", case.id);
    let saw = story.auditor.client.get(&saw).await.good();
    let views = saw["views"].as_array().unwrap();
    let watched = views.iter().filter(|view| view["what"] == "case_watched");
    let watched: Vec<_> = watched.map(|view| &view["facts"]).collect();
    assert_eq!(watched.len(), 2, "{saw}");
    assert_eq!(watched[1]["throughVersion"], noted["version"]);
}

#[tokio::test]
async fn each_event_is_a_cloud_event_for_whoever_asks_for_that() {
    let story = Story::begin().await;
    let case = story.case().await;
    let guardian = &story.guardian.client;
    let wrapped = format!("{}?envelope=cloudevents", path(&case));
    let mut events = Events::open(guardian, &wrapped, None).await;
    let watching = events.expect("watching").await;
    let noted = story.note(&case.id, "Fyrste").await;
    let sent = events.expect("note_added").await;
    assert_eq!(sent.id, noted["position"].to_string());
    let event = &sent.data;
    assert_eq!(event["specversion"], "1.0");
    assert_eq!(event["type"], "caseledger.case.note_added");
    assert_eq!(event["source"], "//caseledger.localhost/kvam");
    assert_eq!(event["subject"], case.id);
    assert_eq!(event["data"]["content"]["title"], "Fyrste");
    let attributes = event.as_object().unwrap().iter();
    let attributes: Vec<_> = attributes.filter(|(name, _)| *name != "data").collect();
    for (name, value) in &attributes {
        // CloudEvents 1.0 §3.1: lower-case letters and digits.
        assert!(
            name.chars()
                .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit()),
            "{name}"
        );
        assert!(!value.to_string().contains("Fyrste"), "{name}");
    }
    let path = format!("{}?envelope=something", path(&case));
    guardian.get(&path).await.problem(400);

    let Some(python) = python_with("cloudevents.core.formats.json") else {
        skipped(
            "cloudevents is not there, so nobody else has read the events of a stream; install it with: pip install \
             cloudevents==2.2.0",
        );
        return;
    };
    let lines = format!("{}\n{}\n", watching.data, sent.data);
    let understood = output_of(&python, "cloud_events.py", &[], &lines);
    let understood: Vec<Value> = understood
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(understood.len(), 2);
    assert_eq!(understood[1]["attributes"]["id"], event["id"]);
    assert_eq!(understood[1]["data"], event["data"]);
}

#[tokio::test]
async fn whoever_comes_back_misses_nothing() {
    let story = Story::begin().await;
    let case = story.case().await;
    let guardian = &story.guardian.client;
    let mut events = Events::open(guardian, &path(&case), None).await;
    let begun = events.expect("watching").await;
    drop(events);
    for title in ["Ein", "To", "Tre"] {
        story.note(&case.id, title).await;
    }
    let mut events = Events::open(guardian, &path(&case), Some(&begun.id)).await;
    events.expect("watching").await;
    let first = events.expect("note_added").await;
    drop(events);
    let mut events = Events::open(guardian, &path(&case), Some(&first.id)).await;
    events.expect("watching").await;
    for title in ["To", "Tre"] {
        let sent = events.expect("note_added").await;
        assert_eq!(sent.data["content"]["title"], title);
    }
    for (id, status) in [("soon", 400), ("1000000", 422)] {
        let request = guardian.request(Method::GET, &path(&case));
        let answer = Answer::to(request.header("last-event-id", id)).await;
        answer.problem(status);
    }
}

#[tokio::test]
async fn a_stream_ends_with_the_right_to_see_the_case() {
    let story = Story::begin_with(&[("recheck_interval_ms", "100")]).await;
    let case = story.case().await;
    let mut holder = Events::open(&story.holder.client, &path(&case), None).await;
    let mut guardian = Events::open(&story.guardian.client, &path(&case), None).await;
    story.note(&case.id, "Medan ho samtykte").await;
    for events in [&mut holder, &mut guardian] {
        events.expect("watching").await;
        events.expect("note_added").await;
    }
    story.withdraw(&case).await;
    let ended = holder.expect("ended").await;
    assert_eq!(ended.data, serde_json::json!({}));
    assert!(holder.next().await.is_none(), "nothing after it");
    guardian.expect("consent_withdrawn").await;
    story.holder.client.get(&path(&case)).await.problem(403);
}

#[tokio::test]
async fn a_removed_participant_is_told_no_more_though_nothing_else_happens() {
    let story = Story::begin_with(&[("recheck_interval_ms", "100")]).await;
    let case = story.case().await;
    let colleague = &story.colleague;
    let school = Some(story.school.as_str());
    let added = story.add_party(&case.id, "professional", colleague, school, "Kåre");
    let party = added.await;
    let mut events = Events::open(&colleague.client, &path(&case), None).await;
    events.expect("watching").await;
    let removal = format!("/v1/cases/{}/parties/{party}/removal", case.id);
    let body = serde_json::json!({ "reason": "Byttar jobb." });
    story.holder.client.post(&removal, &body).await.good();
    events.expect("ended").await;
    assert!(events.next().await.is_none());
}

#[tokio::test]
async fn an_account_follows_so_many_cases_at_once() {
    let story = Story::begin().await;
    let case = story.case().await;
    let guardian = &story.guardian.client;
    let mut streams = Vec::new();
    for _ in 0..8 {
        streams.push(Events::open(guardian, &path(&case), None).await);
    }
    let answer = guardian.get(&path(&case)).await;
    assert!(!answer.header("retry-after").is_empty());
    let problem = answer.problem(429);
    assert_eq!(
        text(&problem, "type"),
        "urn:caseledger:problem:too-many-streams"
    );
    drop(Events::open(&story.holder.client, &path(&case), None).await);
    streams.pop();
    eventually("a place is free again", async || {
        let request = guardian.request(Method::GET, &path(&case)).send().await;
        request.unwrap().status().is_success().then_some(())
    })
    .await;
    let request = guardian.request(Method::GET, &path(&case));
    let json = Answer::to(request.header("accept", "application/json"));
    json.await.problem(406);
}

#[tokio::test]
async fn a_service_that_stops_ends_its_streams() {
    let mut story = Story::begin_with(&[("shutdown_grace_ms", "600000")]).await;
    let case = story.case().await;
    let mut events = Events::open(&story.guardian.client, &path(&case), None).await;
    events.expect("watching").await;
    let stopped = story.service.begin_to_stop();
    assert!(events.next().await.is_none());
    let stopped = timeout(Duration::from_mins(1), stopped).await;
    stopped.expect("it does not wait").unwrap().unwrap();
}
