//! The documents that a review's output was read from.

use super::{AuditEvent, CommandContext, DocumentId, RecordedEvent, Review, UploadId, words};
use schemars::JsonSchema;
use serde::Serialize;

/// Most documents of a review.
pub const MAX_DOCUMENTS: usize = 20;
/// Longest file name, in characters.
pub const MAX_FILENAME: usize = 255;
/// Longest media type, in characters.
pub const MAX_MIME_TYPE: usize = 127;
/// Ids, file names and media types of a review's documents together, in bytes: they are in META, which every write pays for.
pub const MAX_LABELS: usize = 4096;

words! {
    /// Where a document is.
    pub enum DocumentSourceKind {
        /// It was uploaded to this deployment.
        Upload = "upload",
        /// It is in an S3 bucket that this deployment may read.
        S3 = "s3",
    }
}

/// Where a document is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum DocumentSource {
    /// It was uploaded to this deployment.
    Upload {
        /// The upload.
        document_id: UploadId,
    },
    /// It is in an S3 bucket that this deployment may read.
    S3 {
        /// The bucket.
        bucket: String,
        /// The object's key.
        key: String,
        /// The object's version; null: the newest one.
        version_id: Option<String>,
    },
}

/// A document that a review's output was read from. It never changes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Document {
    /// What the review calls it.
    pub id: DocumentId,
    /// Its name, for people to read.
    pub filename: String,
    /// Its media type, without parameters.
    pub mime_type: String,
    /// Where it is.
    pub source: DocumentSource,
}

/// What a review says of a document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct DocumentLabel {
    /// What the review calls it.
    pub id: DocumentId,
    /// Its name, for people to read.
    pub filename: String,
    /// Its media type, without parameters.
    pub mime_type: String,
}

impl Document {
    /// What the review says of it.
    pub fn label(&self) -> DocumentLabel {
        let Self { id, filename, mime_type, .. } = self.clone();
        DocumentLabel { id, filename, mime_type }
    }

    /// How many bytes its label takes.
    pub fn label_bytes(&self) -> usize {
        self.id.as_str().len() + self.filename.len() + self.mime_type.len()
    }

    /// Its parts, to tell it from another; no other document has the same.
    pub(super) fn parts(&self) -> [&str; 7] {
        let (kind, id, version) = match &self.source {
            DocumentSource::Upload { document_id } => ("upload", ["", document_id.as_str()], None),
            DocumentSource::S3 { bucket, key, version_id } => {
                ("s3", [bucket.as_str(), key.as_str()], version_id.as_deref())
            }
        };
        [self.id.as_str(), &self.filename, &self.mime_type, kind, id[0], id[1], version.unwrap_or_default()]
    }
}

impl Review {
    /// Records that a document was deleted, under the review's names of it. `rev` stays, and so does the claim: nothing that a
    /// reviewer decides on has changed.
    pub(crate) fn with_deleted_document(&self, documents: Vec<DocumentId>, context: &CommandContext) -> Self {
        let mut next = self.clone();
        next.record(context, RecordedEvent::Plain(AuditEvent::DocumentDeleted { documents }));
        next.updated_at = context.at;
        next
    }
}

/// Why a text is no file name, if it is none: it names no path, and holds nothing that a header or a file system would misread.
pub fn file_name_fault(text: &str) -> Option<&'static str> {
    if text.chars().any(char::is_control) {
        Some("must not contain control characters")
    } else if text.contains(['/', '\\']) {
        Some("must not contain a slash or a backslash: it is a file's name, not its path")
    } else if matches!(text, "." | "..") {
        Some("must not be \".\" or \"..\"")
    } else if super::is_blank(text) {
        Some("must not be blank")
    } else {
        None
    }
}

/// Whether a text is a media type without parameters, in lower case (RFC 6838, 4.2).
pub fn is_media_type(text: &str) -> bool {
    let is_name = |name: &str| {
        name.starts_with(|first: char| first.is_ascii_lowercase() || first.is_ascii_digit())
            && name.bytes().all(|byte| {
                byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"!#$&-^_.+".contains(&byte)
            })
    };
    text.split_once('/').is_some_and(|(kind, subtype)| is_name(kind) && is_name(subtype))
}

/// [`is_media_type`] as a regular expression of JSON Schema.
pub const MEDIA_TYPE_PATTERN: &str = r"^[a-z0-9][a-z0-9!#$&^_.+-]*/[a-z0-9][a-z0-9!#$&^_.+-]*$";

/// Whether a text is the name of an S3 bucket, as far as its characters say.
pub fn is_bucket_name(text: &str) -> bool {
    let is_end =
        |byte: Option<&u8>| byte.is_some_and(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
    let bytes = text.as_bytes();
    is_end(bytes.first())
        && is_end(bytes.last())
        && !text.contains("..")
        && bytes.iter().all(|byte| is_end(Some(byte)) || matches!(byte, b'-' | b'.'))
}

/// [`is_bucket_name`] as a regular expression of JSON Schema.
pub const BUCKET_PATTERN: &str = r"^(?!.*\.\.)[a-z0-9]([a-z0-9.-]*[a-z0-9])?$";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_name_names_no_path() {
        for name in ["invoice.pdf", "Rechnung Müller & Söhne.pdf", "..hidden", "請求書.pdf", "a:b"] {
            assert_eq!(file_name_fault(name), None, "{name}");
        }
        for name in ["..", ".", "../a", "a/b", r"a\b", "a\0", "a\nb", " ", "\u{200b}", "a\u{85}"] {
            assert!(file_name_fault(name).is_some(), "{name:?}");
        }
    }

    #[test]
    fn a_media_type_is_two_names_without_parameters() {
        for text in ["application/pdf", "image/svg+xml", "application/vnd.ms-excel", "x/1"] {
            assert!(is_media_type(text), "{text}");
        }
        for text in [
            "",
            "pdf",
            "application/",
            "/pdf",
            "a/b/c",
            "text/html; charset=utf-8",
            "Application/PDF",
            "a/ b",
            "a/b\n",
            "-a/b",
        ] {
            assert!(!is_media_type(text), "{text:?}");
        }
    }

    #[test]
    fn a_bucket_is_called_as_s3_allows() {
        for text in ["invoices", "eu.invoices-2026"] {
            assert!(is_bucket_name(text), "{text}");
        }
        for text in ["", "-a", "a.", "a..b", "Invoices", "a/b", "a_b", "a b", "é"] {
            assert!(!is_bucket_name(text), "{text:?}");
        }
    }
}
