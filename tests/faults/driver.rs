//! Runs `driver.py`, and reads what the reviews came to.

use crate::history::Operation;
use lambda_http::Body;
use lambda_http::http::{Request, header};
use local::api_keys::{self, NewKey};
use local::gateway::dispatch;
use serde_json::Value;
use shared::api::App;
use shared::review::{GroupId, OrganizationId};
use shared::store::Scope;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;
use tests::rie::{target, workspace};
use tests::{TestApp, python};

/// Who takes part: four clients each.
pub(crate) const ACTORS: [&str; 4] = ["user_1", "user_2", "user_3", "agent_1"];

/// Who belongs to a group.
pub(crate) const GROUPS: [(&str, &str); 3] =
    [("user_1", "finance"), ("user_2", "finance"), ("agent_1", "others")];

/// How many operations, and how long they may take: as many as `HOLDPOINT_OPERATIONS` says, or the usual number in a
/// time that every run of the tests can spare.
pub(crate) fn size(usual: usize) -> (usize, Duration) {
    match std::env::var("HOLDPOINT_OPERATIONS") {
        Ok(text) => (text.parse().unwrap(), Duration::from_mins(30)),
        Err(_) => (usual, Duration::from_secs(tests::amount(20, 40))),
    }
}

/// The clients, with their keys.
pub(crate) struct Driver {
    seed: u64,
    name: &'static str,
    keys: BTreeMap<&'static str, String>,
    /// A key that may put policies, if they change.
    policy_key: Option<String>,
}

impl Driver {
    /// With keys of the app's; policies change.
    pub(crate) async fn new(app: &TestApp, seed: u64, name: &'static str) -> Self {
        let plain = app.another_app(local::emulator::client(&app.endpoint));
        let key = async |actor: &str, scopes: Vec<Scope>| {
            let groups = GROUPS.iter().filter(|(member, _)| *member == actor);
            let new = NewKey {
                organization: OrganizationId::parse("org_a").unwrap(),
                actor: api_keys::actor("human", actor, "Somebody").unwrap(),
                scopes,
                groups: groups.map(|(_, group)| GroupId::parse(group).unwrap()).collect(),
                expires_at: None,
            };
            let (key, _) = api_keys::create(&plain.store, new, app.clock.now()).await.unwrap();
            key.reveal().to_owned()
        };
        let mut keys = BTreeMap::new();
        for actor in ACTORS {
            keys.insert(actor, key(actor, vec![Scope::Read, Scope::Review, Scope::Runtime]).await);
        }
        let policy_key = Some(key("admin", vec![Scope::Admin]).await);
        Self { policy_key, ..Self::with_keys(keys, seed, name) }
    }

    /// With keys that are there already.
    pub(crate) const fn with_keys(
        keys: BTreeMap<&'static str, String>,
        seed: u64,
        name: &'static str,
    ) -> Self {
        Self { seed, name, keys, policy_key: None }
    }

    /// A key that may read.
    pub(crate) fn key(&self) -> &str {
        &self.keys[ACTORS[0]]
    }

    fn file(&self) -> PathBuf {
        let folder = target().join("tmp");
        std::fs::create_dir_all(&folder).unwrap();
        folder.join(format!("history-{}-{}.jsonl", self.name, std::process::id()))
    }

    /// The command that plays `operations` against a product, for so long at most.
    pub(crate) fn command(&self, url: &str, operations: usize, at_most: Duration) -> Command {
        let mut script = Command::new(python::interpreter());
        script
            .arg(workspace().join("tests/faults/driver.py"))
            .env("HOLDPOINT_URL", url)
            .env("HISTORY", self.file())
            .env("OPERATIONS", operations.to_string())
            .env("SECONDS", at_most.as_secs().to_string())
            .env("SEED", self.seed.to_string())
            .env("KEYS", serde_json::to_string(&self.keys).unwrap())
            .envs(self.policy_key.iter().map(|key| ("POLICY_KEY", key)));
        script
    }

    /// How many operations are over.
    pub(crate) fn progress(&self) -> usize {
        std::fs::read_to_string(self.file()).map_or(0, |text| text.lines().count())
    }

    /// What the clients noted down.
    pub(crate) fn history(&self) -> Vec<Operation> {
        Operation::read(&self.file())
    }

    /// Fails if anything is wrong, and says where the history is; else that is not needed any more.
    pub(crate) fn conclude(&self, wrong: &[String]) {
        let (seed, file) = (self.seed, self.file());
        assert!(
            wrong.is_empty(),
            "seed {seed}, {}: {} violations:\n{}",
            file.display(),
            wrong.len(),
            wrong.join("\n")
        );
        std::fs::remove_file(file).unwrap();
    }

    /// Plays `operations` against a product, for so long at most.
    pub(crate) async fn run(&self, url: &str, operations: usize, at_most: Duration) -> Vec<Operation> {
        let mut script = self.command(url, operations, at_most);
        let output = tokio::task::spawn_blocking(move || script.output()).await.unwrap().unwrap();
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success() && errors.is_empty(), "{errors}");
        self.history()
    }

    /// The final overlays of all reviews that the history speaks of and that there are.
    pub(crate) async fn overlays(&self, other_app: &App, history: &[Operation]) -> Vec<Value> {
        let runs: BTreeSet<&str> = history.iter().filter_map(|it| it.run.as_deref()).collect();
        let mut overlays = Vec::new();
        for run in runs {
            let request =
                Request::get(format!("{}/{run}/block", tests::REVIEWS)).header("api-key", self.key());
            let request = request.header(header::ACCEPT_ENCODING, "identity").body(Body::Empty).unwrap();
            let answer = Box::pin(dispatch(other_app, request)).await;
            let body: Value = serde_json::from_slice(answer.body()).unwrap();
            match answer.status().as_u16() {
                200 => overlays.push(self.with_whole_audit(other_app, run, body).await),
                status => assert_eq!(status, 404, "{run}: {body}"),
            }
        }
        overlays
    }
}

impl Driver {
    /// The overlay with all that was written in `audit`, however long it is, and what was rejected in `stale`.
    async fn with_whole_audit(&self, other_app: &App, run: &str, mut overlay: Value) -> Value {
        let mut audit = Vec::new();
        let mut cursor = String::new();
        loop {
            let path = format!("{}/{run}/block/audit?limit=200{cursor}", tests::REVIEWS);
            let request = Request::get(path).header("api-key", self.key());
            let request = request.header(header::ACCEPT_ENCODING, "identity").body(Body::Empty).unwrap();
            let answer = Box::pin(dispatch(other_app, request)).await;
            let page: Value = serde_json::from_slice(answer.body()).unwrap();
            audit.extend(page["data"].as_array().unwrap().iter().cloned());
            match page["next_cursor"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => break,
            }
        }
        audit.reverse();
        let (stale, written): (Vec<Value>, Vec<Value>) =
            audit.into_iter().partition(|entry| entry["event"] == "stale_write_rejected");
        overlay["audit"] = Value::Array(written);
        overlay["audit_truncated"] = Value::Null;
        overlay["stale"] = Value::Array(stale);
        overlay
    }
}

/// How much there is in the end, for a person to read.
pub(crate) fn shape(overlays: &[Value]) -> String {
    let entries = || overlays.iter().flat_map(|it| it["audit"].as_array().unwrap());
    let expired = entries().filter(|entry| entry["event"] == "claim_expired").count();
    let stale: usize = overlays.iter().map(|it| it["stale"].as_array().map_or(0, Vec::len)).sum();
    format!(
        "{} reviews, {} audit entries, {expired} of them expiries, {stale} rejected stale writes",
        overlays.len(),
        entries().count()
    )
}
