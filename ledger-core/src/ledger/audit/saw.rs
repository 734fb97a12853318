//! Who saw a case, and when. And what one person saw, in all cases.

use std::collections::{BTreeMap, BTreeSet};

use futures::future;

use super::{
    Answered, Seen,
    answer::Question,
    history::{History, NamesOfPeople},
    in_order,
};
use crate::{
    access::Action,
    case::Case,
    clock::Span,
    command::LookupValue,
    event::Actor,
    events::{AccountActivatedContent, Event},
    ids::{AccountId, CaseId, Code, DocumentId, PartyId, Position, ProfileId, StreamId, TenantId},
    ledger::{AsOf, Caller, Ledger, LedgerError, Occasion},
    profile::{Part, Profile},
    store::Recorded,
};

/// The most that is answered at a time.
const PAGE_MAX: usize = 1_000;
/// How many of a person's events are read at a time.
pub(super) const ACTS: usize = 500;

/// Somebody who may have looked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Watcher {
    /// A member of staff.
    Account(AccountId),
    /// Somebody as whom they take part in the case that is asked about.
    Party(PartyId),
}

/// Which views are asked for; nothing of it for all.
#[derive(Debug, Clone, Default)]
pub struct SawFilter {
    /// When.
    pub period: Span,
    /// Whose.
    pub who: Option<Watcher>,
    /// Only what showed this section.
    pub section: Option<Code>,
    /// Only what gave out this document.
    pub document: Option<DocumentId>,
    /// Only what stands after this version of the case's views: [`Saw::more`] of the answer before.
    pub after: u64,
    /// How many at most; none for as many as are answered at a time.
    pub limit: Option<usize>,
}

/// Who saw a case and when.
pub struct Saw {
    /// In the order in which it happened.
    pub views: Vec<Seen>,
    /// Where to go on, if there may be more.
    pub more: Option<u64>,
    /// The event that this answer left.
    pub answer: Answered,
}

/// What one person saw.
pub struct SawOf {
    /// Whose.
    pub account: AccountId,
    /// The newest first.
    pub views: Vec<Seen>,
    /// Where to go on, if there may be more: what stands before this position.
    pub more: Option<Position>,
    /// The event that this answer left, beside one in each case.
    pub answer: Answered,
}

impl Saw {
    /// The events that the answer rests on.
    pub fn cited(&self) -> Vec<Position> {
        in_order(self.views.iter().map(|seen| seen.position))
    }
}

impl SawOf {
    /// The events that the answer rests on.
    pub fn cited(&self) -> Vec<Position> {
        in_order(self.views.iter().map(|seen| seen.position))
    }
}

impl Ledger {
    /// Who saw the case, and when.
    ///
    /// # Errors
    /// [`LedgerError::NotFound`] or [`LedgerError::Refused`] for whoever may not ask.
    pub async fn saw(
        &self,
        caller: &Caller,
        case_id: CaseId,
        as_of: AsOf,
        filter: &SawFilter,
        occasion: &Occasion,
    ) -> Result<Saw, LedgerError> {
        let question = Question {
            as_of,
            period: filter.period,
            about: match filter.who {
                Some(Watcher::Account(account)) => Some(account),
                _ => None,
            },
            ..Question::of(Action::AuditSaw)
        };
        let tenant = &caller.tenant;
        let (answer, history) = self
            .answer_from_history(caller, case_id, question, occasion)
            .await?;
        self.saw_after(tenant, &history, as_of, filter, answer)
            .await
    }

    /// The same, once the question is noted.
    pub(super) async fn saw_after(
        &self,
        tenant: &TenantId,
        history: &History,
        as_of: AsOf,
        filter: &SawFilter,
        answer: Answered,
    ) -> Result<Saw, LedgerError> {
        let scene = history.scene_as_of(AsOf::Now);
        let profile = scene.rule_book.as_deref();
        let profile = profile
            .ok_or_else(|| LedgerError::NoProfile(history.profile.clone()))?
            .profile();
        let limit = filter.limit.unwrap_or(PAGE_MAX).clamp(1, PAGE_MAX);
        let (mut found, mut more) = (Vec::new(), None);
        let stream = StreamId::Views(history.case_id);
        let mut after = filter.after;
        'pages: loop {
            let store = &self.parts.store;
            let page = store.read_stream(tenant, &stream, after, PAGE_MAX).await?;
            let is_last = page.len() < PAGE_MAX;
            for stored in page {
                let recorded = stored.decode()?;
                after = recorded.envelope.version;
                if !as_of.includes(&recorded) || recorded.position > answer.through() {
                    break 'pages;
                }
                if !filter.takes(&recorded, &scene.case, profile) {
                    continue;
                }
                if found.len() == limit {
                    more = found.last().map(|last: &Recorded| last.envelope.version);
                    break 'pages;
                }
                found.push(recorded);
            }
            if is_last {
                break;
            }
        }
        let names = self.names_of(tenant, history, &found).await?;
        Ok(Saw {
            views: names.seen(found, history.case_id),
            more,
            answer,
        })
    }

    /// The names of those who did something.
    pub(super) async fn names_of(
        &self,
        tenant: &TenantId,
        history: &History,
        events: &[Recorded],
    ) -> Result<NamesOfPeople, LedgerError> {
        let (mut accounts, mut parties) = (BTreeSet::new(), BTreeSet::new());
        for event in events {
            match &event.envelope.actor {
                Actor::Staff { account, .. } => drop(accounts.insert(*account)),
                Actor::Party { party, .. } => drop(parties.insert(*party)),
                Actor::Operator => {}
            }
        }
        self.names_or_accounts(tenant, history, accounts, &parties)
            .await
    }

    /// The names of accounts and parties, also of accounts that have nothing to do with the case.
    pub(super) async fn names_or_accounts(
        &self,
        tenant: &TenantId,
        history: &History,
        mut accounts: BTreeSet<AccountId>,
        parties: &BTreeSet<PartyId>,
    ) -> Result<NamesOfPeople, LedgerError> {
        let mut names = self.names(tenant, history, &accounts, parties).await?;
        // Somebody who looked without ever having had a role around the case, such as one who was refused.
        accounts.retain(|id| !names.accounts.contains_key(id));
        if !accounts.is_empty() {
            names
                .accounts
                .extend(self.account_names(tenant, &accounts).await?);
        }
        Ok(names)
    }

    /// The names of accounts, as far as they can still be read.
    pub(super) async fn account_names(
        &self,
        tenant: &TenantId,
        accounts: &BTreeSet<AccountId>,
    ) -> Result<BTreeMap<AccountId, String>, LedgerError> {
        let roster = self.roster(tenant).await?;
        let events: Vec<(AccountId, &Recorded)> = accounts
            .iter()
            .filter_map(|id| {
                let mut events = roster.accounts.get(id)?.iter().rev();
                let activated =
                    events.find(|event| matches!(event.event, Event::AccountActivated(_)))?;
                Some((*id, activated.as_ref()))
            })
            .collect();
        let opened: Vec<&Recorded> = events.iter().map(|(_, event)| *event).collect();
        let contents = self.open_contents(tenant, &opened).await?;
        Ok(events
            .into_iter()
            .filter_map(|(id, event)| {
                let content = contents.read::<AccountActivatedContent>(event.position)?;
                Some((id, content.name))
            })
            .collect())
    }

    /// What one person saw in all cases of a system, the newest first. Each case of which something is told notes it.
    ///
    /// `before` is [`SawOf::more`] of the answer before.
    ///
    /// # Errors
    /// [`LedgerError::Refused`] for whoever may not ask, [`LedgerError::NoProfile`] for a system without rules.
    #[expect(
        clippy::too_many_arguments,
        reason = "a question, where to go on, and who asks"
    )]
    pub async fn saw_by(
        &self,
        caller: &Caller,
        profile: &ProfileId,
        account: AccountId,
        period: Span,
        before: Option<Position>,
        limit: Option<usize>,
        occasion: &Occasion,
    ) -> Result<SawOf, LedgerError> {
        let tenant = &caller.tenant;
        let question = Question {
            period,
            about: Some(account),
            ..Question::of(Action::AuditPerson)
        };
        let (answer, permitted) = self
            .answer_over_cases(caller, profile, question, occasion)
            .await?;
        let limit = limit.unwrap_or(PAGE_MAX).clamp(1, PAGE_MAX);
        let mut end = before.unwrap_or(Position(answer.through().0 + 1));
        if let Some(until) = period.until {
            end = end.min(self.position_at(tenant, until).await?);
        }
        let of_system = |recorded: &Recorded| {
            let basis = recorded.envelope.basis.as_ref();
            matches!(recorded.envelope.stream, StreamId::Views(_))
                && basis.is_some_and(|basis| basis.profile == *profile)
        };
        let family = LookupValue::FamilyAccount(account);
        let (mut found, cases) = future::try_join(
            self.acts_before(tenant, account, end, period, limit, of_system),
            self.cases_by(tenant, &family),
        )
        .await?;
        for (case, party) in cases {
            let views = self.read_after(tenant, &StreamId::Views(case), 0).await?;
            found.extend(views.into_iter().filter(|recorded| {
                let actor = &recorded.envelope.actor;
                matches!(actor, Actor::Party { party: own, .. } if *own == party)
                    && recorded.position < end
                    && period.contains(recorded.envelope.recorded_at)
                    && of_system(recorded)
            }));
        }
        found.sort_unstable_by_key(|recorded| std::cmp::Reverse(recorded.position));
        let more = (found.len() > limit).then(|| found[limit - 1].position);
        found.truncate(limit);
        let cases: BTreeSet<CaseId> = found
            .iter()
            .filter_map(|recorded| recorded.envelope.case)
            .collect();
        self.note_in_cases(caller, &permitted, cases, question, occasion)
            .await?;
        let names = NamesOfPeople {
            accounts: self
                .account_names(tenant, &BTreeSet::from([account]))
                .await?,
            ..NamesOfPeople::default()
        };
        let views = found.into_iter().filter_map(|recorded| {
            let case = recorded.envelope.case?;
            let mut seen = names.one(recorded, case);
            // A member of the family is asked about by account, and named by it.
            seen.name = names.accounts.get(&account).cloned();
            Some(seen)
        });
        Ok(SawOf {
            account,
            views: views.collect(),
            more,
            answer,
        })
    }

    /// What a member of staff did before a position, the newest first, until one more than `limit` is found.
    pub(super) async fn acts_before(
        &self,
        tenant: &TenantId,
        account: AccountId,
        end: Position,
        period: Span,
        limit: usize,
        counts: impl Fn(&Recorded) -> bool,
    ) -> Result<Vec<Recorded>, LedgerError> {
        let store = &self.parts.store;
        let mut found = Vec::new();
        let mut before = Some(end);
        // Not many more than are asked for: their rows lie far apart.
        let mut at_a_time = limit.saturating_mul(2).clamp(1, ACTS);
        while let Some(end) = before {
            let page = store
                .read_account(tenant, account, Some(end), at_a_time)
                .await?;
            before = page
                .last()
                .map(|last| last.position)
                .filter(|_| page.len() == at_a_time);
            at_a_time = ACTS;
            for stored in &page {
                let recorded = stored.decode()?;
                if period
                    .from
                    .is_some_and(|from| recorded.envelope.recorded_at < from)
                {
                    return Ok(found);
                }
                if counts(&recorded) {
                    found.push(recorded);
                }
                if found.len() > limit {
                    return Ok(found);
                }
            }
        }
        Ok(found)
    }

    /// The cases to which an account leads, with the party as which it takes part.
    pub(super) async fn cases_by(
        &self,
        tenant: &TenantId,
        account: &LookupValue,
    ) -> Result<Vec<(CaseId, PartyId)>, LedgerError> {
        let index = self.lookup_index(tenant, account).await?;
        let found = self.parts.store.find(tenant, index).await?;
        Ok(found
            .into_iter()
            .map(|lookup| (lookup.case, lookup.party))
            .collect())
    }
}

impl SawFilter {
    /// Whether it leaves nothing out.
    pub fn asks_for_all(&self) -> bool {
        self.period == Span::ALWAYS
            && self.who.is_none()
            && self.section.is_none()
            && self.document.is_none()
            && self.after == 0
    }

    fn takes(&self, recorded: &Recorded, case: &Case, profile: &Profile) -> bool {
        let actor = &recorded.envelope.actor;
        let by = match self.who {
            None => true,
            Some(Watcher::Account(account)) => actor.account() == Some(account),
            Some(Watcher::Party(id)) => match actor {
                Actor::Party { party, .. } => *party == id,
                Actor::Staff { account, .. } => {
                    let party = case.parties.get(&id);
                    party.is_some_and(|party| party.staff == Some(*account))
                }
                Actor::Operator => false,
            },
        };
        by && self.period.contains(recorded.envelope.recorded_at)
            && self
                .section
                .as_ref()
                .is_none_or(|section| shows_section(&recorded.event, section, case, profile))
            && self
                .document
                .is_none_or(|document| gives_out(&recorded.event, document))
    }
}

/// Whether a view showed anything of a section. A package holds all of them.
pub(super) fn shows_section(event: &Event, section: &Code, case: &Case, profile: &Profile) -> bool {
    match event {
        Event::CaseViewed(facts) => facts.sections.contains(section),
        Event::CasePrinted(facts) => facts.sections.contains(section),
        Event::CaseWatched(facts) => facts.sections.contains(section),
        Event::TimelineViewed(_) => profile.section_of(Part::Timeline) == section,
        Event::CaseListed(_) | Event::CaseFound(_) => profile.section_of(Part::Child) == section,
        Event::DocumentDownloaded(facts) => {
            let document = case.documents.get(&facts.document);
            document.is_some_and(|document| document.section == *section)
        }
        // The address of a guest, for whoever mails the invitation.
        Event::InvitationAddressOpened(_) => profile.section_of(Part::Parties) == section,
        Event::CaseExported(_) => true,
        _ => false,
    }
}

fn gives_out(event: &Event, document: DocumentId) -> bool {
    match event {
        Event::DocumentDownloaded(facts) => facts.document == document,
        Event::CaseExported(_) => true,
        _ => false,
    }
}

/// Whether a view showed something: a refusal did not, and an answer of the audit shows facts alone.
pub(super) fn showed(event: &Event) -> bool {
    !matches!(event, Event::AccessRefused(_) | Event::AuditAnswered(_))
}

impl NamesOfPeople {
    /// Views, each with the name of whoever had it.
    pub(super) fn seen(&self, recorded: Vec<Recorded>, case: CaseId) -> Vec<Seen> {
        let recorded = recorded.into_iter();
        recorded.map(|view| self.one(view, case)).collect()
    }

    /// One view.
    pub(super) fn one(&self, recorded: Recorded, case: CaseId) -> Seen {
        let envelope = recorded.envelope;
        Seen {
            position: recorded.position,
            at: envelope.recorded_at,
            case,
            name: self.of_actor(&envelope.actor).map(str::to_owned),
            what: envelope.event_type,
            facts: serde_json::from_str(envelope.facts.get()).unwrap_or_default(),
            basis: envelope.basis,
            actor: envelope.actor,
        }
    }
}
