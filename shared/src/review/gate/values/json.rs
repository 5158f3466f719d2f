//! A JSON value as a tree whose numbers keep the digits that they were written with.

use super::decimal::Decimal;
use json_event_parser::{JsonEvent, SliceJsonParser};

/// One JSON value.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Json {
    Null,
    Bool(bool),
    /// As it was written.
    Number(String),
    Text(String),
    List(Vec<Json>),
    Object(Vec<(String, Json)>),
}

impl Json {
    /// Deeper values are not read: snapshots have no canonical form there.
    const DEPTH: usize = 128;

    /// Parses a text, in one pass over it; `None` if it is not JSON, or nested too deep.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let mut parser = SliceJsonParser::new(text.as_bytes());
        // What is open, each with the key that it will have in what it is in.
        let mut open: Vec<(Option<String>, Self)> = Vec::new();
        let (mut key, mut whole) = (None, None);
        loop {
            let value = match parser.parse_next().ok()? {
                JsonEvent::StartArray => {
                    open.push((key.take(), Self::List(Vec::new())));
                    None
                }
                JsonEvent::StartObject => {
                    open.push((key.take(), Self::Object(Vec::new())));
                    None
                }
                JsonEvent::ObjectKey(text) => {
                    key = Some(text.into_owned());
                    None
                }
                JsonEvent::EndArray | JsonEvent::EndObject => {
                    let (its_key, value) = open.pop()?;
                    key = its_key;
                    Some(value)
                }
                JsonEvent::String(text) => Some(Self::Text(text.into_owned())),
                JsonEvent::Number(text) => Some(Self::Number(text.into_owned())),
                JsonEvent::Boolean(value) => Some(Self::Bool(value)),
                JsonEvent::Null => Some(Self::Null),
                JsonEvent::Eof => return whole,
            };
            if open.len() > Self::DEPTH {
                return None;
            }
            match (value, open.last_mut()) {
                (None, _) => {}
                (Some(value), Some((_, Self::List(items)))) => items.push(value),
                (Some(value), Some((_, Self::Object(entries)))) => {
                    entries.push((key.take().unwrap_or_default(), value));
                }
                (Some(value), _) => whole = Some(value),
            }
        }
    }

    /// The value of a key; `None` of what is no object.
    pub(crate) fn get(&self, key: &str) -> Option<&Self> {
        match self {
            Self::Object(entries) => entries.iter().find(|(name, _)| name == key).map(|(_, value)| value),
            _ => None,
        }
    }

    /// Steps of looking for a key.
    pub(crate) fn width(&self) -> u64 {
        if let Self::Object(entries) = self { entries.len() as u64 / 8 } else { 0 }
    }

    pub(crate) fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    pub(crate) fn list(&self) -> Option<&[Self]> {
        match self {
            Self::List(items) => Some(items),
            _ => None,
        }
    }

    /// How many values it is made of, and how long its texts are: what it costs to look at all of it.
    pub(crate) fn weight(&self) -> u64 {
        match self {
            Self::Null | Self::Bool(_) => 1,
            Self::Number(text) | Self::Text(text) => 1 + text.len() as u64 / 16,
            Self::List(items) => 1 + items.iter().map(Self::weight).sum::<u64>(),
            Self::Object(entries) => {
                1 + entries.iter().map(|(key, value)| 1 + key.len() as u64 / 16 + value.weight()).sum::<u64>()
            }
        }
    }

    /// Whether two values are the same: numbers as numbers, objects whatever the order of their keys.
    pub(crate) fn is(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Number(one), Self::Number(other)) => Decimal::parse(one) == Decimal::parse(other),
            (Self::List(one), Self::List(other)) => {
                one.len() == other.len() && one.iter().zip(other).all(|(one, other)| one.is(other))
            }
            (Self::Object(one), Self::Object(other)) => {
                // What it is compared with is small, so looking each key up costs little.
                one.len() == other.len()
                    && other.iter().all(|(key, value)| {
                        one.iter().find(|(name, _)| name == key).is_some_and(|(_, mine)| mine.is(value))
                    })
            }
            (one, other) => one == other,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_and_the_order_of_keys_survive() {
        let text = r#"{"b": 12.50, "a": [-0, 1e2, {"": null}], "c": "é\n"}"#;
        let Some(Json::Object(entries)) = Json::parse(text) else { panic!() };
        assert_eq!(entries[0], ("b".into(), Json::Number("12.50".into())));
        assert_eq!(entries[1].1.list().unwrap()[2].get(""), Some(&Json::Null));
        assert_eq!(entries[2].1.text(), Some("é\n"));
        assert_eq!(Json::parse("{"), None);
        assert!(Json::parse(&format!("{}{}", "[".repeat(127), "]".repeat(127))).is_some());
        assert_eq!(Json::parse(&format!("{}{}", "[".repeat(200), "]".repeat(200))), None);
    }

    #[test]
    fn values_are_the_same_whatever_their_spelling() {
        let is = |one: &str, other: &str| Json::parse(one).unwrap().is(&Json::parse(other).unwrap());
        assert!(is(r#"{"a": 1.0, "b": [1e1]}"#, r#"{"b": [10], "a": 1}"#));
        assert!(!is(r#"{"a": 1}"#, r#"{"a": 1, "b": 2}"#) && !is("[1, 2]", "[2, 1]") && !is("1", "\"1\""));
        assert!(!is("9007199254740993", "9007199254740992"));
    }
}
