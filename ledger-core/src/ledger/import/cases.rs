//! Many cases at a time: decided one by one, sealed together, and appended on the condition that none of them is there.

use super::{Import, ImportOutcome};
use crate::{
    case::{Case, Erasure, ImportCase},
    clock::Span,
    command::Setting,
    events::{Event, LogImported},
    ids::{CaseId, StreamId},
    ledger::{
        Caller, CaseCommand, Ledger, LedgerError, Occasion,
        execute::resting_on,
        seal::{Common, blind},
        situation,
        states::Freshness,
    },
    store::{Append, AppendError, Lookup, UnplacedEvent},
};

impl Ledger {
    /// Takes in cases of an import, or the next entries of cases that are there; in their order, what became of each.
    ///
    /// All of them are appended at once, at most [`crate::store::placement::REQUEST_EVENTS_MAX`] events together. If one
    /// is there already, each is taken in by itself.
    ///
    /// # Errors
    /// As [`Ledger::execute`]. Cases before the one that failed may have been taken in; repeating it is safe.
    pub async fn import_cases(
        &self,
        caller: &Caller,
        import: &Import,
        cases: Vec<ImportCase>,
        occasion: &Occasion,
    ) -> Result<Vec<ImportOutcome>, LedgerError> {
        let mut named = Vec::with_capacity(cases.len());
        for case in cases {
            let id = self.imported_case(&caller.tenant, import, case.trace);
            named.push((id.await?, case));
        }
        // What begins in the middle goes on from a piece that is there.
        let goes_on = |(_, case): &(CaseId, ImportCase)| {
            let first = case.entries.first();
            first.is_some_and(|first| first.entry > 1)
        };
        if !named.iter().any(goes_on) {
            match self.import_together(caller, import, &named, occasion).await {
                Err(LedgerError::Append(
                    AppendError::Conflict { .. } | AppendError::NoLongerHolds { .. },
                )) => {}
                Err(error) => return Err(error),
                Ok(()) => {
                    let added = |case: &ImportCase| ImportOutcome::Added(case.entries.len() as u64);
                    return Ok(named.iter().map(|(_, case)| added(case)).collect());
                }
            }
        }
        let mut outcomes = Vec::with_capacity(named.len());
        for (id, case) in named {
            let alone = self.import_alone(caller, import, id, case, occasion);
            outcomes.push(alone.await?);
        }
        Ok(outcomes)
    }

    /// Takes in one case, or what of it is not there.
    ///
    /// # Errors
    /// As [`Ledger::execute`].
    async fn import_alone(
        &self,
        caller: &Caller,
        import: &Import,
        id: CaseId,
        case: ImportCase,
        occasion: &Occasion,
    ) -> Result<ImportOutcome, LedgerError> {
        let known = self.case(&caller.tenant, id, Freshness::ReadAgain).await?;
        if known.state.erasure != Erasure::None {
            return Ok(ImportOutcome::Erased);
        }
        if let Some(imported) = &known.state.imported
            && case
                .entries
                .iter()
                .all(|entry| entry.entry <= imported.last_entry)
        {
            return Ok(ImportOutcome::There);
        }
        let command = CaseCommand::Import(import.facts.profile.clone(), case);
        let done = self.execute(caller, id, command, occasion).await?;
        let added = done.decided.iter();
        let entries = added.filter(|event| matches!(event, Event::EntryImported(_)));
        Ok(ImportOutcome::Added(entries.count() as u64))
    }

    /// All of them in one append, on the condition that none is there.
    async fn import_together(
        &self,
        caller: &Caller,
        import: &Import,
        cases: &[(CaseId, ImportCase)],
        occasion: &Occasion,
    ) -> Result<(), LedgerError> {
        let tenant = &caller.tenant;
        let LogImported { profile, unit, .. } = &import.facts;
        let now = self.now();
        let mut ground = self
            .ground(caller, profile, *unit, Freshness::FromMemory)
            .await?;
        if let Some((first, _)) = cases.first()
            && !ground.decide(caller, *first, *unit, now).is_allowed()
        {
            // Nobody is told no from memory.
            ground = self
                .ground(caller, profile, *unit, Freshness::ReadAgain)
                .await?;
        }
        let mut decided = Vec::with_capacity(cases.len());
        let (mut expected, mut holds) = (ground.expected.clone(), Span::ALWAYS);
        for (id, case) in cases {
            let decision = self.permitted(&ground, caller, *id, *unit, now)?;
            holds = holds.intersect(decision.holds);
            expected.push((StreamId::Case(*id), 0));
            let setting = Setting {
                case: *id,
                profile: ground.rule_book.profile(),
                now,
                account: caller.account,
                asker: &ground.account.state,
                party: None,
                entropy: self.entropy(),
            };
            let command = CaseCommand::Import(profile.clone(), case.clone());
            decided.push((*id, decision, command.decide(&Case::default(), &setting)?));
        }
        let all = decided.iter().flat_map(|(_, _, events)| events);
        let keys = self.keys_for(tenant, all).await?;
        let index_key = self.parts.keyring.index_key(tenant).await?;
        let actor = ground.actor(caller, *unit, now);
        let (mut events, mut lookups) = (Vec::<UnplacedEvent>::new(), Vec::new());
        for (id, decision, of_case) in &decided {
            let basis = situation::basis(ground.rule_book.profile(), &[decision]);
            let basis = resting_on(basis, Some(import.position));
            let common = Common {
                tenant,
                actor: &actor,
                case: Some(*id),
                basis: Some(&basis),
                occasion,
            };
            for one in of_case {
                events.push(self.unplaced(&common, one, &keys));
                lookups.extend(one.lookups.iter().map(|(value, party)| Lookup {
                    index: blind(&index_key, value),
                    case: *id,
                    party: *party,
                }));
            }
        }
        let request = Append {
            expected,
            holds,
            events,
            idempotency: None,
            lookups,
        };
        self.parts.store.append(tenant, request).await?;
        Ok(())
    }
}
