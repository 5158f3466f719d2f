//! Signing in and out: an API key is exchanged for a session.

use super::SignedIn;
use crate::form::SubmittedForm;
use crate::paths::HOME;
use lambda_http::http::header;
use shared::api::{App, Call, Error, Reply, session_cookie, session_token};
use shared::review::Timestamp;
use shared::store::{ApiKey, Scope, Session, SessionHolder, SessionToken, SignInBudget};

/// How long a session lasts: a working day. Never longer than its key.
const MILLIS: i64 = 8 * 3600 * 1000;

/// Why somebody is asked to sign in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reason {
    None,
    BadKey,
    MayNotRead,
    SignedOut,
    /// The session ended.
    Ended,
    /// The session ended while something was typed, which is kept.
    EndedTyping,
    /// The same, with more than can be kept.
    EndedTypingMuch,
    /// Too many wrong keys came from the same address.
    TooMany {
        /// When the next may be tried.
        seconds: i64,
    },
}

/// The result of signing in.
pub(crate) enum Entered {
    /// Signed in, with this cookie.
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
    app.note_key_use(&caller, call.now()).await;
    let mut random = [0; 32];
    getrandom::fill(&mut random).map_err(|_| Error::Panicked)?;
    let token = SessionToken::from_random(random);
    let expires_at: Timestamp = call.now().plus_millis(MILLIS);
    app.store
        .create_session(&token, Session { holder: SessionHolder::Key(key.digest()), expires_at })
        .await?;
    // One browser, one session: a stolen token of the last one is of no use any more.
    if let Some(last) = session_token(app, call) {
        app.store.delete_session(&last).await?;
    }
    let cookie = session_cookie(app, call, token.reveal(), MILLIS / 1000);
    Ok(Entered::In(SignedIn { caller, token }, cookie))
}

/// Ends a session, and forgets its cookie.
pub(crate) async fn leave(app: &App, call: &Call, token: &SessionToken) -> Result<Reply, Error> {
    app.store.delete_session(token).await?;
    let reply = Reply::see_other(&format!("{HOME}/sign-in?done=signed-out"));
    Ok(reply.with_header(header::SET_COOKIE, &session_cookie(app, call, "", 0)))
}
