//! `caseledger config`: what can be set, and what is set.

use clap::Subcommand;
use serde::Serialize;

use super::{Exit, logging, output::OutputArgs, session::Session, show};
use crate::config::{self, Config};

/// Print what can be set, or what is set
#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Examples:
  caseledger config sample > caseledger.toml     every key with its meaning and default
  caseledger config show                         every value in force, and where it comes from
  caseledger config show --json")]
pub(super) struct ConfigCommandArgs {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    Sample(SampleArgs),
    Show(ShowArgs),
}

/// A configuration file with every key, its meaning and its default
///
/// Read as it stands it changes nothing: everything in it is commented out.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Examples:
  caseledger config sample > /etc/caseledger.toml")]
struct SampleArgs {}

/// Every value in force and where it comes from; secrets are not shown
#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Examples:
  caseledger config show
  CASELEDGER_LISTEN=127.0.0.1:9000 caseledger config show --json")]
struct ShowArgs {
    #[command(flatten)]
    output: OutputArgs,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Shape {
    key: &'static str,
    /// Absent where nothing is set, and for a secret.
    value: Option<String>,
    secret: bool,
    set: bool,
    from: String,
}

impl ConfigCommandArgs {
    pub(super) fn wants_json(&self) -> bool {
        matches!(&self.what, What::Show(args) if args.output.json)
    }

    pub(super) fn run(self, session: &Session) -> anyhow::Result<Exit> {
        logging::init_warnings();
        match self.what {
            What::Sample(SampleArgs {}) => {
                OutputArgs::default().print(&(), config::sample)?;
            }
            What::Show(ShowArgs { output }) => {
                let (args, environment) = session.given();
                let settings: Vec<Shape> = Config::effective(args, environment)?
                    .into_iter()
                    .map(|setting| Shape {
                        key: setting.key,
                        set: setting.set,
                        secret: setting.secret,
                        value: setting.value,
                        from: setting.place.to_string(),
                    })
                    .collect();
                output.print(&settings, || text(&settings))?;
            }
        }
        Ok(Exit::Done)
    }
}

fn text(settings: &[Shape]) -> String {
    let rows: Vec<_> = settings
        .iter()
        .map(|setting| {
            let value = match (&setting.value, setting.set) {
                (Some(value), _) => value.clone(),
                (None, true) => "(set, not shown)".to_owned(),
                (None, false) => "(not set)".to_owned(),
            };
            vec![setting.key.to_owned(), value, setting.from.clone()]
        })
        .collect();
    show::table(&["KEY", "VALUE", "FROM"], &rows)
}
