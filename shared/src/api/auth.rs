//! Authentication: the key of a request, and the keys that were looked up lately.
//!
//! In the handler and not in a gateway authorizer, which could not give the error body that clients parse.

use super::errors::Error;
use super::requests::Call;
use crate::review::Timestamp;
use crate::store::{ApiKey, ApiKeyDigest, KeyRecord};
use lru::LruCache;
use std::num::NonZeroUsize;
use std::sync::Mutex;

/// The keys that were looked up in the last minute: a warm function looks a key up once a minute and not on each call, and a revoked
/// key works for at most a minute longer. Unknown keys are not cached: they would push out valid ones.
pub(super) struct KeyCache(Mutex<LruCache<ApiKeyDigest, (Timestamp, KeyRecord)>>);

impl KeyCache {
    const CAPACITY: NonZeroUsize = NonZeroUsize::new(1000).unwrap();
    const MILLIS: i64 = 60_000;

    /// The record of a key, if it was looked up lately.
    pub(super) fn get(&self, digest: &ApiKeyDigest, now: Timestamp) -> Option<KeyRecord> {
        let mut cache = self.0.lock().ok()?;
        let (seen, record) = cache.get(digest)?;
        (now >= *seen && now < seen.plus_millis(Self::MILLIS)).then(|| record.clone())
    }

    /// Keeps a record that was looked up at `now`.
    pub(super) fn put(&self, digest: ApiKeyDigest, now: Timestamp, record: KeyRecord) {
        if let Ok(mut cache) = self.0.lock() {
            cache.put(digest, (now, record));
        }
    }
}

impl Default for KeyCache {
    fn default() -> Self {
        // It grows with use: nothing is allocated in advance.
        let mut cache = LruCache::unbounded();
        cache.resize(Self::CAPACITY);
        Self(Mutex::new(cache))
    }
}

/// The key of a request: `Api-Key`, or `Authorization: Bearer` (RFC 6750, 2.1). None where the two differ, or where one of them is
/// not a text: of two keys, none may be ignored.
fn presented_key(call: &Call) -> Option<&str> {
    /// A header: absent, unreadable or a text.
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

/// The digest of the key that a request carries.
pub(super) fn key_digest(call: &Call) -> Result<ApiKeyDigest, Error> {
    presented_key(call).and_then(ApiKey::parse).map(|key| key.digest()).ok_or(Error::Unauthenticated)
}
