//! Where a review's document lies, and where what is made of it.

use sha2::{Digest, Sha256};
use shared::api::{App, Error};
use shared::bucket::{Bucket, BucketError, DocumentPlace, GetOf, attachment, download_type};
use shared::hex::hex;
use shared::review::{Document, DocumentId, DocumentSource, ReviewId};
use std::time::Duration;

/// How long a URL is valid that a client is sent to.
const VALID_FOR: Duration = Duration::from_secs(300);

/// Raised when pages are rendered differently: what was made before is not shown any more.
const VERSION: u32 = 1;

/// A document of a review.
pub(crate) struct Place {
    /// The deployment's own bucket, with what is made of the document.
    own: Bucket,
    made: DocumentPlace,
    /// The document itself.
    bucket: Bucket,
    key: String,
    version_id: Option<String>,
    document: Document,
}

/// Finds a document that a review names.
pub(crate) async fn find(app: &App, id: &ReviewId, name: &DocumentId) -> Result<Place, Error> {
    let evidence = app.store.evidence(id).await?.ok_or(Error::ReviewNotFound)?;
    let document = evidence.documents.into_iter().find(|document| document.id == *name);
    let document = document.ok_or(Error::DocumentNotFound)?;
    // A deployment without a bucket has no documents.
    let own = app.bucket.clone().ok_or(Error::DocumentNotFound)?;
    Ok(match document.source.clone() {
        DocumentSource::Upload { document_id } => {
            let made = DocumentPlace::uploaded(&id.organization, document_id.as_str());
            Place { bucket: own.clone(), key: made.original(), version_id: None, own, made, document }
        }
        DocumentSource::S3 { bucket, key, version_id } => {
            let digest = digest(&[&bucket, &key, version_id.as_deref().unwrap_or_default()]);
            let made = DocumentPlace::external(&id.organization, &digest);
            // Since the review was opened, the deployment may have lost the permission.
            let bucket = own.source(&bucket).ok_or(Error::DocumentNotFound)?;
            Place { bucket, key, version_id, own, made, document }
        }
    })
}

fn digest(parts: &[&str]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    hex(&hash.finalize())
}

impl Place {
    /// The type that was declared.
    pub(crate) fn mime_type(&self) -> &str {
        &self.document.mime_type
    }

    /// A strong tag of something that is made of it: the document never changes, and neither does what one version makes of it.
    pub(crate) fn tag(&self, name: &str) -> String {
        let parts = [self.made.prefix(), name, self.mime_type(), &VERSION.to_string()];
        format!("\"{}\"", &digest(&parts)[..32])
    }

    /// The document itself.
    pub(crate) async fn original(&self, limit: usize) -> Result<Vec<u8>, Error> {
        let got = self.bucket.get_version(&self.key, self.version_id.as_deref(), limit as u64).await;
        got.map_err(refused)
    }

    /// Its size, in bytes.
    pub(crate) async fn size(&self) -> Result<u64, Error> {
        let stat = self.bucket.head(&self.key, self.version_id.as_deref()).await;
        stat.map(|stat| stat.size).map_err(refused)
    }

    /// What was made of it earlier, if it was.
    pub(crate) async fn made(&self, name: &str, limit: usize) -> Result<Option<Vec<u8>>, BucketError> {
        match self.own.get(&self.key_of(name), limit as u64).await {
            Ok(bytes) => Ok(Some(bytes)),
            Err(BucketError::NotFound) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Keeps what was made of it. It can be made again: a failure costs time, and nothing else.
    pub(crate) async fn keep(&self, name: &str, content_type: &str, bytes: &[u8]) {
        if let Err(error) = self.own.put(&self.key_of(name), content_type, bytes).await {
            tracing::warn!(target: "holdpoint", error = %error, "a page was not kept");
        }
    }

    /// A URL of what was made of it.
    pub(crate) fn url_of(&self, name: &str, content_type: &str) -> Result<String, Error> {
        presigned(&self.own, &self.key_of(name), None, "inline", content_type)
    }

    /// A URL of the document itself, to be shown: only of what a browser shows as a picture.
    pub(crate) fn url(&self, content_type: &str) -> Result<String, Error> {
        presigned(&self.bucket, &self.key, self.version_id.as_deref(), "inline", content_type)
    }

    /// A URL of the document itself, as a download.
    pub(crate) fn download(&self) -> Result<String, Error> {
        let (name, kind) = (attachment(&self.document.filename), download_type(self.mime_type()));
        presigned(&self.bucket, &self.key, self.version_id.as_deref(), &name, kind)
    }

    fn key_of(&self, name: &str) -> String {
        match VERSION {
            1 => self.made.made(name),
            later => self.made.made(&format!("v{later}/{name}")),
        }
    }
}

fn refused(error: BucketError) -> Error {
    match error {
        BucketError::NotFound => Error::DocumentNotFound,
        BucketError::TooLarge { .. } => Error::PageUnavailable { reason: "too_large" },
        other => Error::Documents(other.to_string()),
    }
}

fn presigned(
    bucket: &Bucket,
    key: &str,
    version_id: Option<&str>,
    disposition: &str,
    content_type: &str,
) -> Result<String, Error> {
    let get = GetOf { key, version_id, disposition, content_type };
    let signed = bucket.presign_get(&get, VALID_FOR);
    signed.map(|signed| signed.url).map_err(|error| Error::Documents(error.to_string()))
}
