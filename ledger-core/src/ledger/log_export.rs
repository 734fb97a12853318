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
    Caller, Ledger, LedgerError, Occasion, OpenedContents,
    noting::{GivenOut, Noted},
    situation::Situation,
    states::{Freshness, Versioned},
};
use crate::{
    access::{Action, RuleBook},
    case::Case,
    clock::Span,
    event::Actor,
    events::{Event, LogExported},
    ids::{AccountId, CaseId, Code, OrganisationId, Position, ProfileId, StreamId, TenantId},
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
    fn decided_as(&self, case: &Case) -> Action {
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
        let (situation, view) = self.note_or_refuse(caller, case, asked, occasion).await?;
        self.log_of(&situation, asked, view).await
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
        let log = async {
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
            match self.note(caller, case, asked, occasion).await? {
                Noted::Done(situation, view) => {
                    Ok(Some(self.log_of(&situation, asked, view).await?))
                }
                Noted::Refused(..) => Ok(None),
            }
        };
        self.in_passing(tenant, case, log).await
    }

    async fn log_of(
        &self,
        situation: &Situation<'_>,
        asked: &LogAsked,
        view: Appended,
    ) -> Result<CaseLog, LedgerError> {
        let (tenant, case) = (situation.tenant(), situation.case_id);
        let action = asked.action(&situation.case.state);
        self.parts.observer.viewed(action);
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
            accounts: self.names_of_staff(tenant, accounts).await?,
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
}

impl GivenOut for LogAsked {
    fn action(&self, case: &Case) -> Action {
        self.decided_as(case)
    }

    fn facts(&self, case: &Case, cut: Position) -> Event {
        let facts = LogExported {
            format: self.format.clone(),
            from: self.period.from,
            until: self.period.until,
            with_content: self.opens(case),
            cut,
        };
        facts.into()
    }

    fn has_cut(&self) -> bool {
        true
    }
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
