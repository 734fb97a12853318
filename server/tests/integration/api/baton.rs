//! Who takes part: the baton on its way, services, tasks, coming of age.

use chrono::Months;
use serde_json::{Value, json};

use super::plan::is_rejected;
use crate::support::story_by_http::{Story, text};

/// The party of this id.
fn party<'a>(seen: &'a Value, id: &str) -> &'a Value {
    let mut parties = seen["parties"].as_array().unwrap().iter();
    parties.find(|party| party["partyId"] == id).unwrap()
}

#[tokio::test]
async fn the_baton_is_offered_by_one_and_taken_by_the_other() {
    let story = Story::begin().await;
    let case = story.case().await;
    let path = format!("/v1/cases/{}", case.id);
    let offers = format!("{path}/baton/offers");
    let (holder, colleague) = (&story.holder.client, &story.colleague.client);
    let school = Some(story.school.as_str());
    let to = story
        .add_party(&case.id, "professional", &story.colleague, school, "Kåre")
        .await;
    let offer = json!({ "to": to, "message": "Eg sluttar til sommaren." });
    let refused = colleague.post(&offers, &offer).await.problem(403);
    assert_eq!(refused["requirement"], "V8");
    let family = json!({ "to": case.guardian_party });
    let family = holder.post(&offers, &family).await.problem(422);
    is_rejected(&family, "invalid", "X2");

    let offered = holder.post(&offers, &offer).await.good();
    let seen = holder.get(&path).await.good();
    let waiting = &seen["batonOffers"][0];
    assert_eq!(waiting["handoverId"], offered["handoverId"]);
    assert_eq!(waiting["to"], to.as_str());
    assert_eq!(waiting["message"], "Eg sluttar til sommaren.");
    let second = holder.post(&offers, &offer).await.problem(422);
    is_rejected(&second, "already_there", "X2");
    let this = format!("{offers}/{}", text(&offered, "handoverId"));
    let own = holder.post(&format!("{this}/acceptance"), &json!({})).await;
    assert_eq!(own.problem(403)["requirement"], "X2");
    let reason = json!({ "reason": "Ikkje no." });
    colleague
        .post(&format!("{this}/refusal"), &reason)
        .await
        .good();
    let late = colleague
        .post(&format!("{this}/acceptance"), &json!({}))
        .await;
    is_rejected(&late.problem(422), "already_there", "X2");
    let seen = holder.get(&path).await.good();
    assert_eq!(seen["batonOffers"], json!([]));

    let offered = holder.post(&offers, &offer).await.good();
    let this = format!("{offers}/{}", text(&offered, "handoverId"));
    let taken = colleague
        .post(&format!("{this}/acceptance"), &json!({}))
        .await;
    assert_eq!(taken.good()["handoverId"], offered["handoverId"]);
    let seen = story.guardian.client.get(&path).await.good();
    assert_eq!(party(&seen, &to)["role"], "baton_holder");
    assert_eq!(party(&seen, &to)["roleName"], "stafetthaldar");
    let roles = seen["parties"].as_array().unwrap().iter();
    let holders = roles.filter(|party| party["role"] == "baton_holder");
    assert_eq!(holders.count(), 1);
    let refused = holder.post(&offers, &offer).await.problem(403);
    assert_eq!(refused["requirement"], "V8");
}

#[tokio::test]
async fn the_baton_moves_to_another_unit_once_the_consent_is_given_anew() {
    let story = Story::begin().await;
    let case = story.case().await;
    let path = format!("/v1/cases/{}", case.id);
    let (holder, guardian) = (&story.holder.client, &story.guardian.client);
    let service = Some(story.counselling.as_str());
    let to = story
        .add_party(
            &case.id,
            "professional",
            &story.professional,
            service,
            "Frida",
        )
        .await;
    let before = guardian.get(&path).await.good();
    assert_eq!(before["consents"][0]["dueAnew"], false);
    let offers = format!("{path}/baton/offers");
    let offered = holder.post(&offers, &json!({ "to": to })).await.good();
    let this = format!("{offers}/{}/acceptance", text(&offered, "handoverId"));
    let professional = &story.professional.client;
    let early = professional.post(&this, &json!({})).await.problem(422);
    is_rejected(&early, "wrong_status", "V13");
    let due = guardian.get(&path).await.good();
    assert_eq!(due["consents"][0]["dueAnew"], true);
    story
        .consent(&case.id, "establish_log", &case.guardian_party, &[])
        .await;
    professional.post(&this, &json!({})).await.good();
    let seen = professional.get(&path).await.good();
    assert_eq!(seen["unit"], story.counselling.as_str());
    let consents = seen["consents"].as_array().unwrap();
    assert!(consents.iter().all(|consent| consent["dueAnew"] == false));
}

#[tokio::test]
async fn a_service_joins_with_its_task_and_leaves_with_its_people() {
    let story = Story::begin().await;
    let case = story.case().await;
    let path = format!("/v1/cases/{}", case.id);
    let services = format!("{path}/services");
    let holder = &story.holder.client;
    let body = json!({ "service": story.counselling, "task": "Rettleier skulen." });
    let refused = story.guardian.client.post(&services, &body).await;
    assert_eq!(refused.problem(403)["requirement"], "V8");
    let added = holder.post(&services, &body).await.good();
    assert_eq!(added["service"], story.counselling.as_str());
    let twice = holder.post(&services, &body).await.problem(422);
    is_rejected(&twice, "already_there", "V4");
    let service = Some(story.counselling.as_str());
    let frida = story
        .add_party(
            &case.id,
            "professional",
            &story.professional,
            service,
            "Frida",
        )
        .await;
    let removal = format!("{services}/{}/removal", story.counselling);
    let reason = json!({ "reason": "Oppgåva er løyst." });
    holder.post(&removal, &reason).await.good();
    let again = holder.post(&removal, &reason).await.problem(422);
    is_rejected(&again, "not_found", "V4");
    let seen = holder.get(&path).await.good();
    let shown = &seen["services"][0];
    assert_eq!(shown["task"], "Rettleier skulen.");
    assert_eq!(shown["removed"], true);
    assert_eq!(shown["removal"]["reason"], "Oppgåva er løyst.");
    assert_eq!(party(&seen, &frida)["removed"], true);
    assert_eq!(
        party(&seen, &frida)["removal"]["reason"],
        "Oppgåva er løyst."
    );
    // It may join again.
    holder.post(&services, &body).await.good();
    let seen = holder.get(&path).await.good();
    assert_eq!(seen["services"][0]["removed"], true);
    assert_eq!(seen["services"][1]["removed"], false);
}

#[tokio::test]
async fn the_newest_task_of_somebody_is_shown() {
    let story = Story::begin().await;
    let case = story.case().await;
    let path = format!("/v1/cases/{}", case.id);
    let holder = &story.holder.client;
    let body = json!({
        "role": "professional", "account": story.colleague.id, "service": story.school,
        "name": "Kåre", "task": "Følgjer matematikken.",
    });
    let added = holder.post(&format!("{path}/parties"), &body).await.good();
    let kåre = text(&added, "partyId");
    let seen = holder.get(&path).await.good();
    assert_eq!(party(&seen, &kåre)["task"]["text"], "Følgjer matematikken.");
    let task = json!({ "task": "Følgjer friminutta." });
    let assigned = format!("{path}/parties/{kåre}/task");
    let assigned = holder.post(&assigned, &task).await.good();
    assert_eq!(assigned["partyId"], kåre.as_str());
    let seen = holder.get(&path).await.good();
    assert_eq!(party(&seen, &kåre)["task"]["text"], "Følgjer friminutta.");
    let family = format!("{path}/parties/{}/task", case.guardian_party);
    let family = holder.post(&family, &task).await.problem(422);
    is_rejected(&family, "invalid", "V5");
}

#[tokio::test]
async fn coming_of_age_is_recorded_once_somebody_is_old_enough() {
    let story = Story::begin().await;
    let case = story.case().await;
    let path = format!("/v1/cases/{}", case.id);
    let holder = &story.holder.client;
    let kari = story
        .add_party(&case.id, "young_person", &story.stranger, None, "Kari")
        .await;
    let born = |years: u32| {
        let today = story.now().date_naive();
        json!({ "birthDate": today - Months::new(12 * years) })
    };
    let coming = format!("{path}/parties/{kari}/coming-of-age");
    let young = holder.post(&coming, &born(15)).await.problem(422);
    is_rejected(&young, "invalid", "X3");
    let own = story.guardian.client.post(&coming, &born(17)).await;
    assert_eq!(own.problem(403)["requirement"], "V8");
    let seen = holder.get(&path).await.good();
    assert_eq!(party(&seen, &kari)["comeOfAge"], false);
    holder.post(&coming, &born(17)).await.good();
    let again = holder.post(&coming, &born(17)).await.problem(422);
    is_rejected(&again, "already_there", "X3");
    let seen = holder.get(&path).await.good();
    assert_eq!(party(&seen, &kari)["comeOfAge"], true);
    assert_eq!(party(&seen, &case.guardian_party)["comeOfAge"], false);
}
