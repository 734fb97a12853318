//! Examples: every body that is taken or given has one, put together from the examples of its parts.
//!
//! Most fields need nothing: ids, dates, numbers and lists follow from their schemas. A text or a word gets its example
//! where the field is described (`#[schema(example = …)]`), or, by the field's name, in [`KNOWN`]; a type whose parts
//! must fit together has one as a whole (`#[schema(example = json!(…))]`).

use serde_json::{Map, Value, json};
use utoipa::openapi::{Content, OpenApi, RefOr};

use super::operations;

/// Examples by the name of a field, or by schema and field where the name alone means several things.
///
/// It is also the place for a field whose type stands apart in the description ([`schemas`](crate::api::schemas)):
/// utoipa drops an example that is given beside a reference.
const KNOWN: &[(&str, &str)] = &[
    ("Issuer.name", "id_porten"),
    ("accessCedar", "permit (principal, action, resource);"),
    (
        "accessToken",
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIwMUFSIn0.c2ln",
    ),
    ("agenda", "How the mornings go."),
    ("assessment", "She comes in smiling on most days."),
    ("childName", "Ola Testperson"),
    ("concern", "Ola withdraws during breaks and lessons."),
    ("description", "The contact teacher meets her at the gate."),
    ("developmentArea", "Belonging"),
    ("effect", "some"),
    ("fileName", "minutes.pdf"),
    ("form", "digital"),
    ("format", "pdf"),
    ("message", "I change schools after the summer."),
    ("minutes", "All agreed to go on until Easter."),
    ("name", "Kari Nordmann"),
    ("nationalId", "01010112345"),
    ("openerRole", "baton_holder"),
    ("place", "The school, room 12"),
    (
        "profileToml",
        "id = \"relay-log\"\ntitle = \"Stafettloggen i Solvik kommune\"\n",
    ),
    ("reason", "The family moves."),
    ("reasonCode", "legal_proceedings"),
    ("reference", "IKA 2026/1187"),
    ("remark", "The signed form is kept at the school."),
    ("section", "notes"),
    (
        "signedHead",
        "caseledger.localhost/solvik\n61\nYIK0rLqxXS4HtKEO0N4CEbmH4QF01e0uTXObhrHD0nk=\n\n\
         — caseledger.localhost/solvik bGVhZg==\n",
    ),
    ("status", "active"),
    ("statusName", "aktiv"),
    ("task", "Counsels the school and the parents."),
    ("text", "Talked with the parents about the mornings."),
    ("title", "Mornings"),
    ("tokenType", "Bearer"),
    ("Closing.reason", "thrives"),
    ("ClosingAgreement.reason", "thrives"),
    ("ConsentView.kind", "establish_log"),
    ("CorrectionView.reason", "It was filed under the wrong day."),
    ("CorrectionView.text", "It was on Tuesday."),
    (
        "DueAgreementList.nextCursor",
        "2026-03-01.01ARZ3NDEKTSV4RRFFQ69G5FAV.01ARZ3NDEKTSV4RRFFQ69G5FAV",
    ),
    (
        "DueList.nextCursor",
        "2026-03-01.01ARZ3NDEKTSV4RRFFQ69G5FAV.meeting.01ARZ3NDEKTSV4RRFFQ69G5FAV",
    ),
    ("EventView.kind", "note_added"),
    ("Invalidation.reason", "It was given in the wrong name."),
    ("NewAgreement.text", "The parents ring on Fridays."),
    (
        "NewChange.description",
        "The child moves in with the grandparents.",
    ),
    ("NewConsent.kind", "establish_log"),
    ("NewCorrection.reason", "It was filed under the wrong day."),
    ("NewCorrection.text", "It was on Tuesday."),
    (
        "NewEmergency.reason",
        "A threat against the child's life, reported by phone.",
    ),
    ("NewHold.reference", "TSOLV-2026-118"),
    ("NewOrganisation.kind", "school"),
    ("NewOrganisation.name", "Øystese skule"),
    ("NewRedaction.reasonCode", "wrong_case"),
    ("RuleBookInForce.title", "Stafettloggen i Solvik kommune"),
    ("SeenView.kind", "case_viewed"),
    ("SignedAgreement.kind", "data_processing"),
    ("SignedAgreement.title", "Data-processing agreement"),
    ("TurnView.reasonCode", "thrives"),
    ("TurnView.type", "case_closed"),
];

/// Adds them; gives the places for which there is none. `openCase: NewCase.childName` is one of them.
pub(super) fn add(description: &mut OpenApi) -> Vec<String> {
    let components = serde_json::to_value(&description.components)
        .expect("a description without keys that are not text is JSON");
    let schemas = Schemas(&components["schemas"]);
    let mut missing = Vec::new();
    for item in description.paths.paths.values_mut() {
        for operation in operations(item) {
            let name = operation.operation_id.clone().unwrap_or_default();
            let mut contents: Vec<(&String, &mut RefOr<Content>)> = Vec::new();
            if let Some(RefOr::T(body)) = &mut operation.request_body {
                contents.extend(&mut body.content);
            }
            for (status, response) in &mut operation.responses.responses {
                match response {
                    RefOr::T(response) if status.starts_with('2') => {
                        contents.extend(&mut response.content);
                    }
                    _ => {}
                }
            }
            for (media_type, content) in contents {
                let RefOr::T(content) = content else {
                    continue;
                };
                if let Err(place) = schemas.fill(media_type, content) {
                    missing.push(format!("{name}: {place}"));
                }
            }
        }
    }
    missing
}

/// The schemas of the description, as JSON.
struct Schemas<'a>(&'a Value);

impl Schemas<'_> {
    /// Gives a content its example, unless it has one. Bytes need none.
    fn fill(&self, media_type: &str, content: &mut Content) -> Result<(), String> {
        let is_readable = media_type.starts_with("text/")
            || media_type.ends_with("json")
            || media_type == "multipart/form-data";
        if !is_readable || content.example.is_some() || !content.examples.is_empty() {
            return Ok(());
        }
        let Some(schema) = &content.schema else {
            return Err(media_type.to_owned());
        };
        let schema = serde_json::to_value(schema).expect("a schema is JSON");
        content.example = Some(self.example(&schema, media_type)?);
        Ok(())
    }

    /// The example of a schema; the error says for which part there is none.
    fn example(&self, schema: &Value, place: &str) -> Result<Value, String> {
        if let Some(given) = given(schema) {
            return Ok(given);
        }
        if let Some(reference) = schema["$ref"].as_str() {
            let name = reference.rsplit('/').next().unwrap_or_default();
            return self.example(&self.0[name], name);
        }
        if let Some(parts) = schema["allOf"].as_array() {
            let mut whole = Map::new();
            for part in parts {
                if let Value::Object(fields) = self.example(part, place)? {
                    whole.extend(fields);
                }
            }
            return Ok(Value::Object(whole));
        }
        let choices = schema["oneOf"].as_array().or(schema["anyOf"].as_array());
        if let Some(choices) = choices {
            let first = choices.iter().find(|choice| choice["type"] != "null");
            return self.example(first.ok_or(place)?, place);
        }
        match kind(schema) {
            "object" => self.object(schema, place),
            "array" => Ok(json!([self.example(&schema["items"], place)?])),
            "integer" | "number" => Ok(number(schema)),
            "boolean" => Ok(json!(false)),
            "string" => match schema["format"].as_str() {
                Some("date-time") => Ok(json!("2026-03-02T09:15:00Z")),
                Some("date") => Ok(json!("2026-03-02")),
                Some("binary") => Ok(json!("%PDF-1.7")),
                _ => Err(place.to_owned()),
            },
            _ => Err(place.to_owned()),
        }
    }

    fn object(&self, schema: &Value, place: &str) -> Result<Value, String> {
        let mut whole = Map::new();
        for (field, schema) in schema["properties"].as_object().into_iter().flatten() {
            let qualified = format!("{place}.{field}");
            let value = match given(schema).or_else(|| known(&qualified)) {
                Some(value) => value,
                None if holds_text(schema) && known(field).is_some() => json!(known(field)),
                None => self.example(schema, &qualified)?,
            };
            whole.insert(field.clone(), value);
        }
        Ok(Value::Object(whole))
    }
}

/// The example that stands in a schema itself.
fn given(schema: &Value) -> Option<Value> {
    let given = [
        &schema["example"],
        &schema["examples"][0],
        &schema["const"],
        &schema["enum"][0],
    ];
    given.into_iter().find(|value| !value.is_null()).cloned()
}

fn known(name: &str) -> Option<Value> {
    let (_, example) = KNOWN.iter().find(|(known, _)| *known == name)?;
    Some(json!(example))
}

/// Whether it is a text or stands for one: what [`KNOWN`] can say something about.
fn holds_text(schema: &Value) -> bool {
    let is_word = |schema: &Value| {
        let reference = schema["$ref"].as_str().unwrap_or_default();
        ["CodeWord", "LineText", "LongText"]
            .iter()
            .any(|name| reference.ends_with(&format!("/{name}")))
    };
    let choices = schema["oneOf"].as_array();
    is_word(schema)
        || choices.is_some_and(|choices| choices.iter().any(is_word))
        || (kind(schema) == "string" && schema["format"].is_null())
}

/// The type, without the one for nothing.
fn kind(schema: &Value) -> &str {
    match &schema["type"] {
        Value::Array(types) => {
            let named = types.iter().filter_map(Value::as_str);
            named.into_iter().find(|name| *name != "null")
        }
        other => other.as_str(),
    }
    .unwrap_or_default()
}

/// Some number that the schema allows.
fn number(schema: &Value) -> Value {
    let limit = |name: &str| schema[name].as_i64();
    let number = limit("maximum").unwrap_or(12).min(12);
    json!(number.max(limit("minimum").unwrap_or(0)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn example(schema: &Value) -> Result<Value, String> {
        let components = json!({
            "Word": { "type": "string", "example": "guardian" },
            "Part": { "type": "object", "properties": {
                "role": { "$ref": "#/components/schemas/Word" },
                "since": { "type": ["string", "null"], "format": "date" },
            }},
        });
        Schemas(&components).example(schema, "Whole")
    }

    #[test]
    fn a_whole_follows_from_its_parts() {
        let schema = json!({ "allOf": [
            { "$ref": "#/components/schemas/Part" },
            { "type": "object", "properties": {
                "parts": { "type": "array", "items": { "$ref": "#/components/schemas/Word" } },
                "maybe": { "oneOf": [{ "type": "null" }, { "$ref": "#/components/schemas/Word" }] },
                "level": { "enum": ["low", "high"], "type": "string" },
                "count": { "type": "integer", "maximum": 3 },
                "status": { "type": "string" },
            }},
        ]});
        let expected = json!({
            "role": "guardian", "since": "2026-03-02", "parts": ["guardian"], "maybe": "guardian",
            "level": "low", "count": 3, "status": "active",
        });
        assert_eq!(example(&schema), Ok(expected));
    }

    #[test]
    fn what_has_no_example_is_named() {
        let schema = json!({ "type": "object", "properties": { "motto": { "type": "string" } } });
        assert_eq!(example(&schema), Err("Whole.motto".to_owned()));
    }

    #[test]
    fn every_body_has_an_example() {
        let mut description = crate::api::operations().into_openapi();
        let missing = add(&mut description);
        assert!(
            missing.is_empty(),
            "give these fields #[schema(example = …)], or, if their type stands in api/schemas.rs, a line in KNOWN:\n{}",
            missing.join("\n")
        );
    }
}
