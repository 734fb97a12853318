//! The log of a case, given out for a format of the field: who did and saw what, and when. It is a reading like any other:
//! decided for each case, and noted in its views before anything of it leaves.
//!
//! What is opened for it are the names of staff and of organisations, so that a reader knows who somebody is. The family
//! is named by its parties alone, and nothing that is sealed under the key of a case is opened, unless the format cannot do
//! without the texts: then it is the case itself that is taken out, and decided as that (`export_case`).

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use super::{
    Caller, Ledger, LedgerError, Occasion, OpenedContents, Refusal,
    execute::{ATTEMPTS_MAX, Proposal},
    situation::Situation,
    states::{Freshness, Versioned},
};
use crate::{
    access::{Action, RuleBook},
    case::Case,
    clock::Span,
    command::Decided,
    event::Actor,
    events::{AccountActivatedContent, Event, LogExported, OrganisationRegisteredContent},
    ids::{AccountId, CaseId, Code, OrganisationId, Position, ProfileId, StreamId, TenantId},
    standing::Asked,
    store::{Appended, Recorded},
};

/// What is asked for of the log of a case.
#[derive(Debug, Clone)]
pub struct LogAsked {
    /// The format that it is given out for; noted in the ledger.
    pub format: Code,
    /// The time in which the events were recorded that are asked for: from its beginning on, and before its end.
    pub period: Span,
    /// Whether the contents of the case go with it.
    pub with_content: bool,
    /// Whether they do of a case that came in with a log from elsewhere.
    pub imported_with_content: bool,
}

impl LogAsked {
    /// Whether the contents of this case go with it.
    fn opens(&self, case: &Case) -> bool {
        self.with_content || self.imported_with_content && case.imported.is_some()
    }

    /// The action that is decided about a case.
    fn action(&self, case: &Case) -> Action {
        if self.opens(case) {
            Action::ExportCase
        } else {
            Action::ExportLog
        }
    }
}

/// What was recorded of a case, and what its readers need to understand it.
pub struct CaseLog {
    /// The case.
    pub case: CaseId,
    /// The time that was asked about.
    pub period: Span,
    /// The rules that are in force: for the names of codes.
    pub rule_book: Arc<RuleBook>,
    /// The case as it stands.
    pub state: Arc<Versioned<Case>>,
    /// Every event of the case and of its views up to the export, in order of position; also those outside of the
    /// period, because a later event may speak of an earlier one.
    pub events: Vec<Recorded>,
    /// What staff is called.
    pub accounts: BTreeMap<AccountId, String>,
    /// What organisations are called.
    pub organisations: BTreeMap<OrganisationId, String>,
    /// The contents of the case, where they were asked for, as far as they are still there and no redaction names them.
    pub contents: OpenedContents,
    /// The event that this export left.
    pub view: Appended,
}

impl CaseLog {
    /// The events that were asked for, in order of position.
    pub fn asked(&self) -> impl Iterator<Item = &Recorded> {
        self.events
            .iter()
            .filter(|recorded| self.period.contains(recorded.envelope.recorded_at))
    }
}

impl Ledger {
    /// Gives out the log of a case.
    ///
    /// # Errors
    /// [`LedgerError::NotFound`] or [`LedgerError::Refused`] for whoever may not have it.
    pub async fn export_log(
        &self,
        caller: &Caller,
        case: CaseId,
        asked: &LogAsked,
        occasion: &Occasion,
    ) -> Result<CaseLog, LedgerError> {
        let exported = self.export_log_as(caller, case, asked, occasion).await?;
        match exported {
            Exported::Log(log) => Ok(*log),
            Exported::Refused(situation, refusal) => {
                let now = self.now();
                Err(self.refuse(&situation, occasion, now, refusal).await)
            }
        }
    }

    /// Gives out the log of one case among many, in the order of [`EventStore::cases`](crate::store::EventStore::cases).
    /// Nothing, where the caller may not have it, where it belongs to another system than the one that is asked for, or
    /// where nothing of it was recorded in the period. As in a list, what is left out is not noted.
    ///
    /// # Errors
    /// When something cannot be read or appended; never because of the rules.
    pub async fn export_log_among(
        &self,
        caller: &Caller,
        case: CaseId,
        system: Option<&ProfileId>,
        asked: &LogAsked,
        occasion: &Occasion,
    ) -> Result<Option<CaseLog>, LedgerError> {
        let tenant = &caller.tenant;
        let known = self.case(tenant, case, Freshness::ReadAgain).await?;
        let Some(opened) = &known.state.opened else {
            return Ok(None);
        };
        if system.is_some_and(|system| *system != opened.profile)
            || !self
                .has_recorded(tenant, case, &known, asked.period)
                .await?
        {
            return Ok(None);
        }
        match self.export_log_as(caller, case, asked, occasion).await? {
            Exported::Log(log) => Ok(Some(*log)),
            Exported::Refused(..) => Ok(None),
        }
    }

    async fn export_log_as<'a>(
        &self,
        caller: &'a Caller,
        case: CaseId,
        asked: &LogAsked,
        occasion: &Occasion,
    ) -> Result<Exported<'a>, LedgerError> {
        let mut now = self.now();
        let mut freshness = Freshness::ReadAgain;
        for _ in 0..ATTEMPTS_MAX {
            let situation = self.situation(caller, case, None, freshness).await?;
            let action = asked.action(&situation.case.state);
            let decision = situation.decide(action, &Asked::default(), now);
            if !decision.is_allowed() {
                let refusal = Refusal::of(action, decision);
                return Ok(Exported::Refused(Box::new(situation), refusal));
            }
            let before = self.parts.store.tip(&caller.tenant).await?.frontier.size();
            let facts = LogExported {
                format: asked.format.clone(),
                from: asked.period.from,
                until: asked.period.until,
                with_content: asked.opens(&situation.case.state),
                cut: Position(before.saturating_sub(1)),
            };
            let decided = [Decided::bare(StreamId::Views(case), facts)];
            let proposal = Proposal {
                actor: situation.actor(now),
                basis: Some(situation.basis(&[&decision])),
                expected: situation.expected(),
                holds: decision.holds,
                decided: &decided,
                idempotency: None,
            };
            match self.append(caller, Some(case), occasion, proposal).await {
                Ok((view, _)) => {
                    self.parts.observer.viewed(action);
                    let log = self.log_of(&situation, asked, view).await?;
                    return Ok(Exported::Log(Box::new(log)));
                }
                Err(error) => now = self.again(error, &mut freshness)?,
            }
        }
        Err(LedgerError::TooBusy)
    }

    async fn log_of(
        &self,
        situation: &Situation<'_>,
        asked: &LogAsked,
        view: Appended,
    ) -> Result<CaseLog, LedgerError> {
        let (tenant, case) = (situation.tenant(), situation.case_id);
        let mut events = Vec::new();
        for stream in [StreamId::Case(case), StreamId::Views(case)] {
            events.extend(self.read_after(tenant, &stream, 0).await?);
        }
        events.retain(|recorded| recorded.position <= view.first);
        events.sort_unstable_by_key(|recorded| recorded.position);
        let state = Arc::clone(&situation.case);
        let (accounts, organisations) = mentioned(&state.state, &events);
        let mut contents = if asked.opens(&state.state) {
            let redacted = &state.state.redacted;
            let readable = events
                .iter()
                .filter(|recorded| !redacted.contains(&recorded.position));
            self.open_contents(tenant, &readable.collect::<Vec<_>>())
                .await?
        } else {
            OpenedContents::default()
        };
        if asked.opens(&state.state)
            && let Some(imported) = &state.state.imported
        {
            let log = self.opened_at(tenant, [imported.log].iter()).await?;
            contents.extend(log);
        }
        Ok(CaseLog {
            case,
            period: asked.period,
            rule_book: situation.rule_book(),
            state,
            accounts: self.names_of_accounts(tenant, accounts).await?,
            organisations: self.names_of_organisations(tenant, organisations).await?,
            events,
            contents,
            view,
        })
    }

    /// Whether anything of a case, or of who saw it, was recorded in a period.
    async fn has_recorded(
        &self,
        tenant: &TenantId,
        case: CaseId,
        known: &Versioned<Case>,
        period: Span,
    ) -> Result<bool, LedgerError> {
        if period == Span::ALWAYS {
            return Ok(true);
        }
        let falls_within = |recorded: &Recorded| period.contains(recorded.envelope.recorded_at);
        if known.events.iter().any(|recorded| falls_within(recorded)) {
            return Ok(true);
        }
        let views = self.read_after(tenant, &StreamId::Views(case), 0).await?;
        Ok(views.iter().any(falls_within))
    }

    /// What those of them are called who work for somebody or were ever given a role. A parent stands among the others: one
    /// who asks about another's child, or about a case whose erasure has taken away that they were part of it.
    async fn names_of_accounts(
        &self,
        tenant: &TenantId,
        accounts: BTreeSet<AccountId>,
    ) -> Result<BTreeMap<AccountId, String>, LedgerError> {
        let mut activated = BTreeMap::new();
        for id in accounts {
            let account = self.account(tenant, id, Freshness::FromMemory).await?;
            let is_staff = account.state.organisation.is_some() || !account.state.roles.is_empty();
            if let Some(position) = account.state.activated.filter(|_| is_staff) {
                activated.insert(position, id);
            }
        }
        let opened = self.opened_at(tenant, activated.keys()).await?;
        let names = activated.into_iter().filter_map(|(position, id)| {
            let content: AccountActivatedContent = opened.read(position)?;
            Some((id, content.name))
        });
        Ok(names.collect())
    }

    async fn names_of_organisations(
        &self,
        tenant: &TenantId,
        organisations: BTreeSet<OrganisationId>,
    ) -> Result<BTreeMap<OrganisationId, String>, LedgerError> {
        let mut registered = BTreeMap::new();
        for id in organisations {
            let organisation = self.organisation(tenant, id, Freshness::FromMemory).await?;
            if let Some(position) = organisation.state.registered {
                registered.insert(position, id);
            }
        }
        let opened = self.opened_at(tenant, registered.keys()).await?;
        let names = registered.into_iter().filter_map(|(position, id)| {
            let content: OrganisationRegisteredContent = opened.read(position)?;
            Some((id, content.name))
        });
        Ok(names.collect())
    }

    async fn opened_at(
        &self,
        tenant: &TenantId,
        positions: impl Iterator<Item = &Position>,
    ) -> Result<OpenedContents, LedgerError> {
        let positions: Vec<Position> = positions.copied().collect();
        let events = self.decoded_at(tenant, &positions).await?;
        self.open_contents(tenant, &events.iter().collect::<Vec<_>>())
            .await
    }
}

/// What became of asking for one log.
enum Exported<'a> {
    Log(Box<CaseLog>),
    Refused(Box<Situation<'a>>, Refusal),
}

/// The staff and the organisations that these events speak of.
fn mentioned(case: &Case, events: &[Recorded]) -> (BTreeSet<AccountId>, BTreeSet<OrganisationId>) {
    let (mut accounts, mut organisations) = (BTreeSet::new(), BTreeSet::new());
    if let Some(opened) = &case.opened {
        organisations.insert(opened.unit);
        organisations.extend(opened.submitted_to);
    }
    for recorded in events {
        if let Actor::Staff {
            account,
            organisation,
            on_behalf_of,
            ..
        } = &recorded.envelope.actor
        {
            accounts.insert(*account);
            accounts.extend(*on_behalf_of);
            organisations.extend(*organisation);
        }
        match &recorded.event {
            Event::PartyAdded(facts) => {
                accounts.extend(facts.staff);
                organisations.extend(facts.service);
            }
            Event::ConsentGiven(facts) => organisations.extend(&facts.services),
            Event::ConsentDeclined(facts) => organisations.extend(&facts.services),
            Event::InformationGiven(facts) => organisations.extend(facts.receiver),
            Event::ServiceAdded(facts) => drop(organisations.insert(facts.service)),
            Event::ReferralMade(facts) => organisations.extend(facts.receiver),
            Event::TransmissionPrepared(facts) => drop(organisations.insert(facts.receiver)),
            Event::GlassBroken(facts) => drop(accounts.insert(facts.account)),
            _ => {}
        }
    }
    (accounts, organisations)
}
