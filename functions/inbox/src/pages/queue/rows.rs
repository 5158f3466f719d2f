//! The rows of the queue: one line each.

use super::find::Found;
use super::query::{QueueQuery, Tab};
use super::{COUNTED, ROWS, STATUSES};
use crate::pages::elements::{due, initials, name, since, time};
use crate::pages::labels::{self, slug};
use crate::pages::reason;
use crate::pages::title::Row;
use crate::paths;
use maud::{Markup, html};
use shared::review::{Actor, Review, Status, Timestamp, visible};

/// From this priority on a row is marked.
const HOT: i32 = 10;

/// The part that changes by itself.
pub(super) fn part(
    query: &QueueQuery,
    found: &Found,
    counts: &[usize],
    recent: Option<(usize, bool)>,
    me: &Actor,
    now: Timestamp,
) -> Markup {
    let page = &found.page;
    html! {
        (tabs(query, counts))
        @if query.is_decided() { (decided_kinds(query, counts)) }
        @if let Some(note) = note(query, found) { p.muted.note { (note) } }
        @if page.rows.is_empty() { (empty(query, page.next.is_none() && !query.narrows(), recent)) }
        @else { (table(query, &page.rows, me, now)) }
        nav.pages aria-label="Pages" {
            @if query.cursor.is_some() { a #first-page href=(query.at(query.tab, query.by_me, None)) { "First page" } }
            @if let Some(next) = &page.next {
                a #next-page rel="next" href=(query.at(query.tab, query.by_me, Some(&next.encode(&query.filter)))) { "Next page" }
            }
        }
    }
}

fn count(counts: &[usize], status: Status) -> Markup {
    let index = STATUSES.iter().position(|it| *it == status).unwrap_or_default();
    let count = counts.get(index).copied().unwrap_or_default();
    html! { " " span.count { @if count > COUNTED { (COUNTED) "+" } @else { (count) } } }
}

fn tabs(query: &QueueQuery, counts: &[usize]) -> Markup {
    let tab = |tab: Tab, id: &str, title: &str, count: &Markup| {
        let is_current = tab == query.tab || (matches!(tab, Tab::Decided(_)) && query.is_decided());
        html! { a id={"tab-" (id)} href=(query.at(tab, false, None)) aria-current=[is_current.then_some("page")] { (title) (count) } }
    };
    let none = html! {};
    html! {
        nav.tabs aria-label="Which reviews" {
            (tab(Tab::Open, "open", "Open", &count(counts, Status::AwaitingReview)))
            (tab(Tab::Mine, "mine", "Mine", &none))
            (tab(Tab::Assigned, "assigned", "Assigned to me", &none))
            (tab(Tab::Escalated, "escalated", "Escalated to me", &none))
            (tab(Tab::Decided(Status::Approved), "decided", "Decided", &none))
        }
    }
}

/// Approved or rejected, by anybody or by the viewer.
fn decided_kinds(query: &QueueQuery, counts: &[usize]) -> Markup {
    html! {
        nav.tabs.kinds aria-label="Which decisions" {
            @for status in [Status::Approved, Status::Rejected] {
                a id={"tab-" (slug(status))} href=(query.at(Tab::Decided(status), query.by_me, None)) aria-current=[(query.status() == status).then_some("true")] {
                    (labels::status(status))
                    // The index knows how many there are, not whose.
                    @if !query.by_me { (count(counts, status)) }
                }
            }
            span.sep {}
            a #by-anybody href=(query.at(query.tab, false, None)) aria-current=[(!query.by_me).then_some("true")] { "By anybody" }
            a #by-me href=(query.at(query.tab, true, None)) aria-current=[query.by_me.then_some("true")] { "Decided by me" }
        }
    }
}

/// What of all there is was looked through.
fn note(query: &QueueQuery, found: &Found) -> Option<String> {
    let narrowed = query.narrows() || query.sort.word() != "";
    match query.tab {
        Tab::Escalated => Some(format!("Of the first {} open reviews.", super::find::PAGES * ROWS)),
        // A call looks through so many only.
        Tab::Assigned if found.page.next.is_some() && found.page.rows.len() < ROWS => {
            Some("Of the first 1,000 open reviews; the next page looks further.".into())
        }
        Tab::Decided(status) if query.by_me => {
            let which = if query.cursor.is_some() { "next" } else { "newest" };
            Some(format!("Of the {which} {} reviews, those that you decided.", slug(status)))
        }
        _ if query.filter.overdue && found.page.next.is_some() && found.page.rows.is_empty() => Some(
            "Nothing is overdue among the reviews that were looked through; the next page goes on.".into(),
        ),
        _ if narrowed && (found.page.next.is_some() || query.cursor.is_some()) => Some(format!(
            "Filters and order are of the {} reviews of this page; an exact run id finds any.",
            found.loaded
        )),
        _ => None,
    }
}

fn empty(query: &QueueQuery, found_all: bool, recent: Option<(usize, bool)>) -> Markup {
    html! {
        div.nothing {
            @if query.filter.overdue && found_all { p { "Nothing is overdue." } p { a href=(paths::HOME) { "Show all" } } }
            @else if query.narrows() || query.filter.overdue { p { "Nothing here matches." } p { a href=(paths::HOME) { "Show all" } } }
            @else if query.by_me { p { "You decided none of these." } }
            @else { @match query.tab {
                Tab::Mine => { p { "You are reviewing nothing here." } }
                Tab::Assigned => { p { "Nothing is assigned to you, or to a group of yours." } }
                Tab::Escalated => { p { "Nothing is escalated to you." } }
                Tab::Decided(status) => { p { "There are no " (slug(status)) " reviews." } }
                Tab::Open if query.filter.workflow.is_some() => {
                    p { "Nothing awaits review in this workflow." }
                    p.muted { "New reviews appear here by themselves." }
                }
                Tab::Open => {
                    p.big { "All done." @if let Some((count, more)) = recent.filter(|(count, _)| *count > 0) { " " (count) @if more { "+" } " decided in the last 24 hours." } }
                    p.muted { "Nothing awaits review. New reviews appear here by themselves." }
                }
            } }
        }
    }
}

fn table(query: &QueueQuery, rows: &[Review], me: &Actor, now: Timestamp) -> Markup {
    let is_decided = query.is_decided();
    html! {
        table.queue {
            thead { tr {
                th.document scope="col" { "Document" }
                th.from scope="col" { "From" }
                th.amount.number scope="col" { "Amount" }
                th.why scope="col" { @if is_decided { "Why it was held" } @else { "To check" } }
                th.priority.number scope="col" { "Priority" }
                th.waiting scope="col" { @if is_decided { "Decided" } @else { "Waiting or due" } }
                th.by scope="col" { "By" }
            } }
            tbody { @for review in rows { (row(query, review, me, now)) } }
        }
    }
}

fn row(query: &QueueQuery, review: &Review, me: &Actor, now: Timestamp) -> Markup {
    let Row { document, from, amount, detail } = Row::of(review);
    let (icon, why) = reason::brief(&review.triggered_by);
    let flow = (!query.workflow.is_empty()).then_some(("workflow_id", query.workflow.as_str()));
    let is_hot = review.priority.0 >= HOT && review.status == Status::AwaitingReview;
    html! {
        tr.hot[is_hot] data-row={(review.id.run) "/" (review.id.block)} {
            td.document {
                a.row href=(paths::with_query(&paths::review(&review.id), [flow])) id={"row-" (review.id.run) "-" (review.id.block)} title=(detail) { bdi { (document) } }
                @if is_hot { span.visually-hidden { ", urgent" } }
            }
            td.from { bdi { (from) } }
            td.amount.number { bdi { (amount) } }
            td.why { span aria-hidden="true" { (icon) " " } bdi { (why) } }
            td.priority.number data-label="Priority" { (review.priority.0) }
            @let decided = review.decided_at.filter(|_| review.status != Status::AwaitingReview);
            td.waiting {
                @if let Some(at) = decided { (time(at)) }
                @else if let Some(due) = due(review, now) { (due) }
                @else { (since(review.awaiting_since, now)) }
            }
            td.by {
                @if review.status == Status::AwaitingReview {
                    (initials(review.claim_at(now), me, now))
                    @if let Some(approvals) = review.terms.approvals.as_ref().filter(|it| !it.given.is_empty()) {
                        span.given { (approvals.given.len()) " of " (approvals.required) span.visually-hidden { " approvals" } span aria-hidden="true" { " ✓ " } }
                    }
                    @if let Some(to) = &review.escalated_to { span.to title={"escalated to " (visible(to))} { span aria-hidden="true" { "↑ " } span.visually-hidden { "escalated to " } bdi { (visible(to)) } } }
                } @else if let Some(decision) = review.decisions.last() { (name(&decision.decided_by)) }
            }
        }
    }
}
