//! `/inbox`: the pages a reviewer works in, rendered here, usable without JavaScript.
//!
//! - `queue`, `review`: the two pages; `actions`: what is done on them, by the API's own functions.
//! - `session`: who is signed in. `page`: the frame of all pages; `words`: the domain in words; `reason`: why a gate fired.
//! - `document`: a snapshot as a tree; `form`, `fields`: that tree as a form, read and shown; `compare`: two of them.

mod actions;
mod compare;
mod document;
mod fields;
mod form;
#[cfg(feature = "fuzzing")]
pub mod fuzzing;
mod page;
mod queue;
mod reason;
mod review;
mod session;
mod words;

use actions::{Action, Attempt};
use form::Sent;
use lambda_http::http::header;
use page::{ASSETS, HOME, Reader};
use session::{Entered, Reason, SignedIn};
use shared::http::{Answered, App, Call, Error, Reply, Site};
use shared::review::{BlockId, ReviewId, RunId};

/// The function.
pub const SITE: Site = Site {
    name: "inbox",
    paths: &["/", "/inbox", "/inbox/{proxy+}"],
    handle: |app, call| Box::pin(visit(app, call)),
    failed: page::failed,
};

async fn visit(app: &App, call: &Call) -> Answered {
    match (call.method(), call.path()) {
        ("GET", "/") => (None, Ok(Reply::see_other(HOME))),
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
        "POST" if !session::is_same_origin(call) => Err(Error::OtherOrigin),
        "POST" => {
            let fields = call.form()?;
            let draft: Vec<(String, String)> =
                fields.into_iter().filter(|(name, _)| name != "form_token").collect();
            let path = call.path();
            let page = path.rsplit_once('/').filter(|(page, _)| page.starts_with("/inbox/reviews/"));
            Ok(session::page(app, session::way_back(page.map(|(page, _)| page)), Reason::Ended, &draft))
        }
        _ => Err(Error::RouteNotFound),
    }
}

async fn sign_in_page(app: &App, call: &Call) -> Result<Reply, Error> {
    let query = call.query(&["return", "done"], &mut shared::http::Faults::new());
    let of = |name: &str| query.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str());
    if session::signed_in(app, call).await?.is_some() {
        return Ok(Reply::see_other(session::way_back(of("return"))));
    }
    let reason = if of("done") == Some("signed-out") { Reason::SignedOut } else { Reason::None };
    Ok(session::page(app, session::way_back(of("return")), reason, &[]))
}

async fn sign_in(app: &App, call: &Call) -> Answered {
    let entered = async {
        if !session::is_same_origin(call) {
            return Err(Error::OtherOrigin);
        }
        let fields = call.form()?;
        let draft = fields
            .iter()
            .filter_map(|(name, value)| Some((name.strip_prefix("draft:")?.to_owned(), value.clone())));
        let draft: Vec<(String, String)> = draft.collect();
        let sent = Sent::new(fields);
        let entered = session::enter(app, call, &sent).await?;
        Ok((entered, session::way_back(sent.get("return")).to_owned(), draft))
    };
    let (signed_in, cookie, back, draft) = match entered.await {
        Err(error) => return (None, Err(error)),
        Ok((Entered::Refused(reason), back, draft)) => {
            return (None, Ok(session::page(app, &back, reason, &draft)));
        }
        Ok((Entered::In(signed_in, cookie), back, draft)) => (signed_in, cookie, back, draft),
    };
    let reply = match review_of(&signed_in, &back) {
        Some(id) if !draft.is_empty() => {
            let sent = Sent::new(draft);
            let reader = reader(&signed_in);
            Attempt { app, call, reader: &reader, id: &id, sent: &sent }.again(None).await
        }
        _ => Ok(Reply::see_other(&back)),
    };
    (Some(signed_in.caller), reply.map(|reply| reply.with_header(header::SET_COOKIE, &cookie)))
}

fn reader(signed_in: &SignedIn) -> Reader<'_> {
    Reader { caller: &signed_in.caller, form_token: signed_in.token.form_token() }
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
    let segments: Vec<&str> = call.path().strip_prefix(HOME).unwrap_or_default().split('/').skip(1).collect();
    let id = |run: &str, block: &str| review_id(signed_in, run, block).ok_or(Error::ReviewNotFound);
    match (call.method(), segments.as_slice()) {
        ("GET", [] | [""]) => queue::show(app, call, reader).await,
        ("GET", ["reviews", run, block]) => review::page(app, call, reader, &id(run, block)?).await,
        ("GET", ["reviews", run, block, "state"]) => review::state(app, call, reader, &id(run, block)?).await,
        ("POST", _) => {
            let sent = Sent::new(call.form()?);
            if !session::is_same_origin(call) || !session::has_form_token(&sent, &signed_in.token) {
                return Err(Error::OtherOrigin);
            }
            match segments.as_slice() {
                ["sign-out"] => session::leave(app, signed_in).await,
                ["next"] => next(app, call, reader, &sent).await,
                ["reviews", run, block, word] => {
                    let action = Action::parse(word).ok_or(Error::RouteNotFound)?;
                    Attempt { app, call, reader, id: &id(run, block)?, sent: &sent }.run(action).await
                }
                _ => Err(Error::RouteNotFound),
            }
        }
        _ => Err(Error::RouteNotFound),
    }
}

/// What is needed of a review to go to it.
#[derive(serde::Deserialize)]
struct Claimed {
    workflow_run_id: String,
    block_id: String,
}

/// Claims the hottest review that nobody has, and goes there.
async fn next(app: &App, call: &Call, reader: &Reader<'_>, sent: &Sent) -> Result<Reply, Error> {
    let body = serde_json::json!({ "workflow_id": sent.text("workflow_id") });
    let inner = call.inner(None, body.to_string());
    let reply = claim_next::FUNCTION.call(app, reader.caller, &inner).await?;
    let to = match serde_json::from_str::<Claimed>(reply.body()) {
        Ok(claimed) => {
            format!("{HOME}/reviews/{}/{}?done=claimed", claimed.workflow_run_id, claimed.block_id)
        }
        Err(_) => format!("{HOME}?done=none"),
    };
    Ok(Reply::see_other(&to).counted_as(&reply))
}
