//! What the terms of a review demand, over the API: who may work on it, and how many must approve.

use aws_sdk_dynamodb::types::AttributeValue;
use lambda_http::Body;
use lambda_http::http::{Request, header};
use serde_json::{Value, json};
use shared::review::{ActorId, Approvals, Assignment, Evidence, GroupId, JsonText, OutputCheck, Terms};
use shared::store::Scope;
use std::collections::HashMap;
use tests::{Answer, REVIEWS, TestApp};

pub(crate) fn needs(required: u8, four_eyes: bool) -> Terms {
    let approvals = Approvals { required, four_eyes, given: vec![], made_by: vec![] };
    Terms { approvals: Some(approvals), ..Terms::default() }
}

pub(crate) fn assigned(groups: &[&str], actors: &[&str], enforce: bool) -> Terms {
    let groups = groups.iter().map(|it| GroupId::parse(it).unwrap()).collect();
    let actors = actors.iter().map(|it| ActorId::parse(it).unwrap()).collect();
    Terms { assignment: Some(Assignment { groups, actors, enforce }), ..Terms::default() }
}

/// People with keys of their own: `who` is their id, with the groups of [`GROUPS`].
struct Office {
    app: TestApp,
    keys: HashMap<&'static str, String>,
}

const GROUPS: [(&str, &[&str]); 5] = [
    ("fay", &["finance"]),
    ("finn", &["sales", "finance"]),
    ("lea", &["legal"]),
    ("mallory", &[]),
    ("eve", &[]),
];

impl Office {
    async fn new() -> Self {
        let app = TestApp::new().await;
        let mut keys = HashMap::new();
        for (who, groups) in GROUPS {
            let scopes = [Scope::Read, Scope::Review];
            keys.insert(who, app.key_in("org_a", "human", who, &scopes, groups).await);
        }
        keys.insert(
            "root",
            app.key_in("org_a", "human", "root", &[Scope::Read, Scope::Review, Scope::Admin], &[]).await,
        );
        Self { app, keys }
    }

    async fn call(&self, who: &str, method: &str, path: &str, body: &Value) -> Answer {
        self.with_key(&self.keys[who], method, path, body, None).await
    }

    async fn with_key(
        &self,
        key: &str,
        method: &str,
        path: &str,
        body: &Value,
        command: Option<&str>,
    ) -> Answer {
        let request = Request::builder().method(method).uri(path).header("api-key", key);
        let request = request.header(header::CONTENT_TYPE, "application/json");
        let request = command.into_iter().fold(request, |it, id| it.header("idempotency-key", id));
        let body = if body.is_null() { Body::Empty } else { Body::Text(body.to_string()) };
        self.app.send(request.body(body).unwrap()).await
    }

    async fn post(&self, who: &str, run: &str, verb: &str, body: Value) -> Answer {
        self.call(who, "POST", &path(run, verb), &body).await
    }

    async fn approve(&self, who: &str, run: &str, stamp: u64) -> Answer {
        self.post(who, run, "decision", json!({ "verdict": "approved", "version_stamp": stamp })).await
    }

    async fn next(&self, who: &str, command: Option<&str>) -> Option<String> {
        let next = format!("{REVIEWS}/claim-next");
        let answer = self.with_key(&self.keys[who], "POST", &next, &json!({}), command).await;
        if answer.status == 204 {
            return None;
        }
        Some(answer.ok()["workflow_run_id"].as_str().unwrap().to_owned())
    }
}

fn path(run: &str, verb: &str) -> String {
    format!("{REVIEWS}/{run}/block_extract/{verb}")
}

#[tokio::test]
async fn an_enforced_assignment_refuses_others_at_every_call() {
    let office = Office::new().await;
    office.app.open_with("run_1", assigned(&["finance"], &["eve"], true)).await;
    let output = json!({ "x": 1 });
    for (verb, body) in [
        ("claim", json!({})),
        ("versions", json!({ "snapshot": output })),
        ("decision", json!({ "verdict": "approved" })),
        ("decision", json!({ "verdict": "approved", "edited_output": output })),
        ("decision", json!({ "verdict": "rejected", "reason": "no" })),
        ("decision", json!({ "verdict": "escalated", "reason": "?", "escalate_to": "mallory" })),
        ("assign", json!({ "actors": ["mallory"] })),
    ] {
        for who in ["mallory", "lea"] {
            for command in [None, Some("c")] {
                let mut body = body.clone();
                body["version_stamp"] = json!(0);
                let key = &office.keys[who];
                let answer = office.with_key(key, "POST", &path("run_1", verb), &body, command).await;
                let detail = answer.error(403, "not_assigned");
                let expected = json!({ "groups": ["finance"], "actors": ["eve"], "enforce": true });
                assert_eq!(detail["details"]["assigned_to"], expected, "{verb}");
            }
        }
    }
    // Nothing was written, and nobody has a lease.
    let overlay =
        office.call("eve", "GET", &format!("{REVIEWS}/run_1/block_extract"), &Value::Null).await.ok();
    assert_eq!((&overlay["rev"], overlay["audit"].as_array().unwrap().len()), (&json!(0), 1));
    // Members, those named, and an administrator; anybody may drop the claim.
    for (rev, who) in ["fay", "finn", "eve", "root"].into_iter().enumerate() {
        let claimed = office.post(who, "run_1", "claim", json!({ "version_stamp": rev })).await.ok();
        assert_eq!(claimed["claim"]["holder"]["id"], who);
    }
    office.post("mallory", "run_1", "release", json!({ "version_stamp": 4 })).await.ok();
    // A stale stamp is a conflict, as ever.
    office
        .post("mallory", "run_1", "claim", json!({ "version_stamp": 1 }))
        .await
        .error(409, "version_conflict");
    office.post("fay", "run_1", "decision", json!({ "version_stamp": 5, "verdict": "approved" })).await.ok();
    let reopen = json!({ "version_stamp": 6, "force": true });
    office.post("mallory", "run_1", "reopen", reopen).await.error(403, "not_assigned");
}

#[tokio::test]
async fn who_is_assigned_may_claim_when_the_journal_is_full_and_others_not() {
    let office = Office::new().await;
    office.app.open_with("run_1", assigned(&["finance"], &[], true)).await;
    for rev in 0..20 {
        office
            .post("mallory", "run_1", "claim", json!({ "version_stamp": rev }))
            .await
            .error(403, "not_assigned");
        office
            .post("fay", "run_1", "claim", json!({ "version_stamp": rev, "ttl_seconds": 60 + rev }))
            .await
            .ok();
    }
}

#[tokio::test]
async fn a_review_is_assigned_to_others_and_to_nobody() {
    let office = Office::new().await;
    office.app.open_with("run_1", Terms::default()).await;
    let assign = json!({ "version_stamp": 0, "groups": ["legal"], "actors": ["eve"], "reason": "law" });
    let overlay = office.post("fay", "run_1", "assign", assign.clone()).await.ok();
    let to = json!({ "groups": ["legal"], "actors": ["eve"], "enforce": false });
    assert_eq!((&overlay["assigned_to"], &overlay["rev"]), (&to, &json!(1)));
    let entry = &overlay["audit"][1];
    assert_eq!((&entry["event"], &entry["action"]), (&json!("assigned"), &json!("assigned")));
    assert_eq!(entry["detail"], json!({ "groups": ["legal"], "actors": ["eve"], "reason": "law" }));
    // Again, as a retry; from others on the same stamp.
    assert_eq!(office.post("fay", "run_1", "assign", assign.clone()).await.ok(), overlay);
    office.post("finn", "run_1", "assign", assign).await.error(409, "version_conflict");
    let nobody = office.post("fay", "run_1", "assign", json!({ "version_stamp": 1 })).await.ok();
    assert_eq!(nobody.get("assigned_to"), None);
    for wrong in [
        json!({ "version_stamp": 2, "groups": ["a", "a"] }),
        json!({ "version_stamp": 2, "groups": ["not one"] }),
        json!({ "version_stamp": 2, "actors": vec!["x"; 11] }),
        json!({ "version_stamp": 2, "actors": "x" }),
        json!({ "version_stamp": 2, "actors": [7] }),
    ] {
        office.post("fay", "run_1", "assign", wrong).await.error(422, "validation_error");
    }
    // Enforced and to nobody: it waits for an administrator.
    office.app.open_with("run_2", assigned(&[], &["fay"], true)).await;
    let body = json!({ "version_stamp": 0, "groups": [], "actors": [] });
    let overlay = office.post("fay", "run_2", "assign", body).await.ok();
    assert_eq!(overlay["assigned_to"], json!({ "groups": [], "actors": [], "enforce": true }));
    for who in ["fay", "mallory"] {
        office.post(who, "run_2", "claim", json!({ "version_stamp": 1 })).await.error(403, "not_assigned");
    }
    office.post("root", "run_2", "claim", json!({ "version_stamp": 1 })).await.ok();
}

#[tokio::test]
async fn an_escalation_assigns_to_whom_the_organization_knows() {
    let office = Office::new().await;
    let escalate = |rev: u64, to: &str| json!({ "verdict": "escalated", "version_stamp": rev, "reason": "?", "escalate_to": to });
    let people = json!({ "groups": [], "actors": ["user_42"], "enforce": true });
    let legal = json!({ "groups": ["legal"], "actors": [], "enforce": true });
    office.app.open_with("run_1", assigned(&[], &["root"], true)).await;
    for (rev, to, expected) in [(0, " LEGAL", &legal), (1, "dana rivera", &people), (2, "User_42", &people)] {
        let answer = office.post("root", "run_1", "decision", escalate(rev, to)).await.ok();
        assert_eq!(answer["overlay"]["assigned_to"], *expected, "{to}");
        assert_eq!(answer["overlay"]["escalated_to"], to);
        assert_eq!(answer["overlay"]["audit"].as_array().unwrap().len() as u64, rev + 2, "one entry each");
    }
    let answer = office.post("root", "run_1", "decision", escalate(3, "the boss")).await;
    let detail = answer.error(422, "validation_error");
    assert_eq!(detail["details"]["errors"][0]["loc"], json!(["body", "escalate_to"]));
    // Of another organization, or revoked: not known.
    let key = office.app.key_in("org_a", "human", "gone", &[Scope::Review], &["gone-group"]).await;
    let id = shared::store::ApiKey::parse(&key).unwrap().digest().key_id();
    let organization = shared::review::OrganizationId::parse("org_a").unwrap();
    let by = local::api_keys::actor("human", "admin", "Admin").unwrap();
    office.app.inner.store.revoke_key(&organization, &id, &by, office.app.clock.now()).await.unwrap();
    for to in ["gone", "gone-group", "Other Agent"] {
        office.post("root", "run_1", "decision", escalate(3, to)).await.error(422, "validation_error");
    }
    // Where nothing is enforced, any text is an addressee.
    office.app.open_with("run_2", Terms::default()).await;
    let answer = office.post("fay", "run_2", "decision", escalate(0, "the boss")).await.ok();
    assert_eq!(answer["overlay"].get("assigned_to"), None);
}

#[tokio::test]
async fn claim_next_follows_assignments() {
    let office = Office::new().await;
    for (run, terms) in [
        ("run_others_only", assigned(&["legal"], &[], true)),
        ("run_others", assigned(&["legal"], &[], false)),
        ("run_finance", assigned(&["finance"], &[], true)),
        ("run_nobody", Terms::default()),
    ] {
        office.app.open_with(run, terms).await;
        office.app.clock.advance_seconds(1);
    }
    for command in [None, Some(["c1", "c2", "c3", "c4"])] {
        for nth in 0..4 {
            // In the order of the queue; what is assigned to others comes last, or not at all.
            let expected = [Some("run_finance"), Some("run_nobody"), Some("run_others"), None][nth];
            let next = office.next("fay", command.map(|ids| ids[nth])).await;
            assert_eq!(next.as_deref(), expected, "{nth} {command:?}");
        }
        office.app.clock.advance_seconds(1000);
    }
    let for_legal = [office.next("lea", None).await, office.next("lea", None).await];
    assert_eq!(for_legal.map(Option::unwrap), ["run_others_only", "run_others"]);
}

#[tokio::test]
async fn claim_next_gives_no_review_back_that_the_caller_could_not_approve() {
    let office = Office::new().await;
    office.app.open_with("run_1", needs(2, true)).await;
    office.approve("eve", "run_1", 0).await.ok();
    assert_eq!(office.next("eve", None).await, None);
    assert_eq!(office.next("eve", Some("c")).await, None);
    let edit = json!({ "version_stamp": 1, "snapshot": { "x": 1 } });
    office.post("fay", "run_1", "versions", edit).await.ok();
    assert_eq!(office.next("fay", None).await, None);
    assert_eq!(office.next("eve", None).await.as_deref(), Some("run_1"));
}

#[tokio::test]
async fn the_queue_lists_what_is_assigned_to_the_caller() {
    let office = Office::new().await;
    for (run, terms) in [
        ("run_1", assigned(&["finance"], &[], false)),
        ("run_2", assigned(&["legal"], &["finn"], true)),
        ("run_3", Terms::default()),
        ("run_4", assigned(&["sales"], &[], false)),
    ] {
        office.app.open_with(run, terms).await;
        office.app.clock.advance_seconds(1);
    }
    let list = async |who: &str, query: &str| {
        let page = office.call(who, "GET", &format!("{REVIEWS}?{query}"), &Value::Null).await.ok();
        let rows = page["data"].as_array().unwrap().iter();
        let runs: Vec<String> = rows.map(|row| row["workflow_run_id"].as_str().unwrap().to_owned()).collect();
        (runs, page["next_cursor"].as_str().map(str::to_owned))
    };
    assert_eq!(list("finn", "assigned=me").await.0, ["run_1", "run_2", "run_4"]);
    assert_eq!(list("fay", "assigned=me").await.0, ["run_1"]);
    assert_eq!(list("mallory", "assigned=me").await, (vec![], None));
    let (first, cursor) = list("finn", "assigned=me&limit=2").await;
    assert_eq!(first, ["run_1", "run_2"]);
    let rest = format!("assigned=me&limit=2&cursor={}", cursor.clone().unwrap());
    assert_eq!(list("finn", &rest).await, (vec!["run_4".to_owned()], None));
    // A cursor is of its list and of nobody else's.
    for (who, query) in [("fay", rest.as_str()), ("finn", &format!("cursor={}", cursor.unwrap()))] {
        let answer = office.call(who, "GET", &format!("{REVIEWS}?{query}"), &Value::Null).await;
        answer.error(422, "validation_error");
    }
    let wrong = office.call("fay", "GET", &format!("{REVIEWS}?assigned=you"), &Value::Null).await;
    wrong.error(422, "validation_error");
}

#[tokio::test]
async fn approvals_add_up_and_the_last_one_decides() {
    let office = Office::new().await;
    office.app.open_with("run_1", needs(2, false)).await;
    office.post("eve", "run_1", "claim", json!({ "version_stamp": 0 })).await.ok();
    let one = office.approve("eve", "run_1", 1).await.ok();
    let overlay = &one["overlay"];
    assert_eq!(one["submission_status"], "accepted");
    for (field, value) in [
        ("status", json!("awaiting_review")),
        ("effective_seq", Value::Null),
        ("decided_at", Value::Null),
        ("claim", Value::Null),
        ("rev", json!(2)),
    ] {
        assert_eq!(overlay[field], value, "{field}");
    }
    assert_eq!(overlay["approvals"]["required"], 2);
    assert_eq!(overlay["approvals"]["given"][0]["actor"]["id"], "eve");
    assert_eq!(overlay["decisions"][0]["effective_seq"], Value::Null);
    // Again: the same answer; on the new stamp: no second approval.
    let again = office.approve("eve", "run_1", 1).await.ok();
    assert_eq!((&again["submission_status"], &again["overlay"]), (&json!("already_applied"), overlay));
    let detail = office.approve("eve", "run_1", 2).await.error(409, "already_approved");
    assert_eq!(detail["details"]["approvals"], overlay["approvals"]);
    let two = office.approve("fay", "run_1", 2).await.ok();
    let overlay = &two["overlay"];
    assert_eq!((&overlay["status"], &overlay["effective_seq"]), (&json!("approved"), &json!(0)));
    assert_eq!(overlay["decisions"].as_array().unwrap().len(), 2);
    // Those who have it decided find it.
    let page = office.call("fay", "GET", &format!("{REVIEWS}?status=approved&mine=true"), &Value::Null).await;
    assert_eq!(page.ok()["data"].as_array().unwrap().len(), 1);
    // What the run reads is the last one, and it supersedes none; after a reopening it does.
    let reopen = json!({ "version_stamp": 3 });
    office.post("fay", "run_1", "reopen", reopen).await.ok();
    office.approve("fay", "run_1", 4).await.ok();
    let last = office.approve("eve", "run_1", 5).await.ok();
    let decisions = last["overlay"]["decisions"].as_array().unwrap().clone();
    assert_eq!(decisions[1]["supersedes_decision_id"], Value::Null);
    assert_eq!(decisions[3]["supersedes_decision_id"], decisions[1]["decision_id"]);
}

/// What a cheat would try: each way to approve what one has made, with each key of theirs.
#[tokio::test]
async fn nobody_approves_their_own_version_by_a_side_door() {
    let office = Office::new().await;
    let app = &office.app;
    let scopes = [Scope::Read, Scope::Review, Scope::Runtime];
    // Another key of the same person, one of a program with the same id, and one that may do everything.
    let keys = [
        office.keys["eve"].clone(),
        app.key_in("org_a", "human", "eve", &scopes, &[]).await,
        app.key_in("org_a", "agent", "eve", &scopes, &[]).await,
        app.key_in("org_a", "human", "eve", &[Scope::Read, Scope::Review, Scope::Admin], &[]).await,
    ];
    let send = async |key: &str, run: &str, verb: &str, body: Value, command: Option<&str>| {
        office.with_key(key, "POST", &path(run, verb), &body, command).await
    };
    let refused = async |run: &str| {
        let rev = app.call("dana", "GET", &format!("{REVIEWS}/{run}/block_extract"), None).await.ok()["rev"]
            .clone();
        for key in &keys {
            for command in [None, Some("c-1"), Some("c-2")] {
                for more in [
                    json!({}),
                    json!({ "edited_output": { "x": 2 } }),
                    json!({ "edited_output": { "vendor": "Northwind", "total": 12.5 } }),
                    json!({ "on_seq": 0 }),
                    json!({ "on_seq": 0, "effective_seq": 1 }),
                    json!({ "effective_seq": 0 }),
                    json!({ "on_seq": 1, "effective_seq": 1 }),
                ] {
                    let mut body = json!({ "verdict": "approved", "version_stamp": rev });
                    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
                    let answer = send(key, run, "decision", body, command).await;
                    let code = answer.body["detail"]["code"].as_str().unwrap_or("approved");
                    assert!(["own_version", "validation_error"].contains(&code), "{run} {more}: {code}");
                }
            }
        }
        let overlay = app.call("dana", "GET", &format!("{REVIEWS}/{run}/block_extract"), None).await.ok();
        assert_eq!((&overlay["status"], &overlay["rev"]), (&json!("awaiting_review"), &rev));
        rev
    };
    let edit = json!({ "version_stamp": 0, "snapshot": { "x": 1 } });
    for (nth, key) in keys.iter().enumerate() {
        let run = format!("run_{nth}");
        app.open_with(&run, needs(1, true)).await;
        send(key, &run, "versions", edit.clone(), Some("edit")).await.ok();
        // The same edit once more is a replay, and no other version.
        send(key, &run, "versions", edit.clone(), Some("edit")).await.ok();
        refused(&run).await;
    }
    let run = "run_0";
    // Claimed, taken over, escalated to oneself, assigned to oneself, an earlier version restored.
    app.call("ben", "POST", &path(run, "claim"), Some(json!({ "version_stamp": 1 }))).await.ok();
    send(&keys[0], run, "claim", json!({ "version_stamp": 2 }), None).await.ok();
    let escalate = json!({ "verdict": "escalated", "version_stamp": 3, "reason": "?", "escalate_to": "eve" });
    send(&keys[0], run, "decision", escalate, None).await.ok();
    send(&keys[0], run, "assign", json!({ "version_stamp": 4, "actors": ["eve"] }), None).await.ok();
    let restore = json!({ "version_stamp": 5, "snapshot": { "vendor": "Northwind", "total": 12.5 } });
    send(&keys[0], run, "versions", restore, None).await.ok();
    refused(run).await;
    // Rejected and reopened; a resumption is none of a review that is open.
    let reject = json!({ "verdict": "rejected", "version_stamp": 6, "reason": "no" });
    send(&keys[0], run, "decision", reject, None).await.ok();
    send(&keys[0], run, "reopen", json!({ "version_stamp": 7, "force": true }), None).await.ok();
    send(&keys[0], run, "resume", json!({ "version_stamp": 8 }), None).await.error(409, "nothing_to_resume");
    refused(run).await;
    // Ben, who made nothing, approves it: the replays of what was refused do not.
    app.call(
        "ben",
        "POST",
        &path(run, "decision"),
        Some(json!({ "verdict": "approved", "version_stamp": 8 })),
    )
    .await
    .ok();

    // As the run: an output of a model that eve sends.
    app.open_with("run_s", needs(1, true)).await;
    let mut opening = tests::opening("run_s", "block_extract", 0);
    opening["workflow_id"] = json!("wf_invoices");
    opening["workflow_version_id"] = json!("wfv_7");
    opening["if_exists"] = json!("supersede");
    opening["snapshot"] = json!({ "x": 3 });
    let superseded = office.with_key(&keys[1], "POST", REVIEWS, &opening, None).await.ok();
    assert_eq!(
        (&superseded["head_seq"], &superseded["versions"][1]["author"]["id"]),
        (&json!(1), &json!("model_1"))
    );
    refused("run_s").await;
}

#[tokio::test]
async fn an_output_is_checked_at_its_approval_as_the_policy_says() {
    let office = Office::new().await;
    let schema = r#"{"type":"object","properties":{"total":{"type":"string"}},"required":["vendor"]}"#;
    let evidence =
        Evidence { json_schema: Some(JsonText::parse(schema.into()).unwrap()), ..Evidence::default() };
    let of = |rule| Terms { output: Some(rule), ..Terms::default() };
    for (run, terms) in [
        ("run_enforced", of(OutputCheck::Enforce)),
        ("run_advised", of(OutputCheck::Advise)),
        ("run_plain", Terms::default()),
        ("run_both", Terms { output: Some(OutputCheck::Enforce), ..needs(2, false) }),
    ] {
        office.app.open_with_evidence(run, terms, evidence.clone()).await;
    }
    let detail = office.approve("eve", "run_enforced", 0).await.error(422, "output_invalid");
    let violations = json!([{ "path": "/total", "message": "must be text" }]);
    assert_eq!(detail["details"]["violations"][0]["path"], violations[0]["path"]);
    assert_eq!(detail["details"]["rev"], 0);
    office.approve("eve", "run_both", 0).await.error(422, "output_invalid");
    // A correction that does not fit either, and one that does; the check is of what becomes effective.
    let with = |output: Value| json!({ "verdict": "approved", "version_stamp": 0, "edited_output": output });
    let bad = with(json!({ "total": "1" }));
    office.post("eve", "run_enforced", "decision", bad).await.error(422, "output_invalid");
    let edit = json!({ "version_stamp": 0, "snapshot": { "total": "1", "vendor": "x" } });
    office.post("eve", "run_enforced", "versions", edit).await.ok();
    let old = json!({ "verdict": "approved", "version_stamp": 1, "effective_seq": 0 });
    office.post("eve", "run_enforced", "decision", old).await.error(422, "output_invalid");
    let done = office.approve("eve", "run_enforced", 1).await.ok();
    assert_eq!((&done["overlay"]["status"], done.get("warnings")), (&json!("approved"), None));
    let reject = json!({ "verdict": "rejected", "version_stamp": 0, "reason": "no" });
    office.post("eve", "run_both", "decision", reject).await.ok();
    // Advised: approved, and it is said.
    let done = office.approve("eve", "run_advised", 0).await.ok();
    assert_eq!(done["overlay"]["status"], "approved");
    assert_eq!(done["warnings"], detail["details"]["violations"]);
    assert_eq!(office.approve("eve", "run_plain", 0).await.ok().get("warnings"), None);
}

/// What an enforced assignment is compared by is at the top of META, and in the schema that says so.
#[tokio::test]
async fn meta_says_who_alone_may_claim() {
    let office = Office::new().await;
    office.app.open_with("run_1", assigned(&["finance"], &["eve"], true)).await;
    let store = &office.app.inner.store;
    let read = async || {
        let get = store.client().get_item().table_name(store.table());
        let get = get.key("pk", AttributeValue::S("REVIEW#org_a#run_1#block_extract".into()));
        get.key("sk", AttributeValue::S("#META".into())).send().await.unwrap().item.unwrap()
    };
    let item = read().await;
    let names: Vec<&str> =
        item["only_for"].as_l().unwrap().iter().map(|name| name.as_s().unwrap().as_str()).collect();
    assert_eq!((names, item["v"].as_n().unwrap().as_str()), (vec!["g:finance", "a:eve"], "2"));
    office.post("eve", "run_1", "assign", json!({ "version_stamp": 0 })).await.ok();
    let names = read().await["only_for"].as_l().unwrap().len();
    assert_eq!(names, 1, "nobody is not everybody");
}
