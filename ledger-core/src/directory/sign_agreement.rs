//! Record that an organisation has signed an agreement, with the days on which it holds.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use super::Organisation;
use crate::{
    clock::Timestamp,
    command::{self, Decided, Rejection, RejectionCode, not_in_profile},
    events::{AgreementSigned, AgreementSignedContent},
    ids::{AgreementId, Code, KeyId, OrganisationId, StreamId},
    profile::{AgreementKind, Profile},
};

/// Records an agreement.
#[derive(Debug, Clone)]
pub struct SignAgreement {
    /// Its id.
    pub agreement: AgreementId,
    /// Who has signed.
    pub organisation: OrganisationId,
    /// Which of the profile's kinds.
    pub kind: Code,
    /// First day on which it holds; none = today.
    pub valid_from: Option<NaiveDate>,
    /// Last day on which it holds; none = until it is ended.
    pub valid_through: Option<NaiveDate>,
    /// The other organisation that has signed it, where it is known here.
    pub with: Option<OrganisationId>,
    /// Its name.
    pub title: String,
    /// Where the signed text is kept.
    pub reference: String,
    /// What it says of each item that the profile asks for (M6).
    pub items: BTreeMap<Code, String>,
    /// The mailbox that it names (M13).
    pub mailbox: Option<String>,
    /// Whether it binds by professional secrecy whoever receives something on it (M4).
    pub bound_by_secrecy: bool,
}

impl SignAgreement {
    /// `agreement_signed`.
    pub fn decide(
        self,
        organisation: &Organisation,
        profile: &Profile,
        now: Timestamp,
    ) -> Result<Vec<Decided>, Rejection> {
        if organisation.registered.is_none() {
            let message = format!("no organisation {} is registered", self.organisation);
            let missing = Rejection::new(RejectionCode::NotFound, message);
            return Err(missing);
        }
        let kinds = &profile.agreements;
        let Some(rule) = kinds.get(&self.kind) else {
            let unknown = not_in_profile("kind of agreement", &self.kind, kinds.keys());
            return Err(unknown);
        };
        self.check_terms(rule)
            .map_err(|rejection| rejection.because(rule.requirement.as_ref()))?;
        let valid_from = self.valid_from.unwrap_or_else(|| profile.date_of(now));
        if self
            .valid_through
            .is_some_and(|through| through < valid_from)
        {
            let message = "validThrough lies before validFrom";
            return Err(Rejection::invalid(message));
        }
        if self.with == Some(self.organisation) {
            let message = "an agreement is signed with somebody else; leave `with` out, or name another organisation";
            return Err(Rejection::invalid(message));
        }
        let content = AgreementSignedContent {
            title: command::line("title", &self.title)?,
            reference: command::text("reference", &self.reference)?,
            items: self.items,
            mailbox: self.mailbox,
        };
        let facts = AgreementSigned {
            agreement: self.agreement,
            organisation: self.organisation,
            kind: self.kind,
            valid_from,
            valid_through: self.valid_through,
            bound_by_secrecy: self.bound_by_secrecy,
            with: self.with,
            profile: Some(profile.id.clone()),
        };
        let stream = StreamId::Organisation(self.organisation);
        Ok(vec![Decided::sealed(
            stream,
            facts,
            KeyId::Tenant,
            &content,
        )])
    }

    /// It says what the profile asks that such an agreement says, and nothing that it does not ask.
    fn check_terms(&self, rule: &AgreementKind) -> Result<(), Rejection> {
        for item in &rule.items {
            let said = self.items.get(item).map_or("", |text| text.trim());
            if said.is_empty() {
                let asked: Vec<&str> = rule.items.iter().map(Code::as_str).collect();
                return Err(Rejection::invalid(format!(
                    "items says nothing of {item}; an agreement of kind {} says something of each of {}",
                    self.kind,
                    asked.join(", ")
                )));
            }
            command::text("items", said)?;
        }
        if let Some(other) = self.items.keys().find(|item| !rule.items.contains(*item)) {
            return Err(not_in_profile(
                &format!("item in agreements of kind {}", self.kind),
                other,
                &rule.items,
            ));
        }
        match &self.mailbox {
            None if rule.mailbox => {
                let message = format!(
                    "an agreement of kind {} names the mailbox for what is sent on it; give mailbox",
                    self.kind
                );
                return Err(Rejection::invalid(message));
            }
            Some(_) if !rule.mailbox => {
                let message = format!("an agreement of kind {} names no mailbox", self.kind);
                return Err(Rejection::invalid(message));
            }
            Some(mailbox) if !is_mailbox(mailbox) => {
                let message = "mailbox is no e-mail address; expected name@domain";
                return Err(Rejection::invalid(message));
            }
            _ => {}
        }
        if rule.bound_by_secrecy != self.bound_by_secrecy {
            let message = if rule.bound_by_secrecy {
                "it must bind whoever receives something on it by professional secrecy; if it does, say boundBySecrecy = true"
            } else {
                "an agreement of this kind says nothing of professional secrecy; leave boundBySecrecy out"
            };
            return Err(Rejection::invalid(message));
        }
        Ok(())
    }
}

/// Whether it can be one address: a name, an `@` and a domain, without spaces and brackets.
fn is_mailbox(text: &str) -> bool {
    let is_plain = |part: &str| {
        !part.is_empty()
            && part
                .chars()
                .all(|c| !c.is_whitespace() && !c.is_control() && !"<>()[],;:\\\"@".contains(c))
    };
    text.len() <= 254
        && text.split_once('@').is_some_and(|(name, domain)| {
            is_plain(name) && is_plain(domain) && domain.contains('.')
        })
}
