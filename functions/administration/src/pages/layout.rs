//! What the pages have in common: tabs, notices, fields, addresses.

use super::{HOME, Visit};
use inbox::common::{Frame, Layout, SubmittedForm, form_token, notice};
use lambda_http::http::StatusCode;
use maud::{Markup, html};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use shared::api::{Error, FieldErrors, Reply};
use shared::review::{GroupId, visible};

/// A form that was refused.
#[derive(Clone, Copy)]
pub(super) struct Wrong<'a> {
    pub(super) error: &'a Error,
    pub(super) form: &'a SubmittedForm,
}

impl Wrong<'_> {
    /// What was typed into a field.
    pub(super) fn typed(&self, name: &str) -> &str {
        self.form.get(name).unwrap_or_default()
    }
}

/// The pages, in the order of their tabs.
const TABS: [(&str, &str); 5] = [
    ("people", "People"),
    ("keys", "API keys"),
    ("webhooks", "Webhooks"),
    ("sign-in", "Sign-in"),
    ("log", "Log"),
];

/// A segment of a path.
pub(super) fn segment(text: &str) -> String {
    const KEPT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');
    utf8_percent_encode(text, KEPT).to_string()
}

/// A page below a tab.
pub(super) fn page(
    visit: &Visit<'_>,
    tab: &str,
    title: &str,
    wrong: Option<Wrong<'_>>,
    content: &Markup,
) -> Reply {
    let tabs = html! {
        nav.tabs aria-label="Administration" {
            @for (path, name) in TABS {
                a href={(HOME) "/" (path)} aria-current=[(path == tab).then_some("page")] { (name) }
                // Theirs are the inbox's pages.
                @if path == "people" { a href="/inbox/policies" { "Policies" } }
            }
        }
    };
    framed(visit, title, wrong, &tabs, content)
}

/// A page in the inbox's frame: what leads elsewhere, what is wrong with the form that was sent, the content.
pub(super) fn framed(
    visit: &Visit<'_>,
    title: &str,
    wrong: Option<Wrong<'_>>,
    ways: &Markup,
    content: &Markup,
) -> Reply {
    let status = wrong.map_or(StatusCode::OK, |wrong| wrong.error.status());
    let content = html! {
        (ways)
        @if let Some(wrong) = wrong { (notice("bad", &said(wrong.error))) }
        div.administration { (content) }
    };
    let frame = Frame { title, viewer: Some(visit.viewer), layout: Layout::plain(), content, form: None };
    let reply = frame.reply(Some(visit.app), status);
    match wrong {
        Some(wrong) => reply.failed_with(wrong.error.code()),
        None => reply,
    }
}

/// What is wrong, for a person: the names of fields are those of the API.
fn said(error: &Error) -> Markup {
    let listed = match error {
        Error::Invalid(errors) => FieldErrors::listed(errors),
        _ => &[],
    };
    html! {
        @if listed.is_empty() { (visible(&error.to_string())) }
        @for error in listed {
            p { b { (label(error.loc.last().map_or("", String::as_str))) } " " (visible(&error.message)) }
        }
    }
}

/// A field's label.
fn label(name: &str) -> String {
    match name {
        "url" => "URL".into(),
        "id" | "issuer_id" => "Id".into(),
        "to" => "Who stands in".into(),
        "client_id" => "Client id".into(),
        "client_secret" => "Client secret".into(),
        "email_domains" => "E-mail domains".into(),
        "groups_claim" => "Claim with groups".into(),
        "expires_in_days" => "Ends".into(),
        "keep_old_for_hours" => "Hours".into(),
        "member" | "group" => "For".into(),
        "digest_minutes" => "How often".into(),
        "quiet_from" => "Quiet from".into(),
        "quiet_until" => "Quiet until".into(),
        "time_zone" => "Time zone".into(),
        other => {
            let mut letters = other.chars();
            letters.next().map_or(String::new(), |first| first.to_uppercase().chain(letters).collect())
        }
    }
}

/// What was done, if the address says so. It is said whoever made the address: it reads as what is there.
pub(super) fn done(visit: &Visit<'_>, known: &[(&str, &str)]) -> Markup {
    let query = visit.call.query(&["done"], &mut FieldErrors::new());
    let word = query.first().map(|(_, value)| value.as_str());
    let text = known.iter().find(|(known, _)| Some(*known) == word).map(|(_, text)| *text);
    html! { @if let Some(text) = text { (notice("good", &html! { (text) })) } }
}

/// A button that asks before it does something that cannot be undone.
pub(super) fn asking(visit: &Visit<'_>, action: &str, name: &str, what: &str) -> Markup {
    html! {
        details.ask.under {
            summary.button.danger { (name) "…" }
            form.panel method="post" action=(action) {
                (form_token(visit.viewer))
                p { (what) }
                button.danger { (name) }
            }
        }
    }
}

/// A secret that is shown once, to be copied.
pub(super) fn once(what: &str, secret: &str) -> Markup {
    html! {
        div.notice.good role="status" {
            h2 { (what) }
            p { "It is shown this once. Copy it now: nobody can look it up later." }
            p { input.code readonly value=(secret) aria-label=(what) size="60"; }
        }
    }
}

/// A field of a form, below its label.
pub(super) fn field(id: &str, label: &str, help: &str, input: &Markup) -> Markup {
    html! {
        div.field {
            label for=(id) { (label) }
            (input)
            @if !help.is_empty() { p.hint id={(id) "-help"} { (help) } }
        }
    }
}

/// Names of groups in a row of a list: the first few, and how many more.
pub(super) fn groups_short(groups: &[GroupId]) -> String {
    const SHOWN: usize = 4;
    match groups.len().saturating_sub(SHOWN) {
        0 => groups_text(groups),
        more => format!("{} and {more} more", groups_text(&groups[..SHOWN])),
    }
}

/// Names of groups, for a field and for reading.
pub(super) fn groups_text(groups: &[GroupId]) -> String {
    groups.iter().map(GroupId::as_str).collect::<Vec<_>>().join(", ")
}

/// The field for groups, with those in use to choose from.
pub(super) fn groups_field(value: &str) -> Markup {
    field(
        "groups",
        "Groups",
        "Names, with commas between them. A group is there once somebody is in it.",
        &html! { input #groups name="groups" value=(value) autocomplete="off" spellcheck="false" aria-describedby="groups-help"; },
    )
}
