//! New ids, and the random bytes of secrets. The domain makes none: they are passed in.

use crate::review::EntryId;
use crate::store::StoreError;

/// A new entry id (UUID version 7, RFC 9562).
pub fn entry_id() -> EntryId {
    EntryId::from_bytes(uuid::Uuid::now_v7().into_bytes())
}

/// Bytes that nobody can guess, from the operating system.
///
/// # Errors
/// [`StoreError::Unavailable`] if it has none.
pub fn random<const N: usize>() -> Result<[u8; N], StoreError> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes)
        .map_err(|error| StoreError::Unavailable(format!("no randomness: {error}")))?;
    Ok(bytes)
}
