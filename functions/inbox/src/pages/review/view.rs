//! The page of one review, put together from its parts.

use super::comments::People;
use super::document_pane::document_pane;
use super::faults;
use super::node_of;
use super::state::PageState;
use crate::checks::label::label;
use crate::checks::{Guide, Texts};
use crate::compare::changes::Changes;
use crate::compare::diff;
use crate::document::Node;
use crate::fields::differences::differences;
use crate::pages::elements::notice;
use crate::pages::reason::why;
use crate::pages::title::{Heading, heading};
use crate::pages::why::sentences;
use crate::paths;
use crate::session::Viewer;
use maud::{Markup, html};
use shared::api::Caller;
use shared::review::gate::Evaluation;
use shared::review::{
    Evidence, JsonText, Origin, ResumeStatus, Rev, Review, Seq, Status, Timestamp, visible,
};
use shared::store::{Overlay, Scope};

/// The page of one review, for one reader.
pub(super) struct View<'a> {
    pub(super) viewer: &'a Viewer<'a>,
    pub(super) overlay: &'a Overlay,
    pub(super) state: &'a PageState<'a>,
    pub(super) now: Timestamp,
    pub(super) may_review: bool,
    pub(super) evidence: &'a Evidence,
    /// Who can be mentioned in a comment.
    pub(super) people: &'a People,
    /// What the gate found, if it was asked.
    evaluation: Vec<Evaluation>,
    /// The output that is shown, if it can be.
    pub(super) head: Option<Node>,
    pub(super) guide: Guide,
}

impl<'a> View<'a> {
    pub(super) fn new(
        viewer: &'a Viewer<'a>,
        overlay: &'a Overlay,
        evidence: &'a Evidence,
        people: &'a People,
        state: &'a PageState<'a>,
        now: Timestamp,
    ) -> Self {
        let may_review = viewer.caller.may(Scope::Review);
        let seq = state.as_of.map_or(overlay.review.head_seq, |(seq, _)| seq);
        let version = overlay.versions.iter().find(|version| version.seq == seq);
        let head = node_of(overlay, seq);
        let first = (seq != Seq(0)).then(|| node_of(overlay, Seq(0))).flatten();
        let evaluation = evidence.evaluation.as_ref().and_then(Evaluation::parse_all).unwrap_or_default();
        let texts = Texts {
            json_schema: evidence.json_schema.as_ref().map(JsonText::as_str),
            likelihoods: evidence.likelihoods.as_ref().map(JsonText::as_str),
            evidence: evidence.evidence.as_ref().map(JsonText::as_str),
            triggered_by: Some(overlay.review.triggered_by.as_str()),
            evaluation: &evaluation,
            first: first.as_ref(),
        };
        let guide = head.as_ref().zip(version);
        let guide = guide.map(|(head, version)| Guide::of(head, version.snapshot.as_str(), texts));
        let guide = guide.unwrap_or_default();
        Self { viewer, overlay, state, now, may_review, evidence, people, evaluation, head, guide }
    }
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

    /// Why the review is here: a sentence for each predicate that fired, or what the workflow said.
    pub(super) fn reasons(&self) -> Vec<String> {
        let name_of = |path: &str| label(self.guide.schema.as_ref(), path);
        let reasons = sentences(&self.evaluation, &name_of);
        if reasons.is_empty() { vec![why(&self.review().triggered_by, &name_of)] } else { reasons }
    }

    /// Whether the run has sent another output since the reasons were found.
    pub(super) fn has_older_reasons(&self) -> bool {
        self.overlay.versions.iter().any(|it| it.seq != Seq(0) && it.origin == Origin::ModelOutput)
    }

    pub(super) fn is_open(&self) -> bool {
        self.review().status == Status::AwaitingReview
    }

    pub(super) fn is_editable(&self) -> bool {
        self.is_open() && self.may_review && self.lets_work()
    }

    /// Whether the reader may work on it: not if it is assigned to others, and that is enforced.
    pub(super) fn lets_work(&self) -> bool {
        let Caller { actor, standing, .. } = self.viewer.caller;
        self.review().lets_work(actor, standing)
    }

    /// What is between the header and the footer.
    pub(super) fn html(&self) -> Markup {
        let path = paths::review(&self.review().id);
        let document = (!self.review().documents.is_empty())
            .then(|| document_pane(self.overlay, self.evidence, &self.guide.moved, &self.state.document));
        html! {
            div.review data-here=(self.here(&path)) data-review=(path) data-rev=(self.rev().0) data-open[self.is_editable()] data-done=[self.state.done.as_deref()] data-now=(self.now.to_string()) {
                (self.status())
                (self.notices())
                div.panes.alone[document.is_none()] {
                    @if let Some(document) = &document {
                        div.pane-tabs role="tablist" aria-label="Panes" hidden {
                            button.quiet role="tab" type="button" id="tab-document" aria-controls="document" { "Document" }
                            button.quiet role="tab" type="button" id="tab-fields" aria-controls="fields" { "Fields" }
                        }
                        section.document #document aria-label="Document" { (document) }
                        div.grip #grip role="separator" tabindex="0" aria-label="Width of the document" aria-controls="document" aria-orientation="vertical" aria-valuemin="20" aria-valuemax="80" aria-valuenow="52" hidden {}
                    }
                    (self.output(&path))
                }
            }
        }
    }

    pub(super) fn heading(&self) -> Heading {
        let shown = self.overlay.versions.iter().find(|version| version.seq == self.seq());
        let file = self.review().documents.first().map(|document| document.filename.as_str());
        heading(self.review(), shown.map(|version| &version.snapshot), file)
    }

    /// The address of what is shown.
    fn here(&self, path: &str) -> String {
        let flow = self.state.workflow.as_deref().map(|workflow| ("workflow_id", workflow));
        match self.state.compared {
            Some((from, to)) => {
                let (from, to) = (from.0.to_string(), to.0.to_string());
                paths::with_query(path, [Some(("from", from.as_str())), Some(("to", to.as_str())), flow])
            }
            None => paths::with_query(path, [self.state.as_json.then_some(("view", "json")), flow]),
        }
    }

    pub(super) fn wrong(&self) -> Markup {
        let alone = self.state.banner.is_none();
        notice("bad", &faults::summary(&self.state.wrong, self.head.as_ref(), alone))
    }

    /// A decision that could not be delivered to the waiting run.
    pub(super) fn callback_failure(&self) -> Markup {
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

    /// The name under which the browser keeps a draft: whose it is, and of what, because tabs outlive sessions.
    pub(super) fn draft(&self, path: &str) -> String {
        let caller = self.viewer.caller;
        format!("{}/{:?}/{}{path}", caller.organization, caller.actor.kind, caller.actor.id)
    }

    /// Two versions, side by side; none if they were not asked for, or are not there.
    pub(super) fn comparison(&self) -> Option<Markup> {
        let (from, to) = self.state.compared?;
        let (before, after) = (node_of(self.overlay, from)?, node_of(self.overlay, to)?);
        let patch = diff(&before, &after);
        let changes = Changes::of(&before, &patch);
        Some(html! {
            section.comparison aria-labelledby="comparison-title" {
                h2 #comparison-title { "Version " (from.0) " and version " (to.0) }
                @if changes.is_empty() { p { "They do not differ." } }
                @else { (differences(&changes, &format!("Version {}", from.0), &format!("Version {}", to.0))) }
            }
        })
    }
}
