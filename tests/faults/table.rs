//! Whether the table itself holds anything half-done, which no overlay would show.

use crate::history::{Operation, Outcome};
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet, HashMap};

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

/// How many claims that were acknowledged, and whose end is not recorded, have their lease; and those that have none, so
/// that nobody would notice their end.
///
/// A release of the holder's own, refused in the end, may have taken it away and have died before it was put back; nobody knows of its
/// outcome then, and its retry would have mended it.
pub(crate) async fn without_lease(
    client: &Client,
    table: &str,
    overlays: &[Value],
    history: &[Operation],
) -> (usize, Vec<String>) {
    let leases: BTreeSet<(String, String)> = items(client, table)
        .await
        .iter()
        .filter(|item| text(item, "sk").starts_with("LEASE#"))
        .map(|item| (text(item, "pk").to_owned(), text(item, "sk").to_owned()))
        .collect();
    let (mut leased, mut without) = (0, Vec::new());
    for overlay in overlays.iter().filter(|overlay| !overlay["claim"].is_null()) {
        let word = |value: &Value| value.as_str().unwrap().to_owned();
        let (run, holder) = (word(&overlay["workflow_run_id"]), &overlay["claim"]["holder"]);
        let taken =
            overlay["audit"].as_array().unwrap().iter().rfind(|entry| entry["event"] == "claimed").unwrap();
        let of_run = || history.iter().filter(|it| it.run.as_deref() == Some(&run));
        let own_release = of_run()
            .any(|it| it.call == "release" && it.outcome == Outcome::Unknown && holder["id"] == *it.actor);
        let acknowledged = of_run().any(|it| {
            it.call.starts_with("claim")
                && it.outcome == Outcome::Done
                && it.rev == taken["rev_result"].as_u64()
        });
        let pk = format!(
            "HOLDER#{}#{}#{}",
            word(&overlay["organization_id"]),
            word(&holder["kind"]),
            word(&holder["id"])
        );
        let sk = format!("LEASE#{run}#{}", word(&overlay["block_id"]));
        if leases.contains(&(pk.clone(), sk)) {
            leased += 1;
        } else if acknowledged && !own_release {
            without.push(format!("{run} is claimed by {pk}, who has no lease"));
        }
    }
    (leased, without)
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
    wrong
}
