//! A case from its opening to its erasure, told through the API alone (archive package apart).

use ledger_core::{
    ids::Digest,
    log::{Receipt, SignedHead, VerifierKey, verify_consistency},
};
use serde_json::{Value, json};

use crate::support::{
    service::Client,
    story_by_http::{Story, build_package, text},
};

#[tokio::test]
async fn a_case_is_told_from_its_opening_to_its_erasure() {
    let story = Story::begin().await;
    let case = story.case().await;
    let path = format!("/v1/cases/{}", case.id);

    // The log fills.
    story.note(&case.id, "Morgonar").await;
    story.begin_a_measure(&case).await;
    let document = story.document(&case.id, b"%PDF-1.7 referat".to_vec()).await;
    let read = story.guardian.client.get(&path).await;
    let etag = read.header("etag").to_owned();
    let seen = read.good();
    assert_eq!(seen["childName"], "Kari Nordmann");
    assert_eq!(seen["statusName"], "aktiv");
    assert_eq!(seen["notes"][0]["text"], "Me snakka om morgonane.");
    assert_eq!(seen["documents"][0]["fileName"], "møte 3.pdf");
    assert_eq!(seen["consents"][0]["holds"], true);
    assert_eq!(etag, format!("\"{}\"", seen["version"]));

    // A professional of another service sees nothing before the guardian lets that service in.
    let role = "professional";
    story
        .add_party(
            &case.id,
            role,
            &story.professional,
            Some(&story.counselling),
            "Frida",
        )
        .await;
    let refused = story.professional.client.get(&path).await.problem(403);
    assert_eq!(refused["requirement"], "V12");
    let by = &case.guardian_party;
    story
        .consent(&case.id, "cooperation", by, &[&story.counselling])
        .await;
    let seen = story.professional.client.get(&path).await.good();
    assert_eq!(seen["notes"][0]["title"], "Morgonar");

    // It stands in lists and is found by the child's number.
    let list = wait_for_list(&story.holder.client).await;
    assert_eq!(list["items"][0]["caseId"], case.id.as_str());
    let list = story.guardian.client.get("/v1/cases").await.good();
    assert_eq!(list["items"][0]["childName"], "Kari Nordmann");
    assert!(list["items"][0].get("concern").is_none());
    let search = json!({ "nationalId": "010101 12345" });
    let holder = &story.holder.client;
    let found = holder.post("/v1/cases/search", &search).await.good();
    assert_eq!(found["items"][0]["caseId"], case.id.as_str());

    // Withdrawn, the services see nothing any more; the baton holder that the log exists.
    let withdrawn = story.withdraw(&case).await;
    let refused = story.professional.client.get(&path).await.problem(403);
    assert_eq!(refused["requirement"], "V24");
    let seen = holder.get(&path).await.good();
    assert_eq!(seen["sections"], json!(["basics", "consents"]));
    assert!(seen["notes"].as_array().unwrap().is_empty());
    assert!(seen["documents"].as_array().unwrap().is_empty());
    let document_path = format!("{path}/documents/{document}");
    holder.get(&document_path).await.problem(403);

    audit(&story, &path, &withdrawn).await;
    receipts(&story.service.anyone(), &withdrawn).await;
    end(&story, &case.id).await;
}

/// Read models follow within a moment.
async fn wait_for_list(client: &Client) -> Value {
    loop {
        let list = client.get("/v1/cases").await.good();
        if !list["items"].as_array().unwrap().is_empty() {
            return list;
        }
    }
}

async fn audit(story: &Story, path: &str, withdrawn: &Value) {
    let auditor = &story.auditor.client;
    let saw = auditor.get(&format!("{path}/audit/saw")).await.good();
    let views = saw["views"].as_array().unwrap();
    let of = |name: &str, what: &str| {
        let mut views = views.iter();
        views.any(|view| view["name"] == name && view["what"] == what)
    };
    assert!(of("Gro, mora til Kari", "case_viewed"), "{saw}");
    assert!(of("Frida Fagperson", "case_viewed"), "{saw}");
    assert!(of("Frida Fagperson", "access_refused"), "{saw}");
    assert!(of("Hanna Haldar", "case_found"), "{saw}");

    let person = |could: &Value, name: &str| {
        let people = could["people"].as_array().unwrap().clone();
        let mut people = people.into_iter();
        people.find(|person| person["name"] == name).unwrap()
    };
    let could = auditor.get(&format!("{path}/audit/could")).await.good();
    let frida = person(&could, "Frida Fagperson");
    assert_eq!(frida["decision"]["allowed"], false);
    assert_eq!(frida["decision"]["requirement"], "V24");
    // The moment before the withdrawal.
    let before = withdrawn["position"].as_u64().unwrap() - 1;
    let query = format!("{path}/audit/could?atPosition={before}");
    let could = auditor.get(&query).await.good();
    let frida = person(&could, "Frida Fagperson");
    assert_eq!(frida["decision"]["allowed"], true);
    let both = format!("{query}&atTime=2026-01-01T00:00:00%2B01:00");
    auditor.get(&both).await.problem(400);

    let position = &withdrawn["position"];
    let why = format!("{path}/audit/why?position={position}");
    let why = auditor.get(&why).await.good();
    assert_eq!(why["event"]["type"], "consent_withdrawn");
    assert_eq!(why["policies"][0]["requirement"], "V18");
    assert!(why["cited"][0]["position"].is_u64());

    let timeline = auditor.get(&format!("{path}/timeline")).await.good();
    let events = timeline["events"].as_array().unwrap();
    assert!(events.iter().any(|event| event["type"] == "note_added"));
    assert!(events.iter().all(|event| event.get("content").is_none()));
    auditor.get(path).await.problem(403);
}

/// With nothing but what the service publishes.
async fn receipts(anyone: &Client, withdrawn: &Value) {
    let keys = anyone.get("/v1/ledger/keys").await.good();
    let keys: Vec<VerifierKey> = keys["keys"]
        .as_array()
        .unwrap()
        .iter()
        .map(|key| key.as_str().unwrap().parse().unwrap())
        .collect();
    let path = text(withdrawn, "receipt");
    let receipt: Receipt = serde_json::from_value(anyone.get(&path).await.good()).unwrap();
    let head = receipt.verify(&keys).unwrap();
    assert_eq!(Some(receipt.position.0), withdrawn["position"].as_u64());
    let request = anyone.request(reqwest::Method::GET, &path);
    let request = request.header("accept", "text/plain");
    let answer = crate::support::service::Answer::to(request).await;
    let read = Receipt::from_tlog_proof(&answer.text(), receipt.leaf_entry).unwrap();
    assert!(read.verify(&keys).is_ok());

    // The log of then is the beginning of the log of now.
    let checkpoint = anyone.get("/tlog/kvam/checkpoint").await.text();
    let now = checkpoint.parse::<SignedHead>().unwrap();
    let now = now.verify(&keys).unwrap();
    let query = format!("/v1/ledger/consistency?old={}&new={}", head.size, now.size);
    let proof: Vec<Digest> =
        serde_json::from_value(anyone.get(&query).await.good()["proof"].clone()).unwrap();
    verify_consistency(head.size, head.root, now.size, now.root, &proof).unwrap();
    let query = "/v1/ledger/consistency?old=9&new=3";
    anyone.get(query).await.problem(422);

    let entries = anyone.get("/tlog/kvam/tile/entries/000.p/1").await;
    assert_eq!(entries.bytes.len(), 34);
    anyone.get("/v1/ledger/receipts/999999").await.problem(404);
}

/// Closed, archived, erased: in that order, each on the version that was seen.
async fn end(story: &Story, case: &str) {
    let path = format!("/v1/cases/{case}");
    let holder = &story.holder.client;
    let body = json!({ "reason": "consent_withdrawn", "summary": "Mor ønskte det." });
    let closing = format!("{path}/closing");
    holder.post(&closing, &body).await.problem(428);
    holder
        .post_having_seen("\"1\"", &closing, &body)
        .await
        .problem(412);
    let etag = holder.get(&path).await.header("etag").to_owned();
    let closed = holder.post_having_seen(&etag, &closing, &body).await;
    let etag = closed.header("etag").to_owned();
    let closed = closed.good();

    let archivist = &story.archivist.client;
    let archiving = format!("{path}/archiving");
    let body = json!({ "reference": "IKA 2026/1187" });
    let refused = archivist.post_having_seen(&etag, &archiving, &body).await;
    assert_eq!(refused.problem(422)["requirement"], "X9");
    build_package(story, case, &closed).await;
    // The package is an event too.
    let stale = archivist.post_having_seen(&etag, &archiving, &body).await;
    let actual = stale.problem(412)["detail"].as_str().unwrap().to_owned();
    let version: u64 = digits(&actual);
    let etag = format!("\"{version}\"");
    let archived = archivist.post_having_seen(&etag, &archiving, &body).await;
    let etag = archived.header("etag").to_owned();
    archived.good();

    let erasure = format!("{path}/erasure");
    let request = || {
        archivist
            .request(reqwest::Method::POST, &erasure)
            .header("idempotency-key", "erase")
            .header("if-match", &etag)
    };
    let erased = crate::support::service::Answer::to(request()).await.good();
    assert!(erased["erased"]["keys"].as_u64() >= Some(2), "{erased}");
    assert!(erased["backupsEnd"].is_string());
    let again = crate::support::service::Answer::to(request()).await.good();
    assert_eq!(again, erased);

    story.guardian.client.get(&path).await.problem(404);
    let search = json!({ "nationalId": "01010112345" });
    let found = holder.post("/v1/cases/search", &search).await.good();
    assert_eq!(found["items"], json!([]));
    let saw = format!("{path}/audit/saw");
    let saw = story.auditor.client.get(&saw).await.good();
    let views = saw["views"].as_array().unwrap();
    assert!(
        views
            .iter()
            .all(|view| view["name"] != "Gro, mora til Kari")
    );
}

/// The first number in "the case is at version 12, not 9".
fn digits(text: &str) -> u64 {
    let number = text.split(|c: char| !c.is_ascii_digit());
    number
        .into_iter()
        .find_map(|word| word.parse().ok())
        .unwrap()
}
