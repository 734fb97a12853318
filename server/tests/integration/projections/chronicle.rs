//! What could happen in a few cases, made from numbers; and, told event by event in the plainest way, what the read
//! models should hold of it.

use std::collections::BTreeMap;

use ledger_core::{
    event::Actor,
    events::{
        AccessRefused, CaseClosed, CaseErased, CaseListed, CaseOpened, CaseViewed,
        DocumentDownloaded, ErasureStarted, Event, NoteAdded, PartyAdded, PartyRemoved,
        RoleAssigned, RoleEnded, StatusChanged,
    },
    ids::{
        AccountId, CaseId, Code, DocumentId, NoteId, OrganisationId, PartyId, Position, StreamId,
    },
};
use projections::{case_list, views};
use proptest::prelude::*;
use ulid::Ulid;

use super::{
    domain,
    happenings::{self, Things},
    world::{Happening, World, staff},
};

/// How many cases, accounts and units the numbers speak of.
const CASES: u8 = 5;
const ACCOUNTS: u8 = 4;
const UNITS: u8 = 3;

/// How many kinds of things: those told here, and from this number on those of [`happenings`].
const OTHERS_FROM: u8 = 20;
pub(super) const KINDS: u8 = OTHERS_FROM + happenings::KINDS;

/// One thing that happens: which case, what, and by or to whom.
pub(super) type Numbers = (u8, u8, u8);

/// Requests, each of them some things that happen together.
pub(super) fn requests() -> impl Strategy<Value = Vec<Vec<Numbers>>> {
    let happening = (0..CASES, 0..KINDS, any::<u8>());
    prop::collection::vec(prop::collection::vec(happening, 1..40), 1..12)
}

/// What the case list should hold of a case.
#[derive(Debug, Clone)]
struct Listed {
    unit: OrganisationId,
    status: Code,
    closed: bool,
    last_position: Position,
    /// Members of staff who take part.
    members: BTreeMap<PartyId, AccountId>,
    erased: bool,
    things: Things,
}

/// Makes events from numbers, and remembers what follows from them.
#[derive(Default)]
pub(super) struct Chronicle {
    /// Sets the cases of this chronicle apart from those of others in one ledger.
    writer: u64,
    parties: u128,
    things: u128,
    cases: BTreeMap<CaseId, Listed>,
    views: Vec<(Position, CaseId, views::Viewer, &'static str)>,
}

fn ulid(kind: u64, number: u128) -> Ulid {
    Ulid::from_parts(kind, number)
}

pub(super) fn account(number: u8) -> AccountId {
    AccountId::from_ulid(ulid(2, (number % ACCOUNTS).into()))
}

pub(super) fn unit(number: u8) -> OrganisationId {
    OrganisationId::from_ulid(ulid(3, (number % UNITS).into()))
}

fn code(text: &str) -> Code {
    text.parse().unwrap()
}

impl Chronicle {
    pub(super) fn of_writer(writer: u64) -> Self {
        Self {
            writer,
            ..Self::default()
        }
    }

    pub(super) fn case(&self, number: u8) -> CaseId {
        CaseId::from_ulid(ulid(100 + self.writer, number.into()))
    }

    /// Lets something happen that will stand at `position`. What cannot happen yet becomes what must come before.
    pub(super) fn happen(&mut self, (case, what, whom): Numbers, position: Position) -> Happening {
        let id = self.case(case);
        let known = self.cases.get(&id).cloned();
        let event = match (known, what) {
            (None, _) => self.open(id, whom, position),
            (Some(_), 0..=4) => self.join(id, whom, position),
            (Some(listed), 5..=6) if !listed.members.is_empty() => {
                let nth = usize::from(whom) % listed.members.len();
                let party = *listed.members.keys().nth(nth).unwrap();
                let listed = self.listed(id);
                listed.members.remove(&party);
                listed.things.people.retain(|other| *other != party);
                Event::PartyRemoved(PartyRemoved { party })
            }
            (Some(listed), 7..=9) => {
                let to = code(["running", "paused", "done"][usize::from(whom) % 3]);
                self.listed(id).status = to.clone();
                let from = listed.status;
                Event::StatusChanged(StatusChanged { from, to })
            }
            (Some(_), 10) => {
                let listed = self.listed(id);
                listed.closed = true;
                listed.things.closed = true;
                let reason = code("goal_reached");
                Event::CaseClosed(CaseClosed { reason })
            }
            (Some(_), 11) if whom < 100 => {
                self.listed(id).erased = true;
                Event::ErasureStarted(ErasureStarted {})
            }
            (Some(listed), 12) if listed.erased => Event::CaseErased(CaseErased {
                keys: 1,
                contents: 1,
                backups_end: chrono::DateTime::UNIX_EPOCH,
            }),
            (Some(_), 13..=17) => return self.view(id, what, whom, position),
            (Some(_), 18) => {
                let (account, role) = (account(whom), code("unit_leader"));
                let unit = (!whom.is_multiple_of(3)).then(|| unit(whom));
                let event = if whom < 150 {
                    let until = None;
                    let assigned = RoleAssigned {
                        account,
                        profile: Some("stafettloggen-kvam".parse().unwrap()),
                        role,
                        unit,
                        until,
                    };
                    assigned.into()
                } else {
                    let ended = RoleEnded {
                        account,
                        profile: Some("stafettloggen-kvam".parse().unwrap()),
                        role,
                        unit,
                    };
                    ended.into()
                };
                return Happening {
                    stream: StreamId::Account(account),
                    event,
                    actor: Actor::Operator,
                };
            }
            (Some(_), OTHERS_FROM..) => {
                self.things += 1;
                let fresh = ulid(2_000 + self.writer, self.things);
                let what = what - OTHERS_FROM;
                let happened = self.listed(id).things.happen(what, whom, fresh);
                let event = happened.unwrap_or_else(|| Self::note(position));
                self.follow(id, &event);
                event
            }
            (Some(_), _) => Self::note(position),
        };
        self.listed(id).last_position = position;
        Happening {
            stream: StreamId::Case(id),
            event,
            actor: staff(account(whom)),
        }
    }

    fn note(position: Position) -> Event {
        Event::NoteAdded(NoteAdded {
            note: NoteId::from_ulid(ulid(5, position.0.into())),
            section: code("plan"),
        })
    }

    /// What the list should say after one of the other things.
    fn follow(&mut self, case: CaseId, event: &Event) {
        let listed = self.listed(case);
        match event {
            Event::BatonAccepted(facts) => listed.unit = facts.unit.unwrap_or(listed.unit),
            Event::CaseReopened(_) => listed.closed = false,
            _ => {}
        }
    }

    fn listed(&mut self, case: CaseId) -> &mut Listed {
        self.cases.get_mut(&case).expect("it was opened before")
    }

    fn open(&mut self, case: CaseId, whom: u8, position: Position) -> Event {
        let listed = Listed {
            unit: unit(whom),
            status: code("opened"),
            closed: false,
            last_position: position,
            members: BTreeMap::new(),
            erased: false,
            things: Things::default(),
        };
        self.cases.insert(case, listed);
        Event::CaseOpened(CaseOpened {
            case,
            profile: "stafettloggen-kvam".parse().unwrap(),
            unit: unit(whom),
            status: code("opened"),
            kind: None,
            submitted_to: None,
        })
    }

    /// A member of staff joins, or, one time in three, somebody of the family.
    fn join(&mut self, case: CaseId, whom: u8, position: Position) -> Event {
        self.parties += 1;
        let party = PartyId::from_ulid(ulid(1_000 + self.writer, self.parties));
        let staff = (!whom.is_multiple_of(3)).then(|| account(whom));
        if let Some(account) = staff {
            self.listed(case).members.insert(party, account);
        }
        self.listed(case).things.people.push(party);
        self.listed(case).last_position = position;
        Event::PartyAdded(PartyAdded {
            party,
            role: code("baton_holder"),
            staff,
            service: staff.map(|_| unit(whom)),
        })
    }

    fn view(&mut self, case: CaseId, what: u8, whom: u8, position: Position) -> Happening {
        let event = match what {
            13 => Event::CaseViewed(CaseViewed {
                sections: vec![code("plan")],
                without_earlier: Vec::new(),
                through_version: 1,
                as_of: None,
            }),
            14 => Event::CaseListed(CaseListed {}),
            15 => Event::DocumentDownloaded(DocumentDownloaded {
                document: DocumentId::from_ulid(ulid(6, 1)),
                from_byte: 0,
            }),
            _ => Event::AccessRefused(AccessRefused {
                action: code("view_case"),
                count: 1,
            }),
        };
        let (actor, viewer) = if whom < 60 {
            let party = PartyId::from_ulid(ulid(7, whom.into()));
            let actor = Actor::Party {
                party,
                role: code("guardian"),
                issuer: code("test"),
                assurance: ledger_core::profile::Assurance::High,
            };
            (actor, views::Viewer::Party(party))
        } else {
            (staff(account(whom)), views::Viewer::Staff(account(whom)))
        };
        self.views
            .push((position, case, viewer, event.event_type()));
        Happening {
            stream: StreamId::Views(case),
            event,
            actor,
        }
    }

    /// Compares what the queries answer with what they should.
    pub(super) async fn check(&self, world: &World) {
        let (pool, tenant) = (&world.projector, &world.tenant);
        let everything = case_list::Filter::default();
        let present = |wanted: &dyn Fn(&Listed) -> bool| -> Vec<CaseId> {
            let cases = self.cases.iter();
            cases
                .filter(|(_, listed)| !listed.erased && wanted(listed))
                .map(|(case, _)| *case)
                .collect()
        };
        let nobody = AccountId::from_ulid(ulid(9, 9));
        for number in 0..ACCOUNTS {
            let account = account(number);
            let found =
                case_list::candidates(pool, tenant, account, &[], &everything, None, 100).await;
            let expected =
                present(&|listed| listed.members.values().any(|member| *member == account));
            assert_eq!(found.unwrap(), expected, "cases of account {number}");
            let seen = views::by_account(pool, tenant, account, None, 1_000).await;
            let expected = self.views_of(|_, viewer| viewer == views::Viewer::Staff(account));
            assert_eq!(told(seen.unwrap()), expected, "views of account {number}");
        }
        for number in 0..UNITS {
            let units = [unit(number)];
            let found =
                case_list::candidates(pool, tenant, nobody, &units, &everything, None, 100).await;
            let expected = present(&|listed| listed.unit == unit(number));
            assert_eq!(found.unwrap(), expected, "cases of unit {number}");
        }
        for (case, listed) in &self.cases {
            let found = case_list::find(pool, tenant, *case).await.unwrap();
            assert_eq!(found.is_none(), listed.erased, "presence of {case}");
            if let Some(found) = found {
                assert_eq!(found.unit, listed.unit);
                assert_eq!(found.status, listed.status);
                assert_eq!(found.closed_at.is_some(), listed.closed);
                assert_eq!(found.last_position, listed.last_position);
            }
            let seen = views::of_case(pool, tenant, *case, None, 1_000).await;
            let expected = self.views_of(|of, _| of == *case);
            assert_eq!(told(seen.unwrap()), expected, "views of {case}");
        }
        domain::check(world).await;
    }

    /// Newest first.
    fn views_of(&self, wanted: impl Fn(CaseId, views::Viewer) -> bool) -> Vec<(Position, String)> {
        let views = self.views.iter().rev();
        views
            .filter(|(_, case, viewer, _)| wanted(*case, *viewer))
            .map(|(position, _, _, event_type)| (*position, (*event_type).to_owned()))
            .collect()
    }
}

fn told(views: Vec<views::View>) -> Vec<(Position, String)> {
    let views = views.into_iter();
    views
        .map(|view| (view.position, view.event_type.to_string()))
        .collect()
}
