//! Lists: narrowed, in pages, and as new as their reader needs them.

use serde_json::{Value, json};

use crate::support::{
    eventually,
    service::Client,
    story_by_http::{Story, text},
};

fn ids(list: &Value) -> Vec<String> {
    let items = list["items"].as_array().unwrap();
    items.iter().map(|item| text(item, "caseId")).collect()
}

#[tokio::test]
async fn a_list_is_narrowed_for_staff_and_family_alike() {
    let story = Story::begin().await;
    let closed = story.case().await;
    let active = story.open("Ola Nordmann", "02020212345").await;
    story
        .add_party(&active, "guardian", &story.guardian, None, "Gro")
        .await;
    let holder = &story.holder.client;
    let path = format!("/v1/cases/{}", closed.id);
    let etag = holder.get(&path).await.header("etag").to_owned();
    let body = json!({ "reason": "thrives", "summary": "Går bra." });
    let closing = holder
        .post_having_seen(&etag, &format!("{path}/closing"), &body)
        .await;
    let position = closing.good()["position"].to_string();
    let opened_at = text(
        &holder.get(&format!("/v1/cases/{active}")).await.good(),
        "openedAt",
    );
    let all = [closed.id.clone(), active.clone()];
    let cases: [(String, &[String]); 11] = [
        (String::new(), &all),
        ("&status=preparing".to_owned(), &all[1..]),
        ("&status=closed".to_owned(), &all[..1]),
        ("&status=closed&status=preparing".to_owned(), &all),
        ("&status=archived".to_owned(), &[]),
        ("&profile=stafettloggen-kvam".to_owned(), &all),
        ("&profile=another".to_owned(), &[]),
        (format!("&unit={}", story.school), &all),
        (format!("&unit={}", story.counselling), &[]),
        (format!("&openedFrom={opened_at}"), &all[1..]),
        (
            format!("&openedBefore={opened_at}&status=closed"),
            &all[..1],
        ),
    ];
    for client in [holder, &story.guardian.client] {
        for (filter, expected) in &cases {
            let path = format!("/v1/cases?minPosition={position}{filter}");
            let list = client.get(&path).await.good();
            assert_eq!(ids(&list), *expected, "{filter}");
            // The same in pages of one.
            let (mut found, mut cursor) = (Vec::new(), String::new());
            loop {
                let page = client.get(&format!("{path}&limit=1{cursor}")).await.good();
                found.extend(ids(&page));
                let Some(next) = page["nextCursor"].as_str() else {
                    break;
                };
                cursor = format!("&cursor={next}");
            }
            assert_eq!(found, *expected, "{filter} in pages");
        }
    }
    for wrong in [
        "status=Open",
        "colour=red",
        "unit=school",
        "limit=0",
        "cursor=x",
    ] {
        holder.get(&format!("/v1/cases?{wrong}")).await.problem(400);
    }
    let saw = format!("/v1/cases/{active}/audit/saw");
    let seen = async |expected_more: usize, filter: &str| {
        let count = |saw: &Value| {
            let views = saw["views"].as_array().unwrap();
            views
                .iter()
                .filter(|view| view["what"] == "case_listed")
                .count()
        };
        let before = count(&story.auditor.client.get(&saw).await.good());
        holder.get(&format!("/v1/cases?{filter}")).await.good();
        let after = count(&story.auditor.client.get(&saw).await.good());
        assert_eq!(after - before, expected_more, "{filter}");
    };
    seen(1, "status=preparing").await;
    seen(0, "status=closed").await;
}

async fn metric(client: &Client, name: &str) -> f64 {
    let metrics = client.get("/metrics").await.text();
    let line = metrics.lines().find_map(|line| line.strip_prefix(name));
    line.and_then(|value| value.trim().parse().ok())
        .unwrap_or(-1.0)
}

#[tokio::test]
async fn whoever_has_written_waits_for_the_list_or_is_told_how_far_it_is_behind() {
    let story = Story::begin().await;
    let anyone = story.service.anyone();
    let holder = &story.holder.client;
    let pool = sqlx::PgPool::connect(&story.service.database.url)
        .await
        .unwrap();
    // Whoever fills the list waits for this row.
    let mut held = pool.begin().await.unwrap();
    sqlx::query("SELECT 1 FROM projection_generations WHERE projection = 'case_list' FOR UPDATE")
        .execute(&mut *held)
        .await
        .unwrap();
    let profile = crate::support::service::PROFILE;
    let body = json!({ "profile": profile, "unit": story.school, "account": story.holder.id });
    let leader = &story.leader.client;
    let cleared = leader.post("/v1/clearances", &body).await.good();
    let body = json!({
        "clearance": cleared["caseId"], "profile": profile, "unit": story.school,
        "childName": "Kari Nordmann", "nationalId": null, "concern": "",
        "openerRole": "baton_holder", "openerName": "Hanna",
    });
    let opened = holder.post("/v1/cases", &body).await.good();
    let path = format!("/v1/cases?minPosition={}", opened["position"]);
    let answer = holder.get(&path).await;
    assert!(!answer.header("retry-after").is_empty());
    let problem = answer.problem(503);
    assert_eq!(problem["type"], "urn:caseledger:problem:lists-behind");
    assert!(text(&problem, "detail").contains("events behind position"));
    eventually("the lag is measured", async || {
        let lag = "caseledger_projection_lag_seconds{projection=\"case_list\"}";
        (metric(&anyone, lag).await > 1.0).then_some(())
    })
    .await;
    let lag = "caseledger_projection_lag_events{projection=\"case_list\"}";
    assert!(metric(&anyone, lag).await >= 1.0);

    held.rollback().await.unwrap();
    let list = holder.get(&path).await.good();
    assert_eq!(ids(&list), [text(&opened, "caseId")]);
    eventually("the lag is over", async || {
        let lag = "caseledger_projection_lag_seconds{projection=\"views\"}";
        (metric(&anyone, lag).await == 0.0).then_some(())
    })
    .await;
    let future = holder.get("/v1/cases?minPosition=1000000").await;
    future.problem(422);
}

#[tokio::test]
async fn every_read_model_can_be_waited_for() {
    let story = Story::begin().await;
    let case = story.case().await;
    let noted = story.note(&case.id, "Sist").await;
    let last = &noted["position"];
    let (holder, auditor) = (&story.holder.client, &story.auditor.client);
    let administrator = &story.service.administrator;
    let profile = crate::support::service::PROFILE;
    let intervals = format!("/v1/cases/{}/access-intervals?", case.id);
    let pool = sqlx::PgPool::connect(&story.service.database.url)
        .await
        .unwrap();
    let mut held = pool.begin().await.unwrap();
    sqlx::query("SELECT 1 FROM projection_generations WHERE projection = 'due' FOR UPDATE")
        .execute(&mut *held)
        .await
        .unwrap();
    let last_day = (story.now() + chrono::TimeDelta::days(3)).date_naive();
    let body = json!({
        "kind": "establish_log", "by": case.guardian_party, "form": "digital", "services": [],
        "validThrough": last_day, "renews": case.consent,
    });
    let consents = format!("/v1/cases/{}/consents", case.id);
    let given = story.guardian.client.post(&consents, &body).await.good();
    let due = format!("/v1/due?minPosition={}", given["position"]);
    holder.get(&due).await.problem(503);
    held.rollback().await.unwrap();
    let found = holder.get(&due).await.good();
    let own = |item: &serde_json::Value| item["id"] == given["consentId"];
    assert!(
        found["items"].as_array().unwrap().iter().any(own),
        "{found}"
    );
    for (client, path) in [
        (holder, "/v1/due?".to_owned()),
        (
            administrator,
            format!("/v1/due/agreements?profile={profile}&"),
        ),
        (administrator, format!("/v1/numbers?profile={profile}&")),
        (auditor, intervals),
    ] {
        client
            .get(&format!("{path}minPosition={last}"))
            .await
            .good();
        let future = client.get(&format!("{path}minPosition=1000000")).await;
        future.problem(422);
    }
}
