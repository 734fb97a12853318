//! Let someone take part (V4, V5, X1).

use super::Case;
use crate::{
    command::{self, Decided, LookupValue, Rejection, RejectionCode, Setting},
    events::{PartyAdded, PartyAddedContent},
    ids::{AccountId, Code, KeyId, OrganisationId, PartyId, StreamId},
    profile::Scope,
};

/// Adds a person.
#[derive(Debug, Clone)]
pub struct AddParty {
    /// The role in the case.
    pub role: Code,
    /// The account; a member of the family may have none.
    pub account: Option<AccountId>,
    /// The service for which a member of staff takes part.
    pub service: Option<OrganisationId>,
    /// The name.
    pub name: String,
    /// The task of somebody who works with the case (V5).
    pub task: Option<String>,
}

pub(super) fn unknown_role(role: &Code) -> Rejection {
    Rejection::new(
        RejectionCode::NotInProfile,
        format!("the profile has no role {role}"),
    )
}

impl AddParty {
    /// `party_added`.
    pub fn decide(self, case: &Case, setting: &Setting<'_>) -> Result<Vec<Decided>, Rejection> {
        let role = setting
            .profile
            .roles
            .get(&self.role)
            .ok_or_else(|| unknown_role(&self.role))?;
        let family = role.scopes.contains(&Scope::Family);
        if !family && !role.scopes.contains(&Scope::Case) {
            let message = format!(
                "the role {} is not one that somebody has in a case",
                self.role
            );
            return Err(
                Rejection::new(RejectionCode::Invalid, message).because(role.requirement.as_ref())
            );
        }
        if !family && (self.account.is_none() || self.service.is_none()) {
            let message = format!(
                "the role {} needs an account and the service that it belongs to",
                self.role
            );
            return Err(
                Rejection::new(RejectionCode::Invalid, message).because(role.requirement.as_ref())
            );
        }
        let baton = setting.profile.baton.as_ref();
        if let Some(baton) = baton.filter(|baton| baton.role == self.role)
            && super::offer_baton::holder(case, &baton.role).is_some()
        {
            let message =
                "somebody holds the baton already; add them in another role and offer it to them";
            return Err(Rejection::already(message).because(baton.requirement.as_ref()));
        }
        if let Some(account) = self.account
            && case.party_of(account).is_some()
        {
            return Err(Rejection::new(
                RejectionCode::AlreadyThere,
                "this account takes part already; remove it first to change its role",
            ));
        }
        let parties_max = setting.profile.limits.parties_max;
        if case.current_parties().count() as u64 >= u64::from(parties_max) {
            return Err(Rejection::new(
                RejectionCode::Invalid,
                format!(
                    "{parties_max} take part already, the most that the profile allows; remove one first"
                ),
            ));
        }
        let party = PartyId::generate(setting.now, setting.entropy);
        // Members of the family appear in facts by the party id alone.
        let (staff, hidden) = if family {
            (None, self.account)
        } else {
            (self.account, None)
        };
        let facts = PartyAdded {
            party,
            role: self.role,
            staff,
            service: self.service.filter(|_| !family),
        };
        let content = PartyAddedContent {
            name: command::line("name", &self.name)?,
            account: hidden,
            task: self
                .task
                .as_deref()
                .map(|task| command::text("task", task))
                .transpose()?,
        };
        let mut added = Decided::sealed(
            StreamId::Case(setting.case),
            facts,
            KeyId::Case(setting.case),
            &content,
        );
        let found_by = if family {
            LookupValue::FamilyAccount
        } else {
            LookupValue::StaffAccount
        };
        let account = self.account.into_iter();
        added
            .lookups
            .extend(account.map(|account| (found_by(account), party)));
        Ok(vec![added])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::testing::{
        code, content, given, health, kvam_with, marit, mother, new_party, nina, nurse, opened,
        removed, school, takes_part, teacher, torunn, works,
    };

    fn guardian() -> AddParty {
        AddParty {
            role: code("guardian"),
            account: Some(marit()),
            service: None,
            name: "Marit".to_owned(),
            task: None,
        }
    }

    #[test]
    fn there_is_one_baton_and_it_is_handed_over() {
        let second = || AddParty {
            role: code("baton_holder"),
            ..professional()
        };
        let held = [
            opened(),
            works(teacher(), "baton_holder", torunn(), school()),
        ];
        given(held)
            .when(second())
            .rejected(RejectionCode::AlreadyThere)
            .because("X2")
            .naming("offer it");
        given([opened()]).when(second()).0.expect("nobody holds it");
    }

    fn professional() -> AddParty {
        AddParty {
            role: code("professional"),
            account: Some(nina()),
            service: Some(health()),
            name: "Nina".to_owned(),
            task: None,
        }
    }

    #[test]
    fn a_member_of_the_family_appears_in_facts_by_the_party_id_alone() {
        let service = Some(health());
        let command = AddParty {
            service,
            ..guardian()
        };
        let [added] = given([opened()])
            .when(command)
            .then([takes_part(new_party(), "guardian")]);
        let hidden: PartyAddedContent = content(&added);
        assert_eq!(hidden.account, Some(marit()));
        let found = (LookupValue::FamilyAccount(marit()), new_party());
        assert_eq!(added.lookups, [found]);
    }

    #[test]
    fn a_member_of_the_family_may_have_no_account() {
        let account = None;
        let command = AddParty {
            account,
            ..guardian()
        };
        let [added] = given([opened()])
            .when(command)
            .then([takes_part(new_party(), "guardian")]);
        assert!(added.lookups.is_empty());
    }

    #[test]
    fn a_member_of_staff_appears_with_account_and_service() {
        let [added] = given([opened()]).when(professional()).then([works(
            new_party(),
            "professional",
            nina(),
            health(),
        )]);
        let hidden: PartyAddedContent = content(&added);
        assert_eq!((hidden.account, &*hidden.name), (None, "Nina"));
        let found = (LookupValue::StaffAccount(nina()), new_party());
        assert_eq!(added.lookups, [found]);
        assert_eq!(added.family_account(), None);
    }

    #[test]
    fn a_role_must_be_one_that_somebody_has_in_a_case() {
        let with = |role| AddParty {
            role: code(role),
            ..professional()
        };
        given([opened()])
            .when(with("stranger"))
            .rejected(RejectionCode::NotInProfile)
            .naming("stranger");
        given([opened()])
            .when(with("auditor"))
            .rejected(RejectionCode::Invalid)
            .because("D4");
    }

    #[test]
    fn a_member_of_staff_needs_an_account_and_a_service() {
        let without_account = AddParty {
            account: None,
            ..professional()
        };
        let without_service = AddParty {
            service: None,
            ..professional()
        };
        for command in [without_account, without_service] {
            given([opened()])
                .when(command)
                .rejected(RejectionCode::Invalid)
                .because("V5");
        }
    }

    #[test]
    fn nobody_takes_part_twice_but_may_come_back() {
        let nina_works = || works(nurse(), "professional", nina(), health());
        given([opened(), nina_works()])
            .when(professional())
            .rejected(RejectionCode::AlreadyThere);
        given([opened(), nina_works(), removed(nurse())])
            .when(professional())
            .then([works(new_party(), "professional", nina(), health())]);
    }

    #[test]
    fn everybody_has_a_name() {
        let name = String::new();
        given([opened()])
            .when(AddParty { name, ..guardian() })
            .rejected(RejectionCode::Invalid)
            .naming("name");
    }

    #[test]
    fn no_more_take_part_at_a_time_than_the_profile_says() {
        let strict = || kvam_with("parties_max = 60", "parties_max = 2");
        let two = || {
            [
                opened(),
                takes_part(mother(), "guardian"),
                works(teacher(), "baton_holder", torunn(), school()),
            ]
        };
        given(two())
            .by_the_rules_of(strict())
            .when(professional())
            .rejected(RejectionCode::Invalid)
            .naming("2");
        given(two().into_iter().chain([removed(mother())]))
            .by_the_rules_of(strict())
            .when(professional())
            .then([works(new_party(), "professional", nina(), health())]);
    }
}
