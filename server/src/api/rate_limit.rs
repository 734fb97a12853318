//! How many requests may be made: token buckets for each account, for each address, and for the failed sign-ins of each
//! address. `RateLimit` headers say what is left (draft-ietf-httpapi-ratelimit-headers-10).
//!
//! It is kept in this process alone, so several servers allow several times as much. It is there so that one caller
//! cannot crowd out the others, and that nobody tries tokens by the thousand; not to count exactly.
//!
//! The library `governor` was weighed: it neither bounds how many callers it remembers, nor tells what is left without
//! taking it, which failed sign-ins need.

use std::{
    collections::HashMap,
    hash::Hash,
    net::IpAddr,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Instant,
};

use axum::http::{HeaderMap, HeaderName, HeaderValue};
use ledger_core::ids::AccountId;

use crate::config::Config;

const RATE_LIMIT: HeaderName = HeaderName::from_static("ratelimit");
const RATE_LIMIT_POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");

/// How many callers are remembered. Beyond it those with a full bucket are forgotten, which changes nothing for them.
const CALLERS_MAX: usize = 20_000;

/// The buckets of all callers.
pub(super) struct RateLimits {
    /// What one account may do.
    pub(super) accounts: RateLimiter<AccountId>,
    /// What may come from one address.
    pub(super) addresses: RateLimiter<IpAddr>,
    /// How many tokens from one address may be invalid.
    pub(super) failed_sign_ins: RateLimiter<IpAddr>,
    /// How many secrets of invitations one account may try.
    pub(super) invitations: RateLimiter<AccountId>,
}

impl RateLimits {
    /// As configured.
    pub(super) fn new(config: &Config) -> Self {
        Self {
            accounts: RateLimiter::new("account", config.requests_per_second_max, 1),
            addresses: RateLimiter::new("address", config.address_requests_per_second_max, 1),
            failed_sign_ins: RateLimiter::new("sign-in", config.failed_sign_ins_per_minute_max, 60),
            invitations: RateLimiter::new("invitation", config.failed_sign_ins_per_minute_max, 60),
        }
    }
}

/// What is left after a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Allowance {
    /// Of which limit, as clients and metrics know it.
    pub(super) limit: &'static str,
    /// How many in a window.
    quota: u32,
    /// How long a window is.
    window_seconds: u32,
    /// How many more may be made at once.
    remaining: u32,
    /// In how many seconds all may be made again.
    full_in_seconds: u32,
    /// In how many seconds the next may be made.
    pub(super) next_in_seconds: u32,
    /// Whether this one may be made.
    pub(super) is_allowed: bool,
}

struct Bucket {
    tokens: f64,
    filled_at: Instant,
}

/// The buckets of one kind.
pub(super) struct RateLimiter<K> {
    limit: &'static str,
    quota: u32,
    window_seconds: u32,
    buckets: Mutex<HashMap<K, Bucket>>,
}

impl<K: Eq + Hash> RateLimiter<K> {
    /// So many in so many seconds for each, and as many at once.
    fn new(limit: &'static str, quota: u32, window_seconds: u32) -> Self {
        Self {
            limit,
            quota,
            window_seconds,
            buckets: Mutex::new(HashMap::new()),
        }
    }

    /// Counts one.
    pub(super) fn take(&self, counted: K, now: Instant) -> Allowance {
        let mut buckets = self.buckets();
        if buckets.len() >= CALLERS_MAX && !buckets.contains_key(&counted) {
            buckets.retain(|_, bucket| self.filled(bucket, now) < self.full());
            if buckets.len() >= CALLERS_MAX {
                // So many at once that nobody can be told apart: begin anew rather than grow.
                buckets.clear();
            }
        }
        let bucket = buckets.entry(counted).or_insert(Bucket {
            tokens: self.full(),
            filled_at: now,
        });
        bucket.tokens = self.filled(bucket, now);
        bucket.filled_at = now;
        let is_allowed = bucket.tokens >= 1.0;
        if is_allowed {
            bucket.tokens -= 1.0;
        }
        self.allowance(bucket.tokens, is_allowed)
    }

    /// What would be allowed, without counting it.
    pub(super) fn look(&self, counted: &K, now: Instant) -> Allowance {
        let buckets = self.buckets();
        let bucket = buckets.get(counted);
        let tokens = bucket.map_or(self.full(), |bucket| self.filled(bucket, now));
        self.allowance(tokens, tokens >= 1.0)
    }

    fn buckets(&self) -> MutexGuard<'_, HashMap<K, Bucket>> {
        self.buckets.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn full(&self) -> f64 {
        f64::from(self.quota)
    }

    fn per_second(&self) -> f64 {
        self.full() / f64::from(self.window_seconds)
    }

    fn filled(&self, bucket: &Bucket, now: Instant) -> f64 {
        let waited = now.saturating_duration_since(bucket.filled_at);
        (bucket.tokens + waited.as_secs_f64() * self.per_second()).min(self.full())
    }

    fn allowance(&self, tokens: f64, is_allowed: bool) -> Allowance {
        let until = |wanted: f64| whole(((wanted - tokens) / self.per_second()).ceil()).max(1);
        Allowance {
            limit: self.limit,
            quota: self.quota,
            window_seconds: self.window_seconds,
            remaining: whole(tokens),
            full_in_seconds: until(self.full()),
            next_in_seconds: until(1.0),
            is_allowed,
        }
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "`as` saturates: between 0 and the largest"
)]
fn whole(number: f64) -> u32 {
    number as u32
}

/// Says how many requests are left of each limit that counted.
pub(super) fn announce(headers: &mut HeaderMap, allowances: &[Allowance]) {
    let list = |item: fn(&Allowance) -> String| {
        let items: Vec<String> = allowances.iter().map(item).collect();
        HeaderValue::try_from(items.join(", "))
            .expect("letters, digits and quotes may stand in a header")
    };
    let policies = list(|of| format!("\"{}\";q={};w={}", of.limit, of.quota, of.window_seconds));
    let left = list(|of| {
        format!(
            "\"{}\";r={};t={}",
            of.limit, of.remaining, of.full_in_seconds
        )
    });
    headers.insert(RATE_LIMIT_POLICY, policies);
    headers.insert(RATE_LIMIT, left);
}

#[cfg(test)]
mod tests {
    use std::{net::Ipv4Addr, time::Duration};

    use super::*;

    fn somebody(last: u8) -> IpAddr {
        IpAddr::V4(Ipv4Addr::new(192, 0, 2, last))
    }

    #[test]
    fn whoever_asks_too_often_waits_and_others_do_not() {
        let limiter = RateLimiter::new("address", 3, 1);
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
    fn looking_counts_nothing() {
        let limiter = RateLimiter::new("sign-in", 2, 60);
        let now = Instant::now();
        for _ in 0..5 {
            assert!(limiter.look(&somebody(1), now).is_allowed);
        }
        limiter.take(somebody(1), now);
        limiter.take(somebody(1), now);
        let refused = limiter.look(&somebody(1), now);
        assert!(!refused.is_allowed);
        assert_eq!((refused.next_in_seconds, refused.full_in_seconds), (30, 60));
        let later = now + Duration::from_secs(30);
        assert!(limiter.look(&somebody(1), later).is_allowed);
    }

    #[test]
    fn what_is_left_is_said_of_each_limit() {
        let now = Instant::now();
        let address = RateLimiter::new("address", 10, 1).take(somebody(1), now);
        let sign_in = RateLimiter::new("sign-in", 120, 60).take(somebody(1), now);
        let mut headers = HeaderMap::new();
        announce(&mut headers, &[address, sign_in]);
        assert_eq!(
            headers["ratelimit-policy"],
            "\"address\";q=10;w=1, \"sign-in\";q=120;w=60"
        );
        assert_eq!(
            headers["ratelimit"],
            "\"address\";r=9;t=1, \"sign-in\";r=119;t=1"
        );
    }

    #[test]
    fn the_buckets_do_not_grow_without_end() {
        let limiter = RateLimiter::new("address", 1, 1);
        let now = Instant::now();
        for number in 0..=u32::try_from(CALLERS_MAX).unwrap() {
            limiter.take(IpAddr::V4(Ipv4Addr::from_bits(number)), now);
        }
        assert!(limiter.buckets().len() <= CALLERS_MAX);
    }
}
