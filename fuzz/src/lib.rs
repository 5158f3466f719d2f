//! What several targets need: an application whose table is empty, and a clock that stands.

use aws_sdk_dynamodb::config::{BehaviorVersion, Credentials, Region};
use aws_smithy_http_client::test_util::infallible_client_fn;
use shared::http::App;
use shared::review::Timestamp;
use shared::store::Store;
use std::sync::Arc;
use tokio::runtime::{Builder, Runtime};

/// When everything happens.
pub const NOW: Timestamp = Timestamp::from_millis(1_778_662_500_000);

/// The application, whose DynamoDB finds nothing, and who runs it.
pub struct Empty {
    pub app: App,
    runtime: Runtime,
}

impl Empty {
    pub fn new() -> Self {
        // What is to be changed is not there; all else finds nothing, or is done.
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

    /// Waits for an answer.
    pub fn wait<T>(&self, answer: impl Future<Output = T>) -> T {
        self.runtime.block_on(answer)
    }
}
