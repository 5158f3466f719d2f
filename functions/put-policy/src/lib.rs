//! `PUT /v1/workflows/{workflow_id}/policy`: creates or replaces a workflow's policy.

pub mod rules;
pub mod warnings;

use lambda_http::http::StatusCode;
use rules::BLOCKS;
use shared::api::{
    Answer, App, Body, Call, Caller, Code, Endpoint, Error, FieldErrors, Object, PolicyView, PutPolicyAnswer,
    Reply, Shape, VERSION_STAMP, schema_of,
};
use shared::review::{Policy, Rev, WorkflowId};
use shared::store::{PolicyStamp, PutPolicy, Scope};

/// The endpoint.
pub const ENDPOINT: Endpoint = Endpoint {
    summary: "Put a policy",
    description: "Creates the workflow's policy, on `version_stamp` 0, or replaces all of it. A block takes the rule of its own name, else \
        that of `*`. What a rule demands is copied into the reviews that are opened from then on; those that are open keep what they were \
        opened with. Every change is an entry of the policy's audit. Where a rule enforces an assignment to nobody whom the organization \
        knows, `warnings` of the answer says so: only keys with the scope `admin` could work on its reviews.",
    body: Some(&BODY),
    example: Some(EXAMPLE),
    answers: &[
        Answer::json(200, "The policy as it is now.", schema_of::<PutPolicyAnswer<'static>>),
        Answer::json(201, "It is created: the policy as it is now.", schema_of::<PutPolicyAnswer<'static>>),
    ],
    errors: &[Code::VersionConflict, Code::BodyTooLarge],
    is_repeatable: true,
    ..Endpoint::new(
        "put-policy",
        "PUT",
        "/v1/workflows/{workflow_id}/policy",
        Scope::Admin,
        |app, caller, call| Box::pin(put(app, caller, call)),
    )
};

/// A policy with all that a rule can say.
const EXAMPLE: &str = r#"{
    "version_stamp": 0,
    "blocks": {
        "block_extract": {
            "predicate": {
                "kind": "any_of",
                "predicates": [
                    { "kind": "confidence_lt", "threshold": 0.85 },
                    { "kind": "any_required_field_null" }
                ]
            },
            "priority": 5,
            "assign": { "groups": ["finance"], "enforce": true },
            "due_in_seconds": 14400,
            "remind_before_seconds": [3600],
            "on_overdue": { "action": "escalate", "escalate_to": "finance-lead" },
            "approvals": { "required": 2, "four_eyes": true },
            "output": { "validation": "enforce" },
            "display": ["invoice_number", "seller.name", "total_amount"]
        },
        "*": { "predicate": { "kind": "sample", "percent": 2 } }
    }
}"#;

const BODY: Body = Body {
    object: Object {
        name: "PutPolicyRequest",
        about: "The body of `put-policy`.",
        shape: Shape::Fields(&[VERSION_STAMP.spec, BLOCKS.spec]),
    },
    limit: Policy::MAX_BYTES,
};

async fn put(app: &App, caller: &Caller, call: &Call) -> Result<Reply, Error> {
    let (workflow, stamp, policy) = parse(call)?;
    let change = PolicyStamp { stamp, by: caller.actor.clone(), at: call.now() };
    match app.store.put_policy(&caller.organization, &workflow, Some(&policy), &change).await? {
        PutPolicy::Done(stored) => {
            let view = PolicyView::of(&workflow, &stored).ok_or(Error::PolicyNotFound)?;
            let warnings = warnings::of(app, &caller.organization, &policy, call.now()).await?;
            let view = PutPolicyAnswer { policy: view, warnings };
            let status = if stamp == Rev(0) { StatusCode::CREATED } else { StatusCode::OK };
            Ok(Reply::json(status, &view))
        }
        PutPolicy::Stale(policy) => Err(Error::PolicyConflict { stamp, policy: policy.map(Box::new) }),
        PutPolicy::Missing => Err(Error::PolicyNotFound),
    }
}

fn parse(call: &Call) -> Result<(WorkflowId, Rev, Policy), Error> {
    let mut errors = FieldErrors::new();
    let workflow = call.workflow_id(&mut errors);
    if workflow.as_ref().is_some_and(|workflow| !Policy::can_be_of(workflow)) {
        let message = "a workflow of this name can have no policy: its paths are those of reviews";
        errors.add(["path", "workflow_id"], "not_allowed", message.to_owned());
    }
    let body = call.body(&BODY, &mut errors, |body| {
        let (stamp, policy) = (body.read(&VERSION_STAMP), rules::read(body));
        stamp.zip(policy)
    })?;
    let (workflow, (stamp, policy)) = errors.finish(workflow.zip(body))?;
    Ok((workflow, stamp, policy))
}
