//! The calls that we make: events to webhooks, and decisions to waiting runs. They are the `webhooks` of `OpenAPI`.

use schemars::SchemaGenerator;
use serde_json::{Map, Value, json};
use shared::event::{EventBody, EventType, TEST_EVENT};
use shared::review::ResumePayload;

/// The name of the resume call.
pub const RESUME: &str = "resume";

/// What all of these calls have in common.
pub const GUIDE: &str = "Each entry of a review's audit trail becomes one event. It is put on the deployment's EventBridge bus (source \
    `holdpoint`, the type as `detail-type`, the body as `detail`), and posted to each webhook of the organization that takes its type. A \
    run that waits with a URL gets the decision by a call of the same kind, `resume`.\n\nEach call is a POST with a JSON body and the \
    headers of the Standard Webhooks specification. Verify the signature with one of its published libraries, over the bytes of the body \
    as they arrived. `webhook-signature` holds a signature for each valid secret, separated by spaces, and one of them must match yours. \
    While a secret is being rotated there are two.\n\n`webhook-id` identifies duplicates: each attempt to deliver the same event, or the \
    same decision to the same URL, has the same id, and no event has the id of a `resume` call. Every event is delivered at least once. \
    The events of one review arrive in order, by `sequence`.\n\nAny answer of 2xx within 10 seconds (3 seconds for the first attempt) \
    counts as delivered. Answer within one second: events for a slower receiver are sent by a function that runs once a minute. Redirects \
    are not followed. A failed delivery is retried after 30 seconds, then 2, 10 and 30 minutes, and 2, 5, 10 and 10 hours: nine attempts \
    in all. Later events of the same review wait for it; events of other reviews do not. While a receiver does not answer at all, most of \
    its calls are left out, and a call that is left out does not count as an attempt. After the last attempt, or an answer of 410, the \
    delivery is not retried; a webhook that has accepted nothing for a day by then is disabled. `POST /v1/webhooks/{webhook_id}/enable` \
    and `POST …/resume` retry.";

/// A receiver that verifies.
pub const RECEIVER: &str = include_str!("page/receiver.py");

/// All of these calls, by name.
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
    let about = "A test that an administrator has requested. It is sent once, to that webhook only.";
    webhooks.insert(TEST_EVENT.to_owned(), called(TEST_EVENT, TEST_EVENT, about, &test));
    let about = "The current decision, for a run that waits with a URL (`resume.kind` is `webhook`): approved with the effective \
        snapshot, or rejected. It is signed if the review was opened with a `signing_secret`. A body larger than 262,144 bytes has \
        `snapshot_url` instead of `snapshot`. After an answer of 410 it is not retried. A Step Functions task gets the same JSON as its \
        output, or as the cause of the error `ReviewRejected`.";
    webhooks.insert(RESUME.to_owned(), called(RESUME, "Resume the run", about, &payload));
    webhooks
}

/// One of these calls.
fn called(name: &str, summary: &str, about: &str, body: &Value) -> Value {
    let header = |name: &str, about: &str| {
        json!({
            "name": name, "in": "header", "required": name != "webhook-signature",
            "schema": { "type": "string" }, "description": about,
        })
    };
    let id = "The id of the message: the same in each attempt.";
    let timestamp =
        "When it was sent, in seconds since 1970. Refuse a message that is older than five minutes.";
    let signature = "`v1,` and the base64 of HMAC-SHA256 over `{webhook-id}.{webhook-timestamp}.{body}`, for each valid secret, \
        separated by spaces.";
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
            "2XX": { "description": "It is delivered." },
            "410": { "description": "It is not retried, and a webhook is disabled." },
            "default": { "description": "It is retried." },
        },
    } })
}
