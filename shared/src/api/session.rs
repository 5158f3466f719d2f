//! Who is signed in: the cookie that holds a session, and the caller whose key the session stands for.

use super::app::App;
use super::caller::Caller;
use super::errors::Error;
use super::requests::Call;
use crate::store::{SessionHolder, SessionToken};

/// Who is signed in, if anybody is: the session is active, and its key still valid.
pub async fn signed_in(app: &App, call: &Call) -> Result<Option<(Caller, SessionToken)>, Error> {
    let Some(token) = session_token(app, call) else { return Ok(None) };
    let Some(session) = app.store.find_session(&token, call.now()).await? else { return Ok(None) };
    let caller = match &session.holder {
        SessionHolder::Key(key) => app.caller(*key, call.now()).await,
        SessionHolder::Member(organization, actor) => app.member(organization, actor, call.now()).await,
    };
    match caller {
        Ok(caller) => Ok(Some((caller, token))),
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
