//! Slack's form of a message: an incoming webhook with Block Kit.
//!
//! The limits are those of Slack's reference: 50 blocks, 150 characters of a header, 3,000 of a section. There is one more that it does not
//! document: a message with more than about 13,000 characters of text in all is refused (`msg_blocks_too_long`).
//!
//! A text with `&`, `<` and `>` escaped can neither mention a channel nor make a link. `verbatim` keeps Slack from making links of
//! what only looks like one.

use crate::notices::text::{Entry, Telling};
use serde_json::{Value, json};

/// Most characters of the texts of one message, all together: well below where Slack was seen to refuse.
const MOST_TEXT: usize = 9_000;

/// The body of a message.
pub(super) fn body(mut message: Telling) -> String {
    while message.entries.len() > 1 && length(&message) > MOST_TEXT {
        message.shorten();
    }
    let mut blocks = vec![json!({
        "type": "header",
        "text": { "type": "plain_text", "text": escaped(&message.heading), "emoji": false },
    })];
    blocks.extend(message.entries.iter().map(|entry| section(&entry_text(entry))));
    blocks.extend(message.rest().map(|rest| section(&rest)));
    // A block's id is what a program can tell a duplicate by.
    blocks[0]["block_id"] = json!(message.id);
    json!({
        "text": escaped(&message.heading),
        "blocks": blocks,
        "unfurl_links": false,
        "unfurl_media": false,
    })
    .to_string()
}

fn section(text: &str) -> Value {
    json!({ "type": "section", "text": { "type": "mrkdwn", "text": text, "verbatim": true } })
}

fn entry_text(entry: &Entry) -> String {
    let Entry { title, reason, link } = entry;
    let link = link.as_ref().map(|link| format!("\n<{}|Open the page>", escaped(link)));
    format!("{}\n{}{}", escaped(title), escaped(reason), link.unwrap_or_default())
}

fn length(message: &Telling) -> usize {
    message.entries.iter().map(|entry| entry_text(entry).chars().count()).sum()
}

/// A text without Slack's control characters, as its documentation asks.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(entries: Vec<Entry>) -> Telling {
        Telling { id: "id".into(), heading: "A review waits".into(), entries, more: 3 }
    }

    fn entry(title: &str) -> Entry {
        let link = Some("https://reviews.example.com/inbox/reviews/r&d/b".to_owned());
        Entry { title: title.into(), reason: "It waits.".into(), link }
    }

    #[test]
    fn a_hostile_title_mentions_nobody_and_makes_no_link() {
        for hostile in
            ["<!channel>", "<@U123>", "<https://evil.example|Open the page>", "&lt;!here&gt;", "a&b"]
        {
            let body = body(message(vec![entry(hostile)]));
            let body: Value = serde_json::from_str(&body).unwrap();
            let text = body["blocks"][1]["text"].clone();
            let said = text["text"].as_str().unwrap();
            let expected = hostile.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
            assert_eq!(said.lines().next(), Some(expected.as_str()));
            assert_eq!(said.matches('<').count(), 1, "our own link: {said}");
            assert!(said.ends_with("<https://reviews.example.com/inbox/reviews/r&amp;d/b|Open the page>"));
            assert_eq!(text["verbatim"], true);
        }
    }

    #[test]
    fn the_longest_message_is_within_slacks_limits() {
        // A name of 40 characters in its reason; two identifiers of 256 characters, and a host of 255, in its link.
        let link = format!("{}{}", "x".repeat(300), "%26".repeat(512));
        let reason = format!("{}{}", "<".repeat(41), "x".repeat(100));
        let long = Entry { title: "&".repeat(151), reason, link: Some(link) };
        let body = body(message(vec![long; 20]));
        let body: Value = serde_json::from_str(&body).unwrap();
        let blocks = body["blocks"].as_array().unwrap();
        let texts: Vec<usize> =
            blocks.iter().map(|block| block["text"]["text"].as_str().unwrap().chars().count()).collect();
        assert!(blocks.len() <= 50 && texts[0] <= 150 && texts.iter().all(|text| *text <= 3000), "{texts:?}");
        assert!(texts.iter().sum::<usize>() <= 13_000, "{texts:?}");
        let listed = blocks.len() - 2;
        assert_eq!(blocks.last().unwrap()["text"]["text"], format!("And {} more.", 3 + 20 - listed));
    }
}
