//! `POST /v1/webhooks/{webhook_id}/rotate-secret`: a new secret for a webhook. The previous one stays valid for a day.

use lambda_http::http::StatusCode;
use shared::api::{
    Answer, App, Call, Caller, Code, CreatedView, Endpoint, Error, Reply, new_signing_secret, schema_of,
    webhook_id,
};
use shared::new_id::random;
use shared::store::Scope;

/// The endpoint.
pub const ENDPOINT: Endpoint = Endpoint {
    summary: "Rotate a webhook's secret",
    description: "For 24 hours, deliveries are signed with the new secret and with the previous one: `webhook-signature` holds both, \
        separated by a space, and a receiver with either of them accepts the delivery. At most three previous secrets are kept; the \
        oldest ends early.",
    answers: &[Answer::json(
        200,
        "The webhook and its new secret, which no other call shows.",
        schema_of::<CreatedView<'static>>,
    )],
    errors: &[Code::WebhookNotFound],
    ..Endpoint::new(
        "rotate-webhook-secret",
        "POST",
        "/v1/webhooks/{webhook_id}/rotate-secret",
        Scope::Admin,
        |app, caller, call| Box::pin(rotate(app, caller, call)),
    )
};

async fn rotate(app: &App, caller: &Caller, call: &Call) -> Result<Reply, Error> {
    let webhook_id = webhook_id(call)?;
    let secret = new_signing_secret(random()?);
    let rotated = app
        .store
        .rotate_secret(&caller.organization, &webhook_id, &secret, &caller.actor, call.now())
        .await?;
    let webhook = rotated.ok_or(Error::WebhookNotFound)?;
    let body = CreatedView { webhook: (&webhook).into(), signing_secret: &webhook.signing_secret };
    Ok(Reply::json(StatusCode::OK, &body))
}
