//! A request whose answer got lost: retried by the SDK inside, or by the client outside, it is done once.

use serde_json::json;
use tests::faults::{Fault, Faults};
use tests::{Desk, endpoint};

async fn faulty_desk() -> (Desk, Faults) {
    let faults = Faults::default();
    let desk = Desk::with_client(faults.client(endpoint())).await;
    (desk, faults)
}

#[tokio::test]
async fn a_client_that_retries_the_same_claim_gets_the_same_answer() {
    let desk = Desk::new().await;
    desk.open().await;
    let first = desk.claim("dana", 0, 900).await.ok();
    desk.clock.advance_seconds(5);
    assert_eq!(desk.claim("dana", 0, 900).await.ok(), first);
    assert_eq!(desk.get().await.ok(), first, "no second audit entry");
    assert_eq!(first["audit"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn another_request_from_the_same_stamp_is_no_retry() {
    let desk = Desk::new().await;
    desk.open().await;
    desk.claim("dana", 0, 900).await.ok();
    desk.claim("dana", 0, 901).await.error(409, "version_conflict");
    desk.claim("ben", 0, 900).await.error(409, "version_conflict");
    desk.release("dana", 0).await.error(409, "version_conflict");
}

#[tokio::test]
async fn after_somebody_elses_write_a_retry_is_a_conflict() {
    let desk = Desk::new().await;
    desk.open().await;
    desk.claim("dana", 0, 900).await.ok();
    desk.claim("ben", 1, 900).await.ok();
    let detail = desk.claim("dana", 0, 900).await.error(409, "version_conflict");
    assert_eq!(detail["details"]["claim"]["holder"]["id"], "user_17");
}

#[tokio::test]
async fn a_client_that_retries_the_same_release_gets_the_same_answer() {
    let desk = Desk::new().await;
    desk.open().await;
    desk.claim("dana", 0, 900).await.ok();
    let released = desk.release("dana", 1).await.ok();
    assert_eq!(desk.release("dana", 1).await.ok(), released);
}

#[tokio::test]
async fn the_sdks_own_retry_after_a_lost_answer_is_our_own_write() {
    let (desk, faults) = faulty_desk().await;
    desk.open().await;
    faults.plan("UpdateItem", Fault::LoseAnswer, 1);
    let overlay = desk.claim("dana", 0, 900).await.ok();
    assert_eq!(faults.left(), 0, "the fault happened");
    assert_eq!((&overlay["rev"], overlay["audit"].as_array().unwrap().len()), (&json!(1), 2));
    faults.plan("UpdateItem", Fault::LoseAnswer, 1);
    let released = desk.release("dana", 1).await.ok();
    assert_eq!(faults.left(), 0);
    assert_eq!((&released["rev"], released["audit"].as_array().unwrap().len()), (&json!(2), 3));
}

#[tokio::test]
async fn the_sdks_own_retry_of_an_opening_is_our_own_write() {
    let (desk, faults) = faulty_desk().await;
    faults.plan("TransactWriteItems", Fault::LoseAnswer, 1);
    let opened = desk.open().await;
    assert_eq!(faults.left(), 0);
    assert_eq!(desk.get().await.ok(), opened.body);
}

#[tokio::test]
async fn when_every_answer_is_lost_the_client_is_told_to_retry_and_its_retry_succeeds() {
    let (desk, faults) = faulty_desk().await;
    desk.open().await;
    faults.plan("UpdateItem", Fault::LoseAnswer, 4);
    let answer = desk.claim("dana", 0, 900).await;
    assert_eq!(answer.headers["retry-after"], "1");
    let detail = answer.error(503, "unavailable");
    assert!(!detail["message"].as_str().unwrap().contains("reset"), "the cause is for the log only");
    assert_eq!(faults.left(), 0);
    let overlay = desk.claim("dana", 0, 900).await.ok();
    assert_eq!((&overlay["rev"], overlay["audit"].as_array().unwrap().len()), (&json!(1), 2));
}

#[tokio::test]
async fn a_claim_whose_lease_was_not_written_is_retried_until_it_is() {
    let (desk, faults) = faulty_desk().await;
    desk.open().await;
    faults.plan("PutItem", Fault::LoseRequest, 4);
    desk.claim("dana", 0, 900).await.error(503, "unavailable");
    let mine = async || desk.call("dana", "GET", "/v1/workflows/reviews?mine=true", None).await.ok();
    assert_eq!(mine().await["data"], json!([]));
    desk.clock.advance_seconds(1);
    desk.claim("dana", 0, 900).await.ok();
    assert_eq!(mine().await["data"][0]["rev"], 1);
}

#[tokio::test]
async fn throttling_past_our_retries_is_429_and_nothing_is_written() {
    let (desk, faults) = faulty_desk().await;
    desk.open().await;
    let before = desk.get().await.ok();
    faults.plan("UpdateItem", Fault::Throttle, 4);
    let answer = desk.claim("dana", 0, 900).await;
    assert_eq!(answer.headers["retry-after"], "1");
    answer.error(429, "throttled");
    assert_eq!(faults.left(), 0, "it was tried four times");
    assert_eq!(desk.get().await.ok(), before);
    faults.plan("UpdateItem", Fault::Throttle, 2);
    assert_eq!(desk.claim("dana", 0, 900).await.ok()["rev"], 1, "short throttling is not seen by clients");
}
