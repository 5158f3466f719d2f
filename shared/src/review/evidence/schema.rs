//! The JSON Schema of an output, as far as it is checked when it comes: it refers to nothing outside itself, and not to itself for the
//! same value.

use super::walk::{ContentFault, Step, Walk};
use crate::review::JsonText;
use serde_json::Value;
use std::collections::HashMap;

/// Longest schema, in bytes: it is compiled at each view.
pub const MAX_SCHEMA: usize = 256 * 1024;
/// How many parts of a schema may apply to one value, each counted as often as it is referred to. `allOf` of two references to an
/// `allOf` of two references, and so on, is a short text and an endless validation.
const MAX_APPLIED: u64 = 10_000;
/// Longest chain of parts that apply to the same value.
const MAX_CHAIN: usize = 64;

/// What is wrong with a schema: a reference leaves it or names nothing in it, or too much of it applies to one value.
pub fn schema_faults(text: &JsonText) -> Vec<ContentFault> {
    Walk::through(text, |walk, schema| {
        let mut applied = Applied { schema, counts: HashMap::new(), is_faulty: false };
        check(walk, schema, &mut applied);
    })
}

fn check<'v>(walk: &mut Walk<'v>, value: &'v Value, applied: &mut Applied<'v>) {
    if walk.is_full() {
        return;
    }
    if let Some(fault) = applied.fault_of(value) {
        walk.fault(fault);
    }
    walk.each(value, |walk, step, value| match (step, value) {
        (Step::Key(key), Value::String(target)) if REFERENCES.contains(&key) => {
            if let Err(fault) = resolve(target, applied.schema) {
                walk.fault(fault);
            }
        }
        // Below it, references would count from there.
        (Step::Key("$id"), Value::String(_)) if walk.depth() > 1 => walk.fault("must be at the top alone"),
        (Step::Key("$schema"), Value::String(dialect))
            if !DIALECTS.contains(&dialect.trim_end_matches('#')) =>
        {
            walk.fault(
                "must be a draft of JSON Schema, such as https://json-schema.org/draft/2020-12/schema",
            );
        }
        _ => check(walk, value, applied),
    });
}

/// The drafts of JSON Schema that there are.
const DIALECTS: [&str; 5] = [
    "https://json-schema.org/draft/2020-12/schema",
    "https://json-schema.org/draft/2019-09/schema",
    "http://json-schema.org/draft-07/schema",
    "http://json-schema.org/draft-06/schema",
    "http://json-schema.org/draft-04/schema",
];
/// Keywords that refer to another part of a schema.
const REFERENCES: [&str; 3] = ["$ref", "$dynamicRef", "$recursiveRef"];
/// Keywords whose schema, or list or map of schemas, applies to the same value.
const IN_PLACE: [&str; 9] =
    ["allOf", "anyOf", "oneOf", "not", "if", "then", "else", "dependentSchemas", "dependencies"];

/// The part of `schema` that a reference names.
fn resolve<'v>(target: &str, schema: &'v Value) -> Result<&'v Value, &'static str> {
    let fragment = target.strip_prefix('#').ok_or("must refer to this schema: it must begin with #")?;
    if fragment.is_empty() {
        return Ok(schema);
    }
    if !fragment.starts_with('/') {
        return Err("must be # or a JSON Pointer behind it, such as #/$defs/money");
    }
    let pointer = percent_encoding::percent_decode_str(fragment).decode_utf8();
    let part = pointer.ok().and_then(|pointer| schema.pointer(&pointer));
    part.ok_or("refers to nothing in this schema")
}

/// How many parts apply to one value, by part.
struct Applied<'v> {
    schema: &'v Value,
    /// By the address of the part; `None` while it is being counted.
    counts: HashMap<*const Value, Option<u64>>,
    /// One fault is enough: behind it, counts are not known.
    is_faulty: bool,
}

impl<'v> Applied<'v> {
    fn fault_of(&mut self, part: &'v Value) -> Option<&'static str> {
        if self.is_faulty {
            return None;
        }
        let fault = self.count(part, 0).err();
        self.is_faulty = fault.is_some();
        fault
    }

    fn count(&mut self, part: &'v Value, chain: usize) -> Result<u64, &'static str> {
        const TOO_MUCH: &str = "refers to too many parts of the schema for one value";
        let Value::Object(keywords) = part else { return Ok(1) };
        match self.counts.get(&std::ptr::from_ref(part)) {
            Some(Some(count)) => return Ok(*count),
            Some(None) => return Err("refers to itself for the same value"),
            None if chain > MAX_CHAIN => return Err(TOO_MUCH),
            None => {}
        }
        self.counts.insert(part, None);
        let mut count = 1_u64;
        for (keyword, value) in keywords {
            for part in parts_in_place(keyword, value, self.schema) {
                count += self.count(part, chain + 1)?;
                if count > MAX_APPLIED {
                    return Err(TOO_MUCH);
                }
            }
        }
        self.counts.insert(part, Some(count));
        Ok(count)
    }
}

/// The parts that apply to the same value because of a keyword. What is wrong with a reference is said at its place.
fn parts_in_place<'v>(keyword: &str, value: &'v Value, schema: &'v Value) -> Vec<&'v Value> {
    match value {
        Value::String(target) if REFERENCES.contains(&keyword) => {
            resolve(target, schema).into_iter().collect()
        }
        Value::Array(parts) if IN_PLACE.contains(&keyword) => parts.iter().collect(),
        Value::Object(parts) if keyword.starts_with("depend") && IN_PLACE.contains(&keyword) => {
            parts.values().collect()
        }
        Value::Object(_) if IN_PLACE.contains(&keyword) => vec![value],
        _ => Vec::new(),
    }
}
