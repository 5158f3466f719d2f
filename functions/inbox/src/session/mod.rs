//! Signing in and out: an API key is exchanged for a session, which a cookie holds.

pub(crate) mod draft;

use crate::form::SubmittedForm;
use crate::pages::frame::{Frame, notice};
use crate::paths::{self, HOME};
use draft::Draft;
use lambda_http::http::{StatusCode, header};
use maud::html;
use shared::api::{App, Call, Caller, Error, Reply};
use shared::review::Timestamp;
use shared::store::{ApiKey, Scope, Session, SessionToken, SignInBudget};

/// How long a session lasts: a working day. Never longer than its key.
const MILLIS: i64 = 8 * 3600 * 1000;

/// Somebody who is signed in.
pub(crate) struct SignedIn {
    pub(crate) caller: Caller,
    pub(crate) token: SessionToken,
}

/// The cookie's name. The prefix makes browsers insist on https, on no domain and on the root path (RFC 6265bis). Over plain http
/// the name holds the port: cookies are sent to every port of a host (RFC 6265, 8.5), so two servers of one machine would
/// sign each other's readers out.
fn cookie_name(app: &App, call: &Call) -> String {
    if app.https {
        return "__Host-holdpoint".into();
    }
    let host = call.header("host").unwrap_or_default();
    let port = host.rsplit_once(':').and_then(|(_, port)| port.parse::<u16>().ok());
    format!("holdpoint-{}", port.unwrap_or(80))
}

fn cookie(app: &App, call: &Call, value: &str, seconds: i64) -> String {
    let secure = if app.https { "; Secure" } else { "" };
    let name = cookie_name(app, call);
    format!("{name}={value}; Path=/; HttpOnly; SameSite=Strict; Max-Age={seconds}{secure}")
}

/// What the browser holds, of a session that may have ended.
fn token(app: &App, call: &Call) -> Option<SessionToken> {
    call.cookie(&cookie_name(app, call)).and_then(SessionToken::parse)
}

/// Who is signed in, if anybody is: the session stands, and its key is still good.
pub(crate) async fn signed_in(app: &App, call: &Call) -> Result<Option<SignedIn>, Error> {
    let Some(token) = token(app, call) else { return Ok(None) };
    let Some(session) = app.store.find_session(&token, call.now()).await? else { return Ok(None) };
    match app.caller(session.key, call.now()).await {
        Ok(caller) => Ok(Some(SignedIn { caller, token })),
        Err(Error::Unauthenticated) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Whether a form was sent by a page of ours, as browsers tell: they all send `Origin` with a post, and the newer ones
/// `Sec-Fetch-Site` (Fetch Metadata). An origin is its scheme, host and port (RFC 6454): all of it must be ours.
pub(crate) fn is_same_origin(app: &App, call: &Call) -> bool {
    if let Some(site) = call.header("sec-fetch-site") {
        return site == "same-origin";
    }
    let scheme = if app.https { "https" } else { "http" };
    let host = call.header("host").unwrap_or_default();
    let ours = format!("{scheme}://{host}");
    !host.is_empty() && call.header("origin").is_some_and(|origin| origin.eq_ignore_ascii_case(&ours))
}

/// Whether a form carries the session's token. Compared without telling, by its time, how far they agree.
pub(crate) fn has_form_token(sent: &SubmittedForm, token: &SessionToken) -> bool {
    let (ours, theirs) = (token.form_token(), sent.get("form_token").unwrap_or_default());
    let differing = ours.bytes().zip(theirs.bytes()).fold(0, |differing, (a, b)| differing | (a ^ b));
    ours.len() == theirs.len() && differing == 0
}

/// Sends somebody who is not signed in to where they can, and then back.
pub(crate) fn ask(call: &Call) -> Reply {
    let target = call.target();
    let back = paths::way_back(Some(&target));
    let query = form_urlencoded::Serializer::new(String::new()).append_pair("return", back).finish();
    Reply::see_other(&format!("{HOME}/sign-in?{query}"))
}

/// Why somebody is asked to sign in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reason {
    None,
    BadKey,
    MayNotRead,
    SignedOut,
    /// The session ended.
    Ended,
    /// The session ended while something was being typed, which goes along.
    EndedTyping,
    /// The same, with more than can go along.
    EndedTypingMuch,
    /// Too many wrong keys came from the same address.
    TooMany {
        /// When the next may be tried.
        seconds: i64,
    },
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
    let reply = Frame { title: "Sign in", viewer: None, content, form: None }.reply(Some(app), status);
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

/// What came of a try to sign in.
pub(crate) enum Entered {
    /// Somebody is in, with this cookie.
    In(SignedIn, String),
    Refused(Reason),
}

/// Exchanges a key for a session.
pub(crate) async fn enter(app: &App, call: &Call, sent: &SubmittedForm) -> Result<Entered, Error> {
    let budget = SignInBudget::of(&call.source_address(), call.now());
    if !app.store.may_sign_in(&budget).await? {
        return Ok(Entered::Refused(Reason::TooMany { seconds: budget.seconds_left(call.now()) }));
    }
    let Some(key) = sent.get("key").map(str::trim).and_then(ApiKey::parse) else {
        app.store.count_failed_sign_in(&budget).await?;
        return Ok(Entered::Refused(Reason::BadKey));
    };
    let caller = match app.caller(key.digest(), call.now()).await {
        Ok(caller) if caller.may(Scope::Read) => caller,
        Ok(_) => return Ok(Entered::Refused(Reason::MayNotRead)),
        Err(Error::Unauthenticated) => {
            app.store.count_failed_sign_in(&budget).await?;
            return Ok(Entered::Refused(Reason::BadKey));
        }
        Err(error) => return Err(error),
    };
    let mut random = [0; 32];
    getrandom::fill(&mut random).map_err(|_| Error::Panicked)?;
    let token = SessionToken::from_random(random);
    let expires_at: Timestamp = call.now().plus_millis(MILLIS);
    app.store.create_session(&token, Session { key: key.digest(), expires_at }).await?;
    // One browser, one session: whoever has got hold of the last one has nothing any more.
    if let Some(last) = self::token(app, call) {
        app.store.delete_session(&last).await?;
    }
    let cookie = cookie(app, call, token.reveal(), MILLIS / 1000);
    Ok(Entered::In(SignedIn { caller, token }, cookie))
}

/// Ends a session, and forgets its cookie.
pub(crate) async fn leave(app: &App, call: &Call, token: &SessionToken) -> Result<Reply, Error> {
    app.store.delete_session(token).await?;
    let reply = Reply::see_other(&format!("{HOME}/sign-in?done=signed-out"));
    Ok(reply.with_header(header::SET_COOKIE, &cookie(app, call, "", 0)))
}
