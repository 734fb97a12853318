//! Which command each deed of a story is.

use std::{collections::BTreeSet, str::FromStr};

use anyhow::{Context as _, anyhow, bail};
use chrono::{Days, Months, NaiveDate, TimeDelta};
use ledger_core::{
    case::{
        AcceptBaton, AddNote, AddParty, AddService, AgreeToClosing, BeginMeasure, Beginning,
        BreakGlass, ChangeStatus, ClearOpening, CloseCase, ConfirmGuest, CorrectEntry,
        DeclineConsent, EndMeasure, EvaluateMeasure, GiveConsent, HoldMeeting, MakeAgreement,
        MeasureDescription, OfferBaton, OpenCase, OpenRound, PlanMeasure, PlanMeeting,
        RecordChange, RecordComingOfAge, ReopenCase, RestCase, ResumeCase, SettleAgreement,
        TakeBackClosing, WithdrawConsent,
    },
    ids::{CaseId, Code, ConsentId},
    ledger::CaseCommand,
};

use super::{
    player::{Player, account, consent, party},
    state::Log,
    story::{Deed, Step},
};

fn code(word: &'static str) -> Code {
    word.parse().expect("a word of a-z and '_' is a code")
}

/// The id of what an earlier step has made.
pub(super) fn made<T: FromStr>(log: &Log, label: &str) -> anyhow::Result<T> {
    let id = log.made.get(label).and_then(|id| id.parse().ok());
    id.ok_or_else(|| {
        anyhow!("no earlier step of this log is called {label}, or it made something else")
    })
}

impl Player<'_> {
    /// The log and the command.
    pub(super) fn command(&self, step: &Step) -> anyhow::Result<(CaseId, CaseCommand)> {
        let profile = self.story.profile.clone();
        match &step.deed {
            Deed::Clear { person } => {
                let case = CaseId::generate(self.ledger.now(), self.ledger.entropy());
                let command = ClearOpening {
                    unit: self.employer(person)?,
                    account: account(self.stage, person)?,
                };
                Ok((case, CaseCommand::ClearOpening(profile, command)))
            }
            Deed::Open {
                role,
                child,
                national_id,
                birth_date,
                concern,
                kind,
                submitted_to,
                status,
            } => {
                let receiver = submitted_to.as_deref();
                let command = OpenCase {
                    unit: self.employer(&step.who)?,
                    child_name: child.clone(),
                    national_id: national_id.clone(),
                    birth_date: *birth_date,
                    concern: concern.clone(),
                    opener_role: role.clone(),
                    opener_name: self.person(&step.who)?.name.clone(),
                    begins: Beginning {
                        kind: kind.clone(),
                        submitted_to: receiver.map(|name| self.organisation(name)).transpose()?,
                        status: status.clone(),
                    },
                };
                // Where the rules ask for a clearance, the log has its id from that.
                let known = self.played.logs.get(&step.log).map(|log| log.case);
                let case = known
                    .unwrap_or_else(|| CaseId::generate(self.ledger.now(), self.ledger.entropy()));
                Ok((case, CaseCommand::Open(profile, command)))
            }
            _ => {
                let log = self.log(&step.log)?;
                let command = match self.about_people(step, log)? {
                    Some(command) => command,
                    None => self.about_the_work(step, log)?,
                };
                Ok((log.case, command))
            }
        }
    }

    fn employer(&self, person: &str) -> anyhow::Result<ledger_core::ids::OrganisationId> {
        let employer = self.person(person)?.works_for.as_deref();
        self.organisation(employer.context("who opens a log works somewhere")?)
    }

    fn in_days(&self, days: i64) -> anyhow::Result<NaiveDate> {
        let today = self.profile.date_of(self.ledger.now());
        let day = today.checked_add_days(Days::new(u64::try_from(days)?));
        day.context("a day that the calendar has")
    }

    fn consents(&self, step: &Step, log: &Log) -> anyhow::Result<Option<GiveConsent>> {
        let today = self.profile.date_of(self.ledger.now());
        Ok(Some(match &step.deed {
            Deed::Consent {
                kind,
                services,
                months,
                remark,
            } => {
                let services = services.iter().map(|name| self.organisation(name));
                GiveConsent {
                    kind: kind.clone(),
                    by: party(log, &step.who)?,
                    form: code("digital"),
                    scan: None,
                    renews: None,
                    services: services.collect::<anyhow::Result<_>>()?,
                    valid_from: None,
                    valid_through: today.checked_add_months(Months::new(*months)),
                    occurred_at: None,
                    remark: remark.clone(),
                }
            }
            Deed::PaperConsent {
                by,
                kind,
                scan,
                services,
                months,
            } => {
                let services = services.iter().map(|name| self.organisation(name));
                GiveConsent {
                    kind: kind.clone(),
                    by: party(log, by)?,
                    form: code("paper"),
                    scan: Some(made(log, scan)?),
                    renews: None,
                    services: services.collect::<anyhow::Result<_>>()?,
                    valid_from: None,
                    valid_through: today.checked_add_months(Months::new(*months)),
                    occurred_at: None,
                    remark: String::new(),
                }
            }
            _ => return Ok(None),
        }))
    }

    /// Who takes part, and who allows what.
    fn about_people(&self, step: &Step, log: &Log) -> anyhow::Result<Option<CaseCommand>> {
        if let Some(consent) = self.consents(step, log)? {
            return Ok(Some(CaseCommand::GiveConsent(consent)));
        }
        let own_consent =
            |kind: &Code| -> anyhow::Result<ConsentId> { consent(log, kind, &step.who) };
        Ok(Some(match &step.deed {
            Deed::LetIn { person, role, task } => {
                let known = self.person(person)?;
                let service = known.works_for.as_deref();
                CaseCommand::AddParty(AddParty {
                    role: role.clone(),
                    account: Some(account(self.stage, person)?),
                    service: service.map(|name| self.organisation(name)).transpose()?,
                    name: known.name.clone(),
                    task: task.clone(),
                })
            }
            Deed::ChangeStatus { to, reason } => CaseCommand::ChangeStatus(ChangeStatus {
                to: to.clone(),
                reason: reason.clone(),
            }),
            Deed::OpenRound { topic, days } => CaseCommand::OpenRound(OpenRound {
                topic: topic.clone(),
                ends_on: self.in_days(*days)?,
            }),
            Deed::Confirm { invitation, person } => CaseCommand::ConfirmGuest(ConfirmGuest {
                invitation: made(log, invitation)?,
                name: self.person(person)?.name.clone(),
            }),
            Deed::AddService { service, task } => CaseCommand::AddService(AddService {
                service: self.organisation(service)?,
                task: task.clone(),
            }),
            Deed::DeclineConsent { kind, reason } => CaseCommand::DeclineConsent(DeclineConsent {
                kind: kind.clone(),
                by: party(log, &step.who)?,
                services: BTreeSet::new(),
                reason: reason.clone(),
            }),
            Deed::AgreeToClosing { reason } => CaseCommand::AgreeToClosing(AgreeToClosing {
                reason: reason.clone(),
                by: party(log, &step.who)?,
            }),
            Deed::TakeBackClosing { reason } => CaseCommand::TakeBackClosing(TakeBackClosing {
                reason: reason.clone(),
                by: party(log, &step.who)?,
            }),
            Deed::Withdraw { kind, reason } => CaseCommand::WithdrawConsent(WithdrawConsent {
                consent: own_consent(kind)?,
                by: party(log, &step.who)?,
                reason: reason.clone(),
                occurred_at: None,
            }),
            Deed::ComeOfAge { person, birth_date } => {
                CaseCommand::RecordComingOfAge(RecordComingOfAge {
                    party: party(log, person)?,
                    birth_date: *birth_date,
                })
            }
            Deed::OfferBaton { to, message } => CaseCommand::OfferBaton(OfferBaton {
                to: party(log, to)?,
                message: message.clone(),
            }),
            Deed::AcceptBaton { offer } => CaseCommand::AcceptBaton(AcceptBaton {
                handover: made(log, offer)?,
            }),
            Deed::BreakGlass { reason, hours } => CaseCommand::BreakGlass(BreakGlass {
                reason: reason.clone(),
                hours: *hours,
            }),
            _ => return Ok(None),
        }))
    }

    /// Measures.
    fn about_measures(&self, step: &Step, log: &Log) -> anyhow::Result<Option<CaseCommand>> {
        Ok(Some(match &step.deed {
            Deed::PlanMeasure {
                responsible,
                title,
                description,
                development_area,
                evaluate_in_days,
            } => CaseCommand::PlanMeasure(PlanMeasure(MeasureDescription {
                title: title.clone(),
                description: description.clone(),
                development_area: development_area.clone(),
                responsible: party(log, responsible)?,
                evaluate_on: self.in_days(*evaluate_in_days)?,
                begins_on: None,
                ends_on: None,
            })),
            Deed::BeginMeasure { measure } => CaseCommand::BeginMeasure(BeginMeasure {
                measure: made(log, measure)?,
            }),
            Deed::EvaluateMeasure {
                measure,
                effect,
                assessment,
                evaluate_in_days,
            } => CaseCommand::EvaluateMeasure(EvaluateMeasure {
                measure: made(log, measure)?,
                effect: effect.clone(),
                evaluate_on: self.in_days(*evaluate_in_days)?,
                assessment: assessment.clone(),
            }),
            Deed::EndMeasure {
                measure,
                effect,
                assessment,
            } => CaseCommand::EndMeasure(EndMeasure {
                measure: made(log, measure)?,
                effect: effect.clone(),
                assessment: assessment.clone(),
            }),
            _ => return Ok(None),
        }))
    }

    /// What else is planned, done and written.
    fn about_the_work(&self, step: &Step, log: &Log) -> anyhow::Result<CaseCommand> {
        if let Some(command) = self.about_measures(step, log)? {
            return Ok(command);
        }
        if let Some(command) = self.about_handing_over(step, log)? {
            return Ok(command);
        }
        Ok(match &step.deed {
            Deed::PlanMeeting {
                in_days,
                title,
                place,
                agenda,
            } => CaseCommand::PlanMeeting(PlanMeeting {
                at: self.ledger.now() + TimeDelta::days(*in_days),
                title: title.clone(),
                place: place.clone(),
                agenda: agenda.clone(),
            }),
            Deed::HoldMeeting {
                meeting,
                present,
                minutes,
            } => {
                let present = present.iter().map(|person| party(log, person));
                CaseCommand::HoldMeeting(HoldMeeting {
                    meeting: made(log, meeting)?,
                    present: present.collect::<anyhow::Result<_>>()?,
                    minutes: minutes.clone(),
                })
            }
            Deed::MakeAgreement {
                meeting,
                responsible,
                text,
            } => CaseCommand::MakeAgreement(MakeAgreement {
                meeting: meeting.as_ref().map(|label| made(log, label)).transpose()?,
                responsible: responsible
                    .as_ref()
                    .map(|name| party(log, name))
                    .transpose()?,
                due: None,
                text: text.clone(),
            }),
            Deed::SettleAgreement {
                agreement,
                kept,
                remark,
            } => CaseCommand::SettleAgreement(SettleAgreement {
                agreement: made(log, agreement)?,
                kept: *kept,
                remark: remark.clone(),
            }),
            Deed::Note {
                section,
                title,
                text,
            } => CaseCommand::AddNote(AddNote {
                section: section.clone(),
                title: title.clone(),
                text: text.clone(),
            }),
            Deed::Correct {
                entry,
                text,
                reason,
            } => {
                let target = self.played.labels.get(entry);
                CaseCommand::CorrectEntry(CorrectEntry {
                    target: *target.with_context(|| format!("no step is called {entry}"))?,
                    text: text.clone(),
                    reason: reason.clone(),
                })
            }
            deed => course(deed)?,
        })
    }
}

/// The course of the log itself.
fn course(deed: &Deed) -> anyhow::Result<CaseCommand> {
    Ok(match deed {
        Deed::Change { description } => CaseCommand::RecordChange(RecordChange {
            description: description.clone(),
        }),
        Deed::Rest { reason } => CaseCommand::Rest(RestCase {
            reason: reason.clone(),
        }),
        Deed::Resume { reason } => CaseCommand::Resume(ResumeCase {
            reason: reason.clone(),
        }),
        Deed::Close { reason, summary } => CaseCommand::Close(CloseCase {
            reason: reason.clone(),
            summary: summary.clone(),
        }),
        Deed::Reopen { reason } => CaseCommand::Reopen(ReopenCase {
            reason: reason.clone(),
        }),
        other => bail!("{other:?} is not a command"),
    })
}
