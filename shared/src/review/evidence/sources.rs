//! Sources: a tree that mirrors the output, with the place of each value.
//!
//! A leaf is `{value, source: {content, anchor}}`. An output may have a field called `source` or `anchor` itself, so what counts as an
//! anchor is an object of that name with a `kind`.

use super::MAX_PAGE;
use super::likelihoods::is_fraction;
use super::walk::{ContentFault, Step, Walk};
use crate::review::JsonText;
use serde_json::{Map, Value};

/// The numbers of a box.
const SIDES: [&str; 4] = ["left", "top", "width", "height"];

/// What is wrong with sources: anchors that are boxes have numbers from 0 to 1 and a page from 1, and name a document that
/// `is_document` knows.
pub fn source_faults(text: &JsonText, is_document: impl Fn(&str) -> bool) -> Vec<ContentFault> {
    Walk::through(text, |walk, value| check(walk, value, &is_document))
}

fn check<'v>(walk: &mut Walk<'v>, value: &'v Value, is_document: &impl Fn(&str) -> bool) {
    walk.each(value, |walk, step, value| match (step, value) {
        (Step::Key("anchor"), Value::Object(anchor)) if anchor.get("kind").is_some_and(Value::is_string) => {
            check_anchor(walk, anchor, is_document);
        }
        _ => check(walk, value, is_document),
    });
}

fn check_anchor<'v>(
    walk: &mut Walk<'v>,
    anchor: &'v Map<String, Value>,
    is_document: &impl Fn(&str) -> bool,
) {
    match anchor.get("document_id") {
        None | Some(Value::Null) => {}
        Some(Value::String(id)) if is_document(id) => {}
        Some(_) => walk.fault_of("document_id", "must be the id of one of the `documents`"),
    }
    let is_page = |page: &Value| page.as_u64().is_some_and(|page| (1..=u64::from(MAX_PAGE)).contains(&page));
    if anchor.get("page").is_some_and(|page| !page.is_null() && !is_page(page)) {
        walk.fault_of("page", format!("must be an integer from 1 to {MAX_PAGE}"));
    }
    if anchor.get("kind").and_then(Value::as_str).is_some_and(|kind| kind.ends_with("bbox")) {
        for side in SIDES {
            if !anchor.get(side).and_then(Value::as_f64).is_some_and(is_fraction) {
                walk.fault_of(side, "must be a number from 0 to 1");
            }
        }
    }
}
