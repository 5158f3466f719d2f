//! Whether the table itself holds anything half-done, which no overlay would show.

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
