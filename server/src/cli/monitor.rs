//! `caseledger monitor`: follows a log that somebody else keeps. It needs no ledger and no configuration of its own.

use std::{path::PathBuf, time::Duration};

use anyhow::Context as _;
use ledger_core::{
    clock::{Clock as _, Timestamp},
    log::{SignedHead, VerifierKey},
};
use reqwest::Url;

use super::{Exit, Failure, Progress, failure, logging, output::OutputArgs, serve, show};
use crate::{
    instance::MachineClock,
    monitor::{self, Finding, Look, MonitorError, evidence, memory::Memory, source::HttpSource},
};

/// Watch a log that somebody else keeps
///
/// Fetches the newest head that the log shows, checks that its key signed it, and proves from the log's tiles that the
/// log of the last look is the beginning of the log of now: nothing that was there was changed or taken away. The head
/// is kept in a file for the next look. The first look has nothing to compare with; what was shown before it, only
/// others who watched then can tell.
///
/// If the log went back or has two histories, both signed heads are kept in a folder beside the file. Two heads of one
/// size with different roots, signed by one key, prove by themselves that the log's keeper showed two histories.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Examples:
  caseledger monitor https://ledger.solvik.example/tlog/solvik \\
      --vkey 'ledger.solvik.example/solvik+1a2b3c4d+AT…' --state solvik.json
  caseledger monitor … --entries                 also fetch every new entry, and compute the root from them
  caseledger monitor … --follow --interval 300   look every five minutes, until something is wrong or Ctrl-C
  caseledger monitor … --json                    for a script, which looks at the exit code

Take the key from somewhere else than the log's own address: a website, a letter, the folder data/keys of a bundle.

Exit code 0: unchanged, or grown as it should be. 8: it shows less than before. 9: it has two histories. 10: the head
is not signed by the key, or is another log's. 4: its tiles or entries do not lead to its head. 5: it is not reached.")]
pub(super) struct MonitorArgs {
    /// Where the log is: the address below which `checkpoint` and `tile/` are
    url: Url,
    /// A public key that the log's keeper has published (C2SP vkey). May be repeated
    #[arg(long, value_name = "VKEY", required = true)]
    vkey: Vec<VerifierKey>,
    /// The file in which the last good head is remembered; made at the first look
    #[arg(long, value_name = "FILE")]
    state: PathBuf,
    /// Also fetch every entry that came since, and compute the root from them
    #[arg(long)]
    entries: bool,
    /// Go on looking until something is wrong, or until asked to stop
    #[arg(long)]
    follow: bool,
    /// Seconds between two looks
    #[arg(long, value_name = "SECONDS", default_value_t = 60, requires = "follow",
          value_parser = clap::value_parser!(u64).range(1..=86_400))]
    interval: u64,
    #[command(flatten)]
    pub(super) output: OutputArgs,
}

impl MonitorArgs {
    pub(super) async fn run(self) -> anyhow::Result<Exit> {
        logging::init_warnings();
        if !matches!(self.url.scheme(), "http" | "https") {
            let message = format!("{} is not an address that begins with https://", self.url);
            return Err(Failure::usage(message).into());
        }
        let source = HttpSource::try_new(&self.url).context("no connection can be made")?;
        if !self.follow {
            return self.look(&source, true).await;
        }
        let mut stop = std::pin::pin!(serve::stop_signal()?);
        let mut tick = tokio::time::interval(Duration::from_secs(self.interval));
        tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        // The first look is told of, and later ones when something is new.
        let mut all = true;
        loop {
            tokio::select! {
                () = &mut stop => return Ok(Exit::Done),
                _ = tick.tick() => {}
            }
            let looked = tokio::select! {
                () = &mut stop => return Ok(Exit::Done),
                looked = self.look(&source, all) => looked,
            };
            match looked {
                Ok(Exit::Done) => all = false,
                Ok(found) => return Ok(found),
                // A log that is away for a while is watched again when it is back.
                Err(error) if failure::exit_of(&error) == Exit::Unavailable => {
                    failure::report(&error, self.output.json);
                }
                Err(error) => return Err(error),
            }
        }
    }

    /// One look, from what is remembered to what is remembered then. That nothing has changed is told if `all` is.
    async fn look(&self, source: &HttpSource, all: bool) -> anyhow::Result<Exit> {
        let memory = Memory::load(&self.state)?;
        let mut keys = self.trusted(memory.as_ref())?;
        let known = memory.as_ref().map(|memory| &memory.signed_head);
        let progress = Progress::begin("looking at the log", self.output.json);
        let told = |done, total| progress.set(done, total);
        let look = monitor::look(source, &mut keys, known, self.entries, &told).await?;
        drop(progress);
        let now = MachineClock.now();
        let (evidence, exit) = match &look.finding {
            Finding::First | Finding::Unchanged | Finding::Grown { .. } => {
                self.remember(memory, &keys, look.shown.clone(), now)?;
                (None, Exit::Done)
            }
            Finding::WentBack { known } => (Some(self.keep(&keys, known, &look)?), Exit::WentBack),
            Finding::Forked { known, .. } => (Some(self.keep(&keys, known, &look)?), Exit::Forked),
        };
        if all || look.finding != Finding::Unchanged {
            let told = show::Watched::new(&look, &self.state, evidence.as_deref(), now);
            self.output.print(&told, || told.text())?;
        }
        Ok(exit)
    }

    /// The keys that were given, and those that came to be trusted before.
    fn trusted(&self, memory: Option<&Memory>) -> anyhow::Result<Vec<VerifierKey>> {
        let mut keys = self.vkey.clone();
        let Some(memory) = memory else {
            return Ok(keys);
        };
        let watched = &memory.signed_head.claimed().origin;
        if let Some(other) = keys.iter().find(|key| key.origin() != watched) {
            let message = format!(
                "{} remembers the log {watched}, and the key is one of {}; use another --state file for another log",
                self.state.display(),
                other.origin()
            );
            return Err(Failure::usage(message).into());
        }
        for key in memory.keys() {
            if !keys.contains(&key) {
                keys.push(key);
            }
        }
        Ok(keys)
    }

    fn remember(
        &self,
        memory: Option<Memory>,
        keys: &[VerifierKey],
        shown: SignedHead,
        now: Timestamp,
    ) -> Result<(), MonitorError> {
        let memory = if let Some(mut memory) = memory {
            memory.take_in(keys, shown, now);
            memory
        } else {
            Memory::new(self.url.to_string(), keys, shown, now)
        };
        memory.save(&self.state)
    }

    fn keep(
        &self,
        keys: &[VerifierKey],
        known: &SignedHead,
        look: &Look,
    ) -> Result<PathBuf, MonitorError> {
        evidence::keep(&self.state, keys, known, &look.shown, &look.tiles)
    }
}
