//! Mirage's rules where somebody has left the team, and where a file was archived.

use std::sync::LazyLock;

use super::given::*;
use crate::{
    access::{Action, Action::*, RuleBook},
    profile::RuleBookText,
};

static MIRAGE: LazyLock<RuleBook> = LazyLock::new(|| {
    let text = RuleBookText::built_in("mirage-ocmw").expect("it comes with the program");
    RuleBook::load(&text).unwrap_or_else(|error| panic!("{error}"))
});

/// In a file that is open, for what shares data on agreements and consents in force.
fn asks(person: &[Given], action: Action) -> Answer {
    let in_force = [
        Status("open"),
        SharesData,
        ReceiverConsented,
        BothBound,
        OfTheReceiver("cooperation"),
        OfTheReceiver("protocol"),
    ];
    given([person, &in_force].concat()).asks_of(&MIRAGE, action)
}

#[test]
fn who_is_not_of_the_team_neither_sees_nor_shares_m3() {
    let of_the_team = [InUnit("team_member"), Party("team_member")];
    let coordinating = [InUnit("team_coordinator"), Party("team_member")];
    let has_left = [Party("team_member")];
    for action in [
        ViewCase,
        ListCase,
        SearchCase,
        DownloadDocument,
        PrintCase,
        ViewTimeline,
        WatchCase,
        AddNote,
        AddParty,
        MakeReferral,
        PrepareTransmission,
        SendTransmission,
        ConveyPassword,
        DestroyWorkingCopy,
    ] {
        asks(&of_the_team, action).is_allowed();
        asks(&coordinating, action).is_allowed();
        asks(&has_left, action).refused_by("M3");
    }
    // Nor in a parent's name.
    let paper = [Party("team_member"), OnPaper];
    asks(&paper, GiveConsent).refused_by("M3");
    // It touches no parent.
    asks(&[Party("parent"), Myself], WithdrawConsent).is_allowed();
}

#[test]
fn what_the_archive_has_taken_over_is_corrected_there_x9() {
    for (status, may) in [("open", true), ("closed", true), ("archived", false)] {
        let one = [InUnit("team_member"), Party("team_member"), Status(status)];
        let answer = given(one).asks_of(&MIRAGE, CorrectEntry);
        if may {
            answer.is_allowed();
        } else {
            answer.refused_by("X9");
        }
    }
}
