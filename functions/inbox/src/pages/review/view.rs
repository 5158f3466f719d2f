//! The page of one review, put together from its parts. `claim`, `output` and `aside` draw the larger ones.

use super::aside::{is_used, text_area};
use super::claim::standing;
use super::faults;
use super::node_of;
use super::state::PageState;
use crate::checks::Guide;
use crate::compare::changes::Changes;
use crate::compare::diff;
use crate::fields::differences::differences;
use crate::pages::elements::{form_token, notice};
use crate::pages::labels;
use crate::paths::{self, HOME};
use crate::session::Viewer;
use maud::{Markup, html};
use shared::review::{ResumeStatus, Rev, Review, Seq, Status, Timestamp, visible};
use shared::store::Overlay;

/// The page of one review, for one reader.
pub(super) struct View<'a> {
    pub(super) viewer: &'a Viewer<'a>,
    pub(super) overlay: &'a Overlay,
    pub(super) state: &'a PageState<'a>,
    pub(super) now: Timestamp,
    pub(super) may_review: bool,
    pub(super) guide: &'a Guide,
}

impl View<'_> {
    pub(super) fn review(&self) -> &Review {
        &self.overlay.review
    }

    /// The version that is shown.
    pub(super) fn seq(&self) -> Seq {
        self.state.as_of.map_or(self.review().head_seq, |(seq, _)| seq)
    }

    /// What was seen of the review when this was shown.
    pub(super) fn rev(&self) -> Rev {
        self.state.as_of.map_or(self.review().rev, |(_, rev)| rev)
    }

    pub(super) fn is_open(&self) -> bool {
        self.review().status == Status::AwaitingReview
    }

    pub(super) fn is_editable(&self) -> bool {
        self.is_open() && self.may_review
    }

    pub(super) fn html(&self) -> Markup {
        let review = self.review();
        let path = paths::review(&review.id);
        html! {
            div.review data-here=(self.here(&path)) data-review=(path) data-rev=(self.rev().0) data-open[self.is_editable()] data-done=[self.state.done.as_deref()] data-now=(self.now.to_string()) {
                div.review-head {
                    p.crumb { a href=(HOME) data-key="g" { "Reviews" } }
                    h1 { bdi { (labels::title(review)) } }
                    p.muted {
                        (labels::block_type(review.block_type)) " of workflow " bdi { (review.workflow_id.as_str()) }
                        " (" bdi { (review.workflow_version_id.as_str()) } ")"
                    }
                }
                @if let Some(banner) = &self.state.banner { (banner) }
                @if !self.state.wrong.is_empty() { (self.wrong()) }
                (self.callback_failure())
                div #state { (standing(review, self.rev(), self.viewer, self.now)) }
                (self.other_actions(&path))
                @if self.state.compared.is_some() { (self.comparison()) }
                div.columns {
                    (self.output(&path))
                    aside aria-label="About this review" tabindex="0" {
                        @if self.is_editable() { (self.decide(&path)) }
                        (self.facts())
                        (self.versions(&path))
                        (self.decisions())
                        (self.timeline())
                    }
                }
            }
        }
    }

    /// The address of what is shown.
    fn here(&self, path: &str) -> String {
        match self.state.compared {
            Some((from, to)) => format!("{path}?from={}&to={}", from.0, to.0),
            None if self.state.as_json => format!("{path}?view=json"),
            None => path.to_owned(),
        }
    }

    fn wrong(&self) -> Markup {
        let alone = self.state.banner.is_none();
        notice("bad", &faults::summary(&self.state.wrong, self.head().as_ref(), alone))
    }

    /// A decision that could not be delivered to the waiting run.
    fn callback_failure(&self) -> Markup {
        let resume = self.review().resume.as_ref();
        let Some(resume) = resume.filter(|it| !self.is_open() && it.status == ResumeStatus::Failed) else {
            return html! {};
        };
        notice(
            "bad",
            &html! {
                p { strong { "This decision could not be delivered to the waiting run." } " There are no more retries; the operator of the workflow can request one." }
                @if let Some(error) = &resume.last_error { p { "The last attempt: " bdi { (visible(error)) } } }
            },
        )
    }

    /// The actions outside the part that changes by itself.
    fn other_actions(&self, path: &str) -> Markup {
        html! {
            @if self.may_review { div.claim-actions {
                @if self.is_editable() { a.button.to-decision href="#decide-title" { "To the decision" } }
                button form="correction" formaction={(path) "/next"} data-key="n" { "Review next" }
                @if !self.is_open() { (self.reopen_form(path)) }
            } }
        }
    }

    fn reopen_form(&self, path: &str) -> Markup {
        let review = self.review();
        let (sent, wrong) = (self.state.sent, &self.state.wrong);
        let is_delivered =
            review.resume.as_ref().is_some_and(|resume| resume.status == ResumeStatus::Resumed);
        let is_delivered = is_delivered || wrong.contains_key("force");
        html! {
            details.ask open[is_used(&["reopen_reason", "force"], sent, wrong)] { summary { "Reopen…" }
                form #correction method="post" action={(path) "/reopen"} data-draft={(self.draft(path)) "/reopen"} {
                    input type="hidden" name="version_stamp" value=(review.rev.0); (form_token(self.viewer))
                    input type="hidden" name="base_seq" value=(review.head_seq.0);
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

    /// The name under which the browser keeps a draft: whose it is, and of what, because tabs outlive sessions.
    pub(super) fn draft(&self, path: &str) -> String {
        let caller = self.viewer.caller;
        format!("{}/{:?}/{}{path}", caller.organization, caller.actor.kind, caller.actor.id)
    }

    fn comparison(&self) -> Markup {
        let Some((from, to)) = self.state.compared else { return html! {} };
        let (Some(before), Some(after)) = (node_of(self.overlay, from), node_of(self.overlay, to)) else {
            return notice("bad", &html! { "There is no such version to compare." });
        };
        let patch = diff(&before, &after);
        let changes = Changes::of(&before, &patch);
        html! {
            section.comparison aria-labelledby="comparison-title" {
                h2 #comparison-title { "Version " (from.0) " and version " (to.0) }
                @if changes.is_empty() { p { "They do not differ." } }
                @else { (differences(&changes, &format!("Version {}", from.0), &format!("Version {}", to.0))) }
            }
        }
    }
}
