//! Why there is no value, in the reader's words: it is stored as null, and the reason goes into the version's note.

use super::{Choice, Reading};
use crate::document::Node;
use crate::document::key_label::key_label;
use crate::document::key_of;
use std::fmt::Write as _;

/// Fields that are named at most, and bytes that they may take: a note has its limits.
const NAMED: usize = 20;
const BYTES: usize = 600;

impl Reading {
    /// Notes why the field at this place was left empty, if its reader said so or took a value away.
    pub(super) fn note_nothing(&mut self, base: &Node, choice: Option<Choice>, read: &Node) {
        let why = match choice {
            _ if *read != Node::Null => return,
            Some(Choice::Illegible) => "illegible",
            Some(Choice::Null) => "not in the document",
            _ if *base != Node::Null => "not in the document",
            _ => return,
        };
        self.reasons.push((label(&self.place), why));
    }
}

/// The reasons as a text for a note: "Due date: illegible; VAT number: not in the document"; none if there are none.
pub(super) fn text(reasons: &[(String, &'static str)]) -> Option<String> {
    let mut text = String::new();
    for (count, (label, why)) in reasons.iter().enumerate() {
        if count == NAMED || text.len() > BYTES {
            let _ = write!(text, "; and {} more", reasons.len() - count);
            break;
        }
        if count > 0 {
            text.push_str("; ");
        }
        let _ = write!(text, "{label}: {why}");
    }
    (!text.is_empty()).then_some(text)
}

/// What a place is called: "Due date", "Line items 2, Amount".
fn label(place: &str) -> String {
    let steps: Vec<&str> = place.split('/').skip(1).collect();
    let is_row = |step: &&str| !step.is_empty() && step.bytes().all(|byte| byte.is_ascii_digit());
    let row = |step: &str| {
        step.parse::<usize>().map_or_else(|_| step.to_owned(), |row| row.saturating_add(1).to_string())
    };
    match steps[..] {
        [] => "The output".into(),
        [.., of, last] if is_row(&last) => format!("{} {}", key_label(&key_of(of)), row(last)),
        [.., of, item, last] if is_row(&item) => {
            format!("{} {}, {}", key_label(&key_of(of)), row(item), key_label(&key_of(last)))
        }
        [.., last] => key_label(&key_of(last)),
    }
}

#[cfg(test)]
mod tests {
    use super::super::{SubmittedForm, read_with_reasons};
    use super::*;

    #[test]
    fn the_note_says_why_there_is_no_value() {
        let base =
            Node::parse(r#"{"due_date":"x","vat":null,"total":5,"note":"a","rows":[{"sku":"b"}],"po":null}"#)
                .unwrap();
        let sent = [
            ("f/due_date", ""),
            ("k/due_date", "illegible"),
            ("f/vat", ""),
            ("k/vat", "null"),
            ("f/total", ""),
            ("f/note", ""),
            ("k/note", ""),
            ("f/rows/0/sku", ""),
            ("k/rows/0/sku", "illegible"),
            ("f/po", ""),
            ("k/po", "as-text"),
        ];
        let sent = SubmittedForm::new(
            sent.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
        );
        let (patch, why) = read_with_reasons(&base, &sent).unwrap();
        assert_eq!(
            patch.apply(&base).compact(),
            r#"{"due_date":null,"vat":null,"total":null,"note":"","rows":[{"sku":null}],"po":null}"#
        );
        assert_eq!(
            why.as_deref(),
            Some(
                "Due date: illegible; VAT: not in the document; Total: not in the document; Rows 1, SKU: illegible"
            )
        );
        assert_eq!(read_with_reasons(&base, &SubmittedForm::new(Vec::new())).unwrap().1, None);
        let many = vec![("x".to_owned(), "illegible"); 100];
        assert!(text(&many).unwrap().ends_with("; and 80 more"));
    }
}
