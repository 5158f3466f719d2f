//! The checker's own test: it finds nothing wrong with an honest history, and whatever is doctored.

use crate::checker::check;
use crate::history::Operation;
use serde_json::{Value, json};
use tests::{REVIEWS, TestApp};

/// A few honest operations, written down as the driver does, and the overlay they led to.
struct Honest {
    history: Vec<Value>,
    overlay: Value,
}

impl Honest {
    async fn new() -> Self {
        let app = TestApp::new().await;
        let mut honest = Self { history: Vec::new(), overlay: Value::Null };
        let mut body = tests::opening("run_1", "block", 0);
        body["snapshot"] = json!({ "op": "run_1/a" });
        app.call("agent", "POST", REVIEWS, Some(body)).await;
        honest.note("open", "agent_1", None, json!({ "content": "run_1/a", "rev": 0 }));
        let calls: [(&str, &str, &str, Value, Value); 6] = [
            ("claim", "dana", "claim", json!({ "ttl_seconds": 900 }), json!({ "ttl": 900 })),
            ("edit", "ben", "versions", json!({ "snapshot": { "op": "op-2" }, "note": "op-2" }), json!({})),
            ("release", "dana", "release", json!({}), json!({})),
            (
                "approve",
                "dana",
                "decision",
                json!({ "verdict": "approved", "edited_output": { "op": "op-4" }, "command_id": "op-4" }),
                json!({ "edited": true, "command": "op-4" }),
            ),
            ("reopen", "ben", "reopen", json!({ "reason": "op-5" }), json!({})),
            ("reject", "ben", "decision", json!({ "verdict": "rejected", "reason": "op-6" }), json!({})),
        ];
        for (stamp, (call, who, verb, mut body, note)) in calls.into_iter().enumerate() {
            app.clock.advance_seconds(1);
            let actor = if who == "dana" { "user_42" } else { "user_17" };
            // The correction has left Dana's claim alone, so the release finds it.
            body["version_stamp"] = json!(stamp);
            let path = format!("{REVIEWS}/run_1/block/{verb}");
            let answer = app.call(who, "POST", &path, Some(body)).await.ok();
            let overlay = if verb == "decision" { &answer["overlay"] } else { &answer };
            honest.overlay = overlay.clone();
            honest.note(call, actor, Some(stamp), merged(json!({ "rev": overlay["rev"] }), note));
        }
        honest.note("claim", "user_42", Some(3), refused("version_conflict", 6, json!({ "ttl": 30 })));
        honest.note("edit", "user_42", Some(6), refused("review_not_open", 6, json!({})));
        honest.note("get", "user_42", None, json!({ "rev": 6 }));
        honest
    }

    /// One more operation, after all others.
    fn note(&mut self, call: &str, actor: &str, stamp: Option<usize>, what: Value) {
        let number = self.history.len();
        let usual = json!({
            "op": format!("op-{number}"), "actor": actor, "call": call, "run": "run_1", "stamp": stamp, "command": null,
            "ttl": null, "edited": false, "attempts": 1, "start": 10 * number, "end": 10 * number + 5, "outcome": "done",
            "status": 200, "code": null, "rev": null,
        });
        self.history.push(merged(usual, what));
    }

    fn wrong(&self) -> String {
        let operations: Vec<Operation> =
            self.history.iter().map(|it| serde_json::from_value(it.clone()).unwrap()).collect();
        check(&operations, std::slice::from_ref(&self.overlay)).join("\n")
    }

    fn list(&mut self, name: &str) -> &mut Vec<Value> {
        self.overlay[name].as_array_mut().unwrap()
    }
}

fn merged(mut one: Value, other: Value) -> Value {
    let Value::Object(other) = other else { panic!("{other}") };
    one.as_object_mut().unwrap().extend(other);
    one
}

fn refused(code: &str, rev: u64, more: Value) -> Value {
    merged(json!({ "outcome": "refused", "status": 409, "code": code, "rev": rev }), more)
}

/// Takes the entry at `index` out of the audit, and closes the gap it leaves.
fn forget(honest: &mut Honest, index: usize) {
    honest.list("audit").remove(index);
    for entry in &mut honest.list("audit")[index..] {
        for field in ["rev_observed", "rev_result"] {
            entry[field] = json!(entry[field].as_u64().unwrap() - 1);
        }
    }
    honest.overlay["rev"] = json!(honest.overlay["rev"].as_u64().unwrap() - 1);
}

/// Adds an entry at the end, as the next change.
fn append(honest: &mut Honest, mut entry: Value) {
    let rev = honest.overlay["rev"].as_u64().unwrap();
    (entry["rev_observed"], entry["rev_result"]) = (json!(rev), json!(rev + 1));
    entry["entry_id"] = json!(format!("another-{rev}"));
    honest.list("audit").push(entry);
    honest.overlay["rev"] = json!(rev + 1);
}

#[tokio::test]
async fn an_honest_history_is_found_honest() {
    assert_eq!(Honest::new().await.wrong(), "");
}

#[tokio::test]
async fn a_lost_acknowledged_write_is_found() {
    let mut honest = Honest::new().await;
    forget(&mut honest, 1);
    assert!(honest.wrong().contains("op-1 (claim at Some(0), Done None, 1 attempts) is there 0 times"));
}

#[tokio::test]
async fn an_effect_that_happened_twice_is_found() {
    let mut honest = Honest::new().await;
    let again = honest.overlay["audit"][1].clone();
    append(&mut honest, again);
    assert!(honest.wrong().contains("nobody asked for"), "{}", honest.wrong());
    let mut honest = Honest::new().await;
    let again = honest.overlay["audit"][1].clone();
    honest.list("audit").push(again);
    let wrong = honest.wrong();
    assert!(wrong.contains("is there 2 times") && wrong.contains("are no chain"), "{wrong}");
    assert!(wrong.contains("occurs twice"), "{wrong}");
}

#[tokio::test]
async fn a_gap_in_the_chain_is_found() {
    let mut honest = Honest::new().await;
    honest.list("audit").remove(2);
    assert!(honest.wrong().contains("[0, 1, 3, 4, 5, 6] are no chain from 0 to 6"), "{}", honest.wrong());
}

#[tokio::test]
async fn a_version_without_its_entry_and_an_entry_without_its_version_are_found() {
    let mut honest = Honest::new().await;
    let mut version = honest.overlay["versions"][2].clone();
    version["seq"] = json!(3);
    honest.list("versions").push(version);
    honest.overlay["head_seq"] = json!(3);
    assert!(honest.wrong().contains("entries speak of versions [1, 2], head is 3"), "{}", honest.wrong());
    let mut honest = Honest::new().await;
    honest.list("versions").pop();
    assert!(honest.wrong().contains("the versions [0, 1] are not 0 to 2"), "{}", honest.wrong());
}

#[tokio::test]
async fn a_version_with_another_ones_content_is_found() {
    let mut honest = Honest::new().await;
    honest.overlay["versions"][1]["snapshot"]["op"] = json!("op-4");
    assert!(honest.wrong().contains("op-2 (edit at Some(1), Done None, 1 attempts) is there 0 times"));
}

#[tokio::test]
async fn a_decision_without_its_entry_is_found() {
    let mut honest = Honest::new().await;
    let decision = merged(honest.overlay["decisions"][1].clone(), json!({ "decision_id": "another" }));
    honest.list("decisions").push(decision);
    assert!(honest.wrong().contains("decisions and their entries are not the same"), "{}", honest.wrong());
}

#[tokio::test]
async fn a_status_or_an_effective_version_that_nothing_led_to_is_found() {
    let mut honest = Honest::new().await;
    honest.overlay["status"] = json!("approved");
    assert!(honest.wrong().contains("it is \"approved\", its entries say rejected"), "{}", honest.wrong());
    let mut honest = Honest::new().await;
    honest.overlay["effective_seq"] = json!(9);
    assert!(honest.wrong().contains("effective_seq is 9, its decisions say null"), "{}", honest.wrong());
}

#[tokio::test]
async fn a_refused_write_that_is_there_is_found() {
    let mut honest = Honest::new().await;
    let claim = honest.history[1].clone();
    // What was acknowledged as op-1 was, by this history, refused.
    honest.history[1] = merged(claim, refused("version_conflict", 1, json!({})));
    let wrong = honest.wrong();
    assert!(wrong.contains("Refused") && wrong.contains("is there 1 times"), "{wrong}");
}

#[tokio::test]
async fn what_nobody_knows_of_may_be_there_or_not_but_not_half() {
    let unknown = json!({ "outcome": "unknown", "status": 503, "code": "unavailable", "rev": null });
    let mut honest = Honest::new().await;
    honest.history[2] = merged(honest.history[2].clone(), unknown.clone());
    assert_eq!(honest.wrong(), "", "it is there");
    let mut absent = Honest::new().await;
    absent.note("edit", "user_17", Some(6), unknown.clone());
    assert_eq!(absent.wrong(), "", "it is not there");
    // Its entry without its version.
    honest.list("versions").remove(1);
    assert!(honest.wrong().contains("the versions [0, 2] are not 0 to 2"), "{}", honest.wrong());
}

#[tokio::test]
async fn a_rejected_write_that_nobody_tried_or_that_was_not_stale_is_found() {
    let entry = |stamp: u64, met: u64, attempted: &str| {
        json!([{
            "event": "stale_write_rejected", "entry_id": "x", "actor": { "id": "user_42" }, "rev_observed": stamp,
            "rev_result": null, "detail": { "attempted": attempted, "rev": met },
        }])
    };
    for (stale, said) in [
        (entry(3, 6, "claim"), ""),
        (entry(3, 6, "edit"), "nobody tried"),
        (entry(2, 6, "claim"), "nobody tried"),
        (entry(3, 3, "claim"), "is no stale write"),
        (entry(3, 7, "claim"), "is no stale write"),
    ] {
        let mut honest = Honest::new().await;
        honest.overlay["stale"] = stale;
        assert!(
            honest.wrong().contains(said) && honest.wrong().is_empty() == said.is_empty(),
            "{}",
            honest.wrong()
        );
    }
}

#[tokio::test]
async fn what_nobody_asked_for_is_found() {
    let mut honest = Honest::new().await;
    honest.history.remove(3);
    assert!(honest.wrong().contains("nobody asked for"), "{}", honest.wrong());
}

#[tokio::test]
async fn an_answer_that_was_past_already_or_never_true_is_found() {
    let mut honest = Honest::new().await;
    honest.note("get", "user_17", None, json!({ "rev": 5 }));
    assert!(
        honest.wrong().contains("was answered rev 5 of run_1 when it was 6 already"),
        "{}",
        honest.wrong()
    );
    let mut honest = Honest::new().await;
    honest.note("list", "user_17", None, json!({ "rows": { "run_1": 7 } }));
    assert!(honest.wrong().contains("was answered rev 7 of run_1, which it has not"), "{}", honest.wrong());
}

#[tokio::test]
async fn a_claim_next_without_a_key_may_have_claimed_with_each_try_and_no_more() {
    let mut honest = Honest::new().await;
    let claim = honest.history[1].clone();
    let next =
        json!({ "call": "claim-next", "stamp": null, "outcome": "unknown", "rev": null, "attempts": 2 });
    honest.history[1] = merged(claim, next);
    assert_eq!(honest.wrong(), "");
    for times in [2, 3] {
        let again = honest.overlay["audit"][1].clone();
        append(&mut honest, again);
        assert_eq!(honest.wrong().contains("is there 3 times"), times == 3, "{}", honest.wrong());
    }
}
