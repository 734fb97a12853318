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
        if account.holds(&self.role, self.unit, now) {
            return Err(Rejection::new(
                RejectionCode::AlreadyThere,
                "the account holds this role already",
            ));
        }
        let facts = RoleAssigned {
            account: self.account,
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
}

impl EndRole {
    /// `role_ended`.
    pub fn decide(self, account: &Account, now: Timestamp) -> Result<Vec<Decided>, Rejection> {
        if !account.holds(&self.role, self.unit, now) {
            return Err(Rejection::new(
                RejectionCode::NotFound,
                "the account does not hold this role",
            ));
        }
        let facts = RoleEnded {
            account: self.account,
            role: self.role,
            unit: self.unit,
        };
        Ok(vec![Decided::bare(StreamId::Account(self.account), facts)])
    }
}
