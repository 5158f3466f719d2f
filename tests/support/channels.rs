//! What Slack and Microsoft Teams document of the messages that they take: their forms and limits, checked without anything of ours.

use serde_json::Value;

/// Slack: a message to an incoming webhook (docs.slack.dev, "Sending messages using incoming webhooks", "Block Kit").
pub fn slack(body: &str) -> Result<(), String> {
    let body: Value = serde_json::from_str(body).map_err(|_| "invalid_payload")?;
    said(&body["text"], 4000)?;
    let blocks = body["blocks"].as_array().ok_or("no_text")?;
    (1..=50).contains(&blocks.len()).then_some(()).ok_or("invalid_blocks: 1 to 50")?;
    let mut length = 0;
    for block in blocks {
        if let Some(id) = block.get("block_id") {
            said(id, 255)?;
        }
        let (kind, text) = (block["type"].as_str(), &block["text"]);
        let most = match (kind, text["type"].as_str()) {
            (Some("header"), Some("plain_text")) => 150,
            (Some("section"), Some("plain_text" | "mrkdwn")) => 3000,
            _ => return Err(format!("invalid_blocks: {block}")),
        };
        length += said(&text["text"], most)?;
    }
    // Not documented, but seen (slackapi/bolt-js#2509).
    (length <= 13_000).then_some(()).ok_or_else(|| "msg_blocks_too_long".to_owned())
}

/// What a message in Slack mentions or links to: what stands between `<` and `>`.
pub fn slack_commands(body: &Value) -> Vec<String> {
    let texts =
        body["blocks"].as_array().unwrap().iter().map(|block| block["text"]["text"].as_str().unwrap());
    let parts = texts.chain([body["text"].as_str().unwrap()]).flat_map(|text| text.split('<').skip(1));
    parts.map(|part| part.split('>').next().unwrap().to_owned()).collect()
}

/// Teams: a message to a workflow's webhook (learn.microsoft.com, "Create Incoming Webhooks", "Text formatting in cards"; the schema of Adaptive
/// Cards 1.4).
pub fn teams(body: &str) -> Result<(), String> {
    (body.len() <= 28 * 1024).then_some(()).ok_or("413: more than 28 KB")?;
    let body: Value = serde_json::from_str(body).map_err(|_| "no JSON")?;
    (body["type"] == "message").then_some(()).ok_or("type")?;
    let attachments = body["attachments"].as_array().ok_or("attachments")?;
    let [attachment] = attachments.as_slice() else { return Err("one attachment".into()) };
    let kind = "application/vnd.microsoft.card.adaptive";
    (attachment["contentType"] == kind).then_some(()).ok_or("contentType")?;
    let card = &attachment["content"];
    (card["type"] == "AdaptiveCard" && card["version"] == "1.4").then_some(()).ok_or("AdaptiveCard 1.4")?;
    for element in card["body"].as_array().ok_or("body")? {
        match element["type"].as_str() {
            Some("RichTextBlock") => {
                for run in element["inlines"].as_array().ok_or("inlines")? {
                    (run["type"] == "TextRun").then_some(()).ok_or("TextRun")?;
                    said(&run["text"], usize::MAX)?;
                }
            }
            Some("TextBlock") => {
                said(&element["text"], usize::MAX)?;
            }
            Some("ActionSet") => {
                for action in element["actions"].as_array().ok_or("actions")? {
                    (action["type"] == "Action.OpenUrl").then_some(()).ok_or("Action.OpenUrl")?;
                    said(&action["url"], usize::MAX)?;
                }
            }
            other => return Err(format!("{other:?}")),
        }
    }
    Ok(())
}

/// How many characters a text has, which must be 1 to `most`.
fn said(text: &Value, most: usize) -> Result<usize, String> {
    let length = text.as_str().ok_or_else(|| format!("no text: {text}"))?.chars().count();
    if (1..=most).contains(&length) {
        Ok(length)
    } else {
        Err(format!("{length} characters, of at most {most}"))
    }
}
