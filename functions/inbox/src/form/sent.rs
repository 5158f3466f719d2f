//! What was sent with a form, by field and by place.

use super::field_text;
use crate::document::Node;
use std::borrow::Cow;
use std::cmp::Ordering;
use std::collections::HashMap;

/// What was sent, by field.
#[derive(Debug, Default)]
pub struct SubmittedForm(HashMap<String, String>);

impl SubmittedForm {
    /// What a browser sent; of two fields with one name the first counts.
    ///
    /// The buttons that take something back are obeyed: `undo` names a place of which nothing that was typed counts, `back` one
    /// whose value is to be another, both in one text (see [`back_to`]).
    pub(crate) fn new(fields: Vec<(String, String)>) -> Self {
        let mut sent = HashMap::with_capacity(fields.len());
        for (name, value) in fields {
            sent.entry(name).or_insert(value);
        }
        if let Some(place) = sent.remove("undo") {
            sent.retain(|name, _| !is_at_or_below(name, &place));
        }
        if let Some((place, value)) = sent.remove("back").as_deref().and_then(parse_back) {
            sent.retain(|name, _| !is_at_or_below(name, place));
            let word = match value {
                Node::Null => "null",
                Node::Bool(_) => "bool",
                Node::Number(_) => "number",
                _ => "text",
            };
            sent.insert(format!("k{place}"), word.to_owned());
            sent.insert(format!("f{place}"), field_text(&value));
        }
        Self(sent)
    }

    /// One field.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// Whether nothing was sent.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The same without some fields.
    pub(crate) fn without(&self, names: &[&str]) -> Self {
        let kept = self.0.iter().filter(|(name, _)| !names.contains(&name.as_str()));
        Self(kept.map(|(name, value)| (name.clone(), value.clone())).collect())
    }

    /// All fields, in no order.
    pub(crate) fn fields(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// Whether there is any field of the output.
    pub(crate) fn has_fields(&self) -> bool {
        let is_of_output = |name: &String| name == "snapshot" || name == "j" || name.get(1..2) == Some("/");
        self.0.keys().any(is_of_output)
    }

    /// One field, trimmed; none if it is blank.
    pub fn text(&self, name: &str) -> Option<String> {
        let text = self.get(name)?.replace("\r\n", "\n");
        let text = text.trim();
        (!text.is_empty()).then(|| text.to_owned())
    }

    /// The fields of the output, sorted by their places.
    pub(crate) fn by_place(&self) -> Vec<Field<'_>> {
        let fields = self.0.iter().filter_map(|(name, value)| {
            let of = FieldRole::of(name.chars().next()?)?;
            let place = name.get(1..).filter(|place| place.is_empty() || place.starts_with('/'))?;
            Some(Field { place, of, value })
        });
        let mut fields: Vec<Field<'_>> = fields.collect();
        fields.sort_unstable_by(|one, other| in_tree(one.place, other.place).then(one.of.cmp(&other.of)));
        fields
    }
}

/// What the button `back` sends: that the value at a place is to be another. The place comes first, and before it its length.
pub(crate) fn back_to(place: &str, value: &Node) -> String {
    format!("{}:{place}{}", place.len(), value.compact())
}

fn parse_back(text: &str) -> Option<(&str, Node)> {
    let (length, rest) = text.split_once(':')?;
    let (place, value) = rest.split_at_checked(length.parse().ok()?)?;
    Some((place, Node::parse(value).ok().filter(Node::is_leaf)?))
}

/// Whether the name of a field is of a place, or of one below it.
fn is_at_or_below(name: &str, place: &str) -> bool {
    let is_of_output = name.chars().next().and_then(FieldRole::of).is_some();
    let rest = name.get(1..).and_then(|of| of.strip_prefix(place));
    is_of_output
        && place.starts_with('/')
        && rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Places in the order of the tree: what is below a place follows it at once.
fn in_tree(one: &str, other: &str) -> Ordering {
    let rank = |byte: u8| if byte == b'/' { 0 } else { u16::from(byte) + 1 };
    one.bytes().map(rank).cmp(other.bytes().map(rank))
}

/// What a field of the output says of its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum FieldRole {
    /// `f`: its value.
    Value,
    /// `j`: its value, as JSON.
    Json,
    /// `k`: what kind of value was typed.
    Kind,
    /// `t`: whose value is chosen, where both changed it.
    Whose,
    /// `x`: that it is taken out.
    TakenOut,
    /// `n`: a value of a row that is new.
    New,
    /// `a`: a row or an entry that is new, as JSON.
    Added,
    /// `e`: the same, made of an empty template: there is none, if that was left as it is.
    Template,
}

impl FieldRole {
    const fn of(letter: char) -> Option<Self> {
        Some(match letter {
            'f' => Self::Value,
            'j' => Self::Json,
            'k' => Self::Kind,
            't' => Self::Whose,
            'x' => Self::TakenOut,
            'n' => Self::New,
            'a' => Self::Added,
            'e' => Self::Template,
            _ => return None,
        })
    }
}

/// One field of the output.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Field<'a> {
    place: &'a str,
    pub(crate) of: FieldRole,
    pub(crate) value: &'a str,
}

/// The fields at a place and below it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Below<'a> {
    fields: &'a [Field<'a>],
    /// How many bytes of each field's place lead here.
    at: usize,
}

impl<'a> Below<'a> {
    /// All fields.
    pub(crate) const fn all(fields: &'a [Field<'a>]) -> Self {
        Self { fields, at: 0 }
    }

    pub(crate) const fn is_empty(&self) -> bool {
        self.fields.is_empty()
    }

    /// Whether any text was sent in such a role, here or below.
    pub(crate) fn has_text(&self, role: FieldRole) -> bool {
        self.fields.iter().any(|field| field.of == role && !field.value.trim().is_empty())
    }

    /// How many fields there are.
    pub(crate) const fn count(&self) -> usize {
        self.fields.len()
    }

    /// What was sent of this place itself.
    pub(crate) fn own(&self, of: FieldRole) -> Option<&'a str> {
        let here = self.fields.iter().take_while(|field| field.place.len() == self.at);
        here.clone().find(|field| field.of == of).map(|field| field.value)
    }

    /// What was sent of what is below it, by a key or a number of a row as it is written in a place, without the slash.
    pub(crate) fn child(&self, segment: &str) -> Self {
        let rest = |field: &Field<'a>| field.place.get(self.at..).unwrap_or_default();
        let start = self.fields.partition_point(|field| match rest(field).strip_prefix('/') {
            Some(rest) => in_tree(rest, segment) == Ordering::Less,
            None => true,
        });
        let below = &self.fields[start..];
        let is_there = |field: &Field<'a>| {
            let rest = rest(field).strip_prefix('/').and_then(|rest| rest.strip_prefix(segment));
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        let end = below.partition_point(is_there);
        Self { fields: &below[..end], at: self.at + 1 + segment.len() }
    }

    /// The next steps down, each once, of those below which something of a kind was sent.
    pub(crate) fn steps(&self, kinds: &[FieldRole]) -> Vec<&'a str> {
        let mut steps: Vec<&str> = Vec::new();
        for field in self.fields.iter().filter(|field| kinds.contains(&field.of)) {
            let rest = field.place.get(self.at..).and_then(|rest| rest.strip_prefix('/'));
            let step = rest.map(|rest| rest.split('/').next().unwrap_or_default());
            steps.extend(step.filter(|step| steps.last() != Some(step)));
        }
        steps
    }
}

/// What is wrong with a field, by its name.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct ValueError(HashMap<String, Cow<'static, str>>);

impl ValueError {
    pub(crate) fn new() -> Self {
        Self::default()
    }

    pub(crate) fn get(&self, field: &str) -> Option<&str> {
        self.0.get(field).map(AsRef::as_ref)
    }

    pub(crate) fn contains_key(&self, field: &str) -> bool {
        self.0.contains_key(field)
    }

    pub(crate) fn insert(&mut self, field: String, fault: impl Into<Cow<'static, str>>) {
        self.0.insert(field, fault.into());
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// All faults, each with its field, in no order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(field, fault)| (field.as_str(), fault.as_ref()))
    }

    #[cfg(test)]
    pub(crate) fn fields(&self) -> Vec<&str> {
        let mut names: Vec<&str> = self.0.keys().map(String::as_str).collect();
        names.sort_unstable();
        names
    }
}

impl<T: Into<Cow<'static, str>>, const COUNT: usize> From<[(String, T); COUNT]> for ValueError {
    fn from(faults: [(String, T); COUNT]) -> Self {
        faults.into_iter().collect()
    }
}

impl<T: Into<Cow<'static, str>>> FromIterator<(String, T)> for ValueError {
    fn from_iter<I: IntoIterator<Item = (String, T)>>(faults: I) -> Self {
        Self(faults.into_iter().map(|(field, fault)| (field, fault.into())).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_beside_the_output_are_none_of_it() {
        let sent = |name: &str, text: &str| SubmittedForm::new(vec![(name.to_owned(), text.to_owned())]);
        for name in ["snapshot", "j", "j/a", "f/a", "x/a/0"] {
            assert!(sent(name, "").has_fields(), "{name}");
        }
        for name in ["", "note", "rev", "f"] {
            assert!(!sent(name, "").has_fields(), "{name}");
        }
        assert_eq!(sent("note", " a\r\nb ").text("note").as_deref(), Some("a\nb"));
        assert_eq!((sent("note", " \r\n").text("note"), sent("note", "a").text("reason")), (None, None));
    }

    #[test]
    fn fields_are_found_by_their_place() {
        let names =
            ["f/a", "f/a-b", "f/a/0", "k/a/0", "f/a/0/x", "f/a/00", "x/a/0", "j", "n/a/1.0/x", "note", "f/"];
        let sent =
            SubmittedForm::new(names.iter().map(|name| ((*name).to_owned(), (*name).to_owned())).collect());
        let fields = sent.by_place();
        let all = Below::all(&fields);
        assert_eq!((all.own(FieldRole::Json), all.own(FieldRole::Value)), (Some("j"), None));
        let a = all.child("a");
        assert_eq!((a.own(FieldRole::Value), a.own(FieldRole::Kind)), (Some("f/a"), None));
        let first = a.child("0");
        let said = [FieldRole::Value, FieldRole::Kind, FieldRole::TakenOut, FieldRole::New]
            .map(|what| first.own(what));
        assert_eq!(said, [Some("f/a/0"), Some("k/a/0"), Some("x/a/0"), None]);
        assert_eq!(first.child("x").own(FieldRole::Value), Some("f/a/0/x"));
        assert_eq!(
            (all.child("a-b").own(FieldRole::Value), all.child("").own(FieldRole::Value)),
            (Some("f/a-b"), Some("f/"))
        );
        assert!(all.child("b").is_empty() && a.child("1").is_empty());
        assert_eq!(a.steps(&[FieldRole::New, FieldRole::Added]), ["1.0"]);
    }
}
