//! For how long cases were exposed: the time, who could look in it, and who did.

use ledger_core::{
    clock::Timestamp,
    ids::CaseId,
    ledger::{Exposed, Exposure, OfCase as _, Window},
};
use serde::Serialize;

use super::{access::reasons, text::moment, views::Answer};

/// The answer as JSON.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ExposureShape<'a> {
    case: CaseId,
    #[serde(skip_serializing_if = "Option::is_none")]
    window: Option<Window>,
    used: bool,
    people: &'a [Exposed],
    answer: Answer,
}

/// The answers as JSON.
pub(crate) fn exposure_shape(exposures: &[Exposure]) -> Vec<ExposureShape<'_>> {
    exposures.iter().map(one_shape).collect()
}

/// One answer as JSON.
pub(super) fn one_shape(exposure: &Exposure) -> ExposureShape<'_> {
    ExposureShape {
        case: exposure.case,
        window: exposure.window,
        used: exposure.was_used(),
        people: &exposure.people,
        answer: Answer::of(&exposure.answer, exposure.cited()),
    }
}

/// The answers as text.
pub(crate) fn exposure_text(exposures: &[Exposure]) -> String {
    if exposures.is_empty() {
        return "  no case".to_owned();
    }
    let cases: Vec<String> = exposures.iter().map(one).collect();
    cases.join("\n\n")
}

fn one(exposure: &Exposure) -> String {
    let Some(window) = exposure.window else {
        return format!("  case {}: never exposed", exposure.case);
    };
    let mut lines = vec![format!("  case {}: {}", exposure.case, lasted(window))];
    if exposure.people.is_empty() {
        lines.push("    nobody could look who cannot after it".to_owned());
    }
    lines.extend(exposure.people.iter().flat_map(person));
    lines.join("\n")
}

fn lasted(window: Window) -> String {
    let from = format!("{} (position {})", moment(window.from_at), window.from);
    let ended: Option<(Timestamp, _)> = window.until_at.zip(window.until);
    let how_long = duration(window.lasted_ms);
    match ended {
        Some((at, position)) => format!(
            "exposed for {how_long}, from {from} until {} (position {position})",
            moment(at)
        ),
        None => format!("exposed for {how_long} so far, since {from}"),
    }
}

pub(super) fn duration(ms: i64) -> String {
    let seconds = ms / 1_000;
    match seconds {
        0 => format!("{ms} ms"),
        1..=119 => format!("{seconds} s"),
        120..=7_199 => format!("{} min", seconds / 60),
        7_200..=172_799 => format!("{} h", seconds / 3_600),
        _ => format!("{} days", seconds / 86_400),
    }
}

fn person(exposed: &Exposed) -> Vec<String> {
    let could = &exposed.could;
    let name = could.name.clone();
    let name = name.or_else(|| could.account.map(|account| format!("account {account}")));
    let name = name.unwrap_or_else(|| "somebody whose name was erased".to_owned());
    let because = reasons(&could.decision).join("; ");
    let mut lines = vec![format!("    {name} could look: {because}")];
    if exposed.saw.is_empty() {
        lines.push("      and did not".to_owned());
    }
    for seen in &exposed.saw {
        lines.push(format!(
            "      AND DID: {} at {} (position {})",
            seen.what,
            moment(seen.at),
            seen.position
        ));
    }
    lines
}
