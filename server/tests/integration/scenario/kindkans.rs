//! Kindkans as Berséba uses it, from K1 to K19, through the HTTP API alone.

use chrono::{Days, NaiveDate, TimeDelta};
use reqwest::Method;
use serde_json::{Value, json};

use super::{night::service_before_midnight, table::Table};
use crate::support::{
    eventually,
    school_by_http::{Consortium, KINDKANS, acceptance, activate, assign, end_agreement, sign},
    service::{Answer, Client},
    story_by_http::{Person, text},
};

const IDS: [&str; 19] = [
    "K1", "K2", "K3", "K4", "K5", "K6", "K7", "K8", "K9", "K10", "K11", "K12", "K13", "K14", "K15",
    "K16", "K17", "K18", "K19",
];

/// Every way of reading one dossier.
const SHAPES: [&str; 14] = [
    "",
    "?validAt=2126-01-01T00:00:00Z",
    "/printout",
    "/timeline",
    "/parties",
    "/rounds",
    "/services",
    "/measures",
    "/meetings",
    "/agreements",
    "/notes",
    "/documents",
    "/events",
    "/audit/exposure",
];

/// Everybody, and what was shown so far.
struct Walk {
    all: Consortium,
    today: NaiveDate,
    table: Table,
}

#[tokio::test]
async fn every_requirement_of_kindkans_is_shown_over_http() {
    // Midnight comes while the first round waits for it.
    let (service, today) = service_before_midnight(TimeDelta::seconds(25), &[]).await;
    let mut walk = Walk {
        all: Consortium::begin_on(service).await,
        today,
        table: Table::new("Kindkans bij Berséba", KINDKANS),
    };
    let (case, round) = walk.agreement_that_expires().await;
    walk.accounts().await;
    walk.guests(&case, &round).await;
    let case = walk.intake().await;
    walk.entries(&case).await;
    walk.the_desk(&case).await;
    walk.statuses(&case).await;
    walk.exposure(&case).await;
    walk.the_agreement_of_the_consortium(&case).await;
    walk.table.must_be_complete(&IDS);
}

impl Walk {
    fn step(&mut self, id: &'static str, what: &'static str) {
        self.table.step(id, what);
    }

    fn school(&self) -> &Client {
        &self.all.coordinator.client
    }

    fn desk(&self) -> &Client {
        &self.all.desk_worker.client
    }

    /// In so many days.
    fn day(&self, days: u64) -> String {
        let day = self.today.checked_add_days(Days::new(days)).unwrap();
        day.to_string()
    }

    #[track_caller]
    fn refused(answer: Answer, status: u16, requirement: &str) {
        let problem = answer.problem(status);
        assert_eq!(problem["requirement"], requirement, "{problem}");
    }

    async fn guest_of(&self, case: &str, round: &str, number: u8) -> (Person, String) {
        let (invitation, token) = self.all.invite(case, round).await;
        let guest = self.all.outsider(number).await;
        let body = acceptance(&token);
        let accepted = guest.client.post("/v1/invitations/acceptance", &body).await;
        accepted.good();
        (guest, invitation)
    }

    /// Neither by any address nor in a list.
    async fn sees_nothing(somebody: &Client, path: &str) {
        for shape in SHAPES {
            somebody.get(&format!("{path}{shape}")).await.problem(404);
        }
        let list = somebody.get("/v1/cases").await.good();
        assert_eq!(list["items"], json!([]));
    }

    async fn agreement_that_expires(&mut self) -> (String, String) {
        self.step(
            "K19",
            "the agreement of the consortium is in force, and the school neither begins a dossier without the consortium nor holds a round on it",
        );
        let school = self.all.coordinator.clone();
        let hidden = self.all.request("coordinator", Some("overleg_school"));
        Self::refused(self.school().post("/v1/cases", &hidden).await, 403, "K19");
        let case = self.all.open(&school, "coordinator", None).await;
        self.all.change(&case, "overleg_school").await;
        let rounds = format!("/v1/cases/{case}/rounds");
        let round = json!({ "topic": "Ondersteuningsteam", "endsOn": self.day(30) });
        Self::refused(self.school().post(&rounds, &round).await, 403, "K18");

        self.step("K18", "on an agreement of the school's own, valid through today, a guest reads along until midnight and no longer; signed anew, they do again");
        self.all.school_signs(Some(&self.day(0))).await;
        let opened = self.all.round(&case, &self.day(30)).await;
        let (guest, invitation) = self.guest_of(&case, &opened, 11).await;
        self.all.confirm(&case, &invitation).await;
        let path = format!("/v1/cases/{case}");
        guest.client.get(&path).await.good();
        let stopped = eventually("the agreement has expired", async || {
            let answer = guest.client.get(&path).await;
            (answer.status == 403).then_some(answer)
        })
        .await;
        Self::refused(stopped, 403, "K19");
        Self::refused(self.school().post(&rounds, &round).await, 403, "K18");
        self.all.school_signs(None).await;
        guest.client.get(&path).await.good();
        (case, opened)
    }

    async fn accounts(&mut self) {
        self.step("K17", "the care broker of the region activates accounts of its schools and gives the roles there, and those of no other region");
        let broker = &self.all.care_broker.client;
        let service = &self.all.service;
        let member = activate(service, broker, "Tom Teamlid", Some(&self.all.school)).await;
        let (school, other) = (self.all.school.clone(), self.all.other_school.clone());
        assign(broker, &member, "team_member", Some(&school))
            .await
            .good();
        let elsewhere = json!({ "profile": KINDKANS, "name": "Iemand", "organisation": other });
        broker.post("/v1/accounts", &elsewhere).await.problem(403);
        assign(broker, &member, "team_member", Some(&other))
            .await
            .problem(403);
        let own = assign(broker, &self.all.care_broker, "coordinator", Some(&school)).await;
        Self::refused(own, 403, "K17");

        self.step("K7", "without an account of its own, or signed in less surely, nobody of the school opens a dossier or a round");
        let unknown = self.all.outsider(99).await;
        let request = self.all.request("coordinator", Some("overleg_school"));
        Self::refused(unknown.client.post("/v1/cases", &request).await, 403, "K17");
        let token = json!({ "accountId": self.all.coordinator.id, "assurance": "low" });
        let service = &self.all.service;
        let anyone = service.anyone();
        let token = Answer::to(anyone.request(Method::POST, "/v1/dev/tokens").json(&token)).await;
        let unsure = service.with_token(&text(&token.good(), "accessToken"));
        Self::refused(unsure.post("/v1/cases", &request).await, 403, "K7");
    }

    async fn guests(&mut self, case: &str, round: &str) {
        self.step("K5", "the school holds a round of its own, with a topic and a last day; the desk can neither open one nor know of it");
        let seen = self
            .school()
            .get(&format!("/v1/cases/{case}/rounds"))
            .await
            .good();
        assert_eq!(seen["items"][0]["topic"], "Ondersteuningsteam", "{seen}");
        assert_eq!(seen["items"][0]["endsOn"], self.day(30));
        let another = json!({ "topic": "Loket", "endsOn": self.day(30) });
        let rounds = format!("/v1/cases/{case}/rounds");
        self.desk().post(&rounds, &another).await.problem(404);

        self.step("K6", "an outsider is invited by e-mail, accepts with the secret once, is confirmed by the inviter, and only then reads along");
        let path = format!("/v1/cases/{case}");
        let (invitation, token) = self.all.invite(case, round).await;
        let (guest, other) = (self.all.outsider(12).await, self.all.outsider(13).await);
        let accept = "/v1/invitations/acceptance";
        guest.client.get(&path).await.problem(404);
        let wrong = other
            .client
            .post(accept, &acceptance(&token[1..]))
            .await
            .problem(404);
        let made_up = "A".repeat(43);
        let never = other
            .client
            .post(accept, &acceptance(&made_up))
            .await
            .problem(404);
        guest.client.post(accept, &acceptance(&token)).await.good();
        let used = other
            .client
            .post(accept, &acceptance(&token))
            .await
            .problem(404);
        for problem in [&never, &used] {
            assert_eq!(problem["detail"], wrong["detail"], "all the same");
        }
        Self::sees_nothing(&guest.client, &path).await;
        self.all.confirm(case, &invitation).await;
        let read = guest.client.get(&path).await.good();
        assert_eq!(read["sections"], json!(["basics", "documents", "notes"]));
        assert_eq!(
            read["parties"],
            json!([]),
            "who else reads is not theirs to know"
        );
        let note = json!({ "section": "notes", "title": "Nee", "text": "Meelezen is lezen." });
        let notes = format!("{path}/notes");
        guest.client.post(&notes, &note).await.problem(403);
        let (revoked, secret) = self.all.invite(case, round).await;
        let revocation = format!("{path}/invitations/{revoked}/revocation");
        let reason = json!({ "reason": "Verkeerd adres" });
        self.school().post(&revocation, &reason).await.good();
        other
            .client
            .post(accept, &acceptance(&secret))
            .await
            .problem(404);

        self.step("K14", "in `overleg school` the school and its guests read, and nobody else; when the round ends, the guests read no more");
        for stranger in [
            &self.all.other_coordinator,
            &self.all.desk_worker,
            &self.all.care_broker,
            &other,
        ] {
            stranger.client.get(&path).await.problem(404);
        }
        self.school().get(&path).await.good();
        let ending = format!("{path}/rounds/{round}/ending");
        self.school().post(&ending, &json!({})).await.good();
        Self::sees_nothing(&guest.client, &path).await;
    }

    async fn intake(&mut self) -> String {
        self.step(
            "K1",
            "a dossier asks for one of three things, which it must name; lists are narrowed to it",
        );
        let machine = self.all.pupil_system.clone();
        let mut request = self.all.request("pupil_system", None);
        for (kind, expected) in [(Value::Null, 422), (json!("money"), 422)] {
            request["kind"] = kind;
            let answer = machine.client.post("/v1/cases", &request).await;
            answer.problem(expected);
        }
        for kind in ["arrangement", "admissibility"] {
            request["kind"] = json!(kind);
            let opened = machine.client.post("/v1/cases", &request).await.good();
            let path = format!("/v1/cases?kind={kind}&minPosition={}", opened["position"]);
            let list = self.school().get(&path).await.good();
            assert_eq!(list["items"].as_array().unwrap().len(), 1, "{list}");
            assert_eq!(list["items"][0]["kind"], kind);
        }

        self.step("K10", "what the pupil system submits is `aanmelding` by itself, and it can ask for nothing else");
        let hidden = self.all.request("pupil_system", Some("overleg_school"));
        let refused = machine.client.post("/v1/cases", &hidden).await;
        Self::refused(refused, 403, "K10");
        let case = self.all.open(&machine, "pupil_system", None).await;
        let read = self.school().get(&format!("/v1/cases/{case}")).await.good();
        assert_eq!(read["status"], "aanmelding");

        self.step(
            "K2",
            "the school submits it, by its pupil system or directly, to the desk, which finds it",
        );
        let school = self.all.coordinator.clone();
        let directly = self.all.open(&school, "coordinator", None).await;
        for case in [&case, &directly] {
            let read = self.desk().get(&format!("/v1/cases/{case}")).await.good();
            assert_eq!(read["submittedTo"], self.all.desk);
        }

        self.step(
            "K15",
            "the pupil system never changes a status; the school's own account does",
        );
        let changes = format!("/v1/cases/{case}/status-changes");
        let change = json!({ "to": "overleg_school" });
        Self::refused(machine.client.post(&changes, &change).await, 403, "K15");
        case
    }

    async fn entries(&mut self, case: &str) {
        self.step(
            "K9",
            "the intake brings the basic data; the pupil system may add more, and attachments",
        );
        let machine = &self.all.pupil_system.client;
        let note = json!({ "section": "notes", "title": "Leesniveau", "text": "AVI M4." });
        let notes = format!("/v1/cases/{case}/notes");
        machine.post(&notes, &note).await.good();
        let metadata =
            json!({ "section": "documents", "title": "Rapport", "fileName": "rapport.pdf" });
        let filed = machine
            .file(case, &metadata, b"%PDF-1.7 rapport".to_vec())
            .await
            .good();
        let read = self.desk().get(&format!("/v1/cases/{case}")).await.good();
        assert_eq!(read["childName"], "Sem Voorbeeld");
        assert_eq!(read["notes"][0]["text"], "AVI M4.");

        self.step("K3", "nothing is sent: there is no operation that mails a dossier, and an attachment leaves by a download alone, decided each time and noted");
        let document = format!("/v1/cases/{case}/documents/{}", text(&filed, "documentId"));
        assert!(self.desk().get(&document).await.status.is_success());
        self.all
            .other_coordinator
            .client
            .get(&document)
            .await
            .problem(404);
        let saw = format!("/v1/cases/{case}/audit/saw");
        let saw = self.all.auditor.client.get(&saw).await.good();
        let downloads = saw["views"].as_array().unwrap().iter();
        let downloads = downloads.filter(|seen| seen["what"] == "document_downloaded");
        assert_eq!(downloads.count(), 1, "{saw}");
    }

    async fn the_desk(&mut self, case: &str) {
        self.step(
            "K11",
            "`aanmelding` is visible to the desk at once: by its address, in the list, in a search",
        );
        let path = format!("/v1/cases/{case}");
        let read = self.desk().get(&path).await.good();
        let position = &read["view"]["position"];
        let listed = format!(
            "/v1/cases?submittedTo={}&minPosition={position}&limit=200",
            self.all.desk
        );
        let finds = |answer: &Value| {
            let mut items = answer["items"].as_array().unwrap().iter();
            items.any(|item| item["caseId"] == case)
        };
        let number = json!({ "nationalId": "123456782" });
        assert!(finds(&self.desk().get(&listed).await.good()));
        assert!(finds(&self.search(&number).await));

        self.step("K8", "with `overleg school` the desk sees none of it: no address, no list, no search, no attachment");
        self.all.change(case, "overleg_school").await;
        for shape in SHAPES {
            self.desk()
                .get(&format!("{path}{shape}"))
                .await
                .problem(404);
        }
        assert!(!finds(&self.desk().get(&listed).await.good()));
        assert!(!finds(&self.search(&number).await));
    }

    async fn search(&self, number: &Value) -> Value {
        let search = self
            .desk()
            .request(Method::POST, "/v1/cases/search")
            .json(number);
        Answer::to(search).await.good()
    }

    async fn statuses(&mut self, case: &str) {
        self.step("K12", "a round is internal: it is held in `overleg school` alone, and its guests stop when the desk is let in");
        let round = self.all.round(case, &self.day(30)).await;
        let (guest, invitation) = self.guest_of(case, &round, 14).await;
        self.all.confirm(case, &invitation).await;
        let path = format!("/v1/cases/{case}");
        guest.client.get(&path).await.good();
        self.desk().get(&path).await.problem(404);

        self.step("K16", "later the school opens it to the desk again");
        self.all.change(case, "aanmelding").await;
        self.desk().get(&path).await.good();
        Self::refused(guest.client.get(&path).await, 403, "K14");
        let rounds = format!("{path}/rounds");
        let round = json!({ "topic": "Team", "endsOn": self.day(30) });
        Self::refused(self.school().post(&rounds, &round).await, 403, "K12");
    }

    async fn exposure(&mut self, looked_at: &str) {
        self.step("K13", "the ledger tells how long the desk could look between the intake and the change, who could, and whether anyone did; an intake may begin in `overleg school`");
        let auditor = self.all.auditor.client.clone();
        let ask = async |case: &str| {
            let path = format!("/v1/cases/{case}/audit/exposure");
            auditor.get(&path).await.good()
        };
        let used = ask(looked_at).await;
        assert_eq!(used["used"], true, "{used}");
        assert_eq!(used["requirement"], "K13");
        let lotte = &used["people"][0];
        assert_eq!(lotte["name"], "Lotte Loket", "{used}");
        assert_eq!(lotte["decision"]["policies"][0]["id"], "the_desk_reads");
        assert_eq!(lotte["afterwards"]["requirement"], "K12");
        assert!(lotte["saw"][0]["position"].as_u64() < used["window"]["until"].as_u64());
        let machine = self.all.pupil_system.clone();
        let unused = self.all.open(&machine, "pupil_system", None).await;
        self.all.change(&unused, "overleg_school").await;
        let unused = ask(&unused).await;
        assert_eq!(unused["used"], false, "{unused}");
        assert_eq!(unused["people"].as_array().unwrap().len(), 1, "{unused}");
        assert!(unused["window"]["lastedMs"].as_i64().unwrap() >= 0);
        let school = self.all.coordinator.clone();
        let hidden = self
            .all
            .open(&school, "coordinator", Some("overleg_school"))
            .await;
        let never = ask(&hidden).await;
        assert!(never["window"].is_null(), "{never}");
        let all = format!("/v1/audit/exposure?profile={KINDKANS}&limit=100");
        let exposed = auditor.get(&all).await.good();
        let items = exposed["items"].as_array().unwrap();
        assert!(
            items
                .iter()
                .any(|item| item["caseId"] == looked_at && item["used"] == true)
        );
        assert!(items.iter().all(|item| item["caseId"] != hidden.as_str()));
        self.exposures_page_by_page(&exposed).await;
        let of_case = format!("/v1/cases/{looked_at}/audit/exposure");
        self.desk().get(&of_case).await.problem(403);
        self.all
            .other_coordinator
            .client
            .get(&of_case)
            .await
            .problem(404);
        for client in [
            self.desk(),
            &self.all.coordinator.client,
            &self.all.other_coordinator.client,
            &self.all.service.administrator,
        ] {
            client.get(&all).await.problem(403);
        }
    }

    /// Page by page the same cases are told, each noted in its own part of the ledger and once for all of them.
    async fn exposures_page_by_page(&self, at_once: &Value) {
        let cases = |page: &Value| -> Vec<String> {
            let items = page["items"].as_array().unwrap().iter();
            items.map(|item| text(item, "caseId")).collect()
        };
        let all = format!("/v1/audit/exposure?profile={KINDKANS}&limit=1");
        let (mut found, mut next) = (Vec::new(), all.clone());
        loop {
            let page = self.all.auditor.client.get(&next).await.good();
            let answered = page["view"]["position"].as_u64().unwrap();
            for item in page["items"].as_array().unwrap() {
                assert!(item["view"]["position"].as_u64().unwrap() > answered);
            }
            found.extend(cases(&page));
            match page["nextCursor"].as_str() {
                Some(cursor) => next = format!("{all}&cursor={cursor}"),
                None => break,
            }
        }
        assert_eq!(found, cases(at_once));
    }

    async fn the_agreement_of_the_consortium(&mut self, case: &str) {
        self.step("K4", "what is submitted rests on the agreement of the consortium: when it ends, nothing is submitted and the desk reads nothing; signed again, it does");
        let administrator = self.all.service.administrator.clone();
        let consortium = self.all.umbrella.clone();
        end_agreement(&administrator, &consortium, &self.all.agreement).await;
        let path = format!("/v1/cases/{case}");
        self.desk().get(&path).await.problem(404);
        let request = self.all.request("pupil_system", None);
        let machine = &self.all.pupil_system.client;
        Self::refused(machine.post("/v1/cases", &request).await, 403, "K4");
        sign(&administrator, &consortium, &json!({})).await.good();
        self.desk().get(&path).await.good();
        assert_ne!(self.all.region, self.all.school);
    }
}
