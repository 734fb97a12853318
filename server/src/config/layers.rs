//! What each source says by itself: the command line, the environment, a file. Unknown names are refused here.

use std::{collections::BTreeMap, fs, path::Path};

use toml::de::{DeTable, DeValue};

use super::{ConfigArgs, ConfigError, Environment, KEYS, Key, Place, value::Form};

/// A value as it was written, and where. Not printable, because it may be a secret.
#[derive(Clone)]
pub(super) struct Found {
    pub(super) text: String,
    pub(super) place: Place,
}

/// Everything that one source says, by key; `x_file` stands beside its secret `x`.
pub(super) type Layer = BTreeMap<String, Found>;

const PREFIX: &str = "CASELEDGER_";
/// Names the file, as `--config` does.
pub(super) const CONFIG_VARIABLE: &str = "CASELEDGER_CONFIG";

/// The environment variable of a key.
pub(super) fn variable_of(name: &str) -> String {
    format!("{PREFIX}{}", name.to_ascii_uppercase())
}

/// The key that a name in a source means: itself, or the secret whose `_file` it is.
fn recognise(name: &str) -> Option<(&'static Key, Form)> {
    KEYS.iter().find_map(|key| {
        if key.name == name {
            Some((key, key.form))
        } else if key.secret && name.strip_suffix("_file") == Some(key.name) {
            Some((key, Form::Path))
        } else {
            None
        }
    })
}

fn known_names() -> impl Iterator<Item = String> {
    KEYS.iter().flat_map(|key| {
        let file = key.secret.then(|| format!("{}_file", key.name));
        std::iter::once(key.name.to_owned()).chain(file)
    })
}

fn nearest(name: &str) -> String {
    known_names()
        .min_by_key(|known| strsim::damerau_levenshtein(known, name))
        .expect("the list of keys is not empty")
}

pub(super) fn from_arguments(args: &ConfigArgs) -> Result<Layer, ConfigError> {
    let mut layer = Layer::new();
    if let Some(directory) = &args.data_dir {
        let place = Place::Flag("--data-dir".into());
        let text = directory.to_str().ok_or_else(|| ConfigError::Invalid {
            place: place.clone(),
            key: "data_dir",
            problem: "is not UTF-8 text".into(),
        })?;
        layer.insert(
            "data_dir".into(),
            Found {
                text: text.into(),
                place,
            },
        );
    }
    for pair in &args.set {
        let Some((name, text)) = pair.split_once('=') else {
            return Err(ConfigError::NotAPair {
                given: pair.clone(),
            });
        };
        let name = name.trim();
        let place = Place::Flag(format!("--set {name}"));
        match recognise(name) {
            None => {
                return Err(ConfigError::Unknown {
                    place,
                    given: name.into(),
                    nearest: nearest(name),
                });
            }
            Some((key, _)) if key.secret && key.name == name => {
                return Err(ConfigError::SecretOnCommandLine {
                    key: key.name,
                    variable: variable_of(key.name),
                });
            }
            Some(_) => layer.insert(
                name.into(),
                Found {
                    text: text.into(),
                    place,
                },
            ),
        };
    }
    Ok(layer)
}

pub(super) fn from_environment(environment: &Environment) -> Result<Layer, ConfigError> {
    let mut layer = Layer::new();
    // The name everyone knows; the one of our own wins.
    if let Some(url) = environment.get("DATABASE_URL")? {
        layer.insert(
            "database_url".into(),
            Found {
                text: url.into(),
                place: Place::Variable("DATABASE_URL".into()),
            },
        );
    }
    for name in environment.names() {
        let Some(key_name) = name.strip_prefix(PREFIX) else {
            continue;
        };
        if name == CONFIG_VARIABLE {
            continue;
        }
        let key_name = key_name.to_ascii_lowercase();
        let place = Place::Variable(name.into());
        if recognise(&key_name).is_none() || name != variable_of(&key_name) {
            return Err(ConfigError::Unknown {
                place,
                given: name.into(),
                nearest: variable_of(&nearest(&key_name)),
            });
        }
        if let Some(text) = environment.get(name)? {
            layer.insert(
                key_name,
                Found {
                    text: text.into(),
                    place,
                },
            );
        }
    }
    Ok(layer)
}

pub(super) fn from_file(path: &Path, wanted_by: Place) -> Result<Layer, ConfigError> {
    let source = fs::read_to_string(path).map_err(|source| ConfigError::Unreadable {
        place: wanted_by,
        path: path.into(),
        source,
    })?;
    let place_at = |offset: usize| Place::File {
        path: path.into(),
        line: 1 + source
            .bytes()
            .take(offset)
            .filter(|byte| *byte == b'\n')
            .count(),
    };
    // The parser's own rendering quotes the line, which may hold a secret; its message does not.
    let table = DeTable::parse(&source).map_err(|error| ConfigError::Syntax {
        place: place_at(error.span().map_or(0, |span| span.start)),
        problem: error.message().to_owned(),
    })?;
    let folder = path.parent().unwrap_or(Path::new(""));
    let mut layer = Layer::new();
    for (name, value) in table.get_ref() {
        let place = place_at(name.span().start);
        let name = name.get_ref().as_ref();
        let Some((key, form)) = recognise(name) else {
            return Err(ConfigError::Unknown {
                place,
                given: name.into(),
                nearest: nearest(name),
            });
        };
        let text = match (form, value.get_ref()) {
            (Form::Text, DeValue::String(text)) => text.clone().into_owned(),
            // Beside the file, wherever the service was started from.
            (Form::Path, DeValue::String(text)) => folder
                .join(text.as_ref())
                .to_str()
                .map(str::to_owned)
                .ok_or_else(|| ConfigError::Invalid {
                    place: place.clone(),
                    key: key.name,
                    problem: "lies in a folder whose name is not UTF-8 text".into(),
                })?,
            (Form::Truth, DeValue::Boolean(truth)) => truth.to_string(),
            (Form::Number, DeValue::Integer(number)) => {
                match i128::from_str_radix(number.as_str(), number.radix()) {
                    Ok(number) => number.to_string(),
                    Err(_) => number.as_str().to_owned(),
                }
            }
            (Form::List, DeValue::Array(items)) => {
                let texts = items.iter().map(|item| item.get_ref().as_str());
                let texts: Option<Vec<&str>> = texts.collect();
                texts
                    .map(|texts| texts.join(","))
                    .ok_or_else(|| ConfigError::Invalid {
                        place: place.clone(),
                        key: key.name,
                        problem: format!("must be {}", form.expectation()),
                    })?
            }
            (Form::Tables, DeValue::Array(_)) => {
                // The same text once more, because what was parsed with its places cannot be written as JSON.
                let whole: toml::Table = toml::from_str(&source).unwrap_or_default();
                serde_json::to_string(&whole.get(name)).unwrap_or_default()
            }
            (_, other) => {
                return Err(ConfigError::Invalid {
                    place,
                    key: key.name,
                    problem: format!(
                        "must be {}, but is of the type {}",
                        form.expectation(),
                        other.type_str()
                    ),
                });
            }
        };
        layer.insert(name.into(), Found { text, place });
    }
    Ok(layer)
}
