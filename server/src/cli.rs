//! The command line. One command a file in the folder beside this one; the list below is all of them.
//!
//! Here belongs what every command shares: reading the arguments, the exit code, and how an error is told. What a
//! command *means* belongs to the ledger.

mod acting;
mod appoint;
mod archive;
mod audit;
mod config;
mod demo;
mod erase;
mod exit;
mod export;
mod failure;
mod import;
mod logging;
mod migrate;
mod monitor;
mod output;
mod parts;
mod profile;
mod progress;
mod rebuild;
mod receipt;
mod recover;
mod rotate_key;
mod serve;
mod session;
pub(crate) mod show;
mod timeline;
mod verify;

use std::process::ExitCode;

use clap::{CommandFactory as _, Parser, Subcommand};

pub use self::exit::{EXITS, Exit};
pub(crate) use self::{
    erase::{backups_end, erased_text},
    failure::{Failure, message_of},
    output::terminal_styles,
    parts::{curl_examples, serve_until, verify_bundle, write_bundle},
    progress::Progress,
    serve::{listen, stop_signal},
    session::Invocation,
    verify::check_ledger,
};

use crate::config::{ConfigArgs, Environment};
use session::Session;

/// A ledger for casework: everything that is done to a case, and everything that anyone sees of it, is an event that
/// can be proved, explained and, in the end, erased.
#[derive(Debug, Parser)]
#[command(name = "caseledger", version, after_long_help = root_help())]
pub struct Cli {
    #[command(flatten)]
    config: ConfigArgs,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Serve(serve::ServeArgs),
    Demo(demo::DemoArgs),
    Migrate(migrate::MigrateArgs),
    Appoint(appoint::AppointArgs),
    Verify(verify::VerifyArgs),
    Audit(audit::AuditArgs),
    Timeline(timeline::TimelineArgs),
    Receipt(receipt::ReceiptArgs),
    Import(import::ImportArgs),
    Monitor(monitor::MonitorArgs),
    Export(export::ExportArgs),
    Archive(archive::ArchiveArgs),
    Erase(erase::EraseArgs),
    Rebuild(rebuild::RebuildArgs),
    Recover(recover::RecoverArgs),
    RotateKey(rotate_key::RotateKeyArgs),
    Profile(profile::ProfileArgs),
    Config(config::ConfigCommandArgs),
}

impl Command {
    /// Whether errors too are to be told in JSON.
    fn wants_json(&self) -> bool {
        match self {
            Self::Serve(_) | Self::Demo(_) => false,
            Self::Migrate(args) => args.output.json,
            Self::Appoint(args) => args.output.json,
            Self::Verify(args) => args.output.json,
            Self::Audit(args) => args.wants_json(),
            Self::Timeline(args) => args.output.json,
            Self::Receipt(args) => args.output.json,
            Self::Import(args) => args.wants_json(),
            Self::Monitor(args) => args.output.json,
            Self::Export(args) => args.output.json,
            Self::Archive(args) => args.output.json,
            Self::Erase(args) => args.output.json,
            Self::Rebuild(args) => args.output.json,
            Self::Recover(args) => args.output.json,
            Self::RotateKey(args) => args.output.json,
            Self::Profile(args) => args.wants_json(),
            Self::Config(args) => args.wants_json(),
        }
    }

    async fn run(self, session: &Session) -> anyhow::Result<Exit> {
        match self {
            Self::Serve(args) => args.run(session).await,
            Self::Demo(args) => args.run(session).await,
            Self::Migrate(args) => args.run(session).await,
            Self::Appoint(args) => args.run(session).await,
            Self::Verify(args) => args.run(session).await,
            Self::Audit(args) => args.run(session).await,
            Self::Timeline(args) => args.run(session).await,
            Self::Receipt(args) => args.run(session).await,
            Self::Import(args) => args.run(session).await,
            Self::Monitor(args) => args.run().await,
            Self::Export(args) => args.run(session).await,
            Self::Archive(args) => args.run(session).await,
            Self::Erase(args) => args.run(session).await,
            Self::Rebuild(args) => args.run(session).await,
            Self::Recover(args) => args.run(session).await,
            Self::RotateKey(args) => args.run(session).await,
            Self::Profile(args) => args.run(),
            Self::Config(args) => args.run(session),
        }
    }
}

/// Reads the arguments, does what they ask, and says by the exit code how it ended.
pub fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            // Nothing can be done about a terminal that does not take the message.
            let _ = error.print();
            let exit = if error.use_stderr() {
                Exit::Usage
            } else {
                Exit::Done
            };
            return exit.into();
        }
    };
    let json = cli.command.wants_json();
    let session = Session::new(cli.config, Environment::of_process());
    let done = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(anyhow::Error::from)
        .and_then(|runtime| runtime.block_on(cli.command.run(&session)));
    match done {
        Ok(exit) => exit.into(),
        Err(error) => failure::report(&error, json).into(),
    }
}

/// The command line as clap knows it, for documents and tests.
pub fn command() -> clap::Command {
    Cli::command()
}

fn root_help() -> String {
    format!(
        "\
Examples:
  caseledger demo                       play an invented story, show what the ledger makes of it, serve it
  caseledger serve                      the service, with a Postgres of its own in the data directory
  caseledger verify                     check the whole ledger from its first event
  caseledger help audit                 everything about one command

Where the settings come from: the command line, then the environment (CASELEDGER_DATA_DIR, CASELEDGER_LISTEN, …,
DATABASE_URL), then one TOML file. `caseledger config sample` prints them all.

{}",
        exit::table()
    )
}
