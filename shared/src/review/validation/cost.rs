//! Whether checking an output against a schema is cheap enough: counted beforehand, in bounded time, because a small schema can
//! ask for more work than would ever end (`allOf` of two references, to one that does the same, and so on).

use super::NotChecked;
use super::steps::{matching, of_text, size_of};
use percent_encoding::percent_decode_str;
use serde_json::{Map, Value};
use std::collections::HashMap;

/// Visits of a subschema to a value, and what costs about as much.
const VISITS: u64 = 400_000;
/// Subschemas of a schema, each counted as often as it is compiled.
const SUBSCHEMAS: u64 = 50_000;
/// How many subschemas lead from one to the next, through references, too.
const DEPTH: usize = 300;
/// Regular expressions in a schema.
const PATTERNS: usize = 300;

/// Says no if the check could take long, or never end.
pub(super) fn is_cheap(schema: &Value, output: &Value) -> Result<(), NotChecked> {
    let mut compiling = Compiling { root: schema, known: HashMap::new(), patterns: 0 };
    if compiling.size(schema, 0)? > SUBSCHEMAS || compiling.patterns > PATTERNS {
        return Err(NotChecked::TooMuch);
    }
    let mut visiting = Visiting { root: schema, known: HashMap::new(), sizes: HashMap::new() };
    let cost = visiting.cost(schema, output, 0)?;
    if cost.all > VISITS { Err(NotChecked::TooMuch) } else { Ok(()) }
}

/// What a reference leads to; only places inside the schema are followed.
fn target<'s>(root: &'s Value, reference: &Value) -> Result<&'s Value, NotChecked> {
    let pointer = reference.as_str().and_then(|text| text.strip_prefix('#')).ok_or(NotChecked::Elsewhere)?;
    let pointer = percent_decode_str(pointer).decode_utf8().map_err(|_| NotChecked::Elsewhere)?;
    root.pointer(&pointer).ok_or(NotChecked::Elsewhere)
}

const fn is_in_place(keyword: &str) -> bool {
    matches!(
        keyword.as_bytes(),
        b"allOf"
            | b"anyOf"
            | b"oneOf"
            | b"not"
            | b"if"
            | b"then"
            | b"else"
            | b"dependentSchemas"
            | b"dependencies"
    )
}

const fn is_of_children(keyword: &str) -> bool {
    matches!(
        keyword.as_bytes(),
        b"properties"
            | b"patternProperties"
            | b"additionalProperties"
            | b"propertyNames"
            | b"items"
            | b"prefixItems"
            | b"additionalItems"
            | b"contains"
            | b"unevaluatedItems"
            | b"unevaluatedProperties"
    )
}

/// Whether a keyword holds subschemas by name.
const fn is_named(keyword: &str) -> bool {
    matches!(keyword.as_bytes(), b"properties" | b"patternProperties" | b"dependentSchemas" | b"dependencies")
}

/// The subschemas that a keyword holds.
fn subschemas<'s>(keyword: &str, value: &'s Value) -> Vec<&'s Value> {
    match value {
        Value::Object(named) if is_named(keyword) => named.values().collect(),
        Value::Array(items) => items.iter().collect(),
        other => vec![other],
    }
}

struct Compiling<'s> {
    root: &'s Value,
    /// None, while it is being counted.
    known: HashMap<*const Value, Option<u64>>,
    patterns: usize,
}

impl<'s> Compiling<'s> {
    fn size(&mut self, schema: &'s Value, depth: usize) -> Result<u64, NotChecked> {
        let Value::Object(keywords) = schema else { return Ok(1) };
        if depth > DEPTH {
            return Err(NotChecked::TooMuch);
        }
        let place = std::ptr::from_ref(schema);
        match self.known.get(&place) {
            Some(Some(size)) => return Ok(*size),
            Some(None) => return Ok(1),
            None => {}
        }
        self.known.insert(place, None);
        let mut size: u64 = 1;
        for (keyword, value) in keywords {
            match keyword.as_str() {
                "$ref" => size = size.saturating_add(self.size(target(self.root, value)?, depth + 1)?),
                "$dynamicRef" | "$recursiveRef" => return Err(NotChecked::Elsewhere),
                "$id" if depth > 0 && value.is_string() => return Err(NotChecked::Elsewhere),
                "pattern" => self.patterns += 1,
                keyword if is_in_place(keyword) || is_of_children(keyword) => {
                    if keyword == "patternProperties" {
                        self.patterns += value.as_object().map_or(0, Map::len);
                    }
                    for subschema in subschemas(keyword, value) {
                        size = size.saturating_add(self.size(subschema, depth + 1)?);
                    }
                }
                _ => {}
            }
        }
        self.known.insert(place, Some(size));
        Ok(size)
    }
}

/// What a subschema costs at a value: to know whether it fits, and to list all that does not.
#[derive(Clone, Copy, Debug, Default)]
struct Cost {
    valid: u64,
    all: u64,
}

impl Cost {
    const fn add(&mut self, other: Self) {
        self.valid = self.valid.saturating_add(other.valid);
        self.all = self.all.saturating_add(other.all);
    }

    const fn more(&mut self, steps: u64) {
        self.add(Self { valid: steps, all: steps });
    }

    /// First whether any fits, then, if none does, why.
    const fn twice(self) -> Self {
        Self { valid: self.valid, all: self.all.saturating_add(self.valid) }
    }
}

struct Visiting<'s> {
    root: &'s Value,
    known: HashMap<(*const Value, *const Value), Option<Cost>>,
    /// What it costs to compare a value, or to copy it: each is measured once.
    sizes: HashMap<*const Value, u64>,
}

impl<'s> Visiting<'s> {
    fn cost(&mut self, schema: &'s Value, value: &'s Value, depth: usize) -> Result<Cost, NotChecked> {
        let Value::Object(keywords) = schema else {
            // The names that an old `dependencies` requires.
            let names = 1 + schema.as_array().map_or(0, Vec::len) as u64;
            return Ok(Cost { valid: names, all: names });
        };
        if depth > DEPTH || self.known.len() as u64 > VISITS {
            return Err(NotChecked::TooMuch);
        }
        let place = (std::ptr::from_ref(schema), std::ptr::from_ref(value));
        match self.known.get(&place) {
            Some(Some(cost)) => return Ok(*cost),
            // It leads back to itself at the same value.
            Some(None) => return Err(NotChecked::TooMuch),
            None => {}
        }
        self.known.insert(place, None);
        let mut cost = Cost { valid: 1, all: 1 };
        let is_unevaluated = keywords.keys().any(|keyword| keyword.starts_with("unevaluated"));
        for (keyword, of) in keywords {
            match keyword.as_str() {
                "$ref" => cost.add(self.cost(target(self.root, of)?, value, depth + 1)?),
                keyword if is_in_place(keyword) => {
                    let mut here = Cost::default();
                    for subschema in subschemas(keyword, of) {
                        here.add(self.cost(subschema, value, depth + 1)?);
                    }
                    let is_tried = !matches!(keyword, "allOf" | "then" | "else");
                    here = if is_tried || is_unevaluated { here.twice() } else { here };
                    cost.add(if is_unevaluated { here.twice() } else { here });
                    if is_unevaluated {
                        cost.valid = cost.valid.saturating_add(here.valid);
                    }
                }
                keyword if is_of_children(keyword) => {
                    cost.add(self.children(keyword, of, keywords, value, depth)?);
                }
                keyword => {
                    cost.more(of_text(keyword, of, value).saturating_add(self.compared(keyword, of, value)));
                }
            }
            // What it is part of costs no less.
            if cost.all > VISITS {
                return Err(NotChecked::TooMuch);
            }
        }
        self.known.insert(place, Some(cost));
        Ok(cost)
    }

    /// What keywords cost that compare values, or go through a list of names. What does not fit is copied with what would.
    fn compared(&mut self, keyword: &str, of: &'s Value, value: &'s Value) -> u64 {
        match (keyword, value, of) {
            ("enum" | "const", ..) => self.size(of),
            ("uniqueItems", Value::Array(items), _) => {
                // Short lists are compared in pairs.
                let times = if items.len() > 15 { 1 } else { 1 + items.len() as u64 / 2 };
                self.size(value).saturating_mul(times).saturating_add(8 * items.len() as u64)
            }
            ("required", Value::Object(_), Value::Array(names)) => names.len() as u64,
            ("dependentRequired", Value::Object(_), Value::Object(lists)) => {
                lists.values().map(|names| 1 + names.as_array().map_or(0, Vec::len) as u64).sum()
            }
            _ => 0,
        }
    }

    fn size(&mut self, value: &'s Value) -> u64 {
        let place = std::ptr::from_ref(value);
        if let Some(size) = self.sizes.get(&place) {
            return *size;
        }
        let size = size_of(value);
        self.sizes.insert(place, size);
        size
    }

    fn children(
        &mut self,
        keyword: &str,
        of: &'s Value,
        keywords: &'s Map<String, Value>,
        value: &'s Value,
        depth: usize,
    ) -> Result<Cost, NotChecked> {
        let mut cost = Cost::default();
        match (keyword, value, of) {
            ("properties", Value::Object(entries), Value::Object(named)) => {
                cost.more(named.len() as u64 / 8);
                for (key, value) in entries {
                    if let Some(subschema) = named.get(key) {
                        cost.add(self.cost(subschema, value, depth + 1)?);
                    }
                }
            }
            ("patternProperties", Value::Object(entries), Value::Object(named)) => {
                for (key, value) in entries {
                    for (pattern, subschema) in named {
                        cost.more(matching(pattern, key));
                        cost.add(self.cost(subschema, value, depth + 1)?);
                    }
                }
            }
            ("propertyNames", Value::Object(entries), of) => {
                // What it asks of names is little, or not counted here, so it is not allowed to refer to anything.
                let size = of.to_string().len() as u64;
                let keys: u64 = entries.keys().map(|key| 1 + key.len() as u64 / 16).sum();
                if of.get("$ref").is_some() || size > 2000 {
                    return Err(NotChecked::TooMuch);
                }
                cost.more(keys.saturating_mul(1 + size / 16));
            }
            ("additionalProperties" | "unevaluatedProperties", Value::Object(entries), of) => {
                let known = keywords.get("properties").and_then(Value::as_object);
                for (key, value) in entries {
                    if keyword == "unevaluatedProperties"
                        || known.is_none_or(|known| !known.contains_key(key))
                    {
                        cost.add(self.cost(of, value, depth + 1)?);
                    }
                }
            }
            ("items" | "prefixItems", Value::Array(items), Value::Array(subschemas)) => {
                for (item, subschema) in items.iter().zip(subschemas) {
                    cost.add(self.cost(subschema, item, depth + 1)?);
                }
            }
            ("items" | "additionalItems" | "contains" | "unevaluatedItems", Value::Array(items), of) => {
                for item in items {
                    cost.add(self.cost(of, item, depth + 1)?);
                }
            }
            _ => {}
        }
        Ok(cost)
    }
}
