//! The strip under the head: what is to check, why the review was held, and the keys for it.

use super::view::View;
use crate::checks::{Check, CheckKind, shown};
use crate::pages::elements::{name, time};
use crate::pages::labels::{self, slug};
use crate::pages::reason::why;
use maud::{Markup, html};
use shared::review::visible;

/// Fields that are listed one by one; the others are counted.
const LISTED: usize = 6;

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
        let to_check = &self.guide.checks;
        let checks: &[Check] = if self.is_editable() { &to_check.listed } else { &[] };
        html! {
            div.strip.none[checks.is_empty()] #to-check data-part="" data-checks=(checks.len()) {
                @if !checks.is_empty() {
                    b data-left="" { span aria-hidden="true" { "▲ " } (to_check.count()) " to check" }
                    ul.chips aria-label="To check" {
                        @for (index, check) in checks.iter().enumerate() {
                            li.more[index >= LISTED] { a.chip href={"#" (check.id)} title=(check.text) data-path=(check.path) { bdi { (check.label) } (beside(check, self.guide.threshold)) } }
                        }
                        @if checks.len() > LISTED { li { button.chip.all type="button" data-show="check" hidden { (checks.len() - LISTED) " more" } } }
                    }
                }
                @if let Some(why) = &to_check.not_checked { span.muted title=(why) { "not checked against its schema" } }
                span.held { "Held: " bdi { (why(&review.triggered_by)) }
                    @if let Some(to) = &review.escalated_to { " · escalated to " bdi { (visible(to)) } } }
                span.sep {}
                span.keys hidden { kbd { "Enter" } " next " kbd { "Ctrl Space" } " as read" }
            }
        }
    }
}

/// What is said beside the name: how likely the value is, or a word for what is wrong with it.
fn beside(check: &Check, threshold: f64) -> Markup {
    let word = match (check.likelihood, check.kind) {
        (Some(likelihood), CheckKind::Likelihood | CheckKind::Gate) => shown(likelihood, threshold),
        (_, CheckKind::Missing) => "is missing".into(),
        (_, CheckKind::Schema) => "does not fit".into(),
        (None, CheckKind::Likelihood | CheckKind::Gate) => return html! {},
    };
    html! { " " (word) }
}
