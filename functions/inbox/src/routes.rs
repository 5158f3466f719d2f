//! Which page or action a call is for.

use crate::actions::next::next;
use crate::actions::{Action, Attempt};
use crate::pages::assets::ASSETS;
use crate::pages::{policies, queue, raw, review, sessions};
use crate::paths::{self, HOME};
use crate::session::{self, SignedIn};
use crate::sign_in;
use percent_encoding::percent_decode_str;
use shared::api::{Answered, App, Call, Error, Reply};

/// Answers one call.
pub(crate) async fn visit(app: &App, call: &Call) -> Answered {
    let (method, path) = (call.method(), call.path());
    match (method, path) {
        ("GET", "/" | "/inbox/") => return (None, Ok(Reply::see_other(HOME))),
        ("GET", path) if path.starts_with("/inbox/assets/") => return (None, asset(path)),
        ("POST", "/inbox/sign-in") => return sign_in::submit(app, call).await,
        _ => {}
    }
    let signed_in = match session::signed_in(app, call).await {
        Err(error) => return (None, Err(error)),
        Ok(signed_in) => signed_in,
    };
    if (method, path) == ("GET", "/inbox/sign-in") {
        return (None, sign_in::show(app, call, signed_in.is_some()).await);
    }
    let Some(signed_in) = signed_in else { return (None, sign_in::ask(app, call).await) };
    let segments = segments(path);
    let segments: Vec<&str> = segments.iter().map(String::as_str).collect();
    let result = match method {
        "GET" => get(app, call, &signed_in, &segments).await,
        "POST" => post(app, call, &signed_in, &segments).await,
        _ => Err(Error::RouteNotFound),
    };
    (Some(signed_in.caller), result)
}

fn asset(path: &str) -> Result<Reply, Error> {
    let asset = ASSETS.at(path).ok_or(Error::RouteNotFound)?;
    Ok(Reply::asset(asset.content_type, asset.text))
}

/// The segments below [`HOME`]. A percent-encoded segment is the same identifier as the plain one; API Gateway has decoded it
/// already.
fn segments(path: &str) -> Vec<String> {
    let path = path.strip_prefix(HOME).unwrap_or_default();
    let decode = |segment| percent_decode_str(segment).decode_utf8_lossy().into_owned();
    path.split('/').skip(1).map(decode).collect()
}

async fn get(app: &App, call: &Call, signed_in: &SignedIn, segments: &[&str]) -> Result<Reply, Error> {
    let viewer = &signed_in.viewer();
    let id = |run: &str, block: &str| signed_in.review_id(run, block).ok_or(Error::ReviewNotFound);
    match segments {
        [] => queue::show(app, call, viewer).await,
        ["reviews", run, block] => review::page(app, call, viewer, &id(run, block)?).await,
        ["reviews", run, block, "state"] => review::claim::state(app, call, viewer, &id(run, block)?).await,
        ["reviews", run, block, "versions", seq] => raw::version(app, &id(run, block)?, seq).await,
        ["policies", rest @ ..] => policies::get(app, call, viewer, rest).await,
        // After a POST the address bar holds its address: whoever loads that again wants the page.
        ["reviews", run, block, word] if Action::parse(word).is_some() => {
            Ok(Reply::see_other(&paths::review(&id(run, block)?)))
        }
        ["sessions"] => sessions::show(app, call, signed_in).await,
        ["next" | "sign-out"] => Ok(Reply::see_other(HOME)),
        ["sessions", "end" | "end-all"] => Ok(Reply::see_other(paths::SESSIONS)),
        _ => Err(Error::RouteNotFound),
    }
}

async fn post(app: &App, call: &Call, signed_in: &SignedIn, segments: &[&str]) -> Result<Reply, Error> {
    let viewer = &signed_in.viewer();
    let (run, block, action) = match segments {
        ["sign-out" | "next"] | ["sessions", "end" | "end-all"] => {
            let posted = session::posted(app, call, &signed_in.token)?;
            return match segments {
                _ if !posted.is_of_session => Err(Error::OtherOrigin),
                ["next"] => next(app, call, viewer, &posted.form).await,
                ["sessions", "end"] => {
                    session::sign_in::end(app, call, signed_in, posted.form.get("session")).await
                }
                ["sessions", _] => session::sign_in::end_all(app, call, signed_in).await,
                _ => session::sign_in::leave(app, call, &signed_in.token).await,
            };
        }
        ["policies", rest @ ..] => return policies::post(app, call, signed_in, rest).await,
        ["reviews", run, block, word] => (run, block, Action::parse(word).ok_or(Error::RouteNotFound)?),
        _ => return Err(Error::RouteNotFound),
    };
    let posted = session::posted(app, call, &signed_in.token)?;
    let id = signed_in.review_id(run, block).ok_or(Error::ReviewNotFound)?;
    let attempt = Attempt { app, call, viewer, id: &id, sent: &posted.form };
    if posted.is_of_session {
        attempt.run(action).await
    } else if posted.form.get("part").is_some() {
        Err(Error::OtherOrigin)
    } else {
        // A page of ours, made for an earlier session: nothing is done, and nothing typed is lost.
        attempt.of_another_session().await
    }
}
