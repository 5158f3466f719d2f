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
    while length(&message) > MOST_TEXT && message.shorten() {}
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
