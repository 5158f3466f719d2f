//! The column beside the output: the decision, why the review is here, and what has happened to it.

use super::history::entry_line;
use super::view::View;
use crate::form::{SubmittedForm, ValueError};
use crate::pages::elements::{name, since, time};
use crate::pages::labels;
use crate::pages::reason::why;
use maud::{Markup, html};
use shared::review::{AuditEntry, AuditEvent, ClaimKind, Decision, OutputVersion, Seq, visible};

impl View<'_> {
    /// The buttons that send what is typed. They are outside the form, but belong to it.
    pub(super) fn decide(&self, path: &str) -> Markup {
        let (sent, wrong) = (self.state.sent, &self.state.wrong);
        html! {
            section.card.decide aria-labelledby="decide-title" { h2 #decide-title tabindex="-1" { "Decide" }
                (text_area("note", "Note (optional)", sent, wrong, false))
                div.buttons {
                    button form="correction" formaction={(path) "/save"} data-key="s" { "Save correction" }
                    button.primary form="correction" formaction={(path) "/approve"} data-key="a" { "Approve" }
                }
                p.hint { "Approving saves what you have changed, and approves that." }
                details.ask open[is_used(&["reject_reason"], sent, wrong)] { summary data-key="x" { "Reject…" }
                    (text_area("reject_reason", "Why is it rejected?", sent, wrong, true))
                    button.danger form="correction" formaction={(path) "/reject"} { "Reject" }
                }
                details.ask open[is_used(&["escalate_to", "escalate_reason"], sent, wrong)] { summary data-key="e" { "Escalate…" }
                    (text_line("escalate_to", "To whom?", sent, wrong, "escalate"))
                    (text_area("escalate_reason", "Why?", sent, wrong, true))
                    button #escalate form="correction" formaction={(path) "/escalate"} { "Escalate" }
                }
            }
        }
    }

    pub(super) fn facts(&self) -> Markup {
        let review = self.review();
        html! {
            section.card { h2 { "Why it is here" }
                dl {
                    dt { "Gate" } dd { bdi { (why(&review.triggered_by)) } }
                    dt { "Status" } dd { (labels::status(review.status)) }
                    @if self.is_open() { dt { "Waiting" } dd { (since(review.awaiting_since, self.now)) } }
                    @if let Some(at) = review.decided_at { dt { "Decided" } dd { (time(at)) } }
                    dt { "Priority" } dd { (review.priority.0) }
                    @if let Some(to) = &review.escalated_to { dt { "Escalated to" } dd { bdi { (visible(to)) } } }
                    @if let Some(resume) = &review.resume {
                        dt { "The run" } dd { (labels::resume(resume)) @if let Some(error) = &resume.last_error { div.muted { bdi { (visible(error)) } } } }
                    }
                }
            }
        }
    }

    pub(super) fn versions(&self, path: &str) -> Markup {
        let versions = &self.overlay.versions;
        let head = self.review().head_seq;
        let (from, to) = self.state.compared.unwrap_or((Seq(0), head));
        html! {
            section.card { h2 { "Versions" }
                ol.versions reversed {
                    @for version in versions.iter().rev() { li value=(version.seq.0) { (self.version(version)) } }
                }
                @if versions.len() > 1 {
                    @if self.may_review { div.compare {
                        (compare_fields(versions, from, to, Some("correction")))
                        button form="correction" formaction={(path) "/compare"} { "Compare" }
                    } }
                    @else { form.compare method="get" action=(path) {
                        (compare_fields(versions, from, to, None))
                        button { "Compare" }
                    } }
                }
            }
        }
    }

    fn version(&self, version: &OutputVersion) -> Markup {
        let effective = self.review().effective_seq == Some(version.seq);
        html! {
            div { (name(&version.author)) ", " (labels::origin(version.origin)) " " span.muted { (time(version.created_at)) }
                @if effective { " " span.tag.approved { "in effect" } } }
            @if let Some(note) = &version.note { blockquote dir="auto" { (visible(note)) } }
        }
    }

    pub(super) fn decisions(&self) -> Markup {
        let decisions: Vec<&Decision> =
            self.overlay.older_decisions.iter().chain(&self.review().decisions).collect();
        html! {
            @if !decisions.is_empty() { section.card { h2 { "Decisions" }
                ul.decisions { @for decision in decisions.iter().rev() { li {
                    div { (name(&decision.decided_by)) " " strong { (labels::verdict(decision.verdict)) }
                        " version " (decision.on_seq.0)
                        @if let Some(to) = &decision.escalate_to { " to " bdi { (visible(to)) } }
                        " " span.muted { (time(decision.decided_at)) } }
                    @if let Some(reason) = &decision.reason { blockquote dir="auto" { (visible(reason)) } }
                } } }
            } }
        }
    }

    pub(super) fn timeline(&self) -> Markup {
        let entries: Vec<&AuditEntry> =
            self.overlay.older_audit.iter().chain(&self.review().journal).collect();
        html! {
            section.card { h2 { "Time line" }
                ol.timeline reversed {
                    @for entry in entries.iter().rev().filter(|entry| !is_renewal(entry)) { li { (entry_line(entry)) } }
                }
            }
        }
    }
}

/// Whether anything was typed into one of these fields, or is wrong with it: then it is shown.
pub(super) fn is_used(fields: &[&str], sent: Option<&SubmittedForm>, wrong: &ValueError) -> bool {
    fields.iter().any(|name| wrong.contains_key(name) || sent.is_some_and(|sent| sent.text(name).is_some()))
}

/// Renewals say nothing that the claim before them did not say.
fn is_renewal(entry: &AuditEntry) -> bool {
    matches!(&entry.event, AuditEvent::Claimed { kind: ClaimKind::Renewed, .. })
}

fn compare_fields(versions: &[OutputVersion], from: Seq, to: Seq, form: Option<&str>) -> Markup {
    html! {
        label for="from" { "Compare" } (choice("from", versions, from, form))
        label for="to" { "with" } (choice("to", versions, to, form))
    }
}

fn choice(name: &str, versions: &[OutputVersion], chosen: Seq, form: Option<&str>) -> Markup {
    html! {
        select id=(name) name=(name) form=[form] autocomplete="off" {
            @for version in versions { option value=(version.seq.0) selected[version.seq == chosen] { "version " (version.seq.0) } }
        }
    }
}

pub(super) fn text_area(
    name: &str,
    label: &str,
    sent: Option<&SubmittedForm>,
    wrong: &ValueError,
    required: bool,
) -> Markup {
    let text = sent.and_then(|sent| sent.get(name)).unwrap_or_default();
    let fault = wrong.get(name);
    html! {
        div.field.above.wrong[fault.is_some()] {
            label for=(name) { (label) }
            textarea id=(name) name=(name) form=[(name != "reopen_reason").then_some("correction")] rows="2" dir="auto" aria-required=[required.then_some("true")]
                aria-invalid=[fault.map(|_| "true")] aria-describedby=[fault.map(|_| format!("{name}-wrong"))] { "\n" (text) }
            @if let Some(fault) = fault { span.fault id={(name) "-wrong"} { "This " (fault) } }
        }
    }
}

/// A field of one line. It is no `input`: Enter in one would press the form's first button, which is another's. With JavaScript
/// Enter presses the button `enter`, without it does nothing but a new line.
fn text_line(
    name: &str,
    label: &str,
    sent: Option<&SubmittedForm>,
    wrong: &ValueError,
    enter: &str,
) -> Markup {
    let text = sent.and_then(|sent| sent.get(name)).unwrap_or_default();
    let fault = wrong.get(name);
    html! {
        div.field.above.wrong[fault.is_some()] {
            label for=(name) { (label) }
            textarea id=(name) name=(name) form="correction" rows="1" dir="auto" autocomplete="off" aria-required="true" data-enter=(enter)
                aria-invalid=[fault.map(|_| "true")] aria-describedby=[fault.map(|_| format!("{name}-wrong"))] { "\n" (text) }
            @if let Some(fault) = fault { span.fault id={(name) "-wrong"} { "This " (fault) } }
        }
    }
}
