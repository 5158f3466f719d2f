//! `DELETE /v1/webhooks/{webhook_id}`: send it no more events.

use lambda_http::http::StatusCode;
use shared::api::{Answer, App, Call, Caller, Code, Endpoint, Error, Reply, webhook_id};
use shared::store::Scope;

/// The endpoint.
pub const ENDPOINT: Endpoint = Endpoint {
    summary: "Delete a webhook",
    description: "Its pending deliveries are dropped.",
    answers: &[Answer::empty(204, "It is deleted.")],
    errors: &[Code::WebhookNotFound],
    ..Endpoint::new(
        "delete-webhook",
        "DELETE",
        "/v1/webhooks/{webhook_id}",
        Scope::Admin,
        |app, caller, call| Box::pin(delete(app, caller, call)),
    )
};

/// `redeliver` drops its pending deliveries when it finds no webhook for them.
async fn delete(app: &App, caller: &Caller, call: &Call) -> Result<Reply, Error> {
    let webhook_id = webhook_id(call)?;
    if app.store.delete_webhook(&caller.organization, &webhook_id, &caller.actor, call.now()).await? {
        Ok(Reply::empty(StatusCode::NO_CONTENT))
    } else {
        Err(Error::WebhookNotFound)
    }
}
