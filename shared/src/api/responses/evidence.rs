//! What came with a review's output, as answers show it.

use super::Reply;
use crate::hex::hex;
use crate::review::gate::Evaluation;
use crate::review::{Document, Evidence, JsonText, Review};
use lambda_http::http::StatusCode;
use schemars::JsonSchema;
use serde::{Serialize, Serializer};

/// What came with a review's output.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Evidence")]
pub struct EvidenceView<'a> {
    /// The documents that the output was read from.
    documents: &'a [Document],
    /// The JSON Schema of the output; null if none was given.
    json_schema: Option<&'a JsonText>,
    /// How likely each value is; null if it was not given.
    likelihoods: Option<&'a JsonText>,
    /// Where each value stands; null if it was not given.
    sources: Option<&'a JsonText>,
    /// Where values stand and how likely they are, as a list.
    evidence: Entries<'a>,
    /// What the gate found: why the review is there. Empty unless `gate` opened it.
    evaluation: Evaluations<'a>,
}

/// The list as it was given.
struct Entries<'a>(Option<&'a JsonText>);

impl Serialize for Entries<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Some(entries) => entries.serialize(serializer),
            None => serializer.collect_seq(std::iter::empty::<()>()),
        }
    }
}

// `open` declares what an entry is.
described!(Entries<'_>, { "type": "array", "items": { "$ref": "#/components/schemas/EvidenceEntry" } });

/// What the gate found, as it is stored.
pub(super) struct Evaluations<'a>(pub(super) Option<&'a JsonText>);

impl Serialize for Evaluations<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Entries(self.0).serialize(serializer)
    }
}

impl JsonSchema for Evaluations<'_> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Evaluations".into()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        Vec::<Evaluation>::json_schema(generator)
    }
}

/// What came with a review's output.
pub fn evidence(evidence: &Evidence) -> Reply {
    let view = EvidenceView {
        documents: &evidence.documents,
        json_schema: evidence.json_schema.as_ref(),
        likelihoods: evidence.likelihoods.as_ref(),
        sources: evidence.sources.as_ref(),
        evidence: Entries(evidence.evidence.as_ref()),
        evaluation: Evaluations(evidence.evaluation.as_ref()),
    };
    Reply::json(StatusCode::OK, &view)
}

/// The `ETag` of what came with a review's output: the digest of its opening, for it never changes.
pub fn evidence_tag(review: &Review) -> String {
    format!("\"evidence.{}\"", hex(&review.opened_as.0))
}
