//! Kvam's rules, one by one. The whole of them stands in the matrix.

use super::given::*;
use crate::{
    access::{
        Action::{self, *},
        Decision,
    },
    profile::Assurance,
};

#[test]
fn guardians_read_everything_at_any_time() {
    for status in ["active", "closed", "archived"] {
        for reading in [
            ViewCase,
            ListCase,
            DownloadDocument,
            ViewTimeline,
            SearchCase,
            PrintCase,
        ] {
            given([Party("guardian"), Status(status)])
                .asks(reading)
                .is_allowed();
        }
    }
}

#[test]
fn someone_who_is_no_participant_sees_nothing() {
    given([]).asks(ViewCase).refused_by("V8");
    given([InUnit("professional"), Consent("establish_log")])
        .asks(ViewCase)
        .refused_by("V8");
    given([InUnit("unit_leader"), Consent("establish_log")])
        .asks(ListCase)
        .refused_by("V8");
}

#[test]
fn everyone_signs_in_at_the_highest_level() {
    let weakly = AssuranceOf(Assurance::Substantial);
    given([weakly, Party("guardian")])
        .asks(ViewCase)
        .refused_by("V21");
    given([weakly, InTenant("auditor")])
        .asks(AuditSaw)
        .refused_by("V21");
    given([weakly, InTenant("administrator")])
        .asks(ActivateAccount)
        .refused_by("V21");
}

#[test]
fn an_account_that_is_not_active_may_nothing() {
    given([Party("guardian"), InactiveAccount])
        .asks(ViewCase)
        .refused_by("X1")
        .citing(&[2]);
}

#[test]
fn without_consent_the_services_see_nothing() {
    given([Party("professional"), InUnit("professional")])
        .asks(ViewCase)
        .refused_by("V24");
    given([Party("baton_holder")])
        .asks(SearchCase)
        .refused_by("V24");
    given([Party("baton_holder")])
        .asks(AddNote)
        .refused_by("V24");
}

#[test]
fn with_consent_the_services_read_and_write() {
    let consent = Consent("establish_log");
    for action in [ViewCase, DownloadDocument, PrintCase, AddNote, AddDocument] {
        given([Party("baton_holder"), consent])
            .asks(action)
            .is_allowed();
        given([Party("professional"), InUnit("professional"), consent])
            .asks(action)
            .is_allowed();
    }
}

#[test]
fn before_consent_the_baton_holder_sees_the_basic_data_alone() {
    given([Party("baton_holder"), Asked("basics")])
        .asks(ViewCase)
        .is_allowed();
    given([Party("baton_holder"), Asked("basics")])
        .asks(ListCase)
        .is_allowed();
    given([Party("baton_holder"), Asked("notes")])
        .asks(ViewCase)
        .refused_by("V24");
    given([Party("baton_holder"), Asked("basics")])
        .asks(PrintCase)
        .refused_by("V24");
    given([
        Party("professional"),
        InUnit("professional"),
        Asked("basics"),
    ])
    .asks(ViewCase)
    .refused_by("V24");
}

#[test]
fn another_service_needs_a_consent_of_its_own() {
    let establish = Consent("establish_log");
    let cooperation = Consent("cooperation");
    given([Party("professional"), establish])
        .asks(ViewCase)
        .refused_by("V12");
    given([Party("professional"), establish, cooperation])
        .asks(ViewCase)
        .refused_by("V12");
    given([
        Party("professional"),
        establish,
        cooperation,
        ServiceConsented,
    ])
    .asks(ViewCase)
    .is_allowed();
    given([Party("professional"), cooperation, ServiceConsented])
        .asks(ViewCase)
        .refused_by("V24");
}

#[test]
fn a_dated_consent_ends_what_rests_on_it() {
    let midnight = at("2026-05-31T22:00:00Z");
    let consent = ConsentUntil("establish_log", midnight);
    given([Party("baton_holder"), consent])
        .asks(ViewCase)
        .is_allowed()
        .until(Some(midnight))
        .citing(&[1, 2]);
    given([Party("baton_holder"), consent])
        .asks(CloseCase)
        .is_allowed()
        .until(None);
}

#[test]
fn a_decision_ends_with_the_first_date_it_rests_on() {
    let (sooner, later) = (at("2026-04-01T22:00:00Z"), at("2026-05-31T22:00:00Z"));
    given([
        PartyUntil("professional", sooner),
        InUnit("professional"),
        ConsentUntil("establish_log", later),
    ])
    .asks(ViewCase)
    .is_allowed()
    .until(Some(sooner));
}

#[test]
fn a_refusal_cites_what_forbids_and_nothing_else() {
    given([
        InTenant("archivist"),
        Status("closed"),
        Consent("cooperation"),
    ])
    .asks(EraseCase)
    .refused_by("V19")
    .citing(&[2]);
    given([InTenant("archivist"), Party("guardian"), Erasing])
        .asks(ViewCase)
        .refused_by("V19")
        .citing(&[3]);
}

#[test]
fn a_refusal_for_want_of_a_permit_cites_what_the_permits_ask_for() {
    given([
        InTenant("administrator"),
        InUnit("unit_leader"),
        Party("professional"),
    ])
    .asks(CloseCase)
    .refused_by("V8")
    .citing(&[3]);
}

#[test]
fn a_permission_also_rests_on_the_refusals_that_did_not_apply() {
    given([InTenant("archivist"), Status("archived")])
        .asks(EraseCase)
        .is_allowed()
        .citing(&[1, 2]);
}

#[test]
fn guardians_give_and_withdraw_consents() {
    given([Party("guardian"), Myself])
        .asks(GiveConsent)
        .is_allowed();
    given([Party("guardian"), Myself, Status("closed")])
        .asks(WithdrawConsent)
        .is_allowed();
    given([Party("guardian"), Myself, Status("closed")])
        .asks(GiveConsent)
        .refused_by("V15");
    // A parent who has no responsibility, and somebody who works with the log, consent to nothing.
    for role in ["parent", "professional"] {
        for action in [GiveConsent, WithdrawConsent, InvalidateConsent] {
            given([Party(role), Myself, OfAge])
                .asks(action)
                .refused_by("V8");
        }
    }
}

#[test]
fn nobody_consents_or_withdraws_in_anothers_name() {
    // Not one parent for the other either, on paper or not.
    given([Party("guardian")])
        .asks(GiveConsent)
        .refused_by("X5");
    given([Party("guardian"), OnPaper])
        .asks(GiveConsent)
        .refused_by("X5");
    given([Party("guardian")])
        .asks(WithdrawConsent)
        .refused_by("V18");
    given([Party("young_person"), OfAge])
        .asks(WithdrawConsent)
        .refused_by("V18");
}

#[test]
fn the_baton_holder_records_what_the_family_wrote() {
    given([Party("baton_holder")])
        .asks(GiveConsent)
        .refused_by("X5");
    given([Party("baton_holder"), OnPaper])
        .asks(GiveConsent)
        .is_allowed();
    given([Party("baton_holder")])
        .asks(WithdrawConsent)
        .is_allowed();
    // The form is filed before there is any consent, in a log that rests, and after a withdrawal.
    for status in ["preparing", "active", "passive", "withdrawn"] {
        given([Party("baton_holder"), Status(status), Asked("consents")])
            .asks(AddDocument)
            .is_allowed();
    }
    given([Party("baton_holder"), Status("closed"), Asked("consents")])
        .asks(AddDocument)
        .refused_by("V15");
}

#[test]
fn a_young_person_consents_once_they_are_of_age() {
    for action in [GiveConsent, WithdrawConsent, InvalidateConsent] {
        given([Party("young_person"), Myself])
            .asks(action)
            .refused_by("X3");
        given([Party("young_person"), Myself, OfAge])
            .asks(action)
            .is_allowed();
    }
    // Whatever became of the log meanwhile, they must be able to withdraw.
    for status in ["preparing", "active", "passive", "withdrawn"] {
        given([Party("baton_holder"), Status(status)])
            .asks(RecordComingOfAge)
            .is_allowed();
    }
}

#[test]
fn the_leader_clears_a_start_for_somebody_else() {
    let leader = InUnit("unit_leader");
    given([NoCase, leader]).asks(ClearOpening).is_allowed();
    given([NoCase, leader, Myself])
        .asks(ClearOpening)
        .refused_by("V23");
    given([NoCase, InUnit("professional")])
        .asks(ClearOpening)
        .refused_by("V8");
    given([leader]).asks(ClearOpening).refused_by("D1");
}

#[test]
fn the_baton_is_offered_by_its_holder_and_taken_by_whom_it_was_offered_to() {
    given([Party("baton_holder")]).asks(OfferBaton).is_allowed();
    // When the holder has left, somebody must be able to hand it on.
    given([InUnit("unit_leader")]).asks(OfferBaton).is_allowed();
    given([Party("professional")])
        .asks(OfferBaton)
        .refused_by("V8");
    given([Party("professional"), Myself])
        .asks(AcceptBaton)
        .is_allowed();
    given([Party("professional")])
        .asks(AcceptBaton)
        .refused_by("X2");
    given([Party("guardian"), Myself])
        .asks(AcceptBaton)
        .refused_by("V8");
}

#[test]
fn broken_glass_shows_the_log_to_who_leads_the_unit() {
    given([InUnit("unit_leader")]).asks(BreakGlass).is_allowed();
    for role in ["professional", "baton_holder"] {
        given([InUnit(role), Consent("establish_log")])
            .asks(BreakGlass)
            .refused_by("V8");
    }
    for reading in [ViewCase, PrintCase, DownloadDocument, ViewTimeline] {
        given([InUnit("unit_leader"), BrokenGlass])
            .asks(reading)
            .is_allowed();
        given([BrokenGlass]).asks(reading).refused_by("V8");
        given([InUnit("unit_leader"), BrokenGlass, Erasing])
            .asks(reading)
            .refused_by("V19");
    }
    given([InUnit("unit_leader"), BrokenGlass])
        .asks(AddNote)
        .refused_by("V8");
}

#[test]
fn what_is_held_is_not_destroyed() {
    given([InTenant("archivist"), Status("archived"), Held])
        .asks(EraseCase)
        .refused_by("V19")
        .citing(&[3]);
    given([InUnit("unit_leader"), Held])
        .asks(RedactContent)
        .refused_by("V19");
    given([InTenant("archivist"), Held])
        .asks(LiftHold)
        .is_allowed();
}

#[test]
fn a_party_is_shown_the_sections_of_its_role_and_no_others() {
    given([Party("parent"), Asked("plan")])
        .asks(ViewCase)
        .is_allowed();
    given([Party("parent"), Asked("notes"), SectionHidden])
        .asks(ViewCase)
        .refused_by("X4");
    let profile = KVAM.profile();
    let shown = |role| {
        let sections = profile.sections.keys();
        sections.filter(move |section| profile.shows(&code(role), section))
    };
    assert!(shown("parent").eq(&[code("basics"), code("plan")]));
    assert!(shown("guardian").eq(profile.sections.keys()));
}

#[test]
fn a_passive_log_rests_and_is_made_active_again() {
    let consent = Consent("establish_log");
    for action in [AddNote, PlanMeasure, AddParty, AddService, OfferBaton] {
        given([Party("baton_holder"), consent, Status("passive")])
            .asks(action)
            .refused_by("V16");
    }
    for role in ["guardian", "young_person", "baton_holder"] {
        given([Party(role), OfAge]).asks(RestCase).is_allowed();
        given([Party(role), OfAge, Status("passive")])
            .asks(ResumeCase)
            .is_allowed();
    }
    given([Party("young_person")])
        .asks(RestCase)
        .refused_by("X3");
    given([Party("professional")])
        .asks(RestCase)
        .refused_by("V8");
}

#[test]
fn a_withdrawn_log_takes_nothing_but_a_new_consent() {
    for action in [AddNote, CorrectEntry, AddParty, RestCase, ResumeCase] {
        given([
            Party("baton_holder"),
            Consent("establish_log"),
            Status("withdrawn"),
        ])
        .asks(action)
        .refused_by("V18");
    }
    given([Party("guardian"), Myself, Status("withdrawn")])
        .asks(GiveConsent)
        .is_allowed();
    given([InTenant("archivist"), Status("withdrawn")])
        .asks(ArchiveCase)
        .is_allowed();
}

#[test]
fn what_the_archive_has_is_corrected_there() {
    given([Party("guardian"), Status("closed")])
        .asks(CorrectEntry)
        .is_allowed();
    given([Party("guardian"), Status("archived")])
        .asks(CorrectEntry)
        .refused_by("V19");
}

#[test]
fn a_closed_log_is_reopened_by_the_leader_alone() {
    given([InUnit("unit_leader"), Status("closed")])
        .asks(ReopenCase)
        .is_allowed();
    for status in ["active", "archived"] {
        given([InUnit("unit_leader"), Status(status)])
            .asks(ReopenCase)
            .refused_by("X10");
    }
    for person in [
        Party("guardian"),
        Party("baton_holder"),
        InTenant("archivist"),
    ] {
        given([person, Status("closed")])
            .asks(ReopenCase)
            .refused_by("V8");
    }
}

#[test]
fn a_log_is_archived_before_it_is_erased() {
    let archivist = InTenant("archivist");
    given([archivist, Status("active")])
        .asks(EraseCase)
        .refused_by("V19");
    given([archivist, Status("closed")])
        .asks(EraseCase)
        .refused_by("V19");
    given([archivist, Status("active")])
        .asks(ArchiveCase)
        .refused_by("V19");
    given([archivist, Status("closed")])
        .asks(ArchiveCase)
        .is_allowed();
    given([archivist, Status("archived")])
        .asks(EraseCase)
        .is_allowed();
    given([archivist, Status("archived"), Erasing])
        .asks(EraseCase)
        .is_allowed();
}

#[test]
fn after_erasure_only_the_auditor_asks() {
    for erasure in [Erasing, Erased] {
        given([Party("guardian"), erasure])
            .asks(ViewCase)
            .refused_by("V19");
        given([InTenant("auditor"), erasure])
            .asks(ViewTimeline)
            .refused_by("V19");
        given([InTenant("auditor"), erasure])
            .asks(AuditSaw)
            .is_allowed();
    }
    given([InTenant("archivist"), Erased, Status("erased")])
        .asks(EraseCase)
        .refused_by("V19");
}

#[test]
fn the_auditor_sees_facts_and_never_content() {
    let auditor = InTenant("auditor");
    for action in [AuditSaw, AuditCould, AuditWhy] {
        given([auditor]).asks(action).is_allowed();
    }
    given([auditor, Asked("timeline")])
        .asks(ViewTimeline)
        .is_allowed();
    given([auditor]).asks(ViewTimeline).refused_by("V8");
    given([auditor, Asked("timeline")])
        .asks(ViewCase)
        .refused_by("V8");
}

#[test]
fn everybody_says_for_themselves_how_they_want_to_be_told() {
    for action in [SetContact, SetNotificationPreferences, ViewContact] {
        given([Myself]).asks(action).is_allowed();
        given([]).asks(action).refused_by("V8");
        given([InTenant("administrator")])
            .asks(action)
            .refused_by("V8");
        given([Myself, InactiveAccount])
            .asks(action)
            .refused_by("X1");
    }
}

#[test]
fn the_notifier_opens_addresses_and_nothing_else() {
    let notifier = InTenant("notifier");
    given([notifier]).asks(OpenContact).is_allowed();
    given([notifier, InactiveAccount])
        .asks(OpenContact)
        .refused_by("X1");
    given([InTenant("administrator"), Myself])
        .asks(OpenContact)
        .refused_by("V8");
    for action in Action::ALL.iter().filter(|action| **action != OpenContact) {
        assert!(
            !given([notifier]).asks(*action).decision.is_allowed(),
            "{action}"
        );
    }
}

#[test]
fn the_administrator_looks_after_deliveries() {
    for action in [AddWebhook, RemoveWebhook, ViewDeliveries, RetryDelivery] {
        given([InTenant("administrator")]).asks(action).is_allowed();
        given([InUnit("unit_leader")]).asks(action).refused_by("V8");
        given([InTenant("notifier")]).asks(action).refused_by("V8");
    }
}

#[test]
fn numbers_are_for_administrators_and_the_leaders_of_a_unit() {
    given([InTenant("administrator")])
        .asks(ViewNumbers)
        .is_allowed();
    given([InUnit("unit_leader")])
        .asks(ViewNumbers)
        .is_allowed();
    for other in [InTenant("auditor"), InUnit("baton_holder")] {
        given([other]).asks(ViewNumbers).refused_by("V8");
    }
}

#[test]
fn the_administrator_sees_nothing_of_a_case() {
    let administrator = InTenant("administrator");
    given([administrator])
        .asks(RegisterOrganisation)
        .is_allowed();
    given([administrator]).asks(AdoptProfile).is_allowed();
    for action in [ViewCase, ListCase, ViewTimeline, AuditSaw, ExportCase] {
        given([administrator, Consent("establish_log"), Status("closed")])
            .asks(action)
            .refused_by("V8");
    }
}

#[test]
fn roles_are_handed_down_and_never_taken() {
    given([InTenant("administrator")])
        .asks(AssignRole)
        .refused_by("V8");
    given([InTenant("administrator"), MayAppoint])
        .asks(AssignRole)
        .is_allowed();
    given([InTenant("administrator"), MayAppoint, Myself])
        .asks(AssignRole)
        .refused_by("X1");
    let appoint = |held, appointed| KVAM.profile().may_appoint([&code(held)], &code(appointed));
    assert!(appoint("administrator", "unit_leader"));
    assert!(appoint("unit_leader", "professional"));
    assert!(!appoint("unit_leader", "administrator"));
    assert!(!appoint("professional", "professional"));
}

#[test]
fn participants_are_let_in_by_the_baton_holder() {
    let baton_holder = Party("baton_holder");
    given([baton_holder]).asks(AddParty).is_allowed();
    given([baton_holder]).asks(RemoveParty).is_allowed();
    given([baton_holder, Myself])
        .asks(AddParty)
        .refused_by("V8");
    given([baton_holder, Myself])
        .asks(RemoveParty)
        .refused_by("X2");
    given([Party("guardian")]).asks(AddParty).refused_by("V8");
}

#[test]
fn employees_open_a_log_once() {
    given([NoCase, Cleared, InUnit("professional")])
        .asks(OpenCase)
        .is_allowed();
    given([NoCase, InUnit("professional")])
        .asks(OpenCase)
        .refused_by("V23");
    given([Cleared, InUnit("professional")])
        .asks(OpenCase)
        .refused_by("D1");
    given([NoCase, Cleared, InTenant("administrator")])
        .asks(OpenCase)
        .refused_by("V8");
    given([NoCase, InTenant("auditor")])
        .asks(AuditSaw)
        .refused_by("D1");
}

#[test]
fn what_was_misfiled_can_always_be_destroyed() {
    given([InUnit("unit_leader"), Status("closed")])
        .asks(RedactContent)
        .is_allowed();
    given([Party("baton_holder")])
        .asks(RedactContent)
        .is_allowed();
    given([Party("professional"), Consent("establish_log")])
        .asks(RedactContent)
        .refused_by("V8");
}

#[test]
fn a_repeated_question_is_answered_without_evaluating_again() {
    let rules = crate::access::RuleBook::load(KVAM.profile().texts()).expect("it is sound");
    let consented = given([Party("baton_holder"), Consent("establish_log")]);
    for _ in 0..3 {
        consented.asks_of(&rules, ViewCase).is_allowed();
    }
    assert_eq!(rules.evaluations(), 1);
    given([Party("baton_holder")])
        .asks_of(&rules, ViewCase)
        .refused_by("V24");
    assert_eq!(rules.evaluations(), 2);
    consented
        .asks_of(&rules, AddNote)
        .is_allowed()
        .citing(&[1, 2]);
    assert_eq!(rules.evaluations(), 3);
}

#[test]
fn a_remembered_answer_cites_the_events_of_the_present_question() {
    let soon = at("2026-04-01T22:00:00Z");
    given([Party("baton_holder"), Consent("establish_log")])
        .asks(ViewCase)
        .citing(&[1, 2])
        .until(None);
    given([
        Consent("cooperation"),
        Party("baton_holder"),
        ConsentUntil("establish_log", soon),
    ])
    .asks(ViewCase)
    .citing(&[1, 2, 3])
    .until(Some(soon));
}

#[test]
fn a_decision_reads_back_as_written() {
    let decision = given([Party("guardian")]).asks(ViewCase).decision;
    let text = serde_json::to_string(&decision).expect("it can be written");
    let read: Decision = serde_json::from_str(&text).expect("it can be read");
    assert_eq!(read, decision);
    assert_eq!(read.profile, KVAM.profile().digest());
}
