//! Stafettloggen as Sula kommune uses it, from S1 to S20, through the HTTP API alone.

use reqwest::Method;
use serde_json::{Value, json};

use super::{
    answers::{party_of, refused},
    table::Table,
};
use crate::support::{
    service::{Answer, Client},
    story_by_http::{Story, build_package, text},
};

const IDS: [&str; 19] = [
    "S1", "S2", "S3", "S4", "S5", "S6", "S7", "S8", "S9", "S10", "S11", "S12", "S13", "S14", "S15",
    "S16", "S17", "S18", "S20",
];

/// One log that is walked through, and what was shown so far.
struct Walk {
    story: Story,
    table: Table,
    id: String,
    path: String,
    mother: String,
}

#[tokio::test]
async fn every_requirement_of_sula_is_shown_over_http() {
    let story = Story::begin_by("stafettloggen-sula").await;
    let mut walk = Walk {
        story,
        table: Table::new("Stafettloggen in Sula kommune", "stafettloggen-sula"),
        id: String::new(),
        path: String::new(),
        mother: String::new(),
    };
    walk.sign_in().await;
    walk.beginning().await;
    walk.services().await;
    walk.overview().await;
    walk.readers().await;
    walk.closing().await;
    walk.reopening().await;
    walk.demand().await;
    walk.table.context("S5");
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

    async fn case(&self) -> Value {
        self.guardian().get(&self.path).await.good()
    }

    async fn status(&self) -> String {
        text(&self.case().await, "status")
    }

    /// Somebody commands, below the log's own path.
    async fn post(&self, by: &Client, what: &str, body: &Value) -> Answer {
        by.post(&format!("{}/{what}", self.path), body).await
    }

    /// Closes the log, having seen it as the guardian sees it.
    async fn close(&self, by: &Client, reason: &str) -> Answer {
        let seen = self.guardian().get(&self.path).await;
        let seen = seen.header("etag").to_owned();
        let body = json!({ "reason": reason, "summary": "Me er samde." });
        let path = format!("{}/closing", self.path);
        by.post_having_seen(&seen, &path, &body).await
    }

    async fn approve(&self) {
        let mother = &self.mother;
        self.story
            .consent(&self.id, "establish_log", mother, &[])
            .await;
    }

    async fn measure(&self, title: &str) -> String {
        let measure = json!({
            "title": title, "description": "Kvar morgon.", "developmentArea": "Trivsel",
            "responsible": self.mother, "evaluateOn": "2040-01-15", "endsOn": "2040-06-15",
        });
        let planned = self.post(self.holder(), "measures", &measure).await;
        text(&planned.good(), "measureId")
    }

    async fn begin(&self, measure: &str) {
        let path = format!("measures/{measure}/beginning");
        self.post(self.holder(), &path, &json!({})).await.good();
    }

    async fn sign_in(&mut self) {
        self.step("S13", "the municipalities are listed before anybody signs in, and a token of one is not taken in another");
        let anyone = self.story.service.anyone();
        let tenants = anyone.get("/v1/tenants").await.good();
        assert_eq!(tenants["items"].as_array().unwrap().len(), 1, "{tenants}");
        let elsewhere = self.holder().request(Method::GET, "/v1/cases");
        let answer = Answer::to(elsewhere.header("tenant", "giske")).await;
        answer.problem(401);
    }

    async fn beginning(&mut self) {
        self.step("S6", "a log is opened, and the services write nothing in it before the guardian has approved it");
        self.id = self.story.open("Kari Nordmann", "01010112345").await;
        self.path = format!("/v1/cases/{}", self.id);
        let guardian = &self.story.guardian;
        self.mother = self
            .story
            .add_party(&self.id, "guardian", guardian, None, "Gro, mora")
            .await;
        let note = json!({ "section": "notes", "title": "Samtale", "text": "Om morgonane." });
        refused(self.post(self.holder(), "notes", &note).await, 403, "S6");
        let seen = self.holder().get(&self.path).await.good();
        assert_eq!(seen["sections"], json!(["basics", "consents"]));
        self.approve().await;

        self.step(
            "S9",
            "the log starts when it is approved and a measure that was agreed on begins",
        );
        assert_eq!(self.status().await, "preparing");
        let measure = self.measure("Møtt ved porten").await;
        self.begin(&measure).await;
        assert_eq!(self.status().await, "active");

        self.step(
            "S10",
            "a measure says in which development area the child needs support, and for how long",
        );
        let case = self.case().await;
        assert_eq!(case["measures"][0]["developmentArea"], "Trivsel");
        assert_eq!(case["measures"][0]["endsOn"], "2040-06-15");

        self.step("S14", "without the highest assurance nobody reads");
        let token = json!({ "accountId": self.story.guardian.id, "assurance": "substantial" });
        let anyone = self.story.service.anyone();
        let token = anyone.post("/v1/dev/tokens", &token).await.good();
        let token = text(&token, "accessToken");
        let unsure = self.story.service.with_token(&token);
        refused(unsure.get(&self.path).await, 403, "S14");
    }

    async fn services(&mut self) {
        self.step("S11", "another service reads only by a consent of its own, and each consent names one service");
        let (professional, service) = (&self.story.professional, &self.story.counselling);
        self.story
            .add_party(
                &self.id,
                "professional",
                professional,
                Some(service),
                "Frida",
            )
            .await;
        refused(professional.client.get(&self.path).await, 403, "S11");
        let both = json!({
            "kind": "service_access", "by": self.mother, "form": "paper",
            "services": [self.story.counselling, self.story.school],
        });
        refused(
            self.post(self.holder(), "consents", &both).await,
            422,
            "S11",
        );

        self.step("S12", "that consent is in writing: a digital one is rejected, the scanned form lets the service in");
        let digital = json!({
            "kind": "service_access", "by": self.mother, "form": "digital",
            "services": [self.story.counselling],
        });
        let rejected = self.post(self.guardian(), "consents", &digital).await;
        refused(rejected, 422, "S11");
        let unsigned = json!({
            "kind": "service_access", "by": self.mother, "form": "paper",
            "services": [self.story.counselling],
        });
        let rejected = self.post(self.holder(), "consents", &unsigned).await;
        refused(rejected, 422, "S12");
        self.let_in().await;
        self.story.professional.client.get(&self.path).await.good();
    }

    async fn let_in(&self) {
        let service = [self.story.counselling.as_str()];
        self.story
            .consent_on_paper(&self.id, "service_access", &self.mother, &service)
            .await;
    }

    async fn overview(&mut self) {
        self.step("S3", "the services that are involved, and their tasks");
        let service = json!({ "service": self.story.counselling, "task": "Rettleiing" });
        self.post(self.holder(), "services", &service).await.good();
        let case = self.case().await;
        assert_eq!(case["services"][0]["task"], "Rettleiing");

        self.step("S4", "the professionals who are involved, and their tasks");
        let frida = party_of(&case, "professional");
        let task = json!({ "task": "Samtale annakvar veke" });
        let path = format!("parties/{frida}/task");
        self.post(self.holder(), &path, &task).await.good();
        let case = self.case().await;
        let mut parties = case["parties"].as_array().unwrap().iter();
        assert!(parties.any(|party| party["task"]["text"] == "Samtale annakvar veke"));

        self.step("S2", "what was agreed stands in the log");
        let agreement = json!({ "text": "Mor ringjer måndag." });
        let made = self.post(self.holder(), "agreements", &agreement).await;
        made.good();
        let case = self.case().await;
        assert_eq!(case["agreements"][0]["text"], "Mor ringjer måndag.");

        self.step(
            "S1",
            "measures and people stand in one place, and a log is opened once",
        );
        assert_eq!(case["measures"].as_array().unwrap().len(), 1);
        assert_eq!(case["parties"].as_array().unwrap().len(), 3);
        let again = json!({
            "clearance": self.id, "profile": "stafettloggen-sula", "unit": self.story.school,
            "childName": "Kari Nordmann", "concern": "", "openerRole": "baton_holder",
            "openerName": "Hanna",
        });
        refused(self.holder().post("/v1/cases", &again).await, 403, "S1");

        self.step("S20", "the log says whom to ask: the baton holder");
        assert_eq!(case["contact"]["partyId"], party_of(&case, "baton_holder"));
        assert_eq!(case["contact"]["name"], "Hanna, kontaktlærar");
    }

    async fn readers(&mut self) {
        self.step("S7", "the guardian reads everything at any time");
        let sections = self.case().await["sections"].clone();
        assert_eq!(sections.as_array().unwrap().len(), 6);

        self.step(
            "S8",
            "a colleague, another guardian and the unit's leader are told that nothing is there",
        );
        for stranger in [
            &self.story.colleague,
            &self.story.stranger,
            &self.story.leader,
        ] {
            stranger.client.get(&self.path).await.problem(404);
        }
    }

    async fn closing(&mut self) {
        self.step("S15", "the log is closed once the guardian and each service agree; until then it says who is missing");
        let agree = |party: &str| json!({ "reason": "thrives", "by": party });
        let case = self.case().await;
        let holder = party_of(&case, "baton_holder");
        let frida = party_of(&case, "professional");
        let what = "closing-agreements";
        let answer = self.post(self.guardian(), what, &agree(&self.mother)).await;
        answer.good();
        let answer = self.post(self.holder(), what, &agree(&holder)).await;
        answer.good();
        let early = self.close(self.holder(), "thrives").await.problem(422);
        assert_eq!(early["requirement"], "S15");
        let detail = early["detail"].to_string() + &early["hint"].to_string();
        assert!(detail.contains(&self.story.counselling), "{early}");
        assert!(!detail.contains("Frida"), "{early}");
        let closing = &self.case().await["closing"][0];
        assert_eq!(closing["missingServices"], json!([self.story.counselling]));
        assert_eq!(closing["missingParties"], json!([]));
        let professional = &self.story.professional.client;
        let answer = self.post(professional, what, &agree(&frida)).await;
        answer.good();
        // Anybody may think again until it is closed.
        let taken_back = format!("{what}/withdrawal");
        let answer = self
            .post(self.guardian(), &taken_back, &agree(&self.mother))
            .await;
        answer.good();
        refused(self.close(self.holder(), "thrives").await, 422, "S15");
        let answer = self.post(self.guardian(), what, &agree(&self.mother)).await;
        answer.good();
        let closed = self.close(self.holder(), "thrives").await.good();

        self.step(
            "S17",
            "the closed log is locked, the services read it no more, and it is archived",
        );
        let note = json!({ "section": "notes", "title": "Samtale", "text": "Nei." });
        for client in [self.holder(), self.guardian()] {
            refused(self.post(client, "notes", &note).await, 403, "S17");
        }
        let professional = &self.story.professional.client;
        refused(professional.get(&self.path).await, 403, "S17");
        assert_eq!(self.status().await, "closed");
        build_package(&self.story, &self.id, &closed).await;
        let seen = self.guardian().get(&self.path).await;
        let seen = seen.header("etag").to_owned();
        let archiving = format!("{}/archiving", self.path);
        let reference = json!({ "reference": "IKA 2026/1187" });
        let archivist = &self.story.archivist.client;
        let archived = archivist.post_having_seen(&seen, &archiving, &reference);
        archived.await.good();
        assert_eq!(self.status().await, "archived");
    }

    async fn reopening(&mut self) {
        self.step("S18", "reopened on a new need, the old log stays hidden from the services until the guardian says yes");
        let reason = json!({ "reason": "Nytt behov." });
        let leader = &self.story.leader.client;
        self.post(leader, "reopening", &reason).await.good();
        assert_eq!(self.status().await, "preparing");
        self.approve().await;
        self.let_in().await;
        let no = json!({ "kind": "earlier_content", "by": self.mother, "reason": "Ikkje no." });
        let declined = self.post(self.guardian(), "declined-consents", &no);
        declined.await.good();
        for client in [self.holder(), &self.story.professional.client] {
            let seen = client.get(&self.path).await.good();
            assert_eq!(seen["measures"], json!([]), "{seen}");
            assert_eq!(seen["agreements"], json!([]));
            assert_eq!(seen["childName"], "Kari Nordmann");
            assert_eq!(seen["declinedConsents"][0]["kind"], "earlier_content");
        }
        // The measure from before does not make the new log begin; a new one does.
        assert_eq!(self.status().await, "preparing");
        let measure = self.measure("Lesemakker").await;
        self.begin(&measure).await;
        assert_eq!(self.status().await, "active");
        let seen = self.holder().get(&self.path).await.good();
        assert_eq!(seen["measures"].as_array().unwrap().len(), 1);
        self.story
            .consent(&self.id, "earlier_content", &self.mother, &[])
            .await;
        let seen = self.holder().get(&self.path).await.good();
        assert_eq!(seen["measures"].as_array().unwrap().len(), 2);
        assert_eq!(seen["agreements"][0]["text"], "Mor ringjer måndag.");
    }

    async fn demand(&mut self) {
        self.step("S16", "a guardian demands that the log is closed, and it is; the baton holder cannot in her name");
        let demanded = self.close(self.holder(), "guardians_demand").await;
        refused(demanded, 403, "S16");
        self.close(self.guardian(), "guardians_demand").await.good();
        assert_eq!(self.status().await, "closed");
    }
}
