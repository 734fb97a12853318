//! Waiting for something that other processes bring about: as short as possible, and never for ever.

use std::time::{Duration, Instant};

/// Longer than anything takes on a busy machine.
const WITHIN: Duration = Duration::from_mins(1);

/// Looks again and again until `look` finds something.
pub(crate) async fn eventually<T>(what: &str, mut look: impl AsyncFnMut() -> Option<T>) -> T {
    let begun = Instant::now();
    loop {
        if let Some(found) = look().await {
            return found;
        }
        assert!(begun.elapsed() < WITHIN, "never happened: {what}");
        // tidy: a pause between two looks, in the one place where tests wait for other processes.
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}
