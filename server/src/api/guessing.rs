//! Who meets "there is nothing here" again and again, as somebody does who tries ids. Nobody is refused for it: the
//! figures let those who run the service look.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use ledger_core::ids::AccountId;

use crate::metrics::Metrics;

/// How long is counted together.
const WINDOW: Duration = Duration::from_mins(1);
/// More than this in a window is no mistyped address any more.
const USUAL_MAX: u32 = 20;
/// How many accounts are counted in a window.
const ACCOUNTS_MAX: usize = 20_000;

/// How often each account has met it in this window. It stays here; the metrics know no account.
#[derive(Default)]
pub(super) struct Guessing(Mutex<Window>);

#[derive(Default)]
struct Window {
    began: Option<Instant>,
    counts: HashMap<AccountId, u32>,
}

impl Guessing {
    /// An account has met it once more.
    pub(super) fn note(&self, account: AccountId, now: Instant, metrics: &Metrics) {
        metrics.not_found_signed_in.inc();
        let mut window = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let is_over = |began: Instant| now.saturating_duration_since(began) >= WINDOW;
        if window.began.is_none_or(is_over) {
            window.began = Some(now);
            window.counts.clear();
        }
        if window.counts.len() >= ACCOUNTS_MAX && !window.counts.contains_key(&account) {
            return;
        }
        let count = window.counts.entry(account).or_default();
        *count += 1;
        if *count == USUAL_MAX + 1 {
            metrics.guessing_callers.inc();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn account(text: &str) -> AccountId {
        text.parse().unwrap()
    }

    #[test]
    fn whoever_guesses_is_counted_once_in_a_window() {
        let (guessing, metrics) = (Guessing::default(), Metrics::new().unwrap());
        let one = account("01ARZ3NDEKTSV4RRFFQ69G5FAV");
        let other = account("01ARZ3NDEKTSV4RRFFQ69G5FAW");
        let now = Instant::now();
        for _ in 0..USUAL_MAX {
            guessing.note(one, now, &metrics);
            guessing.note(other, now, &metrics);
        }
        assert_eq!(metrics.guessing_callers.get(), 0);
        for _ in 0..USUAL_MAX {
            guessing.note(one, now, &metrics);
        }
        assert_eq!(metrics.guessing_callers.get(), 1);
        assert_eq!(metrics.not_found_signed_in.get(), u64::from(3 * USUAL_MAX));
        for _ in 0..=USUAL_MAX {
            guessing.note(one, now + WINDOW, &metrics);
        }
        assert_eq!(metrics.guessing_callers.get(), 2);
    }
}
