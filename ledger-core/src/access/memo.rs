//! Verdicts already given. A verdict is a pure function of an action and the attributes' values, and the same few
//! combinations are asked again and again.
//!
//! Whatever is remembered is compared by value before it is used: equal hashes are not enough.

use std::{
    collections::HashMap,
    hash::{BuildHasher, Hash, Hasher, RandomState},
    sync::{
        Arc, PoisonError, RwLock,
        atomic::{AtomicU64, Ordering},
    },
};

use super::{
    Action,
    attributes::{Attributes, Values},
};

/// A verdict takes a kilobyte or so, and a tenant has a few hundred different situations.
const ENTRIES_MAX: usize = 4096;

/// A bounded memory, emptied when it is full.
#[derive(Debug)]
pub(super) struct Memo<T, S = RandomState> {
    hashes: S,
    entries: RwLock<HashMap<u64, Vec<Entry<T>>>>,
    misses: AtomicU64,
}

#[derive(Debug)]
struct Entry<T> {
    action: Action,
    values: Values,
    result: Arc<T>,
}

impl<T> Default for Memo<T> {
    fn default() -> Self {
        Self::with_hasher(RandomState::new())
    }
}

impl<T, S: BuildHasher> Memo<T, S> {
    pub(super) fn with_hasher(hashes: S) -> Self {
        Self {
            hashes,
            entries: RwLock::default(),
            misses: AtomicU64::new(0),
        }
    }

    /// How often `evaluate` has been called.
    pub(super) fn misses(&self) -> u64 {
        self.misses.load(Ordering::Relaxed)
    }

    /// What was found for this action and these values before, or else what is found now. Two threads that miss
    /// at once both evaluate, and find the same.
    pub(super) fn get_or_evaluate(
        &self,
        action: Action,
        attributes: &Attributes,
        evaluate: impl FnOnce() -> T,
    ) -> Arc<T> {
        let mut hasher = self.hashes.build_hasher();
        action.hash(&mut hasher);
        attributes.hash_values(&mut hasher);
        let hash = hasher.finish();
        let known = {
            // A thread that died while holding the lock left the entries whole: they are added in one step.
            let entries = self.entries.read().unwrap_or_else(PoisonError::into_inner);
            entries.get(&hash).and_then(|candidates| {
                candidates
                    .iter()
                    .find(|entry| entry.action == action && attributes.have(&entry.values))
                    .map(|entry| Arc::clone(&entry.result))
            })
        };
        if let Some(known) = known {
            return known;
        }
        let result = Arc::new(evaluate());
        self.misses.fetch_add(1, Ordering::Relaxed);
        let entry = Entry {
            action,
            values: attributes.values(),
            result: Arc::clone(&result),
        };
        let mut entries = self.entries.write().unwrap_or_else(PoisonError::into_inner);
        if entries.len() >= ENTRIES_MAX {
            entries.clear();
        }
        let candidates = entries.entry(hash).or_default();
        if candidates.len() >= CANDIDATES_MAX {
            candidates.clear();
        }
        candidates.push(entry);
        result
    }
}

/// Different values with one hash are next to impossible; threads that missed together may have added a few equals.
const CANDIDATES_MAX: usize = 64;

#[cfg(test)]
mod tests {
    use std::{cell::Cell, hash::BuildHasherDefault};

    use super::*;
    use crate::access::tests::given::{Given, Party, Status, given};

    /// Gives everything the same hash, so that only the comparison of values can tell situations apart.
    #[derive(Default)]
    struct Colliding;

    impl Hasher for Colliding {
        fn finish(&self) -> u64 {
            7
        }

        fn write(&mut self, _: &[u8]) {}
    }

    fn situations() -> Vec<Attributes> {
        [
            &[][..],
            &[Party("guardian")],
            &[Party("baton_holder")],
            &[Party("guardian"), Status("closed")],
        ]
        .into_iter()
        .map(|facts: &[Given]| given(facts.to_vec()).attributes())
        .collect()
    }

    #[test]
    fn equal_hashes_do_not_mix_different_values_or_actions() {
        let memo = Memo::with_hasher(BuildHasherDefault::<Colliding>::default());
        for _ in 0..2 {
            for (number, attributes) in situations().iter().enumerate() {
                for action in [Action::ViewCase, Action::AddNote] {
                    let found = memo.get_or_evaluate(action, attributes, || (action, number));
                    assert_eq!(*found, (action, number));
                }
            }
        }
        assert_eq!(memo.misses(), 8, "each situation is evaluated once");
    }

    #[test]
    fn what_an_attribute_rests_on_is_no_part_of_the_key() {
        let memo = Memo::default();
        let mut attributes = given([Party("guardian")]).attributes();
        let calls = Cell::new(0);
        for position in 0..3 {
            attributes.case_roles.cites = vec![crate::ids::Position(position)];
            memo.get_or_evaluate(Action::ViewCase, &attributes, || calls.set(calls.get() + 1));
        }
        assert_eq!(calls.get(), 1);
    }

    #[test]
    fn the_memory_is_bounded() {
        let memo = Memo::default();
        let mut attributes = given([]).attributes();
        for number in 0..=ENTRIES_MAX {
            attributes.section.value = format!("s{number}").parse().expect("a code");
            memo.get_or_evaluate(Action::ViewCase, &attributes, || ());
        }
        let entries = memo.entries.read().expect("not poisoned");
        assert!(entries.len() <= ENTRIES_MAX);
    }
}
