//! Demo data: reviews that look like real work, opened through the API itself, and the keys of who works on them.

mod bodies;
mod documents;
#[cfg(test)]
mod tests;

pub use bodies::{DemoReview, REVIEWS};
pub use documents::{DemoDocument, uploads};

use crate::api_keys::{self, NewKey};
use crate::gateway::dispatch;
use crate::{Error, emulator};
use lambda_http::http::{Method, Request};
use lambda_http::{Body, http};
use serde::{Deserialize, Serialize};
use shared::api::App;
use shared::bucket::{Bucket, DocumentPlace};
use shared::review::{OrganizationId, Timestamp, UploadId};
use shared::store::{Scope, Store};
use std::fmt::Display;
use std::path::Path;
use std::sync::Arc;

/// The organization of the demo.
pub const ORGANIZATION: &str = "org_demo";

/// What has happened to them since: who, how many minutes ago, on which review, which call, with which body.
const STORY: [(Who, i64, &str, &str, &str); 7] = [
    // The classification was wrong.
    (
        Who::Dana,
        40,
        "run_7b3af650/block_classify",
        "decision",
        r#"{"version_stamp": 0, "verdict": "rejected", "reason": "It is a credit note: the total is negative."}"#,
    ),
    // The receipt's tip was corrected by the agent, and approved by Ben.
    (
        Who::Agent,
        150,
        "run_r8d20417/block_extract_receipt",
        "versions",
        include_str!("../../demo/corrections/receipt.json"),
    ),
    (
        Who::Ben,
        120,
        "run_r8d20417/block_extract_receipt",
        "decision",
        r#"{"version_stamp": 1, "verdict": "approved"}"#,
    ),
    // The branch decision was approved, and reopened.
    (
        Who::Dana,
        170,
        "run_e2076f41/block_needs_cfo",
        "decision",
        r#"{"version_stamp": 0, "verdict": "approved"}"#,
    ),
    (
        Who::Ben,
        30,
        "run_e2076f41/block_needs_cfo",
        "reopen",
        r#"{"version_stamp": 1, "reason": "The exchange rate was a week old."}"#,
    ),
    // The contract is above Dana's limit.
    (
        Who::Dana,
        5,
        "run_c51e09aa/block_extract_contract",
        "decision",
        r#"{"version_stamp": 0, "verdict": "escalated", "reason": "The notice period is unusual.", "escalate_to": "legal"}"#,
    ),
    // Ben has claimed this one, for the rest of the day.
    (Who::Ben, 8, "run_19d4c0be/block_split", "claim", r#"{"version_stamp": 0, "ttl_seconds": 28800}"#),
];

#[derive(Clone, Copy)]
enum Who {
    Dana,
    Ben,
    Agent,
}

/// The demo's API keys, as text. Kept in the data folder, readable by its owner only; the table holds their hashes.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct DemoKeys {
    /// A person's.
    pub dana: String,
    /// Another person's.
    pub ben: String,
    /// A program's, which also opens reviews.
    pub agent: String,
}

impl DemoKeys {
    /// What [`DemoKeys::save`] wrote, if it did.
    pub fn load(file: &Path) -> Option<Self> {
        serde_json::from_slice(&std::fs::read(file).ok()?).ok()
    }

    /// Keeps them for the next start.
    pub fn save(&self, file: &Path) -> Result<(), Error> {
        let text = serde_json::to_vec_pretty(self).map_err(|error| Error::Demo(error.to_string()))?;
        emulator::write_private(file, &text).map_err(|error| Error::Demo(error.to_string()))
    }
}

/// Who works on the demo's reviews: kind, id, name, and what their keys may do; Dana, Ben and the agent, in this order.
pub const PEOPLE: [(&str, &str, &str, &[Scope]); 3] = [
    ("human", "user_42", "Dana Rivera", &[Scope::Read, Scope::Review, Scope::Admin]),
    ("human", "user_17", "Ben Okafor", &[Scope::Read, Scope::Review]),
    ("agent", "agent_ledger", "Ledger Agent", &[Scope::Read, Scope::Review, Scope::Runtime]),
];

/// Creates the demo's keys, documents and reviews. Without a bucket the reviews name no documents.
pub async fn seed(store: &Store, bucket: Option<&Bucket>, now: Timestamp) -> Result<DemoKeys, Error> {
    let [dana, ben, agent] = PEOPLE.map(|(kind, id, name, scopes)| ((kind, id, name), scopes.to_vec()));
    let keys = DemoKeys {
        dana: create_key(store, dana.0, dana.1, now).await?,
        ben: create_key(store, ben.0, ben.1, now).await?,
        agent: create_key(store, agent.0, agent.1, now).await?,
    };
    let at = |minutes_ago: i64| {
        let then = now.plus_millis(-minutes_ago * 60_000);
        let mut app = App::with_clock(store.clone(), Arc::new(move || then));
        app.bucket = bucket.cloned();
        app
    };
    if let Some(bucket) = bucket {
        upload(bucket).await?;
    }
    let upload_of: Option<&dyn Fn(&DemoDocument) -> String> = bucket.map(|_| &upload_id as _);
    for review in &REVIEWS {
        let body = review.opening(upload_of)?;
        post(&at(review.minutes_ago), review.path(), &keys.agent, body).await?;
    }
    for (who, minutes_ago, review, verb, body) in STORY {
        let key = match who {
            Who::Dana => &keys.dana,
            Who::Ben => &keys.ben,
            Who::Agent => &keys.agent,
        };
        let path = format!("/v1/workflows/reviews/{review}/{verb}");
        post(&at(minutes_ago), &path, key, body.to_owned()).await?;
    }
    Ok(keys)
}

/// By which id a document is uploaded: always the same, so that a second try names the same documents.
fn upload_id(document: &DemoDocument) -> String {
    format!("demo-{}", document.filename)
}

/// Puts the documents where uploads lie until a review names them.
async fn upload(bucket: &Bucket) -> Result<(), Error> {
    let failed = |error: &dyn Display| Error::Demo(error.to_string());
    let organization = OrganizationId::parse(ORGANIZATION).map_err(|fault| failed(&fault))?;
    for document in uploads() {
        let id = UploadId::parse(&upload_id(document)).map_err(|fault| failed(&fault))?;
        let key = DocumentPlace::upload(&organization, &id);
        bucket.put(&key, document.mime_type, document.content).await.map_err(|error| failed(&error))?;
    }
    Ok(())
}

async fn create_key(
    store: &Store,
    (kind, id, name): (&str, &str, &str),
    scopes: Vec<Scope>,
    now: Timestamp,
) -> Result<String, Error> {
    let organization = OrganizationId::parse(ORGANIZATION).map_err(|fault| Error::Demo(fault.to_string()))?;
    let new = NewKey {
        organization,
        actor: api_keys::actor(kind, id, name)?,
        scopes,
        groups: Vec::new(),
        expires_at: None,
    };
    let (key, _) = api_keys::create(store, new, now).await?;
    Ok(key.reveal().to_owned())
}

async fn post(app: &App, path: &str, key: &str, body: String) -> Result<(), Error> {
    let request = Request::builder()
        .method(Method::POST)
        .uri(path)
        .header("api-key", key)
        .header(http::header::CONTENT_TYPE, "application/json")
        .body(Body::Text(body))
        .map_err(|error| Error::Demo(error.to_string()))?;
    let response = dispatch(app, request).await;
    // A conflict: an earlier start got this far before it was broken off.
    if response.status().is_success() || response.status() == http::StatusCode::CONFLICT {
        return Ok(());
    }
    let body = String::from_utf8_lossy(response.body()).into_owned();
    Err(Error::Demo(format!("POST {path} answered {}: {body}", response.status())))
}
