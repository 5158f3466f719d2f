//! A function's process that is killed in the middle of a call: at each await point of each call that writes.
//!
//! Then the review is whole, and the client's retry of the same request ends as one effect.

use crate::{checker, table};
use lambda_http::Body;
use lambda_http::http::Request;
use local::emulator;
use local::gateway::dispatch;
use serde_json::{Value, json};
use shared::store::JOURNAL_LIMIT;
use tests::faults::{Fault, Faults};
use tests::killed::Killed;
use tests::{Answer, REVIEWS, TestApp, endpoint, opening};

/// The calls that write, each where it writes most.
const CALLS: [&str; 14] = [
    "open",
    "claim",
    "claim with a key",
    "claim that moves the journal",
    "release",
    "edit",
    "approve",
    "approve with a correction",
    "reject",
    "escalate",
    "reopen",
    "assign",
    "claim-next",
    "claim-next for the second time",
];

/// A review of a test, in a workflow of its own.
struct Review<'a> {
    app: &'a TestApp,
    run: String,
}

impl Review<'_> {
    async fn call(&self, verb: &str, body: Value) -> Value {
        let path = format!("{REVIEWS}/{}/block/{verb}", self.run);
        self.app.call("dana", "POST", &path, Some(body)).await.ok()
    }

    fn opening(&self, block: &str) -> Value {
        let mut body = opening(&self.run, block, 0);
        body["workflow_id"] = json!(self.run);
        body
    }

    /// What must have happened before; the `rev` it leads to.
    async fn prepare(&self, call: &str) -> u64 {
        if call == "open" {
            return 0;
        }
        for block in ["block", "other"] {
            let body = self.opening(block);
            assert_eq!(self.app.call("agent", "POST", REVIEWS, Some(body)).await.status, 201);
        }
        match call {
            "release" => drop(self.call("claim", json!({ "version_stamp": 0 })).await),
            "reopen" => {
                drop(self.call("decision", json!({ "version_stamp": 0, "verdict": "approved" })).await);
            }
            "claim that moves the journal" => {
                for stamp in 1..JOURNAL_LIMIT {
                    self.call("claim", json!({ "version_stamp": stamp - 1, "ttl_seconds": 900 + stamp }))
                        .await;
                }
                return JOURNAL_LIMIT as u64 - 1;
            }
            "claim-next for the second time" => {
                let answer = self.app.send(self.request(call, 0)).await;
                assert_eq!(answer.ok()["block_id"], "block");
                return 1;
            }
            _ => return 0,
        }
        1
    }

    fn request(&self, call: &str, stamp: u64) -> Request<Body> {
        let (who, path, mut body) = match call {
            "open" => ("agent", String::new(), self.opening("block")),
            "claim" | "claim with a key" | "claim that moves the journal" => {
                ("dana", "claim".into(), json!({}))
            }
            "release" => ("dana", "release".into(), json!({})),
            "edit" => ("dana", "versions".into(), json!({ "snapshot": { "by": "dana" } })),
            "approve" => ("dana", "decision".into(), json!({ "verdict": "approved" })),
            "approve with a correction" => (
                "dana",
                "decision".into(),
                json!({ "verdict": "approved", "edited_output": { "by": "dana" } }),
            ),
            "reject" => ("dana", "decision".into(), json!({ "verdict": "rejected", "reason": "no" })),
            "escalate" => (
                "dana",
                "decision".into(),
                json!({ "verdict": "escalated", "reason": "?", "escalate_to": "legal" }),
            ),
            "reopen" => ("dana", "reopen".into(), json!({ "reason": "again" })),
            "assign" => ("dana", "assign".into(), json!({ "groups": ["finance"] })),
            _ => ("dana", "claim-next".into(), json!({ "workflow_id": self.run })),
        };
        let path = match path.as_str() {
            "" => REVIEWS.to_owned(),
            "claim-next" => format!("{REVIEWS}/claim-next"),
            verb => format!("{REVIEWS}/{}/block/{verb}", self.run),
        };
        if !call.starts_with("claim-next") && call != "open" {
            body["version_stamp"] = json!(stamp);
        }
        let mut request = self.app.request(who, "POST", &path, Body::Text(body.to_string()));
        if call.starts_with("claim-next") || call.ends_with("with a key") {
            request.headers_mut().insert("idempotency-key", self.run.parse().unwrap());
        }
        request
    }

    async fn overlays(&self) -> Vec<Value> {
        let mut overlays = Vec::new();
        for block in ["block", "other"] {
            let path = format!("{REVIEWS}/{}/{block}", self.run);
            let answer = self.app.call("dana", "GET", &path, None).await;
            if answer.status == 200 {
                overlays.push(answer.body);
            }
        }
        overlays
    }
}

fn revs(overlays: &[Value]) -> u64 {
    overlays.iter().map(|it| it["rev"].as_u64().unwrap()).sum()
}

/// Where a process is killed.
#[derive(Clone, Copy, Debug)]
enum Moment {
    /// After so many polls of its future.
    Polls(usize),
    /// When one of its requests to DynamoDB, counted from 0, is about to be sent.
    Before(usize),
    /// When one of them is done, and its answer has not come.
    After(usize),
}

/// Makes a call, and kills it at that moment; says whether it got so far.
async fn killed(app: &TestApp, faults: &Faults, moment: Moment, request: Request<Body>) -> bool {
    let (nth, fault) = match moment {
        Moment::Polls(polls) => return Killed::after(polls, dispatch(&app.inner, request)).await.is_none(),
        Moment::Before(nth) => (nth, Fault::Stop),
        Moment::After(nth) => (nth, Fault::StopDone),
    };
    faults.plan_nth(nth, fault);
    let killed = tokio::select! {
        _ = Box::pin(dispatch(&app.inner, request)) => false,
        () = faults.stopped() => true,
    };
    faults.clear();
    killed
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_call_killed_at_any_point_leaves_a_whole_review_and_its_retry_is_one_effect() {
    let faults = Faults::default();
    let app = TestApp::with_client(faults.client(endpoint())).await;
    // Warms the cache of keys: looking one up is not what is killed here.
    for who in ["dana", "agent"] {
        app.call(who, "GET", REVIEWS, None).await.ok();
    }
    let (mut overlays, mut runs) = (Vec::new(), 0);
    for call in CALLS {
        let mut points = Vec::new();
        for moment in [|nth| Moment::Polls(nth + 1), Moment::Before, Moment::After] {
            for nth in 0.. {
                runs += 1;
                let review = Review { app: &app, run: format!("run_{runs}") };
                let (whole, goes_on) = kill_and_retry(&review, &faults, call, moment(nth)).await;
                overlays.extend(whole);
                if !goes_on {
                    points.push(nth);
                    break;
                }
            }
        }
        println!(
            "{call}: killed after {} numbers of polls, before {} requests, after {}",
            points[0], points[1], points[2]
        );
        // How many polls it takes is the scheduler's business.
        assert!(points[1] > 0 && points[2] > 0, "{call} calls DynamoDB");
    }
    let left = table::leftovers(&emulator::client(endpoint()), app.inner.store.table(), &overlays).await;
    assert_eq!(left, [""; 0]);
}

/// Kills a call at a moment, looks, and sends it again. What there is then, and whether it was killed at all.
async fn kill_and_retry(
    review: &Review<'_>,
    faults: &Faults,
    call: &str,
    moment: Moment,
) -> (Vec<Value>, bool) {
    review.app.clock.advance_seconds(1);
    let stamp = review.prepare(call).await;
    let killed = killed(review.app, faults, moment, review.request(call, stamp)).await;
    for overlay in review.overlays().await {
        assert_eq!(checker::whole(&overlay), [""; 0], "{call}, {moment:?}");
    }
    let answer = review.app.send(review.request(call, stamp)).await;
    assert!(answer.status.is_success(), "{call}, {moment:?}: {}", answer.text);
    (one_effect(review, call, stamp, answer).await, killed)
}

/// That a call, however often it was sent, is one change of one review.
async fn one_effect(review: &Review<'_>, call: &str, stamp: u64, answer: Answer) -> Vec<Value> {
    let overlays = review.overlays().await;
    for overlay in &overlays {
        assert_eq!(checker::whole(overlay), [""; 0], "{call}");
    }
    let effects = u64::from(call != "open" && call != "claim-next for the second time");
    assert_eq!(revs(&overlays), stamp + effects, "{call} at {}", review.run);
    let told = if answer.body["overlay"].is_object() { &answer.body["overlay"] } else { &answer.body };
    assert!(overlays.contains(told), "{call}: the retry shows what is there");
    if call.starts_with("claim") {
        // A claim without its lease would stand for ever.
        let mine = format!("{REVIEWS}?mine=true&workflow_id={}", review.run);
        let mine = review.app.call("dana", "GET", &mine, None).await.ok();
        assert_eq!(mine["data"].as_array().unwrap().len(), 1, "{call}");
    }
    overlays
}
