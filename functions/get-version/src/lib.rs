//! `GET …/versions/{seq}`: one version, for reviews whose overlay is too large for one answer.

use shared::api::{self, Answer, App, Call, Caller, Code, Endpoint, Error, FieldErrors, Reply, schema_of};
use shared::review::OutputVersion;
use shared::store::Scope;

/// The endpoint.
pub const ENDPOINT: Endpoint = Endpoint {
    summary: "Read a version",
    description: "For reviews that are too large for one answer. A version never changes.",
    answers: &[Answer::json(200, "The version.", schema_of::<OutputVersion>)],
    errors: &[Code::ReviewNotFound, Code::VersionNotFound, Code::ResponseTooLarge],
    has_etag: true,
    ..Endpoint::new(
        "get-version",
        "GET",
        "/v1/workflows/reviews/{run_id}/{block_id}/versions/{seq}",
        Scope::Read,
        |app, caller, call| Box::pin(get_version(app, caller, call)),
    )
};

async fn get_version(app: &App, caller: &Caller, call: &Call) -> Result<Reply, Error> {
    let mut errors = FieldErrors::new();
    let id = call.review_id(caller, &mut errors);
    let seq = call.seq(&mut errors);
    let (id, seq) = errors.finish(id.zip(seq))?;
    let Some(version) = app.store.load_version(&id, seq).await? else {
        let review = app.store.peek(&id).await?;
        return Err(if review.is_some() { Error::VersionNotFound } else { Error::ReviewNotFound });
    };
    Ok(api::version(&version).tagged_by_content(call))
}
