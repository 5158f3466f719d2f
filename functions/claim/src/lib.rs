//! `POST …/claim`: take, renew or take over the advisory claim. It never blocks anybody.

use shared::api::{
    self, Answer, App, Body, Call, Caller, Code, Endpoint, Error, FieldErrors, Object, Reply, Shape,
    TTL_SECONDS, VERSION_STAMP, WholeOverlay, schema_of,
};
use shared::review::{CommandId, RequestDigest, Rev, ReviewId, TtlSeconds};
use shared::store::Scope;

/// The endpoint.
pub const ENDPOINT: Endpoint = Endpoint {
    summary: "Claim a review",
    description: "Says that you work on it. A claim is advisory: it expires and blocks nobody. Your own claim is renewed; the claim \
        of somebody else is taken over.",
    body: Some(&BODY),
    example: Some(r#"{ "version_stamp": 0, "ttl_seconds": 900 }"#),
    answers: &[Answer::json(200, "The review after the change.", schema_of::<WholeOverlay<'static>>)],
    errors: &[
        Code::ReviewNotFound,
        Code::VersionConflict,
        Code::ReviewNotOpen,
        Code::NotAssigned,
        Code::CommandIdReused,
        Code::BodyTooLarge,
        Code::ResponseTooLarge,
    ],
    takes_idempotency_key: true,
    is_repeatable: true,
    ..Endpoint::new(
        "claim",
        "POST",
        "/v1/workflows/reviews/{run_id}/{block_id}/claim",
        Scope::Review,
        |app, caller, call| Box::pin(claim(app, caller, call)),
    )
};

const BODY: Body = Body {
    object: Object {
        name: "ClaimRequest",
        about: "The body of `claim`.",
        shape: Shape::Fields(&[VERSION_STAMP.spec, TTL_SECONDS.spec]),
    },
    limit: Body::SMALL,
};

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
    let mut errors = FieldErrors::new();
    let id = call.review_id(caller, &mut errors);
    let command_id = call.idempotency_key(&mut errors);
    let body = call.body(&BODY, &mut errors, |body| {
        let (stamp, ttl) = (body.read(&VERSION_STAMP), body.read(&TTL_SECONDS));
        stamp.zip(ttl)
    })?;
    let ((id, command_id), (stamp, ttl)) = errors.finish(id.zip(command_id).zip(body))?;
    Ok(Request { id, stamp, ttl, command_id })
}
