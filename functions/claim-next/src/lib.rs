//! `POST /v1/workflows/reviews/claim-next`: claim the hottest open review that nobody has.

use lambda_http::http::StatusCode;
use shared::api::{
    self, App, Call, Caller, Error, FieldErrors, Function, Reply, SMALL_BODY_LIMIT, identifier, routes,
    ttl_seconds,
};
use shared::review::{CommandId, RequestDigest, Rev, TtlSeconds, WorkflowId};
use shared::store::{Outcome, QueueFilter};

/// The endpoint.
pub const FUNCTION: Function = Function {
    route: routes::CLAIM_NEXT,
    handle: |app, caller, call| Box::pin(claim_next(app, caller, call)),
};

struct Request {
    workflow: Option<WorkflowId>,
    ttl: TtlSeconds,
    command_id: Option<CommandId>,
}

async fn claim_next(app: &App, caller: &Caller, call: &Call) -> Result<Reply, Error> {
    let Request { workflow, ttl, command_id } = parse(call)?;
    let digest = RequestDigest::of(
        "claim-next",
        &[workflow.as_ref().map_or("", WorkflowId::as_str).as_bytes(), &ttl.seconds().to_be_bytes()],
    );
    let context = call.command_context(caller, digest, command_id);
    let organization = caller.organization.clone();
    let filter = QueueFilter { organization, workflow, status: None, claimed_by: None };
    match app.store.claim_next(&filter, ttl, &context).await? {
        // It takes no stamp, so it cannot be refused for one: what it was done on is one before what it led to.
        Some(outcome) => {
            let stamp = match &outcome {
                Outcome::Done { overlay, .. } => Rev(overlay.review.rev.0.saturating_sub(1)),
                _ => Rev(0),
            };
            api::mutated(outcome, stamp, call.now())
        }
        None => Ok(Reply::empty(StatusCode::NO_CONTENT)),
    }
}

fn parse(call: &Call) -> Result<Request, Error> {
    let mut faults = FieldErrors::new();
    let command_id = call.idempotency_key(&mut faults);
    let mut parsed = None;
    if let Some(mut body) = call.body(SMALL_BODY_LIMIT, &mut faults)? {
        let workflow = body.optional("workflow_id", &mut faults, identifier(WorkflowId::parse));
        let ttl = body.optional("ttl_seconds", &mut faults, ttl_seconds);
        body.finish(&mut faults);
        parsed = workflow.zip(ttl);
    }
    let (command_id, (workflow, ttl)) = faults.finish(command_id.zip(parsed))?;
    Ok(Request { workflow, ttl: ttl.unwrap_or_default(), command_id })
}
