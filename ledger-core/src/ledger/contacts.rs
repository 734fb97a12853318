//! The contact data of people (X6): opened in order to send something there, and shown to nobody but themselves.
//!
//! An address is opened as content is read: decided for the person it belongs to, as if they had asked for the section
//! themselves, and for the account that sends; recorded on the condition that nothing consulted has moved; opened only
//! then. So nobody is told of a case that they may not see any more.

use std::collections::BTreeMap;

use serde::de::DeserializeOwned;

use super::{
    Caller, DirectoryCommand, Executed, Ledger, LedgerError, Occasion, Refusal,
    execute::{ATTEMPTS_MAX, Proposal},
    situation::{self, Situation},
    states::Freshness,
};
use crate::{
    access::{Action, Decision, RuleBook},
    case::{Case, Party},
    clock::Timestamp,
    command::Decided,
    directory::Account,
    event::Actor,
    events::{ContactOpened, ContactOpenedContent, ContactSetContent},
    ids::{AccountId, CaseId, Code, KeyId, PartyId, Position, ProfileId, StreamId, TenantId},
    profile::{Assurance, Language, NotificationKind},
    standing::Asked,
};

/// What is to be sent to somebody, as the outbox keeps it.
#[derive(Debug, Clone)]
pub struct Errand {
    /// Of which kind.
    pub kind: NotificationKind,
    /// About which case.
    pub case: CaseId,
    /// To which of those who take part.
    pub party: PartyId,
    /// Where in the case it stands.
    pub section: Code,
    /// The id of the delivery.
    pub delivery: String,
}

/// What came of opening an address.
pub enum Opened {
    /// It may be used, now.
    Address {
        /// The address for e-mail.
        email: String,
        /// The language to write in.
        language: Language,
        /// What the system is called.
        system: String,
    },
    /// Nothing is sent, and nothing was opened.
    Withheld(Withheld),
}

/// Why nothing is sent to somebody.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Withheld {
    /// They take part no more, or the case is gone; of an invitation, that it cannot be accepted any more.
    NotThere,
    /// The rules do not show them what they would be told of; of an invitation, that the inviter may not invite any more.
    NotAllowed,
    /// They have given no address.
    NoAddress,
    /// They do not want to be told of it.
    NotWanted,
}

impl Withheld {
    /// Its code in rows.
    pub const fn code(self) -> &'static str {
        match self {
            Self::NotThere => "not_there",
            Self::NotAllowed => "not_allowed",
            Self::NoAddress => "no_address",
            Self::NotWanted => "not_wanted",
        }
    }
}

/// What a person has said about being told, shown to themselves.
#[derive(Debug, Default)]
pub struct OwnContact {
    /// The address for e-mail.
    pub email: Option<String>,
    /// The language that they want to be written to in.
    pub language: Option<Language>,
    /// By kind: `email` or `none`.
    pub preferences: BTreeMap<Code, Code>,
}

impl Ledger {
    /// Opens the address of somebody in order to send something there. `sender` is the account that the service sends as:
    /// the rules must let it.
    ///
    /// # Errors
    /// [`LedgerError::Refused`] where the sender may not, and what the stores report.
    pub async fn open_contact(
        &self,
        sender: &Caller,
        errand: &Errand,
        occasion: &Occasion,
    ) -> Result<Opened, LedgerError> {
        let tenant = &sender.tenant;
        let mut now = self.now();
        let mut freshness = Freshness::ReadAgain;
        for _ in 0..ATTEMPTS_MAX {
            let case = self.case(tenant, errand.case, freshness).await?;
            let party = case.state.current_party(errand.party);
            let Some(account) = party.and_then(Party::account) else {
                return Ok(Opened::Withheld(Withheld::NotThere));
            };
            let recipient = recipient(tenant, account);
            let situation = self
                .situation(&recipient, errand.case, None, freshness)
                .await?;
            let theirs = may_see(&situation, &errand.section, now);
            if !theirs.is_allowed() {
                return Ok(Opened::Withheld(Withheld::NotAllowed));
            }
            let contact = self.contact(tenant, account, freshness).await?;
            let (Some(set), true) = (contact.state.set.last(), contact.state.has_email) else {
                return Ok(Opened::Withheld(Withheld::NoAddress));
            };
            if !contact.state.wants_email(errand.kind) {
                return Ok(Opened::Withheld(Withheld::NotWanted));
            }
            let sending = self.account(tenant, sender.account, freshness).await?;
            let asked = Asked {
                account: Some(account),
                ..Asked::default()
            };
            let rule_book = situation.rule_book();
            let ours = decide_without_case(
                &rule_book,
                sender,
                &sending.state,
                Action::OpenContact,
                &asked,
                now,
            );
            if !ours.is_allowed() {
                self.parts.observer.refused(Action::OpenContact);
                let refusal = Refusal::of(Action::OpenContact, ours);
                return Err(LedgerError::Refused(Box::new(refusal)));
            }
            let content = ContactOpenedContent {
                delivery: Some(errand.delivery.clone()),
            };
            let opened = opened(account, errand.kind.to_code(), &content);
            let mut expected = situation.expected();
            expected.push((StreamId::Contacts(account), contact.version));
            expected.push((StreamId::Account(sender.account), sending.version));
            expected.dedup();
            let proposal = Proposal {
                actor: acting(sender, &sending.state, &rule_book.profile().id, now),
                // What lets the recipient see the case is not cited: it would say whose account stands behind a party.
                basis: Some(situation::basis(rule_book.profile(), &[&ours])),
                expected,
                holds: situation::holds(&[&ours, &theirs]),
                decided: &[opened],
                idempotency: None,
            };
            if let Err(error) = self.append(sender, None, occasion, proposal).await {
                now = self.again(error, &mut freshness)?;
                continue;
            }
            self.parts.observer.viewed(Action::OpenContact);
            let profile = rule_book.profile();
            return Ok(match self.content_at(tenant, *set).await? {
                Some(ContactSetContent {
                    email: Some(email),
                    language,
                }) => Opened::Address {
                    email,
                    language: language.unwrap_or(profile.language),
                    system: profile.title.clone(),
                },
                _ => Opened::Withheld(Withheld::NoAddress),
            });
        }
        Err(LedgerError::TooBusy)
    }

    /// Shows the caller their own contact data and preferences. What is opened leaves an event behind, as every reading
    /// does; where nothing was given there is nothing to open.
    ///
    /// # Errors
    /// [`LedgerError::Refused`] by the rules of `profile`, [`LedgerError::NoProfile`] where there are none.
    pub async fn own_contact(
        &self,
        caller: &Caller,
        profile: &ProfileId,
        occasion: &Occasion,
    ) -> Result<OwnContact, LedgerError> {
        let tenant = &caller.tenant;
        let mut now = self.now();
        let mut freshness = Freshness::ReadAgain;
        for _ in 0..ATTEMPTS_MAX {
            let adopted = self.profile(tenant, profile, freshness).await?;
            let current = adopted.state.current.as_ref();
            let (_, rule_book) = current.ok_or_else(|| LedgerError::NoProfile(profile.clone()))?;
            let account = self.account(tenant, caller.account, freshness).await?;
            let asked = Asked {
                account: Some(caller.account),
                ..Asked::default()
            };
            let action = Action::ViewContact;
            let decision =
                decide_without_case(rule_book, caller, &account.state, action, &asked, now);
            if !decision.is_allowed() {
                self.parts.observer.refused(action);
                return Err(LedgerError::Refused(Box::new(Refusal::of(
                    action, decision,
                ))));
            }
            let contact = self.contact(tenant, caller.account, freshness).await?;
            let preferences = contact.state.preferences.clone();
            let Some(set) = contact.state.set.last() else {
                return Ok(OwnContact {
                    preferences,
                    ..OwnContact::default()
                });
            };
            let reason = "own_settings"
                .parse()
                .expect("a word of a-z and '_' is a code");
            let content = ContactOpenedContent { delivery: None };
            let proposal = Proposal {
                actor: acting(caller, &account.state, profile, now),
                basis: Some(situation::basis(rule_book.profile(), &[&decision])),
                expected: vec![
                    (StreamId::Account(caller.account), account.version),
                    (StreamId::Profile(profile.clone()), adopted.version),
                    (StreamId::Contacts(caller.account), contact.version),
                ],
                holds: decision.holds,
                decided: &[opened(caller.account, reason, &content)],
                idempotency: None,
            };
            if let Err(error) = self.append(caller, None, occasion, proposal).await {
                now = self.again(error, &mut freshness)?;
                continue;
            }
            self.parts.observer.viewed(action);
            let data: Option<ContactSetContent> = self.content_at(tenant, *set).await?;
            return Ok(OwnContact {
                email: data.as_ref().and_then(|data| data.email.clone()),
                language: data.and_then(|data| data.language),
                preferences,
            });
        }
        Err(LedgerError::TooBusy)
    }

    /// Carries out a command about somebody's own contact data, or about a webhook; what it replaces is deleted, so that
    /// no address or secret is kept that is needed no more.
    ///
    /// # Errors
    /// As [`Ledger::administer`].
    pub async fn administer_contacts(
        &self,
        caller: &Caller,
        profile: &ProfileId,
        command: DirectoryCommand,
        occasion: &Occasion,
    ) -> Result<Executed, LedgerError> {
        let tenant = &caller.tenant;
        let set_by = match &command {
            DirectoryCommand::SetContact(command) => Some(command.account),
            _ => None,
        };
        let executed = self.administer(caller, profile, command, occasion).await?;
        let former: Vec<Position> = if let Some(account) = set_by {
            let contact = self.contact(tenant, account, Freshness::ReadAgain).await?;
            let set = &contact.state.set;
            set[..set.len().saturating_sub(1)].to_vec()
        } else {
            self.webhooks(tenant).await?.state.former
        };
        if !former.is_empty() {
            self.parts.store.delete_contents(tenant, &former).await?;
            self.forget_sealed(tenant, &former);
        }
        Ok(executed)
    }

    /// The content of one event in its type, if it is still there.
    pub(super) async fn content_at<T: DeserializeOwned>(
        &self,
        tenant: &TenantId,
        position: Position,
    ) -> Result<Option<T>, LedgerError> {
        let stored = self.parts.store.read_at(tenant, &[position]).await?;
        let Some(stored) = stored.first() else {
            return Ok(None);
        };
        let recorded = stored.decode()?;
        let opened = self.open_contents(tenant, &[&recorded]).await?;
        Ok(opened.read(position))
    }
}

/// Somebody who is told, as if they had signed in as surely as they can.
pub(super) fn recipient(tenant: &TenantId, account: AccountId) -> Caller {
    Caller {
        tenant: tenant.clone(),
        account,
        issuer: "notifier".parse().expect("a word of a-z is a code"),
        assurance: Assurance::High,
    }
}

/// Whether a section may be seen on a screen now.
pub(super) fn may_see(situation: &Situation<'_>, section: &Code, at: Timestamp) -> Decision {
    let asked = Asked {
        section: Some(section.clone()),
        ..Asked::default()
    };
    situation.decide(Action::ViewCase, &asked, at)
}

pub(super) fn decide_without_case(
    rule_book: &RuleBook,
    caller: &Caller,
    account: &Account,
    action: Action,
    asked: &Asked<'_>,
    at: Timestamp,
) -> Decision {
    // A question about no case has an empty one, and an id that nothing looks at.
    let nobody = CaseId::from_ulid(ulid::Ulid::nil());
    situation::decide(
        rule_book,
        caller,
        account,
        nobody,
        &Case::default(),
        &BTreeMap::new(),
        action,
        asked,
        at,
    )
}

/// How an account appears that acts for the tenant as a whole, or upon itself.
pub(super) fn acting(
    caller: &Caller,
    account: &Account,
    profile: &ProfileId,
    at: Timestamp,
) -> Actor {
    let mut held = account.roles_in(profile, at);
    Actor::Staff {
        account: caller.account,
        role: held
            .find(|held| held.unit.is_none())
            .map(|held| held.role.clone()),
        organisation: account.organisation,
        on_behalf_of: None,
        issuer: caller.issuer.clone(),
        assurance: caller.assurance,
    }
}

fn opened(account: AccountId, reason: Code, content: &ContactOpenedContent) -> Decided {
    Decided::sealed(
        StreamId::Contacts(account),
        ContactOpened { account, reason },
        KeyId::Account(account),
        content,
    )
}
