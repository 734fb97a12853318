//! A case with a canary in every field that takes text.

use serde_json::json;

use super::{CANARY, canary};
use crate::support::{
    service::{Client, PROFILE},
    story_by_http::text,
};

/// A case with a canary in every field.
pub(super) struct Story {
    pub(super) case: String,
    pub(super) document: String,
    pub(super) guardian: Client,
    pub(super) guardian_account: String,
    teacher: Client,
    pub(super) archivist: String,
}

impl Story {
    #[expect(clippy::too_many_lines, reason = "every field has its line")]
    pub(super) async fn tell(client: &Client, administrator: &str) -> Self {
        let administrator = client.sign_in(administrator).await;
        let body = json!({ "profile": PROFILE, "kind": "school", "name": canary("school") });
        let school = text(
            &administrator.post("/v1/organisations", &body).await.good(),
            "organisationId",
        );
        let mut accounts = Vec::new();
        for (name, organisation) in [
            ("leader", Some(&school)),
            ("teacher", Some(&school)),
            ("guardian", None),
            ("archivist", None),
        ] {
            let body =
                json!({ "profile": PROFILE, "name": canary(name), "organisation": organisation });
            let activated = administrator.post("/v1/accounts", &body).await.good();
            accounts.push(text(&activated, "accountId"));
        }
        let [leader, teacher_account, guardian_account, archivist] = accounts.try_into().unwrap();
        let role = |role: &str, unit: Option<&str>| json!({ "profile": PROFILE, "role": role, "unit": unit });
        let roles = |account: &str| format!("/v1/accounts/{account}/roles");
        administrator
            .post(&roles(&leader), &role("unit_leader", Some(&school)))
            .await
            .good();
        administrator
            .post(&roles(&archivist), &role("archivist", None))
            .await
            .good();
        let leader = client.sign_in(&leader).await;
        leader
            .post(
                &roles(&teacher_account),
                &role("baton_holder", Some(&school)),
            )
            .await
            .good();
        let teacher = client.sign_in(&teacher_account).await;
        let guardian = client.sign_in(&guardian_account).await;
        let email = format!("{CANARY}@mail.example");
        let body = json!({ "profile": PROFILE, "email": email });
        guardian.post("/v1/account/contact", &body).await.good();
        let url = format!("https://{CANARY}.example/{CANARY}");
        let body = json!({ "profile": PROFILE, "url": url });
        administrator.post("/v1/webhooks", &body).await.good();

        let body = json!({ "profile": PROFILE, "unit": school, "account": teacher_account });
        let cleared = leader.post("/v1/clearances", &body).await.good();
        let body = json!({
            "clearance": cleared["caseId"],
            "profile": PROFILE, "unit": school, "childName": canary("child"), "nationalId": "KANARIFUGLEN12",
            "concern": canary("concern"), "openerRole": "baton_holder", "openerName": canary("opener"),
        });
        let case = text(&teacher.post("/v1/cases", &body).await.good(), "caseId");
        let at = |what: &str| format!("/v1/cases/{case}/{what}");
        let party = |account: Option<&str>, name: &str| json!({ "role": "guardian", "account": account, "name": canary(name) });
        let added = teacher
            .post(&at("parties"), &party(Some(&guardian_account), "party"))
            .await
            .good();
        let by = text(&added, "partyId");
        let other = teacher
            .post(&at("parties"), &party(None, "other party"))
            .await
            .good();
        let removal = at(&format!("parties/{}/removal", text(&other, "partyId")));
        teacher
            .post(&removal, &json!({ "reason": canary("removal") }))
            .await
            .good();
        let consent = |remark: &str| json!({ "kind": "establish_log", "by": by, "form": "digital", "remark": canary(remark) });
        let given = guardian
            .post(&at("consents"), &consent("first remark"))
            .await
            .good();
        let withdrawal = at(&format!(
            "consents/{}/withdrawal",
            text(&given, "consentId")
        ));
        guardian
            .post(
                &withdrawal,
                &json!({ "by": by, "reason": canary("withdrawal") }),
            )
            .await
            .good();
        guardian
            .post(&at("consents"), &consent("second remark"))
            .await
            .good();
        let note = |title: &str, text: &str| json!({ "section": "notes", "title": canary(title), "text": canary(text) });
        teacher
            .post(&at("notes"), &note("note title", "note text"))
            .await
            .good();
        let misfiled = teacher
            .post(&at("notes"), &note("misfiled title", "misfiled text"))
            .await
            .good();
        let redaction = json!({
            "positions": [misfiled["position"]], "reasonCode": "wrong_child", "reason": canary("redaction"),
        });
        // The profile's own codes decide; whatever the answer, the canary has been in a body.
        teacher.post(&at("redactions"), &redaction).await;
        let metadata = json!({
            "section": "documents", "title": canary("document title"), "fileName": canary("file.txt"),
        });
        let body = canary("body").repeat(10_000).into_bytes();
        let filed = teacher.file(&case, &metadata, body).await.good();
        // Searched for, asked wrongly, and refused: what was sent must not come up in a log either.
        let search = json!({ "nationalId": "KANARIFUGLEN12" });
        teacher.post("/v1/cases/search", &search).await;
        let wrong = json!({ "section": canary("wrong section"), "title": canary("wrong"), canary("field"): canary("x") });
        teacher.post(&at("notes"), &wrong).await;
        let stranger = client.sign_in(&archivist).await;
        stranger
            .post(&at("notes"), &note("refused title", "refused text"))
            .await;
        Self {
            document: text(&filed, "documentId"),
            case,
            guardian,
            guardian_account,
            teacher,
            archivist,
        }
    }

    pub(super) async fn close(&self) {
        let seen = self.teacher.get(&format!("/v1/cases/{}", self.case)).await;
        let close = json!({ "reason": "thrives", "summary": canary("summary") });
        let path = format!("/v1/cases/{}/closing", self.case);
        self.teacher
            .post_having_seen(seen.header("etag"), &path, &close)
            .await
            .good();
    }
}
