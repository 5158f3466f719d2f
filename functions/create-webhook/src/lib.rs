//! `POST /v1/webhooks`: an organization wants to be told of events.

use lambda_http::http::StatusCode;
use shared::api::{
    App, Call, Caller, CreatedView, Error, FieldErrors, Function, Reply, SMALL_BODY_LIMIT, callable_url,
    event_types, new_signing_secret, routes, short_text,
};
use shared::egress::Egress;
use shared::event::WebhookId;
use shared::store::{CreatedWebhook, StoreError, Webhook};

/// The endpoint.
pub const FUNCTION: Function = Function {
    route: routes::CREATE_WEBHOOK,
    handle: |app, caller, call| Box::pin(create(app, caller, call)),
};

struct Request {
    url: String,
    events: Vec<String>,
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
        events,
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
    let mut faults = FieldErrors::new();
    let mut parsed = None;
    if let Some(mut body) = call.body(SMALL_BODY_LIMIT, &mut faults)? {
        let url = body.required("url", &mut faults, callable_url(egress));
        let events = body.optional("events", &mut faults, event_types);
        let description = body.optional("description", &mut faults, short_text);
        body.finish(&mut faults);
        parsed = url.zip(events).zip(description).map(|((url, events), description)| Request {
            url: url.into(),
            events: events.unwrap_or_default(),
            description,
        });
    }
    faults.finish(parsed)
}

fn random<const N: usize>() -> Result<[u8; N], StoreError> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|error| StoreError::Unavailable(error.to_string()))?;
    Ok(bytes)
}
