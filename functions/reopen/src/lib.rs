//! `POST …/reopen`: a decided review awaits review again.

use shared::api::{
    self, Answer, App, Body, COMMAND_ID, Call, Caller, Code, Endpoint, Error, Field, FieldErrors, Literal,
    Object, REASON, Reply, Shape, VERSION_STAMP, WholeOverlay, boolean, schema_of,
};
use shared::review::{Attempt, CommandId, RequestDigest, Rev, Review, ReviewId};
use shared::store::Scope;

/// The endpoint.
pub const ENDPOINT: Endpoint = Endpoint {
    summary: "Reopen a review",
    description: "A decided review awaits review again. Its next decision supersedes the last.",
    body: Some(&BODY),
    example: Some(r#"{ "version_stamp": 3, "reason": "The vendor sent a new invoice." }"#),
    answers: &[Answer::json(200, "The review after the change.", schema_of::<WholeOverlay<'static>>)],
    errors: &[
        Code::ReviewNotFound,
        Code::VersionConflict,
        Code::ReviewNotDecided,
        Code::NotAssigned,
        Code::CommandIdReused,
        Code::AlreadyResumed,
        Code::TooManyReopenings,
        Code::BodyTooLarge,
        Code::ResponseTooLarge,
    ],
    takes_idempotency_key: true,
    is_repeatable: true,
    ..Endpoint::new(
        "reopen",
        "POST",
        "/v1/workflows/reviews/{run_id}/{block_id}/reopen",
        Scope::Review,
        |app, caller, call| Box::pin(reopen(app, caller, call)),
    )
};

const WHY: Field<Option<String>> = REASON.optional();
const FORCE: Field<bool> = Field::new(
    "force",
    "Reopen it even if the decision has been delivered to the run. The run is not undone.",
    boolean(),
)
.default(Literal::Boolean(false));

const BODY: Body = Body {
    object: Object {
        name: "ReopenRequest",
        about: "The body of `reopen`.",
        shape: Shape::Fields(&[VERSION_STAMP.spec, WHY.spec, FORCE.spec, COMMAND_ID.spec]),
    },
    limit: Body::SMALL,
};

struct Request {
    stamp: Rev,
    reason: Option<String>,
    force: bool,
    command_id: Option<CommandId>,
}

async fn reopen(app: &App, caller: &Caller, call: &Call) -> Result<Reply, Error> {
    let (id, Request { stamp, reason, force, command_id }) = parse(caller, call)?;
    let words = reason.as_deref().unwrap_or_default().as_bytes();
    let digest = RequestDigest::of("reopen", &[words, &[u8::from(force)]]);
    let context = call.command_context(caller, digest, command_id);
    let transition = |review: &Review| review.reopen(reason.clone(), force, &context);
    let outcome = app.store.change(&id, stamp, &context, Attempt::Reopen, None, transition).await?;
    api::mutated(outcome, stamp, call.now())
}

fn parse(caller: &Caller, call: &Call) -> Result<(ReviewId, Request), Error> {
    let mut errors = FieldErrors::new();
    let id = call.review_id(caller, &mut errors);
    let body = call.body(&BODY, &mut errors, |body| {
        let (stamp, reason, force) = (body.read(&VERSION_STAMP), body.read(&WHY), body.read(&FORCE));
        let command_id = call.command_id(body);
        Some(Request { stamp: stamp?, reason: reason?, force: force?, command_id: command_id? })
    })?;
    Ok(errors.finish(id.zip(body))?)
}
