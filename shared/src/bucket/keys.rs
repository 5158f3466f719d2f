//! What lies where in the bucket. Each key begins with its organization's: no call reaches another's.

use crate::review::OrganizationId;

/// Largest document that can be uploaded, in bytes.
pub const UPLOAD_LIMIT: u64 = 100 * 1024 * 1024;

/// Where one document lies, with all that is made of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DocumentPlace {
    /// Ends with a slash.
    prefix: String,
}

impl DocumentPlace {
    /// Where an upload is until a review names it; after a day it is deleted.
    pub fn upload(organization: &OrganizationId, upload: &str) -> String {
        format!("uploads/{organization}/{upload}")
    }

    /// Of an uploaded document.
    pub fn uploaded(organization: &OrganizationId, upload: &str) -> Self {
        Self { prefix: format!("documents/{organization}/{upload}/") }
    }

    /// Of a document in somebody else's bucket. `digest` names it: the SHA-256 of bucket, key and version, in hexadecimal.
    pub fn external(organization: &OrganizationId, digest: &str) -> Self {
        Self { prefix: format!("documents/{organization}/ext-{digest}/") }
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
