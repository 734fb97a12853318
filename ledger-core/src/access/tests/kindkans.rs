//! Kindkans' rules where a dossier begins without the consortium, and where one was archived.

use std::sync::LazyLock;

use super::given::*;
use crate::{
    access::{Action::*, RuleBook},
    profile::RuleBookText,
};

static KINDKANS: LazyLock<RuleBook> = LazyLock::new(|| {
    let text = RuleBookText::built_in("kindkans-berseba").expect("it comes with the program");
    RuleBook::load(&text).unwrap_or_else(|error| panic!("{error}"))
});

const SCHOOL: Given = InUnit("coordinator");
const OWN: Given = OfTheUnit("processing");
const CONSORTIUMS: Given = OfTheReceiver("processing");

#[test]
fn a_dossier_begins_in_overleg_school_on_the_schools_own_agreement_k19() {
    let opens = |facts: &[Given]| {
        given([&[SCHOOL, NoCase][..], facts].concat()).asks_of(&KINDKANS, OpenCase)
    };
    opens(&[IntoStatus("overleg_school"), OWN]).is_allowed();
    opens(&[IntoStatus("overleg_school"), CONSORTIUMS]).refused_by("K19");
    opens(&[IntoStatus("overleg_school")]).refused_by("K19");
    // What is submitted rests on the consortium's, whatever the school has signed.
    opens(&[CONSORTIUMS]).is_allowed();
    opens(&[IntoStatus("aanmelding"), CONSORTIUMS]).is_allowed();
    opens(&[IntoStatus("aanmelding"), OWN]).refused_by("K4");
}

#[test]
fn to_hide_a_dossier_from_the_desk_waits_for_no_signature_k13() {
    let submitted = [SCHOOL, Status("aanmelding"), IntoStatus("overleg_school")];
    given(submitted)
        .asks_of(&KINDKANS, ChangeStatus)
        .is_allowed();
}

#[test]
fn what_the_archive_has_taken_over_is_corrected_there_d6() {
    for (status, may) in [("aanmelding", true), ("closed", true), ("archived", false)] {
        let answer = given([SCHOOL, Status(status)]).asks_of(&KINDKANS, CorrectEntry);
        if may {
            answer.is_allowed();
        } else {
            answer.refused_by("D6");
        }
    }
}
