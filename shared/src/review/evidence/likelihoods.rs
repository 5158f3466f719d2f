//! Likelihoods: a tree that mirrors the output, with a number from 0 to 1 for each value.

use super::walk::{ContentFault, Walk};
use crate::review::JsonText;
use serde_json::Value;

/// What is wrong with likelihoods: each leaf is a number from 0 to 1, or null where nothing is known.
pub fn likelihood_faults(text: &JsonText) -> Vec<ContentFault> {
    Walk::through(text, check)
}

fn check<'v>(walk: &mut Walk<'v>, value: &'v Value) {
    match value {
        _ if walk.is_full() => {}
        Value::Null => {}
        Value::Number(number) if number.as_f64().is_some_and(is_fraction) => {}
        Value::Object(_) | Value::Array(_) => walk.each(value, |walk, _, value| check(walk, value)),
        Value::Number(_) | Value::Bool(_) | Value::String(_) => {
            walk.fault("must be a number from 0 to 1, or null, or hold such numbers");
        }
    }
}

/// Whether a number is from 0 to 1.
pub(super) fn is_fraction(number: f64) -> bool {
    (0.0..=1.0).contains(&number)
}
