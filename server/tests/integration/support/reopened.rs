//! A log by Sula's rules that was worked in, closed on the guardian's demand, and reopened. Everything that was said in
//! it before is marked, so that a test can look for it anywhere.

use serde_json::{Value, json};

use super::story_by_http::{Story, text};

/// What stands in every text that was recorded before the reopening.
pub(crate) const MARK: &str = "GAMMALT";

/// The log, and what was recorded in it before.
pub(crate) struct Reopened {
    pub(crate) story: Story,
    pub(crate) id: String,
    pub(crate) path: String,
    pub(crate) guardian: String,
    /// The ids of what was made before: none of them may be named to whoever may not see it.
    pub(crate) earlier: Vec<String>,
    pub(crate) measure: String,
    pub(crate) document: String,
    /// Where the note stands, and where the reopening.
    pub(crate) noted: Value,
    pub(crate) since: Value,
}

impl Reopened {
    /// The guardian has approved the new log and let in the service, and said nothing of the old one.
    pub(crate) async fn begin() -> Self {
        let story = Story::begin_by("stafettloggen-sula").await;
        let id = story.open("Kari Nordmann", "01010112345").await;
        let path = format!("/v1/cases/{id}");
        let guardian = story
            .add_party(&id, "guardian", &story.guardian, None, "Gro, mora")
            .await;
        let mut log = Self {
            story,
            id,
            path,
            guardian,
            earlier: Vec::new(),
            measure: String::new(),
            document: String::new(),
            noted: Value::Null,
            since: Value::Null,
        };
        log.is_approved().await;
        log.work().await;
        log.close().await;
        let reason = json!({ "reason": "Nytt behov." });
        let leader = &log.story.leader.client;
        let reopening = format!("{}/reopening", log.path);
        log.since = leader.post(&reopening, &reason).await.good()["position"].clone();
        log.is_approved().await;
        log.plan("NYTT tiltak").await;
        log.post("notes", &note("NYTT notat")).await;
        log
    }

    /// The holder commands.
    async fn post(&self, what: &str, body: &Value) -> Value {
        let path = format!("{}/{what}", self.path);
        self.story.holder.client.post(&path, body).await.good()
    }

    async fn is_approved(&mut self) {
        let remark = if self.since.is_null() { MARK } else { "NYTT" };
        let approval = json!({
            "kind": "establish_log", "by": self.guardian, "form": "digital", "remark": remark,
        });
        let path = format!("{}/consents", self.path);
        let guardian = &self.story.guardian.client;
        let given = guardian.post(&path, &approval).await.good();
        let service = [self.story.counselling.as_str()];
        let (access, form) = self
            .story
            .consent_on_paper(&self.id, "service_access", &self.guardian, &service)
            .await;
        if self.since.is_null() {
            self.earlier
                .extend([text(&given, "consentId"), access, form]);
        }
    }

    async fn plan(&self, title: &str) -> String {
        let measure = json!({
            "title": title, "description": title, "developmentArea": title,
            "responsible": self.guardian, "evaluateOn": "2040-01-15",
        });
        let planned = self.post("measures", &measure).await;
        let measure = text(&planned, "measureId");
        self.post(&format!("measures/{measure}/beginning"), &json!({}))
            .await;
        measure
    }

    /// One of everything.
    async fn work(&mut self) {
        let service = json!({ "service": self.story.counselling, "task": MARK });
        self.post("services", &service).await;
        let (professional, service) = (&self.story.professional, &self.story.counselling);
        let frida = self
            .story
            .add_party(
                &self.id,
                "professional",
                professional,
                Some(service),
                "Frida",
            )
            .await;
        let task = json!({ "task": MARK });
        self.post(&format!("parties/{frida}/task"), &task).await;
        let (colleague, school) = (&self.story.colleague, &self.story.school);
        let colleague = self
            .story
            .add_party(
                &self.id,
                "professional",
                colleague,
                Some(school),
                "Kåre GAMMALT",
            )
            .await;
        let reason = json!({ "reason": MARK });
        self.post(&format!("parties/{colleague}/removal"), &reason)
            .await;
        self.measure = self.plan(MARK).await;
        let evaluation =
            json!({ "effect": "some", "evaluateOn": "2040-02-15", "assessment": MARK });
        self.post(
            &format!("measures/{}/evaluations", self.measure),
            &evaluation,
        )
        .await;
        let meeting =
            json!({ "at": "2040-01-10T10:00:00Z", "title": MARK, "place": MARK, "agenda": MARK });
        let meeting = text(&self.post("meetings", &meeting).await, "meetingId");
        let agreement = json!({ "meeting": meeting, "text": MARK, "due": "2040-01-20" });
        let agreement = text(&self.post("agreements", &agreement).await, "agreementId");
        let noted = self.post("notes", &note(MARK)).await;
        let correction = json!({ "position": noted["position"], "text": MARK, "reason": MARK });
        let correction = text(&self.post("corrections", &correction).await, "correctionId");
        self.post("changes", &json!({ "description": MARK })).await;
        let metadata = json!({ "section": "documents", "title": MARK, "fileName": "GAMMALT.pdf" });
        let holder = &self.story.holder.client;
        let filed = holder.file(&self.id, &metadata, b"%PDF-1.7 GAMMALT".to_vec());
        self.document = text(&filed.await.good(), "documentId");
        self.earlier.extend([
            colleague,
            self.measure.clone(),
            meeting,
            agreement,
            text(&noted, "noteId"),
            correction,
            self.document.clone(),
        ]);
        self.noted = noted["position"].clone();
    }

    async fn close(&self) {
        let guardian = &self.story.guardian.client;
        let seen = guardian.get(&self.path).await.header("etag").to_owned();
        let body = json!({ "reason": "guardians_demand", "summary": MARK });
        let closing = format!("{}/closing", self.path);
        let closed = guardian.post_having_seen(&seen, &closing, &body).await;
        closed.good();
    }

    /// The guardian says yes to the old log being read; gives the consent.
    pub(crate) async fn open_the_old_log(&self) -> String {
        let guardian = &self.guardian;
        self.story
            .consent(&self.id, "earlier_content", guardian, &[])
            .await
    }
}

fn note(text: &str) -> Value {
    json!({ "section": "notes", "title": text, "text": text })
}
