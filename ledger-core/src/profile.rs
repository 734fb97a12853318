//! A system's rule book: what a lawyer may change without a programmer.
//!
//! `profile.toml` holds the vocabulary, the statuses, the kinds of consent, periods and limits; it is read here.
//! `access.cedar` holds who may see and do what; it is compiled by [`crate::access::RuleBook`], which also checks
//! that the two fit together. Both texts are kept as they were read, so that adopting a rule book can store them
//! and a question about the past can be put to the rules of that time.
//!
//! **Invariant: a [`Profile`] that exists has passed every check.** [`Rules`] alone is only what the file says.

mod asked_for;
mod check;
mod days;
mod handover;
mod notification;
mod problem;
mod requirement;
mod rules;
#[cfg(test)]
mod tests;
mod unusual;

use std::ops::Deref;

use serde::{Deserialize, Serialize};

pub use asked_for::{AskedFor, KeptRule, UnknownKey};
pub(crate) use check::undeclared_requirement;
pub use handover::{
    FormTemplate, InformedOf, MailTemplate, PasswordRules, PrintPart, PrintTemplate, ReferralKind,
    ReferralSubtype, TransmissionRules,
};
pub use notification::{NotificationKind, NotificationRule};
pub(crate) use problem::line_at;
pub use problem::{Problem, RuleBookError, RuleBookFile};
pub use requirement::Requirement;
pub use rules::{
    Ages, AgreementKind, Assurance, Baton, BreakGlassRule, ClosingReason, Condition, ConsentForm,
    ConsentRule, CountsFrom, Effect, ExposureRule, Filed, Language, Limits, Names, Part,
    Processing, Quorum, Reason, Reasons, Refusal, Retention, Role, Rounds, Rules, Scope, Section,
    Status, Term, Transition,
};

pub use unusual::{Burst, UnusualReading};

use crate::{
    access::Action,
    ids::{Code, Digest},
};

/// The two texts of a rule book, as they were written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RuleBookText {
    /// The whole of `profile.toml`.
    pub profile_toml: String,
    /// The whole of `access.cedar`.
    pub access_cedar: String,
}

/// The rule books that come with the program: the name of each folder in `profiles/`, and its two texts.
const BUILT_IN: &[(&str, &str, &str)] = include!(concat!(env!("OUT_DIR"), "/rule_books.rs"));

impl RuleBookText {
    /// The rule book of this name that comes with the program.
    pub fn built_in(id: &str) -> Option<Self> {
        let (_, profile_toml, access_cedar) = BUILT_IN.iter().find(|(name, ..)| *name == id)?;
        Some(Self {
            profile_toml: (*profile_toml).to_owned(),
            access_cedar: (*access_cedar).to_owned(),
        })
    }

    /// The names of the rule books that come with the program, in order.
    pub fn names_of_built_in() -> impl Iterator<Item = &'static str> {
        BUILT_IN.iter().map(|(name, ..)| *name)
    }

    /// SHA-256 over the length (8 bytes, big-endian) and the bytes of each text: the version that decided.
    pub fn digest(&self) -> Digest {
        use aws_lc_rs::digest::{Context, SHA256};
        let mut context = Context::new(&SHA256);
        for text in [&self.profile_toml, &self.access_cedar] {
            context.update(&(text.len() as u64).to_be_bytes());
            context.update(text.as_bytes());
        }
        let mut bytes = [0; 32];
        bytes.copy_from_slice(context.finish().as_ref());
        Digest(bytes)
    }
}

/// A rule book whose `profile.toml` has been read and found consistent.
#[derive(Debug, Clone)]
pub struct Profile {
    rules: Rules,
    text: RuleBookText,
    digest: Digest,
}

impl Deref for Profile {
    type Target = Rules;

    fn deref(&self) -> &Rules {
        &self.rules
    }
}

impl Profile {
    /// Reads and checks `profile.toml`. The policies are checked by [`crate::access::RuleBook::load`].
    ///
    /// # Errors
    /// Every problem found, each with its line and what would be right.
    pub fn parse(text: &RuleBookText) -> Result<Self, RuleBookError> {
        let rules = Rules::read(&text.profile_toml)?;
        let problems = check::problems(&rules, &text.profile_toml);
        if !problems.is_empty() {
            return Err(RuleBookError { problems });
        }
        Ok(Self {
            rules,
            text: text.clone(),
            digest: text.digest(),
        })
    }

    /// The version of the rule book: see [`RuleBookText::digest`].
    pub const fn digest(&self) -> Digest {
        self.digest
    }

    /// The texts it was read from, for the event that adopts it.
    pub const fn texts(&self) -> &RuleBookText {
        &self.text
    }

    /// Whether every name is given in a language.
    pub fn promises(&self, language: Language) -> bool {
        self.language == language || self.languages.contains(&language)
    }

    /// The status of a case that has just been opened.
    pub fn initial_status(&self) -> &Code {
        self.statuses
            .iter()
            .find_map(|(code, status)| status.initial.then_some(code))
            .expect("the checks demand exactly one initial status")
    }

    /// The steps that a command makes from a status, in the order in which they are tried.
    pub fn transitions_of(
        &self,
        command: Action,
        from: &Code,
    ) -> impl Iterator<Item = &Transition> {
        self.transitions
            .iter()
            .filter(move |step| step.command == command && step.from.contains(from))
    }

    /// The section in which a part of a case stands. A part that the profile does not use holds nothing, and stands
    /// wherever the child stands.
    pub fn section_of(&self, part: Part) -> &Code {
        let holding = |part| {
            self.sections
                .iter()
                .find_map(|(code, section)| section.holds.contains(&part).then_some(code))
        };
        holding(part)
            .or_else(|| holding(Part::Child))
            .expect("the checks demand one section for each part that is used")
    }

    /// The sections under which something may be filed.
    pub fn sections_that_take(&self, filed: Filed) -> impl Iterator<Item = &Code> {
        self.sections
            .iter()
            .filter(move |(_, section)| section.takes.contains(&filed))
            .map(|(code, _)| code)
    }

    /// The section in which something stands that was filed under `section`: that one, if it takes such things.
    ///
    /// What was filed elsewhere, before the rules said what a section takes, stands with the others of its kind, so
    /// that it is not shown to whoever may see something else there. By rules that say nothing about it, it stands where
    /// it was filed; but never among the facts of the timeline, which are shown to those who may see no text at all.
    pub fn filed_in(&self, filed: Filed, section: &Code) -> Option<&Code> {
        let mut takers = self.sections_that_take(filed).peekable();
        if takers.peek().is_some() {
            let first = takers.peek().copied();
            return takers.find(|taker| *taker == section).or(first);
        }
        let (section, rules) = self.sections.get_key_value(section)?;
        (!rules.holds.contains(&Part::Timeline)).then_some(section)
    }

    /// Whether a role is shown a section (X4); the whole of a case needs every section.
    pub fn shows(&self, role: &Code, section: &Code) -> bool {
        let shown = self.roles.get(role).and_then(|role| role.sections.as_ref());
        shown.is_none_or(|shown| shown.contains(section))
    }

    /// The rule for a kind of consent.
    pub fn consent(&self, kind: &Code) -> Option<&ConsentRule> {
        self.consents.iter().find(|rule| &rule.kind == kind)
    }

    /// What is said of a subtype of a kind of referral.
    pub fn referral(&self, kind: &Code, subtype: &Code) -> Option<&ReferralSubtype> {
        self.referrals.get(kind)?.subtypes.get(subtype)
    }

    /// Whether one of these roles is bound by professional secrecy (M4).
    pub fn is_bound_by_secrecy<'a>(&self, held: impl IntoIterator<Item = &'a Code>) -> bool {
        held.into_iter()
            .filter_map(|role| self.roles.get(role))
            .any(|role| role.bound_by_secrecy)
    }

    /// Whether someone who holds these roles may appoint someone to that role.
    pub fn may_appoint<'a>(
        &self,
        held: impl IntoIterator<Item = &'a Code>,
        appointed: &Code,
    ) -> bool {
        held.into_iter()
            .filter_map(|role| self.roles.get(role))
            .any(|role| role.appoints.contains(appointed))
    }
}
