//! Signing in: the page for it, what it sends, and what a visitor gets who is not signed in.

use crate::actions::Attempt;
use crate::pages::sign_in as page;
use crate::paths::{self, HOME};
use crate::session::draft::Draft;
use crate::session::sign_in::{Entered, Reason, enter};
use crate::session::{self, SignedIn};
use lambda_http::http::header;
use shared::api::{Answered, App, Call, Error, FieldErrors, FormLimit, Reply};
use shared::review::ReviewId;

/// Asks somebody who is not signed in to do so, and then sends them back. A script gets an error; what was typed into a form is kept.
pub async fn ask(app: &App, call: &Call) -> Result<Reply, Error> {
    let fetched = call.header("sec-fetch-dest") == Some("empty");
    match call.method() {
        _ if fetched => Err(Error::Unauthenticated),
        "GET" => Ok(page::ask(call)),
        "POST" => {
            // A form of another site always comes without the cookie: it is not a draft.
            session::require_same_origin(app, call)?;
            let path = call.path();
            let page = path.rsplit_once('/').filter(|(page, _)| page.starts_with("/inbox/reviews/"));
            let Some((page, _)) = page else { return page::page(app, call, HOME, Reason::Ended, None).await };
            let back = paths::way_back(Some(page));
            let (reason, draft) = match call.form(FormLimit::DRAFT) {
                Err(Error::SnapshotTooLarge { .. }) => (Reason::EndedTypingMuch, None),
                Err(error) => return Err(error),
                Ok(fields) => match Draft::of(fields) {
                    None => (Reason::Ended, None),
                    draft => (Reason::EndedTyping, draft),
                },
            };
            page::page(app, call, back, reason, draft.as_ref()).await
        }
        _ => Err(Error::RouteNotFound),
    }
}

/// `GET /inbox/sign-in`.
pub(crate) async fn show(app: &App, call: &Call, is_signed_in: bool) -> Result<Reply, Error> {
    let query = call.query(&["return", "done", "invite"], &mut FieldErrors::new());
    let of = |name: &str| query.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str());
    let back = paths::way_back(of("return"));
    // Who has an invite may be signed in already, with a key or in another organization.
    if is_signed_in && of("invite").is_none() {
        return Ok(Reply::see_other(back));
    }
    // The message is true whoever made the link: it is only shown to somebody who is signed out.
    let reason = if of("done") == Some("signed-out") { Reason::SignedOut } else { Reason::None };
    page::page(app, call, back, reason, None).await
}

/// `POST /inbox/sign-in`.
pub(crate) async fn submit(app: &App, call: &Call) -> Answered {
    let entered = async {
        let sent = session::submitted(app, call, FormLimit::SIGN_IN)?;
        let draft = sent.get("draft").and_then(Draft::parse);
        let entered = enter(app, call, &sent).await?;
        Ok((entered, paths::way_back(sent.get("return")).to_owned(), draft))
    };
    let (signed_in, cookie, back, draft) = match entered.await {
        Err(error) => return (None, Err(error)),
        Ok((Entered::Refused(reason), back, draft)) => {
            return (None, page::page(app, call, &back, reason, draft.as_ref()).await);
        }
        Ok((Entered::In(signed_in, cookie), back, draft)) => (signed_in, cookie, back, draft),
    };
    let reply = match review_of(&signed_in, &back).zip(draft.and_then(|draft| draft.sent())) {
        Some((id, sent)) => {
            let viewer = signed_in.viewer();
            Attempt { app, call, viewer: &viewer, id: &id, sent: &sent }.again(None).await
        }
        None => Ok(Reply::see_other(&back)),
    };
    (Some(signed_in.caller), reply.map(|reply| reply.with_header(header::SET_COOKIE, &cookie)))
}

/// The review whose page is at a path.
fn review_of(signed_in: &SignedIn, path: &str) -> Option<ReviewId> {
    let path = path.split('?').next()?;
    let (run, block) = path.strip_prefix("/inbox/reviews/")?.split_once('/')?;
    signed_in.review_id(run, block)
}
