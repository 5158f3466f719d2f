//! What a JSON Schema (2020-12 or draft 7) says of the values of an output: labels, help, controls, what is required.
//!
//! It guides the reader and forbids nothing: what is unclear in a schema, or refers to another document, says nothing. `checks`
//! says what does not fit.
//!
//! `read` makes a list of subschemas of the text; `join` follows `$ref`, `allOf` and `anyOf`, once for each subschema.

mod join;
mod read;
#[cfg(test)]
mod tests;

use crate::document::Node;
use crate::document::key_label::{KEY, head, key_label, short};
use join::Member;
use read::Subschema;
use shared::review::visible;
use std::collections::HashSet;

/// A schema that was read.
#[derive(Debug)]
pub(crate) struct Schema {
    subschemas: Vec<Subschema>,
    /// Of each subschema: itself, and those that apply to the same value.
    members: Vec<Box<[Member]>>,
    /// The JSON types that each allows, all that apply together.
    types: Vec<Types>,
}

/// A schema that is not used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum NotUsed {
    #[error("The schema of this output is too large to be used here.")]
    TooLarge,
    #[error("The schema of this output cannot be read.")]
    NotJson,
}

/// A set of JSON types.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Types(u8);

impl Types {
    const NULL: Self = Self(1);
    const BOOLEAN: Self = Self(2);
    const NUMBER: Self = Self(4);
    const STRING: Self = Self(8);
    const ARRAY: Self = Self(16);
    const OBJECT: Self = Self(32);
    const NONE: Self = Self(0);
    const ANY: Self = Self(63);

    const fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    const fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    const fn without_null(self) -> Self {
        Self(self.0 & !Self::NULL.0)
    }

    const fn has(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    const fn of(node: &Node) -> Self {
        match node {
            Node::Null => Self::NULL,
            Node::Bool(_) => Self::BOOLEAN,
            Node::Number(_) => Self::NUMBER,
            Node::Text(_) => Self::STRING,
            Node::List(_) => Self::ARRAY,
            Node::Object(_) => Self::OBJECT,
        }
    }
}

/// What kind of single value a schema asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Expected<'s> {
    Text,
    Number,
    YesNo,
    Date,
    /// One of these texts.
    Choice(Vec<&'s str>),
}

/// All that a schema says of one value.
#[derive(Clone, Debug, Default)]
pub(crate) struct Rules<'s> {
    schema: Option<&'s Schema>,
    /// The subschemas at the value's own place.
    own: Vec<usize>,
}

impl Schema {
    /// Texts of schemas that are read; deeper and larger ones say nothing.
    const BYTES: usize = 1 << 18;
    const SUBSCHEMAS: usize = 10_000;
    /// How many subschemas are looked at for one value.
    const MEMBERS: usize = 32;

    /// Parses the text of a schema, in time linear in it.
    pub(crate) fn parse(text: &str) -> Result<Self, NotUsed> {
        if text.len() > Self::BYTES {
            return Err(NotUsed::TooLarge);
        }
        let node = Node::parse(text).map_err(|_| NotUsed::NotJson)?;
        let subschemas = read::subschemas(&node).ok_or(NotUsed::TooLarge)?;
        let members = (0..subschemas.len()).map(|id| join::members(&subschemas, id)).collect();
        let types = join::types(&subschemas);
        Ok(Self { subschemas, members, types })
    }

    /// What it says of the whole output.
    pub(crate) fn root(&self) -> Rules<'_> {
        Rules { schema: Some(self), own: vec![0] }
    }
}

impl<'s> Rules<'s> {
    /// A property of an object that a schema names.
    fn each(&self) -> impl Iterator<Item = (&'s Subschema, Member)> + '_ {
        let schema = self.schema;
        let members =
            self.own.iter().flat_map(move |id| schema.into_iter().flat_map(|it| it.members[*id].iter()));
        members
            .take(Schema::MEMBERS)
            .filter_map(move |member| Some((&schema?.subschemas[member.id], *member)))
    }

    fn with(&self, own: impl Iterator<Item = usize>) -> Self {
        let mut ids: Vec<usize> = Vec::new();
        for id in own.take(Schema::MEMBERS) {
            if !ids.contains(&id) {
                ids.push(id);
            }
        }
        Self { schema: self.schema, own: ids }
    }

    fn own(&self) -> impl Iterator<Item = &'s Subschema> + '_ {
        self.own.iter().filter_map(|id| self.schema.map(|schema| &schema.subschemas[*id]))
    }

    /// Whether nothing is said.
    pub(crate) const fn is_empty(&self) -> bool {
        self.own.is_empty()
    }

    /// Of a property.
    pub(crate) fn key(&self, key: &str) -> Self {
        self.with(self.each().filter_map(|(it, _)| it.property(key).or(it.additional)))
    }

    /// Of an item of a list.
    pub(crate) fn item(&self, index: usize) -> Self {
        self.with(self.each().filter_map(|(it, _)| it.first_items.get(index).copied().or(it.items)))
    }

    /// What the value is called; none where that only repeats its key, as generators of schemas write it.
    pub(crate) fn title(&self, key: &str) -> Option<&'s str> {
        let title = self.own().find_map(|it| it.title.as_deref())?.trim();
        let words = |text: &str| -> String {
            text.chars().filter(|it| it.is_alphanumeric()).flat_map(char::to_lowercase).collect()
        };
        (!title.is_empty() && words(title) != words(key)).then_some(title)
    }

    /// What the value is, in a sentence or more.
    pub(crate) fn description(&self) -> Option<&'s str> {
        let of = |it: &'s Subschema| it.description.as_deref().map(str::trim).filter(|text| !text.is_empty());
        self.own().find_map(of).or_else(|| self.each().find_map(|(it, _)| of(it)))
    }

    /// The types that are allowed.
    fn types(&self) -> Types {
        let Some(schema) = self.schema else { return Types::ANY };
        self.own.iter().fold(Types::ANY, |all, id| all.and(schema.types[*id]))
    }

    /// Whether null is no answer here.
    pub(crate) fn forbids_null(&self) -> bool {
        !self.is_empty() && !self.types().has(Types::NULL)
    }

    /// What kind of single value is asked for; none if that is not clear.
    pub(crate) fn expected(&self) -> Option<Expected<'s>> {
        if self.is_empty() {
            return None;
        }
        let options = self.each().find_map(|(it, member)| it.options.as_ref().filter(|_| member.is_sure));
        match self.types().without_null() {
            Types::STRING => {
                let texts = |options: &'s Vec<Node>| {
                    let texts = options.iter().filter(|it| **it != Node::Null);
                    texts
                        .map(|it| if let Node::Text(text) = it { Some(text.as_str()) } else { None })
                        .collect()
                };
                match options.and_then(texts) {
                    Some(choices) => Some(Expected::Choice(choices)),
                    None if self.format() == Some("date") => Some(Expected::Date),
                    None => Some(Expected::Text),
                }
            }
            Types::NUMBER => Some(Expected::Number),
            Types::BOOLEAN => Some(Expected::YesNo),
            _ => None,
        }
    }

    fn format(&self) -> Option<&'s str> {
        self.each().find_map(|(it, _)| it.format.as_deref())
    }

    /// The properties that an object may have, in the schema's order, each once.
    pub(crate) fn properties(&self) -> Vec<&'s str> {
        let mut known = HashSet::new();
        let names = self.each().flat_map(|(it, _)| it.names());
        names.filter(|name| known.insert(*name)).collect()
    }

    /// Whether an object must have a property.
    pub(crate) fn requires(&self, key: &str) -> bool {
        self.each().any(|(it, member)| member.is_sure && it.must_have.contains(key))
    }

    /// Whether a single value stands here: neither a list nor an object, as far as is known.
    pub(crate) fn is_leaf(&self) -> bool {
        let types = self.types();
        !self.is_empty() && types != Types::ANY && !types.has(Types::ARRAY) && !types.has(Types::OBJECT)
    }

    /// The properties that an object must have, each once.
    pub(crate) fn required(&self) -> Vec<&'s str> {
        let mut known = HashSet::new();
        let sure = self.each().filter(|(_, member)| member.is_sure);
        let names = sure.flat_map(|(it, _)| it.required.iter().map(String::as_str));
        names.filter(|name| known.insert(*name)).collect()
    }

    /// What a value is called, whose key is `key`.
    pub(crate) fn label(&self, key: &str) -> String {
        let title = self.title(key).map(|title| short(&visible(&head(title)), KEY));
        title.unwrap_or_else(|| key_label(key))
    }

    /// An empty value of this shape, for people to fill in: objects with their properties, all else null.
    pub(crate) fn blank(&self) -> Node {
        self.blank_within(4, &mut 100)
    }

    fn blank_within(&self, levels: usize, room: &mut usize) -> Node {
        let types = self.types().without_null();
        if levels > 0 && !self.is_empty() && types == Types::OBJECT {
            let mut entries = Vec::new();
            for name in self.properties() {
                if *room == 0 {
                    break;
                }
                *room -= 1;
                entries.push((name.to_owned(), self.key(name).blank_within(levels - 1, room)));
            }
            return Node::Object(entries);
        }
        if types == Types::ARRAY { Node::List(Vec::new()) } else { Node::Null }
    }
}
