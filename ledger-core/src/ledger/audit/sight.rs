//! What somebody could have read of a case in a scene: decided section by section, by the rules of the time.

use super::{Could, history::Scene};
use crate::{
    access::{Action, Asker, Attributes, Decision, Question, RuleBook},
    clock::Timestamp,
    directory::{Account, Organisations},
    ids::{AccountId, CaseId, Code, OrganisationId, PartyId},
    profile::Assurance,
    standing::{self, Asked, Asking},
};

/// What somebody could have read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Sight {
    pub(super) sections: Vec<Code>,
    /// Of a case that was reopened: the sections of which they could have read what was recorded before.
    pub(super) earlier: Option<Vec<Code>>,
    /// Of the first section that is allowed, or why none is.
    pub(super) decision: Decision,
    /// The first moment at which any of it may be another, although nothing is recorded.
    pub(super) until: Option<Timestamp>,
}

/// Somebody in a scene: how they stood to the case, and what they could have read of it.
#[derive(Debug, Clone)]
pub(super) struct Onlooker {
    pub(super) party: Option<PartyId>,
    pub(super) is_family: bool,
    pub(super) roles: Vec<Code>,
    pub(super) sight: Sight,
}

/// What decisions were made upon, so that they need not be made again while nothing of it changes.
#[derive(Default)]
pub(super) struct Remembered(Option<(Attributes, Sight)>);

/// A scene at a moment, ready to be asked about people.
pub(super) struct Watching<'a> {
    pub(super) case_id: CaseId,
    pub(super) scene: &'a Scene,
    pub(super) rule_book: &'a RuleBook,
    pub(super) around: Organisations,
    pub(super) at: Timestamp,
}

impl<'a> Watching<'a> {
    /// Nothing, while the case was not open or there were no rules.
    pub(super) fn new(case_id: CaseId, scene: &'a Scene, at: Timestamp) -> Option<Self> {
        scene.case.opened.as_ref()?;
        Some(Self {
            case_id,
            scene,
            rule_book: scene.rule_book.as_deref()?,
            around: scene.around(),
            at,
        })
    }

    /// Whether a role that is held in this organisation may matter to the case.
    fn concerns(&self, organisation: OrganisationId) -> bool {
        let opened = self.scene.case.opened.as_ref();
        opened.is_some_and(|opened| {
            opened.unit == organisation || opened.submitted_to == Some(organisation)
        }) || self.around.contains_key(&organisation)
    }

    /// Everybody who takes part, took part, or holds a role that may matter.
    pub(super) fn everybody(&self) -> impl Iterator<Item = (AccountId, Onlooker)> {
        let accounts = self.scene.accounts.keys();
        accounts.filter_map(|id| Some((*id, self.onlooker(*id, &mut Remembered::default())?)))
    }

    /// How somebody stood to the case, and what they could have read; nothing for somebody who had nothing to do with it.
    pub(super) fn onlooker(&self, id: AccountId, remembered: &mut Remembered) -> Option<Onlooker> {
        let account = self.scene.accounts.get(&id)?;
        let case = &self.scene.case;
        let party = case.party_of(id);
        let mut roles: Vec<Code> = party.iter().map(|(_, party)| party.role.clone()).collect();
        let held = account
            .roles_in(&self.rule_book.profile().id, self.at)
            .filter(|held| held.unit.is_none_or(|held| self.concerns(held)));
        roles.extend(held.map(|held| held.role.clone()));
        let mut parties = case.parties.values();
        if roles.is_empty() && !parties.any(|party| party.account() == Some(id)) {
            return None;
        }
        Some(Onlooker {
            party: party.map(|(party, _)| party),
            is_family: party.is_some_and(|(_, party)| party.staff.is_none()),
            roles,
            sight: self.sight(id, account, remembered),
        })
    }

    /// Asked with the highest assurance: the question is what the rules would have allowed, had they signed in as well as
    /// they can.
    fn sight(&self, id: AccountId, account: &Account, remembered: &mut Remembered) -> Sight {
        let case = &self.scene.case;
        let profile = self.rule_book.profile();
        let asking = Asking {
            id,
            account,
            assurance: Assurance::High,
        };
        let nothing_special = Asked::default();
        let whole = standing::attributes(
            asking,
            case,
            &self.around,
            &nothing_special,
            profile,
            self.at,
        );
        if let Some((known, sight)) = &remembered.0
            && *known == whole
            && sight.decision.profile == profile.digest()
            && sight.until.is_none_or(|until| self.at < until)
        {
            return sight.clone();
        }
        let asker = case
            .party_of(id)
            .filter(|(_, party)| party.staff.is_none())
            .map_or(Asker::Account(id), |(party, _)| Asker::Party(party));
        let decide = |attributes: Attributes| {
            self.rule_book.decide(&Question {
                action: Action::ViewCase,
                asker,
                case: Some(self.case_id),
                at: self.at,
                attributes,
            })
        };
        let (mut sections, mut earlier) = (Vec::new(), Vec::new());
        let (mut first, mut until) = (None, None);
        let mut note = |decision: &Decision| {
            until = [until, decision.holds.until].into_iter().flatten().min();
        };
        for section in profile.sections.keys() {
            let of_section =
                |earlier| standing::of_section(&whole, id, case, section, earlier, profile);
            let decision = decide(of_section(false));
            note(&decision);
            if !decision.is_allowed() {
                continue;
            }
            sections.push(section.clone());
            first.get_or_insert(decision);
            if case.reopened.is_some() {
                let decision = decide(of_section(true));
                note(&decision);
                if decision.is_allowed() {
                    earlier.push(section.clone());
                }
            }
        }
        let decision = first.unwrap_or_else(|| decide(whole.clone()));
        let sight = Sight {
            sections,
            earlier: case.reopened.map(|_| earlier),
            decision,
            until,
        };
        remembered.0 = Some((whole, sight.clone()));
        sight
    }
}

impl Onlooker {
    /// Without a name yet: members of the family are named by their party.
    pub(super) fn into_could(self, id: AccountId) -> Could {
        Could {
            account: (!self.is_family).then_some(id),
            party: self.party,
            name: None,
            roles: self.roles,
            sections: self.sight.sections,
            earlier_sections: self.sight.earlier,
            decision: self.sight.decision,
        }
    }
}
