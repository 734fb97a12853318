//! Cases as a ledger of many years holds them: each decided, of fifty events, with a guardian of its own; teachers who
//! have twenty of them, schools with twenty teachers. So everything grows with the ledger that an answer might look at.

use std::sync::{Arc, Mutex, PoisonError};

use ledger_core::ids::{AccountId, CaseId};

use crate::{people::People, world::World};

const NOTES: usize = 10;
/// With the opening, the guardian and the consent, fifty events.
const LOOKS: usize = 33;
const CASES_OF_A_TEACHER: u64 = 20;
const CASES_OF_A_SCHOOL: u64 = CASES_OF_A_TEACHER * 20;
const AT_ONCE: usize = 32;

/// The cases so far, each with its teacher.
#[derive(Default)]
pub(crate) struct Filled {
    cases: Vec<(CaseId, AccountId)>,
}

impl Filled {
    /// Opens cases until the ledger has so many events.
    pub(crate) async fn fill_to(&mut self, world: &World, size: u64) -> anyhow::Result<()> {
        let opened = Arc::new(Mutex::new(std::mem::take(&mut self.cases)));
        let (store, tenant) = (world.instance().store(), world.instance().tenant().clone());
        let filling: Vec<_> = (0..AT_ONCE)
            .map(|_| {
                let (people, opened) = (world.people().clone(), Arc::clone(&opened));
                let (store, tenant) = (Arc::clone(&store), tenant.clone());
                tokio::spawn(async move {
                    let mut people = people;
                    for number in 0.. {
                        let have = store.tip(&tenant).await?.frontier.size();
                        eprint!("\rfilling with cases: {have} of {size} events   ");
                        if have >= size {
                            break;
                        }
                        let case = one(&mut people, number).await?;
                        let mut opened = opened.lock().unwrap_or_else(PoisonError::into_inner);
                        opened.push((case, people.teacher.account));
                    }
                    anyhow::Ok(())
                })
            })
            .collect();
        for filling in filling {
            filling.await??;
        }
        eprintln!();
        self.cases = std::mem::take(&mut *opened.lock().unwrap_or_else(PoisonError::into_inner));
        Ok(())
    }

    /// So many of them, from the first to the last.
    pub(crate) fn spread(&self, number: usize) -> impl Iterator<Item = (CaseId, AccountId)> {
        let step = (self.cases.len() / number).max(1);
        self.cases.iter().copied().step_by(step).take(number)
    }
}

/// The next case of a task's people.
async fn one(people: &mut People, number: u64) -> anyhow::Result<CaseId> {
    if number.is_multiple_of(CASES_OF_A_SCHOOL) {
        people.enter_school().await?;
    } else if number.is_multiple_of(CASES_OF_A_TEACHER) {
        people.enter_teacher().await?;
    }
    people.meet_guardian().await?;
    let case = people.open_case(NOTES).await?;
    for _ in 0..LOOKS {
        people.look_at(case).await?;
    }
    Ok(case)
}
