//! The states of a log that the state × command table is about: each is the one before and something more.

use crate::{
    case::testing::{
        Noughts, agreement, begun, case_id, closed, code, consent, cooperates, emergency, gave,
        handover, health, hold, in_preparation, kolbein, meeting, mother, moved, nina, now, nurse,
        opening_cleared, other_consent, packaged_up_to, planned, school, signed_form, takes_part,
        teacher, torunn, withdrew, works, wrote, yesterday, young,
    },
    events::{
        AgreementMade, BatonOffered, CameOfAge, CaseArchived, CaseErased, CaseRested, ConsentGiven,
        ErasureStarted, Event, GlassBroken, HoldPlaced, MeetingPlanned, ServiceAdded,
    },
    ids::{PartyId, Position},
};

/// Who is offered the baton.
pub(super) fn colleague() -> PartyId {
    crate::case::testing::colleague()
}

fn and(before: &[Event], more: impl IntoIterator<Item = Event>) -> Vec<Event> {
    before.iter().cloned().chain(more).collect()
}

/// Each state by the name that the table gives it, with the events that lead to it.
pub(super) fn states() -> Vec<(&'static str, Vec<Event>)> {
    let cleared = vec![opening_cleared()];
    let preparing = and(&cleared, stock());
    let consented = and(&preparing, [gave(consent(), mother()).into()]);
    let active = and(&consented, [begun(), moved("preparing", "active")]);
    let offered = and(
        &active,
        [BatonOffered {
            handover: handover(),
            from: teacher(),
            to: colleague(),
        }
        .into()],
    );
    let expired = ConsentGiven {
        valid_through: Some("2026-03-01".parse().expect("a date")),
        ..gave(consent(), mother())
    };
    let expired = and(
        &preparing,
        [expired.into(), begun(), moved("preparing", "active")],
    );
    let of_age = and(
        &active,
        [
            CameOfAge { party: young() }.into(),
            gave(other_consent(), young()).into(),
        ],
    );
    let in_emergency = and(
        &active,
        [GlassBroken {
            emergency: emergency(),
            account: crate::case::testing::leiv(),
            until: now() + chrono::TimeDelta::hours(1),
        }
        .into()],
    );
    let held = and(&active, [placed()]);
    let passive = and(&active, [CaseRested {}.into(), moved("active", "passive")]);
    let withdrawn = and(
        &active,
        [withdrew(consent(), mother()), moved("active", "withdrawn")],
    );
    let ended = and(&active, closed());
    let packaged = and(&ended, [packaged_up_to(ended.len() as u64)]);
    let taken_over = CaseArchived {
        package: Position(packaged.len() as u64),
    };
    let archived = and(&packaged, [taken_over.into(), moved("closed", "archived")]);
    let archived_and_held = and(&archived, [placed()]);
    let erasing = and(&archived, [ErasureStarted {}.into()]);
    let certificate = CaseErased {
        keys: 1,
        contents: 1,
        backups_end: now(),
    };
    let erased = and(&erasing, [certificate.into(), moved("archived", "erased")]);
    vec![
        ("not cleared", Vec::new()),
        ("cleared, not opened", cleared),
        ("preparing, no consent", preparing),
        ("preparing, consented to, no measure begun", consented),
        ("active, a measure under way", active),
        ("active, the consent has expired", expired),
        ("active, the baton is offered", offered),
        (
            "active, the young person has come of age and consented",
            of_age,
        ),
        ("active, the glass is broken", in_emergency),
        ("active, under a legal hold", held),
        ("passive", passive),
        ("withdrawn", withdrawn),
        ("closed", ended),
        ("closed, a package is built", packaged),
        ("archived", archived),
        ("archived, under a legal hold", archived_and_held),
        ("being erased", erasing),
        ("erased", erased),
    ]
}

/// What stands in every log of the table: its people, one of each thing that is planned, a note and a signed form.
fn stock() -> Vec<Event> {
    let met = MeetingPlanned {
        meeting: meeting(),
        at: yesterday(),
    };
    let agreed = AgreementMade {
        agreement: agreement(),
        meeting: Some(meeting()),
        responsible: Some(teacher()),
        due: None,
    };
    vec![
        in_preparation(),
        works(teacher(), "baton_holder", torunn(), school()),
        takes_part(mother(), "guardian"),
        takes_part(young(), "young_person"),
        works(colleague(), "professional", kolbein(), school()),
        works(nurse(), "professional", nina(), health()),
        ServiceAdded { service: health() }.into(),
        cooperates(),
        signed_form(),
        wrote(),
        planned(),
        met.into(),
        agreed.into(),
    ]
}

fn placed() -> Event {
    HoldPlaced {
        hold: hold(),
        reason: code("supervision"),
    }
    .into()
}

/// Where the note of the stock stands, in the stream.
pub(super) fn the_note() -> Position {
    let place = stock().iter().position(|event| *event == wrote());
    // After the clearance, and counted from 1.
    Position(place.expect("it is there") as u64 + 2)
}

/// The ids are those of [`case_id`]; nothing here is left to chance.
pub(super) const CHANCE: &Noughts = &Noughts;

#[test]
fn every_status_of_the_profile_is_in_the_table() {
    let profile = crate::case::testing::KVAM.profile();
    for status in profile.statuses.keys() {
        let reached = states().iter().any(|(_, events)| {
            let case = super::people_of_the_table::case_with_family(events);
            case.status.is_some_and(|now| now.code == *status)
        });
        assert!(reached, "{status} of {}", case_id());
    }
}
