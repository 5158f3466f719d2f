//! Administration for people, at `/inbox/administration`: under the inbox's session, in its frame, usable without JavaScript. Only a
//! form that holds the session's token changes anything.
//!
//! `people`, `keys`, `webhooks`, `sign_in`, `log`: the pages, and what their forms do. `notifications`: the pages at
//! `/inbox/notifications`, for everybody. `layout`: what they have in common. `sent`: what forms hold.

mod keys;
mod layout;
mod log;
mod notifications;
mod people;
mod person;
mod sent;
mod sign_in;
mod webhook;
mod webhooks;

use inbox::common::{SubmittedForm, Viewer, ask, failed, posted, signed_in};
use percent_encoding::percent_decode_str;
use shared::api::{Answered, App, Call, Error, Reply, Site};
use shared::store::{Scope, SessionHolder};

/// Where the pages are.
const HOME: &str = "/inbox/administration";

/// The pages.
pub const SITE: Site = Site {
    name: crate::NAME,
    paths: &[HOME, "/inbox/administration/{proxy+}", notifications::HOME, "/inbox/notifications/{proxy+}"],
    handle: |app, call| Box::pin(visit(app, call)),
    failed,
};

/// Who asks for what.
struct Visit<'a> {
    app: &'a App,
    call: &'a Call,
    viewer: &'a Viewer<'a>,
    /// Whether a member signed in, and not a key.
    is_member: bool,
}

async fn visit(app: &App, call: &Call) -> Answered {
    let signed_in = match signed_in(app, call).await {
        Err(error) => return (None, Err(error)),
        Ok(None) => return (None, ask(app, call).await),
        Ok(Some(signed_in)) => signed_in,
    };
    let viewer = signed_in.viewer();
    let is_member = matches!(signed_in.holder, SessionHolder::Member(..));
    let visit = Visit { app, call, viewer: &viewer, is_member };
    let (area, segments) = segments(call.path());
    let segments: Vec<&str> = segments.iter().map(String::as_str).collect();
    let scope = area.scope();
    let result = if signed_in.caller.may(scope) {
        match call.method() {
            "GET" => visit.get(area, &segments).await,
            "POST" => visit.post(area, &segments).await,
            _ => Err(Error::RouteNotFound),
        }
    } else {
        Err(Error::Forbidden { scope })
    };
    drop(viewer);
    (Some(signed_in.caller), result)
}

/// Which of the pages a path is below.
#[derive(Clone, Copy)]
enum Area {
    /// Those at [`HOME`].
    Administration,
    /// Those at [`notifications::HOME`].
    Notifications,
}

impl Area {
    /// Whom the pages are for.
    const fn scope(self) -> Scope {
        match self {
            Self::Administration => Scope::Admin,
            Self::Notifications => Scope::Read,
        }
    }
}

/// The area of a path, and its segments below.
fn segments(path: &str) -> (Area, Vec<String>) {
    let (area, path) = match path.strip_prefix(notifications::HOME) {
        Some(below) => (Area::Notifications, below),
        None => (Area::Administration, path.strip_prefix(HOME).unwrap_or_default()),
    };
    let decode = |segment| percent_decode_str(segment).decode_utf8_lossy().into_owned();
    (area, path.split('/').skip(1).filter(|segment| !segment.is_empty()).map(decode).collect())
}

impl Visit<'_> {
    async fn get(&self, area: Area, segments: &[&str]) -> Result<Reply, Error> {
        if matches!(area, Area::Notifications) {
            return notifications::get(self, segments).await;
        }
        match segments {
            [] | ["invites", ..] => Ok(Reply::see_other(&format!("{HOME}/people"))),
            ["people"] => people::show(self, None).await,
            ["people", id] => person::show(self, id, None).await,
            ["keys"] => keys::show(self, None).await,
            ["keys", id] => keys::one(self, id, None).await,
            ["webhooks"] => webhooks::show(self, None).await,
            ["webhooks", id] => webhook::show(self, id, None).await,
            ["sign-in"] => sign_in::show(self, None).await,
            ["sign-in", id] => sign_in::one(self, id, None).await,
            ["sign-in-keys"] => Ok(Reply::see_other(&format!("{HOME}/sign-in"))),
            ["log"] => log::show(self).await,
            // After a POST the address bar holds its address: whoever loads that again wants the page.
            [page @ ("people" | "keys" | "webhooks" | "sign-in"), id, _] => {
                Ok(Reply::see_other(&format!("{HOME}/{page}/{}", layout::segment(id))))
            }
            _ => Err(Error::RouteNotFound),
        }
    }

    async fn post(&self, area: Area, segments: &[&str]) -> Result<Reply, Error> {
        let posted = posted(self.app, self.call, self.viewer.token)?;
        if !posted.is_of_session {
            return Err(Error::OtherOrigin);
        }
        let form = &posted.form;
        let done = self.act(area, segments, form).await;
        match done {
            // What can be put right is said on the page that sent the form.
            Err(error) if error.status().is_client_error() && !matches!(error, Error::RouteNotFound) => {
                self.again(area, segments, form, error).await
            }
            done => done,
        }
    }

    async fn act(&self, area: Area, segments: &[&str], form: &SubmittedForm) -> Result<Reply, Error> {
        if matches!(area, Area::Notifications) {
            return notifications::act(self, segments, form).await;
        }
        match segments {
            ["people", id, action] => person::act(self, id, action, form).await,
            ["invites"] => people::invite(self, form).await,
            ["invites", id, "delete"] => people::delete_invite(self, id).await,
            ["keys"] => keys::create(self, form).await,
            ["keys", id, action] => keys::act(self, id, action, form).await,
            ["webhooks"] => webhooks::create(self, form).await,
            ["webhooks", id, action] => webhook::act(self, id, action).await,
            ["sign-in"] => sign_in::add(self, form).await,
            ["sign-in-keys"] => sign_in::set_keys(self, form).await,
            ["sign-in", id, action] => sign_in::act(self, id, action, form).await,
            _ => Err(Error::RouteNotFound),
        }
    }

    /// The page that sent a form, with what was typed and what is wrong.
    async fn again(
        &self,
        area: Area,
        segments: &[&str],
        form: &SubmittedForm,
        error: Error,
    ) -> Result<Reply, Error> {
        let wrong = Some(layout::Wrong { error: &error, form });
        if matches!(area, Area::Notifications) {
            return notifications::again(self, segments, wrong).await.map_err(|_| error);
        }
        let page = match segments {
            ["people", id, _] => person::show(self, id, wrong).await,
            ["invites", ..] => people::show(self, wrong).await,
            ["keys"] => keys::show(self, wrong).await,
            ["keys", id, _] => keys::one(self, id, wrong).await,
            ["webhooks"] => webhooks::show(self, wrong).await,
            ["webhooks", id, _] => webhook::show(self, id, wrong).await,
            ["sign-in" | "sign-in-keys"] => sign_in::show(self, wrong).await,
            ["sign-in", id, _] => sign_in::one(self, id, wrong).await,
            _ => return Err(error),
        };
        // What the form was about is gone.
        page.map_err(|_| error)
    }
}
