//! Reading the past: what was known, what was true, and that nobody sees more by asking about it.

use chrono::TimeDelta;
use ledger_core::{
    case::RedactContent,
    clock::Timestamp,
    command::RejectionCode,
    events::{Event, PastMoment},
    ids::{CaseId, Position},
    ledger::{AsOf, Caller, LedgerError, Look, Moment, SawFilter, Shown},
};

use crate::story::{
    Kvam, Log, assert_refused_by, code, establish, occasion, tenant, texts, withdraw,
};

fn known(as_of: AsOf) -> Moment {
    Moment {
        known: as_of,
        valid_at: None,
    }
}

fn valid(at: Timestamp) -> Moment {
    Moment {
        known: AsOf::Now,
        valid_at: Some(at),
    }
}

async fn looks_back(
    kvam: &Kvam,
    who: &Caller,
    log: CaseId,
    moment: Moment,
) -> Result<Shown, LedgerError> {
    kvam.ledger
        .look_back(who, log, &Look::Case, moment, &occasion())
        .await
}

async fn view(kvam: &Kvam, position: Position) -> Event {
    let stored = kvam.parts.store.read_at(&tenant(), &[position]).await;
    stored.expect("reads")[0].decode().expect("decodes").event
}

#[tokio::test]
async fn a_log_is_shown_as_it_was_known_and_the_view_says_so() {
    let kvam = Kvam::in_memory().await;
    let log = kvam.log().await;
    kvam.notes(&kvam.teacher, log.id, "Fyrste").await;
    let first = kvam.sees(&kvam.mother, log.id).await;
    let (position, at) = (first.view.first, kvam.now());
    kvam.clock.advance(TimeDelta::days(1));
    kvam.notes(&kvam.teacher, log.id, "Andre").await;

    for as_of in [AsOf::Position(position), AsOf::Time(at)] {
        let shown = looks_back(&kvam, &kvam.mother, log.id, known(as_of)).await;
        let shown = shown.expect("is shown");
        assert_eq!(texts(&shown), ["Fyrste"]);
        assert_eq!(shown.at, at);
        let Event::CaseViewed(facts) = view(&kvam, shown.view.first).await else {
            panic!("a look leaves a view");
        };
        assert_eq!(facts.through_version, first.case.version);
        assert_eq!(facts.as_of, known(as_of).facts());
    }
    let now = kvam.sees(&kvam.mother, log.id).await;
    assert_eq!(texts(&now), ["Fyrste", "Andre"]);
}

#[tokio::test]
async fn what_was_true_and_what_was_known_are_two_questions() {
    let kvam = Kvam::in_memory().await;
    let log = kvam.log_without_consent().await;
    let begun = kvam.now();
    kvam.clock.advance(TimeDelta::days(7));
    let recorded = kvam.now();
    // A paper that was signed two days ago.
    let mut consent = establish(log.mother, None);
    consent.occurred_at = Some(recorded - TimeDelta::days(2));
    kvam.consents(&kvam.mother, log.id, consent).await;
    kvam.clock.advance(TimeDelta::days(1));

    let consents = async |moment: Moment| {
        let shown = looks_back(&kvam, &kvam.mother, log.id, moment).await;
        shown.expect("is shown").case.state.consents.len()
    };
    let on_the_day_after_signing = recorded - TimeDelta::days(1);
    assert_eq!(consents(valid(on_the_day_after_signing)).await, 1);
    assert_eq!(consents(valid(recorded - TimeDelta::days(3))).await, 0);
    assert_eq!(
        consents(known(AsOf::Time(on_the_day_after_signing))).await,
        0
    );
    let both = Moment {
        known: AsOf::Time(begun),
        valid_at: Some(on_the_day_after_signing),
    };
    assert_eq!(consents(both).await, 0, "nobody knew it then");
    // What is known now about next year.
    assert_eq!(consents(valid(recorded + TimeDelta::days(365))).await, 1);
}

#[tokio::test]
async fn asking_about_the_past_gives_no_more_than_the_present() {
    let kvam = Kvam::in_memory().await;
    let log = kvam.log_without_consent().await;
    kvam.consents(&kvam.father, log.id, establish(log.father, None))
        .await;
    let consent = kvam
        .consents(&kvam.mother, log.id, establish(log.mother, None))
        .await;
    kvam.notes(&kvam.teacher, log.id, "Medan ho samtykte").await;
    let then = kvam.sees(&kvam.teacher, log.id).await.view.first;
    kvam.does(&kvam.mother, log.id, withdraw(consent, log.mother))
        .await;
    let moments = [
        known(AsOf::Position(then)),
        known(AsOf::Time(kvam.now())),
        valid(kvam.now()),
    ];
    for moment in moments {
        for look in [Look::Print, Look::Timeline] {
            let refused = kvam
                .ledger
                .look_back(&kvam.teacher, log.id, &look, moment, &occasion())
                .await;
            assert_refused_by(&refused.err().expect("is refused"), "V24");
        }
        // Basic data and consents, as now.
        let shown = looks_back(&kvam, &kvam.teacher, log.id, moment).await;
        let shown = shown.expect("is shown");
        assert_eq!(texts(&shown), Vec::<String>::new());
        assert_eq!(shown.sections, [code("basics"), code("consents")].into());
        let hidden = looks_back(&kvam, &kvam.colleague, log.id, moment).await;
        assert!(matches!(hidden, Err(LedgerError::NotFound)));
    }
}

#[tokio::test]
async fn what_was_destroyed_is_gone_from_every_moment() {
    let kvam = Kvam::in_memory().await;
    let log: Log = kvam.log().await;
    kvam.notes(&kvam.teacher, log.id, "Om eit anna barn").await;
    let then = kvam.sees(&kvam.mother, log.id).await;
    let note = then.case.state.notes.values().next().expect("a note").added;
    let command = RedactContent {
        positions: [note].into(),
        documents: [].into(),
        reason_code: code("wrong_case"),
        reason: "Gjeld ein annan".to_owned(),
    };
    kvam.ledger
        .redact(&kvam.teacher, log.id, command, &occasion())
        .await
        .expect("is redacted");
    let moment = known(AsOf::Position(then.view.first));
    let shown = looks_back(&kvam, &kvam.mother, log.id, moment).await;
    let shown = shown.expect("is shown");
    assert!(shown.contents.get(note).is_none());
    assert!(shown.case.state.redacted.contains(&note), "and is shown so");
    assert_eq!(shown.case.state.notes.len(), 1, "that it was there stays");
}

#[tokio::test]
async fn the_future_is_not_known_and_before_the_opening_there_was_nothing() {
    let kvam = Kvam::in_memory().await;
    let before = kvam.now();
    kvam.clock.advance(TimeDelta::days(1));
    let log = kvam.log().await;
    let futures = [
        AsOf::Position(Position(1_000_000)),
        AsOf::Time(kvam.now() + TimeDelta::seconds(1)),
    ];
    for future in futures {
        let rejected = |error: Option<LedgerError>| match error {
            Some(LedgerError::Rejected(rejection)) => {
                assert_eq!(rejection.code, RejectionCode::Invalid);
                assert!(rejection.message.contains("future"), "{rejection:?}");
            }
            other => panic!("{future:?} lies in the future: {other:?}"),
        };
        rejected(
            looks_back(&kvam, &kvam.mother, log.id, known(future))
                .await
                .err(),
        );
        let auditor = &kvam.auditor;
        let saw = kvam
            .ledger
            .saw(auditor, log.id, future, &SawFilter::default(), &occasion())
            .await;
        rejected(saw.err());
        let could = kvam
            .ledger
            .could(auditor, log.id, future, &occasion())
            .await;
        rejected(could.err());
    }
    for moment in [known(AsOf::Time(before)), valid(before)] {
        let shown = looks_back(&kvam, &kvam.mother, log.id, moment).await;
        assert!(matches!(shown, Err(LedgerError::NotFound)));
    }
    assert_eq!(
        Moment::NOW.facts(),
        None::<PastMoment>,
        "the present is no moment of the past"
    );
}
