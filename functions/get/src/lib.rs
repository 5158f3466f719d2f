//! `GET /v1/workflows/reviews/{run_id}/{block_id}`: one overlay, whole.

use futures_util::try_join;
use lambda_http::http::StatusCode;
use shared::api::{self, App, Call, Caller, Error, FieldErrors, Function, Reply, routes};

/// The endpoint.
pub const FUNCTION: Function =
    Function { route: routes::GET, handle: |app, caller, call| Box::pin(get(app, caller, call)) };

async fn get(app: &App, caller: &Caller, call: &Call) -> Result<Reply, Error> {
    let mut faults = FieldErrors::new();
    let id = call.review_id(caller, &mut faults);
    let id = faults.finish(id)?;
    if call.is_conditional() {
        // Pollers are cheap: META and the rejected stale writes tell whether anything has changed.
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
