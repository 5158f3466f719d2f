//! `POST …/reopen`: a decided review awaits review again.

use shared::api::{
    self, App, Call, Caller, Error, FieldErrors, Function, Reply, SMALL_BODY_LIMIT, boolean, reason, routes,
};
use shared::review::{Attempt, CommandId, RequestDigest, Rev, Review, ReviewId};

/// The endpoint.
pub const FUNCTION: Function =
    Function { route: routes::REOPEN, handle: |app, caller, call| Box::pin(reopen(app, caller, call)) };

struct Request {
    id: ReviewId,
    stamp: Rev,
    reason: Option<String>,
    force: bool,
    command_id: Option<CommandId>,
}

async fn reopen(app: &App, caller: &Caller, call: &Call) -> Result<Reply, Error> {
    let Request { id, stamp, reason, force, command_id } = parse(caller, call)?;
    let words = reason.as_deref().unwrap_or_default().as_bytes();
    let digest = RequestDigest::of("reopen", &[words, &[u8::from(force)]]);
    let context = call.command_context(caller, digest, command_id);
    let transition = |review: &Review| review.reopen(reason.clone(), force, &context);
    let outcome = app.store.change(&id, stamp, &context, Attempt::Reopen, None, transition).await?;
    api::mutated(outcome, stamp, call.now())
}

fn parse(caller: &Caller, call: &Call) -> Result<Request, Error> {
    let mut faults = FieldErrors::new();
    let id = call.review_id(caller, &mut faults);
    let mut parsed = None;
    if let Some(mut body) = call.body(SMALL_BODY_LIMIT, &mut faults)? {
        let stamp = body.version_stamp(&mut faults);
        let reason = body.optional("reason", &mut faults, reason);
        let force = body.optional("force", &mut faults, boolean);
        let command_id = call.command_id(&mut body, &mut faults);
        body.finish(&mut faults);
        parsed = stamp.zip(reason).zip(force.zip(command_id));
    }
    let (id, ((stamp, reason), (force, command_id))) = faults.finish(id.zip(parsed))?;
    Ok(Request { id, stamp, reason, force: force.unwrap_or_default(), command_id })
}
