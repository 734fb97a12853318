//! The encrypted handover, from the agreement to the destroyed copy: neither what is handed over, nor to which mailbox,
//! nor its password stands anywhere that an intruder, an operator or a thief of backups could look.

use serde_json::{Value, json};

use super::*;
use crate::support::{
    local_team::{ITEMS, PROFILE},
    smtp::SmtpServer,
    story_by_http::text,
};

/// Digits that stand nowhere else.
const TELEPHONE: &str = "0470 98 31 76";

/// A mailbox in which a canary sits.
fn mailbox() -> String {
    format!("{CANARY}@ocmw.example")
}

/// Somebody who may do something, with a name.
async fn person(
    administrator: &Client,
    name: &str,
    organisation: Option<&str>,
) -> (String, Client) {
    let body = json!({ "profile": PROFILE, "name": canary(name), "organisation": organisation });
    let activated = administrator.post("/v1/accounts", &body).await.good();
    let account = text(&activated, "accountId");
    let client = administrator.sign_in(&account).await;
    (account, client)
}

/// Agreement and protocol with a canary in each item.
async fn agree(administrator: &Client, team: &str, ocmw: &str) {
    let items: serde_json::Map<String, Value> = ITEMS
        .iter()
        .map(|item| ((*item).to_owned(), json!(canary(item))))
        .collect();
    for (kind, mailbox) in [("cooperation", Some(mailbox())), ("protocol", None)] {
        let body = json!({
            "profile": PROFILE, "kind": kind, "with": team, "title": canary("agreement"), "reference": canary("archive"),
            "items": items, "mailbox": mailbox, "boundBySecrecy": mailbox.is_some(),
        });
        let path = format!("/v1/organisations/{ocmw}/agreements");
        administrator.post(&path, &body).await.good();
    }
}

/// A family that is referred, with its form prepared.
struct Family {
    member: Client,
    path: String,
    referral: String,
    form: Value,
}

impl Family {
    async fn refer(client: &Client, administrator: &str) -> Self {
        let administrator = client.sign_in(administrator).await;
        let register = async |kind: &str| {
            let body = json!({ "profile": PROFILE, "kind": kind, "name": canary(kind) });
            let registered = administrator.post("/v1/organisations", &body).await.good();
            text(&registered, "organisationId")
        };
        let (team, ocmw) = (register("local_team").await, register("ocmw").await);
        agree(&administrator, &team, &ocmw).await;
        let (coordinator_account, coordinator) =
            person(&administrator, "coordinator", Some(&team)).await;
        let (member_account, member) = person(&administrator, "member", Some(&team)).await;
        let (mother_account, _) = person(&administrator, "mother", None).await;
        for (by, account, role) in [
            (&administrator, &coordinator_account, "team_coordinator"),
            (&coordinator, &member_account, "team_member"),
        ] {
            let body = json!({ "profile": PROFILE, "role": role, "unit": team });
            by.post(&format!("/v1/accounts/{account}/roles"), &body)
                .await
                .good();
        }
        let body = json!({
            "profile": PROFILE, "unit": team, "childName": canary("child"), "concern": canary("concern"),
            "openerRole": "team_member", "openerName": canary("opener"),
        });
        let case = text(&member.post("/v1/cases", &body).await.good(), "caseId");
        let path = format!("/v1/cases/{case}");
        let post = async |what: &str, body: &Value| {
            member.post(&format!("{path}/{what}"), body).await.good()
        };
        let body = json!({ "role": "parent", "account": mother_account, "name": canary("parent") });
        let mother = text(&post("parties", &body).await, "partyId");
        let told = json!({ "to": mother, "items": ITEMS, "about": ocmw, "remark": canary("told") });
        post("information", &told).await;
        let consent = json!({
            "kind": "data_sharing", "by": mother, "form": "spoken", "services": [ocmw], "remark": canary("consent"),
        });
        post("consents", &consent).await;
        let body = json!({
            "kind": "psychosocial", "subtype": "ocmw", "receiver": ocmw, "remark": canary("referral"),
        });
        let referral = text(&post("referrals", &body).await, "referralId");
        let form = json!({ "persons": [{
            "party": mother, "name": canary("name"), "address": canary("street\n9000 Voorbeeldstad"),
            "telephone": TELEPHONE, "email": format!("{CANARY}@voorbeeld.example"),
        }] });
        Self {
            member,
            path,
            referral,
            form,
        }
    }

    async fn post(&self, what: &str, body: &Value) -> Value {
        let path = format!("{}/{what}", self.path);
        self.member.post(&path, body).await.good()
    }

    /// Fills in and packs the form; gives the answer, with its password.
    async fn prepare(&self) -> Value {
        let path = format!("referrals/{}/transmissions", self.referral);
        self.post(&path, &self.form).await
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_handed_over_can_be_read_nowhere_on_the_way() {
    let Some(post) = SmtpServer::start(&["--fail", "1"]) else {
        return;
    };
    let folder = new_directory();
    let program = Program::new();
    let data_dir = &program.data_dir;
    let administrator = begin(&program, &folder, PROFILE).await;
    let smtp = folder.join("smtp");
    fs::write(&smtp, format!("smtp://127.0.0.1:{}", post.port)).unwrap();
    let settings = [
        ("CASELEDGER_SMTP_URL_FILE", smtp.to_str().unwrap()),
        (
            "CASELEDGER_SMTP_FROM",
            "Kind en Gezin <grootboek@team.example>",
        ),
    ];
    let server = serve(&program, &folder, &settings).await;
    let family = Family::refer(&server.client, &administrator.to_string()).await;

    // Once a form is thrown away unsent. The next one fails, is sent, and arrives.
    let unsent = family.prepare().await;
    let at = |prepared: &Value, what: &str| {
        format!("transmissions/{}/{what}", text(prepared, "transmissionId"))
    };
    family.post(&at(&unsent, "destruction"), &json!({})).await;
    let prepared = family.prepare().await;
    let cluster = cluster_of(data_dir).await;
    let passwords = [text(&unsent, "password"), text(&prepared, "password")];
    let words = [CANARY, TELEPHONE, &passwords[0], &passwords[1]];
    let nothing_is_found = || {
        let dumped = dump(&cluster);
        // The packed copy is among what was dumped.
        assert!(String::from_utf8_lossy(&dumped).contains("COPY public.document_chunks"));
        is_silent_of(&words, "the dump", &dumped);
        let log = fs::read(&server.log).unwrap();
        // It says everything that it can say, down to every statement.
        assert!(
            String::from_utf8_lossy(&log).contains("sqlx::query"),
            "the log says less than it could"
        );
        is_silent_of(&words, "the log", &log);
    };
    // While the copy lies there.
    nothing_is_found();

    let failed = family.post(&at(&prepared, "sending"), &json!({})).await;
    assert_eq!(failed["outcome"], "failed", "{failed}");
    let sent = family.post(&at(&prepared, "sending"), &json!({})).await;
    assert_eq!(sent["outcome"], "sent", "{sent}");
    assert_eq!(post.given(2).await[1]["to"], json!([mailbox()]));
    // By the way of the file it is refused; what was sent then must not come up either.
    let by_mail = json!({ "channel": "email", "remark": canary("by mail") });
    let path = format!("{}/{}", family.path, at(&prepared, "password"));
    family.member.post(&path, &by_mail).await.problem(422);
    let by_text = json!({ "channel": "sms", "remark": canary("by text") });
    family.post(&at(&prepared, "password"), &by_text).await;
    let receipt = json!({ "remark": canary("receipt") });
    family.post(&at(&prepared, "receipt"), &receipt).await;
    family.post(&at(&prepared, "destruction"), &json!({})).await;
    let seen = family
        .member
        .get(&format!("{}/referrals", family.path))
        .await;
    assert!(seen.text().contains(CANARY), "the team member is shown it");
    nothing_is_found();
    // The cluster's files still hold what was deleted, so once is enough.
    is_silent_below_of(&words, data_dir, &data_dir.join("keys"));
    is_silent_below_of(&words, &folder.join("tmp"), Path::new(""));
    let metrics = server.client.get("/metrics").await;
    is_silent_of(
        &[CANARY, TELEPHONE],
        "the metrics",
        metrics.text().as_bytes(),
    );
}
