//! Fills a table with very many reviews quickly: records the items of one opening, and writes them again under other run ids, 25 a
//! request.

use crate::calls::{Call, Recorder};
use crate::test_app::{self, Request};
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::{AttributeValue, PutRequest, WriteRequest};
use futures_util::{StreamExt, stream};
use std::collections::HashMap;
use tests::TestApp;

type Item = HashMap<String, AttributeValue>;

/// Items of a batch: `BatchWriteItem`'s own limit.
const BATCH: usize = 25;
/// Batches in parallel.
const AT_ONCE: usize = 4;
/// The run id of the recorded opening.
const TEMPLATE: &str = "run-template";

/// The run id of one of the reviews. They sort in the order of the queue, whose positions end with it.
pub(crate) fn run(nth: usize) -> String {
    format!("run-{nth:08}")
}

/// An app with that many open reviews of one organization and workflow, each with one small version.
pub(crate) async fn desk_with(count: usize) -> TestApp {
    let recorder = Recorder::default();
    let template = TestApp::with_client(recorder.client(tests::endpoint())).await;
    recorder.take();
    Request::open(TEMPLATE, &test_app::document(300, 1)).must(&template).await;
    let opening = recorder.take().into_iter().flatten().find_map(|call| match call {
        Call::Transact(input) => input.transact_items,
        _ => None,
    });
    let items: Vec<Item> = opening.unwrap().into_iter().map(|item| item.put.unwrap().item).collect();
    let app = TestApp::new().await;
    let (client, table) = (app.inner.store.client(), app.inner.store.table());
    let writes: Vec<usize> = (0..count * items.len()).collect();
    stream::iter(writes.chunks(BATCH))
        .map(|batch| {
            let puts = batch.iter().map(|nth| renamed(&items[nth % items.len()], &run(nth / items.len())));
            write(client, table, puts.collect())
        })
        .buffer_unordered(AT_ONCE)
        .for_each(|()| std::future::ready(()))
        .await;
    app
}

/// The item, of another run.
fn renamed(item: &Item, run: &str) -> Item {
    let rename = |value: &AttributeValue| match value {
        AttributeValue::S(text) if text.contains(TEMPLATE) => AttributeValue::S(text.replace(TEMPLATE, run)),
        other => other.clone(),
    };
    item.iter().map(|(name, value)| (name.clone(), rename(value))).collect()
}

async fn write(client: &Client, table: &str, items: Vec<Item>) {
    let put = |item| {
        let put = PutRequest::builder().set_item(Some(item)).build().unwrap();
        WriteRequest::builder().put_request(put).build()
    };
    let mut left: Vec<WriteRequest> = items.into_iter().map(put).collect();
    while !left.is_empty() {
        let request = client.batch_write_item().request_items(table, left);
        let output = request.send().await.unwrap();
        left = output.unprocessed_items.into_iter().flatten().flat_map(|(_, items)| items).collect();
    }
}
