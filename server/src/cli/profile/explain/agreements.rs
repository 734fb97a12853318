//! The agreements that organisations sign.

use std::collections::BTreeMap;

use ledger_core::{ids::Code, profile::AgreementKind};

use super::say::{Say, line};

pub(super) fn text(say: &Say<'_>, agreements: &BTreeMap<Code, AgreementKind>) -> String {
    let told = agreements.values().map(|kind| agreement(say, kind));
    say.section("agreements", &told.collect::<Vec<_>>())
}

fn agreement(say: &Say<'_>, kind: &AgreementKind) -> String {
    let AgreementKind {
        name,
        covers_units_of,
        items,
        mailbox,
        bound_by_secrecy,
        requirement,
    } = kind;
    let mut said = Vec::new();
    if !covers_units_of.is_empty() {
        // A rule book has no names for kinds of organisation.
        let kinds = say.listed("or", covers_units_of, |_, code| code.to_string());
        said.push(say.filled("covers-units-of", &[("kinds", &kinds)]));
    }
    if !items.is_empty() {
        let items = say.listed("and", items, Say::information);
        said.push(say.filled("agreement-items", &[("items", &items)]));
    }
    for (so, id) in [
        (*mailbox, "agreement-mailbox"),
        (*bound_by_secrecy, "agreement-secrecy"),
    ] {
        said.extend(so.then(|| say.message(id)));
    }
    line(&say.name(name), &said, *requirement)
}
