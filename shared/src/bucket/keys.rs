//! What lies where in the bucket. Each key begins with its organization's: no call reaches another's.

use super::Bucket;
use crate::hex::hex;
use crate::review::{DocumentSource, OrganizationId, UploadId};
use sha2::{Digest, Sha256};

/// Largest document that can be uploaded, in bytes.
pub const UPLOAD_LIMIT: u32 = 100 * 1024 * 1024;

/// Where the original of a document is.
#[derive(Clone, Debug)]
pub struct Original {
    /// In which bucket.
    pub bucket: Bucket,
    /// Its key there.
    pub key: String,
    /// Which version; the newest, if there is none.
    pub version_id: Option<String>,
    /// Where in our bucket lies what is made of it.
    pub place: DocumentPlace,
}

impl Bucket {
    /// The original of a document of a review of this organization. `None`: it is in a bucket that this deployment may not read.
    pub fn original(&self, organization: &OrganizationId, source: &DocumentSource) -> Option<Original> {
        match source {
            DocumentSource::Upload { document_id } => {
                let place = DocumentPlace::uploaded(organization, document_id);
                Some(Original { bucket: self.clone(), key: place.original(), version_id: None, place })
            }
            DocumentSource::S3 { bucket, key, version_id } => Some(Original {
                bucket: self.source(bucket, key)?,
                key: key.clone(),
                version_id: version_id.clone(),
                place: DocumentPlace::external(organization, bucket, key, version_id.as_deref()),
            }),
        }
    }
}

/// Where one document lies, with all that is made of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DocumentPlace {
    /// Ends with a slash.
    prefix: String,
}

impl DocumentPlace {
    /// Where an upload is until a review names it; after a day it is deleted.
    pub fn upload(organization: &OrganizationId, upload: &UploadId) -> String {
        format!("uploads/{organization}/{upload}")
    }

    /// Of an uploaded document.
    pub fn uploaded(organization: &OrganizationId, upload: &UploadId) -> Self {
        Self { prefix: format!("documents/{organization}/{upload}/") }
    }

    /// Of a document in somebody else's bucket.
    fn external(organization: &OrganizationId, bucket: &str, key: &str, version_id: Option<&str>) -> Self {
        // No part holds a NUL: no other object has the same digest.
        let digest = Sha256::digest([bucket, key, version_id.unwrap_or_default()].join("\0"));
        Self { prefix: format!("documents/{organization}/ext-{}/", hex(&digest)) }
    }

    /// Of one content of it, by the tag that S3 has for that.
    #[must_use]
    pub fn of_content(&self, tag: &str) -> Self {
        Self { prefix: format!("{}{}/", self.prefix, &hex(&Sha256::digest(tag))[..32]) }
    }

    /// The document itself, if it was uploaded.
    pub fn original(&self) -> String {
        format!("{}original", self.prefix)
    }

    /// What is made of it, by name: `info.json`, `pages/1-800.webp`.
    pub fn made(&self, name: &str) -> String {
        format!("{}{name}", self.prefix)
    }

    /// What all its keys begin with.
    pub fn prefix(&self) -> &str {
        &self.prefix
    }
}
