//! `POST …/release`: drop the claim, whoever holds it. With no claim there is nothing to do, and that is no error.

use shared::api::{
    self, Answer, App, Body, Call, Caller, Code, Endpoint, Error, FieldErrors, Object, Reply, Shape,
    VERSION_STAMP, WholeOverlay, schema_of,
};
use shared::review::{CommandId, RequestDigest, Rev, ReviewId};
use shared::store::Scope;

/// The endpoint.
pub const ENDPOINT: Endpoint = Endpoint {
    summary: "Release a claim",
    description: "Drops the claim, whoever holds it. With no claim to drop nothing is written.",
    body: Some(&BODY),
    example: Some(r#"{ "version_stamp": 1 }"#),
    answers: &[Answer::json(200, "The review after the change.", schema_of::<WholeOverlay<'static>>)],
    errors: &[
        Code::ReviewNotFound,
        Code::VersionConflict,
        Code::ReviewNotOpen,
        Code::CommandIdReused,
        Code::BodyTooLarge,
        Code::ResponseTooLarge,
    ],
    takes_idempotency_key: true,
    is_repeatable: true,
    ..Endpoint::new(
        "release",
        "POST",
        "/v1/workflows/reviews/{run_id}/{block_id}/release",
        Scope::Review,
        |app, caller, call| Box::pin(release(app, caller, call)),
    )
};

const BODY: Body = Body {
    object: Object {
        name: "ReleaseRequest",
        about: "The body of `release`.",
        shape: Shape::Fields(&[VERSION_STAMP.spec]),
    },
    limit: Body::SMALL,
};

async fn release(app: &App, caller: &Caller, call: &Call) -> Result<Reply, Error> {
    let (id, stamp, command_id) = parse(caller, call)?;
    let context = call.command_context(caller, RequestDigest::of("release", &[]), command_id);
    let outcome = app.store.release(&id, stamp, &context).await?;
    api::mutated(outcome, stamp, call.now())
}

fn parse(caller: &Caller, call: &Call) -> Result<(ReviewId, Rev, Option<CommandId>), Error> {
    let mut errors = FieldErrors::new();
    let id = call.review_id(caller, &mut errors);
    let command_id = call.idempotency_key(&mut errors);
    let stamp = call.body(&BODY, &mut errors, |body| body.read(&VERSION_STAMP))?;
    let ((id, stamp), command_id) = errors.finish(id.zip(stamp).zip(command_id))?;
    Ok((id, stamp, command_id))
}
