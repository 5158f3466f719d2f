//! Signing in and out: an API key is exchanged for a session.

use super::SignedIn;
use crate::form::SubmittedForm;
use crate::paths::{HOME, SESSIONS};
use lambda_http::http::header;
use shared::api::{App, Call, Error, Reply, session_cookie, session_token};
use shared::new_id::random;
use shared::store::{ApiKey, Scope, Session, SessionHolder, SessionToken, SignInBudget};

/// Why somebody is asked to sign in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reason {
    None,
    BadKey,
    MayNotRead,
    /// The organization's people sign in at its issuers only.
    KeysAreOff,
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
    In(Box<SignedIn>, String),
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
    if !app.store.sign_in_settings(&caller.organization).await?.api_key_sign_in {
        return Ok(Entered::Refused(Reason::KeysAreOff));
    }
    app.note_key_use(&caller, call.now()).await;
    let token = SessionToken::from_random(random().map_err(|_| Error::Panicked)?);
    let holder = SessionHolder::Key(key.digest());
    let session = Session::new(holder.clone(), call.header("user-agent").unwrap_or_default(), call.now());
    app.store.create_session(&token, session).await?;
    // One browser, one session: a stolen token of the last one is of no use any more.
    if let Some(last) = session_token(app, call) {
        app.store.delete_session(&last).await?;
    }
    let cookie = session_cookie(app, call, token.reveal(), Session::MILLIS / 1000);
    Ok(Entered::In(Box::new(SignedIn { caller, token, holder }), cookie))
}

/// Ends a session, and forgets its cookie.
pub(crate) async fn leave(app: &App, call: &Call, token: &SessionToken) -> Result<Reply, Error> {
    app.store.delete_session(token).await?;
    let reply = Reply::see_other(&format!("{HOME}/sign-in?done=signed-out"));
    Ok(reply.with_header(header::SET_COOKIE, &session_cookie(app, call, "", 0)))
}

/// Ends one of one's own sessions: another one, or this one.
pub(crate) async fn end(
    app: &App,
    call: &Call,
    signed_in: &SignedIn,
    id: Option<&str>,
) -> Result<Reply, Error> {
    let id = id.unwrap_or_default();
    if id == signed_in.token.session_id() {
        return leave(app, call, &signed_in.token).await;
    }
    // What is no digest is nobody's session; nor could it be a key of the table.
    if id.len() == 64 {
        app.store.end_session(&signed_in.holder, id).await?;
    }
    Ok(Reply::see_other(SESSIONS))
}

/// Ends all of one's own sessions.
pub(crate) async fn end_all(app: &App, call: &Call, signed_in: &SignedIn) -> Result<Reply, Error> {
    app.store.end_sessions(&signed_in.holder).await?;
    leave(app, call, &signed_in.token).await
}
