//! The foot of a review's page, always in view: what was typed, a note, and the decision.

use super::view::View;
use crate::form::{SubmittedForm, ValueError};
use crate::pages::elements::{form_token, time};
use maud::{Markup, html};
use shared::review::ResumeStatus;

impl View<'_> {
    pub(super) fn footer(&self, path: &str) -> Markup {
        html! {
            footer.foot #foot data-part="" aria-label="Decision" {
                @if self.is_editable() { (self.decide(path)) }
                @else if self.may_review {
                    @if !self.lets_work() { (self.not_yours()) }
                    span.sep {}
                    button.primary form="correction" formaction={(path) "/next"} data-key="n" { "Review next" }
                    @if !self.is_open() && self.lets_work() { (self.reopen_form(path)) }
                    @else { (self.empty_form(path)) }
                }
            }
        }
    }

    /// The buttons that send what is typed. They are outside the form, but belong to it.
    fn decide(&self, path: &str) -> Markup {
        let (sent, wrong) = (self.state.sent, &self.state.wrong);
        html! {
            h2.visually-hidden #decide-title tabindex="-1" { "Decide" }
            p.saved { b data-changes="" hidden {} " " (self.saved()) }
            (text_area("note", "Note", sent, wrong, false))
            span.sep {}
            details.ask open[is_used(&["escalate_to", "escalate_reason"], sent, wrong)] { summary.quiet data-key="e" { "Escalate…" }
                div.panel {
                    (text_line("escalate_to", "To whom?", sent, wrong, "escalate"))
                    (text_area("escalate_reason", "Why?", sent, wrong, true))
                    button #escalate form="correction" formaction={(path) "/escalate"} { "Escalate" }
                }
            }
            details.ask open[is_used(&["reject_reason"], sent, wrong)] { summary.quiet.danger data-key="x" { "Reject…" }
                div.panel {
                    (text_area("reject_reason", "Why is it rejected?", sent, wrong, true))
                    button.danger form="correction" formaction={(path) "/reject"} { "Reject" }
                }
            }
            button #save form="correction" formaction={(path) "/save"} data-key="s" { "Save" kbd hidden aria-hidden="true" { "S" } }
            @if let Some(why) = self.approves_in_vain() { p.not-yours #approve-not { (why) } }
            @else {
                @if let Some(text) = self.if_corrected() { p.not-yours.if-corrected.alone[self.is_four_eyes()] { (text) } }
                button.primary #approve form="correction" formaction={(path) "/approve-next"} data-approve="" data-key="a" data-partial=[self.partial_approval()]
                    title="Saves what you have changed, approves that, and opens the next review" { (self.approve_label()) " & next" kbd hidden aria-hidden="true" { "Ctrl ⏎" } }
            }
        }
    }

    fn saved(&self) -> Markup {
        let last = self.overlay.versions.iter().find(|version| version.seq == self.seq());
        html! { span.muted {
            "Version " (self.seq().0)
            @if let Some(version) = last.filter(|version| version.seq.0 > 0) { " · saved " (time(version.created_at)) }
        } }
    }

    /// The form that buttons elsewhere belong to, where there is nothing to type.
    fn empty_form(&self, path: &str) -> Markup {
        html! {
            form #correction method="post" action={(path) "/next"} {
                input type="hidden" name="version_stamp" value=(self.rev().0); (form_token(self.viewer))
                input type="hidden" name="base_seq" value=(self.review().head_seq.0);
                (self.flow())
            }
        }
    }

    fn reopen_form(&self, path: &str) -> Markup {
        let review = self.review();
        let (sent, wrong) = (self.state.sent, &self.state.wrong);
        let is_delivered =
            review.resume.as_ref().is_some_and(|resume| resume.status == ResumeStatus::Resumed);
        let is_delivered = is_delivered || wrong.contains_key("force");
        html! {
            details.ask open[is_used(&["reopen_reason", "force"], sent, wrong)] { summary.quiet { "Reopen…" }
                form.panel #correction method="post" action={(path) "/reopen"} data-draft={(self.draft(path)) "/reopen"} {
                    input type="hidden" name="version_stamp" value=(review.rev.0); (form_token(self.viewer))
                    input type="hidden" name="base_seq" value=(review.head_seq.0);
                    (self.flow())
                    (text_area("reopen_reason", "Why (optional)", sent, wrong, false))
                    @if is_delivered {
                        label.check { input type="checkbox" name="force" value="1"; " The decision was delivered to the run, or may have been. That cannot be undone. Reopen anyway." }
                        @if let Some(fault) = wrong.get("force") { span.fault { (fault) } }
                    }
                    button { "Reopen" }
                }
            }
        }
    }

    /// The workflow that the reader goes through, if not all.
    pub(super) fn flow(&self) -> Markup {
        html! { @if let Some(workflow) = &self.state.workflow { input type="hidden" name="workflow_id" value=(workflow); } }
    }
}

/// Whether anything was typed into one of these fields, or is wrong with it: then it is shown.
pub(super) fn is_used(fields: &[&str], sent: Option<&SubmittedForm>, wrong: &ValueError) -> bool {
    fields.iter().any(|name| wrong.contains_key(name) || sent.is_some_and(|sent| sent.text(name).is_some()))
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
    let is_note = name == "note";
    html! {
        div.above.note[is_note].wrong[fault.is_some()] {
            label.visually-hidden[is_note] for=(name) { (label) }
            textarea id=(name) name=(name) form=[(name != "reopen_reason").then_some("correction")] rows=(if is_note { 1 } else { 3 }) dir="auto" aria-required=[required.then_some("true")]
                placeholder=[is_note.then_some("Note (optional)")] aria-invalid=[fault.map(|_| "true")] aria-describedby=[fault.map(|_| format!("{name}-wrong"))] { "\n" (text) }
            @if let Some(fault) = fault { span.fault id={(name) "-wrong"} { "This " (fault) } }
        }
    }
}

/// A field of one line. It is no `input`: Enter in one would press the form's first button, which is another's. With JavaScript
/// Enter presses the button `enter`, without it does nothing but a new line.
pub(super) fn text_line(
    name: &str,
    label: &str,
    sent: Option<&SubmittedForm>,
    wrong: &ValueError,
    enter: &str,
) -> Markup {
    let text = sent.and_then(|sent| sent.get(name)).unwrap_or_default();
    let fault = wrong.get(name);
    html! {
        div.above.wrong[fault.is_some()] {
            label for=(name) { (label) }
            textarea id=(name) name=(name) form="correction" rows="1" dir="auto" autocomplete="off" aria-required="true" data-enter=(enter)
                aria-invalid=[fault.map(|_| "true")] aria-describedby=[fault.map(|_| format!("{name}-wrong"))] { "\n" (text) }
            @if let Some(fault) = fault { span.fault id={(name) "-wrong"} { "This " (fault) } }
        }
    }
}
