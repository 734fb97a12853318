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
        if let Some(account) = self.account
            && case.party_of(account).is_some()
        {
            return Err(Rejection::new(
                RejectionCode::AlreadyThere,
                "this account takes part already; remove it first to change its role",
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
        };
        let mut added = Decided::sealed(
            StreamId::Case(setting.case),
            facts,
            KeyId::Case(setting.case),
            &content,
        );
        added
            .lookups
            .extend(hidden.map(|account| (LookupValue::FamilyAccount(account), party)));
        Ok(vec![added])
    }
}
