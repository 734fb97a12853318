//! Within a batch the order of the requests decides, and a refused one touches nobody else.

use super::*;
use crate::{
    clock::Span,
    event::{Actor, CorrelationId, UnplacedEnvelope},
    events::{CaseListed, Event},
    ids::{AccountId, CaseId, Digest, EventId, TenantId},
    log::Frontier,
    store::{IdempotencyKey, UnplacedEvent},
};

fn case() -> StreamId {
    StreamId::Case(CaseId::from_ulid(1_u128.into()))
}

fn views() -> StreamId {
    StreamId::Views(CaseId::from_ulid(1_u128.into()))
}

fn noon() -> Timestamp {
    "2026-03-02T12:00:00Z".parse().expect("a timestamp")
}

fn event(stream: StreamId) -> UnplacedEvent {
    let tenant: TenantId = "kvam".parse().expect("a tenant");
    let correlation_id: CorrelationId = "0123456789abcdef0123456789abcdef".parse().expect("an id");
    let event_id = EventId::from_ulid(1_u128.into());
    let event = Event::from(CaseListed {});
    let envelope = UnplacedEnvelope {
        tenant: &tenant,
        stream: &stream,
        event_id,
        event_type: event.event_type(),
        schema_version: event.schema_version(),
        occurred_at: None,
        actor: &Actor::Operator,
        case: None,
        purpose: None,
        basis: None,
        correlation_id,
        facts: &event.to_facts(),
        content_commitment: None,
    }
    .encode();
    UnplacedEvent {
        stream,
        event_id,
        envelope,
        salt: Digest([7; 32]),
        occurred_at: None,
        account: None,
        content: None,
    }
}

/// A request for one event that has seen the case at a version.
fn having_seen(version: u64, stream: StreamId) -> Append {
    Append {
        expected: vec![(case(), version)],
        holds: Span::ALWAYS,
        events: vec![event(stream)],
        idempotency: None,
        lookups: Vec::new(),
    }
}

fn withdrawal() -> Append {
    having_seen(1, case())
}

fn view() -> Append {
    having_seen(1, views())
}

/// A ledger of one event: the case stands at version 1.
struct Ledger {
    tip: Tip,
    versions: Versions,
}

impl Ledger {
    fn new() -> Self {
        let mut frontier = Frontier::EMPTY;
        frontier.push(Digest([1; 32]), &mut Vec::new());
        Self {
            tip: Tip {
                frontier,
                recorded_at: noon(),
            },
            versions: Versions::from([(case(), 1)]),
        }
    }

    fn place(&mut self, requests: &[Append]) -> Placement {
        place(&mut self.tip, &mut self.versions, noon(), requests, |_| {
            None
        })
    }
}

fn firsts(placement: &Placement) -> Vec<Option<u64>> {
    let answers = placement.answers.iter();
    answers
        .map(|answer| answer.as_ref().ok().map(|appended| appended.first.0))
        .collect()
}

fn lost() -> AppendError {
    AppendError::Conflict {
        stream: case(),
        expected: 1,
        actual: 2,
    }
}

#[test]
fn a_view_behind_a_withdrawal_is_refused() {
    let placement = Ledger::new().place(&[withdrawal(), view()]);
    assert_eq!(firsts(&placement), [Some(1), None]);
    assert_eq!(placement.answers[1], Err(lost()));
}

#[test]
fn a_view_ahead_of_a_withdrawal_stands_before_it() {
    let placement = Ledger::new().place(&[view(), withdrawal(), view()]);
    assert_eq!(firsts(&placement), [Some(1), Some(2), None]);
    assert_eq!(placement.answers[2], Err(lost()));
}

#[test]
fn views_do_not_stand_in_each_others_way() {
    let placement = Ledger::new().place(&[view(), view(), view()]);
    assert_eq!(firsts(&placement), [Some(1), Some(2), Some(3)]);
    let versions = placement
        .placed
        .iter()
        .flatten()
        .map(|placed| placed.version);
    assert_eq!(versions.collect::<Vec<_>>(), [1, 2, 3]);
}

#[test]
fn a_refused_request_moves_neither_positions_nor_versions_nor_the_tree() {
    let (mut with, mut without) = (Ledger::new(), Ledger::new());
    let refused = Append {
        events: vec![event(views()), event(case()), event(case())],
        ..having_seen(9, case())
    };
    let placed = with.place(&[view(), refused, view()]);
    without.place(&[view(), view()]);
    assert_eq!(firsts(&placed), [Some(1), None, Some(2)]);
    assert!(placed.placed[1].is_empty());
    assert_eq!(with.tip, without.tip);
    assert_eq!(with.versions, without.versions);
}

#[test]
fn a_key_used_earlier_in_the_batch_counts_unless_its_request_was_refused() {
    let keyed = |request: Append, asked| Append {
        idempotency: Some(IdempotencyKey {
            account: AccountId::from_ulid(1_u128.into()),
            key: Digest([1; 32]),
            request: Digest([asked; 32]),
        }),
        ..request
    };
    let placement = Ledger::new().place(&[
        keyed(having_seen(9, case()), 1),
        keyed(view(), 2),
        keyed(view(), 2),
        keyed(view(), 3),
    ]);
    assert_eq!(firsts(&placement), [None, Some(1), None, None]);
    let repeated = AppendError::Repeated {
        first: Position(1),
        count: 1,
    };
    assert_eq!(placement.answers[2], Err(repeated));
    assert_eq!(placement.answers[3], Err(AppendError::KeyReused));
}

#[test]
fn time_is_the_databases_never_before_the_last_event_and_never_far_from_the_servers() {
    let tip = Ledger::new().tip;
    let at = |minutes| noon() + TimeDelta::minutes(minutes);
    let jumped = |database, reference| {
        Err(AppendError::ClockJumped {
            database,
            reference,
            limit_seconds: 300,
        })
    };
    assert_eq!(recording_time(&tip, at(2), at(4)), Ok(at(2)));
    assert_eq!(
        recording_time(&tip, at(-2), at(-2)),
        Ok(noon()),
        "not before the last event"
    );
    assert_eq!(recording_time(&tip, at(6), at(0)), jumped(at(6), at(0)));
    assert_eq!(recording_time(&tip, at(0), at(6)), jumped(at(0), at(6)));
    assert_eq!(recording_time(&tip, at(-6), at(-6)), jumped(at(-6), noon()));
    assert_eq!(
        recording_time(&tip, at(5), at(0)),
        Ok(at(5)),
        "at the limit"
    );
    let fine = noon() + TimeDelta::nanoseconds(1_999);
    assert_eq!(
        recording_time(&tip, fine, noon()),
        Ok(noon() + TimeDelta::microseconds(1))
    );
}
