//! `GET /v1/webhooks`: who is told of events.

use lambda_http::http::StatusCode;
use shared::api::{App, Call, Caller, Error, FieldErrors, Function, Reply, WebhookView, Webhooks, routes};

/// The endpoint.
pub const FUNCTION: Function =
    Function { route: routes::LIST_WEBHOOKS, handle: |app, caller, call| Box::pin(list(app, caller, call)) };

async fn list(app: &App, caller: &Caller, call: &Call) -> Result<Reply, Error> {
    let mut faults = FieldErrors::new();
    call.query(&[], &mut faults);
    faults.finish(Some(()))?;
    let webhooks = app.store.webhooks(&caller.organization).await?;
    Ok(Reply::json(StatusCode::OK, &Webhooks { data: webhooks.iter().map(WebhookView::from).collect() }))
}
