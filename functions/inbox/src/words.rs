//! What the domain knows, in words for a person.

use crate::document::Node;
use shared::review::{
    AuditEntry, BlockType, Event, JsonText, Origin, Resume, ResumeStatus, Review, Status, Taking, Timestamp,
    Verdict, is_unseen,
};

/// A name as JSON has it, as a label: `unit_price` is "Unit price".
pub(crate) fn label(name: &str) -> String {
    let spaced = seen(&name.replace(['_', '-'], " "));
    let mut characters = spaced.trim().chars();
    match characters.next() {
        Some(first) => first.to_uppercase().chain(characters).collect(),
        None => "(no name)".into(),
    }
}

/// A text with everything in it shown, what cannot be seen as its number.
fn seen(text: &str) -> String {
    let shown = |character: char| {
        if is_unseen(character) || character.is_control() {
            format!("\\u{:04x}", u32::from(character))
        } else {
            character.to_string()
        }
    };
    text.chars().map(shown).collect()
}

pub(crate) const fn block_type(kind: BlockType) -> &'static str {
    match kind {
        BlockType::Extract => "Extraction",
        BlockType::Classifier => "Classification",
        BlockType::Split => "Split",
        BlockType::Conditional => "Branch decision",
    }
}

pub(crate) const fn status(status: Status) -> &'static str {
    match status {
        Status::AwaitingReview => "Awaiting review",
        Status::Approved => "Approved",
        Status::Rejected => "Rejected",
    }
}

pub(crate) const fn verdict(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Approved => "approved",
        Verdict::Rejected => "rejected",
        Verdict::Escalated => "escalated",
    }
}

pub(crate) const fn origin(origin: Origin) -> &'static str {
    match origin {
        Origin::ModelOutput => "the model's output",
        Origin::HumanEdit => "corrected by a person",
        Origin::AgentEdit => "corrected by an agent",
        Origin::Revert => "taken back",
    }
}

/// Why the gate fired. Its predicate is the workflow's own, so what is not known is said as it is.
pub(crate) fn why(triggered_by: &JsonText) -> String {
    let Ok(Node::Object(entries)) = Node::parse(triggered_by.as_str()) else { return "A gate fired".into() };
    let text = |name: &str| {
        let value = entries.iter().find(|(key, _)| key == name).map(|(_, value)| value)?;
        Some(match value {
            Node::Text(text) => text.clone(),
            other => other.compact(),
        })
    };
    let kind = text("kind").unwrap_or_default();
    let numbers = || match (text("observed"), text("threshold").or_else(|| text("limit"))) {
        (Some(observed), Some(limit)) => format!(" ({observed}, limit {limit})"),
        _ => String::new(),
    };
    match kind.as_str() {
        "always" => "Every run is reviewed".into(),
        "confidence_below" | "low_confidence" => {
            let of = text("field").map(|field| format!(" in {field}")).unwrap_or_default();
            format!("Low confidence{of}{}", numbers())
        }
        "field_missing" if text("field").is_some() => {
            format!("{} is missing", text("field").unwrap_or_default())
        }
        _ => {
            let others = entries.iter().filter(|(key, _)| key != "kind");
            let said: Vec<String> = others
                .map(|(key, value)| match value {
                    Node::Text(text) => format!("{}: {text}", label(key).to_lowercase()),
                    other => format!("{}: {}", label(key).to_lowercase(), other.compact()),
                })
                .collect();
            let kind = if kind.is_empty() { "A gate fired".to_owned() } else { label(&kind) };
            if said.is_empty() { kind } else { format!("{kind} ({})", said.join(", ")) }
        }
    }
}

/// What one entry of the audit trail says, without who and when.
pub(crate) fn event(event: &Event) -> String {
    match event {
        Event::OverlayCreated { .. } => "opened the review".into(),
        Event::Claimed { taking: Taking::Fresh, .. } => "began to review".into(),
        Event::Claimed { taking: Taking::Renewed, .. } => "went on reviewing".into(),
        Event::Claimed { taking: Taking::TookOver(from), .. } => {
            format!("took over from {}", from.display_name)
        }
        Event::Released { .. } => "released the review".into(),
        Event::ClaimExpired { holder } => format!("the claim of {} ended", holder.display_name),
        Event::VersionAppended { seq, .. } => format!("saved version {}", seq.0),
        Event::DecisionSubmitted { verdict: decided, on_seq, appended_seq, .. } => {
            let corrected = if appended_seq.is_some() { ", with corrections" } else { "" };
            format!("{} version {}{corrected}", verdict(*decided), on_seq.0)
        }
        Event::Reopened { reason, forced } => {
            let forced = if *forced { ", although the run had been told" } else { "" };
            reason
                .as_ref()
                .map_or_else(|| format!("reopened it{forced}"), |why| format!("reopened it{forced}: {why}"))
        }
    }
}

/// Whether an entry matters to somebody who looks for what was done, or only says who looked.
pub(crate) const fn is_claim(entry: &AuditEntry) -> bool {
    matches!(entry.event, Event::Claimed { .. } | Event::Released { .. } | Event::ClaimExpired { .. })
}

/// How telling the waiting run goes.
pub(crate) fn resume(resume: &Resume) -> String {
    match (resume.status, resume.attempts) {
        (ResumeStatus::Pending, 0) => "waits for the decision".into(),
        (ResumeStatus::Pending, tries) => format!("is being told ({tries} tries so far)"),
        (ResumeStatus::Resumed, _) => "has been told".into(),
        (ResumeStatus::Failed, _) => "could not be told".into(),
    }
}

/// How long from one time to another, in one or two units.
pub(crate) fn duration(from: Timestamp, to: Timestamp) -> String {
    let minutes = (to.millis() - from.millis()).max(0) / 60_000;
    match minutes {
        0 => "less than a minute".into(),
        1..60 => format!("{minutes} min"),
        60..1440 => format!("{} h {} min", minutes / 60, minutes % 60),
        _ => format!("{} d {} h", minutes / 1440, minutes % 1440 / 60),
    }
}

/// What a review is called on a page.
pub(crate) fn title(review: &Review) -> String {
    format!("{} · {}", label(review.id.block.as_str()), review.id.run)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn why_a_gate_fired_is_said_in_words() {
        for (predicate, words) in [
            (r#"{"kind": "always"}"#, "Every run is reviewed"),
            (
                r#"{"kind": "confidence_below", "field": "total", "threshold": 0.90, "observed": 0.71}"#,
                "Low confidence in total (0.71, limit 0.90)",
            ),
            (r#"{"kind": "field_missing", "field": "vat"}"#, "vat is missing"),
            (r#"{"kind": "near_limit", "limit": 1e3}"#, "Near limit (limit: 1e3)"),
            (r#"{"kind": ""}"#, "A gate fired"),
        ] {
            assert_eq!(why(&JsonText::parse(predicate.into()).unwrap()), words);
        }
    }

    #[test]
    fn a_label_hides_nothing() {
        assert_eq!(
            [label("unit_price"), label("a\u{202e}b\n"), label("")],
            ["Unit price", "A\\u202eb\\u000a", "(no name)"]
        );
    }

    #[test]
    fn durations_are_short() {
        let after =
            |minutes: i64| duration(Timestamp::from_millis(0), Timestamp::from_millis(minutes * 60_000));
        assert_eq!([0, 59, 61, 1500].map(after), ["less than a minute", "59 min", "1 h 1 min", "1 d 1 h"]);
    }
}
