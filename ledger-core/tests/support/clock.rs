//! A clock that tests move.
#![allow(dead_code, reason = "not every suite makes it in the same way")]

use std::sync::{Arc, Mutex, PoisonError};

use chrono::TimeDelta;
use ledger_core::clock::{Clock, Timestamp};

/// Shows what another clock shows, moved by as much as a test says.
pub(crate) struct MovableClock {
    beside: Arc<dyn Clock>,
    moved: Mutex<TimeDelta>,
}

/// A clock that stands still.
struct Stopped(Timestamp);

impl Clock for Stopped {
    fn now(&self) -> Timestamp {
        self.0
    }
}

impl MovableClock {
    /// A clock that shows what `beside` shows.
    pub(crate) fn beside(beside: Arc<dyn Clock>) -> Arc<Self> {
        Arc::new(Self {
            beside,
            moved: Mutex::new(TimeDelta::zero()),
        })
    }

    /// A clock that stands still until it is moved.
    pub(crate) fn stopped_at(at: &str) -> Arc<Self> {
        Self::beside(Arc::new(Stopped(at.parse().expect("a timestamp"))))
    }

    /// Moves it; a negative span turns it back.
    pub(crate) fn advance(&self, by: TimeDelta) {
        let mut moved = self.moved.lock().unwrap_or_else(PoisonError::into_inner);
        *moved += by;
    }
}

impl Clock for MovableClock {
    fn now(&self) -> Timestamp {
        let moved = self.moved.lock().unwrap_or_else(PoisonError::into_inner);
        self.beside.now() + *moved
    }
}
