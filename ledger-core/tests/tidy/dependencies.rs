//! `server → projections → ledger-core`, never back; and the core by itself has no database and no runtime.

use toml::{Table, Value};

use super::source::{File, Finding};

/// What the core has only with one of its features.
const OPTIONAL_IN_CORE: [&str; 4] = ["sqlx", "tokio", "rusqlite", "tracing"];
/// What belongs to the service alone.
const SERVICE_ALONE: [&str; 4] = ["axum", "clap", "anyhow", "reqwest"];

/// Dependencies of a manifest that point the wrong way.
pub(crate) fn backwards(file: &File) -> Vec<Finding> {
    let manifest: Table = match file.text.parse() {
        Ok(manifest) => manifest,
        Err(error) => return vec![Finding::new(1, error.to_string())],
    };
    let package = file.path.split('/').next().unwrap_or_default();
    let forbidden: &[&str] = match package {
        "ledger-core" => &["projections", "caseledger"],
        "projections" => &["caseledger"],
        _ => &[],
    };
    let mut findings = Vec::new();
    let mut report = |name: &str, message: String| {
        let line = file.text.lines().position(|line| line.starts_with(name));
        findings.push(Finding::new(line.map_or(1, |line| line + 1), message));
    };
    for kind in ["dependencies", "dev-dependencies", "build-dependencies"] {
        for (name, dependency) in table(&manifest, kind) {
            if forbidden.contains(&name.as_str()) {
                report(
                    name,
                    format!("{package} must not know {name}: dependencies point to the core"),
                );
            }
            if package != "server"
                && kind == "dependencies"
                && SERVICE_ALONE.contains(&name.as_str())
            {
                report(
                    name,
                    format!("{name} belongs to the service, not to {package}"),
                );
            }
            let optional = dependency.get("optional").and_then(Value::as_bool) == Some(true);
            if package == "ledger-core"
                && kind == "dependencies"
                && OPTIONAL_IN_CORE.contains(&name.as_str())
                && !optional
            {
                report(
                    name,
                    format!("{name} must be optional: without its features the core is pure"),
                );
            }
        }
    }
    if package == "ledger-core" && table(&manifest, "features").any(|(name, _)| name == "default") {
        report("default", "the core has no default features".to_owned());
    }
    findings
}

fn table<'a>(manifest: &'a Table, name: &str) -> impl Iterator<Item = (&'a String, &'a Value)> {
    manifest
        .get(name)
        .and_then(Value::as_table)
        .into_iter()
        .flatten()
}

#[test]
fn it_finds_a_core_that_knows_what_is_built_on_it() {
    let sample = File::sample(
        "ledger-core/Cargo.toml",
        "[features]
default = [\"postgres\"]
[dependencies]
sqlx = { workspace = true }
tokio.workspace = true
rusqlite = { workspace = true, optional = true }
axum = \"0.8\"
[dev-dependencies]
projections.workspace = true
tokio.workspace = true
",
    );
    let mut lines: Vec<usize> = backwards(&sample)
        .iter()
        .map(|finding| finding.line)
        .collect();
    lines.sort_unstable();
    assert_eq!(lines, [2, 4, 5, 7, 9]);
    let read_models = "[dependencies]\ncaseledger = { path = \"../server\" }\n";
    assert_eq!(
        backwards(&File::sample("projections/Cargo.toml", read_models)).len(),
        1
    );
    let service = "[dependencies]\naxum = \"0.8\"\nprojections.workspace = true\n";
    assert_eq!(backwards(&File::sample("server/Cargo.toml", service)), []);
}
