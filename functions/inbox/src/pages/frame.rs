//! The frame of all pages, and what a browser may do with them.

use crate::pages::assets::ASSETS;
use crate::pages::elements::form_token;
use crate::paths::{self, ADMINISTRATION, HOME, NOTIFICATIONS, SESSIONS};
use crate::session::Viewer;
use lambda_http::http::{StatusCode, header};
use maud::{DOCTYPE, Markup, PreEscaped, html};
use shared::api::{App, Call, Error, Reply};
use shared::review::visible;
use shared::store::Scope;

/// What a page may do: nothing that is not ours, and no script or style that is not a file of ours.
const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self'; \
    form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// A page: its title, who reads it, its content.
pub struct Frame<'a> {
    /// Its title.
    pub title: &'a str,
    /// Who reads it, if anybody is signed in.
    pub viewer: Option<&'a Viewer<'a>>,
    /// What is around the content.
    pub layout: Layout,
    /// Its content.
    pub content: Markup,
    /// The review whose form takes what is typed, if the page has one: signing out asks before that is lost.
    pub form: Option<PageForm<'a>>,
}

/// What is around the content.
pub enum Layout {
    /// The product's bar, with this in its middle.
    Page(Markup),
    /// The page of a review: a header and a footer of its own. What is between them scrolls, the page does not.
    Desk {
        /// Whether there is a pane of documents.
        has_documents: bool,
        /// Above.
        header: Markup,
        /// Below.
        footer: Markup,
    },
}

impl Layout {
    /// The product's bar alone.
    pub const fn plain() -> Self {
        Self::Page(PreEscaped(String::new()))
    }
}

/// The form `correction` of a review's page.
pub struct PageForm<'a> {
    /// The review's page.
    pub path: &'a str,
    /// What the Enter key in a field does.
    pub enter: &'a str,
}

impl Frame<'_> {
    /// As an answer.
    pub fn reply(self, app: Option<&App>, status: StatusCode) -> Reply {
        let reply = part(status, &self.html());
        if app.is_some_and(|app| app.https) {
            return reply
                .with_header(header::STRICT_TRANSPORT_SECURITY, "max-age=63072000; includeSubDomains");
        }
        reply
    }

    fn html(&self) -> Markup {
        let is_desk = matches!(self.layout, Layout::Desk { .. });
        let has_documents = matches!(self.layout, Layout::Desk { has_documents: true, .. });
        html! {
            (DOCTYPE)
            html lang="en" {
                head {
                    meta charset="utf-8";
                    meta name="viewport" content="width=device-width, initial-scale=1";
                    meta name="color-scheme" content="light dark";
                    title { (self.title) " · Holdpoint" }
                    link rel="icon" href=(ASSETS.icon.path) type="image/svg+xml";
                    link rel="stylesheet" href=(ASSETS.style.path);
                    @if has_documents { link rel="stylesheet" href=(ASSETS.document_style.path); }
                    @for module in &ASSETS.modules { link rel="modulepreload" href=(module.path); }
                    @if has_documents { @for module in &ASSETS.viewer { link rel="modulepreload" href=(module.path); } }
                    script type="module" src=(ASSETS.entry().path) {}
                }
                body.desk[is_desk] {
                    // A browser presses a form's first button in the order of the page when somebody presses Enter in a field
                    // (HTML, implicit submission). It saves; it neither decides nor releases nor signs out.
                    @if let Some(form) = &self.form {
                        button hidden type="submit" tabindex="-1" form="correction" formaction={(form.path) "/" (form.enter)} { "Enter" }
                    }
                    a.skip href="#main" { "Skip to the content" }
                    @if self.form.as_ref().is_some_and(|form| form.enter == "save") { a.skip href="#decide-title" { "Skip to the decision" } }
                    @match &self.layout {
                        Layout::Page(middle) => { header.bar {
                            a.brand href=(HOME) { (MARK) "Holdpoint" }
                            (middle)
                            @if let Some(viewer) = self.viewer { (signed_in(viewer)) }
                        } }
                        Layout::Desk { header, .. } => { (header) }
                    }
                    main #main tabindex="-1" { (self.content) }
                    @if let Layout::Desk { footer, .. } = &self.layout { (footer) }
                    div #strip role="status" aria-live="polite" hidden {}
                    div #announce.visually-hidden role="status" aria-live="polite" {}
                }
            }
        }
    }
}

/// Sends a browser to another page: with a redirect, or, where a script has sent the form, by telling it the address. A script
/// that followed a redirect would load a page that the browser then loads again.
pub(crate) fn go(call: &Call, to: &str) -> Reply {
    if call.header(BY_SCRIPT).is_none() {
        return Reply::see_other(to);
    }
    Reply::empty(StatusCode::NO_CONTENT)
        .with_header(header::HeaderName::from_static("x-location"), to)
        .with_header(header::CACHE_CONTROL, "no-store")
}

/// The header that our script sends along.
const BY_SCRIPT: &str = "x-desk";

/// A page, or a part of one, with what a browser may do with it.
pub(crate) fn part(status: StatusCode, html: &Markup) -> Reply {
    Reply::page(status, html.0.clone())
        .with_header(header::CONTENT_SECURITY_POLICY, POLICY)
        // Not `no-referrer`: with that, browsers hide from us, too, where a form came from.
        .with_header(header::REFERRER_POLICY, "same-origin")
        .with_header(header::HeaderName::from_static("cross-origin-opener-policy"), "same-origin")
        .with_header(header::X_FRAME_OPTIONS, "DENY")
}

/// The sign beside the name.
const MARK: PreEscaped<&str> = PreEscaped(
    r#"<svg class="mark" viewBox="0 0 16 16" width="18" height="18" aria-hidden="true"><circle cx="8" cy="8" r="7"/><path d="M5.6 5v6M10.4 5v6"/></svg>"#,
);

fn signed_in(viewer: &Viewer<'_>) -> Markup {
    html! {
        nav aria-label="You" {
            button.quiet.help type="button" data-help="" aria-label="Shortcuts" hidden { "?" }
            details.menu {
                summary.quiet { bdi { (visible(&viewer.caller.actor.display_name)) } }
                div.panel {
                    // In the menu: beside the search, a phone has no room for them.
                    @if viewer.caller.may(Scope::Admin) {
                        a.button.quiet href=(paths::policies()) { "Policies" }
                        a.button.quiet href=(ADMINISTRATION) { "Administration" }
                    }
                    a.button.quiet href=(NOTIFICATIONS) { "Notifications" }
                    a.button.quiet href=(SESSIONS) { "Sessions" }
                    form method="post" action={(HOME) "/sign-out"} { (form_token(viewer)) button.quiet { "Sign out" } } }
            }
        }
    }
}

/// A page that says what went wrong.
pub fn failed(error: &Error) -> Reply {
    let status = error.status();
    let title = match error {
        Error::ReviewNotFound | Error::VersionNotFound | Error::RouteNotFound => "Not here",
        Error::Forbidden { .. } => "Not allowed",
        Error::Store(_) => "Not now",
        _ => "That did not work",
    };
    let content = html! {
        div.lonely {
            h1 { (title) }
            p { (visible(&error.to_string())) }
            p.muted { "Code " code { (error.code()) } }
            p { a.button href=(HOME) { "To the queue" } }
        }
    };
    let reply =
        Frame { title, viewer: None, layout: Layout::plain(), content, form: None }.reply(None, status);
    error.with_headers(reply)
}
