//! Which of the sources decides: the command line, then the environment, the file, the default.

use std::{fs, path::PathBuf};

use super::{
    ConfigArgs, ConfigError, Environment, KEYS, Key, Place,
    layers::{CONFIG_VARIABLE, Found, Layer, from_arguments, from_environment, from_file},
    value::{self, Setting},
};

/// All that was said, highest precedence first.
pub(super) struct Values {
    layers: Vec<Layer>,
    standard_data_dir: Option<String>,
}

impl Values {
    pub(super) fn gather(
        args: &ConfigArgs,
        environment: &Environment,
    ) -> Result<Self, ConfigError> {
        let mut values = Self {
            layers: vec![from_arguments(args)?, from_environment(environment)?],
            standard_data_dir: environment.standard_data_dir().ok(),
        };
        let named = match (&args.config, environment.get(CONFIG_VARIABLE)?) {
            (Some(path), _) => Some((path.clone(), Place::Flag("--config".into()))),
            (None, Some(path)) => Some((path.into(), Place::Variable(CONFIG_VARIABLE.into()))),
            (None, None) => None,
        };
        if let Some((path, place)) = named {
            values.layers.push(from_file(&path, place)?);
        } else {
            // Beside the data, if somebody has put one there.
            let data_dir: PathBuf = values.get(key_named("data_dir"))?;
            let path = data_dir.join("caseledger.toml");
            if path.is_file() {
                values.layers.push(from_file(&path, Place::Default)?);
            }
        }
        Ok(values)
    }

    /// The typed value of a key.
    pub(super) fn get<T: Setting>(&self, key: &Key) -> Result<T, ConfigError> {
        let invalid = |place: Place, problem: String| ConfigError::Invalid {
            place,
            key: key.name,
            problem,
        };
        let Some(Found { text, place }) = self.text_of(key)? else {
            return T::absent()
                .ok_or_else(|| invalid(Place::Default, "has no default and must be given".into()));
        };
        if let Some(limits) = &key.limits {
            value::within(&text, limits).map_err(|problem| invalid(place.clone(), problem))?;
        }
        if T::SECRET && text.is_empty() {
            return Err(invalid(place, "is empty".into()));
        }
        T::parse(&text).map_err(|problem| invalid(place, problem))
    }

    /// Where a key's value comes from; for a secret possibly its `_file`.
    pub(super) fn place_of(&self, name: &str) -> Place {
        let file = format!("{name}_file");
        self.layers
            .iter()
            .find_map(|layer| layer.get(name).or_else(|| layer.get(&file)))
            .map_or(Place::Default, |found| found.place.clone())
    }

    /// The value of a key as it was written, secrets included.
    pub(super) fn text_of(&self, key: &Key) -> Result<Option<Found>, ConfigError> {
        for layer in &self.layers {
            let file = key
                .secret
                .then(|| layer.get(&format!("{}_file", key.name)))
                .flatten();
            match (layer.get(key.name), file) {
                (Some(value), None) => return Ok(Some(value.clone())),
                (None, Some(file)) => return read_secret(file).map(Some),
                (Some(value), Some(file)) => {
                    return Err(ConfigError::Twice {
                        key: key.name,
                        first: value.place.clone(),
                        second: file.place.clone(),
                    });
                }
                (None, None) => {}
            }
        }
        self.default_of(key)
    }

    /// The default, with `<name>` in it replaced by the value of that key.
    fn default_of(&self, key: &Key) -> Result<Option<Found>, ConfigError> {
        let place = Place::Default;
        if key.name == "data_dir" {
            return match &self.standard_data_dir {
                Some(text) => Ok(Some(Found {
                    text: text.clone(),
                    place,
                })),
                None => Err(ConfigError::NoHome),
            };
        }
        let Some(template) = key.default else {
            return Ok(None);
        };
        let mut text = template.to_owned();
        if let Some((before, rest)) = template.split_once('<')
            && let Some((name, after)) = rest.split_once('>')
        {
            let inner = self
                .text_of(key_named(name))?
                .map_or_else(String::new, |found| found.text);
            text = format!("{before}{inner}{after}");
        }
        Ok(Some(Found { text, place }))
    }
}

fn key_named(name: &str) -> &'static Key {
    KEYS.iter()
        .find(|key| key.name == name)
        .expect("defaults and code name only keys of the list")
}

/// Reads a secret from the file that `x_file` names, without the newline that editors put at its end.
fn read_secret(file: &Found) -> Result<Found, ConfigError> {
    let mut text = fs::read_to_string(&file.text).map_err(|source| ConfigError::Unreadable {
        place: file.place.clone(),
        path: file.text.clone().into(),
        source,
    })?;
    text.truncate(text.trim_end_matches(['\n', '\r']).len());
    Ok(Found {
        text,
        place: file.place.clone(),
    })
}
