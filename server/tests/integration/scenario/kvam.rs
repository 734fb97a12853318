//! Stafettloggen as Kvam herad uses it, from V1 to V29 and X1 to X10, through the HTTP API alone.

use chrono::{Days, NaiveDate, TimeDelta};
use reqwest::Method;
use serde_json::{Value, json};

use super::{
    answers::{party_of, refused},
    night::service_before_midnight,
    table::Table,
};
use crate::{
    notify,
    support::{
        eventually,
        mailbox::Mailbox,
        service::{Answer, Client, PROFILE},
        story_by_http::{Person, Story, activate, build_package, text},
    },
};

const IDS: [&str; 36] = [
    "V1", "V2", "V3", "V4", "V5", "V6", "V7", "V8", "V9", "V10", "V11", "V12", "V13", "V14", "V15",
    "V16", "V17", "V18", "V19", "V20", "V21", "V23", "V24", "V26", "V27", "V28", "V29", "X1", "X2",
    "X3", "X4", "X5", "X6", "X7", "X9", "X10",
];

/// One log that is walked through.
struct Log {
    id: String,
    path: String,
    mother: String,
}

/// Everybody, and what was shown so far.
struct Walk {
    story: Story,
    today: NaiveDate,
    table: Table,
    mailbox: Mailbox,
}

#[tokio::test]
async fn every_requirement_of_kvam_is_shown_over_http() {
    // Midnight comes while the first log waits for it.
    let mailbox = Mailbox::open().await;
    let (settings, _folder) = notify::settings(mailbox.port);
    let settings: Vec<(&str, &str)> = settings
        .iter()
        .map(|(key, value)| (*key, value.as_str()))
        .collect();
    let (service, today) = service_before_midnight(TimeDelta::seconds(12), &settings).await;
    notify::appoint(&service, notify::NOTIFIER.parse().unwrap()).await;
    let story = Story::begin_on(service).await;
    let mut walk = Walk {
        story,
        today,
        table: Table::new("Stafettloggen in Kvam herad", "stafettloggen-kvam"),
        mailbox,
    };
    walk.consent_that_expires().await;
    let log = walk.beginning().await;
    walk.participants(&log).await;
    walk.work(&log).await;
    walk.consents(&log).await;
    walk.rest(&log).await;
    walk.withdrawal(&log).await;
    walk.baton().await;
    walk.coming_of_age().await;
    walk.closing().await;
    walk.messages().await;
    walk.table
        .document("V29", "docs/privacy/what-is-stored-where.md");
    walk.table.context("V20");
    walk.table.must_be_complete(&IDS);
}

impl Walk {
    fn step(&mut self, id: &'static str, what: &'static str) {
        self.table.step(id, what);
    }

    fn holder(&self) -> &Client {
        &self.story.holder.client
    }

    fn guardian(&self) -> &Client {
        &self.story.guardian.client
    }

    /// In so many days.
    fn day(&self, days: u64) -> String {
        let day = self.today.checked_add_days(Days::new(days)).unwrap();
        day.to_string()
    }

    /// A log in which the mother takes part, and has consented if that is wanted.
    async fn log(&self, child: &str, consents: bool) -> Log {
        let id = self.story.open(child, "01010112345").await;
        let path = format!("/v1/cases/{id}");
        let guardian = &self.story.guardian;
        let mother = self
            .story
            .add_party(&id, "guardian", guardian, None, "Gro, mora")
            .await;
        if consents {
            self.story.consent(&id, "establish_log", &mother, &[]).await;
        }
        Log { id, path, mother }
    }

    async fn case(&self, log: &Log) -> Value {
        self.guardian().get(&log.path).await.good()
    }

    async fn status(&self, log: &Log) -> String {
        text(&self.case(log).await, "status")
    }

    async fn measure(&self, log: &Log, by: &Client) -> String {
        let holder = party_of(&self.case(log).await, "baton_holder");
        let body = json!({
            "title": "Fast lesemakker", "description": "Tre gonger i veka.",
            "developmentArea": "Lesing", "responsible": holder, "evaluateOn": self.day(42),
        });
        let planned = by.post(&format!("{}/measures", log.path), &body).await;
        text(&planned.good(), "measureId")
    }

    async fn begin(&self, log: &Log, measure: &str) {
        let path = format!("{}/measures/{measure}/beginning", log.path);
        self.holder().post(&path, &json!({})).await.good();
    }

    async fn consent_that_expires(&mut self) {
        self.step("V26", "a consent valid through today lets the baton holder read until midnight and no longer; renewed, it does again");
        let log = self.log("Liv Nordmann", false).await;
        let body = json!({
            "kind": "establish_log", "by": log.mother, "form": "digital",
            "validThrough": self.today.to_string(),
        });
        let consents = format!("{}/consents", log.path);
        let given = self.guardian().post(&consents, &body).await.good();
        let printout = format!("{}/timeline", log.path);
        self.holder().get(&printout).await.good();
        let ended = eventually("the consent has expired", async || {
            let answer = self.holder().get(&printout).await;
            (answer.status == 403).then_some(answer)
        })
        .await;
        refused(ended, 403, "V24");
        let body = json!({
            "kind": "establish_log", "by": log.mother, "form": "digital",
            "renews": given["consentId"], "validThrough": self.day(700),
        });
        self.guardian().post(&consents, &body).await.good();
        self.holder().get(&printout).await.good();
    }

    async fn beginning(&mut self) -> Log {
        self.step("V9", "the tenants are listed before anybody signs in, and a token of one is not taken in another");
        let tenants = self.story.service.anyone().get("/v1/tenants").await.good();
        let kvam = &tenants["items"][0];
        assert_eq!(kvam["id"], "kvam", "{tenants}");
        let elsewhere = self
            .holder()
            .request(Method::GET, "/v1/cases")
            .header("tenant", "ulvik");
        Answer::to(elsewhere).await.problem(401);

        self.step("X1", "roles are handed down: the leader makes somebody a baton holder, the administrator cannot, and nobody can for themselves");
        let roles = format!("/v1/accounts/{}/roles", self.story.colleague.id);
        let role = json!({ "profile": "stafettloggen-kvam", "role": "professional", "unit": self.story.school });
        let administrator = &self.story.service.administrator;
        administrator.post(&roles, &role).await.problem(403);
        let leader = &self.story.leader.client;
        leader.post(&roles, &role).await.good();
        let own = format!("/v1/accounts/{}/roles", self.story.leader.id);
        refused(leader.post(&own, &role).await, 403, "X1");

        self.step("V23", "a log is opened only after the nearest leader has cleared it, by whom it was cleared for, once");
        let clearance = json!({ "profile": "stafettloggen-kvam", "unit": self.story.school, "account": self.story.holder.id });
        refused(
            self.holder().post("/v1/clearances", &clearance).await,
            403,
            "V23",
        );
        let open = |clearance: Option<&str>| {
            json!({
                "clearance": clearance, "profile": "stafettloggen-kvam", "unit": self.story.school,
                "childName": "Kari Nordmann", "concern": "Drøfta med mora: trivst ikkje.",
                "openerRole": "baton_holder", "openerName": "Hanna",
            })
        };
        refused(
            self.holder().post("/v1/cases", &open(None)).await,
            403,
            "V23",
        );
        let log = self.log("Kari Nordmann", false).await;
        let again = self.holder().post("/v1/cases", &open(Some(&log.id))).await;
        assert_eq!(again.problem(403)["requirement"], "D1");

        self.step(
            "V10",
            "what employee and parents have talked over stands in the log from its opening",
        );
        let case = self.case(&log).await;
        assert_eq!(case["concern"], "Kjem ofte for seint.");
        assert_eq!(case["status"], "preparing");

        self.step("V7", "before the guardians consent nothing is written, and the baton holder sees whom to ask and nothing else");
        let notes = format!("{}/notes", log.path);
        let note = json!({ "section": "notes", "title": "Samtale", "text": "Om morgonane." });
        refused(self.holder().post(&notes, &note).await, 403, "V24");
        let seen = self.holder().get(&log.path).await.good();
        assert_eq!(seen["sections"], json!(["basics", "consents"]));

        self.step("V8", "somebody without a part in the log is told that nothing is there; so is a guardian of another child");
        for stranger in [&self.story.colleague, &self.story.stranger] {
            stranger.client.get(&log.path).await.problem(404);
        }

        self.step("V21", "without the highest assurance nobody reads");
        let token = json!({ "accountId": self.story.guardian.id, "assurance": "substantial" });
        let anyone = self.story.service.anyone();
        let token = Answer::to(anyone.request(Method::POST, "/v1/dev/tokens").json(&token)).await;
        let unsure = self
            .story
            .service
            .with_token(&text(&token.good(), "accessToken"));
        refused(unsure.get(&log.path).await, 403, "V21");

        self.step(
            "V11",
            "the log is in preparation until the consent is given and a measure begins",
        );
        self.story
            .consent(&log.id, "establish_log", &log.mother, &[])
            .await;
        assert_eq!(self.status(&log).await, "preparing");
        let measure = self.measure(&log, self.holder()).await;
        assert_eq!(self.status(&log).await, "preparing");
        self.begin(&log, &measure).await;
        assert_eq!(self.status(&log).await, "active");
        log
    }

    async fn participants(&mut self, log: &Log) {
        self.step("V24", "the consent to the log does not let in another service; that takes the consent to cooperation");
        let professional = &self.story.professional.clone();
        let party = self
            .story
            .add_party(
                &log.id,
                "professional",
                professional,
                Some(&self.story.counselling),
                "Frida",
            )
            .await;
        refused(professional.client.get(&log.path).await, 403, "V12");

        self.step(
            "V12",
            "the consent is extended: it names the service, and from then on its people read",
        );
        let consents = format!("{}/consents", log.path);
        let nobody = json!({ "kind": "cooperation", "by": log.mother, "form": "digital" });
        self.guardian().post(&consents, &nobody).await.problem(422);
        self.story
            .consent(
                &log.id,
                "cooperation",
                &log.mother,
                &[&self.story.counselling],
            )
            .await;
        professional.client.get(&log.path).await.good();

        self.step("V4", "the services that take part, and their tasks");
        let service = json!({ "service": self.story.counselling, "task": "Rettleiing" });
        let services = format!("{}/services", log.path);
        self.holder().post(&services, &service).await.good();
        let case = self.case(log).await;
        assert_eq!(case["services"][0]["task"], "Rettleiing");

        self.step("V5", "the professionals who take part, and their tasks");
        let task = json!({ "task": "Samtale annakvar veke" });
        let path = format!("{}/parties/{party}/task", log.path);
        self.holder().post(&path, &task).await.good();
        let case = self.case(log).await;
        let parties = case["parties"].as_array().unwrap();
        let told = parties
            .iter()
            .any(|party| party["task"]["text"] == "Samtale annakvar veke");
        assert!(told, "{case}");

        self.step("X4", "a parent without parental responsibility sees the basic data and the plan, and nothing else");
        let father = activate(&self.story.service, "Per Far", None).await;
        self.story
            .add_party(&log.id, "parent", &father, None, "Per, faren")
            .await;
        self.story.note(&log.id, "Ikkje for alle").await;
        let seen = father.client.get(&log.path).await.good();
        assert_eq!(seen["sections"], json!(["basics", "plan"]));
        assert_eq!(seen["notes"], json!([]));
        assert_eq!(seen["consents"], json!([]));
    }

    async fn work(&mut self, log: &Log) {
        self.step(
            "V1",
            "meetings are planned and held, and both stand in the log",
        );
        let meetings = format!("{}/meetings", log.path);
        let planned = |at: String| json!({ "at": at, "title": "Samarbeidsmøte", "place": "Skulen", "agenda": "Vidare" });
        let before = (self.story.service.instance.ledger.now() - TimeDelta::days(400)).to_rfc3339();
        let held = self.holder().post(&meetings, &planned(before)).await.good();
        let held = text(&held, "meetingId");
        let minutes = json!({ "present": [log.mother], "minutes": "Me er samde." });
        let path = format!("{meetings}/{held}/minutes");
        self.holder().post(&path, &minutes).await.good();
        let later = (self.story.service.instance.ledger.now() + TimeDelta::days(400)).to_rfc3339();
        self.holder().post(&meetings, &planned(later)).await.good();
        let case = self.case(log).await;
        assert_eq!(case["meetings"][0]["held"]["minutes"], "Me er samde.");
        assert!(case["meetings"][1]["held"].is_null());

        self.step("V2", "what was agreed stands in the log, with the meeting at which it was, until it is settled");
        let agreements = format!("{}/agreements", log.path);
        let agreement = json!({ "meeting": held, "text": "Mor ringjer måndag." });
        let made = self.holder().post(&agreements, &agreement).await.good();
        let settlement = format!("{agreements}/{}/settlement", text(&made, "agreementId"));
        let kept = json!({ "kept": true, "remark": "Gjort." });
        self.holder().post(&settlement, &kept).await.good();
        let case = self.case(log).await;
        assert_eq!(case["agreements"][0]["text"], "Mor ringjer måndag.");
        assert_eq!(case["agreements"][0]["settled"]["kept"], true);

        self.step(
            "V6",
            "a guardian plans a measure and evaluates one, and writes a note",
        );
        let measure = self.measure(log, self.guardian()).await;
        self.begin(log, &measure).await;
        let path = format!("{}/measures/{measure}/evaluations", log.path);
        let evaluation =
            json!({ "effect": "some", "evaluateOn": self.day(70), "assessment": "Går betre." });
        self.guardian().post(&path, &evaluation).await.good();
        let note = json!({ "section": "notes", "title": "Heime", "text": "Søv betre." });
        let notes = format!("{}/notes", log.path);
        self.guardian().post(&notes, &note).await.good();

        self.step("V3", "each measure says what is planned, who is responsible, and when it is evaluated; and that falls due");
        let case = self.case(log).await;
        let measures = case["measures"].as_array().unwrap();
        let measure = measures
            .iter()
            .find(|one| one["measureId"] == measure.as_str());
        let measure = measure.unwrap();
        assert_eq!(measure["title"], "Fast lesemakker");
        assert_eq!(measure["responsible"], party_of(&case, "baton_holder"));
        assert_eq!(measure["evaluateOn"], self.day(70));
        let until = self.day(80);
        self.due(log, "measure_evaluation", &until).await;

        self.step(
            "V14",
            "a measure is tied to a development area, for a period or over time",
        );
        assert_eq!(measure["developmentArea"], "Lesing");
        assert!(measure["endsOn"].is_null());
    }

    /// What falls due, once the read models have come so far.
    async fn due(&self, log: &Log, kind: &str, until: &str) {
        let path = format!("/v1/due?until={until}&limit=200");
        eventually("it is due", async || {
            let due = self.holder().get(&path).await.good();
            let items = due["items"].as_array().unwrap();
            let mut items = items.iter();
            items
                .any(|item| item["caseId"] == log.id.as_str() && item["kind"] == kind)
                .then_some(())
        })
        .await;
    }

    async fn consents(&mut self, log: &Log) {
        self.step("V28", "renewal is recommended every second year: it falls due after 24 months though the consent has no end");
        let in_two_years = self.day(735);
        self.due(log, "consent_renewal", &in_two_years).await;

        self.step("V27", "a substantial change asks for new consents");
        let changes = format!("{}/changes", log.path);
        let change = json!({ "description": "Kari flyttar til far annakvar veke." });
        self.holder().post(&changes, &change).await.good();
        let case = self.case(log).await;
        assert_eq!(case["consents"][0]["dueAnew"], true, "{case}");
        let today = self.day(1);
        self.due(log, "consent_anew", &today).await;

        self.step("X5", "a consent on paper is recorded by the baton holder, with the scan of the form and not without it");
        let other = self.log("Nils Nordmann", false).await;
        let consents = format!("{}/consents", other.path);
        let paper = |scan: Option<&str>| json!({ "kind": "establish_log", "by": other.mother, "form": "paper", "scan": scan });
        let unsigned = self.holder().post(&consents, &paper(None)).await;
        refused(unsigned, 422, "X5");
        let digital = json!({ "kind": "establish_log", "by": other.mother, "form": "digital" });
        refused(self.holder().post(&consents, &digital).await, 403, "X5");
        let metadata =
            json!({ "section": "consents", "title": "Samtykke", "fileName": "samtykke.pdf" });
        let filed = self
            .holder()
            .file(&other.id, &metadata, b"%PDF-1.7 underskrive".to_vec());
        let scan = text(&filed.await.good(), "documentId");
        self.holder()
            .post(&consents, &paper(Some(&scan)))
            .await
            .good();
        self.holder()
            .get(&format!("{}/timeline", other.path))
            .await
            .good();
    }

    async fn rest(&mut self, log: &Log) {
        self.step(
            "V16",
            "the guardians set the log passive, and nothing is written meanwhile",
        );
        let resting = format!("{}/resting", log.path);
        self.guardian().post(&resting, &json!({})).await.good();
        assert_eq!(self.status(log).await, "passive");
        let notes = format!("{}/notes", log.path);
        let note = json!({ "section": "notes", "title": "Samtale", "text": "Nei." });
        refused(self.holder().post(&notes, &note).await, 403, "V16");

        self.step("V17", "a passive log is made active again");
        let resuming = format!("{}/resuming", log.path);
        self.guardian().post(&resuming, &json!({})).await.good();
        assert_eq!(self.status(log).await, "active");
    }

    async fn withdrawal(&mut self, log: &Log) {
        self.step(
            "V18",
            "a guardian withdraws as easily as she consented, and it ends at once",
        );
        let case = self.case(log).await;
        let consents = case["consents"].as_array().unwrap();
        let establish = consents
            .iter()
            .find(|consent| consent["kind"] == "establish_log" && consent["holds"] == true);
        let path = format!(
            "{}/consents/{}/withdrawal",
            log.path,
            text(establish.unwrap(), "consentId")
        );
        let by = json!({ "by": log.mother });
        let withdrawn = self.guardian().post(&path, &by).await.good();
        assert_eq!(self.status(log).await, "withdrawn");
        let professional = &self.story.professional.client;
        refused(professional.get(&log.path).await, 403, "V24");

        self.step(
            "V19",
            "the log is archived first and erased afterwards, in that order",
        );
        let archivist = &self.story.archivist.client.clone();
        let erasure = format!("{}/erasure", log.path);
        let version = self.version(log).await;
        let early = archivist
            .post_having_seen(&version, &erasure, &json!({}))
            .await;
        refused(early, 403, "V19");

        self.step(
            "X9",
            "nothing is erased before the receiver of the package has confirmed it",
        );
        let archiving = format!("{}/archiving", log.path);
        let reference = json!({ "reference": "IKA 2026/1187" });
        let unpacked = archivist
            .post_having_seen(&version, &archiving, &reference)
            .await;
        refused(unpacked, 422, "X9");
        build_package(&self.story, &log.id, &withdrawn).await;
        let version = self.version(log).await;
        archivist
            .post_having_seen(&version, &archiving, &reference)
            .await
            .good();
        let version = self.version(log).await;
        let erased = archivist
            .post_having_seen(&version, &erasure, &json!({}))
            .await
            .good();
        assert!(erased["backupsEnd"].is_string());
        self.guardian().get(&log.path).await.problem(404);
    }

    /// The ETag, as a guardian sees it.
    async fn version(&self, log: &Log) -> String {
        self.guardian()
            .get(&log.path)
            .await
            .header("etag")
            .to_owned()
    }

    async fn baton(&mut self) {
        self.step(
            "X2",
            "the old holder keeps the baton until the new one has accepted, and nobody else can",
        );
        let log = self.log("Ola Nordmann", true).await;
        let school = Some(self.story.school.clone());
        let colleague = self
            .story
            .add_party(
                &log.id,
                "professional",
                &self.story.colleague,
                school.as_deref(),
                "Kåre",
            )
            .await;
        let offers = format!("{}/baton/offers", log.path);
        let offer = json!({ "to": colleague, "message": "Du får klassen." });
        let offered = self.holder().post(&offers, &offer).await.good();
        let acceptance = format!("{offers}/{}/acceptance", text(&offered, "handoverId"));
        refused(self.holder().post(&acceptance, &json!({})).await, 403, "X2");
        let case = self.case(&log).await;
        assert_ne!(party_of(&case, "baton_holder"), colleague);
        let taker = &self.story.colleague.client.clone();
        taker.post(&acceptance, &json!({})).await.good();
        let case = self.case(&log).await;
        assert_eq!(party_of(&case, "baton_holder"), colleague);

        self.step(
            "V13",
            "before the log goes to another unit the consent is obtained anew",
        );
        let counselling = Some(self.story.counselling.clone());
        let frida = self
            .add_by(
                taker,
                &log,
                &self.story.professional,
                counselling.as_deref(),
            )
            .await;
        let offered = taker.post(&offers, &json!({ "to": frida })).await.good();
        let acceptance = format!("{offers}/{}/acceptance", text(&offered, "handoverId"));
        let frida = &self.story.professional.client;
        refused(frida.post(&acceptance, &json!({})).await, 422, "V13");
        self.story
            .consent(&log.id, "establish_log", &log.mother, &[])
            .await;
        frida.post(&acceptance, &json!({})).await.good();
        let case = self.case(&log).await;
        assert_eq!(case["unit"], self.story.counselling.as_str());
    }

    async fn add_by(
        &self,
        by: &Client,
        log: &Log,
        person: &Person,
        service: Option<&str>,
    ) -> String {
        let body = json!({ "role": "professional", "account": person.id, "service": service, "name": "Frida" });
        let added = by
            .post(&format!("{}/parties", log.path), &body)
            .await
            .good();
        text(&added, "partyId")
    }

    async fn messages(&mut self) {
        self.step(
            "X6",
            "whoever asked for it is told by e-mail that something waits; the message says nothing about anybody, and \
             that the address was opened is an event",
        );
        let log = self.log("Une Nordmann", true).await;
        let notifications = format!("/v1/account/notifications?profile={PROFILE}");
        let own = self.guardian().get(&notifications).await.good();
        assert_eq!(own, json!({ "preferences": {} }));
        let contact = json!({ "profile": PROFILE, "email": "gro@mail.example", "language": "nb" });
        self.guardian()
            .post("/v1/account/contact", &contact)
            .await
            .good();
        let meeting = json!({
            "at": format!("{}T09:00:00Z", self.day(9)), "title": "Ansvarsgruppe", "place": "Skulen", "agenda": "",
        });
        let meetings = format!("{}/meetings", log.path);
        self.holder().post(&meetings, &meeting).await.good();
        let message = self.mailbox.message_to("gro@mail.example").await;
        for secret in ["Une", "Gro", "Ansvarsgruppe", "Skulen", log.id.as_str()] {
            assert!(!message.contains(secret), "{secret} stands in {message}");
        }
        // Nobody else is shown the address, and the administrator sees no more of messages than ids and codes.
        let administrator = &self.story.service.administrator;
        let shown = administrator.get(&notifications).await.good();
        assert_eq!(shown, json!({ "preferences": {} }));
        let letters = format!("/v1/notifications/dead-letters?profile={PROFILE}");
        assert_eq!(
            administrator.get(&letters).await.good()["deadLetters"],
            json!([])
        );
        refused(self.holder().get(&letters).await, 403, "V8");
    }

    async fn coming_of_age(&mut self) {
        self.step(
            "X3",
            "from 16 the young person consents on their own behalf, and the guardians no longer do",
        );
        let log = self.log("Eva Nordmann", false).await;
        let eva = activate(&self.story.service, "Eva Nordmann", None).await;
        let party = self
            .story
            .add_party(&log.id, "young_person", &eva, None, "Eva")
            .await;
        let consents = format!("{}/consents", log.path);
        let consent = |by: &str| json!({ "kind": "establish_log", "by": by, "form": "digital" });
        refused(
            eva.client.post(&consents, &consent(&party)).await,
            403,
            "X3",
        );
        let path = format!("{}/parties/{party}/coming-of-age", log.path);
        let born = |years: i32| {
            let day = self.today.to_string();
            let (year, rest) = day.split_at(4);
            let rest = if rest == "-02-29" { "-02-28" } else { rest };
            json!({ "birthDate": format!("{}{rest}", year.parse::<i32>().unwrap() - years) })
        };
        refused(self.holder().post(&path, &born(15)).await, 422, "X3");
        self.holder().post(&path, &born(17)).await.good();
        let mother = self.guardian().post(&consents, &consent(&log.mother)).await;
        refused(mother, 422, "X3");
        eva.client.post(&consents, &consent(&party)).await.good();
        self.holder()
            .get(&format!("{}/timeline", log.path))
            .await
            .good();
    }

    async fn closing(&mut self) {
        self.step("V15", "the log is closed when the child thrives and the measures had effect; it then takes no entries");
        let log = self.log("Siri Nordmann", true).await;
        let measure = self.measure(&log, self.holder()).await;
        self.begin(&log, &measure).await;
        let ending = format!("{}/measures/{measure}/ending", log.path);
        let had_effect = json!({ "effect": "wished_for", "assessment": "Trivst." });
        self.holder().post(&ending, &had_effect).await.good();
        let closing = format!("{}/closing", log.path);
        let version = self.version(&log).await;
        let thrives = json!({ "reason": "thrives", "summary": "Ho trivst." });
        self.holder()
            .post_having_seen(&version, &closing, &thrives)
            .await
            .good();
        let notes = format!("{}/notes", log.path);
        let note = json!({ "section": "notes", "title": "Samtale", "text": "Nei." });
        refused(self.holder().post(&notes, &note).await, 403, "V15");

        self.step(
            "X10",
            "the baton holder cannot reopen it; the leader of the unit can",
        );
        let reopening = format!("{}/reopening", log.path);
        let reason = json!({ "reason": "Nytt behov." });
        self.holder().post(&reopening, &reason).await.problem(403);
        let leader = &self.story.leader.client;
        leader.post(&reopening, &reason).await.good();
        assert_eq!(self.status(&log).await, "preparing");

        self.step(
            "X7",
            "it closes for good when an individual plan takes over",
        );
        let version = self.version(&log).await;
        let plan = json!({ "reason": "individual_plan", "summary": "IP tek over." });
        self.holder()
            .post_having_seen(&version, &closing, &plan)
            .await
            .good();
        assert_eq!(self.status(&log).await, "closed");
    }
}
