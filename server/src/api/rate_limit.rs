//! How many requests one caller may make: a token bucket for each account at each address, and one for each address
//! for those who have not signed in.
//!
//! It is kept in this process alone, so several servers allow several times as much. It is there so that one caller
//! cannot crowd out the others, not to count exactly.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Mutex, PoisonError},
    time::Instant,
};

use ledger_core::ids::AccountId;

/// How many callers are remembered. Beyond it those with a full bucket are forgotten, which changes nothing for them.
const CALLERS_MAX: usize = 20_000;

/// Whose requests are counted.
pub(super) type Counted = (Option<AccountId>, IpAddr);

/// What is left after a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Allowance {
    /// Requests in a second.
    pub(super) per_second: u32,
    /// How many more may be made at once.
    pub(super) remaining: u32,
    /// Whether this one may be made.
    pub(super) is_allowed: bool,
}

struct Bucket {
    tokens: f64,
    filled_at: Instant,
}

/// The buckets of all callers.
pub(super) struct RateLimiter {
    per_second: u32,
    buckets: Mutex<HashMap<Counted, Bucket>>,
}

impl RateLimiter {
    /// So many requests a second for each caller, and as many at once.
    pub(super) fn new(per_second: u32) -> Self {
        Self {
            per_second,
            buckets: Mutex::new(HashMap::new()),
        }
    }

    /// Counts one request.
    pub(super) fn take(&self, counted: Counted, now: Instant) -> Allowance {
        let full = f64::from(self.per_second);
        let filled = |bucket: &Bucket| {
            let waited = now.saturating_duration_since(bucket.filled_at);
            (bucket.tokens + waited.as_secs_f64() * full).min(full)
        };
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        if buckets.len() >= CALLERS_MAX && !buckets.contains_key(&counted) {
            buckets.retain(|_, bucket| filled(bucket) < full);
            if buckets.len() >= CALLERS_MAX {
                // So many at once that nobody can be told apart: begin anew rather than grow.
                buckets.clear();
            }
        }
        let bucket = buckets.entry(counted).or_insert(Bucket {
            tokens: full,
            filled_at: now,
        });
        bucket.tokens = filled(bucket);
        bucket.filled_at = now;
        let is_allowed = bucket.tokens >= 1.0;
        if is_allowed {
            bucket.tokens -= 1.0;
        }
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "it lies between 0 and `per_second`"
        )]
        let remaining = bucket.tokens as u32;
        Allowance {
            per_second: self.per_second,
            remaining,
            is_allowed,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{net::Ipv4Addr, time::Duration};

    use super::*;

    fn somebody(last: u8) -> Counted {
        (None, IpAddr::V4(Ipv4Addr::new(192, 0, 2, last)))
    }

    #[test]
    fn whoever_asks_too_often_waits_and_others_do_not() {
        let limiter = RateLimiter::new(3);
        let now = Instant::now();
        let taken: Vec<_> = (0..4).map(|_| limiter.take(somebody(1), now)).collect();
        let allowed: Vec<bool> = taken.iter().map(|taken| taken.is_allowed).collect();
        assert_eq!(allowed, [true, true, true, false]);
        assert_eq!(taken[0].remaining, 2);
        assert!(limiter.take(somebody(2), now).is_allowed);
        let later = now + Duration::from_millis(400);
        assert!(limiter.take(somebody(1), later).is_allowed);
        assert!(!limiter.take(somebody(1), later).is_allowed);
    }

    #[test]
    fn the_buckets_do_not_grow_without_end() {
        let limiter = RateLimiter::new(1);
        let now = Instant::now();
        for number in 0..=u32::try_from(CALLERS_MAX).unwrap() {
            let address = IpAddr::V4(Ipv4Addr::from_bits(number));
            limiter.take((None, address), now);
        }
        assert!(limiter.buckets.lock().unwrap().len() <= CALLERS_MAX);
    }
}
