//! The webhooks: listed with their health, and created by the API's own function.

use super::layout::{Wrong, done, field, once, page, segment};
use super::{HOME, Visit, sent};
use inbox::common::{SubmittedForm, form_token, time};
use maud::{Markup, html};
use serde_json::{Value, json};
use shared::api::{Error, Reply, ValueError};
use shared::event::EventType;
use shared::review::visible;
use shared::store::Webhook;

/// `GET …/webhooks`.
pub(super) async fn show(visit: &Visit<'_>, wrong: Option<Wrong<'_>>) -> Result<Reply, Error> {
    let webhooks = visit.app.store.webhooks(&visit.viewer.caller.organization).await?;
    let content = html! {
        (done(visit, &[("deleted", "The webhook is deleted, with what was pending for it.")]))
        div.headline {
            h1 { "Webhooks" } span.count { (webhooks.len()) " of " (Webhook::LIMIT) }
            span.sep {}
            a.button.primary href="#create" { "Create a webhook" }
        }
        // What was refused is on top, to be put right.
        @if wrong.is_some() { (form(visit, wrong)) }
        @if webhooks.is_empty() { div.nothing { p.big { "There are no webhooks" } p { "One sends events to a URL of yours, signed." } } }
        @else { (table(&webhooks)) }
        @if wrong.is_none() { (form(visit, wrong)) }
    };
    Ok(page(visit, "webhooks", "Webhooks", wrong, &content))
}

fn table(webhooks: &[Webhook]) -> Markup {
    html! {
        div.wide tabindex="0" role="region" aria-label="Webhooks" {
            table.listed {
                thead { tr { th { "URL" } th { "Health" } th { "Events" } th { "Created" } } }
                tbody {
                    @for webhook in webhooks {
                        tr.off[webhook.disabled_at.is_some()] {
                            td data-label="URL" { a href={(HOME) "/webhooks/" (segment(webhook.webhook_id.as_str()))} { (visible(&webhook.url)) }
                                @if let Some(text) = &webhook.description { br; span.hint { (visible(text)) } } }
                            td data-label="Health" { (health(webhook)) }
                            td data-label="Events" { (events(webhook)) }
                            td data-label="Created" { (time(webhook.created_at)) }
                        }
                    }
                }
            }
        }
    }
}

/// Whether it works, in a few words.
pub(super) fn health(webhook: &Webhook) -> Markup {
    html! {
        @if let Some(at) = webhook.disabled_at {
            b.danger { "Disabled" } " since " (time(at))
            @if let Some(reason) = &webhook.disabled_reason { ": " (visible(reason)) }
        } @else if let Some(at) = webhook.failing_since { b.danger { "Failing" } " since " (time(at)) }
        @else { "No failure" }
    }
}

/// Which events it gets.
pub(super) fn events(webhook: &Webhook) -> String {
    if webhook.events.is_empty() { "all".into() } else { webhook.events.join(", ") }
}

fn form(visit: &Visit<'_>, wrong: Option<Wrong<'_>>) -> Markup {
    let typed = |name: &str| wrong.map_or("", |wrong| wrong.form.get(name).unwrap_or_default()).to_owned();
    let is_ticked = |name: &str| wrong.is_some_and(|wrong| wrong.form.get(name).is_some());
    html! {
        section #create {
            h2 { "Create a webhook" }
            form.card method="post" action={(HOME) "/webhooks"} {
                (form_token(visit.viewer))
                (field("url", "URL", "Public, and https.",
                    &html! { input #url name="url" type="url" required value=(typed("url")) autocomplete="off" aria-describedby="url-help"; }))
                (field("description", "Description", "", &html! { input #description name="description" maxlength="200" value=(typed("description")) autocomplete="off"; }))
                details open[EventType::ALL.iter().any(|event| is_ticked(&box_name(*event)))] {
                    summary { "Only some events" }
                    fieldset {
                        legend { "Events" }
                        @for event in EventType::ALL {
                            label.box { input type="checkbox" name=(box_name(event)) value="1" checked[is_ticked(&box_name(event))];
                                span { code { (event.as_str()) } " " span.hint { (event.meaning()) } } }
                        }
                    }
                }
                button.primary { "Create the webhook" }
            }
        }
    }
}

fn box_name(event: EventType) -> String {
    format!("event_{}", event.as_str())
}

/// `POST …/webhooks`.
pub(super) async fn create(visit: &Visit<'_>, form: &SubmittedForm) -> Result<Reply, Error> {
    let Some(url) = form.text("url") else {
        return Err(sent::invalid("url", &ValueError::new("missing", "is missing")));
    };
    let mut body = json!({ "url": url, "description": form.text("description") });
    let events: Vec<&str> = EventType::ALL
        .into_iter()
        .filter(|event| form.get(&box_name(*event)).is_some())
        .map(EventType::as_str)
        .collect();
    if !events.is_empty() {
        body["events"] = json!(events);
    }
    let call = visit.call.inner_at(&[], body.to_string());
    let function = const { &create_webhook::ENDPOINT.handler };
    let reply = function.call(visit.app, visit.viewer.caller, &call).await?;
    Ok(shown_once(visit, "Webhook created", &reply))
}

/// The secret that an answer of the API holds.
pub(super) fn shown_once(visit: &Visit<'_>, title: &str, reply: &Reply) -> Reply {
    let body: Value = serde_json::from_str(reply.body()).unwrap_or_default();
    let text = |name: &str| body[name].as_str().unwrap_or_default().to_owned();
    let content = html! {
        h1 { (title) }
        (once("The signing secret", &text("signing_secret")))
        p { "Deliveries to " (visible(&text("url"))) " are signed with it (Standard Webhooks)." }
        p { a.button href={(HOME) "/webhooks/" (segment(&text("webhook_id")))} { "To the webhook" } }
    };
    page(visit, "webhooks", title, None, &content)
}
