//! What happened to a review, in words.

use crate::pages::elements::{name, time};
use crate::pages::labels;
use maud::{Markup, html};
use shared::review::{Actor, AuditEntry, AuditEvent, Timestamp, Verdict};
use shared::store::Overlay;

/// A message for what was done, if this actor did just that a moment ago: an address alone proves nothing.
pub(crate) fn said(done: &str, overlay: &Overlay, me: &Actor, now: Timestamp) -> Option<String> {
    const MOMENT: i64 = 5 * 60_000;
    let mut mine = overlay.review.journal.iter().rev().filter(|entry| entry.actor.is(me));
    let last = mine.next().filter(|last| now < last.at.plus_millis(MOMENT))?;
    let decided = |verdict| matches!(&last.event, AuditEvent::DecisionSubmitted { verdict: said, .. } if *said == verdict);
    Some(match (done, &last.event) {
        ("claimed", AuditEvent::Claimed { .. }) => {
            "You are reviewing this now. Your claim is renewed while this page is open.".into()
        }
        ("released", AuditEvent::Released { .. }) => {
            "Released: others see that nobody is reviewing this.".into()
        }
        ("saved", AuditEvent::VersionAppended { seq, .. }) => format!("Saved as version {}.", seq.0),
        (
            "approved",
            AuditEvent::DecisionSubmitted { verdict: Verdict::Approved, effective_seq: None, .. },
        ) => "Your approval counts. The review stays open until enough people have approved it.".into(),
        ("approved", _) if decided(Verdict::Approved) => "Approved.".into(),
        ("assigned", AuditEvent::Assigned { .. }) => "Assigned.".into(),
        ("commented", AuditEvent::Commented { .. }) => "Your comment is there, under History.".into(),
        ("rejected", _) if decided(Verdict::Rejected) => "Rejected.".into(),
        ("escalated", _) if decided(Verdict::Escalated) => "Escalated; the review stays open.".into(),
        ("reopened", AuditEvent::Reopened { .. }) => "Open again.".into(),
        _ => return None,
    })
}

/// What happened, entry by entry.
pub(crate) fn happened(entries: &[&AuditEntry]) -> Markup {
    html! { ul.happened { @for entry in entries { li { (entry_line(entry)) } } } }
}

pub(crate) fn entry_line(entry: &AuditEntry) -> Markup {
    html! {
        // A claim expires by itself: there is no actor to name.
        @if !matches!(entry.event, AuditEvent::ClaimExpired { .. }) { strong { (name(&entry.actor)) } " " }
        bdi { (labels::event(&entry.event)) } " " span.muted { (time(entry.at)) }
    }
}
