//! An auditor's three questions: who saw it, who could have seen it, and why. They are answered from the events alone,
//! never from a read model, and each answer leaves an event of its own.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{
    AsOf, Caller, Ledger, LedgerError, Occasion, OpenedContents, Refusal,
    execute::{ATTEMPTS_MAX, Proposal},
    situation,
    states::Freshness,
};
use crate::{
    access::{Action, Decision, RuleBook},
    case::Case,
    clock::Timestamp,
    command::Decided,
    directory::{Account, Organisations},
    event::{Actor, Basis},
    events::{AccountActivatedContent, AuditAnswered, Event, PartyAddedContent},
    ids::{AccountId, CaseId, Code, OrganisationId, PartyId, Position, StreamId, TenantId},
    profile::Assurance,
    standing::Asked,
    store::{Appended, Recorded, StreamKind},
};

/// One time that somebody saw something, or was refused.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Seen {
    /// Where it stands in the ledger.
    pub position: Position,
    /// When.
    pub at: Timestamp,
    /// Who, as the event says it.
    pub actor: Actor,
    /// The name, where it can still be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// What happened: `case_viewed`, `document_downloaded`, `access_refused`, …
    pub what: Code,
    /// Its facts.
    pub facts: serde_json::Value,
    /// On what it rested.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub basis: Option<Basis>,
}

/// Who saw a case and when.
pub struct Saw {
    /// In the order in which it happened.
    pub views: Vec<Seen>,
    /// The event that this answer left.
    pub answer: Appended,
}

/// Somebody who could, or could not, have seen a case.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Could {
    /// The account of a member of staff; members of the family are named by their party.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account: Option<AccountId>,
    /// The party as which they take part.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub party: Option<PartyId>,
    /// The name, where it can still be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Their roles: in the case, in the unit, in the tenant.
    pub roles: Vec<Code>,
    /// The sections that they could have read.
    pub sections: Vec<Code>,
    /// Of a case that was reopened: those of these of which they could have read what was recorded before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub earlier_sections: Option<Vec<Code>>,
    /// The decision: of the first section that is allowed, or why none is.
    pub decision: Decision,
}

/// Who could have seen a case, and why.
pub struct CouldHave {
    /// The moment that was asked about.
    pub at: Timestamp,
    /// Everybody who takes part or holds a role that a rule may look at.
    pub people: Vec<Could>,
    /// The event that this answer left.
    pub answer: Appended,
}

/// Why something was done or shown.
pub struct Explanation {
    /// The event that was asked about.
    pub event: Recorded,
    /// Its policies with the requirement that each rests on, where the rule book of its time can be read.
    pub policies: Vec<(Code, Option<String>)>,
    /// The events that the decision cited.
    pub cited: Vec<Recorded>,
    /// The event that this answer left.
    pub answer: Appended,
}

/// The case as it was, and the rules and people of the time.
struct Past {
    at: Timestamp,
    case: Case,
    organisations: Organisations,
    rule_book: RuleBook,
    accounts: BTreeMap<AccountId, Account>,
    names: BTreeMap<AccountId, String>,
    party_names: BTreeMap<PartyId, String>,
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
        occasion: &Occasion,
    ) -> Result<Saw, LedgerError> {
        self.check_reached(&caller.tenant, as_of).await?;
        let answer = self
            .answer(caller, case_id, Action::AuditSaw, as_of, occasion)
            .await?;
        let past = self.past(&caller.tenant, case_id, as_of).await?;
        let mut views = Vec::new();
        for recorded in self
            .read_after(&caller.tenant, &StreamId::Views(case_id), 0)
            .await?
        {
            if !as_of.includes(&recorded) {
                break;
            }
            let name = match &recorded.envelope.actor {
                Actor::Staff { account, .. } => past.names.get(account),
                Actor::Party { party, .. } => past.party_names.get(party),
                Actor::Operator => None,
            };
            views.push(Seen {
                position: recorded.position,
                at: recorded.envelope.recorded_at,
                name: name.cloned(),
                what: recorded.envelope.event_type.clone(),
                facts: serde_json::from_str(recorded.envelope.facts.get()).unwrap_or_default(),
                basis: recorded.envelope.basis.clone(),
                actor: recorded.envelope.actor,
            });
        }
        Ok(Saw { views, answer })
    }

    /// Who could have seen the case, and why.
    ///
    /// # Errors
    /// [`LedgerError::NotFound`] or [`LedgerError::Refused`] for whoever may not ask; [`LedgerError::NotFound`] also
    /// where the case was not open yet.
    pub async fn could(
        &self,
        caller: &Caller,
        case_id: CaseId,
        as_of: AsOf,
        occasion: &Occasion,
    ) -> Result<CouldHave, LedgerError> {
        self.check_reached(&caller.tenant, as_of).await?;
        let answer = self
            .answer(caller, case_id, Action::AuditCould, as_of, occasion)
            .await?;
        let past = self.past(&caller.tenant, case_id, as_of).await?;
        let mut people = Vec::new();
        for (id, account) in &past.accounts {
            let party = past.case.party_of(*id);
            let mut roles: Vec<Code> = party.iter().map(|(_, party)| party.role.clone()).collect();
            let held = account
                .roles_in(&past.rule_book.profile().id, past.at)
                .filter(|held| held.unit.is_none_or(|held| past.concerns(held)));
            roles.extend(held.map(|held| held.role.clone()));
            let took_part = past
                .case
                .parties
                .values()
                .any(|party| party.account() == Some(*id));
            if roles.is_empty() && !took_part {
                continue;
            }
            let decided = past.decide(caller, *id, account, case_id);
            let family = party.is_some_and(|(_, party)| party.staff.is_none());
            let name = match party {
                Some((party, _)) if family => past.party_names.get(&party),
                _ => past.names.get(id),
            };
            people.push(Could {
                account: (!family).then_some(*id),
                party: party.map(|(party, _)| party),
                name: name.cloned(),
                roles,
                sections: decided.sections,
                earlier_sections: decided.earlier,
                decision: decided.decision,
            });
        }
        Ok(CouldHave {
            at: past.at,
            people,
            answer,
        })
    }

    /// Why an event of the case, or of its views, was allowed.
    ///
    /// # Errors
    /// [`LedgerError::NotFound`] where the position holds no event of this case.
    pub async fn why(
        &self,
        caller: &Caller,
        case_id: CaseId,
        position: Position,
        occasion: &Occasion,
    ) -> Result<Explanation, LedgerError> {
        let tenant = &caller.tenant;
        let answer = self
            .answer(
                caller,
                case_id,
                Action::AuditWhy,
                AsOf::Position(position),
                occasion,
            )
            .await?;
        let mut found = self.decoded_at(tenant, &[position]).await?;
        let event = found
            .pop()
            .filter(|event| event.envelope.case == Some(case_id))
            .ok_or(LedgerError::NotFound)?;
        let Some(basis) = event.envelope.basis.clone() else {
            return Ok(Explanation {
                event,
                policies: Vec::new(),
                cited: Vec::new(),
                answer,
            });
        };
        let rule_book = self
            .rule_book_as_of(tenant, &basis.profile, AsOf::Position(position))
            .await?;
        let requirement = |id: &Code| {
            let mut policies = rule_book.iter().flat_map(RuleBook::policies);
            policies
                .find(|policy| policy.id == *id)
                .map(|policy| policy.requirement.to_string())
        };
        let policies = basis
            .policies
            .iter()
            .map(|id| (id.clone(), requirement(id)))
            .collect();
        let cited = self.decoded_at(tenant, &basis.cited).await?;
        Ok(Explanation {
            event,
            policies,
            cited,
            answer,
        })
    }

    /// Notes that somebody asks who could see a case, for an answer that comes from elsewhere than from the events,
    /// such as a read model. What it is answered with is shown only after this.
    ///
    /// # Errors
    /// As [`Ledger::could`].
    pub async fn note_audit(
        &self,
        caller: &Caller,
        case_id: CaseId,
        occasion: &Occasion,
    ) -> Result<Appended, LedgerError> {
        self.answer(caller, case_id, Action::AuditCould, AsOf::Now, occasion)
            .await
    }

    /// Decides whether the question may be asked, and appends the event that says that it was.
    async fn answer(
        &self,
        caller: &Caller,
        case_id: CaseId,
        action: Action,
        as_of: AsOf,
        occasion: &Occasion,
    ) -> Result<Appended, LedgerError> {
        let mut now = self.now();
        let mut freshness = Freshness::ReadAgain;
        for _ in 0..ATTEMPTS_MAX {
            let situation = self.situation(caller, case_id, None, freshness).await?;
            let decision = situation.decide(action, &Asked::default(), now);
            if !decision.is_allowed() {
                return Err(self
                    .refuse(&situation, occasion, now, Refusal::of(action, decision))
                    .await);
            }
            let question = action.code().trim_start_matches("audit_");
            let (at_position, at_time) = match as_of {
                AsOf::Now => (None, None),
                AsOf::Position(position) => (Some(position), None),
                AsOf::Time(at) => (None, Some(at)),
            };
            let facts = AuditAnswered {
                question: question.parse().expect("an action's code is a code"),
                at_position,
                at_time,
            };
            let decided = [Decided::bare(StreamId::Views(case_id), facts)];
            let proposal = Proposal {
                actor: situation.actor(now),
                basis: Some(situation.basis(&[&decision])),
                expected: situation.expected(),
                holds: decision.holds,
                decided: &decided,
                idempotency: None,
            };
            match self.append(caller, Some(case_id), occasion, proposal).await {
                Ok((appended, _)) => return Ok(appended),
                Err(error) => now = self.again(error, &mut freshness)?,
            }
        }
        Err(LedgerError::TooBusy)
    }

    /// The case, the rules and the people as the ledger knew them.
    async fn past(
        &self,
        tenant: &TenantId,
        case_id: CaseId,
        as_of: AsOf,
    ) -> Result<Past, LedgerError> {
        let mut case = Case::default();
        let mut contents = OpenedContents::default();
        let mut parties = Vec::new();
        for recorded in self.read_after(tenant, &StreamId::Case(case_id), 0).await? {
            if !as_of.includes(&recorded) {
                break;
            }
            let family = self.family_account(tenant, &recorded).await?;
            case.evolve(&recorded, family);
            if let Event::PartyAdded(facts) = &recorded.event {
                contents.extend(self.open_contents(tenant, &[&recorded]).await?);
                parties.push((facts.party, recorded.position));
            }
        }
        let opened = case.opened.as_ref().ok_or(LedgerError::NotFound)?;
        let at = self.time_of(tenant, as_of).await?;
        let at = at.unwrap_or_else(|| self.now());
        let rule_book = self.rule_book_as_of(tenant, &opened.profile, as_of).await?;
        let rule_book = rule_book.ok_or_else(|| LedgerError::NoProfile(opened.profile.clone()))?;
        let concerned = [Some(opened.unit), opened.submitted_to]
            .into_iter()
            .flatten();
        let organisations = self
            .around_as_of(tenant, &rule_book, concerned, as_of)
            .await?;
        let party_names = parties.into_iter().filter_map(|(party, position)| {
            Some((party, contents.read::<PartyAddedContent>(position)?.name))
        });
        let party_names = party_names.collect();
        let (accounts, names) = self.accounts_as_of(tenant, as_of).await?;
        Ok(Past {
            at,
            case,
            organisations,
            rule_book,
            accounts,
            names,
            party_names,
        })
    }

    async fn accounts_as_of(
        &self,
        tenant: &TenantId,
        as_of: AsOf,
    ) -> Result<(BTreeMap<AccountId, Account>, BTreeMap<AccountId, String>), LedgerError> {
        let mut accounts: BTreeMap<AccountId, Account> = BTreeMap::new();
        let mut activated = Vec::new();
        for stored in self
            .parts
            .store
            .read_kind(tenant, StreamKind::Accounts)
            .await?
        {
            let recorded = stored.decode()?;
            if let (StreamId::Account(id), true) =
                (&recorded.envelope.stream, as_of.includes(&recorded))
            {
                accounts.entry(*id).or_default().evolve(&recorded);
                if matches!(recorded.event, Event::AccountActivated(_)) {
                    activated.push((*id, recorded));
                }
            }
        }
        let events: Vec<&Recorded> = activated.iter().map(|(_, recorded)| recorded).collect();
        let contents = self.open_contents(tenant, &events).await?;
        let names = activated.iter().filter_map(|(id, recorded)| {
            Some((
                *id,
                contents
                    .read::<AccountActivatedContent>(recorded.position)?
                    .name,
            ))
        });
        let names = names.collect();
        Ok((accounts, names))
    }

    /// The rule book that was in force.
    async fn rule_book_as_of(
        &self,
        tenant: &TenantId,
        profile: &crate::ids::ProfileId,
        as_of: AsOf,
    ) -> Result<Option<RuleBook>, LedgerError> {
        let adoptions = self
            .read_after(tenant, &StreamId::Profile(profile.clone()), 0)
            .await?;
        match adoptions
            .iter()
            .rev()
            .find(|adoption| as_of.includes(adoption))
        {
            None => Ok(None),
            Some(adoption) => self.adopted_text(tenant, adoption).await,
        }
    }

    pub(super) async fn decoded_at(
        &self,
        tenant: &TenantId,
        positions: &[Position],
    ) -> Result<Vec<Recorded>, LedgerError> {
        let stored = self.parts.store.read_at(tenant, positions).await?;
        stored
            .iter()
            .map(|stored| stored.decode().map_err(LedgerError::from))
            .collect()
    }
}

/// What somebody could have read.
struct CouldRead {
    sections: Vec<Code>,
    /// Of a case that was reopened: the sections of which they could have read what was recorded before.
    earlier: Option<Vec<Code>>,
    decision: Decision,
}

impl Past {
    /// Whether a role that is held in this organisation may matter to the case.
    fn concerns(&self, organisation: OrganisationId) -> bool {
        let opened = self.case.opened.as_ref();
        opened.is_some_and(|opened| {
            opened.unit == organisation || opened.submitted_to == Some(organisation)
        }) || self.organisations.contains_key(&organisation)
    }

    /// What somebody could have read. Asked with the highest assurance: the question is what the rules would have
    /// allowed, had they signed in as well as they can.
    fn decide(
        &self,
        caller: &Caller,
        id: AccountId,
        account: &Account,
        case_id: CaseId,
    ) -> CouldRead {
        let asker = Caller {
            account: id,
            assurance: Assurance::High,
            ..caller.clone()
        };
        let ask = |section: Option<Code>, earlier: bool| {
            let asked = Asked {
                section,
                earlier,
                ..Asked::default()
            };
            situation::decide(
                &self.rule_book,
                &asker,
                account,
                case_id,
                &self.case,
                &self.organisations,
                Action::ViewCase,
                &asked,
                self.at,
            )
        };
        let (mut sections, mut earlier) = (Vec::new(), Vec::new());
        let mut first = None;
        for section in self.rule_book.profile().sections.keys() {
            let decision = ask(Some(section.clone()), false);
            if decision.is_allowed() {
                sections.push(section.clone());
                first.get_or_insert(decision);
                if ask(Some(section.clone()), true).is_allowed() {
                    earlier.push(section.clone());
                }
            }
        }
        CouldRead {
            sections,
            earlier: self.case.reopened.map(|_| earlier),
            decision: first.unwrap_or_else(|| ask(None, false)),
        }
    }
}
