//! What a command begins with: the configuration, the log, and an instance that is closed however the command ends.

use std::path::Path;

use anyhow::Context as _;

use super::{Progress, logging};
use crate::{
    config::{Config, ConfigArgs, ConfigError, Environment},
    instance::Instance,
};

/// One run of the program.
pub(super) struct Session {
    args: ConfigArgs,
    environment: Environment,
}

impl Session {
    pub(super) fn new(args: ConfigArgs, environment: Environment) -> Self {
        Self { args, environment }
    }

    /// The configuration, for a command that ends by itself.
    pub(super) fn config(&self) -> Result<Config, ConfigError> {
        let config = Config::load(&self.args, &self.environment)?;
        logging::init_quiet(&config);
        Ok(config)
    }

    /// The configuration for the service, whose log is what it has to say.
    pub(super) fn config_of_service(&self) -> Result<Config, ConfigError> {
        let config = Config::load(&self.args, &self.environment)?;
        logging::init(&config);
        Ok(config)
    }

    /// The configuration with a key set to something, as `--set` would.
    pub(super) fn config_with(&self, pair: &str) -> Result<Config, ConfigError> {
        let mut args = self.args.clone();
        args.set.push(pair.to_owned());
        let config = Config::load(&args, &self.environment)?;
        logging::init_quiet(&config);
        Ok(config)
    }

    /// What was given of the configuration.
    pub(super) const fn given(&self) -> (&ConfigArgs, &Environment) {
        (&self.args, &self.environment)
    }

    /// How this program was called, for commands that are to be typed after it.
    pub(super) fn invocation(&self) -> Invocation {
        let program = std::env::args().next();
        Invocation::new(program.as_deref().unwrap_or("caseledger"), &self.args)
    }
}

/// Opens the instance, works with it, and closes it: what was acknowledged is published, and a Postgres that this
/// process owns is stopped.
pub(super) async fn with_instance<T>(
    config: Config,
    quiet: bool,
    work: impl AsyncFnOnce(&Instance) -> anyhow::Result<T>,
) -> anyhow::Result<T> {
    let instance = {
        let _progress = Progress::begin("opening the ledger", quiet);
        Instance::open(config).await?
    };
    close_after(instance, work).await
}

/// The same for an instance that is open.
pub(super) async fn close_after<T>(
    instance: Instance,
    work: impl AsyncFnOnce(&Instance) -> anyhow::Result<T>,
) -> anyhow::Result<T> {
    let done = work(&instance).await;
    let closed = instance.close().await;
    // What went wrong first says more.
    let done = done?;
    closed.context("what was asked is done, but the ledger did not close properly")?;
    Ok(done)
}

/// A command line that can be typed to reach the same ledger.
#[derive(Debug, Clone)]
pub(crate) struct Invocation(String);

impl Invocation {
    fn new(program: &str, args: &ConfigArgs) -> Self {
        let mut words = vec![quoted(program)];
        let mut path = |flag: &str, path: Option<&Path>| {
            if let Some(path) = path {
                words.push(format!("{flag} {}", quoted(&path.to_string_lossy())));
            }
        };
        path("--config", args.config.as_deref());
        path("--data-dir", args.data_dir.as_deref());
        words.extend(
            args.set
                .iter()
                .map(|pair| format!("--set {}", quoted(pair))),
        );
        Self(words.join(" "))
    }

    /// The whole line for a command.
    pub(crate) fn line(&self, command: &str) -> String {
        format!("{} {command}", self.0)
    }
}

/// As a POSIX shell reads it back.
fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./=:,@%+".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_suggested_command_reaches_the_same_ledger() {
        let args = ConfigArgs {
            config: None,
            data_dir: Some("/srv/it's here".into()),
            set: vec!["tenant=sula".into()],
        };
        let line = Invocation::new("target/debug/caseledger", &args).line("verify");
        assert_eq!(
            line,
            r"target/debug/caseledger --data-dir '/srv/it'\''s here' --set tenant=sula verify"
        );
    }
}
