//! The output: as a form, as JSON, or as plain values.

use super::node_of;
use super::view::View;
use crate::compare::Patch;
use crate::document::Node;
use crate::fields::{Aids, Fields, Show, whole_as_json};
use crate::pages::elements::{form_token, notice};
use crate::paths;
use maud::{Markup, html};
use shared::review::Origin;

impl View<'_> {
    pub(super) fn output(&self, path: &str) -> Markup {
        html! {
            section.output #fields data-part="" aria-label="Fields" {
                nav.tabs aria-label="Fields that are shown" {
                    @if !self.state.as_json {
                        (self.shown(path, "all", "All", Show::All))
                        (self.shown(path, "check", "To check", Show::Check))
                        (self.shown(path, "changed", "Changed", Show::Changed))
                    }
                    span.views role="group" aria-label="View" {
                        (self.view_choice(path, "Form", false))
                        (self.view_choice(path, "JSON", true))
                    }
                    @if !self.state.as_json {
                        label.find hidden { span.visually-hidden { "Find a field" }
                            input #find type="search" placeholder="Find a field" autocomplete="off" spellcheck="false"; kbd aria-hidden="true" { "/" } }
                    }
                }
                div.body data-scroll="" {
                    @match &self.head {
                        None => { (notice("bad", &html! { "This version cannot be shown here. Read it through the API." })) }
                        Some(head) if self.is_editable() => { (self.correction(path, head)) }
                        Some(head) => { (self.fields(head)) }
                    }
                    p.none-found hidden {}
                }
            }
        }
    }

    /// Which rows are shown. Without a script the form is shown again, with all that was typed.
    fn shown(&self, path: &str, word: &str, title: &str, show: Show) -> Markup {
        let is_pressed = if self.state.show == show { "true" } else { "false" };
        html! {
            @if self.is_editable() {
                button.quiet form="correction" formaction={(path) "/form"} name="show" value=(word) data-show=(word) aria-pressed=(is_pressed) { (title) }
            } @else {
                a.quiet href={(path) "?show=" (word)} data-show=(word) aria-current=[(self.state.show == show).then_some("true")] { (title) }
            }
        }
    }

    /// The other view. What is typed goes along from one to the other.
    fn view_choice(&self, path: &str, title: &str, as_json: bool) -> Markup {
        if self.state.as_json == as_json {
            return html! {};
        }
        let word = if as_json { "json" } else { "form" };
        html! {
            @if self.is_editable() { button.quiet form="correction" formaction={(path) "/" (word)} { (title) } }
            @else { a.quiet href={(path) (if as_json { "?view=json" } else { "" })} { (title) } }
        }
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
                guide: Some(&self.guide),
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
                (self.flow())
                (self.fields(head))
            }
        }
    }
}
