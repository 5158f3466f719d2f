//! A snapshot as a tree: its numbers as they were written, its keys in their order.

pub(crate) mod decimal;
pub(crate) mod key_label;
mod place;

use json_event_parser::{JsonEvent, JsonSyntaxError, SliceJsonParser};
pub(crate) use place::{key_of, place_of, pointer_of, push_key, push_pointer};
use serde_json::value::RawValue;
use shared::review::{characters, is_invisible};
use std::fmt::Write as _;

/// One JSON value.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Node {
    Null,
    Bool(bool),
    /// As it was written: 12.50 is not 12.5.
    Number(String),
    Text(String),
    List(Vec<Node>),
    Object(Vec<(String, Node)>),
}

/// Why a text is no JSON document, and where: "is not valid JSON. Line 3, column 5: …".
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub(crate) struct NotJson(String);

impl NotJson {
    /// `line` and `column` count from 0.
    fn at(line: u64, column: u64, what: &str) -> Self {
        Self(format!("is not valid JSON. Line {}, column {}: {what}", line + 1, column + 1))
    }
}

impl From<JsonSyntaxError> for NotJson {
    fn from(error: JsonSyntaxError) -> Self {
        let start = error.location().start;
        Self::at(start.line, start.column, error.message())
    }
}

impl Node {
    /// What lies deeper is written on one line: spaces alone would make a small document huge.
    const DEPTH_OF_INDENTS: usize = 12;
    /// What a snapshot can be nested at most.
    const DEPTH: usize = 127;

    /// Parses a JSON text, in one pass over it.
    pub(crate) fn parse(text: &str) -> Result<Self, NotJson> {
        let mut parser = SliceJsonParser::new(text.as_bytes());
        let mut building = Building::default();
        loop {
            let value = match parser.parse_next()? {
                JsonEvent::StartArray => building.open(Self::List(Vec::new()))?,
                JsonEvent::StartObject => building.open(Self::Object(Vec::new()))?,
                JsonEvent::ObjectKey(text) => {
                    building.key = Some(text.into_owned());
                    None
                }
                JsonEvent::EndArray | JsonEvent::EndObject => building.close(),
                JsonEvent::String(text) => Some(Self::Text(text.into_owned())),
                JsonEvent::Number(text) => Some(Self::Number(text.into_owned())),
                JsonEvent::Boolean(value) => Some(Self::Bool(value)),
                JsonEvent::Null => Some(Self::Null),
                JsonEvent::Eof => return building.whole.ok_or_else(|| NotJson("is empty".into())),
            };
            if let Some(value) = value {
                building.add(value);
            }
        }
    }

    /// Whether a text is a number as JSON writes it.
    pub(crate) fn is_number(text: &str) -> bool {
        text.starts_with(|first: char| first == '-' || first.is_ascii_digit())
            && serde_json::from_str::<&RawValue>(text).is_ok_and(|value| value.get() == text)
    }

    /// Whether it is neither a list nor an object.
    pub(crate) const fn is_leaf(&self) -> bool {
        !matches!(self, Self::List(_) | Self::Object(_))
    }

    /// The first number that is beyond what the product can take: an IEEE 754 double.
    pub(crate) fn too_large(&self) -> Option<&str> {
        match self {
            Self::Number(text) => text.parse::<f64>().is_ok_and(f64::is_infinite).then_some(text),
            Self::List(items) => items.iter().find_map(Self::too_large),
            Self::Object(entries) => entries.iter().find_map(|(_, value)| value.too_large()),
            Self::Null | Self::Bool(_) | Self::Text(_) => None,
        }
    }

    /// As JSON, indented.
    pub(crate) fn pretty(&self) -> String {
        let mut text = String::new();
        self.write(&mut text, Some(0));
        text
    }

    /// As JSON, without spaces.
    pub(crate) fn compact(&self) -> String {
        let mut text = String::new();
        self.write(&mut text, None);
        text
    }

    fn write(&self, out: &mut String, level: Option<usize>) {
        let level = level.filter(|level| *level < Self::DEPTH_OF_INDENTS);
        let inner = level.map(|level| level + 1);
        match self {
            Self::Null => out.push_str("null"),
            Self::Bool(true) => out.push_str("true"),
            Self::Bool(false) => out.push_str("false"),
            Self::Number(text) => out.push_str(text),
            Self::Text(text) => out.push_str(&quoted(text)),
            Self::List(items) => {
                out.push('[');
                for (place, item) in items.iter().enumerate() {
                    separate(out, place, inner);
                    item.write(out, inner);
                }
                close(out, items.is_empty(), level, ']');
            }
            Self::Object(entries) => {
                out.push('{');
                for (place, (key, value)) in entries.iter().enumerate() {
                    separate(out, place, inner);
                    out.push_str(&quoted(key));
                    out.push_str(if level.is_some() { ": " } else { ":" });
                    value.write(out, inner);
                }
                close(out, entries.is_empty(), level, '}');
            }
        }
    }
}

/// A document that is being read.
#[derive(Default)]
struct Building {
    /// What is open, each with the key that it has where it is in an object.
    open: Vec<(Node, Option<String>)>,
    /// The key of what comes next.
    key: Option<String>,
    whole: Option<Node>,
}

impl Building {
    fn open(&mut self, node: Node) -> Result<Option<Node>, NotJson> {
        if self.open.len() == Node::DEPTH {
            return Err(NotJson(format!("is nested too deep: {} levels at most", Node::DEPTH)));
        }
        self.open.push((node, self.key.take()));
        Ok(None)
    }

    fn close(&mut self) -> Option<Node> {
        let (node, key) = self.open.pop()?;
        self.key = key;
        Some(node)
    }

    fn add(&mut self, node: Node) {
        match self.open.last_mut() {
            Some((Node::List(items), _)) => items.push(node),
            Some((Node::Object(entries), _)) => entries.push((self.key.take().unwrap_or_default(), node)),
            _ => self.whole = Some(node),
        }
    }
}

fn separate(out: &mut String, place: usize, level: Option<usize>) {
    if place > 0 {
        out.push(',');
    }
    indent(out, level);
}

fn close(out: &mut String, empty: bool, level: Option<usize>, bracket: char) {
    if !empty {
        indent(out, level);
    }
    out.push(bracket);
}

fn indent(out: &mut String, level: Option<usize>) {
    if let Some(level) = level {
        out.push('\n');
        out.extend(std::iter::repeat_n("  ", level));
    }
}

/// A text as a JSON string in which everything can be seen.
pub(crate) fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    if text.is_ascii() {
        // Each character for itself, which is many times faster than with those around it.
        text.chars().for_each(|character| push_escaped(&mut out, character, !is_invisible(character)));
    } else {
        characters(text).for_each(|(character, seen)| push_escaped(&mut out, character, seen));
    }
    out.push('"');
    out
}

fn push_escaped(out: &mut String, character: char, seen: bool) {
    match character {
        '"' => out.push_str("\\\""),
        '\\' => out.push_str("\\\\"),
        '\n' => out.push_str("\\n"),
        '\t' => out.push_str("\\t"),
        '\r' => out.push_str("\\r"),
        unseen if !seen => {
            for unit in unseen.encode_utf16(&mut [0; 2]) {
                let _ = write!(out, "\\u{unit:04x}");
            }
        }
        seen => out.push(seen),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_the_order_of_keys_survive() {
        let text = r#"{"b":12.50,"a":[-0,1e2,123456789012345678901234567890],"":{"x~/y":null},"t":true}"#;
        let node = Node::parse(text).unwrap();
        assert_eq!(node.compact(), text);
        assert_eq!(Node::parse(&node.pretty()).unwrap(), node);
    }

    #[test]
    fn invisible_characters_are_written_as_escapes() {
        let text = "a\u{0}\u{202e}b\u{200b}\n\"é";
        assert_eq!(quoted(text), r#""a\u0000\u202eb\u200b\n\"é""#);
        assert_eq!(Node::parse(&quoted(text)).unwrap(), Node::Text(text.into()));
        let tags = "DE89\u{e0041} 👩\u{200d}🚀";
        assert_eq!(quoted(tags), "\"DE89\\udb40\\udc41 👩\u{200d}🚀\"");
        assert_eq!(Node::parse(&quoted(tags)).unwrap(), Node::Text(tags.into()));
    }

    #[test]
    fn indents_have_an_end() {
        let inner = "1,".repeat(999) + "1";
        let deep = Node::parse(&format!("{}{inner}{}", "[".repeat(100), "]".repeat(100))).unwrap();
        assert!(deep.pretty().len() < 3000 && Node::parse(&deep.pretty()).unwrap() == deep);
        let text = Node::parse(r#"{"a":[1,[]],"b":{}}"#).unwrap().pretty();
        assert_eq!(text, "{\n  \"a\": [\n    1,\n    []\n  ],\n  \"b\": {}\n}");
        let deep = Node::parse(&format!("{}{}", "[".repeat(20), "]".repeat(20))).unwrap();
        assert_eq!(deep.pretty().lines().count(), 2 * Node::DEPTH_OF_INDENTS + 1);
    }

    #[test]
    fn text_that_is_nested_too_deep_or_not_json_is_refused() {
        let nested = |levels: usize| format!("{}{}", "[".repeat(levels), "]".repeat(levels));
        assert!(Node::parse(&nested(127)).is_ok());
        for text in [&nested(128), &nested(100_000), "", "{", "nul", "1 2", "[1,]"] {
            assert!(Node::parse(text).is_err());
        }
        let typo = Node::parse("{\n  \"a\": 1,\n  \"b\" 2\n}").unwrap_err().to_string();
        assert!(typo.contains("Line 3, column 7"), "{typo}");
        assert!(Node::is_number("-1.5e3"));
        for text in ["", "01", "1.", "+1", " 1", "0x1", "NaN", "1,5"] {
            assert!(!Node::is_number(text), "{text}");
        }
    }
}
