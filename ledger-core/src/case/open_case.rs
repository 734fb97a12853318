//! Open a case (V7, V10): only the concern and who is responsible; the log itself waits for the consent.

use super::Case;
use crate::{
    command::{self, Decided, LookupValue, Rejection, RejectionCode, Setting},
    events::{CaseOpened, CaseOpenedContent, PartyAdded, PartyAddedContent},
    ids::{Code, KeyId, OrganisationId, PartyId, StreamId},
    profile::Scope,
};

/// Opens a case; whoever opens it becomes its first party.
#[derive(Debug, Clone)]
pub struct OpenCase {
    /// The unit that is responsible.
    pub unit: OrganisationId,
    /// The child's name.
    pub child_name: String,
    /// The child's national identity number.
    pub national_id: Option<String>,
    /// Why the case is opened.
    pub concern: String,
    /// The role in the case of whoever opens it.
    pub opener_role: Code,
    /// The name under which the family knows whoever opens it.
    pub opener_name: String,
}

impl OpenCase {
    /// `case_opened` and the opener's `party_added`.
    pub fn decide(self, case: &Case, setting: &Setting<'_>) -> Result<Vec<Decided>, Rejection> {
        if case.opened.is_some() {
            return Err(Rejection::new(
                RejectionCode::AlreadyThere,
                "the case is open already",
            ));
        }
        let role = setting
            .profile
            .roles
            .get(&self.opener_role)
            .ok_or_else(|| super::add_party::unknown_role(&self.opener_role))?;
        // Whoever opens a case works with it. In a role of the family they could consent in its place.
        if !role.scopes.contains(&Scope::Case) {
            let message = format!(
                "a case is opened in a role of those who work with it, not as {}",
                self.opener_role
            );
            return Err(
                Rejection::new(RejectionCode::Invalid, message).because(role.requirement.as_ref())
            );
        }
        let national_id = self
            .national_id
            .as_deref()
            .map(normalised_national_id)
            .transpose()?;
        let stream = StreamId::Case(setting.case);
        let key = KeyId::Case(setting.case);
        let facts = CaseOpened {
            case: setting.case,
            profile: setting.profile.id.clone(),
            unit: self.unit,
            status: setting.profile.initial_status().clone(),
        };
        let content = CaseOpenedContent {
            child_name: command::line("childName", &self.child_name)?,
            national_id: national_id.clone(),
            concern: command::text("concern", &self.concern)?,
        };
        let mut opened = Decided::sealed(stream.clone(), facts, key, &content);
        let opener = PartyId::generate(setting.now, setting.entropy);
        if let Some(national_id) = national_id {
            // The child is no party of its own yet; the search leads to the case.
            opened
                .lookups
                .push((LookupValue::NationalId(national_id), opener));
        }
        let party = PartyAdded {
            party: opener,
            role: self.opener_role,
            staff: Some(setting.account),
            service: Some(self.unit),
        };
        let name = PartyAddedContent {
            name: command::line("openerName", &self.opener_name)?,
            account: None,
        };
        Ok(vec![opened, Decided::sealed(stream, party, key, &name)])
    }
}

/// A national identity number without spaces and dashes: 4 to 20 letters and digits.
pub fn normalised_national_id(text: &str) -> Result<String, Rejection> {
    let normal: String = text
        .chars()
        .filter(|c| !matches!(c, ' ' | '-' | '.'))
        .collect::<String>()
        .to_uppercase();
    if (4..=20).contains(&normal.len()) && normal.chars().all(|c| c.is_ascii_alphanumeric()) {
        Ok(normal)
    } else {
        Err(Rejection::new(
            RejectionCode::Invalid,
            "nationalId must be 4 to 20 letters or digits; spaces, dots and dashes are ignored",
        ))
    }
}
