//! The few pages between us and an issuer. They need no file besides themselves.

use crate::refusal::Refusal;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use lambda_http::http::{StatusCode, header};
use maud::{DOCTYPE, Markup, PreEscaped, html};
use sha2::{Digest, Sha256};
use shared::api::{Error, Reply};
use shared::review::visible;
use std::sync::LazyLock;

const STYLE: &str = "\
:root{color-scheme:light dark;--ink:#1d1f24;--paper:#fff;--quiet:#5c6270;--accent:#1f5fbf}\
@media(prefers-color-scheme:dark){:root{--ink:#e8eaee;--paper:#15171b;--quiet:#a3a9b6;--accent:#8ab4f8}}\
body{margin:0;background:var(--paper);color:var(--ink);font:16px/1.5 system-ui,sans-serif}\
main{max-width:30rem;margin:15vh auto 0;padding:0 1.25rem}\
h1{font-size:1.375rem;margin:0 0 .5rem}p{margin:0 0 1rem}.quiet{color:var(--quiet)}\
a{color:var(--accent);overflow-wrap:anywhere}a:focus-visible{outline:2px solid var(--accent);outline-offset:2px}";

/// Nothing but the style above, by its digest.
static POLICY: LazyLock<String> = LazyLock::new(|| {
    let digest = STANDARD.encode(Sha256::digest(STYLE));
    format!(
        "default-src 'none'; style-src 'sha256-{digest}'; img-src data:; form-action 'none'; base-uri 'none'; frame-ancestors 'none'"
    )
});

fn page(status: StatusCode, title: &str, go_on_to: Option<&str>, content: &Markup) -> Reply {
    let html = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                @if let Some(url) = go_on_to { meta http-equiv="refresh" content={"0; url=" (url)}; }
                title { (title) " · Holdpoint" }
                link rel="icon" href="data:,";
                style { (PreEscaped(STYLE)) }
            }
            body { main { h1 { (title) } (content) } }
        }
    };
    Reply::page(status, html.0)
        .with_header(header::CONTENT_SECURITY_POLICY, &POLICY)
        .with_header(header::REFERRER_POLICY, "no-referrer")
        .with_header(header::X_FRAME_OPTIONS, "DENY")
}

/// Goes on by itself, or by a link. Not a redirect: of the issuer's page that sent the browser here, or of our form, a redirect would
/// be a part: our cookie, which is `Strict`, would not come along, and our pages' forms may send to nobody else.
pub(crate) fn go_on(title: &str, url: &str, link: &str) -> Reply {
    page(StatusCode::OK, title, Some(url), &html! { p { a href=(url) { (link) } } })
}

/// What a visitor is told who is not signed in.
pub(crate) fn refused(refusal: &Refusal) -> Reply {
    let said = refusal.said();
    let status = StatusCode::from_u16(said.status).unwrap_or(StatusCode::BAD_REQUEST);
    let content = html! {
        p { (said.sentence) }
        p { a href="/inbox/sign-in" { "To the sign-in page" } }
    };
    page(status, said.title, None, &content).failed_with("sign_in_refused")
}

/// The answer to an error.
pub(crate) fn failed(error: &Error) -> Reply {
    let content = html! {
        p { (visible(&error.to_string())) }
        p.quiet { "Code " (error.code()) }
        p { a href="/inbox/sign-in" { "To the sign-in page" } }
    };
    error.with_headers(page(error.status(), "That did not work", None, &content))
}
