//! Signing in at an issuer of identities, by OpenID Connect: authorization code, PKCE, `state` and `nonce`.
//!
//! `start` sends the browser to the issuer and remembers the attempt; `callback` takes what it comes back with. Between them stand
//! `issuer`, what an issuer says of itself; `exchange`, the code for an identity token; `identity`, what of that token is believed; and
//! `admit`, who is let in. Whatever is refused is a `Refusal`: one page for the visitor, one word for the operator's log.

mod admit;
mod callback;
mod exchange;
mod identity;
mod issuer;
mod pages;
mod refusal;
mod start;

use refusal::Refusal;
use shared::api::{Answered, App, Call, Error, Site};
use shared::new_id;

/// The function.
pub const SITE: Site = Site {
    name: "sign-in",
    paths: &["/inbox/sign-in/issuer", "/inbox/sign-in/callback"],
    handle: |app, call| Box::pin(visit(app, call)),
    failed: pages::failed,
};

/// What signing in with an issuer came to, short of a page.
enum Failed {
    Refused(Refusal),
    Broken(Error),
}

impl<E: Into<Error>> From<E> for Failed {
    fn from(error: E) -> Self {
        Self::Broken(error.into())
    }
}

impl From<Refusal> for Failed {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

async fn visit(app: &App, call: &Call) -> Answered {
    let is_start = call.path().trim_end_matches('/') == "/inbox/sign-in/issuer";
    let done = match (call.method(), is_start) {
        ("POST", true) => start::start(app, call).await,
        ("GET", false) => callback::callback(app, call).await,
        // Whoever loads the address of the form again wants to sign in.
        ("GET", true) => Ok((None, shared::api::Reply::see_other("/inbox/sign-in"))),
        _ => Err(Failed::Broken(Error::RouteNotFound)),
    };
    match done {
        Ok((caller, reply)) => (caller, Ok(reply)),
        Err(Failed::Broken(error)) => (None, Err(error)),
        Err(Failed::Refused(refusal)) => {
            refusal.log(call);
            (None, Ok(pages::refused(&refusal)))
        }
    }
}

/// 256 random bits, as 43 URL-safe characters.
fn random() -> Result<String, Error> {
    let random: [u8; 32] = new_id::random().map_err(|_| Error::Panicked)?;
    Ok(base64::Engine::encode(&base64::engine::general_purpose::URL_SAFE_NO_PAD, random))
}

/// The cookie that binds an attempt to a browser: `Lax`, for it must come along when the issuer sends the browser back.
fn browser_cookie(app: &App, call: &Call, value: &str, seconds: i64) -> String {
    let secure = if app.https { "; Secure" } else { "" };
    let name = shared::api::cookie_name_for(app, call, "sign-in");
    format!("{name}={value}; Path=/; HttpOnly; SameSite=Lax; Max-Age={seconds}{secure}")
}

/// What the browser holds of an attempt.
fn browser_of<'a>(app: &App, call: &'a Call) -> Option<&'a str> {
    call.cookie(&shared::api::cookie_name_for(app, call, "sign-in")).filter(|value| value.len() == 43)
}
