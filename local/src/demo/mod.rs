//! Demo data: reviews that look like real work, opened through the API itself, and the keys of who works on them.

mod bodies;
mod documents;
mod story;
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
use shared::review::{GroupId, OrganizationId, Timestamp, UploadId};
use shared::store::{Scope, Store};
use std::fmt::Display;
use std::path::Path;
use std::sync::Arc;
use story::{POLICIES, POLICIES_MINUTES_AGO, STORY, Who};

/// The organization of the demo.
pub const ORGANIZATION: &str = "org_demo";

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

/// Somebody who works on the demo's reviews.
pub struct Person {
    kind: &'static str,
    id: &'static str,
    /// What is shown of them.
    pub name: &'static str,
    /// What their key may do.
    pub scopes: &'static [Scope],
    /// The groups that they belong to.
    pub groups: &'static [&'static str],
}

/// Who works on the demo's reviews: Dana, Ben and the agent, in this order.
pub const PEOPLE: [Person; 3] = [
    Person {
        kind: "human",
        id: "user_42",
        name: "Dana Rivera",
        scopes: &[Scope::Read, Scope::Review, Scope::Admin],
        groups: &["finance"],
    },
    Person {
        kind: "human",
        id: "user_17",
        name: "Ben Okafor",
        scopes: &[Scope::Read, Scope::Review],
        groups: &["treasury", "finance-lead"],
    },
    Person {
        kind: "agent",
        id: "agent_ledger",
        name: "Ledger Agent",
        scopes: &[Scope::Read, Scope::Review, Scope::Runtime],
        groups: &[],
    },
];

/// Creates the demo's keys, documents and reviews. Without a bucket the reviews name no documents.
pub async fn seed(store: &Store, bucket: Option<&Bucket>, now: Timestamp) -> Result<DemoKeys, Error> {
    let [dana, ben, agent] = &PEOPLE;
    let keys = DemoKeys {
        dana: create_key(store, dana, now).await?,
        ben: create_key(store, ben, now).await?,
        agent: create_key(store, agent, now).await?,
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
    for (workflow, body) in POLICIES {
        let path = format!("/v1/workflows/{workflow}/policy");
        call(&at(POLICIES_MINUTES_AGO), Method::PUT, &path, &keys.dana, body.to_owned()).await?;
    }
    let upload_of: Option<&dyn Fn(&DemoDocument) -> String> = bucket.map(|_| &upload_id as _);
    for review in &REVIEWS {
        let body = review.opening(upload_of)?;
        call(&at(review.minutes_ago), Method::POST, review.path(), &keys.agent, body).await?;
    }
    for (who, minutes_ago, review, verb, body) in STORY {
        let key = match who {
            Who::Dana => &keys.dana,
            Who::Ben => &keys.ben,
            Who::Agent => &keys.agent,
        };
        let path = format!("/v1/workflows/reviews/{review}/{verb}");
        call(&at(minutes_ago), Method::POST, &path, key, body.to_owned()).await?;
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

async fn create_key(store: &Store, person: &Person, now: Timestamp) -> Result<String, Error> {
    let failed = |fault: &dyn Display| Error::Demo(fault.to_string());
    let groups = person.groups.iter().map(|group| GroupId::parse(group)).collect::<Result<_, _>>();
    let new = NewKey {
        organization: OrganizationId::parse(ORGANIZATION).map_err(|fault| failed(&fault))?,
        actor: api_keys::actor(person.kind, person.id, person.name)?,
        scopes: person.scopes.to_vec(),
        groups: groups.map_err(|fault| failed(&fault))?,
        expires_at: None,
    };
    let (key, _) = api_keys::create(store, new, now).await?;
    Ok(key.reveal().to_owned())
}

async fn call(app: &App, method: Method, path: &str, key: &str, body: String) -> Result<(), Error> {
    let request = Request::builder()
        .method(method.clone())
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
    Err(Error::Demo(format!("{method} {path} answered {}: {body}", response.status())))
}
