//! How somebody stands to a case: what is so, on which events it rests, and for how long it stays so.

use super::*;
use crate::{
    case::testing::{
        KVAM, at, case_after, code, consent, emergency, father, gave, health, kvam_with, let_in,
        marit, mother, nina, now, nurse, opened, opening_cleared, other_consent, removed, school,
        takes_part, teacher, torunn, withdrew, works, young,
    },
    directory::testing::{account_after, activated, assigned, ended},
    events::{CameOfAge, ConsentGiven, Event, GlassBroken},
    ids::ConsentId,
};

fn of(id: AccountId, account: &Account, events: &[Event], profile: &Profile) -> Attributes {
    let asking = Asking {
        id,
        account,
        assurance: Assurance::High,
    };
    let case = case_after(events.iter().cloned());
    attributes(
        asking,
        &case,
        &Organisations::default(),
        &Asked::default(),
        profile,
        now(),
    )
}

/// How Nina, who works for the health service, stands after these events.
fn nina_after(events: &[Event]) -> Attributes {
    of(nina(), &Account::default(), events, KVAM.profile())
}

/// Two guardians and Nina: positions 1 to 4.
fn family() -> Vec<Event> {
    vec![
        opened(),
        takes_part(mother(), "guardian"),
        takes_part(father(), "guardian"),
        works(nurse(), "professional", nina(), health()),
    ]
}

fn family_and<const N: usize>(events: [Event; N]) -> Vec<Event> {
    family().into_iter().chain(events).collect()
}

fn positions<const N: usize>(numbers: [u64; N]) -> [Position; N] {
    numbers.map(Position)
}

fn dated(from: Option<&str>, through: Option<&str>) -> ConsentGiven {
    let day = |text: &str| text.parse().expect("a date");
    ConsentGiven {
        valid_from: from.map(day),
        valid_through: through.map(day),
        ..gave(consent(), mother())
    }
}

const ESTABLISHED: &str = "establish_log";

#[test]
fn a_consent_of_which_all_are_asked_is_in_force_when_each_has_given_it() {
    let one = nina_after(&family_and([gave(consent(), mother()).into()])).consents;
    assert!(one.value.is_empty());
    assert_eq!(one.cites, positions([5]));
    let both = nina_after(&family_and([
        gave(consent(), mother()).into(),
        gave(other_consent(), father()).into(),
    ]));
    assert_eq!(both.consents.value, [code(ESTABLISHED)].into());
    assert_eq!(both.consents.cites, positions([5, 6]));
    assert_eq!(both.consents.holds.until, None);
}

#[test]
fn a_guardian_who_joins_is_asked_too_and_one_who_consented_and_left_no_longer() {
    let consented = |events: &[Event]| !nina_after(events).consents.value.is_empty();
    let alone = [
        opened(),
        takes_part(mother(), "guardian"),
        gave(consent(), mother()).into(),
    ];
    assert!(consented(&alone));
    let joined = [&alone[..], &[takes_part(father(), "guardian")]].concat();
    assert!(!consented(&joined));
    let both = [&joined[..], &[gave(other_consent(), father()).into()]].concat();
    assert!(consented(&both));
    let left = [&both[..], &[removed(father())]].concat();
    assert!(consented(&left));
    // Where nobody is there who could consent, nobody has.
    let nobody = [&left[..], &[removed(mother())]].concat();
    assert!(!consented(&nobody));
}

#[test]
fn whoever_says_no_is_not_overcome_by_being_removed() {
    let consents = |events: &[Event]| nina_after(events).consents;
    let anew = ConsentId::from_ulid(44_u128.into());
    let mother_consents = || gave(consent(), mother()).into();
    // He never consented; he did, and took it back; what he gave had ended by its date.
    let ended = ConsentGiven {
        valid_through: Some("2026-02-27".parse().expect("a date")),
        ..gave(other_consent(), father())
    };
    for nays in [
        vec![],
        vec![
            gave(other_consent(), father()).into(),
            withdrew(other_consent(), father()),
        ],
        vec![ended.into()],
    ] {
        let left = [
            &family()[..],
            &[mother_consents()],
            &nays,
            &[removed(father())],
        ]
        .concat();
        let removal = Position(left.len() as u64);
        let without = consents(&left);
        assert!(without.value.is_empty(), "{nays:?}");
        assert!(without.cites.contains(&removal), "{:?}", without.cites);
        let case = case_after(left.iter().cloned());
        assert!(case.is_due_anew(consent(), KVAM.profile()), "{nays:?}");
        // Those who are left decide anew.
        let decided = [&left[..], &[gave(anew, mother()).into()]].concat();
        let with = consents(&decided);
        assert_eq!(with.value, [code(ESTABLISHED)].into(), "{nays:?}");
        assert!(with.cites.contains(&removal), "{:?}", with.cites);
    }
}

#[test]
fn whoever_never_named_a_service_is_not_overcome_by_being_removed_either() {
    let out = |services: &[OrganisationId]| {
        let events = family_and([
            let_in(consent(), mother(), &[health(), school()]).into(),
            let_in(other_consent(), father(), services).into(),
            removed(father()),
        ]);
        nina_after(&events).service_consented
    };
    assert!(out(&[health()]).value);
    let never_named = out(&[school()]);
    assert!(!never_named.value);
    assert_eq!(never_named.cites, positions([5, 7]));
}

#[test]
fn a_consent_of_which_any_is_asked_is_in_force_when_one_has_given_it() {
    let any = kvam_with("consent_by = \"all\"", "consent_by = \"any\"");
    let events = family_and([gave(consent(), father()).into()]);
    let consents = of(nina(), &Account::default(), &events, any.profile()).consents;
    assert_eq!(consents.value, [code(ESTABLISHED)].into());
}

#[test]
fn a_withdrawal_is_cited_beside_what_it_withdrew() {
    let consents = nina_after(&family_and([
        gave(consent(), mother()).into(),
        gave(other_consent(), father()).into(),
        withdrew(consent(), father()),
    ]))
    .consents;
    assert!(consents.value.is_empty());
    assert_eq!(consents.cites, positions([5, 7, 6]));
    assert_eq!(consents.holds.until, None);
}

#[test]
fn a_dated_consent_holds_until_midnight_in_the_profiles_time_zone() {
    let last_day = nina_after(&[
        opened(),
        takes_part(mother(), "guardian"),
        dated(None, Some("2026-03-02")).into(),
    ])
    .consents;
    assert_eq!(last_day.value, [code(ESTABLISHED)].into());
    assert_eq!(last_day.holds.until, Some(at("2026-03-02T23:00:00Z")));

    let over = nina_after(&[
        opened(),
        takes_part(mother(), "guardian"),
        dated(None, Some("2026-03-01")).into(),
    ])
    .consents;
    assert!(over.value.is_empty());
    assert_eq!(
        over.holds,
        Span {
            from: Some(at("2026-03-01T23:00:00Z")),
            until: None
        }
    );
}

#[test]
fn a_consent_that_begins_later_is_not_in_force_until_then() {
    let later = nina_after(&[
        opened(),
        takes_part(mother(), "guardian"),
        dated(Some("2026-05-01"), None).into(),
    ])
    .consents;
    assert!(later.value.is_empty());
    assert_eq!(later.holds.until, Some(at("2026-04-30T22:00:00Z")));
}

#[test]
fn a_consent_lets_nobody_in_before_it_was_recorded() {
    let backdated = nina_after(&[
        opened(),
        takes_part(mother(), "guardian"),
        dated(Some("2026-01-01"), None).into(),
    ])
    .consents;
    assert_eq!(
        backdated.holds.from,
        Some(crate::case::testing::yesterday())
    );
}

#[test]
fn a_service_is_let_in_when_everyone_has_named_it() {
    let named = |services: [&[OrganisationId]; 2]| {
        let events = family_and([
            let_in(consent(), mother(), services[0]).into(),
            let_in(other_consent(), father(), services[1]).into(),
        ]);
        nina_after(&events).service_consented
    };
    let both = named([&[health(), school()], &[health()]]);
    assert!(both.value);
    assert_eq!(both.cites, positions([5, 6]));
    // One of them has named somebody else: the kind is in force, this service is not let in.
    let one = named([&[health()], &[OrganisationId::from_ulid(99_u128.into())]]);
    assert!(!one.value);
    assert_eq!(one.cites, positions([5]));
}

#[test]
fn a_service_stays_in_for_as_long_as_the_consent_that_names_it() {
    let day = Some("2026-03-02".parse().expect("a date"));
    let events = [
        opened(),
        takes_part(mother(), "guardian"),
        works(nurse(), "professional", nina(), health()),
        ConsentGiven {
            valid_through: day,
            ..let_in(consent(), mother(), &[health()])
        }
        .into(),
    ];
    let let_in = nina_after(&events).service_consented;
    assert!(let_in.value);
    assert_eq!(let_in.holds.until, Some(at("2026-03-02T23:00:00Z")));
    let withdrawn = [&events[..], &[withdrew(consent(), mother())]].concat();
    let out = nina_after(&withdrawn).service_consented;
    assert!(!out.value);
    assert_eq!(out.cites, positions([4, 5]));
}

#[test]
fn the_service_that_keeps_the_log_needs_no_consent_by_name() {
    let events = [
        opened(),
        works(teacher(), "baton_holder", torunn(), school()),
    ];
    let own = of(torunn(), &Account::default(), &events, KVAM.profile());
    assert!(own.service_consented.value);
    assert_eq!(own.service_consented.cites, positions([1]));
    let stranger = of(marit(), &Account::default(), &events, KVAM.profile());
    assert!(!stranger.service_consented.value);
}

#[test]
fn who_takes_part_cites_being_added_and_who_was_removed_the_removal() {
    let roles = nina_after(&family()).case_roles;
    assert_eq!(roles.value, [code("professional")].into());
    assert_eq!(roles.cites, positions([4]));
    let roles = nina_after(&family_and([removed(nurse())])).case_roles;
    assert!(roles.value.is_empty());
    assert_eq!(roles.cites, positions([5]));
    let stranger = of(marit(), &Account::default(), &family(), KVAM.profile());
    assert_eq!(stranger.case_roles, Attribute::given(BTreeSet::new()));
}

#[test]
fn a_dated_role_holds_until_its_date_and_a_role_taken_back_cites_that() {
    let roles = |events: &[Event]| {
        let account = account_after(events.iter().cloned());
        of(torunn(), &account, &family(), KVAM.profile()).unit_roles
    };
    let ends = at("2026-08-01T00:00:00Z");
    let dated = roles(&[activated(), assigned(Some(ends))]);
    assert_eq!(dated.value, [code("baton_holder")].into());
    assert_eq!(
        (dated.holds.until, dated.cites),
        (Some(ends), vec![Position(2)])
    );
    let over = roles(&[activated(), assigned(Some(now()))]);
    assert!(over.value.is_empty());
    assert_eq!(over.holds.from, Some(now()));
    let taken_back = roles(&[activated(), assigned(None), ended()]);
    assert!(taken_back.value.is_empty());
    assert_eq!(taken_back.cites, positions([3]));
}

#[test]
fn a_role_in_another_unit_is_none_here() {
    let account = account_after([activated(), assigned(None)]);
    let elsewhere = Asked {
        unit: Some(health()),
        ..Asked::default()
    };
    let asking = Asking {
        id: torunn(),
        account: &account,
        assurance: Assurance::High,
    };
    let nothing = Case::default();
    let attributes = attributes(
        asking,
        &nothing,
        &Organisations::default(),
        &elsewhere,
        KVAM.profile(),
        now(),
    );
    assert!(attributes.unit_roles.value.is_empty());
    assert!(!attributes.case_exists.value);
}

#[test]
fn from_their_coming_of_age_on_the_young_person_decides_alone() {
    let consented = |events: &[Event]| {
        let consents = nina_after(events).consents;
        consents.value.contains(&code(ESTABLISHED))
    };
    let before = [
        opened(),
        takes_part(mother(), "guardian"),
        takes_part(young(), "young_person"),
        gave(consent(), mother()).into(),
        CameOfAge { party: young() }.into(),
    ];
    // What the mother gave holds on until they have decided.
    assert!(consented(&before));
    let decided = [&before[..], &[gave(other_consent(), young()).into()]].concat();
    let without_mother = [&decided[..], &[withdrew(consent(), mother())]].concat();
    assert!(consented(&without_mother));
    let taken_back = [&decided[..], &[withdrew(other_consent(), young())]].concat();
    assert!(!consented(&taken_back));
    // Nor does it come back when they no longer take part.
    let gone = [&taken_back[..], &[removed(young())]].concat();
    assert!(!consented(&gone));
    let removed_while_it_held = [&decided[..], &[removed(young())]].concat();
    assert!(!consented(&removed_while_it_held));
}

#[test]
fn an_opening_is_cleared_for_one_account_one_unit_and_one_system() {
    let cleared = |account, unit, profile: &Profile| {
        let asked = Asked {
            unit: Some(unit),
            ..Asked::default()
        };
        let nobody = Account::default();
        let asking = Asking {
            id: account,
            account: &nobody,
            assurance: Assurance::High,
        };
        let case = case_after([opening_cleared()]);
        attributes(
            asking,
            &case,
            &Organisations::default(),
            &asked,
            profile,
            now(),
        )
        .cleared
    };
    let kvam = KVAM.profile();
    let so = cleared(torunn(), school(), kvam);
    assert_eq!((so.value, so.cites), (true, vec![Position(1)]));
    assert!(!cleared(nina(), school(), kvam).value);
    assert!(!cleared(torunn(), health(), kvam).value);
    let other = kvam_with("id = \"stafettloggen-kvam\"", "id = \"another-system\"");
    assert!(!cleared(torunn(), school(), other.profile()).value);
}

#[test]
fn broken_glass_holds_for_whoever_broke_it_until_its_time() {
    let until = at("2026-03-02T13:00:00Z");
    let broken = GlassBroken {
        emergency: emergency(),
        account: nina(),
        until,
    };
    let events = family_and([broken.into()]);
    let own = nina_after(&events).emergency;
    assert_eq!((own.value, own.holds.until), (true, Some(until)));
    let other = of(torunn(), &Account::default(), &events, KVAM.profile()).emergency;
    assert_eq!(other, Attribute::given(false));
}
