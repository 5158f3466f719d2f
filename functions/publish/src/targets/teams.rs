//! The form of a message for Microsoft Teams: the webhook of a workflow, with an Adaptive Card.
//!
//! A message has at most 28 KB (Microsoft's limit for webhooks). Markdown is read in a `TextBlock` and in facts alone, so what comes from others stands
//! in a `TextRun`, which shows it as it is. The page is opened by a button.

use crate::notices::text::{Entry, Telling};
use serde_json::{Value, json};

/// Most bytes of a body: below 28 KB, whichever KB is meant, with room for what the workflow adds.
const MOST_BYTES: usize = 24_000;

/// The body of a message.
pub(super) fn body(mut message: Telling) -> String {
    loop {
        let body = card(&message).to_string();
        if body.len() <= MOST_BYTES || !message.shorten() {
            return body;
        }
    }
}

fn card(message: &Telling) -> Value {
    let mut body = vec![text(&message.heading, json!({ "weight": "Bolder", "size": "Medium" }))];
    // An element's id is what a program can tell a duplicate by.
    body[0]["id"] = json!(message.id);
    body.extend(message.entries.iter().flat_map(entry));
    body.extend(message.rest().map(|rest| text(&rest, json!({ "isSubtle": true }))));
    json!({
        "type": "message",
        "attachments": [{
            "contentType": "application/vnd.microsoft.card.adaptive",
            "contentUrl": null,
            "content": {
                "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
                "type": "AdaptiveCard",
                "version": "1.4",
                "body": body,
            },
        }],
    })
}

fn entry(entry: &Entry) -> Vec<Value> {
    let Entry { title, reason, link } = entry;
    let mut shown = vec![text(title, json!({ "weight": "Bolder" })), text(reason, json!({}))];
    shown[0]["separator"] = json!(true);
    shown.extend(link.as_ref().map(|link| {
        json!({ "type": "ActionSet", "actions": [{ "type": "Action.OpenUrl", "title": "Open the page", "url": link }] })
    }));
    shown
}

/// A text as it is, whatever is in it.
fn text(text: &str, mut run: Value) -> Value {
    run["type"] = json!("TextRun");
    run["text"] = json!(text);
    json!({ "type": "RichTextBlock", "inlines": [run] })
}
