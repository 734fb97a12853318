//! People and a case to tell a test's story with: a school in Kvam, the people around a child, and one from elsewhere.

use chrono::{DateTime, Utc};
use ledger_core::{
    case::BuildPackage,
    event::CorrelationId,
    ids::{CaseId, Digest, Position},
    ledger::{Caller, CaseCommand, Occasion},
    profile::Assurance,
};
use serde_json::{Value, json};

use super::service::{Client, PROFILE, TestService};

/// Somebody with an account.
#[derive(Clone)]
pub(crate) struct Person {
    pub(crate) id: String,
    pub(crate) client: Client,
}

/// Everybody, before there is a case.
pub(crate) struct Story {
    pub(crate) service: TestService,
    /// The unit that keeps the log.
    pub(crate) school: String,
    /// Another service, which needs a consent of its own.
    pub(crate) counselling: String,
    pub(crate) leader: Person,
    /// Opens logs at the school.
    pub(crate) holder: Person,
    /// Opens logs at the school too, and takes no part in this one.
    pub(crate) colleague: Person,
    /// Works at the other service.
    pub(crate) professional: Person,
    pub(crate) guardian: Person,
    /// A guardian of another child.
    pub(crate) stranger: Person,
    pub(crate) auditor: Person,
    pub(crate) archivist: Person,
}

/// A case with its parties and the consent to it.
#[derive(Clone)]
pub(crate) struct CaseOfStory {
    pub(crate) id: String,
    pub(crate) guardian_party: String,
    pub(crate) consent: String,
}

impl Story {
    pub(crate) async fn begin() -> Self {
        Self::begin_with(&[]).await
    }

    pub(crate) async fn begin_with(settings: &[(&str, &str)]) -> Self {
        Self::begin_on(TestService::start_with(settings).await).await
    }

    pub(crate) async fn begin_on(service: TestService) -> Self {
        let school = register(&service, "school", "Øystese skule").await;
        let counselling = register(&service, "counselling", "PPT Kvam").await;
        let leader = activate(&service, "Leiv Leiar", Some(&school)).await;
        let holder = activate(&service, "Hanna Haldar", Some(&school)).await;
        let colleague = activate(&service, "Kåre Kollega", Some(&school)).await;
        let professional = activate(&service, "Frida Fagperson", Some(&counselling)).await;
        let guardian = activate(&service, "Gro Mor", None).await;
        let stranger = activate(&service, "Ståle Far", None).await;
        let auditor = activate(&service, "Rune Revisor", None).await;
        let archivist = activate(&service, "Arne Arkivar", None).await;
        let administrator = &service.administrator;
        let unit = Some(school.as_str());
        let assign = async |by: &Client, to: &Person, role: &str, unit: Option<&str>| {
            assign(service.profile, by, to, role, unit).await;
        };
        assign(administrator, &leader, "unit_leader", unit).await;
        assign(administrator, &auditor, "auditor", None).await;
        assign(administrator, &archivist, "archivist", None).await;
        assign(&leader.client, &holder, "baton_holder", unit).await;
        assign(&leader.client, &colleague, "baton_holder", unit).await;
        Self {
            service,
            school,
            counselling,
            leader,
            holder,
            colleague,
            professional,
            guardian,
            stranger,
            auditor,
            archivist,
        }
    }

    /// The same people, by the rules of another system.
    pub(crate) async fn begin_by(profile: &'static str) -> Self {
        Self::begin_on(TestService::start_by(profile).await).await
    }

    /// The same, with other settings.
    pub(crate) async fn begin_by_with(profile: &'static str, settings: &[(&str, &str)]) -> Self {
        Self::begin_on(TestService::start_by_with(profile, settings).await).await
    }

    /// The present moment, by the service's clock.
    pub(crate) fn now(&self) -> DateTime<Utc> {
        self.service.instance.ledger.now()
    }

    /// The holder opens a case; nobody has consented yet.
    pub(crate) async fn open(&self, child: &str, national_id: &str) -> String {
        // Not every system has the start cleared.
        let clearance = if self.service.profile == PROFILE {
            let body =
                json!({ "profile": PROFILE, "unit": self.school, "account": self.holder.id });
            let leader = &self.leader.client;
            leader.post("/v1/clearances", &body).await.good()["caseId"].clone()
        } else {
            Value::Null
        };
        let body = json!({
            "clearance": clearance,
            "profile": self.service.profile, "unit": self.school, "childName": child,
            "nationalId": national_id, "concern": "Kjem ofte for seint.",
            "openerRole": "baton_holder", "openerName": "Hanna, kontaktlærar",
        });
        let opened = self.holder.client.post("/v1/cases", &body).await.good();
        text(&opened, "caseId")
    }

    /// The holder opens a case, the guardian takes part and consents to it.
    pub(crate) async fn case(&self) -> CaseOfStory {
        let id = self.open("Kari Nordmann", "01010112345").await;
        let guardian_party = self
            .add_party(&id, "guardian", &self.guardian, None, "Gro, mora til Kari")
            .await;
        let consent = self
            .consent(&id, "establish_log", &guardian_party, &[])
            .await;
        CaseOfStory {
            id,
            guardian_party,
            consent,
        }
    }

    /// The holder lets somebody take part; gives the party.
    pub(crate) async fn add_party(
        &self,
        case: &str,
        role: &str,
        person: &Person,
        service: Option<&str>,
        name: &str,
    ) -> String {
        let body = json!({ "role": role, "account": person.id, "service": service, "name": name });
        let path = format!("/v1/cases/{case}/parties");
        let added = self.holder.client.post(&path, &body).await.good();
        text(&added, "partyId")
    }

    /// The guardian consents; gives the consent.
    pub(crate) async fn consent(
        &self,
        case: &str,
        kind: &str,
        by: &str,
        services: &[&str],
    ) -> String {
        let body = json!({ "kind": kind, "by": by, "form": "digital", "services": services });
        let path = format!("/v1/cases/{case}/consents");
        let given = self.guardian.client.post(&path, &body).await.good();
        text(&given, "consentId")
    }

    /// The holder files a signed form and records the consent that it gives; gives the consent and the form.
    pub(crate) async fn consent_on_paper(
        &self,
        case: &str,
        kind: &str,
        by: &str,
        services: &[&str],
    ) -> (String, String) {
        let metadata =
            json!({ "section": "consents", "title": "Samtykkeskjema", "fileName": "skjema.pdf" });
        let holder = &self.holder.client;
        let filed = holder.file(case, &metadata, b"%PDF-1.7 underskrive".to_vec());
        let scan = text(&filed.await.good(), "documentId");
        let body =
            json!({ "kind": kind, "by": by, "form": "paper", "scan": scan, "services": services });
        let path = format!("/v1/cases/{case}/consents");
        let given = holder.post(&path, &body).await.good();
        (text(&given, "consentId"), scan)
    }

    /// The guardian withdraws the consent to the log.
    pub(crate) async fn withdraw(&self, case: &CaseOfStory) -> Value {
        let path = format!("/v1/cases/{}/consents/{}/withdrawal", case.id, case.consent);
        let body = json!({ "by": case.guardian_party });
        self.guardian.client.post(&path, &body).await.good()
    }

    /// The holder plans a measure that the guardian sees to, and begins it; gives it.
    pub(crate) async fn begin_a_measure(&self, case: &CaseOfStory) -> String {
        let body = json!({
            "title": "Møtt ved porten", "developmentArea": "Trygge morgonar",
            "responsible": case.guardian_party, "evaluateOn": "2040-01-15",
        });
        let path = format!("/v1/cases/{}/measures", case.id);
        let holder = &self.holder.client;
        let planned = holder.post(&path, &body).await.good();
        let measure = text(&planned, "measureId");
        let beginning = format!("{path}/{measure}/beginning");
        holder.post(&beginning, &json!({})).await.good();
        measure
    }

    /// The holder writes a note.
    pub(crate) async fn note(&self, case: &str, title: &str) -> Value {
        let body = json!({ "section": "notes", "title": title, "text": "Me snakka om morgonane." });
        let path = format!("/v1/cases/{case}/notes");
        self.holder.client.post(&path, &body).await.good()
    }

    /// The holder files a document; gives its id.
    pub(crate) async fn document(&self, case: &str, body: Vec<u8>) -> String {
        let filed = self
            .holder
            .client
            .file(case, &metadata(), body)
            .await
            .good();
        text(&filed, "documentId")
    }
}

/// What is said about the documents of the stories.
pub(crate) fn metadata() -> Value {
    json!({ "section": "documents", "title": "Referat", "fileName": "møte 3.pdf" })
}

/// A field that is text.
#[track_caller]
pub(crate) fn text(value: &Value, field: &str) -> String {
    let text = value[field].as_str();
    text.unwrap_or_else(|| panic!("no {field} in {value}"))
        .to_owned()
}

async fn register(service: &TestService, kind: &str, name: &str) -> String {
    let body = json!({ "profile": service.profile, "kind": kind, "name": name });
    let administrator = &service.administrator;
    let registered = administrator.post("/v1/organisations", &body).await.good();
    text(&registered, "organisationId")
}

pub(crate) async fn activate(
    service: &TestService,
    name: &str,
    organisation: Option<&str>,
) -> Person {
    let body = json!({ "profile": service.profile, "name": name, "organisation": organisation });
    let activated = service
        .administrator
        .post("/v1/accounts", &body)
        .await
        .good();
    let id = text(&activated, "accountId");
    let client = service.sign_in(&id).await;
    Person { id, client }
}

/// Somebody hands a role to a person.
pub(crate) async fn assign(
    profile: &str,
    by: &Client,
    to: &Person,
    role: &str,
    unit: Option<&str>,
) {
    let body = json!({ "profile": profile, "role": role, "unit": unit });
    let path = format!("/v1/accounts/{}/roles", to.id);
    by.post(&path, &body).await.good();
}

/// Exporting is the command line's; here only its event matters. `last` is the answer to the case's last command.
pub(crate) async fn build_package(story: &Story, case: &str, last: &Value) {
    let instance = &story.service.instance;
    let caller = Caller {
        tenant: instance.tenant().clone(),
        account: story.archivist.id.parse().unwrap(),
        issuer: "dev".parse().unwrap(),
        assurance: Assurance::High,
    };
    let build = BuildPackage {
        format: "bundle".parse().unwrap(),
        manifest_sha256: Digest([7; 32]),
        cut: Position(last["position"].as_u64().unwrap() + last["events"].as_u64().unwrap() - 1),
        case_version: last["version"].as_u64().unwrap(),
        views_version: 1,
    };
    let occasion = Occasion::new(CorrelationId::generate(instance.ledger.entropy()));
    let case: CaseId = case.parse().unwrap();
    instance
        .ledger
        .execute(&caller, case, CaseCommand::BuildPackage(build), &occasion)
        .await
        .unwrap();
}
