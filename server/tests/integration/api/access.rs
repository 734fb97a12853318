//! Who gets nothing, for every way of reading.

mod earlier;
mod shapes;

use jsonwebtoken::{EncodingKey, Header};
use serde_json::json;

use crate::support::{
    service::{Client, SECRET},
    story_by_http::{CaseOfStory, Story},
};

/// Every way of reading one case.
fn readings(case: &CaseOfStory, document: &str) -> Vec<String> {
    let path = format!("/v1/cases/{}", case.id);
    vec![
        path.clone(),
        format!("{path}/printout"),
        format!("{path}/timeline"),
        format!("{path}/documents/{document}"),
        format!("{path}/audit/saw"),
        format!("{path}/audit/could"),
        format!("{path}/audit/why?position=1"),
        format!("{path}/audit/intervals"),
        format!("{path}/audit/hindsight"),
        format!("{path}/audit/exposure"),
        format!("{path}/audit/knew"),
        format!("{path}/audit/changed?afterPosition=1"),
        format!("{path}/audit/emergencies"),
        format!("{path}/access-intervals"),
        format!("{path}/log-exports/ldv"),
        format!("{path}/log-exports/consent-records"),
        format!("{path}/log-exports/xes"),
    ]
}

/// Sees nothing of the case: neither when it is named, nor in a list, nor by searching.
async fn sees_nothing(client: &Client, case: &CaseOfStory, document: &str) {
    for reading in readings(case, document) {
        let problem = client.get(&reading).await.problem(404);
        assert!(problem.get("requirement").is_none(), "{reading}: {problem}");
    }
    let list = client.get("/v1/cases").await.good();
    assert_eq!(list["items"], json!([]));
    let due = client.get("/v1/due?until=2999-01-01").await.good();
    assert_eq!(due["items"], json!([]));
    let search = json!({ "nationalId": "01010112345" });
    let found = client.post("/v1/cases/search", &search).await.good();
    assert_eq!(found["items"], json!([]));
}

#[tokio::test]
async fn whoever_takes_no_part_does_not_learn_that_the_case_is_there() {
    let story = Story::begin().await;
    let case = story.case().await;
    let document = story.document(&case.id, b"%PDF-1.7".to_vec()).await;
    // A colleague in the same unit, a guardian of another child, the unit's leader, an administrator.
    for client in [
        &story.colleague.client,
        &story.stranger.client,
        &story.leader.client,
        &story.service.administrator,
    ] {
        sees_nothing(client, &case, &document).await;
    }
    // Nor can they write in it, nor tell it from a case that never was.
    let note = json!({ "section": "notes", "title": "Nei", "text": "" });
    let path = format!("/v1/cases/{}/notes", case.id);
    let hidden = story.colleague.client.post(&path, &note).await.problem(404);
    let path = "/v1/cases/01ARZ3NDEKTSV4RRFFQ69G5FAV/notes";
    let nowhere = story.colleague.client.post(path, &note).await.problem(404);
    assert_eq!(hidden, nowhere);
    let metadata = crate::support::story_by_http::metadata();
    let colleague = &story.colleague.client;
    let refused = colleague.file(&case.id, &metadata, b"%PDF-1.7".to_vec());
    refused.await.problem(404);
}

#[tokio::test]
async fn a_removed_participant_sees_nothing_from_the_next_reading_on() {
    let story = Story::begin().await;
    let case = story.case().await;
    let document = story.document(&case.id, b"%PDF-1.7".to_vec()).await;
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
    for reading in &readings(&case, &document)[..4] {
        let answer = colleague.client.get(reading).await;
        assert!(answer.status.is_success(), "{reading}");
    }
    let path = format!("/v1/cases/{}/parties/{party}/removal", case.id);
    let body = json!({ "reason": "Byttar jobb." });
    story.holder.client.post(&path, &body).await.good();
    sees_nothing(&colleague.client, &case, &document).await;
}

#[tokio::test]
async fn a_guardian_of_two_children_is_not_known_as_the_same_person_in_both() {
    let story = Story::begin().await;
    let one = story.case().await;
    let other = story.open("Ola Nordmann", "02020212345").await;
    story
        .add_party(&other, "guardian", &story.guardian, None, "Gro")
        .await;
    let list = story.guardian.client.get("/v1/cases").await.good();
    assert_eq!(list["items"].as_array().unwrap().len(), 2);
    let mut actors = Vec::new();
    for case in [&one.id, &other] {
        let saw = format!("/v1/cases/{case}/audit/saw");
        let saw = story.auditor.client.get(&saw).await.good();
        let views = saw["views"].as_array().unwrap();
        let listed = views.iter().find(|view| view["what"] == "case_listed");
        actors.push(listed.unwrap()["actor"]["party"].clone());
        assert!(!saw.to_string().contains(&story.guardian.id), "{saw}");
    }
    assert_ne!(actors[0], actors[1]);
}

#[tokio::test]
async fn nobody_gets_in_without_a_good_token() {
    let story = Story::begin().await;
    let case = story.case().await;
    let path = format!("/v1/cases/{}", case.id);
    let answer = story.service.anyone().get(&path).await;
    assert_eq!(
        answer.header("www-authenticate"),
        "Bearer realm=\"caseledger\""
    );
    answer.problem(401);

    let now = jsonwebtoken::get_current_timestamp();
    let token = |tenant: &str, secret: &str, issuer: &str, audience: &str, exp: u64| {
        let claims = json!({
            "iss": issuer, "aud": audience, "sub": story.guardian.id, "tenant": tenant,
            "assurance": "high", "iat": exp - 3_600, "exp": exp,
        });
        let key = EncodingKey::from_secret(secret.as_bytes());
        jsonwebtoken::encode(&Header::default(), &claims, &key).unwrap()
    };
    let later = now + 3_600;
    let good = token("kvam", SECRET, "dev", "caseledger", later);
    story.service.with_token(&good).get(&path).await.good();
    let another = "another secret of the same length...";
    for bad in [
        token("bergen", SECRET, "dev", "caseledger", later),
        token("kvam", another, "dev", "caseledger", later),
        token("kvam", SECRET, "somebody", "caseledger", later),
        token("kvam", SECRET, "dev", "another-service", later),
        token("kvam", SECRET, "dev", "caseledger", now - 60),
        "not-a-token".to_owned(),
    ] {
        let client = story.service.with_token(&bad);
        for path in [
            path.as_str(),
            "/v1/cases",
            "/v1/profiles/stafettloggen-kvam",
        ] {
            let answer = client.get(path).await;
            assert!(
                answer
                    .header("www-authenticate")
                    .ends_with("error=\"invalid_token\"")
            );
            answer.problem(401);
        }
        let note = json!({ "section": "notes", "title": "Nei" });
        client
            .post(&format!("{path}/notes"), &note)
            .await
            .problem(401);
    }
}

#[tokio::test]
async fn a_weaker_sign_in_is_refused_by_the_rules() {
    let story = Story::begin().await;
    let case = story.case().await;
    let body = json!({ "accountId": story.guardian.id, "assurance": "substantial" });
    let anyone = story.service.anyone();
    let token = anyone.post("/v1/dev/tokens", &body).await.good();
    let client = story
        .service
        .with_token(token["accessToken"].as_str().unwrap());
    let path = format!("/v1/cases/{}", case.id);
    let refused = client.get(&path).await.problem(403);
    assert_eq!(refused["requirement"], "V21");
}

/// Nobody of the story but its auditor is answered, and nobody of another ledger learns of its case.
async fn only_the_auditor_is_told(story: &Story, other: &Story, path: &str, case: &CaseOfStory) {
    for client in [
        &story.holder.client,
        &story.colleague.client,
        &story.guardian.client,
        &story.stranger.client,
        &story.leader.client,
        &story.archivist.client,
        &story.service.administrator,
    ] {
        let refused = client.get(path).await.problem(403);
        assert!(!refused.to_string().contains(&case.id), "{refused}");
    }
    // Another tenant's auditor is told of their own, and is nobody here.
    let auditor = &other.auditor.client;
    let theirs = auditor.get(path).await.good().to_string();
    assert!(!theirs.contains(&case.id), "{theirs}");
    let visitor = auditor.at_another(&story.service.url);
    visitor.get(path).await.problem(401);
}

#[tokio::test]
async fn what_one_person_saw_is_told_to_the_auditor_of_that_ledger_alone() {
    let story = Story::begin().await;
    let case = story.case().await;
    let path = format!("/v1/cases/{}", case.id);
    story.guardian.client.get(&path).await.good();
    let of = |person: &str, question: &str| format!("/v1/accounts/{person}/audit/{question}");
    let paths = [
        of(&story.holder.id, "saw?profile=stafettloggen-kvam"),
        of(&story.guardian.id, "saw?profile=stafettloggen-kvam"),
        of(
            &story.holder.id,
            "changed?profile=stafettloggen-kvam&afterPosition=0",
        ),
        of(
            &story.guardian.id,
            "changed?profile=stafettloggen-kvam&afterPosition=0",
        ),
    ];
    let other = Story::begin_on(story.service.start_beside("bergen").await).await;
    for path in &paths {
        only_the_auditor_is_told(&story, &other, path, &case).await;
    }
    let changed = story.auditor.client.get(&paths[3]).await.good();
    let events = changed["events"].as_array().unwrap();
    let let_in = events.iter().find(|event| event["type"] == "party_added");
    let let_in = let_in.unwrap();
    assert_eq!(let_in["caseId"], case.id);
    assert_eq!(let_in["facts"]["party"], case.guardian_party);
    assert!(let_in.get("content").is_none(), "{let_in}");
    let saw = story.auditor.client.get(&paths[1]).await.good();
    let views = saw["views"].as_array().unwrap();
    assert_eq!(views.len(), 1);
    assert_eq!(views[0]["caseId"], case.id);
    assert_eq!(views[0]["what"], "case_viewed");
    assert_eq!(saw["view"]["cited"], json!([views[0]["position"]]));
    // Of somebody who is not there nothing is told, and that alone is no secret.
    let nobody = of(
        "01ARZ3NDEKTSV4RRFFQ69G5FAV",
        "saw?profile=stafettloggen-kvam",
    );
    let saw = story.auditor.client.get(&nobody).await.good();
    assert_eq!(saw["views"], json!([]));
    let wrong = of(&story.holder.id, "saw?profile=stafettloggen-kvam&limit=0");
    story.auditor.client.get(&wrong).await.problem(400);
}

#[tokio::test]
async fn what_happened_in_all_cases_of_a_system_is_told_to_the_auditor_of_that_ledger_alone() {
    let story = Story::begin().await;
    let case = story.case().await;
    let broken = json!({ "reason": "Barnet er borte", "hours": 1 });
    let broken = story
        .leader
        .client
        .post(&format!("/v1/cases/{}/emergencies", case.id), &broken)
        .await;
    broken.good();
    let other = Story::begin_on(story.service.start_beside("bergen").await).await;
    other.case().await;
    let questions = ["emergencies", "exposure", "unusual-reading"];
    for question in questions {
        let path = format!("/v1/audit/{question}?profile=stafettloggen-kvam");
        only_the_auditor_is_told(&story, &other, &path, &case).await;
        let answer = story.auditor.client.get(&path).await.good();
        assert!(answer["view"]["position"].is_u64(), "{answer}");
        let unknown = format!("/v1/audit/{question}?profile=no-such-system");
        story.auditor.client.get(&unknown).await.problem(422);
    }
    let told = "/v1/audit/emergencies?profile=stafettloggen-kvam";
    let told = story.auditor.client.get(told).await.good();
    assert_eq!(told["items"][0]["caseId"], case.id);
}

#[tokio::test]
async fn a_guardian_learns_in_plain_words_who_saw_the_case_of_their_own_child_and_of_no_other() {
    let story = Story::begin().await;
    let case = story.case().await;
    let path = format!("/v1/cases/{}", case.id);
    story.holder.client.get(&path).await.good();
    let who_saw = format!("{path}/who-saw");
    for client in [
        &story.colleague.client,
        &story.stranger.client,
        &story.leader.client,
        &story.archivist.client,
        &story.service.administrator,
    ] {
        client.get(&who_saw).await.problem(404);
    }
    story.holder.client.get(&who_saw).await.problem(403);
    let saw = story.guardian.client.get(&who_saw).await.good();
    let views = saw["views"].as_array().unwrap();
    let seen = views
        .iter()
        .find(|view| view["name"] == "Hanna Haldar")
        .unwrap();
    assert_eq!(seen["role"], "stafetthaldar");
    assert!(seen["organisation"].as_str().unwrap().contains("skule"));
    assert!(seen["what"].as_str().unwrap().starts_with("såg "));
    let because = seen["because"].as_array().unwrap();
    assert!(
        because
            .iter()
            .any(|one| one.as_str().unwrap().contains("foreldra"))
    );
    // The asking itself is told from the next time on.
    let later = format!("{who_saw}?cursor={}", views.len());
    let again = story.guardian.client.get(&later).await.good();
    assert_eq!(again["views"].as_array().unwrap().len(), 1);
}
