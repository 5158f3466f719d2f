//! What one is told of, and where: one's own subscriptions; a lead's also those of groups, and an admin's all of the organization.
//!
//! `away`: out of office, and who stands in. `form`: the form of a subscription, and what it holds. `words`: what people read for the API's words.

mod away;
mod form;
mod words;

use super::layout::{Wrong, asking, done, framed, segment};
use super::{Visit, sent};
use crate::calls::subscriptions as calls;
use form::{Audience, fields, receiver, wanted};
use inbox::common::{SubmittedForm, form_token, name, time};
use maud::{Markup, html};
use shared::api::{Error, Reply};
use shared::event::{Receiver, Subscription};
use shared::review::{ActorId, WorkflowId, visible};
use shared::store::{Member, Scope};
use words::{channel, events, how_often, quiet, short};

/// Where the pages are.
pub(super) const HOME: &str = "/inbox/notifications";

/// What a page is answered with, by its segments.
pub(super) async fn get(visit: &Visit<'_>, segments: &[&str]) -> Result<Reply, Error> {
    match segments {
        [] => list(visit, None).await,
        ["away"] => Ok(Reply::see_other(HOME)),
        [id] => one(visit, id, None).await,
        // After a POST the address bar holds its address: whoever loads that again wants the page.
        [id, _] => Ok(Reply::see_other(&address(id))),
        _ => Err(Error::RouteNotFound),
    }
}

/// What a form does.
pub(super) async fn act(visit: &Visit<'_>, segments: &[&str], form: &SubmittedForm) -> Result<Reply, Error> {
    let (app, caller, now) = (visit.app, visit.viewer.caller, visit.call.now());
    match segments {
        ["away"] => away::act(visit, form).await,
        [] => {
            let (receiver, wanted) = (receiver(caller, form)?, wanted(form, false)?);
            let added = calls::add(app, caller, now, receiver, wanted).await?;
            Ok(Reply::see_other(&format!("{}?done=added", address(added.id.as_str()))))
        }
        [id, "change"] => {
            let before = calls::one(app, caller, id).await?;
            let wanted = wanted(form, before.paused)?;
            calls::set(app, caller, now, before, sent::stamp(form)?, wanted).await?;
            Ok(Reply::see_other(&format!("{}?done=changed", address(id))))
        }
        [id, action @ ("pause" | "go-on")] => {
            let before = calls::one(app, caller, id).await?;
            let wanted = form::paused(&before, *action == "pause");
            calls::set(app, caller, now, before, sent::stamp(form)?, wanted).await?;
            Ok(Reply::see_other(&format!("{}?done={action}", address(id))))
        }
        [id, "test"] => {
            calls::ask_for_test(app, caller, now, id).await?;
            Ok(Reply::see_other(&format!("{}?done=tested", address(id))))
        }
        [id, "remove"] => {
            calls::remove(app, caller, now, id).await?;
            Ok(Reply::see_other(&format!("{HOME}?done=removed")))
        }
        _ => Err(Error::RouteNotFound),
    }
}

/// The page that sent a form, with what was typed and what is wrong.
pub(super) async fn again(
    visit: &Visit<'_>,
    segments: &[&str],
    wrong: Option<Wrong<'_>>,
) -> Result<Reply, Error> {
    match segments {
        [] | ["away"] => list(visit, wrong).await,
        [id, _] => one(visit, id, wrong).await,
        _ => Err(Error::RouteNotFound),
    }
}

fn address(id: &str) -> String {
    format!("{HOME}/{}", segment(id))
}

/// The members whose names an admin's page shows, and whose groups it offers; none for others.
async fn members(visit: &Visit<'_>) -> Result<Vec<Member>, Error> {
    let caller = visit.viewer.caller;
    if !caller.may(Scope::Admin) {
        return Ok(Vec::new());
    }
    Ok(visit.app.store.members(&caller.organization).await?)
}

/// `GET …`.
async fn list(visit: &Visit<'_>, wrong: Option<Wrong<'_>>) -> Result<Reply, Error> {
    let caller = visit.viewer.caller;
    let (all, members) = futures_util::try_join!(calls::all(visit.app, caller), members(visit))?;
    let audience = Audience::of(visit, &members);
    let me = away::me(visit).await?;
    let is_own =
        |it: &&Subscription| matches!(&it.receiver, Receiver::Member(actor) if *actor == caller.actor.id);
    let is_groups = |it: &&Subscription| matches!(it.receiver, Receiver::Group(_));
    let own: Vec<&Subscription> = all.iter().filter(is_own).collect();
    let groups: Vec<&Subscription> = all.iter().filter(is_groups).collect();
    let others: Vec<&Subscription> = all.iter().filter(|it| !is_own(it) && !is_groups(it)).collect();
    let is_full =
        all.len() >= Subscription::LIMIT || audience.is_only_me() && own.len() >= Subscription::LIMIT_EACH;
    let offers = !is_full && !audience.is_empty();
    let zone = own.iter().find_map(|it| it.quiet_hours.as_ref()).map(|it| it.time_zone.as_str());
    let form = |wrong| add_form(visit, &audience, zone, wrong);
    let content = html! {
        (done(visit, &[("removed", "Removed: nothing is sent there any more."), ("away", "Saved."), ("back", "Nobody stands in for you any more.")]))
        div.headline {
            h1 { "Notifications" }
            span.sep {}
            @if offers && wrong.is_none() && !all.is_empty() { a.button.primary href="#add" { "Add a notification" } }
        }
        p.muted { "What you are told in Slack or Teams when you are not here." }
        @if audience.is_empty() {
            p { "You are signed in with an API key. Members have notifications: whoever signs in by name." }
        }
        @if is_full { p { "There are as many as there can be. Remove one to add another." } }
        // What was refused is on top, to be put right.
        @if wrong.is_some_and(|wrong| wrong.form.get("days").is_none()) { (form(wrong)) }
        @if all.is_empty() && !audience.is_empty() {
            div.nothing { p.big { "You are told nothing yet" } p { "Add where you want to be told, and of what." } }
        }
        (away::section(visit, me.as_ref(), wrong))
        (rows(visit, "Yours", &own, &members))
        (rows(visit, "Of groups", &groups, &members))
        (rows(visit, "Of other members", &others, &members))
        @if wrong.is_none() && offers { (form(None)) }
    };
    Ok(shown(visit, "Notifications", wrong, &content))
}

/// A page of these: narrow, as it is to be read on a phone.
fn shown(visit: &Visit<'_>, title: &str, wrong: Option<Wrong<'_>>, content: &Markup) -> Reply {
    framed(visit, title, wrong, &html! {}, &html! { div.notifications { (content) } })
}

fn rows(visit: &Visit<'_>, title: &str, listed: &[&Subscription], members: &[Member]) -> Markup {
    if listed.is_empty() {
        return html! {};
    }
    html! {
        section {
            h2 { (title) " " span.count { (listed.len()) } }
            ul.rows {
                @for it in listed {
                    li.off[it.paused] {
                        p {
                            @match &it.receiver {
                                Receiver::Group(group) => { span.tag { (visible(group.as_str())) } " " }
                                Receiver::Member(actor) if *actor != visit.viewer.caller.actor.id => { (called(actor, members)) ": " }
                                Receiver::Member(_) => {}
                            }
                            a href=(address(it.id.as_str())) { (events(&it.events)) }
                            @if !it.workflows.is_empty() { " in " (workflows(&it.workflows, ", ")) }
                            " " (state(it))
                        }
                        p.muted {
                            (channel(it.channel.kind())) " at " (short(&visible(&it.channel.host()))) ", " (how_often(it.digest_minutes))
                            @if let Some(hours) = &it.quiet_hours { "; " (quiet(hours)) }
                        }
                        @if let Some(error) = failure(it) { p { (error) } }
                    }
                }
            }
        }
    }
}

fn called(actor: &ActorId, members: &[Member]) -> Markup {
    let Some(member) = members.iter().find(|member| member.actor.id == *actor) else {
        return html! { code { (actor) } };
    };
    html! { (name(&member.actor)) @if !member.is_active() { " " span.tag { "disabled" } } }
}

fn workflows(ids: &[WorkflowId], between: &str) -> String {
    ids.iter().map(WorkflowId::as_str).collect::<Vec<_>>().join(between)
}

fn state(it: &Subscription) -> Markup {
    html! { @if it.paused { span.tag { "paused" } } }
}

/// What the last message failed for, if it did.
fn failure(it: &Subscription) -> Option<Markup> {
    let since = it.failing_since?;
    Some(html! {
        b.danger { "Failing" } " since " (time(since))
        @if let Some(error) = &it.last_error { ": " (visible(error)) }
    })
}

fn add_form(visit: &Visit<'_>, audience: &Audience, zone: Option<&str>, wrong: Option<Wrong<'_>>) -> Markup {
    html! {
        section #add {
            h2 { "Add a notification" }
            form.card method="post" action=(HOME) {
                (form_token(visit.viewer))
                (audience.field(wrong))
                (fields(None, zone, wrong))
                button.primary { "Add" }
            }
        }
    }
}

/// `GET …/{id}`.
async fn one(visit: &Visit<'_>, id: &str, wrong: Option<Wrong<'_>>) -> Result<Reply, Error> {
    let caller = visit.viewer.caller;
    let it = calls::one(visit.app, caller, id).await?;
    let at = address(id);
    let said = [
        ("added", "Added: what happens from now on is sent. Try it with a test message."),
        ("changed", "Saved. It applies from now on."),
        ("tested", "A test message is sent within a minute. If it fails, this page says so."),
        ("pause", "Paused: nothing is sent, nor later what happens meanwhile."),
        ("go-on", "What happens from now on is sent again."),
    ];
    let member = match &it.receiver {
        Receiver::Member(actor) if *actor != caller.actor.id => {
            visit.app.store.member(&caller.organization, actor).await?
        }
        _ => None,
    };
    let members: Vec<Member> = member.into_iter().collect();
    let title = format!("{} at {}", channel(it.channel.kind()), short(&visible(&it.channel.host())));
    let (action, button) = if it.paused { ("go-on", "Send again") } else { ("pause", "Pause") };
    // A form that pauses or removes holds nothing that was typed.
    let typed = wrong.filter(|wrong| wrong.form.get("channel").is_some());
    let content = html! {
        p { a href=(HOME) { "‹ Notifications" } }
        (done(visit, &said))
        h1 { (title) " " (state(&it)) }
        dl {
            dt { "For" } dd { @match &it.receiver {
                Receiver::Member(actor) if *actor == caller.actor.id => { "you" }
                Receiver::Member(actor) => { (called(actor, &members)) }
                Receiver::Group(group) => { "the group " span.tag { (visible(group.as_str())) } }
            } }
            dt { "Host" } dd { (visible(&it.channel.host())) }
            dt { "Messages" } dd { @if let Some(error) = failure(&it) { (error) } @else if it.paused { "are not sent" } @else { "no trouble is known" } }
            dt { "Added" } dd { (time(it.created_at)) " by " (name(&it.created_by)) }
        }
        div.buttons {
            form method="post" action={(at) "/" (action)} {
                (form_token(visit.viewer))
                input type="hidden" name="version_stamp" value=(it.rev);
                button { (button) }
            }
            form method="post" action={(at) "/test"} { (form_token(visit.viewer)) button { "Send a test message" } }
            (asking(visit, &format!("{at}/remove"), "Remove", "Nothing is sent there any more, nor what has gathered for it."))
        }
        form.card method="post" action={(at) "/change"} {
            (form_token(visit.viewer))
            input type="hidden" name="version_stamp" value=(it.rev);
            (fields(Some(&it), None, typed))
            button.primary { "Save" }
        }
    };
    Ok(shown(visit, &title, wrong, &content))
}
