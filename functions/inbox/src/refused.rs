//! Why something was not done, in the reader's words, and where.

use crate::actions::{Action, Attempt, Typed};
use crate::document::{Node, Path, Step, pointer};
use crate::form::{Sent, Wrong};
use crate::typed::title;
use maud::{Markup, html};
use serde::de::IgnoredAny;
use sha2::{Digest, Sha256};
use shared::http::{Error, Fault, MAX_NOTE, MAX_REASON, MAX_SHORT_TEXT};
use shared::review::{Refusal, visible};
use std::collections::HashSet;

/// Faults that a page lists at most; the others are counted.
const LISTED: usize = 50;

/// Why the API refused, for a person.
pub(crate) fn reader_text(error: &Error) -> String {
    match error {
        Error::Refused { refusal: Refusal::NotOpen, .. } => "The review is decided already.".into(),
        Error::Invalid(faults) if faults.listed().iter().all(|fault| !is_of_output(fault)) => {
            "Nothing was done: something is missing or too long.".into()
        }
        error => visible(&error.to_string()).into_owned(),
    }
}

/// Whether it is about the output as a whole, which no single field says.
fn is_of_output(fault: &Fault) -> bool {
    fault.loc.get(1).is_some_and(|name| name == "snapshot" || name == "edited_output")
}

/// Which fields the API found wrong.
pub(crate) fn wrong(action: Action, error: &Error, sent: &Sent) -> Wrong {
    let Error::Invalid(faults) = error else { return Wrong::new() };
    let named = faults.listed().iter().filter_map(|fault| {
        let name = match (fault.loc.get(1).map(String::as_str)?, action) {
            ("reason", Action::Reject | Action::RejectOnly) => "reject_reason",
            ("reason", Action::Escalate) => "escalate_reason",
            ("reason", Action::Reopen) => "reopen_reason",
            ("reason" | "note", _) => "note",
            ("escalate_to", _) => "escalate_to",
            _ => return None,
        };
        let length = sent.text(name).map_or(0, |text| text.chars().count());
        Some((name.to_owned(), text_fault(name, action, length)))
    });
    named.collect()
}

/// What is wrong with a text of that many characters: nothing in it that can be seen, or too many of them.
const fn text_fault(name: &str, action: Action, length: usize) -> &'static str {
    // A note that goes with an approval is the approval's reason.
    let (most, too_long) = match (name.as_bytes(), action) {
        (b"note", Action::Save) => (MAX_NOTE, "is too long: 4,000 characters at most"),
        (b"escalate_to", _) => (MAX_SHORT_TEXT, "is too long: 200 characters at most"),
        _ => (MAX_REASON, "is too long: 2,000 characters at most"),
    };
    if length > most { too_long } else { "is needed" }
}

impl Attempt<'_> {
    /// What was typed, if it can be stored: JSON can say numbers and objects that nobody could read back.
    pub(crate) fn storable(&self, typed: Typed) -> Result<Typed, Wrong> {
        let Some((path, fault)) = unstorable(typed.document(), &mut Path::new()) else { return Ok(typed) };
        let field = match path.split_last() {
            _ if self.sent.get("snapshot").is_some() => "snapshot".to_owned(),
            // It is in a row that is new.
            Some((column, [list @ .., Step::Item(_)])) if typed.base.at(&path).is_none() => {
                format!("n{}{}", pointer(list), pointer(std::slice::from_ref(column)))
            }
            _ => format!("f{}", pointer(&path)),
        };
        Err(Wrong::from([(field, fault)]))
    }
}

/// The first value that has no canonical form (RFC 8785), and why.
fn unstorable(node: &Node, path: &mut Path) -> Option<(Path, &'static str)> {
    if let Node::Number(text) = node
        && !text.parse::<f64>().is_ok_and(f64::is_finite)
    {
        return Some((path.clone(), "is too large a number: it must be below 1.8e308"));
    }
    if let Node::Object(entries) = node {
        let mut seen = HashSet::with_capacity(entries.len());
        if !entries.iter().all(|(key, _)| seen.insert(key)) {
            return Some((path.clone(), "has a name twice in one object"));
        }
    }
    node.children().into_iter().find_map(|(step, child)| {
        path.push(step);
        let found = unstorable(child, path);
        path.pop();
        found
    })
}

/// The id of a field's control.
pub(crate) fn anchor(field: &str) -> String {
    let hash = Sha256::digest(field);
    hash[..6].iter().fold("f-".to_owned(), |hex, byte| format!("{hex}{byte:02x}"))
}

/// All that is wrong, each with a link to its field.
pub(crate) fn summary(wrong: &Wrong, sent: Option<&Sent>, base: Option<&Node>, alone: bool) -> Markup {
    let mut faults: Vec<(&str, &str)> = wrong.iter().map(|(field, fault)| (field.as_str(), *fault)).collect();
    faults.sort_unstable();
    html! {
        p { @if alone { strong { "Nothing was done." } " " }
            @if faults.len() == 1 { "One field needs another look:" } @else { (faults.len()) " fields need another look:" } }
        ul.faults {
            @for (field, fault) in faults.iter().take(LISTED) { li {
                a href={"#" (id_of(field))} { bdi { (title(field, base)) } } " " (fault)
                @if let Some(place) = sent.and_then(|sent| json_fault(field, sent)) { ", " (place) }
            } }
            @if faults.len() > LISTED { li { "And " (faults.len() - LISTED) " more." } }
        }
    }
}

/// Where a field's control is.
pub(crate) fn id_of(field: &str) -> String {
    if field.contains('/') || field == "j" || field == "n" { anchor(field) } else { field.to_owned() }
}

/// Where a JSON text goes wrong, by its line.
pub(crate) fn json_fault(field: &str, sent: &Sent) -> Option<String> {
    if field != "snapshot" && !field.starts_with('j') {
        return None;
    }
    let text = sent.get(field)?.replace("\r\n", "\n");
    let error = serde_json::from_str::<IgnoredAny>(&text).err()?;
    let (line, column) = (error.line(), error.column());
    let said = error.to_string();
    let said = said.split(" at line ").next().unwrap_or_default();
    Some(format!("line {line}, column {column}: {said}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_missing_or_too_long() {
        assert_eq!(text_fault("reject_reason", Action::Reject, 0), "is needed");
        assert_eq!(
            text_fault("reject_reason", Action::Reject, 2001),
            "is too long: 2,000 characters at most"
        );
        assert_eq!(text_fault("note", Action::Save, 4001), "is too long: 4,000 characters at most");
        assert_eq!(text_fault("note", Action::Approve, 2001), "is too long: 2,000 characters at most");
        assert_eq!(text_fault("escalate_to", Action::Escalate, 201), "is too long: 200 characters at most");
    }

    #[test]
    fn what_no_number_can_hold_is_found_by_its_place() {
        let found = |text: &str| {
            unstorable(&Node::parse(text).unwrap(), &mut Path::new())
                .map(|(path, fault)| (pointer(&path), fault.len()))
        };
        assert_eq!(found(r#"{"a": [1, 1e308, -0.0, 123456789012345678901234567890]}"#), None);
        assert!(matches!(found(r#"{"a": [1, {"b": 1e400}]}"#), Some((place, _)) if place == "/a/1/b"));
        assert!(matches!(found(r#"{"a": {"b": 1, "b": 2}}"#), Some((place, _)) if place == "/a"));
    }

    #[test]
    fn a_slip_in_json_is_named_by_its_line() {
        let sent = Sent::new(vec![("snapshot".into(), "{\r\n  \"a\": 1\r\n  \"b\": 2\r\n}".into())]);
        assert_eq!(json_fault("snapshot", &sent).unwrap(), "line 3, column 3: expected `,` or `}`");
        assert_eq!(json_fault("f/a", &sent), None);
    }
}
