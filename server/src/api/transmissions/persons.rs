//! The persons of a form, read field by field. There is no field for more than how to reach somebody (M2).

use std::collections::BTreeSet;

use ledger_core::{command, ids::PartyId};
use serde::Deserialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::{
    api::{fields::Field, schemas},
    transmission::{ContactDetails, Person},
};

/// The most persons on one form.
const PERSONS_MAX: usize = 10;
/// The longest address, in characters.
const ADDRESS_CHARS_MAX: usize = 500;

/// How to reach a person: nothing else can be handed over.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(in crate::api) struct PersonFields {
    /// Which party of the case it is.
    #[schema(value_type = schemas::Id)]
    party: PartyId,
    /// The name.
    #[schema(value_type = schemas::LineText, example = "Testpersoon Voorbeeld")]
    name: String,
    /// The address; may have several lines.
    #[serde(default)]
    #[schema(required = false, example = "Voorbeeldstraat 1\n9000 Gent")]
    address: String,
    /// The telephone number.
    #[serde(default)]
    #[schema(required = false, example = "0470 00 00 00")]
    telephone: String,
    /// The e-mail address.
    #[serde(default)]
    #[schema(required = false, example = "testpersoon@voorbeeld.example")]
    email: String,
}

/// The persons of a form.
pub(in crate::api) struct Persons(pub(super) Vec<Person>);

impl Field for Persons {
    fn read(value: Option<Value>) -> Result<Self, String> {
        let Some(Value::Array(items)) = value else {
            return Err("must be a list of persons, in square brackets".to_owned());
        };
        if items.is_empty() || items.len() > PERSONS_MAX {
            return Err(format!("must have 1 to {PERSONS_MAX} persons"));
        }
        let mut persons = Vec::new();
        for (place, item) in items.into_iter().enumerate() {
            let at = |message: String| format!("[{place}]: {message}");
            // The parser's own message may quote what was given.
            let fields: PersonFields = serde_json::from_value(item).map_err(|_| {
                at("must have party and name, may have address, telephone and email, and nothing else, all of them texts"
                    .to_owned())
            })?;
            persons.push(person(&fields).map_err(at)?);
        }
        let parties: BTreeSet<PartyId> = persons.iter().map(|person| person.party).collect();
        if parties.len() < persons.len() {
            return Err("names a party twice".to_owned());
        }
        Ok(Self(persons))
    }
}

fn person(fields: &PersonFields) -> Result<Person, String> {
    let line = |what, text: &str| -> Result<String, String> {
        if text.trim().is_empty() {
            return Ok(String::new());
        }
        command::line(what, text).map_err(|rejection| rejection.message)
    };
    let name = command::line("name", &fields.name).map_err(|rejection| rejection.message)?;
    let address =
        command::text("address", fields.address.trim()).map_err(|rejection| rejection.message)?;
    if address.chars().count() > ADDRESS_CHARS_MAX {
        return Err(format!(
            "address has more than {ADDRESS_CHARS_MAX} characters"
        ));
    }
    let details = ContactDetails {
        name,
        address,
        telephone: line("telephone", &fields.telephone)?,
        email: line("email", &fields.email)?,
    };
    if details.address.is_empty() && details.telephone.is_empty() && details.email.is_empty() {
        return Err("give an address, a telephone number or an e-mail address".to_owned());
    }
    Ok(Person {
        party: fields.party,
        details,
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(person: &Value) -> Result<Persons, String> {
        Persons::read(Some(json!([person])))
    }

    #[test]
    fn how_to_reach_a_person_is_taken_and_nothing_else() {
        let party = "01ARZ3NDEKTSV4RRFFQ69G5FAV";
        let name = "Testpersoon Voorbeeld";
        let good = json!({ "party": party, "name": name, "telephone": "0470 00 00 00" });
        assert_eq!(read(&good).unwrap().0.len(), 1);
        for more in ["nationalId", "birthDate", "concern", "child", "note"] {
            let mut person = json!({ "party": party, "name": name, "telephone": "0470" });
            person[more] = json!("geheim");
            let refused = read(&person).err().unwrap();
            assert!(refused.contains("nothing else"), "{refused}");
            assert!(!refused.contains("geheim"), "{refused}");
        }
        let unreachable = json!({ "party": party, "name": name });
        assert!(read(&unreachable).is_err());
    }
}
