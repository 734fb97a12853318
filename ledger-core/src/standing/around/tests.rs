//! Whose agreement counts, from when until when; and who has a role in what a unit is part of.

use std::sync::Arc;

use chrono::NaiveDate;

use super::*;
use crate::{
    case::testing::{KVAM, at, code, day, kvam_with, now, recorded, torunn},
    events::{AgreementEnded, AgreementSigned, Event, OrganisationRegistered, RoleAssigned},
    ids::{AgreementId, StreamId},
};

fn organisation(number: u128) -> OrganisationId {
    OrganisationId::from_ulid(number.into())
}

fn consortium() -> OrganisationId {
    organisation(1)
}

fn region() -> OrganisationId {
    organisation(2)
}

fn board() -> OrganisationId {
    organisation(3)
}

fn school() -> OrganisationId {
    organisation(4)
}

fn desk() -> OrganisationId {
    organisation(5)
}

fn other_school() -> OrganisationId {
    organisation(6)
}

/// consortium ← region ← board ← school, and consortium ← desk; after these events at positions from 101 on.
fn after(events: &[(OrganisationId, Event)]) -> Organisations {
    let registered = [
        (consortium(), "consortium", None),
        (region(), "region", Some(consortium())),
        (board(), "school_board", Some(region())),
        (school(), "school", Some(board())),
        (desk(), "desk", Some(consortium())),
        (other_school(), "school", Some(board())),
    ];
    let registered = registered.map(|(organisation, kind, parent)| {
        let kind = code(kind);
        let event = OrganisationRegistered {
            organisation,
            kind,
            parent,
        };
        (organisation, Event::from(event))
    });
    let all = (1..)
        .zip(registered)
        .chain((101..).zip(events.iter().cloned()));
    let mut found = Organisations::default();
    for (position, (id, event)) in all {
        let organisation = Arc::make_mut(found.entry(id).or_default());
        organisation.evolve(&recorded(position, &StreamId::Organisation(id), &event));
    }
    found
}

fn signed(by: OrganisationId) -> AgreementSigned {
    AgreementSigned {
        agreement: AgreementId::from_ulid(9_u128.into()),
        organisation: by,
        kind: code("data_processing"),
        valid_from: day("2026-01-01"),
        valid_through: None,
        bound_by_secrecy: false,
        with: None,
        profile: Some(KVAM.profile().id.clone()),
    }
}

fn by(organisation: OrganisationId, agreement: AgreementSigned) -> (OrganisationId, Event) {
    (organisation, agreement.into())
}

fn sides() -> Sides {
    Sides {
        unit: Some(school()),
        receiver: Some(desk()),
    }
}

fn of_unit(events: &[(OrganisationId, Event)]) -> Attribute<BTreeSet<Code>> {
    unit_agreements(sides(), &after(events), KVAM.profile(), now())
}

fn of_receiver(events: &[(OrganisationId, Event)]) -> Attribute<BTreeSet<Code>> {
    receiver_agreements(sides(), &after(events), KVAM.profile(), now())
}

#[track_caller]
fn in_force(attribute: &Attribute<BTreeSet<Code>>, cites: &[u64]) {
    assert_eq!(attribute.value, BTreeSet::from([code("data_processing")]));
    let cited: Vec<u64> = attribute.cites.iter().map(|position| position.0).collect();
    assert_eq!(cited, cites);
}

#[test]
fn a_unit_has_what_it_has_signed_itself() {
    in_force(&of_unit(&[by(school(), signed(school()))]), &[101]);
    let with = Some(desk());
    let with_the_desk = AgreementSigned {
        with,
        ..signed(school())
    };
    in_force(&of_unit(&[by(school(), with_the_desk)]), &[101]);
}

#[test]
fn nobody_rides_along_on_the_agreement_of_what_they_are_part_of() {
    for above in [board(), region(), consortium(), other_school(), desk()] {
        let unit = of_unit(&[by(above, signed(above))]);
        assert!(unit.value.is_empty(), "{above}");
        assert!(unit.cites.is_empty(), "{above}");
    }
}

#[test]
fn a_board_signs_for_its_schools_where_the_profile_says_so() {
    let rules = kvam_with(
        "[agreements.data_processing]",
        "[agreements.data_processing]\ncovers_units_of = [\"school_board\"]",
    );
    let of = |signer| {
        let organisations = after(&[by(signer, signed(signer))]);
        unit_agreements(sides(), &organisations, rules.profile(), now())
    };
    in_force(&of(board()), &[101]);
    assert!(of(consortium()).value.is_empty());
    let with_the_board = AgreementSigned {
        with: Some(board()),
        ..signed(desk())
    };
    let organisations = after(&[by(desk(), with_the_board)]);
    let both = receiver_agreements(sides(), &organisations, rules.profile(), now());
    in_force(&both, &[101]);
}

#[test]
fn a_receiver_has_what_it_or_what_it_is_part_of_has_signed_alone() {
    in_force(&of_receiver(&[by(desk(), signed(desk()))]), &[101]);
    in_force(
        &of_receiver(&[by(consortium(), signed(consortium()))]),
        &[101],
    );
    assert!(
        of_receiver(&[by(school(), signed(school()))])
            .value
            .is_empty()
    );
}

#[test]
fn unit_and_receiver_sign_with_each_other_whoever_records_it() {
    let with = |signer, with| {
        let agreement = AgreementSigned {
            with: Some(with),
            ..signed(signer)
        };
        of_receiver(&[by(signer, agreement)])
    };
    in_force(&with(school(), desk()), &[101]);
    in_force(&with(school(), consortium()), &[101]);
    in_force(&with(desk(), school()), &[101]);
    for (signer, other) in [
        (desk(), other_school()),
        (other_school(), desk()),
        (school(), other_school()),
        (board(), desk()),
    ] {
        assert!(with(signer, other).value.is_empty(), "{signer} and {other}");
    }
}

fn dated(from: &str, through: Option<NaiveDate>) -> Attribute<BTreeSet<Code>> {
    let agreement = AgreementSigned {
        valid_from: day(from),
        valid_through: through,
        ..signed(school())
    };
    of_unit(&[by(school(), agreement)])
}

#[test]
fn it_holds_from_its_first_midnight_to_its_last_in_the_zone_of_the_profile() {
    let today = Some(day("2026-03-02"));
    let last_day = dated("2026-01-01", today);
    in_force(&last_day, &[101]);
    // Midnight in Oslo.
    assert_eq!(last_day.holds.until, Some(at("2026-03-02T23:00:00Z")));
    assert_eq!(last_day.holds.from, Some(at("2025-12-31T23:00:00Z")));
    let over = dated("2026-01-01", Some(day("2026-03-01")));
    assert!(over.value.is_empty());
    assert_eq!(over.holds.from, Some(at("2026-03-01T23:00:00Z")));
    let to_come = dated("2026-03-03", None);
    assert!(to_come.value.is_empty());
    assert_eq!(to_come.holds.until, Some(at("2026-03-02T23:00:00Z")));
}

#[test]
fn what_was_ended_holds_no_more_and_the_ending_is_cited() {
    let agreement = AgreementId::from_ulid(9_u128.into());
    let ended = AgreementEnded { agreement };
    let after = of_unit(&[by(school(), signed(school())), (school(), ended.into())]);
    assert!(after.value.is_empty());
    assert_eq!(after.cites, [Position(101), Position(102)]);
}

#[test]
fn an_agreement_counts_in_its_own_system_alone() {
    for profile in [None, Some("another-system".parse().expect("a profile"))] {
        let agreement = AgreementSigned {
            profile,
            ..signed(school())
        };
        assert!(of_unit(&[by(school(), agreement)]).value.is_empty());
    }
}

fn broker_of(organisation: OrganisationId) -> Account {
    let mut account = Account::default();
    let assigned = RoleAssigned {
        account: torunn(),
        profile: None,
        role: code("unit_leader"),
        unit: Some(organisation),
        until: None,
    };
    let stream = StreamId::Account(torunn());
    account.evolve(&recorded(201, &stream, &assigned.into()));
    account
}

#[test]
fn who_has_a_role_in_what_the_unit_is_part_of_is_known_by_the_way_up() {
    let organisations = after(&[]);
    let found = |account: &Account| {
        parent_roles(
            account,
            Some(school()),
            &organisations,
            KVAM.profile(),
            now(),
        )
    };
    let of_region = found(&broker_of(region()));
    assert_eq!(of_region.value, BTreeSet::from([code("unit_leader")]));
    // The school is of the board, the board of the region; and the role.
    assert_eq!(of_region.cites, [4, 3, 201].map(Position));
    for elsewhere in [school(), other_school(), desk()] {
        let none = found(&broker_of(elsewhere));
        assert!(none.value.is_empty(), "{elsewhere}");
        assert!(none.cites.is_empty(), "{elsewhere}");
    }
}

#[test]
fn a_circle_of_organisations_ends() {
    let mut organisations = Organisations::default();
    for (id, parent) in [(school(), board()), (board(), school())] {
        let circle = Organisation {
            parent: Some(parent),
            ..Organisation::default()
        };
        organisations.insert(id, circle.into());
    }
    let account = broker_of(board());
    let found = parent_roles(
        &account,
        Some(school()),
        &organisations,
        KVAM.profile(),
        now(),
    );
    assert_eq!(found.value, BTreeSet::from([code("unit_leader")]));
}
