//! `POST /v1/webhooks/{webhook_id}/rotate-secret`: a webhook gets another secret; the one before stays valid for a day.

use lambda_http::http::StatusCode;
use shared::api::{
    App, Call, Caller, CreatedView, Error, Function, Reply, new_signing_secret, routes, webhook_id,
};
use shared::store::StoreError;

/// The endpoint.
pub const FUNCTION: Function = Function {
    route: routes::ROTATE_WEBHOOK_SECRET,
    handle: |app, caller, call| Box::pin(rotate(app, caller, call)),
};

async fn rotate(app: &App, caller: &Caller, call: &Call) -> Result<Reply, Error> {
    let webhook_id = webhook_id(call)?;
    let mut random = [0; 32];
    getrandom::fill(&mut random).map_err(|error| StoreError::Unavailable(error.to_string()))?;
    let secret = new_signing_secret(random);
    let rotated = app.store.rotate_secret(&caller.organization, &webhook_id, &secret, call.now()).await?;
    let webhook = rotated.ok_or(Error::WebhookNotFound)?;
    let body = CreatedView { webhook: (&webhook).into(), signing_secret: &webhook.signing_secret };
    Ok(Reply::json(StatusCode::OK, &body))
}
