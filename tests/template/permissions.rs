//! What the template allows each function, against what it does.
//!
//! Everything that each function does to the table is recorded, at the SDK's HTTP connector, in a run that leads it through
//! all its ways; the template must allow that, and no action and no partition more.

use super::grants::{self, texts};
use super::issuer::{Behaviour, CLIENT, Issuer};
use super::notifications::notifications;
use aws_sdk_dynamodb::types::AttributeValue;
use local::emulator::Emulator;
use local::gateway::dispatch;
use publish::{Outbound, Publisher};
use serde_json::{Value, json};
use shared::egress::Egress;
use shared::review::{
    Actor, ActorId, ActorKind, Deadline, OnOverdue, OrganizationId, OverdueAction, Terms, Timestamp,
};
use shared::store::{AdministrationEntry, ApiKey, Invite, InviteToken, IssuerStored, Role, Scope, Store};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;
use tests::faults::{Fault, Faults};
use tests::outbox::Ways;
use tests::stub_servers::{Answer, StubServer};
use tests::{REVIEW, REVIEWS, TestApp};

/// By function: actions, each on items whose partition begins so, or on an index.
type Rights = BTreeMap<String, BTreeSet<(String, String)>>;

/// What the template allows on the table.
fn granted() -> Rights {
    let mut rights = Rights::new();
    for (binary, statements) in grants::statements(&grants::app()) {
        let of_table = statements.iter().flat_map(|it| on_table(&binary, it)).collect::<BTreeSet<_>>();
        if !of_table.is_empty() {
            rights.insert(binary, of_table);
        }
    }
    rights
}

/// What one statement allows on the table. The stream is Lambda's to read, not the code's.
fn on_table(binary: &str, statement: &Value) -> Vec<(String, String)> {
    let resources = grants::resources(statement).join(" ");
    let keys =
        statement["Condition"].get("ForAllValues:StringLike").map(|it| texts(&it["dynamodb:LeadingKeys"]));
    let actions = texts(&statement["Action"]).into_iter();
    actions
        .filter_map(|it| it.strip_prefix("dynamodb:").map(str::to_owned))
        .filter(|action| !STREAM.contains(&action.as_str()))
        .flat_map(|action| {
            let on = match &keys {
                Some(keys) => keys.iter().map(|key| key.trim_end_matches("#*").to_owned()).collect(),
                None => ["queue-by-workflow", "queue", "due"]
                    .iter()
                    .filter(|index| resources.contains(&format!("/index/{index}\"")))
                    .map(|index| format!("index {index}"))
                    .collect::<Vec<_>>(),
            };
            assert!(!on.is_empty(), "{binary}: {action} on every item");
            on.into_iter().map(move |on| (action.clone(), on))
        })
        .collect()
}

/// The actions by which Lambda reads the stream, with the function's role.
const STREAM: [&str; 4] = ["DescribeStream", "GetRecords", "GetShardIterator", "ListStreams"];

/// What one request did.
fn used(operation: &str, sent: &Value) -> Vec<(String, String)> {
    let partition = |item: &Value| item["pk"]["S"].as_str().unwrap().split('#').next().unwrap().to_owned();
    let one = |on: String| vec![(operation.to_owned(), on)];
    match operation {
        "GetItem" | "UpdateItem" | "DeleteItem" => one(partition(&sent["Key"])),
        "PutItem" => one(partition(&sent["Item"])),
        "Query" => match sent["IndexName"].as_str() {
            Some(index) => one(format!("index {index}")),
            None => one(partition(&json!({ "pk": sent["ExpressionAttributeValues"][":pk"] }))),
        },
        "BatchGetItem" => {
            let tables = sent["RequestItems"].as_object().unwrap().values();
            let keys = tables.flat_map(|table| table["Keys"].as_array().unwrap());
            keys.map(|key| (operation.to_owned(), partition(key))).collect()
        }
        // IAM knows the actions in a transaction, not the transaction.
        "TransactWriteItems" => {
            let actions = sent["TransactItems"].as_array().unwrap().iter();
            actions
                .flat_map(|action| action.as_object().unwrap())
                .map(|(kind, action)| {
                    let item = if kind == "Put" { &action["Item"] } else { &action["Key"] };
                    (format!("{kind}Item"), partition(item))
                })
                .collect()
        }
        _ => panic!("{operation}"),
    }
}

/// A app whose every call to the table is noted down.
pub(super) struct Recorder {
    pub(super) app: TestApp,
    emulator: Emulator,
    faults: Faults,
    used: Rights,
}

impl Recorder {
    async fn new() -> Self {
        let (app, emulator) = TestApp::alone().await;
        Self { app, emulator, faults: Faults::default(), used: Rights::new() }
    }

    pub(super) fn note(&mut self, function: &str) {
        let used = self.used.entry(function.to_owned()).or_default();
        for (operation, sent) in self.faults.take_sent() {
            used.extend(super::permissions::used(&operation, &sent));
        }
    }

    /// One call, by a process that has nothing cached; its answer's body.
    pub(super) async fn call(&mut self, who: &str, method: &str, path: &str, body: Value) -> Value {
        self.call_as(who, method, path, body, None).await
    }

    async fn call_as(
        &mut self,
        who: &str,
        method: &str,
        path: &str,
        body: Value,
        key: Option<&str>,
    ) -> Value {
        let endpoint = endpoints::at(method, path.split('?').next().unwrap()).unwrap();
        let mut other_app = self.app.another_app(self.faults.client(&self.app.endpoint));
        other_app.egress = Egress::PublicAndLoopback;
        let body = if body.is_null() { lambda_http::Body::Empty } else { body.to_string().into() };
        let mut request = self.app.request(who, method, path, body);
        if let Some(key) = key {
            request.headers_mut().insert("idempotency-key", key.parse().unwrap());
        }
        let (parts, body) = Box::pin(dispatch(&other_app, request)).await.into_parts();
        self.note(endpoint.function());
        assert!(parts.status.as_u16() < 500, "{path}: {}", parts.status);
        serde_json::from_slice(&body).unwrap_or_default()
    }

    /// As [`Recorder::call`], with a key that nobody of the tests has.
    async fn call_with(&mut self, key: &str, method: &str, path: &str, body: Value) -> Value {
        self.app.add_key("other", key.to_owned());
        self.call("other", method, path, body).await
    }

    /// Somebody does something to [`REVIEW`].
    async fn post(&mut self, verb: &str, body: Value) -> Value {
        self.call("dana", "POST", &format!("{REVIEW}/{verb}"), body).await
    }

    /// One request for a page, by a process that has nothing cached.
    async fn visit(&mut self, request: lambda_http::Request) -> lambda_http::Response<lambda_http::Body> {
        let mut other_app = self.app.another_app(self.faults.client(&self.app.endpoint));
        other_app.egress = Egress::PublicAndLoopback;
        let path = request.uri().path().to_owned();
        let answer = Box::pin(dispatch(&other_app, request)).await;
        let status = answer.status().as_u16();
        self.note(match path.as_str() {
            path if page::SITE.is_at(path) => page::NAME,
            path if sign_in::SITE.is_at(path) => sign_in::SITE.name,
            path if administration::SITE.is_at(path) => administration::SITE.name,
            _ => inbox::SITE.name,
        });
        assert!([200, 303, 404, 409].contains(&status), "{path}: {status}");
        answer
    }

    fn store(&self) -> Store {
        Store::new(self.faults.client(&self.app.endpoint), self.app.inner.store.table())
    }

    async fn sweep(&mut self) {
        Box::pin(sweep::sweep(&self.store(), self.app.clock.now(), sweep::Bounds::default())).await;
        self.note("sweep");
    }

    pub(super) fn publisher(&self, service: &StubServer) -> Publisher {
        let clock = self.app.clock.clone();
        let sdk = local::emulator::sdk();
        let step_functions = publish::step_functions_at(&sdk, Some(service.url().to_owned()));
        let outbound = Outbound::new(Egress::PublicAndLoopback).with_slow_after(Duration::from_secs(10));
        Publisher::new(self.store(), Arc::new(move || clock.now()), None, Some(step_functions), outbound)
    }
}

/// The reviews' calls, through all their ways.
async fn reviews(run: &mut Recorder) {
    let opening = |token: &str| {
        let mut opening = tests::opening("run_abc123", "block_extract", 0);
        opening["resume"] = json!({ "kind": "step_functions", "task_token": token });
        opening["likelihoods"] = json!({ "total": 0.5 });
        opening
    };
    run.call("agent", "POST", REVIEWS, opening("first")).await;
    run.call("agent", "POST", REVIEWS, opening("second")).await;
    for query in ["", "?mine=true", "?workflow_id=wf_1", "?status=approved"] {
        run.call("dana", "GET", &format!("{REVIEWS}{query}"), Value::Null).await;
    }
    run.call("dana", "GET", REVIEW, Value::Null).await;
    run.call("dana", "GET", &format!("{REVIEW}/versions/0"), Value::Null).await;
    run.call("dana", "GET", &format!("{REVIEW}/evidence"), Value::Null).await;
    run.call("dana", "GET", &format!("{REVIEW}/documents/invoice"), Value::Null).await;
    let announced = endpoints::named("create-document").unwrap().example.unwrap();
    run.call("agent", "POST", "/v1/documents", serde_json::from_str(announced).unwrap()).await;
    run.call("dana", "GET", &format!("{REVIEW}/documents/none/pages/1"), Value::Null).await;
    deletion(run).await;
    run.call("dana", "GET", &format!("{REVIEW}/audit"), Value::Null).await;
    gate(run).await;
    for if_exists in ["reject", "adopt", "supersede"] {
        let mut again = opening("second");
        again["snapshot"] = json!({ "of": if_exists });
        again["if_exists"] = json!(if_exists);
        run.call("agent", "POST", REVIEWS, again).await;
    }
    run.call("dana", "POST", &format!("{REVIEWS}/none/none/claim"), json!({ "version_stamp": 0 })).await;
    // Until the journal has overflowed, for each of the two; a stale stamp in between.
    let mut rev = 1;
    for round in 0..14 {
        run.post("claim", json!({ "version_stamp": rev, "ttl_seconds": 60 + round })).await;
        run.post("release", json!({ "version_stamp": rev + 1 })).await;
        rev += 2;
        run.post("claim", json!({ "version_stamp": rev, "ttl_seconds": 900 })).await;
        rev += 1;
        run.post("release", json!({ "version_stamp": 0 })).await;
    }
    run.post("release", json!({ "version_stamp": rev })).await;
    let next = json!({ "ttl_seconds": 60 });
    let path = format!("{REVIEWS}/claim-next");
    run.call_as("dana", "POST", &path, next.clone(), Some("command")).await;
    run.call_as("dana", "POST", &path, next.clone(), Some("command")).await;
    run.app.open_at("agent", "run_2", "block", 0).await;
    run.call("ben", "POST", &path, json!({ "workflow_id": "wf_1" })).await;
    // One that is gone between being listed and being claimed leaves a lease to be removed.
    run.app.open_at("agent", "run_3", "block", 0).await;
    run.faults.plan("UpdateItem", Fault::HoldUp, 1);
    let (faults, store) = (run.faults.clone(), run.app.inner.store.clone());
    let gone = async {
        while faults.left() > 0 {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        let delete = store.client().delete_item().table_name(store.table());
        let delete = delete.key("pk", AttributeValue::S("REVIEW#org_a#run_3#block".into()));
        delete.key("sk", AttributeValue::S("#META".into())).send().await.unwrap();
        faults.let_go();
    };
    futures_util::join!(run.call("ben", "POST", &path, next), gone);
    let mut rev = run.app.get().await.ok()["rev"].as_u64().unwrap();
    for round in 0..17 {
        run.post("versions", json!({ "version_stamp": rev, "snapshot": { "round": round } })).await;
        let decision = json!({ "version_stamp": rev + 1, "verdict": "rejected", "reason": "?" });
        run.post("decision", decision).await;
        run.post("reopen", json!({ "version_stamp": rev + 2, "force": true })).await;
        rev += 3;
    }
    // Until the journal has overflowed, for comments, too; with a mention, and again after its entry has left the journal.
    let said = json!({ "text": "?", "mentions": ["user_none"] });
    run.post("comments", said).await;
    run.call_as("dana", "POST", &format!("{REVIEW}/comments"), json!({ "text": "first" }), Some("said"))
        .await;
    for _ in 0..17 {
        run.post("comments", json!({ "text": "?" })).await;
    }
    run.call_as("dana", "POST", &format!("{REVIEW}/comments"), json!({ "text": "first" }), Some("said"))
        .await;
    // Until the journal has overflowed, for assign, too.
    for _ in 0..17 {
        run.post("assign", json!({ "version_stamp": rev, "groups": ["finance"] })).await;
        rev += 1;
    }
    run.post("assign", json!({ "version_stamp": 0 })).await;
    let escalate =
        json!({ "version_stamp": rev, "verdict": "escalated", "reason": "?", "escalate_to": "ben" });
    run.post("decision", escalate).await;
    let decision = json!({ "version_stamp": rev + 1, "verdict": "approved", "edited_output": { "x": 1 } });
    run.post("decision", decision).await;
}

/// The gate: it holds, again, with another callback and other content, and lets pass.
async fn gate(run: &mut Recorder) {
    let path = "/v1/workflows/gate";
    let asked = |token: &str, kind: &str| {
        let mut body = tests::gating("run_g", "block_extract", json!({ "kind": kind }));
        body["resume"] = json!({ "kind": "step_functions", "task_token": token });
        body
    };
    tests::bucket().put("uploads/org_a/doc_g", "text/plain", b"hello").await.unwrap();
    let source = json!({ "kind": "upload", "document_id": "doc_g" });
    let mut with_document = tests::gating("run_h", "block_extract", json!({ "kind": "always" }));
    with_document["documents"] =
        json!([{ "id": "a", "filename": "a.txt", "mime_type": "text/plain", "source": source }]);
    run.call("agent", "POST", path, with_document).await;
    run.call("agent", "POST", path, asked("first", "always")).await;
    run.call("agent", "POST", path, asked("second", "always")).await;
    for if_exists in ["reject", "adopt", "supersede"] {
        let mut again = asked("third", "always");
        again["snapshot"] = json!({ "of": if_exists });
        again["if_exists"] = json!(if_exists);
        run.call("agent", "POST", path, again).await;
    }
    let mut passed = asked("fourth", "any_required_field_null");
    passed["json_schema"] = json!({ "type": "object" });
    run.call("agent", "POST", path, passed).await;
}

/// A policy: put, put again, read, tried, deleted; and by the inbox.
async fn policies(run: &mut Recorder) {
    let path = "/v1/workflows/wf_1/policy";
    let blocks = json!({ "*": { "predicate": { "kind": "always" } } });
    for stamp in 0..2 {
        run.call("admin", "PUT", path, json!({ "version_stamp": stamp, "blocks": blocks })).await;
    }
    // Who is there is looked up where an assignment is enforced.
    let enforced = json!({ "*": { "assign": { "groups": ["finance"], "enforce": true } } });
    run.call("admin", "PUT", path, json!({ "version_stamp": 2, "blocks": enforced })).await;
    run.call("admin", "PUT", path, json!({ "version_stamp": 0, "blocks": blocks })).await;
    for path in [path, "/v1/workflows/wf_1/policy/audit", "/v1/workflows/policies"] {
        run.call("dana", "GET", path, Value::Null).await;
    }
    let mut held = tests::gating("run_p", "block_extract", json!({ "kind": "always" }));
    held["likelihoods"] = json!({ "total": 0.5 });
    run.call("agent", "POST", "/v1/workflows/gate", held).await;
    run.call("admin", "POST", &format!("{path}/dry-run"), json!({ "blocks": blocks })).await;
    run.call("admin", "DELETE", &format!("{path}?version_stamp=3"), Value::Null).await;
    let scopes = [shared::store::Scope::Read, shared::store::Scope::Admin];
    let key = run.app.key_for("org_a", "human", "user_5", &scopes).await;
    let reader = run.app.reader_with(&key).await;
    let page = "/inbox/policies/wf_1";
    let rules = r#"{"*": {"predicate": {"kind": "always"}}}"#;
    let fields = [("version_stamp", "4"), ("blocks", rules)];
    run.visit(run.app.visit(&reader, "/inbox/policies")).await;
    for word in ["try", "save"] {
        run.visit(run.app.send_form(&reader, &format!("{page}/{word}"), &fields)).await;
    }
    run.visit(run.app.send_form(&reader, &format!("{page}/delete"), &[("version_stamp", "5")])).await;
}

/// A document is deleted, while the review that names it changes: the entry is tried again.
async fn deletion(run: &mut Recorder) {
    tests::bucket().put("uploads/org_a/doc_1", "text/plain", b"hello").await.unwrap();
    let mut body = tests::opening("run_d", "block", 0);
    let source = json!({ "kind": "upload", "document_id": "doc_1" });
    body["documents"] =
        json!([{ "id": "a", "filename": "a.txt", "mime_type": "text/plain", "source": source }]);
    run.call("agent", "POST", REVIEWS, body).await;
    let (faults, path) = (run.faults.clone(), format!("{REVIEWS}/run_d/block/claim"));
    faults.plan("TransactWriteItems", Fault::HoldUp, 1);
    let other_app = run.app.another_app(run.faults.client(&run.app.endpoint));
    let request = run.app.request("admin", "DELETE", "/v1/documents/doc_1", lambda_http::Body::Empty);
    let meanwhile = async {
        faults.happened().await;
        run.app.call("dana", "POST", &path, Some(json!({ "version_stamp": 0 }))).await.ok();
        faults.let_go();
    };
    let (answer, ()) = futures_util::join!(Box::pin(dispatch(&other_app, request)), meanwhile);
    // On a busy machine what was held up may have taken longer than the client waits: then it is repeated, as a caller would.
    if answer.status() == 503 {
        run.call("admin", "DELETE", "/v1/documents/doc_1", Value::Null).await;
    } else {
        assert_eq!(answer.status(), 200, "{:?}", answer.body());
    }
    run.note("delete-document");
}

/// The webhooks' calls, and what is told them, later and never.
async fn events(run: &mut Recorder) {
    let (receiver, service) = (StubServer::start(), StubServer::start());
    let outbox = run.app.outbox(Ways::default()).await;
    let hook = json!({ "url": format!("{}/hook", receiver.url()) });
    let created = run.call("admin", "POST", "/v1/webhooks", hook.clone()).await;
    // One whose answer gets lost finds itself.
    run.faults.plan("TransactWriteItems", Fault::CutAnswer, 1);
    let lost = run.call("admin", "POST", "/v1/webhooks", hook).await;
    let lost = format!("/v1/webhooks/{}", lost["webhook_id"].as_str().unwrap());
    run.call("admin", "DELETE", &lost, Value::Null).await;
    run.call("admin", "GET", "/v1/webhooks", Value::Null).await;
    let id = created["webhook_id"].as_str().unwrap();
    run.call("admin", "POST", &format!("/v1/webhooks/{id}/rotate-secret"), Value::Null).await;
    receiver.then([Answer::Say(500, json!({})), Answer::Say(500, json!({})), Answer::Say(410, json!({}))]);
    service.then([Answer::Say(400, json!({ "__type": "ThrottlingException" }))]);
    run.faults.take_sent();
    let publisher = run.publisher(&service);
    for batch in outbox.take().await {
        Box::pin(publisher.publish(batch)).await;
    }
    run.note("publish");
    for _ in 0..4 {
        run.app.clock.advance_seconds(600);
        Box::pin(publisher.redeliver(publish::Request::default(), publish::Bounds::default())).await;
        run.note("redeliver");
    }
    run.call("admin", "GET", &format!("/v1/webhooks/{id}/deliveries"), Value::Null).await;
    run.call("admin", "POST", &format!("/v1/webhooks/{id}/enable"), Value::Null).await;
    Box::pin(publisher.redeliver(publish::Request::default(), publish::Bounds::default())).await;
    run.note("redeliver");
    run.app.open_at("agent", "run_9", "block", 0).await;
    receiver.always(Answer::Say(500, json!({})));
    for batch in outbox.take().await {
        Box::pin(publisher.publish(batch)).await;
    }
    run.note("publish");
    // Until the next try is far enough away to be made due by the deletion.
    for _ in 0..2 {
        run.app.clock.advance_seconds(120);
        Box::pin(publisher.redeliver(publish::Request::default(), publish::Bounds::default())).await;
    }
    run.note("redeliver");
    for _ in 0..2 {
        run.call("admin", "POST", &format!("/v1/webhooks/{id}/test"), Value::Null).await;
    }
    Box::pin(publisher.redeliver(publish::Request::default(), publish::Bounds::default())).await;
    run.note("redeliver");
    // An earlier build has counted nothing.
    let count = run.app.inner.store.client().delete_item().table_name(run.app.inner.store.table());
    let count = count.key("pk", AttributeValue::S("WEBHOOK-COUNT#org_a".into()));
    count.key("sk", AttributeValue::S("COUNT".into())).send().await.unwrap();
    run.call("admin", "DELETE", &format!("/v1/webhooks/{id}"), Value::Null).await;
    Box::pin(publisher.redeliver(publish::Request::default(), publish::Bounds::default())).await;
    run.note("redeliver");
}

/// Reviews that are due: one that the policy escalates after so much that decisions have left META, one that is not where META says.
async fn due(run: &mut Recorder) {
    let escalate =
        || OnOverdue { action: OverdueAction::Escalate, escalate_to: Some("leads".into()), reason: None };
    for name in ["run_long", "run_moved"] {
        let seconds = if name == "run_long" { 1 } else { 1_000_000 };
        let deadline = Deadline::starting(run.app.clock.now(), seconds, Vec::new(), escalate());
        run.app.open_with(name, Terms { deadline: Some(deadline), ..Terms::default() }).await;
    }
    let path = format!("{REVIEWS}/run_long/block_extract/decision");
    for stamp in 0..17 {
        let body =
            json!({ "verdict": "escalated", "version_stamp": stamp, "reason": "?", "escalate_to": "legal" });
        run.app.call("ben", "POST", &path, Some(body)).await.ok();
    }
    let moved = run.app.inner.store.client().update_item().table_name(run.app.inner.store.table());
    let moved = moved.key("pk", AttributeValue::S("REVIEW#org_a#run_moved#block_extract".into()));
    let moved = moved.key("sk", AttributeValue::S("#META".into())).update_expression("SET due_at = :now");
    let now = run.app.clock.now().millis().to_string();
    moved.expression_attribute_values(":now", AttributeValue::N(now)).send().await.unwrap();
    run.app.clock.advance_seconds(1);
}

/// The ends of claims: swept, deleted by TTL, found stale, put right, not readable, with an overflowing journal.
async fn expiry(run: &mut Recorder) {
    let service = StubServer::start();
    for (index, block) in ["expires", "stands", "full"].into_iter().enumerate() {
        run.app.open_at("agent", "run_e", block, 0).await;
        let path = format!("{REVIEWS}/run_e/{block}/claim");
        let claims = if block == "full" { 15 } else { 1 };
        for stamp in 0..claims {
            let body = json!({ "version_stamp": stamp, "ttl_seconds": 30 + index });
            run.app.call("dana", "POST", &path, Some(body)).await.ok();
        }
    }
    run.app.clock.advance_seconds(29);
    let path = format!("{REVIEWS}/run_e/stands/claim");
    run.faults.plan("PutItem", Fault::LoseRequest, 4);
    let other_app = run.app.another_app(run.faults.client(&run.app.endpoint));
    let renewal = json!({ "version_stamp": 1, "ttl_seconds": 60 }).to_string();
    let request = run.app.request("dana", "POST", &path, renewal.into());
    assert_eq!(Box::pin(dispatch(&other_app, request)).await.status(), 503, "the renewal's lease is lost");
    run.faults.take_sent();
    run.app.clock.advance_seconds(5);
    due(run).await;
    run.sweep().await;
    // TTL: one that has run out, one that stands.
    let outbox = run.app.outbox(Ways::default()).await;
    run.app.open_at("agent", "run_t", "block", 0).await;
    let path = format!("{REVIEWS}/run_t/block/claim");
    for stamp in 0..15 {
        let body = json!({ "version_stamp": stamp, "ttl_seconds": 30 });
        run.app.call("ben", "POST", &path, Some(body)).await.ok();
    }
    run.app.clock.advance_seconds(29);
    let path = format!("{REVIEWS}/run_e/stands/claim");
    run.app.call("agent", "POST", &path, Some(json!({ "version_stamp": 2, "ttl_seconds": 30 }))).await.ok();
    run.faults.plan("PutItem", Fault::LoseRequest, 4);
    let other_app = run.app.another_app(run.faults.client(&run.app.endpoint));
    run.app.clock.advance_seconds(29);
    let renewal = json!({ "version_stamp": 3, "ttl_seconds": 600 }).to_string();
    let request = run.app.request("agent", "POST", &path, renewal.into());
    assert_eq!(Box::pin(dispatch(&other_app, request)).await.status(), 503, "the renewal's lease is lost");
    run.faults.take_sent();
    run.app.clock.advance_seconds(2);
    run.emulator.delete_expired().unwrap();
    let publisher = run.publisher(&service);
    for batch in outbox.take().await {
        Box::pin(publisher.publish(batch)).await;
    }
    run.note("publish");
}

/// All that a reader does in the inbox, through all its ways.
async fn inbox(run: &mut Recorder) {
    run.app.open_at("agent", "run_i", "block", 90).await;
    let reader = run.app.reader("dana").await;
    let page = "/inbox/reviews/run_i/block";
    let mut requests = Vec::new();
    for path in ["/inbox", "/inbox?mine=1", "/inbox?workflow_id=wf_1", page, &format!("{page}/state")] {
        requests.push(run.app.visit(&reader, path));
    }
    let post = |action: &str, rev: u64, more: &[(&str, &str)]| {
        let stamp = rev.to_string();
        let fields = [&[("version_stamp", stamp.as_str()), ("base_seq", "0")], more].concat();
        run.app.send_form(&reader, &format!("{page}/{action}"), &fields)
    };
    // Until the journal has overflowed, for the claim and for the release; a stale stamp in between.
    let mut rev = 0;
    for _ in 0..18 {
        requests.push(post("claim", rev, &[]));
        requests.push(post("claim", 0, &[]));
        requests.push(post("release", rev + 1, &[]));
        requests.push(post("release", 0, &[]));
        rev += 2;
    }
    requests.push(post("save", rev, &[("f/total", "13")]));
    requests.push(post("assign", rev + 1, &[("assign_groups", "finance")]));
    requests.push(post("escalate", rev + 2, &[("escalate_to", "ben"), ("escalate_reason", "?")]));
    let rev = rev + 2;
    requests.push(post("reject", rev + 1, &[("reject_reason", "?")]));
    requests.push(post("reopen", rev + 2, &[]));
    requests.push(run.app.send_form(&reader, "/inbox/next", &[]));
    requests.push(run.app.sign_in_form("ben", "/inbox"));
    requests.push(run.app.send_form(&reader, "/inbox/sign-out", &[]));
    // Before the session ends.
    requests.insert(0, run.app.visit(&reader, "/inbox/reviews/run_i/block/documents/none/pages/1"));
    for request in requests {
        run.visit(request).await;
    }
}

/// Signing in at an issuer, with an invite; then as a member in the inbox, whose sessions are listed and ended.
async fn sign_in(run: &mut Recorder) {
    let (issuer, organization) =
        (Issuer::start(Behaviour::default()), OrganizationId::parse("org_a").unwrap());
    let entry = || AdministrationEntry {
        id: shared::new_id::entry_id(),
        actor: run_by(),
        at: Timestamp::from_millis(0),
        action: "test".into(),
        target: "test".into(),
        detail: String::new(),
    };
    let settings = shared::store::Issuer {
        organization: organization.clone(),
        id: "one".into(),
        name: "One".into(),
        url: issuer.url.clone(),
        client_id: CLIENT.into(),
        client_secret: None,
        email_domains: Vec::new(),
        lets_in: false,
        groups_claim: None,
        rev: 0,
    };
    let store = run.app.inner.store.clone();
    assert_eq!(store.put_issuer(&settings, None, &entry()).await.unwrap(), IssuerStored::Stored);
    let invite = Invite {
        id: String::new(),
        created_at: run.app.clock.now(),
        organization,
        roles: vec![Role::Reviewer],
        groups: Vec::new(),
        email: None,
        made_by: run_by(),
        made_with: ApiKey::parse(run.app.key("admin")).map(|key| key.digest().key_id()),
        expires_at: run.app.clock.now().plus_millis(Invite::MILLIS),
    };
    let token = InviteToken::generate().unwrap();
    store.create_invite(&token, invite).await.unwrap();
    let token = token.reveal();
    let now = run.app.clock.now().millis() / 1000;
    issuer.behave(|own| own.claims = json!({ "iat": now, "exp": now + 300 }));
    let cookie_of = |answer: &lambda_http::Response<lambda_http::Body>, name: &str| {
        let cookies = answer.headers().get_all("set-cookie").iter().map(|it| it.to_str().unwrap());
        let cookie = cookies.map(|it| it.split(';').next().unwrap()).find(|it| it.starts_with(name));
        cookie.map(str::to_owned).unwrap()
    };
    let get = |path: &str, cookie: &str| {
        let request = lambda_http::http::Request::get(path).header("host", "reviews.example.com");
        request.header("cookie", cookie).body(lambda_http::Body::Empty).unwrap()
    };
    let mut session = "x=y".to_owned();
    // The second time, a session is there already; it is replaced.
    for _ in 0..2 {
        run.visit(get(&format!("/inbox/sign-in?invite={token}"), &session)).await;
        let form = format!("organization=org_a&issuer=one&invite={token}");
        let request = lambda_http::http::Request::post("/inbox/sign-in/issuer")
            .header("host", "reviews.example.com")
            .header("sec-fetch-site", "same-origin")
            .header("content-type", "application/x-www-form-urlencoded");
        let answer = run.visit(request.body(form.into()).unwrap()).await;
        let browser = cookie_of(&answer, "__Host-holdpoint-sign-in=");
        let page = String::from_utf8(answer.body().to_vec()).unwrap();
        let url = page.split("href=\"").nth(2).unwrap().split('"').next().unwrap().replace("&amp;", "&");
        let query = url.split_once('?').unwrap().1;
        let query = form_urlencoded::parse(query.as_bytes()).into_owned().collect();
        let code = issuer.authorize(&query);
        let back = format!("/inbox/sign-in/callback?state={}&code={code}", query["state"]);
        let answer = run.visit(get(&back, &format!("{browser}; {session}"))).await;
        session = cookie_of(&answer, "__Host-holdpoint=");
    }
    run.visit(get("/inbox/reviews/run_i/block/documents/none/pages/1", &session)).await;
    run.app.clock.advance_seconds(600);
    let answer = run.visit(get("/inbox/sessions", &session)).await;
    let page = String::from_utf8(answer.body().to_vec()).unwrap();
    let form_token = page.split("name=\"form_token\" value=\"").nth(1).unwrap().split('"').next().unwrap();
    let reader = tests::reader::Reader { cookie: session, form_token: form_token.to_owned() };
    run.visit(run.app.send_form(&reader, "/inbox/sessions/end", &[("session", &"0".repeat(64))])).await;
    run.visit(run.app.send_form(&reader, "/inbox/sessions/end-all", &[])).await;
}

fn run_by() -> Actor {
    let id = ActorId::parse("test").unwrap();
    Actor { kind: ActorKind::Agent, id, display_name: "Test".into() }
}

/// Administration over the API and on its pages, through all their ways.
async fn administration(run: &mut Recorder) {
    let (ada, reader) = run.app.member("org_a", "ada", &[Role::Admin]).await;
    let (ben, holder) = run.app.member("org_a", "ben", &[Role::Admin, Role::Reviewer]).await;
    // A disabled member leaves a claim of a review whose journal overflows, and one of another.
    for (block, claims) in [("full", 31), ("other", 1)] {
        run.app.open_at("agent", "run_m", block, 0).await;
        for stamp in 0..claims {
            let path = format!("/inbox/reviews/run_m/{block}/claim");
            let claim = run.app.send_form(&holder, &path, &[("version_stamp", &stamp.to_string())]);
            assert_eq!(run.app.send(claim).await.status, 303);
        }
    }
    let member = format!("/v1/members/{}", ben.actor.id);
    run.call("admin", "GET", "/v1/members", Value::Null).await;
    run.call("admin", "GET", &member, Value::Null).await;
    run.call("admin", "POST", &format!("{member}/disable"), json!({ "version_stamp": 0 })).await;
    run.call("admin", "POST", &format!("{member}/enable"), json!({ "version_stamp": 1 })).await;
    run.call("admin", "PUT", &member, json!({ "version_stamp": 2, "roles": ["lead"] })).await;
    let invite = run.call("admin", "POST", "/v1/invites", json!({})).await;
    run.call("admin", "GET", "/v1/invites", Value::Null).await;
    let path = format!("/v1/invites/{}", invite["invite_id"].as_str().unwrap());
    run.call("admin", "DELETE", &path, Value::Null).await;
    run.call("admin", "GET", "/v1/groups", Value::Null).await;
    let new = json!({ "kind": "agent", "id": "ledger", "name": "Ledger", "scopes": ["admin"] });
    let key = run.call("admin", "POST", "/v1/keys", new).await;
    run.call("admin", "GET", "/v1/keys", Value::Null).await;
    let path = format!("/v1/keys/{}", key["key_id"].as_str().unwrap());
    run.call("admin", "POST", &format!("{path}/rotate"), json!({ "keep_old_for_hours": 1 })).await;
    run.call("admin", "DELETE", &path, Value::Null).await;
    run.call("admin", "GET", "/v1/administration", Value::Null).await;
    let at = |path: &str| format!("/inbox/administration{path}");
    let issuer = json!({ "name": "One", "url": "https://issuer.example", "client_id": "us" });
    run.call("admin", "PUT", "/v1/sign-in/issuers/own", issuer).await;
    run.call("admin", "GET", "/v1/sign-in", Value::Null).await;
    for allowed in [false, true] {
        let rev = run.call("admin", "GET", "/v1/sign-in", Value::Null).await["rev"].clone();
        let change = json!({ "version_stamp": rev, "api_key_sign_in": allowed });
        run.call("admin", "PUT", "/v1/sign-in", change).await;
    }
    run.call("admin", "DELETE", "/v1/sign-in/issuers/own", Value::Null).await;
    let key = run.app.key_for("org_a", "human", "user_2", &[Scope::Review, Scope::Admin]).await;
    let away = format!("/v1/members/{}/away", ada.actor.id);
    run.call_with(&key, "PUT", &away, json!({ "to": ben.actor.id, "days": 1 })).await;
    run.call_with(&key, "DELETE", &away, Value::Null).await;
    let own = json!({ "member": ben.actor.id, "events": ["waiting"], "channel": "slack", "url": "https://hooks.slack.com/services/x" });
    let made = run.call_with(&key, "POST", "/v1/subscriptions", own).await;
    run.call_with(&key, "GET", "/v1/subscriptions", Value::Null).await;
    let path = format!("/v1/subscriptions/{}", made["subscription_id"].as_str().unwrap());
    run.call_with(&key, "GET", &path, Value::Null).await;
    let change = json!({ "version_stamp": 0, "events": ["overdue"], "channel": "slack" });
    run.call_with(&key, "PUT", &path, change).await;
    run.call_with(&key, "POST", &format!("{path}/test"), Value::Null).await;
    run.call_with(&key, "DELETE", &path, Value::Null).await;
    for path in ["/people", "/keys", "/webhooks", "/sign-in", "/log"] {
        run.visit(run.app.visit(&reader, &at(path))).await;
    }
    notification_pages(run, &reader).await;
    // The webhooks' own functions run here, too: with the count that an earlier build has not made.
    let count = run.app.inner.store.client().delete_item().table_name(run.app.inner.store.table());
    let count = count.key("pk", AttributeValue::S("WEBHOOK-COUNT#org_a".into()));
    count.key("sk", AttributeValue::S("COUNT".into())).send().await.unwrap();
    let url = [("url", "https://hooks.example.com/")];
    run.visit(run.app.send_form(&reader, &at("/webhooks"), &url)).await;
    let webhooks = run.app.call("admin", "GET", "/v1/webhooks", None).await.ok();
    let webhook = at(&format!("/webhooks/{}", webhooks["data"][0]["webhook_id"].as_str().unwrap()));
    for action in ["test", "test", "rotate", "enable", "delete"] {
        run.visit(run.app.send_form(&reader, &format!("{webhook}/{action}"), &[])).await;
        if action == "enable" {
            run.visit(run.app.visit(&reader, &webhook)).await;
        }
    }
}

/// The pages for notifications, through all their ways.
async fn notification_pages(run: &mut Recorder, reader: &tests::reader::Reader) {
    const HOME: &str = "/inbox/notifications";
    let form = [("event_waiting", "1"), ("channel", "slack"), ("url", "https://hooks.slack.com/services/x")];
    let answer = run.visit(run.app.send_form(reader, HOME, &form)).await;
    let added = answer.headers()["location"].to_str().unwrap().split('?').next().unwrap().to_owned();
    run.visit(run.app.visit(reader, HOME)).await;
    run.visit(run.app.visit(reader, &added)).await;
    for (action, stamp) in [("change", "0"), ("pause", "0"), ("go-on", "1"), ("test", ""), ("remove", "")] {
        let mut fields = form.to_vec();
        fields.push(("version_stamp", stamp));
        let answer = run.visit(run.app.send_form(reader, &format!("{added}/{action}"), &fields)).await;
        assert_eq!(answer.status(), 303, "{action}");
    }
}

/// The decision whose delivery failed is told again.
async fn resume(run: &mut Recorder) {
    let rev = run.app.get().await.ok()["rev"].clone();
    run.post("resume", json!({ "version_stamp": rev })).await;
    run.app.open_at("agent", "run_r", "block", 0).await;
    let opening = |token: &str| {
        let mut opening = tests::opening("run_s", "block", 0);
        opening["resume"] = json!({ "kind": "step_functions", "task_token": token });
        opening
    };
    let service = StubServer::start();
    service.then([Answer::Say(400, json!({ "__type": "TaskTimedOut" }))]);
    let outbox = run.app.outbox(Ways { step_functions: Some(service.url()), ..Ways::default() }).await;
    run.app.call("agent", "POST", REVIEWS, Some(opening("token"))).await;
    let decide = format!("{REVIEWS}/run_s/block/decision");
    let decision = json!({ "version_stamp": 0, "verdict": "approved" });
    run.app.call("dana", "POST", &decide, Some(decision)).await.ok();
    outbox.publish().await;
    let again = format!("{REVIEWS}/run_s/block/resume");
    let resumed = run.call("dana", "POST", &again, json!({ "version_stamp": 1 })).await;
    assert_eq!(resumed["resume"]["status"], "pending", "{resumed}");

    let mut opening = tests::opening("run_p", "block", 0);
    opening["resume"] = json!({ "kind": "poll" });
    run.app.call("agent", "POST", REVIEWS, Some(opening)).await;
    let decision = json!({ "version_stamp": 0, "verdict": "approved" });
    let path = |verb: &str| format!("{REVIEWS}/run_p/block/{verb}");
    run.app.call("dana", "POST", &path("decision"), Some(decision)).await.ok();
    let read = run.call("agent", "GET", &path("decision"), Value::Null).await;
    let acknowledgement = json!({ "decision_id": read["decision"]["decision_id"] });
    let acknowledged = run.call("agent", "POST", &path("acknowledge"), acknowledgement).await;
    assert_eq!(acknowledged["resume"]["status"], "resumed", "{acknowledged}");
}

#[tokio::test]
async fn each_function_may_do_what_it_does_and_nothing_more() {
    let mut run = Recorder::new().await;
    reviews(&mut run).await;
    events(&mut run).await;
    notifications(&mut run).await;
    expiry(&mut run).await;
    inbox(&mut run).await;
    sign_in(&mut run).await;
    administration(&mut run).await;
    resume(&mut run).await;
    policies(&mut run).await;
    let granted = granted();
    let names = |rights: &Rights| rights.keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(&run.used), names(&granted));
    let mut wrong = Vec::new();
    for (function, used) in &run.used {
        let granted = &granted[function];
        wrong.extend(used.difference(granted).map(|right| format!("{function} lacks {right:?}")));
        let actions: BTreeSet<_> = used.iter().map(|(action, _)| action).collect();
        let partitions: BTreeSet<_> = used.iter().map(|(_, on)| on).collect();
        for (action, on) in granted {
            if !actions.contains(action) || !partitions.contains(on) {
                wrong.push(format!("{function} never uses {action} on {on}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn secrets_are_read_and_keys_written_by_those_only_whose_work_it_is() {
    let granted = granted();
    let who = |action: &str, on: &str| -> Vec<&str> {
        let right = (action.to_owned(), on.to_owned());
        granted.iter().filter(|(_, rights)| rights.contains(&right)).map(|(name, _)| name.as_str()).collect()
    };
    assert_eq!(who("GetItem", "RESUME"), ["gate", "open", "publish", "redeliver"]);
    let webhooks = [
        "administration",
        "create-webhook",
        "enable-webhook",
        "list-deliveries",
        "list-webhooks",
        "publish",
        "redeliver",
        "rotate-webhook-secret",
        "test-webhook",
    ];
    assert_eq!(who("GetItem", "WEBHOOKS"), webhooks);
    for (action, by) in
        [("PutItem", &["administration"][..]), ("UpdateItem", &["administration"]), ("DeleteItem", &[])]
    {
        assert_eq!((who(action, "KEY"), who(action, "KEYS")), (by.to_vec(), by.to_vec()), "{action}");
    }
    for by in ["publish", "redeliver"] {
        assert!(who("GetItem", "SUBSCRIPTIONS").contains(&by), "the addresses of channels");
        assert!(!who("PutItem", "SUBSCRIPTIONS").contains(&by));
    }
    for action in ["UpdateItem", "DeleteItem"] {
        assert_eq!(who(action, "ADMINISTRATION").len(), 0, "an entry of the audit stays as it is");
    }
    let of_sessions = ["GetItem", "PutItem", "DeleteItem"].map(|action| who(action, "SESSION"));
    assert_eq!(
        of_sessions,
        [vec!["administration", "inbox", "page"], vec!["inbox", "sign-in"], vec!["inbox", "sign-in"]]
    );
    // Issuers' secrets are in their settings, of which the sign-in page shows the names.
    assert_eq!(who("GetItem", "ISSUERS"), ["administration", "inbox", "sign-in"]);
    assert_eq!(who("PutItem", "ISSUERS"), ["administration"]);
    assert_eq!(who("PutItem", "MEMBERS"), ["administration", "sign-in"]);
    let functions: BTreeSet<&str> = endpoints::ALL.iter().map(shared::api::Endpoint::function).collect();
    assert_eq!(who("GetItem", "KEY").len(), functions.len() + 1, "who answers requests reads keys");
}

/// What the template allows each function to do in the bucket of documents and in those of others: action and place.
#[test]
fn documents_are_read_and_written_by_those_only_who_use_them() {
    let mut rights = BTreeSet::new();
    for (binary, statements) in grants::statements(&grants::app()) {
        for statement in statements {
            let prefixes = &statement["Condition"]["StringLike"]["s3:prefix"];
            // Who lists does so below a prefix.
            let said = if prefixes.is_null() {
                grants::resources(&statement).join(" ")
            } else {
                prefixes.to_string()
            };
            let places = [
                "uploads/*",
                "documents/*/original",
                "documents/*/pages/*",
                "documents/*/words/*",
                "documents/*",
                "SourceObjects",
                "${FailedRecordsBucketName}",
                "${FailedRecordsBucketName}/*",
            ];
            let on: Vec<&str> =
                places.into_iter().filter(|place| said.contains(&format!("{place}\""))).collect();
            for action in texts(&statement["Action"]) {
                let Some(action) = action.strip_prefix("s3:") else { continue };
                assert!(!on.is_empty(), "{binary}: {action} on {said}");
                rights.extend(on.iter().map(|on| format!("{binary}: {action} {on}")));
            }
        }
    }
    let expected = [
        "create-document: PutObject uploads/*",
        "delete-document: DeleteObjectVersion documents/*",
        "delete-document: DeleteObjectVersion uploads/*",
        "delete-document: ListBucketVersions documents/*",
        "delete-document: ListBucketVersions uploads/*",
        "gate: GetObject documents/*",
        "gate: GetObject uploads/*",
        "gate: PutObject documents/*/original",
        "get-document: GetObject SourceObjects",
        "get-document: GetObject documents/*",
        "get-document: GetObjectVersion SourceObjects",
        "open: GetObject documents/*",
        "open: GetObject uploads/*",
        "open: PutObject documents/*/original",
        "page: GetObject SourceObjects",
        "page: GetObject documents/*",
        "page: GetObjectVersion SourceObjects",
        "page: PutObject documents/*/pages/*",
        "page: PutObject documents/*/words/*",
        "publish: DeleteObject ${FailedRecordsBucketName}/*",
        "publish: GetObject ${FailedRecordsBucketName}/*",
        "publish: ListBucket ${FailedRecordsBucketName}",
        "publish: PutObject ${FailedRecordsBucketName}/*",
    ];
    assert_eq!(rights.iter().map(String::as_str).collect::<Vec<_>>(), expected);
}
