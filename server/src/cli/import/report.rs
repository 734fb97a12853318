//! What could not be used: written to a file, one JSON line each, and the first of it kept for the screen.

use std::{
    fs::File,
    io::{BufWriter, Write as _},
    path::Path,
};

use anyhow::Context as _;

use crate::{
    cli::Progress,
    import::{Telling, Unused},
};

/// How many are shown on the screen.
const SHOWN: usize = 10;

/// Tells of an import while it goes on.
pub(super) struct Report {
    progress: Progress,
    looking: bool,
    out: Option<BufWriter<File>>,
    pub(super) first: Vec<Unused>,
}

impl Report {
    /// With a file that is written anew, where one is wanted.
    pub(super) fn begin(progress: Progress, file: Option<&Path>) -> anyhow::Result<Self> {
        let out = file.map(|path| {
            File::create(path)
                .map(BufWriter::new)
                .with_context(|| format!("the report {} cannot be written", path.display()))
        });
        Ok(Self {
            progress,
            looking: true,
            out: out.transpose()?,
            first: Vec::new(),
        })
    }

    /// Everything that was told is in the file.
    pub(super) fn finish(mut self) -> anyhow::Result<Vec<Unused>> {
        if let Some(out) = &mut self.out {
            out.flush().context("the report cannot be written")?;
        }
        Ok(self.first)
    }
}

impl Telling for Report {
    fn progress(&mut self, looking: bool, done: u64, of: u64) {
        if self.looking && !looking {
            self.progress.say("importing the log");
        }
        self.looking = looking;
        self.progress.set(done, of);
    }

    fn unused(&mut self, unused: &Unused) -> anyhow::Result<()> {
        if self.first.len() < SHOWN {
            self.first.push(unused.clone());
        }
        if let Some(out) = &mut self.out {
            let mut write = || {
                serde_json::to_writer(&mut *out, unused)?;
                out.write_all(b"\n")
            };
            write().context("the report cannot be written")?;
        }
        Ok(())
    }
}
