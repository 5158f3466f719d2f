//! `POST /v1/webhooks/{webhook_id}/test`: a webhook is sent an event that says nothing, the way all others are sent.

use lambda_http::http::StatusCode;
use shared::api::{App, Call, Caller, Error, Function, Reply, TestDeliveryView, routes, webhook_id};
use shared::event::TEST_EVENT;
use shared::store::{RequestedTest, WebhookTest};

/// The endpoint.
pub const FUNCTION: Function =
    Function { route: routes::TEST_WEBHOOK, handle: |app, caller, call| Box::pin(test(app, caller, call)) };

/// `redeliver` sends it, within a minute: this function calls nobody. One at a time, so that nobody has a
/// receiver called in a loop.
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
