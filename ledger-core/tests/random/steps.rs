//! The generator: steps that name nothing yet, and how a town settles them.

use chrono::TimeDelta;
use ledger_core::{
    command::LookupValue,
    ids::{DocumentId, Position},
    ledger::{AsOf, Excerpt, Look, Moment},
    profile::{Assurance, Part},
};
use proptest::{
    prelude::{Just, Strategy, any, prop, prop_oneof},
    strategy::Union,
};

use super::{
    acts::{Act, Who},
    chance::Luck,
    deeds::{Deed, NATIONAL_ID, Scene},
    offices::Office,
    people::{LOGS, Person},
};

/// Who tries: one of those who may, or anybody.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Tries {
    Entitled(u8),
    Anybody(u8),
    /// Anybody who may, without having signed in surely enough.
    Poorly(u8),
}

/// A way of looking.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Way {
    Case,
    Print,
    List,
    Due,
    Timeline,
    Document,
    Found,
    Changes,
    Notes,
    Documents,
    Part,
    Past,
}

const WAYS: [Way; 12] = [
    Way::Case,
    Way::Print,
    Way::List,
    Way::Due,
    Way::Timeline,
    Way::Document,
    Way::Found,
    Way::Changes,
    Way::Notes,
    Way::Documents,
    Way::Part,
    Way::Past,
];

/// A step of a sequence.
#[derive(Debug, Clone)]
pub(crate) enum Step {
    Does(Tries, usize, Deed, [u8; 8]),
    Looks(Tries, usize, Way, [u8; 8]),
    Administers(Tries, Office, [u8; 8]),
    Waits(TimeDelta),
}

fn tries() -> impl Strategy<Value = Tries> {
    prop_oneof![
        16 => any::<u8>().prop_map(Tries::Entitled),
        3 => any::<u8>().prop_map(Tries::Anybody),
        1 => any::<u8>().prop_map(Tries::Poorly),
    ]
}

fn step() -> impl Strategy<Value = Step> {
    let luck = any::<[u8; 8]>;
    let log = || prop_oneof![4 => Just(0), 1 => 1..LOGS];
    let deeds = Deed::ALL.iter().map(|deed| (deed.weight(), Just(*deed)));
    let office = prop::sample::select(Office::ALL);
    let way = prop_oneof![Just(Way::Case), prop::sample::select(&WAYS[..])];
    let waits = [
        10,
        60 * 5,
        60 * 24,
        60 * 24 * 15,
        60 * 24 * 200,
        60 * 24 * 800,
    ];
    let weighted = [(3, 0), (3, 1), (4, 2), (4, 3), (1, 4), (1, 5)];
    let waits = weighted.map(|(weight, at): (u32, usize)| (weight, Just(waits[at])));
    prop_oneof![
        12 => (tries(), log(), Union::new_weighted(deeds.collect()), luck())
            .prop_map(|(tries, log, deed, luck)| Step::Does(tries, log, deed, luck)),
        5 => (any::<u8>(), log(), way, luck())
            .prop_map(|(who, log, way, luck)| {
                // Nobody is entitled to a look before the others: the rules and the consents decide.
                let tries = if who > 250 { Tries::Poorly(who) } else { Tries::Anybody(who) };
                Step::Looks(tries, log, way, luck)
            }),
        1 => (tries(), office, luck()).prop_map(|(tries, office, luck)| Step::Administers(tries, office, luck)),
        1 => Union::new_weighted(waits.to_vec()).prop_map(|minutes| Step::Waits(TimeDelta::minutes(minutes))),
    ]
}

/// How a log begins if everything goes as it should, with noughts for luck.
fn beginning(log: usize) -> Vec<Step> {
    let does = |deed: Deed, who: u8| Step::Does(Tries::Entitled(who), log, deed, [0; 8]);
    let (mother, father) = (0, 1);
    vec![
        does(Deed::ClearOpening, 0),
        does(Deed::Open, 0),
        does(Deed::AddParty, 0),
        does(Deed::AddParty, 0),
        does(Deed::GiveConsent, mother),
        does(Deed::GiveConsent, father),
        does(Deed::PlanMeasure, 0),
        does(Deed::BeginMeasure, 0),
        does(Deed::AddParty, 0),
        does(Deed::AddNote, 0),
        does(Deed::GiveConsent, mother),
        does(Deed::GiveConsent, father),
        does(Deed::AddParty, 0),
    ]
}

/// How the first log ends, where it does.
fn ending() -> Vec<Step> {
    [
        (Deed::Close, 0),
        (Deed::BuildPackage, 0),
        (Deed::Archive, 0),
        (Deed::StartErasure, 0),
        (Deed::FinishErasure, 0),
    ]
    .map(|(deed, who)| Step::Does(Tries::Entitled(who), 0, deed, [0; 8]))
    .to_vec()
}

/// A sequence: the beginnings of the logs as far as they go, then anything, for some an ending, and a little more.
pub(crate) fn sequence() -> impl Strategy<Value = Vec<Step>> {
    let begun = prop_oneof![1 => 0..=13_usize, 3 => Just(13)];
    let ended = prop_oneof![1 => Just(0), 1 => 1..=5_usize];
    let some = prop::collection::vec(step(), 60..120);
    let more = prop::collection::vec(step(), 0..25);
    (begun, 0..=13_usize, some, ended, more).prop_map(|(first, second, some, ended, more)| {
        let begun = beginning(0).into_iter().take(first);
        let second = beginning(1).into_iter().take(second);
        let ended = ending().into_iter().take(ended);
        begun
            .chain(second)
            .chain(some)
            .chain(ended)
            .chain(more)
            .collect()
    })
}

impl Tries {
    fn who(self, entitled: &[Person]) -> Who {
        let among = |people: &[Person], luck: u8| people[usize::from(luck) % people.len()];
        let (person, assurance) = match self {
            Self::Entitled(luck) => (among(entitled, luck), Assurance::High),
            Self::Anybody(luck) => (among(&Person::ALL, luck), Assurance::High),
            Self::Poorly(luck) => (among(entitled, luck), Assurance::Substantial),
        };
        Who { person, assurance }
    }
}

/// To whom the baton is offered.
fn addressee(case: &ledger_core::case::Case) -> Option<Person> {
    let mut offers = case.handovers.values();
    let offer = offers.find(|offer| offer.ended.is_none())?;
    let account = case.parties.get(&offer.to)?.account()?;
    let mut people = Person::ALL.into_iter();
    people.find(|person| person.account() == account)
}

impl Step {
    /// The log that it is about.
    pub(crate) fn log(&self) -> Option<usize> {
        match self {
            Self::Does(_, log, ..) | Self::Looks(_, log, ..) => Some(*log),
            Self::Administers(..) | Self::Waits(_) => None,
        }
    }

    /// The act, as luck has it with things as they are.
    pub(crate) fn settled(
        &self,
        case: &ledger_core::case::Case,
        now: ledger_core::clock::Timestamp,
        size: u64,
    ) -> Act {
        match self {
            Self::Does(tries, log, deed, luck) => {
                // Whoever was offered the baton is the one to take it.
                let asked = match deed {
                    Deed::AcceptBaton => addressee(case),
                    _ => None,
                };
                let who = tries.who(asked.as_ref().map_or(deed.entitled(), std::slice::from_ref));
                let luck = &Luck::new(*luck);
                let scene = Scene {
                    by: who.person,
                    case,
                    now,
                    size,
                    luck,
                };
                Act::Does(who, *log, deed.command(&scene))
            }
            Self::Administers(tries, office, luck) => {
                let who = tries.who(office.entitled());
                let command = office.command(who.person, now, &Luck::new(*luck));
                Act::Administers(who, command)
            }
            Self::Waits(by) => Act::Waits(*by),
            Self::Looks(tries, log, way, luck) => {
                let luck = Luck::new(*luck);
                let mut moment = Moment::NOW;
                let look = match way {
                    Way::Case => Look::Case,
                    Way::Print => Look::Print,
                    Way::List => Look::List,
                    Way::Due => Look::Due,
                    Way::Timeline => Look::Timeline,
                    Way::Document => {
                        let nothing = DocumentId::from_ulid(ulid::Ulid::nil());
                        Look::Document(luck.pick(case.documents.keys().copied(), nothing), 0)
                    }
                    Way::Found => Look::Found(LookupValue::NationalId(NATIONAL_ID.to_owned())),
                    Way::Changes => Look::Changes(luck.one_of(&[Some(Position(0)), None])),
                    Way::Notes => Look::Excerpt(Excerpt::Notes),
                    Way::Documents => Look::Excerpt(Excerpt::Documents),
                    Way::Part => Look::Excerpt(Excerpt::Part(luck.one_of(Part::ALL))),
                    Way::Past => {
                        let back = luck.one_of(&[1, 2, 20, 60]);
                        moment.known = AsOf::Position(Position(size.saturating_sub(back)));
                        Look::Case
                    }
                };
                Act::Looks(tries.who(&Person::ALL), *log, look, moment)
            }
        }
    }
}
