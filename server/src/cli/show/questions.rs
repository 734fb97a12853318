//! The further questions of an auditor: since when and until when, who should not have, what was known and what was true,
//! what changed, when the glass was broken.

use ledger_core::{
    clock::Timestamp,
    event::Envelope,
    ids::{AccountId, CaseId, Code, Position},
    ledger::{
        Access, Changed, Could, Edge, Emergencies, Emergency, Exposure, Gained, Hindsight,
        Intervals, Knew, LaterFact, Mistaken, NamesOfPeople, OfCase as _, Reason, SawOf, Seen,
    },
    store::Recorded,
};
use serde::Serialize;

use super::{
    access::{reasons, who},
    exposure::{ExposureShape, duration, exposure_text, one_shape},
    happened::{Names, in_words_alone},
    text::{moment, table, words},
    views::{Answer, actor, what},
};

/// What one person saw, as JSON.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PersonShape<'a> {
    account: AccountId,
    views: &'a [Seen],
    answer: Answer,
}

/// What one person saw, as JSON.
pub(crate) fn person_shape(saw: &SawOf) -> PersonShape<'_> {
    PersonShape {
        account: saw.account,
        views: &saw.views,
        answer: Answer::of(&saw.answer, saw.cited()),
    }
}

/// What one person saw, as text.
pub(crate) fn person_text(saw: &SawOf) -> String {
    if saw.views.is_empty() {
        return "  nothing".to_owned();
    }
    let rows: Vec<_> = saw
        .views
        .iter()
        .map(|seen| {
            vec![
                seen.position.to_string(),
                moment(seen.at),
                seen.case.to_string(),
                actor(&seen.actor, None).1,
                what(seen),
            ]
        })
        .collect();
    table(&["POSITION", "WHEN", "CASE", "AS", "WHAT"], &rows)
}

/// Everybody's access, as JSON.
#[derive(Serialize)]
pub(crate) struct IntervalsShape<'a> {
    case: CaseId,
    intervals: &'a [Access],
    answer: Answer,
}

/// Everybody's access, as JSON.
pub(crate) fn intervals_shape(case: CaseId, answer: &Intervals) -> IntervalsShape<'_> {
    IntervalsShape {
        case,
        intervals: &answer.access,
        answer: Answer::of(&answer.answer, answer.cited()),
    }
}

/// Everybody's access, as text: person by person, in order of time.
pub(crate) fn intervals_text(answer: &Intervals) -> String {
    let mut people: Vec<(String, Vec<&Access>)> = Vec::new();
    for access in &answer.access {
        let name = who(&access.could);
        match people.iter_mut().find(|(known, _)| *known == name) {
            Some((_, all)) => all.push(access),
            None => people.push((name, vec![access])),
        }
    }
    if people.is_empty() {
        return "  nobody, at any time".to_owned();
    }
    let people = people.iter().map(|(name, all)| {
        let mut lines = vec![format!("  {name}")];
        for access in all {
            lines.push(format!(
                "    {}  until  {}",
                edge(&access.since),
                access.until.as_ref().map_or_else(|| "now".to_owned(), edge)
            ));
            lines.push(format!(
                "      as {}: {}",
                codes(&access.could.roles),
                codes(&access.could.sections)
            ));
            let reasons = reasons(&access.could.decision);
            lines.extend(reasons.iter().map(|reason| format!("      {reason}")));
        }
        lines.join("\n")
    });
    people.collect::<Vec<_>>().join("\n\n")
}

fn edge(edge: &Edge) -> String {
    match (&edge.what, edge.position) {
        (Some(what), Some(position)) => {
            format!("{} ({} {position})", moment(edge.at), words(what.as_str()))
        }
        _ => format!("{} (the date passed)", moment(edge.at)),
    }
}

fn codes(codes: &[Code]) -> String {
    if codes.is_empty() {
        return "nothing".to_owned();
    }
    let codes = codes.iter().map(|code| words(code.as_str()));
    codes.collect::<Vec<_>>().join(", ")
}

/// Who should not have seen the case, as JSON.
#[derive(Serialize)]
pub(crate) struct HindsightShape<'a> {
    case: CaseId,
    mistaken: &'a [Mistaken],
    exposure: ExposureShape<'a>,
    answer: Answer,
}

/// Who should not have seen the case, as JSON.
pub(crate) fn hindsight_shape(case: CaseId, answer: &Hindsight) -> HindsightShape<'_> {
    HindsightShape {
        case,
        mistaken: &answer.mistaken,
        exposure: one_shape(&answer.exposure),
        answer: Answer::of(&answer.answer, answer.cited()),
    }
}

/// Who should not have seen the case, as text.
pub(crate) fn hindsight_text(answer: &Hindsight) -> String {
    let mut parts: Vec<String> = answer.mistaken.iter().map(mistaken).collect();
    if parts.is_empty() {
        parts.push("  nobody, by all that is known".to_owned());
    }
    let exposure: &Exposure = &answer.exposure;
    if exposure.window.is_some() {
        parts.push(format!(
            "Before it was hidden\n\n{}",
            exposure_text(std::slice::from_ref(exposure))
        ));
    }
    parts.join("\n\n")
}

fn mistaken(mistaken: &Mistaken) -> String {
    let until = mistaken.until.map_or_else(|| "now".to_owned(), moment);
    let mut lines = vec![
        format!(
            "  {} could see {}",
            who(&mistaken.could),
            codes(&mistaken.could.sections)
        ),
        format!("    from {} until {until}", moment(mistaken.from)),
    ];
    for fact in &mistaken.because {
        lines.push(format!("    but {}", later(fact)));
    }
    if mistaken.saw.is_empty() {
        lines.push("    and did not look".to_owned());
    }
    lines.extend(saw(&mistaken.saw, "    AND DID"));
    lines.join("\n")
}

fn saw(seen: &[Seen], label: &str) -> Vec<String> {
    let lines = seen.iter().map(|seen| {
        format!(
            "{label}: {} at {} (position {})",
            what(seen),
            moment(seen.at),
            seen.position
        )
    });
    lines.collect()
}

fn later(fact: &LaterFact) -> String {
    let recorded = format!(
        "{} {}, recorded {}",
        words(fact.what.as_str()),
        fact.position,
        moment(fact.recorded_at)
    );
    match fact.happened_at {
        Some(at) if at < fact.recorded_at => format!("{recorded}, had happened {}", moment(at)),
        Some(_) => recorded,
        None => format!("{recorded}: it never counted"),
    }
}

#[derive(Serialize)]
struct EventShape<'a> {
    position: Position,
    envelope: &'a Envelope,
}

impl<'a> EventShape<'a> {
    fn of(event: &'a Recorded) -> Self {
        Self {
            position: event.position,
            envelope: &event.envelope,
        }
    }
}

/// What was known and what was true, as JSON.
#[derive(Serialize)]
pub(crate) struct KnewShape<'a> {
    case: CaseId,
    at: Timestamp,
    differences: Vec<DifferenceShape<'a>>,
    people: &'a [Gained],
    answer: Answer,
}

#[derive(Serialize)]
struct DifferenceShape<'a> {
    kind: Reason,
    event: EventShape<'a>,
    by: &'a LaterFact,
}

/// What was known and what was true, as JSON.
pub(crate) fn knew_shape(case: CaseId, knew: &Knew) -> KnewShape<'_> {
    let differences = knew.differences.iter();
    KnewShape {
        case,
        at: knew.at,
        differences: differences
            .map(|difference| DifferenceShape {
                kind: difference.reason,
                event: EventShape::of(&difference.event),
                by: &difference.by,
            })
            .collect(),
        people: &knew.people,
        answer: Answer::of(&knew.answer, knew.cited()),
    }
}

/// What was known and what was true, as text.
pub(crate) fn knew_text(knew: &Knew) -> String {
    let mut lines = vec![format!("As of {}", moment(knew.at)), String::new()];
    for difference in &knew.differences {
        let event = format!(
            "{} (position {})",
            words(difference.event.event.event_type()),
            difference.event.position
        );
        lines.push(match difference.reason {
            Reason::LearnedLater => format!("  not known yet: {}", later(&difference.by)),
            Reason::InvalidatedLater => {
                format!("  taken for true: {event}, but {}", later(&difference.by))
            }
            Reason::CorrectedLater => {
                format!("  corrected since: {event}, by {}", later(&difference.by))
            }
            Reason::RedactedLater => {
                format!("  destroyed since: {event}, by {}", later(&difference.by))
            }
        });
    }
    if knew.differences.is_empty() {
        lines.push("  What the ledger knew is what was true, by all that is known.".to_owned());
    }
    lines.extend(people(
        &knew.people,
        "should have seen too",
        "should not have seen",
    ));
    lines.join("\n")
}

fn people(people: &[Gained], gained: &str, lost: &str) -> Vec<String> {
    let mut lines = Vec::new();
    for person in people {
        lines.push(String::new());
        lines.push(format!("  {}", who(&person.could)));
        for (label, sections) in [(gained, &person.gained), (lost, &person.lost)] {
            if !sections.is_empty() {
                lines.push(format!("    {label}: {}", codes(sections)));
            }
        }
        let could: &Could = &person.could;
        let reasons = reasons(&could.decision);
        lines.extend(
            reasons
                .iter()
                .map(|reason| format!("    because: {reason}")),
        );
    }
    lines
}

/// What changed, as JSON.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ChangedShape<'a> {
    events: Vec<EventShape<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    more_after: Option<Position>,
    people: &'a [Gained],
    names: &'a NamesOfPeople,
    answer: Answer,
}

/// What changed, as JSON.
pub(crate) fn changed_shape(changed: &Changed) -> ChangedShape<'_> {
    ChangedShape {
        events: changed.events.iter().map(EventShape::of).collect(),
        more_after: changed.more,
        people: &changed.people,
        names: &changed.names,
        answer: Answer::of(&changed.answer, changed.cited()),
    }
}

/// What changed, as text: with the case of each, where it may be in several.
pub(crate) fn changed_text(changed: &Changed, with_cases: bool) -> String {
    if changed.events.is_empty() {
        return "  nothing".to_owned();
    }
    let names = Names::of(changed.names.clone(), changed.events.iter());
    let rows: Vec<_> = changed
        .events
        .iter()
        .map(|event| {
            let by = &event.envelope.actor;
            let (who, role) = actor(by, names.of_actor(by));
            let mut row = vec![
                event.position.to_string(),
                moment(event.envelope.recorded_at),
                who,
                role,
                in_words_alone(event, &names),
            ];
            if with_cases {
                let case = event.envelope.case;
                let case = case.map_or_else(|| "-".to_owned(), |case| case.to_string());
                row.insert(2, case);
            }
            row
        })
        .collect();
    let mut titles = vec!["POSITION", "WHEN", "WHO", "AS", "WHAT"];
    if with_cases {
        titles.insert(2, "CASE");
    }
    let mut lines = vec![table(&titles, &rows)];
    lines.extend(people(&changed.people, "can see now", "can see no more"));
    if let Some(more) = changed.more {
        lines.push(format!("\n  There is more: ask again with --after {more}."));
    }
    lines.join("\n")
}

/// When the glass was broken, as JSON.
#[derive(Serialize)]
pub(crate) struct EmergenciesShape<'a> {
    case: CaseId,
    emergencies: &'a [Emergency],
    answer: Answer,
}

/// When the glass was broken, as JSON.
pub(crate) fn emergencies_shape(answer: &Emergencies) -> EmergenciesShape<'_> {
    EmergenciesShape {
        case: answer.case,
        emergencies: &answer.emergencies,
        answer: Answer::of(&answer.answer, answer.cited()),
    }
}

/// When the glass was broken, as text.
pub(crate) fn emergencies_text(answer: &Emergencies) -> String {
    let emergencies = answer.emergencies.iter().map(|emergency| {
        let name = emergency.name.clone();
        let name = name.unwrap_or_else(|| format!("account {}", emergency.account));
        let reason = emergency.reason.as_deref();
        let mut lines = vec![
            format!(
                "  {name}: {}",
                reason.unwrap_or("(the reason was destroyed)")
            ),
            format!(
                "    {}  until  {}, {}",
                edge(&emergency.since),
                edge(&emergency.until),
                duration(emergency.lasted_ms)
            ),
        ];
        if emergency.saw.is_empty() {
            lines.push("    read nothing".to_owned());
        }
        lines.extend(saw(&emergency.saw, "    read"));
        lines.join("\n")
    });
    let emergencies: Vec<String> = emergencies.collect();
    if emergencies.is_empty() {
        return "  never".to_owned();
    }
    emergencies.join("\n\n")
}
