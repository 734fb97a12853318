//! Clear that a case is opened (V23): the nearest leader, before anything is written about the child.

use super::Case;
use crate::{
    command::{Decided, LookupValue, Rejection, Setting},
    events::OpeningCleared,
    ids::{AccountId, OrganisationId, PartyId},
};

/// Clears that an account may open one case for a unit. Nothing is said about the child yet.
#[derive(Debug, Clone)]
pub struct ClearOpening {
    /// The unit that will be responsible.
    pub unit: OrganisationId,
    /// Who may open it.
    pub account: AccountId,
}

impl ClearOpening {
    /// `opening_cleared`.
    pub fn decide(self, case: &Case, setting: &Setting<'_>) -> Result<Vec<Decided>, Rejection> {
        if case.clearance.is_some() || case.opened.is_some() {
            let message = "this opening was cleared before; ask for a new one";
            return Err(Rejection::already(message));
        }
        let mut cleared = setting.bare(OpeningCleared {
            case: setting.case,
            profile: setting.profile.id.clone(),
            unit: self.unit,
            account: self.account,
        });
        // There is no party yet that it would be about.
        let nobody = PartyId::generate(setting.now, setting.entropy);
        let found = (LookupValue::StaffAccount(self.account), nobody);
        cleared.lookups.push(found);
        Ok(vec![cleared])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::testing::{given, opened, opening_cleared, school, torunn};
    use crate::command::RejectionCode;

    #[test]
    fn an_opening_is_cleared_once_and_not_afterwards() {
        let clear = || ClearOpening {
            unit: school(),
            account: torunn(),
        };
        let [cleared] = given([]).when(clear()).then([opening_cleared()]);
        let [(found_by, _)] = cleared.lookups.as_slice() else {
            panic!("it is found by one account");
        };
        assert_eq!(*found_by, LookupValue::StaffAccount(torunn()));
        for before in [opening_cleared(), opened()] {
            given([before])
                .when(clear())
                .rejected(RejectionCode::AlreadyThere)
                .because("V23");
        }
    }
}
