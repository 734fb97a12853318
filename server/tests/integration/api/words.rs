//! The language that an answer is in: `Accept-Language` decides, over names, events and problems alike.

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{
    service::{Answer, Client, PROFILE, new_key},
    story_by_http::Story,
};

const LANGUAGES: [&str; 4] = ["nn", "nb", "nl", "en"];

async fn read(client: &Client, path: &str, language: &str) -> Answer {
    let request = client.request(Method::GET, path);
    Answer::to(request.header("accept-language", language)).await
}

async fn command(client: &Client, path: &str, body: &Value, language: &str) -> Answer {
    let request = client.request(Method::POST, path).json(body);
    let request = request.header("idempotency-key", new_key());
    Answer::to(request.header("accept-language", language)).await
}

#[track_caller]
fn is_in(answer: &Answer, language: &str) {
    assert_eq!(answer.header("content-language"), language);
    assert_eq!(answer.header("vary"), "Accept-Language");
}

#[tokio::test]
async fn a_refusal_is_told_in_the_language_of_whoever_is_refused() {
    let story = Story::begin().await;
    // Nobody has consented yet: the holder may see the basic data, and write nothing.
    let case = story.open("Kari Nordmann", "01010112345").await;
    let path = format!("/v1/cases/{case}/notes");
    let note = json!({ "section": "notes", "title": "Nei", "text": "" });
    let mut told = Vec::new();
    for language in LANGUAGES {
        let answer = command(&story.holder.client, &path, &note, language).await;
        is_in(&answer, language);
        let problem = answer.problem(403);
        assert_eq!(problem["type"], "urn:caseledger:problem:refused");
        assert_eq!(problem["requirement"], "V24");
        told.push(["title", "detail", "requirementText"].map(|member| {
            let words = problem[member].as_str();
            words.expect("it is told").to_owned()
        }));
    }
    assert_eq!(
        told,
        [
            [
                "Reglane tillèt det ikkje",
                "Reglane i dette systemet tillèt ikkje å leggja til eit notat her.",
                "Det er to samtykke: eitt til loggen, og eitt til samhandling med andre tenester.",
            ],
            [
                "Reglene tillater det ikke",
                "Reglene i dette systemet tillater ikke å legge til et notat her.",
                "Det er to samtykker: ett til loggen, og ett til samhandling med andre tjenester.",
            ],
            [
                "De regels staan dit niet toe",
                "De regels van dit systeem staan dit hier niet toe: een notitie toevoegen.",
                "Er zijn twee toestemmingen: een voor het logboek, en een voor samenwerking met andere diensten.",
            ],
            [
                "The rules do not allow it",
                "The rules of this system do not allow you to add a note here.",
                "There are two consents: one to the log, and one to cooperation with other services.",
            ],
        ]
    );
}

#[tokio::test]
async fn a_rejection_says_its_kind_in_every_language_and_its_cause_in_english() {
    let story = Story::begin().await;
    let case = story.case().await;
    let path = format!("/v1/cases/{}/notes", case.id);
    let note = json!({ "section": "kitchen", "title": "Nei", "text": "" });
    let holder = &story.holder.client;
    let english = command(holder, &path, &note, "en").await.problem(422);
    assert!(english.get("hint").is_none(), "{english}");
    for language in &LANGUAGES[..3] {
        let answer = command(holder, &path, &note, language).await;
        is_in(&answer, language);
        let problem = answer.problem(422);
        assert_eq!(problem["code"], "not_in_profile");
        assert_eq!(problem["hint"], english["detail"]);
        assert_ne!(problem["detail"], english["detail"]);
    }
}

#[tokio::test]
async fn what_may_not_be_known_reads_like_what_is_not_there_in_every_language() {
    let story = Story::begin().await;
    let case = story.case().await;
    let nowhere = "/v1/cases/01ARZ3NDEKTSV4RRFFQ69G5FAV";
    for language in LANGUAGES {
        let client = &story.stranger.client;
        let hidden = read(client, &format!("/v1/cases/{}", case.id), language).await;
        is_in(&hidden, language);
        let nothing = read(client, nowhere, language).await;
        assert_eq!(hidden.problem(404), nothing.problem(404));
    }
}

#[tokio::test]
async fn a_case_is_shown_in_the_systems_own_words_for_each_language() {
    let story = Story::begin().await;
    let case = story.case().await;
    let path = format!("/v1/cases/{}", case.id);
    story.note(&case.id, "Morgonar").await;
    story.begin_a_measure(&case).await;
    let table = [
        (
            "nn",
            "aktiv",
            "føresett",
            "notat",
            "samtykke til å oppretta stafettlogg",
        ),
        (
            "nb-NO",
            "aktiv",
            "foresatt",
            "notater",
            "samtykke til å opprette stafettlogg",
        ),
        (
            "nl-BE",
            "actief",
            "gezaghebbende ouder",
            "notities",
            "toestemming om het logboek te maken",
        ),
        (
            "en",
            "active",
            "guardian",
            "notes",
            "consent to establish the log",
        ),
    ];
    let guardian = &story.guardian.client;
    for (language, status, role, section, consent) in table {
        let answer = read(guardian, &path, language).await;
        is_in(&answer, &language[..2]);
        let seen = answer.good();
        assert_eq!(seen["status"], "active");
        assert_eq!(seen["statusName"], status);
        let parties = seen["parties"].as_array().unwrap();
        let party = parties.iter().find(|party| party["role"] == "guardian");
        assert_eq!(party.unwrap()["roleName"], role);
        assert_eq!(seen["sectionNames"]["notes"], section);
        assert_eq!(seen["notes"][0]["sectionName"], section);
        assert_eq!(seen["consents"][0]["kindName"], consent);

        for list in [
            read(guardian, "/v1/cases", language).await,
            command(
                guardian,
                "/v1/cases/search",
                &json!({ "nationalId": "01010112345" }),
                language,
            )
            .await,
        ] {
            is_in(&list, &language[..2]);
            assert_eq!(list.good()["items"][0]["statusName"], status);
        }
    }
}

#[tokio::test]
async fn events_have_names_in_a_timeline_and_in_an_auditors_answer() {
    let story = Story::begin().await;
    let case = story.case().await;
    let timeline = format!("/v1/cases/{}/timeline", case.id);
    let opened = [
        ("nn", "Sak oppretta"),
        ("no", "Sak opprettet"),
        ("nl", "Dossier geopend"),
        ("en-GB", "Case opened"),
    ];
    for (language, name) in opened {
        let seen = read(&story.guardian.client, &timeline, language)
            .await
            .good();
        // The clearance comes first.
        let event = &seen["events"][1];
        assert_eq!(event["type"], "case_opened");
        assert_eq!(event["typeName"], name);
        let position = &event["position"];
        let why = format!("/v1/cases/{}/audit/why?position={position}", case.id);
        let why = read(&story.auditor.client, &why, language).await.good();
        assert_eq!(why["event"]["typeName"], name);
    }
}

#[tokio::test]
async fn without_a_wish_a_system_is_shown_in_its_own_language_and_problems_are_in_english() {
    let story = Story::begin().await;
    let case = story.case().await;
    let path = format!("/v1/cases/{}", case.id);
    for language in ["", "de, fr;q=0.5", "*"] {
        let answer = read(&story.guardian.client, &path, language).await;
        is_in(&answer, "nn");
        answer.good();
        let problem = read(&story.stranger.client, &path, language).await;
        is_in(&problem, "en");
        problem.problem(404);
    }
}

#[tokio::test]
async fn a_rule_book_gives_all_of_its_names_in_each_language_that_it_promises() {
    let story = Story::begin().await;
    let path = format!("/v1/profiles/{PROFILE}");
    let mut codes = Vec::new();
    for language in LANGUAGES {
        let answer = read(&story.guardian.client, &path, language).await;
        is_in(&answer, language);
        let rules = answer.good();
        assert_eq!(rules["languages"], json!(LANGUAGES));
        let statuses = rules["names"]["statuses"].as_object().unwrap().clone();
        codes.push(statuses.keys().cloned().collect::<Vec<_>>());
        let wish = &rules["names"]["reasons"]["closing"]["guardians_wish"];
        assert!(wish.is_string(), "{rules}");
    }
    assert!(codes.iter().all(|given| given == &codes[0]), "{codes:?}");
}
