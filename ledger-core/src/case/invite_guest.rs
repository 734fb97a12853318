//! Invite an outsider to read along in a round (K6). Nothing is shown by it.

use chrono::{Days, NaiveDate};

use super::{Case, rounds::rounds_of};
use crate::{
    command::{self, Decided, LookupValue, Rejection, Setting, not_in_profile},
    events::{GuestInvited, GuestInvitedContent},
    ids::{Code, Digest, InvitationId, PartyId, RoundId},
    profile::NotificationKind,
};

/// Invites somebody.
#[derive(Debug, Clone)]
pub struct InviteGuest {
    /// The new id.
    pub invitation: InvitationId,
    /// In which round.
    pub round: RoundId,
    /// The e-mail address.
    pub email: String,
    /// Their role; none = the first of the profile's.
    pub role: Option<Code>,
    /// The last day on which it can be accepted; none = as late as the profile allows.
    pub expires_on: Option<NaiveDate>,
    /// SHA-256 of the secret, by which the invitation is found.
    pub token_hash: Digest,
    /// The keyed digest of the secret, bound to this invitation.
    pub token_digest: Digest,
    /// Whether the service mails the secret, where the profile lets this role be told so.
    pub by_mail: bool,
}

impl InviteGuest {
    /// `guest_invited`.
    pub fn decide(self, case: &Case, setting: &Setting<'_>) -> Result<Vec<Decided>, Rejection> {
        let rules = rounds_of(setting)?;
        let asked_for = rules.requirement.as_ref();
        let round = case.round_under_way(self.round, setting)?;
        let role = match self.role {
            None => rules.guest_roles[0].clone(),
            Some(role) if rules.guest_roles.contains(&role) => role,
            Some(role) => {
                let unknown = not_in_profile("role of a guest", &role, &rules.guest_roles);
                return Err(unknown.because(asked_for));
            }
        };
        let today = setting.profile.date_of(setting.now);
        let most = today + Days::new(u64::from(rules.invitation_days_max));
        let last = most.min(round.ends_on);
        let expires_on = self.expires_on.unwrap_or(last);
        if !(today..=last).contains(&expires_on) {
            let message = format!("expiresOn must lie between {today} and {last}");
            return Err(Rejection::invalid(message).because(asked_for));
        }
        let email = command::line("email", &self.email)?;
        if !looks_like_an_address(&email) {
            let message = "email is not an e-mail address, such as name@example.org";
            return Err(Rejection::invalid(message).because(asked_for));
        }
        let told = setting
            .profile
            .notifications
            .get(&NotificationKind::GuestInvited);
        let by_mail = self.by_mail && told.is_some_and(|rule| rule.to.contains(&role));
        let party = PartyId::generate(setting.now, setting.entropy);
        let facts = GuestInvited {
            invitation: self.invitation,
            round: self.round,
            party,
            role,
            expires_on,
            token_digest: self.token_digest,
            by_mail,
        };
        let mut invited = setting.sealed(facts, &GuestInvitedContent { email });
        invited
            .lookups
            .push((LookupValue::Invitation(self.token_hash), party));
        Ok(vec![invited])
    }
}

/// Something, an @, and a domain. Whether it is somebody's is found out by writing to it.
fn looks_like_an_address(text: &str) -> bool {
    text.split_once('@').is_some_and(|(name, domain)| {
        !name.is_empty()
            && domain.contains('.')
            && !domain.starts_with('.')
            && !domain.ends_with('.')
            && !text.contains(char::is_whitespace)
            && !domain.contains('@')
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::testing::{
        Outcome, code, content, day, given, invitation, new_party, opened, round,
        rounds::{discussed, in_a_round, invited, kindkans, round_ended, round_until},
    };
    use crate::command::RejectionCode;

    fn invite() -> InviteGuest {
        InviteGuest {
            invitation: invitation(),
            round: round(),
            email: "jo@jeugdhulp.example".to_owned(),
            role: None,
            expires_on: None,
            token_hash: Digest([8; 32]),
            token_digest: Digest([9; 32]),
            by_mail: false,
        }
    }

    fn decided(command: InviteGuest) -> Outcome {
        given(in_a_round([]))
            .by_the_rules_of(kindkans())
            .when(command)
    }

    #[test]
    fn the_secret_is_mailed_where_the_system_does_and_the_inviter_wishes() {
        let by_mail = InviteGuest {
            by_mail: true,
            ..invite()
        };
        let invited = GuestInvited {
            by_mail: true,
            ..invited()
        };
        let [event] = decided(by_mail).then([invited.into()]);
        let sealed: GuestInvitedContent = content(&event);
        assert_eq!(sealed.email, "jo@jeugdhulp.example");
    }

    #[test]
    fn the_address_is_sealed_and_the_secret_finds_the_case() {
        let [event] = decided(invite()).then([invited().into()]);
        let sealed: GuestInvitedContent = content(&event);
        assert_eq!(sealed.email, "jo@jeugdhulp.example");
        let lookup = (LookupValue::Invitation(Digest([8; 32])), new_party());
        assert_eq!(event.lookups, [lookup]);
    }

    #[test]
    fn it_can_be_accepted_as_long_as_the_profile_and_the_round_allow_and_no_longer() {
        let until = |day| GuestInvited {
            expires_on: day,
            ..invited()
        };
        for asked in ["2026-03-02", "2026-03-16"].map(day) {
            let command = InviteGuest {
                expires_on: Some(asked),
                ..invite()
            };
            decided(command).then([until(asked).into()]);
        }
        for asked in ["2026-03-01", "2026-03-17"].map(day) {
            let command = InviteGuest {
                expires_on: Some(asked),
                ..invite()
            };
            decided(command)
                .rejected(RejectionCode::Invalid)
                .because("K5")
                .naming("between 2026-03-02 and 2026-03-16");
        }
        given([discussed(), round_until("2026-03-04")])
            .by_the_rules_of(kindkans())
            .when(invite())
            .then([until(day("2026-03-04")).into()]);
    }

    #[test]
    fn a_guest_comes_in_a_role_for_guests() {
        let as_guest = InviteGuest {
            role: Some(code("guest")),
            ..invite()
        };
        decided(as_guest).then([invited().into()]);
        let as_coordinator = InviteGuest {
            role: Some(code("coordinator")),
            ..invite()
        };
        decided(as_coordinator)
            .rejected(RejectionCode::NotInProfile)
            .because("K5")
            .naming("coordinator; it has guest");
    }

    #[test]
    fn the_address_looks_like_one() {
        for email in [
            "jo",
            "@jeugdhulp.example",
            "jo@example",
            "jo@.example",
            "jo@jeugdhulp.",
            "jo @jeugdhulp.example",
            "jo@jeugd@hulp.example",
        ] {
            let command = InviteGuest {
                email: email.to_owned(),
                ..invite()
            };
            decided(command)
                .rejected(RejectionCode::Invalid)
                .because("K5")
                .naming("is not an e-mail address");
        }
        let nowhere = InviteGuest {
            email: String::new(),
            ..invite()
        };
        decided(nowhere)
            .rejected(RejectionCode::Invalid)
            .naming("email is empty");
    }

    #[test]
    fn nobody_is_invited_to_what_is_over_or_was_never_opened() {
        for (events, code) in [
            (in_a_round([round_ended()]), RejectionCode::WrongStatus),
            (
                vec![discussed(), round_until("2026-03-01")],
                RejectionCode::WrongStatus,
            ),
            (vec![discussed()], RejectionCode::NotFound),
        ] {
            given(events)
                .by_the_rules_of(kindkans())
                .when(invite())
                .rejected(code)
                .because("K5");
        }
        given([opened()])
            .when(invite())
            .rejected(RejectionCode::NotInProfile);
    }
}
