//! The page of one review: the output as a form, who works on it, what happened to it, and what can be done.
//!
//! `view` puts the page together from `claim` (the part that changes by itself), `output` and `aside`; `state` is what else it
//! shows. `faults`: what is wrong. `conflict`: what others changed. `history`: what happened. `extra_fields`: notes and reasons.

mod aside;
pub(crate) mod claim;
pub(crate) mod conflict;
pub(crate) mod extra_fields;
mod faults;
pub(crate) mod history;
mod output;
pub(crate) mod state;
mod view;

use crate::checks::{Guide, Texts};
use crate::document::Node;
use crate::pages::elements::notice;
use crate::pages::frame::{Frame, PageForm};
use crate::pages::labels;
use crate::paths;
use crate::session::Viewer;
use history::said;
use lambda_http::http::StatusCode;
use maud::html;
use shared::api::{App, Call, Error, Reply};
use shared::review::{Evidence, JsonText, ReviewId, Seq, Status, Timestamp};
use shared::store::{Overlay, Scope};
use state::{PageQuery, PageState};
use view::View;

/// `GET /inbox/reviews/{run_id}/{block_id}`.
pub(crate) async fn page(app: &App, call: &Call, viewer: &Viewer<'_>, id: &ReviewId) -> Result<Reply, Error> {
    let query = PageQuery::of(call);
    let overlay = app.store.load(id).await?.ok_or(Error::ReviewNotFound)?;
    let compared = query.from.zip(query.to);
    let done = query
        .done
        .as_deref()
        .and_then(|done| Some((done, said(done, &overlay, &viewer.caller.actor, call.now())?)));
    let banner = done.as_ref().map(|(_, text)| notice("good", &html! { (text) }));
    let done = done.map(|(done, _)| done.to_owned());
    let (rows, show) = (query.rows, query.show);
    let state =
        PageState { banner, as_json: query.as_json, compared, done, rows, show, ..PageState::default() };
    reply(app, viewer, &overlay, &state, StatusCode::OK, call.now()).await
}

/// The page as an answer. What came with the output is read for it, if anything did.
pub(crate) async fn reply(
    app: &App,
    viewer: &Viewer<'_>,
    overlay: &Overlay,
    state: &PageState<'_>,
    status: StatusCode,
    now: Timestamp,
) -> Result<Reply, Error> {
    let review = &overlay.review;
    let evidence = app.store.evidence_of(review).await?;
    let guide = guide(overlay, state, &evidence);
    let may_review = viewer.caller.may(Scope::Review);
    let view = View { viewer, overlay, state, now, may_review, guide: &guide };
    let title = labels::title(review);
    let path = paths::review(&review.id);
    let enter = if review.status == Status::AwaitingReview { "save" } else { "reopen" };
    let form = view.may_review.then_some(PageForm { path: &path, enter });
    let frame = Frame { title: &title, viewer: Some(viewer), content: view.html(), form };
    Ok(frame.reply(Some(app), status).at_rev(review.rev))
}

/// What guides the reviewer through the version that is shown: by its schema, by likelihoods, by what the gate named.
fn guide(overlay: &Overlay, state: &PageState<'_>, evidence: &Evidence) -> Guide {
    let seq = state.as_of.map_or(overlay.review.head_seq, |(seq, _)| seq);
    let version = overlay.versions.iter().find(|version| version.seq == seq);
    let Some((text, node)) =
        version.map(|it| it.snapshot.as_str()).and_then(|text| Some((text, Node::parse(text).ok()?)))
    else {
        return Guide::default();
    };
    let texts = Texts {
        json_schema: evidence.json_schema.as_ref().map(JsonText::as_str),
        likelihoods: evidence.likelihoods.as_ref().map(JsonText::as_str),
        evidence: evidence.evidence.as_ref().map(JsonText::as_str),
        triggered_by: Some(overlay.review.triggered_by.as_str()),
    };
    Guide::of(&node, text, texts)
}

/// A version of the output, as a tree.
pub(crate) fn node_of(overlay: &Overlay, seq: Seq) -> Option<Node> {
    let version = overlay.versions.iter().find(|version| version.seq == seq)?;
    Node::parse(version.snapshot.as_str()).ok()
}
