//! What kind of value a field holds, and what is typed into it as such.

use super::dates::{Date, date, in_words as date_in_words};
use super::numbers::number;
use crate::document::{Node, quoted};
use shared::review::is_invisible;
use std::borrow::Cow;

/// How one value is typed in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Text,
    /// A text with something in it that a field would not keep, or not show: as a JSON string.
    Escaped,
    Number,
    Bool,
    /// A text that is a date, saved as 2026-05-11.
    Date,
    /// One of a few texts.
    OneOf,
    /// Nothing says what it would be.
    Null,
}

impl Kind {
    pub(crate) fn of(node: &Node) -> Option<Self> {
        Some(match node {
            Node::Null => Self::Null,
            Node::Bool(_) => Self::Bool,
            Node::Number(_) => Self::Number,
            Node::Text(text) if plain(text).is_none() => Self::Escaped,
            Node::Text(_) => Self::Text,
            Node::List(_) | Node::Object(_) => return None,
        })
    }
}

/// What the reader says that a value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Choice {
    Text,
    Number,
    Bool,
    /// It is null: the document does not say it.
    Null,
    /// It is null: the document says something that cannot be read.
    Illegible,
    /// Nothing was said: what is typed is of this kind, because the schema asks for it.
    As(Kind),
}

impl Choice {
    /// The word that a form sends; anything else is no choice.
    pub(crate) fn parse(word: &str) -> Option<Self> {
        Some(match word {
            "text" => Self::Text,
            "number" => Self::Number,
            "bool" => Self::Bool,
            "null" => Self::Null,
            "illegible" => Self::Illegible,
            "as-text" => Self::As(Kind::Text),
            "as-number" => Self::As(Kind::Number),
            "as-bool" => Self::As(Kind::Bool),
            "as-date" => Self::As(Kind::Date),
            "as-one-of" => Self::As(Kind::OneOf),
            _ => return None,
        })
    }

    /// The word for what nothing was said of, but that the schema asks for.
    pub(crate) const fn word_for(kind: Kind) -> &'static str {
        match kind {
            Kind::Text | Kind::Escaped => "as-text",
            Kind::Number => "as-number",
            Kind::Bool => "as-bool",
            Kind::Date => "as-date",
            Kind::OneOf => "as-one-of",
            Kind::Null => "",
        }
    }

    /// What the reader said; none if that was nothing.
    pub(crate) fn stated(self) -> Option<Self> {
        (!matches!(self, Self::As(_))).then_some(self)
    }

    /// Whether the reader said that there is no value.
    pub(crate) const fn is_nothing(self) -> bool {
        matches!(self, Self::Null | Self::Illegible)
    }
}

/// A text as a field shows it, if all of it is seen and kept there: the ends of its lines may be CR LF throughout.
fn plain(text: &str) -> Option<Cow<'_, str>> {
    if !text.contains('\r') {
        return (!text.chars().any(is_invisible)).then_some(Cow::Borrowed(text));
    }
    let lines = text.replace("\r\n", "\n");
    let is_crlf = lines.matches('\n').count() == text.matches("\r\n").count();
    (is_crlf && !lines.chars().any(is_invisible)).then_some(Cow::Owned(lines))
}

/// What a leaf's field says.
pub(crate) fn field_text(node: &Node) -> String {
    match node {
        Node::Null => String::new(),
        Node::Bool(value) => value.to_string(),
        Node::Text(text) => plain(text).map_or_else(|| quoted(text), Cow::into_owned),
        Node::Number(text) => text.clone(),
        Node::List(_) | Node::Object(_) => node.pretty(),
    }
}

/// What somebody typed into the field of `base`. `beside` is what a null would be here, `choice` what they say it is.
///
/// # Errors
/// What is wrong with it, in the reader's words.
pub(crate) fn typed(
    base: &Node,
    beside: Kind,
    choice: Option<Choice>,
    text: &str,
) -> Result<Node, Cow<'static, str>> {
    // Browsers send the end of every line as CR LF.
    let text = text.replace("\r\n", "\n");
    let is_blank = text.trim().is_empty();
    // Who types something says that it is something.
    let stated = choice.and_then(Choice::stated).filter(|it| is_blank || !it.is_nothing());
    if stated.is_some_and(Choice::is_nothing) {
        return Ok(Node::Null);
    }
    if stated.is_none() && text == field_text(base) {
        return Ok(base.clone());
    }
    if *base == Node::Null && is_blank && stated != Some(Choice::Text) {
        return Ok(Node::Null);
    }
    let kind = match (stated, choice) {
        (Some(Choice::Text), _) => Kind::Text,
        (Some(Choice::Number), _) => Kind::Number,
        (Some(Choice::Bool), _) => Kind::Bool,
        (_, Some(Choice::As(kind))) => kind,
        _ => Kind::of(base).filter(|kind| *kind != Kind::Null).unwrap_or(beside),
    };
    of_kind(kind, base, &text)
}

fn of_kind(kind: Kind, base: &Node, text: &str) -> Result<Node, Cow<'static, str>> {
    let trimmed = text.trim();
    match kind {
        Kind::Number | Kind::Date | Kind::OneOf if trimmed.is_empty() => Ok(Node::Null),
        Kind::Number => Ok(Node::Number(number(trimmed)?)),
        Kind::Bool => match trimmed.to_ascii_lowercase().as_str() {
            "true" | "yes" => Ok(Node::Bool(true)),
            "false" | "no" => Ok(Node::Bool(false)),
            "" => Ok(Node::Null),
            _ => Err("must be yes or no".into()),
        },
        Kind::Escaped if trimmed.starts_with('"') => match Node::parse(trimmed) {
            Ok(node @ Node::Text(_)) => Ok(node),
            _ => Err("begins with a double quote, so it must be a text as JSON writes it".into()),
        },
        Kind::Date => match date(trimmed) {
            Date::Of(date) => Ok(Node::Text(date)),
            Date::Doubtful([one, other]) => {
                let (one, other) = (date_in_words(one), date_in_words(other));
                Err(format!("could be {one} or {other}: write the month as a word").into())
            }
            // The checks say that it does not fit; the reviewer decides.
            Date::None => Ok(Node::Text(text.to_owned())),
        },
        Kind::OneOf => Ok(Node::Text(text.to_owned())),
        Kind::Null => Ok(by_looks(text)),
        Kind::Text | Kind::Escaped => match base {
            // Its lines end as they did.
            Node::Text(before) if before.contains("\r\n") && plain(before).is_some() => {
                Ok(Node::Text(text.replace('\n', "\r\n")))
            }
            _ => Ok(Node::Text(text.to_owned())),
        },
    }
}

/// A value of which nothing says what it is: what looks like a number as JSON writes it is one, `true` and `false` are yes and
/// no, all else is a text.
fn by_looks(text: &str) -> Node {
    match text.trim() {
        "true" => Node::Bool(true),
        "false" => Node::Bool(false),
        looks if Node::is_number(looks) && number(looks).is_ok() => Node::Number(looks.to_owned()),
        _ => Node::Text(text.to_owned()),
    }
}

/// What is saved, in words: "number 8554.62".
pub(crate) fn in_words(node: &Node) -> String {
    match node {
        Node::Null => "no value".into(),
        Node::Bool(true) => "yes".into(),
        Node::Bool(false) => "no".into(),
        Node::Number(text) => format!("number {}", crate::document::key_label::short(text, 40)),
        Node::Text(text) if text.is_empty() => "empty text".into(),
        Node::Text(_) => "text".into(),
        Node::List(_) => "a list".into(),
        Node::Object(_) => "an object".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(base: &str, beside: Kind, choice: &str, text: &str) -> Result<String, String> {
        let base = Node::parse(base).unwrap();
        typed(&base, beside, Choice::parse(choice), text).map(|node| node.compact()).map_err(Cow::into_owned)
    }

    #[allow(clippy::unnecessary_wraps)] // what it is compared to
    fn ok(text: &str) -> Result<String, String> {
        Ok(text.to_owned())
    }

    #[test]
    fn a_null_becomes_what_the_text_looks_like_or_what_is_chosen() {
        let into_null = |choice, text| read("null", Kind::Null, choice, text);
        assert_eq!(into_null("", "8554.62"), ok("8554.62"));
        assert_eq!(into_null("", "true"), ok("true"));
        assert_eq!(into_null("", "00123"), ok("\"00123\""));
        assert_eq!(into_null("", "A-1"), ok("\"A-1\""));
        assert_eq!(into_null("text", "8554.62"), ok("\"8554.62\""));
        assert_eq!(into_null("text", ""), ok("\"\""));
        assert_eq!(into_null("number", "1 249,90"), ok("1249.90"));
        assert_eq!(into_null("bool", "yes"), ok("true"));
        assert_eq!(
            [into_null("", ""), into_null("", " "), into_null("null", "")],
            [ok("null"), ok("null"), ok("null")]
        );
        assert!(into_null("bool", "1").is_err());
        // Who types something says that it is something, whatever was chosen before.
        assert_eq!([into_null("null", "1"), into_null("illegible", "1")], [ok("1"), ok("1")]);
        assert_eq!(into_null("illegible", ""), ok("null"));
        // The column says more than the looks.
        assert_eq!(read("null", Kind::Text, "", "12"), ok("\"12\""));
        assert_eq!(read("null", Kind::Number, "", "€5"), ok("5"));
    }

    #[test]
    fn null_can_be_chosen_again() {
        for base in ["\"a\"", "\"\"", "1", "true"] {
            assert_eq!(read(base, Kind::Text, "null", ""), ok("null"), "{base}");
        }
        assert_eq!(
            [read("1", Kind::Text, "", ""), read("true", Kind::Text, "", "")],
            [ok("null"), ok("null")]
        );
        // Who types something says that it is something.
        assert_eq!(read("\"a\"", Kind::Text, "null", "b"), ok("\"b\""));
        assert_eq!(read("\"a\"", Kind::Text, "", ""), ok("\"\""));
    }

    #[test]
    fn a_schema_says_what_is_typed() {
        assert_eq!(read("null", Kind::Null, "as-text", "12"), ok("\"12\""));
        assert_eq!(read("null", Kind::Null, "as-text", ""), ok("null"));
        assert_eq!(read("null", Kind::Text, "as-number", "1,50"), ok("1.50"));
        assert_eq!(read("\"12\"", Kind::Text, "as-number", "12"), ok("\"12\""));
        assert_eq!(read("\"12\"", Kind::Text, "as-number", "13"), ok("13"));
        assert_eq!(read("null", Kind::Null, "as-bool", "yes"), ok("true"));
        assert_eq!(read("\"2026-01-01\"", Kind::Text, "as-date", "11.05.26"), ok("\"2026-05-11\""));
        assert_eq!(read("\"2026-01-01\"", Kind::Text, "as-date", ""), ok("null"));
        assert_eq!(read("\"11.05.26\"", Kind::Text, "as-date", "11.05.26"), ok("\"11.05.26\""));
        assert_eq!(read("null", Kind::Null, "as-date", "on receipt"), ok("\"on receipt\""));
        let asked = read("null", Kind::Null, "as-date", "11/05/2026").unwrap_err();
        assert!(asked.contains("11 May 2026 or 5 November 2026"), "{asked}");
        assert_eq!(read("\"GBP\"", Kind::Text, "as-one-of", "EUR"), ok("\"EUR\""));
        assert_eq!(read("\"GBP\"", Kind::Text, "as-one-of", ""), ok("null"));
    }

    #[test]
    fn each_kind_is_typed_as_it_is_shown() {
        assert_eq!(read("true", Kind::Text, "", " false "), ok("false"));
        assert_eq!(read(r#""a\u0000b""#, Kind::Text, "", r#""c\u0000d""#), ok(r#""c\u0000d""#));
        assert_eq!(read(r#""a\u0000b""#, Kind::Text, "", "plain"), ok(r#""plain""#));
        assert!(read(r#""a\u0000b""#, Kind::Text, "", "\"open").is_err());
        assert_eq!(field_text(&Node::Text("a\0".into())), r#""a\u0000""#);
        assert_eq!(read("12.50", Kind::Text, "", "12.50"), ok("12.50"));
    }

    #[test]
    fn a_text_whose_lines_end_in_cr_lf_is_plain_and_stays_so() {
        let base = r#""one\r\ntwo""#;
        let node = Node::parse(base).unwrap();
        assert_eq!((Kind::of(&node), field_text(&node).as_str()), (Some(Kind::Text), "one\ntwo"));
        assert_eq!(read(base, Kind::Text, "", "one\r\ntwo"), ok(base));
        assert_eq!(read(base, Kind::Text, "", "one\r\nthree"), ok(r#""one\r\nthree""#));
        assert_eq!(Kind::of(&Node::Text("one\r\ntwo\n".into())), Some(Kind::Escaped));
        assert_eq!(Kind::of(&Node::Text("one\rtwo".into())), Some(Kind::Escaped));
    }
}
