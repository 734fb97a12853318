//! Consultation rounds, and who was invited to read along.

use chrono::{DateTime, NaiveDate, Utc};
use ledger_core::{
    events::{
        Event, GuestInvitedContent, InvitationAcceptedContent, InvitationRevokedContent,
        RoundOpenedContent,
    },
    ids::{AccountId, Code, InvitationId, PartyId, RoundId},
};
use serde::Serialize;
use utoipa::ToSchema;

use super::seen::{EntryView, ReasonView, Seen};
use crate::api::schemas;

/// A consultation round.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::api) struct RoundView {
    /// Its id.
    #[schema(value_type = schemas::Id)]
    round_id: RoundId,
    /// What it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "Overleg ondersteuningsteam")]
    topic: Option<String>,
    /// Its last day.
    ends_on: NaiveDate,
    /// When it was ended before.
    #[serde(skip_serializing_if = "Option::is_none")]
    ended_at: Option<DateTime<Utc>>,
    /// Whether it is under way at the moment that is shown.
    under_way: bool,
    /// Who was invited.
    invitations: Vec<InvitationView>,
    /// The entry.
    #[serde(flatten)]
    entry: EntryView,
}

/// An invitation to read along.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct InvitationView {
    /// Its id.
    #[schema(value_type = schemas::Id)]
    invitation_id: InvitationId,
    /// Whom it is for.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "testpersoon@example.org")]
    email: Option<String>,
    /// The role in which they read along.
    #[schema(value_type = schemas::CodeWord, example = "guest")]
    role: Code,
    /// The last day on which it can be accepted.
    expires_on: NaiveDate,
    /// Whether the secret is mailed to the address; otherwise the inviter brings it.
    by_mail: bool,
    /// Whoever accepted it, and is to be confirmed or was.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<AcceptedView>)]
    accepted: Option<AcceptedView>,
    /// When they were confirmed.
    #[serde(skip_serializing_if = "Option::is_none")]
    confirmed_at: Option<DateTime<Utc>>,
    /// As which party they read along.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<schemas::Id>)]
    party_id: Option<PartyId>,
    /// When and why it was taken back.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<ReasonView>)]
    revoked: Option<ReasonView>,
    /// The entry.
    #[serde(flatten)]
    entry: EntryView,
}

/// Who has accepted an invitation.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct AcceptedView {
    /// The account that signed in.
    #[schema(value_type = schemas::Id)]
    account: AccountId,
    /// Who they say they are.
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    /// Who vouches for the account.
    #[schema(value_type = schemas::ActorDescription)]
    actor: ledger_core::event::Actor,
    /// When.
    at: Option<DateTime<Utc>>,
}

/// The rounds, in the order in which they were opened.
pub(in crate::api) fn rounds(seen: &Seen<'_>) -> Vec<RoundView> {
    let opened = seen.events().filter_map(|recorded| {
        let Event::RoundOpened(facts) = &recorded.event else {
            return None;
        };
        let round = seen.case().rounds.get(&facts.round)?;
        let content = seen.content::<RoundOpenedContent>(recorded.position);
        Some(RoundView {
            round_id: facts.round,
            topic: content.map(|said| said.topic),
            ends_on: facts.ends_on,
            ended_at: seen.recorded_at(round.ended),
            under_way: round.is_under_way(seen.profile(), seen.at()),
            invitations: invitations(seen, facts.round),
            entry: seen.entry(recorded),
        })
    });
    opened.collect()
}

fn invitations(seen: &Seen<'_>, round: RoundId) -> Vec<InvitationView> {
    let invited = seen.events().filter_map(|recorded| {
        let Event::GuestInvited(facts) = &recorded.event else {
            return None;
        };
        let known = seen.case().invitations.get(&facts.invitation)?;
        let content = seen.content::<GuestInvitedContent>(recorded.position);
        let accepted = known.accepted.and_then(|(position, account)| {
            let accepted = seen.event(position)?;
            let content = seen.content::<InvitationAcceptedContent>(position);
            Some(AcceptedView {
                account,
                name: content.map(|said| said.name),
                actor: accepted.envelope.actor.clone(),
                at: seen.recorded_at(Some(position)),
            })
        });
        (facts.round == round).then(|| InvitationView {
            invitation_id: facts.invitation,
            email: content.map(|said| said.email),
            role: facts.role.clone(),
            expires_on: facts.expires_on,
            by_mail: facts.by_mail,
            accepted,
            confirmed_at: seen.recorded_at(known.confirmed),
            party_id: known.confirmed.map(|_| known.party),
            revoked: seen.reason(known.revoked, |said: InvitationRevokedContent| said.reason),
            entry: seen.entry(recorded),
        })
    });
    invited.collect()
}
