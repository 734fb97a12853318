//! What a system calls things: the names in its rule book, in one language.
//!
//! They are looked up as they are rather than made into messages: a name has no variables, and a rule book that was
//! adopted long ago must still be read in its own words.

use std::collections::BTreeMap;

use ledger_core::{
    ids::Code,
    profile::{Language, Names, Profile},
};
use serde::Serialize;
use utoipa::ToSchema;

use super::Words;

/// The names of one system in one language.
#[derive(Debug, Clone, Copy)]
pub struct Vocabulary<'a> {
    profile: &'a Profile,
    language: Language,
}

impl<'a> Vocabulary<'a> {
    /// In a language that the profile promises.
    pub(super) const fn new(profile: &'a Profile, language: Language) -> Self {
        Self { profile, language }
    }

    /// Which language it is in.
    pub const fn language(self) -> Language {
        self.language
    }

    /// The program's own sentences in the same language.
    pub const fn words(self) -> Words {
        Words::of(self.language)
    }

    /// What a status is called.
    pub fn status(self, code: &Code) -> Option<String> {
        let status = self.profile.statuses.get(code)?;
        self.name(&status.name)
    }

    /// What a kind of request is called.
    pub fn request_kind(self, code: &Code) -> Option<String> {
        let kind = self.profile.request_kinds.get(code)?;
        self.name(&kind.name)
    }

    /// What a role is called.
    pub fn role(self, code: &Code) -> Option<String> {
        let role = self.profile.roles.get(code)?;
        self.name(&role.name)
    }

    /// What a section is called.
    pub fn section(self, code: &Code) -> Option<String> {
        let section = self.profile.sections.get(code)?;
        self.name(&section.name)
    }

    /// What an effect of a measure is called.
    pub fn effect(self, code: &Code) -> Option<String> {
        let effect = self.profile.effects.get(code)?;
        self.name(&effect.name)
    }

    /// What a form of consent is called.
    pub fn form(self, code: &Code) -> Option<String> {
        let form = self.profile.consent_forms.get(code)?;
        self.name(&form.name)
    }

    /// What a kind of consent is called.
    pub fn consent(self, kind: &Code) -> Option<String> {
        let consent = self.profile.consent(kind)?;
        self.name(&consent.name)
    }

    /// What a kind of referral is called.
    pub fn referral(self, kind: &Code) -> Option<String> {
        let kind = self.profile.referrals.get(kind)?;
        self.name(&kind.name)
    }

    /// What a subtype of a kind of referral is called.
    pub fn referral_subtype(self, kind: &Code, subtype: &Code) -> Option<String> {
        let subtype = self.profile.referral(kind, subtype)?;
        self.name(&subtype.name)
    }

    /// What a channel is called by which passwords are conveyed.
    pub fn channel(self, code: &Code) -> Option<String> {
        let rules = self.profile.transmissions.as_ref()?;
        let channel = rules.password.channels.get(code)?;
        self.name(&channel.name)
    }

    /// What a reason for closing a case is called.
    pub fn closing_reason(self, code: &Code) -> Option<String> {
        let reason = self.profile.reasons.closing.get(code)?;
        self.name(&reason.name)
    }

    /// What a reason for a legal hold is called.
    pub fn hold_reason(self, code: &Code) -> Option<String> {
        let reason = self.profile.reasons.hold.get(code)?;
        self.name(&reason.name)
    }

    /// What some sections are called, each under its code.
    pub fn sections<'b>(
        self,
        codes: impl IntoIterator<Item = &'b Code>,
    ) -> BTreeMap<String, String> {
        let named = codes.into_iter().map(|code| (code, self.section(code)));
        listed(named)
    }

    /// Everything that the rule book has a name for.
    pub fn names(self) -> VocabularyNames {
        let profile = self.profile;
        let reasons = [
            ("redaction", &profile.reasons.redaction),
            ("hold", &profile.reasons.hold),
        ];
        let closing = profile.reasons.closing.iter();
        let closing = self.all(closing.map(|(code, reason)| (code, &reason.name)));
        VocabularyNames {
            terms: self.all(profile.vocabulary.iter().map(|(c, term)| (c, &term.name))),
            roles: self.all(profile.roles.iter().map(|(c, role)| (c, &role.name))),
            statuses: self.all(profile.statuses.iter().map(|(c, status)| (c, &status.name))),
            consents: self.all(profile.consents.iter().map(|rule| (&rule.kind, &rule.name))),
            sections: self.all(
                profile
                    .sections
                    .iter()
                    .map(|(c, section)| (c, &section.name)),
            ),
            consent_forms: self.all(
                profile
                    .consent_forms
                    .iter()
                    .map(|(c, form)| (c, &form.name)),
            ),
            effects: self.all(profile.effects.iter().map(|(c, effect)| (c, &effect.name))),
            request_kinds: self.all(
                profile
                    .request_kinds
                    .iter()
                    .map(|(c, kind)| (c, &kind.name)),
            ),
            agreements: self.all(profile.agreements.iter().map(|(c, term)| (c, &term.name))),
            information: self.all(profile.information.iter().map(|(c, item)| (c, &item.name))),
            referrals: self.all(profile.referrals.iter().map(|(c, kind)| (c, &kind.name))),
            referral_subtypes: self.all(
                profile
                    .referrals
                    .values()
                    .flat_map(|kind| &kind.subtypes)
                    .map(|(c, subtype)| (c, &subtype.name)),
            ),
            password_channels: self.all(
                profile
                    .transmissions
                    .iter()
                    .flat_map(|rules| &rules.password.channels)
                    .map(|(c, channel)| (c, &channel.name)),
            ),
            reasons: reasons
                .into_iter()
                .map(|(what, reasons)| {
                    let names = reasons.iter().map(|(code, reason)| (code, &reason.name));
                    (what.to_owned(), self.all(names))
                })
                .chain([("closing".to_owned(), closing)])
                .collect(),
        }
    }

    fn all<'b>(
        self,
        named: impl Iterator<Item = (&'b Code, &'b Names)>,
    ) -> BTreeMap<String, String> {
        listed(named.map(|(code, names)| (code, self.name(names))))
    }

    /// In this language, or in the system's own.
    fn name(self, names: &Names) -> Option<String> {
        names
            .get(&self.language)
            .or_else(|| names.get(&self.profile.language))
            .cloned()
    }
}

fn listed<'b>(named: impl Iterator<Item = (&'b Code, Option<String>)>) -> BTreeMap<String, String> {
    named
        .filter_map(|(code, name)| Some((code.as_str().to_owned(), name?)))
        .collect()
}

/// Everything that a rule book has a name for, each name under its code.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(example = json!({
    "terms": { "case": "relay log" },
    "roles": { "guardian": "guardian" },
    "statuses": { "active": "active" },
    "consents": { "establish_log": "consent to establish the log" },
    "sections": { "notes": "notes" },
    "consentForms": { "paper": "paper form" },
    "effects": { "some": "some effect" },
    "requestKinds": { "advice": "advice question" },
    "agreements": { "data_processing": "data-processing agreement" },
    "information": { "purpose": "for what purpose" },
    "referrals": { "psychosocial": "psychosocial referral" },
    "referralSubtypes": { "welfare_centre": "welfare centre" },
    "passwordChannels": { "sms": "text message" },
    "reasons": { "closing": { "thrives": "the child thrives and the measures had effect" } },
}))]
#[serde(rename_all = "camelCase")]
pub struct VocabularyNames {
    /// What the system calls a case, a party, a service.
    terms: BTreeMap<String, String>,
    /// Roles.
    roles: BTreeMap<String, String>,
    /// Statuses of a case.
    statuses: BTreeMap<String, String>,
    /// Kinds of consent.
    consents: BTreeMap<String, String>,
    /// Sections of a case.
    sections: BTreeMap<String, String>,
    /// Forms in which a consent is given.
    consent_forms: BTreeMap<String, String>,
    /// Effects that a measure can have had.
    effects: BTreeMap<String, String>,
    /// Kinds of request: what a case can ask for.
    request_kinds: BTreeMap<String, String>,
    /// Agreements that organisations sign.
    agreements: BTreeMap<String, String>,
    /// Of what a family is told before it consents, and of what agreements speak.
    information: BTreeMap<String, String>,
    /// Kinds of referral.
    referrals: BTreeMap<String, String>,
    /// Their subtypes.
    referral_subtypes: BTreeMap<String, String>,
    /// Channels by which passwords are conveyed.
    password_channels: BTreeMap<String, String>,
    /// Reasons, by what they are given for.
    reasons: BTreeMap<String, BTreeMap<String, String>>,
}
