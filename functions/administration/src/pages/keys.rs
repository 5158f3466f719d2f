//! The API keys: listed, made, shown once, rotated, revoked.

use super::layout::{
    Wrong, asking, done, field, groups_field, groups_short, groups_text, once, page, segment,
};
use super::log::who;
use super::{HOME, Visit, sent};
use crate::calls::keys::{self as calls, DEFAULT_DAYS, MAX_DAYS, MAX_HOURS, status};
use inbox::common::{SubmittedForm, form_token, name, time};
use maud::{Markup, html};
use shared::api::{Error, Reply, ValueError};
use shared::review::{Actor, ActorId, ActorKind, Timestamp, is_blank, visible};
use shared::store::{ApiKey, KeyRecord, NewKey, Scope, Scopes};

/// `GET …/keys`. Keys that no longer work come last.
pub(super) async fn show(visit: &Visit<'_>, wrong: Option<Wrong<'_>>) -> Result<Reply, Error> {
    let now = visit.call.now();
    let mut keys = visit.app.store.list_keys(&visit.viewer.caller.organization).await?;
    keys.sort_by_cached_key(|key| {
        (!key.is_live(now), key.actor.display_name.to_lowercase(), std::cmp::Reverse(key.created_at))
    });
    let content = html! {
        (done(visit, &[]))
        div.headline {
            h1 { "API keys" } span.count { (keys.iter().filter(|key| key.is_live(now)).count()) " in use" }
            span.sep {}
            a.button.primary href="#create" { "Make a key" }
        }
        // What was refused is on top, to be put right.
        @if wrong.is_some() { (form(visit, wrong)) }
        @if keys.is_empty() { div.nothing { p.big { "There are no keys" } p { "Programs need one: make it below." } } }
        @else { (table(&keys, now)) }
        @if wrong.is_none() { (form(visit, wrong)) }
    };
    Ok(page(visit, "keys", "API keys", wrong, &content))
}

fn table(keys: &[KeyRecord], now: Timestamp) -> Markup {
    html! {
        div.wide tabindex="0" role="region" aria-label="Keys" {
            table.listed {
                thead { tr { th { "Actor" } th { "Key" } th { "Scopes" } th { "Groups" } th { "Last used" } th { "Ends" } } }
                tbody {
                    @for key in keys {
                        tr.off[!key.is_live(now)] {
                            td data-label="Actor" { a href={(HOME) "/keys/" (segment(&key.key_id))} { (name(&key.actor)) }
                                @if !key.is_live(now) { " " span.tag { (status(key, now)) } } }
                            td data-label="Key" { code { (key.key_id) } }
                            td data-label="Scopes" { (scopes_text(&key.scopes)) }
                            td data-label="Groups" { (groups_short(&key.groups)) }
                            td data-label="Last used" { (used(key)) }
                            td data-label="Ends" { (ends(key)) }
                        }
                    }
                }
            }
        }
    }
}

fn scopes_text(scopes: &Scopes) -> String {
    scopes.0.iter().map(|scope| scope.as_str()).collect::<Vec<_>>().join(", ")
}

/// The day of the last use: it is noted once a day.
fn used(key: &KeyRecord) -> Markup {
    html! { @if let Some(at) = key.last_used_at { (at.to_string().get(..10).unwrap_or_default()) } @else { "never" } }
}

fn ends(key: &KeyRecord) -> Markup {
    html! {
        @if let Some(at) = key.revoked_at { "revoked " (time(at)) }
        @else if let Some(at) = key.expires_at { (time(at)) }
        @else { "never" }
    }
}

fn form(visit: &Visit<'_>, wrong: Option<Wrong<'_>>) -> Markup {
    let typed = |name: &str| wrong.map_or("", |wrong| wrong.form.get(name).unwrap_or_default()).to_owned();
    let days = wrong.map_or_else(|| DEFAULT_DAYS.to_string(), |wrong| wrong.typed("days").to_owned());
    let is_ticked = |name: &str| wrong.is_some_and(|wrong| wrong.form.get(name).is_some());
    let kind = typed("kind");
    html! {
        section #create {
            h2 { "Make a key" }
            p.muted { "For a program. People sign in; a key for a person is for where they cannot." }
            form.card method="post" action={(HOME) "/keys"} {
                (form_token(visit.viewer))
                (field("name", "Name", "What people read in audits: “Ledger import”.",
                    &html! { input #name name="name" required maxlength="200" value=(typed("name")) autocomplete="off" aria-describedby="name-help"; }))
                (field("id", "Id", "What programs read in audits, always the same for the same actor: “ledger”.",
                    &html! { input #id name="id" required maxlength="256" value=(typed("id")) autocomplete="off" spellcheck="false" aria-describedby="id-help"; }))
                (field("kind", "Who acts with it", "", &html! {
                    select #kind name="kind" {
                        @for (word, text) in [("agent", "A program"), ("human", "A person"), ("model", "A model")] {
                            option value=(word) selected[kind == word] { (text) }
                        }
                    }
                }))
                fieldset {
                    legend { "Scopes" }
                    @for scope in Scope::ALL.into_iter().filter(|scope| visit.viewer.caller.may_give(*scope)) {
                        label.box { input type="checkbox" name={"scope_" (scope.as_str())} value="1" checked[is_ticked(&format!("scope_{}", scope.as_str()))];
                            span { b { (scope.as_str()) } " " span.hint { (scope.meaning()) } } }
                    }
                    @if Scope::ALL.into_iter().any(|scope| !visit.viewer.caller.may_give(scope)) {
                        p.hint { "A key can do nothing that you cannot do." }
                    }
                }
                (groups_field(&typed("groups")))
                (field("days", "Ends after, in days", "At most 3650.",
                    &html! { input #days name="days" type="number" min="1" max=(MAX_DAYS) value=(days) aria-describedby="days-help"; }))
                label.box { input type="checkbox" name="never" value="1" checked[is_ticked("never")]; span { "It never ends" } }
                button.primary { "Make the key" }
            }
        }
    }
}

/// `POST …/keys`.
pub(super) async fn create(visit: &Visit<'_>, form: &SubmittedForm) -> Result<Reply, Error> {
    let now = visit.call.now();
    let new = NewKey {
        organization: visit.viewer.caller.organization.clone(),
        actor: actor(form)?,
        scopes: sent::scopes(form)?,
        groups: sent::groups(form)?,
        expires_at: calls::end(
            number(form, "days", "expires_in_days", 1..=MAX_DAYS)?,
            form.get("never").is_some(),
            now,
        ),
    };
    let made = calls::create(visit.app, visit.viewer.caller, now, new).await?;
    Ok(shown_once(visit, "Key made", &made))
}

fn actor(form: &SubmittedForm) -> Result<Actor, Error> {
    let wrong =
        |field: &str, message: String| sent::invalid(field, &ValueError::new("invalid_value", message));
    let kind = form.get("kind").and_then(ActorKind::parse);
    let id = ActorId::parse(form.get("id").unwrap_or_default().trim());
    let name = form.text("name").unwrap_or_default();
    let is_name = !is_blank(&name)
        && name.chars().count() <= Actor::MAX_DISPLAY_NAME
        && !name.chars().any(char::is_control);
    if !is_name {
        let most = Actor::MAX_DISPLAY_NAME;
        return Err(wrong("name", format!("must be 1 to {most} characters, not blank, in one line")));
    }
    Ok(Actor {
        kind: kind.ok_or_else(|| wrong("kind", "must be agent, human or model".into()))?,
        id: id.map_err(|error| wrong("id", error.to_string()))?,
        display_name: name,
    })
}

/// A number that was typed.
fn number(
    form: &SubmittedForm,
    name: &str,
    field: &str,
    range: std::ops::RangeInclusive<u32>,
) -> Result<u32, Error> {
    let number =
        form.get(name).and_then(|text| text.trim().parse().ok()).filter(|number| range.contains(number));
    let message = format!("must be a number from {} to {}", range.start(), range.end());
    number.ok_or_else(|| sent::invalid(field, &ValueError::new("out_of_range", message)))
}

fn shown_once(visit: &Visit<'_>, title: &str, (key, record): &(ApiKey, KeyRecord)) -> Reply {
    let content = html! {
        h1 { (title) }
        (once("The key", key.reveal()))
        p { "It is " code { (record.key_id) } " of " (name(&record.actor)) ", with " (scopes_text(&record.scopes))
            @if record.expires_at.is_some() { ", until " (ends(record)) } "." }
        p { a.button href={(HOME) "/keys"} { "To the keys" } }
    };
    page(visit, "keys", title, None, &content)
}

/// `GET …/keys/{id}`.
pub(super) async fn one(visit: &Visit<'_>, id: &str, wrong: Option<Wrong<'_>>) -> Result<Reply, Error> {
    let now = visit.call.now();
    let keys = visit.app.store.list_keys(&visit.viewer.caller.organization).await?;
    let key = keys.into_iter().find(|key| key.key_id == id).ok_or(Error::KeyNotFound)?;
    let at = format!("{HOME}/keys/{}", segment(&key.key_id));
    let content = html! {
        p { a href={(HOME) "/keys"} { "‹ API keys" } }
        @if key.revoked_at.is_some() { (done(visit, &[("revoked", "Revoked. It stops working within a minute.")])) }
        h1 { (name(&key.actor)) @if !key.is_live(now) { " " span.tag { (status(&key, now)) } } }
        dl {
            dt { "Key" } dd { code { (key.key_id) } }
            dt { "Actor" } dd { code { (visible(key.actor.id.as_str())) } }
            dt { "Scopes" } dd { (scopes_text(&key.scopes)) }
            dt { "Groups" } dd { @if key.groups.is_empty() { "none" } @else { (groups_text(&key.groups)) } }
            dt { "Made" } dd { (time(key.created_at)) @if let Some(by) = &key.created_by { " by " (who(by)) } }
            dt { "Ends" } dd { (ends(&key)) }
            dt { "Last used" } dd { (used(&key)) " " span.hint { "noted once a day" } }
        }
        @if key.is_live(now) {
            form.card method="post" action={(at) "/rotate"} {
                h2 { "Rotate" }
                p.muted { "Makes a new key for the same actor, with the same scopes and lifetime." }
                (form_token(visit.viewer))
                (field("hours", "The old key stays valid for, in hours", "0 ends it at once.",
                    &html! { input #hours name="hours" type="number" min="0" max=(MAX_HOURS) value="24" aria-describedby="hours-help"; }))
                button { "Rotate" }
            }
            (asking(visit, &format!("{at}/revoke"), "Revoke", "Whatever uses it stops working within a minute. It cannot be taken back."))
        }
    };
    Ok(page(visit, "keys", &key.key_id, wrong, &content))
}

/// `POST …/keys/{id}/{action}`.
pub(super) async fn act(
    visit: &Visit<'_>,
    id: &str,
    action: &str,
    form: &SubmittedForm,
) -> Result<Reply, Error> {
    let (app, caller, now) = (visit.app, visit.viewer.caller, visit.call.now());
    match action {
        "rotate" => {
            let hours = number(form, "hours", "keep_old_for_hours", 0..=MAX_HOURS)?;
            let made = calls::rotate(app, caller, now, id, hours).await?;
            Ok(shown_once(visit, "Key rotated", &made))
        }
        "revoke" => {
            calls::revoke(app, caller, now, id).await?;
            Ok(Reply::see_other(&format!("{HOME}/keys/{}?done=revoked", segment(id))))
        }
        _ => Err(Error::RouteNotFound),
    }
}
