use std::{fs, path::Path};

use super::*;

/// An ordinary user's environment with these variables.
fn environment(variables: &[(&str, &str)]) -> Environment {
    let home = [("HOME", "/home/kari")];
    Environment::new(home.iter().chain(variables).copied(), false)
}

fn arguments(config: Option<&Path>, set: &[&str]) -> ConfigArgs {
    ConfigArgs {
        config: config.map(Path::to_path_buf),
        data_dir: None,
        set: set.iter().map(ToString::to_string).collect(),
    }
}

/// A folder with a configuration file.
fn file(text: &str) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().expect("folder");
    let path = folder.path().join("caseledger.toml");
    fs::write(&path, text).expect("file");
    (folder, path)
}

fn refusal(args: &ConfigArgs, variables: &[(&str, &str)]) -> String {
    Config::load(args, &environment(variables))
        .expect_err("the configuration is wrong")
        .to_string()
}

#[test]
fn nothing_set_gives_the_defaults() {
    let config = Config::load(&ConfigArgs::default(), &environment(&[])).expect("defaults");
    let home = Path::new("/home/kari/.local/share/caseledger");
    assert_eq!(config.data_dir, home);
    assert_eq!(config.key_store, home.join("keys"));
    assert_eq!(config.master_key_file, home.join("keys/master.key"));
    assert_eq!(config.listen.to_string(), "127.0.0.1:8080");
    assert_eq!(config.origin.as_str(), "caseledger.localhost/local");
    assert_eq!(config.log_format, LogFormat::Text);
    assert_eq!(config.document_bytes_max, 25 * 1024 * 1024);
    assert!(config.database_url.is_none());
    assert!(!config.dev_tokens);

    let root = Environment::new([("HOME", "/root")], true);
    let config = Config::load(&ConfigArgs::default(), &root).expect("defaults");
    assert_eq!(config.data_dir, Path::new("/var/lib/caseledger"));

    let elsewhere = environment(&[("XDG_DATA_HOME", "/srv/kari")]);
    let config = Config::load(&ConfigArgs::default(), &elsewhere).expect("defaults");
    assert_eq!(config.data_dir, Path::new("/srv/kari/caseledger"));

    let nobody = Environment::new::<&str, &str>([], false);
    let message = Config::load(&ConfigArgs::default(), &nobody)
        .expect_err("there is no home")
        .to_string();
    assert!(message.contains("CASELEDGER_DATA_DIR"), "{message}");
}

#[test]
fn the_command_line_wins_over_the_environment_and_that_over_the_file() {
    let (_folder, path) =
        file("tenant = \"from-file\"\nbatch_events_max = 1_0\nlog_level = \"debug\"\n");
    let variables = [
        ("CASELEDGER_TENANT", "from-variable"),
        ("CASELEDGER_BATCH_EVENTS_MAX", "20"),
        ("CASELEDGER_LISTEN", ""), // empty counts as not set
    ];
    let args = arguments(Some(&path), &["tenant=from-flag"]);
    let config = Config::load(&args, &environment(&variables)).expect("valid");
    assert_eq!(config.tenant.as_str(), "from-flag");
    assert_eq!(config.batch_events_max, 20);
    assert_eq!(config.log_level.as_str(), "debug");
    assert_eq!(config.origin.as_str(), "caseledger.localhost/from-flag");

    let config = Config::load(&arguments(Some(&path), &[]), &environment(&[])).expect("valid");
    assert_eq!(config.batch_events_max, 10);
}

#[test]
fn a_file_beside_the_data_is_read_and_its_paths_are_relative_to_it() {
    let (folder, _) = file("key_store = \"../vault\"\n");
    let args = ConfigArgs {
        data_dir: Some(folder.path().into()),
        ..ConfigArgs::default()
    };
    let config = Config::load(&args, &environment(&[])).expect("valid");
    assert_eq!(config.key_store, folder.path().join("../vault"));
    assert_eq!(
        config.master_key_file,
        folder.path().join("../vault/master.key")
    );
}

#[test]
fn an_unknown_key_is_an_error_that_names_its_place_and_the_nearest_known_one() {
    let (_folder, path) = file("# comment\ntenant = \"kvam\"\nlistn = \"127.0.0.1:1\"\n");
    let message = refusal(&arguments(Some(&path), &[]), &[]);
    assert_eq!(
        message,
        format!(
            "{}:3: there is no setting `listn`; the nearest known one is `listen`",
            path.display()
        )
    );
    let message = refusal(
        &ConfigArgs::default(),
        &[("CASELEDGER_DATABASE_URI", "postgres://x")],
    );
    assert_eq!(
        message,
        "environment variable CASELEDGER_DATABASE_URI: there is no setting `CASELEDGER_DATABASE_URI`; the nearest \
         known one is `CASELEDGER_DATABASE_URL`"
    );
    let message = refusal(&arguments(None, &["log-level=info"]), &[]);
    assert!(message.contains("`log_level`"), "{message}");
}

#[test]
fn a_wrong_value_names_its_place_and_what_is_expected() {
    for (text, parts) in [
        ("listen = \"8080\"", [":1: `listen`", "127.0.0.1:8080"]),
        ("listen = 8080", [":1: `listen`", "text in quotes"]),
        (
            "\nbatch_events_max = \"9\"",
            [":2: `batch_events_max`", "without quotes"],
        ),
        (
            "batch_events_max = 0",
            ["`batch_events_max`", "between 1 and 16384"],
        ),
        (
            "batch_events_max = -1",
            ["`batch_events_max`", "from 1 to 16384"],
        ),
        ("tenant = \"Kvam herad\"", ["`tenant`", "a-z"]),
        ("origin = \"https://a\"", ["`origin`", "without scheme"]),
        ("log_format = \"xml\"", ["`log_format`", "json"]),
        (
            "log_level = \"a=b=c\"",
            ["`log_level`", "warn,caseledger=debug"],
        ),
        ("operator = \"kari\"", ["`operator`", "ULID"]),
        ("[listen]\nport = 1", [":1: `listen`", "table"]),
        ("tenant = \"a\"\ntenant = \"b\"", [":2:", "duplicate"]),
    ] {
        let (_folder, path) = file(text);
        let message = refusal(&arguments(Some(&path), &[]), &[]);
        for part in parts {
            assert!(message.contains(part), "{part:?} is missing in: {message}");
        }
    }
    let message = refusal(
        &ConfigArgs::default(),
        &[("CASELEDGER_PUBLISH_INTERVAL_MS", "1s")],
    );
    assert!(
        message.starts_with(
            "environment variable CASELEDGER_PUBLISH_INTERVAL_MS: `publish_interval_ms`"
        ),
        "{message}"
    );
}

#[test]
fn a_file_that_was_named_must_be_there() {
    let message = refusal(&arguments(Some(Path::new("/nowhere/c.toml")), &[]), &[]);
    assert!(
        message.starts_with("--config: cannot read /nowhere/c.toml"),
        "{message}"
    );
    let message = refusal(
        &ConfigArgs::default(),
        &[("CASELEDGER_CONFIG", "/nowhere/c.toml")],
    );
    assert!(
        message.contains("variable CASELEDGER_CONFIG: cannot read"),
        "{message}"
    );
}

#[test]
fn a_secret_can_stand_in_a_file() {
    let (folder, path) = file("database_url_file = \"url\"\n");
    fs::write(folder.path().join("url"), "postgres://a:b@localhost/c\n").expect("file");
    let args = arguments(Some(&path), &[]);
    let config = Config::load(&args, &environment(&[])).expect("valid");
    let url = config.database_url.expect("given");
    assert_eq!(url.expose_secret(), "postgres://a:b@localhost/c");

    // What everyone expects of DATABASE_URL: it wins over the file.
    let variables = [("DATABASE_URL", "postgres://other/one")];
    let config = Config::load(&args, &environment(&variables)).expect("valid");
    let url = config.database_url.expect("given");
    assert_eq!(url.expose_secret(), "postgres://other/one");

    let (_folder, twice) = file("dev_token_secret = \"s\"\ndev_token_secret_file = \"f\"\n");
    let message = refusal(&arguments(Some(&twice), &[]), &[]);
    assert!(
        message.contains("caseledger.toml:1; remove one"),
        "{message}"
    );
}

#[test]
fn a_secret_is_never_printed() {
    let secret = "geheim-4711";
    let url = format!("postgres://a:{secret}@localhost/c");
    let config = Config::load(
        &ConfigArgs::default(),
        &environment(&[
            ("DATABASE_URL", &url),
            ("CASELEDGER_DEV_TOKEN_SECRET", secret),
        ]),
    )
    .expect("valid");
    assert!(!format!("{config:?}").contains(secret));

    let (_folder, unfinished) = file(&format!("dev_token_secret = \"{secret}\n"));
    let (_folder2, mistyped) = file(&format!("database_url = [\"{secret}\"]\n"));
    for message in [
        refusal(&arguments(Some(&unfinished), &[]), &[]),
        refusal(&arguments(Some(&mistyped), &[]), &[]),
        refusal(&ConfigArgs::default(), &[("DATABASE_URL", secret)]),
        refusal(
            &arguments(None, &[&format!("dev_token_secret={secret}")]),
            &[],
        ),
    ] {
        assert!(!message.contains(secret), "{message}");
    }
}

#[test]
fn issuers_and_proxies_are_lists() {
    let issuer = r#"
tenant = "kvam"
forwarded_for_from = ["10.0.0.1", "fd00::1"]

[[issuers]]
name = "id_porten"
issuer = "https://idporten.no"
audience = "https://kvam.example"
algorithms = ["RS256"]
subject_claim = "pid"
assurance = { "idporten-loa-high" = "high" }
"#;
    let (_folder, path) = file(issuer);
    let config = Config::load(&arguments(Some(&path), &[]), &environment(&[])).expect("valid");
    assert_eq!(config.issuers[0].name.as_str(), "id_porten");
    assert_eq!(config.forwarded_for_from.len(), 2);
    assert_eq!(config.tenant_name, "kvam");

    // Both can come from the environment too: containers have no file.
    let json = r#"[{"name": "machines", "issuer": "https://maskinporten.no", "audience": "a", "algorithms": ["RS256"],
        "machine": true, "client_id_claim": "/consumer/ID", "assurance_fixed": "high"}]"#;
    let variables = [
        ("CASELEDGER_ISSUERS", json),
        ("CASELEDGER_FORWARDED_FOR_FROM", "10.0.0.1, 10.0.0.2"),
    ];
    let config = Config::load(&ConfigArgs::default(), &environment(&variables)).expect("valid");
    assert!(config.issuers[0].machine);
    assert_eq!(config.forwarded_for_from.len(), 2);

    for (text, parts) in [
        (
            issuer.replace("\"RS256\"", "\"HS256\""),
            [":5: `issuers`", "[1] `algorithms`"],
        ),
        (
            issuer.replace("https://idporten.no", "http://idporten.no"),
            ["[1] `issuer`", "https"],
        ),
        (
            issuer.replace("subject_claim", "subjet_claim"),
            ["[1]: unknown field", "subject_claim"],
        ),
        (
            issuer.replace("\"fd00::1\"", "1"),
            [":3: `forwarded_for_from`", "texts in quotes"],
        ),
        (
            issuer.replace("fd00::1", "proxy"),
            [":3: `forwarded_for_from`", "\"proxy\""],
        ),
        ("issuers = 1".into(), [":1: `issuers`", "list of tables"]),
    ] {
        let (_folder, path) = file(&text);
        let message = refusal(&arguments(Some(&path), &[]), &[]);
        for part in parts {
            assert!(message.contains(part), "{part:?} is missing in: {message}");
        }
    }
}

#[test]
fn development_tokens_are_refused_where_others_could_ask_for_one() {
    let exposed = ["dev_tokens=true", "listen=0.0.0.0:8080"];
    let message = refusal(&arguments(None, &exposed), &[]);
    assert!(message.starts_with("--set dev_tokens:"), "{message}");
    let local = ["dev_tokens=true", "listen=[::1]:8080"];
    let config = Config::load(&arguments(None, &local), &environment(&[])).expect("valid");
    assert!(config.dev_tokens);
}

#[test]
fn the_sample_shows_every_key_and_changes_nothing() {
    let text = sample();
    let (_folder, path) = file(&text);
    let args = arguments(Some(&path), &[]);
    let root = Environment::new::<&str, &str>([], true);
    let untouched = Config::load(&ConfigArgs::default(), &root).expect("defaults");
    let read = Config::load(&args, &root).expect("the sample is valid");
    assert_eq!(format!("{read:?}"), format!("{untouched:?}"));

    // Taken out of their comments, the shown defaults are the real ones.
    let uncommented: String = text
        .lines()
        .filter(|line| !line.contains("# not set"))
        .map(|line| match line.strip_prefix('#') {
            Some(rest)
                if KEYS
                    .iter()
                    .any(|key| rest.starts_with(&format!("{} = ", key.name))) =>
            {
                format!("{rest}\n")
            }
            _ => format!("{line}\n"),
        })
        .collect();
    let (_folder, path) = file(
        &uncommented
            .replace("<data_dir>", "/var/lib/caseledger")
            .replace("<key_store>", "/var/lib/caseledger/keys")
            .replace("<tenant>", "local"),
    );
    let read = Config::load(&arguments(Some(&path), &[]), &root).expect("the sample is valid");
    assert_eq!(format!("{read:?}"), format!("{untouched:?}"));
    for key in KEYS {
        assert!(text.contains(&format!("#{} = ", key.name)), "{}", key.name);
    }
}
