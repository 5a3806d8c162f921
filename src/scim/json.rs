//! JSON as it comes from a client.

use serde::de::{self, Deserialize, DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};
use std::{collections::HashSet, fmt};

/// Up to so many names of one object are compared with each other; more of them are looked up in a set.
const PAIRWISE_LIMIT: usize = 24;

/// Reads a body. An object that names a member twice is refused: RFC 8259 §4, "The names within an object SHOULD be unique",
/// or else one program reads true where another reads false. Letter case does not count, as in all of SCIM (RFC 7643
/// §2.1).
///
/// # Errors
/// When it is not JSON, or not unambiguous.
pub fn parse(bytes: &[u8]) -> Result<Value, serde_json::Error> {
    serde_json::from_slice(bytes).map(|Unambiguous(value)| value)
}

struct Unambiguous(Value);

impl<'de> Deserialize<'de> for Unambiguous {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ValueVisitor).map(Self)
    }
}

struct ValueVisitor;

impl<'de> DeserializeSeed<'de> for ValueVisitor {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for ValueVisitor {
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
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::String(value.to_owned()))
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(Value::String(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut sequence: A) -> Result<Value, A::Error> {
        let mut values = Vec::new();
        while let Some(value) = sequence.next_element_seed(Self)? {
            values.push(value);
        }
        Ok(Value::Array(values))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        let mut object = Map::new();
        let mut names = HashSet::new();
        while let Some(name) = members.next_key::<String>()? {
            let is_known = if object.len() < PAIRWISE_LIMIT {
                object.keys().any(|known| known.eq_ignore_ascii_case(&name))
            } else {
                if names.is_empty() {
                    names.extend(object.keys().map(|known| known.to_ascii_lowercase()));
                }
                !names.insert(name.to_ascii_lowercase())
            };
            if is_known {
                return Err(de::Error::custom(format_args!("an object names the member `{name}` twice")));
            }
            object.insert(name, members.next_value_seed(Self)?);
        }
        Ok(Value::Object(object))
    }
}

#[cfg(test)]
mod tests {
    use super::parse;
    use serde_json::{Value, json};

    #[test]
    fn what_serde_json_reads_is_read() {
        for text in [
            "null",
            "[true, false, 0, -0.0, 1.5e300, 18446744073709551615, -9223372036854775808, \"\\u00e9\\ud83d\\ude00\\n\"]",
            "{\"a\": {\"a\": [{}, {\"a\": []}]}, \"b\": \"\", \"\": 0.1}",
        ] {
            assert_eq!(parse(text.as_bytes()).unwrap(), serde_json::from_str::<Value>(text).unwrap());
        }
        for broken in ["", "{", "{\"a\"}", "[1,]", "tru", "\"\\ud800\"", "{} {}", "1e999"] {
            assert_eq!(parse(broken.as_bytes()).is_ok(), serde_json::from_str::<Value>(broken).is_ok(), "{broken}");
        }
        let deep = "[".repeat(1_000) + &"]".repeat(1_000);
        assert!(parse(deep.as_bytes()).is_err());
    }

    #[test]
    fn no_member_is_named_twice() {
        let many: Vec<_> = (0..1_000).map(|number| format!("\"m{number}\": 1")).collect();
        let many = many.join(",");
        assert_eq!(parse(format!("{{{many}}}").as_bytes()).unwrap().as_object().unwrap().len(), 1_000);
        for twice in [
            "{\"active\": false, \"active\": true}",
            "{\"active\": false, \"Active\": true}",
            "{\"a\": [{\"b\": {\"c\": 1, \"d\": 2, \"C\": 1}}]}",
            &format!("{{{many}, \"M999\": 1}}"),
            &format!("{{{many}, \"m3\": 1}}"),
        ] {
            assert!(parse(twice.as_bytes()).unwrap_err().to_string().contains("twice"), "{twice:.60}");
        }
        assert_eq!(parse(b"{\"a\": 1, \"b\": {\"a\": 1}}").unwrap(), json!({"a": 1, "b": {"a": 1}}));
    }
}
