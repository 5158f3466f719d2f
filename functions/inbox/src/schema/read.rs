//! A schema's text as a list of subschemas, each with what it says itself.

use super::{Schema, Types};
use crate::document::{Node, push_pointer};
use percent_encoding::percent_decode_str;
use std::collections::{HashMap, HashSet};

/// What one subschema says itself. The numbers are those of other subschemas.
#[derive(Debug, Default)]
pub(super) struct Subschema {
    pub(super) title: Option<String>,
    pub(super) description: Option<String>,
    /// None, if it names no type.
    pub(super) types: Option<Types>,
    pub(super) options: Option<Vec<Node>>,
    pub(super) format: Option<String>,
    pub(super) required: Vec<String>,
    pub(super) must_have: HashSet<String>,
    properties: Vec<(String, usize)>,
    by_name: HashMap<String, usize>,
    pub(super) additional: Option<usize>,
    pub(super) first_items: Vec<usize>,
    pub(super) items: Option<usize>,
    pub(super) reference: Option<usize>,
    pub(super) all: Vec<usize>,
    /// `anyOf` or `oneOf`.
    pub(super) any: Vec<usize>,
}

impl Subschema {
    pub(super) fn property(&self, name: &str) -> Option<usize> {
        self.by_name.get(name).copied()
    }

    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.properties.iter().map(|(name, _)| name.as_str())
    }
}

/// All subschemas, the whole first; none if there are too many.
pub(super) fn subschemas(schema: &Node) -> Option<Vec<Subschema>> {
    let mut reading = Reading::default();
    reading.read(schema)?;
    reading.follow_references();
    Some(reading.subschemas)
}

#[derive(Default)]
struct Reading {
    subschemas: Vec<Subschema>,
    pointer: String,
    by_pointer: HashMap<String, usize>,
    /// Which subschema refers to which text.
    references: Vec<(usize, String)>,
}

impl Reading {
    /// Longer places cannot be referred to.
    const POINTER: usize = 1000;
    /// How much of a title, and of a description, is kept.
    const TEXT: usize = 500;

    fn read(&mut self, node: &Node) -> Option<usize> {
        let id = self.subschemas.len();
        if id == Schema::SUBSCHEMAS {
            return None;
        }
        self.subschemas.push(Subschema::default());
        if self.pointer.len() <= Self::POINTER {
            self.by_pointer.insert(self.pointer.clone(), id);
        }
        let Node::Object(entries) = node else { return Some(id) };
        let mut own = Subschema::default();
        for (key, value) in entries {
            self.keyword(&mut own, id, key, value)?;
        }
        self.subschemas[id] = own;
        Some(id)
    }

    fn keyword(&mut self, own: &mut Subschema, id: usize, key: &str, value: &Node) -> Option<()> {
        match (key, value) {
            ("title", Node::Text(text)) => own.title = Some(text.chars().take(Self::TEXT).collect()),
            ("description", Node::Text(text)) => {
                own.description = Some(text.chars().take(Self::TEXT).collect());
            }
            ("format", Node::Text(text)) => own.format = Some(text.clone()),
            ("type", value) => own.types = Some(types(value)),
            ("enum", Node::List(options)) => own.options = Some(options.clone()),
            ("const", value) => own.options = Some(vec![value.clone()]),
            ("required", Node::List(names)) => {
                let texts = names
                    .iter()
                    .filter_map(|name| if let Node::Text(it) = name { Some(it.clone()) } else { None });
                own.required.extend(texts);
                own.must_have = own.required.iter().cloned().collect();
            }
            ("properties", Node::Object(_)) => {
                own.properties = self.named("properties", value)?;
                own.by_name = own.properties.iter().cloned().collect();
            }
            ("$defs" | "definitions", Node::Object(_)) => {
                self.named(key, value)?;
            }
            ("items" | "prefixItems", Node::List(_)) => own.first_items = self.listed(key, value)?,
            ("items", Node::Object(_)) => own.items = Some(self.inside(key, value)?),
            ("additionalItems", Node::Object(_)) if own.items.is_none() => {
                own.items = Some(self.inside(key, value)?);
            }
            ("additionalProperties", Node::Object(_)) => own.additional = Some(self.inside(key, value)?),
            ("allOf", Node::List(_)) => own.all = self.listed(key, value)?,
            ("anyOf" | "oneOf", Node::List(_)) => own.any = self.listed(key, value)?,
            ("$ref", Node::Text(text)) => self.references.push((id, text.clone())),
            ("$anchor", Node::Text(name)) => {
                self.by_pointer.insert(format!("#{name}"), id);
            }
            _ => {}
        }
        Some(())
    }

    fn inside(&mut self, key: &str, node: &Node) -> Option<usize> {
        let before = self.pointer.len();
        // What lies below a place that is too long cannot be referred to either, and its name is not kept.
        if before <= Self::POINTER {
            push_pointer(&mut self.pointer, key);
        }
        let id = self.read(node);
        self.pointer.truncate(before);
        id
    }

    fn named(&mut self, key: &str, value: &Node) -> Option<Vec<(String, usize)>> {
        let Node::Object(entries) = value else { return Some(Vec::new()) };
        self.below(key, |reading| {
            entries.iter().map(|(name, node)| Some((name.clone(), reading.inside(name, node)?))).collect()
        })
    }

    fn listed(&mut self, key: &str, value: &Node) -> Option<Vec<usize>> {
        let Node::List(items) = value else { return Some(Vec::new()) };
        self.below(key, |reading| {
            items.iter().enumerate().map(|(index, node)| reading.inside(&index.to_string(), node)).collect()
        })
    }

    fn below<T>(&mut self, key: &str, read: impl FnOnce(&mut Self) -> T) -> T {
        let before = self.pointer.len();
        if before <= Self::POINTER {
            push_pointer(&mut self.pointer, key);
        }
        let made = read(self);
        self.pointer.truncate(before);
        made
    }

    /// Only what refers to a place inside this schema is followed.
    fn follow_references(&mut self) {
        for (id, text) in std::mem::take(&mut self.references) {
            let Some(pointer) = text.strip_prefix('#') else { continue };
            let pointer = percent_decode_str(pointer).decode_utf8_lossy();
            let name =
                if pointer.is_empty() || pointer.starts_with('/') { pointer } else { text.as_str().into() };
            self.subschemas[id].reference = self.by_pointer.get(name.as_ref()).copied();
        }
    }
}

/// The types that `type` names.
fn types(value: &Node) -> Types {
    let one = |node: &Node| match node {
        Node::Text(name) => match name.as_str() {
            "null" => Types::NULL,
            "boolean" => Types::BOOLEAN,
            "number" | "integer" => Types::NUMBER,
            "string" => Types::STRING,
            "array" => Types::ARRAY,
            "object" => Types::OBJECT,
            _ => Types::ANY,
        },
        _ => Types::ANY,
    };
    match value {
        Node::List(names) => names.iter().fold(Types::NONE, |all, name| all.or(one(name))),
        name => one(name),
    }
}
