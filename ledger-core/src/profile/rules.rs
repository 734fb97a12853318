//! What `profile.toml` can say, key by key. Unknown keys are errors.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use chrono_tz::Tz;
use serde::{Deserialize, Deserializer, Serialize};

use super::{
    AskedFor, InformedOf, KeptRule, NotificationKind, NotificationRule, Problem, ReferralKind,
    Requirement, RuleBookError, RuleBookFile, TransmissionRules, UnusualReading, line_at,
    requirement::sentences,
};
use crate::{
    access::Action,
    ids::{Code, ProfileId},
};

/// The whole of `profile.toml`.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rules {
    /// The name of this rule book.
    pub id: ProfileId,
    /// What the system is called.
    pub title: String,
    /// The system's own language. Every name is given in it.
    pub language: Language,
    /// The languages that every name is given in as well.
    #[serde(default)]
    pub languages: Vec<Language>,
    /// The time zone in which dates begin and end, by its IANA name.
    #[serde(deserialize_with = "time_zone")]
    pub time_zone: Tz,
    /// How surely everyone who asks must be known.
    pub minimum_assurance: Assurance,
    /// How refusals are named.
    pub refusal: Refusal,
    /// The requirements that this rule book cites, each with its sentence.
    #[serde(deserialize_with = "sentences")]
    pub requirements: BTreeMap<Requirement, Arc<Names>>,
    /// Which sentence asked for a command, or for a rule that the program itself keeps.
    #[serde(default)]
    pub asked_for: BTreeMap<AskedFor, Requirement>,
    /// What the system calls things, for screens and letters.
    #[serde(default)]
    pub vocabulary: BTreeMap<Code, Term>,
    /// The roles by code.
    pub roles: BTreeMap<Code, Role>,
    /// The statuses of a case by code; one of them is initial.
    pub statuses: BTreeMap<Code, Status>,
    /// Which command leads from which status to which.
    pub transitions: Vec<Transition>,
    /// The kinds of consent; none, where nobody is asked for one.
    #[serde(default)]
    pub consents: Vec<ConsentRule>,
    /// The sections of a case by code.
    pub sections: BTreeMap<Code, Section>,
    /// The forms in which a consent can be given, by code.
    #[serde(default)]
    pub consent_forms: BTreeMap<Code, ConsentForm>,
    /// The effects that a measure can have had, by code.
    #[serde(default)]
    pub effects: BTreeMap<Code, Effect>,
    /// The kinds of agreement that organisations sign, by code.
    #[serde(default)]
    pub agreements: BTreeMap<Code, AgreementKind>,
    /// Of what a family is told before it consents, and of what agreements speak, by code (M6, M7).
    #[serde(default)]
    pub information: BTreeMap<Code, Term>,
    /// The kinds of referral to other organisations, by code (M9).
    #[serde(default)]
    pub referrals: BTreeMap<Code, ReferralKind>,
    /// How data are handed over on a referral, where they are.
    pub transmissions: Option<TransmissionRules>,
    /// What can be asked for, by code: where there are any, a case is opened for one of them (K1).
    #[serde(default)]
    pub request_kinds: BTreeMap<Code, Term>,
    /// How the baton is handed over, where there is one.
    pub baton: Option<Baton>,
    /// For how long the glass may be broken, where it may be.
    pub break_glass: Option<BreakGlassRule>,
    /// Of what people are told that something new is waiting (X6).
    #[serde(default)]
    pub notifications: BTreeMap<NotificationKind, NotificationRule>,
    /// Consultation rounds, where there are any.
    pub rounds: Option<Rounds>,
    /// The time in which a case may be looked at before it is hidden, where there is one.
    pub exposure: Option<ExposureRule>,
    /// What an auditor is shown as unusual reading, where anything is.
    pub unusual_reading: Option<UnusualReading>,
    /// The reasons that may be given.
    pub reasons: Reasons,
    /// How long copies are kept.
    pub retention: Retention,
    /// What a register of processing activities says about it, where it stands in one.
    pub processing: Option<Processing>,
    /// From which age what is allowed.
    pub ages: Ages,
    /// How much is accepted.
    pub limits: Limits,
}

impl Rules {
    /// What a requirement says, in each language that the profile has it in.
    pub fn sentence(&self, requirement: Requirement) -> Option<&Arc<Names>> {
        self.requirements.get(&requirement)
    }

    /// The requirement that asked for a command; where none is named, the one that refusals name by default.
    pub fn asked_for_command(&self, command: Action) -> Requirement {
        let named = self.asked_for.get(&AskedFor::Command(command));
        *named.unwrap_or(&self.refusal.default_requirement)
    }

    /// The requirement that asked for a rule which the program itself keeps, if one is named.
    pub fn asked_for_rule(&self, rule: KeptRule) -> Option<&Requirement> {
        self.asked_for.get(&AskedFor::Rule(rule))
    }

    /// Reads the text, without comparing its parts with each other.
    pub(super) fn read(text: &str) -> Result<Self, RuleBookError> {
        toml::from_str(text).map_err(|error| RuleBookError {
            problems: vec![Problem {
                file: RuleBookFile::Profile,
                line: line_at(text, error.span().map_or(0, |span| span.start)),
                rule: None,
                message: error.message().to_owned(),
            }],
        })
    }
}

fn time_zone<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Tz, D::Error> {
    let name = String::deserialize(deserializer)?;
    name.parse().map_err(|_| {
        serde::de::Error::custom(format!(
            "{name:?} is not a time zone; give an IANA name such as \"Europe/Oslo\""
        ))
    })
}

/// A language in which a name can be given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Language {
    /// Nynorsk
    Nn,
    /// Bokmål
    Nb,
    /// Dutch
    Nl,
    /// English
    En,
}

impl Language {
    /// Every language, in the order of this list.
    pub const ALL: [Self; 4] = [Self::Nn, Self::Nb, Self::Nl, Self::En];

    /// Its code in ISO 639-1, which is also its language tag (BCP 47).
    pub const fn code(self) -> &'static str {
        match self {
            Self::Nn => "nn",
            Self::Nb => "nb",
            Self::Nl => "nl",
            Self::En => "en",
        }
    }
}

/// A name in one language or several.
pub type Names = BTreeMap<Language, String>;

/// How surely a person is known: the levels of eIDAS (Regulation (EU) 910/2014, article 8).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Assurance {
    /// Self-asserted or weakly checked.
    Low,
    /// For example a password and a one-time code.
    Substantial,
    /// For example BankID: the Norwegian security level 4.
    High,
}

impl Assurance {
    /// 1, 2 or 3, as rules compare it.
    pub const fn level(self) -> i64 {
        match self {
            Self::Low => 1,
            Self::Substantial => 2,
            Self::High => 3,
        }
    }
}

/// How refusals are named.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Refusal {
    /// Named when no rule forbids, but none allows either.
    pub default_requirement: Requirement,
}

/// What the system calls something.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Term {
    /// Its name.
    pub name: Names,
    /// Which sentence asked for it.
    pub requirement: Option<Requirement>,
}

/// Where a role is held.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Scope {
    /// In the tenant as a whole.
    Tenant,
    /// In one unit of an organisation.
    Unit,
    /// In one case, as someone who works with it.
    Case,
    /// In one case, as someone of the family.
    Family,
}

/// A role.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Role {
    /// Its name.
    pub name: Names,
    /// Where it can be held: one scope or several.
    pub scopes: Vec<Scope>,
    /// The roles to which someone who holds this one may appoint others.
    #[serde(default)]
    pub appoints: Vec<Code>,
    /// The sections that someone of this role is shown at most (X4); left out, all of them.
    pub sections: Option<BTreeSet<Code>>,
    /// Whether whoever holds it is bound by professional secrecy (M4).
    #[serde(default)]
    pub bound_by_secrecy: bool,
    /// How surely someone who asks in this role must be known, if more than everyone.
    pub assurance: Option<Assurance>,
    /// Which sentence asked for it.
    pub requirement: Option<Requirement>,
}

/// A status of a case.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Status {
    /// Its name.
    pub name: Names,
    /// Whether a case that has just been opened is in it, unless another is asked for.
    #[serde(default)]
    pub initial: bool,
    /// Whether a case may be opened in it, if that is asked for (K13).
    #[serde(default)]
    pub may_begin: bool,
    /// Which sentence asked for it.
    pub requirement: Option<Requirement>,
}

impl Status {
    /// Whether a case may be opened in it.
    pub const fn begins(&self) -> bool {
        self.initial || self.may_begin
    }
}

/// A kind of agreement that organisations sign.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AgreementKind {
    /// Its name.
    pub name: Names,
    /// The kinds of organisation whose own agreement covers the cases of all their units, such as a school board's;
    /// whoever is of another kind signs for itself alone (K19).
    #[serde(default)]
    pub covers_units_of: BTreeSet<Code>,
    /// Of which items of the profile it must say something (M6).
    #[serde(default)]
    pub items: BTreeSet<Code>,
    /// Whether it names a mailbox for what is sent on it (M13).
    #[serde(default)]
    pub mailbox: bool,
    /// Whether it binds whoever receives something on it by professional secrecy, and must say so (M4).
    #[serde(default)]
    pub bound_by_secrecy: bool,
    /// Which sentence asked for it.
    pub requirement: Option<Requirement>,
}

/// A step from one status to another.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Transition {
    /// The command that makes it.
    pub command: Action,
    /// The statuses it can be made from.
    pub from: Vec<Code>,
    /// The status it leads to.
    pub to: Code,
    /// What must be so besides. Of several steps of one command from one status the first counts whose condition is
    /// met.
    #[serde(default)]
    pub when: Condition,
    /// Which sentence asked for it.
    pub requirement: Option<Requirement>,
}

/// What must be so for a step from one status to another; nothing, if it is empty.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Condition {
    /// The kinds of consent that must be in force after the command.
    #[serde(default)]
    pub consents: BTreeSet<Code>,
    /// The kinds of consent of which one was in force before the command, and is not after it.
    #[serde(default)]
    pub consents_lost: BTreeSet<Code>,
    /// Whether a measure must be under way after the command.
    #[serde(default)]
    pub measure_under_way: bool,
    /// Whether only measures count for that which were planned after the case was last reopened.
    #[serde(default)]
    pub since_reopening: bool,
    /// The statuses in one of which the case must have been before the present one; any, if none is named.
    #[serde(default)]
    pub came_from: BTreeSet<Code>,
}

impl ConsentRule {
    /// Whether somebody of this role gives or withdraws it, at least once they have come of age.
    pub fn is_given_by(&self, role: &Code) -> bool {
        self.given_by.contains(role) || self.given_of_age_by.as_ref() == Some(role)
    }
}

impl Condition {
    /// Whether there is nothing to meet.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Whether it is met by the consents in force before and after the command, in a case that was in the status
    /// `came_from` before the present one.
    pub fn is_met(
        &self,
        before: &BTreeSet<Code>,
        after: &BTreeSet<Code>,
        measure_under_way: bool,
        came_from: Option<&Code>,
    ) -> bool {
        let lost = |kind| before.contains(kind) && !after.contains(kind);
        let came_from = || came_from.is_some_and(|status| self.came_from.contains(status));
        self.consents.is_subset(after)
            && (self.came_from.is_empty() || came_from())
            && (self.consents_lost.is_empty() || self.consents_lost.iter().any(lost))
            && (measure_under_way || !self.measure_under_way)
    }
}

/// How many of those who can must.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Quorum {
    /// Each of them.
    All,
    /// One of them.
    Any,
}

/// Since when a consent must have been given to count.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CountsFrom {
    /// Since the case was opened: it outlasts a closing.
    #[default]
    Opening,
    /// Since the case was last reopened: each reopening asks for it anew (S18).
    Reopening,
}

/// A kind of consent.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a key of its own that a rule book may set"
)]
pub struct ConsentRule {
    /// Its code.
    pub kind: Code,
    /// Its name.
    pub name: Names,
    /// The roles, as parties of the case, that give it.
    pub given_by: Vec<Code>,
    /// How many of them must consent before it is in force.
    pub consent_by: Quorum,
    /// How many of them must withdraw before it is no longer in force: always `any`, because withdrawing is as easy as
    /// giving (GDPR article 7(3)).
    pub withdraw_by: Quorum,
    /// The role that gives it alone, in the others' place, once it has come of age (X3).
    pub given_of_age_by: Option<Code>,
    /// Whether it is given anew before the case moves to another unit (V13).
    #[serde(default)]
    pub anew_at_transitions: bool,
    /// Whether it is to be given anew when the situation has changed (V27).
    #[serde(default)]
    pub anew_after_change: bool,
    /// Of what whoever gives it must have been told before (M7).
    pub informed_of: Option<InformedOf>,
    /// Whether it names the services that it covers.
    #[serde(default)]
    pub names_services: bool,
    /// Whether each consent names exactly one of them: every service is let in by a form of its own (S11).
    #[serde(default)]
    pub one_service_each: bool,
    /// The forms in which it can be given (S12); left out, all of them.
    pub forms: Option<BTreeSet<Code>>,
    /// Since when it must have been given to count.
    #[serde(default)]
    pub counts_from: CountsFrom,
    /// The number of months after which it is best renewed.
    pub valid_for_months_recommended: Option<u32>,
    /// The number of months beyond which it cannot be given.
    pub max_valid_months: Option<u32>,
    /// Which sentence asked for it.
    pub requirement: Option<Requirement>,
}

/// A part of a case that is not filed under a section of somebody's choice; each stands in one section.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Part {
    /// Whom it is about, and why it was opened; also what a list shows.
    Child,
    /// The people who take part, and their tasks.
    Parties,
    /// The services that take part, and their tasks.
    Services,
    /// Consents, their withdrawal, and changes that ask for new ones.
    Consents,
    /// Measures.
    Measures,
    /// Meetings.
    Meetings,
    /// Agreements with the family.
    Agreements,
    /// Referrals to other organisations, and what is handed over on them.
    Referrals,
    /// What was recorded elsewhere and taken in with the case.
    Imported,
    /// Resting, closing, reopening, archiving, holds and broken glass.
    Course,
    /// The facts of what happened and when.
    Timeline,
}

impl Part {
    /// Every part.
    pub const ALL: &[Self] = &[
        Self::Child,
        Self::Parties,
        Self::Services,
        Self::Consents,
        Self::Measures,
        Self::Meetings,
        Self::Agreements,
        Self::Referrals,
        Self::Imported,
        Self::Course,
        Self::Timeline,
    ];
}

impl Part {
    /// Whether cases by these rules have such a part, so that a section must hold it.
    pub(super) fn is_used(self, rules: &Rules) -> bool {
        match self {
            Self::Referrals => !rules.referrals.is_empty(),
            // A case has it, or not, whatever its rules say; where none does, it stands with the child.
            Self::Imported => false,
            _ => true,
        }
    }
}

/// What is filed under a section of somebody's choice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Filed {
    /// Notes.
    Notes,
    /// Documents.
    Documents,
}

/// A form in which a consent can be given.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConsentForm {
    /// Its name.
    pub name: Names,
    /// Whether the signed form must have been filed as a document of the case (X5).
    #[serde(default)]
    pub scanned: bool,
    /// Which sentence asked for it.
    pub requirement: Option<Requirement>,
}

/// An effect that a measure can have had.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Effect {
    /// Its name.
    pub name: Names,
    /// Whether the measure had the effect that was wished for.
    pub wished_for: bool,
    /// Which sentence asked for it.
    pub requirement: Option<Requirement>,
}

/// How the baton is handed over.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Baton {
    /// The role of whoever holds it.
    pub role: Code,
    /// The role, from then on, of whoever has handed it over.
    pub afterwards: Code,
    /// Which sentence asked for it.
    pub requirement: Option<Requirement>,
}

/// Reading without the usual right.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BreakGlassRule {
    /// For how long at most.
    pub hours_max: u32,
    /// Which sentence asked for it.
    pub requirement: Option<Requirement>,
}

/// Consultation rounds of a unit's own (K5).
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rounds {
    /// The roles, of those who work with a case, in which outsiders read along; the usual one first.
    pub guest_roles: Vec<Code>,
    /// How many days a round lasts at most.
    pub days_max: u32,
    /// How many days an invitation can be accepted at most.
    pub invitation_days_max: u32,
    /// Which sentence asked for it.
    pub requirement: Option<Requirement>,
}

/// The time in which a case that has just come in may be looked at by those from whom it is then hidden (K13).
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExposureRule {
    /// The status in which a case comes in.
    pub status: Code,
    /// The status by which that time ends.
    pub ended_by_status: Code,
    /// Which sentence asked for it.
    pub requirement: Option<Requirement>,
}

/// A section of a case.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Section {
    /// Its name.
    pub name: Names,
    /// The parts of a case that stand in it, beside the notes and documents that are filed under it.
    #[serde(default)]
    pub holds: BTreeSet<Part>,
    /// What may be filed under it. Who may see the section is shown that too.
    #[serde(default)]
    pub takes: BTreeSet<Filed>,
    /// Which sentence asked for it.
    pub requirement: Option<Requirement>,
}

/// A reason that may be given.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reason {
    /// Its name.
    pub name: Names,
    /// Which sentence asked for it.
    pub requirement: Option<Requirement>,
}

/// A reason for which a case may be closed.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClosingReason {
    /// Its name.
    pub name: Names,
    /// The roles of which everyone who takes part must have agreed (S15).
    #[serde(default)]
    pub agreed_by: BTreeSet<Code>,
    /// Whether each service that takes part must have agreed, by one of those who take part for it.
    #[serde(default)]
    pub agreed_by_services: bool,
    /// Which sentence asked for it.
    pub requirement: Option<Requirement>,
}

impl ClosingReason {
    /// Whether somebody must have agreed before a case is closed for it.
    pub fn is_agreed(&self) -> bool {
        self.agreed_by_services || !self.agreed_by.is_empty()
    }
}

/// The reasons that may be given, by what they are given for.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reasons {
    /// Why a case is closed.
    pub closing: BTreeMap<Code, ClosingReason>,
    /// Why a text or document is destroyed.
    pub redaction: BTreeMap<Code, Reason>,
    /// Why nothing may be destroyed.
    pub hold: BTreeMap<Code, Reason>,
}

/// How long copies are kept.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Retention {
    /// The number of days after which no backup holds what was destroyed in the ledger.
    pub backups_kept_days: u32,
    /// Which sentence asked for it.
    pub requirement: Option<Requirement>,
}

/// The entry in the organisation's register of processing activities (GDPR article 30).
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Processing {
    /// The address of that entry: an absolute URI, which exported records of processing name.
    pub activity: String,
    /// Which sentence asked for it.
    pub requirement: Option<Requirement>,
}

/// From which age what is allowed.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ages {
    /// The age in years from which a young person consents on their own behalf.
    pub young_person_consents_from_years: u32,
    /// Which sentence asked for it.
    pub requirement: Option<Requirement>,
}

/// How much is accepted.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Limits {
    /// The longest note, in characters.
    pub note_characters_max: u32,
    /// The largest document, in bytes.
    pub document_bytes_max: u64,
    /// The most people and services that take part in one case at a time.
    pub parties_max: u32,
}
