//! The drawer of a review's page: why the review is here, its versions, its decisions, and what else has happened to it.

use super::history::entry_line;
use super::view::View;
use crate::pages::elements::{name, since, time};
use crate::pages::labels;
use crate::pages::why::LISTED;
use maud::{Markup, html};
use shared::review::{AuditEntry, AuditEvent, ClaimKind, Decision, OutputVersion, Seq, visible};

impl View<'_> {
    /// All that has happened to the review, and why it is here: a drawer that opens beside the fields.
    pub(super) fn drawer(&self, path: &str) -> Markup {
        let comparison = self.comparison();
        html! {
            details.drawer #history open[comparison.is_some() || self.is_commenting()] {
                summary.quiet data-key="h" { "History" }
                div.panel role="region" aria-label="History" tabindex="0" {
                    @if let Some(comparison) = comparison { (comparison) }
                    (self.facts())
                    (self.comments(path))
                    (self.versions(path))
                    (self.decisions())
                    (self.timeline())
                }
            }
        }
    }

    fn facts(&self) -> Markup {
        let review = self.review();
        html! {
            section.card { h2 { "Why it needs review" }
                @let reasons = self.reasons();
                ul.reasons {
                    @for reason in reasons.iter().take(LISTED) { li { bdi { (reason) } } }
                    @if reasons.len() > LISTED { li { "and " (reasons.len() - LISTED) " more" } }
                }
                @if self.has_older_reasons() { p.muted { "These are the reasons of version 0. A newer output of the run has taken its place since." } }
                dl {
                    dt { "Status" } dd { (labels::status(review.status)) }
                    @if self.is_open() { dt { "Next" } dd { (self.next()) } }
                    @if self.is_open() { dt { "Waiting" } dd { (since(review.awaiting_since, self.now)) } }
                    @if let Some(at) = review.decided_at { dt { "Decided" } dd { (time(at)) } }
                    dt { "Priority" } dd { (review.priority.0) }
                    @if let Some(to) = &review.escalated_to { dt { "Escalated to" } dd { bdi { (visible(to)) } } }
                    (self.due_and_output())
                    @if let Some(to) = self.assignees() { dt { "Assigned to" } dd { bdi { (to) }
                        @if review.terms.assignment.as_ref().is_some_and(|it| !it.enforce) { div.muted { "Others may review it, too." } } } }
                    @if let Some(approvals) = &review.terms.approvals { dt { "Approvals" } dd { (approvals.given.len()) " of " (approvals.required) } }
                    @if let Some(resume) = &review.resume {
                        dt { "The run" } dd { (labels::resume(resume)) @if let Some(error) = &resume.last_error { div.muted { bdi { (visible(error)) } } } }
                    }
                }
            }
        }
    }

    fn versions(&self, path: &str) -> Markup {
        let versions = &self.overlay.versions;
        let head = self.review().head_seq;
        let (from, to) = self.state.compared.unwrap_or((Seq(0), head));
        html! {
            section.card { h2 { "Versions" }
                ol.versions reversed {
                    @for version in versions.iter().rev() { li value=(version.seq.0) { (self.version(version, path)) } }
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

    fn version(&self, version: &OutputVersion, path: &str) -> Markup {
        let effective = self.review().effective_seq == Some(version.seq);
        html! {
            div { (name(&version.author)) ", " (labels::origin(version.origin)) " " span.muted { (time(version.created_at)) }
                @if effective { " " span.tag.approved { "in effect" } } }
            @if self.is_editable() && version.seq != self.review().head_seq {
                button.quiet form="correction" formaction={(path) "/restore"} name="restore" value=(version.seq.0) { "Restore version " (version.seq.0) }
            }
            @if let Some(note) = &version.note { blockquote dir="auto" { (visible(note)) } }
        }
    }

    fn decisions(&self) -> Markup {
        let decisions: Vec<&Decision> =
            self.overlay.older_decisions.iter().chain(&self.review().decisions).collect();
        html! {
            @if !decisions.is_empty() { section.card { h2 { "Decisions" }
                ul.decisions { @for decision in decisions.iter().rev() { li {
                    div { (name(&decision.decided_by)) " " strong { (labels::verdict(decision.verdict)) }
                        " version " (decision.on_seq.0)
                        @if decision.is_partial() { ", one of the approvals it needs" }
                        @if let Some(to) = &decision.escalate_to { " to " bdi { (visible(to)) } }
                        " " span.muted { (time(decision.decided_at)) } }
                    @if let Some(reason) = &decision.reason { blockquote dir="auto" { (visible(reason)) } }
                } } }
            } }
        }
    }

    fn timeline(&self) -> Markup {
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
