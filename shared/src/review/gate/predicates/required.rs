//! `any_required_field_null`: fields that a schema requires and that are not there: missing, null, empty or blank. A part of the
//! schema that is not understood may require anything: it is kept as not known.

use super::lowest::Places;
use crate::review::gate::evaluate::Scene;
use crate::review::gate::evaluation::{AnyJson, EvaluationOutcome as As};
use crate::review::gate::finding::{Finding, and_more};
use crate::review::gate::values::json::Json;
use crate::review::gate::values::path::below;
use crate::review::gate::work::Work;
use members::{Members, alternatives};
use serde_json::{Map, Value};
use std::collections::{HashMap, HashSet};

mod members;

/// What is missing.
#[derive(Clone, Debug, Default)]
pub(crate) struct Missing {
    /// The first, by JSON Pointer, with how it is missing.
    first: Option<(String, As)>,
    count: u64,
    /// Where the schema is not understood.
    unknown: Places,
}

impl Missing {
    fn add(&mut self, place: String, how: As) {
        self.first.get_or_insert((place, how));
        self.count += 1;
    }

    fn join(&mut self, other: Self) {
        self.first = self.first.take().or(other.first);
        self.count += other.count;
        if let Some(place) = other.unknown.first {
            self.unknown.add(&place);
        }
    }
}

impl Scene<'_> {
    pub(crate) fn any_required_field_null(&mut self) -> Finding {
        let Some(schema) = self.subject.json_schema else {
            let reason = "no schema was sent, so it is not known which fields are required";
            return Finding::new(As::NotSent, reason);
        };
        let (output, work) = (&self.output, &mut self.work);
        let found = self.missing.get_or_insert_with(|| {
            // It was read when it came: what cannot be read is no schema.
            let schema = serde_json::from_str(schema.as_str()).unwrap_or_default();
            missing(&schema, output, work)
        });
        let compared = |finding: Finding, actual| finding.compared("is_not_empty", AnyJson::NULL, actual);
        match (&found.first, &found.unknown.first) {
            (None, None) => Finding::new(As::NotMet, "all required fields are there"),
            (Some((place, how)), _) => {
                let reason = format!("{place} is required, and {}{}", said(*how), and_more(found.count - 1));
                let actual = if *how == As::Empty { AnyJson::text("") } else { AnyJson::NULL };
                compared(Finding::new(*how, reason), actual).at(place.clone()).counting(found.count)
            }
            (None, Some(place)) => {
                let at = if place.is_empty() { "the output" } else { place };
                let reason = format!("it is not known what the schema requires of {at}");
                compared(Finding::new(As::NotKnown, reason), AnyJson::NULL).at(place.clone())
            }
        }
    }
}

const fn said(how: As) -> &'static str {
    match how {
        As::NoValue => "null",
        how => how.as_str(),
    }
}

/// What in `output` is missing by `schema`.
fn missing(schema: &Value, output: &Json, work: &mut Work) -> Missing {
    let mut missing = Missing::default();
    Walk { root: schema, work }.value(&[schema], output, "", &mut missing);
    missing
}

struct Walk<'a> {
    root: &'a Value,
    work: &'a mut Work,
}

impl<'a> Walk<'a> {
    fn value(&mut self, schemas: &[&'a Value], value: &Json, place: &str, missing: &mut Missing) {
        self.work.spend(1 + place.len() as u64 / 64);
        // Null holds nothing: that it is there is asked where it is required.
        if schemas.is_empty() || matches!(value, Json::Null) || self.work.is_used_up() {
            return;
        }
        let members = Members::of(self.root, schemas, self.work);
        if members.is_unknown {
            missing.unknown.add(place);
        }
        match value {
            Json::Object(entries) => self.object(&members.all, entries, place, missing),
            Json::List(items) => self.list(&members.all, items, place, missing),
            _ => {}
        }
        self.of_another_type(&members.all, value, place, missing);
        for (choices, count) in alternatives(&members.all, value) {
            self.work.spend(count);
            self.one_of(&choices, value, place, missing);
        }
    }

    /// Of several alternatives one must be complete; which one is meant nobody says.
    fn one_of(&mut self, choices: &[&'a Value], value: &Json, place: &str, missing: &mut Missing) {
        let mut best: Option<Missing> = None;
        let mut is_unknown = false;
        for choice in choices {
            let mut found = Missing::default();
            self.value(&[choice], value, place, &mut found);
            is_unknown |= found.unknown.first.is_some();
            if best.as_ref().is_none_or(|best| found.count < best.count) {
                best = Some(found);
            }
        }
        if is_unknown {
            missing.unknown.add(place);
        }
        missing.join(best.unwrap_or_default());
    }

    fn list(
        &mut self,
        members: &[&'a Map<String, Value>],
        items: &[Json],
        place: &str,
        missing: &mut Missing,
    ) {
        for (index, item) in items.iter().enumerate() {
            self.work.spend(members.len() as u64);
            let of_item: Vec<&Value> = members
                .iter()
                .filter_map(|member| {
                    let (items, prefix) = (member.get("items"), member.get("prefixItems"));
                    let listed = prefix.or(items).and_then(Value::as_array);
                    let first = listed.and_then(|list| list.get(index));
                    let rest = if items.is_some_and(Value::is_array) {
                        member.get("additionalItems")
                    } else {
                        items
                    };
                    first.or(rest)
                })
                .collect();
            self.value(&of_item, item, &below(place, &index.to_string()), missing);
        }
    }

    fn object(
        &mut self,
        members: &[&'a Map<String, Value>],
        entries: &[(String, Json)],
        place: &str,
        missing: &mut Missing,
    ) {
        let there: HashMap<&str, &Json> = entries.iter().map(|(key, value)| (key.as_str(), value)).collect();
        let mut seen = HashSet::new();
        for member in members {
            let names = required(member);
            self.work.spend(names.len() as u64);
            for name in names.iter().filter_map(Value::as_str).filter(|name| seen.insert(*name)) {
                let how = match there.get(name) {
                    None => As::Missing,
                    Some(Json::Null) => As::NoValue,
                    Some(Json::Text(text)) if text.trim().is_empty() => As::Empty,
                    Some(_) => continue,
                };
                missing.add(below(place, name), how);
            }
        }
        for (key, value) in entries {
            self.work.spend(members.len() as u64);
            let of_key: Vec<&Value> = members
                .iter()
                .filter_map(|member| {
                    let named = member.get("properties").and_then(|properties| properties.get(key));
                    named.or_else(|| member.get("additionalProperties"))
                })
                .collect();
            self.value(&of_key, value, &below(place, key), missing);
        }
    }

    /// What a schema requires of an object, or of the rows of a list, where something else stands.
    fn of_another_type(
        &mut self,
        members: &[&'a Map<String, Value>],
        value: &Json,
        place: &str,
        missing: &mut Missing,
    ) {
        let kind = kind_of(value);
        let mut seen = HashSet::new();
        for member in members {
            if allows(member, kind) {
                continue;
            }
            if kind != "object" {
                let names = required(member);
                self.work.spend(names.len() as u64);
                for name in names.iter().filter_map(Value::as_str).filter(|name| seen.insert(*name)) {
                    missing.add(below(place, name), As::Missing);
                }
            }
            // An empty object has no rows, either.
            let is_empty = matches!(value, Json::Object(entries) if entries.is_empty());
            let has_rows = ["items", "prefixItems"]
                .iter()
                .any(|name| member.get(*name).is_some_and(|it| it.is_object() || it.is_array()));
            if has_rows && kind != "array" && !is_empty {
                missing.unknown.add(place);
            }
        }
    }
}

/// The names that a subschema requires; whether it is a list of texts was looked at before.
fn required(member: &Map<String, Value>) -> &[Value] {
    member.get("required").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
}

/// The name of a value's type in schemas.
const fn kind_of(value: &Json) -> &'static str {
    match value {
        Json::Object(_) => "object",
        Json::List(_) => "array",
        Json::Text(_) => "string",
        Json::Bool(_) => "boolean",
        Json::Number(_) => "number",
        Json::Null => "null",
    }
}

/// Whether a subschema says that values of this type are as good.
fn allows(member: &Map<String, Value>, kind: &str) -> bool {
    match member.get("type") {
        Some(Value::String(one)) => is_kind(one, kind),
        Some(Value::Array(several)) => several.iter().filter_map(Value::as_str).any(|one| is_kind(one, kind)),
        _ => false,
    }
}

fn is_kind(name: &str, kind: &str) -> bool {
    name == kind || (name == "integer" && kind == "number")
}
