//! The JSON Schema of an output, as far as it is checked when it comes: it refers to nothing outside itself.

use super::walk::{ContentFault, Step, Walk};
use crate::review::JsonText;
use serde_json::Value;

/// Longest schema, in bytes: it is compiled at each view.
pub const MAX_SCHEMA: usize = 256 * 1024;

/// What is wrong with a schema: a reference leaves it, or names nothing in it.
pub fn schema_faults(text: &JsonText) -> Vec<ContentFault> {
    Walk::through(text, |walk, value| check(walk, value, value))
}

fn check<'v>(walk: &mut Walk<'v>, value: &'v Value, schema: &'v Value) {
    walk.each(value, |walk, step, value| match (step, value) {
        (Step::Key("$ref" | "$dynamicRef" | "$recursiveRef"), Value::String(target)) => {
            if let Some(fault) = reference_fault(target, schema) {
                walk.fault(fault);
            }
        }
        _ => check(walk, value, schema),
    });
}

fn reference_fault(target: &str, schema: &Value) -> Option<&'static str> {
    let Some(fragment) = target.strip_prefix('#') else {
        return Some("must refer to this schema: it must begin with #");
    };
    let is_there = !fragment.starts_with('/') || schema.pointer(fragment).is_some() || fragment.contains('%');
    (!is_there).then_some("refers to nothing in this schema")
}
