//! Shows that something is going on, once it has taken longer than a second. Quiet without a terminal.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use tokio::task::JoinHandle;

/// Whatever is done sooner shows nothing.
const QUIET_FOR: Duration = Duration::from_secs(1);

/// The line that tells how far a piece of work has come; gone when this value is dropped.
pub(crate) struct Progress {
    bar: ProgressBar,
    shown_later: Option<JoinHandle<()>>,
}

impl Progress {
    /// Begins to tell of a piece of work, such as "checking the ledger".
    pub(crate) fn begin(what: impl Into<String>, quiet: bool) -> Self {
        let bar = ProgressBar::hidden();
        bar.set_style(style("{spinner} {msg} … {elapsed}"));
        bar.set_message(what.into());
        let shown_later = (!quiet).then(|| {
            let bar = bar.clone();
            tokio::spawn(async move {
                tokio::time::sleep(QUIET_FOR).await;
                // Draws nothing where standard error is not a terminal.
                bar.set_draw_target(ProgressDrawTarget::stderr());
                bar.enable_steady_tick(Duration::from_millis(120));
            })
        });
        Self { bar, shown_later }
    }

    /// How much is done, of how much.
    pub(crate) fn set(&self, done: u64, total: u64) {
        if self.bar.length() != Some(total) {
            self.bar.set_length(total);
            self.bar.set_style(style(
                "{msg}  {wide_bar}  {human_pos} of {human_len}  {eta} left",
            ));
        }
        self.bar.set_position(done);
    }

    /// What is being done now.
    pub(crate) fn say(&self, what: impl Into<String>) {
        self.bar.set_message(what.into());
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some(shown_later) = &self.shown_later {
            shown_later.abort();
        }
        self.bar.finish_and_clear();
    }
}

fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).expect("the templates of this file are well-formed")
}
