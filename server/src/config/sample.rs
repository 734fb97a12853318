//! The configuration file that changes nothing: every key with its meaning and default, commented out.

use super::{Form, KEYS, Key, layers};

const HEADING: &str = "\
# Configuration of Caseledger.
#
# Every key can also be given as an environment variable, shown in brackets, or on the command line
# (--set KEY=VALUE), except secrets. The command line wins over the environment, the environment over
# this file. Relative paths are relative to this file. Unknown keys are errors.";

/// A commented `caseledger.toml` with every key. Reading it as it stands changes nothing.
pub fn sample() -> String {
    let mut lines = vec![HEADING.to_owned()];
    for key in KEYS {
        lines.push(String::new());
        // The fences around an example are for the pages that rustdoc makes.
        let doc = key.doc.lines().filter(|line| !line.starts_with(" ```"));
        lines.extend(doc.map(|line| format!("#{}", line.trim_end())));
        if key.secret {
            lines.push(format!(
                "# Secret: `{}_file` names a file that holds it instead.",
                key.name
            ));
        }
        if let Some(limits) = &key.limits {
            lines.push(format!("# From {} to {}.", limits.start(), limits.end()));
        }
        lines.push(format!("# [{}]", layers::variable_of(key.name)));
        lines.push(format!("#{} = {}", key.name, shown_default(key)));
    }
    lines.push(String::new());
    lines.join("\n")
}

fn shown_default(key: &Key) -> String {
    match (key.default, key.form) {
        (None, Form::Text | Form::Path) => "\"\"  # not set".into(),
        (None, Form::Number | Form::Truth | Form::List | Form::Tables) => "# not set".into(),
        (Some(default), Form::Text | Form::Path) => format!("\"{default}\""),
        (Some(default), Form::Number | Form::Truth | Form::Tables) => default.into(),
        (Some(default), Form::List) => {
            let items = default.split(',').filter(|item| !item.is_empty());
            let quoted: Vec<String> = items.map(|item| format!("\"{item}\"")).collect();
            format!("[{}]", quoted.join(", "))
        }
    }
}
