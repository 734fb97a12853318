//! Killed between the outbox and the mail server: the next process sends it again, under the same Message-ID.

use std::{
    io::{BufRead as _, BufReader},
    process::{Child, Command, Stdio},
};

use serde_json::{Value, json};

use super::{NOTIFIER, appoint, reachable, settings};
use crate::support::{
    eventually,
    service::{Client, SECRET},
    smtp::SmtpServer,
    story_by_http::Story,
};

/// The program itself, on the database and the keys of a story that has ended. Killed at the end.
struct Serving {
    child: Child,
    url: String,
}

impl Serving {
    fn start(
        database_url: &str,
        data_dir: &std::path::Path,
        port: u16,
    ) -> (Self, tempfile::TempDir) {
        let (settings, folder) = settings(port);
        let mut command = Command::new(env!("CARGO_BIN_EXE_caseledger"));
        command
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("DATABASE_URL", database_url)
            .env("CASELEDGER_DEV_TOKEN_SECRET", SECRET)
            .arg("--data-dir")
            .arg(data_dir)
            .args(["--set", "listen=127.0.0.1:0", "--set", "dev_tokens=true"])
            .args(["--set", "tenant=kvam"]);
        for (key, value) in settings {
            command.arg("--set").arg(format!("{key}={value}"));
        }
        let mut child = command
            .arg("serve")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut log = BufReader::new(child.stderr.take().unwrap())
            .lines()
            .map_while(Result::ok);
        let answering = "answering at ";
        let line = log.find(|line| line.contains(answering));
        let line = line.expect("the service answers");
        let (_, rest) = line.split_once(answering).unwrap();
        let url = rest.split_whitespace().next().unwrap();
        let url = url.trim_end_matches(['/', ',', '.']).to_owned();
        // Whatever else it says is read, so that it never waits for us.
        std::thread::spawn(move || log.for_each(drop));
        (Self { child, url }, folder)
    }

    fn kill(&mut self) {
        // SIGKILL.
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[tokio::test]
async fn a_message_that_was_under_way_when_the_service_was_killed_arrives_under_the_same_id() {
    let (Some(deaf), Some(server)) = (SmtpServer::start(&["--hold"]), SmtpServer::start(&[]))
    else {
        return;
    };
    let mut story = Story::begin().await;
    appoint(&story.service, NOTIFIER.parse().unwrap()).await;
    let case = story.case().await;
    reachable(&story.guardian.client, "gro@mail.example", None).await;
    story.service.begin_to_stop().await.unwrap().unwrap();
    let url = story.service.database.url.clone();
    let data_dir = story.service.folder.path().to_owned();

    let (mut serving, _folder) = Serving::start(&url, &data_dir, deaf.port);
    let holder = Client::at(&serving.url).sign_in(&story.holder.id).await;
    let note = json!({ "section": "notes", "title": "Notat", "text": "" });
    let notes = format!("/v1/cases/{}/notes", case.id);
    holder.post(&notes, &note).await.good();
    let lost = deaf.given(1).await;
    serving.kill();

    let (_serving, _folder) = Serving::start(&url, &data_dir, server.port);
    let id = |message: &Value| message["headers"]["message-id"].clone();
    let lost = id(&lost[0]);
    let arrived = eventually("the same message arrives", async || {
        let messages = server.messages();
        messages.into_iter().find(|message| id(message) == lost)
    })
    .await;
    assert_eq!(arrived["to"], json!(["gro@mail.example"]));
}
