//! `POST /v1/webhooks/{webhook_id}/enable`: a webhook that was given up is told again, first of what it is owed.

use lambda_http::http::StatusCode;
use shared::api::{App, Call, Caller, Error, Function, Reply, WebhookView, routes, webhook_id};

/// The endpoint.
pub const FUNCTION: Function = Function {
    route: routes::ENABLE_WEBHOOK,
    handle: |app, caller, call| Box::pin(enable(app, caller, call)),
};

/// Enabling what is enabled changes nothing but this: what it is owed is due with the next run of `redeliver`.
async fn enable(app: &App, caller: &Caller, call: &Call) -> Result<Reply, Error> {
    let webhook_id = webhook_id(call)?;
    let enabled = app.store.enable_webhook(&caller.organization, &webhook_id, call.now()).await?;
    let webhook = enabled.ok_or(Error::WebhookNotFound)?;
    Ok(Reply::json(StatusCode::OK, &WebhookView::from(&webhook)))
}
