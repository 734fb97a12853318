//! How the text of a setting becomes a typed value.

use std::{
    net::{IpAddr, SocketAddr},
    ops::RangeInclusive,
    path::PathBuf,
};

use ledger_core::ids::{AccountId, TenantId};
use secrecy::SecretString;

/// How a value is written in TOML.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    Text,
    /// Text; in the file relative to the file's folder.
    Path,
    Number,
    Truth,
    /// A list of texts; as text with commas between them.
    List,
    /// A list of tables; as text in JSON.
    Tables,
}

impl Form {
    /// What is expected, for messages.
    pub(super) fn expectation(self) -> &'static str {
        match self {
            Self::Text => "text in quotes",
            Self::Path => "a path in quotes",
            Self::Number => "a whole number without quotes",
            Self::Truth => "true or false, without quotes",
            Self::List => "a list of texts in quotes, in square brackets",
            Self::Tables => "a list of tables, each below a line [[KEY]]",
        }
    }
}

/// A type that a setting can have.
pub(super) trait Setting: Sized {
    const FORM: Form = Form::Text;
    /// Never printed, and can be read from a file.
    const SECRET: bool = false;

    /// Reads the value; the error completes the sentence "`key` …" and does not repeat a secret.
    fn parse(text: &str) -> Result<Self, String>;

    /// The value when nothing is given and there is no default.
    fn absent() -> Option<Self> {
        None
    }
}

impl<T: Setting> Setting for Option<T> {
    const FORM: Form = T::FORM;
    const SECRET: bool = T::SECRET;

    fn parse(text: &str) -> Result<Self, String> {
        T::parse(text).map(Some)
    }

    fn absent() -> Option<Self> {
        Some(None)
    }
}

impl Setting for String {
    fn parse(text: &str) -> Result<Self, String> {
        Ok(text.to_owned())
    }
}

impl Setting for SecretString {
    const SECRET: bool = true;

    fn parse(text: &str) -> Result<Self, String> {
        Ok(Self::from(text))
    }
}

impl Setting for PathBuf {
    const FORM: Form = Form::Path;

    fn parse(text: &str) -> Result<Self, String> {
        Ok(Self::from(text))
    }
}

impl Setting for bool {
    const FORM: Form = Form::Truth;

    fn parse(text: &str) -> Result<Self, String> {
        text.parse()
            .map_err(|_| format!("is {text:?}; expected true or false"))
    }
}

macro_rules! numbers {
    ($($type:ty),*) => {$(
        impl Setting for $type {
            const FORM: Form = Form::Number;

            fn parse(text: &str) -> Result<Self, String> {
                text.parse().map_err(|_| format!("is {text:?}; expected a whole number"))
            }
        }
    )*};
}

numbers!(u32, u64, usize);

impl Setting for SocketAddr {
    fn parse(text: &str) -> Result<Self, String> {
        text.parse().map_err(|_| {
            format!(
                "is {text:?}; expected an address and a port, such as 127.0.0.1:8080 or [::1]:8080"
            )
        })
    }
}

/// Addresses of machines, of either family.
impl Setting for Vec<IpAddr> {
    const FORM: Form = Form::List;

    fn parse(text: &str) -> Result<Self, String> {
        let items = text
            .split(',')
            .map(str::trim)
            .filter(|item| !item.is_empty());
        items
            .map(|item| {
                item.parse().map_err(|_| {
                    format!(
                        "has {item:?}; expected addresses without port, such as 10.0.0.1 or fd00::1"
                    )
                })
            })
            .collect()
    }
}

impl Setting for TenantId {
    fn parse(text: &str) -> Result<Self, String> {
        text.parse().map_err(|error| format!("is wrong: {error}"))
    }
}

impl Setting for AccountId {
    fn parse(text: &str) -> Result<Self, String> {
        text.parse().map_err(|error| format!("is wrong: {error}"))
    }
}

/// How the service writes its own log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    /// Lines for people.
    Text,
    /// One JSON object a line, for machines.
    Json,
}

impl Setting for LogFormat {
    fn parse(text: &str) -> Result<Self, String> {
        match text {
            "text" => Ok(Self::Text),
            "json" => Ok(Self::Json),
            _ => Err(format!("is {text:?}; expected text or json")),
        }
    }
}

/// A directive of tracing-subscriber's filter, known to be well-formed: `info`, or `warn,caseledger=debug`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogLevel(String);

impl LogLevel {
    /// The directive.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Setting for LogLevel {
    fn parse(text: &str) -> Result<Self, String> {
        match tracing_subscriber::EnvFilter::try_new(text) {
            Ok(_) => Ok(Self(text.to_owned())),
            Err(error) => Err(format!(
                "is {text:?} ({error}); expected error, warn, info, debug or trace, or such as warn,caseledger=debug"
            )),
        }
    }
}

/// The name under which a ledger signs its tree heads (the origin line of a C2SP checkpoint): a URL without scheme.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin(String);

impl Origin {
    /// The origin line.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Setting for Origin {
    fn parse(text: &str) -> Result<Self, String> {
        // C2SP signed-note: a key name is non-empty, without Unicode spaces and plus signs.
        let shaped = !text.is_empty()
            && text.len() <= 255
            && !text.contains("://")
            && !text
                .chars()
                .any(|c| c.is_whitespace() || c.is_control() || c == '+');
        if shaped {
            Ok(Self(text.to_owned()))
        } else {
            Err(format!(
                "is {text:?}; expected a URL without scheme, spaces and plus signs, such as ledger.example.org/solvik"
            ))
        }
    }
}

/// Checks a number against its limits.
pub(super) fn within(text: &str, limits: &RangeInclusive<u64>) -> Result<(), String> {
    match text.parse::<u64>() {
        Ok(number) if limits.contains(&number) => Ok(()),
        Ok(number) => Err(format!(
            "is {number}; it must lie between {} and {}",
            limits.start(),
            limits.end()
        )),
        Err(_) => Err(format!(
            "is {text:?}; expected a whole number from {} to {}",
            limits.start(),
            limits.end()
        )),
    }
}
