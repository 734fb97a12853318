//! From what waits to deliveries: one for each person, one for each program that is told.

use aws_lc_rs::digest::{SHA256, digest};
use ledger_core::{
    clock::Timestamp,
    directory::Webhook,
    ids::{ProfileId, TenantId, WebhookId},
    notices::{Cause, Notice},
    profile::Profile,
};

use super::outbox::{Channel, Planned};

/// By which ways something can be told now.
pub(super) struct Ways<'a> {
    /// Whether mail is sent.
    pub(super) email: bool,
    /// The programs that are told.
    pub(super) webhooks: &'a [(WebhookId, Webhook)],
}

/// The deliveries of one notice. `profile` is the rule book of its case.
pub(super) fn deliveries(
    tenant: &TenantId,
    system: &ProfileId,
    profile: &Profile,
    notice: &Notice,
    ways: &Ways<'_>,
) -> Vec<Planned> {
    let people = notice.to.iter().map(ToString::to_string);
    let people = people
        .filter(|_| ways.email)
        .map(|party| (Channel::Email, party));
    let programs = ways
        .webhooks
        .iter()
        .filter(|(_, webhook)| webhook.is_told(notice.kind))
        .map(|(id, _)| (Channel::Webhook, id.to_string()));
    people
        .chain(programs)
        .map(|(channel, to)| {
            let id_for = |cause: &Cause| delivery_id(tenant, channel, notice, cause, &to);
            let else_later = next_day(&notice.cause, profile)
                .map(|(cause, at)| (id_for(&cause), cause.to_string(), at));
            Planned {
                id: id_for(&notice.cause),
                channel,
                kind: notice.kind.code(),
                profile: system.clone(),
                case: notice.case,
                section: notice.section.clone(),
                cause: notice.cause.to_string(),
                due_on: match &notice.cause {
                    Cause::Day { on, .. } => Some(*on),
                    Cause::Event(_) | Cause::Gathered(_) => None,
                },
                else_later,
                to,
            }
        })
        .collect()
}

/// What is gathered when the message of its day has left already.
fn next_day(cause: &Cause, profile: &Profile) -> Option<(Cause, Timestamp)> {
    let Cause::Gathered(on) = cause else {
        return None;
    };
    let next = on.succ_opt()?;
    Some((Cause::Gathered(next), profile.begins_at(next)))
}

/// The stable id of a delivery: the first 128 bits of a digest of all that makes it the same, in hexadecimal. Ids of cases
/// and parties are random, so nobody finds them by trying.
fn delivery_id(
    tenant: &TenantId,
    channel: Channel,
    notice: &Notice,
    cause: &Cause,
    to: &str,
) -> String {
    let parts = [
        tenant.as_str(),
        channel.code(),
        notice.kind.code(),
        &notice.case.to_string(),
        &cause.to_string(),
        to,
    ];
    let digest = digest(&SHA256, parts.join("\n").as_bytes());
    let mut first = [0; 16];
    first.copy_from_slice(&digest.as_ref()[..16]);
    format!("{:032x}", u128::from_be_bytes(first))
}

#[cfg(test)]
mod tests {
    use ledger_core::{
        ids::{CaseId, PartyId, Position},
        profile::{NotificationKind, RuleBookText},
    };

    use super::*;

    fn profile() -> Profile {
        Profile::parse(&RuleBookText::built_in("stafettloggen-kvam").unwrap()).unwrap()
    }

    fn notice(kind: NotificationKind, cause: Cause) -> Notice {
        Notice {
            kind,
            case: CaseId::from_ulid(1_u128.into()),
            section: "plan".parse().unwrap(),
            cause,
            to: [2_u128, 3].map(|id| PartyId::from_ulid(id.into())).into(),
        }
    }

    fn planned(notice: &Notice, email: bool, webhooks: &[(WebhookId, Webhook)]) -> Vec<Planned> {
        let profile = profile();
        let ways = Ways { email, webhooks };
        deliveries(
            &"kvam".parse().unwrap(),
            &profile.id,
            &profile,
            notice,
            &ways,
        )
    }

    #[test]
    fn each_person_and_each_program_that_is_told_has_one_delivery() {
        let told = |kinds: &[&str]| Webhook {
            added: Position(1),
            kinds: kinds.iter().map(|kind| kind.parse().unwrap()).collect(),
        };
        let webhooks = [
            (WebhookId::from_ulid(5_u128.into()), told(&[])),
            (WebhookId::from_ulid(6_u128.into()), told(&["case_changed"])),
        ];
        let notice = notice(NotificationKind::Meeting, Cause::Event(Position(9)));
        let all = planned(&notice, true, &webhooks);
        let channels: Vec<_> = all.iter().map(|planned| planned.channel).collect();
        assert_eq!(channels, [Channel::Email, Channel::Email, Channel::Webhook]);
        assert_eq!(planned(&notice, false, &[]), []);
    }

    #[test]
    fn the_same_cause_has_the_same_id_and_another_one_another() {
        let meeting = |position| {
            let cause = Cause::Event(Position(position));
            let notice = notice(NotificationKind::Meeting, cause);
            planned(&notice, true, &[])[0].id.clone()
        };
        assert_eq!(meeting(9), meeting(9));
        assert_ne!(meeting(9), meeting(10));
        assert_eq!(meeting(9).len(), 32);
    }

    #[test]
    fn what_is_gathered_waits_for_the_next_day_if_that_of_its_day_has_left() {
        let day = "2026-03-03".parse().unwrap();
        let notice = |day| notice(NotificationKind::CaseChanged, Cause::Gathered(day));
        let today = &planned(&notice(day), true, &[])[0];
        let next = &planned(&notice(day.succ_opt().unwrap()), true, &[])[0];
        let (id, cause, at) = today.else_later.clone().unwrap();
        assert_eq!((&id, &cause), (&next.id, &next.cause));
        // Midnight in the system's time zone.
        assert_eq!(at.to_rfc3339(), "2026-03-03T23:00:00+00:00");
    }
}
