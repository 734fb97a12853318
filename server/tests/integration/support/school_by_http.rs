//! People and organisations to tell tests of consultations at school with: a consortium, a region with a school, another
//! region with a school, the desk, and who works there.

use std::sync::Arc;

use ledger_core::{access::RuleBook, directory::AdoptProfile, profile::RuleBookText};
use serde_json::{Value, json};

use super::{
    service::{Client, TestService},
    story_by_http::{Person, text},
};

/// The rule book that these tests are told by.
pub(crate) const KINDKANS: &str = "kindkans-berseba";

/// Everybody, before there is a dossier.
pub(crate) struct Consortium {
    pub(crate) service: TestService,
    pub(crate) umbrella: String,
    pub(crate) region: String,
    pub(crate) school: String,
    pub(crate) other_school: String,
    pub(crate) desk: String,
    /// Holds a role in the region.
    pub(crate) care_broker: Person,
    /// Holds a role in the school.
    pub(crate) coordinator: Person,
    /// Holds the same role in a school of another region.
    pub(crate) other_coordinator: Person,
    /// A machine of the school.
    pub(crate) pupil_system: Person,
    /// Holds a role at the desk.
    pub(crate) desk_worker: Person,
    pub(crate) auditor: Person,
    /// The agreement of the consortium.
    pub(crate) agreement: String,
}

impl Consortium {
    /// The care broker comes first, the school by the care broker.
    pub(crate) async fn begin_on(service: TestService) -> Self {
        let text_of_rules = RuleBookText::built_in(KINDKANS).unwrap();
        let rule_book = Arc::new(RuleBook::load(&text_of_rules).unwrap());
        let (ledger, tenant) = (&service.instance.ledger, service.instance.tenant());
        ledger
            .appoint_first_administrator(
                tenant,
                AdoptProfile { rule_book },
                service.administrator_id,
                "Anna Administratie",
                "administrator".parse().unwrap(),
            )
            .await
            .unwrap();
        let administrator = service.administrator.clone();
        let consortium = register(&administrator, "consortium", "SWV Voorbeeld", None).await;
        let parent = Some(consortium.as_str());
        let region = register(&administrator, "region", "Regio Zuid", parent).await;
        let other_region = register(&administrator, "region", "Regio Noord", parent).await;
        let desk = register(&administrator, "desk", "Loket", parent).await;
        let school = register(
            &administrator,
            "school",
            "De Voorbeeldschool",
            Some(&region),
        )
        .await;
        let other_region = Some(other_region.as_str());
        let other_school =
            register(&administrator, "school", "De Andere School", other_region).await;
        let agreement = sign(&administrator, &consortium, &json!({})).await;
        let agreement = text(&agreement.good(), "agreementId");
        let known = async |by: &Client, name: &str, organisation: &str| {
            activate(&service, by, name, Some(organisation)).await
        };
        let care_broker = known(&administrator, "Zita Zorgmakelaar", &region).await;
        let desk_worker = known(&administrator, "Lotte Loket", &desk).await;
        let auditor = known(&administrator, "Carlo Controleur", &consortium).await;
        let other_coordinator = known(&administrator, "Olga Elders", &other_school).await;
        assign(&administrator, &care_broker, "care_broker", Some(&region))
            .await
            .good();
        assign(&administrator, &desk_worker, "desk_worker", Some(&desk))
            .await
            .good();
        assign(&administrator, &auditor, "auditor", None)
            .await
            .good();
        let broker = &care_broker.client;
        let coordinator = known(broker, "Ilse Begeleider", &school).await;
        let pupil_system = known(broker, "Leerlingvolgsysteem", &school).await;
        assign(broker, &coordinator, "coordinator", Some(&school))
            .await
            .good();
        assign(broker, &pupil_system, "pupil_system", Some(&school))
            .await
            .good();
        Self {
            service,
            umbrella: consortium,
            region,
            school,
            other_school,
            desk,
            care_broker,
            coordinator,
            other_coordinator,
            pupil_system,
            desk_worker,
            auditor,
            agreement,
        }
    }

    /// What is asked when a dossier is opened.
    pub(crate) fn request(&self, role: &str, status: Option<&str>) -> Value {
        json!({
            "profile": KINDKANS, "unit": self.school, "submittedTo": self.desk, "kind": "advice",
            "childName": "Sem Voorbeeld", "nationalId": "123456782",
            "concern": "Hoe helpen we hem bij het lezen?",
            "openerRole": role, "openerName": "School", "status": status,
        })
    }

    /// Somebody opens a dossier; gives its id.
    pub(crate) async fn open(&self, by: &Person, role: &str, status: Option<&str>) -> String {
        let body = self.request(role, status);
        text(&by.client.post("/v1/cases", &body).await.good(), "caseId")
    }

    /// The school signs an agreement of its own; gives it.
    pub(crate) async fn school_signs(&self, through: Option<&str>) -> String {
        let dates = json!({ "validThrough": through });
        let signed = sign(&self.coordinator.client, &self.school, &dates).await;
        text(&signed.good(), "agreementId")
    }

    /// The school changes the status.
    pub(crate) async fn change(&self, case: &str, to: &str) -> Value {
        let path = format!("/v1/cases/{case}/status-changes");
        let body = json!({ "to": to });
        self.coordinator.client.post(&path, &body).await.good()
    }

    /// The school opens a round; gives it.
    pub(crate) async fn round(&self, case: &str, ends_on: &str) -> String {
        let body = json!({ "topic": "Ondersteuningsteam", "endsOn": ends_on });
        let path = format!("/v1/cases/{case}/rounds");
        let opened = self.coordinator.client.post(&path, &body).await.good();
        text(&opened, "roundId")
    }

    /// The school invites somebody; gives the invitation and its secret.
    pub(crate) async fn invite(&self, case: &str, round: &str) -> (String, String) {
        let body = json!({ "email": "testpersoon@example.org" });
        let path = format!("/v1/cases/{case}/rounds/{round}/invitations");
        let invited = self.coordinator.client.post(&path, &body).await.good();
        (text(&invited, "invitationId"), text(&invited, "token"))
    }

    /// The school confirms who came.
    pub(crate) async fn confirm(&self, case: &str, invitation: &str) {
        let path = format!("/v1/cases/{case}/invitations/{invitation}/confirmation");
        let body = json!({ "name": "Gijs Genodigde" });
        self.coordinator.client.post(&path, &body).await.good();
    }

    /// A member of the school's support team.
    pub(crate) async fn member(&self, name: &str) -> Person {
        let broker = &self.care_broker.client;
        let member = activate(&self.service, broker, name, Some(&self.school)).await;
        assign(broker, &member, "team_member", Some(&self.school))
            .await
            .good();
        member
    }

    /// Somebody who never signed in here before.
    pub(crate) async fn outsider(&self, number: u8) -> Person {
        let id = format!("01ARZ3NDEKTSV4RRFFQ69G50{number:02}");
        let client = self.service.sign_in(&id).await;
        Person { id, client }
    }
}

/// What somebody says who accepts an invitation.
pub(crate) fn acceptance(token: &str) -> Value {
    json!({ "token": token, "name": "Gijs Genodigde" })
}

async fn register(by: &Client, kind: &str, name: &str, parent: Option<&str>) -> String {
    let body = json!({ "profile": KINDKANS, "kind": kind, "name": name, "parent": parent });
    let registered = by.post("/v1/organisations", &body).await.good();
    text(&registered, "organisationId")
}

/// Somebody records a processor agreement of an organisation.
pub(crate) async fn sign(by: &Client, organisation: &str, dates: &Value) -> super::service::Answer {
    let mut body = json!({
        "profile": KINDKANS, "kind": "processing", "title": "Verwerkersovereenkomst", "reference": "1",
    });
    let (body_fields, dates) = (body.as_object_mut().unwrap(), dates.as_object().unwrap());
    body_fields.extend(dates.clone());
    by.post(
        &format!("/v1/organisations/{organisation}/agreements"),
        &body,
    )
    .await
}

/// Somebody ends an agreement.
pub(crate) async fn end_agreement(by: &Client, organisation: &str, agreement: &str) {
    let body = json!({ "profile": KINDKANS, "reason": "Opgezegd" });
    let path = format!("/v1/organisations/{organisation}/agreements/{agreement}/ending");
    by.post(&path, &body).await.good();
}

/// Somebody activates an account.
pub(crate) async fn activate(
    service: &TestService,
    by: &Client,
    name: &str,
    organisation: Option<&str>,
) -> Person {
    let body = json!({ "profile": KINDKANS, "name": name, "organisation": organisation });
    let activated = by.post("/v1/accounts", &body).await.good();
    let id = text(&activated, "accountId");
    let client = service.sign_in(&id).await;
    Person { id, client }
}

/// Somebody hands a role to a person.
pub(crate) async fn assign(
    by: &Client,
    to: &Person,
    role: &str,
    unit: Option<&str>,
) -> super::service::Answer {
    let body = json!({ "profile": KINDKANS, "role": role, "unit": unit });
    by.post(&format!("/v1/accounts/{}/roles", to.id), &body)
        .await
}
