//! The queue: which reviews there are, and who works on which.

use crate::document::key_label::label;
use crate::pages::elements::{claim, form_token, name, notice, since, time};
use crate::pages::frame::{self, Frame};
use crate::pages::labels;
use crate::pages::labels::slug;
use crate::pages::reason::why_in_short;
use crate::paths::HOME;
use crate::session::Viewer;
use futures_util::future::try_join_all;
use futures_util::try_join;
use lambda_http::http::StatusCode;
use maud::{Markup, html};
use sha2::{Digest, Sha256};
use shared::api::{App, Call, Error, FieldErrors, Reply, overlay_tag};
use shared::review::{Actor, Review, Status, Timestamp, WorkflowId, visible};
use shared::store::{Cursor, Page, QueueFilter, Scope};

/// Rows of a page.
const ROWS: usize = 50;
/// Reviews of one status are counted up to here.
const COUNTED: usize = 200;
const STATUSES: [Status; 3] = [Status::AwaitingReview, Status::Approved, Status::Rejected];

/// What the address asks for.
struct QueueQuery {
    filter: QueueFilter,
    status: Status,
    workflow_text: String,
    mine: bool,
    cursor: Option<Cursor>,
    /// What was asked for and does not exist: the page says so.
    fault: Option<&'static str>,
    /// Only the part that changes by itself.
    part: bool,
    /// The viewer asked for the next review, and there was none.
    nothing_free: bool,
}

impl QueueQuery {
    fn of(call: &Call, viewer: &Viewer<'_>) -> Self {
        let organization = viewer.caller.organization.clone();
        let filter = QueueFilter { organization, workflow: None, status: None, claimed_by: None };
        let mut query = Self {
            filter,
            status: Status::AwaitingReview,
            workflow_text: String::new(),
            mine: false,
            cursor: None,
            fault: None,
            part: false,
            nothing_free: false,
        };
        let mut cursor = None;
        let known = ["status", "workflow_id", "mine", "cursor", "part"];
        for (name, value) in call.query(&known, &mut FieldErrors::new()) {
            match name.as_str() {
                "status" => {
                    query.status =
                        STATUSES.into_iter().find(|it| slug(*it) == value).unwrap_or(Status::AwaitingReview);
                }
                "workflow_id" => value.trim().clone_into(&mut query.workflow_text),
                "mine" => query.mine = value == "1",
                "cursor" => cursor = Some(value),
                _ => query.part = true,
            }
        }
        query.settle(viewer, cursor)
    }

    /// With its filter.
    fn settle(mut self, viewer: &Viewer<'_>, cursor: Option<String>) -> Self {
        let query = &mut self;
        query.filter.status = Some(query.status);
        if query.mine && query.status == Status::AwaitingReview {
            query.filter.claimed_by = Some(viewer.caller.actor.clone());
        }
        if !query.workflow_text.is_empty() {
            match WorkflowId::parse(&query.workflow_text) {
                Ok(workflow) => query.filter.workflow = Some(workflow),
                Err(_) => query.fault = Some("There is no such workflow id; all workflows are shown."),
            }
        }
        if let Some(text) = cursor {
            match Cursor::decode(&text, &query.filter) {
                Ok(cursor) => query.cursor = Some(cursor),
                Err(_) => query.fault = Some("That page is gone; this is the first one."),
            }
        }
        self
    }

    /// The address of this queue with something else.
    fn address(&self, status: Status, mine: bool, cursor: Option<&str>) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        if status != Status::AwaitingReview {
            query.append_pair("status", slug(status));
        }
        if !self.workflow_text.is_empty() {
            query.append_pair("workflow_id", &self.workflow_text);
        }
        if mine {
            query.append_pair("mine", "1");
        }
        if let Some(cursor) = cursor {
            query.append_pair("cursor", cursor);
        }
        let query = query.finish();
        if query.is_empty() { HOME.to_owned() } else { format!("{HOME}?{query}") }
    }
}

/// `GET /inbox`. With `part`, only what changes by itself, and nothing if that is as before.
pub(crate) async fn show(app: &App, call: &Call, viewer: &Viewer<'_>) -> Result<Reply, Error> {
    answer(app, call, viewer, QueueQuery::of(call, viewer)).await
}

/// The queue of a workflow, or of all, when its next review was asked for and there was none.
pub(crate) async fn nothing_free(
    app: &App,
    call: &Call,
    viewer: &Viewer<'_>,
    workflow: Option<String>,
) -> Result<Reply, Error> {
    let mut query = QueueQuery::of(call, viewer);
    query.workflow_text = workflow.unwrap_or_default();
    query.nothing_free = true;
    answer(app, call, viewer, query.settle(viewer, None)).await
}

async fn answer(app: &App, call: &Call, viewer: &Viewer<'_>, query: QueueQuery) -> Result<Reply, Error> {
    let rows = app.store.list(&query.filter, ROWS, query.cursor.as_ref(), call.now());
    let counts = try_join_all(STATUSES.map(|status| app.store.count(&query.filter, status, COUNTED + 1)));
    let (mut page, counts) = try_join!(rows, counts)?;
    if query.mine && query.status != Status::AwaitingReview {
        // No index knows who decided: this filters the rows of one page, and the page says so.
        let me = &viewer.caller.actor;
        page.rows.retain(|review| review.decisions.last().is_some_and(|decision| decision.decided_by.is(me)));
    }
    let part = part(&query, &page, &counts, &viewer.caller.actor, call.now());
    if query.part {
        return Ok(frame::part(StatusCode::OK, &part).tagged(&tag(&page, &counts, call.now()), call));
    }
    let content = whole(&query, &part, viewer, call.now());
    Ok(Frame { title: "Queue", viewer: Some(viewer), content, form: None }.reply(Some(app), StatusCode::OK))
}

/// The entity tag of the queue. Times are not part of it: the page keeps them up to date by itself.
fn tag(page: &Page, counts: &[usize], now: Timestamp) -> String {
    let rows = page.rows.iter().map(|review| overlay_tag(review, now) + &review.id.block_run_id());
    let said: String = rows.chain(counts.iter().map(ToString::to_string)).collect();
    let hash = Sha256::digest(said);
    format!("\"{}\"", hash[..12].iter().fold(String::new(), |hex, byte| format!("{hex}{byte:02x}")))
}

fn whole(query: &QueueQuery, part: &Markup, viewer: &Viewer<'_>, now: Timestamp) -> Markup {
    html! {
        div.queue-head data-here=(query.address(query.status, query.mine, query.cursor.as_ref().map(|cursor| cursor.encode(&query.filter)).as_deref())) {
            h1 { "Reviews" }
            @if viewer.caller.may(Scope::Review) {
                form method="post" action={(HOME) "/next"} {
                    (form_token(viewer))
                    @if query.filter.workflow.is_some() { input type="hidden" name="workflow_id" value=(query.workflow_text); }
                    button.primary data-key="n" { "Review next" }
                }
            }
        }
        @if query.nothing_free { (notice("good", &html! { "No unclaimed review is waiting." })) }
        @if let Some(fault) = query.fault { (notice("bad", &html! { (fault) })) }
        form.filter method="get" action=(HOME) role="search" aria-label="Filter" {
            @if query.status != Status::AwaitingReview { input type="hidden" name="status" value=(slug(query.status)); }
            label for="workflow" { "Workflow" }
            input #workflow name="workflow_id" value=(query.workflow_text) placeholder="all" autocomplete="off" spellcheck="false";
            label.check { input type="checkbox" name="mine" value="1" checked[query.mine]; " " (query.only_mine()) }
            button { "Filter" }
            @if query.mine || !query.workflow_text.is_empty() { a href=(query.address_of_all()) { "Show all" } }
        }
        noscript { p { a href=(query.address(query.status, query.mine, None)) { "Refresh" } } }
        section #queue data-refresh=(15) data-now=(now.to_string()) aria-label="Reviews" { (part) }
    }
}

impl QueueQuery {
    const fn only_mine(&self) -> &'static str {
        match self.status {
            Status::AwaitingReview => "Only those that I am reviewing",
            Status::Approved | Status::Rejected => "Only those that I decided",
        }
    }

    fn address_of_all(&self) -> String {
        match self.status {
            Status::AwaitingReview => HOME.to_owned(),
            status => format!("{HOME}?status={}", slug(status)),
        }
    }
}

fn part(query: &QueueQuery, page: &Page, counts: &[usize], me: &Actor, now: Timestamp) -> Markup {
    html! {
        nav.tabs aria-label="Status" {
            @for (status, count) in STATUSES.into_iter().zip(counts) {
                a href=(query.address(status, query.mine, None)) id={"tab-" (slug(status))} aria-current=[(status == query.status).then_some("page")] {
                    @if status == Status::AwaitingReview { "Open" } @else { (labels::status(status)) }
                    // The index knows how many there are, not whose.
                @if !query.mine { " " span.count { @if *count > COUNTED { (COUNTED) "+" } @else { (count) } } }
                }
            }
        }
        @if query.mine && query.status != Status::AwaitingReview {
            p.muted { "Of the " (ROWS) (if query.cursor.is_some() { " next " } else { " newest " }) (slug(query.status)) " reviews, those that you decided." }
        }
        @if page.rows.is_empty() { (empty(query)) }
        @else {
            table.queue {
                thead { tr {
                    th scope="col" { "Review" }
                    th scope="col" { "Why" }
                    th scope="col" { @if query.status == Status::AwaitingReview { "Waiting" } @else { "Decided" } }
                    th.number scope="col" { "Priority" }
                    th scope="col" { "Who" }
                } }
                tbody { @for review in &page.rows { (row(review, me, now)) } }
            }
        }
        nav.pages aria-label="Pages" {
            @if query.cursor.is_some() { a #first-page href=(query.address(query.status, query.mine, None)) { "First page" } }
            @if let Some(next) = &page.next {
                a #next-page rel="next" href=(query.address(query.status, query.mine, Some(&next.encode(&query.filter)))) { "Next page" }
            }
        }
    }
}

fn empty(query: &QueueQuery) -> Markup {
    html! {
        div.nothing {
            @if query.mine && query.status != Status::AwaitingReview { p { "You decided none of these." } }
            @else if query.mine { p { "You are reviewing nothing here." } }
            @else if query.status == Status::AwaitingReview {
                p { "Nothing awaits review" @if query.filter.workflow.is_some() { " in this workflow" } "." }
                p.muted { "New reviews appear here by themselves." }
            }
            @else { p { "There are no " (slug(query.status)) " reviews." } }
        }
    }
}

fn row(review: &Review, me: &Actor, now: Timestamp) -> Markup {
    let (run, block) = (review.id.run.as_str(), review.id.block.as_str());
    html! {
        tr.hot[review.priority.0 >= 10] {
            td data-label="Review" {
                a.row href={(HOME) "/reviews/" (run) "/" (block)} id={"row-" (run) "-" (block)} { (label(block)) }
                div.muted { (labels::block_type(review.block_type)) " · " bdi { (run) } " · " bdi { (review.workflow_id.as_str()) } }
            }
            td data-label="Why" {
                bdi { (why_in_short(&review.triggered_by)) }
                @if let Some(to) = &review.escalated_to { div { span.tag { "escalated to " bdi { (visible(to)) } } } }
            }
            @let decided = review.decided_at.filter(|_| review.status != Status::AwaitingReview);
            td data-label=(if decided.is_some() { "Decided" } else { "Waiting" }) {
                @if let Some(at) = decided { (time(at)) } @else { (since(review.awaiting_since, now)) }
            }
            td.number data-label="Priority" { (review.priority.0) }
            td data-label="Who" {
                @if review.status == Status::AwaitingReview { (claim(review.claim_at(now), me, now)) }
                @else if let Some(decision) = review.decisions.last() { (name(&decision.decided_by)) }
            }
        }
    }
}
