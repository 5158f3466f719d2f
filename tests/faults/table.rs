//! Whether the table itself holds anything half-done, which no overlay would show.

use crate::history::{Operation, Outcome};
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt;

type Item = HashMap<String, AttributeValue>;

fn text<'a>(item: &'a Item, name: &str) -> &'a str {
    item.get(name).and_then(|value| value.as_s().ok()).map_or("", String::as_str)
}

fn number(item: &Item, name: &str) -> u32 {
    item.get(name).and_then(|value| value.as_n().ok()).map_or(0, |number| number.parse().unwrap())
}

/// All items of a table.
async fn items(client: &Client, table: &str) -> Vec<Item> {
    let mut items = Vec::new();
    let mut start = None;
    loop {
        let request = client.scan().table_name(table).consistent_read(true).set_exclusive_start_key(start);
        let page = request.send().await.unwrap();
        items.extend(page.items.unwrap_or_default());
        start = page.last_evaluated_key;
        if start.is_none() {
            return items;
        }
    }
}

/// What is half-done: parts of a review that its META does not speak of, commands that no audit knows.
pub(crate) async fn leftovers(client: &Client, table: &str, overlays: &[Value]) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut partitions: BTreeMap<String, Vec<Item>> = BTreeMap::new();
    for item in items(client, table).await {
        partitions.entry(text(&item, "pk").to_owned()).or_default().push(item);
    }
    for (pk, items) in &partitions {
        if pk.starts_with("REVIEW#") {
            wrong.extend(parts(pk, items));
        }
        for item in items.iter().filter(|item| text(item, "sk").starts_with("COMMAND#")) {
            let (review, command) = (text(item, "review"), &text(item, "sk")["COMMAND#".len()..]);
            let known =
                overlays.iter().filter(|it| review.split('#').nth(2) == it["workflow_run_id"].as_str());
            let entries = known.flat_map(|it| it["audit"].as_array().unwrap());
            if !entries.into_iter().any(|entry| entry["detail"]["command_id"] == command) {
                wrong.push(format!("the command {command} points to {review}, which does not know it"));
            }
        }
    }
    wrong
}

/// The leases of claims that stand in the end, their own end not recorded.
#[derive(Debug, Default)]
pub(crate) struct Leases {
    /// How many acknowledged claims have theirs.
    pub(crate) there: usize,
    /// How many have none because of a release of their holder's own that nobody knows the outcome of: it may have been refused, after
    /// it had taken the lease away and before it had put it back. Its retry would have; there was none.
    excused: usize,
    /// How many claims were not acknowledged.
    unacknowledged: usize,
    /// Which acknowledged claims have none: nobody would notice their end.
    pub(crate) missing: Vec<String>,
}

impl fmt::Display for Leases {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { there, excused, unacknowledged, missing } = self;
        let missing = missing.len();
        write!(f, "claims that stand: {there} with their lease, {missing} without, ")?;
        write!(f, "{excused} excused, {unacknowledged} not acknowledged")
    }
}

/// Whether the claims that stand in the end have their leases.
pub(crate) async fn leases(
    client: &Client,
    table: &str,
    overlays: &[Value],
    history: &[Operation],
) -> Leases {
    let there: BTreeSet<(String, String)> = items(client, table)
        .await
        .iter()
        .filter(|item| text(item, "sk").starts_with("LEASE#"))
        .map(|item| (text(item, "pk").to_owned(), text(item, "sk").to_owned()))
        .collect();
    let mut leases = Leases::default();
    for overlay in overlays.iter().filter(|overlay| !overlay["claim"].is_null()) {
        let word = |value: &Value| value.as_str().unwrap().to_owned();
        let (run, holder) = (word(&overlay["workflow_run_id"]), &overlay["claim"]["holder"]);
        let audit = overlay["audit"].as_array().unwrap();
        let taken = audit.iter().rfind(|entry| entry["event"] == "claimed").unwrap();
        let of_run = || history.iter().filter(|it| it.run.as_deref() == Some(&run));
        let acknowledged = |it: &&Operation| {
            let answered = it.rev == taken["rev_result"].as_u64();
            it.call.starts_with("claim") && it.outcome == Outcome::Done && answered
        };
        let Some(claim) = of_run().find(acknowledged) else {
            leases.unacknowledged += 1;
            continue;
        };
        let own_release = |it: &Operation| {
            it.call == "release" && it.outcome == Outcome::Unknown && holder["id"] == *it.actor
        };
        let pk = [&overlay["organization_id"], &holder["kind"], &holder["id"]].map(word).join("#");
        let pk = format!("HOLDER#{pk}");
        let sk = format!("LEASE#{run}#{}", word(&overlay["block_id"]));
        if there.contains(&(pk.clone(), sk)) {
            leases.there += 1;
        } else if of_run().any(|it| own_release(it) && it.end >= claim.start) {
            leases.excused += 1;
        } else {
            leases.missing.push(format!("{run} is claimed by {pk}, who has no lease"));
        }
    }
    leases
}

fn parts(pk: &str, items: &[Item]) -> Vec<String> {
    let Some(meta) = items.iter().find(|item| text(item, "sk") == "#META") else {
        return vec![format!("{pk} has no META, but {} other items", items.len())];
    };
    let named = |prefix: &str| -> BTreeSet<u32> {
        let keys = items.iter().filter_map(|item| text(item, "sk").strip_prefix(prefix));
        keys.map(|key| key.split('#').next().unwrap().parse().unwrap()).collect()
    };
    let mut wrong = Vec::new();
    let (versions, pages) = (named("VERSION#"), named("AUDIT#"));
    if !versions.iter().copied().eq(0..=number(meta, "head_seq")) {
        wrong.push(format!("{pk} holds the versions {versions:?}, its head is {}", number(meta, "head_seq")));
    }
    if !pages.iter().copied().eq(0..number(meta, "pages")) {
        wrong.push(format!("{pk} holds the pages {pages:?} of {}", number(meta, "pages")));
    }
    let decided: BTreeSet<u32> = items
        .iter()
        .filter(|item| item.contains_key("decisions"))
        .filter_map(|item| text(item, "sk").strip_prefix("AUDIT#"))
        .map(|page| page.parse().unwrap())
        .collect();
    if named("VERDICTS#") != decided || number(meta, "indexed_pages") != number(meta, "pages") {
        wrong.push(format!("{pk} has decisions on the pages {decided:?}, and not so their index"));
    }
    for item in items.iter().filter(|item| text(item, "sk").starts_with("STALE#")) {
        let (stamp, met) = (number(item, "stamp"), number(item, "met"));
        if stamp >= met || met > number(meta, "rev") {
            wrong.push(format!("{pk} holds a stale write on {stamp} that met {met}"));
        }
    }
    wrong
}
