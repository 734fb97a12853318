//! A local team, two OCMWs and a family.

use std::sync::Mutex;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Map, Value, json};

use crate::support::{
    service::{Answer, TestService},
    story_by_http::{Person, activate, assign, text},
};

pub(crate) const PROFILE: &str = "mirage-ocmw";
pub(crate) const MAILBOX: &str = "aanmelding@ocmw.voorbeeld.example";
pub(crate) const ITEMS: [&str; 5] = [
    "which_data",
    "to_whom",
    "purpose",
    "what_happens",
    "what_to_expect",
];

/// Everybody, before there is a file.
pub(crate) struct People {
    pub(crate) service: TestService,
    pub(crate) team: String,
    pub(crate) ocmw: String,
    pub(crate) other_ocmw: String,
    pub(crate) coordinator: Person,
    /// Supports the family.
    pub(crate) member: Person,
    /// A member of the team who does not.
    pub(crate) colleague: Person,
    pub(crate) mother: Person,
    pub(crate) father: Person,
    /// A parent of another family.
    pub(crate) stranger: Person,
    /// Agreements by their kind.
    signed: Mutex<Map<String, Value>>,
}

pub(crate) fn decoded(text: &str) -> Vec<u8> {
    STANDARD.decode(text).unwrap()
}

impl People {
    /// With a mail server at a port of this machine, or with none.
    pub(crate) async fn begin(smtp_port: Option<u16>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("smtp");
        let mut settings = Vec::new();
        let path = file.to_str().unwrap().to_owned();
        if let Some(port) = smtp_port {
            std::fs::write(&file, format!("smtp://127.0.0.1:{port}")).unwrap();
            settings.push(("smtp_url_file", path.as_str()));
            settings.push(("smtp_from", "Kind en Gezin <grootboek@team.example>"));
        }
        Self::begin_with(&settings).await
    }

    /// With these settings.
    pub(crate) async fn begin_with(settings: &[(&str, &str)]) -> Self {
        let service = TestService::start_by_with(PROFILE, settings).await;
        let register = async |kind: &str, name: &str| {
            let body = json!({ "profile": PROFILE, "kind": kind, "name": name });
            let registered = service.administrator.post("/v1/organisations", &body).await;
            text(&registered.good(), "organisationId")
        };
        let team = register("local_team", "Lokaal team Kind en Gezin Voorbeeldstad").await;
        let ocmw = register("ocmw", "OCMW Voorbeeldstad").await;
        let other_ocmw = register("ocmw", "OCMW Elders").await;
        let coordinator = activate(&service, "Cora Coördinator", Some(&team)).await;
        let member = activate(&service, "Tine Teamlid", Some(&team)).await;
        let colleague = activate(&service, "Koen Collega", Some(&team)).await;
        let mother = activate(&service, "Testpersoon Moeder", None).await;
        let father = activate(&service, "Testpersoon Vader", None).await;
        let stranger = activate(&service, "Testpersoon Vreemd", None).await;
        let unit = Some(team.as_str());
        let administrator = &service.administrator;
        assign(
            PROFILE,
            administrator,
            &coordinator,
            "team_coordinator",
            unit,
        )
        .await;
        for person in [&member, &colleague] {
            assign(PROFILE, &coordinator.client, person, "team_member", unit).await;
        }
        Self {
            team,
            ocmw,
            other_ocmw,
            coordinator,
            member,
            colleague,
            mother,
            father,
            stranger,
            signed: Mutex::default(),
            service,
        }
    }

    /// The team member opens a file.
    pub(crate) async fn open(&self) -> String {
        let body = json!({
            "profile": PROFILE, "unit": self.team, "childName": "Testpersoon Kind",
            "concern": "Zorgen over de huur.", "openerRole": "team_member",
            "openerName": "Tine, van het lokaal team",
        });
        let opened = self.member.client.post("/v1/cases", &body).await.good();
        text(&opened, "caseId")
    }

    pub(crate) async fn add_parent(&self, case: &str, person: &Person, name: &str) -> String {
        let body = json!({ "role": "parent", "account": person.id, "name": name });
        let path = format!("/v1/cases/{case}/parties");
        text(
            &self.member.client.post(&path, &body).await.good(),
            "partyId",
        )
    }

    /// An agreement with the team that says something of these items.
    pub(crate) fn agreement(
        &self,
        kind: &str,
        items: &[&str],
        mailbox: Option<&str>,
        bound: bool,
    ) -> Value {
        let said: Map<String, Value> = items
            .iter()
            .map(|item| ((*item).to_owned(), json!(format!("Over {item}."))))
            .collect();
        json!({
            "profile": PROFILE, "kind": kind, "with": self.team, "title": "Afspraak",
            "reference": "arkief 7", "items": said, "mailbox": mailbox, "boundBySecrecy": bound,
        })
    }

    pub(crate) async fn sign(&self, by: &str, agreement: &Value) -> Answer {
        let path = format!("/v1/organisations/{by}/agreements");
        let answer = self.service.administrator.post(&path, agreement).await;
        if answer.status.is_success() {
            let signed: Value = serde_json::from_slice(&answer.bytes).unwrap();
            let kind = agreement["kind"].as_str().unwrap().to_owned();
            let mut known = self.signed.lock().unwrap();
            known.insert(kind, signed["agreementId"].clone());
        }
        answer
    }

    pub(crate) async fn end_agreement(&self, kind: &str) {
        let agreement = self.signed.lock().unwrap()[kind]
            .as_str()
            .unwrap()
            .to_owned();
        let path = format!(
            "/v1/organisations/{}/agreements/{agreement}/ending",
            self.ocmw
        );
        let body = json!({ "profile": PROFILE, "reason": "opgezegd" });
        let administrator = &self.service.administrator;
        administrator.post(&path, &body).await.good();
    }

    /// What a parent has said to the team member.
    pub(crate) fn consent(&self, by: &str) -> Value {
        json!({ "kind": "data_sharing", "by": by, "form": "spoken", "services": [self.ocmw] })
    }

    /// A file in which the mother was informed and has consented, agreement and protocol are in force, and a form is
    /// prepared; gives its path, the mother's party, the referral and the answer to the preparing.
    pub(crate) async fn prepared(&self) -> (String, String, String, Value) {
        for (kind, mailbox, bound) in [
            ("cooperation", Some(MAILBOX), true),
            ("protocol", None, false),
        ] {
            let agreement = self.agreement(kind, &ITEMS, mailbox, bound);
            self.sign(&self.ocmw, &agreement).await.good();
        }
        let case = self.open().await;
        let path = format!("/v1/cases/{case}");
        let mother = self
            .add_parent(&case, &self.mother, "Testpersoon Moeder")
            .await;
        let post = async |what: &str, body: &Value| {
            let path = format!("{path}/{what}");
            self.member.client.post(&path, body).await.good()
        };
        let told = json!({ "to": mother, "items": ITEMS, "about": self.ocmw });
        post("information", &told).await;
        post("consents", &self.consent(&mother)).await;
        let referral = json!({ "kind": "psychosocial", "subtype": "ocmw", "receiver": self.ocmw });
        let referral = text(&post("referrals", &referral).await, "referralId");
        let filled_in = form(&mother);
        let prepared = post(&format!("referrals/{referral}/transmissions"), &filled_in).await;
        (path, mother, referral, prepared)
    }

    /// How many bodies lie in the database.
    pub(crate) async fn stored_documents(&self) -> i64 {
        sqlx::query_scalar("SELECT count(DISTINCT document_id) FROM document_chunks")
            .fetch_one(&self.service.instance.writer)
            .await
            .unwrap()
    }
}

/// How to reach a parent.
pub(crate) fn form(party: &str) -> Value {
    json!({ "persons": [{
        "party": party, "name": "Testpersoon Moeder",
        "address": "Voorbeeldstraat 1\n9000 Voorbeeldstad", "telephone": "0470 00 00 00",
        "email": "moeder@voorbeeld.example",
    }] })
}
