//! Showing a case: decide, append the view on the condition that nothing consulted has moved and that the decision
//! holds at the database's time, and only then open what may be seen.

use std::{borrow::Cow, collections::BTreeSet, sync::Arc};

use super::{
    Caller, Excerpt, Ledger, LedgerError, Moment, Occasion, OpenedContents, Refusal,
    as_of::case_as_of,
    earlier::Hiding,
    execute::{ATTEMPTS_MAX, Proposal},
    situation::{self, Situation},
    states::{Freshness, Versioned},
};
use crate::{
    access::{Action, Decision, RuleBook},
    case::{Case, Document},
    clock::{Span, Timestamp},
    command::{Decided, LookupValue},
    events::{
        CaseFound, CaseFoundContent, CaseListed, CasePrinted, CaseViewed, CaseWatched,
        DocumentDownloaded, Event, TimelineViewed,
    },
    ids::{CaseId, Code, DocumentId, KeyId, OrganisationId, PartyId, Position, StreamId},
    profile::{Filed, Part, Profile},
    standing::Asked,
    store::{Appended, Recorded},
};

/// How many events of a case are shown at a time to whoever follows it.
const CHANGES_MAX: usize = 100;

/// A way of looking at a case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Look {
    /// On a screen.
    Case,
    /// One part of it on a screen.
    Excerpt(Excerpt),
    /// On paper.
    Print,
    /// As one of several, by name and status alone.
    List,
    /// As one of several, by name and the days on which something is due in it: facts, each of a section.
    Due,
    /// As the sequence of its events.
    Timeline,
    /// One document, from a byte on.
    Document(DocumentId, u64),
    /// As the result of a search, by name and status alone.
    Found(LookupValue),
    /// As the next of what has happened after a position; nothing yet, for whoever follows it from now on.
    Changes(Option<Position>),
}

impl Look {
    /// What the rules call it.
    pub const fn action(&self) -> Action {
        match self {
            Self::Case | Self::Excerpt(_) => Action::ViewCase,
            Self::Print => Action::PrintCase,
            Self::List | Self::Due => Action::ListCase,
            Self::Timeline => Action::ViewTimeline,
            Self::Document(..) => Action::DownloadDocument,
            Self::Found(_) => Action::SearchCase,
            Self::Changes(_) => Action::WatchCase,
        }
    }
}

/// What may be shown, and the view that stands for it.
pub struct Shown {
    /// The case as it is shown: as it was decided upon, or as it was at the moment asked about.
    pub case: Arc<Versioned<Case>>,
    /// The moment as of which it is shown.
    pub at: Timestamp,
    /// The rules that decided.
    pub rule_book: Arc<RuleBook>,
    /// As which party the caller takes part.
    pub party: Option<PartyId>,
    /// The sections that may be shown.
    pub sections: BTreeSet<Code>,
    /// The case's events, where the look shows them.
    pub events: Vec<Arc<Recorded>>,
    /// The contents that may be shown.
    pub contents: OpenedContents,
    /// The view: what stands in the ledger for this look.
    pub view: Appended,
    /// The decisions behind it.
    pub decisions: Vec<Decision>,
}

/// What may be shown of an event of a case: where its content and, in a reading of the case, its facts stand.
pub fn section_of(event: &Event, profile: &Profile) -> Option<Code> {
    match event {
        Event::NoteAdded(facts) => profile.filed_in(Filed::Notes, &facts.section).cloned(),
        Event::DocumentAdded(facts) => profile.filed_in(Filed::Documents, &facts.section).cloned(),
        _ => part_of(event).map(|part| profile.section_of(part).clone()),
    }
}

/// The part of a case to which an event belongs that is not filed under a section of somebody's choice.
pub(super) fn part_of(event: &Event) -> Option<Part> {
    let part = match event {
        Event::OpeningCleared(_) | Event::CaseOpened(_) | Event::StatusChanged(_) => Part::Child,
        Event::CaseImported(_) | Event::EntryImported(_) => Part::Imported,
        Event::PartyAdded(_)
        | Event::PartyRemoved(_)
        | Event::CameOfAge(_)
        | Event::TaskAssigned(_)
        | Event::BatonOffered(_)
        | Event::BatonAccepted(_)
        | Event::BatonDeclined(_)
        | Event::RoundOpened(_)
        | Event::RoundEnded(_)
        | Event::GuestInvited(_)
        | Event::InvitationAccepted(_)
        | Event::GuestConfirmed(_)
        | Event::InvitationRevoked(_) => Part::Parties,
        Event::ServiceAdded(_) | Event::ServiceRemoved(_) => Part::Services,
        Event::InformationGiven(_)
        | Event::ConsentGiven(_)
        | Event::ConsentWithdrawn(_)
        | Event::ConsentDeclined(_)
        | Event::ConsentInvalidated(_)
        | Event::SituationChanged(_) => Part::Consents,
        Event::MeasurePlanned(_)
        | Event::MeasureBegun(_)
        | Event::MeasureChanged(_)
        | Event::MeasureEvaluated(_)
        | Event::MeasureEnded(_) => Part::Measures,
        Event::MeetingPlanned(_)
        | Event::MeetingMoved(_)
        | Event::MeetingHeld(_)
        | Event::MeetingCancelled(_) => Part::Meetings,
        Event::AgreementMade(_) | Event::AgreementSettled(_) => Part::Agreements,
        Event::ReferralMade(_)
        | Event::TransmissionPrepared(_)
        | Event::TransmissionSending(_)
        | Event::TransmissionSent(_)
        | Event::TransmissionFailed(_)
        | Event::PasswordConveyed(_)
        | Event::TransmissionReceived(_)
        | Event::WorkingCopyDestroyed(_) => Part::Referrals,
        Event::CaseRested(_)
        | Event::CaseResumed(_)
        | Event::CaseReopened(_)
        | Event::ClosingAgreed(_)
        | Event::ClosingAgreementTakenBack(_)
        | Event::CaseClosed(_)
        | Event::CaseArchived(_)
        | Event::ContentRedacted(_)
        | Event::HoldPlaced(_)
        | Event::HoldLifted(_)
        | Event::GlassBroken(_)
        | Event::GlassMended(_) => Part::Course,
        // The text of a correction stands where the entry stands that it corrects: see `section_in`.
        _ => return None,
    };
    Some(part)
}

/// As [`section_of`], for an event among the others of its case: a correction stands where the corrected entry stands.
pub fn section_in(
    recorded: &Recorded,
    events: &[Arc<Recorded>],
    profile: &Profile,
) -> Option<Code> {
    let Event::EntryCorrected(facts) = &recorded.event else {
        return section_of(&recorded.event, profile);
    };
    let target = events
        .iter()
        .find(|event| event.position == facts.target && event.position < recorded.position)?;
    section_in(target, events, profile)
}

fn timeline<'a>(situation: &'a Situation<'_>) -> &'a Code {
    situation.profile().section_of(Part::Timeline)
}

/// What the rules allow of a look.
#[derive(Default)]
struct Allowed {
    sections: BTreeSet<Code>,
    /// Of a case that was reopened: those of these of which what was recorded before is shown too.
    earlier: BTreeSet<Code>,
    decisions: Vec<Decision>,
}

impl Ledger {
    /// Looks at a case. What comes back may be shown; the view is durable.
    ///
    /// # Errors
    /// [`LedgerError::NotFound`] where the caller may not know of the case, [`LedgerError::Refused`] by the rules.
    pub async fn look(
        &self,
        caller: &Caller,
        case_id: CaseId,
        look: &Look,
        occasion: &Occasion,
    ) -> Result<Shown, LedgerError> {
        self.look_back(caller, case_id, look, Moment::NOW, occasion)
            .await
    }

    /// Looks at a case as it was. Who may look, and at what, is decided by the rules and the state of now.
    ///
    /// # Errors
    /// As [`Ledger::look`]; [`LedgerError::Rejected`] for a moment that the ledger has not reached, and
    /// [`LedgerError::NotFound`] where the case was not open yet.
    pub async fn look_back(
        &self,
        caller: &Caller,
        case_id: CaseId,
        look: &Look,
        moment: Moment,
        occasion: &Occasion,
    ) -> Result<Shown, LedgerError> {
        self.check_reached(&caller.tenant, moment.known).await?;
        let then = match moment.valid_at {
            None => self.time_of(&caller.tenant, moment.known).await?,
            valid_at => valid_at,
        };
        let mut now = self.now();
        let mut freshness = Freshness::FromMemory;
        for _ in 0..ATTEMPTS_MAX {
            let situation = match self.situation(caller, case_id, None, freshness).await {
                Err(LedgerError::NotFound) if freshness.read_again() => continue,
                situation => situation?,
            };
            let mut allowed = match allowed(&situation, look, now) {
                Ok(allowed) => allowed,
                Err(_) if freshness.read_again() => continue,
                Err(refusal) => return Err(self.refuse(&situation, occasion, now, refusal).await),
            };
            let hiding = hiding(&situation, look, &allowed);
            let mut case = if moment.is_now() {
                Arc::clone(&situation.case)
            } else {
                Arc::new(case_as_of(&situation.case, moment))
            };
            if let Some(hiding) = &hiding {
                // For whoever may not see what came before, there was no case before it was reopened.
                if case.state.reopened != situation.case.state.reopened {
                    return Err(LedgerError::NotFound);
                }
                case = Arc::new(hiding.applied(&case));
            }
            if let Look::Excerpt(excerpt) = look {
                let now = match &hiding {
                    Some(hiding) => Cow::Owned(hiding.applied(&situation.case).state),
                    None => Cow::Borrowed(&situation.case.state),
                };
                allowed.sections = excerpt.shown(&now, situation.profile(), allowed.sections);
            }
            if case.state.opened.is_none() {
                return Err(LedgerError::NotFound);
            }
            let decisions: Vec<&Decision> = allowed.decisions.iter().collect();
            let proposal = Proposal {
                actor: situation.actor(now),
                basis: Some(situation.basis(&decisions)),
                expected: situation.expected(),
                holds: situation::holds(&decisions),
                decided: &[view_event(
                    &situation,
                    &case,
                    look,
                    moment,
                    &allowed,
                    hiding.is_some(),
                )],
                idempotency: None,
            };
            let view = match self.append(caller, Some(case_id), occasion, proposal).await {
                Ok((view, _)) => view,
                Err(error) => {
                    now = self.again(error, &mut freshness)?;
                    continue;
                }
            };
            let viewed_at = self.now();
            let opened = self.open(&situation, case, look, allowed, hiding, view);
            let shown = opened.await?;
            let shown = Shown {
                at: then.unwrap_or(shown.at),
                ..shown
            };
            if self.now() - viewed_at <= self.parts.settings.release_within {
                self.parts.observer.viewed(look.action());
                return Ok(shown);
            }
            // What took so long is not released on a view that old.
            now = self.now();
        }
        Err(LedgerError::TooBusy)
    }

    /// Decides whether a look would be allowed now, and shows nothing. For whoever is shown things over time.
    pub(super) async fn check_look(
        &self,
        caller: &Caller,
        case_id: CaseId,
        look: &Look,
        occasion: &Occasion,
    ) -> Result<(), LedgerError> {
        let now = self.now();
        let situation = self
            .situation(caller, case_id, None, Freshness::ReadAgain)
            .await?;
        match allowed(&situation, look, now) {
            Ok(_) => Ok(()),
            Err(refusal) => Err(self.refuse(&situation, occasion, now, refusal).await),
        }
    }

    /// Cases that the caller takes part in as a member of the family; candidates, to be looked at one by one.
    pub async fn family_cases(&self, caller: &Caller) -> Result<Vec<CaseId>, LedgerError> {
        self.find(caller, &LookupValue::FamilyAccount(caller.account))
            .await
    }

    /// Units in which the caller holds a role now, for finding candidates.
    pub async fn units_of(&self, caller: &Caller) -> Result<Vec<OrganisationId>, LedgerError> {
        let account = self
            .account(&caller.tenant, caller.account, Freshness::ReadAgain)
            .await?;
        let now = self.now();
        let held = account
            .state
            .roles
            .iter()
            .filter(|held| held.span().is_some_and(|span| span.contains(now)));
        let units: BTreeSet<OrganisationId> = held.filter_map(|held| held.unit).collect();
        Ok(units.into_iter().collect())
    }

    /// Cases that a value leads to; candidates, to be looked at one by one.
    pub async fn find(
        &self,
        caller: &Caller,
        value: &LookupValue,
    ) -> Result<Vec<CaseId>, LedgerError> {
        let index = self.lookup_index(&caller.tenant, value).await?;
        let found = self.parts.store.find(&caller.tenant, index).await?;
        let cases: BTreeSet<CaseId> = found.into_iter().map(|lookup| lookup.case).collect();
        Ok(cases.into_iter().collect())
    }

    async fn open(
        &self,
        situation: &Situation<'_>,
        case: Arc<Versioned<Case>>,
        look: &Look,
        allowed: Allowed,
        hiding: Option<Hiding>,
        view: Appended,
    ) -> Result<Shown, LedgerError> {
        let tenant = situation.tenant();
        let known = &case.events;
        let one = |position: Option<Position>| -> Vec<Arc<Recorded>> {
            known
                .iter()
                .filter(|event| Some(event.position) == position)
                .cloned()
                .collect()
        };
        let state = &case.state;
        let events = match look {
            // The event that says what the document is called, or whom the case is about.
            Look::Document(id, _) => one(state.documents.get(id).map(|document| document.added)),
            Look::List | Look::Due | Look::Found(_) => {
                one(state.opened.as_ref().map(|opened| opened.position))
            }
            Look::Case | Look::Print | Look::Timeline => known.clone(),
            Look::Excerpt(excerpt) => excerpt.events(known),
            Look::Changes(after) => changes(&case, *after).to_vec(),
        };
        // Contents are opened only as far as they are there now, whenever they were asked about.
        let readable: BTreeSet<Position> = situation.case.state.readable().collect();
        let may_open: Vec<&Recorded> = events
            .iter()
            .map(Arc::as_ref)
            .filter(|event| readable.contains(&event.position))
            .filter(|event| {
                let hiding = hiding.as_ref();
                hiding.is_none_or(|hiding| hiding.opens(event.position))
            })
            .filter(|event| {
                section_in(event, known, situation.profile())
                    .is_some_and(|section| allowed.sections.contains(&section))
            })
            .collect();
        let mut contents = self.open_contents(tenant, &may_open).await?;
        if let Some(hiding) = &hiding {
            hiding.bare(&events, &mut contents);
        }
        Ok(Shown {
            at: view.recorded_at,
            case,
            rule_book: situation.rule_book(),
            party: situation.party().map(|(party, _)| party),
            sections: allowed.sections,
            events,
            contents,
            view,
            decisions: allowed.decisions,
        })
    }
}

fn allowed(situation: &Situation<'_>, look: &Look, now: Timestamp) -> Result<Allowed, Refusal> {
    let action = look.action();
    match look {
        Look::Case | Look::Print => by_section(situation, action, None, now),
        // Whoever may not see the name in a list is not told by a day that the case is there.
        Look::Due => {
            let child = situation.profile().section_of(Part::Child);
            by_section(situation, action, Some(child), now)
        }
        Look::Excerpt(excerpt) => match excerpt.section(situation.profile()) {
            Some(section) => one_section(situation, action, &section, now),
            None => by_section(situation, action, None, now),
        },
        // The facts of what happened, and the contents of the sections that may be seen.
        Look::Timeline | Look::Changes(_) => {
            by_section(situation, action, Some(timeline(situation)), now)
        }
        Look::List | Look::Found(_) => {
            let section = situation.profile().section_of(Part::Child);
            one_section(situation, action, section, now)
        }
        Look::Document(id, _) => document(situation, *id, now),
    }
}

/// A question about one section: about what is recorded now, or about what was recorded before the case was reopened.
fn ask(
    situation: &Situation<'_>,
    action: Action,
    section: Option<Code>,
    earlier: bool,
    now: Timestamp,
) -> Decision {
    let asked = Asked {
        section,
        earlier,
        ..Asked::default()
    };
    situation.decide(action, &asked, now)
}

/// One document, where its section may be seen. One that lies before a reopening, and may not be seen for that, is
/// answered like one that is not there.
fn document(situation: &Situation<'_>, id: DocumentId, now: Timestamp) -> Result<Allowed, Refusal> {
    let action = Action::DownloadDocument;
    let document = situation.case.state.documents.get(&id);
    let earlier = situation.earlier();
    let is_earlier = document.is_some_and(|document| {
        let earlier = earlier.as_ref();
        earlier.is_some_and(|earlier| earlier.events.contains(&document.added))
    });
    let mut section = document.and_then(|document| {
        let profile = situation.profile();
        profile
            .filed_in(Filed::Documents, &document.section)
            .cloned()
    });
    let mut decisions = Vec::new();
    let mut shown = BTreeSet::new();
    if is_earlier {
        let decision = ask(situation, action, section.clone(), true, now);
        if decision.is_allowed() {
            shown.extend(section.clone());
            decisions.push(decision);
        } else {
            section = None;
        }
    }
    let decision = ask(situation, action, section.clone(), false, now);
    if !decision.is_allowed() {
        return Err(Refusal::of(action, decision));
    }
    decisions.push(decision);
    Ok(Allowed {
        sections: section.into_iter().collect(),
        earlier: shown,
        decisions,
    })
}

impl Allowed {
    /// Takes in a section, and what is earlier in it, as far as they may be seen; gives the decision by which the section
    /// may not.
    fn take_in(
        &mut self,
        situation: &Situation<'_>,
        action: Action,
        section: &Code,
        now: Timestamp,
    ) -> Option<Decision> {
        let decision = ask(situation, action, Some(section.clone()), false, now);
        if !decision.is_allowed() {
            return Some(decision);
        }
        self.sections.insert(section.clone());
        self.decisions.push(decision);
        if situation.case.state.reopened.is_some() {
            let decision = ask(situation, action, Some(section.clone()), true, now);
            if decision.is_allowed() {
                self.earlier.insert(section.clone());
                self.decisions.push(decision);
            }
        }
        None
    }
}

/// One section, if it may be seen.
fn one_section(
    situation: &Situation<'_>,
    action: Action,
    section: &Code,
    now: Timestamp,
) -> Result<Allowed, Refusal> {
    let mut allowed = Allowed::default();
    match allowed.take_in(situation, action, section, now) {
        None => Ok(allowed),
        Some(decision) => Err(Refusal::of(action, decision)),
    }
}

/// The sections of the profile that may be seen; refused if there are none, or not the one that is seen at least. The
/// refusal rests on the decision about that one, or about the first.
fn by_section(
    situation: &Situation<'_>,
    action: Action,
    at_least: Option<&Code>,
    now: Timestamp,
) -> Result<Allowed, Refusal> {
    let mut allowed = Allowed::default();
    let mut refused = Vec::new();
    for section in situation.profile().sections.keys() {
        if let Some(decision) = allowed.take_in(situation, action, section, now)
            && at_least.is_none_or(|least| least == section)
        {
            refused.push(decision);
        }
    }
    let enough = match at_least {
        Some(section) => allowed.sections.contains(section),
        None => !allowed.sections.is_empty(),
    };
    if enough {
        return Ok(allowed);
    }
    let mut refused = refused.into_iter();
    let decision = refused
        .next()
        .expect("a profile has sections, and what was asked for is one of them");
    Err(Refusal::of(action, decision))
}

/// What a look does not show of what is earlier; nothing, where it shows everything.
fn hiding(situation: &Situation<'_>, look: &Look, allowed: &Allowed) -> Option<Hiding> {
    let earlier = situation.earlier()?;
    let is_hidden = |section: &Code| !allowed.earlier.contains(section);
    let all_is_shown = match look {
        // Of whatever else there is nothing is looked for.
        Look::Document(..) => false,
        _ => !allowed.sections.iter().any(is_hidden),
    };
    if all_is_shown {
        return None;
    }
    let facts = match look {
        Look::Timeline | Look::Changes(_) => !is_hidden(timeline(situation)),
        _ => false,
    };
    let events = &situation.case.events;
    let profile = situation.profile();
    Some(Hiding::of(
        &earlier,
        events,
        profile,
        &allowed.earlier,
        facts,
    ))
}

/// The next events after a position, as many as are shown at a time; none without a position.
fn changes(case: &Versioned<Case>, after: Option<Position>) -> &[Arc<Recorded>] {
    let Some(after) = after else { return &[] };
    let later = case.events.partition_point(|event| event.position <= after);
    let changes = &case.events[later..];
    &changes[..changes.len().min(CHANGES_MAX)]
}

fn view_event(
    situation: &Situation<'_>,
    case: &Versioned<Case>,
    look: &Look,
    moment: Moment,
    allowed: &Allowed,
    hides_earlier: bool,
) -> Decided {
    let sections = &allowed.sections;
    let not_earlier = sections.difference(&allowed.earlier);
    let without_earlier: Vec<Code> = not_earlier.filter(|_| hides_earlier).cloned().collect();
    let case_id = situation.case_id;
    let stream = StreamId::Views(case_id);
    let through_version = case.version;
    let as_of = moment.facts();
    let sections: Vec<Code> = sections.iter().cloned().collect();
    match look {
        Look::Case | Look::Excerpt(_) => Decided::bare(
            stream,
            CaseViewed {
                sections,
                without_earlier,
                through_version,
                as_of,
            },
        ),
        Look::Print => Decided::bare(
            stream,
            CasePrinted {
                sections,
                without_earlier,
                through_version,
                as_of,
            },
        ),
        Look::List | Look::Due => Decided::bare(stream, CaseListed {}),
        Look::Timeline => {
            let with_content = sections
                .iter()
                .any(|section| section != timeline(situation));
            Decided::bare(
                stream,
                TimelineViewed {
                    with_content,
                    without_earlier: without_earlier.contains(timeline(situation)),
                    through_version,
                    as_of,
                },
            )
        }
        Look::Changes(after) => {
            let changes = changes(case, *after);
            let version = |event: Option<&Arc<Recorded>>| event.map(|event| event.envelope.version);
            let facts = CaseWatched {
                sections,
                without_earlier,
                after_version: version(changes.first()).map_or(through_version, |first| first - 1),
                through_version: version(changes.last()).unwrap_or(through_version),
            };
            Decided::bare(stream, facts)
        }
        Look::Document(document, from_byte) => Decided::bare(
            stream,
            DocumentDownloaded {
                document: *document,
                from_byte: *from_byte,
            },
        ),
        Look::Found(value) => {
            let (by, term) = match value {
                LookupValue::NationalId(id) => ("national_id", id.clone()),
                LookupValue::FamilyAccount(id) => ("family_account", id.to_string()),
                LookupValue::StaffAccount(id) => ("staff_account", id.to_string()),
                LookupValue::Invitation(hash) => ("invitation", hash.to_string()),
                LookupValue::ImportedLog(import) => ("imported_log", import.to_string()),
            };
            let by = by.parse().expect("a word of a-z and '_' is a code");
            Decided::sealed(
                stream,
                CaseFound { by },
                KeyId::Case(case_id),
                &CaseFoundContent { term },
            )
        }
    }
}

impl Shown {
    /// The vocabulary of the case.
    pub fn profile(&self) -> &Profile {
        self.rule_book.profile()
    }

    /// The document that was looked for, if it is still there and stands where may be seen.
    pub fn document(&self, id: DocumentId) -> Option<&Document> {
        let documents = &self.case.state.documents;
        documents.get(&id).filter(|document| {
            let stands = self.profile().filed_in(Filed::Documents, &document.section);
            !document.redacted && stands.is_some_and(|section| self.sections.contains(section))
        })
    }

    /// The span in which what is shown may be shown.
    pub fn holds(&self) -> Span {
        situation::holds(&self.decisions.iter().collect::<Vec<_>>())
    }
}
