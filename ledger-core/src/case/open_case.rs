//! Open a case (V7, V10): only the concern and who is responsible. Where the profile asks for it, the nearest leader has
//! cleared it before (V23); the work in it waits for the consent and a measure (V11).

use chrono::NaiveDate;

use super::Case;
use crate::{
    command::{self, Decided, LookupValue, Rejection, RejectionCode, Setting},
    events::{CaseOpened, CaseOpenedContent, PartyAdded, PartyAddedContent},
    ids::{Code, KeyId, OrganisationId, PartyId, StreamId},
    profile::{Profile, Scope},
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
    /// The day on which the child was born.
    pub birth_date: Option<NaiveDate>,
    /// Why the case is opened.
    pub concern: String,
    /// The role in the case of whoever opens it.
    pub opener_role: Code,
    /// The name under which the family knows whoever opens it.
    pub opener_name: String,
    /// How it begins, where the profile leaves a choice.
    pub begins: Beginning,
}

/// How a case begins, where the profile leaves a choice.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Beginning {
    /// What is asked for: one of the profile's kinds of request, where it has any (K1).
    pub kind: Option<Code>,
    /// The organisation at whose desk it is to be discussed (K2).
    pub submitted_to: Option<OrganisationId>,
    /// The status in which it begins; none = the one that the profile begins in by itself (K10, K13).
    pub status: Option<Code>,
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
        let kind = kind_of_request(self.begins.kind, setting.profile)?;
        let status = first_status(self.begins.status, setting.profile)?;
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
            status,
            kind,
            submitted_to: self.begins.submitted_to,
        };
        let content = CaseOpenedContent {
            child_name: command::line("childName", &self.child_name)?,
            national_id: national_id.clone(),
            birth_date: self.birth_date,
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
            task: None,
        };
        let mut added = Decided::sealed(stream, party, key, &name);
        let found = (LookupValue::StaffAccount(setting.account), opener);
        added.lookups.push(found);
        Ok(vec![opened, added])
    }
}

/// What is asked for. A profile that knows kinds of request wants one of them, one that knows none wants none (K1).
fn kind_of_request(named: Option<Code>, profile: &Profile) -> Result<Option<Code>, Rejection> {
    let kinds = &profile.request_kinds;
    let codes: Vec<&str> = kinds.keys().map(Code::as_str).collect();
    let asked_for = kinds.values().next().and_then(|kind| kind.requirement);
    match named {
        Some(kind) if kinds.contains_key(&kind) => Ok(Some(kind)),
        Some(kind) if kinds.is_empty() => {
            let message = format!("the profile has no kinds of request; leave {kind} out");
            Err(Rejection::new(RejectionCode::NotInProfile, message))
        }
        Some(kind) => {
            let unknown = command::not_in_profile("kind of request", &kind, kinds.keys());
            Err(unknown.because(asked_for.as_ref()))
        }
        None if kinds.is_empty() => Ok(None),
        None => {
            let message = format!(
                "kind is missing; say what is asked for: {}",
                codes.join(", ")
            );
            Err(Rejection::invalid(message).because(asked_for.as_ref()))
        }
    }
}

/// The status in which it begins: the named one, if the profile lets a case begin in it, or the usual one.
fn first_status(named: Option<Code>, profile: &Profile) -> Result<Code, Rejection> {
    let Some(code) = named else {
        return Ok(profile.initial_status().clone());
    };
    match profile.statuses.get(&code) {
        Some(status) if status.begins() => Ok(code),
        Some(status) => {
            let message = format!("no case begins in the status {code}");
            let wrong = Rejection::new(RejectionCode::WrongStatus, message);
            Err(wrong.because(status.requirement.as_ref()))
        }
        None => {
            let statuses = profile.statuses.iter();
            let may = statuses.filter(|(_, status)| status.begins());
            Err(command::not_in_profile(
                "status to begin in",
                &code,
                may.map(|(code, _)| code),
            ))
        }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::testing::{
        code, content, given, in_preparation, new_party, opened, school, torunn, works,
    };

    fn open() -> OpenCase {
        OpenCase {
            unit: school(),
            child_name: "Ola Nordmann".to_owned(),
            national_id: Some("010112-123 45".to_owned()),
            birth_date: None,
            concern: "Trivst ikkje".to_owned(),
            opener_role: code("baton_holder"),
            opener_name: "Torunn".to_owned(),
            begins: Beginning::default(),
        }
    }

    #[test]
    fn whoever_opens_a_case_is_its_first_party_and_all_names_are_sealed() {
        let opener = works(new_party(), "baton_holder", torunn(), school());
        let [case, party] = given([]).when(open()).then([in_preparation(), opener]);
        let about: CaseOpenedContent = content(&case);
        assert_eq!(about.child_name, "Ola Nordmann");
        assert_eq!(about.national_id.as_deref(), Some("01011212345"));
        let number = LookupValue::NationalId("01011212345".to_owned());
        assert_eq!(case.lookups, [(number, new_party())]);
        assert_eq!(content::<PartyAddedContent>(&party).name, "Torunn");
        let opener = (LookupValue::StaffAccount(torunn()), new_party());
        assert_eq!(party.lookups, [opener]);
    }

    #[test]
    fn a_child_without_a_number_is_not_found_by_one() {
        let national_id = None;
        let command = OpenCase {
            national_id,
            ..open()
        };
        let opener = works(new_party(), "baton_holder", torunn(), school());
        let [case, _] = given([]).when(command).then([in_preparation(), opener]);
        assert!(case.lookups.is_empty());
    }

    #[test]
    fn a_case_is_opened_once() {
        given([opened()])
            .when(open())
            .rejected(RejectionCode::AlreadyThere);
    }

    #[test]
    fn nobody_opens_a_case_in_a_role_of_the_family_or_of_the_municipality() {
        let as_a = |role| OpenCase {
            opener_role: code(role),
            ..open()
        };
        given([])
            .when(as_a("stranger"))
            .rejected(RejectionCode::NotInProfile)
            .naming("stranger");
        for (role, requirement) in [
            ("guardian", "V8"),
            ("young_person", "X3"),
            ("auditor", "D4"),
        ] {
            given([])
                .when(as_a(role))
                .rejected(RejectionCode::Invalid)
                .because(requirement);
        }
    }

    #[test]
    fn a_national_id_looks_like_one() {
        for wrong in ["", "123", "01011212345-01011212345", "010112 æøå45"] {
            let national_id = Some(wrong.to_owned());
            given([])
                .when(OpenCase {
                    national_id,
                    ..open()
                })
                .rejected(RejectionCode::Invalid)
                .naming("nationalId");
        }
        assert_eq!(normalised_national_id("12.ab-34"), Ok("12AB34".to_owned()));
    }

    #[test]
    fn the_child_and_the_opener_have_names_and_the_concern_ends_somewhere() {
        let nameless = OpenCase {
            child_name: String::new(),
            ..open()
        };
        let anonymous = OpenCase {
            opener_name: " ".to_owned(),
            ..open()
        };
        let endless = OpenCase {
            concern: "x".repeat(command::TEXT_CHARS_MAX + 1),
            ..open()
        };
        for (command, field) in [
            (nameless, "childName"),
            (anonymous, "openerName"),
            (endless, "concern"),
        ] {
            given([])
                .when(command)
                .rejected(RejectionCode::Invalid)
                .naming(field);
        }
    }
}
