//! What can be set, and where a setting comes from: command line, environment, one TOML file, default.
//!
//! A new setting is one entry in the list below; its environment variable, its place in the sample file and, for a
//! secret, its `_file` follow from it. What a setting *does* does not belong here.

mod effective;
mod environment;
mod error;
mod issuers;
mod layers;
mod sample;
mod smtp;
#[cfg(test)]
mod tests;
mod value;
mod values;

use std::{
    net::{IpAddr, SocketAddr},
    ops::RangeInclusive,
    path::PathBuf,
};

use ledger_core::ids::{AccountId, TenantId};
use secrecy::{ExposeSecret, SecretString};

pub use effective::Effective;
pub use environment::Environment;
pub use error::{ConfigError, Place};
pub use issuers::IssuerSettings;
pub(crate) use issuers::is_protected;
pub use sample::sample;
pub use smtp::SmtpUrl;
pub use value::{LogFormat, LogLevel, Origin};

use value::{Form, Setting};
use values::Values;

/// What is known about a key without its value.
struct Key {
    name: &'static str,
    /// Its description, one line of text a line.
    doc: &'static str,
    form: Form,
    secret: bool,
    /// As text; `<name>` in it stands for the value of another key.
    default: Option<&'static str>,
    limits: Option<RangeInclusive<u64>>,
}

/// Declares the settings once: the documented field, its type, its default and, for numbers, its limits.
macro_rules! settings {
    ($($(#[doc = $doc:literal])+ $name:ident: $type:ty = $default:expr $(, $limits:expr)?;)+) => {
        /// Everything that can be set, read and checked. Secrets are redacted when printed.
        #[derive(Debug, Clone)]
        pub struct Config {
            $($(#[doc = $doc])+ pub $name: $type,)+
        }

        const KEYS: &[Key] = &[$(Key {
            name: stringify!($name),
            doc: concat!($($doc, "\n"),+),
            form: <$type as Setting>::FORM,
            secret: <$type as Setting>::SECRET,
            default: $default,
            limits: settings!(@limits $($limits)?),
        }),+];

        impl Config {
            fn read(values: &Values) -> Result<Self, ConfigError> {
                let mut keys = KEYS.iter();
                Ok(Self {$(
                    $name: values.get(keys.next().expect("there is one key for each field"))?,
                )+})
            }
        }
    };
    (@limits) => { None };
    (@limits $limits:expr) => { Some($limits) };
}

settings! {
    /// Folder of everything that the service keeps: its Postgres, its keys, its documents.
    /// As root /var/lib/caseledger, otherwise $XDG_DATA_HOME/caseledger or ~/.local/share/caseledger.
    data_dir: PathBuf = Some("/var/lib/caseledger");

    /// Address and port that the service listens on.
    listen: SocketAddr = Some("127.0.0.1:8080");

    /// The database, as a postgres:// URL. Without it the service runs a Postgres of its own in `data_dir`.
    /// The variable DATABASE_URL is read too.
    database_url: Option<SecretString> = None;

    /// Folder of the key store. Back it up apart from the database: who has both can read everything,
    /// and without it nothing can be read.
    key_store: PathBuf = Some("<data_dir>/keys");

    /// File with the key that wraps all others; made on the first start.
    master_key_file: PathBuf = Some("<key_store>/master.key");

    /// Folder of PostgreSQL's server programs. Without it they are looked for on PATH, then in
    /// /usr/lib/postgresql/*/bin.
    postgres_bin_dir: Option<PathBuf> = None;

    /// Short name of the tenant whose ledger this is: 1 to 32 of a-z, 0-9 and '-'.
    tenant: TenantId = Some("local");

    /// What the tenant is called where people choose theirs before they sign in.
    tenant_name: String = Some("<tenant>");

    /// Name under which the ledger signs its tree heads: a URL without scheme that is the tenant's own.
    /// It cannot be changed once heads have been published.
    origin: Origin = Some("caseledger.localhost/<tenant>");

    /// Let anyone watch the log, at /tlog/<tenant>/ (docs/how-to/watch-a-ledger.md): it shows how many events there are
    /// and when they come, and nothing of any of them. If not, heads and proofs are given to whoever has signed in.
    public_log: bool = Some("true");

    /// How the service writes its own log: text or json.
    log_format: LogFormat = Some("text");

    /// How much it writes: error, warn, info, debug or trace, also by module: warn,caseledger=debug.
    log_level: LogLevel = Some("info");

    /// How often a new tree head is signed and published, in milliseconds. Receipts wait for it.
    publish_interval_ms: u64 = Some("250"), 10..=60_000;

    /// Events that one transaction appends at most.
    batch_events_max: usize = Some("1024"), 1..=16_384;

    /// Size of a request's body at most, in bytes, uploads of documents apart.
    request_body_bytes_max: usize = Some("1048576"), 1_024..=104_857_600;

    /// Size of one document at most, in bytes.
    document_bytes_max: usize = Some("26214400"), 1..=268_435_456;

    /// Requests that one account may make in a second; more are answered with 429.
    requests_per_second_max: u32 = Some("200"), 1..=1_000_000;

    /// Requests that may come from one address in a second, whoever makes them. A whole office may share one.
    address_requests_per_second_max: u32 = Some("1000"), 1..=1_000_000;

    /// Tokens from one address that may turn out invalid in a minute; then none from there is looked at for a while.
    failed_sign_ins_per_minute_max: u32 = Some("120"), 1..=1_000_000;

    /// Addresses of proxies whose `X-Forwarded-For` is believed: its last entry is then the client's address.
    /// In the environment and on the command line with commas between them.
    forwarded_for_from: Vec<IpAddr> = Some("");

    /// Content leaves within this time of the view that allows it, in milliseconds, or the view is decided anew.
    release_within_ms: u64 = Some("5000"), 100..=60_000;

    /// How often a long download or stream checks that it is still allowed, in milliseconds.
    recheck_interval_ms: u64 = Some("2000"), 100..=60_000;

    /// How long a stopping service waits for the requests that it has begun to answer, in milliseconds.
    shutdown_grace_ms: u64 = Some("10000"), 0..=600_000;

    /// The mail server: smtps://USER:PASSWORD@HOST, or smtp://USER:PASSWORD@HOST with STARTTLS. Without TLS only on a
    /// loopback address. Without it no mail is sent.
    smtp_url: Option<SmtpUrl> = None;

    /// Whom mail comes from, such as "The municipality <ledger@town.example>". Needed with `smtp_url`.
    smtp_from: Option<String> = None;

    /// Account that the service sends messages as, and that every address which it opens is recorded for: an
    /// administrator activates it and gives it the role that the rules let open addresses. Without it no mail is sent.
    notifier: Option<AccountId> = None;

    /// Where people sign in: the address that messages name.
    sign_in_url: Option<String> = None;

    /// How often it is looked whether something new waits for somebody, in milliseconds.
    notification_interval_ms: u64 = Some("1000"), 10..=600_000;

    /// The pause before a message is tried again, in milliseconds; it doubles each time, up to six hours.
    notification_retry_first_ms: u64 = Some("30000"), 10..=3_600_000;

    /// How often a message is tried before it is a dead letter.
    notification_attempts_max: u32 = Some("12"), 1..=100;

    /// Let webhooks reach private and loopback addresses. An administrator could then reach programs of this network.
    webhooks_to_private_addresses: bool = Some("false");

    /// Account that audit commands of the command line act as, and that their views are recorded for.
    operator: Option<AccountId> = None;

    /// Issue tokens to anyone who asks, for development. Refused unless `listen` is a loopback address.
    dev_tokens: bool = Some("false");

    /// Secret that development tokens are signed with. Without it each start makes a new one.
    dev_token_secret: Option<SecretString> = None;

    /// Whose tokens are taken (docs/how-to/sign-in.md). One table each, at the end of the file, such as:
    ///
    /// ```toml
    ///   [[issuers]]
    ///   name = "id_porten"                 # in the ledger; accounts follow from it, so it never changes
    ///   issuer = "https://idporten.no"     # `iss`, exactly
    ///   audience = "https://ledger.solvik.example"
    ///   algorithms = ["RS256"]             # RS256, PS256, ES256, EdDSA, …; nothing with a shared secret
    ///   subject_claim = "pid"              # default sub; a name, or a JSON pointer such as /person/id
    ///   assurance_claim = "acr"            # default acr
    ///   assurance = { "idporten-loa-high" = "high", "idporten-loa-substantial" = "substantial" }
    ///   #jwks_uri = "https://…"            # default: what the issuer's discovery document says
    ///   #tenant_claim = "…"                # a claim whose value must be `tenant`
    ///   #machine = true                    # for integrations: `client_id_claim` (default client_id) signs in,
    ///   #assurance_fixed = "high"          # and this is how surely it is taken to be known
    /// ```
    ///
    /// In the environment and on the command line as a list in JSON.
    issuers: Vec<IssuerSettings> = Some("[]");
}

/// The part of the command line that every command shares.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct ConfigArgs {
    /// Configuration file [default: caseledger.toml in the data directory, if it is there]
    #[arg(long, value_name = "PATH", global = true)]
    pub config: Option<PathBuf>,

    /// Folder of everything that the service keeps
    #[arg(long, value_name = "PATH", global = true)]
    pub data_dir: Option<PathBuf>,

    /// Set any key of the configuration file, except secrets
    #[arg(long, value_name = "KEY=VALUE", global = true)]
    pub set: Vec<String>,
}

impl Config {
    /// Reads and checks the configuration. Precedence: command line, environment, file, default.
    pub fn load(args: &ConfigArgs, environment: &Environment) -> Result<Self, ConfigError> {
        let values = Values::gather(args, environment)?;
        let config = Self::read(&values)?;
        config.check(&values)?;
        Ok(config)
    }

    /// What can be wrong although each value is right for itself.
    fn check(&self, values: &Values) -> Result<(), ConfigError> {
        if self.dev_tokens && !self.listen.ip().is_loopback() {
            return Err(ConfigError::DevTokensExposed {
                place: values.place_of("dev_tokens"),
                listen: self.listen,
            });
        }
        if let Some(from) = &self.smtp_from
            && from.parse::<lettre::message::Mailbox>().is_err()
        {
            return Err(ConfigError::Invalid {
                place: values.place_of("smtp_from"),
                key: "smtp_from",
                problem:
                    "is not a sender; expected ledger@town.example, or Town <ledger@town.example>"
                        .into(),
            });
        }
        if let Some(url) = &self.sign_in_url
            && !reqwest::Url::parse(url).is_ok_and(|url| is_protected(&url))
        {
            return Err(ConfigError::Invalid {
                place: values.place_of("sign_in_url"),
                key: "sign_in_url",
                problem: format!("is {url:?}; expected an https URL"),
            });
        }
        if self.smtp_url.is_some() && self.smtp_from.is_none() {
            return Err(ConfigError::Invalid {
                place: values.place_of("smtp_url"),
                key: "smtp_url",
                problem: "names a mail server, but `smtp_from` does not say whom mail comes from"
                    .into(),
            });
        }
        if let Some(url) = &self.database_url {
            let url = url.expose_secret();
            // Neither the URL nor the parser's message, which may repeat parts of it, is shown.
            if !(url.starts_with("postgres://") || url.starts_with("postgresql://"))
                || url.parse::<sqlx::postgres::PgConnectOptions>().is_err()
            {
                return Err(ConfigError::Invalid {
                    place: values.place_of("database_url"),
                    key: "database_url",
                    problem: "is not a database URL; expected postgres://USER:PASSWORD@HOST:PORT/DATABASE"
                        .into(),
                });
            }
        }
        Ok(())
    }
}
