//! Many at once. Correctness rests on the compare-and-swap alone.

use crate::reviews::terms::needs;
use futures_util::future::join_all;
use lambda_http::Body;
use lambda_http::http::{Request, StatusCode};
use local::api_keys::{self, NewKey};
use serde_json::{Value, json};
use shared::review::OrganizationId;
use shared::store::Scope;
use tests::{TestApp, whole_audit, written};

const CLIENTS: usize = 64;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_64_claims_from_one_stamp_one_wins_and_the_others_learn_who() {
    let app = TestApp::new().await;
    app.open().await;
    let people = ["dana", "ben", "agent"];
    // Different ttls make different requests: no loser may pass for a replay of the winner.
    let claims =
        (0..CLIENTS).map(|index| app.claim(people[index % 3], 0, 900 + u32::try_from(index).unwrap()));
    let answers = join_all(claims).await;
    let (won, lost): (Vec<_>, Vec<_>) =
        answers.into_iter().partition(|answer| answer.status == StatusCode::OK);
    assert_eq!((won.len(), lost.len()), (1, CLIENTS - 1));
    let winner = &won[0].body;
    for answer in lost {
        let detail = answer.error(409, "version_conflict");
        assert_eq!(detail["details"]["claim"], winner["claim"]);
        assert_eq!(detail["details"]["rev"], 1);
        assert_eq!(detail["details"]["changes"], json!([winner["audit"][1]]));
        let name = winner["claim"]["holder"]["display_name"].as_str().unwrap();
        let message = detail["message"].as_str().unwrap();
        // A loser may be the winner, from an older state of the page.
        assert!(
            message.contains(&format!(" {name} is reviewing it until"))
                || message.contains(" You are reviewing it until")
        );
    }
    let stored = app.get().await.ok();
    assert_eq!(written(&stored), written(winner));
    assert_eq!(written(winner)["audit"].as_array().unwrap().len(), 2);
    // 63 losers are three actors: each is recorded once for the stamp.
    let rejected: Vec<&Value> = stored["audit"].as_array().unwrap().iter().skip(2).collect();
    assert_eq!(rejected.len(), 3);
    for (entry, who) in rejected.iter().zip(["agent_1", "user_17", "user_42"]) {
        assert_eq!((&entry["event"], &entry["actor"]["id"]), (&json!("stale_write_rejected"), &json!(who)));
        assert_eq!((&entry["rev_observed"], &entry["rev_result"]), (&json!(0), &Value::Null));
        assert_eq!(entry["detail"], json!({ "attempted": "claim", "rev": 1 }));
    }
}

/// Each retries until it is told why it cannot: two count, the review is approved once, and the run would be resumed once.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_64_people_who_approve_at_once_two_count_where_two_are_needed() {
    let app = TestApp::new().await;
    app.open_with("run_1", needs(2, true)).await;
    let mut keys = Vec::new();
    for index in 0..CLIENTS {
        keys.push(
            app.key_for("org_a", "human", &format!("person_{index}"), &[Scope::Read, Scope::Review]).await,
        );
    }
    let path = "/v1/workflows/reviews/run_1/block_extract/decision";
    let approve = async |key: &str| {
        let mut stamp = json!(0);
        for _ in 0..4 {
            let body = json!({ "verdict": "approved", "version_stamp": stamp }).to_string();
            let request = Request::post(path).header("api-key", key);
            let request = request.header("content-type", "application/json").body(Body::Text(body)).unwrap();
            let answer = app.send(request).await;
            if answer.status == StatusCode::OK {
                return "counted".to_owned();
            }
            let detail = &answer.body["detail"];
            if detail["code"] != "version_conflict" {
                return detail["code"].as_str().unwrap().to_owned();
            }
            stamp = detail["details"]["rev"].clone();
        }
        "kept losing".to_owned()
    };
    let answers = join_all(keys.iter().map(|key| approve(key))).await;
    let count = |said: &str| answers.iter().filter(|answer| *answer == said).count();
    assert_eq!((count("counted"), count("review_not_open")), (2, CLIENTS - 2), "{answers:?}");
    let overlay = app.call("dana", "GET", "/v1/workflows/reviews/run_1/block_extract", None).await.ok();
    let decisions = overlay["decisions"].as_array().unwrap();
    assert_eq!((&overlay["status"], &overlay["rev"], decisions.len()), (&json!("approved"), &json!(2), 2));
    assert_eq!((&decisions[0]["effective_seq"], &decisions[1]["effective_seq"]), (&Value::Null, &json!(0)));
    let given = overlay["approvals"]["given"].as_array().unwrap();
    assert_eq!(given.len(), 2);
    assert_ne!(given[0]["actor"]["id"], given[1]["actor"]["id"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_64_identical_claims_one_is_written_and_all_are_answered() {
    let app = TestApp::new().await;
    app.open().await;
    let answers = join_all((0..CLIENTS).map(|_| app.claim("dana", 0, 900))).await;
    let stored = app.get().await.ok();
    for answer in answers {
        assert_eq!(answer.ok(), stored, "each is the same request, so each answer is the same");
    }
    assert_eq!((&stored["rev"], stored["audit"].as_array().unwrap().len()), (&json!(1), 2));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_64_claims_on_as_many_reviews_all_win() {
    let app = TestApp::new().await;
    for index in 0..CLIENTS {
        app.open_at("agent", &format!("run_{index}"), "block", 0).await;
    }
    let claims = (0..CLIENTS).map(|index| {
        let path = format!("/v1/workflows/reviews/run_{index}/block/claim");
        let app = &app;
        async move { app.call("dana", "POST", &path, Some(json!({ "version_stamp": 0 }))).await }
    });
    let revs: Vec<Value> =
        join_all(claims).await.into_iter().map(|answer| answer.ok()["rev"].clone()).collect();
    assert_eq!(revs, vec![json!(1); CLIENTS]);
    let mine = app.call("dana", "GET", "/v1/workflows/reviews?mine=true&limit=200", None).await.ok();
    assert_eq!(mine["data"].as_array().unwrap().len(), CLIENTS);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn claims_that_fill_the_journal_at_once_still_form_one_chain() {
    let app = TestApp::new().await;
    app.open().await;
    let worker = |who: &'static str, ttl: u32| {
        let app = &app;
        async move {
            let mut stamp = 0;
            let mut done = 0;
            while done < 20 {
                let answer = app.claim(who, stamp, ttl).await;
                let body = &answer.body;
                if answer.status == StatusCode::OK {
                    done += 1;
                    stamp = body["rev"].as_u64().unwrap();
                } else {
                    assert_eq!(answer.status, StatusCode::CONFLICT, "{body}");
                    stamp = body["detail"]["details"]["rev"].as_u64().unwrap();
                }
            }
        }
    };
    join_all(vec![worker("dana", 100), worker("ben", 200), worker("agent", 300)]).await;
    let overlay = written(&app.get().await.ok());
    assert_eq!(overlay["rev"], 60);
    let results: Vec<u64> = overlay["audit"]
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| entry["rev_result"].as_u64().unwrap())
        .collect();
    assert_eq!(results, (0..=60).collect::<Vec<_>>());
}

/// 16 actors, 4 reviews, random mutations (640, or 2,000 where thorough): whatever the races, each review's history is one chain, everything
/// that was answered as done is in it exactly once, and every refusal was true at some moment of its call.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn histories_written_by_many_are_one_chain_each() {
    let app = TestApp::new().await;
    let actors = Actors::new(&app, 16).await;
    for review in 0..4 {
        app.open_at("agent", &format!("run_{review}"), "block", 0).await;
    }
    let per_actor = std::env::var("HOLDPOINT_MUTATIONS")
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(tests::amount(40, 125));
    let calls = join_all((0..16).map(|actor| mutate(&app, &actors, actor, per_actor))).await.concat();

    let (done, refused): (Vec<&Made>, Vec<&Made>) = calls.iter().partition(|call| call.status == 200);
    let conflicts = refused.iter().filter(|call| call.code == "version_conflict").count();
    println!(
        "{} calls: {} done, {conflicts} conflicts, {} other refusals",
        calls.len(),
        done.len(),
        refused.len() - conflicts
    );
    assert!(done.len() > per_actor && conflicts > per_actor, "it was a race");
    for review in 0..4 {
        let overlay =
            app.call("dana", "GET", &format!("/v1/workflows/reviews/run_{review}/block"), None).await.ok();
        let overlay = whole_audit(&app, &format!("/v1/workflows/reviews/run_{review}/block"), overlay).await;
        check_history(&overlay, review, &done, &refused);
    }
}

struct Actors(Vec<String>);

impl Actors {
    async fn new(app: &TestApp, count: usize) -> Self {
        let mut keys = Vec::new();
        for index in 0..count {
            let new = NewKey {
                organization: OrganizationId::parse("org_a").unwrap(),
                actor: api_keys::actor("human", &format!("actor_{index}"), "Actor").unwrap(),
                scopes: vec![Scope::Read, Scope::Review],
                groups: Vec::new(),
                expires_at: None,
            };
            let (key, _) = api_keys::create(&app.inner.store, new, app.clock.now()).await.unwrap();
            keys.push(key.reveal().to_owned());
        }
        Self(keys)
    }
}

/// One call that was made, and what came of it.
#[derive(Clone)]
struct Made {
    review: usize,
    command: String,
    stamp: u64,
    status: u16,
    code: String,
    /// The highest `rev` of this review that anybody had been answered before the call began.
    rev_before: u64,
    /// The `rev` of the answer.
    rev: u64,
}

async fn mutate(app: &TestApp, actors: &Actors, actor: usize, count: usize) -> Vec<Made> {
    let mut random = 0x9E37_79B9_7F4A_7C15_u64.wrapping_mul(actor as u64 + 1);
    let mut seen = [0_u64; 4];
    let mut made = Vec::with_capacity(count);
    for index in 0..count {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        let (review, kind) = ((random >> 8) as usize % 4, (random >> 16) % 8);
        let command = format!("a{actor}-{index}");
        let stamp = seen[review];
        let (verb, mut body) = match kind {
            0..=2 => ("claim", json!({ "ttl_seconds": 30 + random % 900 })),
            3 => ("release", json!({})),
            4 | 5 => ("versions", json!({ "snapshot": { "by": command } })),
            6 => ("decision", json!({ "verdict": "escalated", "reason": command, "escalate_to": "x" })),
            _ => ("decision", json!({ "verdict": "approved", "edited_output": { "by": command } })),
        };
        body["version_stamp"] = json!(stamp);
        let path = format!("/v1/workflows/reviews/run_{review}/block/{verb}");
        let mut request = app.request("dana", "POST", &path, Body::Text(body.to_string()));
        request.headers_mut().insert("api-key", actors.0[actor].parse().unwrap());
        if random.is_multiple_of(3) || verb == "release" {
            request.headers_mut().insert("idempotency-key", command.parse().unwrap());
        }
        let answer = app.send(request).await;
        let body = &answer.body;
        let overlay = if verb == "decision" { &body["overlay"] } else { body };
        let details = &body["detail"]["details"];
        let rev = overlay["rev"].as_u64().or(details["rev"].as_u64()).unwrap_or_else(|| panic!("{body}"));
        made.push(Made {
            review,
            command,
            stamp,
            status: answer.status.as_u16(),
            code: body["detail"]["code"].as_str().unwrap_or("ok").to_owned(),
            rev_before: seen[review],
            rev,
        });
        seen[review] = rev;
        // A decided review is opened again by whoever meets it, so that the race goes on.
        if body["detail"]["code"] == "review_not_open" || overlay["status"] == "approved" {
            let path = format!("/v1/workflows/reviews/run_{review}/block/reopen");
            let text = json!({ "version_stamp": rev }).to_string();
            let mut request = app.request("dana", "POST", &path, Body::Text(text));
            request.headers_mut().insert("api-key", actors.0[actor].parse().unwrap());
            let answer = app.send(request).await;
            let details = &answer.body["detail"]["details"]["rev"];
            seen[review] = answer.body["rev"].as_u64().or(details.as_u64()).unwrap();
        }
    }
    made
}

fn check_history(overlay: &Value, review: usize, done: &[&Made], refused: &[&Made]) {
    let audit = overlay["audit"].as_array().unwrap();
    let results: Vec<u64> = audit.iter().map(|entry| entry["rev_result"].as_u64().unwrap()).collect();
    assert_eq!(
        results,
        (0..=overlay["rev"].as_u64().unwrap()).collect::<Vec<_>>(),
        "one chain, no gap, no twin"
    );

    // What was done took the review from its stamp to the next rev; only a release of nothing writes nothing.
    let mut steps: Vec<u64> = Vec::new();
    for call in done.iter().filter(|call| call.review == review && call.rev != call.stamp) {
        assert_eq!(call.rev, call.stamp + 1, "{}", call.command);
        steps.push(call.rev);
    }
    steps.sort_unstable();
    assert!(steps.windows(2).all(|pair| pair[0] < pair[1]), "nothing was done twice from one stamp");
    let reopened = audit.iter().filter(|entry| entry["event"] == "reopened").count();
    assert_eq!(
        steps.len() + reopened + 1,
        audit.len(),
        "every success is in the audit exactly once, and nothing else"
    );

    for call in refused.iter().filter(|call| call.review == review) {
        match call.code.as_str() {
            // The rev it names was the review's between its request and its answer, and the stamp was not.
            "version_conflict" => {
                assert!(call.rev > call.stamp && call.rev >= call.rev_before, "{}", call.command);
            }
            "review_not_open" => assert_eq!(call.rev, call.stamp, "{}", call.command),
            other => panic!("{}: {other}", call.command),
        }
    }

    let versions = overlay["versions"].as_array().unwrap();
    let seqs: Vec<u64> = versions.iter().map(|version| version["seq"].as_u64().unwrap()).collect();
    assert_eq!(seqs, (0..versions.len() as u64).collect::<Vec<_>>(), "no version is lost or doubled");
    let appended = |entry: &&Value| {
        entry["event"] == "version_appended" || entry["detail"].get("appended_seq").is_some()
    };
    assert_eq!(versions.len(), 1 + audit.iter().filter(appended).count());
    let decided = audit.iter().filter(|entry| entry["event"] == "decision_submitted");
    let ids: Vec<&Value> = decided.map(|entry| &entry["detail"]["decision_id"]).collect();
    let decisions = overlay["decisions"].as_array().unwrap();
    assert_eq!(decisions.iter().map(|decision| &decision["decision_id"]).collect::<Vec<_>>(), ids);
}
