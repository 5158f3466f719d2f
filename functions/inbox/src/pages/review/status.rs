//! The strip under the head: what is to check, why the review was held, and the keys for it.

use super::view::View;
use crate::pages::elements::{name, time};
use crate::pages::labels::{self, slug};
use crate::pages::reason::why;
use maud::{Markup, html};
use shared::review::visible;

/// Fields that are listed one by one; the others are counted.
const LISTED: usize = 6;

/// Something that a reviewer is asked to look at.
pub(super) struct Check {
    /// The field's name.
    pub(super) label: String,
    /// The id of its control.
    pub(super) anchor: String,
    /// What is said beside the name: a likelihood, or what is wrong.
    pub(super) text: String,
}

impl View<'_> {
    pub(super) fn status(&self) -> Markup {
        let review = self.review();
        if !self.is_open() {
            let decided = review.decisions.last();
            return html! {
                div.strip #to-check data-part="" {
                    b.status.(slug(review.status)) { (labels::status(review.status)) }
                    @if let Some(decision) = decided { span { "by " (name(&decision.decided_by)) " " span.muted { (time(decision.decided_at)) } } }
                    @if let Some(resume) = &review.resume { span.muted { "The run " (labels::resume(resume)) } }
                }
            };
        }
        let checks = if self.is_editable() { self.checks() } else { Vec::new() };
        html! {
            div.strip.none[checks.is_empty()] #to-check data-part="" data-checks=(checks.len()) {
                @if !checks.is_empty() {
                    b data-left="" { span aria-hidden="true" { "▲ " } (checks.len()) " to check" }
                    ul.chips aria-label="To check" {
                        @for (index, check) in checks.iter().enumerate() {
                            li.more[index >= LISTED] { a.chip href={"#" (check.anchor)} { bdi { (check.label) } @if !check.text.is_empty() { " " (check.text) } } }
                        }
                    }
                }
                span.held { "Held: " bdi { (why(&review.triggered_by)) }
                    @if let Some(to) = &review.escalated_to { " · escalated to " bdi { (visible(to)) } } }
                span.sep {}
                span.keys hidden { kbd { "Enter" } " next " kbd { "Ctrl Space" } " as read" }
            }
        }
    }
}
