//! Commands: load what the decision consults, decide, seal, append on the condition that nothing has moved.

use super::{
    Caller, CaseCommand, Ledger, LedgerError, Occasion, Refusal,
    seal::Common,
    situation::{self, Named, Situation},
    states::{Freshness, OwnEvent},
};
use crate::{
    access::{Action, Decision},
    case::Case,
    clock::{Span, Timestamp},
    command::{Decided, Rejection, RejectionCode, Setting},
    event::{Actor, Basis, complete_envelope},
    ids::{AccountId, CaseId, EventId, OrganisationId, Position, StreamId},
    standing::Asked,
    store::{Append, AppendError, Appended, IdempotencyKey, StoredEvent, UnplacedEvent},
};

/// How often a command or a read is decided anew before the caller is told to come back.
pub(super) const ATTEMPTS_MAX: usize = 40;

/// What a command has brought about.
#[derive(Debug, Clone)]
pub struct Executed {
    /// The case that it was about.
    pub case: Option<CaseId>,
    /// The position of its first event.
    pub first: Position,
    /// How many events it has.
    pub count: u64,
    /// When they were recorded.
    pub recorded_at: Option<Timestamp>,
    /// The version of the stream that it wrote last.
    pub version: Option<u64>,
    /// The ids of the events, in order.
    pub events: Vec<EventId>,
    /// What was decided, for naming the things that were made.
    pub decided: Vec<crate::events::Event>,
    /// Whether the same request was carried out before, and this is where its events stand.
    pub repeated: bool,
}

impl Executed {
    pub(super) fn done(
        case: Option<CaseId>,
        appended: &Appended,
        decided: Vec<Decided>,
        events: Vec<EventId>,
    ) -> Self {
        Self {
            case,
            first: appended.first,
            count: appended.versions.len() as u64,
            recorded_at: Some(appended.recorded_at),
            version: appended.versions.last().copied(),
            events,
            decided: decided.into_iter().map(|decided| decided.event).collect(),
            repeated: false,
        }
    }
}

/// What to append, and how to answer for it.
pub(super) struct Proposal<'a> {
    pub(super) actor: Actor,
    pub(super) basis: Option<Basis>,
    pub(super) expected: Vec<(StreamId, u64)>,
    pub(super) holds: Span,
    pub(super) decided: &'a [Decided],
    pub(super) idempotency: Option<IdempotencyKey>,
}

impl Ledger {
    /// Carries out a command about a case. For [`CaseCommand::Open`], `case_id` is a new id.
    ///
    /// # Errors
    /// [`LedgerError::NotFound`] where the caller may not know of the case, [`LedgerError::Refused`] by the rules,
    /// [`LedgerError::Rejected`] by the state of the case, and what the stores below report.
    pub async fn execute(
        &self,
        caller: &Caller,
        case_id: CaseId,
        command: CaseCommand,
        occasion: &Occasion,
    ) -> Result<Executed, LedgerError> {
        let idempotency = self.idempotency(caller, occasion).await?;
        if let Some(repeated) = self.repeated(caller, idempotency.as_ref()).await? {
            return Ok(repeated);
        }
        let action = command.action();
        let mut now = self.now();
        let mut freshness = Freshness::FromMemory;
        for _ in 0..ATTEMPTS_MAX {
            let situation = self
                .situation(caller, case_id, Some(command.named()), freshness)
                .await?;
            let decision = situation.decide(action, &command.asked(&situation.case.state), now);
            if !decision.is_allowed() {
                // Nobody is told no from memory.
                if freshness.read_again() {
                    continue;
                }
                return Err(self
                    .refuse(&situation, occasion, now, Refusal::of(action, decision))
                    .await);
            }
            let asked = command.asked(&situation.case.state);
            let (case, of_earlier) = situation.case_to_act_on(action, &asked, now);
            let decisions: Vec<&Decision> = of_earlier.iter().chain([&decision]).collect();
            let references = self
                .check_references(caller, &situation, &command, freshness)
                .await;
            let decided = check_version(occasion, &situation)
                .and(references)
                .and_then(|references| {
                    Ok((
                        references,
                        self.decide(caller, &situation, &case, command.clone(), now)?,
                    ))
                });
            let (references, decided) = match decided {
                Ok(decided) => decided,
                Err(LedgerError::Rejected(_) | LedgerError::VersionDiffers { .. })
                    if freshness.read_again() =>
                {
                    continue;
                }
                Err(error) => return Err(error),
            };
            let proposal = Proposal {
                actor: situation.actor_in(asked.unit, now),
                basis: Some(resting_on(situation.basis(&decisions), command.rests_on())),
                expected: situation
                    .expected()
                    .into_iter()
                    .chain(references)
                    .chain(command.made_from())
                    .collect(),
                holds: situation::holds(&decisions),
                decided: &decided,
                idempotency: idempotency.clone(),
            };
            drop(case);
            // So that the state can be taken further in place.
            drop(situation);
            match self.append(caller, Some(case_id), occasion, proposal).await {
                Ok((appended, events)) => {
                    return Ok(Executed::done(Some(case_id), &appended, decided, events));
                }
                Err(LedgerError::Append(AppendError::Repeated { first, count })) => {
                    return self.what_was_done(caller, first, count).await;
                }
                Err(error) => now = self.again(error, &mut freshness)?,
            }
        }
        Err(LedgerError::TooBusy)
    }

    /// Refuses early what the rules would refuse when it is appended. Nothing may rest on the permission that this
    /// gives: it saves work that would be in vain.
    pub(super) async fn permit(
        &self,
        caller: &Caller,
        case_id: CaseId,
        action: Action,
        asked: &Asked<'_>,
        occasion: &Occasion,
    ) -> Result<(), LedgerError> {
        let named = Named {
            receiver: asked.receiver,
            ..Named::default()
        };
        let mut freshness = Freshness::FromMemory;
        loop {
            let now = self.now();
            let refused = match self
                .situation(caller, case_id, Some(named), freshness)
                .await
            {
                Ok(situation) => {
                    let decision = situation.decide(action, asked, now);
                    if decision.is_allowed() {
                        return Ok(());
                    }
                    Ok((situation, Refusal::of(action, decision)))
                }
                Err(LedgerError::NotFound) => Err(LedgerError::NotFound),
                Err(error) => return Err(error),
            };
            // Nobody is told no from memory.
            if freshness.read_again() {
                continue;
            }
            let (situation, refusal) = refused?;
            return Err(self.refuse(&situation, occasion, now, refusal).await);
        }
    }

    fn decide(
        &self,
        caller: &Caller,
        situation: &Situation<'_>,
        case: &Case,
        command: CaseCommand,
        now: Timestamp,
    ) -> Result<Vec<Decided>, LedgerError> {
        let setting = Setting {
            case: situation.case_id,
            profile: situation.profile(),
            now,
            account: caller.account,
            asker: &situation.account.state,
            party: situation.party().map(|(party, _)| party),
            entropy: self.entropy(),
        };
        Ok(command.decide(case, &setting)?)
    }

    /// Accounts and organisations that a command names must be known; their streams are consulted.
    async fn check_references(
        &self,
        caller: &Caller,
        situation: &Situation<'_>,
        command: &CaseCommand,
        freshness: Freshness,
    ) -> Result<Vec<(StreamId, u64)>, LedgerError> {
        let because = |error| match error {
            LedgerError::Rejected(rejection) => LedgerError::Rejected(
                rejection.by_the_rules_of(situation.profile(), command.action()),
            ),
            other => other,
        };
        let (accounts, organisations) = command.refers_to();
        let mut expected = Vec::new();
        for id in accounts {
            let known = self.known_account(caller, id, freshness).await;
            expected.extend(known.map_err(because)?);
        }
        for id in organisations {
            let known = self.known_organisation(caller, id, freshness).await;
            expected.extend(known.map_err(because)?);
        }
        Ok(expected)
    }

    pub(super) async fn known_account(
        &self,
        caller: &Caller,
        id: AccountId,
        freshness: Freshness,
    ) -> Result<Option<(StreamId, u64)>, LedgerError> {
        if id == caller.account {
            // Consulted anyway.
            return Ok(None);
        }
        let account = self.account(&caller.tenant, id, freshness).await?;
        if account.state.activated.is_none() {
            let message = format!("no account {id} is active; activate it first");
            return Err(Rejection::new(RejectionCode::NotFound, message).into());
        }
        Ok(Some((StreamId::Account(id), account.version)))
    }

    pub(super) async fn known_organisation(
        &self,
        caller: &Caller,
        id: OrganisationId,
        freshness: Freshness,
    ) -> Result<Option<(StreamId, u64)>, LedgerError> {
        let organisation = self.organisation(&caller.tenant, id, freshness).await?;
        if organisation.state.registered.is_none() {
            let message = format!("no organisation {id} is registered; register it first");
            return Err(Rejection::new(RejectionCode::NotFound, message).into());
        }
        Ok(Some((StreamId::Organisation(id), organisation.version)))
    }

    /// Seals a proposal and appends it.
    pub(super) async fn append(
        &self,
        caller: &Caller,
        case: Option<CaseId>,
        occasion: &Occasion,
        proposal: Proposal<'_>,
    ) -> Result<(Appended, Vec<EventId>), LedgerError> {
        let common = Common {
            tenant: &caller.tenant,
            actor: &proposal.actor,
            case,
            basis: proposal.basis.as_ref(),
            occasion,
        };
        let (events, lookups) = self.seal(&common, proposal.decided).await?;
        let ids = events.iter().map(|event| event.event_id).collect();
        let own = case.and_then(|case| OwnAppend::of(case, &proposal, &events));
        let request = Append {
            expected: proposal.expected,
            holds: proposal.holds,
            events,
            idempotency: proposal.idempotency,
            lookups,
        };
        let appended = self.parts.store.append(&caller.tenant, request).await?;
        if let Some(own) = own {
            self.take_own(&caller.tenant, own.case, own.before, own.events(&appended));
        }
        Ok((appended, ids))
    }

    /// After an append that lost a race: the moment as of which to decide again.
    pub(super) fn again(
        &self,
        error: LedgerError,
        freshness: &mut Freshness,
    ) -> Result<Timestamp, LedgerError> {
        *freshness = Freshness::ReadAgain;
        self.parts.observer.decided_again();
        match error {
            LedgerError::Append(AppendError::Conflict { .. }) => Ok(self.now()),
            // The database's time is the one that counts.
            LedgerError::Append(AppendError::NoLongerHolds { at }) => Ok(at),
            error => Err(error),
        }
    }

    pub(super) async fn repeated(
        &self,
        caller: &Caller,
        key: Option<&IdempotencyKey>,
    ) -> Result<Option<Executed>, LedgerError> {
        let Some(key) = key else { return Ok(None) };
        match self.parts.store.repeated(&caller.tenant, key).await? {
            None => Ok(None),
            Some(AppendError::Repeated { first, count }) => {
                self.what_was_done(caller, first, count).await.map(Some)
            }
            Some(error) => Err(error.into()),
        }
    }

    /// The answer to a request that was carried out before: what stands in the ledger, not a stored response.
    pub(super) async fn what_was_done(
        &self,
        caller: &Caller,
        first: Position,
        count: u64,
    ) -> Result<Executed, LedgerError> {
        let positions: Vec<Position> = (first.0..first.0 + count).map(Position).collect();
        let mut events = Vec::new();
        for stored in self.parts.store.read_at(&caller.tenant, &positions).await? {
            events.push(stored.decode()?);
        }
        let last = events.last();
        Ok(Executed {
            case: last.and_then(|last| last.envelope.case),
            first,
            count,
            recorded_at: last.map(|last| last.envelope.recorded_at),
            version: last.map(|last| last.envelope.version),
            events: events.iter().map(|event| event.envelope.event_id).collect(),
            decided: events.into_iter().map(|event| event.event).collect(),
            repeated: true,
        })
    }
}

/// A basis that cites one more event.
pub(super) fn resting_on(mut basis: Basis, event: Option<Position>) -> Basis {
    basis.cited.extend(event);
    basis.cited.sort_unstable();
    basis.cited.dedup();
    basis
}

fn check_version(occasion: &Occasion, situation: &Situation<'_>) -> Result<(), LedgerError> {
    match occasion.case_version {
        Some(expected) if expected != situation.case.version => Err(LedgerError::VersionDiffers {
            expected,
            actual: situation.case.version,
        }),
        _ => Ok(()),
    }
}

/// What an append adds to a case, kept until it is known where it stands.
struct OwnAppend {
    case: CaseId,
    /// The version that the decision had consulted, and that the append has confirmed.
    before: u64,
    /// By their place in the request.
    events: Vec<(usize, UnplacedEvent, Option<AccountId>)>,
}

impl OwnAppend {
    /// Nothing, if the request does not add to the case's own stream.
    fn of(case: CaseId, proposal: &Proposal<'_>, events: &[UnplacedEvent]) -> Option<Self> {
        let stream = StreamId::Case(case);
        let (_, before) = proposal
            .expected
            .iter()
            .find(|(expected, _)| *expected == stream)?;
        let own: Vec<_> = events
            .iter()
            .zip(proposal.decided)
            .enumerate()
            .filter(|(_, (event, _))| event.stream == stream)
            .map(|(index, (event, decided))| {
                (
                    index,
                    UnplacedEvent {
                        content: None,
                        ..event.clone()
                    },
                    decided.family_account(),
                )
            })
            .collect();
        (!own.is_empty()).then_some(Self {
            case,
            before: *before,
            events: own,
        })
    }

    fn events(self, appended: &Appended) -> Vec<OwnEvent> {
        let placed = self
            .events
            .into_iter()
            .filter_map(|(index, event, family)| {
                let version = *appended.versions.get(index)?;
                let stored = StoredEvent {
                    position: Position(appended.first.0 + index as u64),
                    envelope: complete_envelope(&event.envelope, version, appended.recorded_at),
                    salt: event.salt,
                    leaf_entry: *appended.leaf_entries.get(index)?,
                };
                Some(OwnEvent { stored, family })
            });
        placed.collect()
    }
}
