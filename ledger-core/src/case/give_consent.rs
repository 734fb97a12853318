//! Record a consent (V7, V12, V24). The log becomes active with the first one that its profile asks for.

use std::collections::BTreeSet;

use chrono::{Months, NaiveDate};

use super::Case;
use crate::{
    access::Action,
    clock::Timestamp,
    command::{self, Decided, Rejection, RejectionCode, Setting, not_in_profile, not_there},
    events::{ConsentGiven, ConsentGivenContent},
    ids::{Code, ConsentId, DocumentId, OrganisationId, PartyId, Position},
    profile::{ConsentRule, KeptRule},
    standing,
};

/// Records a consent, given by the asker or, on a paper form, by another member of the family.
#[derive(Debug, Clone)]
pub struct GiveConsent {
    /// Which of the profile's consents.
    pub kind: Code,
    /// Who gives it.
    pub by: PartyId,
    /// In which of the profile's forms.
    pub form: Code,
    /// The signed form, filed as a document of the case.
    pub scan: Option<DocumentId>,
    /// The consent that it takes the place of.
    pub renews: Option<ConsentId>,
    /// The services that it lets in.
    pub services: BTreeSet<OrganisationId>,
    /// First day; none = from now.
    pub valid_from: Option<NaiveDate>,
    /// Last day; none = until withdrawn.
    pub valid_through: Option<NaiveDate>,
    /// When it was given, if earlier than now: a form signed last week.
    pub occurred_at: Option<Timestamp>,
    /// A remark.
    pub remark: String,
}

impl GiveConsent {
    /// `consent_given`, and `status_changed` where the profile says so.
    pub fn decide(self, case: &Case, setting: &Setting<'_>) -> Result<Vec<Decided>, Rejection> {
        let rule = setting.profile.consent(&self.kind).ok_or_else(|| {
            Rejection::new(
                RejectionCode::NotInProfile,
                format!("the profile has no consent of kind {}", self.kind),
            )
        })?;
        let giver = case
            .parties
            .get(&self.by)
            .filter(|party| party.removed.is_none());
        let giver = giver.ok_or_else(|| {
            Rejection::new(
                RejectionCode::NotFound,
                format!("no party {} takes part in the case; add it first", self.by),
            )
        })?;
        if !rule.is_given_by(&giver.role) {
            let message = format!(
                "a consent of kind {} cannot be given in the role {}",
                self.kind, giver.role
            );
            return Err(
                Rejection::new(RejectionCode::Invalid, message).because(rule.requirement.as_ref())
            );
        }
        if rule.names_services && self.services.is_empty() {
            let message = format!(
                "a consent of kind {} names the services that it lets in; give at least one",
                self.kind
            );
            return Err(
                Rejection::new(RejectionCode::Invalid, message).because(rule.requirement.as_ref())
            );
        }
        if rule.one_service_each && self.services.len() > 1 {
            let message = format!(
                "a consent of kind {} lets in one service; give one for each of them",
                self.kind
            );
            return Err(Rejection::invalid(message).because(rule.requirement.as_ref()));
        }
        let of_age = standing::speaks_for_themselves(case, rule);
        let message = match of_age {
            Some(young) if young != self.by => {
                Some("the young person has come of age and consents on their own behalf")
            }
            None if !rule.given_by.contains(&giver.role) => {
                Some("the young person has not come of age yet; record it first if they have")
            }
            _ => None,
        };
        if let Some(message) = message {
            let requirement = setting.profile.ages.requirement.as_ref();
            return Err(Rejection::invalid(message).because(requirement));
        }
        self.check_informed(rule, case, setting)?;
        self.check_days(rule.max_valid_months, setting)?;
        self.check_form(rule, case, setting)?;
        self.check_renewed(case, setting)?;
        let facts = ConsentGiven {
            consent: ConsentId::generate(setting.now, setting.entropy),
            kind: self.kind,
            by: self.by,
            form: self.form,
            scan: self.scan,
            renews: self.renews,
            services: self.services.into_iter().collect(),
            valid_from: self.valid_from,
            valid_through: self.valid_through,
        };
        let content = ConsentGivenContent {
            remark: command::text("remark", &self.remark)?,
        };
        let mut after = case.clone();
        // It will come after everything that is there.
        after.take_consent(&facts, Position(u64::MAX), setting.now);
        let mut given = setting.sealed(facts, &content);
        given.occurred_at = self.occurred_at;
        let moved = command::transition(setting, Action::GiveConsent, case, &after);
        Ok([Some(given), moved].into_iter().flatten().collect())
    }

    /// Whoever gives it was told before what it means, about each receiver that it names (M7).
    fn check_informed(
        &self,
        rule: &ConsentRule,
        case: &Case,
        setting: &Setting<'_>,
    ) -> Result<(), Rejection> {
        let Some(informed_of) = &rule.informed_of else {
            return Ok(());
        };
        let given_at = self.occurred_at.unwrap_or(setting.now);
        let mut about: Vec<Option<OrganisationId>> =
            self.services.iter().copied().map(Some).collect();
        if about.is_empty() {
            about.push(None);
        }
        for receiver in about {
            let missing =
                case.handing_over
                    .not_told(&informed_of.items, self.by, receiver, given_at);
            if !missing.is_empty() {
                let missing: Vec<&str> = missing.into_iter().map(Code::as_str).collect();
                let message = format!(
                    "whoever consents has been told before what it means; not recorded as told to party {} before this \
                     consent: {}",
                    self.by,
                    missing.join(", ")
                );
                return Err(Rejection::invalid(message).because(informed_of.requirement.as_ref()));
            }
        }
        Ok(())
    }

    /// The form is one of the profile's; where it is signed on paper, the paper was filed.
    fn check_form(
        &self,
        rule: &ConsentRule,
        case: &Case,
        setting: &Setting<'_>,
    ) -> Result<(), Rejection> {
        let forms = &setting.profile.consent_forms;
        let form = forms.get(&self.form).ok_or_else(|| {
            not_in_profile("form of consent", &self.form, forms.keys())
                .because(setting.asked_for(KeptRule::ConsentForm))
        })?;
        if let Some(accepted) = &rule.forms
            && !accepted.contains(&self.form)
        {
            let accepted: Vec<&str> = accepted.iter().map(Code::as_str).collect();
            let message = format!(
                "a consent of kind {} is not given in the form {}; give it as {}",
                self.kind,
                self.form,
                accepted.join(" or ")
            );
            return Err(Rejection::invalid(message).because(rule.requirement.as_ref()));
        }
        let because = form.requirement.as_ref();
        match self.scan {
            None if form.scanned => {
                let message = format!(
                    "a consent in the form {} names the scanned form; file it as a document first",
                    self.form
                );
                Err(Rejection::invalid(message).because(because))
            }
            Some(scan) if case.documents.get(&scan).is_none_or(|scan| scan.redacted) => {
                Err(not_there("document", scan).because(because))
            }
            _ => Ok(()),
        }
    }

    /// What is renewed is a standing consent of the same kind, given by the same party.
    fn check_renewed(&self, case: &Case, setting: &Setting<'_>) -> Result<(), Rejection> {
        let Some(renews) = self.renews else {
            return Ok(());
        };
        let renewal = setting.asked_for(KeptRule::ConsentRenewal);
        let former = case.consents.get(&renews);
        let former = former.ok_or_else(|| not_there("consent", renews).because(renewal))?;
        if former.kind != self.kind || former.by != self.by {
            let message =
                "what is renewed must be a consent of the same kind, given by the same party";
            return Err(Rejection::invalid(message).because(renewal));
        }
        if !former.stands() {
            let message = "that consent was withdrawn, declared invalid or renewed before; give a new one instead";
            return Err(Rejection::already(message).because(renewal));
        }
        Ok(())
    }

    fn check_days(&self, max_months: Option<u32>, setting: &Setting<'_>) -> Result<(), Rejection> {
        let renewal = setting.asked_for(KeptRule::ConsentRenewal);
        let invalid = |message: String| Err(Rejection::invalid(message).because(renewal));
        let today = setting.profile.date_of(setting.now);
        let from = self.valid_from.unwrap_or(today);
        let Some(through) = self.valid_through else {
            return Ok(());
        };
        if through < from || through < today {
            return invalid(format!(
                "validThrough {through} lies before the consent begins or before today"
            ));
        }
        match max_months.and_then(|months| from.checked_add_months(Months::new(months))) {
            Some(latest) if through > latest => invalid(format!(
                "validThrough {through} is later than {latest}, the longest that the profile allows"
            )),
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        case::testing::{
            at, begun, case_after, closed, code, consent, content, father, gave, given, health,
            in_preparation, kvam_with, let_in, mother, moved, new_consent, nina, nurse, opened,
            planned, removed, school, takes_part, works,
        },
        events::{CaseReopened, Event},
    };

    fn family() -> [Event; 3] {
        [
            opened(),
            takes_part(mother(), "guardian"),
            works(nurse(), "professional", nina(), health()),
        ]
    }

    fn establish() -> GiveConsent {
        GiveConsent {
            kind: code("establish_log"),
            by: mother(),
            form: code("digital"),
            scan: None,
            renews: None,
            services: BTreeSet::new(),
            valid_from: None,
            valid_through: None,
            occurred_at: None,
            remark: String::new(),
        }
    }

    #[expect(clippy::unnecessary_wraps, reason = "as the command takes it")]
    fn day(text: &str) -> Option<NaiveDate> {
        Some(text.parse().expect("a date"))
    }

    #[test]
    fn a_guardian_consents_to_the_log() {
        given(family())
            .when(establish())
            .then([gave(new_consent(), mother()).into()]);
    }

    #[test]
    fn a_consent_to_cooperation_names_the_services() {
        let cooperate = |services| GiveConsent {
            kind: code("cooperation"),
            services,
            ..establish()
        };
        given(family())
            .when(cooperate([health()].into()))
            .then([let_in(new_consent(), mother(), &[health()]).into()]);
        given(family())
            .when(cooperate(BTreeSet::new()))
            .rejected(RejectionCode::Invalid)
            .because("V24");
    }

    #[test]
    fn a_form_that_was_signed_last_week_says_so_and_its_remark_is_sealed() {
        let signed = at("2026-02-23T10:00:00Z");
        let command = GiveConsent {
            occurred_at: Some(signed),
            remark: "I mappa".to_owned(),
            ..establish()
        };
        let [given] = given(family())
            .when(command)
            .then([gave(new_consent(), mother()).into()]);
        assert_eq!(given.occurred_at, Some(signed));
        assert_eq!(content::<ConsentGivenContent>(&given).remark, "I mappa");
    }

    #[test]
    fn a_consent_is_of_a_kind_that_the_profile_has() {
        let kind = code("photos");
        given(family())
            .when(GiveConsent {
                kind,
                ..establish()
            })
            .rejected(RejectionCode::NotInProfile)
            .naming("photos");
    }

    #[test]
    fn only_who_takes_part_now_can_consent() {
        let by = |by| GiveConsent { by, ..establish() };
        given(family())
            .when(by(father()))
            .rejected(RejectionCode::NotFound)
            .naming(&father().to_string());
        let events = family().into_iter().chain([removed(mother())]);
        given(events)
            .when(by(mother()))
            .rejected(RejectionCode::NotFound);
    }

    #[test]
    fn a_professional_cannot_consent_in_the_familys_place() {
        let by = nurse();
        given(family())
            .when(GiveConsent { by, ..establish() })
            .rejected(RejectionCode::Invalid)
            .because("V24");
    }

    #[test]
    fn what_is_given_after_somebody_left_without_consenting_counts_from_then_on() {
        let events = [
            in_preparation(),
            takes_part(mother(), "guardian"),
            takes_part(father(), "guardian"),
            planned(),
            begun(),
            gave(consent(), mother()).into(),
            removed(father()),
        ];
        given(events).when(establish()).then([
            gave(new_consent(), mother()).into(),
            moved("preparing", "active"),
        ]);
    }

    #[test]
    fn a_consent_ends_neither_before_it_begins_nor_before_today() {
        let dated = |valid_from, valid_through| GiveConsent {
            valid_from,
            valid_through,
            ..establish()
        };
        for command in [
            dated(None, day("2026-03-01")),
            dated(day("2026-05-01"), day("2026-04-30")),
            dated(day("2026-01-01"), day("2026-02-01")),
        ] {
            given(family())
                .when(command)
                .rejected(RejectionCode::Invalid)
                .naming("validThrough");
        }
        // Today is not too early, and a consent may begin later.
        for (from, through) in [(None, "2026-03-02"), (day("2026-05-01"), "2026-05-01")] {
            let through = day(through);
            let facts = ConsentGiven {
                valid_from: from,
                valid_through: through,
                ..gave(new_consent(), mother())
            };
            given(family())
                .when(dated(from, through))
                .then([facts.into()]);
        }
    }

    #[test]
    fn a_consent_is_given_for_no_longer_than_the_profile_allows() {
        let strict = || {
            kvam_with(
                "consent_by = \"all\"\n",
                "consent_by = \"all\"\nmax_valid_months = 24\n",
            )
        };
        let through = |text| GiveConsent {
            valid_through: day(text),
            ..establish()
        };
        given(family())
            .by_the_rules_of(strict())
            .when(through("2028-03-03"))
            .rejected(RejectionCode::Invalid)
            .naming("2028-03-02");
        let fits = given(family())
            .by_the_rules_of(strict())
            .when(through("2028-03-02"));
        fits.0.expect("it fits");
    }

    #[test]
    fn a_consent_moves_the_case_on_where_the_profile_says_so() {
        let moving = kvam_with(
            "[[consents]]\nkind = \"establish_log\"",
            "[[transitions]]\ncommand = \"give_consent\"\nfrom = [\"active\"]\nto = \"closed\"\n\n[[consents]]\nkind = \"establish_log\"",
        );
        given(family())
            .by_the_rules_of(moving)
            .when(establish())
            .then([
                gave(new_consent(), mother()).into(),
                moved("active", "closed"),
            ]);
    }

    #[test]
    fn a_kind_of_consent_may_accept_some_forms_only() {
        let on_paper = || {
            kvam_with(
                "kind = \"establish_log\"\n",
                "kind = \"establish_log\"\nforms = [\"paper\"]\n",
            )
        };
        given(family())
            .by_the_rules_of(on_paper())
            .when(establish())
            .rejected(RejectionCode::Invalid)
            .naming("paper")
            .because("V24");
    }

    #[test]
    fn each_service_may_need_a_consent_of_its_own() {
        let each = || {
            kvam_with(
                "names_services = true\n",
                "names_services = true\none_service_each = true\n",
            )
        };
        let kind = code("cooperation");
        let of = |services: &[OrganisationId]| GiveConsent {
            kind: kind.clone(),
            services: services.iter().copied().collect(),
            ..establish()
        };
        given(family())
            .by_the_rules_of(each())
            .when(of(&[health(), school()]))
            .rejected(RejectionCode::Invalid)
            .because("V24");
        let one = given(family())
            .by_the_rules_of(each())
            .when(of(&[health()]));
        one.0.expect("one is enough");
    }

    #[test]
    fn what_was_given_before_a_reopening_may_count_no_more() {
        let anew = || {
            kvam_with(
                "kind = \"establish_log\"\n",
                "kind = \"establish_log\"\ncounts_from = \"reopening\"\n",
            )
        };
        let [first, second] = closed();
        let reopened = [
            gave(consent(), mother()).into(),
            first,
            second,
            CaseReopened {}.into(),
        ];
        let case = case_after(family().into_iter().chain(reopened));
        let now = crate::case::testing::now();
        for (rules, counts) in [(anew(), false), (kvam_with("", ""), true)] {
            let in_force = standing::consents_in_force(&case, rules.profile(), now);
            assert_eq!(in_force.value.contains(&code("establish_log")), counts);
        }
    }
}
