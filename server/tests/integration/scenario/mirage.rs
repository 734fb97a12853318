//! Mirage and the OCMW, from M1 to M15, through the HTTP API alone: with a real mail server and the real 7-Zip.

use serde_json::{Value, json};

use super::table::Table;
use crate::support::{
    eventually,
    local_team::{ITEMS, MAILBOX, People, decoded, form},
    service::{Answer, Client},
    seven_zip::Packed,
    smtp::SmtpServer,
    story_by_http::text,
};

const IDS: [&str; 15] = [
    "M1", "M2", "M3", "M4", "M5", "M6", "M7", "M8", "M9", "M10", "M11", "M12", "M13", "M14", "M15",
];

/// Everybody, one file, and what was shown so far.
struct Walk {
    people: People,
    case: String,
    path: String,
    mother: String,
    father: String,
    table: Table,
}

#[tokio::test]
async fn every_requirement_of_mirage_is_shown_over_http() {
    let Some(post) = SmtpServer::start(&[]) else {
        return;
    };
    let people = People::begin(Some(post.port)).await;
    let case = people.open().await;
    let path = format!("/v1/cases/{case}");
    let mother = people
        .add_parent(&case, &people.mother, "Testpersoon Moeder")
        .await;
    let father = people
        .add_parent(&case, &people.father, "Testpersoon Vader")
        .await;
    let mut walk = Walk {
        people,
        case,
        path,
        mother,
        father,
        table: Table::new("Mirage and the OCMW", "mirage-ocmw"),
    };
    walk.table.context("M1");
    walk.agreements().await;
    walk.information_and_consent().await;
    let referral = walk.referral().await;
    walk.least_data(&referral).await;
    let (transmission, password) = walk.prepared(&referral).await;
    let packed = walk.sent(&transmission, &post).await;
    walk.packed(&packed, &password);
    walk.password(&transmission).await;
    walk.destroyed(&transmission).await;
    walk.withdrawn(&referral, &post).await;
    walk.table.must_be_complete(&IDS);
}

/// Refused by a rule or rejected by the state; it names its requirement.
#[track_caller]
fn not_done(answer: Answer, status: u16, requirement: &str) -> String {
    let problem = answer.problem(status);
    assert_eq!(problem["requirement"], requirement, "{problem}");
    problem.to_string()
}

impl Walk {
    fn step(&mut self, id: &'static str, what: &'static str) {
        self.table.step(id, what);
    }

    fn member(&self) -> &Client {
        &self.people.member.client
    }

    async fn post(&self, what: &str, body: &Value) -> Answer {
        self.member()
            .post(&format!("{}/{what}", self.path), body)
            .await
    }

    fn sharing(&self) -> Value {
        json!({ "kind": "psychosocial", "subtype": "ocmw", "receiver": self.people.ocmw })
    }

    async fn referrals(&self) -> Value {
        let read = self.member().get(&format!("{}/referrals", self.path)).await;
        read.good()["items"].clone()
    }

    async fn transmission(&self) -> Value {
        let referrals = self.referrals().await;
        let transmissions = referrals
            .as_array()
            .unwrap()
            .iter()
            .flat_map(|referral| referral["transmissions"].as_array().unwrap().clone());
        transmissions.last().unwrap()
    }

    async fn agreements(&mut self) {
        self.step("M6", "an agreement that is silent about one of the five items, or names no mailbox, is not recorded");
        let people = &self.people;
        let silent = people.agreement("cooperation", &ITEMS[1..], Some(MAILBOX), true);
        not_done(people.sign(&people.ocmw, &silent).await, 422, "M6");
        let no_mailbox = people.agreement("cooperation", &ITEMS, None, true);
        not_done(people.sign(&people.ocmw, &no_mailbox).await, 422, "M6");

        self.step("M5", "before agreement and protocol are in force nobody can refer with data; with the agreement alone, neither");
        not_done(self.post("referrals", &self.sharing()).await, 403, "M5");
        let people = &self.people;
        let cooperation = people.agreement("cooperation", &ITEMS, Some(MAILBOX), true);
        people.sign(&people.ocmw, &cooperation).await.good();
        not_done(self.post("referrals", &self.sharing()).await, 403, "M5");
        let people = &self.people;
        let protocol = people.agreement("protocol", &ITEMS, None, false);
        people.sign(&people.ocmw, &protocol).await.good();

        self.step("M4", "an agreement that does not bind whoever opens the mailbox by secrecy is not recorded; nobody without a role in the file sees that it exists");
        let people = &self.people;
        let unbound = people.agreement("cooperation", &ITEMS, Some(MAILBOX), false);
        people.sign(&people.ocmw, &unbound).await.problem(422);
        for stranger in [&people.colleague, &people.stranger] {
            stranger.client.get(&self.path).await.problem(404);
        }
    }

    async fn information_and_consent(&mut self) {
        self.step(
            "M8",
            "without the parents' consent nobody can refer with data",
        );
        not_done(self.post("referrals", &self.sharing()).await, 403, "M8");

        self.step("M7", "a consent is recorded only once all five items were recorded as told to that very parent, about that OCMW, before");
        let consent = self.people.consent(&self.mother);
        let missing = not_done(self.post("consents", &consent).await, 422, "M7");
        assert!(missing.contains("what_to_expect"), "{missing}");
        let tell = |to: &str, items: &[&str], about: &str| json!({ "to": to, "items": items, "about": about });
        let ocmw = &self.people.ocmw.clone();
        for told in [
            tell(&self.father, &ITEMS, ocmw),
            tell(&self.mother, &ITEMS, &self.people.other_ocmw),
            tell(&self.mother, &ITEMS[..4], ocmw),
        ] {
            self.post("information", &told).await.good();
            not_done(self.post("consents", &consent).await, 422, "M7");
        }
        let told = tell(&self.mother, &ITEMS[4..], ocmw);
        self.post("information", &told).await.good();
        let mut before = consent.clone();
        before["occurredAt"] = json!("2020-01-01T10:00:00Z");
        not_done(self.post("consents", &before).await, 422, "M7");

        self.step("M8", "the team member records what the mother says; nobody consents for another parent by themselves");
        let for_father = json!({ "kind": "data_sharing", "by": self.father, "form": "digital", "services": [ocmw] });
        let mother = &self.people.mother.client;
        let path = format!("{}/consents", self.path);
        not_done(mother.post(&path, &for_father).await, 403, "M8");
        self.post("consents", &consent).await.good();
    }

    async fn referral(&mut self) -> String {
        self.step("M9", "a psychosocial referral with subtype OCMW stands apart from one without sharing data; on that nothing can be handed over");
        let without = json!({ "kind": "psychosocial", "subtype": "ocmw_without_data" });
        let without = self.post("referrals", &without).await.good();
        let without = text(&without, "referralId");
        let filled_in = form(&self.mother);
        let path = format!("referrals/{without}/transmissions");
        not_done(self.post(&path, &filled_in).await, 403, "M9");
        let made = self.post("referrals", &self.sharing()).await.good();
        let subtypes: Vec<Value> = self
            .referrals()
            .await
            .as_array()
            .unwrap()
            .iter()
            .map(|referral| json!([referral["subtypeName"], referral["sharesData"]]))
            .collect();
        assert_eq!(
            subtypes,
            [
                json!(["OCMW zonder gegevensdeling", false]),
                json!(["OCMW", true])
            ]
        );

        self.step("M3", "a team member who does not support this family, the coordinator and the parents cannot refer");
        let path = format!("{}/referrals", self.path);
        let people = &self.people;
        not_done(
            people.mother.client.post(&path, &self.sharing()).await,
            403,
            "M3",
        );
        for other in [&people.colleague, &people.coordinator] {
            other.client.post(&path, &self.sharing()).await.problem(404);
        }
        text(&made, "referralId")
    }

    async fn least_data(&mut self, referral: &str) {
        self.step("M2", "the form takes name, address, telephone and e-mail, and nothing else; and nobody's data without their own consent");
        let path = format!("referrals/{referral}/transmissions");
        for more in ["nationalId", "birthDate", "children", "concern"] {
            let mut filled_in = form(&self.mother);
            filled_in["persons"][0][more] = json!("iets");
            self.post(&path, &filled_in).await.problem(400);
        }
        let father = form(&self.father);
        not_done(self.post(&path, &father).await, 422, "M8");
    }

    async fn prepared(&mut self, referral: &str) -> (String, String) {
        self.step("M11", "the form comes from the template of the profile, is kept, and hangs in the file at the referral");
        let path = format!("referrals/{referral}/transmissions");
        let filled_in = form(&self.mother);
        let prepared = self.post(&path, &filled_in).await.good();
        let password = text(&prepared, "password");
        let known = self.transmission().await;
        assert_eq!(known["state"], "prepared");
        let read =
            |document: &Value| format!("{}/documents/{}", self.path, document.as_str().unwrap());
        let (form, print) = (read(&known["form"]), read(&known["print"]));
        let pdf = self.member().get(&form).await;
        assert!(pdf.bytes.starts_with(b"%PDF-"), "{}", pdf.text());

        self.step("M10", "the mother reads the form and a print in plain language in the file; the father, who is not on it, sees that it was made");
        let mother = &self.people.mother.client;
        for document in [&form, &print] {
            assert!(mother.get(document).await.bytes.starts_with(b"%PDF-"));
        }
        let kept = std::env::var_os("CASELEDGER_KEEP_PDFS");
        if let Some(folder) = kept {
            for (name, document) in [("form.pdf", &form), ("print.pdf", &print)] {
                let bytes = mother.get(document).await.bytes;
                std::fs::write(std::path::Path::new(&folder).join(name), bytes).unwrap();
            }
        }
        (text(&prepared, "transmissionId"), password)
    }

    async fn sent(&mut self, transmission: &str, post: &SmtpServer) -> Vec<u8> {
        self.step("M13", "it goes as an attachment to the mailbox of the agreement and to no other; the command takes no address");
        let path = format!("transmissions/{transmission}/sending");
        let address = json!({ "to": "elders@voorbeeld.example" });
        self.post(&path, &address).await.problem(400);
        let sent = self.post(&path, &json!({})).await.good();
        assert_eq!(sent["outcome"], "sent");
        let [message] = &post.given(1).await[..] else {
            panic!("one message was sent");
        };
        assert_eq!(message["to"], json!([MAILBOX]));
        let id = message["headers"]["message-id"].as_str().unwrap();
        assert!(id.contains(transmission), "{id}");
        for word in ["Testpersoon", "0470", "Voorbeeldstraat"] {
            let said = message["headers"].to_string() + message["text"].as_str().unwrap();
            assert!(!said.contains(word), "{said}");
        }
        not_done(self.post(&path, &json!({})).await, 422, "M13");
        message["attachments"][0]["bytes"]
            .as_str()
            .map(decoded)
            .unwrap()
    }

    fn packed(&mut self, packed: &[u8], password: &str) {
        self.step("M12", "7-Zip opens the file with the password alone: AES-256, 2^19 rounds, no names without it");
        let Some(packed) = Packed::take(packed) else {
            return;
        };
        let listed = packed.listed(password);
        assert!(listed.contains("7zAES:19"), "{listed}");
        assert!(listed.contains("aanmelding.pdf"), "{listed}");
        assert!(!packed.listed("fout").contains("aanmelding"));
        assert_eq!(packed.opened("fout"), None);
        assert!(packed.opened(password).unwrap().starts_with(b"%PDF-"));
    }

    async fn password(&mut self, transmission: &str) {
        self.step("M14", "recording that the password went by e-mail is refused; by text message it is recorded, and it is overdue until then");
        let due = async |wanted: &[&str]| {
            let client = self.member();
            eventually("what is due has caught up", async || {
                let due = client.get("/v1/due").await.good();
                let items = due["items"].as_array().unwrap().iter();
                let own = items.filter(|item| item["id"] == transmission);
                let kinds: Vec<&str> = own.filter_map(|item| item["kind"].as_str()).collect();
                (kinds == wanted).then_some(())
            })
            .await;
        };
        due(&[
            "password_to_convey",
            "receipt_awaited",
            "working_copy_to_destroy",
        ])
        .await;
        let path = format!("transmissions/{transmission}/password");
        for channel in ["email", "letter"] {
            let body = json!({ "channel": channel });
            not_done(self.post(&path, &body).await, 422, "M14");
        }
        let by_sms = json!({ "channel": "sms" });
        self.post(&path, &by_sms).await.good();
        due(&["receipt_awaited", "working_copy_to_destroy"]).await;
        let receipt = format!("transmissions/{transmission}/receipt");
        self.post(&receipt, &json!({ "remark": "telefonisch" }))
            .await
            .good();
        assert_eq!(self.transmission().await["state"], "received");
    }

    async fn destroyed(&mut self, transmission: &str) {
        self.step("M15", "the packed copy is destroyed with its key after sending; the event says so, and nothing of it is left");
        let copies = self.people.stored_documents().await;
        let path = format!("transmissions/{transmission}/destruction");
        self.post(&path, &json!({})).await.good();
        assert_eq!(self.people.stored_documents().await, copies - 1);
        let known = self.transmission().await;
        assert!(known["workingCopyDestroyedAt"].is_string(), "{known}");
        not_done(self.post(&path, &json!({})).await, 422, "M15");
    }

    async fn withdrawn(&mut self, referral: &str, post: &SmtpServer) {
        self.step("M8", "what was prepared is not sent once the consent is withdrawn, or the agreement has ended");
        let path = format!("referrals/{referral}/transmissions");
        let filled_in = form(&self.mother);
        let prepared = self.post(&path, &filled_in).await.good();
        let sending = format!(
            "transmissions/{}/sending",
            text(&prepared, "transmissionId")
        );
        self.people.end_agreement("protocol").await;
        not_done(self.post(&sending, &json!({})).await, 403, "M5");
        let people = &self.people;
        let protocol = people.agreement("protocol", &ITEMS, None, false);
        people.sign(&people.ocmw, &protocol).await.good();
        let case = self.member().get(&self.path).await.good();
        let consent = text(&case["consents"][0], "consentId");
        let withdrawal = format!("{}/consents/{consent}/withdrawal", self.path);
        let by_mother = json!({ "by": self.mother });
        let mother = &self.people.mother.client;
        mother.post(&withdrawal, &by_mother).await.good();
        not_done(self.post(&sending, &json!({})).await, 403, "M8");
        assert_eq!(post.messages().len(), 1, "nothing more has left");
        assert!(!self.case.is_empty());
    }
}
