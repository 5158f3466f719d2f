//! `POST …/claim`: take, renew or take over the advisory claim. It never blocks anybody.

use shared::api::{
    self, App, Call, Caller, Error, FieldErrors, Function, Reply, SMALL_BODY_LIMIT, routes, ttl_seconds,
};
use shared::review::{CommandId, RequestDigest, Rev, ReviewId, TtlSeconds};

/// The endpoint.
pub const FUNCTION: Function =
    Function { route: routes::CLAIM, handle: |app, caller, call| Box::pin(claim(app, caller, call)) };

struct Request {
    id: ReviewId,
    stamp: Rev,
    ttl: TtlSeconds,
    command_id: Option<CommandId>,
}

async fn claim(app: &App, caller: &Caller, call: &Call) -> Result<Reply, Error> {
    let Request { id, stamp, ttl, command_id } = parse(caller, call)?;
    let digest = RequestDigest::of("claim", &[&ttl.seconds().to_be_bytes()]);
    let context = call.command_context(caller, digest, command_id);
    let outcome = app.store.claim(&id, stamp, ttl, &context).await?;
    api::mutated(outcome, stamp, call.now())
}

fn parse(caller: &Caller, call: &Call) -> Result<Request, Error> {
    let mut faults = FieldErrors::new();
    let id = call.review_id(caller, &mut faults);
    let command_id = call.idempotency_key(&mut faults);
    let mut parsed = None;
    if let Some(mut body) = call.body(SMALL_BODY_LIMIT, &mut faults)? {
        let stamp = body.version_stamp(&mut faults);
        let ttl = body.optional("ttl_seconds", &mut faults, ttl_seconds);
        body.finish(&mut faults);
        parsed = stamp.zip(ttl);
    }
    let ((id, command_id), (stamp, ttl)) = faults.finish(id.zip(command_id).zip(parsed))?;
    Ok(Request { id, stamp, ttl: ttl.unwrap_or_default(), command_id })
}
