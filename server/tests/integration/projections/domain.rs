//! What the read models should hold, by the domain's own account: every case is made from its events as the ledger does
//! it before it decides, and what the queries answer is compared with that.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use chrono::{Months, NaiveDate, TimeDelta};
use ledger_core::{
    access::RuleBook,
    case::{Case, Consent, Erasure},
    clock::Timestamp,
    events::Event,
    ids::{CaseId, Code, Position, StreamId},
    profile::{Profile, RuleBookText},
    store::{EventStore as _, Recorded},
};
use projections::{
    access_intervals::{self, Kind},
    due::{self, Whose},
    numbers,
};

use super::{
    chronicle::{account, unit},
    world::World,
};

/// A case, and what its state does not say.
#[derive(Default)]
struct Known {
    case: Case,
    first_measure_at: Option<Timestamp>,
    effects: Vec<Code>,
    withdrawn: u64,
}

/// Compares what the queries answer with what the domain says.
pub(super) async fn check(world: &World) {
    let text = RuleBookText::built_in("stafettloggen-kvam").unwrap();
    let rule_book = Arc::new(RuleBook::load(&text).unwrap());
    let cases = known(world).await;
    check_due(world, &rule_book, &cases).await;
    check_intervals(world, &cases).await;
    check_numbers(world, rule_book.profile(), &cases).await;
}

async fn known(world: &World) -> BTreeMap<CaseId, Known> {
    let stored = world
        .store
        .read_from(&world.tenant, Position(0), 10_000)
        .await
        .unwrap();
    let mut cases = BTreeMap::<CaseId, Known>::new();
    for recorded in stored.iter().map(|event| event.decode().unwrap()) {
        if let StreamId::Case(case) = recorded.envelope.stream {
            cases.entry(case).or_default().take_in(&recorded);
        }
    }
    cases.retain(|_, known| known.case.erasure == Erasure::None);
    cases
}

impl Known {
    fn take_in(&mut self, recorded: &Recorded) {
        self.case.evolve(recorded, None);
        match &recorded.event {
            Event::MeasureBegun(_) => {
                self.first_measure_at
                    .get_or_insert(recorded.envelope.recorded_at);
            }
            Event::MeasureEnded(facts) => self.effects.push(facts.effect.clone()),
            Event::ConsentWithdrawn(_) => self.withdrawn += 1,
            _ => {}
        }
    }
}

type Waiting = (Option<NaiveDate>, CaseId, &'static str, String);

async fn check_due(world: &World, rule_book: &Arc<RuleBook>, cases: &BTreeMap<CaseId, Known>) {
    let mut expected: Vec<Waiting> = Vec::new();
    for (id, known) in cases {
        let waits = waiting(&known.case, rule_book.profile());
        expected.extend(
            waits
                .into_iter()
                .map(|(on, kind, item)| (on, *id, kind, item)),
        );
    }
    expected.sort();
    let whose = Whose {
        account: account(0),
        units: Vec::new(),
        cases: cases.keys().copied().collect(),
    };
    let books = [Arc::clone(rule_book)];
    let until = NaiveDate::from_ymd_opt(2999, 1, 1).unwrap();
    let mut found = Vec::new();
    let mut after = None;
    loop {
        let page = due::find(
            &world.projector,
            &world.tenant,
            &whose,
            &books,
            until,
            after.as_ref(),
            7,
        );
        let page = page.await.unwrap();
        let is_last = page.len() < 7;
        after = page.last().map(due::DueItem::place);
        found.extend(page);
        if is_last {
            break;
        }
    }
    let found: Vec<Waiting> = found
        .into_iter()
        .map(|item| (item.on, item.case, item.kind.code(), item.item))
        .collect();
    assert_eq!(found, expected, "what is due");
}

/// What waits in a case, by the domain's own state.
fn waiting(case: &Case, profile: &Profile) -> Vec<(Option<NaiveDate>, &'static str, String)> {
    let mut waits = Vec::new();
    for (id, hold) in &case.holds {
        if hold.lifted.is_none() {
            waits.push((None, "hold", id.to_string()));
        }
    }
    if case.closed.is_some() || case.archived.is_some() {
        return waits;
    }
    waits.extend(waiting_consents(case, profile));
    for (id, measure) in &case.plan.measures {
        if measure.ended.is_none() {
            let evaluate = Some(measure.evaluate_on);
            waits.push((evaluate, "measure_evaluation", id.to_string()));
            if measure.begun.is_none() {
                waits.push((measure.begins_on, "measure_begins", id.to_string()));
            }
        }
    }
    for (id, meeting) in &case.plan.meetings {
        if meeting.is_planned() {
            let on = Some(profile.date_of(meeting.at));
            waits.push((on, "meeting", id.to_string()));
        }
    }
    for (id, agreement) in &case.plan.agreements {
        if agreement.due.is_some() && agreement.settled.is_none() {
            waits.push((agreement.due, "agreement_due", id.to_string()));
        }
    }
    for (id, handover) in &case.handovers {
        if handover.ended.is_none() && case.current_party(handover.to).is_some() {
            waits.push((None, "handover_waiting", id.to_string()));
        }
    }
    waits
}

fn waiting_consents(
    case: &Case,
    profile: &Profile,
) -> Vec<(Option<NaiveDate>, &'static str, String)> {
    let mut waits = Vec::new();
    let counts = |consent: &&Consent| consent.stands() && case.current_party(consent.by).is_some();
    for (id, consent) in case.consents.iter().filter(|(_, consent)| counts(consent)) {
        let rule = profile.consent(&consent.kind).unwrap();
        if let Some(through) = consent.valid_through {
            waits.push((Some(through), "consent_expires", id.to_string()));
        }
        if let Some(months) = rule.valid_for_months_recommended {
            let given = profile.date_of(consent.given_at);
            let from = consent.valid_from.map_or(given, |from| from.max(given));
            let renew = from + Months::new(months);
            if consent.valid_through.is_none_or(|through| renew < through) {
                waits.push((Some(renew), "consent_renewal", id.to_string()));
            }
        }
        let newest = case
            .consents
            .values()
            .filter(counts)
            .filter(|other| other.kind == consent.kind && other.by == consent.by)
            .map(|other| other.given)
            .max();
        let changed = case.changes.last().map(|(position, _)| *position);
        if rule.anew_after_change
            && newest == Some(consent.given)
            && changed.is_some_and(|changed| changed > consent.given)
        {
            waits.push((None, "consent_anew", id.to_string()));
        }
    }
    waits
}

async fn check_intervals(world: &World, cases: &BTreeMap<CaseId, Known>) {
    for (id, Known { case, .. }) in cases {
        let found = access_intervals::of_case(&world.projector, &world.tenant, *id);
        let found = found.await.unwrap();
        let last_of = |kind, subject: String| {
            let mut of = found.iter();
            of.rfind(|interval| interval.kind == kind && interval.subject == subject)
                .unwrap_or_else(|| panic!("no interval of {subject} in {id}"))
        };
        for (party, known) in &case.parties {
            let interval = last_of(Kind::Party, party.to_string());
            assert_eq!(interval.role.as_ref(), Some(&known.role));
            assert_eq!(interval.from.0, known.role_since);
            assert_eq!(interval.account, known.staff);
            assert_eq!(interval.unit, known.service);
            let until = interval.until.as_ref().map(|(position, ..)| *position);
            assert_eq!(until, known.removed);
        }
        for (consent, known) in &case.consents {
            let interval = last_of(Kind::Consent, consent.to_string());
            assert_eq!(interval.from.0, known.given);
            let by_event = [known.withdrawn, known.invalidated].into_iter().flatten();
            let renewed = known.renewed;
            let at_once =
                renewed.filter(|(_, from, at)| from.is_none_or(|from| from <= at.date_naive()));
            let until = by_event.chain(at_once.map(|(position, ..)| position)).min();
            assert_eq!(interval.until.as_ref().map(|until| until.0), until);
            let later = renewed.and_then(|(_, from, _)| from.filter(|_| at_once.is_none()));
            let before = later.and_then(|from| from.pred_opt());
            let through = [known.valid_through, before].into_iter().flatten().min();
            assert_eq!(interval.valid_through, through);
        }
        for (emergency, known) in &case.emergencies {
            let interval = last_of(Kind::Emergency, emergency.to_string());
            assert_eq!(interval.account, Some(known.account));
            assert_eq!(interval.expires_at, Some(known.until));
            let until = interval.until.as_ref().map(|(position, ..)| *position);
            assert_eq!(until, known.mended);
        }
        let opened = case.opened.as_ref().unwrap();
        let interval = last_of(Kind::Unit, id.to_string());
        assert_eq!(interval.unit, Some(opened.unit));
        assert_eq!(interval.from.0, opened.unit_since);
        // One interval for each role that a party had, and no two at a time.
        for party in case.parties.keys() {
            let of = found
                .iter()
                .filter(|interval| interval.kind == Kind::Party && interval.party == Some(*party));
            let open = of.filter(|interval| interval.until.is_none()).count();
            assert!(open <= 1, "{party} takes part twice in {id}");
        }
    }
}

async fn check_numbers(world: &World, profile: &Profile, cases: &BTreeMap<CaseId, Known>) {
    let units: BTreeSet<_> = (0..3).map(unit).collect();
    for asked in units.into_iter().map(Some).chain([None]) {
        let zone = profile.time_zone.name();
        let counted = numbers::of(&world.projector, &world.tenant, &profile.id, asked, zone);
        let counted = counted.await.unwrap();
        let of_unit: Vec<&Known> = cases
            .values()
            .filter(|known| {
                let unit = known.case.opened.as_ref().unwrap().unit;
                asked.is_none_or(|asked| asked == unit)
            })
            .collect();
        let count = |codes: Vec<Code>| -> Vec<(Code, u64)> {
            let mut counts = BTreeMap::<Code, u64>::new();
            for code in codes {
                *counts.entry(code).or_default() += 1;
            }
            counts.into_iter().collect()
        };
        let statuses = of_unit.iter();
        let statuses = statuses.map(|known| known.case.status.as_ref().unwrap().code.clone());
        assert_eq!(counted.by_status, count(statuses.collect()));
        let effects = of_unit.iter().flat_map(|known| known.effects.clone());
        assert_eq!(counted.ended_by_effect, count(effects.collect()));
        let withdrawn: u64 = of_unit.iter().map(|known| known.withdrawn).sum();
        assert_eq!(counted.consents_withdrawn, withdrawn);
        let opened: u64 = counted.opened_by_month.iter().map(|(_, n)| n).sum();
        assert_eq!(opened, of_unit.len() as u64);
        let mut waited: Vec<TimeDelta> = of_unit
            .iter()
            .filter_map(|known| {
                let opened = known.case.opened.as_ref().unwrap();
                Some(known.first_measure_at? - opened.at)
            })
            .collect();
        waited.sort();
        assert_eq!(counted.with_a_measure, waited.len() as u64);
        // The first of those in order that at least this share of them does not exceed.
        let share = |share_percent: usize| -> Option<i64> {
            let nth = (waited.len() * share_percent).div_ceil(100).max(1) - 1;
            waited.get(nth).map(TimeDelta::num_seconds)
        };
        let seconds = |time: Option<TimeDelta>| time.map(|time| time.num_seconds());
        assert_eq!(seconds(counted.first_measure_median), share(50));
        assert_eq!(seconds(counted.first_measure_p90), share(90));
    }
}
