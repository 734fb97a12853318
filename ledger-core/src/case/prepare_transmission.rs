//! File the form and the print of what is to be handed over, and the packed copy of the form (M10–M12).

use std::collections::BTreeSet;

use chrono::{Days, NaiveDate};

use super::{AddDocument, Case, handing_over::transmission_rules};
use crate::{
    command::{Decided, Rejection, RejectionCode, Setting, not_there},
    events::TransmissionPrepared,
    ids::{Code, Digest, DocumentId, PartyId, ReferralId, TransmissionId},
    profile::Part,
};

/// A body that lies sealed in the store, under a key of its own.
#[derive(Debug, Clone)]
pub struct SealedBody {
    /// The id under which it lies.
    pub document: DocumentId,
    /// Its length in bytes.
    pub size_bytes: u64,
    /// `SHA-256(salt ‖ body)`; the salt is sealed with the body.
    pub commitment: Digest,
}

/// A sealed body with what it is called.
#[derive(Debug, Clone)]
pub struct NamedBody {
    /// The body.
    pub body: SealedBody,
    /// Its heading.
    pub title: String,
    /// The name of the file.
    pub file_name: String,
}

/// Prepares a transmission. The bodies are in the store already.
#[derive(Debug, Clone)]
pub struct PrepareTransmission {
    /// Its id.
    pub transmission: TransmissionId,
    /// The referral that it belongs to.
    pub referral: ReferralId,
    /// Whose data it holds.
    pub about: BTreeSet<PartyId>,
    /// The form as it was filled in.
    pub form: NamedBody,
    /// The print for the family.
    pub print: NamedBody,
    /// The packed copy of the form.
    pub working_copy: SealedBody,
}

impl PrepareTransmission {
    /// `document_added` for the form and for the print, and `transmission_prepared`.
    pub fn decide(self, case: &Case, setting: &Setting<'_>) -> Result<Vec<Decided>, Rejection> {
        let referrals = &case.handing_over.referrals;
        let referral = referrals
            .get(&self.referral)
            .ok_or_else(|| not_there("referral", self.referral))?;
        let subtype = setting
            .profile
            .referral(&referral.kind, &referral.subtype)
            .filter(|subtype| subtype.shares_data && referral.shares_data);
        let (Some(subtype), Some(receiver)) = (subtype, referral.receiver) else {
            let kind = setting.profile.referrals.get(&referral.kind);
            let message = "no data are shared on this referral; make one that shares data first";
            return Err(Rejection::new(RejectionCode::Invalid, message)
                .because(kind.and_then(|kind| kind.requirement.as_ref())));
        };
        let rules = transmission_rules(setting)?;
        if self.about.is_empty() {
            let message = "a form holds somebody's data; name at least one party";
            return Err(Rejection::invalid(message).because(rules.form.requirement.as_ref()));
        }
        case.each_has_consented(&self.about, subtype, receiver, setting)?;
        let mut others = case.handing_over.transmissions.values();
        if others.any(|other| other.referral == self.referral && other.destroyed.is_none()) {
            let message = "an earlier transmission of this referral still has its packed copy; destroy that first";
            return Err(Rejection::already(message).because(rules.requirement.as_ref()));
        }
        let (form, print) = (self.form.body.document, self.print.body.document);
        let section = setting.profile.section_of(Part::Referrals);
        let mut decided = filed(self.form, section, case, setting)?;
        decided.extend(filed(self.print, section, case, setting)?);
        decided.push(setting.bare(TransmissionPrepared {
            transmission: self.transmission,
            referral: self.referral,
            receiver,
            about: self.about.into_iter().collect(),
            form,
            print,
            working_copy: self.working_copy.document,
            working_copy_bytes: self.working_copy.size_bytes,
            working_copy_commitment: self.working_copy.commitment,
            destroy_by: in_days(rules.working_copy_kept_days, setting),
        }));
        Ok(decided)
    }
}

fn filed(
    named: NamedBody,
    section: &Code,
    case: &Case,
    setting: &Setting<'_>,
) -> Result<Vec<Decided>, Rejection> {
    let command = AddDocument {
        document: named.body.document,
        section: section.clone(),
        format: "pdf".parse().expect("a word of a-z is a code"),
        size_bytes: named.body.size_bytes,
        body_commitment: named.body.commitment,
        title: named.title,
        file_name: named.file_name,
    };
    command.decide(case, setting)
}

/// The day that comes so many days after today.
pub(super) fn in_days(days: u32, setting: &Setting<'_>) -> NaiveDate {
    let today = setting.profile.date_of(setting.now);
    today
        .checked_add_days(Days::new(u64::from(days)))
        .unwrap_or(NaiveDate::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::testing::{
        Outcome, consent, content, day, father, gave, given,
        handing_over::{
            destroyed, family, filed_with_referral, form, lets_share, mirage, named, packed,
            prepared, print, ready, ready_and, refers, sealed,
        },
        let_in, mother, other_consent, other_transmission, referral, removed, transmission,
        welfare_centre, withdrew,
    };
    use crate::{
        events::{ConsentGiven, DocumentAddedContent, Event, ReferralMade},
        ids::ConsentId,
    };

    fn prepare() -> PrepareTransmission {
        PrepareTransmission {
            transmission: transmission(),
            referral: referral(),
            about: BTreeSet::from([mother()]),
            form: named(form(), "aanmelding"),
            print: named(print(), "voor-de-ouders"),
            working_copy: sealed(packed()),
        }
    }

    /// Form, print and packed copy under other ids: those before are in the file.
    fn another() -> PrepareTransmission {
        let document = |number: u128| DocumentId::from_ulid(number.into());
        PrepareTransmission {
            transmission: other_transmission(),
            form: named(document(61), "aanmelding"),
            print: named(document(62), "voor-de-ouders"),
            ..prepare()
        }
    }

    fn after(events: impl IntoIterator<Item = Event>, command: PrepareTransmission) -> Outcome {
        given(events).by_the_rules_of(mirage()).when(command)
    }

    /// Consented to and referred.
    fn referred(consent: ConsentGiven, referral: ReferralMade) -> Vec<Event> {
        let since = [consent.into(), referral.into()];
        family().into_iter().chain(since).collect()
    }

    fn as_it_should_be() -> Vec<Event> {
        referred(lets_share(), refers("ocmw", true))
    }

    #[test]
    fn form_and_print_are_filed_with_the_referral_and_the_packed_copy_is_kept_for_some_days() {
        let [form, print, _] = after(as_it_should_be(), prepare()).then([
            filed_with_referral(form()),
            filed_with_referral(print()),
            prepared().into(),
        ]);
        for (decided, name) in [(form, "aanmelding.pdf"), (print, "voor-de-ouders.pdf")] {
            assert_eq!(content::<DocumentAddedContent>(&decided).file_name, name);
        }
    }

    #[test]
    fn nothing_is_prepared_on_a_referral_that_shares_nothing_or_is_not_there() {
        for referral in [
            refers("ocmw_without_data", false),
            // The profile said so when it was made, or says so now; both must.
            refers("ocmw", false),
            refers("ocmw_without_data", true),
            ReferralMade {
                receiver: None,
                ..refers("ocmw", true)
            },
        ] {
            after(referred(lets_share(), referral), prepare())
                .rejected(RejectionCode::Invalid)
                .because("M9")
                .naming("no data are shared on this referral");
        }
        after(family(), prepare())
            .rejected(RejectionCode::NotFound)
            .because("M11")
            .naming(&referral().to_string());
    }

    #[test]
    fn it_is_about_somebody() {
        let nobody = PrepareTransmission {
            about: BTreeSet::new(),
            ..prepare()
        };
        after(as_it_should_be(), nobody)
            .rejected(RejectionCode::Invalid)
            .because("M11")
            .naming("name at least one party");
    }

    #[test]
    fn nobodys_data_go_on_anothers_word() {
        let both = PrepareTransmission {
            about: BTreeSet::from([mother(), father()]),
            ..prepare()
        };
        after(as_it_should_be(), both.clone())
            .rejected(RejectionCode::Invalid)
            .because("M8")
            .naming(&father().to_string());
        let fathers = ConsentGiven {
            consent: other_consent(),
            by: father(),
            ..lets_share()
        };
        let events = as_it_should_be().into_iter().chain([fathers.into()]);
        let [_, _, prepared] = after(events, both)
            .0
            .expect("both have consented")
            .try_into()
            .expect("three events");
        let Event::TransmissionPrepared(facts) = prepared.event else {
            panic!("{prepared:?}")
        };
        assert_eq!(facts.about, [mother(), father()]);
    }

    #[test]
    fn the_consent_names_the_receiver_and_is_in_force() {
        let elsewhere = ConsentGiven {
            services: vec![crate::case::testing::health()],
            ..lets_share()
        };
        let past = ConsentGiven {
            valid_through: Some(day("2026-03-01")),
            ..lets_share()
        };
        let other_kind = let_in(consent(), mother(), &[welfare_centre()]);
        let none: ConsentGiven = gave(ConsentId::from_ulid(49_u128.into()), mother());
        for consent in [elsewhere, past, other_kind, none] {
            after(referred(consent, refers("ocmw", true)), prepare())
                .rejected(RejectionCode::Invalid)
                .because("M8")
                .naming("obtain it first, or leave their data out");
        }
        for ended in [withdrew(consent(), mother()), removed(mother())] {
            let events = as_it_should_be().into_iter().chain([ended]);
            after(events, prepare())
                .rejected(RejectionCode::Invalid)
                .because("M8");
        }
    }

    #[test]
    fn one_packed_copy_of_a_referral_lies_there_at_a_time() {
        after(ready(), another())
            .rejected(RejectionCode::AlreadyThere)
            .because("M13")
            .naming("destroy that first");
        let decided = after(ready_and([destroyed()]), another()).0;
        assert_eq!(decided.expect("the first is destroyed").len(), 3);
        // The same documents are not filed twice.
        let again = PrepareTransmission {
            transmission: other_transmission(),
            ..prepare()
        };
        after(ready_and([destroyed()]), again)
            .rejected(RejectionCode::AlreadyThere)
            .because("M11");
    }

    #[test]
    fn its_documents_are_filed_as_others_are() {
        let untitled = PrepareTransmission {
            form: NamedBody {
                title: String::new(),
                ..named(form(), "aanmelding")
            },
            ..prepare()
        };
        let mut large = prepare();
        large.print.body.size_bytes = 26_214_401;
        for (command, part) in [(untitled, "title"), (large, "26214401 bytes")] {
            after(as_it_should_be(), command)
                .rejected(RejectionCode::Invalid)
                .naming(part);
        }
    }
}
