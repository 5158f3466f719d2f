//! The published Python client, unmodified, against the running product. Makes its own virtual environment under
//! `target/`.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use local::server;
use local::stream::{self, StreamReader};
use local::triggers::Triggers;
use publish::{Outbound, Publisher};
use shared::api::{self, App};
use shared::egress::Egress;
use std::process::{Command, Output};
use std::sync::Arc;
use tests::rie::workspace;
use tests::{TestApp, python};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_published_client_does_its_first_light() {
    let out = run("first_light.py").await;
    assert!(out.contains("claimed by: Dana Rivera"), "{out}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_published_client_does_the_whole_review() {
    run("whole_review.py").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_receiver_with_the_published_library_accepts_deliveries_and_refuses_forgeries() {
    let out = run("webhook_receiver.py").await;
    assert!(out.contains("3 deliveries verified"), "{out}");
    assert!(out.contains("the documented receiver verified 2 deliveries"), "{out}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_smoke_test_tells_the_whole_story_and_says_what_failed() {
    let smoke = |url: &str, key: &str| {
        let mut script = Command::new("python3");
        script.arg(workspace().join("scripts/smoke")).args([&format!("{url}/v1"), key]);
        script
    };
    let output = against_the_product(|url, app| smoke(url, app.key("agent"))).await;
    let out = printed(&output);
    assert!(out.ends_with("The whole story went well.\n") && out.lines().count() > 20, "{out}");
    let output = against_the_product(|url, app| smoke(url, app.key("reader"))).await;
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(1), "{errors}");
    assert!(errors.contains("open a review: 403 instead of 201") && errors.contains("forbidden"), "{errors}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_smoke_test_waits_for_an_index_that_lags_and_not_for_ever() {
    let (app, lag) = TestApp::with_index_lag().await;
    let smoke = |url: &str, app: &TestApp| {
        let mut script = Command::new("python3");
        script.arg(workspace().join("scripts/smoke")).args([&format!("{url}/v1"), app.key("agent")]);
        script
    };
    lag.hold_for(3).await;
    let out = printed(&against(&app, smoke).await);
    assert!(out.contains("asked 4 times") && out.ends_with("The whole story went well.\n"), "{out}");
    lag.hold().await;
    let output = against(&app, |url, app| {
        let mut script = smoke(url, app);
        script.env("HOLDPOINT_SMOKE_INDEX_LAG", "0.5");
        script
    });
    let output = output.await;
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(1), "{errors}");
    let said = "it is in the queue: the index does not have the review after 0.5 seconds";
    assert!(errors.contains(said), "{errors}");
}

/// Runs a script of this folder against a product of its own, and returns what it printed.
async fn run(name: &'static str) -> String {
    let python = tokio::task::spawn_blocking(python::interpreter).await.unwrap();
    let output = against_the_product(|url, app| {
        let mut script = Command::new(python);
        script.arg(workspace().join("tests/conformance").join(name)).env("HOLDPOINT_URL", url);
        for (who, variable) in [
            ("admin", "KEY_ADMIN"),
            ("dana", "KEY_DANA"),
            ("ben", "KEY_BEN"),
            ("agent", "KEY_AGENT"),
            ("reader", "KEY_READER"),
            ("other", "KEY_OTHER_ORG"),
        ] {
            script.env(variable, app.key(who));
        }
        script
    });
    printed(&output.await)
}

fn printed(output: &Output) -> String {
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    println!("{out}");
    assert!(output.status.success(), "{out}\n{err}");
    out.into_owned()
}

/// Starts a product with a new table, and runs what `command` makes of its URL and its app.
async fn against_the_product(command: impl FnOnce(&str, &TestApp) -> Command) -> Output {
    against(&TestApp::with_stream().await, command).await
}

/// Starts the product on an app's table, and runs what `command` makes of its URL and the app.
async fn against(app: &TestApp, command: impl FnOnce(&str, &TestApp) -> Command) -> Output {
    let listener = server::listen("127.0.0.1", 0).await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    // The scripts wait in real time, so this server has the real clock.
    let store = app.inner.store.clone();
    let mut other_app = App::new(store.clone());
    other_app.egress = Egress::PublicAndLoopback;
    other_app.bucket = Some(tests::bucket());
    let server = tokio::spawn(async move {
        server::serve(listener, Arc::new(other_app), &server::Reach::default(), std::future::pending()).await
    });
    let outbound = Outbound::new(Egress::PublicAndLoopback);
    let publisher = Publisher::new(store.clone(), Arc::new(api::system_time), None, None, outbound);
    let stream = StreamReader::open(stream::client(&app.endpoint), store.table(), None).await.unwrap();
    let triggers = Triggers::start(store, Arc::new(publisher), stream, None);

    let mut script = command(&url, app);
    let output = tokio::task::spawn_blocking(move || script.output()).await.unwrap().unwrap();
    server.abort();
    drop(triggers);
    output
}
