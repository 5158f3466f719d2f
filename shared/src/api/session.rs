//! Who is signed in: the cookie that holds a session, and the caller whose key the session stands for.

use super::app::App;
use super::caller::Caller;
use super::errors::Error;
use super::requests::Call;
use crate::store::{Session, SessionHolder, SessionToken};

/// Who is signed in, if anybody is: the session is active, and its key still valid.
pub async fn signed_in(app: &App, call: &Call) -> Result<Option<(Caller, SessionToken)>, Error> {
    Ok(session(app, call).await?.map(|(caller, token, _)| (caller, token)))
}

/// As [`signed_in`], with the session.
pub async fn session(app: &App, call: &Call) -> Result<Option<(Caller, SessionToken, Session)>, Error> {
    let Some(token) = session_token(app, call) else { return Ok(None) };
    let Some(session) = app.store.find_session(&token, call.now()).await? else { return Ok(None) };
    let caller = match &session.holder {
        SessionHolder::Key(key) => app.caller(*key, call.now()).await,
        SessionHolder::Member(organization, actor) => app.member(organization, actor, call.now()).await,
    };
    match caller {
        Ok(caller) => Ok(Some((caller, token, session))),
        Err(Error::Unauthenticated) => Ok(None),
        Err(error) => Err(error),
    }
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

/// The name of another cookie of ours, made as the session's is.
pub fn cookie_name_for(app: &App, call: &Call, what: &str) -> String {
    let name = cookie_name(app, call);
    format!("{name}-{what}")
}

/// The cookie with this value, as a header.
pub fn session_cookie(app: &App, call: &Call, value: &str, seconds: i64) -> String {
    let secure = if app.https { "; Secure" } else { "" };
    let name = cookie_name(app, call);
    format!("{name}={value}; Path=/; HttpOnly; SameSite=Strict; Max-Age={seconds}{secure}")
}

/// What the browser holds, of a session that may have ended.
pub fn session_token(app: &App, call: &Call) -> Option<SessionToken> {
    call.cookie(&cookie_name(app, call)).and_then(SessionToken::parse)
}

/// Whether a form was sent by a page of ours, as browsers tell: they all send `Origin` with a post, and the newer ones
/// `Sec-Fetch-Site` (Fetch Metadata). An origin is its scheme, host and port (RFC 6454): all of it must be ours.
pub fn is_same_origin(app: &App, call: &Call) -> bool {
    if let Some(site) = call.header("sec-fetch-site") {
        return site == "same-origin";
    }
    let scheme = if app.https { "https" } else { "http" };
    let host = call.header("host").unwrap_or_default();
    let ours = format!("{scheme}://{host}");
    !host.is_empty() && call.header("origin").is_some_and(|origin| origin.eq_ignore_ascii_case(&ours))
}
