//! What became of a document that was to be deleted, as the answer shows it.

use crate::review::UploadId;
use schemars::JsonSchema;
use serde::Serialize;

/// A document that was deleted, or is being deleted.
#[derive(Serialize, JsonSchema)]
pub struct DocumentDeletion {
    /// The document.
    pub document_id: UploadId,
    /// Whether nothing is left of its file and its pages.
    pub deleted: bool,
    /// In how many reviews this call has recorded it.
    pub reviews: usize,
    /// Whether there is more to do: call again.
    pub more: bool,
}
