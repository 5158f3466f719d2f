//! What came with an output: the documents that it was read from, the schema it follows, and where each value stands and how likely it
//! is. All of it is optional, and none of it changes after the opening.

mod likelihoods;
mod pointer;
mod schema;
mod sources;
#[cfg(test)]
mod tests;
mod walk;

pub use likelihoods::likelihood_faults;
pub use pointer::{POINTER_PATTERN, is_pointer};
pub use schema::{MAX_SCHEMA, schema_faults};
pub use sources::source_faults;
pub use walk::ContentFault;

use super::{Document, DocumentLabel, JsonText};
use sha2::{Digest, Sha256};

/// Most entries of `evidence`.
pub const MAX_ENTRIES: usize = 10_000;
/// Highest number of a page.
pub const MAX_PAGE: u32 = 100_000;

/// What came with an output.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Evidence {
    /// The documents that the output was read from.
    pub documents: Vec<Document>,
    /// The JSON Schema of the output.
    pub json_schema: Option<JsonText>,
    /// How likely each value is: it mirrors the output.
    pub likelihoods: Option<JsonText>,
    /// Where each value stands: it mirrors the output.
    pub sources: Option<JsonText>,
    /// Where values stand and how likely they are, as a list.
    pub evidence: Option<JsonText>,
    /// What the gate found, if it was asked: a list of [`Evaluation`](super::gate::Evaluation). It follows from the rest, so it is no
    /// part of what makes two openings the same.
    pub evaluation: Option<JsonText>,
}

impl Evidence {
    /// Whether nothing came with the output. What the gate found did not come with it.
    pub const fn is_empty(&self) -> bool {
        self.documents.is_empty() && !self.has_schema() && !self.has_evidence()
    }

    /// Whether there is a schema.
    pub const fn has_schema(&self) -> bool {
        self.json_schema.is_some()
    }

    /// Whether anything says where values stand, or how likely they are.
    pub const fn has_evidence(&self) -> bool {
        self.likelihoods.is_some() || self.sources.is_some() || self.evidence.is_some()
    }

    /// Whether there is anything to store.
    pub const fn is_stored(&self) -> bool {
        !self.is_empty() || self.evaluation.is_some()
    }

    /// What the review says of its documents.
    pub fn labels(&self) -> Vec<DocumentLabel> {
        self.documents.iter().map(Document::label).collect()
    }

    /// The document of a name.
    pub fn document(&self, id: &super::DocumentId) -> Option<&Document> {
        self.documents.iter().find(|document| document.id == *id)
    }

    /// SHA-256 of all of it, apart from spacing.
    pub fn digest(&self) -> [u8; 32] {
        let mut hasher = Sha256::new();
        for (name, digest) in self.digests() {
            if let Some(digest) = digest {
                hasher.update(name);
                hasher.update(digest);
            }
        }
        hasher.finalize().into()
    }

    /// The fields in which `other` differs, apart from spacing.
    pub fn differences(&self, other: &Self) -> Vec<&'static str> {
        let pairs = self.digests().into_iter().zip(other.digests());
        pairs.filter(|((_, mine), (_, theirs))| mine != theirs).map(|((name, _), _)| name).collect()
    }

    /// As [`Evidence::differences`], of the fields alone that `given` has.
    pub fn contradicted_by(&self, given: &Self) -> Vec<&'static str> {
        let pairs = self.digests().into_iter().zip(given.digests());
        let differs = pairs.filter(|((_, mine), (_, theirs))| theirs.is_some() && mine != theirs);
        differs.map(|((name, _), _)| name).collect()
    }

    /// Its fields by their names on the wire, each with the digest of what is in it.
    fn digests(&self) -> [(&'static str, Option<[u8; 32]>); 5] {
        let of = |text: &Option<JsonText>| text.as_ref().map(JsonText::digest);
        [
            ("documents", self.documents_digest()),
            ("json_schema", of(&self.json_schema)),
            ("likelihoods", of(&self.likelihoods)),
            ("sources", of(&self.sources)),
            ("evidence", of(&self.evidence)),
        ]
    }

    fn documents_digest(&self) -> Option<[u8; 32]> {
        let mut hasher = Sha256::new();
        for part in self.documents.iter().flat_map(Document::parts) {
            hasher.update((part.len() as u64).to_be_bytes());
            hasher.update(part);
        }
        (!self.documents.is_empty()).then(|| hasher.finalize().into())
    }
}
