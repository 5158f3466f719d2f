//! What a newer build has written, an older one neither misreads nor overwrites.

use aws_sdk_dynamodb::types::AttributeValue;
use serde_json::json;
use shared::store::SCHEMA_VERSION;
use std::collections::HashMap;
use tests::TestApp;

async fn meta(app: &TestApp) -> HashMap<String, AttributeValue> {
    let store = &app.inner.store;
    let get = store.client().get_item().table_name(store.table()).consistent_read(true);
    let get = get.key("pk", AttributeValue::S("REVIEW#org_a#run_abc123#block_extract".into()));
    get.key("sk", AttributeValue::S("#META".into())).send().await.unwrap().item.unwrap()
}

#[tokio::test]
async fn a_review_of_a_newer_schema_is_left_alone_by_every_call() {
    let app = TestApp::new().await;
    app.open().await;
    app.claim("dana", 0, 900).await.ok();
    let mut newer = meta(&app).await;
    assert!(!newer.contains_key("v"), "the first schema says nothing of itself");
    newer.insert("v".into(), AttributeValue::N((SCHEMA_VERSION + 1).to_string()));
    let store = &app.inner.store;
    let put = store.client().put_item().table_name(store.table()).set_item(Some(newer.clone()));
    put.send().await.unwrap();
    app.get().await.error(500, "internal");
    app.claim("ben", 1, 900).await.error(500, "internal");
    app.release("dana", 1).await.error(500, "internal");
    app.approve("dana", 1).await.error(500, "internal");
    app.post("dana", "versions", json!({ "version_stamp": 1, "snapshot": {} })).await.error(500, "internal");
    app.post("dana", "resume", json!({ "version_stamp": 1 })).await.error(500, "internal");
    // Its end is no matter of this build's, either.
    app.clock.advance_seconds(3600);
    Box::pin(sweep::sweep(store, app.clock.now(), sweep::Bounds::default())).await;
    assert_eq!(meta(&app).await, newer);
}
