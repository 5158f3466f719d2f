//! `POST …/release`: drop the claim, whoever holds it; nothing to drop is fine too.

use shared::api::{self, App, Call, Caller, Error, FieldErrors, Function, Reply, SMALL_BODY_LIMIT, routes};
use shared::review::{CommandId, RequestDigest, Rev, ReviewId};

/// The endpoint.
pub const FUNCTION: Function =
    Function { route: routes::RELEASE, handle: |app, caller, call| Box::pin(release(app, caller, call)) };

async fn release(app: &App, caller: &Caller, call: &Call) -> Result<Reply, Error> {
    let (id, stamp, command_id) = parse(caller, call)?;
    let context = call.command_context(caller, RequestDigest::of("release", &[]), command_id);
    let outcome = app.store.release(&id, stamp, &context).await?;
    api::mutated(outcome, stamp, call.now())
}

fn parse(caller: &Caller, call: &Call) -> Result<(ReviewId, Rev, Option<CommandId>), Error> {
    let mut faults = FieldErrors::new();
    let id = call.review_id(caller, &mut faults);
    let command_id = call.idempotency_key(&mut faults);
    let mut stamp = None;
    if let Some(mut body) = call.body(SMALL_BODY_LIMIT, &mut faults)? {
        stamp = body.version_stamp(&mut faults);
        body.finish(&mut faults);
    }
    let ((id, stamp), command_id) = faults.finish(id.zip(stamp).zip(command_id))?;
    Ok((id, stamp, command_id))
}
