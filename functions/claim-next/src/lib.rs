//! `POST /v1/workflows/reviews/claim-next`: claim the first open review of the queue that has no claim.

use lambda_http::http::StatusCode;
use shared::api::{
    self, Answer, App, Body, Call, Caller, Code, Endpoint, Error, Field, FieldErrors, Object, Reply, Shape,
    TTL_SECONDS, WholeOverlay, identifier, schema_of,
};
use shared::review::{CommandId, RequestDigest, Rev, TtlSeconds, WorkflowId};
use shared::store::{Outcome, QueueFilter, Scope};

/// The endpoint.
pub const ENDPOINT: Endpoint = Endpoint {
    summary: "Claim the next review",
    description: "Claims the first open review of the queue that has no claim. The order of the queue is known to within 5 seconds. \
        A review that was escalated comes first for its addressee: the actor, or a member of the group, that `escalate_to` names, without \
        regard to case and surrounding space. Others get it only if nothing else is open, and the actor who escalated it never gets \
        it. So it is with a review that is assigned to others, which is passed over where its policy enforces that; one that you \
        could not approve, because you have, or because you made the version that others must approve, is passed over, too.\n\nEach call claims another review. To repeat a call safely, send an `Idempotency-Key`: the call then answers with the \
        same review while you hold the claim, and with `claim_ended` afterwards.",
    body: Some(&BODY),
    example: Some(r#"{ "workflow_id": "wf_invoices", "ttl_seconds": 900 }"#),
    answers: &[
        Answer::json(200, "The review, claimed by you.", schema_of::<WholeOverlay<'static>>),
        Answer::empty(204, "There is no open review without a claim."),
    ],
    errors: &[Code::ClaimEnded, Code::CommandIdReused, Code::BodyTooLarge, Code::ResponseTooLarge],
    takes_idempotency_key: true,
    ..Endpoint::new(
        "claim-next",
        "POST",
        "/v1/workflows/reviews/claim-next",
        Scope::Review,
        |app, caller, call| Box::pin(claim_next(app, caller, call)),
    )
};

const WORKFLOW_ID: Field<Option<WorkflowId>> =
    Field::new("workflow_id", "Only reviews of this workflow.", identifier()).optional();

const BODY: Body = Body {
    object: Object {
        name: "ClaimNextRequest",
        about: "The body of `claim-next`.",
        shape: Shape::Fields(&[WORKFLOW_ID.spec, TTL_SECONDS.spec]),
    },
    limit: Body::SMALL,
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
    let filter = QueueFilter {
        organization,
        workflow,
        status: None,
        claimed_by: None,
        overdue: false,
        assigned: None,
    };
    match app.store.claim_next(&filter, ttl, &context).await? {
        // The call has no stamp: it acted on the `rev` before the one that it led to.
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
    let mut errors = FieldErrors::new();
    let command_id = call.idempotency_key(&mut errors);
    let body = call.body(&BODY, &mut errors, |body| {
        let (workflow, ttl) = (body.read(&WORKFLOW_ID), body.read(&TTL_SECONDS));
        workflow.zip(ttl)
    })?;
    let (command_id, (workflow, ttl)) = errors.finish(command_id.zip(body))?;
    Ok(Request { workflow, ttl, command_id })
}
