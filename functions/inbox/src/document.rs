//! A snapshot as a tree: its numbers as they were written, its keys in their order.

use serde_json::value::RawValue;
use shared::http::RawObject;
use shared::review::{characters, is_unseen};
use std::fmt::Write as _;

/// One JSON value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Node {
    Null,
    Bool(bool),
    /// As it was written: 12.50 is not 12.5.
    Number(String),
    Text(String),
    List(Vec<Node>),
    Object(Vec<(String, Node)>),
}

/// The text is no JSON, or is nested deeper than a snapshot may be.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub(crate) struct NotJson(String);

/// One step into a document.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Step {
    Key(String),
    Item(usize),
}

/// A place in a document.
pub(crate) type Path = Vec<Step>;

/// A place as one text: RFC 6901, but that what a form's field would not keep in its name (browsers rewrite the line ends in it)
/// is `~u`, its number and a full stop.
pub(crate) fn pointer(path: &[Step]) -> String {
    let mut pointer = String::new();
    for step in path {
        pointer.push('/');
        let _ = match step {
            Step::Key(key) => key.chars().try_for_each(|character| match character {
                '~' => pointer.write_str("~0"),
                '/' => pointer.write_str("~1"),
                lost if lost == '\n' || is_unseen(lost) => write!(pointer, "~u{:x}.", u32::from(lost)),
                kept => pointer.write_char(kept),
            }),
            Step::Item(index) => write!(pointer, "{index}"),
        };
    }
    pointer
}

impl Node {
    /// What lies deeper is written on one line: spaces alone would make a small document huge.
    const DEPTH_OF_INDENTS: usize = 12;
    /// What a snapshot can be nested at most.
    const DEPTH: usize = 127;

    /// Parses a JSON text.
    pub(crate) fn parse(text: &str) -> Result<Self, NotJson> {
        let value: &RawValue = serde_json::from_str(text).map_err(|error| NotJson(error.to_string()))?;
        Self::read(value, Self::DEPTH)
    }

    fn read(value: &RawValue, depth: usize) -> Result<Self, NotJson> {
        let text = value.get();
        let failed = |error: serde_json::Error| NotJson(error.to_string());
        let deeper = || depth.checked_sub(1).ok_or_else(|| NotJson("it is nested too deep".into()));
        Ok(match text.as_bytes().first() {
            Some(b'{') => {
                let depth = deeper()?;
                let RawObject(entries) = serde_json::from_str(text).map_err(failed)?;
                let read = |(key, value): (String, &RawValue)| Ok((key, Self::read(value, depth)?));
                Self::Object(entries.into_iter().map(read).collect::<Result<_, NotJson>>()?)
            }
            Some(b'[') => {
                let depth = deeper()?;
                let items: Vec<&RawValue> = serde_json::from_str(text).map_err(failed)?;
                Self::List(items.into_iter().map(|item| Self::read(item, depth)).collect::<Result<_, _>>()?)
            }
            Some(b'"') => Self::Text(serde_json::from_str(text).map_err(failed)?),
            Some(b't' | b'f') => Self::Bool(text == "true"),
            Some(b'n') => Self::Null,
            _ => Self::Number(text.to_owned()),
        })
    }

    /// Whether a text is a number as JSON writes it.
    pub(crate) fn is_number(text: &str) -> bool {
        text.starts_with(|first: char| first == '-' || first.is_ascii_digit())
            && serde_json::from_str::<&RawValue>(text).is_ok_and(|value| value.get() == text)
    }

    /// How many values it holds that hold no others.
    pub(crate) fn leaves(&self) -> usize {
        match self {
            Self::List(items) => items.iter().map(Self::leaves).sum::<usize>().max(1),
            Self::Object(entries) => entries.iter().map(|(_, value)| value.leaves()).sum::<usize>().max(1),
            _ => 1,
        }
    }

    /// What it holds, with the step to each.
    pub(crate) fn children(&self) -> Vec<(Step, &Self)> {
        match self {
            Self::List(items) => {
                items.iter().enumerate().map(|(index, item)| (Step::Item(index), item)).collect()
            }
            Self::Object(entries) => {
                entries.iter().map(|(key, value)| (Step::Key(key.clone()), value)).collect()
            }
            _ => Vec::new(),
        }
    }

    /// Whether it is neither a list nor an object.
    pub(crate) const fn is_leaf(&self) -> bool {
        !matches!(self, Self::List(_) | Self::Object(_))
    }

    /// What is at a place.
    pub(crate) fn at(&self, path: &[Step]) -> Option<&Self> {
        path.iter().try_fold(self, |node, step| match (node, step) {
            (Self::Object(entries), Step::Key(key)) => {
                entries.iter().find(|(name, _)| name == key).map(|(_, value)| value)
            }
            (Self::List(items), Step::Item(index)) => items.get(*index),
            _ => None,
        })
    }

    /// As [`Node::at`], to be changed.
    pub(crate) fn at_mut(&mut self, path: &[Step]) -> Option<&mut Self> {
        path.iter().try_fold(self, |node, step| match (node, step) {
            (Self::Object(entries), Step::Key(key)) => {
                entries.iter_mut().find(|(name, _)| name == key).map(|(_, value)| value)
            }
            (Self::List(items), Step::Item(index)) => items.get_mut(*index),
            _ => None,
        })
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
    for (character, seen) in characters(text) {
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
    out.push('"');
    out
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
        let path = [Step::Key(String::new()), Step::Key("x~/y".into())];
        assert_eq!((node.at(&path), pointer(&path).as_str()), (Some(&Node::Null), "//x~0~1y"));
        assert_eq!(node.leaves(), 6);
    }

    #[test]
    fn what_cannot_be_seen_is_written_as_an_escape() {
        let text = "a\u{0}\u{202e}b\u{200b}\n\"é";
        assert_eq!(quoted(text), r#""a\u0000\u202eb\u200b\n\"é""#);
        assert_eq!(Node::parse(&quoted(text)).unwrap(), Node::Text(text.into()));
        let tags = "DE89\u{e0041} 👩\u{200d}🚀";
        assert_eq!(quoted(tags), "\"DE89\\udb40\\udc41 👩\u{200d}🚀\"");
        assert_eq!(Node::parse(&quoted(tags)).unwrap(), Node::Text(tags.into()));
    }

    #[test]
    fn no_browser_changes_the_name_of_a_place() {
        let path = [Step::Key("two\nlines\r\u{0}~ua.\t".into()), Step::Item(0)];
        assert_eq!(pointer(&path), "/two~ua.lines~ud.~u0.~0ua.\t/0");
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
    fn what_is_nested_too_deep_or_no_json_is_refused() {
        let nested = |levels: usize| format!("{}{}", "[".repeat(levels), "]".repeat(levels));
        assert!(Node::parse(&nested(127)).is_ok());
        for text in [&nested(128), &nested(100_000), "", "{", "nul", "1 2", "[1,]"] {
            assert!(Node::parse(text).is_err());
        }
        assert!(Node::is_number("-1.5e3"));
        for text in ["", "01", "1.", "+1", " 1", "0x1", "NaN", "1,5"] {
            assert!(!Node::is_number(text), "{text}");
        }
    }
}
