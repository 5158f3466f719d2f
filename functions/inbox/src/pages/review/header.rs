//! The head of a review's page: where one is, what it is, who works on it, and what is needed rarely.

use super::claim::standing;
use super::terms::ASSIGN_FIELDS;
use super::view::View;
use crate::pages::elements::notice;
use crate::pages::labels;
use crate::paths::HOME;
use maud::{Markup, html};
use shared::review::visible;

impl View<'_> {
    pub(super) fn header(&self, path: &str) -> Markup {
        let heading = self.heading();
        let workflow = labels::workflow(self.review().workflow_id.as_str());
        html! {
            header.top #top data-part="" {
                a.back href=(self.queue()) data-key="g" { span aria-hidden="true" { "‹ " } "Queue" }
                h1 { bdi { (heading.title) } }
                p.sub {
                    @for part in &heading.beside { bdi { (part) } " · " }
                    bdi { (workflow) }
                }
                span.sep {}
                div #state { (standing(self.review(), self.rev(), self.viewer, self.now)) }
                nav #place aria-label="Place in the queue" hidden {
                    span data-place="" {}
                    a.quiet data-step="-1" aria-label="The review before" { "‹" }
                    a.quiet data-step="1" aria-label="The review after" { "›" }
                }
                (self.drawer(path))
                (self.menu(path))
            }
        }
    }

    /// The queue that one came from.
    fn queue(&self) -> String {
        crate::paths::with_query(HOME, [self.state.workflow.as_deref().map(|it| ("workflow_id", it))])
    }

    fn menu(&self, path: &str) -> Markup {
        let id = &self.review().id;
        // What is wrong with the form in it must be seen.
        let is_wrong = ASSIGN_FIELDS.iter().any(|name| self.state.wrong.contains_key(name));
        html! {
            details.menu #menu open[is_wrong] { summary.quiet aria-label="More" { span aria-hidden="true" { "⋯" } }
                div.panel {
                    @if self.may_review {
                        @if self.is_editable() {
                            @if self.approves_in_vain().is_none() {
                                button.quiet form="correction" formaction={(path) "/approve"} data-approve="" { (self.approve_label()) ", and stay here" }
                            }
                            (self.assign_form(path))
                        }
                        button.quiet form="correction" formaction={(path) "/next"} data-key="n" { "Review next" }
                    }
                    button.quiet type="button" data-help="" hidden { "Shortcuts " kbd { "?" } }
                    dl.ids {
                        @for (name, value) in [("Run", id.run.as_str()), ("Block", id.block.as_str()), ("Workflow", self.review().workflow_id.as_str()), ("Version of it", self.review().workflow_version_id.as_str())] {
                            dt { (name) } dd { code { (value) } button.quiet type="button" data-copy=(value) hidden { "Copy" span.visually-hidden { " " (name) } } }
                        }
                    }
                    p.muted { "Signed in as " bdi { (visible(&self.viewer.caller.actor.display_name)) } }
                    button.quiet form="correction" formaction={(path) "/sign-out"} { "Sign out" }
                }
            }
        }
    }

    /// What has happened, and what is wrong: above all that scrolls.
    pub(super) fn notices(&self) -> Markup {
        html! {
            div #notices data-part="" {
                @if let Some(banner) = &self.state.banner { (banner) }
                @if !self.state.wrong.is_empty() { (self.wrong()) }
                (self.callback_failure())
                @if self.state.compared.is_some() && self.comparison().is_none() {
                    (notice("bad", &html! { "There is no such version to compare." }))
                }
            }
        }
    }
}
