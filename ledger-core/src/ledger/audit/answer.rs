//! Every answer is an event first: who asked what, as of when. Then the events are read, up to that one and no further.

use chrono::TimeDelta;
use futures::future;
use serde::{Deserialize, Serialize};
use ulid::Ulid;

use super::{
    super::{
        AsOf, Caller, Ledger, LedgerError, Occasion, Refusal,
        execute::{ATTEMPTS_MAX, Proposal},
        noting::GivenOut,
        situation,
        states::Freshness,
    },
    history::History,
};
use crate::{
    access::Action,
    case::Case,
    clock::{Span, Timestamp},
    command::Decided,
    directory::Organisations,
    event::{Actor, Basis},
    events::{AuditAnswered, Event},
    ids::{AccountId, CaseId, Digest, Position, ProfileId, StreamId, TenantId},
    log,
    standing::Asked,
    store::Appended,
};

/// The part of the ledger that an answer was computed over: all of it, up to the event that the answer left.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ComputedAt {
    /// How many events.
    pub size: u64,
    /// The root of their Merkle tree (RFC 6962 §2.1); a signed head of this size or larger proves it.
    pub root: Digest,
}

/// The event that an answer left, and the ledger that it was computed over.
#[derive(Debug, Clone)]
pub struct Answered {
    /// The event.
    pub event: Appended,
    /// The ledger up to it.
    pub over: ComputedAt,
}

impl Answered {
    /// The last event that the answer may know of.
    pub(super) fn through(&self) -> Position {
        self.event.first
    }
}

/// What is asked, as its event will say.
#[derive(Debug, Clone, Copy)]
pub(super) struct Question {
    pub(super) action: Action,
    pub(super) as_of: AsOf,
    pub(super) period: Span,
    /// The person that it is about.
    pub(super) about: Option<AccountId>,
}

impl Question {
    pub(super) fn of(action: Action) -> Self {
        Self {
            action,
            as_of: AsOf::Now,
            period: Span::ALWAYS,
            about: None,
        }
    }

    pub(super) fn facts(self) -> AuditAnswered {
        let question = self.action.code().trim_start_matches("audit_");
        let (at_position, at_time) = match self.as_of {
            AsOf::Now => (None, None),
            AsOf::Position(position) => (Some(position), None),
            AsOf::Time(at) => (None, Some(at)),
        };
        AuditAnswered {
            question: question.parse().expect("an action's code is a code"),
            at_position,
            at_time,
            from: self.period.from,
            until: self.period.until,
            about: self.about,
        }
    }
}

impl GivenOut for Question {
    fn action(&self, _: &Case) -> Action {
        self.action
    }

    fn facts(&self, _: &Case, _: Position) -> Event {
        Question::facts(*self).into()
    }

    fn has_cut(&self) -> bool {
        false
    }
}

/// That a question about more than one case may be asked, and what its events will say.
pub(super) struct Permitted {
    actor: Actor,
    basis: Basis,
    expected: Vec<(StreamId, u64)>,
    holds: Span,
}

impl Ledger {
    /// Decides whether a question about one case may be asked, and appends the event that says that it was.
    ///
    /// # Errors
    /// [`LedgerError::NotFound`] or [`LedgerError::Refused`] for whoever may not ask, and
    /// [`LedgerError::Rejected`] about a future that nobody knows.
    pub(super) async fn answer(
        &self,
        caller: &Caller,
        case_id: CaseId,
        question: Question,
        occasion: &Occasion,
    ) -> Result<Answered, LedgerError> {
        self.check_reached(&caller.tenant, question.as_of).await?;
        let (_, event) = self
            .note_or_refuse(caller, case_id, &question, occasion)
            .await?;
        self.computed(&caller.tenant, event).await
    }

    /// The same, for an answer that rests on all that ever bore on who may see the case.
    ///
    /// # Errors
    /// As [`Ledger::answer`].
    pub(super) async fn answer_from_history(
        &self,
        caller: &Caller,
        case_id: CaseId,
        question: Question,
        occasion: &Occasion,
    ) -> Result<(Answered, History), LedgerError> {
        let tenant = &caller.tenant;
        self.check_reached(tenant, question.as_of).await?;
        let (situation, event) = self
            .note_or_refuse(caller, case_id, &question, occasion)
            .await?;
        let through = event.first;
        let computed = self.computed(tenant, event);
        future::try_join(computed, self.history(&situation, through)).await
    }

    /// Decides whether a question about many cases of a system may be asked, and appends the event that says that it was
    /// to the questions of whoever asks.
    ///
    /// # Errors
    /// [`LedgerError::Refused`] by the rules, [`LedgerError::NoProfile`] where there are none.
    pub(super) async fn answer_over_cases(
        &self,
        caller: &Caller,
        profile: &ProfileId,
        question: Question,
        occasion: &Occasion,
    ) -> Result<(Answered, Permitted), LedgerError> {
        let tenant = &caller.tenant;
        let mut now = self.now();
        let mut freshness = Freshness::FromMemory;
        for _ in 0..ATTEMPTS_MAX {
            let permitted = match self
                .permitted_over_cases(caller, profile, question.action, now, freshness)
                .await
            {
                // Nobody is told no from memory.
                Err(LedgerError::Refused(_)) if freshness.read_again() => continue,
                Err(LedgerError::Refused(refusal)) => {
                    self.parts.observer.refused(question.action);
                    return Err(LedgerError::Refused(refusal));
                }
                permitted => permitted?,
            };
            let decided = [Decided::bare(
                StreamId::Questions(caller.account),
                question.facts(),
            )];
            match self
                .append(caller, None, occasion, permitted.proposal(&decided))
                .await
            {
                Ok((event, _)) => return Ok((self.computed(tenant, event).await?, permitted)),
                Err(error) => now = self.again(error, &mut freshness)?,
            }
        }
        Err(LedgerError::TooBusy)
    }

    async fn permitted_over_cases(
        &self,
        caller: &Caller,
        profile: &ProfileId,
        action: Action,
        now: Timestamp,
        freshness: Freshness,
    ) -> Result<Permitted, LedgerError> {
        let tenant = &caller.tenant;
        let adopted = self.profile(tenant, profile, freshness).await?;
        let current = adopted.state.current.as_ref();
        let (_, rule_book) = current.ok_or_else(|| LedgerError::NoProfile(profile.clone()))?;
        let account = self.account(tenant, caller.account, freshness).await?;
        let decision = situation::decide(
            rule_book,
            caller,
            &account.state,
            // A question about no single case has an empty one, and an id that nothing looks at.
            CaseId::from_ulid(Ulid::nil()),
            &Case::default(),
            &Organisations::default(),
            action,
            &Asked::default(),
            now,
        );
        if !decision.is_allowed() {
            let refusal = Refusal::of(action, decision);
            return Err(LedgerError::Refused(Box::new(refusal)));
        }
        let in_the_tenant = |unit: &Option<_>| unit.is_none();
        let mut held = account.state.roles_in(profile, now);
        Ok(Permitted {
            actor: Actor::Staff {
                account: caller.account,
                role: held
                    .find(|held| in_the_tenant(&held.unit))
                    .map(|held| held.role.clone()),
                organisation: account.state.organisation,
                on_behalf_of: None,
                issuer: caller.issuer.clone(),
                assurance: caller.assurance,
            },
            basis: situation::basis(rule_book.profile(), &[&decision]),
            expected: vec![
                (StreamId::Account(caller.account), account.version),
                (StreamId::Profile(profile.clone()), adopted.version),
            ],
            holds: decision.holds,
        })
    }

    /// Notes in each of these cases that an answer about many shows something of it. Nothing of them may be shown before.
    ///
    /// # Errors
    /// Where the right to ask has ended meanwhile: ask again.
    pub(super) async fn note_in_cases(
        &self,
        caller: &Caller,
        permitted: &Permitted,
        cases: impl IntoIterator<Item = CaseId>,
        question: Question,
        occasion: &Occasion,
    ) -> Result<(), LedgerError> {
        let noted = cases.into_iter().map(async |case| {
            let decided = [Decided::bare(StreamId::Views(case), question.facts())];
            let proposal = permitted.proposal(&decided);
            self.append(caller, Some(case), occasion, proposal).await
        });
        // All at once, so that the store takes them in one batch.
        future::try_join_all(noted).await?;
        Ok(())
    }

    /// The root of the ledger up to and with an event.
    pub(super) async fn computed(
        &self,
        tenant: &TenantId,
        event: Appended,
    ) -> Result<Answered, LedgerError> {
        let size = event.first.0 + event.versions.len() as u64;
        let tip = self.parts.store.tip(tenant).await?;
        let root = if tip.frontier.size() == size {
            tip.frontier.root()
        } else {
            let plan = log::root_plan(size);
            log::root_at(size, &self.hashes(tenant, &plan).await?)?
        };
        Ok(Answered {
            event,
            over: ComputedAt { size, root },
        })
    }

    /// The first position that was recorded at a moment or after it: the size of the ledger, where none was. Found by
    /// halving, since recorded times never run backwards.
    pub(super) async fn position_at(
        &self,
        tenant: &TenantId,
        at: Timestamp,
    ) -> Result<Position, LedgerError> {
        let tip = self.parts.store.tip(tenant).await?;
        let (mut from, mut until) = (0, tip.frontier.size());
        if tip.recorded_at < at {
            return Ok(Position(until));
        }
        while from < until {
            let middle = Position(from + (until - from) / 2);
            let found = self.decoded_at(tenant, &[middle]).await?.pop();
            let found = found.ok_or(LedgerError::NotFound)?;
            if found.envelope.recorded_at < at {
                from = middle.0 + 1;
            } else {
                until = middle.0;
            }
        }
        Ok(Position(from))
    }
}

impl Permitted {
    fn proposal<'a>(&self, decided: &'a [Decided]) -> Proposal<'a> {
        Proposal {
            actor: self.actor.clone(),
            basis: Some(self.basis.clone()),
            expected: self.expected.clone(),
            holds: self.holds,
            decided,
            idempotency: None,
        }
    }
}

/// How long something lasted, in milliseconds; never less than none.
pub(super) fn milliseconds(lasted: TimeDelta) -> i64 {
    lasted.num_milliseconds().max(0)
}
