//! Every shape in which something of a case can be read, asked by everybody who may not have it, and by those who may.

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{
    service::{Client, SECRET},
    story_by_http::{CaseOfStory, Story, activate},
};

/// A case that never was.
const NOWHERE: &str = "01ARZ3NDEKTSV4RRFFQ69G5FAV";

/// Every reading of one case by its address, with its name.
fn shapes(case: &str, document: &str, position: &Value) -> Vec<(&'static str, String)> {
    let path = format!("/v1/cases/{case}");
    vec![
        ("single", path.clone()),
        ("single, as known", format!("{path}?atPosition={position}")),
        (
            "single, as true",
            format!("{path}?validAt=2126-01-01T00:00:00Z"),
        ),
        ("print", format!("{path}/printout")),
        (
            "print, as known",
            format!("{path}/printout?atPosition={position}"),
        ),
        ("timeline", format!("{path}/timeline")),
        (
            "timeline, as known",
            format!("{path}/timeline?atPosition={position}"),
        ),
        ("parties", format!("{path}/parties")),
        ("services", format!("{path}/services")),
        ("consents", format!("{path}/consents")),
        ("measures", format!("{path}/measures")),
        (
            "measures, as known",
            format!("{path}/measures?atPosition={position}"),
        ),
        ("meetings", format!("{path}/meetings")),
        ("agreements", format!("{path}/agreements")),
        ("notes", format!("{path}/notes")),
        ("documents", format!("{path}/documents")),
        ("document", format!("{path}/documents/{document}")),
        ("stream", format!("{path}/events")),
    ]
}

/// An auditor's questions.
fn questions(case: &str, position: &Value) -> Vec<(&'static str, String)> {
    let path = format!("/v1/cases/{case}/audit");
    vec![
        ("audit: saw", format!("{path}/saw")),
        (
            "audit: saw, as known",
            format!("{path}/saw?atPosition={position}"),
        ),
        ("audit: could", format!("{path}/could")),
        (
            "audit: saw, by section",
            format!("{path}/saw?section=notes&from=2026-01-01T00:00:00Z"),
        ),
        ("audit: intervals", format!("{path}/intervals")),
        ("audit: hindsight", format!("{path}/hindsight")),
        ("audit: exposure", format!("{path}/exposure")),
        ("audit: knew", format!("{path}/knew?atPosition={position}")),
        (
            "audit: changed",
            format!("{path}/changed?afterPosition={position}"),
        ),
        ("audit: emergencies", format!("{path}/emergencies")),
        ("audit: why", format!("{path}/why?position={position}")),
        (
            "audit: log",
            format!("/v1/cases/{case}/log-exports/audit-event"),
        ),
        (
            "audit: log, of a time",
            format!("/v1/cases/{case}/log-exports/nen7513-csv?from=2026-01-01T00:00:00Z"),
        ),
        (
            "intervals of access",
            format!("/v1/cases/{case}/access-intervals"),
        ),
    ]
}

/// Status and body; of a stream that was opened, the status alone.
async fn ask(client: &Client, path: &str) -> (u16, Vec<u8>) {
    let response = client.request(Method::GET, path).send().await.unwrap();
    let status = response.status().as_u16();
    let is_open = status == 200 && path.ends_with("/events");
    let body = if is_open {
        Vec::new()
    } else {
        response.bytes().await.unwrap().to_vec()
    };
    (status, body)
}

/// A story with everybody in it who has, had or never had something to do with the case.
struct Cast {
    story: Story,
    case: CaseOfStory,
    document: String,
    position: Value,
}

impl Cast {
    async fn assemble() -> Self {
        let story = Story::begin().await;
        let case = story.case().await;
        let document = story.document(&case.id, b"%PDF-1.7".to_vec()).await;
        let noted = story.note(&case.id, "Hemmeleg").await;
        // A professional whose service the family has let in, and then not any more.
        let services = [story.counselling.as_str()];
        let cooperation = story
            .consent(&case.id, "cooperation", &case.guardian_party, &services)
            .await;
        let professional = &story.professional;
        let service = Some(story.counselling.as_str());
        story
            .add_party(&case.id, "professional", professional, service, "Frida")
            .await;
        let shown = ask(&professional.client, &format!("/v1/cases/{}", case.id)).await;
        assert_eq!(shown.0, 200, "while the consent holds");
        let withdrawal = format!("/v1/cases/{}/consents/{cooperation}/withdrawal", case.id);
        let by = json!({ "by": case.guardian_party });
        story.guardian.client.post(&withdrawal, &by).await.good();
        // A colleague who took part and was removed.
        let school = Some(story.school.as_str());
        let party = story
            .add_party(&case.id, "professional", &story.colleague, school, "Kåre")
            .await;
        let removal = format!("/v1/cases/{}/parties/{party}/removal", case.id);
        let reason = json!({ "reason": "Byttar jobb." });
        story.holder.client.post(&removal, &reason).await.good();
        // A guardian of another child, who has a case to see.
        let other = story.open("Ola Nordmann", "02020212345").await;
        story
            .add_party(&other, "guardian", &story.stranger, None, "Ståle")
            .await;
        Self {
            position: noted["position"].clone(),
            story,
            case,
            document,
        }
    }

    fn shapes_of(&self, case: &str) -> Vec<(&'static str, String)> {
        let mut shapes = shapes(case, &self.document, &self.position);
        shapes.extend(questions(case, &self.position));
        shapes
    }

    /// Each shape is answered with a status, and in the same words as for a case that never was.
    async fn is_nowhere(&self, who: &str, client: &Client, status: u16) {
        let here = self.shapes_of(&self.case.id);
        for ((shape, path), (_, nowhere)) in here.into_iter().zip(self.shapes_of(NOWHERE)) {
            let answer = ask(client, &path).await;
            assert_eq!(answer.0, status, "{shape}, asked by {who}");
            assert_eq!(
                answer,
                ask(client, &nowhere).await,
                "{shape}, asked by {who}"
            );
        }
    }

    /// Neither the list nor a search leads to the case.
    async fn is_not_found(&self, who: &str, client: &Client) {
        for list in [
            "/v1/cases",
            "/v1/cases?status=active",
            "/v1/cases?limit=1",
            "/v1/due?until=2999-01-01",
        ] {
            let list = client.get(list).await.good().to_string();
            assert!(!list.contains(&self.case.id), "{who}: {list}");
        }
        let mut answers = Vec::new();
        for national_id in ["01010112345", "03030312345"] {
            let search = json!({ "nationalId": national_id });
            answers.push(client.post("/v1/cases/search", &search).await.bytes);
        }
        assert_eq!(answers[0], answers[1], "{who} tells one from none");
        assert_eq!(answers[0], br#"{"items":[]}"#, "{who}");
    }
}

#[tokio::test]
async fn who_may_not_know_of_a_case_reads_the_same_as_if_it_were_not_there() {
    let cast = Cast::assemble().await;
    let story = &cast.story;
    for (who, client) in [
        (
            "a colleague of the same unit who was removed",
            &story.colleague.client,
        ),
        ("a guardian of another child", &story.stranger.client),
        ("the leader of the unit", &story.leader.client),
        ("the administrator", &story.service.administrator),
    ] {
        cast.is_nowhere(who, client, 404).await;
        cast.is_not_found(who, client).await;
    }
    let newcomer = caseworker_without_the_case(story).await;
    cast.is_nowhere("a caseworker without the case", &newcomer, 404)
        .await;
    cast.is_not_found("a caseworker without the case", &newcomer)
        .await;
}

/// Somebody of the same tenant who works with cases and never had to do with this one.
async fn caseworker_without_the_case(story: &Story) -> Client {
    let body = json!({
        "profile": crate::support::service::PROFILE, "name": "Nils Ny", "organisation": story.school,
    });
    let administrator = &story.service.administrator;
    let activated = administrator.post("/v1/accounts", &body).await.good();
    let id = activated["accountId"].as_str().unwrap();
    let roles = format!("/v1/accounts/{id}/roles");
    let role = json!({
        "profile": crate::support::service::PROFILE, "role": "baton_holder", "unit": story.school,
    });
    story.leader.client.post(&roles, &role).await.good();
    story.service.sign_in(id).await
}

#[tokio::test]
async fn whoever_is_not_signed_in_here_reads_nothing() {
    let cast = Cast::assemble().await;
    let service = &cast.story.service;
    let now = jsonwebtoken::get_current_timestamp();
    // The same account and the same secret, in another tenant.
    let claims = json!({
        "iss": "dev", "aud": "caseledger", "sub": cast.story.guardian.id, "tenant": "bergen",
        "assurance": "high", "iat": now, "exp": now + 3_600,
    });
    let key = jsonwebtoken::EncodingKey::from_secret(SECRET.as_bytes());
    let token = jsonwebtoken::encode(&jsonwebtoken::Header::default(), &claims, &key).unwrap();
    for (who, client) in [
        ("nobody", service.anyone()),
        ("another tenant's guardian", service.with_token(&token)),
    ] {
        cast.is_nowhere(who, &client, 401).await;
        client.get("/v1/cases").await.problem(401);
        let search = json!({ "nationalId": "01010112345" });
        client.post("/v1/cases/search", &search).await.problem(401);
    }
}

#[tokio::test]
async fn whose_consent_was_withdrawn_may_know_of_the_case_and_sees_nothing_of_it() {
    let cast = Cast::assemble().await;
    let professional = &cast.story.professional.client;
    for (shape, path) in cast.shapes_of(&cast.case.id) {
        let (status, body) = ask(professional, &path).await;
        assert_eq!(status, 403, "{shape}");
        let body = String::from_utf8(body).unwrap();
        for word in ["Kari", "Hemmeleg", "Gro", "Referat"] {
            assert!(!body.contains(word), "{shape}: {body}");
        }
    }
    cast.is_not_found("a professional", professional).await;
}

/// What a parent without parental responsibility is shown: the basic data and the plan.
const SHOWN_TO_A_PARENT: [&str; 13] = [
    "single",
    "single, as known",
    "single, as true",
    "print",
    "print, as known",
    "parties",
    "services",
    "measures",
    "measures, as known",
    "meetings",
    "agreements",
    "notes",
    "documents",
];

#[tokio::test]
async fn a_parent_is_shown_two_sections_in_every_shape_and_told_why_no_more() {
    let cast = Cast::assemble().await;
    let story = &cast.story;
    let father = activate(&story.service, "Fredrik Far", None).await;
    story
        .add_party(&cast.case.id, "parent", &father, None, "Fredrik")
        .await;
    for (shape, path) in cast.shapes_of(&cast.case.id) {
        let (status, body) = ask(&father.client, &path).await;
        let body = String::from_utf8(body).unwrap();
        for word in ["Hemmeleg", "Referat", "%PDF", "establish_log"] {
            assert!(!body.contains(word), "{shape}: {body}");
        }
        if SHOWN_TO_A_PARENT.contains(&shape) {
            assert_eq!(status, 200, "{shape}: {body}");
            continue;
        }
        assert_eq!(status, 403, "{shape}: {body}");
        let problem: Value = serde_json::from_str(&body).unwrap();
        let is_question = shape.starts_with("audit") || shape.starts_with("intervals");
        let requirement = if is_question { "V8" } else { "X4" };
        assert_eq!(problem["requirement"], requirement, "{shape}");
    }
    let due = "/v1/due?until=2999-01-01";
    let due = father.client.get(due).await.good().to_string();
    assert!(!due.contains("consent"), "{due}");
}

#[tokio::test]
async fn the_caseworker_of_another_tenant_on_the_same_database_reads_nothing_nor_the_reverse() {
    let cast = Cast::assemble().await;
    let story = &cast.story;
    let other = story.service.start_beside("bergen").await;
    let other = Story::begin_on(other).await;
    let other_case = other.case().await;
    let other_document = other.document(&other_case.id, b"%PDF-1.7".to_vec()).await;
    // Signed in at home, asking at home for what is the other's: it is not there. The other's service does not even take
    // the token.
    for (home, away, case, document, name) in [
        (story, &other, &other_case, &other_document, "01010112345"),
        (&other, story, &cast.case, &cast.document, "01010112345"),
    ] {
        for person in [&home.holder, &home.guardian, &home.leader, &home.auditor] {
            for (_, path) in shapes(&case.id, document, &json!(1)) {
                let (status, body) = ask(&person.client, &path).await;
                let (_, nowhere) = ask(&person.client, &path.replace(&case.id, NOWHERE)).await;
                assert_eq!((status, &body), (404, &nowhere), "{path}");
                let visitor = person.client.at_another(&away.service.url);
                assert_eq!(ask(&visitor, &path).await.0, 401, "{path}");
            }
            for list in ["/v1/cases", "/v1/due?until=2999-01-01"] {
                let list = person.client.get(list).await.good().to_string();
                assert!(!list.contains(&case.id), "{list}");
            }
            let search = json!({ "nationalId": name });
            let found = person.client.post("/v1/cases/search", &search).await.good();
            assert!(!found.to_string().contains(&case.id), "{found}");
        }
    }
}

#[tokio::test]
async fn those_who_may_see_do() {
    let cast = Cast::assemble().await;
    let (story, case) = (&cast.story, &cast.case);
    for client in [&story.guardian.client, &story.holder.client] {
        for (shape, path) in shapes(&case.id, &cast.document, &cast.position) {
            assert_eq!(ask(client, &path).await.0, 200, "{shape}");
        }
        for (shape, path) in questions(&case.id, &cast.position) {
            assert_eq!(ask(client, &path).await.0, 403, "{shape}");
        }
        let search = json!({ "nationalId": "01010112345" });
        let found = client.post("/v1/cases/search", &search).await.good();
        assert_eq!(found["items"][0]["caseId"], case.id);
        let list = client.get("/v1/cases").await.good();
        assert_eq!(list["items"][0]["caseId"], case.id);
    }
    for (shape, path) in questions(&case.id, &cast.position) {
        let answer = ask(&story.auditor.client, &path).await;
        assert_eq!(answer.0, 200, "{shape}");
    }
}

#[tokio::test]
async fn nobody_but_the_archivist_takes_a_case_out() {
    let cast = Cast::assemble().await;
    let story = &cast.story;
    let instance = &story.service.instance;
    let ledger = &instance.ledger;
    let bundle = "bundle".parse().unwrap();
    let export = async |tenant: &str, account: &str| {
        let caller = ledger_core::ledger::Caller {
            tenant: tenant.parse().unwrap(),
            account: account.parse().unwrap(),
            issuer: "dev".parse().unwrap(),
            assurance: ledger_core::profile::Assurance::High,
        };
        let correlation_id =
            ledger_core::event::CorrelationId::generate(&ledger_core::clock::SystemEntropy);
        let occasion = ledger_core::ledger::Occasion::new(correlation_id);
        let case = cast.case.id.parse().unwrap();
        let exported = ledger.export(&caller, case, &bundle, &occasion).await;
        exported.err().map(|error| error.to_string())
    };
    let not_found = ledger_core::ledger::LedgerError::NotFound.to_string();
    // The archivist may not know of it either while it is in use.
    let (stranger, archivist) = (&story.stranger.id, &story.archivist.id);
    for stranger in [stranger, archivist, &story.colleague.id, &story.leader.id] {
        assert_eq!(export("kvam", stranger).await.as_ref(), Some(&not_found));
    }
    assert_eq!(
        export("bergen", &story.archivist.id).await.as_ref(),
        Some(&not_found)
    );
    // Those who take part may know of it, and still not take it out.
    for known in [&story.guardian.id, &story.holder.id] {
        let refused = export("kvam", known).await.unwrap_or_default();
        assert!(refused.contains("export_case"), "{refused}");
    }
    let holder = &story.holder.client;
    let path = format!("/v1/cases/{}", cast.case.id);
    let etag = holder.get(&path).await.header("etag").to_owned();
    let body = json!({ "reason": "thrives", "summary": "Går bra." });
    let closing = format!("{path}/closing");
    holder.post_having_seen(&etag, &closing, &body).await.good();
    assert_eq!(export("kvam", &story.archivist.id).await, None);
    assert!(export("kvam", &story.guardian.id).await.is_some());
}
