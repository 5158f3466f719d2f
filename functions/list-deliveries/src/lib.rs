//! `GET /v1/webhooks/{webhook_id}/deliveries`: the last tries, newest first.

use lambda_http::http::StatusCode;
use shared::api::{
    App, Call, Caller, Deliveries, DeliveryView, Error, FieldErrors, Function, Reply, routes, webhook_id,
};

/// The endpoint.
pub const FUNCTION: Function = Function {
    route: routes::LIST_DELIVERIES,
    handle: |app, caller, call| Box::pin(list(app, caller, call)),
};

/// How many tries are listed.
const LIMIT: usize = 50;

async fn list(app: &App, caller: &Caller, call: &Call) -> Result<Reply, Error> {
    let webhook_id = webhook_id(call)?;
    let mut faults = FieldErrors::new();
    call.query(&[], &mut faults);
    faults.finish(Some(()))?;
    if app.store.webhook(&caller.organization, &webhook_id).await?.is_none() {
        return Err(Error::WebhookNotFound);
    }
    let deliveries = app.store.deliveries(&caller.organization, &webhook_id, LIMIT).await?;
    let body = Deliveries { data: deliveries.iter().map(DeliveryView::from).collect() };
    Ok(Reply::json(StatusCode::OK, &body))
}
