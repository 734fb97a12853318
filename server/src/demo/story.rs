//! The story as it is written down: `fixtures/stories/stafettloggen-kvam/story.toml`.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use ledger_core::ids::{Code, ProfileId};
use serde::Deserialize;

const TEXT: &str = include_str!("../../../fixtures/stories/stafettloggen-kvam/story.toml");

/// Names of people, organisations and logs within the story.
pub(super) type Name = String;

/// A story: who there is, and what they do.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Story {
    pub(super) profile: ProfileId,
    /// The first administrator.
    pub(super) administrator: Name,
    pub(super) organisations: BTreeMap<Name, Organisation>,
    pub(super) people: BTreeMap<Name, Person>,
    pub(super) roles: Vec<RoleGiven>,
    pub(super) steps: Vec<Step>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Organisation {
    pub(super) kind: Code,
    pub(super) name: String,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Person {
    pub(super) name: String,
    pub(super) works_for: Option<Name>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RoleGiven {
    pub(super) by: Name,
    pub(super) person: Name,
    pub(super) role: Code,
    pub(super) unit: Option<Name>,
}

/// One thing that somebody does.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Step {
    pub(super) who: Name,
    /// The log that it is about; a list names several.
    #[serde(default)]
    pub(super) log: Name,
    #[serde(flatten)]
    pub(super) deed: Deed,
    /// Whether the rules must refuse it.
    #[serde(default)]
    pub(super) refused: bool,
    /// Under which name the position of its first event is remembered.
    pub(super) label: Option<String>,
}

/// What somebody does.
///
/// What a step makes is known to later steps by the step's `label`. Days count from the day on which the story is
/// played.
#[derive(Debug, Clone, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case")]
pub(super) enum Deed {
    Clear {
        person: Name,
    },
    Open {
        child: String,
        national_id: Option<String>,
        birth_date: Option<NaiveDate>,
        concern: String,
    },
    LetIn {
        person: Name,
        role: Code,
        task: Option<String>,
    },
    AddService {
        service: Name,
        task: String,
    },
    Consent {
        kind: Code,
        #[serde(default)]
        services: Vec<Name>,
        months: u32,
        remark: String,
    },
    /// Somebody records what another has signed on paper; `scan` is the label of the document.
    PaperConsent {
        by: Name,
        kind: Code,
        scan: String,
        months: u32,
    },
    Withdraw {
        kind: Code,
        reason: String,
    },
    ComeOfAge {
        person: Name,
        birth_date: NaiveDate,
    },
    Change {
        description: String,
    },
    PlanMeasure {
        responsible: Name,
        title: String,
        description: String,
        development_area: String,
        evaluate_in_days: i64,
    },
    BeginMeasure {
        measure: String,
    },
    EvaluateMeasure {
        measure: String,
        effect: Code,
        assessment: String,
        evaluate_in_days: i64,
    },
    EndMeasure {
        measure: String,
        effect: Code,
        assessment: String,
    },
    PlanMeeting {
        in_days: i64,
        title: String,
        place: String,
        agenda: String,
    },
    HoldMeeting {
        meeting: String,
        present: Vec<Name>,
        minutes: String,
    },
    MakeAgreement {
        meeting: Option<String>,
        responsible: Option<Name>,
        text: String,
    },
    SettleAgreement {
        agreement: String,
        kept: bool,
        remark: String,
    },
    OfferBaton {
        to: Name,
        message: String,
    },
    AcceptBaton {
        offer: String,
    },
    Note {
        section: Code,
        title: String,
        text: String,
    },
    /// `entry` is the label of the step that wrote it.
    Correct {
        entry: String,
        text: String,
        reason: String,
    },
    Document {
        section: Code,
        title: String,
        file_name: String,
        body: String,
    },
    BreakGlass {
        reason: String,
        hours: u32,
    },
    Rest {
        reason: String,
    },
    Resume {
        reason: String,
    },
    Look,
    Print,
    Download,
    Search {
        national_id: String,
    },
    List {
        logs: Vec<Name>,
    },
    Close {
        reason: Code,
        summary: String,
    },
    Reopen {
        reason: String,
    },
}

impl Story {
    /// The story that comes with the program.
    pub(super) fn built_in() -> Self {
        toml::from_str(TEXT).expect("a test reads the story that comes with the program")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_story_names_only_people_and_organisations_that_it_has() {
        let story = Story::built_in();
        let person = |name: &String| assert!(story.people.contains_key(name), "{name}");
        let organisation =
            |name: &String| assert!(story.organisations.contains_key(name), "{name}");
        person(&story.administrator);
        for known in story.people.values() {
            known.works_for.iter().for_each(organisation);
        }
        for role in &story.roles {
            person(&role.by);
            person(&role.person);
            role.unit.iter().for_each(organisation);
        }
        for step in &story.steps {
            person(&step.who);
            match &step.deed {
                Deed::LetIn { person: name, .. }
                | Deed::Clear { person: name }
                | Deed::PaperConsent { by: name, .. }
                | Deed::ComeOfAge { person: name, .. }
                | Deed::PlanMeasure {
                    responsible: name, ..
                }
                | Deed::OfferBaton { to: name, .. } => person(name),
                Deed::HoldMeeting { present, .. } => present.iter().for_each(person),
                Deed::AddService { service, .. } => organisation(service),
                Deed::Consent { services, .. } => services.iter().for_each(organisation),
                _ => {}
            }
        }
    }
}
