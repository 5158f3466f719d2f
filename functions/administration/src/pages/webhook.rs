//! One webhook: its health and its last deliveries; testing, rotating, enabling and deleting it, by the API's own functions.

use super::layout::{Wrong, asking, done, page, segment};
use super::log::who;
use super::webhooks::{events, health, shown_once};
use super::{HOME, Visit};
use inbox::common::{form_token, time};
use maud::{Markup, html};
use shared::api::{Error, Handler, Reply};
use shared::event::WebhookId;
use shared::review::{ReviewId, visible};
use shared::store::DeliveryAttempt;

/// How many deliveries are shown.
const DELIVERIES: usize = 20;

/// `GET …/webhooks/{id}`.
pub(super) async fn show(visit: &Visit<'_>, id: &str, wrong: Option<Wrong<'_>>) -> Result<Reply, Error> {
    let organization = &visit.viewer.caller.organization;
    let webhook_id = WebhookId::parse(id).ok_or(Error::WebhookNotFound)?;
    let webhook = visit.app.store.webhook(organization, &webhook_id).await?.ok_or(Error::WebhookNotFound)?;
    let deliveries = visit.app.store.deliveries(organization, &webhook_id, DELIVERIES).await?;
    let at = format!("{HOME}/webhooks/{}", segment(id));
    let said = [
        ("tested", "A test event is sent within a minute. Its delivery is listed below then."),
        ("enabled", "Enabled. What is pending is sent now."),
    ];
    // An address that says what is not so says nothing.
    let said = if webhook.disabled_at.is_none() { &said[..] } else { &said[..1] };
    let content = html! {
        p { a href={(HOME) "/webhooks"} { "‹ Webhooks" } }
        (done(visit, said))
        h1 { (visible(&webhook.url)) }
        dl {
            @if let Some(text) = &webhook.description { dt { "Description" } dd { (visible(text)) } }
            dt { "Health" } dd { (health(&webhook)) }
            dt { "Events" } dd { (events(&webhook)) }
            dt { "Id" } dd { code { (webhook.webhook_id.as_str()) } }
            dt { "Created" } dd { (time(webhook.created_at)) " by " (who(&webhook.created_by)) }
        }
        div.buttons {
            (button(visit, &at, "test", "Send a test event"))
            @if webhook.disabled_at.is_some() || webhook.failing_since.is_some() { (button(visit, &at, "enable", "Enable")) }
            (asking(visit, &format!("{at}/rotate"), "Rotate the secret", "You get a new one. The old one also signs for a day."))
            (asking(visit, &format!("{at}/delete"), "Delete", "What is pending for it is dropped."))
        }
        h2 { "Last deliveries" }
        (table(&deliveries))
    };
    Ok(page(visit, "webhooks", "Webhook", wrong, &content))
}

fn button(visit: &Visit<'_>, at: &str, action: &str, name: &str) -> Markup {
    html! { form method="post" action={(at) "/" (action)} { (form_token(visit.viewer)) button { (name) } } }
}

fn table(deliveries: &[DeliveryAttempt]) -> Markup {
    if deliveries.is_empty() {
        return html! { p.muted { "There were none in the last week." } };
    }
    html! {
        div.wide tabindex="0" role="region" aria-label="Deliveries" {
            table.listed {
                thead { tr { th { "When" } th { "Event" } th { "Review" } th { "Result" } th.number { "Try" } th.number { "ms" } } }
                tbody {
                    @for attempt in deliveries {
                        tr {
                            td data-label="When" { (time(attempt.at)) }
                            td data-label="Event" { code { (attempt.event_type) } }
                            td data-label="Review" { (attempt.review.as_ref().map_or_else(|| "–".into(), ReviewId::block_run_id)) }
                            td data-label="Result" { @match (&attempt.error, attempt.status) {
                                (None, Some(status)) => { "delivered, " (status) }
                                (None, None) => { "delivered" }
                                (Some(error), _) => { b.danger { "failed" } ": " (visible(error)) }
                            } }
                            td.number data-label="Try" { (attempt.attempt) }
                            td.number data-label="ms" { (attempt.duration_ms) }
                        }
                    }
                }
            }
        }
    }
}

/// `POST …/webhooks/{id}/{action}`.
pub(super) async fn act(visit: &Visit<'_>, id: &str, action: &str) -> Result<Reply, Error> {
    let function: &Handler = match action {
        "test" => &const { test_webhook::ENDPOINT.handler },
        "enable" => &const { enable_webhook::ENDPOINT.handler },
        "rotate" => &const { rotate_webhook_secret::ENDPOINT.handler },
        "delete" => &const { delete_webhook::ENDPOINT.handler },
        _ => return Err(Error::RouteNotFound),
    };
    let call = visit.call.inner_at(&[("webhook_id", id)], String::new());
    let reply = function.call(visit.app, visit.viewer.caller, &call).await?;
    let at = format!("{HOME}/webhooks/{}", segment(id));
    Ok(match action {
        "rotate" => shown_once(visit, "Secret rotated", &reply),
        "delete" => Reply::see_other(&format!("{HOME}/webhooks?done=deleted")),
        "enable" => Reply::see_other(&format!("{at}?done=enabled")),
        _ => Reply::see_other(&format!("{at}?done=tested")),
    })
}
