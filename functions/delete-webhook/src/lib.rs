//! `DELETE /v1/webhooks/{webhook_id}`: be told no more.

use lambda_http::http::StatusCode;
use shared::http::{App, Call, Caller, Error, Function, Reply, routes, webhook_id};

/// The endpoint.
pub const FUNCTION: Function = Function {
    route: routes::DELETE_WEBHOOK,
    handle: |app, caller, call| Box::pin(delete(app, caller, call)),
};

/// What it was still owed is due at once: `redeliver` finds nobody to tell, and drops it. So it is, too, where there is no
/// webhook: a deletion that died half-way is finished by its retry.
async fn delete(app: &App, caller: &Caller, call: &Call) -> Result<Reply, Error> {
    let webhook_id = webhook_id(call)?;
    let deleted = app.store.delete_webhook(&caller.organization, &webhook_id).await?;
    app.store.redrive_target(&caller.organization, &webhook_id, call.now()).await?;
    if deleted { Ok(Reply::empty(StatusCode::NO_CONTENT)) } else { Err(Error::WebhookNotFound) }
}
