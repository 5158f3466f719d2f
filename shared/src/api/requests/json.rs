//! JSON as it came: an object's fields in their order, each as its own text.

use crate::api::errors::ValueError;
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

/// A JSON object's fields in their order, duplicates included, each as its own text.
pub struct RawObject<'a>(pub Vec<(String, &'a RawValue)>);

impl<'de: 'a, 'a> Deserialize<'de> for RawObject<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Entries;
        impl<'de> Visitor<'de> for Entries {
            type Value = RawObject<'de>;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a JSON object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut entries = Vec::new();
                while let Some(entry) = map.next_entry()? {
                    entries.push(entry);
                }
                Ok(RawObject(entries))
            }
        }
        deserializer.deserialize_map(Entries)
    }
}

/// The type of a JSON text, in words.
pub(super) fn type_name(value: &RawValue) -> &'static str {
    match value.get().as_bytes().first() {
        Some(b'{') => "an object",
        Some(b'[') => "an array",
        Some(b'"') => "a string",
        Some(b't' | b'f') => "a boolean",
        Some(b'n') => "null",
        _ => "a number",
    }
}

/// The error of a value that has another type than `expected`.
pub(super) fn wrong_type(expected: &str, value: &RawValue) -> ValueError {
    ValueError::new("wrong_type", format!("must be {expected}, not {}", type_name(value)))
}

/// The fields of an object.
pub(super) fn object(value: &RawValue) -> Result<RawObject<'_>, ValueError> {
    if type_name(value) != "an object" {
        return Err(wrong_type("an object", value));
    }
    serde_json::from_str(value.get())
        .map_err(|error| ValueError::new("invalid_json", format!("is not a readable object: {error}")))
}

/// The items of a list of at least and at most so many.
pub(super) fn list(value: &RawValue, min: usize, max: usize) -> Result<Vec<&RawValue>, ValueError> {
    if type_name(value) != "an array" {
        return Err(wrong_type("an array", value));
    }
    let items: Vec<&RawValue> = serde_json::from_str(value.get())
        .map_err(|error| ValueError::new("invalid_json", format!("is not a readable array: {error}")))?;
    if items.len() < min {
        return Err(ValueError::new("out_of_range", "must not be empty"));
    }
    if items.len() > max {
        let message = format!("must have at most {max} items, not {}", items.len());
        return Err(ValueError::new("out_of_range", message));
    }
    Ok(items)
}

/// The fields of a request's body.
pub(super) fn body(bytes: &[u8]) -> Result<RawObject<'_>, ValueError> {
    let value: &RawValue = serde_json::from_slice(bytes)
        .map_err(|error| ValueError::new("invalid_json", format!("is not valid JSON: {error}")))?;
    object(value)
}
