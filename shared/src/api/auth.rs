//! Who calls: from the `Api-Key` header, or `Authorization: Bearer`, to an organization, an actor and scopes.
//!
//! In the handler and not in a gateway authorizer, which could not give the error body that clients parse.

use super::{App, Call, Error};
use crate::review::{Actor, OrganizationId, Timestamp};
use crate::store::{ApiKey, ApiKeyDigest, KeyRecord, Scope, Scopes};
use lru::LruCache;
use std::num::NonZeroUsize;
use std::sync::Mutex;

/// Who calls and what they may do.
#[derive(Clone, Debug)]
pub struct Caller {
    /// The tenant.
    pub organization: OrganizationId,
    /// Who acts.
    pub actor: Actor,
    /// Which key it is, for the log.
    pub key_id: String,
    scopes: Scopes,
}

impl Caller {
    /// Whether the key may do what `scope` covers.
    pub fn may(&self, scope: Scope) -> bool {
        self.scopes.allow(scope)
    }

    /// Somebody who may do everything.
    #[cfg(feature = "fuzzing")]
    pub(crate) fn allowed_everything(organization: OrganizationId, actor: Actor) -> Self {
        Self { organization, actor, key_id: "fuzzing".into(), scopes: Scopes(Scope::ALL.to_vec()) }
    }

    pub(super) fn must_be_allowed(&self, scope: Scope) -> Result<(), Error> {
        if self.scopes.allow(scope) { Ok(()) } else { Err(Error::Forbidden { scope }) }
    }
}

/// The keys seen in the last minute, so that a warm function looks a key up once a minute and not on each call. A
/// revoked key works for at most that minute longer. Unknown keys are not remembered: they would push out good ones.
pub(super) struct KeyCache(Mutex<LruCache<ApiKeyDigest, (Timestamp, KeyRecord)>>);

impl KeyCache {
    const CAPACITY: NonZeroUsize = NonZeroUsize::new(1000).unwrap();
    const MILLIS: i64 = 60_000;

    fn get(&self, digest: &ApiKeyDigest, now: Timestamp) -> Option<KeyRecord> {
        let mut cache = self.0.lock().ok()?;
        let (seen, record) = cache.get(digest)?;
        (now >= *seen && now < seen.plus_millis(Self::MILLIS)).then(|| record.clone())
    }

    fn put(&self, digest: ApiKeyDigest, now: Timestamp, record: KeyRecord) {
        if let Ok(mut cache) = self.0.lock() {
            cache.put(digest, (now, record));
        }
    }
}

impl Default for KeyCache {
    fn default() -> Self {
        // Grows with use: nothing is allocated for keys that have not come.
        let mut cache = LruCache::unbounded();
        cache.resize(Self::CAPACITY);
        Self(Mutex::new(cache))
    }
}

/// The key of a request: `Api-Key`, or `Authorization: Bearer` (RFC 6750, 2.1). None where the two differ, or where either
/// is there and is no text: nobody may send two and have one overlooked.
fn presented_key(call: &Call) -> Option<&str> {
    /// What a header says: absent, unreadable or a text.
    fn text<'a>(call: &'a Call, name: &str) -> Result<Option<&'a str>, ()> {
        match (call.has_header(name), call.header(name)) {
            (false, _) => Ok(None),
            (true, None) => Err(()),
            (true, text) => Ok(text),
        }
    }
    let api_key = text(call, "api-key").ok()?;
    let bearer = text(call, "authorization").ok()?.and_then(|credentials| {
        let (scheme, token) = credentials.split_once(' ')?;
        scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
    });
    match (api_key, bearer) {
        (Some(one), Some(other)) if one != other => None,
        (api_key, bearer) => api_key.or(bearer),
    }
}

impl App {
    /// The caller, by the key that the request carries.
    pub(super) async fn authenticate(&self, call: &Call) -> Result<Caller, Error> {
        let key = presented_key(call).and_then(ApiKey::parse).ok_or(Error::Unauthenticated)?;
        self.caller(key.digest(), call.now()).await
    }

    /// Whom a key with that digest stands for at `now`, if it may be used.
    pub async fn caller(&self, digest: ApiKeyDigest, now: Timestamp) -> Result<Caller, Error> {
        let record = if let Some(record) = self.keys.get(&digest, now) {
            record
        } else {
            let record = self.store.find_key(digest).await?.ok_or(Error::Unauthenticated)?;
            self.keys.put(digest, now, record.clone());
            record
        };
        if !record.is_live(now) {
            return Err(Error::Unauthenticated);
        }
        let KeyRecord { key_id, organization, actor, scopes, .. } = record;
        Ok(Caller { organization, actor, key_id, scopes })
    }
}
