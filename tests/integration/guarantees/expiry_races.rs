//! Random interleavings (200, or 600 where thorough) of claims, renewals, releases, decisions, sweeps and TTL deletions.
//!
//! What is checked is the audit itself, read with the contract's rules and nothing of the product's code: whose claim stood
//! when, and whether each end of a claim that is recorded was one.

use futures_util::future::join_all;
use serde_json::{Value, json};
use sweep::{Bounds, sweep};
use tests::leases;
use tests::outbox::Ways;
use tests::{Answer, TestApp};

/// Small, seeded, the same everywhere (`SplitMix64`).
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % sides
    }
}

/// Reads the audit by the contract alone. Returns how many claims ended by expiry.
fn check(overlay: &Value) -> usize {
    let millis = |value: &Value| chrono_millis(value.as_str().unwrap());
    let mut claim: Option<(Value, i64)> = None;
    let (mut rev, mut expired) = (0, 0);
    for entry in overlay["audit"].as_array().unwrap() {
        let (event, at) = (entry["event"].as_str().unwrap(), millis(&entry["at"]));
        assert_eq!(entry["rev_observed"], json!(rev), "{entry}");
        match event {
            "overlay_created" => continue,
            "claim_expired" => {
                let (holder, ended) =
                    claim.take().unwrap_or_else(|| panic!("there was no claim to end: {overlay}"));
                assert!(at >= ended, "a live claim was ended: {overlay}");
                assert_eq!(entry["detail"]["holder"]["id"], holder, "{entry}");
                assert_eq!(entry["rev_result"], Value::Null);
                expired += 1;
                continue;
            }
            "claimed" => {
                claim = Some((entry["actor"]["id"].clone(), millis(&entry["detail"]["expires_at"])));
            }
            "released" => {
                let (_, end) =
                    claim.take().unwrap_or_else(|| panic!("there was nothing to release: {overlay}"));
                assert!(at < end, "{entry}");
            }
            "decision_submitted" => claim = None,
            _ => {}
        }
        rev += 1;
        assert_eq!(entry["rev_result"], json!(rev), "{entry}");
    }
    assert_eq!(overlay["rev"], json!(rev));
    expired
}

fn chrono_millis(text: &str) -> i64 {
    // 2026-05-13T08:55:00.000Z: all within one month.
    let number = |from: usize, to: usize| text[from..to].parse::<i64>().unwrap();
    (((number(8, 10) * 24 + number(11, 13)) * 60 + number(14, 16)) * 60 + number(17, 19)) * 1000
        + number(20, 23)
}

/// Somebody does something on the stamp that was seen, or a stale one.
async fn act(app: &TestApp, what: u64, who: &str, run: &str, stamp: u64) -> Option<Answer> {
    let path = |verb: &str| format!("/v1/workflows/reviews/{run}/block/{verb}");
    let post = async |verb: &str, body: Value| Some(app.call(who, "POST", &path(verb), Some(body)).await);
    match what {
        0..=2 => post("claim", json!({ "version_stamp": stamp, "ttl_seconds": 30 })).await,
        3 => post("claim", json!({ "version_stamp": stamp, "ttl_seconds": 45 })).await,
        4 => post("release", json!({ "version_stamp": stamp })).await,
        5 => {
            let body =
                json!({ "version_stamp": stamp, "verdict": "escalated", "reason": "?", "escalate_to": "x" });
            post("decision", body).await
        }
        6 => post("versions", json!({ "version_stamp": stamp, "snapshot": { "stamp": stamp } })).await,
        _ => {
            Box::pin(sweep(&app.inner.store, app.clock.now(), Bounds::default())).await;
            None
        }
    }
}

/// `HOLDPOINT_SEED=…` for other dice.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_interleaving_ends_a_live_claim_or_ends_one_twice() {
    let seed = std::env::var("HOLDPOINT_SEED").map_or(0x00ca_fe00, |seed| seed.parse().unwrap());
    let mut dice = Dice(seed);
    let (mut interleavings, mut expired, mut recorded) = (0, 0, 0);
    let tables = tests::amount(2, 6);
    for table in 0..tables {
        let (app, emulator) = TestApp::alone().await;
        let outbox = app.outbox(Ways::default()).await;
        for review in 0..5 {
            let run = format!("run_{table}_{review}");
            app.open_at("agent", &run, "block", 0).await;
            let path = format!("/v1/workflows/reviews/{run}/block");
            for _ in 0..20 {
                let rev = app.call("dana", "GET", &path, None).await.ok()["rev"].as_u64().unwrap();
                // Around the end of a claim: short before, at, short after, long after, or at once.
                let steps = [0, 1, 29_999, 30_000, 30_001, 44_999, 45_000, 60_000];
                app.clock.advance_millis(steps[usize::try_from(dice.roll(8)).unwrap()]);
                let ttl_deletes = dice.roll(3) == 0;
                let acts = (0..3).map(|_| {
                    let (what, who) =
                        (dice.roll(9), ["dana", "ben", "agent"][usize::try_from(dice.roll(3)).unwrap()]);
                    let stamp = rev.saturating_sub(u64::from(dice.roll(8) == 0));
                    Box::pin(act(&app, what, who, &run, stamp))
                });
                let acts: Vec<_> = acts.collect();
                let deleted = async {
                    if ttl_deletes {
                        emulator.delete_expired().unwrap();
                        outbox.publish().await;
                    }
                };
                let (answers, ()) = futures_util::join!(join_all(acts), deleted);
                for answer in answers.into_iter().flatten() {
                    let status = answer.status.as_u16();
                    assert!([200, 409].contains(&status), "{status}: {}", answer.text);
                }
                interleavings += 1;
            }
            // All is quiet: what has ended is recorded, and no lease is left.
            app.clock.advance_seconds(3600);
            outbox.publish().await;
            for _ in 0..2 {
                Box::pin(sweep(&app.inner.store, app.clock.now(), Bounds::default())).await;
            }
            let overlay = tests::written(&app.call("dana", "GET", &path, None).await.ok());
            expired += check(&overlay);
            recorded += overlay["audit"].as_array().unwrap().len();
            let last = overlay["audit"].as_array().unwrap().last().unwrap();
            assert_ne!(last["event"], "claimed", "its end is not recorded: {overlay}");
            assert_eq!(leases(&app).await, []);
        }
    }
    println!("{interleavings} interleavings, {recorded} entries, {expired} claims ended by expiry");
    assert!(interleavings == tables * 100 && expired > tables * 5, "{expired}");
}
