//! Unusual reading: many cases in a short time, cases in which one takes no part, cases to which one has long not
//! contributed. The thresholds stand in the rule book, and each finding says what was counted.

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    sync::Arc,
};

use chrono::TimeDelta;
use serde::Serialize;

use super::{Answered, Seen, answer::Question, history::NamesOfPeople, in_order, saw::showed};
use crate::{
    access::Action,
    case::Case,
    clock::{Span, Timestamp},
    events::Event,
    ids::{AccountId, CaseId, Position, ProfileId, StreamId, TenantId},
    ledger::{Caller, Ledger, LedgerError, Occasion, states::Freshness},
    profile::UnusualReading,
    store::Recorded,
};

/// The most views of one person that are looked through; the newest.
const VIEWS_MAX: usize = 10_000;
/// How many people are asked about at a time, unless asked otherwise, and at most.
const PEOPLE_MAX: usize = 100;
/// The most views that one finding shows.
const SHOWN_MAX: usize = 100;

/// Which rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum UnusualRule {
    /// Many cases in a short time.
    Burst,
    /// A case in which they took no part.
    OutsideOwnCases,
    /// A case to which they had long not contributed.
    LongAfterContribution,
}

/// One thing to ask about.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Unusual {
    /// By which rule.
    pub rule: UnusualRule,
    /// Who.
    pub account: AccountId,
    /// The name, where it can still be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Which case; none for a burst, which is about several.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub case: Option<CaseId>,
    /// What was counted: cases of a burst, views of a case, days since the last contribution.
    pub counted: u64,
    /// From how many on the rule speaks; 1 where it has no threshold.
    pub threshold: u64,
    /// The event of their last contribution, where the rule looks at it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_contribution: Option<Position>,
    /// The views; of very many, the newest.
    pub views: Vec<Seen>,
}

/// What of the reading of some people was unusual.
pub struct UnusualFound {
    /// The rules that were looked for; none where the system has none.
    pub rules: Option<UnusualReading>,
    /// Person by person.
    pub found: Vec<Unusual>,
    /// People of whom only the newest views were looked through.
    pub cut: Vec<AccountId>,
    /// Where to go on, if there may be more people.
    pub more: Option<AccountId>,
    /// The event that this answer left, beside one in each case of which it tells.
    pub answer: Answered,
}

/// Whose reading is asked about, and when.
#[derive(Debug, Clone, Copy, Default)]
pub struct UnusualFilter {
    /// When.
    pub period: Span,
    /// Whose; none for everybody who has ever had a role in the system.
    pub account: Option<AccountId>,
    /// Only people whose ids stand after this one: [`UnusualFound::more`] of the answer before.
    pub after: Option<AccountId>,
    /// How many people at most.
    pub limit: Option<usize>,
}

impl UnusualFound {
    /// The events that the answer rests on.
    pub fn cited(&self) -> Vec<Position> {
        in_order(self.found.iter().flat_map(|unusual| {
            let views = unusual.views.iter().map(|seen| seen.position);
            views.chain(unusual.last_contribution)
        }))
    }
}

/// A view of a case.
struct View<'a> {
    case: CaseId,
    at: Timestamp,
    recorded: &'a Recorded,
}

impl Ledger {
    /// What of somebody's reading, or of everybody's, was unusual by the rules of the system.
    ///
    /// # Errors
    /// [`LedgerError::Refused`] for whoever may not ask, [`LedgerError::NoProfile`] for a system without rules.
    pub async fn unusual(
        &self,
        caller: &Caller,
        profile: &ProfileId,
        filter: UnusualFilter,
        occasion: &Occasion,
    ) -> Result<UnusualFound, LedgerError> {
        let tenant = &caller.tenant;
        let question = Question {
            period: filter.period,
            about: filter.account,
            ..Question::of(Action::AuditUnusual)
        };
        let (answer, permitted) = self
            .answer_over_cases(caller, profile, question, occasion)
            .await?;
        let rule_book = self.rule_book(tenant, profile).await?;
        let rules = rule_book.and_then(|book| book.profile().unusual_reading.clone());
        let mut found = UnusualFound {
            rules,
            found: Vec::new(),
            cut: Vec::new(),
            more: None,
            answer,
        };
        let Some(rules) = found.rules.clone() else {
            return Ok(found);
        };
        let end = match filter.period.until {
            Some(until) => self.position_at(tenant, until).await?,
            None => found.answer.through(),
        };
        let (people, more) = self.people_of(tenant, profile, filter).await?;
        found.more = more;
        let names = self.account_names(tenant, &people).await?;
        let names = NamesOfPeople {
            accounts: names,
            ..NamesOfPeople::default()
        };
        for account in people {
            let of_system = |recorded: &Recorded| {
                let basis = recorded.envelope.basis.as_ref();
                matches!(recorded.envelope.stream, StreamId::Views(_))
                    && showed(&recorded.event)
                    && basis.is_some_and(|basis| basis.profile == *profile)
            };
            let mut acts = self
                .acts_before(tenant, account, end, filter.period, VIEWS_MAX, of_system)
                .await?;
            if acts.len() > VIEWS_MAX {
                acts.truncate(VIEWS_MAX);
                found.cut.push(account);
            }
            acts.reverse();
            found.found.extend(
                self.unusual_of(tenant, account, &acts, &rules, &names)
                    .await?,
            );
        }
        let cases: BTreeSet<CaseId> = found
            .found
            .iter()
            .flat_map(|unusual| unusual.views.iter().map(|seen| seen.case))
            .collect();
        self.note_in_cases(caller, &permitted, cases, question, occasion)
            .await?;
        Ok(found)
    }

    /// The people that are asked about, and where to go on.
    async fn people_of(
        &self,
        tenant: &TenantId,
        profile: &ProfileId,
        filter: UnusualFilter,
    ) -> Result<(BTreeSet<AccountId>, Option<AccountId>), LedgerError> {
        if let Some(account) = filter.account {
            return Ok((BTreeSet::from([account]), None));
        }
        let roster = self.roster(tenant).await?;
        let works = |events: &Vec<Arc<Recorded>>| {
            events.iter().any(|event| match &event.event {
                Event::RoleAssigned(facts) => {
                    let counts = facts.profile.as_ref();
                    counts.is_none_or(|own| own == profile)
                }
                // Who works somewhere may take part in a case without any role outside of it.
                Event::AccountActivated(facts) => facts.organisation.is_some(),
                _ => false,
            })
        };
        let limit = filter.limit.unwrap_or(PEOPLE_MAX).clamp(1, PEOPLE_MAX);
        let mut people: Vec<AccountId> = roster
            .accounts
            .iter()
            .filter(|(id, events)| filter.after.is_none_or(|after| **id > after) && works(events))
            .map(|(id, _)| *id)
            .take(limit + 1)
            .collect();
        let more = (people.len() > limit).then(|| people[limit - 1]);
        people.truncate(limit);
        Ok((people.into_iter().collect(), more))
    }

    async fn unusual_of(
        &self,
        tenant: &TenantId,
        account: AccountId,
        acts: &[Recorded],
        rules: &UnusualReading,
        names: &NamesOfPeople,
    ) -> Result<Vec<Unusual>, LedgerError> {
        let views: Vec<View<'_>> = acts
            .iter()
            .filter_map(|recorded| {
                Some(View {
                    case: recorded.envelope.case?,
                    at: recorded.envelope.recorded_at,
                    recorded,
                })
            })
            .collect();
        let finding = |rule, case, counted, threshold, last, views: &[&View<'_>]| Unusual {
            rule,
            account,
            name: names.accounts.get(&account).cloned(),
            case,
            counted,
            threshold,
            last_contribution: last,
            views: views[views.len().saturating_sub(SHOWN_MAX)..]
                .iter()
                .map(|view| names.one(view.recorded.clone(), view.case))
                .collect(),
        };
        let mut found = Vec::new();
        if let Some(burst) = rules.burst {
            let within = TimeDelta::minutes(i64::from(burst.minutes));
            for (cases, views) in bursts(&views, burst.cases as usize, within) {
                let (counted, threshold) = (cases as u64, u64::from(burst.cases));
                found.push(finding(
                    UnusualRule::Burst,
                    None,
                    counted,
                    threshold,
                    None,
                    &views,
                ));
            }
        }
        let mut by_case: BTreeMap<CaseId, Vec<&View<'_>>> = BTreeMap::new();
        for view in &views {
            by_case.entry(view.case).or_default().push(view);
        }
        for (case_id, views) in by_case {
            let case = self.case(tenant, case_id, Freshness::FromMemory).await?;
            if rules.outside_own_cases {
                let outside: Vec<&View<'_>> = views
                    .iter()
                    .filter(|view| !took_part(&case.state, account, view.recorded.position))
                    .copied()
                    .collect();
                if !outside.is_empty() {
                    let rule = UnusualRule::OutsideOwnCases;
                    let counted = outside.len() as u64;
                    found.push(finding(rule, Some(case_id), counted, 1, None, &outside));
                }
            }
            let Some(days) = rules.days_after_contribution else {
                continue;
            };
            let mut late: Vec<&View<'_>> = Vec::new();
            let (mut longest, mut last) = (0, None);
            for view in views {
                let before = case.events.iter().rev().find(|event| {
                    event.position < view.recorded.position
                        && event.envelope.actor.account() == Some(account)
                });
                let Some(before) = before else { continue };
                let since = (view.at - before.envelope.recorded_at).num_days();
                if since >= i64::from(days) {
                    late.push(view);
                    longest = longest.max(since.unsigned_abs());
                    last = Some(before.position);
                }
            }
            if !late.is_empty() {
                let rule = UnusualRule::LongAfterContribution;
                let threshold = u64::from(days);
                found.push(finding(
                    rule,
                    Some(case_id),
                    longest,
                    threshold,
                    last,
                    &late,
                ));
            }
        }
        Ok(found)
    }
}

/// Whether they took part in the case at a position.
fn took_part(case: &Case, account: AccountId, at: Position) -> bool {
    let mut parties = case.parties.values();
    parties.any(|party| {
        party.account() == Some(account)
            && party.added <= at
            && party.removed.is_none_or(|removed| removed > at)
    })
}

/// Stretches of views in which so many different cases were read within so short a time. Stretches that overlap are one.
fn bursts<'v, 'a>(
    views: &'v [View<'a>],
    cases: usize,
    within: TimeDelta,
) -> Vec<(usize, Vec<&'v View<'a>>)> {
    let mut window: VecDeque<usize> = VecDeque::new();
    let mut stretches: Vec<(usize, usize)> = Vec::new();
    for (index, view) in views.iter().enumerate() {
        window.push_back(index);
        while let Some(first) = window.front().copied()
            && view.at - views[first].at > within
        {
            window.pop_front();
        }
        let distinct: BTreeSet<CaseId> = window.iter().map(|index| views[*index].case).collect();
        if distinct.len() < cases {
            continue;
        }
        let first = window.front().copied().unwrap_or(index);
        match stretches.last_mut() {
            Some((_, last)) if first <= *last => *last = index,
            _ => stretches.push((first, index)),
        }
    }
    let stretches = stretches.into_iter();
    stretches
        .map(|(first, last)| {
            let views: Vec<&View<'_>> = views[first..=last].iter().collect();
            let distinct: BTreeSet<CaseId> = views.iter().map(|view| view.case).collect();
            (distinct.len(), views)
        })
        .collect()
}
