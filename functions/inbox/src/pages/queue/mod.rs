//! The queue: which reviews there are, and who works on which.
//!
//! `query`: what the address asks for. `find`: the rows of that. `rows`: the table of them, which changes by itself.

mod find;
mod query;
mod rows;

use crate::document::key_label::label;
use crate::pages::elements::{form_token, notice};
use crate::pages::frame::{self, Frame, Layout};
use crate::pages::labels::{self, slug};
use crate::paths::HOME;
use crate::session::Viewer;
use find::{Found, decided_since, find};
use futures_util::future::try_join_all;
use futures_util::try_join;
use lambda_http::http::StatusCode;
use maud::{Markup, html};
use query::{QueueQuery, Sort, Tab};
use sha2::{Digest, Sha256};
use shared::api::{App, Call, Error, Reply, overlay_tag};
use shared::review::{Reserved, Status, Timestamp};
use shared::store::{Page, Scope};

/// Rows of a page.
const ROWS: usize = 50;
/// Reviews of one status are counted up to here.
const COUNTED: usize = 200;
const STATUSES: [Status; 3] = [Status::AwaitingReview, Status::Approved, Status::Rejected];
const DAY: i64 = 24 * 3600 * 1000;

/// `GET /inbox`. With `part`, only what changes by itself, and nothing if that is as before.
pub(crate) async fn show(app: &App, call: &Call, viewer: &Viewer<'_>) -> Result<Reply, Error> {
    let query = QueueQuery::of(call, viewer);
    let now = call.now();
    let counts = async {
        let counts = STATUSES.map(|status| app.store.count(&query.filter, status, COUNTED + 1));
        try_join_all(counts).await.map_err(Error::from)
    };
    let (found, counts) = try_join!(find(app, &query, viewer, now), counts)?;
    let is_all_done = query.tab == Tab::Open
        && !query.narrows()
        && !query.filter.overdue
        && query.filter.workflow.is_none();
    let recent = if is_all_done && found.page.rows.is_empty() && query.cursor.is_none() {
        Some(decided_since(app, &query, now.plus_millis(-DAY), now).await?)
    } else {
        None
    };
    let part = rows::part(&query, &found, &counts, recent, &viewer.caller.actor, now);
    if query.part {
        return Ok(frame::part(StatusCode::OK, &part).tagged(&tag(&found.page, &counts, now), call));
    }
    let content = whole(&query, &found, &part, viewer, now);
    let layout = Layout::Page(search(&query));
    Ok(Frame { title: "Queue", viewer: Some(viewer), layout, content, form: None }
        .reply(Some(app), StatusCode::OK))
}

/// The entity tag of the queue. Times are not part of it: the page keeps them up to date by itself.
fn tag(page: &Page, counts: &[usize], now: Timestamp) -> String {
    let rows = page.rows.iter().map(|review| overlay_tag(review, now) + &review.id.block_run_id());
    let said: String = rows.chain(counts.iter().map(ToString::to_string)).collect();
    let hash = Sha256::digest(said);
    format!("\"{}\"", hash[..12].iter().fold(String::new(), |hex, byte| format!("{hex}{byte:02x}")))
}

fn whole(query: &QueueQuery, found: &Found, part: &Markup, viewer: &Viewer<'_>, now: Timestamp) -> Markup {
    html! {
        div.headline data-here=(query.address()) {
            h1 { "Reviews" }
            span.sep {}
            @if viewer.caller.may(Scope::Review) {
                form method="post" action={(HOME) "/next"} {
                    (form_token(viewer))
                    @if query.filter.workflow.is_some() { input type="hidden" name="workflow_id" value=(query.workflow); }
                    button.primary data-key="n" { "Start reviewing" kbd hidden aria-hidden="true" { "N" } }
                }
            }
        }
        @if query.none_free && is_none_free(&found.page, viewer, now) { (notice("good", &html! { "No unclaimed review is waiting." })) }
        @if let Some(fault) = query.fault { (notice("bad", &html! { (fault) })) }
        (filters(query, found))
        noscript { p { a href=(query.address()) { "Refresh" } } }
        section #queue data-refresh=(15) data-now=(now.to_string()) aria-label="Reviews" { (part) }
    }
}

/// Whether none of the rows is for the viewer to take: an address alone proves nothing.
fn is_none_free(page: &Page, viewer: &Viewer<'_>, now: Timestamp) -> bool {
    let (me, standing) = (&viewer.caller.actor, &viewer.caller.standing);
    let is_free = |review: &&shared::review::Review| {
        review.status == Status::AwaitingReview
            && review.claim_at(now).is_none()
            && !matches!(review.reserved_for(me, standing), Reserved::NotForActor)
    };
    !page.rows.iter().any(|review| is_free(&review))
}

/// The search field, in the bar; it is part of the form of filters.
fn search(query: &QueueQuery) -> Markup {
    html! {
        div.search role="search" {
            label.visually-hidden for="q" { "Search this page, or an exact run id" }
            input #q name="q" type="search" form="filter" value=(query.text) placeholder="Supplier, number, run…" autocomplete="off" spellcheck="false";
            kbd hidden aria-hidden="true" { "/" }
        }
    }
}

fn filters(query: &QueueQuery, found: &Found) -> Markup {
    let is_filtered =
        query.narrows() || query.filter.overdue || !query.workflow.is_empty() || query.sort != Sort::Queue;
    html! {
        form.filter #filter method="get" action=(HOME) aria-label="Filter" {
            @if query.is_decided() { input type="hidden" name="status" value=(slug(query.status())); }
            @if query.tab == Tab::Mine || query.by_me { input type="hidden" name="mine" value="1"; }
            @if query.tab == Tab::Escalated { input type="hidden" name="escalated" value="1"; }
            label.visually-hidden for="workflow" { "Workflow" }
            select #workflow name="workflow_id" autocomplete="off" {
                option value="" { "All workflows" }
                @for workflow in &found.workflows { option value=(workflow) selected[*workflow == query.workflow] { (labels::workflow(workflow)) } }
            }
            label.visually-hidden for="reason" { "Reason" }
            select #reason name="reason" autocomplete="off" {
                option value="" { "Any reason" }
                @for reason in &found.reasons { option value=(reason) selected[*reason == query.reason] { (label(reason)) } }
            }
            @if !query.is_decided() {
                label.visually-hidden for="overdue" { "Due time" }
                select #overdue name="overdue" autocomplete="off" {
                    option value="" { "Any due time" }
                    option value="1" selected[query.filter.overdue] { "Overdue" }
                }
            }
            label.visually-hidden for="sort" { "Order" }
            select #sort name="sort" autocomplete="off" {
                @for (sort, word, title) in Sort::ALL { option value=(word) selected[sort == query.sort] { (title) } }
            }
            button data-apply="" { "Filter" }
            @if is_filtered { a.button.quiet href=(HOME) { "Show all" } }
        }
    }
}
