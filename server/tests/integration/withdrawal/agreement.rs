//! An agreement that is ended while those who rest on it read: no view of theirs is ordered after its end.

use crate::support::{
    school_by_http::{Consortium, end_agreement},
    service::TestService,
    story_by_http::text,
};

/// Readers at the same time, and how often each asks.
const READERS: usize = 4;
const READINGS: usize = 25;

#[tokio::test(flavor = "multi_thread")]
async fn nobody_reads_on_an_agreement_that_has_ended() {
    let all = Consortium::begin_on(TestService::start().await).await;
    let case = all.open(&all.pupil_system, "pupil_system", None).await;
    let path = format!("/v1/cases/{case}");
    let readers = (0..READERS).map(|_| {
        let (desk, path) = (all.desk_worker.client.clone(), path.clone());
        tokio::spawn(async move {
            let mut seen = Vec::new();
            for _ in 0..READINGS {
                let answer = desk.get(&path).await;
                if answer.status == 404 {
                    break;
                }
                seen.push(answer.good()["view"]["position"].as_u64().unwrap());
            }
            seen
        })
    });
    let readers: Vec<_> = readers.collect();
    // Somebody has begun to read.
    all.desk_worker.client.get(&path).await.good();
    let administrator = &all.service.administrator;
    end_agreement(administrator, &all.umbrella, &all.agreement).await;
    all.desk_worker.client.get(&path).await.problem(404);
    let mut views = Vec::new();
    for reader in readers {
        views.extend(reader.await.unwrap());
    }
    assert!(!views.is_empty(), "somebody read before it ended");
    let saw = format!("{path}/audit/saw");
    let saw = all.auditor.client.get(&saw).await.good();
    let refused = saw["views"].as_array().unwrap().iter();
    let refused = refused.filter(|seen| seen["what"] == "access_refused");
    let first = refused.map(|seen| seen["position"].as_u64().unwrap()).min();
    let first = first.expect("the first refusal is noted");
    assert!(views.iter().all(|view| *view < first), "{views:?} {first}");
    let request = all.request("pupil_system", None);
    let submitted = all.pupil_system.client.post("/v1/cases", &request).await;
    assert_eq!(text(&submitted.problem(403), "requirement"), "K4");
}
