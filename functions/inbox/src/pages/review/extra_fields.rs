//! The extra fields of a review's page, which are not part of the output: notes, reasons, an addressee.

use crate::document::key_label::key_label;
use crate::document::{Node, key_of};
use crate::form::SubmittedForm;
use maud::{Markup, html};

/// Their names, and what each is called on the page.
pub(crate) const EXTRA_FIELDS: [(&str, &str); 11] = [
    ("note", "Note"),
    ("reject_reason", "Why is it rejected?"),
    ("escalate_to", "To whom?"),
    ("escalate_reason", "Why is it escalated?"),
    ("reopen_reason", "Why is it reopened?"),
    ("force", "Reopen anyway"),
    ("assign_groups", "Groups"),
    ("assign_actors", "Ids of people"),
    ("assign_reason", "Why is it assigned?"),
    ("comment_text", "Comment"),
    ("comment_mention", "Who is mentioned?"),
];

/// What was typed into them, to be read or copied.
pub(crate) fn listed(besides: &SubmittedForm) -> Markup {
    html! {
        @if !besides.is_empty() { dl.typed-besides {
            @for (name, title) in EXTRA_FIELDS.iter().filter(|(name, _)| *name != "force") {
                @if let Some(text) = besides.get(name) { dt { (title) } dd { blockquote dir="auto" { (text) } } }
            }
        } }
    }
}

/// What a field is called, by its name: `f/line_items/0/amount` is "Line items › 1 › Amount".
pub(crate) fn title(field: &str, base: Option<&Node>) -> String {
    if let Some((_, title)) = EXTRA_FIELDS.iter().find(|(name, _)| *name == field) {
        return (*title).to_owned();
    }
    let mut node = base;
    let mut steps = Vec::new();
    for segment in field.split('/').skip(1) {
        let (step, below) = if let Some(Node::List(items)) = node {
            match segment.parse::<usize>() {
                Ok(index) => ((index + 1).to_string(), items.get(index)),
                // `2.0`: a row that is not there yet.
                Err(_) => ("new row".to_owned(), None),
            }
        } else {
            let key = key_of(segment);
            let below = match node {
                Some(Node::Object(entries)) => entries.iter().find(|(name, _)| *name == key),
                _ => None,
            };
            (key_label(&key), below.map(|(_, value)| value))
        };
        steps.push(step);
        node = below;
    }
    if steps.is_empty() { "The whole output".into() } else { steps.join(" › ") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_is_called_by_its_place() {
        let base = Node::parse(r#"{"line_items": [{"a/b": 1}], "0": {"x": 1}}"#).unwrap();
        let called = |field: &str| title(field, Some(&base));
        assert_eq!(called("f/line_items/0/a~1b"), "Line items › 1 › A/b");
        assert_eq!(called("f/0/x"), "0 › X");
        assert_eq!(
            (called("snapshot"), called("escalate_to")),
            ("The whole output".into(), "To whom?".into())
        );
    }
}
