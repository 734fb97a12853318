//! Time and randomness, which the domain is given and never takes.

use chrono::{DateTime, SubsecRound, Utc};
use serde::{Deserialize, Serialize};

/// A moment in UTC, kept to the microsecond: the resolution of Postgres, so that what is stored is what was hashed.
pub type Timestamp = DateTime<Utc>;

/// Cuts a moment to whole microseconds.
pub fn to_micros(at: Timestamp) -> Timestamp {
    at.trunc_subsecs(6)
}

/// Where the time comes from. The service gives the machine's clock, tests one they can move.
pub trait Clock: Send + Sync {
    /// The present moment, to the microsecond.
    fn now(&self) -> Timestamp;
}

/// Where randomness comes from: the operating system's generator in the service, a seeded one in golden tests.
pub trait Entropy: Send + Sync {
    /// Fills the buffer with bytes nobody can predict.
    fn fill(&self, buffer: &mut [u8]);
}

/// The cryptographic generator of `aws-lc-rs`, seeded by the operating system.
#[derive(Debug, Default, Clone, Copy)]
pub struct SystemEntropy;

impl Entropy for SystemEntropy {
    fn fill(&self, buffer: &mut [u8]) {
        aws_lc_rs::rand::fill(buffer)
            .expect("the operating system's generator answers or the machine is unusable");
    }
}

/// A span of time in which something holds: from `from`, up to but not including `until`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Span {
    /// First moment that is inside; `None` = since ever.
    pub from: Option<Timestamp>,
    /// First moment that is no longer inside; `None` = without end.
    pub until: Option<Timestamp>,
}

impl Span {
    /// Without beginning or end.
    pub const ALWAYS: Self = Self {
        from: None,
        until: None,
    };

    /// Whether `at` lies inside.
    pub fn contains(&self, at: Timestamp) -> bool {
        self.from.is_none_or(|from| from <= at) && self.until.is_none_or(|until| at < until)
    }

    /// The part that both spans share; may be empty.
    #[must_use]
    pub fn intersect(self, other: Self) -> Self {
        let later = |a: Option<Timestamp>, b: Option<Timestamp>| a.into_iter().chain(b).max();
        let earlier = |a: Option<Timestamp>, b: Option<Timestamp>| a.into_iter().chain(b).min();
        Self {
            from: later(self.from, other.from),
            until: earlier(self.until, other.until),
        }
    }

    /// The part of time around `at` in which the answer to "is it inside?" stays what it is at `at`.
    #[must_use]
    pub fn constant_around(self, at: Timestamp) -> Self {
        match (self.from, self.until) {
            (Some(from), _) if at < from => Self {
                from: None,
                until: Some(from),
            },
            (_, Some(until)) if at >= until => Self {
                from: Some(until),
                until: None,
            },
            _ => self,
        }
    }
}
