//! `POST /v1/webhooks/{webhook_id}/enable`: send events to a disabled webhook again, its pending ones first.

use lambda_http::http::StatusCode;
use shared::api::{
    Answer, App, Call, Caller, Code, Endpoint, Error, Reply, WebhookView, schema_of, webhook_id,
};
use shared::store::Scope;

/// The endpoint.
pub const ENDPOINT: Endpoint = Endpoint {
    summary: "Enable a webhook",
    description: "Events are sent to it again, the pending ones first.",
    answers: &[Answer::json(200, "The webhook.", schema_of::<WebhookView<'static>>)],
    errors: &[Code::WebhookNotFound],
    ..Endpoint::new(
        "enable-webhook",
        "POST",
        "/v1/webhooks/{webhook_id}/enable",
        Scope::Admin,
        |app, caller, call| Box::pin(enable(app, caller, call)),
    )
};

/// For a webhook that is enabled already, it only makes its pending deliveries due with the next run of `redeliver`.
async fn enable(app: &App, caller: &Caller, call: &Call) -> Result<Reply, Error> {
    let webhook_id = webhook_id(call)?;
    let enabled =
        app.store.enable_webhook(&caller.organization, &webhook_id, &caller.actor, call.now()).await?;
    let webhook = enabled.ok_or(Error::WebhookNotFound)?;
    Ok(Reply::json(StatusCode::OK, &WebhookView::from(&webhook)))
}
