//! What a family was told, to whom it was referred, and what was handed over about it, without any text.

use std::collections::{BTreeMap, BTreeSet};

use super::Case;
use crate::{
    clock::Timestamp,
    command::{Rejection, Setting, not_there},
    events::{Event, TransmissionPrepared},
    ids::{
        Code, Digest, DocumentId, OrganisationId, PartyId, Position, ReferralId, TransmissionId,
    },
    profile::{ReferralSubtype, TransmissionRules},
    standing::{self, Asked, AskedReferral},
    store::Recorded,
};

/// That somebody was told something before they were asked to consent to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Information {
    /// The event that recorded it.
    pub recorded: Position,
    /// Who was told.
    pub party: PartyId,
    /// Of what.
    pub items: BTreeSet<Code>,
    /// Which organisation it was about.
    pub receiver: Option<OrganisationId>,
    /// When.
    pub told_at: Timestamp,
}

/// A referral to another organisation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Referral {
    /// The event that made it.
    pub made: Position,
    /// Which of the profile's kinds.
    pub kind: Code,
    /// Which subtype of that kind.
    pub subtype: Code,
    /// Whether data may be handed over on it.
    pub shares_data: bool,
    /// To which organisation.
    pub receiver: Option<OrganisationId>,
}

/// How far a sending has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sending {
    /// It was not tried yet.
    NotTried,
    /// It was tried, and nothing more is known: the mail may have left or not.
    UnderWay(Position),
    /// It has failed.
    Failed(Position),
    /// The receiver's mail server has taken it.
    Sent(Position),
}

/// Something that is handed over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transmission {
    /// The event that prepared it.
    pub prepared: Position,
    /// The referral that it belongs to.
    pub referral: ReferralId,
    /// Who is to receive it.
    pub receiver: OrganisationId,
    /// Whose data it holds.
    pub about: BTreeSet<PartyId>,
    /// The form: a document of the case.
    pub form: DocumentId,
    /// The print for the family: a document of the case.
    pub print: DocumentId,
    /// The packed copy, which is no document of the case.
    pub working_copy: DocumentId,
    /// The commitment to the packed copy.
    pub working_copy_commitment: Digest,
    /// Its length in bytes.
    pub working_copy_bytes: u64,
    /// How often it was tried.
    pub attempts: u32,
    /// How far the sending has come.
    pub sending: Sending,
    /// The event by which the password was conveyed, the newest one.
    pub password_conveyed: Option<Position>,
    /// The event by which the receiver has confirmed.
    pub received: Option<Position>,
    /// The event by which the packed copy was destroyed.
    pub destroyed: Option<Position>,
}

impl Transmission {
    /// Whether the receiver's mail server has taken it, as far as anybody knows.
    pub fn is_sent(&self) -> bool {
        matches!(self.sending, Sending::Sent(_))
    }
}

/// Everything of this kind in a case.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct HandingOver {
    /// What was told to whom.
    pub information: Vec<Information>,
    /// Its referrals.
    pub referrals: BTreeMap<ReferralId, Referral>,
    /// What was handed over on them.
    pub transmissions: BTreeMap<TransmissionId, Transmission>,
}

impl HandingOver {
    /// Which items this person has not been told, up to a moment, about an organisation (M7).
    pub fn not_told<'a>(
        &self,
        items: &'a BTreeSet<Code>,
        party: PartyId,
        receiver: Option<OrganisationId>,
        by: Timestamp,
    ) -> Vec<&'a Code> {
        let told = |item: &Code| {
            self.information.iter().any(|given| {
                given.party == party
                    && given.receiver == receiver
                    && given.told_at <= by
                    && given.items.contains(item)
            })
        };
        items.iter().filter(|item| !told(item)).collect()
    }

    /// Takes in an event of this kind; others leave it as it is.
    pub(super) fn evolve(&mut self, recorded: &Recorded) {
        let position = recorded.position;
        match &recorded.event {
            Event::InformationGiven(facts) => self.information.push(Information {
                recorded: position,
                party: facts.party,
                items: facts.items.iter().cloned().collect(),
                receiver: facts.receiver,
                told_at: facts.told_at,
            }),
            Event::ReferralMade(facts) => {
                let referral = Referral {
                    made: position,
                    kind: facts.kind.clone(),
                    subtype: facts.subtype.clone(),
                    shares_data: facts.shares_data,
                    receiver: facts.receiver,
                };
                self.referrals.insert(facts.referral, referral);
            }
            Event::TransmissionPrepared(facts) => self.prepare(facts, position),
            Event::TransmissionSending(facts) => {
                if let Some(transmission) = self.transmissions.get_mut(&facts.transmission) {
                    transmission.attempts = facts.attempt;
                    transmission.sending = Sending::UnderWay(position);
                }
            }
            Event::TransmissionSent(facts) => {
                if let Some(transmission) = self.transmissions.get_mut(&facts.transmission) {
                    transmission.sending = Sending::Sent(position);
                }
            }
            Event::TransmissionFailed(facts) => {
                if let Some(transmission) = self.transmissions.get_mut(&facts.transmission) {
                    transmission.sending = Sending::Failed(position);
                }
            }
            Event::PasswordConveyed(facts) => {
                if let Some(transmission) = self.transmissions.get_mut(&facts.transmission) {
                    transmission.password_conveyed = Some(position);
                }
            }
            Event::TransmissionReceived(facts) => {
                if let Some(transmission) = self.transmissions.get_mut(&facts.transmission) {
                    transmission.received = Some(position);
                }
            }
            Event::WorkingCopyDestroyed(facts) => {
                if let Some(transmission) = self.transmissions.get_mut(&facts.transmission) {
                    transmission.destroyed = Some(position);
                }
            }
            _ => {}
        }
    }

    fn prepare(&mut self, facts: &TransmissionPrepared, prepared: Position) {
        let transmission = Transmission {
            prepared,
            referral: facts.referral,
            receiver: facts.receiver,
            about: facts.about.iter().copied().collect(),
            form: facts.form,
            print: facts.print,
            working_copy: facts.working_copy,
            working_copy_commitment: facts.working_copy_commitment,
            working_copy_bytes: facts.working_copy_bytes,
            attempts: 0,
            sending: Sending::NotTried,
            password_conveyed: None,
            received: None,
            destroyed: None,
        };
        self.transmissions.insert(facts.transmission, transmission);
    }
}

impl Case {
    /// A transmission of this case.
    pub(super) fn transmission(&self, id: TransmissionId) -> Result<&Transmission, Rejection> {
        self.handing_over
            .transmissions
            .get(&id)
            .ok_or_else(|| not_there("transmission", id))
    }

    /// What the rules are asked about a referral of this case.
    pub(crate) fn asked_of_referral(&self, id: ReferralId) -> Asked<'static> {
        let referral = self.handing_over.referrals.get(&id);
        Asked {
            receiver: referral.and_then(|referral| referral.receiver),
            referral: referral.map(|referral| AskedReferral {
                kind: referral.kind.clone(),
                subtype: referral.subtype.clone(),
                made: Some(referral.made),
            }),
            ..Asked::default()
        }
    }

    /// What the rules are asked about the referral to which a transmission of this case belongs.
    pub(crate) fn asked_of_transmission(&self, id: TransmissionId) -> Asked<'static> {
        let transmission = self.handing_over.transmissions.get(&id);
        transmission.map_or_else(Asked::default, |transmission| {
            self.asked_of_referral(transmission.referral)
        })
    }

    /// The receiver of a referral, or of the referral to which a transmission belongs.
    pub(crate) fn receiver_of(
        &self,
        referral: Option<ReferralId>,
        transmission: Option<TransmissionId>,
    ) -> Option<OrganisationId> {
        let transmission = transmission.and_then(|id| self.handing_over.transmissions.get(&id));
        let referral = referral.or(transmission.map(|transmission| transmission.referral))?;
        self.handing_over.referrals.get(&referral)?.receiver
    }

    /// Every one of these has a consent of their own in force that names the receiver: nobody's data go on another's
    /// word (M8).
    pub(super) fn each_has_consented(
        &self,
        about: &BTreeSet<PartyId>,
        subtype: &ReferralSubtype,
        receiver: OrganisationId,
        setting: &Setting<'_>,
    ) -> Result<(), Rejection> {
        let rule = subtype
            .consent
            .as_ref()
            .and_then(|kind| setting.profile.consent(kind));
        let Some(rule) = rule else {
            let message = "the profile names no consent on which data are shared; name one";
            return Err(Rejection::invalid(message).because(subtype.requirement.as_ref()));
        };
        for party in about {
            let own = standing::agreed_alone(self, setting.profile, setting.now, |consent| {
                consent.kind == rule.kind
                    && consent.by == *party
                    && consent.services.contains(&receiver)
            });
            if self.current_party(*party).is_none() || !own {
                let message = format!(
                    "party {party} has no consent of kind {} in force that names this receiver; obtain it first, or leave \
                     their data out",
                    rule.kind
                );
                return Err(Rejection::invalid(message).because(rule.requirement.as_ref()));
            }
        }
        Ok(())
    }
}

/// How data are handed over by this profile.
pub(super) fn transmission_rules<'a>(
    setting: &'a Setting<'_>,
) -> Result<&'a TransmissionRules, Rejection> {
    setting.profile.transmissions.as_ref().ok_or_else(|| {
        Rejection::new(
            crate::command::RejectionCode::NotInProfile,
            "the profile does not say how data are handed over, so none are",
        )
    })
}
