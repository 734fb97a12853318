//! Reading a case as it was.

use serde_json::{Value, json};

use crate::support::story_by_http::Story;

fn titles(view: &Value) -> Vec<&str> {
    let notes = view["notes"].as_array().unwrap();
    notes
        .iter()
        .filter_map(|note| note["title"].as_str())
        .collect()
}

#[tokio::test]
async fn a_case_is_read_printed_and_followed_back_as_it_was_known() {
    let story = Story::begin().await;
    let case = story.case().await;
    let guardian = &story.guardian.client;
    let path = format!("/v1/cases/{}", case.id);
    let first = story.note(&case.id, "Fyrste").await;
    story.note(&case.id, "Andre").await;
    let (position, at) = (&first["position"], first["recordedAt"].as_str().unwrap());

    for query in [format!("atPosition={position}"), format!("atTime={at}")] {
        for reading in ["", "/printout"] {
            let answer = guardian.get(&format!("{path}{reading}?{query}")).await;
            assert_eq!(answer.header("etag"), "", "the past is not changed");
            let view = answer.good();
            assert_eq!(titles(&view), ["Fyrste"], "{query}");
            assert_eq!(view["version"], first["version"]);
        }
        let timeline = guardian
            .get(&format!("{path}/timeline?{query}"))
            .await
            .good();
        let last = timeline["events"].as_array().unwrap().last().unwrap();
        assert_eq!(&last["position"], position);
    }
    let as_known = format!("{path}?atPosition={position}");
    let view = guardian.get(&as_known).await.good();
    assert_eq!(view["asOf"], json!({ "atPosition": position }));
    let now = guardian.get(&path).await.good();
    assert_eq!(titles(&now), ["Fyrste", "Andre"]);
    assert!(now.get("asOf").is_none());

    let saw = format!("{path}/audit/saw");
    let saw = story.auditor.client.get(&saw).await.good();
    let views = saw["views"].as_array().unwrap();
    let past = |what: &str| {
        let seen = views.iter().filter(|view| view["what"] == what);
        seen.filter(|view| view["facts"].get("asOf").is_some())
            .count()
    };
    assert_eq!(
        (
            past("case_viewed"),
            past("case_printed"),
            past("timeline_viewed")
        ),
        (3, 2, 2)
    );
}

#[tokio::test]
async fn a_paper_counts_from_the_day_on_which_it_was_signed() {
    let story = Story::begin().await;
    let id = story.open("Kari Nordmann", "01010112345").await;
    let party = story
        .add_party(&id, "guardian", &story.guardian, None, "Gro")
        .await;
    let body = json!({
        "kind": "establish_log", "by": party, "form": "digital", "services": [],
        "occurredAt": "2026-01-05T10:00:00Z",
    });
    let guardian = &story.guardian.client;
    let consents = format!("/v1/cases/{id}/consents");
    guardian.post(&consents, &body).await.good();
    let path = format!("/v1/cases/{id}");
    // The case itself was opened later, so there was nothing to see on that day.
    guardian
        .get(&format!("{path}?validAt=2026-01-06T00:00:00Z"))
        .await
        .problem(404);
    let next_century = format!("{path}?validAt=2126-01-01T00:00:00Z");
    let view = guardian.get(&next_century).await.good();
    assert_eq!(view["consents"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_withdrawn_consent_stays_withdrawn_for_the_past() {
    let story = Story::begin().await;
    let case = story.case().await;
    let noted = story.note(&case.id, "Medan ho samtykte").await;
    story.withdraw(&case).await;
    let path = format!("/v1/cases/{}", case.id);
    let query = format!("atPosition={}", noted["position"]);
    let holder = &story.holder.client;
    let view = holder.get(&format!("{path}?{query}")).await.good();
    assert_eq!(view["sections"], json!(["basics", "consents"]));
    assert_eq!(view["notes"], json!([]));
    for reading in ["printout", "timeline"] {
        let refused = holder.get(&format!("{path}/{reading}?{query}")).await;
        assert_eq!(refused.problem(403)["requirement"], "V24");
    }
}

#[tokio::test]
async fn what_cannot_be_asked_is_said() {
    let story = Story::begin().await;
    let case = story.case().await;
    let guardian = &story.guardian.client;
    let path = format!("/v1/cases/{}", case.id);
    for (query, status) in [
        ("atPosition=1000000", 422),
        ("atTime=2126-01-01T00:00:00Z", 422),
        ("atPosition=1&atTime=2026-01-01T00:00:00Z", 400),
        ("atPosition=-1", 400),
        ("atTime=yesterday", 400),
        ("asOf=1", 400),
    ] {
        for reading in ["", "/printout", "/timeline"] {
            let answer = guardian.get(&format!("{path}{reading}?{query}")).await;
            answer.problem(status);
        }
    }
    for question in ["saw", "could"] {
        let answer = format!("{path}/audit/{question}?atPosition=1000000");
        story.auditor.client.get(&answer).await.problem(422);
    }
}
