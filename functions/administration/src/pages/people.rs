//! The people: the members by name, those who are invited, and the form to invite more.

use super::layout::{
    Wrong, asking, done, field, groups_field, groups_short, groups_text, once, page, segment,
};
use super::log::who;
use super::{HOME, Visit, sent};
use crate::calls::invites;
use futures_util::try_join;
use inbox::common::{SubmittedForm, form_token, name, time};
use maud::{Markup, html};
use shared::api::{Error, FieldErrors, Reply, ValueError};
use shared::review::visible;
use shared::store::{Invite, Member, Role};

/// Most members on a page.
const ROWS: usize = 100;

/// What the address asks for.
struct Asked {
    text: String,
    page: usize,
}

/// `GET …/people`. It reads all members, to sort them by name.
pub(super) async fn show(visit: &Visit<'_>, wrong: Option<Wrong<'_>>) -> Result<Reply, Error> {
    let organization = &visit.viewer.caller.organization;
    let store = &visit.app.store;
    let (mut members, invites) =
        try_join!(store.members(organization), store.invites(organization, visit.call.now()))?;
    let query = visit.call.query(&["q", "page", "done"], &mut FieldErrors::new());
    let of = |name: &str| query.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value.as_str());
    let asked = Asked { text: of("q").trim().to_owned(), page: of("page").parse().unwrap_or(1).max(1) };
    let all = members.len();
    let wanted = asked.text.to_lowercase();
    members.retain(|member| wanted.is_empty() || is_about(member, &wanted));
    members.sort_by_cached_key(|member| {
        (!member.is_active(), member.actor.display_name.to_lowercase(), member.actor.id.clone())
    });
    let content = html! {
        (done(visit, &[("deleted", "The invite is deleted: its link no longer works.")]))
        div.headline {
            h1 { "People" } span.count { @if !asked.text.is_empty() { (members.len()) " of " } (all) }
            span.sep {}
            a.button.primary href="#invite" { "Invite somebody" }
        }
        @if all > ROWS / 2 || !asked.text.is_empty() { (search(&asked)) }
        // What was refused is on top, to be put right.
        @if wrong.is_some() { (invite_form(visit, wrong)) }
        (table(&members, &asked, all))
        @if !invites.is_empty() { (invited(visit, &invites)) }
        @if wrong.is_none() { (invite_form(visit, wrong)) }
    };
    Ok(page(visit, "people", "People", wrong, &content))
}

fn is_about(member: &Member, wanted: &str) -> bool {
    let has = |text: &str| text.to_lowercase().contains(wanted);
    has(&member.actor.display_name)
        || member.email.as_deref().is_some_and(has)
        || member.groups.iter().any(|group| has(group.as_str()))
        || member.roles.iter().any(|role| has(role.as_str()))
        || has(member.actor.id.as_str())
}

fn search(asked: &Asked) -> Markup {
    html! {
        form.filter method="get" action={(HOME) "/people"} role="search" {
            label.visually-hidden for="q" { "Name, e-mail, role or group" }
            input #q name="q" type="search" value=(asked.text) placeholder="Name, e-mail, role, group" autocomplete="off";
            button { "Find" }
            @if !asked.text.is_empty() { a.button.quiet href={(HOME) "/people"} { "Show all" } }
        }
    }
}

fn table(members: &[Member], asked: &Asked, all: usize) -> Markup {
    if members.is_empty() {
        return html! {
            div.nothing {
                @if all == 0 {
                    p.big { "Nobody has signed in yet" }
                    p { "Invite somebody below, or set up sign-in: whoever signs in is a member. Until then, API keys are the way in." }
                } @else { p.big { "Nobody is like that" } }
            }
        };
    }
    let pages = members.len().div_ceil(ROWS);
    let shown = asked.page.min(pages);
    let rows = members.iter().skip((shown - 1) * ROWS).take(ROWS);
    let at = |page: usize| {
        let query = form_urlencoded::Serializer::new(String::new())
            .append_pair("q", &asked.text)
            .append_pair("page", &page.to_string())
            .finish();
        format!("{HOME}/people?{query}")
    };
    html! {
        div.wide tabindex="0" role="region" aria-label="Members" {
            table.listed {
                thead { tr { th { "Name" } th { "E-mail" } th { "Roles" } th { "Groups" } th { "Last seen" } } }
                tbody {
                    @for member in rows {
                        tr.off[!member.is_active()] {
                            td data-label="Name" { a href={(HOME) "/people/" (segment(member.actor.id.as_str()))} { (name(&member.actor)) }
                                @if !member.is_active() { " " span.tag { "disabled" } } }
                            td data-label="E-mail" { (visible(member.email.as_deref().unwrap_or("–"))) }
                            td data-label="Roles" { (roles_text(&member.roles)) }
                            td data-label="Groups" { (groups_short(&member.groups)) }
                            td data-label="Last seen" { @if let Some(at) = member.last_seen_at { (time(at)) } @else { "never" } }
                        }
                    }
                }
            }
        }
        @if pages > 1 {
            nav.pages aria-label="Pages" {
                @if shown > 1 { a href=(at(shown - 1)) { "Earlier names" } }
                span.muted { "Page " (shown) " of " (pages) }
                @if shown < pages { a href=(at(shown + 1)) rel="next" { "Later names" } }
            }
        }
    }
}

/// Roles, for reading.
pub(super) fn roles_text(roles: &[Role]) -> String {
    if roles.is_empty() {
        return "reads only".into();
    }
    roles.iter().map(|role| role.as_str()).collect::<Vec<_>>().join(", ")
}

/// Boxes for the roles.
pub(super) fn role_boxes(is_ticked: impl Fn(Role) -> bool) -> Markup {
    html! {
        fieldset {
            legend { "Roles" }
            @for role in Role::ALL {
                label.box { input type="checkbox" name={"role_" (role.as_str())} value="1" checked[is_ticked(*role)];
                    span { b { (role.as_str()) } " " span.hint { (role.word().meaning.trim()) } } }
            }
        }
    }
}

fn invited(visit: &Visit<'_>, invites: &[Invite]) -> Markup {
    html! {
        h2 { "Invited" }
        div.wide tabindex="0" role="region" aria-label="Invites" {
            table.listed {
                thead { tr { th { "For" } th { "Roles" } th { "Groups" } th { "By" } th { "Ends" } th { span.visually-hidden { "Delete" } } } }
                tbody {
                    @for invite in invites {
                        tr {
                            td data-label="For" { (visible(invite.email.as_deref().unwrap_or("whoever has the link"))) }
                            td data-label="Roles" { (roles_text(&invite.roles)) }
                            td data-label="Groups" { (groups_short(&invite.groups)) }
                            td data-label="By" { (who(&invite.made_by)) }
                            td data-label="Ends" { (time(invite.expires_at)) }
                            td { (asking(visit, &format!("{HOME}/invites/{}/delete", invite.id), "Delete", "Its link no longer works then.")) }
                        }
                    }
                }
            }
        }
    }
}

fn invite_form(visit: &Visit<'_>, wrong: Option<Wrong<'_>>) -> Markup {
    let typed = |name: &str| wrong.map_or("", |wrong| wrong.form.get(name).unwrap_or_default()).to_owned();
    let is_ticked = |role: Role| match wrong {
        Some(wrong) => sent::roles(wrong.form).contains(&role),
        None => role == Role::Reviewer,
    };
    html! {
        section #invite {
            h2 { "Invite somebody" }
            p.muted { "You get a link that works once, for seven days. Pass it on yourself: nothing is sent." }
            form.card method="post" action={(HOME) "/invites"} {
                (form_token(visit.viewer))
                (role_boxes(is_ticked))
                (groups_field(&typed("groups")))
                (field("email", "E-mail address", "If you fill this in, only whoever has this address can use the link.",
                    &html! { input #email name="email" type="email" value=(typed("email")) autocomplete="off" aria-describedby="email-help"; }))
                button.primary { "Make the link" }
            }
        }
    }
}

/// `POST …/invites`.
pub(super) async fn invite(visit: &Visit<'_>, form: &SubmittedForm) -> Result<Reply, Error> {
    let too_long = |text: &String| text.chars().count() > 254;
    let email = match form.text("email") {
        Some(text) if too_long(&text) => {
            return Err(sent::invalid("email", &ValueError::new("out_of_range", "is too long")));
        }
        Some(text) => Some(invites::parse_email(text).map_err(|error| sent::invalid("email", &error))?),
        None => None,
    };
    let (roles, groups) = (sent::roles(form), sent::groups(form)?);
    let caller = visit.viewer.caller;
    let (invite, link) = invites::create(visit.app, caller, visit.call, roles, groups, email).await?;
    let content = html! {
        h1 { "Somebody is invited" }
        (once("The link", &link))
        p { "It gives: " (roles_text(&invite.roles)) @if !invite.groups.is_empty() { "; " (groups_text(&invite.groups)) } ". It ends " (time(invite.expires_at)) "." }
        p { a.button href={(HOME) "/people"} { "To the people" } }
    };
    Ok(page(visit, "people", "Invited", None, &content))
}

/// `POST …/invites/{id}/delete`.
pub(super) async fn delete_invite(visit: &Visit<'_>, id: &str) -> Result<Reply, Error> {
    invites::delete(visit.app, visit.viewer.caller, visit.call, id).await?;
    Ok(Reply::see_other(&format!("{HOME}/people?done=deleted")))
}
