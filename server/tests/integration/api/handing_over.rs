//! What is handed over to an organisation that does not use the ledger: failures, crashes, and who may see it.

use ledger_core::{
    clock::SystemEntropy,
    event::CorrelationId,
    ledger::{Caller, Occasion},
    profile::Assurance,
};
use serde_json::{Value, json};

use crate::support::{
    local_team::{MAILBOX, People, form},
    smtp::SmtpServer,
    story_by_http::text,
};

async fn known(people: &People, path: &str) -> Value {
    let read = people.member.client.get(&format!("{path}/referrals")).await;
    read.good()["items"][0]["transmissions"][0].clone()
}

#[tokio::test]
async fn without_a_mail_server_nothing_is_sent_and_nothing_is_said_to_have_been() {
    let people = People::begin(None).await;
    let (path, _, _, prepared) = people.prepared().await;
    let transmission = text(&prepared, "transmissionId");
    let sending = format!("{path}/transmissions/{transmission}/sending");
    people
        .member
        .client
        .post(&sending, &json!({}))
        .await
        .problem(503);
    let known = known(&people, &path).await;
    assert_eq!(
        (&known["state"], &known["attempts"]),
        (&json!("prepared"), &json!(0))
    );
}

#[tokio::test]
async fn a_sending_that_fails_is_seen_and_is_sent_again_under_the_same_message_id() {
    let Some(post) = SmtpServer::start(&["--fail", "1"]) else {
        return;
    };
    let people = People::begin(Some(post.port)).await;
    let (path, _, _, prepared) = people.prepared().await;
    let transmission = text(&prepared, "transmissionId");
    let sending = format!("{path}/transmissions/{transmission}/sending");
    let member = &people.member.client;
    let failed = member.post(&sending, &json!({})).await.good();
    assert_eq!(failed["outcome"], "failed");
    let seen = known(&people, &path).await;
    assert_eq!(seen["state"], "failed");
    assert_eq!(
        seen["failure"],
        json!({ "code": "refused_for_now", "reply": 451 })
    );
    let password = format!("{path}/transmissions/{transmission}/password");
    member
        .post(&password, &json!({ "channel": "sms" }))
        .await
        .problem(422);
    let sent = member.post(&sending, &json!({})).await.good();
    assert_eq!(sent["outcome"], "sent");
    let messages = post.given(2).await;
    let id = |message: &Value| message["headers"]["message-id"].clone();
    assert_eq!(id(&messages[0]), id(&messages[1]));
    assert_eq!(messages[1]["to"], json!([MAILBOX]));
    assert_eq!(known(&people, &path).await["attempts"], 2);
}

#[tokio::test]
async fn a_sending_of_which_nothing_more_is_known_is_resolved_by_somebody() {
    let Some(post) = SmtpServer::start(&[]) else {
        return;
    };
    let people = People::begin(Some(post.port)).await;
    let (path, _, _, prepared) = people.prepared().await;
    let transmission = text(&prepared, "transmissionId");
    // The service stops between the two events.
    let instance = &people.service.instance;
    let caller = Caller {
        tenant: instance.tenant().clone(),
        account: people.member.id.parse().unwrap(),
        issuer: "dev".parse().unwrap(),
        assurance: Assurance::High,
    };
    let case = path.rsplit('/').next().unwrap().parse().unwrap();
    let occasion = Occasion::new(CorrelationId::generate(&SystemEntropy));
    let what = (transmission.parse().unwrap(), false);
    let message_id = format!("transmission.{transmission}");
    let begun = instance
        .ledger
        .begin_sending(&caller, case, what, message_id, &occasion);
    assert!(begun.await.unwrap().is_ok());
    assert_eq!(known(&people, &path).await["state"], "sending");
    let member = &people.member.client;
    let at = |what: &str| format!("{path}/transmissions/{transmission}/{what}");
    // Neither by accident, nor is the copy thrown away.
    member.post(&at("sending"), &json!({})).await.problem(422);
    member
        .post(&at("destruction"), &json!({}))
        .await
        .problem(422);
    let sent = member
        .post(&at("sending"), &json!({ "again": true }))
        .await
        .good();
    assert_eq!(sent["outcome"], "sent");
    assert_eq!(post.given(1).await.len(), 1);
    assert_eq!(known(&people, &path).await["attempts"], 2);
    member.post(&at("sent"), &json!({})).await.problem(422);
}

#[tokio::test]
async fn who_has_no_part_in_the_file_is_not_told_that_anything_was_handed_over() {
    let people = People::begin(None).await;
    let (path, mother, _, prepared) = people.prepared().await;
    let document = text(&prepared, "documentId");
    let read = [
        format!("{path}/referrals"),
        format!("{path}/documents/{document}"),
    ];
    for path in &read {
        for stranger in [&people.colleague, &people.stranger, &people.coordinator] {
            stranger.client.get(path).await.problem(404);
        }
        let administrator = &people.service.administrator;
        administrator.get(path).await.problem(404);
        let mother = people.mother.client.get(path).await;
        assert!(mother.status.is_success(), "{path}");
    }
    let removal = format!("{path}/parties/{mother}/removal");
    let reason = json!({ "reason": "verhuisd" });
    people.member.client.post(&removal, &reason).await.good();
    for path in &read {
        people.mother.client.get(path).await.problem(404);
    }
}

#[tokio::test]
async fn a_request_that_is_repeated_shows_the_password_no_more() {
    let people = People::begin(None).await;
    let (path, mother, referral, prepared) = people.prepared().await;
    let destruction = format!(
        "{path}/transmissions/{}/destruction",
        text(&prepared, "transmissionId")
    );
    people
        .member
        .client
        .post(&destruction, &json!({}))
        .await
        .good();
    let bodies = people.stored_documents().await;
    let preparing = format!("{path}/referrals/{referral}/transmissions");
    let again = async || {
        let request = people
            .member
            .client
            .request(reqwest::Method::POST, &preparing);
        let request = request
            .json(&form(&mother))
            .header("idempotency-key", "once");
        crate::support::service::Answer::to(request).await.good()
    };
    let first = again().await;
    let second = again().await;
    assert!(
        first["password"].is_string() && second["password"].is_null(),
        "{second}"
    );
    assert_eq!(first["transmissionId"], second["transmissionId"]);
    assert_eq!(people.stored_documents().await, bodies + 3);
}

#[tokio::test]
async fn neither_password_nor_contact_details_lie_anywhere() {
    let people = People::begin(None).await;
    let (_, _, _, prepared) = people.prepared().await;
    let password = text(&prepared, "password");
    let secrets = [
        password.as_str(),
        "0470 00 00 00",
        "Voorbeeldstraat",
        "moeder@voorbeeld",
        MAILBOX,
    ];
    let forms: Vec<String> = secrets
        .iter()
        .flat_map(|secret| {
            let hex: Vec<String> = secret.bytes().map(|byte| format!("{byte:02x}")).collect();
            [(*secret).to_owned(), hex.concat()]
        })
        .collect();
    let silent = |what: &str, text: &str| {
        for form in &forms {
            assert!(!text.contains(form.as_str()), "{what} holds {form}");
        }
    };
    let pool = &people.service.instance.writer;
    let tables: Vec<String> = sqlx::query_scalar(
        "SELECT relname::text FROM pg_class WHERE relkind = 'r'
         AND relnamespace = current_schema()::regnamespace AND has_table_privilege(oid, 'SELECT')",
    )
    .fetch_all(pool)
    .await
    .unwrap();
    assert!(
        tables.iter().any(|table| table == "document_chunks"),
        "{tables:?}"
    );
    for table in tables {
        let rows = format!("SELECT row::text FROM {table} AS row");
        let rows: Vec<String> = sqlx::query_scalar(sqlx::AssertSqlSafe(rows))
            .fetch_all(pool)
            .await
            .unwrap();
        silent(&table, &rows.join("\n"));
    }
    let mut folders = vec![people.service.folder.path().to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let bytes = std::fs::read(&path).unwrap();
                silent(
                    &path.display().to_string(),
                    &String::from_utf8_lossy(&bytes),
                );
            }
        }
    }
}
