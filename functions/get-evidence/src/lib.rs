//! `GET …/evidence`: what came with a review's output: its documents, its schema, and where its values stand.

use lambda_http::http::StatusCode;
use shared::api::{
    self, Answer, App, Call, Caller, Code, Endpoint, Error, EvidenceView, FieldErrors, Reply, schema_of,
};
use shared::review::ReviewId;
use shared::store::Scope;

/// The endpoint.
pub const ENDPOINT: Endpoint = Endpoint {
    summary: "Read a review's evidence",
    description: "What `open` was given with the output: documents, schema, likelihoods, sources and evidence, to the letter. It \
        never changes. Corrections and later outputs have none of their own.",
    answers: &[Answer::json(
        200,
        "The evidence; empty where nothing was given.",
        schema_of::<EvidenceView<'static>>,
    )],
    errors: &[Code::ReviewNotFound, Code::ResponseTooLarge],
    has_etag: true,
    ..Endpoint::new(
        "get-evidence",
        "GET",
        "/v1/workflows/reviews/{run_id}/{block_id}/evidence",
        Scope::Read,
        |app, caller, call| Box::pin(get_evidence(app, caller, call)),
    )
};

/// META says whether there is anything, and which: with the tag of an earlier answer nothing else is read.
async fn get_evidence(app: &App, caller: &Caller, call: &Call) -> Result<Reply, Error> {
    let id = parse(caller, call)?;
    let review = app.store.peek(&id).await?.ok_or(Error::ReviewNotFound)?;
    let tag = api::evidence_tag(&review);
    if call.has(&tag) {
        return Ok(Reply::empty(StatusCode::OK).tagged(&tag, call));
    }
    let evidence = app.store.evidence_of(&review).await?;
    Ok(api::evidence(&evidence).tagged(&tag, call))
}

fn parse(caller: &Caller, call: &Call) -> Result<ReviewId, Error> {
    let mut errors = FieldErrors::new();
    let id = call.review_id(caller, &mut errors);
    call.query_fields(&[], &mut errors, |_| Some(()));
    Ok(errors.finish(id)?)
}
