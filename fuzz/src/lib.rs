//! Shared by the targets: an application with an empty table and a fixed clock, and items in DynamoDB's JSON.

pub mod html;

use aws_sdk_dynamodb::config::{BehaviorVersion, Credentials, Region};
use aws_sdk_dynamodb::primitives::Blob;
use aws_sdk_dynamodb::types::AttributeValue;
use aws_smithy_http_client::test_util::infallible_client_fn;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value};
use shared::api::App;
use shared::review::Timestamp;
use shared::store::Store;
use std::collections::HashMap;
use std::sync::Arc;
use tokio::runtime::{Builder, Runtime};

/// The time of the fixed clock.
pub const NOW: Timestamp = Timestamp::from_millis(1_778_662_500_000);

/// The application, whose DynamoDB is empty, and its runtime.
pub struct Empty {
    pub app: App,
    runtime: Runtime,
}

impl Default for Empty {
    fn default() -> Self {
        // An update finds no item; reads find nothing; all else succeeds.
        let nothing = infallible_client_fn(|request| {
            let changes = request
                .headers()
                .get("x-amz-target")
                .is_some_and(|target| target.as_bytes().ends_with(b".UpdateItem"));
            let (status, body) = if changes {
                (400, r#"{"__type": "com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException"}"#)
            } else {
                (200, "{}")
            };
            let answer = http::Response::builder().header("content-type", "application/x-amz-json-1.0");
            answer.status(status).body(body).expect("a fixed answer")
        });
        let config = aws_sdk_dynamodb::Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::from_static("local"))
            .credentials_provider(Credentials::new("fuzz", "fuzz", None, None, "fuzz"))
            .http_client(nothing)
            .build();
        let store = Store::new(aws_sdk_dynamodb::Client::from_conf(config), "fuzz");
        let runtime = Builder::new_current_thread().enable_time().build().expect("a runtime");
        Self { app: App::with_clock(store, Arc::new(|| NOW)), runtime }
    }
}

impl Empty {
    /// Waits for an answer.
    pub fn wait<T>(&self, answer: impl Future<Output = T>) -> T {
        self.runtime.block_on(answer)
    }
}

fn attribute(value: &Value) -> Option<AttributeValue> {
    let (kind, value) = value.as_object()?.iter().next()?;
    Some(match kind.as_str() {
        "S" => AttributeValue::S(value.as_str()?.to_owned()),
        "N" => AttributeValue::N(value.as_str()?.to_owned()),
        "B" => AttributeValue::B(Blob::new(STANDARD.decode(value.as_str()?).ok()?)),
        "BOOL" => AttributeValue::Bool(value.as_bool()?),
        "NULL" => AttributeValue::Null(true),
        "L" => AttributeValue::L(value.as_array()?.iter().map(attribute).collect::<Option<_>>()?),
        "M" => AttributeValue::M(attributes(value.as_object()?)?),
        _ => return None,
    })
}

/// An item of the table, from DynamoDB's JSON.
pub fn attributes(object: &Map<String, Value>) -> Option<HashMap<String, AttributeValue>> {
    object.iter().map(|(name, value)| Some((name.clone(), attribute(value)?))).collect()
}
