//! `/inbox`: the pages a reviewer works in, rendered here, usable without JavaScript.
//!
//! - `queue`, `review` (with `aside`): the two pages; `actions`: what is done on them, by the API's own functions; `typed`: what was typed comes
//!   back from whatever does not save it; `refused`: why something was not done; `draft`: what was typed without a session.
//! - `session`: who is signed in. `page`: the frame of all pages; `words`: the domain in words; `reason`: why a gate fired.
//! - `document`: a snapshot as a tree; `form`, `fields`: that tree as a form, read and shown; `compare`: two of them, and two
//!   people's changes merged; `conflict`, `differences`: what of that is shown. `raw`: a version as it was stored.

mod actions;
mod aside;
mod compare;
mod conflict;
mod differences;
mod document;
mod draft;
mod fields;
mod form;
#[cfg(feature = "fuzzing")]
pub mod fuzzing;
mod page;
mod queue;
mod raw;
mod reason;
mod refused;
mod review;
mod session;
mod typed;
mod words;

use actions::{Action, Attempt};
use draft::Draft;
use form::Sent;
use lambda_http::http::header;
use page::{ASSETS, HOME, Reader};
use percent_encoding::percent_decode_str;
use session::{Entered, Reason, SignedIn};
use shared::api::{Answered, App, Call, Error, FormLimit, Reply, Site};
use shared::review::{BlockId, ReviewId, RunId};
use std::borrow::Cow;

/// The function.
pub const SITE: Site = Site {
    name: "inbox",
    paths: &["/", "/inbox", "/inbox/{proxy+}"],
    handle: |app, call| Box::pin(visit(app, call)),
    failed: page::failed,
};

async fn visit(app: &App, call: &Call) -> Answered {
    match (call.method(), call.path()) {
        ("GET", "/" | "/inbox/") => (None, Ok(Reply::see_other(HOME))),
        ("GET", path) if path.starts_with("/inbox/assets/") => (None, asset(path)),
        ("GET", "/inbox/sign-in") => (None, sign_in_page(app, call).await),
        ("POST", "/inbox/sign-in") => sign_in(app, call).await,
        _ => match session::signed_in(app, call).await {
            Err(error) => (None, Err(error)),
            Ok(None) => (None, signed_out(app, call)),
            Ok(Some(signed_in)) => {
                let result = route(app, call, &signed_in).await;
                (Some(signed_in.caller), result)
            }
        },
    }
}

fn asset(path: &str) -> Result<Reply, Error> {
    let asset = ASSETS.iter().find(|asset| asset.path == path).ok_or(Error::RouteNotFound)?;
    Ok(Reply::asset(asset.content_type, asset.text))
}

/// Nobody is signed in: a page asks for it and comes back; what changes by itself says so in short; a form's content is kept.
fn signed_out(app: &App, call: &Call) -> Result<Reply, Error> {
    let fetched = call.header("sec-fetch-dest") == Some("empty");
    match call.method() {
        _ if fetched => Err(Error::Unauthenticated),
        "GET" => Ok(session::ask(call)),
        // What another site has sent is nobody's draft; such a post always comes without the cookie.
        "POST" if !session::is_same_origin(app, call) => Err(Error::OtherOrigin),
        "POST" => {
            let path = call.path();
            let page = path.rsplit_once('/').filter(|(page, _)| page.starts_with("/inbox/reviews/"));
            let Some((page, _)) = page else { return Ok(session::page(app, HOME, Reason::Ended, None)) };
            let back = session::way_back(Some(page));
            let (reason, draft) = match call.form(FormLimit::DRAFT) {
                Err(Error::SnapshotTooLarge { .. }) => (Reason::EndedTypingMuch, None),
                Err(error) => return Err(error),
                Ok(fields) => match Draft::of(fields) {
                    None => (Reason::Ended, None),
                    draft => (Reason::EndedTyping, draft),
                },
            };
            Ok(session::page(app, back, reason, draft.as_ref()))
        }
        _ => Err(Error::RouteNotFound),
    }
}

async fn sign_in_page(app: &App, call: &Call) -> Result<Reply, Error> {
    let query = call.query(&["return", "done"], &mut shared::api::FieldErrors::new());
    let of = |name: &str| query.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str());
    if session::signed_in(app, call).await?.is_some() {
        return Ok(Reply::see_other(session::way_back(of("return"))));
    }
    // Whoever is told so is not signed in, whoever has made the link.
    let reason = if of("done") == Some("signed-out") { Reason::SignedOut } else { Reason::None };
    Ok(session::page(app, session::way_back(of("return")), reason, None))
}

async fn sign_in(app: &App, call: &Call) -> Answered {
    let entered = async {
        if !session::is_same_origin(app, call) {
            return Err(Error::OtherOrigin);
        }
        let sent = Sent::new(call.form(FormLimit::SIGN_IN)?);
        let draft = sent.get("draft").and_then(Draft::parse);
        let entered = session::enter(app, call, &sent).await?;
        Ok((entered, session::way_back(sent.get("return")).to_owned(), draft))
    };
    let (signed_in, cookie, back, draft) = match entered.await {
        Err(error) => return (None, Err(error)),
        Ok((Entered::Refused(reason), back, draft)) => {
            return (None, Ok(session::page(app, &back, reason, draft.as_ref())));
        }
        Ok((Entered::In(signed_in, cookie), back, draft)) => (signed_in, cookie, back, draft),
    };
    let reply = match review_of(&signed_in, &back).zip(draft.and_then(|draft| draft.sent())) {
        Some((id, sent)) => {
            let reader = reader(&signed_in);
            Attempt { app, call, reader: &reader, id: &id, sent: &sent }.again(None).await
        }
        None => Ok(Reply::see_other(&back)),
    };
    (Some(signed_in.caller), reply.map(|reply| reply.with_header(header::SET_COOKIE, &cookie)))
}

fn reader(signed_in: &SignedIn) -> Reader<'_> {
    Reader { caller: &signed_in.caller, token: &signed_in.token, form_token: signed_in.token.form_token() }
}

/// The review whose page is at a path.
fn review_of(signed_in: &SignedIn, path: &str) -> Option<ReviewId> {
    let path = path.split('?').next()?;
    let (run, block) = path.strip_prefix("/inbox/reviews/")?.split_once('/')?;
    review_id(signed_in, run, block)
}

fn review_id(signed_in: &SignedIn, run: &str, block: &str) -> Option<ReviewId> {
    let organization = signed_in.caller.organization.clone();
    Some(ReviewId { organization, run: RunId::parse(run).ok()?, block: BlockId::parse(block).ok()? })
}

/// Finds what a reader wants.
async fn route(app: &App, call: &Call, signed_in: &SignedIn) -> Result<Reply, Error> {
    let reader = &reader(signed_in);
    // A percent-encoded segment is the same identifier as the plain one; API Gateway has decoded it already.
    let path = call.path().strip_prefix(HOME).unwrap_or_default();
    let decoded: Vec<Cow<'_, str>> =
        path.split('/').skip(1).map(|segment| percent_decode_str(segment).decode_utf8_lossy()).collect();
    let segments: Vec<&str> = decoded.iter().map(AsRef::as_ref).collect();
    let id = |run: &str, block: &str| review_id(signed_in, run, block).ok_or(Error::ReviewNotFound);
    match (call.method(), segments.as_slice()) {
        ("GET", []) => queue::show(app, call, reader).await,
        ("GET", ["reviews", run, block]) => review::page(app, call, reader, &id(run, block)?).await,
        ("GET", ["reviews", run, block, "state"]) => review::state(app, call, reader, &id(run, block)?).await,
        ("GET", ["reviews", run, block, "versions", seq]) => raw::version(app, &id(run, block)?, seq).await,
        // Where a form has left the address bar: whoever loads that again wants the page.
        ("GET", ["reviews", run, block, word]) if Action::parse(word).is_some() => {
            Ok(Reply::see_other(&review::address(&id(run, block)?)))
        }
        ("GET", ["next" | "sign-out"]) => Ok(Reply::see_other(HOME)),
        ("POST", ["sign-out" | "next"]) => {
            let sent = ours(app, call)?;
            if !session::has_form_token(&sent, &signed_in.token) {
                return Err(Error::OtherOrigin);
            }
            if segments == ["next"] {
                next(app, call, reader, &sent).await
            } else {
                session::leave(app, call, &signed_in.token).await
            }
        }
        ("POST", ["reviews", run, block, word]) => {
            let action = Action::parse(word).ok_or(Error::RouteNotFound)?;
            let (sent, id) = (ours(app, call)?, id(run, block)?);
            let attempt = Attempt { app, call, reader, id: &id, sent: &sent };
            if session::has_form_token(&sent, &signed_in.token) {
                return attempt.run(action).await;
            }
            // A page of ours, but of another session: somebody has signed in again since. Nothing is done, nothing typed is lost.
            if sent.get("part").is_some() {
                Err(Error::OtherOrigin)
            } else {
                attempt.of_another_session().await
            }
        }
        _ => Err(Error::RouteNotFound),
    }
}

/// What a page of ours has sent, as far as the browser tells; whether its session did is for the form's token to say.
fn ours(app: &App, call: &Call) -> Result<Sent, Error> {
    if !session::is_same_origin(app, call) {
        return Err(Error::OtherOrigin);
    }
    Ok(Sent::new(call.form(FormLimit::PAGE)?))
}

/// What is needed of a review to go to it.
#[derive(serde::Deserialize)]
struct Claimed {
    workflow_run_id: String,
    block_id: String,
}

/// Claims the hottest review that nobody has, and goes there; where there is none, the queue says so.
async fn next(app: &App, call: &Call, reader: &Reader<'_>, sent: &Sent) -> Result<Reply, Error> {
    let workflow = sent.text("workflow_id");
    let body = serde_json::json!({ "workflow_id": workflow });
    let inner = call.inner(None, body.to_string());
    let reply = const { claim_next::ENDPOINT.handler }.call(app, reader.caller, &inner).await?;
    let Ok(claimed) = serde_json::from_str::<Claimed>(reply.body()) else {
        return queue::nothing_free(app, call, reader, workflow).await.map(|page| page.counted_as(&reply));
    };
    let to = format!("{HOME}/reviews/{}/{}?done=claimed", claimed.workflow_run_id, claimed.block_id);
    Ok(Reply::see_other(&to).counted_as(&reply))
}
