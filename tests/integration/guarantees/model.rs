//! The real handlers and store against a small reference model: random sequences of all calls by several actors, valid
//! and invalid, fresh and stale stamps, retries, reused command ids, clock steps. Every answer and every final overlay
//! must be what the model says.
//!
//! A failing sequence is shrunk, printed, and kept in `proptest-regressions`, from where it is replayed first.
//! `PROPTEST_CASES` makes the run longer.

use proptest::prelude::*;
use proptest::test_runner::{Config, FileFailurePersistence, TestRunner};
use serde_json::{Map, Value, json};
use shared::review::{ActorId, Approvals, Assignment, Terms, Timestamp};
use std::sync::atomic::{AtomicU32, Ordering};
use tests::{Answer, PEOPLE, REVIEWS, TestApp, opening};

/// Who takes part, all of one organization; the index is the model's name for them.
const ACTORS: [&str; 3] = ["dana", "ben", "agent"];
const COMMANDS: [&str; 3] = ["cmd-a", "cmd-b", "cmd-c"];
const IF_EXISTS: [&str; 3] = ["reject", "adopt", "supersede"];
const BLOCKS: [&str; 2] = ["one", "two"];

/// One call to one of two reviews.
#[derive(Clone, Debug)]
struct Step {
    who: usize,
    block: usize,
    /// Added to the current `rev` to make the stamp.
    stamp: i64,
    command: Option<usize>,
    call: Call,
    /// How much time passes before it, in milliseconds.
    wait: i64,
}

#[derive(Clone, Debug, PartialEq)]
enum Call {
    Open {
        priority: i32,
        /// Which output; 0 is that of all first openings.
        output: u8,
        if_exists: usize,
    },
    Claim {
        ttl: u32,
    },
    Release,
    Edit {
        total: u8,
        agent: bool,
    },
    Approve {
        edited: Option<u8>,
        on: Option<u32>,
        effective: Option<u32>,
    },
    Reject {
        blank: bool,
        on: Option<u32>,
    },
    Escalate {
        to: u8,
    },
    Reopen {
        reason: bool,
    },
    /// To some of the actors, by a set of bits.
    Assign {
        to: u8,
    },
    /// The last call again, word by word.
    Again,
}

fn step() -> impl Strategy<Value = Step> {
    let seq = || prop::option::weighted(0.3, 0..4_u32);
    let call = prop_oneof![
        2 => (0..2_i32, 0..3_u8, 0..IF_EXISTS.len())
            .prop_map(|(priority, output, if_exists)| Call::Open { priority, output, if_exists }),
        5 => prop::sample::select(vec![30_u32, 60, 900, 29]).prop_map(|ttl| Call::Claim { ttl }),
        3 => Just(Call::Release),
        4 => (0..3_u8, any::<bool>()).prop_map(|(total, agent)| Call::Edit { total, agent }),
        2 => (prop::option::of(0..3_u8), seq(), seq())
            .prop_map(|(edited, on, effective)| Call::Approve { edited, on, effective }),
        1 => (prop::bool::weighted(0.1), seq()).prop_map(|(blank, on)| Call::Reject { blank, on }),
        2 => (0..2_u8).prop_map(|to| Call::Escalate { to }),
        2 => any::<bool>().prop_map(|reason| Call::Reopen { reason }),
        2 => (0..8_u8).prop_map(|to| Call::Assign { to }),
        4 => Just(Call::Again),
    ];
    let stamp = prop_oneof![7 => Just(0_i64), 2 => Just(-1), 1 => -3..3_i64];
    let wait = prop_oneof![3 => Just(0_i64), 2 => 1..20_000_i64, 1 => Just(30_000), 1 => -500..0_i64];
    let command = prop::option::weighted(0.25, 0..COMMANDS.len());
    (0..ACTORS.len(), 0..BLOCKS.len(), stamp, command, call, wait)
        .prop_map(|(who, block, stamp, command, call, wait)| Step { who, block, stamp, command, call, wait })
}

/// What a policy demands of the first review of a sequence.
#[derive(Clone, Copy, Debug)]
struct Demands {
    /// How many must approve, and whether with four eyes; nothing, where one is enough.
    approvals: Option<(u8, bool)>,
    /// To which actors it is assigned, by a set of bits, and whether that is enforced.
    assigned: Option<(u8, bool)>,
}

fn demands() -> impl Strategy<Value = Demands> {
    let approvals = prop::option::weighted(0.6, (1..4_u8, any::<bool>()));
    let assigned = prop::option::weighted(0.4, (0..8_u8, any::<bool>()));
    (approvals, assigned).prop_map(|(approvals, assigned)| Demands { approvals, assigned })
}

impl Demands {
    fn terms(self) -> Terms {
        let approvals = self.approvals.map(|(required, four_eyes)| Approvals {
            required,
            four_eyes,
            given: Vec::new(),
            made_by: Vec::new(),
        });
        let assignment = self.assigned.map(|(to, enforce)| Assignment {
            groups: Vec::new(),
            actors: ids(to).iter().map(|id| ActorId::parse(id).unwrap()).collect(),
            enforce,
        });
        Terms { approvals, assignment, ..Terms::default() }
    }
}

/// The ids of a set of actors.
fn ids(of: u8) -> Vec<String> {
    let members = (0..ACTORS.len()).filter(|who| of & (1 << who) != 0);
    members.map(|who| actor(who)["id"].as_str().unwrap().to_owned()).collect()
}

/// What the model remembers of one audit entry.
#[derive(Clone, Debug)]
struct Entry {
    who: usize,
    /// The call's name and its parameters, the stamp left out.
    request: String,
    command: Option<usize>,
    /// As the wire has it, ids left out.
    wire: Value,
}

/// A review, as simply as it can be said: the wire's overlay, ids left out, and the entries.
#[derive(Clone, Debug)]
struct Model {
    overlay: Map<String, Value>,
    opened_with: (i32, u8),
    claimed_until: i64,
    /// The ids of who made the newest version.
    makers: Vec<Value>,
    entries: Vec<Entry>,
    /// Rejected stale writes: the `rev` each met, and the wire's entry.
    stale: Vec<(i64, Value)>,
}

/// What a call should answer.
#[derive(Debug)]
enum Expected {
    Overlay(u16),
    Decided(&'static str),
    Error(u16, &'static str),
}

fn actor(who: usize) -> Value {
    let (_, _, kind, id, name, _) = PEOPLE.iter().find(|person| person.0 == ACTORS[who]).unwrap();
    json!({ "kind": kind, "id": id, "display_name": name })
}

fn time(millis: i64) -> Value {
    json!(Timestamp::from_millis(millis).to_string())
}

impl Model {
    fn open(run: &str, block: &str, priority: i32, output: u8, who: usize, now: i64) -> Self {
        let body = gate(run, block, priority, output);
        let mut overlay = Map::new();
        for (field, value) in [
            ("_id", json!(format!("{run}:{block}"))),
            ("organization_id", json!("org_a")),
            ("workflow_id", body["workflow_id"].clone()),
            ("workflow_version_id", body["workflow_version_id"].clone()),
            ("workflow_run_id", json!(run)),
            ("block_id", json!(block)),
            ("block_run_id", json!(format!("{run}:{block}"))),
            ("block_type", body["block_type"].clone()),
            ("triggered_by", body["triggered_by"].clone()),
            ("status", json!("awaiting_review")),
            ("priority", json!(priority)),
            ("rev", json!(0)),
            ("head_seq", json!(0)),
            ("effective_seq", Value::Null),
            ("claim", Value::Null),
            ("escalated_to", Value::Null),
            ("resume", Value::Null),
            ("awaiting_since", time(now)),
            ("decided_at", Value::Null),
            ("created_at", time(now)),
            ("updated_at", time(now)),
            ("decisions", json!([])),
        ] {
            overlay.insert(field.to_owned(), value);
        }
        if let Some(documents) = body.get("documents") {
            let document = &documents[0];
            let (id, name, media) = (&document["id"], &document["filename"], &document["mime_type"]);
            overlay.insert("documents".into(), json!([{ "id": id, "filename": name, "mime_type": media }]));
            overlay.insert("has_evidence".into(), json!(true));
        }
        let version =
            version(0, Value::Null, body["author"].clone(), "model_output", body["snapshot"].clone(), now);
        overlay.insert("versions".into(), json!([version]));
        let wire = entry("overlay_created", who, now, 0, Some(0), json!({ "priority": priority }));
        let created = Entry { who, request: String::new(), command: None, wire };
        let opened_with = (priority, output);
        let makers = vec![body["author"]["id"].clone(), actor(who)["id"].clone()];
        Self { overlay, opened_with, claimed_until: 0, makers, entries: vec![created], stale: Vec::new() }
    }

    /// As its policy demands.
    fn demand(&mut self, demands: Demands) {
        if let Some((required, four_eyes)) = demands.approvals {
            let approvals = json!({ "required": required, "four_eyes": four_eyes, "given": [] });
            self.set("approvals", approvals);
        }
        if let Some((to, enforce)) = demands.assigned {
            self.set("assigned_to", json!({ "groups": [], "actors": ids(to), "enforce": enforce }));
        }
    }

    /// The newest version is another one.
    fn made_by(&mut self, makers: Vec<Value>) {
        self.makers = makers;
        self.drop_approvals();
    }

    fn drop_approvals(&mut self) {
        if let Some(approvals) = self.overlay.get_mut("approvals") {
            approvals["given"] = json!([]);
        }
    }

    fn number(&self, field: &str) -> i64 {
        self.overlay[field].as_i64().unwrap()
    }

    fn is_open(&self) -> bool {
        self.overlay["status"] == "awaiting_review"
    }

    /// The overlay as it reads at `now`.
    fn read(&self, now: i64) -> Value {
        let mut overlay = self.overlay.clone();
        if now >= self.claimed_until {
            overlay.insert("claim".into(), Value::Null);
        }
        let (audit, truncated) = self.audit();
        overlay.insert("audit".into(), json!(audit));
        if truncated {
            overlay.insert("audit_truncated".into(), json!(true));
        }
        Value::Object(overlay)
    }

    /// The newest entries: those that were written, and before each those that had met an earlier `rev`.
    fn audit(&self) -> (Vec<Value>, bool) {
        let mut stale = self.stale.clone();
        stale.sort_by_key(|(_, wire)| {
            let who = format!(
                "{}#{}",
                wire["actor"]["kind"].as_str().unwrap(),
                wire["actor"]["id"].as_str().unwrap()
            );
            (wire["rev_observed"].as_i64(), who)
        });
        let unseen = stale.len().saturating_sub(50);
        let mut stale = stale.split_off(unseen);
        stale.sort_by_key(|(met, wire)| (*met, wire["at"].as_str().unwrap().to_owned()));
        let mut rows: Vec<Value> = Vec::new();
        let mut written = self.entries.iter().map(|entry| &entry.wire).peekable();
        for (met, wire) in stale {
            while let Some(entry) = written.next_if(|entry| entry["rev_observed"].as_i64().unwrap() < met) {
                rows.push(entry.clone());
            }
            rows.push(wire);
        }
        rows.extend(written.cloned());
        let surplus = rows.len().saturating_sub(200);
        (rows.split_off(surplus), surplus + unseen > 0)
    }

    /// The gate fires again.
    fn opened_again(&mut self, who: usize, output: u8, priority: i32, if_exists: &str, now: i64) -> Expected {
        let content = gate("", "", priority, output);
        // What the model said last.
        let versions = self.overlay["versions"].as_array().unwrap();
        let of_model = versions.iter().rev().find(|version| version["origin"] == "model_output").unwrap();
        let is_output = of_model["snapshot"] == content["snapshot"];
        if self.opened_with == (priority, output) || if_exists == "adopt" {
            return Expected::Overlay(200);
        }
        if if_exists == "reject" {
            return Expected::Error(409, "review_exists");
        }
        if is_output {
            return Expected::Overlay(200);
        }
        if !self.is_open() {
            return Expected::Error(409, "review_not_open");
        }
        let (head, rev) = (self.number("head_seq"), self.number("rev"));
        let snapshot = content["snapshot"].clone();
        let appended =
            version(head + 1, json!(head), content["author"].clone(), "model_output", snapshot, now);
        self.overlay["versions"].as_array_mut().unwrap().push(appended);
        self.made_by(vec![content["author"]["id"].clone(), actor(who)["id"].clone()]);
        self.set("head_seq", json!(head + 1));
        let detail = json!({ "seq": head + 1, "origin": "model_output" });
        let wire = entry("version_appended", who, now, rev, Some(rev + 1), detail);
        self.entries.push(Entry { who, request: "open".into(), command: None, wire });
        self.set("rev", json!(rev + 1));
        self.set("updated_at", time(now));
        Expected::Overlay(200)
    }

    /// A stale write is rejected: one entry for each stamp and actor.
    fn reject(&mut self, step: &Step, stamp: i64, now: i64) {
        let rev = self.number("rev");
        let known = self
            .stale
            .iter()
            .any(|(_, wire)| wire["rev_observed"] == json!(stamp) && wire["actor"] == actor(step.who));
        if stamp < rev && !known {
            let attempted = match step.call {
                Call::Claim { .. } => "claim",
                Call::Release => "release",
                Call::Edit { .. } => "edit",
                Call::Reopen { .. } => "reopen",
                Call::Assign { .. } => "assign",
                _ => "decide",
            };
            let detail = json!({ "attempted": attempted, "rev": rev });
            self.stale.push((rev, entry("stale_write_rejected", step.who, now, stamp, None, detail)));
        }
    }

    /// One mutating call, by the contract's order: replay, stamp, state.
    fn apply(&mut self, step: &Step, stamp: i64, now: i64) -> Expected {
        let request = match step.call {
            // What it is called follows from who edits.
            Call::Edit { total, .. } => format!("Edit {total}"),
            ref other => format!("{other:?}"),
        };
        let decision =
            matches!(step.call, Call::Approve { .. } | Call::Reject { .. } | Call::Escalate { .. });
        let replayed = if decision { Expected::Decided("already_applied") } else { Expected::Overlay(200) };
        if step.command.is_some() {
            let before =
                self.entries.iter().find(|entry| entry.command == step.command && entry.who == step.who);
            if let Some(before) = before {
                let same = before.request == request;
                return if same { replayed } else { Expected::Error(409, "command_id_reused") };
            }
        }
        let rev = self.number("rev");
        if stamp != rev {
            let last = self.entries.last().unwrap();
            let mine = last.who == step.who && last.request == request && self.entries.len() > 1;
            if step.command.is_none() && stamp + 1 == rev && mine {
                return replayed;
            }
            self.reject(step, stamp, now);
            return Expected::Error(409, "version_conflict");
        }
        match self.transition(step, now) {
            Err((status, code)) => Expected::Error(status, code),
            Ok(None) => Expected::Overlay(200),
            Ok(Some((word, mut detail))) => {
                if let Some(command) = step.command {
                    detail["command_id"] = json!(COMMANDS[command]);
                }
                let wire = entry(word, step.who, now, rev, Some(rev + 1), detail);
                self.entries.push(Entry { who: step.who, request, command: step.command, wire });
                self.set("rev", json!(rev + 1));
                self.set("updated_at", time(now));
                if decision { Expected::Decided("accepted") } else { Expected::Overlay(200) }
            }
        }
    }

    fn set(&mut self, field: &str, value: Value) {
        self.overlay.insert(field.to_owned(), value);
    }

    fn transition(
        &mut self,
        step: &Step,
        now: i64,
    ) -> Result<Option<(&'static str, Value)>, (u16, &'static str)> {
        let claimed = now < self.claimed_until && !self.overlay["claim"].is_null();
        match &step.call {
            Call::Release if !claimed => return Ok(None),
            Call::Reopen { .. } if self.is_open() => return Err((409, "review_not_decided")),
            Call::Reopen { .. } | Call::Release => {}
            _ if !self.is_open() => return Err((409, "review_not_open")),
            _ => {}
        }
        let to = self.overlay.get("assigned_to").filter(|to| to["enforce"] == true);
        let is_others =
            to.is_some_and(|to| !to["actors"].as_array().unwrap().contains(&actor(step.who)["id"]));
        if is_others && step.call != Call::Release {
            return Err((403, "not_assigned"));
        }
        // Nobody is called `team-0`, so nobody could work on it then.
        if to.is_some() && matches!(step.call, Call::Escalate { .. }) {
            return Err((422, "validation_error"));
        }
        Ok(Some(match &step.call {
            Call::Claim { ttl } => self.claim(step.who, *ttl, claimed, now),
            Call::Release => {
                let holder = self.overlay["claim"]["holder"].clone();
                self.drop_claim();
                ("released", json!({ "holder": holder }))
            }
            Call::Edit { total, .. } => {
                let origin = if ACTORS[step.who] == "agent" { "agent_edit" } else { "human_edit" };
                let seq = self.append(step.who, origin, *total, now);
                ("version_appended", json!({ "seq": seq, "origin": origin }))
            }
            Call::Reopen { reason } => {
                self.set("status", json!("awaiting_review"));
                self.set("awaiting_since", time(now));
                self.set("decided_at", Value::Null);
                self.set("effective_seq", Value::Null);
                self.drop_approvals();
                ("reopened", if *reason { json!({ "reason": "again" }) } else { json!({}) })
            }
            Call::Assign { to } => {
                let enforce = self.overlay.get("assigned_to").is_some_and(|to| to["enforce"] == true);
                let actors = ids(*to);
                if actors.is_empty() && !enforce {
                    self.overlay.remove("assigned_to");
                } else {
                    self.set("assigned_to", json!({ "groups": [], "actors": actors, "enforce": enforce }));
                }
                ("assigned", json!({ "groups": [], "actors": actors }))
            }
            Call::Approve { .. } | Call::Reject { .. } | Call::Escalate { .. } => self.decide(step, now)?,
            Call::Open { .. } | Call::Again => unreachable!("resolved before"),
        }))
    }

    fn claim(&mut self, who: usize, ttl: u32, claimed: bool, now: i64) -> (&'static str, Value) {
        let until = now + i64::from(ttl) * 1000;
        let before = self.overlay["claim"].clone();
        let mut detail = json!({ "expires_at": time(until) });
        let mut since = time(now);
        if claimed && before["holder"]["id"] == actor(who)["id"] {
            since = before["claimed_at"].clone();
            detail["renewed"] = json!(true);
        } else if claimed {
            detail["took_over_from"] = before["holder"].clone();
        }
        self.claimed_until = until;
        self.set("claim", json!({ "holder": actor(who), "claimed_at": since, "expires_at": time(until) }));
        ("claimed", detail)
    }

    fn drop_claim(&mut self) {
        self.claimed_until = 0;
        self.set("claim", Value::Null);
    }

    fn append(&mut self, who: usize, origin: &str, total: u8, now: i64) -> i64 {
        let head = self.number("head_seq");
        let appended = version(head + 1, json!(head), actor(who), origin, snapshot(total), now);
        self.overlay["versions"].as_array_mut().unwrap().push(appended);
        self.made_by(vec![actor(who)["id"].clone()]);
        self.set("head_seq", json!(head + 1));
        head + 1
    }

    fn decide(&mut self, step: &Step, now: i64) -> Result<(&'static str, Value), (u16, &'static str)> {
        let head = self.number("head_seq");
        let (verdict, edited, on, effective) = match &step.call {
            Call::Approve { edited, on, effective } => ("approved", *edited, *on, *effective),
            Call::Reject { on, .. } => ("rejected", None, *on, None),
            _ => ("escalated", None, None, None),
        };
        let newest = head + i64::from(edited.is_some());
        let on = on.map_or(newest, i64::from);
        let effective = effective.map_or(on, i64::from);
        if on > newest || (verdict == "approved" && effective > newest) {
            return Err((422, "validation_error"));
        }
        let approvals = self.overlay.get("approvals").filter(|_| verdict == "approved").cloned();
        let me = actor(step.who);
        if let Some(approvals) = &approvals {
            if on != newest || effective != newest {
                return Err((422, "validation_error"));
            }
            if approvals["four_eyes"] == true && (edited.is_some() || self.makers.contains(&me["id"])) {
                return Err((403, "own_version"));
            }
            let given = approvals["given"].as_array().unwrap();
            if edited.is_none() && given.iter().any(|it| it["actor"]["id"] == me["id"]) {
                return Err((409, "already_approved"));
            }
        }
        let mut detail = json!({ "verdict": verdict, "on_seq": on });
        if let Some(total) = edited {
            let origin = if ACTORS[step.who] == "agent" { "agent_edit" } else { "human_edit" };
            detail["appended_seq"] = json!(self.append(step.who, origin, total, now));
        }
        let decisions = self.overlay["decisions"].as_array().unwrap();
        let supersedes = decisions.last().map_or(Value::Null, |last| match last["verdict"].as_str() {
            Some("escalated") => last["supersedes_decision_id"].clone(),
            Some("approved") if last["effective_seq"].is_null() => last["supersedes_decision_id"].clone(),
            _ => json!(format!("d{}", decisions.len() - 1)),
        });
        let mut decision = json!({
            "decision_id": format!("d{}", decisions.len()),
            "verdict": verdict,
            "decided_by": actor(step.who),
            "decided_at": time(now),
            "on_seq": on,
            "effective_seq": Value::Null,
            "reason": Value::Null,
            "escalate_to": Value::Null,
            "supersedes_decision_id": supersedes,
        });
        detail["decision_id"] = decision["decision_id"].clone();
        self.drop_claim();
        let mut is_final = verdict != "escalated";
        if approvals.is_some() {
            let approvals = self.overlay.get_mut("approvals").unwrap();
            let given = approvals["given"].as_array_mut().unwrap();
            given.push(json!({ "actor": me, "on_seq": newest, "at": time(now) }));
            is_final = given.len() as u64 >= approvals["required"].as_u64().unwrap();
        }
        match &step.call {
            // One short of those required names no version that is in effect.
            Call::Approve { .. } if !is_final => {}
            Call::Approve { .. } => {
                decision["effective_seq"] = json!(effective);
                detail["effective_seq"] = json!(effective);
                self.set("effective_seq", json!(effective));
            }
            Call::Reject { .. } => decision["reason"] = json!("no"),
            Call::Escalate { to } => {
                decision["reason"] = json!("above me");
                decision["escalate_to"] = json!(format!("team-{to}"));
                // To the same addressee again: no more urgent than it is.
                if self.overlay["escalated_to"] != json!(format!("team-{to}")) {
                    let priority = self.number("priority") + 10;
                    detail["priority"] = json!(priority);
                    self.set("priority", json!(priority));
                }
                self.set("escalated_to", json!(format!("team-{to}")));
            }
            _ => unreachable!("only decisions come here"),
        }
        if is_final {
            self.set("status", json!(verdict));
            self.set("decided_at", time(now));
        }
        self.overlay["decisions"].as_array_mut().unwrap().push(decision);
        Ok(("decision_submitted", detail))
    }
}

/// What the gate says, with one of its outputs. The second block's come with a document.
fn gate(run: &str, block: &str, priority: i32, output: u8) -> Value {
    let mut body = opening(run, block, priority);
    if output > 0 {
        body["snapshot"] = json!({ "total": 100 + output });
    }
    if block == BLOCKS[1] {
        let source = json!({ "kind": "upload", "document_id": "doc_1" });
        let document =
            json!({ "id": "a", "filename": "a.pdf", "mime_type": "application/pdf", "source": source });
        body["documents"] = json!([document]);
        body["likelihoods"] = json!({ "total": 0.5 });
    }
    body
}

fn snapshot(total: u8) -> Value {
    json!({ "total": total })
}

fn version(seq: i64, parent: Value, author: Value, origin: &str, snapshot: Value, now: i64) -> Value {
    json!({
        "seq": seq, "parent_seq": parent, "author": author, "origin": origin, "snapshot": snapshot, "note": null,
        "created_at": time(now),
    })
}

/// The same event in the words of the reference's specification.
fn action(word: &str) -> &str {
    match word {
        "overlay_created" => "gate_fired",
        "version_appended" => "version_added",
        "decision_submitted" => "decision_made",
        // `assigned` is the same in both.
        word => word,
    }
}

fn entry(word: &str, who: usize, now: i64, observed: i64, result: Option<i64>, detail: Value) -> Value {
    json!({
        "event": word, "action": action(word), "actor": actor(who), "at": time(now), "rev_observed": observed,
        "rev_result": result, "detail": detail,
    })
}

/// The wire's overlay without what only the server can know: entry ids gone, decision ids numbered, hashes gone.
fn normalized(mut overlay: Value) -> Value {
    let names: Vec<Value> = overlay["decisions"]
        .as_array()
        .unwrap()
        .iter()
        .map(|decision| decision["decision_id"].clone())
        .collect();
    let number = |id: &mut Value| {
        if let Some(index) = names.iter().position(|name| name == id) {
            *id = json!(format!("d{index}"));
        }
    };
    for decision in overlay["decisions"].as_array_mut().unwrap() {
        number(&mut decision["decision_id"]);
        number(&mut decision["supersedes_decision_id"]);
    }
    for entry in overlay["audit"].as_array_mut().unwrap() {
        entry.as_object_mut().unwrap().remove("entry_id").unwrap();
        if let Some(id) = entry["detail"].get_mut("decision_id") {
            number(id);
        }
    }
    for version in overlay["versions"].as_array_mut().unwrap() {
        version.as_object_mut().unwrap().remove("content_sha256").unwrap();
    }
    overlay
}

/// The two reviews of one sequence, real and modelled.
struct World<'a> {
    app: &'a TestApp,
    run: String,
    models: [Option<Model>; 2],
    last: Option<(Step, i64)>,
    /// What is demanded of the first review.
    demands: Option<Demands>,
}

impl World<'_> {
    async fn take(&mut self, step: &Step) {
        self.app.clock.advance_millis(step.wait);
        let (step, stamp) = match (&step.call, self.last.take()) {
            (Call::Again, Some(last)) => last,
            (Call::Again, None) => return,
            _ => {
                let rev = self.models[step.block].as_ref().map_or(0, |model| model.number("rev"));
                (step.clone(), rev + step.stamp)
            }
        };
        let now = self.app.clock.now().millis();
        if let (Call::Open { priority, output, .. }, 0, Some(demands), None) =
            (&step.call, step.block, self.demands, &self.models[0])
        {
            let body = gate(&self.run, BLOCKS[0], *priority, *output);
            self.app.open_like(&body, demands.terms()).await;
            let agent = ACTORS.iter().position(|name| *name == "agent").unwrap();
            let mut model = Model::open(&self.run, BLOCKS[0], *priority, *output, agent, now);
            model.demand(demands);
            self.models[0] = Some(model);
            self.last = Some((step, stamp));
            return;
        }
        let answer = self.send(&step, stamp).await;
        let expected = self.expect(&step, stamp, now);
        self.compare(&step, stamp, expected, answer, now);
        self.last = Some((step, stamp));
    }

    async fn send(&self, step: &Step, stamp: i64) -> Answer {
        let (verb, mut body) = match &step.call {
            Call::Open { priority, output, if_exists } => {
                let mut body = gate(&self.run, BLOCKS[step.block], *priority, *output);
                body["if_exists"] = json!(IF_EXISTS[*if_exists]);
                return self.app.call("agent", "POST", REVIEWS, Some(body)).await;
            }
            Call::Claim { ttl } => ("claim", json!({ "ttl_seconds": ttl })),
            Call::Release => ("release", json!({})),
            Call::Edit { total, agent } => {
                let origin = if *agent { "agent_edit" } else { "human_edit" };
                ("versions", json!({ "snapshot": snapshot(*total), "origin": origin }))
            }
            Call::Approve { edited, on, effective } => {
                let edited = edited.map(snapshot);
                let body = json!({
                    "verdict": "approved", "edited_output": edited, "on_seq": on, "effective_seq": effective,
                });
                ("decision", body)
            }
            Call::Reject { blank, on } => {
                let reason = if *blank { " " } else { "no" };
                ("decision", json!({ "verdict": "rejected", "reason": reason, "on_seq": on }))
            }
            Call::Escalate { to } => {
                let to = format!("team-{to}");
                ("decision", json!({ "verdict": "escalated", "reason": "above me", "escalate_to": to }))
            }
            Call::Reopen { reason } => ("reopen", json!({ "reason": reason.then_some("again") })),
            Call::Assign { to } => ("assign", json!({ "actors": ids(*to) })),
            Call::Again => unreachable!("resolved before"),
        };
        body["version_stamp"] = json!(stamp);
        let path = format!("{REVIEWS}/{}/{}/{verb}", self.run, BLOCKS[step.block]);
        let body = lambda_http::Body::Text(body.to_string());
        let mut request = self.app.request(ACTORS[step.who], "POST", &path, body);
        if let Some(command) = step.command {
            request.headers_mut().insert("idempotency-key", COMMANDS[command].parse().unwrap());
        }
        self.app.send(request).await
    }

    fn expect(&mut self, step: &Step, stamp: i64, now: i64) -> Expected {
        let invalid = match &step.call {
            Call::Claim { ttl } => *ttl < 30,
            Call::Reject { blank, .. } => *blank,
            _ => false,
        };
        let model = &mut self.models[step.block];
        if let Call::Open { priority, output, if_exists } = step.call {
            let agent = ACTORS.iter().position(|name| *name == "agent").unwrap();
            return match model {
                None => {
                    *model = Some(Model::open(&self.run, BLOCKS[step.block], priority, output, agent, now));
                    Expected::Overlay(201)
                }
                Some(model) => model.opened_again(agent, output, priority, IF_EXISTS[if_exists], now),
            };
        }
        let misnamed = matches!(step.call, Call::Edit { agent: true, .. }) && ACTORS[step.who] != "agent";
        if stamp < 0 || invalid || misnamed {
            return Expected::Error(422, "validation_error");
        }
        match model {
            None => Expected::Error(404, "review_not_found"),
            Some(model) => model.apply(step, stamp, now),
        }
    }

    fn compare(&self, step: &Step, stamp: i64, expected: Expected, answer: Answer, now: i64) {
        let said = format!("{step:?} with stamp {stamp} at {now}: {:.1500}", answer.text);
        let overlay = match expected {
            Expected::Error(status, code) => {
                assert_eq!(
                    (answer.status.as_u16(), &answer.body["detail"]["code"]),
                    (status, &json!(code)),
                    "{said}"
                );
                if code == "version_conflict" {
                    self.compare_conflict(step, stamp, &answer.body["detail"]["details"], now);
                }
                return;
            }
            Expected::Overlay(status) => {
                assert_eq!(answer.status.as_u16(), status, "{said}");
                answer.body
            }
            Expected::Decided(submission) => {
                assert_eq!(answer.status.as_u16(), 200, "{said}");
                assert_eq!(answer.body["submission_status"], submission, "{said}");
                answer.body["overlay"].clone()
            }
        };
        let model = self.models[step.block].as_ref().unwrap();
        assert_eq!(normalized(overlay), model.read(now), "{said}");
    }

    /// What a conflict tells: where the review stands, and the newest of what has happened since the stamp.
    fn compare_conflict(&self, step: &Step, stamp: i64, details: &Value, now: i64) {
        let overlay = self.models[step.block].as_ref().unwrap().read(now);
        assert_eq!(details["version_stamp"], json!(stamp));
        for field in ["rev", "status", "claim", "head_seq"] {
            assert_eq!(details[field], overlay[field], "{field}");
        }
        let changes = details["changes"].as_array().unwrap();
        let since = |entry: &&Value| entry["rev_result"].as_i64().is_some_and(|result| result > stamp);
        let happened: Vec<&Value> = overlay["audit"].as_array().unwrap().iter().filter(since).collect();
        assert!(changes.len() >= happened.len().min(4) && changes.len() <= happened.len());
        for (told, happened) in changes.iter().zip(&happened[happened.len() - changes.len()..]) {
            assert_eq!(
                (&told["event"], &told["at"], &told["actor"]),
                (&happened["event"], &happened["at"], &happened["actor"])
            );
            assert_eq!(told["rev_result"], happened["rev_result"]);
        }
    }

    async fn finish(&self) {
        let now = self.app.clock.now().millis();
        for (block, model) in BLOCKS.iter().zip(&self.models) {
            let path = format!("{REVIEWS}/{}/{block}", self.run);
            let answer = self.app.call("dana", "GET", &path, None).await;
            match model {
                None => drop(answer.error(404, "review_not_found")),
                Some(model) => assert_eq!(normalized(answer.ok()), model.read(now)),
            }
        }
    }
}

#[test]
fn every_answer_and_every_overlay_is_what_the_model_says() {
    check(tests::amount(150, 600), prop::collection::vec(step(), 1..30));
}

/// Long enough that entries and decisions leave META, more than once.
#[test]
fn of_long_sequences_too() {
    let step = step().prop_map(|step| Step { block: 0, stamp: step.stamp.clamp(-1, 0), ..step });
    check(tests::amount(10, 40), prop::collection::vec(step, 60..120));
}

fn first_opening() -> Call {
    Call::Open { priority: 0, output: 0, if_exists: 0 }
}

fn check(cases: u32, steps: impl Strategy<Value = Vec<Step>>) {
    static RUN: AtomicU32 = AtomicU32::new(0);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let app = runtime.block_on(TestApp::new());
    let config = Config {
        cases: std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(cases),
        failure_persistence: Some(Box::new(FileFailurePersistence::Direct("proptest-regressions/model.txt"))),
        ..Config::default()
    };
    let all = (prop::option::weighted(0.6, demands()), steps);
    let result = TestRunner::new(config).run(&all, |(demands, steps)| {
        let run = format!("run_{}", RUN.fetch_add(1, Ordering::Relaxed));
        let mut world = World { app: &app, run, models: [None, None], last: None, demands };
        let open = Step { who: 0, block: 0, stamp: 0, command: None, call: first_opening(), wait: 0 };
        // Most sequences begin with a review that is there; some meet one that is not.
        let opens: Vec<Step> =
            (0..BLOCKS.len()).map(|block| Step { block, ..open.clone() }).take(steps.len() % 3).collect();
        runtime.block_on(async {
            for step in opens.iter().chain(&steps) {
                world.take(step).await;
            }
            world.finish().await;
        });
        Ok(())
    });
    if let Err(error) = result {
        panic!("{error}");
    }
}
