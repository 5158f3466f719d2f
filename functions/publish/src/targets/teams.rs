//! The form of a message for Microsoft Teams: the webhook of a workflow, with an Adaptive Card.
//!
//! A message has at most 28 KB (Microsoft's limit for webhooks). Markdown is read in a `TextBlock` and in facts alone, so what comes
//! from others stands in a `TextRun`, which shows it as it is. The page is opened by a button.

use crate::notices::text::{Entry, Telling};
use serde_json::{Value, json};

/// Most bytes of a body: below 28 KB, whichever KB is meant, with room for what the workflow adds.
const MOST_BYTES: usize = 24_000;

/// The body of a message.
pub(super) fn body(mut message: Telling) -> String {
    loop {
        let body = card(&message).to_string();
        if body.len() <= MOST_BYTES || message.entries.len() <= 1 {
            return body;
        }
        message.shorten();
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

#[cfg(test)]
mod tests {
    use super::*;

    fn message(entries: Vec<Entry>) -> Telling {
        Telling { id: "id".into(), heading: "A review waits".into(), entries, more: 0 }
    }

    #[test]
    fn what_comes_from_others_stands_where_no_markdown_is_read() {
        let hostile = "[Open](https://evil.example) **x** <at>everyone</at>";
        let entry =
            Entry { title: hostile.into(), reason: hostile.into(), link: Some("https://a.example/x".into()) };
        let body: Value = serde_json::from_str(&body(message(vec![entry]))).unwrap();
        let card = &body["attachments"][0]["content"];
        let elements = card["body"].as_array().unwrap();
        assert_eq!(elements[1]["inlines"][0]["text"], hostile);
        let kinds: Vec<&str> = elements.iter().map(|it| it["type"].as_str().unwrap()).collect();
        assert_eq!(kinds, ["RichTextBlock", "RichTextBlock", "RichTextBlock", "ActionSet"]);
        assert_eq!(elements[3]["actions"][0]["url"], "https://a.example/x");
        assert!(card.get("msteams").is_none(), "nobody is mentioned");
    }

    #[test]
    fn the_longest_message_has_less_than_28_kilobytes() {
        for letter in ["\u{1f4a5}", "\"", "\u{1}"] {
            let long =
                Entry { title: letter.repeat(151), reason: letter.repeat(150), link: Some("x".repeat(1900)) };
            let body = body(message(vec![long; 20]));
            assert!(body.len() < 28_000 && body.contains(" more."), "{}", body.len());
        }
    }
}
