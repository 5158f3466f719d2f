//! The page of one review: the output as a form, who works on it, what happened to it, and what can be done.
//!
//! `view` puts the page together from `header` (with `claim`, the part that changes by itself, and `drawer`, its history), `status`
//! (what is to check), `terms` (who may, and how many must approve), `document_pane`, `output` and `footer`; `state`
//! is what else it shows. `faults`: what is wrong.
//! `conflict`: what others changed. `comments`: what people said of it. `history`: what happened. `extra_fields`: notes and reasons.

pub(crate) mod claim;
pub(crate) mod comments;
pub(crate) mod conflict;
mod document_pane;
mod drawer;
pub(crate) mod extra_fields;
mod faults;
mod footer;
mod header;
pub(crate) mod history;
mod output;
pub(crate) mod state;
mod status;
mod terms;
mod view;

use crate::document::Node;
use crate::pages::elements::notice;
use crate::pages::frame::{Frame, Layout, PageForm};
use crate::paths;
use crate::session::Viewer;
use document_pane::DocumentQuery;
use futures_util::try_join;
use history::said;
use lambda_http::http::StatusCode;
use maud::html;
use shared::api::{App, Call, Error, Reply};
use shared::review::{ReviewId, Seq, Status, Timestamp};
use shared::store::Overlay;
use state::{PageQuery, PageState};
use view::View;

/// `GET /inbox/reviews/{run_id}/{block_id}`.
pub(crate) async fn page(app: &App, call: &Call, viewer: &Viewer<'_>, id: &ReviewId) -> Result<Reply, Error> {
    let query = PageQuery::of(call);
    let (overlay, people) = try_join!(app.store.load(id), comments::people(app, viewer))?;
    let overlay = overlay.ok_or(Error::ReviewNotFound)?;
    let evidence = app.store.evidence_of(&overlay.review).await?;
    let compared = query.from.zip(query.to);
    let done = query.done.clone();
    let done = done
        .as_deref()
        .and_then(|done| Some((done, said(done, &overlay, &viewer.caller.actor, call.now())?)));
    let banner = done.as_ref().map(|(_, text)| notice("good", &html! { (text) }));
    let done = done.map(|(done, _)| done.to_owned());
    let document = DocumentQuery::of(call);
    let PageQuery { as_json, workflow, rows, show, .. } = query;
    let state =
        PageState { banner, done, as_json, compared, workflow, rows, show, document, ..PageState::default() };
    let view = View::new(viewer, &overlay, &evidence, &people, &state, call.now());
    Ok(draw(app, &view, StatusCode::OK))
}

/// The page after an action. What came with the output is read only if anything did.
pub(crate) async fn reply(
    app: &App,
    viewer: &Viewer<'_>,
    overlay: &Overlay,
    state: &PageState<'_>,
    status: StatusCode,
    now: Timestamp,
) -> Result<Reply, Error> {
    let (evidence, people) =
        try_join!(app.store.evidence_of(&overlay.review), comments::people(app, viewer))?;
    let view = View::new(viewer, overlay, &evidence, &people, state, now);
    Ok(draw(app, &view, status))
}

fn draw(app: &App, view: &View<'_>, status: StatusCode) -> Reply {
    let review = &view.overlay.review;
    let title = view.heading().title;
    let path = paths::review(&review.id);
    let enter = match review.status {
        Status::AwaitingReview if view.is_editable() => "save",
        // A review that is assigned to others has no form to save.
        Status::AwaitingReview => "next",
        Status::Approved | Status::Rejected => "reopen",
    };
    let form = view.may_review.then_some(PageForm { path: &path, enter });
    let has_documents = !review.documents.is_empty();
    let layout = Layout::Desk { has_documents, header: view.header(&path), footer: view.footer(&path) };
    let frame = Frame { title: &title, viewer: Some(view.viewer), layout, content: view.html(), form };
    frame.reply(Some(app), status).at_rev(review.rev)
}

/// A version of the output, as a tree.
pub(crate) fn node_of(overlay: &Overlay, seq: Seq) -> Option<Node> {
    let version = overlay.versions.iter().find(|version| version.seq == seq)?;
    Node::parse(version.snapshot.as_str()).ok()
}
