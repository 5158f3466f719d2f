//! `GET /v1/webhooks`: the organization's webhooks.

use lambda_http::http::StatusCode;
use shared::api::{
    Answer, App, Call, Caller, Endpoint, Error, FieldErrors, Reply, WebhookView, Webhooks, schema_of,
};
use shared::store::Scope;

/// The endpoint.
pub const ENDPOINT: Endpoint = Endpoint {
    summary: "List the webhooks",
    description: "An organization has at most 20, so there are no pages.",
    answers: &[Answer::json(200, "The organization's webhooks.", schema_of::<Webhooks<'static>>)],
    ..Endpoint::new("list-webhooks", "GET", "/v1/webhooks", Scope::Admin, |app, caller, call| {
        Box::pin(list(app, caller, call))
    })
};

async fn list(app: &App, caller: &Caller, call: &Call) -> Result<Reply, Error> {
    let mut errors = FieldErrors::new();
    let query = call.query_fields(&[], &mut errors, |_| Some(()));
    errors.finish(query)?;
    let webhooks = app.store.webhooks(&caller.organization).await?;
    Ok(Reply::json(StatusCode::OK, &Webhooks { data: webhooks.iter().map(WebhookView::from).collect() }))
}
