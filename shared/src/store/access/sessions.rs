//! Sessions of the inbox: what a browser holds instead of an API key.

use crate::hex::hex;
use crate::review::{ActorId, OrganizationId, Timestamp};
use crate::store::access::api_keys::ApiKeyDigest;
use crate::store::error::StoreError;
use crate::store::handle::Store;
use crate::store::table::codec::{self, Attributes};
use crate::store::table::keys;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// What a browser holds: 32 random bytes, 43 URL-safe characters. Never logged, never stored.
#[derive(Clone)]
pub struct SessionToken(String);

impl SessionToken {
    /// Parses a cookie's text.
    pub fn parse(text: &str) -> Option<Self> {
        let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        (bytes.len() == 32).then(|| Self(text.to_owned()))
    }

    /// Makes a token of 32 random bytes.
    pub fn from_random(bytes: [u8; 32]) -> Self {
        Self(URL_SAFE_NO_PAD.encode(bytes))
    }

    /// The token's text, for its cookie.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// The token of its forms, against cross-site requests. It is derived from the session's, and does not reveal it.
    pub fn form_token(&self) -> String {
        URL_SAFE_NO_PAD.encode(Sha256::digest(format!("holdpoint form {}", self.0)))
    }

    /// What is stored in its place. It is random and long, so a plain hash is enough.
    fn digest(&self) -> String {
        hex(&Sha256::digest(&self.0))
    }
}

impl std::fmt::Debug for SessionToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SessionToken(..)")
    }
}

/// Whose session it is. What they may do, and whether they still may, is looked up for each request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SessionHolder {
    /// Who signed in with an API key.
    Key(ApiKeyDigest),
    /// A member who signed in at an issuer.
    Member(OrganizationId, ActorId),
}

/// A session: whose it is, and its expiry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// Whose.
    pub holder: SessionHolder,
    /// When it expires.
    pub expires_at: Timestamp,
}

/// SESSION. TTL deletes it some time after its expiry.
#[derive(Serialize, Deserialize)]
struct SessionItem {
    pk: String,
    sk: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    key: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    organization: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    actor: Option<String>,
    expires_at: i64,
    ttl: i64,
}

impl SessionItem {
    fn holder(&self) -> Option<SessionHolder> {
        match (&self.key, &self.organization, &self.actor) {
            (Some(key), None, None) => ApiKeyDigest::from_hex(key).map(SessionHolder::Key),
            (None, Some(organization), Some(actor)) => {
                let (organization, actor) = (OrganizationId::parse(organization), ActorId::parse(actor));
                Some(SessionHolder::Member(organization.ok()?, actor.ok()?))
            }
            _ => None,
        }
    }
}

impl Store {
    /// Begins a session.
    pub async fn create_session(&self, token: &SessionToken, session: Session) -> Result<(), StoreError> {
        let (key, member) = match session.holder {
            SessionHolder::Key(key) => (Some(key.hex()), None),
            SessionHolder::Member(organization, actor) => (None, Some((organization, actor))),
        };
        let (organization, actor) = member.unzip();
        let session = SessionItem {
            pk: keys::session(&token.digest()),
            sk: keys::SESSION.into(),
            key,
            organization: organization.map(|it| it.to_string()),
            actor: actor.map(|it| it.to_string()),
            expires_at: session.expires_at.millis(),
            ttl: session.expires_at.millis() / 1000,
        };
        self.put(codec::encode_item(&session)?).await
    }

    /// The session of a token, if it has not expired at `now`. Read consistently, so that signing out works at once.
    pub async fn find_session(
        &self,
        token: &SessionToken,
        now: Timestamp,
    ) -> Result<Option<Session>, StoreError> {
        let Some(found) = self.get(keys::session(&token.digest()), keys::SESSION.into()).await? else {
            return Ok(None);
        };
        let found: SessionItem = codec::decode_item(found)?;
        let holder = found.holder().ok_or_else(|| StoreError::Corrupt("the session is nobody's".into()))?;
        let session = Session { holder, expires_at: Timestamp::from_millis(found.expires_at) };
        Ok((now < session.expires_at).then_some(session))
    }

    /// Ends a session.
    pub async fn delete_session(&self, token: &SessionToken) -> Result<(), StoreError> {
        self.delete((keys::session(&token.digest()), keys::SESSION.into()), None, Attributes::new()).await?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_forms_token_is_of_one_session_and_tells_nothing_of_it() {
        let (one, other) = (SessionToken::from_random([1; 32]), SessionToken::from_random([2; 32]));
        assert_eq!(one.form_token(), SessionToken::from_random([1; 32]).form_token());
        assert_ne!(one.form_token(), other.form_token());
        assert!(one.form_token().len() == 43 && one.form_token() != one.reveal());
        assert_eq!(format!("{one:?}"), "SessionToken(..)");
    }
}
