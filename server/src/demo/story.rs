//! The story as it is written down: `fixtures/stories/stafettloggen-kvam/story.toml`.

use std::collections::BTreeMap;

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
#[derive(Debug, Clone, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case")]
pub(super) enum Deed {
    Open {
        child: String,
        national_id: Option<String>,
        concern: String,
    },
    LetIn {
        person: Name,
        role: Code,
    },
    Consent {
        kind: Code,
        #[serde(default)]
        services: Vec<Name>,
        months: u32,
        remark: String,
    },
    Withdraw {
        kind: Code,
        reason: String,
    },
    Note {
        section: Code,
        title: String,
        text: String,
    },
    Document {
        section: Code,
        title: String,
        file_name: String,
        body: String,
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
                Deed::LetIn { person: name, .. } => person(name),
                Deed::Consent { services, .. } => services.iter().for_each(organisation),
                _ => {}
            }
        }
    }
}
