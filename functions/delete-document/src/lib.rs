//! `DELETE /v1/documents/{document_id}`: an uploaded document, and all that was made of it, before its time.

use lambda_http::http::StatusCode;
use shared::api::{
    Answer, App, Call, Caller, DocumentDeletion, Endpoint, Error, FieldErrors, Reply, schema_of, upload_path,
};
use shared::review::{RequestDigest, UploadId};
use shared::store::Scope;

/// Most objects that one call deletes.
const OBJECTS: usize = 1000;
/// Most reviews that one call records it in.
const REVIEWS: u16 = 100;

/// The endpoint.
pub const ENDPOINT: Endpoint = Endpoint {
    summary: "Delete a document",
    description: "`document_id` is that of the upload. All versions of the file and its pages are deleted for good; then the audit of each \
        review that names it says so (`document_deleted`), once, and its `rev` stays. Call it again while `more` is true, and after a \
        failure: it goes on where it was. A document that is not there is deleted already.",
    answers: &[Answer::json(200, "What was done.", schema_of::<DocumentDeletion>)],
    is_repeatable: true,
    ..Endpoint::new(
        "delete-document",
        "DELETE",
        "/v1/documents/{document_id}",
        Scope::Admin,
        |app, caller, call| Box::pin(delete(app, caller, call)),
    )
};

/// Files first: they are gone even if what follows fails. Whoever calls again finishes it.
async fn delete(app: &App, caller: &Caller, call: &Call) -> Result<Reply, Error> {
    let document_id = parse(call)?;
    let organization = &caller.organization;
    let erased = app.files()?.erase(organization, &document_id, OBJECTS).await?;
    let mut answer = DocumentDeletion { document_id, deleted: !erased.more, reviews: 0, more: erased.more };
    if answer.deleted {
        let request = RequestDigest::of("delete-document", &[answer.document_id.as_str().as_bytes()]);
        let context = call.command_context(caller, request, None);
        let recorded =
            app.store.record_deleted_document(organization, &answer.document_id, &context, REVIEWS).await?;
        (answer.reviews, answer.more) = (recorded.reviews, recorded.more);
    }
    Ok(Reply::json(StatusCode::OK, &answer))
}

fn parse(call: &Call) -> Result<UploadId, Error> {
    let mut errors = FieldErrors::new();
    let id = upload_path(call, &mut errors);
    call.query_fields(&[], &mut errors, |_| Some(()));
    Ok(errors.finish(id)?)
}
