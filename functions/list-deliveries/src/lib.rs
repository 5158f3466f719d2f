//! `GET /v1/webhooks/{webhook_id}/deliveries`: the latest delivery attempts, newest first.

use lambda_http::http::StatusCode;
use shared::api::{
    Answer, App, Call, Caller, Code, Deliveries, DeliveryView, Endpoint, Error, FieldErrors, Reply,
    schema_of, webhook_id,
};
use shared::store::Scope;

/// The endpoint.
pub const ENDPOINT: Endpoint = Endpoint {
    summary: "List deliveries",
    description: "The latest 50 attempts to deliver events to a webhook.",
    answers: &[Answer::json(200, "The latest attempts.", schema_of::<Deliveries<'static>>)],
    errors: &[Code::WebhookNotFound],
    ..Endpoint::new(
        "list-deliveries",
        "GET",
        "/v1/webhooks/{webhook_id}/deliveries",
        Scope::Admin,
        |app, caller, call| Box::pin(list(app, caller, call)),
    )
};

/// How many attempts are listed.
const LIMIT: usize = 50;

async fn list(app: &App, caller: &Caller, call: &Call) -> Result<Reply, Error> {
    let webhook_id = webhook_id(call)?;
    let mut errors = FieldErrors::new();
    let query = call.query_fields(&[], &mut errors, |_| Some(()));
    errors.finish(query)?;
    if app.store.webhook(&caller.organization, &webhook_id).await?.is_none() {
        return Err(Error::WebhookNotFound);
    }
    let deliveries = app.store.deliveries(&caller.organization, &webhook_id, LIMIT).await?;
    let body = Deliveries { data: deliveries.iter().map(DeliveryView::from).collect() };
    Ok(Reply::json(StatusCode::OK, &body))
}
