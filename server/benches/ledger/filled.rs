//! Cases as a ledger of many years holds them: each decided, of fifty events, with a guardian of its own; teachers who
//! have twenty of them, schools with twenty teachers. A larger ledger has more schools, and each is as the others are, so
//! that nothing differs but the size.

use std::{
    collections::BTreeSet,
    sync::{Arc, PoisonError},
};

use ledger_core::ids::{AccountId, CaseId};
use sqlx::{Connection as _, Executor as _, PgConnection};
use tokio::sync::Mutex;

use crate::{people::People, world::World};

const NOTES: usize = 10;
/// With the opening, the guardian and the consent, fifty events.
const LOOKS: usize = 33;
const CASES_OF_A_TEACHER: usize = 20;
const TEACHERS_OF_A_SCHOOL: usize = 20;
const AT_ONCE: usize = 32;

/// A ledger, and its cases, each with its teacher.
pub(crate) struct Filled {
    pub(crate) world: World,
    cases: Vec<(CaseId, AccountId)>,
}

impl Filled {
    /// Opens cases until the ledger has so many events.
    pub(crate) async fn to(size: u64) -> anyhow::Result<Self> {
        let world = World::build(1).await?;
        let town = Arc::new(Town {
            newest: Mutex::new((world.people().clone(), 0)),
            opened: std::sync::Mutex::default(),
        });
        let (store, tenant) = (world.instance().store(), world.instance().tenant().clone());
        let filling: Vec<_> = (0..AT_ONCE)
            .map(|_| {
                let town = Arc::clone(&town);
                let (store, tenant) = (Arc::clone(&store), tenant.clone());
                tokio::spawn(async move {
                    loop {
                        let mut people = town.next_teacher().await?;
                        for _ in 0..CASES_OF_A_TEACHER {
                            let have = store.tip(&tenant).await?.frontier.size();
                            if have >= size {
                                return anyhow::Ok(());
                            }
                            if town.open_case(&mut people).await?.is_multiple_of(100) {
                                eprint!("\rfilling with cases: {have} of {size} events   ");
                            }
                        }
                    }
                })
            })
            .collect();
        for filling in filling {
            filling.await??;
        }
        eprintln!();
        settle(&world).await?;
        let mut opened = town.opened.lock().unwrap_or_else(PoisonError::into_inner);
        let cases = std::mem::take(&mut *opened);
        drop(opened);
        Ok(Self { world, cases })
    }

    /// The same, with nothing of it in memory.
    pub(crate) async fn started_anew(self) -> anyhow::Result<Self> {
        let world = self.world.started_anew().await?;
        Ok(Self { world, ..self })
    }

    /// So many cases, from the first to the last: others for each part of so many.
    pub(crate) fn cases(
        &self,
        number: usize,
        (part, parts): (usize, usize),
    ) -> impl Iterator<Item = CaseId> {
        let step = (self.cases.len() / number).max(1);
        let skipped = self.cases.iter().skip(step * part / parts);
        skipped.map(|(case, _)| *case).step_by(step).take(number)
    }

    /// So many teachers, from the first to the last, each once; fewer, where there are not so many.
    pub(crate) fn teachers(&self, number: usize) -> impl Iterator<Item = AccountId> {
        let mut seen = BTreeSet::new();
        let teachers = self.cases.iter().map(|(_, teacher)| *teacher);
        let teachers: Vec<AccountId> = teachers.filter(|teacher| seen.insert(*teacher)).collect();
        let step = (teachers.len() / number).max(1);
        teachers.into_iter().step_by(step).take(number)
    }
}

/// Who works, and what they have opened.
struct Town {
    /// The teacher who came last, and how many have come.
    newest: Mutex<(People, usize)>,
    opened: std::sync::Mutex<Vec<(CaseId, AccountId)>>,
}

impl Town {
    /// Another teacher; the first of twenty comes with a school.
    async fn next_teacher(&self) -> anyhow::Result<People> {
        let mut newest = self.newest.lock().await;
        let (people, come) = &mut *newest;
        if come.is_multiple_of(TEACHERS_OF_A_SCHOOL) {
            people.enter_school().await?;
        } else {
            people.enter_teacher().await?;
        }
        *come += 1;
        Ok(people.clone())
    }

    /// How many there are now.
    async fn open_case(&self, people: &mut People) -> anyhow::Result<usize> {
        people.meet_guardian().await?;
        let case = people.open_case(NOTES).await?;
        for _ in 0..LOOKS {
            people.look_at(case).await?;
        }
        let mut opened = self.opened.lock().unwrap_or_else(PoisonError::into_inner);
        opened.push((case, people.teacher.account));
        Ok(opened.len())
    }
}

/// What the machine does by itself in the minutes after so many events: the first look at a row that is new writes to
/// its page, and a checkpoint shares the disk with whoever waits for it.
async fn settle(world: &World) -> anyhow::Result<()> {
    let mut connection = PgConnection::connect_with(&world.options()).await?;
    for statement in ["VACUUM (ANALYZE)", "CHECKPOINT"] {
        connection.execute(statement).await?;
    }
    connection.close().await?;
    Ok(())
}
