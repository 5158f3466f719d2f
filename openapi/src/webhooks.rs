//! What we call: events for webhooks, and the resume call for a run that waits. `OpenAPI` describes calls of ours in `webhooks`.

use schemars::SchemaGenerator;
use serde_json::{Map, Value, json};
use shared::event::{EventBody, EventType, TEST_EVENT};
use shared::review::ResumePayload;

/// The name of the resume call.
pub const RESUME: &str = "resume";

/// What there is to know of all of these calls.
pub const GUIDE: &str = "Each entry of a review's audit becomes one event. It is put on the deployment's EventBridge bus (source \
    `holdpoint`, the type as `detail-type`, the body as `detail`), and posted to each webhook of the organization that wants it. A \
    run that waits with a URL gets the decision by a call of the same kind, `resume`.\n\nA call is a POST with a JSON body and the \
    headers of the Standard Webhooks specification. Verify it with one of its published libraries, over the bytes of the body as they \
    came: `webhook-signature` holds a signature for each secret that is valid, parted by spaces, and one of them must be yours. While a \
    secret is being rotated there are two.\n\n`webhook-id` tells duplicates: the same event, and the same decision to the same URL, \
    has the same id in each try, and no event has the id of a resume call. Every event is delivered at least once; the events of one \
    review come in their order, by `sequence`.\n\nAny answer of 2xx within 10 seconds is a delivery; the first try waits 3 seconds. \
    Answer within one second: while a receiver is slower, its events are sent by a function that runs once a minute. Redirects are \
    not followed. What fails is tried again after 30 seconds, then 2, 10 and 30 minutes, 2, 5, 10 and 10 hours, nine tries in all; \
    later events of the same review wait behind it, and all others do not. While a receiver gives no answer, what is not called \
    counts as no try. After the last one, or when a webhook answers 410, nobody tries any more; a webhook that has taken nothing for a \
    day by then is disabled. `POST /v1/webhooks/{webhook_id}/enable` and `POST …/resume` try again.";

/// A receiver that verifies.
pub const RECEIVER: &str = include_str!("receiver.py");

/// All calls of ours, by name.
pub fn all(write: &mut SchemaGenerator) -> Map<String, Value> {
    let event = write.subschema_for::<EventBody<'static>>().to_value();
    let payload = write.subschema_for::<ResumePayload<'static>>().to_value();
    let mut webhooks = Map::new();
    for event_type in EventType::ALL {
        let word = event_type.as_str();
        let body = json!({ "allOf": [event, { "properties": { "type": { "const": word } } }] });
        webhooks.insert(word.to_owned(), called(word, word, event_type.meaning(), &body));
    }
    let test = json!({
        "type": "object",
        "required": ["id", "type", "timestamp", "data"],
        "properties": {
            "id": { "type": "string" },
            "type": { "const": TEST_EVENT },
            "timestamp": { "type": "string", "format": "date-time" },
            "data": {
                "type": "object",
                "required": ["organization_id", "webhook_id"],
                "properties": { "organization_id": { "type": "string" }, "webhook_id": { "type": "string" } },
            },
        },
    });
    let about = "A test that an administrator has asked for. It is sent once, to that webhook alone.";
    webhooks.insert(TEST_EVENT.to_owned(), called(TEST_EVENT, TEST_EVENT, about, &test));
    let about = "The decision that stands, for a run that waits with a URL (`resume.kind` is `webhook`): approved with the effective \
        snapshot, or rejected. It is signed if the review was opened with a `signing_secret`. A decision that is larger than 262,144 \
        bytes has `snapshot_url` instead of `snapshot`. An answer of 410 ends the tries. A Step Functions task gets the same JSON as \
        its output, or as the cause of the error `ReviewRejected`.";
    webhooks.insert(RESUME.to_owned(), called(RESUME, "Resume the run", about, &payload));
    webhooks
}

/// One call of ours.
fn called(name: &str, summary: &str, about: &str, body: &Value) -> Value {
    let header = |name: &str, about: &str| {
        json!({
            "name": name, "in": "header", "required": name != "webhook-signature",
            "schema": { "type": "string" }, "description": about,
        })
    };
    let id = "Tells duplicates: each try has the same.";
    let timestamp = "When it was sent, in seconds since 1970. Refuse what is older than five minutes.";
    let signature = "`v1,` and the base64 of HMAC-SHA256 over `{webhook-id}.{webhook-timestamp}.{body}`, for each valid secret, parted \
        by spaces.";
    json!({ "post": {
        "operationId": format!("on-{name}"),
        "tags": ["Events"],
        "summary": summary,
        "description": about,
        "security": [],
        "parameters": [
            header("webhook-id", id),
            header("webhook-timestamp", timestamp),
            header("webhook-signature", signature),
        ],
        "requestBody": { "required": true, "content": { "application/json": { "schema": body } } },
        "responses": {
            "2XX": { "description": "You have it." },
            "410": { "description": "You want no more: nobody tries any more, and a webhook is disabled." },
            "default": { "description": "It is tried again." },
        },
    } })
}
