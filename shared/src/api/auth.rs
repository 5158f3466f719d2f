//! Authentication: the key of a request, and what was looked up lately.
//!
//! In the handler and not in a gateway authorizer, which could not give the error body that clients parse.

use super::errors::Error;
use super::requests::Call;
use crate::review::Timestamp;
use crate::store::{ApiKey, ApiKeyDigest};
use lru::LruCache;
use std::hash::Hash;
use std::num::NonZeroUsize;
use std::sync::Mutex;

/// What was looked up lately. What is not there is not cached: it would push out what is.
pub(super) struct LookedUp<K: Hash + Eq, V> {
    cache: Mutex<LruCache<K, (Timestamp, V)>>,
    lasts_millis: i64,
}

impl<K: Hash + Eq, V: Clone> LookedUp<K, V> {
    const CAPACITY: NonZeroUsize = NonZeroUsize::new(1000).unwrap();

    /// For a minute: a warm function looks a key or a member up once a minute and not on each call, and a revoked key works for at most
    /// a minute longer.
    pub(super) fn for_a_minute() -> Self {
        Self::lasting(60_000)
    }

    /// For so many milliseconds.
    pub(super) fn lasting(lasts_millis: i64) -> Self {
        // It grows with use: nothing is allocated in advance.
        let mut cache = LruCache::unbounded();
        cache.resize(Self::CAPACITY);
        Self { cache: Mutex::new(cache), lasts_millis }
    }

    /// The record of a key, if it was looked up lately.
    pub(super) fn get(&self, key: &K, now: Timestamp) -> Option<V> {
        let mut cache = self.cache.lock().ok()?;
        let (seen, record) = cache.get(key)?;
        (now >= *seen && now < seen.plus_millis(self.lasts_millis)).then(|| record.clone())
    }

    /// Keeps a record that was looked up at `now`.
    pub(super) fn put(&self, key: K, now: Timestamp, record: V) {
        if let Ok(mut cache) = self.cache.lock() {
            cache.put(key, (now, record));
        }
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
