//! One member: roles, groups, disabling.

use super::layout::{Wrong, asking, done, groups_field, groups_text, page, segment};
use super::people::role_boxes;
use super::{HOME, Visit, sent};
use crate::calls::{disabling, members};
use inbox::common::{SubmittedForm, form_token, name, time};
use maud::{Markup, html};
use shared::api::{Error, Reply};
use shared::review::{ActorId, visible};
use shared::store::{KeyRecord, Member};

/// How many keys of theirs are shown.
const KEYS: usize = 50;

fn parse(id: &str) -> Result<ActorId, Error> {
    ActorId::parse(id).map_err(|_| Error::MemberNotFound)
}

fn address(member: &ActorId) -> String {
    format!("{HOME}/people/{}", segment(member.as_str()))
}

/// `GET …/people/{id}`.
pub(super) async fn show(visit: &Visit<'_>, id: &str, wrong: Option<Wrong<'_>>) -> Result<Reply, Error> {
    let member = members::find(visit.app, visit.viewer.caller, &parse(id)?).await?;
    let at = address(&member.actor.id);
    // An address that says what is not so says nothing.
    let state = if member.is_active() {
        ("enabled", "Enabled: they can sign in again.")
    } else {
        (
            "disabled",
            "Disabled. Within a minute they can do nothing here, nobody can use an invite of theirs, and their claims are free. \
             API keys that they have made work on, until each is revoked: they are listed below.",
        )
    };
    let keys = if member.is_active() {
        None
    } else {
        Some(visit.app.store.list_keys(&visit.viewer.caller.organization).await?)
    };
    let said = [("changed", "Saved. It applies within a minute."), state];
    let content = html! {
        p { a href={(HOME) "/people"} { "‹ People" } }
        (done(visit, &said))
        h1 { (name(&member.actor)) @if !member.is_active() { " " span.tag { "disabled" } } }
        dl {
            dt { "E-mail" } dd { (visible(member.email.as_deref().unwrap_or("none that the issuer has verified"))) }
            dt { "Id" } dd { code { (member.actor.id) } }
            @if let Some(identity) = &member.identity { dt { "Signs in at" } dd { (visible(&identity.issuer)) } }
            dt { "Member since" } dd { (time(member.created_at)) }
            dt { "Last seen" } dd { @if let Some(at) = member.last_seen_at { (time(at)) } @else { "never" } }
            @if let Some(at) = member.disabled_at { dt { "Disabled" } dd { (time(at)) } }
        }
        (roles_form(visit, &at, &member, wrong))
        (ability(visit, &at, &member))
        @if let Some(keys) = keys { (keys_that_work_on(visit, &member, &keys)) }
    };
    Ok(page(visit, "people", &visible(&member.actor.display_name), wrong, &content))
}

fn roles_form(visit: &Visit<'_>, at: &str, member: &Member, wrong: Option<Wrong<'_>>) -> Markup {
    let wrong = wrong.filter(|wrong| wrong.form.get("groups").is_some());
    let groups = wrong.map_or_else(|| groups_text(&member.groups), |wrong| wrong.typed("groups").to_owned());
    let ticked = wrong.map_or_else(|| member.roles.clone(), |wrong| sent::roles(wrong.form));
    html! {
        form.card method="post" action={(at) "/change"} {
            (form_token(visit.viewer))
            input type="hidden" name="version_stamp" value=(member.rev);
            (role_boxes(|role| ticked.contains(&role)))
            (groups_field(&groups))
            button.primary { "Save" }
        }
    }
}

/// The keys that work although whoever made them is disabled.
fn keys_that_work_on(visit: &Visit<'_>, member: &Member, keys: &[KeyRecord]) -> Markup {
    let live = || keys.iter().filter(|key| key.is_live(visit.call.now()));
    let is_theirs = |key: &&KeyRecord| key.created_by.as_ref().is_some_and(|by| by.id == member.actor.id);
    let theirs: Vec<_> = live().filter(is_theirs).collect();
    let what = "Whatever uses it stops working within a minute. It cannot be taken back.";
    html! {
        section #keys {
            h2 { "API keys that they have made" }
            @if theirs.is_empty() { p { "None that works is known to be theirs." } }
            @else {
                p { "Still working: " (theirs.len()) @if theirs.len() > KEYS { ", the first " (KEYS) " shown" } ". Revoke those that nobody else needs." }
                ul { @for key in theirs.iter().take(KEYS) { li {
                    a href={(HOME) "/keys/" (segment(&key.key_id))} { code { (key.key_id) } } " of " (name(&key.actor))
                    (asking(visit, &format!("{HOME}/keys/{}/revoke", segment(&key.key_id)), "Revoke", what))
                } } }
            }
            @if live().any(|key| key.created_by.is_none()) {
                p.hint { "Some working keys are from before it was noted who made them: " a href={(HOME) "/log"} { "the log" } " names who did." }
            }
        }
    }
}

fn ability(visit: &Visit<'_>, at: &str, member: &Member) -> Markup {
    if member.is_active() {
        let what = "They are signed out within a minute, and what they are reviewing is free for others. You can enable them again.";
        // The stamp is the one of this page.
        return asking(visit, &format!("{at}/disable?rev={}", member.rev), "Disable", what);
    }
    html! {
        form method="post" action={(at) "/enable?rev=" (member.rev)} { (form_token(visit.viewer)) button { "Enable" } }
    }
}

/// `POST …/people/{id}/{action}`.
pub(super) async fn act(
    visit: &Visit<'_>,
    id: &str,
    action: &str,
    form: &SubmittedForm,
) -> Result<Reply, Error> {
    let (app, caller, now) = (visit.app, visit.viewer.caller, visit.call.now());
    let id = parse(id)?;
    let done = match action {
        "change" => {
            let (roles, groups) = (sent::roles(form), sent::groups(form)?);
            members::change(app, caller, now, &id, sent::stamp(form)?, roles, groups).await?;
            "changed"
        }
        "disable" => {
            let member = members::disable(app, caller, now, &id, seen(visit)?).await?;
            disabling::release_claims(app, caller, visit.call, &member.actor).await?;
            "disabled"
        }
        "enable" => {
            members::enable(app, caller, now, &id, seen(visit)?).await?;
            "enabled"
        }
        _ => return Err(Error::RouteNotFound),
    };
    Ok(Reply::see_other(&format!("{}?done={done}", address(&id))))
}

/// The `rev` in the form's address.
fn seen(visit: &Visit<'_>) -> Result<u64, Error> {
    let query = visit.call.query(&["rev"], &mut shared::api::FieldErrors::new());
    let rev = query.first().and_then(|(_, value)| value.parse().ok());
    rev.ok_or(Error::RouteNotFound)
}
