//! `POST /v1/webhooks/{webhook_id}/test`: send a test event to a webhook, in the way of all other events.

use lambda_http::http::StatusCode;
use shared::api::{
    Answer, App, Call, Caller, Code, Endpoint, Error, Reply, TestDeliveryView, schema_of, webhook_id,
};
use shared::event::TEST_EVENT;
use shared::store::{RequestedTest, Scope, WebhookTest};

/// The endpoint.
pub const ENDPOINT: Endpoint = Endpoint {
    summary: "Test a webhook",
    description: "Sends the webhook one signed event of the type `webhook.test`, once, even if it is disabled. The result is among its \
        deliveries. There is one test at a time: a repeated call before it is sent answers with the same one.",
    answers: &[Answer::json(202, "It will be sent within a minute.", schema_of::<TestDeliveryView>)],
    errors: &[Code::WebhookNotFound],
    ..Endpoint::new(
        "test-webhook",
        "POST",
        "/v1/webhooks/{webhook_id}/test",
        Scope::Admin,
        |app, caller, call| Box::pin(test(app, caller, call)),
    )
};

/// `redeliver` sends it within a minute: this function makes no calls. There is one test at a time, so that the endpoint cannot be
/// used to call a receiver in a loop.
async fn test(app: &App, caller: &Caller, call: &Call) -> Result<Reply, Error> {
    let webhook_id = webhook_id(call)?;
    if app.store.webhook(&caller.organization, &webhook_id).await?.is_none() {
        return Err(Error::WebhookNotFound);
    }
    let asked = WebhookTest { event_id: shared::new_id::entry_id(), asked_at: call.now() };
    let test = match app.store.request_test(&caller.organization, &webhook_id, asked).await? {
        RequestedTest::Accepted => asked,
        RequestedTest::Pending(pending) => pending,
    };
    let body = TestDeliveryView { event_id: test.event_id, event_type: TEST_EVENT, asked_at: test.asked_at };
    Ok(Reply::json(StatusCode::ACCEPTED, &body))
}
