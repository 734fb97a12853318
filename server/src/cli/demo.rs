//! `caseledger demo`: the story, the tour, the service.

use std::path::PathBuf;

use super::{Exit, session::Session};
use crate::demo;

/// Play an invented story and show what the ledger makes of it
///
/// Plays two relay logs of a school through the service's own commands: consents, notes, a document, people who look
/// and people who are refused, a consent that is withdrawn, a log that is archived and erased. Prints, with real
/// output, what the ledger can show, explain and prove of it. Then serves the API, with development tokens that let
/// anyone on this machine sign in as anyone, until Ctrl-C.
///
/// Needs the PostgreSQL server programs and nothing else. A second start finds the data of the first. All persons are
/// invented. A ledger that is in use for anything else is left alone.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Examples:
  caseledger demo
  caseledger demo --once                        end after the tour
  caseledger --data-dir ./mine demo --once --story rules/homework-help
  caseledger --data-dir ./demo demo             keep everything in a folder of your own
  caseledger --set listen=127.0.0.1:8090 demo")]
pub(super) struct DemoArgs {
    /// End after the tour instead of serving the API
    #[arg(long)]
    once: bool,
    /// Play the story of this folder instead: profile.toml, access.cedar and story.toml
    #[arg(long, value_name = "DIR")]
    story: Option<PathBuf>,
}

impl DemoArgs {
    pub(super) async fn run(self, session: &Session) -> anyhow::Result<Exit> {
        let invocation = session.invocation();
        let folder = self.story.as_deref();
        if self.once {
            demo::show(session.config()?, &invocation, folder).await?;
        } else {
            // Refused here if `listen` is an address that others can reach.
            let config = session.config_with("dev_tokens=true")?;
            demo::show_and_serve(config, &invocation, folder).await?;
        }
        Ok(Exit::Done)
    }
}
