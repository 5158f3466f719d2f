//! `POST /v1/workflows/{workflow_id}/policy/dry-run`: what a policy would have held of the newest reviews.

mod run;

pub use run::{BlockCount, DryRun, Example, dry_run};

use lambda_http::http::StatusCode;
use put_policy::rules::{self, BLOCKS};
use shared::api::{
    Answer, App, Body, Call, Caller, Endpoint, Error, Field, FieldErrors, Literal, Object, Reply, Shape,
    integer, schema_of,
};
use shared::review::{Policy, WorkflowId};
use shared::store::Scope;

/// Most reviews that are looked at.
pub const MOST: u16 = 200;

/// The endpoint.
pub const ENDPOINT: Endpoint = Endpoint {
    summary: "Try a policy",
    description: "Evaluates the predicates of a policy that is not stored yet on the newest reviews of the workflow: on each one's first \
        output and what came with it. There are reviews of outputs that were held only: outputs that passed are not kept, and so are not \
        counted. Nothing changes. After 8 seconds it answers with what it has looked at until then.",
    body: Some(&BODY),
    example: Some(
        r#"{
            "blocks": { "*": { "predicate": { "kind": "confidence_lt", "threshold": 0.9 } } },
            "limit": 50
        }"#,
    ),
    answers: &[Answer::json(200, "What it would have held, and what not.", schema_of::<DryRun>)],
    errors: &[shared::api::Code::BodyTooLarge],
    ..Endpoint::new(
        "dry-run-policy",
        "POST",
        "/v1/workflows/{workflow_id}/policy/dry-run",
        Scope::Admin,
        |app, caller, call| Box::pin(answer(app, caller, call)),
    )
};

const LIMIT: Field<u32> =
    Field::new("limit", "How many reviews are looked at, at most.", integer(1..=MOST as i64))
        .default(Literal::Integer(MOST as i64));

const BODY: Body = Body {
    object: Object {
        name: "DryRunRequest",
        about: "The body of `dry-run-policy`.",
        shape: Shape::Fields(&[BLOCKS.spec, LIMIT.spec]),
    },
    limit: Policy::MAX_BYTES,
};

async fn answer(app: &App, caller: &Caller, call: &Call) -> Result<Reply, Error> {
    let (workflow, policy, limit) = parse(call)?;
    let done = dry_run(&app.store, &caller.organization, &workflow, &policy, limit as usize).await?;
    Ok(Reply::json(StatusCode::OK, &done))
}

fn parse(call: &Call) -> Result<(WorkflowId, Policy, u32), Error> {
    let mut errors = FieldErrors::new();
    let workflow = call.workflow_id(&mut errors);
    let body = call.body(&BODY, &mut errors, |body| {
        let (policy, limit) = (rules::read(body), body.read(&LIMIT));
        policy.zip(limit)
    })?;
    let (workflow, (policy, limit)) = errors.finish(workflow.zip(body))?;
    Ok((workflow, policy, limit))
}
