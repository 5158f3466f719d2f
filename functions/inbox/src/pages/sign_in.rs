//! The page on which one signs in.

use crate::pages::elements::notice;
use crate::pages::frame::{Frame, Layout};
use crate::paths::{self, HOME};
use crate::session::draft::Draft;
use crate::session::sign_in::Reason;
use lambda_http::http::{StatusCode, header};
use maud::html;
use shared::api::{App, Call, Error, Reply};
use shared::store::Scope;

/// Redirects to the sign-in page, and from there back.
pub(crate) fn ask(call: &Call) -> Reply {
    let target = call.target();
    let back = paths::way_back(Some(&target));
    let query = form_urlencoded::Serializer::new(String::new()).append_pair("return", back).finish();
    Reply::see_other(&format!("{HOME}/sign-in?{query}"))
}

/// The page on which one signs in. `draft` is what was typed before.
pub(crate) fn page(app: &App, back: &str, reason: Reason, draft: Option<&Draft>) -> Reply {
    let (status, said) = match reason {
        Reason::None => (StatusCode::OK, None),
        Reason::SignedOut => (StatusCode::OK, Some(("good", "You are signed out."))),
        Reason::BadKey => (
            StatusCode::UNAUTHORIZED,
            Some(("bad", "This key is not valid. It may be mistyped, revoked or expired.")),
        ),
        Reason::MayNotRead => (
            StatusCode::FORBIDDEN,
            Some(("bad", "This key may not read reviews: it lacks the scope “read”.")),
        ),
        Reason::Ended => (StatusCode::UNAUTHORIZED, Some(("bad", "Your session has ended. Sign in again."))),
        Reason::EndedTyping => (
            StatusCode::UNAUTHORIZED,
            Some((
                "bad",
                "Your session has ended. Sign in again: what you typed is kept, and shown to you before it is saved.",
            )),
        ),
        Reason::TooMany { .. } => (
            StatusCode::TOO_MANY_REQUESTS,
            Some((
                "bad",
                "Too many wrong keys came from your address. Wait ten minutes, and try again. What you typed before is kept.",
            )),
        ),
        Reason::EndedTypingMuch => (
            StatusCode::PAYLOAD_TOO_LARGE,
            Some((
                "bad",
                "Your session has ended, and what you typed is too long to be kept here. It is not lost: sign in in another \
                 tab, then load this page again. Your browser asks whether to send the form again: it is shown to you before \
                 it is saved.",
            )),
        ),
    };
    let content = html! {
        div.sign-in data-signed-out[reason == Reason::SignedOut] {
            h1 { "Sign in" }
            @if let Some((kind, text)) = said { (notice(kind, &html! { (text) })) }
            form method="post" action={(HOME) "/sign-in"} {
                input type="hidden" name="return" value=(back);
                @if let Some(draft) = draft { input type="hidden" name="draft" value=(draft.as_str()); }
                label for="key" { "API key" }
                input #key name="key" type="password" required autocomplete="current-password" spellcheck="false"
                    autofocus aria-describedby="key-help" placeholder="hp_…";
                p #key-help.muted { "An administrator gives you one. It is exchanged for a session of at most eight hours and kept nowhere." }
                button.primary { "Sign in" }
            }
        }
    };
    let reply = Frame { title: "Sign in", viewer: None, layout: Layout::plain(), content, form: None }
        .reply(Some(app), status);
    match reason {
        Reason::None | Reason::SignedOut => reply,
        Reason::BadKey | Reason::Ended | Reason::EndedTyping | Reason::EndedTypingMuch => {
            reply.failed_with(Error::Unauthenticated.code())
        }
        Reason::MayNotRead => reply.failed_with(Error::Forbidden { scope: Scope::Read }.code()),
        Reason::TooMany { seconds } => {
            reply.failed_with("too_many_sign_ins").with_header(header::RETRY_AFTER, &seconds.to_string())
        }
    }
}
