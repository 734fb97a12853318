//! What falls on a day is told when its day begins, once.

use std::sync::Arc;

use chrono::{Days, TimeDelta};
use ledger_core::profile::{Profile, RuleBookText};
use serde_json::json;

use super::{NOTIFIER, appoint, closed_port, rows, settings};
use crate::support::{
    eventually,
    moved_clock::{MovedClock, move_to},
    service::{PROFILE, TestService},
    story_by_http::Story,
};

#[tokio::test]
async fn a_measure_is_told_as_many_days_before_as_the_rule_book_says_and_once() {
    let (settings, _folder) = settings(closed_port());
    let settings: Vec<(&str, &str)> = settings
        .iter()
        .map(|(key, value)| (*key, value.as_str()))
        .collect();
    let (clock, mut moved) = (MovedClock::default(), TimeDelta::seconds(1));
    clock.move_to(moved);
    let service = TestService::start_moved(Arc::new(clock.clone()), moved, &settings).await;
    let story = Story::begin_on(service).await;
    appoint(&story.service, NOTIFIER.parse().unwrap()).await;
    let profile = Profile::parse(&RuleBookText::built_in(PROFILE).unwrap()).unwrap();
    let today = profile.date_of(story.now());
    let case = story.case().await;
    let database = &story.service.database;
    let measure = json!({
        "title": "Møtt ved porten", "developmentArea": "Trygge morgonar",
        "responsible": case.guardian_party,
        // The rule book tells it seven days before.
        "evaluateOn": today.checked_add_days(Days::new(8)).unwrap(),
    });
    let path = format!("/v1/cases/{}/measures", case.id);
    story.holder.client.post(&path, &measure).await.good();
    let after_midnight = |days| {
        let midnight = profile.begins_at(today.checked_add_days(Days::new(days)).unwrap());
        midnight - story.now() + TimeDelta::seconds(1)
    };
    for day in [1, 2] {
        moved += after_midnight(day);
        move_to(database, moved).await;
        clock.move_to(moved);
        let told = eventually("the day was planned", async || {
            let through = told_through(&story).await?;
            (through >= today.checked_add_days(Days::new(day)).unwrap()).then_some(through)
        })
        .await;
        let rows = rows(database, "measure_evaluation").await;
        // The holder is told; of the family nobody is.
        assert_eq!(rows.len(), 1, "on {told}: {rows:?}");
        assert!(rows[0].cause.starts_with("day/"), "{rows:?}");
    }
}

/// The last day that was planned.
async fn told_through(story: &Story) -> Option<chrono::NaiveDate> {
    use sqlx::Connection as _;
    let options = &story.service.database.options;
    let mut connection = sqlx::PgConnection::connect_with(options).await.unwrap();
    let day = sqlx::query_scalar("SELECT max(told_through) FROM notification_days")
        .fetch_one(&mut connection)
        .await
        .unwrap();
    connection.close().await.unwrap();
    day
}
