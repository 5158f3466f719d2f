//! The audit of administration.

use super::layout::{page, segment};
use super::{HOME, Visit};
use inbox::common::{name, time};
use maud::{Markup, html};
use serde_json::Value;
use shared::api::{Error, FieldErrors, Reply};
use shared::review::{Actor, EntryId, visible};
use shared::store::AdministrationEntry;

const ROWS: usize = 100;

/// `GET …/log`.
pub(super) async fn show(visit: &Visit<'_>) -> Result<Reply, Error> {
    let query = visit.call.query(&["cursor"], &mut FieldErrors::new());
    let before = query.first().and_then(|(_, text)| EntryId::parse(text));
    let log = visit.app.store.administration(&visit.viewer.caller.organization, before, ROWS).await?;
    let content = html! {
        h1 { "Log" }
        p.muted { "Who changed which member, invite, key, webhook, issuer or notification. Each entry was written with its change; nothing deletes entries." }
        @if log.entries.is_empty() { div.nothing { p.big { "Nothing was changed yet" } } }
        @else { (table(&log.entries)) }
        nav.pages aria-label="Pages" {
            @if before.is_some() { a href={(HOME) "/log"} { "Newest" } }
            @if let Some(next) = log.next { a rel="next" href={(HOME) "/log?cursor=" (next)} { "Older" } }
        }
    };
    Ok(page(visit, "log", "Log", None, &content))
}

fn table(entries: &[AdministrationEntry]) -> Markup {
    html! {
        div.wide tabindex="0" role="region" aria-label="Entries" {
            table.listed {
                thead { tr { th { "When" } th { "Who" } th { "What" } th { "Which" } th { "Detail" } } }
                tbody {
                    @for entry in entries {
                        tr {
                            td data-label="When" { (time(entry.at)) }
                            td data-label="Who" { (who(&entry.actor)) }
                            td data-label="What" { (words(&entry.action)) }
                            td data-label="Which" { (target(entry)) }
                            td data-label="Detail" { (detail(&entry.detail)) }
                        }
                    }
                }
            }
        }
    }
}

/// Who did it. Two may have one name, so the id stands below it; a member's leads to its page.
pub(super) fn who(actor: &Actor) -> Markup {
    let id = actor.id.as_str();
    html! {
        (name(actor)) br;
        @if id.starts_with("user_") { a.muted href={(HOME) "/people/" (segment(id))} { code { (visible(id)) } } }
        @else { code.muted { (visible(id)) } }
    }
}

/// An action in words: `member_disabled` is “member disabled”.
fn words(action: &str) -> String {
    action.replace('_', " ")
}

/// What it was done to, with a link where it has a page.
fn target(entry: &AdministrationEntry) -> Markup {
    let page = match entry.action.split('_').next() {
        Some("member") => Some("people"),
        Some("key") => Some("keys"),
        Some("issuer") if entry.action != "issuer_removed" => Some("sign-in"),
        Some("webhook") if entry.action != "webhook_deleted" => Some("webhooks"),
        _ => None,
    };
    html! {
        @if let Some(page) = page { a href={(HOME) "/" (page) "/" (segment(&entry.target))} { code { (visible(&entry.target)) } } }
        @else { code { (visible(&entry.target)) } }
    }
}

/// What changed, in words. `before` and `after` are compared.
fn detail(text: &str) -> Markup {
    let detail: Value = serde_json::from_str(text).unwrap_or_default();
    let mut parts = Vec::new();
    for (key, value) in detail.as_object().into_iter().flatten() {
        match (key.as_str(), &detail["before"]) {
            ("before", _) => {}
            ("after", before) => {
                for (name, now) in value.as_object().into_iter().flatten() {
                    if before[name] != *now {
                        parts.push(format!("{name}: {} → {}", say(&before[name]), say(now)));
                    }
                }
            }
            (key, _) if !value.is_null() => parts.push(format!("{}: {}", words(key), say(value))),
            _ => {}
        }
    }
    html! { @for (index, part) in parts.iter().enumerate() { @if index > 0 { br; } (visible(part)) } }
}

/// A value in words.
fn say(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(items) if items.is_empty() => "none".into(),
        Value::Array(items) => items.iter().map(say).collect::<Vec<_>>().join(", "),
        Value::Object(fields) => match (&fields.get("display_name"), &fields.get("id")) {
            (Some(name), Some(id)) => format!("{} ({})", say(name), say(id)),
            _ => value.to_string(),
        },
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_detail_is_said_in_words_and_cannot_be_markup() {
        for (text, said) in [
            ("", ""),
            ("no JSON", ""),
            (
                r#"{"before":{"roles":[],"groups":["a"]},"after":{"roles":["lead","admin"],"groups":["a"]},"name":"Ada"}"#,
                "roles: none → lead, admin<br>name: Ada",
            ),
            (r#"{"actor":{"id":"a","display_name":"<b>"},"expires_at":null}"#, "actor: &lt;b&gt; (a)"),
        ] {
            assert_eq!(detail(text).0, said);
        }
    }
}
