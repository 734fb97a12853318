//! Say no to a consent that is asked for. The no stands until the same party gives the consent (S18).

use std::collections::BTreeSet;

use super::{Case, Consent};
use crate::{
    command::{self, Decided, Rejection, RejectionCode, Setting, not_in_profile},
    events::{ConsentDeclined, ConsentDeclinedContent},
    ids::{Code, OrganisationId, PartyId},
    profile::ConsentRule,
    standing,
};

/// Says no to a consent, by the asker or, for a member of the family without an account, on their word.
#[derive(Debug, Clone)]
pub struct DeclineConsent {
    /// Which of the profile's consents.
    pub kind: Code,
    /// Who says no.
    pub by: PartyId,
    /// The services that it was to let in.
    pub services: BTreeSet<OrganisationId>,
    /// What was said about it; may be empty, because nobody has to give a reason.
    pub reason: String,
}

impl DeclineConsent {
    /// `consent_declined`.
    pub fn decide(self, case: &Case, setting: &Setting<'_>) -> Result<Vec<Decided>, Rejection> {
        let known = setting.profile.consents.iter().map(|rule| &rule.kind);
        let rule = setting
            .profile
            .consent(&self.kind)
            .ok_or_else(|| not_in_profile("consent of kind", &self.kind, known))?;
        self.check(rule, case, setting)
            .map_err(|rejection| rejection.because(rule.requirement.as_ref()))?;
        let content = ConsentDeclinedContent {
            reason: command::text("reason", &self.reason)?,
        };
        let lapsed = self.own(rule, case).map(|(consent, _)| consent).collect();
        let facts = ConsentDeclined {
            kind: self.kind,
            by: self.by,
            services: self.services.into_iter().collect(),
            lapsed,
        };
        Ok(vec![setting.sealed(facts, &content)])
    }

    fn check(
        &self,
        rule: &ConsentRule,
        case: &Case,
        setting: &Setting<'_>,
    ) -> Result<(), Rejection> {
        let by = case.current_party(self.by).ok_or_else(|| {
            let message = format!("no party {} takes part in the case", self.by);
            Rejection::new(RejectionCode::NotFound, message)
        })?;
        let of_age = standing::speaks_for_themselves(case, rule);
        let is_asked = match of_age {
            Some(young) => young == self.by,
            None => rule.given_by.contains(&by.role),
        };
        if !is_asked {
            let message = format!(
                "party {} is not asked for a consent of kind {}",
                self.by, self.kind
            );
            return Err(Rejection::invalid(message));
        }
        if rule.names_services == self.services.is_empty() {
            let message = if rule.names_services {
                "this kind of consent names services; say for which ones it is not given"
            } else {
                "this kind of consent names no services; leave them out"
            };
            return Err(Rejection::invalid(message));
        }
        let holds = |consent: &Consent| {
            let span = consent.span(setting.profile);
            span.is_some_and(|span| span.until.is_none_or(|until| until > setting.now))
        };
        if self.own(rule, case).any(|(_, consent)| holds(consent)) {
            let message = "this party has given that consent; withdraw it instead";
            return Err(Rejection::already(message));
        }
        let mut declined = case.declined(setting.profile);
        let has_said_so = declined.any(|declined| {
            declined.kind == self.kind
                && declined.by == self.by
                && self.services.is_subset(&declined.services)
        });
        if has_said_so {
            let message = "this party has said no already; that stands until they give the consent";
            return Err(Rejection::already(message));
        }
        Ok(())
    }

    /// What this party has given of it and what still stands, whatever its date.
    fn own<'a>(
        &'a self,
        rule: &'a ConsentRule,
        case: &'a Case,
    ) -> impl Iterator<Item = (crate::ids::ConsentId, &'a Consent)> {
        let consents = case.consents.iter().map(|(id, consent)| (*id, consent));
        consents.filter(move |(_, consent)| {
            consent.kind == self.kind
                && consent.by == self.by
                && consent.stands()
                && case.still_counts(consent, rule)
                && (!rule.names_services || !consent.services.is_disjoint(&self.services))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        case::testing::{
            code, consent, content, father, gave, given, health, let_in, mother, nurse, opened,
            other_consent, takes_part, withdrew, young,
        },
        events::{CameOfAge, ConsentGiven, Event},
    };

    fn family() -> [Event; 3] {
        [
            opened(),
            takes_part(mother(), "guardian"),
            takes_part(father(), "guardian"),
        ]
    }

    fn no() -> DeclineConsent {
        DeclineConsent {
            kind: code("establish_log"),
            by: mother(),
            services: BTreeSet::new(),
            reason: "Ikkje no".to_owned(),
        }
    }

    fn said_no() -> ConsentDeclined {
        ConsentDeclined {
            kind: code("establish_log"),
            by: mother(),
            services: Vec::new(),
            lapsed: Vec::new(),
        }
    }

    #[test]
    fn a_no_says_who_and_to_what_and_keeps_its_reason_sealed() {
        let [event] = given(family()).when(no()).then([said_no().into()]);
        assert_eq!(content::<ConsentDeclinedContent>(&event).reason, "Ikkje no");
    }

    #[test]
    fn a_no_stands_until_the_same_party_gives_the_consent() {
        let again = |more: Vec<Event>| given(family().into_iter().chain(more)).when(no());
        again(vec![said_no().into()]).rejected(RejectionCode::AlreadyThere);
        // The other's yes does not take it away.
        again(vec![said_no().into(), gave(consent(), father()).into()])
            .rejected(RejectionCode::AlreadyThere);
        again(vec![
            said_no().into(),
            gave(consent(), mother()).into(),
            withdrew(consent(), mother()),
        ])
        .then([said_no().into()]);
    }

    #[test]
    fn who_has_given_it_withdraws_instead() {
        given(
            family()
                .into_iter()
                .chain([gave(consent(), mother()).into()]),
        )
        .when(no())
        .rejected(RejectionCode::AlreadyThere)
        .naming("withdraw")
        .because("V24");
    }

    #[test]
    fn a_consent_whose_date_has_passed_is_not_given_anew() {
        let expired = ConsentGiven {
            valid_through: Some("2026-02-01".parse().expect("a date")),
            ..gave(consent(), mother())
        };
        let facts = ConsentDeclined {
            lapsed: vec![consent()],
            ..said_no()
        };
        given(family().into_iter().chain([expired.into()]))
            .when(no())
            .then([facts.into()]);
    }

    #[test]
    fn only_who_is_asked_says_no() {
        for by in [nurse(), PartyId::from_ulid(99_u128.into())] {
            given(family())
                .when(DeclineConsent { by, ..no() })
                .rejected(RejectionCode::NotFound);
        }
        let of_age = [
            takes_part(young(), "young_person"),
            CameOfAge { party: young() }.into(),
        ];
        given(family().into_iter().chain(of_age))
            .when(no())
            .rejected(RejectionCode::Invalid)
            .because("V24");
    }

    #[test]
    fn a_no_is_about_services_where_the_kind_names_them() {
        let kind = code("cooperation");
        given(family())
            .when(DeclineConsent { kind, ..no() })
            .rejected(RejectionCode::Invalid)
            .naming("services");
        let services = BTreeSet::from([health()]);
        let to_health = || DeclineConsent {
            kind: code("cooperation"),
            services: services.clone(),
            ..no()
        };
        let facts = ConsentDeclined {
            kind: code("cooperation"),
            services: vec![health()],
            ..said_no()
        };
        given(family()).when(to_health()).then([facts.into()]);
        let let_in = let_in(other_consent(), mother(), &[health()]);
        given(family().into_iter().chain([let_in.into()]))
            .when(to_health())
            .rejected(RejectionCode::AlreadyThere);
        given(family())
            .when(DeclineConsent { services, ..no() })
            .rejected(RejectionCode::Invalid);
    }
}
