//! The part of a review's page that changes by itself: who works on it, and what has happened since the page was made.

use super::history::happened;
use super::state::PageQuery;
use crate::pages::elements::{claim, due, name, time};
use crate::pages::frame::part;
use crate::pages::labels::{self, slug};
use crate::paths;
use crate::session::Viewer;
use lambda_http::http::StatusCode;
use maud::{Markup, html};
use shared::api::{App, Call, Error, Reply, overlay_tag};
use shared::review::{Actor, AuditEntry, Rev, Review, ReviewId, Status, Timestamp, TtlSeconds, visible};
use shared::store::Scope;

/// `GET …/state`: the part that changes by itself. Costs one read unit; answers 304 while nothing has changed.
pub(crate) async fn state(
    app: &App,
    call: &Call,
    viewer: &Viewer<'_>,
    id: &ReviewId,
) -> Result<Reply, Error> {
    let review = app.store.peek(id).await?.ok_or(Error::ReviewNotFound)?;
    let seen = PageQuery::of(call).rev.unwrap_or(review.rev);
    Ok(state_reply(call, viewer, &review, seen))
}

/// The part that changes by itself, as seen from a page that shows `seen`.
pub(crate) fn state_reply(call: &Call, viewer: &Viewer<'_>, review: &Review, seen: Rev) -> Reply {
    let tag = overlay_tag(review, call.now());
    let html = standing(review, seen, viewer, call.now());
    part(StatusCode::OK, &html)
        .at_rev(review.rev)
        .tagged(&format!("{}.{}\"", tag.trim_end_matches('"'), seen.0), call)
}

/// Whether nothing but claims and reminders has changed since a page was made, as far as the journal reaches.
pub(crate) fn only_claims_since(review: &Review, seen: Rev) -> bool {
    let mut changes = review.changes_since(seen).peekable();
    let whole = changes.peek().is_none_or(|first| first.rev_observed <= seen);
    whole && changes.all(labels::is_claim_or_due)
}

/// Who works on it, and what has happened since the page was made.
pub(super) fn standing(review: &Review, seen: Rev, viewer: &Viewer<'_>, now: Timestamp) -> Markup {
    let me = &viewer.caller.actor;
    let changes: Vec<&AuditEntry> = review.changes_since(seen).collect();
    let only_claims = only_claims_since(review, seen);
    let held_by = review.claim_at(now).filter(|claim| !claim.holder.is(me));
    let held_by = held_by.map(|claim| visible(&claim.holder.display_name));
    let mine = review.claim_at(now).is_some_and(|claim| claim.holder.is(me));
    html! {
        div.standing data-rev=(review.rev.0) data-same[only_claims] data-mine[mine] data-held-by=[held_by] data-renew-below=(TtlSeconds::DEFAULT / 3) {
            @if review.status == Status::AwaitingReview {
                @if let Some(due) = due(review, now) { (due) }
                (claim(review.claim_at(now), me, now))
                @if viewer.caller.may(Scope::Review) && review.lets_work(me, &viewer.caller.standing) { (claim_actions(review, me, now)) }
            } @else { span.status.(slug(review.status)) { (labels::status(review.status)) } }
            @if !only_claims {
                div.notice.news role="alert" {
                    p { strong { "This review has changed since you opened it." } }
                    (happened(&changes))
                    p {
                        button.primary form="correction" formaction={(paths::review(&review.id)) "/merge"} { "Show, and keep what I typed" }
                        " " a href=(paths::review(&review.id)) { "Show, and drop what I typed" }
                    }
                }
            }
        }
    }
}

/// Claim, release, take over, beside who has the claim. They send along what is typed, and it comes back with the answer.
fn claim_actions(review: &Review, me: &Actor, now: Timestamp) -> Markup {
    let path = paths::review(&review.id);
    html! {
        div.claim-actions {
            @match review.claim_at(now) {
                None => { button.quiet #claim form="correction" formaction={(path) "/claim"} data-key="c" { "Claim" } }
                Some(claim) if claim.holder.is(me) => {
                    button.quiet #release form="correction" formaction={(path) "/release"} data-key="l" { "Release" }
                }
                Some(claim) => {
                    details.ask #taking-over { summary.quiet #take-over { "Take over…" }
                        div.panel { p { (name(&claim.holder)) " has been reviewing this since " (time(claim.claimed_at))
                            ". If you take over, they will see that, and nothing they typed is lost." }
                        button.primary #take-over-now form="correction" formaction={(path) "/claim"} { "Take over from " (visible(&claim.holder.display_name)) }
                    } }
                }
            }
        }
    }
}
