//! `GET …/documents/{document_id}`: a document of a review, as a download.

use shared::api::{
    Answer, App, Call, Caller, Code, Endpoint, Error, FieldErrors, Reply, document_path, download,
};
use shared::review::{DocumentId, ReviewId};
use shared::store::Scope;

/// The endpoint.
pub const ENDPOINT: Endpoint = Endpoint {
    summary: "Download a document",
    description: "`document_id` is the review's own name of the document. The URL in `location` is valid for five minutes and needs no \
        key: do not send yours along. The file is always a download, never shown by a browser.",
    answers: &[Answer::empty(302, "The file is at `location`.")],
    errors: &[Code::ReviewNotFound, Code::DocumentNotFound],
    ..Endpoint::new(
        "get-document",
        "GET",
        "/v1/workflows/reviews/{run_id}/{block_id}/documents/{document_id}",
        Scope::Read,
        |app, caller, call| Box::pin(get_document(app, caller, call)),
    )
};

async fn get_document(app: &App, caller: &Caller, call: &Call) -> Result<Reply, Error> {
    let (review, document) = parse(caller, call)?;
    download(app, &review, &document).await
}

fn parse(caller: &Caller, call: &Call) -> Result<(ReviewId, DocumentId), Error> {
    let mut errors = FieldErrors::new();
    let named = document_path(caller, call, &mut errors);
    call.query_fields(&[], &mut errors, |_| Some(()));
    Ok(errors.finish(named)?)
}
