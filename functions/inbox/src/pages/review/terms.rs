//! What the policy demands: whom it is assigned to, how many must approve, by when, and what of the output.

use super::footer::{is_used, text_area, text_line};
use super::view::View;
use crate::checks::{Check, CheckKind};
use crate::pages::elements::{name, time};
use maud::{Markup, html};
use shared::api::Caller;
use shared::review::{
    ActorId, ActorKind, Approvals, Assignment, Deadline, GroupId, OutputCheck, OverdueAction, Refusal,
    visible,
};

/// The fields of the form that assigns it.
pub(super) const ASSIGN_FIELDS: [&str; 3] = ["assign_groups", "assign_actors", "assign_reason"];

impl View<'_> {
    /// "finance, dana"; "nobody", where only some may work on it and there are none.
    pub(super) fn assignees(&self) -> Option<String> {
        let assignment = self.review().terms.assignment.as_ref()?;
        let groups = assignment.groups.iter().map(GroupId::as_str);
        let names: Vec<&str> = groups.chain(assignment.actors.iter().map(ActorId::as_str)).collect();
        Some(if names.is_empty() { "nobody".into() } else { visible(&names.join(", ")).into_owned() })
    }

    /// Whether the reader has claimed it.
    fn is_mine(&self) -> bool {
        let me = &self.viewer.caller.actor;
        self.review().claim_at(self.now).is_some_and(|claim| claim.holder.is(me))
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
            @if approvals.given.is_empty() { (needed(approvals)) }
            @else {
                (approvals.given.len()) " of " (approvals.required) " approvals"
                @for (index, given) in approvals.given.iter().enumerate() {
                    (if index == 0 { ": " } else { "; " }) (name(&given.actor)) ", " (time(given.at))
                }
                ". " (more(approvals))
            }
        } }
    }

    /// That it cannot be approved as it is, because it does not fit its schema.
    pub(super) fn must_fit(&self) -> Markup {
        // A required value that is null may fit all the same, so what is missing is left to the answer.
        let is_broken = |check: &Check| check.kind == CheckKind::Schema;
        let is_enforced = self.review().terms.output == Some(OutputCheck::Enforce);
        html! {
            @if is_enforced && self.guide.checks.listed.iter().any(is_broken) {
                span.approvals { "Cannot be approved before it fits its schema" }
            }
        }
    }

    /// Why the reader's approval would not count, if it would not.
    pub(super) fn approves_in_vain(&self) -> Option<&'static str> {
        let refusal = self.review().terms.approvals.as_ref()?.refuses(&self.viewer.caller.actor)?;
        Some(match refusal {
            Refusal::OwnVersion => "You made this version: others must approve it.",
            _ => "You have approved this version: the others must come from other people.",
        })
    }

    /// What a correction does to the approvals, while one is typed.
    pub(super) fn if_corrected(&self) -> Option<&'static str> {
        match &self.review().terms.approvals {
            Some(approvals) if approvals.four_eyes => {
                Some("A correction makes it your version: save it, and others approve it.")
            }
            Some(_) => Some("A correction is a new version: its approvals begin anew."),
            None => None,
        }
    }

    /// Whether a correction by the reader could not be approved by them.
    pub(super) fn is_four_eyes(&self) -> bool {
        self.review().terms.approvals.as_ref().is_some_and(|approvals| approvals.four_eyes)
    }

    /// What one approval of the reader's is, where it is not the last that is needed: "1 of 2".
    pub(super) fn partial_approval(&self) -> Option<String> {
        let approvals = self.review().terms.approvals.as_ref()?;
        (approvals.missing() > 1).then(|| format!("{} of {}", approvals.given.len() + 1, approvals.required))
    }

    /// Who may decide, and what it takes: the row of facts that says what happens next.
    pub(super) fn next(&self) -> String {
        let (review, terms) = (self.review(), &self.review().terms);
        let is_enforced = terms.assignment.as_ref().is_some_and(|it| it.enforce);
        let who =
            if is_enforced { "Only who it is assigned to may decide" } else { "Any reviewer may decide" };
        let takes = match &terms.approvals {
            None => "one approval is enough".to_owned(),
            Some(approvals) => {
                let missing = approvals.missing();
                let more = if approvals.given.is_empty() { "" } else { " more" };
                let eyes = if approvals.four_eyes { ", not by who made the version" } else { "" };
                let s = if missing == 1 { " is" } else { "s are" };
                format!("{missing}{more} approval{s} needed{eyes}")
            }
        };
        let run = if review.resume.is_some() { " Then the run goes on with the decision." } else { "" };
        format!("{who}; {takes}.{run}")
    }

    /// By when, and what happens then; whether the output must fit its schema: rows of the list of facts.
    pub(super) fn due_and_output(&self) -> Markup {
        let terms = &self.review().terms;
        html! {
            @if let Some(deadline) = terms.deadline.as_ref().filter(|_| self.is_open()) {
                dt { "Due" } dd { (time(deadline.due_at)) div.muted { bdi { (if_late(deadline)) } } }
            }
            @match terms.output {
                Some(OutputCheck::Enforce) => { dt { "Output" } dd { "Approved only if it fits its schema." } }
                Some(OutputCheck::Advise) => { dt { "Output" } dd { "An approval says whether it fits its schema." } }
                None => {}
            }
        }
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
        let name = if self.is_mine() { "Hand over" } else { "Assign" };
        html! {
            details.assign open[is_used(&ASSIGN_FIELDS, sent, wrong)] { summary.quiet { (name) "…" }
                div.assign-fields {
                    @if self.is_mine() { p.muted { "Your claim ends with it." } }
                    p.muted { "Names, with commas between them." @if let Some(to) = self.assignees() { " They take the place of " bdi { (to) } "." } }
                    (text_line("assign_groups", "Groups", sent, wrong, "assign"))
                    (text_line("assign_actors", "Ids of people", sent, wrong, "assign"))
                    (text_area("assign_reason", "Why (optional)", sent, wrong, false))
                    div.buttons {
                        button #assign form="correction" formaction={(path) "/assign"} { (name) }
                        @if self.review().terms.assignment.as_ref().is_some_and(|it| !it.is_to_nobody()) {
                            button.quiet form="correction" formaction={(path) "/unassign"} { "Assign to nobody" }
                        }
                    }
                }
            }
        }
    }
}

/// What happens once it is overdue.
fn if_late(deadline: &Deadline) -> String {
    let overdue = &deadline.on_overdue;
    match (overdue.action, deadline.is_done) {
        (OverdueAction::None, false) => "If it is late, it stays open.".into(),
        (OverdueAction::None, true) => "It is late, and stays open.".into(),
        (OverdueAction::Escalate, false) => {
            format!(
                "If it is late, it is escalated to {}.",
                visible(overdue.escalate_to.as_deref().unwrap_or("nobody"))
            )
        }
        (OverdueAction::Reject, false) => "If it is late, it is rejected.".into(),
        (OverdueAction::Approve, false) => "If it is late, it is approved as it is.".into(),
        (_, true) => "It was late, and the policy has acted.".into(),
    }
}

/// "Needs 2 approvals, none by Dana Rivera, who made this version".
fn needed(approvals: &Approvals) -> String {
    let many = if approvals.required == 1 {
        "an approval".into()
    } else {
        format!("{} approvals", approvals.required)
    };
    let makers = approvals.made_by.iter().filter(|maker| maker.kind != ActorKind::Model);
    let makers: Vec<_> = makers.map(|maker| visible(&maker.display_name)).collect();
    if makers.is_empty() || !approvals.four_eyes {
        return format!("Needs {many}.");
    }
    format!("Needs {many}, not by {}, who made this version.", makers.join(" or "))
}

fn more(approvals: &Approvals) -> String {
    match approvals.missing() {
        0 => String::new(),
        1 => "One more is needed.".into(),
        many => format!("{many} more are needed."),
    }
}
