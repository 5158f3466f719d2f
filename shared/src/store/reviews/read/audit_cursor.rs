//! Where a page of an audit ended.

use crate::review::ReviewId;
use crate::store::table::keys;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};

/// Where a page of an audit ended. Opaque to clients, and valid only for its review.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditCursor {
    /// How many entries are older than those that were listed.
    pub(in crate::store) entries: u64,
    /// The sort key of the last rejected stale write that was listed; empty before the first.
    pub(in crate::store) stale: String,
}

/// The text is not a cursor of this review's audit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("is not a cursor of this review's audit; leave it out to start with the newest entries")]
pub struct AuditCursorError;

impl AuditCursor {
    const BINDING: usize = 8;
    const VERSION: u8 = 1;

    /// The text for clients.
    pub fn encode(&self, id: &ReviewId) -> String {
        let mut bytes = vec![Self::VERSION];
        bytes.extend_from_slice(&self.entries.to_be_bytes());
        bytes.extend_from_slice(&self.binding(id));
        bytes.extend_from_slice(self.stale.as_bytes());
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// Parses a cursor that was made for this review.
    ///
    /// The binding is a guard against mistakes, not a secret: a forged cursor can only name another place in the same audit.
    pub fn decode(text: &str, id: &ReviewId) -> Result<Self, AuditCursorError> {
        let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| AuditCursorError)?;
        let (version, rest) = bytes.split_first().ok_or(AuditCursorError)?;
        let (entries, rest) = rest.split_first_chunk().ok_or(AuditCursorError)?;
        let (binding, stale) = rest.split_at_checked(Self::BINDING).ok_or(AuditCursorError)?;
        let stale = String::from_utf8(stale.to_vec()).map_err(|_| AuditCursorError)?;
        let cursor = Self { entries: u64::from_be_bytes(*entries), stale };
        let sound = *version == Self::VERSION
            && binding == cursor.binding(id)
            && (cursor.stale.is_empty() || cursor.stale.starts_with(keys::STALE));
        if sound { Ok(cursor) } else { Err(AuditCursorError) }
    }

    fn binding(&self, id: &ReviewId) -> [u8; Self::BINDING] {
        let mut binding = [0; Self::BINDING];
        let text = format!("{}\n{}\n{}", keys::review(id), self.entries, self.stale);
        binding.copy_from_slice(&Sha256::digest(text)[..Self::BINDING]);
        binding
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::review::tests::properties::review_and_version;
    use crate::review::{BlockId, ReviewId};

    #[test]
    fn a_cursor_is_bound_to_its_review() {
        let id = review_and_version().0.id;
        let other = ReviewId { block: BlockId::parse("other").unwrap(), ..id.clone() };
        for stale in ["", "STALE#00000000000000000007#human#dana"] {
            let cursor = AuditCursor { entries: 12, stale: stale.into() };
            let text = cursor.encode(&id);
            assert_eq!(AuditCursor::decode(&text, &id), Ok(cursor));
            assert_eq!(AuditCursor::decode(&text, &other), Err(AuditCursorError));
            for text in ["", "!", "AQ", &text[1..], &format!("{text}A")] {
                assert_eq!(AuditCursor::decode(text, &id), Err(AuditCursorError), "{text}");
            }
        }
        let elsewhere = AuditCursor { entries: 12, stale: "VERSION#".into() };
        assert_eq!(AuditCursor::decode(&elsewhere.encode(&id), &id), Err(AuditCursorError));
    }
}
