//! What of people's reading was unusual: each finding with the rule, what was counted, and the views.

use ledger_core::{
    ids::AccountId,
    ledger::{Unusual, UnusualFound, UnusualRule},
};
use serde::Serialize;

use super::{
    text::moment,
    views::{Answer, what},
};

/// The answer as JSON.
#[derive(Serialize)]
pub(crate) struct UnusualShape<'a> {
    found: &'a [Unusual],
    cut: &'a [AccountId],
    answer: Answer,
}

/// The answer as JSON.
pub(crate) fn unusual_shape(found: &UnusualFound) -> UnusualShape<'_> {
    UnusualShape {
        found: &found.found,
        cut: &found.cut,
        answer: Answer::of(&found.answer, found.cited()),
    }
}

/// The answer as text.
pub(crate) fn unusual_text(found: &UnusualFound) -> String {
    if found.rules.is_none() {
        return "  The rule book of this system says of no reading that it is unusual.".to_owned();
    }
    let mut parts: Vec<String> = found.found.iter().map(one).collect();
    if parts.is_empty() {
        parts.push("  nothing".to_owned());
    }
    parts.extend(found.cut.iter().map(|account| {
        format!(
            "  Account {account} read so much that only the newest of it was looked through: ask about a shorter time."
        )
    }));
    parts.join("\n\n")
}

fn one(unusual: &Unusual) -> String {
    let name = unusual.name.clone();
    let name = name.unwrap_or_else(|| format!("account {}", unusual.account));
    let (counted, threshold) = (unusual.counted, unusual.threshold);
    let case = unusual.case.map(|case| case.to_string());
    let case = case.unwrap_or_default();
    let told = match unusual.rule {
        UnusualRule::Burst => {
            format!("read {counted} different cases in a short time (shown from {threshold} on)")
        }
        UnusualRule::OutsideOwnCases => {
            format!("read case {case} without taking part in it, {counted} times")
        }
        UnusualRule::LongAfterContribution => format!(
            "read case {case} {counted} days after their last contribution (shown from {threshold} on)"
        ),
    };
    let mut lines = vec![format!("  {name} {told}")];
    for seen in &unusual.views {
        lines.push(format!(
            "    {}  {}  {} (position {})",
            moment(seen.at),
            seen.case,
            what(seen),
            seen.position
        ));
    }
    lines.join("\n")
}
