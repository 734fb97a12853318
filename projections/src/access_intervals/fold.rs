//! What a batch of events begins and ends, laid out in columns, as the statements take them.
//!
//! Whatever is ended in a batch was begun before it, or in it: so each end is applied to the rows that are there already,
//! and to those of the batch.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Days, NaiveDate};
use ledger_core::{
    clock::Timestamp,
    events::{ConsentGiven, Event, RoleAssigned, RoleEnded},
    ids::{AccountId, CaseId, Code, OrganisationId, ProfileId, StreamId},
    store::Recorded,
};

use super::Kind;
use crate::rows::bigint;

/// What an interval is of. A role is told from an account's others by its system, code and unit.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Subject {
    kind: Kind,
    id: String,
    held: Option<Held>,
}

#[derive(Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
struct Held {
    profile: Option<String>,
    role: Option<String>,
    unit: Option<String>,
}

/// Which event, and when it was recorded.
#[derive(Clone, Copy)]
struct Moment<'a> {
    position: i64,
    at: Timestamp,
    event_type: &'a str,
}

/// An interval that begins.
#[derive(Default)]
struct Begun {
    /// Whether the case begins with it.
    opens: bool,
    case: Option<CaseId>,
    account: Option<AccountId>,
    party: Option<String>,
    profile: Option<ProfileId>,
    unit: Option<OrganisationId>,
    role: Option<Code>,
    consent_kind: Option<Code>,
    valid_from: Option<NaiveDate>,
    valid_through: Option<NaiveDate>,
    expires_at: Option<Timestamp>,
}

/// What a batch begins and ends.
#[derive(Default)]
pub(super) struct Changes<'a> {
    begun: Vec<(Subject, Moment<'a>, Begun, Option<Moment<'a>>)>,
    /// The first end of each in this batch: what has ended does not end again.
    ended: BTreeMap<Subject, Moment<'a>>,
    /// The last days of consents in whose place others hold from a later day on.
    shortened: BTreeMap<String, NaiveDate>,
    erased: BTreeSet<CaseId>,
}

/// Intervals that begin. The columns of all these have one length.
#[derive(Default)]
pub(super) struct BegunRows {
    pub(super) kinds: Vec<String>,
    pub(super) subjects: Vec<String>,
    pub(super) from_positions: Vec<i64>,
    pub(super) cases: Vec<Option<String>>,
    pub(super) accounts: Vec<Option<String>>,
    pub(super) parties: Vec<Option<String>>,
    pub(super) profiles: Vec<Option<String>>,
    pub(super) units: Vec<Option<String>>,
    pub(super) roles: Vec<Option<String>>,
    pub(super) consent_kinds: Vec<Option<String>>,
    pub(super) from_at: Vec<Timestamp>,
    pub(super) valid_from: Vec<Option<NaiveDate>>,
    pub(super) valid_through: Vec<Option<NaiveDate>>,
    pub(super) expires_at: Vec<Option<Timestamp>>,
    pub(super) until_positions: Vec<Option<i64>>,
    pub(super) until_at: Vec<Option<Timestamp>>,
    pub(super) ended_by: Vec<Option<String>>,
}

/// Intervals that were there before and end.
#[derive(Default)]
pub(super) struct EndedRows {
    pub(super) kinds: Vec<String>,
    pub(super) subjects: Vec<String>,
    pub(super) profiles: Vec<Option<String>>,
    pub(super) roles: Vec<Option<String>>,
    pub(super) units: Vec<Option<String>>,
    pub(super) until_positions: Vec<i64>,
    pub(super) until_at: Vec<Timestamp>,
    pub(super) ended_by: Vec<String>,
}

impl Subject {
    #[expect(
        clippy::needless_pass_by_value,
        reason = "ids are small, and are copied"
    )]
    fn new(kind: Kind, id: impl ToString) -> Self {
        Self {
            kind,
            id: id.to_string(),
            held: None,
        }
    }

    fn role(
        account: AccountId,
        profile: Option<&ProfileId>,
        role: &Code,
        unit: Option<OrganisationId>,
    ) -> Self {
        Self {
            kind: Kind::Role,
            id: account.to_string(),
            held: Some(Held {
                profile: profile.map(ProfileId::to_string),
                role: Some(role.to_string()),
                unit: unit.map(|unit| unit.to_string()),
            }),
        }
    }
}

impl<'a> Changes<'a> {
    pub(super) fn of(batch: &'a [Recorded]) -> Self {
        let mut changes = Self::default();
        for recorded in batch {
            match recorded.envelope.stream {
                StreamId::Case(case) => changes.take_in(case, recorded),
                StreamId::Account(_) => changes.take_in_role(recorded),
                _ => {}
            }
        }
        changes
    }

    fn begin(&mut self, subject: Subject, moment: Moment<'a>, begun: Begun) {
        self.begun.push((subject, moment, begun, None));
    }

    fn end(&mut self, subject: Subject, moment: Moment<'a>) {
        for (begun, _, _, ended) in &mut self.begun {
            if *begun == subject {
                ended.get_or_insert(moment);
            }
        }
        self.ended.entry(subject).or_insert(moment);
    }

    pub(super) fn erased(&self) -> Vec<String> {
        self.erased.iter().map(CaseId::to_string).collect()
    }

    /// Those with which a case begins, if `opens`; otherwise the others.
    pub(super) fn begun(&self, opens: bool) -> BegunRows {
        let mut rows = BegunRows::default();
        let kept = |begun: &Begun| {
            let case = begun.case;
            begun.opens == opens && case.is_none_or(|case| !self.erased.contains(&case))
        };
        for (subject, from, begun, ended) in self.begun.iter().filter(|row| kept(&row.2)) {
            let shortened = self.shortened.get(&subject.id).copied();
            let through = [begun.valid_through, shortened].into_iter().flatten();
            rows.kinds.push(subject.kind.code().to_owned());
            rows.subjects.push(subject.id.clone());
            rows.from_positions.push(from.position);
            rows.cases.push(begun.case.map(|case| case.to_string()));
            rows.accounts
                .push(begun.account.map(|account| account.to_string()));
            rows.parties.push(begun.party.clone());
            rows.profiles
                .push(begun.profile.as_ref().map(ProfileId::to_string));
            rows.units.push(begun.unit.map(|unit| unit.to_string()));
            rows.roles.push(begun.role.as_ref().map(Code::to_string));
            rows.consent_kinds
                .push(begun.consent_kind.as_ref().map(Code::to_string));
            rows.from_at.push(from.at);
            rows.valid_from.push(begun.valid_from);
            rows.valid_through.push(through.min());
            rows.expires_at.push(begun.expires_at);
            rows.until_positions.push(ended.map(|end| end.position));
            rows.until_at.push(ended.map(|end| end.at));
            rows.ended_by
                .push(ended.map(|end| end.event_type.to_owned()));
        }
        rows
    }

    pub(super) fn ended(&self) -> EndedRows {
        let mut rows = EndedRows::default();
        for (subject, end) in &self.ended {
            let Held {
                profile,
                role,
                unit,
            } = subject.held.clone().unwrap_or_default();
            rows.kinds.push(subject.kind.code().to_owned());
            rows.subjects.push(subject.id.clone());
            rows.profiles.push(profile);
            rows.roles.push(role);
            rows.units.push(unit);
            rows.until_positions.push(end.position);
            rows.until_at.push(end.at);
            rows.ended_by.push(end.event_type.to_owned());
        }
        rows
    }

    /// Consent and last day of those that others take the place of from a later day on.
    pub(super) fn shortened(&self) -> (Vec<String>, Vec<NaiveDate>) {
        self.shortened.clone().into_iter().unzip()
    }

    fn take_in_role(&mut self, recorded: &'a Recorded) {
        let moment = Moment::of(recorded);
        match &recorded.event {
            Event::RoleAssigned(RoleAssigned {
                account,
                profile,
                role,
                unit,
                until,
            }) => {
                let begun = Begun {
                    account: Some(*account),
                    profile: profile.clone(),
                    role: Some(role.clone()),
                    unit: *unit,
                    expires_at: *until,
                    ..Begun::default()
                };
                let subject = Subject::role(*account, profile.as_ref(), role, *unit);
                self.begin(subject, moment, begun);
            }
            Event::RoleEnded(RoleEnded {
                account,
                profile,
                role,
                unit,
            }) => {
                let subject = Subject::role(*account, profile.as_ref(), role, *unit);
                self.end(subject, moment);
            }
            _ => {}
        }
    }

    /// Takes in one more event of a case's own stream. Has no `_` arm, so that a new event type is not forgotten.
    #[expect(
        clippy::too_many_lines,
        reason = "most of them list the events that change nothing"
    )]
    fn take_in(&mut self, case: CaseId, recorded: &'a Recorded) {
        let moment = Moment::of(recorded);
        let of_case = || Begun {
            case: Some(case),
            ..Begun::default()
        };
        match &recorded.event {
            Event::CaseOpened(facts) => {
                let begun = Begun {
                    opens: true,
                    profile: Some(facts.profile.clone()),
                    unit: Some(facts.unit),
                    ..of_case()
                };
                self.begin(Subject::new(Kind::Unit, case), moment, begun);
            }
            Event::PartyAdded(facts) => {
                let begun = Begun {
                    account: facts.staff,
                    party: Some(facts.party.to_string()),
                    role: Some(facts.role.clone()),
                    unit: facts.service,
                    ..of_case()
                };
                self.begin(Subject::new(Kind::Party, facts.party), moment, begun);
            }
            Event::PartyRemoved(facts) => {
                self.end(Subject::new(Kind::Party, facts.party), moment);
            }
            Event::BatonAccepted(facts) => {
                for (party, role) in [(facts.from, &facts.former_role), (facts.to, &facts.role)] {
                    let subject = Subject::new(Kind::Party, party);
                    // Account and service are those of the interval before; where that began in an earlier batch, its
                    // row says them.
                    let before = self.begun.iter().rev().find(|row| row.0 == subject);
                    let begun = Begun {
                        account: before.and_then(|row| row.2.account),
                        unit: before.and_then(|row| row.2.unit),
                        party: Some(party.to_string()),
                        role: Some(role.clone()),
                        ..of_case()
                    };
                    self.end(subject.clone(), moment);
                    self.begin(subject, moment, begun);
                }
                if facts.unit.is_some() {
                    let subject = Subject::new(Kind::Unit, case);
                    let begun = Begun {
                        unit: facts.unit,
                        ..of_case()
                    };
                    self.end(subject.clone(), moment);
                    self.begin(subject, moment, begun);
                }
            }
            Event::ConsentGiven(facts) => self.take_in_consent(case, facts, moment),
            Event::ConsentWithdrawn(facts) => {
                self.end(Subject::new(Kind::Consent, facts.consent), moment);
            }
            Event::ConsentInvalidated(facts) => {
                self.end(Subject::new(Kind::Consent, facts.consent), moment);
            }
            Event::GlassBroken(facts) => {
                let begun = Begun {
                    account: Some(facts.account),
                    expires_at: Some(facts.until),
                    ..of_case()
                };
                self.begin(Subject::new(Kind::Emergency, facts.emergency), moment, begun);
            }
            Event::GlassMended(facts) => {
                self.end(Subject::new(Kind::Emergency, facts.emergency), moment);
            }
            Event::ErasureStarted(_) | Event::CaseErased(_) => {
                self.erased.insert(case);
            }
            // They begin and end no interval.
            Event::StatusChanged(_)
            | Event::CaseClosed(_)
            | Event::CaseReopened(_)
            | Event::CaseArchived(_)
            | Event::CaseRested(_)
            | Event::CaseResumed(_)
            | Event::NoteAdded(_)
            | Event::CaseImported(_)
            | Event::EntryImported(_)
            | Event::RoundOpened(_)
            | Event::RoundEnded(_)
            | Event::GuestInvited(_)
            | Event::InvitationAccepted(_)
            | Event::GuestConfirmed(_)
            | Event::InvitationRevoked(_)
            | Event::DocumentAdded(_)
            | Event::ContentRedacted(_)
            | Event::OpeningCleared(_)
            | Event::SituationChanged(_)
            | Event::ConsentDeclined(_)
            | Event::ClosingAgreed(_)
            | Event::ClosingAgreementTakenBack(_)
            | Event::CameOfAge(_)
            | Event::ServiceAdded(_)
            | Event::ServiceRemoved(_)
            | Event::TaskAssigned(_)
            | Event::BatonOffered(_)
            | Event::BatonDeclined(_)
            | Event::MeasurePlanned(_)
            | Event::MeasureBegun(_)
            | Event::MeasureChanged(_)
            | Event::MeasureEvaluated(_)
            | Event::MeasureEnded(_)
            | Event::MeetingPlanned(_)
            | Event::MeetingMoved(_)
            | Event::MeetingHeld(_)
            | Event::MeetingCancelled(_)
            | Event::AgreementMade(_)
            | Event::AgreementSettled(_)
            | Event::InformationGiven(_)
            | Event::ReferralMade(_)
            | Event::TransmissionPrepared(_)
            | Event::TransmissionSending(_)
            | Event::TransmissionSent(_)
            | Event::TransmissionFailed(_)
            | Event::PasswordConveyed(_)
            | Event::TransmissionReceived(_)
            | Event::WorkingCopyDestroyed(_)
            | Event::EntryCorrected(_)
            | Event::HoldPlaced(_)
            | Event::HoldLifted(_)
            | Event::PackageBuilt(_)
            // Of other streams.
            | Event::LedgerOpened(_)
            | Event::SigningKeyRotated(_)
            | Event::LedgerRecovered(_)
            | Event::LogImported(_)
            | Event::ImportConcluded(_)
            | Event::ProfileAdopted(_)
            | Event::OrganisationRegistered(_)
            | Event::AgreementSigned(_)
            | Event::AgreementEnded(_)
            | Event::AccountActivated(_)
            | Event::AccountDeactivated(_)
            | Event::RoleAssigned(_)
            | Event::RoleEnded(_)
            | Event::ContactSet(_)
            | Event::NotificationPreferencesSet(_)
            | Event::ContactOpened(_)
            | Event::WebhookAdded(_)
            | Event::WebhookRemoved(_)
            | Event::CaseViewed(_)
            | Event::CaseListed(_)
            | Event::CaseFound(_)
            | Event::TimelineViewed(_)
            | Event::CaseWatched(_)
            | Event::DocumentDownloaded(_)
            | Event::CasePrinted(_)
            | Event::CaseExported(_)
            | Event::LogExported(_)
            | Event::InvitationAddressOpened(_)
            | Event::AuditAnswered(_)
            | Event::AccessRefused(_) => {}
        }
    }

    fn take_in_consent(&mut self, case: CaseId, facts: &ConsentGiven, moment: Moment<'a>) {
        if let Some(renewed) = facts.renews {
            // What takes its place on a later day leaves it in force until the day before.
            let later = facts
                .valid_from
                .filter(|day| *day > moment.at.date_naive())
                .and_then(|day| day.checked_sub_days(Days::new(1)));
            match later {
                Some(last) => {
                    let known = self.shortened.entry(renewed.to_string()).or_insert(last);
                    *known = last.min(*known);
                }
                None => self.end(Subject::new(Kind::Consent, renewed), moment),
            }
        }
        let begun = Begun {
            case: Some(case),
            party: Some(facts.by.to_string()),
            consent_kind: Some(facts.kind.clone()),
            valid_from: facts.valid_from,
            valid_through: facts.valid_through,
            ..Begun::default()
        };
        self.begin(Subject::new(Kind::Consent, facts.consent), moment, begun);
    }
}

impl<'a> Moment<'a> {
    fn of(recorded: &'a Recorded) -> Self {
        Self {
            position: bigint(recorded.position.0),
            at: recorded.envelope.recorded_at,
            event_type: recorded.event.event_type(),
        }
    }
}
