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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::testing::{
        Outcome, content, given, invitation, new_party, opened,
        rounds::{
            accepted, confirmed_as, in_a_round, invited, kindkans, revoked, round_ended,
            takes_part_as,
        },
    };
    use crate::{command::RejectionCode, events::Event};

    fn revoke(reason: &str) -> RevokeInvitation {
        RevokeInvitation {
            invitation: invitation(),
            reason: reason.to_owned(),
        }
    }

    fn after(events: impl IntoIterator<Item = Event>) -> Outcome {
        given(in_a_round(events))
            .by_the_rules_of(kindkans())
            .when(revoke("Verkeerd adres"))
    }

    #[test]
    fn an_invitation_is_taken_back_at_every_step_of_its_way() {
        let invited = || Event::from(invited());
        for way in [
            vec![invited()],
            vec![invited(), accepted()],
            vec![
                invited(),
                accepted(),
                confirmed_as(new_party()),
                takes_part_as(new_party(), "guest"),
            ],
            // Nothing is lost by it after the round.
            vec![invited(), round_ended()],
        ] {
            let [event] = after(way).then([revoked()]);
            let sealed: InvitationRevokedContent = content(&event);
            assert_eq!(sealed.reason, "Verkeerd adres");
        }
    }

    #[test]
    fn it_is_taken_back_once() {
        after([invited().into(), revoked()])
            .rejected(RejectionCode::AlreadyThere)
            .because("K5");
    }

    #[test]
    fn there_is_an_invitation_and_the_reason_is_a_text() {
        after([])
            .rejected(RejectionCode::NotFound)
            .because("K5")
            .naming(&invitation().to_string());
        given(in_a_round([invited().into()]))
            .by_the_rules_of(kindkans())
            .when(revoke("bel\u{7}"))
            .rejected(RejectionCode::Invalid)
            .because("K6")
            .naming("reason");
        given([opened()])
            .when(revoke(""))
            .rejected(RejectionCode::NotInProfile);
    }
}
