//! What arrives at another program, and what it can check about it.

use std::sync::{Arc, Mutex};

use aws_lc_rs::hmac;
use axum::{
    Router,
    body::Bytes,
    http::{HeaderMap, StatusCode},
    routing::post,
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Value, json};
use tokio::net::TcpListener;

use super::{closed_port, rows, story};
use crate::support::{
    eventually,
    service::{Answer, PROFILE},
    story_by_http::{Story, text},
};

/// One try, as it arrived.
#[derive(Clone)]
pub(super) struct Call {
    headers: HeaderMap,
    body: Vec<u8>,
}

/// Another program: says no so many times, and then yes.
pub(super) struct Program {
    pub(super) url: String,
    calls: Arc<Mutex<Vec<Call>>>,
}

impl Program {
    pub(super) async fn start(answers: Vec<StatusCode>) -> Self {
        let calls: Arc<Mutex<Vec<Call>>> = Arc::default();
        let kept = Arc::clone(&calls);
        let answer = move |headers: HeaderMap, body: Bytes| {
            let (kept, answers) = (Arc::clone(&kept), answers.clone());
            async move {
                let mut calls = kept.lock().unwrap();
                let status = answers.get(calls.len()).copied();
                calls.push(Call {
                    headers,
                    body: body.to_vec(),
                });
                let elsewhere = [("location", "/elsewhere")];
                (status.unwrap_or(StatusCode::NO_CONTENT), elsewhere)
            }
        };
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/hook", listener.local_addr().unwrap());
        let router = Router::new().route("/hook", post(answer));
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { url, calls }
    }

    pub(super) fn calls(&self) -> Vec<Call> {
        self.calls.lock().unwrap().clone()
    }

    pub(super) async fn called(&self, times: usize) -> Vec<Call> {
        eventually("the program is called", async || {
            Some(self.calls()).filter(|calls| calls.len() >= times)
        })
        .await
    }
}

impl Call {
    pub(super) fn header(&self, name: &str) -> &str {
        self.headers[name].to_str().unwrap()
    }

    /// As the how-to says that a receiver checks it; the comparison takes the same time for every wrong signature.
    #[track_caller]
    fn is_signed_with(&self, secret: &str) {
        let key = STANDARD
            .decode(secret.strip_prefix("whsec_").unwrap())
            .unwrap();
        let key = hmac::Key::new(hmac::HMAC_SHA256, &key);
        let signed = [
            self.header("webhook-id").as_bytes(),
            self.header("webhook-timestamp").as_bytes(),
            &self.body,
        ]
        .join(&b'.');
        let signature = self
            .header("webhook-signature")
            .strip_prefix("v1,")
            .unwrap();
        let signature = STANDARD.decode(signature).unwrap();
        hmac::verify(&key, &signed, &signature).expect("the signature is that of the body");
        let mut other = signed;
        other.push(b' ');
        hmac::verify(&key, &other, &signature).expect_err("another body is noticed");
    }
}

/// The administrator adds a webhook; gives the answer.
async fn add(story: &Story, url: &str, kinds: &[&str]) -> Answer {
    let body = json!({ "profile": PROFILE, "url": url, "kinds": kinds });
    let administrator = &story.service.administrator;
    administrator.post("/v1/webhooks", &body).await
}

#[tokio::test]
async fn a_program_is_told_with_a_signature_until_it_has_taken_it() {
    let refusals = vec![StatusCode::INTERNAL_SERVER_ERROR, StatusCode::SEE_OTHER];
    let program = Program::start(refusals).await;
    let (story, _folder) = story(closed_port(), &[]).await;
    let added = add(&story, &program.url, &["meeting"]).await.good();
    let secret = text(&added, "secret");
    let case = story.case().await;
    story.note(&case.id, "Notat").await;
    let meeting = json!({
        "at": "2040-01-15T09:00:00Z", "title": "Kanarifugl", "place": "Kanarifugl", "agenda": "Kanarifugl",
    });
    let path = format!("/v1/cases/{}/meetings", case.id);
    story.holder.client.post(&path, &meeting).await.good();
    let calls = program.called(3).await;
    for call in &calls {
        call.is_signed_with(&secret);
        assert_eq!(call.header("webhook-id"), calls[0].header("webhook-id"));
        assert_eq!(call.header("content-type"), "application/cloudevents+json");
        let message: Value = serde_json::from_slice(&call.body).unwrap();
        assert_eq!(message["specversion"], "1.0");
        assert_eq!(message["type"], "caseledger.notification.meeting");
        assert_eq!(message["id"], calls[0].header("webhook-id"));
        assert_eq!(
            message["data"],
            json!({ "tenant": "kvam", "profile": PROFILE, "caseId": case.id, "kind": "meeting" })
        );
        assert!(!message.to_string().contains("Kanarifugl"));
    }
    let database = &story.service.database;
    let sent = eventually("it is noted as sent", async || {
        let rows = rows(database, "meeting").await;
        let mut rows = rows.into_iter().filter(|row| row.channel == "webhook");
        rows.find(|row| row.state == "sent")
    })
    .await;
    assert_eq!(sent.attempts, 3);
    // It was told of meetings alone, and each once.
    assert_eq!(program.calls().len(), 3);
}

#[tokio::test]
async fn the_secret_is_shown_once_and_what_is_removed_is_told_no_more() {
    let program = Program::start(Vec::new()).await;
    let (story, _folder) = story(closed_port(), &[]).await;
    let administrator = &story.service.administrator;
    let body = json!({ "profile": PROFILE, "url": program.url });
    let add = || {
        let request = administrator.request(reqwest::Method::POST, "/v1/webhooks");
        Answer::to(request.header("idempotency-key", "the same").json(&body))
    };
    let (first, again) = (add().await.good(), add().await.good());
    assert!(text(&first, "secret").starts_with("whsec_"));
    assert_eq!(first["webhookId"], again["webhookId"]);
    assert!(again.get("secret").is_none(), "{again}");
    let list = format!("/v1/webhooks?profile={PROFILE}");
    let listed = administrator.get(&list).await;
    assert!(!listed.text().contains("whsec_"));
    let listed = listed.good();
    assert_eq!(listed["webhooks"][0]["url"], program.url.as_str());
    // For an administrator alone.
    let removal = format!("/v1/webhooks/{}/removal", text(&first, "webhookId"));
    let by = json!({ "profile": PROFILE });
    for person in [
        &story.holder,
        &story.guardian,
        &story.leader,
        &story.auditor,
    ] {
        person.client.get(&list).await.problem(403);
        person.client.post("/v1/webhooks", &body).await.problem(403);
        person.client.post(&removal, &by).await.problem(403);
    }
    administrator.post(&removal, &by).await.good();
    assert_eq!(administrator.get(&list).await.good()["webhooks"], json!([]));
    administrator.post(&removal, &by).await.problem(422);
    let case = story.case().await;
    story.note(&case.id, "Notat").await;
    let database = &story.service.database;
    eventually("the note was planned for people", async || {
        let rows = rows(database, "case_changed").await;
        (!rows.is_empty()).then_some(rows)
    })
    .await
    .iter()
    .for_each(|row| assert_eq!(row.channel, "email"));
    assert_eq!(program.calls().len(), 0);
}

#[tokio::test]
async fn programs_inside_the_network_are_not_reached_unless_the_configuration_says_so() {
    let story = Story::begin().await;
    for url in [
        "http://127.0.0.1:8080/",
        "https://127.0.0.1/",
        "https://[::1]/",
        "https://10.0.0.1/",
        "https://169.254.169.254/latest/meta-data",
        "http://hooks.example.org/",
        "https://user:pw@hooks.example.org/",
    ] {
        let refused = add(&story, url, &[]).await.problem(400);
        assert_eq!(refused["errors"][0]["field"], "url", "{url}: {refused}");
    }
    add(&story, "https://hooks.example.org/", &[]).await.good();
    let unknown = add(&story, "https://hooks.example.org/", &["birthday"]).await;
    unknown.problem(422);
}
