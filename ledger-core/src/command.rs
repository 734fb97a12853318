//! What a command's decision is given, and what it gives.

use std::{fmt, sync::Arc};

use serde::Serialize;

use crate::{
    access::Action,
    case::Case,
    clock::{Entropy, Timestamp},
    directory::Account,
    events::{Event, Facts, StatusChanged},
    ids::{AccountId, CaseId, Code, Digest, ImportId, KeyId, PartyId, StreamId},
    profile::{KeptRule, Names, Profile, Requirement},
    standing,
};

/// Why a command was refused although its asker might have been allowed: the case, or what was asked, is not so.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Rejection {
    /// A stable word for programs.
    pub code: RejectionCode,
    /// What was wrong, and what to do; without anything of the case's content.
    pub message: String,
    /// The requirement that asks for the rule.
    pub requirement: Option<Requirement>,
    /// What it says, in the languages of the rule book that decided.
    pub sentence: Option<Arc<Names>>,
}

/// Kinds of rejection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum RejectionCode {
    /// What it is about is not there.
    NotFound,
    /// It is there already.
    AlreadyThere,
    /// The status of the case does not allow it.
    WrongStatus,
    /// A word that the profile does not have.
    NotInProfile,
    /// A value that cannot be.
    Invalid,
}

impl Rejection {
    /// A value that cannot be.
    pub fn invalid(message: impl Into<String>) -> Self {
        Self::new(RejectionCode::Invalid, message)
    }

    /// It is so already.
    pub fn already(message: impl Into<String>) -> Self {
        Self::new(RejectionCode::AlreadyThere, message)
    }

    /// A rejection with its message.
    pub fn new(code: RejectionCode, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            requirement: None,
            sentence: None,
        }
    }

    /// By the rule book that decided: names the requirement that asks for the command, if the rule named none of its
    /// own, and says what it says; so that every answer leads back to a sentence.
    #[must_use]
    pub(crate) fn by_the_rules_of(mut self, profile: &Profile, command: Action) -> Self {
        let requirement = self
            .requirement
            .unwrap_or_else(|| profile.asked_for_command(command));
        self.sentence = profile.sentence(requirement).cloned();
        self.requirement = Some(requirement);
        self
    }

    /// Names the requirement that asks for the rule.
    #[must_use]
    pub fn because(mut self, requirement: Option<&Requirement>) -> Self {
        self.requirement = requirement.copied();
        self
    }
}

/// What all decisions may look at, beside the state they are about.
pub struct Setting<'a> {
    /// The case; a new id for a case that is being opened.
    pub case: CaseId,
    /// The rules in force.
    pub profile: &'a Profile,
    /// The present moment.
    pub now: Timestamp,
    /// Who asks.
    pub account: AccountId,
    /// What the ledger knows of that account.
    pub asker: &'a Account,
    /// As which party of the case, if any.
    pub party: Option<PartyId>,
    /// For new ids.
    pub entropy: &'a dyn Entropy,
}

/// A way by which a case will be found again; hashed with a key before it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LookupValue {
    /// A national identity number.
    NationalId(String),
    /// The account of a member of the family.
    FamilyAccount(AccountId),
    /// The account of a member of staff or a guest. It leads an auditor to what others did for them, and nobody else to
    /// anything.
    StaffAccount(AccountId),
    /// SHA-256 of the secret of an invitation.
    Invitation(Digest),
    /// The import that brought a case: leads to all of its cases that are still there.
    ImportedLog(ImportId),
}

/// An event that has been decided and is not yet sealed.
#[derive(Debug, Clone, PartialEq)]
pub struct Decided {
    /// Where it goes.
    pub stream: StreamId,
    /// Its facts.
    pub event: Event,
    /// Its content as JSON, and the key that seals it.
    pub content: Option<(KeyId, Vec<u8>)>,
    /// When it happened, if earlier than now.
    pub occurred_at: Option<Timestamp>,
    /// Ways by which the case will be found through it.
    pub lookups: Vec<(LookupValue, PartyId)>,
}

impl Setting<'_> {
    /// The requirement that asks for a rule which the program itself keeps, if this profile names one; else a rejection
    /// names the one that asks for the command.
    pub fn asked_for(&self, rule: KeptRule) -> Option<&Requirement> {
        self.profile.asked_for_rule(rule)
    }

    /// An event of the case with its content, sealed with the key of the case.
    pub fn sealed<F: Facts>(&self, facts: F, content: &F::Content) -> Decided {
        let (stream, key) = (StreamId::Case(self.case), KeyId::Case(self.case));
        Decided::sealed(stream, facts, key, content)
    }

    /// An event of the case without content.
    pub fn bare(&self, facts: impl Into<Event>) -> Decided {
        Decided::bare(StreamId::Case(self.case), facts)
    }
}

impl Decided {
    /// An event without content.
    pub fn bare(stream: StreamId, facts: impl Into<Event>) -> Self {
        Self {
            stream,
            event: facts.into(),
            content: None,
            occurred_at: None,
            lookups: Vec::new(),
        }
    }

    /// An event with its content.
    pub fn sealed<F: Facts>(stream: StreamId, facts: F, key: KeyId, content: &F::Content) -> Self {
        let json = serde_json::to_vec(content)
            .expect("content has text keys only and no failing serializer");
        Self {
            content: Some((key, json)),
            ..Self::bare(stream, facts)
        }
    }
}

impl Decided {
    /// The account behind a family member who is added, before it is sealed.
    pub(crate) fn family_account(&self) -> Option<AccountId> {
        self.lookups.iter().find_map(|(value, _)| match value {
            LookupValue::FamilyAccount(account) => Some(*account),
            LookupValue::NationalId(_)
            | LookupValue::StaffAccount(_)
            | LookupValue::Invitation(_)
            | LookupValue::ImportedLog(_) => None,
        })
    }
}

/// The longest text of one line that is accepted, in characters.
pub const LINE_CHARS_MAX: usize = 300;
/// The longest text that is accepted, in characters.
pub const TEXT_CHARS_MAX: usize = 20_000;

/// A name or a heading: not empty, one line, at most [`LINE_CHARS_MAX`].
pub fn line(what: &'static str, text: &str) -> Result<String, Rejection> {
    let text = text.trim();
    if text.is_empty() {
        return Err(Rejection::new(
            RejectionCode::Invalid,
            format!("{what} is empty; give a text"),
        ));
    }
    if text.chars().any(|c| c.is_control() || turns_direction(c)) {
        return Err(Rejection::new(
            RejectionCode::Invalid,
            format!("{what} holds line breaks or control characters; give one line"),
        ));
    }
    limited(what, text, LINE_CHARS_MAX)
}

/// Whether a character turns the direction of those that follow (Unicode Standard Annex #9, section 2): in a name it can
/// make another name of what stands beside it on the screen.
const fn turns_direction(c: char) -> bool {
    matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// A text: at most [`TEXT_CHARS_MAX`]; may be empty.
pub fn text(what: &'static str, text: &str) -> Result<String, Rejection> {
    if text
        .chars()
        .any(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t'))
    {
        return Err(Rejection::new(
            RejectionCode::Invalid,
            format!("{what} holds control characters; leave them out"),
        ));
    }
    limited(what, text, TEXT_CHARS_MAX)
}

fn limited(what: &'static str, text: &str, max: usize) -> Result<String, Rejection> {
    let given = text.chars().count();
    if given > max {
        return Err(Rejection::new(
            RejectionCode::Invalid,
            format!("{what} has {given} characters; at most {max} are accepted"),
        ));
    }
    Ok(text.to_owned())
}

/// The event that moves a case on, if the profile says that the command does. `after` is the case as the command's
/// own events leave it: a transition may ask that a consent is in force then, or a measure under way.
pub fn transition(
    setting: &Setting<'_>,
    command: Action,
    case: &Case,
    after: &Case,
) -> Option<Decided> {
    let facts = step(setting, command, case, after, |_| true)?;
    (facts.to != facts.from).then(|| Decided::bare(StreamId::Case(setting.case), facts))
}

/// The first step of a command from the status that the case has, among those whose target is `wanted` and whose
/// condition is met.
pub(crate) fn step(
    setting: &Setting<'_>,
    command: Action,
    case: &Case,
    after: &Case,
    wanted: impl Fn(&Code) -> bool,
) -> Option<StatusChanged> {
    let status = case.status.as_ref()?;
    let (from, came_from) = (&status.code, status.came_from.as_ref());
    let in_force = |case| standing::consents_in_force(case, setting.profile, setting.now).value;
    let (before, now) = (in_force(case), in_force(after));
    let mut steps = setting.profile.transitions_of(command, from);
    let step = steps.find(|step| {
        let since = after.reopened.filter(|_| step.when.since_reopening);
        let under_way = after.plan.has_measure_under_way(since);
        wanted(&step.to) && step.when.is_met(&before, &now, under_way, came_from)
    })?;
    Some(StatusChanged {
        from: from.clone(),
        to: step.to.clone(),
    })
}

/// The change of status that a command must bring, or why it cannot.
pub fn must_move(
    setting: &Setting<'_>,
    command: Action,
    case: &Case,
    after: &Case,
) -> Result<Decided, Rejection> {
    transition(setting, command, case, after).ok_or_else(|| {
        let status = case
            .status
            .as_ref()
            .map_or("none", |status| status.code.as_str());
        let mut steps = setting.profile.transitions.iter();
        let step = steps.find(|step| step.command == command);
        Rejection::new(
            RejectionCode::WrongStatus,
            format!("{command} is not possible in the status {status}, or not before what it waits for is there"),
        )
        .because(step.and_then(|step| step.requirement.as_ref()))
    })
}

/// A word that the profile does not have, among those that it has.
pub fn not_in_profile<'a>(
    what: &str,
    given: &Code,
    known: impl IntoIterator<Item = &'a Code>,
) -> Rejection {
    let known: Vec<&str> = known.into_iter().map(Code::as_str).collect();
    let message = format!(
        "the profile has no {what} {given}; it has {}",
        known.join(", ")
    );
    Rejection::new(RejectionCode::NotInProfile, message)
}

/// Something that the case does not have.
pub fn not_there(what: &str, id: impl fmt::Display) -> Rejection {
    Rejection::new(
        RejectionCode::NotFound,
        format!("the case has no {what} {id}"),
    )
}
