//! A round: so many callers do the same thing again and again for so long.

use std::{
    pin::Pin,
    time::{Duration, Instant},
};

use crate::{Call, cpu, world::World};

/// A call under way; says how many events it had.
pub(crate) type Calling = Pin<Box<dyn Future<Output = anyhow::Result<u64>> + Send>>;

/// One caller.
pub(crate) struct Caller(pub(crate) Call);

/// What a round has measured.
pub(crate) struct Round {
    pub(crate) per_second: f64,
    /// Processor time of this process and of Postgres, in microseconds an event.
    pub(crate) cpu_micros: f64,
}

/// So many callers, each made by `make`.
pub(crate) fn callers(number: usize, make: impl Fn(usize) -> Caller) -> Vec<Caller> {
    (0..number).map(make).collect()
}

/// Lets the callers call until the time is up.
#[expect(
    clippy::cast_precision_loss,
    reason = "counts of a benchmark are far below 2^52"
)]
pub(crate) async fn round(
    world: &World,
    callers: Vec<Caller>,
    time: Duration,
) -> anyhow::Result<Round> {
    let cpu_before = cpu::used(world.postmaster())?;
    let begun = Instant::now();
    let running: Vec<_> = callers
        .into_iter()
        .map(|Caller(mut call)| {
            tokio::spawn(async move {
                let mut events = 0;
                while begun.elapsed() < time {
                    events += call().await?;
                }
                anyhow::Ok(events)
            })
        })
        .collect();
    let mut events = 0;
    for running in running {
        events += running.await??;
    }
    let seconds = begun.elapsed().as_secs_f64();
    let cpu = cpu::used(world.postmaster())? - cpu_before;
    let events = events.max(1) as f64;
    Ok(Round {
        per_second: events / seconds,
        cpu_micros: cpu.as_secs_f64() * 1e6 / events,
    })
}

/// The middle one.
pub(crate) fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted.get(sorted.len() / 2).copied().unwrap_or(f64::NAN)
}
