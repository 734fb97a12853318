//! Consents, and the forms in which they are given.

use std::collections::BTreeMap;

use ledger_core::{
    ids::Code,
    profile::{ConsentForm, ConsentRule, CountsFrom, InformedOf, Quorum},
};

use super::say::{Say, because, line};

pub(super) fn text(say: &Say<'_>, consents: &[ConsentRule]) -> String {
    let told = consents.iter().map(|rule| consent(say, rule));
    say.section("consents", &told.collect::<Vec<_>>())
}

pub(super) fn forms(say: &Say<'_>, forms: &BTreeMap<Code, ConsentForm>) -> String {
    let told = forms.values().map(|form| {
        let ConsentForm {
            name,
            scanned,
            requirement,
        } = form;
        let said: Vec<String> = scanned
            .then(|| say.message("scanned"))
            .into_iter()
            .collect();
        line(&say.name(name), &said, *requirement)
    });
    say.section("forms", &told.collect::<Vec<_>>())
}

fn consent(say: &Say<'_>, rule: &ConsentRule) -> String {
    let ConsentRule {
        // Told by its name.
        kind: _,
        name,
        given_by,
        consent_by,
        // The checks demand that one is enough.
        withdraw_by: _,
        given_of_age_by,
        anew_at_transitions,
        anew_after_change,
        informed_of,
        names_services,
        one_service_each,
        forms,
        counts_from,
        valid_for_months_recommended,
        max_valid_months,
        requirement,
    } = rule;
    let by = match consent_by {
        Quorum::All => "given-all",
        Quorum::Any => "given-any",
    };
    let roles = say.listed("or", given_by, Say::role);
    let mut said = vec![say.filled(by, &[("roles", &roles)])];
    if let Some(role) = given_of_age_by {
        let years = say.profile.ages.young_person_consents_from_years;
        let filled = [("years", years.to_string()), ("role", say.role(role))];
        let filled = filled.each_ref().map(|(name, text)| (*name, text.as_str()));
        said.push(say.filled("given-of-age", &filled));
    }
    said.push(say.message("withdrawn"));
    if let Some(InformedOf { items, requirement }) = informed_of {
        let items = say.listed("and", items, Say::information);
        let told = say.filled("informed-of", &[("items", &items)]);
        said.push(format!("{told}{}", because(*requirement)));
    }
    if let Some(forms) = forms {
        let forms = say.listed("or", forms, Say::form);
        said.push(say.filled("forms-only", &[("forms", &forms)]));
    }
    for (so, id) in [
        (*names_services, "names-services"),
        (*one_service_each, "one-service-each"),
        (*anew_at_transitions, "anew-transitions"),
        (*anew_after_change, "anew-change"),
    ] {
        said.extend(so.then(|| say.message(id)));
    }
    said.push(say.message(match counts_from {
        CountsFrom::Opening => "counts-opening",
        CountsFrom::Reopening => "counts-reopening",
    }));
    for (months, id) in [
        (max_valid_months, "valid-most"),
        (valid_for_months_recommended, "valid-recommended"),
    ] {
        said.extend(months.map(|months| say.filled(id, &[("months", &months.to_string())])));
    }
    line(&say.name(name), &said, *requirement)
}
