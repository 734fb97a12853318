//! Sula's rules where they differ from Kvam's: what came before a reopening, closing, consents, a closed log.

use std::sync::LazyLock;

use super::given::*;
use crate::{
    access::{Action, Action::*, RuleBook},
    profile::RuleBookText,
};

static SULA: LazyLock<RuleBook> = LazyLock::new(|| {
    let text = RuleBookText::built_in("stafettloggen-sula").expect("it comes with the program");
    RuleBook::load(&text).unwrap_or_else(|error| panic!("{error}"))
});

const LOG: Given = Consent("establish_log");
const READINGS: [Action; 7] = [
    ViewCase,
    ListCase,
    DownloadDocument,
    ViewTimeline,
    SearchCase,
    PrintCase,
    WatchCase,
];

fn asks(facts: impl Into<Vec<Given>>, action: Action) -> Answer {
    given(facts).asks_of(&SULA, action)
}

#[test]
fn the_guardians_open_what_came_before_a_reopening() {
    for reading in READINGS {
        for role in ["baton_holder", "professional"] {
            let one = [InUnit("professional"), Party(role), LOG];
            asks(one, reading).is_allowed();
            let earlier = [InUnit("professional"), Party(role), LOG, Earlier];
            asks(earlier, reading).refused_by("S18");
            let opened = [
                InUnit("professional"),
                Party(role),
                LOG,
                Earlier,
                Consent("earlier_content"),
            ];
            asks(opened, reading).is_allowed();
        }
        // They decide about what they know.
        asks([Party("guardian"), Earlier], reading).is_allowed();
    }
}

#[test]
fn nobody_acts_on_what_they_may_not_see() {
    let holder = [InUnit("baton_holder"), Party("baton_holder"), LOG, Earlier];
    for action in [
        EndMeasure,
        CorrectEntry,
        RedactContent,
        SettleAgreement,
        RemoveParty,
    ] {
        asks(holder, action).refused_by("S18");
    }
    asks(holder, OfferBaton).refused_by("S18");
    // The archive takes over the whole.
    asks(
        [InTenant("archivist"), Status("closed"), Earlier],
        ArchiveCase,
    )
    .is_allowed();
}

#[test]
fn the_auditor_sees_that_something_happened() {
    let auditor = |section| [InTenant("auditor"), Earlier, Asked(section)];
    asks(auditor("timeline"), ViewTimeline).is_allowed();
    asks(auditor("notes"), ViewTimeline).refused_by("S18");
    asks([InTenant("auditor")], AuditCould).is_allowed();
}

#[test]
fn a_closed_log_is_locked_and_only_the_guardians_read_it() {
    for status in ["closed", "archived"] {
        asks([Party("guardian"), Status(status)], ViewCase).is_allowed();
        let holder = [
            InUnit("baton_holder"),
            Party("baton_holder"),
            LOG,
            Status(status),
        ];
        asks(holder, PrintCase).refused_by("S17");
        let basics = [
            InUnit("baton_holder"),
            Party("baton_holder"),
            LOG,
            Status(status),
            Asked("basics"),
        ];
        asks(basics, ViewCase).is_allowed();
        for action in [AddNote, AddParty, GiveConsent, CorrectEntry, CloseCase] {
            asks([Party("guardian"), Myself, LOG, Status(status)], action).refused_by("S17");
        }
        asks([InUnit("unit_leader"), Status(status)], ReopenCase).is_allowed();
        asks(holder, ReopenCase).refused_by("S8");
    }
    asks([InUnit("unit_leader")], ReopenCase).refused_by("S18");
}

#[test]
fn only_a_guardian_demands_the_closing() {
    let demand = Closing("guardians_demand");
    asks([Party("guardian"), demand], CloseCase).is_allowed();
    asks([Party("baton_holder"), demand], CloseCase).refused_by("S16");
    asks([Party("baton_holder"), Closing("thrives")], CloseCase).is_allowed();
    asks([Party("professional"), Closing("thrives")], CloseCase).refused_by("S8");
}

#[test]
fn everyone_agrees_for_themselves() {
    for role in ["guardian", "professional", "baton_holder"] {
        asks([Party(role), Myself], AgreeToClosing).is_allowed();
        asks([Party(role), Myself], TakeBackClosing).is_allowed();
    }
    asks([Party("guardian")], AgreeToClosing).refused_by("S15");
    asks([Party("professional")], AgreeToClosing).refused_by("S15");
    asks([InUnit("unit_leader"), Myself], AgreeToClosing).refused_by("S8");
}

#[test]
fn a_guardian_says_no_in_their_own_name() {
    asks([Party("guardian"), Myself], DeclineConsent).is_allowed();
    asks([Party("guardian")], DeclineConsent).refused_by("S18");
    asks([Party("baton_holder")], DeclineConsent).is_allowed();
    asks([Party("professional"), Myself], DeclineConsent).refused_by("S8");
}

#[test]
fn a_service_is_let_in_by_a_consent_of_its_own() {
    let other = [Party("professional"), LOG];
    asks(other, ViewCase).refused_by("S11");
    let covered = [
        Party("professional"),
        LOG,
        Consent("service_access"),
        ServiceConsented,
    ];
    asks(covered, ViewCase).is_allowed();
    let without_the_log = [
        Party("professional"),
        Consent("service_access"),
        ServiceConsented,
    ];
    asks(without_the_log, ViewCase).refused_by("S6");
}

#[test]
fn nobody_breaks_a_glass() {
    asks([InUnit("unit_leader")], BreakGlass).refused_by("S8");
    asks([InUnit("unit_leader"), BrokenGlass], ViewCase).refused_by("S8");
}

#[test]
fn the_baton_stands_in_for_no_consent_s11() {
    let holder = [Party("baton_holder"), LOG];
    let let_in = [
        Party("baton_holder"),
        LOG,
        Consent("service_access"),
        ServiceConsented,
    ];
    for section in ["plan", "notes", "documents", "timeline"] {
        let of = |one: &[Given]| [one, &[Asked(section)]].concat();
        asks(of(&holder), ViewCase).refused_by("S11");
        asks(of(&let_in), ViewCase).is_allowed();
        let of_the_unit = [InUnit("baton_holder"), Party("baton_holder"), LOG];
        asks(of(&of_the_unit), ViewCase).is_allowed();
    }
    for action in [AddNote, PlanMeasure, CorrectEntry, PrintCase, WatchCase] {
        asks(holder, action).refused_by("S11");
        asks(let_in, action).is_allowed();
    }
    // Whoever holds it still knows whom it is about, and files what the guardians sign.
    let of = |section| [Party("baton_holder"), LOG, Asked(section)];
    for section in ["basics", "consents"] {
        asks(of(section), ViewCase).is_allowed();
    }
    asks(of("consents"), AddDocument).is_allowed();
}

#[test]
fn the_baton_goes_to_another_service_once_it_was_let_in_s11() {
    let asked = [Party("professional"), LOG, Myself];
    asks(asked, AcceptBaton).refused_by("S11");
    asks([&asked[..], &[ServiceConsented]].concat(), AcceptBaton).is_allowed();
    asks(
        [&asked[..], &[InUnit("professional")]].concat(),
        AcceptBaton,
    )
    .is_allowed();
    // To say no needs nothing.
    asks(asked, DeclineBaton).is_allowed();
}
