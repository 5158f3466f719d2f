//! A review's document, and what is made of it, beside it in the deployment's own bucket.

use sha2::{Digest, Sha256};
use shared::api::{App, Error, find_document};
use shared::bucket::{Bucket, BucketError, Original};
use shared::hex::hex;
use shared::review::{Document, DocumentId, DocumentSource, ReviewId};

/// Raised when pages are rendered differently: what was made before is not shown any more.
const VERSION: u32 = 1;

/// A document of a review.
pub(crate) struct Place {
    /// The deployment's own bucket.
    own: Bucket,
    original: Original,
    document: Document,
    /// Whether it stays what it is.
    is_settled: bool,
}

/// Finds a document that a review names. Where the review names no version of an object of others, its present content counts: what
/// was made of an earlier one is not shown any more.
pub(crate) async fn find(app: &App, id: &ReviewId, name: &DocumentId) -> Result<Place, Error> {
    let (document, mut original) = find_document(app, id, name).await?;
    let is_settled = !matches!(document.source, DocumentSource::S3 { version_id: None, .. });
    if !is_settled {
        let now = original.bucket.head(&original.key, None).await?;
        original.place = original.place.of_content(&now.etag.unwrap_or_default());
        original.version_id = now.version_id;
    }
    Ok(Place { own: app.files()?.clone(), original, document, is_settled })
}

impl Place {
    /// The type that was declared.
    pub(crate) fn mime_type(&self) -> &str {
        &self.document.mime_type
    }

    /// Whether it never changes; else a browser has to ask each time.
    pub(crate) const fn is_settled(&self) -> bool {
        self.is_settled
    }

    /// A strong tag of something that is made of it: one content never changes, and neither does what one version makes of it.
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

    fn key_of(&self, name: &str) -> String {
        match VERSION {
            1 => self.original.place.made(name),
            later => self.original.place.made(&format!("v{later}/{name}")),
        }
    }
}
