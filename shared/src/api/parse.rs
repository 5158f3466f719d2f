//! Parsers of single JSON values: from raw text to a valid value or to what is wrong with it.

use super::fields::{FieldErrors, Fields, RawObject, ValueError};
use crate::review::{Actor, HashedJson, IdentifierError, JsonText, TtlSeconds, is_blank};
use serde_json::value::RawValue;
use std::ops::RangeInclusive;

/// The fields of a request's body; `None` when it is no JSON object, which is a fault.
pub(super) fn body_fields<'a>(body: &'a [u8], faults: &mut FieldErrors) -> Option<Fields<'a>> {
    let value: &RawValue = match serde_json::from_slice(body) {
        Ok(value) => value,
        Err(error) => {
            faults.add(["body"], "invalid_json", format!("is not valid JSON: {error}"));
            return None;
        }
    };
    match raw_object(value) {
        Ok(object) => Some(Fields::new(&["body"], object, faults)),
        Err(wrong) => {
            faults.add(["body"], wrong.code, wrong.message);
            None
        }
    }
}

/// What kind of value a JSON text is, in words.
fn kind(value: &RawValue) -> &'static str {
    match value.get().as_bytes().first() {
        Some(b'{') => "an object",
        Some(b'[') => "an array",
        Some(b'"') => "a string",
        Some(b't' | b'f') => "a boolean",
        Some(b'n') => "null",
        _ => "a number",
    }
}

fn wrong_type(expected: &str, value: &RawValue) -> ValueError {
    ValueError::new("wrong_type", format!("must be {expected}, not {}", kind(value)))
}

pub(super) fn raw_object(value: &RawValue) -> Result<RawObject<'_>, ValueError> {
    if kind(value) != "an object" {
        return Err(wrong_type("an object", value));
    }
    serde_json::from_str(value.get())
        .map_err(|error| ValueError::new("invalid_json", format!("is not a readable object: {error}")))
}

/// An integer within a range. `1.0` and `1e2` are not integers here: what is not written as one was not meant as one.
pub fn integer(range: RangeInclusive<i64>) -> impl FnOnce(&RawValue) -> Result<i64, ValueError> {
    move |value| {
        let out_of_range =
            || ValueError::new("out_of_range", format!("must be from {} to {}", range.start(), range.end()));
        if kind(value) != "a number" {
            return Err(wrong_type("an integer", value));
        }
        if value.get().contains(['.', 'e', 'E']) {
            return Err(ValueError::new("wrong_type", "must be an integer, without fraction or exponent"));
        }
        value.get().parse().ok().filter(|number| range.contains(number)).ok_or_else(out_of_range)
    }
}

/// How many rows of a list a page shall have: a parameter of the query, from 1 to `most`.
pub fn page_limit(text: &str, most: usize) -> Result<usize, ValueError> {
    let is_integer = |number: &i64| number.to_string() == text;
    let number = text.parse().ok().filter(is_integer);
    let number = number.ok_or_else(|| ValueError::new("wrong_type", "must be an integer"))?;
    let limit = usize::try_from(number).ok().filter(|limit| (1..=most).contains(limit));
    limit.ok_or_else(|| ValueError::new("out_of_range", format!("must be from 1 to {most}")))
}

/// Any string.
fn string(value: &RawValue) -> Result<String, ValueError> {
    if kind(value) != "a string" {
        return Err(wrong_type("a string", value));
    }
    serde_json::from_str(value.get())
        .map_err(|_| ValueError::new("invalid_value", "is not a valid Unicode string"))
}

/// A string of so many characters.
pub fn text(length: RangeInclusive<usize>) -> impl FnOnce(&RawValue) -> Result<String, ValueError> {
    move |value| {
        let text = string(value)?;
        if length.contains(&text.chars().count()) {
            return Ok(text);
        }
        let (from, to) = length.into_inner();
        Err(ValueError::new("out_of_range", format!("must be {from} to {to} characters long")))
    }
}

/// Longest note of a version, in characters.
pub const MAX_NOTE: usize = 4000;

/// Longest reason, in characters.
pub const MAX_REASON: usize = 2000;

/// Why something was decided: not blank.
pub fn reason(value: &RawValue) -> Result<String, ValueError> {
    not_blank(text(1..=MAX_REASON)(value)?)
}

/// Longest name or address, in characters.
pub const MAX_SHORT_TEXT: usize = 200;

/// A name or an address: not blank.
pub fn short_text(value: &RawValue) -> Result<String, ValueError> {
    not_blank(text(1..=MAX_SHORT_TEXT)(value)?)
}

fn not_blank(text: String) -> Result<String, ValueError> {
    if is_blank(&text) { Err(ValueError::new("invalid_value", "must not be blank")) } else { Ok(text) }
}

/// A display name: 1 to 200 characters, not blank, none of them a control character.
pub fn display_name(value: &RawValue) -> Result<String, ValueError> {
    let name = not_blank(text(1..=Actor::MAX_DISPLAY_NAME)(value)?)?;
    if name.chars().any(char::is_control) {
        return Err(ValueError::new("invalid_value", "must not contain control characters"));
    }
    Ok(name)
}

/// How long a claim holds.
pub fn ttl_seconds(value: &RawValue) -> Result<TtlSeconds, ValueError> {
    let seconds = integer(TtlSeconds::MIN.into()..=TtlSeconds::MAX.into())(value)?;
    TtlSeconds::parse(seconds).ok_or_else(|| ValueError::new("out_of_range", "is out of range"))
}

/// An identifier.
pub fn identifier<T>(
    parse: impl FnOnce(&str) -> Result<T, IdentifierError>,
) -> impl FnOnce(&RawValue) -> Result<T, ValueError> {
    move |value| {
        parse(&string(value)?).map_err(|fault| ValueError::new("invalid_identifier", fault.to_string()))
    }
}

/// One of some words.
pub fn one_of<T: Copy>(words: &[(&str, T)]) -> impl FnOnce(&RawValue) -> Result<T, ValueError> {
    move |value| {
        let text = string(value)?;
        let found = words.iter().find(|(word, _)| *word == text);
        found.map(|(_, meaning)| *meaning).ok_or_else(|| {
            let words: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
            ValueError::new("invalid_value", format!("must be one of {}", words.join(", ")))
        })
    }
}

/// A JSON object, kept as its text, with its canonical hash; one that has no canonical form is wrong.
pub fn hashed_object(value: &RawValue) -> Result<HashedJson, ValueError> {
    raw_object(value)?;
    HashedJson::try_from(JsonText::from(value))
        .map_err(|fault| ValueError::new("invalid_value", fault.to_string()))
}

/// `true` or `false`.
pub fn boolean(value: &RawValue) -> Result<bool, ValueError> {
    serde_json::from_str(value.get()).map_err(|_| ValueError::new("wrong_type", "must be true or false"))
}

/// Anything at all: for a field that must not be there.
pub fn present(_: &RawValue) -> Result<(), ValueError> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn raw(text: &str) -> &RawValue {
        serde_json::from_str(text).unwrap()
    }

    #[test]
    fn integers_are_written_as_integers_and_within_range() {
        let parse = |text| integer(0..=i64::MAX)(raw(text)).map_err(|wrong| wrong.code);
        assert_eq!(parse("0"), Ok(0));
        assert_eq!(parse("9007199254740992"), Ok(9_007_199_254_740_992));
        assert_eq!(parse("-1"), Err("out_of_range"));
        assert_eq!(parse("99999999999999999999"), Err("out_of_range"));
        for text in ["1.5", "1.0", "1e2", "\"900\"", "true", "null", "[]", "{}"] {
            assert_eq!(parse(text), Err("wrong_type"), "{text}");
        }
    }

    #[test]
    fn every_fault_of_a_body_is_reported() {
        let mut faults = FieldErrors::new();
        let body = br#"{"a": "x", "a": 1, "b": null, "extra": 0}"#;
        let mut fields = body_fields(body, &mut faults).unwrap();
        assert_eq!(fields.required("a", &mut faults, integer(0..=9)), None);
        assert_eq!(fields.optional("b", &mut faults, integer(0..=9)), Some(None));
        assert_eq!(fields.required("c", &mut faults, integer(0..=9)), None);
        fields.finish(&mut faults);
        let Err(super::super::Error::Invalid(faults)) = faults.finish(Some(())) else { panic!("no faults") };
        let codes: Vec<_> = faults.listed.iter().map(|fault| (fault.loc[1].as_str(), fault.code)).collect();
        assert_eq!(
            codes,
            [("a", "duplicate_field"), ("a", "wrong_type"), ("c", "missing"), ("extra", "unknown_field")]
        );
    }
}
