//! How somebody stands to a case at a moment: the attributes that the rules ask about, each with the events it
//! was read from and the span of time in which it stays as it is.

mod around;
mod rounds;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

pub(crate) use around::{STEPS_UP_MAX, Sides, newest_with_the_receiver};
pub(crate) use rounds::is_guest_of_the_past;

use crate::{
    access::{Attribute, Attributes, all_sections, no_form, no_reason, no_status},
    case::{Case, Consent, Erasure, Party},
    clock::{Span, Timestamp},
    directory::{Account, Organisations},
    ids::{AccountId, Code, OrganisationId, PartyId, Position, RoundId},
    profile::{Assurance, ConsentRule, Profile, Quorum},
};

/// Who asks, as far as the rules care.
#[derive(Debug, Clone, Copy)]
pub struct Asking<'a> {
    /// The account that signed in.
    pub id: AccountId,
    /// What the ledger knows of it.
    pub account: &'a Account,
    /// How surely it is who it says.
    pub assurance: Assurance,
}

/// What is asked, as far as it is more than an action.
#[derive(Debug, Clone, Default)]
pub struct Asked<'a> {
    /// The unit acted upon where there is no case yet.
    pub unit: Option<OrganisationId>,
    /// The section that is asked for; none = all.
    pub section: Option<Code>,
    /// The party acted upon.
    pub party: Option<PartyId>,
    /// The organisation to which a case is, or something of it, passed on.
    pub receiver: Option<OrganisationId>,
    /// The status in which a case is to begin, or into which it is to be changed.
    pub status: Option<Code>,
    /// The round acted upon.
    pub round: Option<RoundId>,
    /// The account acted upon.
    pub account: Option<AccountId>,
    /// The role that is handed over or taken back.
    pub role: Option<&'a Code>,
    /// The form of the consent that is to be recorded.
    pub form: Option<&'a Code>,
    /// The referral that is made or acted upon.
    pub referral: Option<AskedReferral>,
    /// The reason for which the case is to be closed.
    pub reason: Option<&'a Code>,
    /// Whether it is about what was recorded before the case was last reopened.
    pub earlier: bool,
}

/// What is asked about a referral.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AskedReferral {
    /// Which of the profile's kinds.
    pub kind: Code,
    /// Which subtype of that kind.
    pub subtype: Code,
    /// The event that made it, if it is made already.
    pub made: Option<Position>,
}

/// Reads the attributes off the state as of `at`.
#[expect(clippy::too_many_lines, reason = "one entry an attribute")]
pub fn attributes(
    asking: Asking<'_>,
    case: &Case,
    organisations: &Organisations,
    asked: &Asked<'_>,
    profile: &Profile,
    at: Timestamp,
) -> Attributes {
    let unit = case
        .opened
        .as_ref()
        .map(|opened| opened.unit)
        .or(asked.unit);
    let party = case.party_of(asking.id);
    let tenant_roles = roles(asking.account, None, profile, at);
    let roles_in = |unit: Option<OrganisationId>| match unit {
        Some(unit) => roles(asking.account, Some(unit), profile, at),
        None => Attribute::given(BTreeSet::new()),
    };
    let unit_roles = roles_in(unit);
    // Who asks to pass something on to an organisation has nothing there by asking: a case says itself to whom it was
    // submitted.
    let receiver = match &case.opened {
        Some(opened) => opened.submitted_to,
        None => asked.receiver,
    };
    let receiver_roles = roles_in(receiver);
    let parent_roles = around::parent_roles(asking.account, unit, organisations, profile, at);
    let parties = around::Sides {
        unit,
        receiver: asked.receiver.or(receiver),
    };
    let case_roles = if let Some((_, party)) = party {
        Attribute::new(
            BTreeSet::from([party.role.clone()]),
            party_cites(party),
            Span::ALWAYS,
        )
    } else {
        // Nothing is cited for somebody who was never a party; a removal is.
        let parties = case.parties.values();
        let own = parties.filter(|party| party.account() == Some(asking.id));
        let removed = own.filter_map(|party| party.removed).collect();
        Attribute::new(BTreeSet::new(), removed, Span::ALWAYS)
    };
    let opened: Vec<Position> = case.opened.iter().map(|opened| opened.position).collect();
    let section = asked.section.clone().unwrap_or_else(all_sections);
    let erasure: Vec<Position> = match case.erasure {
        Erasure::None => Vec::new(),
        Erasure::Started(position) | Erasure::Done(position) => vec![position],
    };
    let may_appoint = asked.role.is_some_and(|role| {
        profile.may_appoint(
            tenant_roles
                .value
                .iter()
                .chain(&unit_roles.value)
                .chain(&parent_roles.value)
                .chain(&case_roles.value),
            role,
        )
    });
    let appoint_cites: Vec<Position> = [&tenant_roles, &unit_roles, &parent_roles, &case_roles]
        .iter()
        .flat_map(|roles| roles.cites.iter().copied())
        .collect();
    let appoint_holds = tenant_roles
        .holds
        .intersect(unit_roles.holds)
        .intersect(parent_roles.holds);
    let asker_bound = Attribute::new(
        profile.is_bound_by_secrecy(unit_roles.value.iter().chain(&case_roles.value)),
        [&unit_roles, &case_roles]
            .iter()
            .flat_map(|roles| roles.cites.iter().copied())
            .collect(),
        unit_roles.holds,
    );
    Attributes {
        assurance: Attribute::given(asking.assurance),
        account_active: Attribute::new(
            asking.account.is_active(),
            [asking.account.activated, asking.account.deactivated]
                .into_iter()
                .flatten()
                .collect(),
            Span::ALWAYS,
        ),
        cleared: cleared(asking.id, case, asked, profile),
        of_age: of_age(party.map(|(_, party)| party)),
        emergency: emergency(asking.id, case, at),
        shares_data: shares_data(asked.referral.as_ref(), profile),
        receiver_consented: receiver_consented(asked, case, profile, at),
        asker_bound,
        held: held(case),
        consent_form: Attribute::given(asked.form.cloned().unwrap_or_else(no_form)),
        section_shown: section_shown(party.map(|(_, party)| party), &section, profile),
        status_asked: Attribute::given(asked.status.clone().unwrap_or_else(no_status)),
        round_open: rounds::round_open(asking.id, case, asked.round, profile, at),
        receiver_bound: around::receiver_bound(parties, organisations, profile, at),
        unit_agreements: around::unit_agreements(parties, organisations, profile, at),
        receiver_agreements: around::receiver_agreements(parties, organisations, profile, at),
        tenant_roles,
        unit_roles,
        receiver_roles,
        parent_roles,
        case_roles,
        case_exists: Attribute::new(case.opened.is_some(), opened, Span::ALWAYS),
        status: match &case.status {
            Some(status) => Attribute::new(status.code.clone(), vec![status.since], Span::ALWAYS),
            None => Attribute::given(no_status()),
        },
        erasing: Attribute::new(
            matches!(case.erasure, Erasure::Started(_)),
            erasure.clone(),
            Span::ALWAYS,
        ),
        erased: Attribute::new(
            matches!(case.erasure, Erasure::Done(_)),
            erasure,
            Span::ALWAYS,
        ),
        consents: consents_in_force(case, profile, at),
        service_consented: service_consented(
            case,
            party.and_then(|(_, party)| party.service),
            profile,
            at,
        ),
        section: Attribute::given(section),
        earlier: earlier(case, asked),
        closing_reason: Attribute::given(asked.reason.cloned().unwrap_or_else(no_reason)),
        self_party: Attribute::given(
            asked.account == Some(asking.id)
                || asked
                    .party
                    .is_some_and(|wanted| party.is_some_and(|(own, _)| own == wanted)),
        ),
        may_appoint: Attribute::new(may_appoint, appoint_cites, appoint_holds),
    }
}

/// The same question about one section, or about what is earlier in it: everything else stays as it is.
pub(crate) fn of_section(
    whole: &Attributes,
    asking: AccountId,
    case: &Case,
    section: &Code,
    earlier: bool,
    profile: &Profile,
) -> Attributes {
    let party = case.party_of(asking).map(|(_, party)| party);
    let asked = Asked {
        earlier,
        ..Asked::default()
    };
    Attributes {
        section: Attribute::given(section.clone()),
        section_shown: section_shown(party, section, profile),
        earlier: self::earlier(case, &asked),
        ..whole.clone()
    }
}

/// Whether somebody's role is shown a section at all. Who asks for the whole is shown what there is; each section is
/// decided by itself.
fn section_shown(party: Option<&Party>, section: &Code, profile: &Profile) -> Attribute<bool> {
    Attribute::given(
        party.is_none_or(|party| *section == all_sections() || profile.shows(&party.role, section)),
    )
}

/// The events that made somebody what they are in a case.
fn party_cites(party: &Party) -> Vec<Position> {
    let mut cites = vec![party.added, party.role_since];
    cites.dedup();
    cites
}

/// Whether somebody has cleared that this account opens this case, for this unit and in this system (V23).
fn cleared(
    account: AccountId,
    case: &Case,
    asked: &Asked<'_>,
    profile: &Profile,
) -> Attribute<bool> {
    match &case.clearance {
        Some(clearance) => Attribute::new(
            clearance.account == account
                && asked.unit == Some(clearance.unit)
                && clearance.profile == profile.id,
            vec![clearance.position],
            Span::ALWAYS,
        ),
        None => Attribute::given(false),
    }
}

/// Whether a member of the family has come of age (X3).
fn of_age(party: Option<&Party>) -> Attribute<bool> {
    let came = party.and_then(|party| party.of_age);
    Attribute::new(came.is_some(), came.into_iter().collect(), Span::ALWAYS)
}

/// Whether this account has broken the glass, and the time has not passed.
fn emergency(account: AccountId, case: &Case, at: Timestamp) -> Attribute<bool> {
    let (mut value, mut cites, mut holds) = (false, Vec::new(), Span::ALWAYS);
    let own = case.emergencies.values();
    for broken in own.filter(|broken| broken.account == account) {
        cites.extend(broken.positions());
        if let Some(span) = broken.span() {
            value |= span.contains(at);
            holds = holds.intersect(span.constant_around(at));
        }
    }
    Attribute::new(value, cites, holds)
}

/// Whether data are shared on the referral that is asked about (M9).
fn shares_data(referral: Option<&AskedReferral>, profile: &Profile) -> Attribute<bool> {
    let Some(referral) = referral else {
        return Attribute::given(false);
    };
    let subtype = profile.referral(&referral.kind, &referral.subtype);
    Attribute::new(
        subtype.is_some_and(|subtype| subtype.shares_data),
        referral.made.into_iter().collect(),
        Span::ALWAYS,
    )
}

/// Whether what is asked for was recorded before the case was last reopened (S18).
fn earlier(case: &Case, asked: &Asked<'_>) -> Attribute<bool> {
    let reopened = case.reopened.filter(|_| asked.earlier);
    Attribute::new(
        reopened.is_some(),
        reopened.into_iter().collect(),
        Span::ALWAYS,
    )
}

/// Whether the consent that this referral takes names its receiver, given by everyone who is asked (M8).
fn receiver_consented(
    asked: &Asked<'_>,
    case: &Case,
    profile: &Profile,
    at: Timestamp,
) -> Attribute<bool> {
    let rule = asked
        .referral
        .as_ref()
        .and_then(|referral| profile.referral(&referral.kind, &referral.subtype))
        .and_then(|subtype| profile.consent(subtype.consent.as_ref()?));
    match (rule, asked.receiver) {
        (Some(rule), Some(receiver)) => agreed(rule, case, profile, at, |consent| {
            consent.services.contains(&receiver)
        }),
        _ => Attribute::given(false),
    }
}

/// Whether a legal hold is in force.
fn held(case: &Case) -> Attribute<bool> {
    let cites = case
        .holds
        .values()
        .flat_map(|hold| [Some(hold.placed), hold.lifted])
        .flatten()
        .collect();
    Attribute::new(case.is_held(), cites, Span::ALWAYS)
}

/// Roles held at `at` in the profile's system: in one unit, or in the whole tenant.
fn roles(
    account: &Account,
    unit: Option<OrganisationId>,
    profile: &Profile,
    at: Timestamp,
) -> Attribute<BTreeSet<Code>> {
    let (mut held, mut cites, mut holds) = (BTreeSet::new(), Vec::new(), Span::ALWAYS);
    let given = account.roles.iter();
    for role in given.filter(|role| role.unit == unit && role.counts_in(&profile.id)) {
        let Some(span) = role.span() else {
            cites.extend(role.ended);
            continue;
        };
        holds = holds.intersect(span.constant_around(at));
        cites.push(role.assigned);
        if span.contains(at) {
            held.insert(role.role.clone());
        }
    }
    Attribute::new(held, cites, holds)
}

/// Whether a consent holds at `at`, and around which span that stays so.
fn in_force(consent: &Consent, profile: &Profile, at: Timestamp) -> (bool, Span) {
    match consent.span(profile) {
        None => (false, Span::ALWAYS),
        Some(span) => (span.contains(at), span.constant_around(at)),
    }
}

/// The young person who gives consents of this kind alone, because they have come of age (X3). Who takes part no more
/// is still of age: what the guardians gave before does not come back into force.
pub(crate) fn speaks_for_themselves(case: &Case, rule: &ConsentRule) -> Option<PartyId> {
    let young = case.parties.iter().filter(|(_, party)| {
        party.of_age.is_some() && rule.given_of_age_by.as_ref() == Some(&party.role)
    });
    young
        .max_by_key(|(_, party)| (party.removed.is_none(), party.added))
        .map(|(id, _)| *id)
}

/// Whether one of the consents that `counts` says is in force, whoever else is asked.
pub(crate) fn agreed_alone(
    case: &Case,
    profile: &Profile,
    at: Timestamp,
    counts: impl Fn(&Consent) -> bool,
) -> bool {
    let mut consents = case.consents.values();
    consents.any(|consent| counts(consent) && in_force(consent, profile, at).0)
}

/// Whether those whose consent of a kind is asked for have given it, counting the consents that `counts` says.
pub(crate) fn agreed(
    rule: &ConsentRule,
    case: &Case,
    profile: &Profile,
    at: Timestamp,
    counts: impl Fn(&Consent) -> bool,
) -> Attribute<bool> {
    let (mut givers, mut cites, mut holds) = (BTreeMap::new(), Vec::new(), Span::ALWAYS);
    let of_this_kind = || {
        let consents = case.consents.values();
        consents.filter(|consent| {
            consent.kind == rule.kind && case.still_counts(consent, rule) && counts(consent)
        })
    };
    for consent in of_this_kind() {
        let (now, span) = in_force(consent, profile, at);
        cites.extend(consent.positions());
        holds = holds.intersect(span);
        if now {
            let newest = givers.entry(consent.by).or_insert(consent.given);
            *newest = consent.given.max(*newest);
        }
    }
    let left = left_without_consenting(rule, case, profile, of_this_kind);
    cites.extend(left);
    let young = speaks_for_themselves(case, rule);
    cites.extend(
        young
            .and_then(|young| case.parties.get(&young))
            .and_then(|party| party.of_age),
    );
    let enough = match young {
        // What the guardians gave before holds on until the young person has decided.
        Some(young) => {
            let role = |by| case.parties.get(by).map(|party: &Party| &party.role);
            let has_decided =
                of_this_kind().any(|consent| rule.given_of_age_by.as_ref() == role(&consent.by));
            let takes_part = case.current_party(young).is_some();
            (takes_part && givers.contains_key(&young))
                || (!has_decided && is_quorum(rule, case, &givers, left))
        }
        None => is_quorum(rule, case, &givers, left),
    };
    Attribute::new(enough, cites, holds)
}

/// The newest removal of somebody whose consent was asked for and who had not given it then, or from whom it was taken
/// back: they have said no. A no is not overcome by a removal (V7): what the others had given until then does not count
/// any more, and they are asked anew.
pub(crate) fn left_without_consenting<'a, Given: Iterator<Item = &'a Consent>>(
    rule: &ConsentRule,
    case: &Case,
    profile: &Profile,
    of_this_kind: impl Fn() -> Given,
) -> Option<Position> {
    if rule.consent_by == Quorum::Any {
        return None;
    }
    let asked = case
        .parties
        .iter()
        .filter(|(_, party)| rule.given_by.contains(&party.role));
    let left = asked.filter_map(|(id, party)| {
        let at = party.removed_at?;
        let mut given = of_this_kind().filter(|consent| consent.by == *id);
        let consented = given.any(|consent| in_force(consent, profile, at).0);
        party.removed.filter(|_| !consented)
    });
    left.max()
}

/// Whether enough of those who are asked have given it; of whom all are asked, since somebody `left` who had not.
fn is_quorum(
    rule: &ConsentRule,
    case: &Case,
    givers: &BTreeMap<PartyId, Position>,
    left: Option<Position>,
) -> bool {
    match rule.consent_by {
        Quorum::Any => !givers.is_empty(),
        Quorum::All => {
            let mut asked = case
                .current_parties()
                .filter(|(_, party)| rule.given_by.contains(&party.role))
                .peekable();
            asked.peek().is_some()
                && asked.all(|(id, _)| givers.get(&id).is_some_and(|given| Some(*given) > left))
        }
    }
}

/// The kinds of consent that those whose consent is asked for have given.
pub(crate) fn consents_in_force(
    case: &Case,
    profile: &Profile,
    at: Timestamp,
) -> Attribute<BTreeSet<Code>> {
    let (mut kinds, mut cites, mut holds) = (BTreeSet::new(), Vec::new(), Span::ALWAYS);
    for rule in &profile.consents {
        let agreed = agreed(rule, case, profile, at, |_| true);
        cites.extend(agreed.cites);
        holds = holds.intersect(agreed.holds);
        if agreed.value {
            kinds.insert(rule.kind.clone());
        }
    }
    Attribute::new(kinds, cites, holds)
}

/// Whether this service has been let in by name (V12), by everyone whose consent to that is asked for: one guardian
/// cannot let in a service that the other has not named.
fn service_consented(
    case: &Case,
    service: Option<OrganisationId>,
    profile: &Profile,
    at: Timestamp,
) -> Attribute<bool> {
    let Some(service) = service else {
        return Attribute::given(false);
    };
    // The unit that is responsible for the case is let in by the consent to the log itself.
    if let Some(opened) = case.opened.as_ref().filter(|opened| opened.unit == service) {
        return Attribute::new(true, vec![opened.position], Span::ALWAYS);
    }
    let (mut covered, mut cites, mut holds) = (false, Vec::new(), Span::ALWAYS);
    for rule in profile.consents.iter().filter(|rule| rule.names_services) {
        let agreed = agreed(rule, case, profile, at, |consent| {
            consent.services.contains(&service)
        });
        covered |= agreed.value;
        cites.extend(agreed.cites);
        holds = holds.intersect(agreed.holds);
    }
    Attribute::new(covered, cites, holds)
}
