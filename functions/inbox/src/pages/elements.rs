//! Small parts of pages: times, names, claims, notices.

use crate::pages::labels;
use crate::session::Viewer;
use maud::{Markup, html};
use shared::review::{Actor, ActorKind, Claim, Timestamp, visible};

/// What a form must carry.
pub(crate) fn form_token(viewer: &Viewer<'_>) -> Markup {
    html! { input type="hidden" name="form_token" value=(viewer.form_token); }
}

/// A moment; the browser says it in the reader's own time zone.
pub(crate) fn time(at: Timestamp) -> Markup {
    let text = at.to_string();
    let short = format!("{} {} UTC", &text[..10], &text[11..16]);
    html! { time datetime=(text) data-at="" { (short) } }
}

/// How long something has lasted; the browser keeps it going.
pub(crate) fn since(at: Timestamp, now: Timestamp) -> Markup {
    html! { time datetime=(at.to_string()) data-since="" { (labels::duration(at, now)) } }
}

/// A person's or a program's name.
pub(crate) fn name(actor: &Actor) -> Markup {
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
    let Some(claim) = claim else { return html! { span.free { "Nobody is reviewing this" } } };
    html! {
        span.claim.mine[claim.holder.is(me)] data-claim="" {
            @if claim.holder.is(me) { "You are reviewing this" }
            @else { (name(&claim.holder)) " is reviewing this" }
            span.left { " · " time datetime=(claim.expires_at.to_string()) data-until="" {
                (labels::duration(now, claim.expires_at)) " left"
            } }
        }
    }
}

/// What has happened, or what is wrong, at the top of a page. What is wrong has the focus: it says where.
pub(crate) fn notice(kind: &str, content: &Markup) -> Markup {
    let is_good = kind == "good";
    html! {
        div.notice.(kind) role=(if is_good { "status" } else { "alert" }) tabindex=[(!is_good).then_some("-1")] autofocus[!is_good] { (content) }
    }
}
