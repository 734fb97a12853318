//! JSON in which every key stands once. RFC 8259 (section 4) leaves open what a name means that is given twice, and
//! programs differ: what one that looked at the request before us has checked may not be what we would read. So nothing
//! is read of it, and whoever sent it is told which.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

use super::FieldError;

/// Reads a JSON text, with an error for each key that an object in it gives more than once.
pub(super) fn read(bytes: &[u8]) -> Result<(Value, Vec<FieldError>), serde_json::Error> {
    let mut twice = Vec::new();
    let mut json = serde_json::Deserializer::from_slice(bytes);
    let once = Once {
        path: String::new(),
        twice: &mut twice,
    };
    let value = once.deserialize(&mut json)?;
    json.end()?;
    Ok((value, twice))
}

/// A value at a place of the text, such as `persons[0].name`.
struct Once<'a> {
    path: String,
    twice: &'a mut Vec<FieldError>,
}

impl<'de> DeserializeSeed<'de> for Once<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Once<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::from(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(Value::from(value))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(Number::from_f64(value).map_or(Value::Null, Value::Number))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::String(value.to_owned()))
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(Value::String(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut values = Vec::new();
        while let Some(value) = items.next_element_seed(Once {
            path: format!("{}[{}]", self.path, values.len()),
            twice: &mut *self.twice,
        })? {
            values.push(value);
        }
        Ok(Value::Array(values))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Value, A::Error> {
        let mut values = Map::new();
        while let Some(key) = entries.next_key::<String>()? {
            let path = match &*self.path {
                "" => key.clone(),
                within => format!("{within}.{key}"),
            };
            if values.contains_key(&key) {
                let message = "is given more than once; give it once";
                self.twice.push(FieldError::new(path.clone(), message));
            }
            let value = entries.next_value_seed(Once {
                path,
                twice: &mut *self.twice,
            })?;
            values.insert(key, value);
        }
        Ok(Value::Object(values))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn twice(text: &str) -> Vec<String> {
        let (_, errors) = read(text.as_bytes()).unwrap();
        errors.into_iter().map(|error| error.field).collect()
    }

    #[test]
    fn a_key_that_is_given_twice_is_named_with_its_place() {
        assert_eq!(twice(r#"{"a": 1, "b": 2, "a": 1}"#), ["a"]);
        assert_eq!(twice(r#"{"a": 1, "\u0061": 2, "a": 3}"#), ["a", "a"]);
        assert_eq!(
            twice(
                r#"{"persons": [{"name": "A"}, {"name": "A", "x": {"y": 1, "y": 1}, "name": "B"}]}"#
            ),
            ["persons[1].x.y", "persons[1].name"]
        );
        assert!(twice(r#"{"a": {"a": [{"a": 1}, {"a": 1}]}}"#).is_empty());
    }

    #[test]
    fn everything_else_is_read_as_it_stands() {
        let text =
            r#"{"a": null, "b": [true, -1, 18446744073709551615, 1.5], "c": "\u00e5\n", "d": {}}"#;
        let plain: Value = serde_json::from_str(text).unwrap();
        assert_eq!(read(text.as_bytes()).unwrap().0, plain);
    }

    #[test]
    fn what_is_no_json_is_told_where() {
        for (text, line) in [
            ("{\n\"a\": }", 2),
            ("{} x", 1),
            ("{\"a\": 1", 1),
            ("1e400", 1),
        ] {
            let error = read(text.as_bytes()).unwrap_err();
            assert_eq!(error.line(), line, "{text}");
        }
        let deep = "[".repeat(1_000);
        assert!(read(deep.as_bytes()).is_err());
    }
}
