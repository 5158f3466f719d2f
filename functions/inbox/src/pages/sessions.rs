//! The list of one's own sessions.

use crate::pages::elements::{form_token, time};
use crate::pages::frame::{Frame, Layout};
use crate::paths::{HOME, SESSIONS};
use crate::session::SignedIn;
use lambda_http::http::StatusCode;
use maud::{Markup, html};
use shared::api::{App, Call, Error, Reply};
use shared::review::visible;
use shared::store::ListedSession;

/// `GET /inbox/sessions`.
pub(crate) async fn show(app: &App, call: &Call, signed_in: &SignedIn) -> Result<Reply, Error> {
    let (viewer, own) = (signed_in.viewer(), signed_in.token.session_id());
    let sessions = app.store.sessions(&signed_in.holder, call.now()).await?;
    let content = html! {
        div.sessions {
            p { a href=(HOME) { "← Queue" } }
            h1 { "Where you are signed in" }
            p.muted { "A session ends after an hour in which it is not used, and eight hours after it began." }
            ul {
                @for listed in &sessions {
                    li { (row(listed, listed.id == own)) form method="post" action={(SESSIONS) "/end"} {
                        (form_token(&viewer))
                        input type="hidden" name="session" value=(listed.id);
                        button { "Sign out" span.visually-hidden { " of " (browser(&listed.session.agent)) } }
                    } }
                }
            }
            form method="post" action={(SESSIONS) "/end-all"} { (form_token(&viewer)) button { "Sign out everywhere" } }
        }
    };
    Ok(Frame { title: "Sessions", viewer: Some(&viewer), layout: Layout::plain(), content, form: None }
        .reply(Some(app), StatusCode::OK))
}

fn row(listed: &ListedSession, is_this: bool) -> Markup {
    let session = &listed.session;
    html! {
        div {
            b { (browser(&session.agent)) }
            @if is_this { " " span.kind { "this browser" } }
            br;
            span.muted { "since " (time(session.created_at)) ", last used " (time(session.last_used_at)) }
        }
    }
}

/// What a browser calls itself, shortened to what people call it.
fn browser(agent: &str) -> String {
    // In this order: most of them name the later ones, too.
    const BROWSERS: [(&str, &str); 6] = [
        ("Edg", "Edge"),
        ("OPR/", "Opera"),
        ("Firefox/", "Firefox"),
        ("Chrome/", "Chrome"),
        ("CriOS/", "Chrome"),
        ("Safari/", "Safari"),
    ];
    const SYSTEMS: [(&str, &str); 7] = [
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Android", "Android"),
        ("Windows", "Windows"),
        ("Mac OS X", "macOS"),
        ("CrOS", "ChromeOS"),
        ("Linux", "Linux"),
    ];
    let named = |names: &[(&str, &'static str)]| {
        names.iter().find(|(part, _)| agent.contains(part)).map(|(_, name)| *name)
    };
    match (named(&BROWSERS), named(&SYSTEMS)) {
        (Some(browser), Some(system)) => format!("{browser} on {system}"),
        _ if agent.trim().is_empty() => "A browser that does not say its name".into(),
        _ => visible(&agent.chars().take(40).collect::<String>()).into_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_browser_is_called_what_people_call_it() {
        for (agent, name) in [
            ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox on Linux"),
            (
                "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140 Safari/537.36 Edg/140",
                "Edge on Windows",
            ),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605 Version/18 Safari/604.1",
                "Safari on iPhone",
            ),
            ("curl/8.0", "curl/8.0"),
            ("", "A browser that does not say its name"),
        ] {
            assert_eq!(browser(agent), name);
        }
        assert_eq!(browser(&"x".repeat(1000)).len(), 40);
    }
}
