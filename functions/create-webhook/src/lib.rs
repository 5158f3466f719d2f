//! `POST /v1/webhooks`: send an organization's events to a URL.

use lambda_http::http::StatusCode;
use shared::api::{
    Answer, App, Body, CALLED_URL, Call, Caller, Code, Content, CreatedView, EVENT_TYPES, Endpoint, Error,
    Field, FieldErrors, MAX_SHORT_TEXT, Object, Reply, Shape, callable, new_signing_secret, schema_of,
    text_of,
};
use shared::egress::Egress;
use shared::event::{EventType, WebhookId};
use shared::new_id::random;
use shared::store::{CreatedWebhook, Scope, Webhook};

/// The endpoint.
pub const ENDPOINT: Endpoint = Endpoint {
    summary: "Create a webhook",
    description: "Events are posted to its URL, signed (Standard Webhooks), at least once, and in order for each review.",
    body: Some(&BODY),
    example: Some(r#"{ "url": "https://hooks.example.com/holdpoint", "events": ["review.decided"] }"#),
    answers: &[Answer::json(
        201,
        "The webhook and its secret, which no other call shows.",
        schema_of::<CreatedView<'static>>,
    )],
    errors: &[Code::TooManyWebhooks, Code::BodyTooLarge],
    ..Endpoint::new("create-webhook", "POST", "/v1/webhooks", Scope::Admin, |app, caller, call| {
        Box::pin(create(app, caller, call))
    })
};

const DESCRIPTION: Field<Option<String>> =
    Field::new("description", "For people to read.", text_of(1..=MAX_SHORT_TEXT, Content::NotBlank))
        .optional();

const BODY: Body = Body {
    object: Object {
        name: "CreateWebhookRequest",
        about: "The body of `create-webhook`.",
        shape: Shape::Fields(&[CALLED_URL.spec, EVENT_TYPES.spec, DESCRIPTION.spec]),
    },
    limit: Body::SMALL,
};

struct Request {
    url: String,
    events: Vec<EventType>,
    description: Option<String>,
}

async fn create(app: &App, caller: &Caller, call: &Call) -> Result<Reply, Error> {
    let Request { url, events, description } = parse(app.egress, call)?;
    let webhook = Webhook {
        webhook_id: WebhookId::new(random()?),
        organization: caller.organization.clone(),
        url,
        signing_secret: new_signing_secret(random()?),
        previous_secrets: Vec::new(),
        events: events.into_iter().map(|event| event.as_str().to_owned()).collect(),
        description,
        created_at: call.now(),
        created_by: caller.actor.clone(),
        failing_since: None,
        slow_until: None,
        disabled_at: None,
        disabled_reason: None,
    };
    match app.store.create_webhook(&webhook).await? {
        CreatedWebhook::Created => {
            let body = CreatedView { webhook: (&webhook).into(), signing_secret: &webhook.signing_secret };
            Ok(Reply::json(StatusCode::CREATED, &body))
        }
        CreatedWebhook::TooMany => Err(Error::TooManyWebhooks { limit: Webhook::LIMIT }),
    }
}

fn parse(egress: Egress, call: &Call) -> Result<Request, Error> {
    let mut errors = FieldErrors::new();
    let body = call.body(&BODY, &mut errors, |body| {
        let url = body.read_then(&CALLED_URL, callable(egress));
        let (events, description) = (body.read(&EVENT_TYPES), body.read(&DESCRIPTION));
        Some(Request { url: url?.into(), events: events?.unwrap_or_default(), description: description? })
    })?;
    Ok(errors.finish(body)?)
}
