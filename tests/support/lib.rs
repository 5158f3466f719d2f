//! What all tests use: a real DynamoDB API, an app with a table of its own for each test, faults on the wire.
//!
//! The in-process emulator unless `HOLDPOINT_TEST_ENDPOINT` names another DynamoDB (DynamoDB Local, or AWS through a
//! proxy that signs). Each app has a table of its own.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::missing_panics_doc)]

pub mod channels;
mod described;
pub mod fault_plan;
pub mod faults;
pub mod index_lag;
pub mod killed;
pub mod log;
pub mod outbox;
pub mod product;
pub mod python;
pub mod reader;
pub mod rie;
pub mod stub_servers;

use crate::index_lag::IndexLag;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue;
use flate2::read::GzDecoder;
use lambda_http::http::{HeaderMap, Request, StatusCode};
use lambda_http::{Body, http};
use local::api_keys::{self, NewKey};
use local::emulator::{self, Emulator};
use local::files::FileServer;
use local::gateway::dispatch;
use local::table::{self, Stream};
use serde_json::{Value, json};
use shared::api::App;
use shared::bucket::{Bucket, Sources};
use shared::egress::Egress;
use shared::review::{
    BlockId, BlockType, CommandContext, Evidence, GroupId, HashedJson, IfExists, JsonText, Opening,
    OrganizationId, Priority, ReviewId, RunId, Standing, Terms, Timestamp, WorkflowId, WorkflowVersionId,
};
use shared::store::{Meter, Outcome, Overlay, PackedOpening, Scope, Store, Usage};
use std::collections::HashMap;
use std::io::Read;
use std::sync::atomic::{AtomicI64, AtomicU32, Ordering};
use std::sync::{Arc, OnceLock};

/// Where a test begins in time: the reference page's moment.
pub const START: Timestamp = Timestamp::from_millis(1_778_662_500_000);
/// The review that most tests work on.
pub const REVIEW: &str = "/v1/workflows/reviews/run_abc123/block_extract";
/// The queue.
pub const REVIEWS: &str = "/v1/workflows/reviews";

/// The DynamoDB that all tests of this process share.
pub fn endpoint() -> &'static str {
    static EMULATOR: OnceLock<Emulator> = OnceLock::new();
    static OUTSIDE: OnceLock<Option<String>> = OnceLock::new();
    match OUTSIDE.get_or_init(|| std::env::var("HOLDPOINT_TEST_ENDPOINT").ok()) {
        Some(endpoint) => endpoint,
        None => EMULATOR.get_or_init(|| Emulator::ephemeral().unwrap()).endpoint(),
    }
}

/// The S3 that all tests of this process share. Its keys begin with the organization and not with the app, so tests make uploads of
/// their own, or name `doc_1` and `doc_2` of `org_a`, which are there.
pub fn files() -> &'static FileServer {
    static FILES: OnceLock<FileServer> = OnceLock::new();
    FILES.get_or_init(|| {
        // A static is never dropped, so what earlier processes left is deleted here.
        let folder = std::env::temp_dir().join("holdpoint-test-files");
        let old = |entry: &std::fs::DirEntry| {
            let age =
                entry.metadata().and_then(|it| it.modified()).map(|at| at.elapsed().unwrap_or_default());
            age.is_ok_and(|age| age.as_secs() > 3600)
        };
        for entry in std::fs::read_dir(&folder).into_iter().flatten().flatten().filter(old) {
            let _ = std::fs::remove_dir_all(entry.path());
        }
        let folder = folder.join(std::process::id().to_string());
        // Documents that tests may name without uploading them.
        for id in ["doc_1", "doc_2"] {
            let kept = folder.join("holdpoint/documents/org_a").join(id);
            std::fs::create_dir_all(&kept).unwrap();
            std::fs::write(kept.join("original"), b"%PDF-1.7").unwrap();
        }
        FileServer::in_folder(&folder).unwrap()
    })
}

/// The bucket of documents in it; the buckets `scans` and `eu.inbox` may be read.
pub fn bucket() -> Bucket {
    files().bucket_with(Sources::whole(&["scans".to_owned(), "eu.inbox".to_owned()]).unwrap())
}

/// A bucket of failed records, for one test alone.
pub struct FailedRecords {
    /// The bucket.
    pub bucket: Bucket,
    /// Where its objects are files.
    pub folder: std::path::PathBuf,
}

/// A new, empty bucket of failed records.
pub fn failed_records() -> FailedRecords {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let name = format!("failed-{}", NEXT.fetch_add(1, Ordering::Relaxed));
    let bucket = files().bucket_named(&name);
    let folder =
        std::env::temp_dir().join("holdpoint-test-files").join(std::process::id().to_string()).join(name);
    std::fs::create_dir_all(&folder).unwrap();
    FailedRecords { bucket, folder }
}

/// How much of something a test does: `quick` by default, `thorough` where `HOLDPOINT_THOROUGH` is set, as CI does.
pub fn amount<T>(quick: T, thorough: T) -> T {
    if std::env::var_os("HOLDPOINT_THOROUGH").is_some() { thorough } else { quick }
}

/// A table name that no other test has.
pub fn table_name() -> String {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    format!("test-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed))
}

/// A clock that stands until a test moves it.
#[derive(Clone, Debug)]
pub struct TestClock(Arc<AtomicI64>);

impl TestClock {
    /// At [`START`].
    pub fn new() -> Self {
        Self(Arc::new(AtomicI64::new(START.millis())))
    }

    /// The time it shows.
    pub fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.0.load(Ordering::SeqCst))
    }

    /// Moves it forward, or back.
    pub fn advance_millis(&self, millis: i64) {
        self.0.fetch_add(millis, Ordering::SeqCst);
    }

    /// Moves it forward, or back.
    pub fn advance_seconds(&self, seconds: i64) {
        self.advance_millis(seconds * 1000);
    }
}

impl Default for TestClock {
    fn default() -> Self {
        Self::new()
    }
}

/// The product under test: an empty table, a handful of keys, the handlers as one process would hold them.
pub struct TestApp {
    /// The handlers' state.
    pub inner: App,
    /// Its time.
    pub clock: TestClock,
    /// The DynamoDB it is in.
    pub endpoint: String,
    keys: HashMap<&'static str, String>,
}

/// Somebody: what tests call them, organization, kind, id, display name, scopes.
pub type Person = (&'static str, &'static str, &'static str, &'static str, &'static str, &'static [Scope]);

/// Who has a key at every app. `other` is of another organization, with all that `agent` may do.
pub const PEOPLE: [Person; 9] = [
    ("admin", "org_a", "human", "user_1", "Ada Admin", &[Scope::Admin]),
    ("other_admin", "org_b", "human", "user_1", "Other Admin", &[Scope::Admin]),
    ("dana", "org_a", "human", "user_42", "Dana Rivera", &[Scope::Read, Scope::Review]),
    ("ben", "org_a", "human", "user_17", "Ben Okafor", &[Scope::Read, Scope::Review]),
    ("agent", "org_a", "agent", "agent_1", "Ledger Agent", &[Scope::Read, Scope::Review, Scope::Runtime]),
    ("runtime", "org_a", "agent", "agent_9", "Workflow Runtime", &[Scope::Runtime]),
    ("reviewer", "org_a", "human", "user_9", "Vic Reviewer", &[Scope::Review]),
    ("reader", "org_a", "human", "user_7", "Rae Reader", &[Scope::Read]),
    ("other", "org_b", "agent", "agent_1", "Other Agent", &[Scope::Read, Scope::Review, Scope::Runtime]),
];

impl TestApp {
    /// A new app in a new table.
    pub async fn new() -> Self {
        Self::with_client(emulator::client(endpoint())).await
    }

    /// A new app in a new table, whose calls go through `client`.
    pub async fn with_client(client: Client) -> Self {
        Self::with(client, Stream::Off).await
    }

    /// A new app in a new table that has its stream.
    pub async fn with_stream() -> Self {
        Self::at(endpoint(), emulator::client(endpoint()), Stream::On, TestClock::new()).await
    }

    /// A new app whose indexes lag behind its table when a test says so.
    pub async fn with_index_lag() -> (Self, IndexLag) {
        let faults = faults::Faults::default();
        let app = Self::with(faults.client(endpoint()), Stream::On).await;
        let lag = IndexLag::of(endpoint(), app.inner.store.table()).await;
        faults.lag_behind(&lag);
        (app, lag)
    }

    /// A new app in an emulator of its own that has the app's time: TTL deletes there what the app thinks is past.
    pub async fn alone() -> (Self, Emulator) {
        let clock = TestClock::new();
        let time = clock.clone();
        let emulator = Emulator::ephemeral_at(move || time.now().millis()).unwrap();
        let endpoint = emulator.endpoint().to_owned();
        (Self::at(&endpoint, emulator::client(&endpoint), Stream::On, clock).await, emulator)
    }

    async fn with(client: Client, stream: Stream) -> Self {
        Self::at(endpoint(), client, stream, TestClock::new()).await
    }

    async fn at(endpoint: &str, client: Client, stream: Stream, clock: TestClock) -> Self {
        let name = table_name();
        let plain = emulator::client(endpoint);
        assert!(table::create(&plain, &name, stream).await.unwrap(), "{name} existed");
        let mut keys = HashMap::new();
        let plain = Store::new(plain, &name);
        for (nick, organization, kind, id, display_name, scopes) in PEOPLE {
            let new = NewKey {
                organization: OrganizationId::parse(organization).unwrap(),
                actor: api_keys::actor(kind, id, display_name).unwrap(),
                scopes: scopes.to_vec(),
                groups: Vec::new(),
                expires_at: None,
            };
            let (key, _) = api_keys::create(&plain, new, clock.now()).await.unwrap();
            keys.insert(nick, key.reveal().to_owned());
        }
        let mut app = App::with_clock(Store::new(client, name), clock_of(&clock));
        app.egress = Egress::PublicAndLoopback;
        app.bucket = Some(bucket());
        Self { inner: app, clock, endpoint: endpoint.to_owned(), keys }
    }

    /// Another process on the same table: nothing cached.
    pub fn another_app(&self, client: Client) -> App {
        let mut app = App::with_clock(Store::new(client, self.inner.store.table()), clock_of(&self.clock));
        app.bucket = Some(bucket());
        app
    }

    /// A key for somebody who has none yet.
    pub async fn key_for(&self, organization: &str, kind: &str, id: &str, scopes: &[Scope]) -> String {
        self.key_in(organization, kind, id, scopes, &[]).await
    }

    /// As [`TestApp::key_for`], for a member of groups.
    pub async fn key_in(
        &self,
        organization: &str,
        kind: &str,
        id: &str,
        scopes: &[Scope],
        groups: &[&str],
    ) -> String {
        let new = NewKey {
            organization: OrganizationId::parse(organization).unwrap(),
            actor: api_keys::actor(kind, id, id).unwrap(),
            scopes: scopes.to_vec(),
            groups: groups.iter().map(|group| GroupId::parse(group).unwrap()).collect(),
            expires_at: None,
        };
        let store = Store::new(emulator::client(&self.endpoint), self.inner.store.table());
        let (key, _) = api_keys::create(&store, new, self.clock.now()).await.unwrap();
        key.reveal().to_owned()
    }

    /// Gives somebody a key of that nick.
    pub fn add_key(&mut self, nick: &'static str, key: String) {
        self.keys.insert(nick, key);
    }

    /// Somebody's key.
    pub fn key(&self, who: &str) -> &str {
        &self.keys[who]
    }

    /// One call over the local gateway.
    pub async fn call(&self, who: &str, method: &str, path: &str, body: Option<Value>) -> Answer {
        let body = body.map_or(Body::Empty, |body| Body::Text(body.to_string()));
        self.send(self.request(who, method, path, body)).await
    }

    /// A request as a client would send it.
    pub fn request(&self, who: &str, method: &str, path: &str, body: Body) -> Request<Body> {
        let request = Request::builder().method(method).uri(path).header("api-key", self.key(who));
        request.header(http::header::CONTENT_TYPE, "application/json").body(body).unwrap()
    }

    /// Any request over the local gateway.
    pub async fn send(&self, request: Request<Body>) -> Answer {
        let route = described::route(&request);
        let answer = Answer::of(Box::pin(dispatch(&self.inner, request)).await);
        described::check(route, &answer);
        answer
    }

    /// As `call`, with what it cost in DynamoDB. The key lookup is warm.
    pub async fn metered(&self, who: &str, method: &str, path: &str, body: Option<Value>) -> (Answer, Usage) {
        // Any call warms the cache of keys; this one touches nothing else.
        self.call(who, "GET", "/v1/workflows/reviews/%20/%20", None).await;
        Meter::measure(self.call(who, method, path, body)).await
    }

    /// The gate fires for that run and block.
    pub async fn open_at(&self, who: &str, run: &str, block: &str, priority: i32) -> Answer {
        let answer = self.call(who, "POST", REVIEWS, Some(opening(run, block, priority))).await;
        assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.body);
        answer
    }

    /// The review [`REVIEW`] of another run, opened by `agent` with these terms, as if a policy had said so.
    pub async fn open_with(&self, run: &str, terms: Terms) -> Overlay {
        self.open_with_evidence(run, terms, Evidence::default()).await
    }

    /// As [`TestApp::open_with`], with what came with the output.
    pub async fn open_with_evidence(&self, run: &str, terms: Terms, evidence: Evidence) -> Overlay {
        let json = |text: &str| HashedJson::try_from(JsonText::parse(text.to_owned()).unwrap()).unwrap();
        let agent = api_keys::actor("agent", "agent_7", "Agent 7").unwrap();
        let opening = Opening {
            id: ReviewId {
                organization: OrganizationId::parse("org_a").unwrap(),
                run: RunId::parse(run).unwrap(),
                block: BlockId::parse("block_extract").unwrap(),
            },
            workflow_id: WorkflowId::parse("wf_invoices").unwrap(),
            workflow_version_id: WorkflowVersionId::parse("wfv_7").unwrap(),
            block_type: BlockType::Extract,
            triggered_by: json(r#"{"kind":"always"}"#),
            snapshot: json(r#"{"vendor":"Northwind","total":12.5}"#),
            author: api_keys::actor("model", "model", "Model").unwrap(),
            priority: Priority(0),
            resume: None,
            evidence,
            terms,
            priority_of_policy: None,
            display: Vec::new(),
        };
        let context = CommandContext {
            actor: agent,
            at: self.clock.now(),
            entry_id: shared::new_id::entry_id(),
            request: opening.digest(),
            command_id: None,
            standing: Standing::default(),
        };
        let packed = PackedOpening::pack(&opening).unwrap();
        match self.inner.store.open(opening, &packed, IfExists::Reject, &context).await.unwrap() {
            Outcome::Done { overlay, .. } => *overlay,
            other => panic!("{other:?}"),
        }
    }

    /// Opens what `body` would open, by `agent`, with these terms. The body has no evidence.
    pub async fn open_like(&self, body: &Value, terms: Terms) -> Overlay {
        let text = |field: &str| body[field].as_str().unwrap();
        let hashed =
            |field: &str| HashedJson::try_from(JsonText::parse(body[field].to_string()).unwrap()).unwrap();
        let author = &body["author"];
        let said = |field: &str| author[field].as_str().unwrap();
        let opening = Opening {
            id: ReviewId {
                organization: OrganizationId::parse("org_a").unwrap(),
                run: RunId::parse(text("run_id")).unwrap(),
                block: BlockId::parse(text("block_id")).unwrap(),
            },
            workflow_id: WorkflowId::parse(text("workflow_id")).unwrap(),
            workflow_version_id: WorkflowVersionId::parse(text("workflow_version_id")).unwrap(),
            block_type: BlockType::Extract,
            triggered_by: hashed("triggered_by"),
            snapshot: hashed("snapshot"),
            author: api_keys::actor(said("kind"), said("id"), said("display_name")).unwrap(),
            priority: Priority(i32::try_from(body["priority"].as_i64().unwrap()).unwrap()),
            resume: None,
            evidence: Evidence::default(),
            terms,
            priority_of_policy: None,
            display: Vec::new(),
        };
        let (_, _, kind, id, name, _) = PEOPLE.iter().find(|person| person.0 == "agent").unwrap();
        let context = CommandContext {
            actor: api_keys::actor(kind, id, name).unwrap(),
            at: self.clock.now(),
            entry_id: shared::new_id::entry_id(),
            request: opening.digest(),
            command_id: None,
            standing: Standing::default(),
        };
        let packed = PackedOpening::pack(&opening).unwrap();
        match self.inner.store.open(opening, &packed, IfExists::Reject, &context).await.unwrap() {
            Outcome::Done { overlay, .. } => *overlay,
            other => panic!("{other:?}"),
        }
    }

    /// The gate of [`REVIEW`] fires.
    pub async fn open(&self) -> Answer {
        self.open_at("agent", "run_abc123", "block_extract", 0).await
    }

    /// Somebody claims [`REVIEW`].
    pub async fn claim(&self, who: &str, stamp: u64, ttl_seconds: u32) -> Answer {
        let body = json!({ "version_stamp": stamp, "ttl_seconds": ttl_seconds });
        self.call(who, "POST", &format!("{REVIEW}/claim"), Some(body)).await
    }

    /// Somebody releases [`REVIEW`].
    pub async fn release(&self, who: &str, stamp: u64) -> Answer {
        self.call(who, "POST", &format!("{REVIEW}/release"), Some(json!({ "version_stamp": stamp }))).await
    }

    /// Somebody does something else to [`REVIEW`]: `versions`, `decision`, `reopen`.
    pub async fn post(&self, who: &str, verb: &str, body: Value) -> Answer {
        self.call(who, "POST", &format!("{REVIEW}/{verb}"), Some(body)).await
    }

    /// Somebody approves [`REVIEW`] as it is.
    pub async fn approve(&self, who: &str, stamp: u64) -> Answer {
        self.post(who, "decision", json!({ "verdict": "approved", "version_stamp": stamp })).await
    }

    /// [`REVIEW`] as Dana reads it.
    pub async fn get(&self) -> Answer {
        self.call("dana", "GET", REVIEW, None).await
    }
}

fn clock_of(clock: &TestClock) -> shared::api::Clock {
    let clock = clock.clone();
    Arc::new(move || clock.now())
}

/// The body that opens a small review.
pub fn opening(run: &str, block: &str, priority: i32) -> Value {
    json!({
        "run_id": run,
        "block_id": block,
        "workflow_id": "wf_1",
        "workflow_version_id": "wfv_1",
        "block_type": "extract",
        "triggered_by": { "kind": "always" },
        "snapshot": { "total": 12.5, "vendor": "Northwind" },
        "author": { "kind": "model", "id": "model_1", "display_name": "Extractor" },
        "priority": priority,
    })
}

/// The body that asks the gate about the same small output.
pub fn gating(run: &str, block: &str, predicate: Value) -> Value {
    let mut body = opening(run, block, 0);
    body["predicate"] = predicate;
    if let Some(fields) = body.as_object_mut() {
        fields.remove("triggered_by");
    }
    body
}

/// An overlay whose audit is all that was written, oldest first, read page by page.
pub async fn whole_audit(app: &TestApp, review: &str, mut overlay: Value) -> Value {
    let mut audit = audit(app, review, 200).await;
    audit.reverse();
    overlay["audit"] = json!(audit);
    written(&overlay)
}

/// The whole audit of a review, newest first, read in pages of `limit`.
pub async fn audit(app: &TestApp, review: &str, limit: usize) -> Vec<Value> {
    let mut rows = Vec::new();
    let mut cursor = String::new();
    loop {
        let path = format!("{review}/audit?limit={limit}{cursor}");
        let page = app.call("dana", "GET", &path, None).await.ok();
        let data = page["data"].as_array().unwrap();
        assert!(data.len() <= limit && (data.len() == limit || page["has_more"] == false), "{path}");
        rows.extend(data.iter().cloned());
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return rows,
        }
    }
}

/// An overlay without the stale writes that were rejected: what was written, and nothing else.
pub fn written(overlay: &Value) -> Value {
    let mut overlay = overlay.clone();
    if let Some(audit) = overlay["audit"].as_array_mut() {
        audit.retain(|entry| entry["event"] != "stale_write_rejected");
    }
    overlay
}

/// What came back.
#[derive(Debug)]
pub struct Answer {
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// How many bytes came, compressed if they were.
    pub carried_bytes: usize,
    /// The body, decompressed.
    pub text: String,
    /// The body as JSON; null when there is none.
    pub body: Value,
}

impl Answer {
    fn of(response: http::Response<Body>) -> Self {
        let (parts, body) = response.into_parts();
        let mut text = String::new();
        if parts.headers.get(http::header::CONTENT_ENCODING).is_some_and(|coding| coding == "gzip") {
            GzDecoder::new(&body[..]).read_to_string(&mut text).unwrap();
        } else {
            // A picture is no text.
            text.push_str(&String::from_utf8_lossy(&body));
        }
        let carried_bytes = body.len();
        let is_json =
            parts.headers.get(http::header::CONTENT_TYPE).is_some_and(|it| it == "application/json");
        let json = if is_json { serde_json::from_str(&text).unwrap() } else { Value::Null };
        Self { status: parts.status, headers: parts.headers, carried_bytes, text, body: json }
    }

    /// Asserts that the browser is sent to `place`, to be read with GET.
    pub fn goes_to(&self, place: &str) {
        let location = self.headers.get(http::header::LOCATION).map(|it| it.to_str().unwrap());
        assert_eq!((self.status, location), (StatusCode::SEE_OTHER, Some(place)), "{}", self.text);
    }

    /// Asserts 200 and returns the body.
    pub fn ok(self) -> Value {
        assert_eq!(self.status, StatusCode::OK, "{}", self.start());
        self.body
    }

    /// Asserts an error of the contract's shape and returns its `detail`.
    pub fn error(self, status: u16, code: &str) -> Value {
        let got = (self.status.as_u16(), self.body["detail"]["code"].as_str());
        assert_eq!(got, (status, Some(code)), "{}", self.start());
        let detail = self.body["detail"].clone();
        assert!(detail["message"].as_str().is_some_and(|message| message.ends_with('.')), "{detail}");
        detail
    }

    /// The beginning of the body, for messages.
    fn start(&self) -> String {
        self.text.chars().take(2000).collect()
    }

    /// Asserts a 422 and returns `(loc, code)` of each fault, in order.
    pub fn faults(self) -> Vec<(String, String)> {
        let detail = self.error(422, "validation_error");
        let errors = detail["details"]["errors"].as_array().unwrap();
        errors
            .iter()
            .map(|error| {
                assert!(error["message"].as_str().is_some_and(|message| !message.is_empty()));
                let loc: Vec<&str> =
                    error["loc"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
                (loc.join("."), error["code"].as_str().unwrap().to_owned())
            })
            .collect()
    }
}

/// All leases of the table.
pub async fn leases(app: &TestApp) -> Vec<HashMap<String, AttributeValue>> {
    let found = app.inner.store.client().scan().table_name(app.inner.store.table()).send().await.unwrap();
    let is_lease = |item: &HashMap<String, AttributeValue>| item["sk"].as_s().unwrap().starts_with("LEASE#");
    found.items.unwrap().into_iter().filter(is_lease).collect()
}
