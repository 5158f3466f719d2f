//! The output: as a form, as JSON, or as plain values.

use super::node_of;
use super::view::View;
use crate::compare::Patch;
use crate::document::Node;
use crate::fields::{Aids, Fields, whole_as_json};
use crate::pages::elements::{form_token, notice};
use crate::paths;
use maud::{Markup, html};
use shared::review::Origin;

impl View<'_> {
    pub(super) fn output(&self, path: &str) -> Markup {
        html! {
            section.output aria-labelledby="output-title" {
                div.section-head {
                    h2 #output-title { "Output" span.muted { " · version " (self.seq().0) } }
                    nav.views aria-label="View" {
                        (self.view_choice(path, "Form", false))
                        (self.view_choice(path, "JSON", true))
                    }
                }
                @match self.head() {
                    None => { (notice("bad", &html! { "This version cannot be shown here. Read it through the API." })) }
                    Some(head) if self.is_editable() => { (self.correction(path, &head)) }
                    Some(head) => { (self.fields(&head)) }
                }
            }
        }
    }

    /// What is typed goes along from one view to the other.
    fn view_choice(&self, path: &str, title: &str, as_json: bool) -> Markup {
        let current = (self.state.as_json == as_json).then_some("true");
        let word = if as_json { "json" } else { "form" };
        html! {
            @if self.is_editable() { button form="correction" formaction={(path) "/" (word)} aria-current=[current] { (title) } }
            @else { a href={(path) (if as_json { "?view=json" } else { "" })} aria-current=[current] { (title) } }
        }
    }

    pub(super) fn head(&self) -> Option<Node> {
        node_of(self.overlay, self.seq())
    }

    fn fields(&self, head: &Node) -> Markup {
        if self.state.as_json {
            return self.as_json(head);
        }
        // What the model said last: its output may have been superseded by another.
        let of_model = self.overlay.versions.iter().rev();
        let of_model =
            of_model.filter(|version| version.seq <= self.seq()).find(|it| it.origin == Origin::ModelOutput);
        let model = of_model.filter(|version| version.seq != self.seq());
        let model = model.and_then(|version| node_of(self.overlay, version.seq));
        let fields = Fields {
            base: head,
            patch: &self.state.mine,
            model: model.as_ref(),
            sent: self.state.sent,
            wrong: &self.state.wrong,
            editable: self.is_editable(),
            raw: &paths::version(&self.review().id, self.seq()),
            aids: Aids {
                guide: Some(self.guide),
                show: self.state.show,
                rows: self.state.rows.as_deref(),
                path: Some(&paths::review(&self.review().id)),
            },
        };
        html! { div.fields { (fields.html()) } }
    }

    fn as_json(&self, head: &Node) -> Markup {
        let sent = self.state.sent.and_then(|sent| sent.get("snapshot"));
        let mine = &self.state.mine;
        let (is_typed, shown) = (sent.is_some() || *mine != Patch::Same, mine.apply(head));
        let raw = paths::version(&self.review().id, self.seq());
        whole_as_json(&shown, sent, is_typed, &self.state.wrong, self.is_editable(), &raw)
    }

    /// The one form that takes what is typed.
    fn correction(&self, path: &str, head: &Node) -> Markup {
        html! {
            form #correction method="post" action={(path) "/save"} data-draft=(self.draft(path)) {
                (form_token(self.viewer))
                input type="hidden" name="version_stamp" value=(self.rev().0);
                input type="hidden" name="base_seq" value=(self.seq().0);
                @if self.state.as_json { input type="hidden" name="view" value="json"; }
                (self.fields(head))
            }
        }
    }
}
