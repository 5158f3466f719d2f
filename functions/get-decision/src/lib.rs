//! `GET …/decision`: how a review stands for the run that waits for it, and its decision.

use lambda_http::http::StatusCode;
use shared::api::{
    App, Call, Caller, DecisionView, Error, FieldErrors, Function, Reply, overlay_tag, routes,
};
use shared::review::{Review, ReviewId};

/// The endpoint.
pub const FUNCTION: Function = Function {
    route: routes::GET_DECISION,
    handle: |app, caller, call| Box::pin(get_decision(app, caller, call)),
};

/// For who has opened the review; for everybody else it is not there. Who asks again with the tag of the answer before pays for
/// META alone, as long as nothing has changed.
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

/// Whether META alone says that the caller has opened the review: not when its first entry has moved to an AUDIT page.
fn is_opener(review: &Review, caller: &Caller) -> bool {
    let first = review.journal.first().filter(|_| review.older_entries == 0);
    first.is_some_and(|entry| entry.actor.is(&caller.actor))
}

fn parse(caller: &Caller, call: &Call) -> Result<ReviewId, Error> {
    let mut faults = FieldErrors::new();
    let id = call.review_id(caller, &mut faults);
    call.query(&[], &mut faults);
    faults.finish(id)
}
