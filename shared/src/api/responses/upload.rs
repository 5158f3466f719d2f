//! Where a document is to be uploaded, as the answer shows it.

use crate::bucket::Presigned;
use crate::review::{Timestamp, UploadId};
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::BTreeMap;

/// A document that can be uploaded.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "DocumentUpload")]
pub struct UploadView {
    /// What `source.document_id` of a review's document says.
    document_id: UploadId,
    /// The request that uploads it.
    upload: UploadRequest,
}

/// The request that uploads a document.
#[derive(Serialize, JsonSchema)]
struct UploadRequest {
    /// Its method.
    #[schemars(extend("enum" = ["PUT"]))]
    method: &'static str,
    /// Its URL, which is secret: whoever has it can upload this one file.
    url: String,
    /// Its headers, all of which must be sent as they are.
    headers: BTreeMap<&'static str, String>,
    /// When the URL ends to be valid.
    expires_at: Timestamp,
}

impl UploadView {
    /// Of this document, by this request.
    pub fn new(document_id: UploadId, presigned: Presigned) -> Self {
        let Presigned { url, headers, expires_at } = presigned;
        let headers = headers.into_iter().collect();
        Self { document_id, upload: UploadRequest { method: "PUT", url, headers, expires_at } }
    }
}
