//! When it is tried again: twice as long each time, and a little by chance, so that many do not come back at once.

use chrono::TimeDelta;
use ledger_core::clock::Entropy;

/// The longest pause between two tries.
const PAUSE_MAX: TimeDelta = TimeDelta::hours(6);

/// The pause after the `attempts`-th try, from 1: between one and one and a half times the doubled first pause.
pub(super) fn pause(first: TimeDelta, attempts: u32, entropy: &dyn Entropy) -> TimeDelta {
    let doubled = 2_i32
        .checked_pow(attempts.saturating_sub(1))
        .and_then(|factor| first.checked_mul(factor))
        .unwrap_or(PAUSE_MAX)
        .min(PAUSE_MAX);
    let mut chance = [0_u8; 2];
    entropy.fill(&mut chance);
    let share = i32::from(u16::from_be_bytes(chance));
    doubled + doubled / 2 * share / i32::from(u16::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Always(u8);

    impl Entropy for Always {
        fn fill(&self, buffer: &mut [u8]) {
            buffer.fill(self.0);
        }
    }

    #[test]
    fn it_doubles_and_has_an_end() {
        let first = TimeDelta::seconds(30);
        let pauses = [1, 2, 3, 40].map(|attempts| pause(first, attempts, &Always(0)).num_seconds());
        assert_eq!(pauses, [30, 60, 120, 6 * 3_600]);
    }

    #[test]
    fn chance_adds_half_of_it_at_most() {
        let first = TimeDelta::seconds(30);
        assert_eq!(pause(first, 1, &Always(255)), TimeDelta::seconds(45));
        let some = pause(first, 1, &Always(100));
        assert!(some > first && some < TimeDelta::seconds(45), "{some}");
    }
}
