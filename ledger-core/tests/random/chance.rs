//! The same chance for two ledgers, and the luck of a step.

use std::{
    cell::Cell,
    sync::{Mutex, PoisonError},
};

use ledger_core::clock::Entropy;

/// A generator that begins anew for each ledger, so that two of them make the same ids, salts and keys.
pub(crate) struct SameChance(Mutex<u64>);

impl SameChance {
    pub(crate) fn new() -> Self {
        Self(Mutex::new(1))
    }
}

impl Entropy for SameChance {
    fn fill(&self, buffer: &mut [u8]) {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for piece in buffer.chunks_mut(8) {
            // SplitMix64.
            *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mut word = *state;
            word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            word ^= word >> 31;
            piece.copy_from_slice(&word.to_le_bytes()[..piece.len()]);
        }
    }
}

/// What is left open in a step. Noughts choose what is plain and right.
#[derive(Clone)]
pub(crate) struct Luck {
    bytes: [u8; 8],
    next: Cell<usize>,
}

impl Luck {
    pub(crate) fn new(bytes: [u8; 8]) -> Self {
        let next = Cell::new(0);
        Self { bytes, next }
    }

    fn draw(&self) -> u8 {
        let at = self.next.get();
        self.next.set(at + 1);
        self.bytes[at % self.bytes.len()]
    }

    /// Seldom: about once in `often` times.
    pub(crate) fn once_in(&self, often: u8) -> bool {
        self.draw() >= 255 - 255 / often
    }

    /// One of these, the first before all; there must be one.
    pub(crate) fn one_of<T: Clone>(&self, choices: &[T]) -> T {
        choices[usize::from(self.draw()) % choices.len()].clone()
    }

    /// One of those that are there; seldom, or if there are none, another one that is not.
    pub(crate) fn pick<T: Clone>(&self, there: impl IntoIterator<Item = T>, other: T) -> T {
        let there: Vec<T> = there.into_iter().collect();
        if there.is_empty() || self.once_in(16) {
            return other;
        }
        self.one_of(&there)
    }
}
