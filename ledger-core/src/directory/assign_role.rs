//! Hand a role to somebody, or take it back (X1).

use super::Account;
use crate::{
    clock::Timestamp,
    command::{Decided, Rejection, RejectionCode},
    events::{RoleAssigned, RoleEnded},
    ids::{AccountId, Code, OrganisationId, StreamId},
    profile::{Profile, Scope},
};

/// Hands over a role.
#[derive(Debug, Clone)]
pub struct AssignRole {
    /// To whom.
    pub account: AccountId,
    /// Which role.
    pub role: Code,
    /// In which unit; none = in the whole tenant.
    pub unit: Option<OrganisationId>,
    /// First moment at which it no longer holds.
    pub until: Option<Timestamp>,
}

impl AssignRole {
    /// `role_assigned`.
    pub fn decide(
        self,
        account: &Account,
        profile: &Profile,
        now: Timestamp,
    ) -> Result<Vec<Decided>, Rejection> {
        let role = profile.roles.get(&self.role).ok_or_else(|| {
            Rejection::new(
                RejectionCode::NotInProfile,
                format!("the profile has no role {}", self.role),
            )
        })?;
        let (scope, where_to) = if self.unit.is_some() {
            (Scope::Unit, "in a unit")
        } else {
            (Scope::Tenant, "in the whole tenant")
        };
        if !role.scopes.contains(&scope) {
            let message = format!("the role {} cannot be held {where_to}", self.role);
            return Err(
                Rejection::new(RejectionCode::Invalid, message).because(role.requirement.as_ref())
            );
        }
        if account.activated.is_none() {
            return Err(Rejection::new(
                RejectionCode::NotFound,
                format!("no account {} is active; activate it first", self.account),
            ));
        }
        if self.until.is_some_and(|until| until <= now) {
            return Err(Rejection::new(
                RejectionCode::Invalid,
                "until lies in the past",
            ));
        }
        if account.holds(&profile.id, &self.role, self.unit, now) {
            return Err(Rejection::new(
                RejectionCode::AlreadyThere,
                "the account holds this role already",
            ));
        }
        let facts = RoleAssigned {
            account: self.account,
            profile: Some(profile.id.clone()),
            role: self.role,
            unit: self.unit,
            until: self.until,
        };
        Ok(vec![Decided::bare(StreamId::Account(self.account), facts)])
    }
}

/// Takes a role back.
#[derive(Debug, Clone)]
pub struct EndRole {
    /// From whom.
    pub account: AccountId,
    /// Which role.
    pub role: Code,
    /// In which unit; none = in the whole tenant.
    pub unit: Option<OrganisationId>,
    /// When it happened, if earlier than it is recorded: they left the service last week.
    pub occurred_at: Option<Timestamp>,
}

impl EndRole {
    /// `role_ended`.
    pub fn decide(
        self,
        account: &Account,
        profile: &Profile,
        now: Timestamp,
    ) -> Result<Vec<Decided>, Rejection> {
        if !account.holds(&profile.id, &self.role, self.unit, now) {
            return Err(Rejection::new(
                RejectionCode::NotFound,
                "the account does not hold this role",
            ));
        }
        let facts = RoleEnded {
            account: self.account,
            profile: Some(profile.id.clone()),
            role: self.role,
            unit: self.unit,
        };
        Ok(vec![Decided {
            occurred_at: self.occurred_at,
            ..Decided::bare(StreamId::Account(self.account), facts)
        }])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        case::testing::{KVAM, Outcome, at, code, health, now, school, torunn, yesterday},
        directory::testing::{account_after, activated, assigned, ended},
    };

    fn assign() -> AssignRole {
        AssignRole {
            account: torunn(),
            role: code("baton_holder"),
            unit: Some(school()),
            until: None,
        }
    }

    fn end() -> EndRole {
        EndRole {
            account: torunn(),
            role: code("baton_holder"),
            unit: Some(school()),
            occurred_at: None,
        }
    }

    fn on(account: &Account, command: AssignRole) -> Outcome {
        Outcome(command.decide(account, KVAM.profile(), now()))
    }

    fn active() -> Account {
        account_after([activated()])
    }

    #[test]
    fn a_role_is_handed_over_in_a_unit_or_in_the_whole_tenant() {
        on(&active(), assign()).then([assigned(None)]);
        let command = AssignRole {
            role: code("auditor"),
            unit: None,
            ..assign()
        };
        let facts = RoleAssigned {
            account: torunn(),
            profile: Some(KVAM.profile().id.clone()),
            role: code("auditor"),
            unit: None,
            until: None,
        };
        on(&active(), command).then([facts.into()]);
    }

    #[test]
    fn a_role_is_one_of_the_profile_and_held_where_it_can_be() {
        let role = code("stranger");
        on(&active(), AssignRole { role, ..assign() })
            .rejected(RejectionCode::NotInProfile)
            .naming("stranger");
        let everywhere = AssignRole {
            unit: None,
            ..assign()
        };
        on(&active(), everywhere)
            .rejected(RejectionCode::Invalid)
            .because("X1");
        let role = code("auditor");
        on(&active(), AssignRole { role, ..assign() })
            .rejected(RejectionCode::Invalid)
            .because("D4");
    }

    #[test]
    fn a_role_counts_in_the_system_by_whose_rules_it_was_given() {
        let role = code("baton_holder");
        let held = account_after([activated(), assigned(None)]);
        assert!(held.holds(&KVAM.profile().id, &role, Some(school()), now()));
        let other = "another-system".parse().expect("a profile");
        assert!(!held.holds(&other, &role, Some(school()), now()));
        let ended_there = RoleEnded {
            account: torunn(),
            profile: Some(other),
            role: role.clone(),
            unit: Some(school()),
        };
        let held = account_after([activated(), assigned(None), ended_there.into()]);
        assert!(held.holds(&KVAM.profile().id, &role, Some(school()), now()));
    }

    #[test]
    fn only_an_active_account_holds_roles() {
        on(&Account::default(), assign())
            .rejected(RejectionCode::NotFound)
            .naming(&torunn().to_string());
    }

    #[test]
    fn a_role_does_not_end_before_it_begins() {
        let until = |until| AssignRole {
            until: Some(until),
            ..assign()
        };
        for past in [now(), yesterday()] {
            on(&active(), until(past))
                .rejected(RejectionCode::Invalid)
                .naming("until");
        }
        let later = at("2026-03-02T12:00:01Z");
        on(&active(), until(later)).then([assigned(Some(later))]);
    }

    #[test]
    fn a_role_is_held_once_at_a_time() {
        let held = account_after([activated(), assigned(None)]);
        on(&held, assign()).rejected(RejectionCode::AlreadyThere);
        let over = account_after([activated(), assigned(Some(now()))]);
        on(&over, assign()).then([assigned(None)]);
        let ended = account_after([activated(), assigned(None), ended()]);
        on(&ended, assign()).then([assigned(None)]);
    }

    #[test]
    fn only_a_role_that_is_held_can_be_taken_back() {
        let held = account_after([activated(), assigned(None)]);
        Outcome(end().decide(&held, KVAM.profile(), now())).then([ended()]);
        let elsewhere = EndRole {
            unit: Some(health()),
            ..end()
        };
        Outcome(elsewhere.decide(&held, KVAM.profile(), now())).rejected(RejectionCode::NotFound);
        for account in [
            active(),
            account_after([activated(), assigned(Some(now()))]),
            account_after([activated(), assigned(None), ended()]),
        ] {
            Outcome(end().decide(&account, KVAM.profile(), now()))
                .rejected(RejectionCode::NotFound);
        }
    }
}
