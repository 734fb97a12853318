//! What `profile.toml` says of agreements, referrals, and the handover of data on them. Switched on by naming them.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use super::{Names, Requirement, Term};
use crate::ids::Code;

/// What somebody must have been told before they give a consent (M7).
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InformedOf {
    /// The items of the profile.
    pub items: BTreeSet<Code>,
    /// Which sentence asked for it.
    pub requirement: Option<Requirement>,
}

/// A kind of referral.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReferralKind {
    /// Its name.
    pub name: Names,
    /// Its subtypes; there is at least one.
    pub subtypes: BTreeMap<Code, ReferralSubtype>,
    /// Which sentence asked for it.
    pub requirement: Option<Requirement>,
}

/// A subtype of a kind of referral.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReferralSubtype {
    /// Its name.
    pub name: Names,
    /// Whether data of the family are handed over on it.
    pub shares_data: bool,
    /// The consent that this takes: a kind that names services.
    pub consent: Option<Code>,
    /// The kinds of agreement on which it rests. The last one that names a mailbox is where things go.
    #[serde(default)]
    pub agreements: Vec<Code>,
    /// Which sentence asked for it.
    pub requirement: Option<Requirement>,
}

/// How data are handed over.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TransmissionRules {
    /// The channel by which the file goes; the password never goes by it.
    pub sent_by: Code,
    /// How many days the packed copy is kept at most.
    pub working_copy_kept_days: u32,
    /// After how many days the receiver is to have confirmed.
    pub receipt_within_days: u32,
    /// How the password is conveyed.
    pub password: PasswordRules,
    /// The form that is filled in.
    pub form: FormTemplate,
    /// The print for the family.
    pub print: PrintTemplate,
    /// The mail with which the form goes. It says nothing of anybody.
    pub mail: MailTemplate,
    /// Which sentence asked for it.
    pub requirement: Option<Requirement>,
}

/// How a password is conveyed.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PasswordRules {
    /// By which channels it may be; never by the one by which the file goes.
    pub channels: BTreeMap<Code, Term>,
    /// Within how many days after the sending.
    pub within_days: u32,
    /// Which sentence asked for it.
    pub requirement: Option<Requirement>,
}

/// What stands on the form beside the data. `{receiver}`, `{sender}`, `{date}` and `{reference}` are filled in.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FormTemplate {
    /// Its heading.
    pub title: Names,
    /// What stands before the data.
    pub introduction: Names,
    /// Above each person, if there are several: a word such as "parent".
    pub person: Names,
    /// Before the name.
    pub name: Names,
    /// Before the address.
    pub address: Names,
    /// Before the telephone number.
    pub telephone: Names,
    /// Before the e-mail address.
    pub email: Names,
    /// What stands after the data.
    pub closing: Names,
    /// The name of the file, without its ending.
    pub file_name: Names,
    /// Which sentence asked for it.
    pub requirement: Option<Requirement>,
}

/// What stands on the print for the family: the same words are filled in as on the form.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PrintTemplate {
    /// Its heading.
    pub title: Names,
    /// What stands under it.
    pub introduction: Names,
    /// Questions and their answers, in order.
    pub parts: Vec<PrintPart>,
    /// The name of the file, without its ending.
    pub file_name: Names,
    /// Which sentence asked for it.
    pub requirement: Option<Requirement>,
}

/// A question that a family may have, and its answer.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PrintPart {
    /// The question, as a heading.
    pub question: Names,
    /// The answer.
    pub answer: Names,
    /// Whether the data themselves follow it.
    #[serde(default)]
    pub with_data: bool,
}

/// What stands in the mail.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MailTemplate {
    /// Its subject.
    pub subject: Names,
    /// Its text.
    pub text: Names,
    /// The name of the attached file, without its ending.
    pub file_name: Names,
}

impl TransmissionRules {
    /// Every text, by its place below `transmissions`; a number is the place in a list.
    pub(super) fn texts(&self) -> Vec<(Vec<TextPlace>, &Names)> {
        use TextPlace::{At, Key};
        let (form, print, mail) = (&self.form, &self.print, &self.mail);
        let mut texts = vec![
            (vec![Key("form"), Key("title")], &form.title),
            (vec![Key("form"), Key("introduction")], &form.introduction),
            (vec![Key("form"), Key("person")], &form.person),
            (vec![Key("form"), Key("name")], &form.name),
            (vec![Key("form"), Key("address")], &form.address),
            (vec![Key("form"), Key("telephone")], &form.telephone),
            (vec![Key("form"), Key("email")], &form.email),
            (vec![Key("form"), Key("closing")], &form.closing),
            (vec![Key("form"), Key("file_name")], &form.file_name),
            (vec![Key("print"), Key("title")], &print.title),
            (vec![Key("print"), Key("introduction")], &print.introduction),
            (vec![Key("print"), Key("file_name")], &print.file_name),
            (vec![Key("mail"), Key("subject")], &mail.subject),
            (vec![Key("mail"), Key("text")], &mail.text),
            (vec![Key("mail"), Key("file_name")], &mail.file_name),
        ];
        for (place, part) in print.parts.iter().enumerate() {
            let at = |key| vec![Key("print"), Key("parts"), At(place), Key(key)];
            texts.push((at("question"), &part.question));
            texts.push((at("answer"), &part.answer));
        }
        texts
    }
}

/// A step to a text inside `transmissions`.
#[derive(Debug, Clone, Copy)]
pub(super) enum TextPlace {
    /// A key of a table.
    Key(&'static str),
    /// A place in a list.
    At(usize),
}
