//! How one likelihood is read, and what the tree of them may be wrapped in.

use super::lowest::Lowest;
use crate::review::gate::values::decimal::Decimal;
use crate::review::gate::values::json::Json;
use crate::review::gate::values::path::below;
use crate::review::gate::work::Work;
use std::collections::HashSet;

/// One likelihood, as it was written.
#[derive(Clone, Debug)]
pub(crate) struct Likelihood {
    pub(crate) text: String,
    pub(crate) value: Decimal,
}

impl Likelihood {
    /// A number from 0 to 1.
    pub(crate) fn of(value: &Json) -> Option<Self> {
        match value {
            Json::Number(text) => {
                let value = Decimal::parse(text).filter(Decimal::is_fraction)?;
                Some(Self { text: text.clone(), value })
            }
            _ => None,
        }
    }
}

/// What stands in the place of a likelihood.
#[derive(Clone, Debug)]
pub(crate) enum Read {
    /// It says nothing of this value: it may hold others.
    Nothing,
    /// An explicit null: nobody knows it.
    Null,
    Known(Likelihood),
    /// It is no likelihood.
    Unknown,
}

impl Read {
    /// One likelihood.
    pub(crate) fn of(tree: &Json) -> Self {
        match tree {
            Json::Null => Self::Null,
            Json::List(_) | Json::Object(_) => Self::Nothing,
            Json::Number(_) | Json::Bool(_) | Json::Text(_) => {
                Likelihood::of(tree).map_or(Self::Unknown, Self::Known)
            }
        }
    }

    /// That of `value`: also `{"likelihood": 0.8, …}`, unless the value has such a field itself.
    pub(crate) fn at(tree: &Json, value: Option<&Json>) -> Self {
        let is_own = value.is_some_and(|value| value.get("likelihood").is_none());
        match tree.get("likelihood").filter(|_| is_own).map(Self::of) {
            // A list of likelihoods is not one.
            Some(Self::Nothing) => Self::Unknown,
            Some(read) => read,
            None => Self::of(tree),
        }
    }
}

/// Takes off what encloses the reference's tree. What stands beside it, and is of no field of the output, is kept.
pub(super) fn unwrapped(tree: Json, output: &Json) -> Json {
    let Json::Object(mut entries) = tree else { return tree };
    let fields: HashSet<&str> = keys(output);
    let is_wrapper = entries.iter().all(|(key, _)| !fields.contains(key.as_str()));
    let whole = entries.iter().position(|(key, _)| key == "likelihoods");
    let Some(index) = whole.filter(|_| is_wrapper) else { return Json::Object(entries) };
    let inner = entries.swap_remove(index).1;
    let known = keys(&inner);
    entries.retain(|(key, _)| !known.contains(key.as_str()));
    match inner {
        Json::Object(mut inner) => {
            inner.extend(entries);
            Json::Object(inner)
        }
        inner => inner,
    }
}

fn keys(of: &Json) -> HashSet<&str> {
    match of {
        Json::Object(entries) => entries.iter().map(|(key, _)| key.as_str()).collect(),
        _ => HashSet::new(),
    }
}

/// All numbers of a tree; what is no likelihood is not known. Null says nothing here.
pub(crate) fn numbers(tree: &Json, place: &str, lowest: &mut Lowest, work: &mut Work) {
    all(tree, place, false, lowest, work);
}

/// All numbers of a tree, each of which is needed: null is a likelihood that was not sent.
pub(crate) fn needed_numbers(tree: &Json, place: &str, lowest: &mut Lowest, work: &mut Work) {
    all(tree, place, true, lowest, work);
}

fn all(tree: &Json, place: &str, is_needed: bool, lowest: &mut Lowest, work: &mut Work) {
    work.spend(1 + place.len() as u64 / 64);
    if work.is_used_up() {
        return;
    }
    match tree {
        Json::List(items) => {
            for (index, item) in items.iter().enumerate() {
                all(item, &below(place, &index.to_string()), is_needed, lowest, work);
            }
        }
        Json::Object(entries) => {
            for (key, value) in entries {
                all(value, &below(place, key), is_needed, lowest, work);
            }
        }
        Json::Null if !is_needed => {}
        leaf => {
            lowest.need(Read::of(leaf), place);
        }
    }
}
