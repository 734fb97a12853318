//! Rounds and invitations, and when they hold.

use chrono::NaiveDate;

use super::Case;
use crate::{
    clock::{Span, Timestamp},
    command::{Rejection, RejectionCode, Setting, not_there},
    events::Event,
    ids::{AccountId, Code, Digest, InvitationId, PartyId, Position, RoundId},
    profile::{Profile, Rounds},
    store::Recorded,
};

/// A consultation round (K5).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Round {
    /// The event that opened it.
    pub opened: Position,
    /// When.
    pub opened_at: Timestamp,
    /// Its last day.
    pub ends_on: NaiveDate,
    /// The event that ended it before.
    pub ended: Option<Position>,
}

impl Round {
    /// When it is under way, in the profile's time zone; nothing, once it was ended.
    pub fn span(&self, profile: &Profile) -> Option<Span> {
        self.ended.is_none().then(|| Span {
            from: Some(self.opened_at),
            until: Some(profile.expires_at(self.ends_on)),
        })
    }

    /// Whether it is under way.
    pub fn is_under_way(&self, profile: &Profile, at: Timestamp) -> bool {
        self.span(profile).is_some_and(|span| span.contains(at))
    }

    /// The events that it rests on.
    pub fn positions(&self) -> impl Iterator<Item = Position> {
        [Some(self.opened), self.ended].into_iter().flatten()
    }
}

/// An invitation to read along (K6).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invitation {
    /// The event that made it.
    pub invited: Position,
    /// Who did.
    pub by: Option<AccountId>,
    /// In which round.
    pub round: RoundId,
    /// The party that the guest becomes.
    pub party: PartyId,
    /// In which role.
    pub role: Code,
    /// The last day on which it can be accepted.
    pub expires_on: NaiveDate,
    /// The keyed digest of its secret.
    pub token_digest: Digest,
    /// Whether the service mails the secret to the address.
    pub by_mail: bool,
    /// The event by which it was accepted, and who did.
    pub accepted: Option<(Position, AccountId)>,
    /// The event that confirmed whoever accepted it.
    pub confirmed: Option<Position>,
    /// The event that took it back.
    pub revoked: Option<Position>,
}

impl Invitation {
    /// The events that it rests on.
    pub fn positions(&self) -> impl Iterator<Item = Position> {
        let accepted = self.accepted.map(|(position, _)| position);
        [Some(self.invited), accepted, self.confirmed, self.revoked]
            .into_iter()
            .flatten()
    }
}

impl Case {
    /// The invitation by which somebody may become a party, while it can still be accepted.
    pub fn open_invitation(
        &self,
        party: PartyId,
        profile: &Profile,
        at: Timestamp,
    ) -> Option<(InvitationId, &Invitation)> {
        let mut invitations = self.invitations.iter();
        let (id, known) = invitations.find(|(_, known)| known.party == party)?;
        let untouched = known.accepted.is_none() && known.revoked.is_none();
        let round = self.rounds.get(&known.round);
        let under_way = round.is_some_and(|round| round.is_under_way(profile, at));
        let in_time = at < profile.expires_at(known.expires_on);
        (untouched && under_way && in_time).then_some((*id, known))
    }

    /// A round that is under way, or why it is none.
    pub(super) fn round_under_way(
        &self,
        id: RoundId,
        setting: &Setting<'_>,
    ) -> Result<&Round, Rejection> {
        let rules = rounds_of(setting)?;
        let round = self.rounds.get(&id).ok_or_else(|| not_there("round", id));
        let round = round.map_err(|rejection| rejection.because(rules.requirement.as_ref()))?;
        if round.is_under_way(setting.profile, setting.now) {
            return Ok(round);
        }
        let message = "the round is over; open another one";
        Err(Rejection::new(RejectionCode::WrongStatus, message).because(rules.requirement.as_ref()))
    }

    /// An invitation that was not taken back.
    pub(super) fn standing_invitation(
        &self,
        id: InvitationId,
        setting: &Setting<'_>,
    ) -> Result<&Invitation, Rejection> {
        let rules = rounds_of(setting)?;
        let known = self.invitations.get(&id);
        let known =
            known.ok_or_else(|| not_there("invitation", id).because(rules.requirement.as_ref()))?;
        if known.revoked.is_some() {
            let message = "the invitation was taken back before";
            return Err(Rejection::already(message).because(rules.requirement.as_ref()));
        }
        Ok(known)
    }

    pub(super) fn evolve_rounds(&mut self, recorded: &Recorded) {
        let position = recorded.position;
        match &recorded.event {
            Event::RoundOpened(facts) => {
                let round = Round {
                    opened: position,
                    opened_at: recorded.envelope.recorded_at,
                    ends_on: facts.ends_on,
                    ended: None,
                };
                self.rounds.insert(facts.round, round);
            }
            Event::RoundEnded(facts) => {
                if let Some(round) = self.rounds.get_mut(&facts.round) {
                    round.ended = Some(position);
                }
            }
            Event::GuestInvited(facts) => {
                let invitation = Invitation {
                    invited: position,
                    by: recorded.envelope.actor.account(),
                    round: facts.round,
                    party: facts.party,
                    role: facts.role.clone(),
                    expires_on: facts.expires_on,
                    token_digest: facts.token_digest,
                    by_mail: facts.by_mail,
                    accepted: None,
                    confirmed: None,
                    revoked: None,
                };
                self.invitations.insert(facts.invitation, invitation);
            }
            Event::InvitationAccepted(facts) => {
                if let Some(invitation) = self.invitations.get_mut(&facts.invitation) {
                    invitation.accepted = Some((position, facts.account));
                }
            }
            Event::GuestConfirmed(facts) => {
                if let Some(invitation) = self.invitations.get_mut(&facts.invitation) {
                    invitation.party = facts.party;
                    invitation.confirmed = Some(position);
                }
            }
            Event::InvitationRevoked(facts) => {
                if let Some(invitation) = self.invitations.get_mut(&facts.invitation) {
                    invitation.revoked = Some(position);
                }
            }
            _ => {}
        }
    }
}

/// What the profile says of rounds, or that it knows none.
pub(super) fn rounds_of<'a>(setting: &Setting<'a>) -> Result<&'a Rounds, Rejection> {
    setting.profile.rounds.as_ref().ok_or_else(|| {
        let message = "there are no consultation rounds in this system";
        Rejection::new(RejectionCode::NotInProfile, message)
    })
}
