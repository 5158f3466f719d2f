//! The strip under the head: what is to check, why the review was held, and the keys for it.

use super::view::View;
use crate::checks::{Check, CheckKind, shown};
use crate::pages::elements::{name, time};
use crate::pages::labels::{self, slug};
use crate::pages::why::LISTED as REASONS;
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
                    (self.comment_count())
                }
            };
        }
        let to_check = &self.guide.checks;
        let checks: &[Check] = if self.is_editable() { &to_check.listed } else { &[] };
        html! {
            div.strip.none[checks.is_empty()] #to-check data-part="" data-checks=(checks.len()) {
                @if !checks.is_empty() {
                    @let chips = by_row(checks);
                    b data-left="" { span aria-hidden="true" { "▲ " } (chips.len() + to_check.more) " to check" }
                    ul.chips aria-label="To check" {
                        @for (index, (check, row)) in chips.iter().enumerate() {
                            li.more[index >= LISTED] { a.chip href={"#" (check.id)} title=(check.text) data-path=(check.path) data-row=[row.map(|_| "")] {
                                bdi { (row.unwrap_or(&check.label)) } (beside(check, self.guide.threshold)) } }
                        }
                        @if chips.len() > LISTED { li { button.chip.all type="button" data-show="check" hidden { (chips.len() - LISTED) " more" } } }
                    }
                }
                (self.assigned())
                (self.approvals())
                (self.must_fit())
                (self.comment_count())
                @if let Some(why) = &to_check.not_checked { span.muted title=(why) { "not checked against its schema" } }
                @let reasons = self.reasons();
                @let rest = reasons.len().saturating_sub(1);
                span.held title=[(rest > 0).then(|| in_lines(&reasons))] { "Held: " @if let Some(first) = reasons.first() { bdi { (first) } }
                    @if rest > 0 { " · and " (rest) " more " (if rest == 1 { "reason" } else { "reasons" }) }
                    @if let Some(to) = &review.escalated_to { " · escalated to " bdi { (visible(to)) } } }
                span.sep {}
                @if self.is_editable() { span.keys hidden { kbd { "Enter" } " next " kbd { "Ctrl Space" } " as read" } }
            }
        }
    }
}

/// The reasons, each on a line.
fn in_lines(reasons: &[String]) -> String {
    let shown: Vec<&str> = reasons.iter().take(REASONS).map(String::as_str).collect();
    shown.join("\n")
}

/// The checks to list; where the machine doubts a whole row alike, only its first cell, with the name of the row.
fn by_row(checks: &[Check]) -> Vec<(&Check, Option<&str>)> {
    fn row(check: &Check) -> Option<(&str, &str)> {
        let (row, _) = check.path.rsplit_once('/')?;
        let number = row.rsplit('/').next()?;
        let is_row =
            number.parse::<usize>().is_ok() && check.kind == CheckKind::Likelihood && check.fault.is_none();
        is_row.then_some(())?;
        Some((row, check.label.rsplit_once(", ")?.0))
    }
    let is_same = |one: &Check, other: &Check| {
        one.likelihood == other.likelihood
            && row(one).is_some_and(|it| row(other).is_some_and(|of| it.0 == of.0))
    };
    let groups = checks.chunk_by(is_same);
    groups
        .flat_map(|group| match row(&group[0]) {
            Some((_, name)) if group.len() > 2 => vec![(&group[0], Some(name))],
            _ => group.iter().map(|check| (check, None)).collect(),
        })
        .collect()
}

/// What is said beside the name: how likely the value is, or a word for what is wrong with it.
fn beside(check: &Check, threshold: f64) -> Markup {
    let word = match (check.likelihood, check.kind) {
        (Some(likelihood), CheckKind::Likelihood | CheckKind::Gate) => shown(likelihood, threshold),
        (_, CheckKind::Missing) => "is missing".into(),
        (_, CheckKind::Schema) => "does not fit".into(),
        (_, CheckKind::Sum) => "mismatch".into(),
        (None, CheckKind::Likelihood | CheckKind::Gate) => return html! {},
    };
    html! { " " (word) }
}
