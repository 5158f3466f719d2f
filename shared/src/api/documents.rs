//! Documents of reviews: the one that a call's path names, and where it is.

use super::app::App;
use super::caller::Caller;
use super::errors::{Error, FieldErrors};
use super::requests::Call;
use super::responses::Reply;
use crate::bucket::{Bucket, GetOf, Original, attachment, download_type};
use crate::review::{Document, DocumentId, ReviewId, UploadId};
use lambda_http::http::{StatusCode, header};
use std::time::Duration;

impl App {
    /// The bucket of documents.
    pub fn files(&self) -> Result<&Bucket, Error> {
        self.bucket.as_ref().ok_or(Error::NoBucket)
    }
}

/// The review and the document in a call's path: `{run_id}`, `{block_id}`, `{document_id}`.
pub fn document_path(
    caller: &Caller,
    call: &Call,
    errors: &mut FieldErrors,
) -> Option<(ReviewId, DocumentId)> {
    let review = call.review_id(caller, errors);
    let document = call.path_parameter("document_id", DocumentId::parse, errors);
    review.zip(document)
}

/// The uploaded document in a call's path: `{document_id}`.
pub fn upload_path(call: &Call, errors: &mut FieldErrors) -> Option<UploadId> {
    call.path_parameter("document_id", UploadId::parse, errors)
}

/// A document of a review, by the review's own name for it, and where its original is. Whether it is still there, its bucket says.
pub async fn find_document(
    app: &App,
    review: &ReviewId,
    document: &DocumentId,
) -> Result<(Document, Original), Error> {
    let evidence = app.store.evidence(review).await?.ok_or(Error::ReviewNotFound)?;
    let documents = evidence.documents.into_iter();
    let document = documents.into_iter().find(|it| it.id == *document).ok_or(Error::DocumentNotFound)?;
    let original = app.files()?.original(&review.organization, &document.source);
    let original = original.ok_or(Error::DocumentNotFound)?;
    Ok((document, original))
}

/// How long the URL of a download is valid.
const VALID_FOR: Duration = Duration::from_mins(5);

/// Sends the reader to a download of the document: to a URL that needs no key, and is valid for five minutes.
pub async fn download(app: &App, review: &ReviewId, document: &DocumentId) -> Result<Reply, Error> {
    let (document, original) = find_document(app, review, document).await?;
    let Original { bucket, key, version_id, .. } = &original;
    let version_id = version_id.as_deref();
    // S3 would answer with XML if it were not there.
    bucket.head(key, version_id).await?;
    let (disposition, content_type) = (attachment(&document.filename), download_type(&document.mime_type));
    let get = GetOf { key, version_id, disposition: &disposition, content_type };
    let presigned = bucket.presign_get(&get, VALID_FOR)?;
    Ok(Reply::empty(StatusCode::FOUND).with_header(header::LOCATION, &presigned.url))
}
