//! A review's document, and what is made of it, beside it in the deployment's own bucket.

use sha2::{Digest, Sha256};
use shared::api::{App, Error, find_document};
use shared::bucket::{Bucket, BucketError, GetOf, Original};
use shared::hex::hex;
use shared::review::{Document, DocumentId, ReviewId};
use std::time::Duration;

/// How long a URL is valid that a client is sent to.
const VALID_FOR: Duration = Duration::from_mins(5);

/// Raised when pages are rendered differently: what was made before is not shown any more.
const VERSION: u32 = 1;

/// A document of a review.
pub(crate) struct Place {
    /// The deployment's own bucket.
    own: Bucket,
    original: Original,
    document: Document,
}

/// Finds a document that a review names.
pub(crate) async fn find(app: &App, id: &ReviewId, name: &DocumentId) -> Result<Place, Error> {
    let (document, original) = find_document(app, id, name).await?;
    Ok(Place { own: app.files()?.clone(), original, document })
}

impl Place {
    /// The type that was declared.
    pub(crate) fn mime_type(&self) -> &str {
        &self.document.mime_type
    }

    /// A strong tag of something that is made of it: the document never changes, and neither does what one version makes of it.
    pub(crate) fn tag(&self, name: &str) -> String {
        let parts = [self.original.place.prefix(), name, self.mime_type(), &VERSION.to_string()];
        // No part holds a line feed.
        format!("\"{}\"", &hex(&Sha256::digest(parts.join("\n")))[..32])
    }

    /// The document itself.
    pub(crate) async fn original(&self, limit: usize) -> Result<Vec<u8>, Error> {
        let Original { bucket, key, version_id, .. } = &self.original;
        bucket.get_version(key, version_id.as_deref(), limit as u64).await.map_err(|error| match error {
            BucketError::TooLarge { .. } => Error::PageUnavailable { reason: "too_large" },
            other => other.into(),
        })
    }

    /// Its size, in bytes.
    pub(crate) async fn size(&self) -> Result<u64, Error> {
        let Original { bucket, key, version_id, .. } = &self.original;
        Ok(bucket.head(key, version_id.as_deref()).await?.size)
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
        presigned(&self.own, &self.key_of(name), None, content_type)
    }

    /// A URL of the document itself, to be shown: only of what a browser shows as a picture.
    pub(crate) fn url(&self, content_type: &str) -> Result<String, Error> {
        let Original { bucket, key, version_id, .. } = &self.original;
        presigned(bucket, key, version_id.as_deref(), content_type)
    }

    fn key_of(&self, name: &str) -> String {
        match VERSION {
            1 => self.original.place.made(name),
            later => self.original.place.made(&format!("v{later}/{name}")),
        }
    }
}

fn presigned(
    bucket: &Bucket,
    key: &str,
    version_id: Option<&str>,
    content_type: &str,
) -> Result<String, Error> {
    let get = GetOf { key, version_id, disposition: "inline", content_type };
    Ok(bucket.presign_get(&get, VALID_FOR)?.url)
}
