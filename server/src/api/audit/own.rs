//! Who saw one's own case, in plain words: for those whom it is about.

use axum::{Json, extract::State, response::Response};
use chrono::{DateTime, Utc};
use ledger_core::{
    event::Actor,
    ids::{Code, Position},
    ledger::{Seen, SeenOfOwn},
    profile::{Language, Profile},
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};

use crate::{
    api::{
        answer::AnswerView,
        error::ApiError,
        language,
        openapi::ReadHeaders,
        request::{Asked, Asker, InCase, Segments},
        schemas,
        service::Service,
    },
    words::{Sentence, Vocabulary, Wishes},
};

/// When, and where to go on.
#[derive(Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(in crate::api) struct OwnQuery {
    /// The first moment of the time that is asked about; left out for the beginning.
    from: Option<DateTime<Utc>>,
    /// The first moment after it; left out for now.
    until: Option<DateTime<Utc>>,
    /// The `nextCursor` of the page before; left out for the first.
    #[param(minimum = 0)]
    cursor: Option<u64>,
    /// How many at most.
    #[param(minimum = 1, maximum = 1000, default = 1000)]
    limit: Option<u32>,
}

/// Who saw one's own case.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::api) struct OwnAnswer {
    /// In the order in which it happened.
    views: Vec<OwnView>,
    /// Asks for those that follow.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<u64>,
    /// What stands in the ledger for this answer.
    view: AnswerView,
}

/// One time that somebody saw something, in the words of the system and the language of Content-Language.
#[derive(Serialize, ToSchema)]
struct OwnView {
    /// Where it stands in the ledger.
    #[schema(value_type = u64)]
    position: Position,
    /// When.
    at: DateTime<Utc>,
    /// The person, where the name can still be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "Nina Sjukepleiar")]
    name: Option<String>,
    /// In what role.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "fagperson")]
    role: Option<String>,
    /// The organisation that they work for.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "Helsestasjonen")]
    organisation: Option<String>,
    /// What they did.
    #[schema(example = "såg notat, tiltak")]
    what: String,
    /// The parts of the case that were shown.
    #[schema(example = json!(["notat", "tiltak"]))]
    parts: Vec<String>,
    /// The sentences that allowed it; of a refusal, that forbade it.
    #[schema(example = json!(["Berre foreldra, og dei som foreldra gjev lov, kan lesa loggen."]))]
    because: Vec<String>,
}

/// Ask who saw one's own case
#[utoipa::path(
    get, path = "/cases/{caseId}/who-saw", tag = "audit", operation_id = "whoSaw",
    description = "For those whom the case is about: who, with organisation and role, saw which part, when, and which \
                   sentence allowed it. Asking is noted too.",
    params(("caseId" = schemas::Id, Path, description = "The case."), OwnQuery, ReadHeaders),
    responses((status = 200, description = "Every time, in order.", body = OwnAnswer)),
)]
pub(in crate::api) async fn of_case(
    State(service): State<Service>,
    Segments(case): InCase,
    Asked(query): Asked<OwnQuery>,
    asker: Asker,
    wishes: Wishes,
) -> Result<Response, ApiError> {
    let Asker { caller, occasion } = &asker;
    let period = super::period(query.from, query.until)?;
    let page = (query.cursor.unwrap_or(0), Some(super::limit(query.limit)?));
    let saw = service
        .ledger()
        .saw_own(caller, case, period, page, occasion)
        .await?;
    let profile = saw.rule_book.profile();
    let names = wishes.vocabulary(profile);
    let cited = saw.views.iter().map(|view| view.seen.position).collect();
    let views = saw.views.into_iter();
    let answer = Json(OwnAnswer {
        views: views
            .map(|view| OwnView::of(view, profile, names))
            .collect(),
        next_cursor: saw.more,
        view: AnswerView::of(&saw.answer, cited),
    });
    Ok(language::spoken([names.language()], answer))
}

impl OwnView {
    fn of(view: SeenOfOwn, profile: &Profile, names: Vocabulary<'_>) -> Self {
        let SeenOfOwn {
            seen,
            organisation,
            requirements,
        } = view;
        let parts: Vec<String> = sections(&seen)
            .iter()
            .map(|section| {
                names
                    .section(section)
                    .unwrap_or_else(|| section.to_string())
            })
            .collect();
        let sentence = Sentence::new(format!("who-saw-{}", seen.what));
        let what = names.words().say(&sentence.with("parts", parts.join(", ")));
        let because = requirements.into_iter().filter_map(|requirement| {
            let sentences = profile.sentence(requirement)?;
            let language: Language = names.language();
            let said = sentences
                .get(&language)
                .or_else(|| sentences.values().next());
            said.cloned()
        });
        Self {
            position: seen.position,
            at: seen.at,
            role: role(&seen.actor)
                .map(|role| names.role(role).unwrap_or_else(|| role.to_string())),
            name: seen.name,
            organisation,
            what,
            parts,
            because: because.collect(),
        }
    }
}

fn role(actor: &Actor) -> Option<&Code> {
    match actor {
        Actor::Staff { role, .. } => role.as_ref(),
        Actor::Party { role, .. } => Some(role),
        Actor::Operator => None,
    }
}

/// The sections that a view names.
fn sections(seen: &Seen) -> Vec<Code> {
    let sections = seen.facts.get("sections").and_then(Value::as_array);
    let sections = sections.into_iter().flatten();
    sections
        .filter_map(|section| section.as_str()?.parse().ok())
        .collect()
}
