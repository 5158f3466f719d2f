//! What `fuzz/` needs of what is private here; built with the feature `fuzzing` alone.

use crate::compare::{Lists, compare, merge};
use crate::document::Node;
use crate::fields::Fields;
use crate::form::{Sent, Wrong, read};

/// A snapshot as a form.
pub struct Form {
    /// The snapshot as it was understood.
    pub snapshot: String,
    /// The fields, with what was typed.
    pub html: String,
    /// What was typed, as a snapshot; none if something is wrong with it.
    pub read: Option<String>,
    /// The same, put onto the snapshot it was made from.
    pub merged: Option<String>,
    /// How many differences people are shown.
    pub differences: usize,
}

/// Shows a snapshot as a form into which `typed` was typed, and reads that; none if it is no JSON.
pub fn form(snapshot: &str, typed: Vec<(String, String)>) -> Option<Form> {
    let base = Node::parse(snapshot).ok()?;
    let sent = Sent::new(typed);
    let (mine, wrong) = match read(&base, &sent) {
        Ok(mine) => (Some(mine), Wrong::new()),
        Err(wrong) => (None, wrong),
    };
    let fields = Fields {
        base: &base,
        mine: mine.as_ref(),
        model: None,
        sent: Some(&sent),
        wrong: &wrong,
        editable: true,
    };
    let html = fields.html().into_string();
    let merged = mine.as_ref().map(|mine| merge(&base, mine, &base).node.compact());
    let differences = mine.as_ref().map_or(0, |mine| compare(&base, mine, Lists::Items).len());
    Some(Form { snapshot: base.compact(), html, read: mine.map(|mine| mine.compact()), merged, differences })
}
