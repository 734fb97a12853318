//! Referrals, and how data are handed over on them; also every text that is sent or printed then.

use std::collections::BTreeMap;

use ledger_core::{
    ids::Code,
    profile::{
        FormTemplate, MailTemplate, Names, PasswordRules, PrintPart, PrintTemplate, ReferralKind,
        ReferralSubtype, Term, TransmissionRules,
    },
};

use super::say::{Say, because, line};

/// Each kind, and each of its subtypes.
pub(super) fn referrals(say: &Say<'_>, kinds: &BTreeMap<Code, ReferralKind>) -> String {
    let mut told = Vec::new();
    for kind in kinds.values() {
        let ReferralKind {
            name,
            subtypes,
            requirement,
        } = kind;
        told.push(line(&say.name(name), &[], *requirement));
        told.extend(subtypes.values().map(|one| subtype(say, name, one)));
    }
    say.section("referrals", &told)
}

fn subtype(say: &Say<'_>, kind: &Names, subtype: &ReferralSubtype) -> String {
    let ReferralSubtype {
        name,
        shares_data,
        consent,
        agreements,
        requirement,
    } = subtype;
    let shares = if *shares_data {
        "shares-data"
    } else {
        "shares-nothing"
    };
    let mut said = vec![say.message(shares)];
    if let Some(consent) = consent {
        said.push(say.filled("referral-consent", &[("consent", &say.consent(consent))]));
    }
    if !agreements.is_empty() {
        let agreements = say.listed("and", agreements, Say::agreement);
        said.push(say.filled("referral-agreements", &[("agreements", &agreements)]));
    }
    let name = format!("{}, {}", say.name(kind), say.name(name));
    line(&name, &said, *requirement)
}

/// How data are handed over.
pub(super) fn text(say: &Say<'_>, rules: &TransmissionRules) -> String {
    let TransmissionRules {
        sent_by,
        working_copy_kept_days,
        receipt_within_days,
        password,
        form,
        print,
        mail,
        requirement,
    } = rules;
    let channel = say.code("channel", sent_by);
    let days = |id: &str, days: &u32| {
        let told = say.filled(id, &[("days", &days.to_string())]);
        format!("{told}{}", because(*requirement))
    };
    let sent = say.filled("sent-by", &[("channel", &channel)]);
    let told = [
        format!("{sent}{}", because(*requirement)),
        how_the_password_goes(say, password),
        days("receipt", receipt_within_days),
        days("working-copy", working_copy_kept_days),
        form_says(say, form),
        print_says(say, print),
        mail_says(say, mail),
    ];
    say.section("transmissions", &told)
}

fn how_the_password_goes(say: &Say<'_>, rules: &PasswordRules) -> String {
    let PasswordRules {
        channels,
        within_days,
        requirement,
    } = rules;
    let channels = channels.values().map(|channel| {
        let Term { name, requirement } = channel;
        line(&say.name(name), &[], *requirement)
    });
    let channels = say.list("or", &channels.collect::<Vec<_>>());
    let days = within_days.to_string();
    let told = say.filled("password", &[("days", &days), ("channels", &channels)]);
    format!("{told}{}", because(*requirement))
}

fn form_says(say: &Say<'_>, form: &FormTemplate) -> String {
    let FormTemplate {
        title,
        introduction,
        person,
        name,
        address,
        telephone,
        email,
        closing,
        file_name,
        requirement,
    } = form;
    let texts = [
        title,
        introduction,
        person,
        name,
        address,
        telephone,
        email,
        closing,
    ];
    let texts: Vec<String> = texts.iter().map(|text| say.name(text)).collect();
    let told = texts_of(say, "form", file_name, &texts);
    format!("{told}{}", because(*requirement))
}

fn print_says(say: &Say<'_>, print: &PrintTemplate) -> String {
    let PrintTemplate {
        title,
        introduction,
        parts,
        file_name,
        requirement,
    } = print;
    let mut texts = vec![say.name(title), say.name(introduction)];
    for part in parts {
        let PrintPart {
            question,
            answer,
            with_data,
        } = part;
        texts.extend([say.name(question), say.name(answer)]);
        texts.extend(with_data.then(|| say.message("with-data")));
    }
    let told = texts_of(say, "print", file_name, &texts);
    format!("{told}{}", because(*requirement))
}

fn mail_says(say: &Say<'_>, mail: &MailTemplate) -> String {
    let MailTemplate {
        subject,
        text,
        file_name,
    } = mail;
    let texts = [say.name(subject), say.name(text)];
    texts_of(say, "mail", file_name, &texts)
}

/// Texts one after the other; where each ends can be seen.
fn texts_of(say: &Say<'_>, id: &str, file_name: &Names, texts: &[String]) -> String {
    let texts: Vec<&str> = texts.iter().map(|text| text.trim()).collect();
    let (file, texts) = (say.name(file_name), texts.join(" | "));
    say.filled(id, &[("file", &file), ("texts", &texts)])
}
