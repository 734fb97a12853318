//! A story as it is written down: `fixtures/stories/<system>/story.toml`.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use ledger_core::{
    ids::{Code, ProfileId},
    profile::{Requirement, RuleBookText},
};
use serde::Deserialize;

/// The stories that come with the program.
const BUILT_IN: &[&str] = include!(concat!(env!("OUT_DIR"), "/stories.rs"));

/// Names of people, organisations and logs within the story.
pub(super) type Name = String;

/// A story: who there is, and what they do.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Story {
    pub(super) profile: ProfileId,
    /// Its place among the stories of the demo.
    pub(super) order: u32,
    /// What is told before the tour.
    pub(super) introduction: String,
    /// The first administrator.
    pub(super) administrator: Name,
    pub(super) organisations: BTreeMap<Name, Organisation>,
    pub(super) people: BTreeMap<Name, Person>,
    #[serde(default)]
    pub(super) roles: Vec<RoleGiven>,
    #[serde(default)]
    pub(super) agreements: Vec<AgreementOfStory>,
    pub(super) steps: Vec<Step>,
    /// The pages of the tour.
    #[serde(default)]
    pub(super) tour: Vec<Page>,
    /// As whom to look at the API afterwards.
    pub(super) invitation: Option<Invitation>,
    /// The rule book beside it, where it does not go by one that comes with the program.
    #[serde(skip)]
    pub(super) rule_book: Option<RuleBookText>,
}

/// One page of the tour.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Page {
    pub(super) heading: String,
    pub(super) parts: Vec<Part>,
}

/// Something that a page says, then shows.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Part {
    /// On which tour; left out for each.
    pub(super) when: Option<When>,
    /// In what is said, `{label}` is the position that a step has remembered under that label.
    pub(super) say: Option<String>,
    pub(super) show: Option<Show>,
}

/// Which tour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum When {
    /// That of the start at which the story is played.
    First,
    /// That of every later start.
    Again,
}

/// What a page shows: the answer to a command, as the command line gives it.
#[derive(Debug, Clone, Deserialize)]
#[serde(tag = "what", rename_all = "snake_case", deny_unknown_fields)]
pub(super) enum Show {
    /// `timeline`; `refused` where the rules must refuse it.
    Timeline {
        log: Name,
        who: Name,
        #[serde(default)]
        refused: bool,
    },
    /// `audit could`, as of now or as of the moment before what a label remembers.
    Could {
        log: Name,
        who: Name,
        before: Option<String>,
    },
    /// `audit exposure`
    Exposure { log: Name, who: Name },
    /// `audit saw`
    Saw { log: Name, who: Name },
    /// `audit why` of what a label remembers.
    Why { log: Name, who: Name, label: String },
    /// `receipt` of what a label remembers.
    Receipt { label: String },
    /// `export`, `verify`, `archive`, `erase`, `verify`, one after the other.
    Ending {
        log: Name,
        who: Name,
        reference: String,
    },
    /// What is left of the log of an ending: `audit why` of the erasure, and `verify`.
    Remains { log: Name, who: Name },
}

/// As whom to look at which log.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Invitation {
    pub(super) say: String,
    pub(super) log: Name,
    pub(super) who: Name,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Organisation {
    pub(super) kind: Code,
    pub(super) name: String,
    /// What it is a unit of.
    pub(super) parent: Option<Name>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Person {
    pub(super) name: String,
    pub(super) works_for: Option<Name>,
    /// Who activates the account; left out for the administrator.
    pub(super) activated_by: Option<Name>,
    /// Whether an invitation does, in the course of the story.
    #[serde(default)]
    pub(super) invited: bool,
}

/// An agreement that an organisation has signed before the story begins.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct AgreementOfStory {
    /// Who records it.
    pub(super) by: Name,
    pub(super) organisation: Name,
    /// The other organisation that has signed it.
    pub(super) with: Option<Name>,
    pub(super) kind: Code,
    pub(super) title: String,
    /// What it says of each item that the rules ask for.
    #[serde(default)]
    pub(super) items: BTreeMap<Code, String>,
    /// Where to what is handed over on it goes.
    pub(super) mailbox: Option<String>,
    /// Whether it binds by professional secrecy whoever opens that.
    #[serde(default)]
    pub(super) bound_by_secrecy: bool,
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
    /// Which requirement must have it rejected: the rules would let the person, but something else comes first.
    pub(super) rejected: Option<Requirement>,
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
        /// The role in the log of whoever opens it.
        role: Code,
        child: String,
        national_id: Option<String>,
        birth_date: Option<NaiveDate>,
        concern: String,
        /// What is asked for.
        kind: Option<Code>,
        /// The organisation at whose desk it is to be discussed.
        submitted_to: Option<Name>,
        /// In which status it begins.
        status: Option<Code>,
    },
    ChangeStatus {
        to: Code,
        reason: Option<String>,
    },
    OpenRound {
        topic: String,
        days: i64,
    },
    Invite {
        round: String,
        email: String,
    },
    Accept {
        invitation: String,
    },
    Confirm {
        invitation: String,
        person: Name,
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
        #[serde(default)]
        services: Vec<Name>,
        months: u32,
    },
    DeclineConsent {
        kind: Code,
        reason: String,
    },
    Withdraw {
        kind: Code,
        reason: String,
    },
    /// Somebody of the family is told what a consent would mean.
    RecordInformation {
        to: Name,
        items: BTreeSet<Code>,
        /// The organisation that it is about.
        about: Option<Name>,
        remark: String,
    },
    Refer {
        kind: Code,
        subtype: Code,
        receiver: Option<Name>,
        remark: String,
    },
    /// `referral` is the label of the step that made it.
    PrepareTransmission {
        referral: String,
        /// Whose data they are.
        about: Name,
        address: String,
        telephone: String,
        email: String,
    },
    /// The demo has no mail server: only a sending that the rules refuse can be shown.
    SendTransmission {
        transmission: String,
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
    AgreeToClosing {
        reason: Code,
    },
    TakeBackClosing {
        reason: Code,
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
    /// The stories that come with the program, in the order in which they are told.
    pub(super) fn built_in() -> Vec<Self> {
        let mut stories: Vec<Self> = BUILT_IN
            .iter()
            .map(|text| {
                Self::read(text).expect("a test reads the stories that come with the program")
            })
            .collect();
        stories.sort_by_key(|story| story.order);
        stories
    }

    /// A story by a rule book of its own.
    pub(super) fn by(rule_book: RuleBookText, text: &str) -> Result<Self, toml::de::Error> {
        let story = Self::read(text)?;
        Ok(Self {
            rule_book: Some(rule_book),
            ..story
        })
    }

    /// Reads a story.
    pub(super) fn read(text: &str) -> Result<Self, toml::de::Error> {
        toml::from_str(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_story_names_only_people_and_organisations_that_it_has() {
        let stories = Story::built_in();
        assert!(!stories.is_empty());
        stories.iter().for_each(names_only_what_it_has);
    }

    fn names_only_what_it_has(story: &Story) {
        let person = |name: &String| assert!(story.people.contains_key(name), "{name}");
        let organisation =
            |name: &String| assert!(story.organisations.contains_key(name), "{name}");
        person(&story.administrator);
        for known in story.people.values() {
            known.works_for.iter().for_each(organisation);
            known.activated_by.iter().for_each(person);
        }
        for role in &story.roles {
            person(&role.by);
            person(&role.person);
            role.unit.iter().for_each(organisation);
        }
        for signed in &story.agreements {
            person(&signed.by);
            organisation(&signed.organisation);
            signed.with.iter().for_each(organisation);
        }
        for step in &story.steps {
            person(&step.who);
            match &step.deed {
                Deed::LetIn { person: name, .. }
                | Deed::Confirm { person: name, .. }
                | Deed::Clear { person: name }
                | Deed::PaperConsent { by: name, .. }
                | Deed::PrepareTransmission { about: name, .. }
                | Deed::ComeOfAge { person: name, .. }
                | Deed::PlanMeasure {
                    responsible: name, ..
                }
                | Deed::OfferBaton { to: name, .. } => person(name),
                Deed::HoldMeeting { present, .. } => present.iter().for_each(person),
                Deed::RecordInformation { to, about, .. } => {
                    person(to);
                    about.iter().for_each(organisation);
                }
                Deed::Refer { receiver, .. } => receiver.iter().for_each(organisation),
                Deed::AddService { service, .. } => organisation(service),
                Deed::Open { submitted_to, .. } => submitted_to.iter().for_each(organisation),
                Deed::Consent { services, .. } => services.iter().for_each(organisation),
                _ => {}
            }
        }
    }
}
