//! `POST …/resume`: a decision whose delivery failed is told to the waiting run again.

use shared::api::{self, App, Call, Caller, Error, FieldErrors, Function, Reply, SMALL_BODY_LIMIT, routes};
use shared::review::{Rev, ReviewId};

/// The endpoint.
pub const FUNCTION: Function =
    Function { route: routes::RESUME, handle: |app, caller, call| Box::pin(resume(app, caller, call)) };

/// Writes that a try is due; the table's stream brings it to `publish`, which makes it.
async fn resume(app: &App, caller: &Caller, call: &Call) -> Result<Reply, Error> {
    let (id, stamp) = parse(caller, call)?;
    let outcome = app.store.retry_resume(&id, stamp, call.now()).await?;
    api::mutated(outcome, stamp, call.now())
}

fn parse(caller: &Caller, call: &Call) -> Result<(ReviewId, Rev), Error> {
    let mut faults = FieldErrors::new();
    let id = call.review_id(caller, &mut faults);
    let mut stamp = None;
    if let Some(mut body) = call.body(SMALL_BODY_LIMIT, &mut faults)? {
        stamp = body.version_stamp(&mut faults);
        body.finish(&mut faults);
    }
    faults.finish(id.zip(stamp))
}
