//! Links that sign in with one click, for who looks around on their own machine: each works once, for five minutes, and only from this
//! machine. They are kept in memory, and there is no such route but here.

use crate::Error;
use axum::body::Body;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use lambda_http::http::{Response, StatusCode, header};
use shared::api::{App, Call, session_cookie, session_token};
use shared::review::Timestamp;
use shared::store::{ApiKeyDigest, Session, SessionHolder, SessionToken, StoreError};
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

/// The path of links.
pub const PATH: &str = "/inbox/sign-in/local";

/// How long a link works, in milliseconds.
const MILLIS: i64 = 300_000;

/// The links that were made, by their tokens.
#[derive(Debug, Default)]
pub struct Links(Mutex<HashMap<String, (ApiKeyDigest, Timestamp)>>);

impl Links {
    /// Makes one that signs in as the holder of a key; returns its path and query.
    pub fn make(&self, key: ApiKeyDigest, now: Timestamp) -> Result<String, Error> {
        let token = random()?;
        let path = format!("{PATH}?token={token}");
        let mut links = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        links.insert(token, (key, now.plus_millis(MILLIS)));
        Ok(path)
    }

    /// Takes the link of a token: whoever comes second finds none.
    fn take(&self, token: &str, now: Timestamp) -> Option<ApiKeyDigest> {
        let link = self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(token);
        link.filter(|(_, end)| now < *end).map(|(key, _)| key)
    }

    /// Signs in whoever follows a link.
    pub(crate) async fn follow(&self, app: &App, call: &Call) -> Response<Body> {
        let token = call.target().split_once("?token=").map(|(_, token)| token.to_owned());
        let key = token.and_then(|token| self.take(&token, call.now()));
        let Some(key) = key else {
            const USED: &str = "This link was used, or is older than five minutes. Start holdpoint again for a new one, or sign in \
                with an API key.\n";
            return answer(StatusCode::GONE, USED);
        };
        match begin(app, call, key).await {
            Ok(cookie) => {
                let mut response = answer(StatusCode::SEE_OTHER, "");
                let headers = response.headers_mut();
                headers.insert(header::LOCATION, header::HeaderValue::from_static("/inbox"));
                headers
                    .extend(header::HeaderValue::from_str(&cookie).ok().map(|it| (header::SET_COOKIE, it)));
                response
            }
            Err(error) => answer(StatusCode::INTERNAL_SERVER_ERROR, &format!("{error}\n")),
        }
    }
}

async fn begin(app: &App, call: &Call, key: ApiKeyDigest) -> Result<String, Error> {
    let no_token = || Error::Store(StoreError::Rejected("no token".into()));
    let token = SessionToken::parse(&random()?).ok_or_else(no_token)?;
    let agent = call.header("user-agent").unwrap_or_default();
    app.store.create_session(&token, Session::new(SessionHolder::Key(key), agent, call.now())).await?;
    if let Some(last) = session_token(app, call) {
        app.store.delete_session(&last).await?;
    }
    Ok(session_cookie(app, call, token.reveal(), Session::MILLIS / 1000))
}

fn answer(status: StatusCode, text: &str) -> Response<Body> {
    let mut response = Response::new(Body::from(text.to_owned()));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, header::HeaderValue::from_static("text/plain; charset=utf-8"));
    headers.insert(header::CACHE_CONTROL, header::HeaderValue::from_static("no-store"));
    headers.insert(header::REFERRER_POLICY, header::HeaderValue::from_static("no-referrer"));
    response
}

/// 256 random bits, as 43 URL-safe characters.
pub fn random() -> Result<String, Error> {
    Ok(URL_SAFE_NO_PAD.encode(shared::new_id::random::<32>()?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use shared::store::ApiKey;

    #[test]
    fn a_link_works_once_and_for_five_minutes() {
        let (links, at) = (Links::default(), Timestamp::from_millis);
        let key = ApiKey::from_random([1; 32]).digest();
        let make = || links.make(key, at(0)).unwrap().split_once("?token=").unwrap().1.to_owned();
        let (one, other) = (make(), make());
        assert_ne!(one, other);
        assert_eq!(links.take("", at(1)), None);
        assert_eq!((links.take(&one, at(MILLIS - 1)), links.take(&one, at(1))), (Some(key), None));
        assert_eq!(links.take(&other, at(MILLIS)), None);
    }
}
