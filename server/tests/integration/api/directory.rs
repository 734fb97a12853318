//! Organisations and accounts: signed agreements, and accounts that are used no more.

use serde_json::json;

use super::plan::is_rejected;
use crate::support::{
    service::PROFILE,
    story_by_http::{Story, text},
};

#[tokio::test]
async fn an_agreement_of_an_organisation_is_recorded_and_ended() {
    let story = Story::begin().await;
    let administrator = &story.service.administrator;
    let agreements = format!("/v1/organisations/{}/agreements", story.counselling);
    let body = |kind: &str| {
        json!({
            "profile": PROFILE, "kind": kind, "title": "Databehandlaravtale",
            "validFrom": "2026-01-01", "reference": "Arkiv 26/14",
        })
    };
    let unknown = administrator.post(&agreements, &body("friendship")).await;
    is_rejected(&unknown.problem(422), "not_in_profile", "V29");
    let leader = &story.leader.client;
    let refused = leader.post(&agreements, &body("data_processing")).await;
    assert!(refused.status.is_client_error() && refused.status != 422);
    let signed = administrator
        .post(&agreements, &body("data_processing"))
        .await;
    let signed = signed.good();
    let ending = format!("{agreements}/{}/ending", text(&signed, "agreementId"));
    let reason = json!({ "profile": PROFILE, "reason": "Sagt opp." });
    let ended = administrator.post(&ending, &reason).await.good();
    assert_eq!(ended["agreementId"], signed["agreementId"]);
    let again = administrator.post(&ending, &reason).await.problem(422);
    is_rejected(&again, "already_there", "V29");
}

#[tokio::test]
async fn a_deactivated_account_does_nothing_more() {
    let story = Story::begin().await;
    let case = story.case().await;
    let path = format!("/v1/cases/{}", case.id);
    let administrator = &story.service.administrator;
    let deactivation = format!("/v1/accounts/{}/deactivation", story.holder.id);
    let body = json!({ "profile": PROFILE });
    let refused = story.leader.client.post(&deactivation, &body).await;
    assert!(refused.status.is_client_error() && refused.status != 422);
    story.holder.client.get(&path).await.good();
    let done = administrator.post(&deactivation, &body).await.good();
    assert_eq!(done["accountId"], story.holder.id.as_str());
    let again = administrator.post(&deactivation, &body).await.problem(422);
    is_rejected(&again, "not_found", "X1");
    let refused = story.holder.client.get(&path).await;
    assert!(refused.status.is_client_error(), "{}", refused.status);
}
