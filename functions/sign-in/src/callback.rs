//! Coming back from the issuer.

use crate::refusal::Refusal;
use crate::{Failed, admit, browser_cookie, browser_of, exchange, identity, issuer, pages, random};
use lambda_http::http::header;
use shared::api::{App, Call, Caller, FieldErrors, Reply, session_cookie, session_token};
use shared::store::{Session, SessionHolder, SessionToken, SignInAttempt};

/// `GET /inbox/sign-in/callback`.
pub(crate) async fn callback(app: &App, call: &Call) -> Result<(Option<Caller>, Reply), Failed> {
    // What else an issuer sends along does not matter; of a name that comes twice, the first counts, here as everywhere.
    let query = call.query(&["state", "code", "iss", "error"], &mut FieldErrors::new());
    let of = |name: &str| query.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str());
    let attempt = attempt(app, call, of("state").ok_or(Refusal::NoState)?).await?;
    let settings = app.store.issuer(&attempt.organization, &attempt.issuer).await?;
    let settings = settings.ok_or(Refusal::NoSuchIssuer)?;
    let found = issuer::find(app.egress, &settings.url, call.now()).await?;
    match of("iss") {
        Some(iss) if iss != settings.url => return Err(Refusal::OtherIssuer.into()),
        None if found.metadata.authorization_response_iss_parameter_supported => {
            return Err(Refusal::IssMissing.into());
        }
        _ => {}
    }
    if of("error").is_some() {
        return Err(Refusal::IssuerSaidNo.into());
    }
    let code = of("code").ok_or(Refusal::NoCode)?;
    let token = exchange::exchange(app.egress, &settings, &found.metadata, &attempt, code).await?;
    // By the time as it is now: the issuer may have taken its time.
    let proven = match identity::verify(&token, &settings, &found, &attempt, app.now()) {
        // The issuer may have new keys.
        Err(Refusal::UnknownKey) => {
            let found = issuer::with_new_keys(&settings.url, &found).await?;
            identity::verify(&token, &settings, &found, &attempt, app.now())
        }
        proven => proven,
    }?;
    let member = admit::admit(app, &settings, proven, attempt.invite.as_deref(), call.now()).await?;
    let token = begin_session(app, call, &member).await?;
    let page = pages::go_on("You are signed in", &attempt.way_back, "Continue");
    let page = page
        .with_header(header::SET_COOKIE, &session_cookie(app, call, &token, Session::MILLIS / 1000))
        .with_header(header::SET_COOKIE, &browser_cookie(app, call, "", 0));
    Ok((Some(Caller::of_member(member, call.now())), page))
}

/// The attempt that this is the end of. Somebody else's browser does not use it up.
async fn attempt(app: &App, call: &Call, state: &str) -> Result<SignInAttempt, Failed> {
    let attempt = app.store.sign_in_attempt(state).await?.ok_or(Refusal::UnknownState)?;
    if browser_of(app, call).map(SignInAttempt::browser) != Some(attempt.browser) {
        return Err(Refusal::OtherBrowser.into());
    }
    let attempt = app.store.take_sign_in(state).await?.ok_or(Refusal::UnknownState)?;
    if attempt.is_valid(call.now()) { Ok(attempt) } else { Err(Refusal::StateExpired.into()) }
}

async fn begin_session(app: &App, call: &Call, member: &shared::store::Member) -> Result<String, Failed> {
    let holder = SessionHolder::Member(member.organization.clone(), member.actor.id.clone());
    let token = SessionToken::parse(&random()?).ok_or(Refusal::UnknownState)?;
    let session = Session::new(holder, call.header("user-agent").unwrap_or_default(), call.now());
    app.store.create_session(&token, session).await?;
    // One browser, one session. The cookie is `Strict`, so the last one's comes along only from a page of ours; then it ends.
    if let Some(last) = session_token(app, call) {
        app.store.delete_session(&last).await?;
    }
    Ok(token.reveal().to_owned())
}
