//! What the policy demands of who reviews: whom it is assigned to, and how many must approve.

use super::footer::{is_used, text_area, text_line};
use super::view::View;
use crate::pages::elements::{name, time};
use maud::{Markup, html};
use shared::api::Caller;
use shared::review::{ActorId, Approvals, Assignment, GroupId, Refusal, visible};

impl View<'_> {
    /// "finance, dana"; "nobody", where only some may work on it and there are none.
    pub(super) fn assignees(&self) -> Option<String> {
        let assignment = self.review().terms.assignment.as_ref()?;
        let groups = assignment.groups.iter().map(GroupId::as_str);
        let names: Vec<&str> = groups.chain(assignment.actors.iter().map(ActorId::as_str)).collect();
        Some(if names.is_empty() { "nobody".into() } else { visible(&names.join(", ")).into_owned() })
    }

    /// Whom it is assigned to, for the strip under the head.
    pub(super) fn assigned(&self) -> Markup {
        let Caller { actor, standing, .. } = self.viewer.caller;
        html! {
            @if let Some(to) = self.assignees() { span.assigned { "Assigned to " bdi { (to) }
                @if self.review().is_assigned_to_others(actor, standing) { span.muted { ", not to you" } } } }
        }
    }

    /// How many have approved, who, and how many are still needed.
    pub(super) fn approvals(&self) -> Markup {
        let Some(approvals) = self.review().terms.approvals.as_ref().filter(|_| self.is_open()) else {
            return html! {};
        };
        html! { span.approvals {
            @if approvals.required > 1 || !approvals.given.is_empty() {
                (approvals.given.len()) " of " (approvals.required) " approvals"
                @for (index, given) in approvals.given.iter().enumerate() {
                    (if index == 0 { ": " } else { "; " }) (name(&given.actor)) ", " (time(given.at))
                }
                ". " (more(approvals))
            } @else { "Somebody else than who made this version must approve it." }
        } }
    }

    /// Why the reader's approval would not count, if it would not.
    pub(super) fn approves_in_vain(&self) -> Option<&'static str> {
        let refusal = self.review().terms.approvals.as_ref()?.refuses(&self.viewer.caller.actor)?;
        Some(match refusal {
            Refusal::OwnVersion => "You made this version: somebody else must approve it.",
            _ => "You have approved this version: the others must come from other people.",
        })
    }

    /// "Approve", and which approval it would be.
    pub(super) fn approve_label(&self) -> String {
        match &self.review().terms.approvals {
            Some(approvals) if approvals.required > 1 => {
                format!("Approve ({} of {})", approvals.given.len() + 1, approvals.required)
            }
            _ => "Approve".into(),
        }
    }

    /// Why there are no buttons, for a reader who may not work on it.
    pub(super) fn not_yours(&self) -> Markup {
        html! { p.not-yours {
            "Assigned to " bdi { (self.assignees().unwrap_or_default()) } ": "
            @if self.review().terms.assignment.as_ref().is_some_and(Assignment::is_to_nobody) { "only an administrator can review or assign it." }
            @else { "only they can review it, or assign it to others." }
        } }
    }

    /// The form that assigns it, among what is needed rarely.
    pub(super) fn assign_form(&self, path: &str) -> Markup {
        let (sent, wrong) = (self.state.sent, &self.state.wrong);
        let fields = ["assign_groups", "assign_actors", "assign_reason"];
        html! {
            details.assign open[is_used(&fields, sent, wrong)] { summary.quiet { "Assign…" }
                p.muted { "Names, with commas between them." }
                (text_line("assign_groups", "Groups", sent, wrong, "assign"))
                (text_line("assign_actors", "Ids of people", sent, wrong, "assign"))
                (text_area("assign_reason", "Why (optional)", sent, wrong, false))
                button #assign form="correction" formaction={(path) "/assign"} { "Assign" }
                @if self.review().terms.assignment.as_ref().is_some_and(|it| !it.is_to_nobody()) {
                    button.quiet form="correction" formaction={(path) "/unassign"} { "Assign to nobody" }
                }
            }
        }
    }
}

fn more(approvals: &Approvals) -> String {
    match approvals.missing() {
        0 => String::new(),
        1 if approvals.given.is_empty() => "One is needed.".into(),
        1 => "One more is needed.".into(),
        many if approvals.given.is_empty() => format!("{many} are needed."),
        many => format!("{many} more are needed."),
    }
}
