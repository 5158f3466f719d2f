//! Sessions of the inbox: what a browser holds instead of an API key.

use crate::hex::hex;
use crate::review::{ActorId, OrganizationId, Timestamp};
use crate::store::access::api_keys::ApiKeyDigest;
use crate::store::error::StoreError;
use crate::store::handle::Store;
use crate::store::table::calls::Change;
use crate::store::table::codec::{self, Attributes, number};
use crate::store::table::transaction::Transacted;
use crate::store::table::{expressions, keys};
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

    /// The id of its session in the list of its holder's.
    pub fn session_id(&self) -> String {
        self.digest()
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

/// A session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// Whose.
    pub holder: SessionHolder,
    /// When it began.
    pub created_at: Timestamp,
    /// When it was last used, to five minutes.
    pub last_used_at: Timestamp,
    /// When it expires, however it is used.
    pub expires_at: Timestamp,
    /// The browser, as it calls itself, shortened.
    pub agent: String,
}

impl Session {
    /// How long a session lasts at most, in milliseconds: a working day.
    pub const MILLIS: i64 = 8 * 3_600_000;
    /// How long it lasts unused, in milliseconds.
    pub const IDLE_MILLIS: i64 = 3_600_000;
    /// How often its use is written down at most, in milliseconds.
    const NOTED_MILLIS: i64 = 300_000;

    /// One that begins at `now`. Of the browser's name, 200 characters are kept.
    pub fn new(holder: SessionHolder, agent: &str, now: Timestamp) -> Self {
        let agent = agent.chars().filter(|it| !it.is_control()).take(200).collect();
        let expires_at = now.plus_millis(Self::MILLIS);
        Self { holder, created_at: now, last_used_at: now, expires_at, agent }
    }

    /// Whether it can be used at `now`.
    pub fn is_active(&self, now: Timestamp) -> bool {
        now < self.expires_at && now < self.last_used_at.plus_millis(Self::IDLE_MILLIS)
    }
}

/// One of somebody's sessions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedSession {
    /// What tells it from the others; it is of no use to sign in.
    pub id: String,
    /// The session.
    pub session: Session,
}

/// SESSION, and the same among its holder's sessions, so that these can be listed and ended. TTL deletes both some time after the expiry.
#[derive(Clone, Serialize, Deserialize)]
struct SessionItem {
    pk: String,
    sk: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    key: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    organization: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    actor: Option<String>,
    // Sessions of an earlier build lack the next two; they last until they expire.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    created_at: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    last_used_at: Option<i64>,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    agent: String,
    expires_at: i64,
    ttl: i64,
}

impl SessionHolder {
    /// The partition of their sessions.
    fn partition(&self) -> String {
        match self {
            Self::Key(key) => keys::sessions_of_key(&key.hex()),
            Self::Member(organization, actor) => keys::sessions_of_member(organization, actor),
        }
    }
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

    fn decode(self) -> Result<Session, StoreError> {
        let holder = self.holder().ok_or_else(|| StoreError::Corrupt("the session is nobody's".into()))?;
        let at = |millis: Option<i64>| Timestamp::from_millis(millis.unwrap_or(self.expires_at));
        Ok(Session {
            holder,
            created_at: at(self.created_at),
            last_used_at: at(self.last_used_at),
            expires_at: Timestamp::from_millis(self.expires_at),
            agent: self.agent,
        })
    }
}

impl Store {
    /// Begins a session.
    pub async fn create_session(&self, token: &SessionToken, session: Session) -> Result<(), StoreError> {
        let digest = token.digest();
        let of_holder = session.holder.partition();
        let (key, member) = match session.holder {
            SessionHolder::Key(key) => (Some(key.hex()), None),
            SessionHolder::Member(organization, actor) => (None, Some((organization, actor))),
        };
        let (organization, actor) = member.unzip();
        let item = SessionItem {
            pk: keys::session(&digest),
            sk: keys::SESSION.into(),
            key,
            organization: organization.map(|it| it.to_string()),
            actor: actor.map(|it| it.to_string()),
            created_at: Some(session.created_at.millis()),
            last_used_at: Some(session.last_used_at.millis()),
            agent: session.agent,
            expires_at: session.expires_at.millis(),
            ttl: session.expires_at.millis() / 1000,
        };
        let listed = SessionItem { pk: of_holder, sk: digest, ..item.clone() };
        let writes = vec![
            self.transact_create(codec::encode_item(&item)?)?,
            self.transact_create(codec::encode_item(&listed)?)?,
        ];
        match self.transact(writes).await? {
            Transacted::Written => Ok(()),
            Transacted::Refused(_) => Err(StoreError::Rejected("this session exists".into())),
        }
    }

    /// The session of a token, if it can be used at `now`. Read consistently, so that signing out works at once.
    pub async fn find_session(
        &self,
        token: &SessionToken,
        now: Timestamp,
    ) -> Result<Option<Session>, StoreError> {
        let Some(found) = self.get(keys::session(&token.digest()), keys::SESSION.into()).await? else {
            return Ok(None);
        };
        let session = codec::decode_item::<SessionItem>(found)?.decode()?;
        Ok(session.is_active(now).then_some(session))
    }

    /// Notes that a session is used, if that was not noted in the last five minutes. One that has ended stays ended.
    pub async fn use_session(
        &self,
        token: &SessionToken,
        session: &Session,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        // One of an earlier build was "last used" when it expires: it is not among its holder's.
        if now < session.last_used_at.plus_millis(Session::NOTED_MILLIS) {
            return Ok(());
        }
        let digest = token.digest();
        let mut writes = Vec::with_capacity(2);
        for key in [(keys::session(&digest), keys::SESSION.into()), (session.holder.partition(), digest)] {
            let values = Attributes::from([(":now".to_owned(), number(now.millis()))]);
            let change =
                Change { condition: Some(expressions::PRESENT), ..Change::new(expressions::USED, values) };
            writes.push(self.transact_update(key, change)?);
        }
        match self.transact(writes).await? {
            Transacted::Written | Transacted::Refused(_) => Ok(()),
        }
    }

    /// The active sessions of a holder, the newest first.
    pub async fn sessions(
        &self,
        holder: &SessionHolder,
        now: Timestamp,
    ) -> Result<Vec<ListedSession>, StoreError> {
        let mut sessions = Vec::new();
        for item in self.partition(holder.partition()).await? {
            let id = codec::sort_key(&item).to_owned();
            let session = codec::decode_item::<SessionItem>(item)?.decode()?;
            if session.is_active(now) {
                sessions.push(ListedSession { id, session });
            }
        }
        sessions.sort_by_key(|it| std::cmp::Reverse(it.session.created_at));
        Ok(sessions)
    }

    /// Ends one session of a holder, by its id; none of somebody else.
    pub async fn end_session(&self, holder: &SessionHolder, id: &str) -> Result<(), StoreError> {
        // Only one that is among the holder's: the id came from a form.
        if self.get(holder.partition(), id.to_owned()).await?.is_some() {
            // The session first: what is still listed can be ended again.
            self.delete((keys::session(id), keys::SESSION.into()), None, Attributes::new()).await?;
            self.delete((holder.partition(), id.to_owned()), None, Attributes::new()).await?;
        }
        Ok(())
    }

    /// Ends all sessions of a holder.
    pub async fn end_sessions(&self, holder: &SessionHolder) -> Result<(), StoreError> {
        for item in self.partition(holder.partition()).await? {
            let id = codec::sort_key(&item).to_owned();
            // The session first: what is still listed can be ended again.
            self.delete((keys::session(&id), keys::SESSION.into()), None, Attributes::new()).await?;
            self.delete((holder.partition(), id), None, Attributes::new()).await?;
        }
        Ok(())
    }

    /// Ends the session of a token.
    pub async fn delete_session(&self, token: &SessionToken) -> Result<(), StoreError> {
        let key = (keys::session(&token.digest()), keys::SESSION.into());
        let Some(ended) = self.take(key.0, key.1).await? else { return Ok(()) };
        if let Some(holder) = codec::decode_item::<SessionItem>(ended)?.holder() {
            self.delete((holder.partition(), token.digest()), None, Attributes::new()).await?;
        }
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
