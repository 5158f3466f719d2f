//! The frame of all pages, and what a browser may do with them.

use crate::pages::assets::ASSETS;
use crate::pages::elements::form_token;
use crate::paths::HOME;
use crate::session::Viewer;
use lambda_http::http::{StatusCode, header};
use maud::{DOCTYPE, Markup, PreEscaped, html};
use shared::api::{App, Error, Reply};
use shared::review::visible;

/// What a page may do: nothing that is not ours, and no script or style that is not a file of ours.
const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self'; \
    form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// A page: its title, who reads it, its content.
pub(crate) struct Frame<'a> {
    pub(crate) title: &'a str,
    pub(crate) viewer: Option<&'a Viewer<'a>>,
    pub(crate) content: Markup,
    /// The review whose form takes what is typed, if the page has one: signing out asks before that is lost.
    pub(crate) form: Option<PageForm<'a>>,
}

/// The form `correction` of a review's page.
pub(crate) struct PageForm<'a> {
    /// The review's page.
    pub(crate) path: &'a str,
    /// What the Enter key in a field does.
    pub(crate) enter: &'a str,
}

impl Frame<'_> {
    /// As an answer.
    pub(crate) fn reply(self, app: Option<&App>, status: StatusCode) -> Reply {
        let reply = part(status, &self.html());
        if app.is_some_and(|app| app.https) {
            return reply
                .with_header(header::STRICT_TRANSPORT_SECURITY, "max-age=63072000; includeSubDomains");
        }
        reply
    }

    fn html(&self) -> Markup {
        let [css, js, icon] = &*ASSETS;
        html! {
            (DOCTYPE)
            html lang="en" {
                head {
                    meta charset="utf-8";
                    meta name="viewport" content="width=device-width, initial-scale=1";
                    meta name="color-scheme" content="light dark";
                    title { (self.title) " · Holdpoint" }
                    link rel="icon" href=(icon.path) type="image/svg+xml";
                    link rel="stylesheet" href=(css.path);
                    script src=(js.path) defer {}
                }
                body {
                    // A browser presses a form's first button in the order of the page when somebody presses Enter in a field
                    // (HTML, implicit submission). It saves; it neither decides nor releases nor signs out.
                    @if let Some(form) = &self.form {
                        button hidden type="submit" tabindex="-1" form="correction" formaction={(form.path) "/" (form.enter)} { "Enter" }
                    }
                    a.skip href="#main" { "Skip to the content" }
                    @if self.form.as_ref().is_some_and(|form| form.enter == "save") { a.skip href="#decide-title" { "Skip to the decision" } }
                    header.bar {
                        a.brand href=(HOME) { (MARK) "Holdpoint" }
                        @if let Some(viewer) = self.viewer { (signed_in(viewer, self.form.as_ref())) }
                    }
                    main #main tabindex="-1" { (self.content) }
                    div #strip role="status" aria-live="polite" hidden {}
                    div #announce.visually-hidden role="status" aria-live="polite" {}
                }
            }
        }
    }
}

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

fn signed_in(viewer: &Viewer<'_>, form: Option<&PageForm<'_>>) -> Markup {
    html! {
        nav aria-label="You" {
            button.quiet type="button" data-help="" hidden { "Shortcuts " kbd { "?" } }
            span.who { bdi { (visible(&viewer.caller.actor.display_name)) } }
            @match form {
                Some(form) => { button.quiet form="correction" formaction={(form.path) "/sign-out"} { "Sign out" } }
                None => { form method="post" action={(HOME) "/sign-out"} { (form_token(viewer)) button.quiet { "Sign out" } } }
            }
        }
    }
}

/// A page that says what went wrong.
pub(crate) fn failed(error: &Error) -> Reply {
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
    let reply = Frame { title, viewer: None, content, form: None }.reply(None, status);
    error.with_headers(reply)
}
