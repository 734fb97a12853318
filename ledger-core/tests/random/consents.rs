//! Who may be shown notes and plan, by the sentences of the requirements alone: written without a look at the rules
//! or at the reading of them in the ledger, so that it can contradict both.
//!
//! It knows what must not be, not all that may be: V12 (each further service on a consent that names it), V18 (withdrawn
//! by any of the guardians, at any time), V24 (the consent to the log, of all the guardians), V7 (who left without
//! having consented said no), V26 (not after its date), X3 (the young person who has come of age consents alone), D4
//! (broken glass), V8 (guardians always).

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use ledger_core::{
    clock::Timestamp,
    events::{ConsentGiven, Event},
    ids::{AccountId, Code, ConsentId, EmergencyId, OrganisationId, PartyId},
};

use super::people::{RULES, code};

/// What the people of the municipality are, outside of any log.
#[derive(Debug, Default)]
pub(crate) struct Offices {
    held: Vec<(AccountId, Code, Option<OrganisationId>, Option<Timestamp>)>,
    closed: BTreeSet<AccountId>,
}

#[derive(Debug)]
struct Member {
    account: Option<AccountId>,
    role: Code,
    service: Option<OrganisationId>,
    /// When they were removed: as how manieth event, and on which day.
    gone: Option<(usize, NaiveDate)>,
    of_age: bool,
}

#[derive(Debug)]
struct Given {
    facts: ConsentGiven,
    /// As how manieth event.
    place: usize,
    over: bool,
    /// The day from which another one has taken its place.
    renewed: Option<NaiveDate>,
}

/// What has been agreed in one log.
#[derive(Debug, Default)]
pub(crate) struct Consents {
    unit: Option<OrganisationId>,
    members: BTreeMap<PartyId, Member>,
    given: BTreeMap<ConsentId, Given>,
    glass: BTreeMap<EmergencyId, (AccountId, Timestamp)>,
    erasing: bool,
    /// How many events there were.
    events: usize,
}

impl Offices {
    pub(crate) fn take(&mut self, event: &Event) {
        match event {
            Event::RoleAssigned(facts) => {
                let held = (facts.account, facts.role.clone(), facts.unit, facts.until);
                self.held.push(held);
            }
            Event::RoleEnded(facts) => self.held.retain(|(account, role, unit, _)| {
                (account, role, unit) != (&facts.account, &facts.role, &facts.unit)
            }),
            Event::AccountDeactivated(facts) => {
                self.closed.insert(facts.account);
            }
            _ => {}
        }
    }

    pub(crate) fn is_closed(&self, account: AccountId) -> bool {
        self.closed.contains(&account)
    }

    fn works_in(
        &self,
        who: AccountId,
        wanted: Option<&str>,
        in_unit: OrganisationId,
        at: Timestamp,
    ) -> bool {
        self.held.iter().any(|(account, role, unit, until)| {
            *account == who
                && *unit == Some(in_unit)
                && wanted.is_none_or(|wanted| role.as_str() == wanted)
                && until.is_none_or(|until| at < until)
        })
    }
}

impl Consents {
    /// `family` is the account behind a member of the family who is added.
    pub(crate) fn take(&mut self, event: &Event, family: Option<AccountId>, today: NaiveDate) {
        self.events += 1;
        let place = self.events;
        match event {
            Event::CaseOpened(facts) => self.unit = Some(facts.unit),
            Event::PartyAdded(facts) => {
                let member = Member {
                    account: facts.staff.or(family),
                    role: facts.role.clone(),
                    service: facts.service,
                    gone: None,
                    of_age: false,
                };
                self.members.insert(facts.party, member);
            }
            Event::PartyRemoved(facts) => {
                self.member(facts.party).gone = Some((place, today));
            }
            Event::CameOfAge(facts) => self.member(facts.party).of_age = true,
            Event::BatonAccepted(facts) => {
                self.member(facts.from).role = facts.former_role.clone();
                self.member(facts.to).role = facts.role.clone();
                self.unit = facts.unit.or(self.unit);
            }
            Event::ConsentGiven(facts) => {
                if let Some(former) = facts.renews.and_then(|id| self.given.get_mut(&id)) {
                    let from = facts.valid_from.map_or(today, |from| from.max(today));
                    former.renewed = Some(from);
                }
                let given = Given {
                    facts: facts.clone(),
                    place,
                    over: false,
                    renewed: None,
                };
                self.given.insert(facts.consent, given);
            }
            Event::ConsentWithdrawn(facts) => self.end(facts.consent),
            Event::ConsentInvalidated(facts) => self.end(facts.consent),
            Event::GlassBroken(facts) => {
                let broken = (facts.account, facts.until);
                self.glass.insert(facts.emergency, broken);
            }
            Event::GlassMended(facts) => {
                self.glass.remove(&facts.emergency);
            }
            Event::ErasureStarted(_) => self.erasing = true,
            _ => {}
        }
    }

    fn member(&mut self, party: PartyId) -> &mut Member {
        self.members
            .get_mut(&party)
            .expect("a party is added first")
    }

    fn end(&mut self, consent: ConsentId) {
        if let Some(given) = self.given.get_mut(&consent) {
            given.over = true;
        }
    }

    fn member_of(&self, account: AccountId) -> Option<&Member> {
        let mut members = self.members.values();
        members.find(|member| member.gone.is_none() && member.account == Some(account))
    }

    /// Whether somebody is a guardian who takes part, or was not forgotten with the log.
    pub(crate) fn is_guardian(&self, account: AccountId) -> bool {
        !self.erasing
            && self
                .member_of(account)
                .is_some_and(|member| member.role == code("guardian"))
    }

    /// Whether notes and plan may be shown to somebody.
    pub(crate) fn may_be_shown(&self, who: AccountId, offices: &Offices, at: Timestamp) -> bool {
        let Some(unit) = self
            .unit
            .filter(|_| !self.erasing && !offices.is_closed(who))
        else {
            return false;
        };
        let leads = offices.works_in(who, Some("unit_leader"), unit, at);
        let mut glass = self.glass.values();
        if leads && glass.any(|(account, until)| *account == who && at < *until) {
            return true;
        }
        let Some(member) = self.member_of(who) else {
            return false;
        };
        let today = RULES.profile().date_of(at);
        match member.role.as_str() {
            // A parent of the plan alone, which is told by its sections.
            "guardian" | "young_person" | "parent" => true,
            "baton_holder" => self.agreed("establish_log", today, None),
            "professional" => {
                let own = member.service == Some(unit) || offices.works_in(who, None, unit, at);
                let let_in = member
                    .service
                    .is_some_and(|service| self.agreed("cooperation", today, Some(service)));
                self.agreed("establish_log", today, None) && (own || let_in)
            }
            other => panic!("nobody is a {other} in a log"),
        }
    }

    fn agreed(&self, kind: &str, today: NaiveDate, service: Option<OrganisationId>) -> bool {
        let of_kind = |given: &&Given| {
            given.facts.kind == code(kind)
                && service.is_none_or(|service| given.facts.services.contains(&service))
        };
        let holds = |given: &Given, day: NaiveDate| {
            !given.over
                && given.facts.valid_from.is_none_or(|from| from <= day)
                && given
                    .facts
                    .valid_through
                    .is_none_or(|through| day <= through)
                && given.renewed.is_none_or(|renewed| day < renewed)
        };
        let has_given = |party: &PartyId, day: NaiveDate, after: usize| {
            let mut given = self.given.values().filter(of_kind);
            given.any(|given| given.facts.by == *party && given.place > after && holds(given, day))
        };
        let young: Vec<&PartyId> = self
            .current("young_person", |member| member.of_age)
            .collect();
        if young.iter().any(|young| has_given(young, today, 0)) {
            return true;
        }
        // Once the young person has decided, what the guardians gave before counts no more.
        let is_young =
            |party: &PartyId| self.members.get(party).is_some_and(|member| member.of_age);
        if self
            .given
            .values()
            .filter(of_kind)
            .any(|given| is_young(&given.facts.by))
        {
            return false;
        }
        // A guardian who left without having consented said no: V7. The others decide anew.
        let guardians = self.members.iter();
        let left = guardians
            .filter(|(_, member)| member.role.as_str() == "guardian")
            .filter_map(|(party, member)| {
                let (place, day) = member.gone?;
                (!has_given(party, day, 0)).then_some(place)
            });
        let left = left.max().unwrap_or(0);
        let mut guardians = self.current("guardian", |_| true).peekable();
        guardians.peek().is_some() && guardians.all(|party| has_given(party, today, left))
    }

    fn current<'a>(
        &'a self,
        role: &'a str,
        which: impl Fn(&Member) -> bool + 'a,
    ) -> impl Iterator<Item = &'a PartyId> {
        let members = self.members.iter();
        members
            .filter(move |(_, member)| {
                member.gone.is_none() && member.role.as_str() == role && which(member)
            })
            .map(|(id, _)| id)
    }
}
