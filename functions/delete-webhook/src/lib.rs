//! `DELETE /v1/webhooks/{webhook_id}`: be told no more.

use lambda_http::http::StatusCode;
use shared::api::{App, Call, Caller, Error, Function, Reply, routes, webhook_id};

/// The endpoint.
pub const FUNCTION: Function = Function {
    route: routes::DELETE_WEBHOOK,
    handle: |app, caller, call| Box::pin(delete(app, caller, call)),
};

/// What it was still owed is dropped by `redeliver`, which finds nobody to deliver it to.
async fn delete(app: &App, caller: &Caller, call: &Call) -> Result<Reply, Error> {
    let webhook_id = webhook_id(call)?;
    if app.store.delete_webhook(&caller.organization, &webhook_id, call.now()).await? {
        Ok(Reply::empty(StatusCode::NO_CONTENT))
    } else {
        Err(Error::WebhookNotFound)
    }
}
