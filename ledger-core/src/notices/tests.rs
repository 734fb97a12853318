//! What causes what, and for whom.

use super::*;
use crate::{
    case::testing::{
        KVAM, case_id, code, consent, day, father, gave, handover, health, measure, meeting,
        mother, nina, nurse, opened, other_consent, planned, recorded, removed, school, takes_part,
        teacher, torunn, withdrew, works, wrote,
    },
    events::{
        BatonOffered, ConsentGiven, GuestInvited, MeasureEnded, MeetingCancelled, MeetingMoved,
        MeetingPlanned, SituationChanged,
    },
    ids::{AccountId, Digest, InvitationId, RoundId, StreamId},
    profile::{Assurance, RuleBookText},
};

/// A case after these events, as it is known where the accounts of the family can be read.
struct Story {
    case: Case,
    events: Vec<Arc<Recorded>>,
}

fn story(events: impl IntoIterator<Item = Event>) -> Story {
    let people: [Event; 5] = [
        opened(),
        works(teacher(), "baton_holder", torunn(), school()),
        takes_part(mother(), "guardian"),
        takes_part(father(), "guardian"),
        works(nurse(), "professional", nina(), health()),
    ];
    let (mut case, mut kept) = (Case::default(), Vec::new());
    for (position, event) in (1..).zip(people.into_iter().chain(events)) {
        let recorded = recorded(position, &StreamId::Case(case_id()), &event);
        let account = AccountId::from_ulid((1_000 + u128::from(position)).into());
        case.evolve(&recorded, Some(account));
        kept.push(Arc::new(recorded));
    }
    Story { case, events: kept }
}

impl Story {
    /// What its last event causes, done by `by`.
    fn causes(&self, by: Actor) -> Vec<Notice> {
        let mut last = self.events.last().expect("there is one").as_ref().clone();
        last.envelope.actor = by;
        of_event(&last, &self.case, &self.events, KVAM.profile())
    }

    fn on(&self, kind: NotificationKind, item: &str, on: &str) -> Option<Notice> {
        of_day(kind, case_id(), &self.case, KVAM.profile(), item, day(on))
    }
}

fn the_teacher() -> Actor {
    Actor::Staff {
        account: torunn(),
        role: Some(code("baton_holder")),
        organisation: None,
        on_behalf_of: None,
        issuer: code("idporten"),
        assurance: Assurance::High,
    }
}

fn the_mother() -> Actor {
    Actor::Party {
        party: mother(),
        role: code("guardian"),
        issuer: code("idporten"),
        assurance: Assurance::High,
    }
}

fn dated(through: &str) -> Event {
    ConsentGiven {
        valid_through: Some(day(through)),
        ..gave(consent(), mother())
    }
    .into()
}

fn told(notices: &[Notice]) -> Vec<(NotificationKind, Vec<PartyId>)> {
    let told = notices.iter();
    told.map(|notice| (notice.kind, notice.to.clone()))
        .collect()
}

#[test]
fn whoever_is_added_is_told_and_nobody_else() {
    let added = story([takes_part(crate::case::testing::young(), "young_person")]);
    assert_eq!(
        told(&added.causes(the_teacher())),
        [(
            NotificationKind::PartyAdded,
            vec![crate::case::testing::young()]
        )]
    );
}

#[test]
fn an_entry_is_gathered_by_its_day_for_everybody_but_its_author() {
    let notices = story([wrote()]).causes(the_mother());
    assert_eq!(
        told(&notices),
        [(
            NotificationKind::CaseChanged,
            vec![father(), teacher(), nurse()]
        )]
    );
    assert_eq!(notices[0].cause, Cause::Gathered(day("2026-03-01")));
    assert_eq!(notices[0].section, code("notes"));
}

#[test]
fn a_guest_is_told_where_the_secret_is_mailed_and_programs_always() {
    let text = RuleBookText::built_in("kindkans-berseba").expect("it comes with the program");
    let profile = Profile::parse(&text).expect("it is sound");
    let guest = PartyId::from_ulid(77_u128.into());
    let causes = |by_mail| {
        let invited = GuestInvited {
            invitation: InvitationId::from_ulid(78_u128.into()),
            round: RoundId::from_ulid(79_u128.into()),
            party: guest,
            role: code("guest"),
            expires_on: day("2026-03-14"),
            token_digest: Digest([7; 32]),
            by_mail,
        };
        let story = story([invited.into()]);
        let last = story.events.last().expect("there is one");
        of_event(last, &story.case, &story.events, &profile)
    };
    let kind = NotificationKind::GuestInvited;
    assert_eq!(told(&causes(true)), [(kind, vec![guest])]);
    assert_eq!(told(&causes(false)), [(kind, vec![])]);
}

#[test]
fn who_has_left_is_not_told() {
    let notices = story([removed(father()), wrote()]).causes(the_mother());
    assert_eq!(notices[0].to, [teacher(), nurse()]);
}

#[test]
fn an_offer_of_the_baton_is_told_to_whoever_is_asked() {
    let offered = BatonOffered {
        handover: handover(),
        from: teacher(),
        to: nurse(),
    };
    let notices = story([offered.into()]).causes(the_teacher());
    assert_eq!(
        told(&notices),
        [(NotificationKind::BatonOffered, vec![nurse()])]
    );
}

#[test]
fn a_meeting_is_told_when_it_is_planned_and_when_it_is_moved_unless_it_was_cancelled() {
    let at = |hour: u32| {
        let text = format!("2026-04-01T{hour:02}:00:00Z");
        text.parse().expect("a timestamp")
    };
    let planned: Event = MeetingPlanned {
        meeting: meeting(),
        at: at(9),
    }
    .into();
    let moved: Event = MeetingMoved {
        meeting: meeting(),
        at: at(10),
    }
    .into();
    let everyone = vec![mother(), father(), nurse()];
    for events in [vec![planned.clone()], vec![planned.clone(), moved.clone()]] {
        let notices = story(events).causes(the_teacher());
        assert_eq!(
            told(&notices),
            [(NotificationKind::Meeting, everyone.clone())]
        );
        assert!(matches!(notices[0].cause, Cause::Event(_)));
    }
    // It was cancelled before anybody was told.
    let cancelled = MeetingCancelled { meeting: meeting() };
    let gone = story([planned, cancelled.into(), moved]);
    assert_eq!(told(&gone.causes(the_teacher())), []);
}

#[test]
fn a_change_asks_those_who_have_consented_and_tells_the_baton_holder() {
    let changed: Event = SituationChanged {}.into();
    let notices =
        story([gave(consent(), mother()).into(), changed.clone()]).causes(Actor::Operator);
    assert_eq!(
        told(&notices),
        [(NotificationKind::ConsentAnew, vec![mother(), teacher()])]
    );
    assert_eq!(told(&story([changed]).causes(Actor::Operator)), []);
}

#[test]
fn a_consent_that_ends_is_told_to_who_gave_it_for_as_long_as_it_stands() {
    let given = story([dated("2026-06-30"), gave(other_consent(), father()).into()]);
    let item = consent().to_string();
    let notice = given.on(NotificationKind::ConsentExpires, &item, "2026-06-30");
    let notice = notice.expect("it stands");
    assert_eq!(notice.to, [mother(), teacher()]);
    assert_eq!(notice.cause.to_string(), format!("day/{item}/2026-06-30"));
    let withdrawn = story([dated("2026-06-30"), withdrew(consent(), mother())]);
    let notice = withdrawn.on(NotificationKind::ConsentExpires, &item, "2026-06-30");
    assert_eq!(notice, None);
}

#[test]
fn a_measure_is_told_for_the_day_on_which_it_is_to_be_evaluated_while_it_lasts() {
    let item = measure().to_string();
    let kind = NotificationKind::MeasureEvaluation;
    let told = |story: &Story, on| story.on(kind, &item, on).map(|notice| notice.to);
    let under_way = story([planned()]);
    assert_eq!(
        told(&under_way, "2026-06-01"),
        Some(vec![teacher(), nurse()])
    );
    // Another day stands in a row that has not been brought up to date.
    assert_eq!(told(&under_way, "2026-05-01"), Some(Vec::new()));
    let ended = MeasureEnded {
        measure: measure(),
        effect: code("some"),
    };
    assert_eq!(
        told(&story([planned(), ended.into()]), "2026-06-01"),
        Some(Vec::new())
    );
}

#[test]
fn what_a_profile_has_not_switched_on_is_told_to_nobody() {
    let without = KVAM
        .profile()
        .texts()
        .profile_toml
        .replace("[notifications.case_changed]", "[notifications.meeting2]");
    let refused = crate::profile::Profile::parse(&crate::profile::RuleBookText {
        profile_toml: without,
        ..KVAM.profile().texts().clone()
    });
    let refused = refused.unwrap_err().to_string();
    assert!(refused.contains("kind of notification"), "{refused}");
}
