//! Why the API refused, in words for the viewer, and at which fields.

use super::Action;
use crate::form::{SubmittedForm, ValueError};
use shared::api::{Error, FieldError, MAX_NOTE, MAX_REASON, MAX_SHORT_TEXT};
use shared::review::{Refusal, visible};

/// Why the API refused, for a person.
pub(super) fn refusal_text(error: &Error) -> String {
    match error {
        Error::Refused { refusal: Refusal::NotOpen, .. } => "The review is decided already.".into(),
        Error::Refused { refusal: Refusal::NotAssigned, .. } => {
            "Nothing was done. It is assigned to others, and only they may work on it.".into()
        }
        Error::Refused { refusal: Refusal::OwnVersion, .. } => {
            "Nothing was approved. You made this version, or would make it by your correction: somebody else must approve it.".into()
        }
        Error::Refused { refusal: Refusal::AlreadyApproved, .. } => {
            "Nothing was done. You have approved this version before: the others must come from other people.".into()
        }
        Error::OutputInvalid { .. } => {
            "Nothing was approved: the policy lets an output be approved only if it fits its schema.".into()
        }
        Error::Invalid(faults) if faults.listed().iter().all(|fault| !is_of_output(fault)) => {
            "Nothing was done: something is missing or too long.".into()
        }
        error => visible(&error.to_string()).into_owned(),
    }
}

/// Whether it is about the output as a whole, which no single field says.
fn is_of_output(fault: &FieldError) -> bool {
    fault.loc.get(1).is_some_and(|name| name == "snapshot" || name == "edited_output")
}

/// Which fields the API found wrong.
pub(super) fn faults_of(action: Action, error: &Error, sent: &SubmittedForm) -> ValueError {
    let faults = match error {
        Error::Invalid(faults) => faults,
        Error::OutputInvalid { findings, .. } => {
            let found = findings.violations.iter();
            return found.map(|found| (format!("f{}", found.path), found.message.clone())).collect();
        }
        Error::Refused { refusal: Refusal::UnknownAddressee, .. } => {
            let fault = "must be a group or somebody of the organization";
            return ValueError::from([("escalate_to".to_owned(), fault)]);
        }
        _ => return ValueError::new(),
    };
    let named = faults.listed().iter().filter_map(|fault| {
        let name = match (fault.loc.get(1).map(String::as_str)?, action) {
            ("reason", Action::Reject | Action::RejectOnly) => "reject_reason",
            ("reason", Action::Escalate) => "escalate_reason",
            ("reason", Action::Reopen) => "reopen_reason",
            ("reason", Action::Assign | Action::Unassign) => "assign_reason",
            ("text", Action::Comment) => "comment_text",
            ("mentions", _) => return Some(("comment_mention".to_owned(), said_of(fault))),
            ("groups", _) => return Some(("assign_groups".to_owned(), said_of(fault))),
            ("actors", _) => return Some(("assign_actors".to_owned(), said_of(fault))),
            ("reason" | "note", _) => "note",
            ("escalate_to", _) => "escalate_to",
            _ => return None,
        };
        let length = sent.text(name).map_or(0, |text| text.chars().count());
        Some((name.to_owned(), text_fault(name, action, length).to_owned()))
    });
    named.collect()
}

/// What the API says of a list of names.
fn said_of(fault: &FieldError) -> String {
    format!("is not right: {}", visible(&fault.message))
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
}
