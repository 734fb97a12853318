//! What is in force, key by key, and where each value comes from.

use super::{Config, ConfigArgs, ConfigError, Environment, KEYS, Place, values::Values};

/// One key with the value in force.
#[derive(Debug, Clone)]
pub struct Effective {
    /// The key.
    pub key: &'static str,
    /// Its value as text; nothing where none is set, and for a secret.
    pub value: Option<String>,
    /// Whether it is a secret.
    pub secret: bool,
    /// Whether it has a value.
    pub set: bool,
    /// Where the value was given.
    pub place: Place,
}

impl Config {
    /// Every key with the value in force, in the order of the sample. Checks the configuration as [`Config::load`]
    /// does.
    pub fn effective(
        args: &ConfigArgs,
        environment: &Environment,
    ) -> Result<Vec<Effective>, ConfigError> {
        let values = Values::gather(args, environment)?;
        Self::read(&values)?.check(&values)?;
        let mut effective = Vec::new();
        for key in KEYS {
            let text = values.text_of(key)?.map(|found| found.text);
            effective.push(Effective {
                key: key.name,
                set: text.is_some(),
                secret: key.secret,
                value: text.filter(|_| !key.secret),
                place: values.place_of(key.name),
            });
        }
        Ok(effective)
    }
}
