//! Organisations, the people who sign in, and the rule books in force. Commands stand in the folder beside this file.

mod activate_account;
mod add_webhook;
mod adopt_profile;
mod assign_role;
mod contact;
mod deactivate_account;
mod end_agreement;
mod register_organisation;
mod remove_webhook;
mod set_contact;
mod set_notification_preferences;
mod sign_agreement;
#[cfg(test)]
pub(crate) mod testing;
mod webhooks;

use std::{collections::BTreeMap, sync::Arc};

use chrono::NaiveDate;

pub use self::{
    activate_account::ActivateAccount,
    add_webhook::AddWebhook,
    adopt_profile::AdoptProfile,
    assign_role::{AssignRole, EndRole},
    contact::{Contact, EMAIL, NONE},
    deactivate_account::DeactivateAccount,
    end_agreement::EndAgreement,
    register_organisation::RegisterOrganisation,
    remove_webhook::RemoveWebhook,
    set_contact::SetContact,
    set_notification_preferences::SetNotificationPreferences,
    sign_agreement::SignAgreement,
    webhooks::{Webhook, Webhooks},
};
use crate::{
    access::RuleBook,
    clock::{Span, Timestamp},
    events::Event,
    ids::{AgreementId, Code, OrganisationId, Position, ProfileId},
    profile::Profile,
    store::Recorded,
};

/// A role that somebody holds or held.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoleHeld {
    /// The system in which it counts; none = in every one.
    pub profile: Option<ProfileId>,
    /// Which role.
    pub role: Code,
    /// In which unit; none = in the whole tenant.
    pub unit: Option<OrganisationId>,
    /// The event that handed it over.
    pub assigned: Position,
    /// When.
    pub from: Timestamp,
    /// First moment at which it no longer holds.
    pub until: Option<Timestamp>,
    /// The event that took it back.
    pub ended: Option<Position>,
}

impl RoleHeld {
    /// Whether it counts in this system. A role of one system is none in another, though both may have one of its name.
    pub fn counts_in(&self, profile: &ProfileId) -> bool {
        self.profile.as_ref().is_none_or(|own| own == profile)
    }

    /// When it holds; nothing, once it was taken back.
    pub fn span(&self) -> Option<Span> {
        self.ended.is_none().then_some(Span {
            from: Some(self.from),
            until: self.until,
        })
    }
}

/// A person who signs in.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Account {
    /// The event that activated it; its content is the name.
    pub activated: Option<Position>,
    /// The event by which it ended.
    pub deactivated: Option<Position>,
    /// The employer of a member of staff.
    pub organisation: Option<OrganisationId>,
    /// Every role that was handed to it.
    pub roles: Vec<RoleHeld>,
}

impl Account {
    /// Takes in one more event of the account's stream.
    pub fn evolve(&mut self, recorded: &Recorded) {
        let position = recorded.position;
        match &recorded.event {
            Event::AccountActivated(facts) => {
                self.activated = Some(position);
                self.deactivated = None;
                self.organisation = facts.organisation;
            }
            Event::AccountDeactivated(_) => self.deactivated = Some(position),
            Event::RoleAssigned(facts) => self.roles.push(RoleHeld {
                profile: facts.profile.clone(),
                role: facts.role.clone(),
                unit: facts.unit,
                assigned: position,
                from: recorded.envelope.recorded_at,
                until: facts.until,
                ended: None,
            }),
            Event::RoleEnded(facts) => {
                let held = self
                    .roles
                    .iter_mut()
                    .filter(|held| held.role == facts.role && held.unit == facts.unit)
                    .filter(|held| {
                        let ended = facts.profile.as_ref();
                        ended.is_none_or(|profile| held.counts_in(profile))
                    });
                held.for_each(|held| held.ended = held.ended.or(Some(position)));
            }
            _ => {}
        }
    }

    /// Whether it may be used.
    pub fn is_active(&self) -> bool {
        self.activated.is_some() && self.deactivated.is_none()
    }

    /// The roles that it holds now in a system, each in a unit or in the whole tenant.
    pub fn roles_in(&self, profile: &ProfileId, at: Timestamp) -> impl Iterator<Item = &RoleHeld> {
        self.roles
            .iter()
            .filter(|held| held.counts_in(profile))
            .filter(move |held| held.span().is_some_and(|span| span.contains(at)))
    }

    /// Whether it holds this role now.
    pub fn holds(
        &self,
        profile: &ProfileId,
        role: &Code,
        unit: Option<OrganisationId>,
        at: Timestamp,
    ) -> bool {
        self.roles_in(profile, at)
            .any(|held| held.role == *role && held.unit == unit)
    }
}

/// Organisations by their ids, as far as somebody has looked them up.
pub type Organisations = BTreeMap<OrganisationId, Arc<Organisation>>;

/// An organisation or a unit of one.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Organisation {
    /// The event that registered it; its content is the name.
    pub registered: Option<Position>,
    /// What kind it is.
    pub kind: Option<Code>,
    /// What it is a unit of.
    pub parent: Option<OrganisationId>,
    /// The agreements that it has signed.
    pub agreements: BTreeMap<AgreementId, SignedAgreement>,
}

/// An agreement that an organisation has signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedAgreement {
    /// The event that recorded it; its content is the name.
    pub signed: Position,
    /// Which of the profile's kinds.
    pub kind: Code,
    /// First day on which it holds.
    pub valid_from: NaiveDate,
    /// Last day on which it holds.
    pub valid_through: Option<NaiveDate>,
    /// Whether it binds whoever receives something on it by professional secrecy (M4).
    pub bound_by_secrecy: bool,
    /// The other organisation that has signed it.
    pub with: Option<OrganisationId>,
    /// The system in whose words it was recorded.
    pub profile: Option<ProfileId>,
    /// The event that ended it.
    pub ended: Option<Position>,
}

impl SignedAgreement {
    /// When it holds, in the profile's time zone; nothing, once it was ended.
    pub fn span(&self, profile: &Profile) -> Option<Span> {
        self.ended.is_none().then(|| Span {
            from: Some(profile.begins_at(self.valid_from)),
            until: self.valid_through.map(|day| profile.expires_at(day)),
        })
    }

    /// The events that it rests on.
    pub fn positions(&self) -> impl Iterator<Item = Position> {
        [Some(self.signed), self.ended].into_iter().flatten()
    }
}

impl Organisation {
    /// Takes in one more event of the organisation's stream.
    pub fn evolve(&mut self, recorded: &Recorded) {
        let position = recorded.position;
        match &recorded.event {
            Event::OrganisationRegistered(facts) => {
                self.registered = Some(position);
                self.kind = Some(facts.kind.clone());
                self.parent = facts.parent;
            }
            Event::AgreementSigned(facts) => {
                let agreement = SignedAgreement {
                    signed: position,
                    kind: facts.kind.clone(),
                    valid_from: facts.valid_from,
                    valid_through: facts.valid_through,
                    bound_by_secrecy: facts.bound_by_secrecy,
                    with: facts.with,
                    profile: facts.profile.clone(),
                    ended: None,
                };
                self.agreements.insert(facts.agreement, agreement);
            }
            Event::AgreementEnded(facts) => {
                if let Some(agreement) = self.agreements.get_mut(&facts.agreement) {
                    agreement.ended = Some(position);
                }
            }
            _ => {}
        }
    }
}

/// The rule book of one system: the text adopted last.
#[derive(Debug, Clone, Default)]
pub struct AdoptedProfile {
    /// The event that adopted it, and the compiled text.
    pub current: Option<(Position, Arc<RuleBook>)>,
}
