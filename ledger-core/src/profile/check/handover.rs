//! Whether what a profile says of agreements, information, referrals and transmissions fits together.

use super::{
    Check,
    Step::{Index, Key},
    undeclared,
};
use crate::profile::{
    Filed, Part, Problem, Profile,
    handover::{ReferralSubtype, TextPlace},
};

impl Profile {
    /// What is wrong where no policy asks about agreements with a receiver: whatever shares data. Agreements are looked up
    /// only where a policy asks about them, so no mailbox would ever be found.
    pub(crate) fn shared_on_no_agreement(&self) -> Vec<Problem> {
        let mut check = Check {
            rules: self,
            text: &self.texts().profile_toml,
            found: Vec::new(),
        };
        for (kind_code, kind) in &self.referrals {
            let sharing = kind
                .subtypes
                .iter()
                .filter(|(_, subtype)| subtype.shares_data);
            for (code, _) in sharing {
                let path = [
                    "referrals",
                    kind_code.as_str(),
                    "subtypes",
                    code.as_str(),
                    "shares_data",
                ];
                check.report(
                    &path.map(Key),
                    "data are shared on it, but no policy asks about agreements with the receiver, so that nothing could \
                     ever be sent; add to access.cedar a forbid of make_referral, prepare_transmission and \
                     send_transmission unless context.receiver_agreements contains them"
                        .to_owned(),
                );
            }
        }
        check.found
    }
}

impl Check<'_> {
    /// The names and texts of all these are given in every language, as others are.
    pub(super) fn handover_names(&mut self) {
        let rules = self.rules;
        for (code, item) in &rules.information {
            self.languages(
                &[Key("information"), Key(code.as_str()), Key("name")],
                "name",
                &item.name,
            );
        }
        for (code, kind) in &rules.referrals {
            let path = [Key("referrals"), Key(code.as_str())];
            self.languages(&[path[0], path[1], Key("name")], "name", &kind.name);
            for (code, subtype) in &kind.subtypes {
                let here = [
                    path[0],
                    path[1],
                    Key("subtypes"),
                    Key(code.as_str()),
                    Key("name"),
                ];
                self.languages(&here, "name", &subtype.name);
            }
        }
        let Some(transmissions) = &rules.transmissions else {
            return;
        };
        for (code, channel) in &transmissions.password.channels {
            let path = [
                "transmissions",
                "password",
                "channels",
                code.as_str(),
                "name",
            ]
            .map(Key);
            self.languages(&path, "name", &channel.name);
        }
        for (place, text) in transmissions.texts() {
            let mut path = vec![Key("transmissions")];
            path.extend(place.into_iter().map(|step| match step {
                TextPlace::Key(key) => Key(key),
                TextPlace::At(place) => Index(place),
            }));
            self.languages(&path, "text", text);
        }
    }

    /// Items that agreements and consents speak of are declared.
    pub(super) fn information(&mut self) {
        let rules = self.rules;
        for (code, agreement) in &rules.agreements {
            for item in &agreement.items {
                if !rules.information.contains_key(item) {
                    let path = [Key("agreements"), Key(code.as_str()), Key("items")];
                    self.report(&path, undeclared("information", item, &rules.information));
                }
            }
        }
        for (index, consent) in rules.consents.iter().enumerate() {
            for item in consent.informed_of.iter().flat_map(|of| &of.items) {
                if !rules.information.contains_key(item) {
                    let path = [Key("consents"), Index(index), Key("informed_of")];
                    self.report(&path, undeclared("information", item, &rules.information));
                }
            }
        }
    }

    pub(super) fn referrals(&mut self) {
        let rules = self.rules;
        for (code, kind) in &rules.referrals {
            if kind.subtypes.is_empty() {
                let path = [Key("referrals"), Key(code.as_str()), Key("subtypes")];
                self.report(
                    &path,
                    "a kind of referral has at least one subtype".to_owned(),
                );
            }
            for (subtype_code, subtype) in &kind.subtypes {
                let path = [
                    Key("referrals"),
                    Key(code.as_str()),
                    Key("subtypes"),
                    Key(subtype_code.as_str()),
                ];
                if subtype.shares_data {
                    self.sharing(path, subtype);
                } else if subtype.consent.is_some() || !subtype.agreements.is_empty() {
                    self.report(
                        &path,
                        "nothing is shared on it, so it takes no consent and no agreement; leave them out"
                            .to_owned(),
                    );
                }
            }
        }
    }

    /// What shares data rests on a consent that names the receiver, and on agreements of which one names a mailbox.
    fn sharing(&mut self, path: [super::Step<'_>; 4], subtype: &ReferralSubtype) {
        let rules = self.rules;
        let at = |key| [path[0], path[1], path[2], path[3], Key(key)];
        match &subtype.consent {
            None => self.report(
                &path,
                "data are shared on a consent; name its kind (`consent`)".to_owned(),
            ),
            Some(kind) => match rules.consents.iter().find(|rule| rule.kind == *kind) {
                None => self.report(
                    &at("consent"),
                    format!("there is no consent {kind}; declare it"),
                ),
                Some(rule) if !rule.names_services => self.report(
                    &at("consent"),
                    format!("the consent {kind} names no receiver; give it names_services = true"),
                ),
                Some(_) => {}
            },
        }
        let mut has_mailbox = false;
        for (place, kind) in subtype.agreements.iter().enumerate() {
            match rules.agreements.get(kind) {
                None => {
                    let here = [
                        path[0],
                        path[1],
                        path[2],
                        path[3],
                        Key("agreements"),
                        Index(place),
                    ];
                    self.report(&here, undeclared("agreement", kind, &rules.agreements));
                }
                Some(agreement) => has_mailbox |= agreement.mailbox,
            }
        }
        if !has_mailbox {
            self.report(
                &at("agreements"),
                "data go to the mailbox of an agreement; name one that has a mailbox".to_owned(),
            );
        }
        if rules.transmissions.is_none() {
            self.report(
                &at("shares_data"),
                "how data are handed over is not said; add [transmissions]".to_owned(),
            );
        }
    }

    pub(super) fn transmissions(&mut self) {
        let Some(transmissions) = &self.rules.transmissions else {
            return;
        };
        // The form and the print are filed where the referral stands.
        let rules = self.rules;
        for (code, section) in &rules.sections {
            if section.holds.contains(&Part::Referrals)
                && !section.takes.contains(&Filed::Documents)
            {
                self.report(
                    &[Key("sections"), Key(code.as_str()), Key("takes")],
                    "the forms of transmissions are filed with the referrals; let documents be filed here"
                        .to_owned(),
                );
            }
        }
        let channels = [Key("transmissions"), Key("password"), Key("channels")];
        if transmissions.password.channels.is_empty() {
            self.report(
                &channels,
                "a password is conveyed by some channel; name one".to_owned(),
            );
        }
        if transmissions
            .password
            .channels
            .contains_key(&transmissions.sent_by)
        {
            let here = [
                channels[0],
                channels[1],
                channels[2],
                Key(transmissions.sent_by.as_str()),
            ];
            self.report(
                &here,
                format!(
                    "the file goes by {}, so the password does not; take it out",
                    transmissions.sent_by
                ),
            );
        }
    }
}

#[cfg(test)]
mod tests;
