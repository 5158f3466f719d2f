//! Whether a history and the final overlays can both be true.
//!
//! Each review must be whole by itself: one chain of revs with one audit entry each, and nothing without its entry. And
//! between history and overlays: what was acknowledged is there once, what was refused is not, what nobody knows of is
//! there wholly or not at all, nothing is there that nobody asked for, and nobody was answered with what was past already.

use crate::history::{Operation, Outcome};
use crate::terms;
use serde_json::Value;
use shared::review::{HashedJson, JsonText};
use std::collections::{BTreeMap, HashMap, HashSet};

/// Everything that is wrong, each in one sentence.
pub(crate) fn check(history: &[Operation], overlays: &[Value]) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut ids = HashSet::new();
    for overlay in overlays {
        wrong.extend(whole(overlay).into_iter().map(|fault| format!("{}: {fault}", run(overlay))));
        for entry in entries(overlay) {
            if !ids.insert(entry["entry_id"].to_string()) {
                wrong.push(format!("{}: the entry id {} occurs twice", run(overlay), entry["entry_id"]));
            }
        }
    }
    wrong.extend(effects(history, overlays));
    wrong.extend(stale(history, overlays));
    wrong.extend(order(history, overlays));
    wrong.extend(terms::check(history, overlays));
    wrong
}

pub(crate) fn run(overlay: &Value) -> &str {
    overlay["workflow_run_id"].as_str().unwrap_or("?")
}

pub(crate) fn entries(overlay: &Value) -> &[Value] {
    list(&overlay["audit"])
}

pub(crate) fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

/// What is wrong with one overlay, whoever wrote it.
pub(crate) fn whole(overlay: &Value) -> Vec<String> {
    // What was rejected is no part of the review.
    let overlay = &tests::written(overlay);
    let mut wrong = Vec::new();
    let mut demand = |holds: bool, sentence: String| {
        if !holds {
            wrong.push(sentence);
        }
    };
    let audit = entries(overlay);
    let revs: Vec<u64> = audit.iter().filter_map(|entry| entry["rev_result"].as_u64()).collect();
    let rev = overlay["rev"].as_u64().unwrap_or(u64::MAX);
    let truncated = overlay["audit_truncated"] == true;
    let first = if truncated { revs.first().copied().unwrap_or_default() } else { 0 };
    demand(
        revs.iter().copied().eq(first..=rev),
        format!("the revs {revs:?} are no chain from {first} to {rev}"),
    );
    for entry in audit {
        let stays = ["claim_expired", "due_soon", "overdue"].iter().any(|word| entry["event"] == *word);
        let result = entry["rev_result"].as_u64();
        let step = entry["rev_observed"].as_u64().map(|observed| observed + u64::from(result != Some(0)));
        demand(stays == result.is_none(), format!("a {} advances the rev, or does not", entry["event"]));
        demand(
            stays || step == result,
            format!("an entry leads from {:?} to {result:?}", entry["rev_observed"]),
        );
    }
    if truncated {
        // The rest is told by entries that are left out.
        return wrong;
    }
    demand(audit.first().is_some_and(|it| it["event"] == "overlay_created"), "it was never opened".into());

    let versions = list(&overlay["versions"]);
    let seqs: Vec<u64> = versions.iter().filter_map(|version| version["seq"].as_u64()).collect();
    let head = overlay["head_seq"].as_u64().unwrap_or(u64::MAX);
    demand(seqs.iter().copied().eq(0..=head), format!("the versions {seqs:?} are not 0 to {head}"));
    let appended: Vec<u64> = audit.iter().filter_map(appended).collect();
    demand(
        appended.iter().copied().eq(1..=head),
        format!("entries speak of versions {appended:?}, head is {head}"),
    );

    let told =
        audit.iter().filter(|it| it["event"] == "decision_submitted").map(|it| &it["detail"]["decision_id"]);
    let made = list(&overlay["decisions"]).iter().map(|it| &it["decision_id"]);
    demand(told.eq(made), "decisions and their entries are not the same".into());
    let (status, effective) = standing(overlay);
    demand(overlay["status"] == status, format!("it is {}, its entries say {status}", overlay["status"]));
    demand(
        overlay["effective_seq"] == effective && effective.as_u64().is_none_or(|seq| seqs.contains(&seq)),
        format!("effective_seq is {}, its decisions say {effective}", overlay["effective_seq"]),
    );
    let escalated = list(&overlay["decisions"]).iter().rfind(|it| it["verdict"] == "escalated");
    demand(
        overlay["escalated_to"] == escalated.map_or(&Value::Null, |it| &it["escalate_to"]).clone(),
        format!("escalated_to is {}, its decisions say otherwise", overlay["escalated_to"]),
    );
    let priority = audit.iter().rev().map(|entry| &entry["detail"]["priority"]).find(|it| !it.is_null());
    demand(
        Some(&overlay["priority"]) == priority,
        format!("the priority is {}, its entries say {priority:?}", overlay["priority"]),
    );
    demand(
        overlay["decided_at"].is_null() == (status == "awaiting_review"),
        format!("it was decided at {}, and is {status}", overlay["decided_at"]),
    );
    for version in versions {
        let text = JsonText::parse(version["snapshot"].to_string()).unwrap();
        let hash = HashedJson::try_from(text).unwrap().hash.to_string();
        demand(version["content_sha256"] == hash, format!("{} is not what its hash says", version["seq"]));
    }
    demand(
        overlay["claim"].is_null() || overlay["claim"] == claim(overlay),
        "the claim is not the last one taken".into(),
    );
    wrong
}

/// The version that an entry says it appended.
pub(crate) fn appended(entry: &Value) -> Option<u64> {
    match entry["event"].as_str()? {
        "version_appended" => entry["detail"]["seq"].as_u64(),
        "decision_submitted" => entry["detail"]["appended_seq"].as_u64(),
        _ => None,
    }
}

/// Status and effective version, as entries and decisions tell them.
fn standing(overlay: &Value) -> (&str, Value) {
    let turns = entries(overlay).iter().rev().find_map(|entry| match entry["event"].as_str()? {
        "reopened" => Some(("awaiting_review", Value::Null)),
        "decision_submitted" => match entry["detail"]["verdict"].as_str()? {
            "escalated" => None,
            verdict => {
                let id = &entry["detail"]["decision_id"];
                let decision = list(&overlay["decisions"]).iter().find(|it| it["decision_id"] == *id)?;
                // An approval short of those required decides nothing.
                let is_partial = verdict == "approved" && decision["effective_seq"].is_null();
                (!is_partial).then(|| (verdict, decision["effective_seq"].clone()))
            }
        },
        _ => None,
    });
    turns.unwrap_or(("awaiting_review", Value::Null))
}

/// The claim that the entries leave standing, as the overlay would show it, but for when it began.
fn claim(overlay: &Value) -> Value {
    let ending = ["claimed", "released", "claim_expired", "decision_submitted"];
    let last = entries(overlay).iter().rfind(|it| ending.iter().any(|word| it["event"] == *word));
    match last.filter(|entry| entry["event"] == "claimed") {
        None => Value::Null,
        Some(entry) => serde_json::json!({
            "holder": entry["actor"],
            "claimed_at": overlay["claim"]["claimed_at"],
            "expires_at": entry["detail"]["expires_at"],
        }),
    }
}

/// What was acknowledged is there once, what was refused is not, what is there was asked for.
fn effects(history: &[Operation], overlays: &[Value]) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut explained: HashMap<(usize, usize), bool> = HashMap::new();
    let by_run: HashMap<&str, usize> = overlays.iter().enumerate().map(|(at, it)| (run(it), at)).collect();
    let found = |operation: &Operation| -> Vec<(usize, usize)> {
        let at = match (operation.call.as_str(), &operation.run) {
            ("claim-next", _) | (_, None) => (0..overlays.len()).collect(),
            (_, Some(run)) => by_run.get(run.as_str()).copied().into_iter().collect::<Vec<_>>(),
        };
        let own = |at: usize| {
            let audit = entries(&overlays[at]).iter().enumerate();
            audit
                .filter(move |(_, entry)| is_by(operation, entry, &overlays[at]))
                .map(move |(index, _)| (at, index))
        };
        at.into_iter().flat_map(own).collect()
    };
    let all: Vec<(&Operation, Vec<(usize, usize)>)> =
        history.iter().filter(|it| !it.reads()).map(|it| (it, found(it))).collect();
    for (operation, entries) in &all {
        for entry in entries {
            *explained.entry(*entry).or_default() |= *operation.effects().end() > 0;
        }
    }
    for (operation, entries) in &all {
        let (least, most) = operation.effects().into_inner();
        // The same request by somebody else of the same name is the same request.
        let surplus = entries.len() > most && (most > 0 || entries.iter().any(|entry| !explained[entry]));
        if entries.len() < least || surplus {
            wrong.push(format!(
                "{} ({} at {:?}, {:?} {:?}, {} attempts) is there {} times",
                operation.op,
                operation.call,
                operation.stamp,
                operation.outcome,
                operation.code,
                operation.attempts,
                entries.len()
            ));
        }
    }
    for (at, overlay) in overlays.iter().enumerate() {
        for (index, entry) in entries(overlay).iter().enumerate() {
            let by_itself = entry["event"] == "claim_expired" || terms::is_by_policy(entry);
            if !by_itself && !explained.get(&(at, index)).is_some_and(|it| *it) {
                wrong.push(format!("{}: nobody asked for {entry}", run(overlay)));
            }
        }
    }
    wrong
}

/// What was rejected as stale was asked for by somebody on that stamp, and met a later rev; it is there once for stamp and actor.
fn stale(history: &[Operation], overlays: &[Value]) -> Vec<String> {
    let mut wrong = Vec::new();
    for overlay in overlays {
        let mut seen = HashSet::new();
        for entry in list(&overlay["stale"]) {
            let (stamp, met) = (entry["rev_observed"].as_u64(), entry["detail"]["rev"].as_u64());
            let asked = |it: &&Operation| {
                let call = match it.call.as_str() {
                    "approve" | "reject" | "escalate" => "decide",
                    call => call,
                };
                it.run.as_deref() == Some(run(overlay))
                    && it.stamp == stamp
                    && entry["actor"]["id"] == it.actor
                    && entry["detail"]["attempted"] == call
            };
            if !history.iter().any(|it| asked(&it)) {
                wrong.push(format!("{}: nobody tried {entry}", run(overlay)));
            }
            if !seen.insert((stamp, entry["actor"]["id"].to_string())) {
                wrong.push(format!("{}: {entry} is there twice", run(overlay)));
            }
            if stamp >= met || met > overlay["rev"].as_u64() || !entry["rev_result"].is_null() {
                wrong.push(format!("{}: {entry} is no stale write", run(overlay)));
            }
        }
    }
    wrong
}

/// Whether an entry is what an operation would have left.
pub(crate) fn is_by(operation: &Operation, entry: &Value, overlay: &Value) -> bool {
    let content = |seq: Option<u64>| {
        let seq = usize::try_from(seq.unwrap_or(u64::MAX)).unwrap_or(usize::MAX);
        list(&overlay["versions"]).get(seq).map_or(&Value::Null, |version| &version["snapshot"]["op"])
    };
    if operation.call == "open" {
        return entry["event"] == "overlay_created"
            && *content(Some(0)) == operation.content.as_deref().unwrap_or_default();
    }
    let here = operation.stamp.is_none() || entry["rev_observed"].as_u64() == operation.stamp;
    // Without a command id, the same request of the same actor on the same stamp is the same, whatever that was called.
    let command = operation.command.as_ref().is_none_or(|command| entry["detail"]["command_id"] == **command);
    if entry["actor"]["id"] != operation.actor || !here || !command {
        return false;
    }
    let decided =
        |verdict: &str| entry["event"] == "decision_submitted" && entry["detail"]["verdict"] == verdict;
    match operation.call.as_str() {
        "claim" | "claim-next" => entry["event"] == "claimed" && ttl(entry) == operation.ttl,
        "release" => entry["event"] == "released",
        "edit" => {
            entry["event"] == "version_appended"
                && *content(appended(entry)) == operation.op
                && *note(entry, overlay) == *operation.op
        }
        "approve" if operation.edited => decided("approved") && *content(appended(entry)) == operation.op,
        "approve" => decided("approved") && appended(entry).is_none(),
        "reject" => decided("rejected") && *reason(entry, overlay) == *operation.op,
        "escalate" => {
            decided("escalated")
                && *reason(entry, overlay) == *operation.op
                && decision(entry, overlay)["escalate_to"]
                    == operation.escalate_to.as_deref().unwrap_or("legal")
        }
        "assign" => entry["event"] == "assigned" && entry["detail"]["reason"] == operation.op,
        "reopen" => entry["event"] == "reopened" && entry["detail"]["reason"] == operation.op,
        _ => false,
    }
}

pub(crate) fn decision<'a>(entry: &Value, overlay: &'a Value) -> &'a Value {
    let id = &entry["detail"]["decision_id"];
    list(&overlay["decisions"]).iter().find(|it| it["decision_id"] == *id).unwrap_or(&Value::Null)
}

fn reason<'a>(entry: &Value, overlay: &'a Value) -> &'a Value {
    &decision(entry, overlay)["reason"]
}

fn note<'a>(entry: &Value, overlay: &'a Value) -> &'a Value {
    let version = list(&overlay["versions"]).iter().find(|it| it["seq"].as_u64() == appended(entry));
    version.map_or(&Value::Null, |version| &version["note"])
}

/// For how many seconds a claim was taken.
fn ttl(entry: &Value) -> Option<i64> {
    let millis =
        |text: &Value| Some(chrono::DateTime::parse_from_rfc3339(text.as_str()?).ok()?.timestamp_millis());
    Some((millis(&entry["detail"]["expires_at"])? - millis(&entry["at"])?) / 1000)
}

/// Nobody is answered with a `rev` that was past when they asked, or that never was.
fn order(history: &[Operation], overlays: &[Value]) -> Vec<String> {
    let mut wrong = Vec::new();
    let last: HashMap<&str, u64> =
        overlays.iter().map(|it| (run(it), it["rev"].as_u64().unwrap_or_default())).collect();
    let mut answers: Vec<(u64, &str, u64)> =
        history.iter().flat_map(|it| it.seen().map(|(run, rev)| (it.end, run, rev))).collect();
    answers.sort_unstable();
    let mut asked: Vec<&Operation> = history.iter().filter(|it| it.outcome != Outcome::Unknown).collect();
    asked.sort_by_key(|it| it.start);
    let (mut known, mut next): (BTreeMap<&str, u64>, usize) = (BTreeMap::new(), 0);
    for operation in asked {
        while let Some((_, run, rev)) = answers.get(next).filter(|(end, ..)| *end < operation.start) {
            let newest = known.entry(run).or_default();
            *newest = (*newest).max(*rev);
            next += 1;
        }
        for (run, rev) in operation.seen() {
            let before = known.get(run).copied().unwrap_or_default();
            if rev < before {
                wrong.push(format!(
                    "{} was answered rev {rev} of {run} when it was {before} already",
                    operation.op
                ));
            }
            if last.get(run).is_none_or(|last| rev > *last) {
                wrong.push(format!("{} was answered rev {rev} of {run}, which it has not", operation.op));
            }
        }
    }
    wrong
}
