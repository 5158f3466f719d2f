//! The places of documents: which may be named, and that an upload is kept once a review names it.

use futures_util::stream::{self, StreamExt};
use shared::api::{App, Error, FieldErrors, ValueError};
use shared::bucket::{Bucket, BucketError, DocumentPlace};
use shared::review::{Document, DocumentSource, OrganizationId, UploadId};

/// How many documents are looked after at a time.
const AT_ONCE: usize = 5;

/// What is wrong with the place of a document, as far as it can be told without asking for the document.
pub(crate) fn check(bucket: Option<&Bucket>, source: &DocumentSource) -> Result<(), ValueError> {
    let fault = |message: &'static str| Err(ValueError::new("invalid_value", message));
    match source {
        DocumentSource::Upload { .. } => Ok(()),
        DocumentSource::S3 { bucket: name, key, .. } => match bucket.and_then(|own| own.source(name, key)) {
            Some(_) => Ok(()),
            None => fault("names an object that this deployment may not read"),
        },
    }
}

/// Moves the uploads among the documents to where they are kept: it must be so before a review names them. An upload of another
/// organization does not exist: the keys begin with the caller's.
pub async fn keep_uploads(
    app: &App,
    organization: &OrganizationId,
    documents: &[Document],
) -> Result<(), Error> {
    let uploads = documents.iter().enumerate().filter_map(|(index, document)| match &document.source {
        DocumentSource::Upload { document_id } => Some((index, document_id.clone())),
        DocumentSource::S3 { .. } => None,
    });
    let uploads: Vec<(usize, UploadId)> = uploads.collect();
    if uploads.is_empty() {
        return Ok(());
    }
    let bucket = app.files()?;
    let kept = uploads
        .into_iter()
        .map(|(index, upload)| async move { (index, keep(bucket, organization, upload).await) });
    let kept: Vec<_> = stream::iter(kept).buffered(AT_ONCE).collect().await;
    let mut errors = FieldErrors::new();
    for (index, kept) in kept {
        match kept {
            Ok(()) => {}
            Err(BucketError::NotFound) => {
                let loc = ["body", "documents", &index.to_string(), "source", "document_id"];
                let message = "names no upload: nothing has been uploaded for it, or it is older than a day";
                errors.add(loc, "invalid_value", message.into());
            }
            Err(error) => return Err(Error::Bucket(error)),
        }
    }
    Ok(errors.finish(Some(()))?)
}

/// An earlier opening may have kept it already; then the upload may be gone.
async fn keep(bucket: &Bucket, organization: &OrganizationId, upload: UploadId) -> Result<(), BucketError> {
    let original = DocumentPlace::uploaded(organization, &upload).original();
    match bucket.head(&original, None).await {
        Err(BucketError::NotFound) => {
            bucket.copy(&DocumentPlace::upload(organization, &upload), &original).await
        }
        known => known.map(drop),
    }
}
