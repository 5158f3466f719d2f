//! Small parts of pages: times, names, claims, notices.

use crate::pages::labels;
use crate::session::Viewer;
use maud::{Markup, html};
use shared::review::{Actor, ActorKind, Claim, Review, Status, Timestamp, visible};

/// What a form must carry.
pub fn form_token(viewer: &Viewer<'_>) -> Markup {
    html! { input type="hidden" name="form_token" value=(viewer.form_token); }
}

/// A moment; the browser says it in the reader's own time zone.
pub fn time(at: Timestamp) -> Markup {
    let text = at.to_string();
    let short = format!("{} {} UTC", &text[..10], &text[11..16]);
    html! { time datetime=(text) data-at="" { (short) } }
}

/// How long something has lasted; the browser keeps it going.
pub(crate) fn since(at: Timestamp, now: Timestamp) -> Markup {
    html! { time datetime=(at.to_string()) data-since="" { (labels::duration(at, now)) } }
}

/// By when an open review is to be decided, if there is a time. The browser keeps it going.
pub(crate) fn due(review: &Review, now: Timestamp) -> Option<Markup> {
    let deadline = review.terms.deadline.as_ref().filter(|_| review.status == Status::AwaitingReview)?;
    let at = deadline.due_at;
    Some(html! {
        span.due.overdue[at <= now] data-due="" { time datetime=(at.to_string()) data-due-at="" { (labels::due(at, now)) } }
    })
}

/// A person's or a program's name.
pub fn name(actor: &Actor) -> Markup {
    let kind = match actor.kind {
        ActorKind::Human => None,
        ActorKind::Agent => Some("agent"),
        ActorKind::Model => Some("model"),
    };
    html! {
        bdi { (visible(&actor.display_name)) }
        @if let Some(kind) = kind { " " span.kind { (kind) } }
    }
}

/// Who works on a review, and how long that holds.
pub(crate) fn claim(claim: Option<&Claim>, me: &Actor, now: Timestamp) -> Markup {
    let Some(claim) = claim else {
        return html! { span.free title="Nobody is reviewing this" { "Not claimed" } };
    };
    let is_mine = claim.holder.is(me);
    html! {
        span.claim.mine[is_mine] data-claim="" {
            @if is_mine { b { "You" } span.visually-hidden { " are reviewing this" } }
            @else { b { (name(&claim.holder)) } span.visually-hidden { " is reviewing this" } }
            span.left { " · " time datetime=(claim.expires_at.to_string()) data-until="" {
                (labels::duration(now, claim.expires_at)) " left"
            } }
        }
    }
}

/// Who works on it, in two letters: for a row of the queue. Nothing if nobody does.
pub(crate) fn initials(claim: Option<&Claim>, me: &Actor, now: Timestamp) -> Markup {
    let Some(claim) = claim else { return html! {} };
    let name = visible(&claim.holder.display_name);
    let said = if claim.holder.is(me) { "You are".into() } else { format!("{name} is") };
    let left = labels::duration(now, claim.expires_at);
    html! {
        span.who.mine[claim.holder.is(me)] data-claim="" title={(said) " reviewing this, " (left) " left"} {
            span aria-hidden="true" { (letters(&name)) }
            span.visually-hidden { (said) " reviewing this, " time datetime=(claim.expires_at.to_string()) data-until="" { (left) " left" } }
        }
    }
}

/// The first letters of the first and the last word of a name.
fn letters(name: &str) -> String {
    let mut words = name.split_whitespace().filter_map(|word| word.chars().find(|it| it.is_alphanumeric()));
    let first = words.next();
    let initials: String = first.into_iter().chain(words.next_back()).flat_map(char::to_uppercase).collect();
    if initials.is_empty() { "?".into() } else { initials }
}

/// What has happened, or what is wrong, at the top of a page. What is wrong has the focus: it says where.
pub fn notice(kind: &str, content: &Markup) -> Markup {
    let is_good = kind == "good";
    html! {
        div.notice.(kind) role=(if is_good { "status" } else { "alert" }) tabindex=[(!is_good).then_some("-1")] autofocus[!is_good] { (content) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_has_two_initials_at_most() {
        let names = ["Ben Okafor", "dana", "Ana Maria de Souza", "(é) x", "", "?!"];
        assert_eq!(names.map(letters), ["BO", "D", "AS", "ÉX", "?", "?"]);
    }
}
