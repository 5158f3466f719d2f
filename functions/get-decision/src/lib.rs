//! `GET …/decision`: the status and the decision of a review, for the run that waits.

use lambda_http::http::StatusCode;
use shared::api::{
    Answer, App, Call, Caller, Code, DecisionView, Endpoint, Error, FieldErrors, Reply, overlay_tag,
    schema_of,
};
use shared::review::{Review, ReviewId};
use shared::store::Scope;

/// The endpoint.
pub const ENDPOINT: Endpoint = Endpoint {
    summary: "Read a run's decision",
    description: "For a run that polls instead of being called (`resume.kind` is `poll`), or in addition. Only the actor that opened \
        the review finds it. With `If-None-Match`, a poll costs one read unit while nothing has changed. Acknowledge a decision before \
        you act on it.",
    answers: &[Answer::json(200, "The status and the decision.", schema_of::<DecisionView<'static>>)],
    errors: &[Code::ReviewNotFound, Code::ResponseTooLarge],
    has_etag: true,
    ..Endpoint::new(
        "get-decision",
        "GET",
        "/v1/workflows/reviews/{run_id}/{block_id}/decision",
        Scope::Runtime,
        |app, caller, call| Box::pin(get_decision(app, caller, call)),
    )
};

/// Only the actor that opened the review finds it. A repeated call with the tag of the previous answer reads META alone while
/// nothing has changed.
async fn get_decision(app: &App, caller: &Caller, call: &Call) -> Result<Reply, Error> {
    let id = parse(caller, call)?;
    if call.is_conditional() {
        let review = app.store.peek(&id).await?.ok_or(Error::ReviewNotFound)?;
        let tag = overlay_tag(&review, call.now());
        if call.has(&tag) && is_opener(&review, caller) {
            return Ok(Reply::empty(StatusCode::OK).tagged(&tag, call));
        }
    }
    let overlay = app.store.load(&id).await?.ok_or(Error::ReviewNotFound)?;
    if !app.store.is_opener(&overlay, &caller.actor).await? {
        return Err(Error::ReviewNotFound);
    }
    let view = DecisionView::of(&overlay);
    let reply = Reply::json(StatusCode::OK, &view).at_rev(overlay.review.rev);
    Ok(reply.tagged(&overlay_tag(&overlay.review, call.now()), call))
}

/// Whether META alone shows that the caller opened the review. It does not when the first entry has moved to an AUDIT page.
fn is_opener(review: &Review, caller: &Caller) -> bool {
    let first = review.journal.first().filter(|_| review.older_entries == 0);
    first.is_some_and(|entry| entry.actor.is(&caller.actor))
}

fn parse(caller: &Caller, call: &Call) -> Result<ReviewId, Error> {
    let mut errors = FieldErrors::new();
    let id = call.review_id(caller, &mut errors);
    call.query_fields(&[], &mut errors, |_| Some(()));
    Ok(errors.finish(id)?)
}
