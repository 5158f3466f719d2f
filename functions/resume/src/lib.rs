//! `POST …/resume`: deliver a decision to the waiting run again, after its delivery has failed.

use shared::api::{
    self, Answer, App, Body, Call, Caller, Code, Endpoint, Error, FieldErrors, Object, Reply, Shape,
    VERSION_STAMP, WholeOverlay, schema_of,
};
use shared::review::{Rev, ReviewId};
use shared::store::Scope;

/// The endpoint.
pub const ENDPOINT: Endpoint = Endpoint {
    summary: "Retry the delivery of a decision",
    description: "Delivers the decision to the waiting run once more, after its delivery has failed. It can be requested once a \
        minute for each review, and counts as an attempt like the others. `rev` does not change.",
    body: Some(&BODY),
    example: Some(r#"{ "version_stamp": 3 }"#),
    answers: &[Answer::json(200, "The review after the change.", schema_of::<WholeOverlay<'static>>)],
    errors: &[
        Code::ReviewNotFound,
        Code::VersionConflict,
        Code::NothingToResume,
        Code::ResumeTooSoon,
        Code::BodyTooLarge,
        Code::ResponseTooLarge,
    ],
    ..Endpoint::new(
        "resume",
        "POST",
        "/v1/workflows/reviews/{run_id}/{block_id}/resume",
        Scope::Review,
        |app, caller, call| Box::pin(resume(app, caller, call)),
    )
};

const BODY: Body = Body {
    object: Object {
        name: "ResumeRequest",
        about: "The body of `resume`.",
        shape: Shape::Fields(&[VERSION_STAMP.spec]),
    },
    limit: Body::SMALL,
};

/// Writes that an attempt is due. The table's stream brings it to `publish`, which makes it.
async fn resume(app: &App, caller: &Caller, call: &Call) -> Result<Reply, Error> {
    let (id, stamp) = parse(caller, call)?;
    let outcome = app.store.retry_resume(&id, stamp, call.now()).await?;
    api::mutated(outcome, stamp, call.now())
}

fn parse(caller: &Caller, call: &Call) -> Result<(ReviewId, Rev), Error> {
    let mut errors = FieldErrors::new();
    let id = call.review_id(caller, &mut errors);
    let stamp = call.body(&BODY, &mut errors, |body| body.read(&VERSION_STAMP))?;
    Ok(errors.finish(id.zip(stamp))?)
}
