//! What causes a notification, and whom it is for (X6): pure functions of an event or a day, the case and its rule book.
//!
//! Nothing is sent from here. Whether somebody may still see what they are told of, wants to be told, and has an address,
//! is decided when it is sent: see [`crate::ledger::Ledger::open_contact`] and [`crate::ledger::Ledger::open_invitation`].

#[cfg(test)]
mod tests;

use std::{fmt, sync::Arc};

use chrono::NaiveDate;

use crate::{
    case::{Case, Party},
    event::Actor,
    events::Event,
    ids::{CaseId, Code, ConsentId, PartyId, Position, StreamId},
    profile::{NotificationKind, NotificationRule, Part, Profile},
    store::Recorded,
};

/// What made something wait.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Cause {
    /// An event: each is told once.
    Event(Position),
    /// A thing that falls on a day: each is told once for the day on which it falls.
    Day {
        /// The consent or measure.
        item: String,
        /// The day.
        on: NaiveDate,
    },
    /// Whatever was entered on a day: it is told once.
    Gathered(NaiveDate),
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Event(position) => write!(f, "event/{position}"),
            Self::Day { item, on } => write!(f, "day/{item}/{on}"),
            Self::Gathered(on) => write!(f, "gathered/{on}"),
        }
    }
}

/// Something that waits for somebody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// What it is.
    pub kind: NotificationKind,
    /// In which case.
    pub case: CaseId,
    /// Where in the case it stands: whoever may not see that section is not told.
    pub section: Code,
    /// Why.
    pub cause: Cause,
    /// For whom: those who take part, by their party in the case; or the party that somebody becomes who was invited.
    pub to: Vec<PartyId>,
}

/// What one event of a case causes. `case` is the case as it is now, which may be later than the event; `events` are all
/// of its events.
pub fn of_event(
    recorded: &Recorded,
    case: &Case,
    events: &[Arc<Recorded>],
    profile: &Profile,
) -> Vec<Notice> {
    let StreamId::Case(case_id) = recorded.envelope.stream else {
        return Vec::new();
    };
    let planner = Planner {
        case_id,
        case,
        profile,
        by: Some(&recorded.envelope.actor),
    };
    let cause = || Cause::Event(recorded.position);
    let mut notices = Vec::new();
    match &recorded.event {
        Event::PartyAdded(facts) => {
            let added = |id: PartyId, _: &Party| id == facts.party;
            notices.extend(planner.notice(NotificationKind::PartyAdded, cause(), added));
        }
        Event::GuestInvited(facts) => {
            // They take part only once they are confirmed. Brought by the inviter, it is for programs alone.
            let invited = planner.notice(NotificationKind::GuestInvited, cause(), |_, _| false);
            notices.extend(invited.map(|notice| Notice {
                to: facts.by_mail.then_some(facts.party).into_iter().collect(),
                ..notice
            }));
        }
        Event::BatonOffered(facts) => {
            let waits = case
                .handovers
                .get(&facts.handover)
                .is_some_and(|offer| offer.ended.is_none());
            let asked = |id: PartyId, _: &Party| waits && id == facts.to;
            notices.extend(planner.notice(NotificationKind::BatonOffered, cause(), asked));
            notices.extend(planner.consents_anew(recorded.position));
        }
        Event::SituationChanged(_) => notices.extend(planner.consents_anew(recorded.position)),
        Event::MeetingPlanned(facts) => {
            notices.extend(planner.meeting(case.plan.meetings.get(&facts.meeting), cause()));
        }
        Event::MeetingMoved(facts) => {
            notices.extend(planner.meeting(case.plan.meetings.get(&facts.meeting), cause()));
        }
        Event::GlassBroken(_) => {
            notices.extend(planner.notice(NotificationKind::GlassBroken, cause(), |_, _| true));
        }
        event if is_an_entry(event) => {
            let section = crate::ledger::section_in(recorded, events, profile);
            let on = profile.date_of(recorded.envelope.recorded_at);
            notices.extend(section.and_then(|section| {
                planner.notice_in(
                    NotificationKind::CaseChanged,
                    section,
                    Cause::Gathered(on),
                    |_, _| true,
                )
            }));
        }
        _ => {}
    }
    notices
}

/// What a thing that falls on a day causes, if it is still so in the case as it is now. `item` is the consent or measure.
pub fn of_day(
    kind: NotificationKind,
    case_id: CaseId,
    case: &Case,
    profile: &Profile,
    item: &str,
    on: NaiveDate,
) -> Option<Notice> {
    let planner = Planner {
        case_id,
        case,
        profile,
        by: None,
    };
    let cause = Cause::Day {
        item: item.to_owned(),
        on,
    };
    match kind {
        NotificationKind::ConsentExpires | NotificationKind::ConsentRenewal => {
            let id: ConsentId = item.parse().ok()?;
            let consent = case.consents.get(&id).filter(|consent| consent.stands())?;
            let concerned = |id: PartyId, party: &Party| party.staff.is_some() || id == consent.by;
            planner.notice(kind, cause, concerned)
        }
        NotificationKind::MeasureEvaluation => {
            let measure = case.plan.measures.get(&item.parse().ok()?)?;
            let is_so = measure.ended.is_none() && measure.evaluate_on == on;
            planner.notice(kind, cause, |_, _| is_so)
        }
        _ => None,
    }
}

/// Whether it is one of the entries that are gathered. What has a kind of its own is not told twice.
fn is_an_entry(event: &Event) -> bool {
    matches!(
        event,
        Event::NoteAdded(_)
            | Event::DocumentAdded(_)
            | Event::EntryCorrected(_)
            | Event::TaskAssigned(_)
            | Event::ServiceAdded(_)
            | Event::MeasurePlanned(_)
            | Event::MeasureBegun(_)
            | Event::MeasureChanged(_)
            | Event::MeasureEvaluated(_)
            | Event::MeasureEnded(_)
            | Event::MeetingHeld(_)
            | Event::MeetingCancelled(_)
            | Event::AgreementMade(_)
            | Event::AgreementSettled(_)
    )
}

struct Planner<'a> {
    case_id: CaseId,
    case: &'a Case,
    profile: &'a Profile,
    /// Who did it: they need not be told.
    by: Option<&'a Actor>,
}

impl Planner<'_> {
    /// A notice of a kind that stands in a part of the case.
    fn notice(
        &self,
        kind: NotificationKind,
        cause: Cause,
        concerns: impl Fn(PartyId, &Party) -> bool,
    ) -> Option<Notice> {
        let part = kind.part().unwrap_or(Part::Timeline);
        let section = self.profile.section_of(part).clone();
        self.notice_in(kind, section, cause, concerns)
    }

    /// Nothing, where the profile has not switched the kind on. Without recipients it is for programs alone.
    fn notice_in(
        &self,
        kind: NotificationKind,
        section: Code,
        cause: Cause,
        concerns: impl Fn(PartyId, &Party) -> bool,
    ) -> Option<Notice> {
        let rule = self.profile.notifications.get(&kind)?;
        let to = self
            .case
            .current_parties()
            .filter(|(id, party)| self.is_told(rule, *id, party) && concerns(*id, party))
            .map(|(id, _)| id)
            .collect();
        Some(Notice {
            kind,
            case: self.case_id,
            section,
            cause,
            to,
        })
    }

    fn is_told(&self, rule: &NotificationRule, id: PartyId, party: &Party) -> bool {
        let did_it = match self.by {
            Some(Actor::Party { party, .. }) => *party == id,
            Some(Actor::Staff { account, .. }) => party.staff == Some(*account),
            Some(Actor::Operator) | None => false,
        };
        rule.to.contains(&party.role) && party.account().is_some() && !did_it
    }

    fn meeting(&self, meeting: Option<&crate::case::Meeting>, cause: Cause) -> Option<Notice> {
        meeting.filter(|meeting| meeting.is_planned())?;
        self.notice(NotificationKind::Meeting, cause, |_, _| true)
    }

    /// Consents that an event has made due anew: whoever gave them is told, and the staff that the profile names.
    fn consents_anew(&self, position: Position) -> Option<Notice> {
        let givers: Vec<PartyId> = self
            .case
            .consents
            .iter()
            .filter(|(id, consent)| {
                consent.given < position && self.case.is_due_anew(**id, self.profile)
            })
            .map(|(_, consent)| consent.by)
            .collect();
        if givers.is_empty() {
            return None;
        }
        let concerned = |id: PartyId, party: &Party| party.staff.is_some() || givers.contains(&id);
        self.notice(
            NotificationKind::ConsentAnew,
            Cause::Event(position),
            concerned,
        )
    }
}
