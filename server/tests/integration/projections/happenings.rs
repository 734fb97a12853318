//! What could happen in a case beyond its opening, its people and its notes: consents, measures, meetings, agreements,
//! handovers, holds, broken glass, the end and a new beginning. Made from numbers; what cannot happen gives nothing.

use chrono::{Days, NaiveDate};
use ledger_core::{
    clock::Timestamp,
    events::{
        AgreementMade, AgreementSettled, BatonAccepted, BatonDeclined, BatonOffered, CaseArchived,
        CaseReopened, ConsentDeclined, ConsentGiven, ConsentInvalidated, ConsentWithdrawn, Event,
        GlassBroken, GlassMended, HoldLifted, HoldPlaced, MeasureBegun, MeasureChanged,
        MeasureEnded, MeasureEvaluated, MeasurePlanned, MeetingCancelled, MeetingHeld,
        MeetingMoved, MeetingPlanned, SituationChanged,
    },
    ids::{
        AgreementId, Code, ConsentId, EmergencyId, HandoverId, HoldId, MeasureId, MeetingId,
        PartyId, Position,
    },
};
use ulid::Ulid;

use super::chronicle::{account, unit};

/// How many kinds of things the numbers speak of.
pub(super) const KINDS: u8 = 21;

/// What is there in a case, as far as it says what can happen next.
#[derive(Debug, Clone, Default)]
pub(super) struct Things {
    /// Everybody who takes part.
    pub(super) people: Vec<PartyId>,
    consents: Vec<ConsentId>,
    planned: Vec<MeasureId>,
    begun: Vec<MeasureId>,
    meetings: Vec<MeetingId>,
    agreements: Vec<AgreementId>,
    handovers: Vec<(HandoverId, PartyId, PartyId)>,
    holds: Vec<HoldId>,
    emergencies: Vec<EmergencyId>,
    pub(super) closed: bool,
    archived: bool,
}

fn code(text: &str) -> Code {
    text.parse().unwrap()
}

fn day(number: u8) -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 1, 31).unwrap() + Days::new(number.into())
}

fn moment(number: u8) -> Timestamp {
    // Half past eleven at night in UTC is the next day in Oslo.
    day(number).and_hms_opt(23, 30, 0).unwrap().and_utc()
}

/// One of several, chosen by a number.
fn one<T: Clone>(of: &[T], number: u8) -> Option<T> {
    let nth = usize::from(number).checked_rem(of.len())?;
    of.get(nth).cloned()
}

fn take<T: Clone + PartialEq>(from: &mut Vec<T>, number: u8) -> Option<T> {
    let taken = one(from, number)?;
    from.retain(|other| *other != taken);
    Some(taken)
}

impl Things {
    /// Lets the `what`th kind of thing happen. `fresh` is an id that nothing has had.
    pub(super) fn happen(&mut self, what: u8, whom: u8, fresh: Ulid) -> Option<Event> {
        match what {
            0..=4 => self.consent(what, whom, fresh),
            5..=10 => self.measure(what, whom, fresh),
            11..=13 => self.meeting(what, whom, fresh),
            14 => self.agreement(whom, fresh),
            15..=17 => self.handover(what, whom, fresh),
            18 => self.hold(whom, fresh),
            19 => self.glass(whom, fresh),
            _ => self.end_and_begin_again(whom),
        }
    }

    fn consent(&mut self, what: u8, whom: u8, fresh: Ulid) -> Option<Event> {
        Some(match what {
            0..=1 => {
                let by = one(&self.people, whom)?;
                let renews = (whom.is_multiple_of(4))
                    .then(|| take(&mut self.consents, whom))
                    .flatten();
                let consent = ConsentId::from_ulid(fresh);
                self.consents.push(consent);
                let kind = code(["establish_log", "cooperation"][usize::from(whom) % 2]);
                let date = |wanted: bool, days| wanted.then(|| day(whom) + Days::new(days));
                Event::ConsentGiven(ConsentGiven {
                    consent,
                    kind,
                    by,
                    form: code("digital"),
                    scan: None,
                    renews,
                    services: Vec::new(),
                    valid_from: date(whom.is_multiple_of(3), 0),
                    valid_through: date(whom % 5 < 3, 300),
                })
            }
            2 => Event::ConsentWithdrawn(ConsentWithdrawn {
                consent: take(&mut self.consents, whom)?,
                by: one(&self.people, whom)?,
            }),
            3 if whom.is_multiple_of(5) => Event::ConsentDeclined(ConsentDeclined {
                kind: code("establish_log"),
                by: one(&self.people, whom)?,
                services: Vec::new(),
                // Only what its date has ended lapses, and here nothing has come so far.
                lapsed: Vec::new(),
            }),
            3 if whom < 100 => Event::ConsentInvalidated(ConsentInvalidated {
                consent: take(&mut self.consents, whom)?,
            }),
            _ => Event::SituationChanged(SituationChanged {}),
        })
    }

    fn measure(&mut self, what: u8, whom: u8, fresh: Ulid) -> Option<Event> {
        let known: Vec<MeasureId> = self.planned.iter().chain(&self.begun).copied().collect();
        Some(match what {
            5..=6 => {
                let measure = MeasureId::from_ulid(fresh);
                self.planned.push(measure);
                Event::MeasurePlanned(MeasurePlanned {
                    measure,
                    responsible: one(&self.people, whom)?,
                    evaluate_on: day(whom),
                    begins_on: (whom.is_multiple_of(2)).then(|| day(whom)),
                    ends_on: None,
                })
            }
            7 => {
                let measure = take(&mut self.planned, whom)?;
                self.begun.push(measure);
                Event::MeasureBegun(MeasureBegun { measure })
            }
            8 => Event::MeasureChanged(MeasureChanged {
                measure: one(&known, whom)?,
                responsible: one(&self.people, whom)?,
                evaluate_on: day(whom),
                begins_on: (whom.is_multiple_of(3)).then(|| day(whom)),
                ends_on: None,
            }),
            9 => Event::MeasureEvaluated(MeasureEvaluated {
                measure: one(&known, whom)?,
                effect: code("some"),
                evaluate_on: day(whom),
            }),
            _ => {
                let measure = one(&known, whom)?;
                self.planned.retain(|other| *other != measure);
                self.begun.retain(|other| *other != measure);
                let effect = code(["wished_for", "none"][usize::from(whom) % 2]);
                Event::MeasureEnded(MeasureEnded { measure, effect })
            }
        })
    }

    fn meeting(&mut self, what: u8, whom: u8, fresh: Ulid) -> Option<Event> {
        Some(match what {
            11 => {
                let meeting = MeetingId::from_ulid(fresh);
                self.meetings.push(meeting);
                let at = moment(whom);
                Event::MeetingPlanned(MeetingPlanned { meeting, at })
            }
            12 => Event::MeetingMoved(MeetingMoved {
                meeting: one(&self.meetings, whom)?,
                at: moment(whom),
            }),
            _ if whom.is_multiple_of(2) => Event::MeetingHeld(MeetingHeld {
                meeting: take(&mut self.meetings, whom)?,
                present: self.people.clone(),
            }),
            _ => Event::MeetingCancelled(MeetingCancelled {
                meeting: take(&mut self.meetings, whom)?,
            }),
        })
    }

    fn agreement(&mut self, whom: u8, fresh: Ulid) -> Option<Event> {
        if whom < 150 {
            let agreement = AgreementId::from_ulid(fresh);
            self.agreements.push(agreement);
            return Some(Event::AgreementMade(AgreementMade {
                agreement,
                meeting: None,
                responsible: one(&self.people, whom),
                due: (!whom.is_multiple_of(3)).then(|| day(whom)),
            }));
        }
        let agreement = take(&mut self.agreements, whom)?;
        let kept = whom.is_multiple_of(2);
        Some(Event::AgreementSettled(AgreementSettled {
            agreement,
            kept,
        }))
    }

    fn handover(&mut self, what: u8, whom: u8, fresh: Ulid) -> Option<Event> {
        let people = self.people.clone();
        self.handovers
            .retain(|(_, from, to)| people.contains(from) && people.contains(to));
        if what == 15 {
            let (from, to) = (one(&people, whom)?, one(&people, whom.wrapping_add(1))?);
            let handover = HandoverId::from_ulid(fresh);
            self.handovers.push((handover, from, to));
            return Some(Event::BatonOffered(BatonOffered { handover, from, to }));
        }
        let (handover, from, to) = take(&mut self.handovers, whom)?;
        Some(if what == 16 && from != to {
            Event::BatonAccepted(BatonAccepted {
                handover,
                from,
                to,
                role: code("baton_holder"),
                former_role: code("professional"),
                unit: (whom.is_multiple_of(2)).then(|| unit(whom)),
            })
        } else {
            Event::BatonDeclined(BatonDeclined { handover, by: to })
        })
    }

    fn hold(&mut self, whom: u8, fresh: Ulid) -> Option<Event> {
        if whom < 150 {
            let hold = HoldId::from_ulid(fresh);
            self.holds.push(hold);
            let reason = code("supervision");
            return Some(Event::HoldPlaced(HoldPlaced { hold, reason }));
        }
        let hold = take(&mut self.holds, whom)?;
        Some(Event::HoldLifted(HoldLifted { hold }))
    }

    fn glass(&mut self, whom: u8, fresh: Ulid) -> Option<Event> {
        if whom < 150 {
            let emergency = EmergencyId::from_ulid(fresh);
            self.emergencies.push(emergency);
            return Some(Event::GlassBroken(GlassBroken {
                emergency,
                account: account(whom),
                until: moment(whom),
            }));
        }
        let emergency = take(&mut self.emergencies, whom)?;
        Some(Event::GlassMended(GlassMended { emergency }))
    }

    fn end_and_begin_again(&mut self, whom: u8) -> Option<Event> {
        if !self.closed || self.archived {
            return None;
        }
        if whom < 60 {
            self.archived = true;
            let package = Position(0);
            return Some(Event::CaseArchived(CaseArchived { package }));
        }
        self.closed = false;
        Some(Event::CaseReopened(CaseReopened {}))
    }
}
