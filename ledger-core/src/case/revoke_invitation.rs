//! Take an invitation back (K6). A guest who was confirmed on it reads no more.

use super::Case;
use crate::{
    command::{self, Decided, Rejection, Setting},
    events::{InvitationRevoked, InvitationRevokedContent},
    ids::InvitationId,
};

/// Takes an invitation back, at once.
#[derive(Debug, Clone)]
pub struct RevokeInvitation {
    /// Which invitation.
    pub invitation: InvitationId,
    /// Why, in words.
    pub reason: String,
}

impl RevokeInvitation {
    /// `invitation_revoked`.
    pub fn decide(self, case: &Case, setting: &Setting<'_>) -> Result<Vec<Decided>, Rejection> {
        case.standing_invitation(self.invitation, setting)?;
        let content = InvitationRevokedContent {
            reason: command::text("reason", &self.reason)?,
        };
        let facts = InvitationRevoked {
            invitation: self.invitation,
        };
        Ok(vec![setting.sealed(facts, &content)])
    }
}
