//! Fields that a schema requires and that are not there: missing, null, empty or blank.

use crate::review::gate::values::json::Json;
use crate::review::gate::values::path::below;
use crate::review::gate::work::Work;
use serde_json::{Map, Value};
use std::collections::{HashMap, HashSet};

/// What is missing.
#[derive(Clone, Debug, Default)]
pub(crate) struct Missing {
    /// The first, by JSON Pointer, with how it is missing.
    pub(crate) first: Option<(String, &'static str)>,
    pub(crate) count: usize,
}

/// How many subschemas are looked at for one value, and how far references lead.
const MEMBERS: usize = 64;

/// What in `output` is missing by `schema`.
pub(crate) fn missing(schema: &Value, output: &Json, work: &mut Work) -> Missing {
    let mut missing = Missing::default();
    Walk { root: schema, missing: &mut missing, work }.value(&[schema], output, "");
    missing
}

struct Walk<'a> {
    root: &'a Value,
    missing: &'a mut Missing,
    work: &'a mut Work,
}

impl<'a> Walk<'a> {
    fn value(&mut self, schemas: &[&'a Value], value: &Json, place: &str) {
        self.work.spend(1 + place.len() as u64 / 64);
        if schemas.is_empty() || self.work.is_used_up() {
            return;
        }
        let members = self.members(schemas);
        match value {
            Json::Object(entries) => self.object(&members, entries, place),
            Json::List(items) => {
                for (index, item) in items.iter().enumerate() {
                    let of_item: Vec<&Value> = members
                        .iter()
                        .filter_map(|member| {
                            let (items, prefix) = (member.get("items"), member.get("prefixItems"));
                            let first =
                                prefix.or(items).and_then(Value::as_array).and_then(|list| list.get(index));
                            first.or_else(|| items.filter(|items| items.is_object()))
                        })
                        .collect();
                    self.value(&of_item, item, &below(place, &index.to_string()));
                }
            }
            _ => {}
        }
    }

    fn object(&mut self, members: &[&'a Map<String, Value>], entries: &[(String, Json)], place: &str) {
        let there: HashMap<&str, &Json> = entries.iter().map(|(key, value)| (key.as_str(), value)).collect();
        let mut seen = HashSet::new();
        for member in members {
            let names =
                member.get("required").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
            self.work.spend(names.len() as u64);
            for name in names.iter().filter_map(Value::as_str).filter(|name| seen.insert(*name)) {
                let how = match there.get(name) {
                    None => "missing",
                    Some(Json::Null) => "null",
                    Some(Json::Text(text)) if text.trim().is_empty() => "empty",
                    Some(_) => continue,
                };
                self.missing.first.get_or_insert_with(|| (below(place, name), how));
                self.missing.count += 1;
            }
        }
        for (key, value) in entries {
            self.work.spend(members.len() as u64);
            if !matches!(value, Json::Object(_) | Json::List(_)) {
                continue;
            }
            let of_key: Vec<&Value> = members
                .iter()
                .filter_map(|member| {
                    let named = member.get("properties").and_then(|properties| properties.get(key));
                    named.or_else(|| member.get("additionalProperties"))
                })
                .collect();
            self.value(&of_key, value, &below(place, key));
        }
    }

    /// All subschemas that surely apply to the same value: by references, `allOf`, and where only null is the other choice.
    fn members(&mut self, schemas: &[&'a Value]) -> Vec<&'a Map<String, Value>> {
        let mut members: Vec<&'a Map<String, Value>> = Vec::new();
        let mut open: Vec<&'a Value> = schemas.iter().rev().copied().collect();
        while let Some(schema) = open.pop() {
            self.work.spend(1);
            let Value::Object(keywords) = schema else { continue };
            let is_new = !members.iter().any(|known| std::ptr::eq(*known, keywords));
            if !is_new || members.len() == MEMBERS {
                continue;
            }
            members.push(keywords);
            let choices = ["anyOf", "oneOf"].iter().filter_map(|name| keywords.get(*name)?.as_array());
            for choice in choices {
                let is_null = |schema: &&Value| {
                    schema["type"] == "null" || schema.get("const").is_some_and(Value::is_null)
                };
                let mut others = choice.iter().take(MEMBERS).filter(|schema| !is_null(schema));
                if let (Some(only), None) = (others.next(), others.next()) {
                    open.push(only);
                }
            }
            if let Some(all) = keywords.get("allOf").and_then(Value::as_array) {
                open.extend(all.iter().take(MEMBERS).rev());
            }
            open.extend(
                keywords.get("$ref").and_then(Value::as_str).and_then(|target| self.resolved(target)),
            );
        }
        members
    }

    fn resolved(&self, target: &str) -> Option<&'a Value> {
        let pointer = percent_encoding::percent_decode_str(target.strip_prefix('#')?).decode_utf8().ok()?;
        self.root.pointer(&pointer)
    }
}
