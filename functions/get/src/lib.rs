//! `GET /v1/workflows/reviews/{run_id}/{block_id}`: one whole overlay.

use futures_util::try_join;
use lambda_http::http::StatusCode;
use shared::api::{
    self, Answer, App, Call, Caller, Code, Endpoint, Error, FieldErrors, Reply, WholeOverlay, schema_of,
};
use shared::store::Scope;

/// The endpoint.
pub const ENDPOINT: Endpoint = Endpoint {
    summary: "Read a review",
    description: "With `If-None-Match`, polling costs little.",
    answers: &[Answer::json(200, "The review.", schema_of::<WholeOverlay<'static>>)],
    errors: &[Code::ReviewNotFound, Code::ResponseTooLarge],
    has_etag: true,
    ..Endpoint::new(
        "get",
        "GET",
        "/v1/workflows/reviews/{run_id}/{block_id}",
        Scope::Read,
        |app, caller, call| Box::pin(get(app, caller, call)),
    )
};

async fn get(app: &App, caller: &Caller, call: &Call) -> Result<Reply, Error> {
    let mut errors = FieldErrors::new();
    let id = call.review_id(caller, &mut errors);
    let id = errors.finish(id)?;
    if call.is_conditional() {
        // META and the rejected stale writes are enough to know whether anything has changed.
        let (review, stale) = try_join!(app.store.peek(&id), app.store.stale_writes(&id))?;
        let review = review.ok_or(Error::ReviewNotFound)?;
        let tag = api::overlay_tag_with(&review, &stale, call.now());
        if call.has(&tag) {
            return Ok(Reply::empty(StatusCode::OK).at_rev(review.rev).tagged(&tag, call));
        }
    }
    let overlay = app.store.load(&id).await?.ok_or(Error::ReviewNotFound)?;
    let tag = api::overlay_tag_with(&overlay.review, &overlay.stale, call.now());
    Ok(api::overlay(StatusCode::OK, &overlay, call.now()).tagged(&tag, call))
}
