//! The bodies of the calls that open the demo's reviews. Each is a file that could be posted as it is, and another with what comes
//! with the output: documents, schema, likelihoods and places.

use super::documents::{DemoDocument, document, schema};
use crate::Error;
use serde::Deserialize;
use serde_json::Value;
use serde_json::value::{RawValue, to_raw_value};
use std::collections::BTreeMap;

/// A review of the demo.
pub struct DemoReview {
    /// How many minutes ago its gate fired.
    pub minutes_ago: i64,
    /// The body, without what comes with the output.
    pub body: &'static str,
    /// What comes with the output. Files are named as `FILE:…`.
    pub evidence: &'static str,
}

macro_rules! reviews {
    ($($minutes_ago:expr => $name:literal,)+) => {
        [$(DemoReview {
            minutes_ago: $minutes_ago,
            body: include_str!(concat!("../../demo/", $name, ".json")),
            evidence: include_str!(concat!("../../demo/evidence/", $name, ".json")),
        }),+]
    };
}

/// The demo's reviews.
pub const REVIEWS: [DemoReview; 22] = reviews![
    4 * 60 + 20 => "bank-statement",
    3 * 60 + 50 => "invoice-polderlicht",
    3 * 60 + 12 => "conditional",
    3 * 60 + 2 => "bank-details-nordwerk",
    2 * 60 + 58 => "receipt-ferry",
    2 * 60 + 41 => "receipt-extract",
    2 * 60 + 6 => "delivery-note",
    112 => "invoice-garrick",
    95 => "classification",
    83 => "invoice-lough-derg",
    71 => "receipt-gasthaus",
    70 => "bank-details-garrick",
    66 => "invoice-brunelle",
    58 => "purchase-order-extract",
    52 => "motor-claim",
    47 => "split",
    39 => "invoice-olmedo",
    33 => "invoice-cascade",
    26 => "invoice-extract",
    21 => "classification-reminder",
    14 => "invoice-nordwerk",
    9 => "contract-extract",
];

/// What comes with an output, as it is in the file.
#[derive(Deserialize)]
pub(super) struct Parts<'a> {
    #[serde(borrow)]
    pub(super) documents: Vec<BTreeMap<&'a str, Value>>,
    pub(super) json_schema: &'a str,
    #[serde(borrow)]
    pub(super) likelihoods: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) sources: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) evidence: Option<&'a RawValue>,
}

impl DemoReview {
    /// What comes with its output.
    pub(super) fn parts(&self) -> Result<Parts<'_>, Error> {
        serde_json::from_str(self.evidence).map_err(broken)
    }

    /// The path of the call that opens it: some workflows say themselves why it is held, the others ask the gate.
    pub fn path(&self) -> &'static str {
        if self.body.contains("\"triggered_by\":") { "/v1/workflows/reviews" } else { "/v1/workflows/gate" }
    }

    /// The body of the call that opens it. `upload_of` tells by which id a document was uploaded; `None`: there is no bucket, so the
    /// review names no documents, nor places in them. Numbers keep their digits.
    pub fn opening(&self, upload_of: Option<&dyn Fn(&DemoDocument) -> String>) -> Result<String, Error> {
        let parts = self.parts()?;
        let mut body: BTreeMap<&str, &RawValue> = serde_json::from_str(self.body).map_err(broken)?;
        let schema = schema(parts.json_schema).ok_or_else(|| missing(parts.json_schema))?;
        body.insert("json_schema", serde_json::from_str(schema).map_err(broken)?);
        body.extend(parts.likelihoods.map(|likelihoods| ("likelihoods", likelihoods)));
        let documents;
        if let Some(upload_of) = upload_of {
            documents = to_raw_value(&uploaded(parts.documents, upload_of)?).map_err(broken)?;
            body.insert("documents", &documents);
            body.extend(parts.sources.map(|sources| ("sources", sources)));
            body.extend(parts.evidence.map(|evidence| ("evidence", evidence)));
        }
        serde_json::to_string(&body).map_err(broken)
    }
}

/// The documents with the ids of their uploads in place of the names of their files.
fn uploaded<'a>(
    mut documents: Vec<BTreeMap<&'a str, Value>>,
    upload_of: &dyn Fn(&DemoDocument) -> String,
) -> Result<Vec<BTreeMap<&'a str, Value>>, Error> {
    for entry in &mut documents {
        let id = entry.get_mut("source").and_then(|source| source.get_mut("document_id"));
        let id = id.ok_or_else(|| missing("source.document_id"))?;
        let reference = id.as_str().unwrap_or_default();
        *id = document(reference).map(upload_of).ok_or_else(|| missing(reference))?.into();
    }
    Ok(documents)
}

#[allow(clippy::needless_pass_by_value)] // so that it can be passed to map_err
fn broken(error: serde_json::Error) -> Error {
    Error::Demo(error.to_string())
}

fn missing(what: &str) -> Error {
    Error::Demo(format!("there is no {what}"))
}
