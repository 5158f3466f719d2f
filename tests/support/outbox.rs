//! The triggered functions of an app: the stream read as Lambda would, the ways out to servers of the test's own.

use crate::stub_servers::StubServer;
use crate::{TestApp, clock_of};
use aws_lambda_events::event::dynamodb::Event;
use lambda_http::http::StatusCode;
use local::emulator;
use local::stream::{self, StreamReader};
use publish::{Bounds, Bus, Outbound, Publisher, Redelivered, Request};
use serde_json::json;
use shared::bucket::Bucket;
use shared::egress::Egress;
use shared::store::Store;
use std::sync::Mutex;
use std::time::Duration;

/// A publisher and its place in the stream.
pub struct Outbox {
    /// What tells the world.
    pub publisher: Publisher,
    reader: tokio::sync::Mutex<StreamReader>,
}

/// Where the ways out lead.
#[derive(Default)]
pub struct Ways<'a> {
    /// A stub server for EventBridge.
    pub bus: Option<&'a str>,
    /// A stub server for Step Functions.
    pub step_functions: Option<&'a str>,
    /// Something else than the system's resolver and loopback.
    pub outbound: Option<Outbound>,
    /// Another way to the table, such as one with faults.
    pub table: Option<aws_sdk_dynamodb::Client>,
    /// Where records are kept that can never be published.
    pub failed_records: Option<Bucket>,
}

/// A webhook at the stub server; its id.
pub async fn webhook(app: &TestApp, who: &str, receiver: &StubServer) -> String {
    let body = json!({ "url": format!("{}/hook", receiver.url()) });
    let answer = app.call(who, "POST", "/v1/webhooks", Some(body)).await;
    assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.text);
    answer.body["webhook_id"].as_str().unwrap().to_owned()
}

impl TestApp {
    /// A publisher at this app, which must have a stream; it reads from the stream's beginning.
    pub async fn outbox(&self, ways: Ways<'_>) -> Outbox {
        let sdk = emulator::sdk();
        let to = |url: &str| Some(url.to_owned());
        let store = &self.inner.store;
        let publisher = Publisher::new(
            ways.table.map_or_else(|| store.clone(), |client| Store::new(client, store.table())),
            clock_of(&self.clock),
            ways.bus.map(|url| Bus::new(publish::event_bus_at(&sdk, to(url)), "default")),
            ways.step_functions.map(|url| publish::step_functions_at(&sdk, to(url))),
            ways.outbound.unwrap_or_else(patient),
        );
        let publisher = publisher.keeping_in(ways.failed_records);
        let reader =
            StreamReader::open(stream::client(&self.endpoint), self.inner.store.table(), None).await.unwrap();
        Outbox { publisher, reader: tokio::sync::Mutex::new(reader.expect("the app has a stream")) }
    }
}

/// A way out for which no receiver of a test is slow, however busy the machine is.
fn patient() -> Outbound {
    let while_busy = Duration::from_secs(10);
    Outbound::new(Egress::PublicAndLoopback).with_timeout(while_busy).with_slow_after(while_busy)
}

impl Outbox {
    /// Publishes all that is in the stream and not published yet.
    pub async fn publish(&self) {
        let mut reader = self.reader.lock().await;
        while Box::pin(reader.publish(&self.publisher)).await.unwrap() > 0 {}
    }

    /// What is in the stream and not published yet, as Lambda would hand it over; it counts as read.
    pub async fn take(&self) -> Vec<Event> {
        let taken = Mutex::new(Vec::new());
        let mut reader = self.reader.lock().await;
        loop {
            let read = reader.read(|batch| {
                taken.lock().unwrap().push(batch);
                async { Vec::new() }
            });
            if read.await.unwrap() == 0 {
                break;
            }
        }
        taken.into_inner().unwrap()
    }

    /// One run of `redeliver`.
    pub async fn redeliver(&self) -> Redelivered {
        Box::pin(self.publisher.redeliver(Request::default(), Bounds::default())).await
    }
}
