//! Identifiers, parsed once at the edge: past it, an invalid one cannot exist.

use serde::{Serialize, Serializer};
use uuid::Uuid;

/// Why a text is not an identifier.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum IdentifierFault {
    /// Empty or longer than 128 characters.
    #[error("must be 1 to 128 characters long")]
    Length,
    /// A character outside `A-Z a-z 0-9 _ . ~ -`.
    #[error("may only contain A-Z a-z 0-9 _ . ~ -")]
    Character,
}

/// Longest identifier, in characters.
const MAX_LENGTH: usize = 128;

fn check(text: &str) -> Result<(), IdentifierFault> {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"_.~-".contains(&byte);
    if !text.bytes().all(allowed) {
        Err(IdentifierFault::Character)
    } else if text.is_empty() || text.len() > MAX_LENGTH {
        Err(IdentifierFault::Length)
    } else {
        Ok(())
    }
}

macro_rules! identifiers {
    ($($(#[$doc:meta])* $name:ident),* $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// Parses 1 to 128 of `A-Z a-z 0-9 _ . ~ -`.
            pub fn parse(text: &str) -> Result<Self, IdentifierFault> {
                check(text).map(|()| Self(text.to_owned()))
            }

            /// The text itself.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        described!($name, { "type": "string", "pattern": "^[A-Za-z0-9_.~-]{1,128}$" });

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }
    )*};
}

identifiers! {
    /// The tenant. Part of the key of every item.
    OrganizationId,
    /// A workflow run.
    RunId,
    /// A block of a workflow.
    BlockId,
    /// A workflow.
    WorkflowId,
    /// A version of a workflow.
    WorkflowVersionId,
    /// An actor, stable within its organization.
    ActorId,
    /// What a client calls one command, so that it can be retried.
    CommandId,
}

/// Which review: the organization and the gated block run.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ReviewId {
    /// The tenant.
    pub organization: OrganizationId,
    /// The workflow run.
    pub run: RunId,
    /// The gated block.
    pub block: BlockId,
}

impl ReviewId {
    /// `run:block`: the overlay's `_id` and `block_run_id` (seed).
    pub fn block_run_id(&self) -> String {
        format!("{}:{}", self.run, self.block)
    }
}

/// One audit entry, unique for ever; sorts by the time it was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct EntryId(Uuid);

impl EntryId {
    /// A new one (UUID version 7, RFC 9562).
    pub fn new() -> Self {
        Self(Uuid::now_v7())
    }

    /// From its 16 bytes.
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(Uuid::from_bytes(bytes))
    }

    /// Its 16 bytes.
    pub const fn to_bytes(self) -> [u8; 16] {
        *self.0.as_bytes()
    }
}

impl Default for EntryId {
    fn default() -> Self {
        Self::new()
    }
}

impl std::fmt::Display for EntryId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.simple().fmt(f)
    }
}

impl Serialize for EntryId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

described!(EntryId, { "type": "string", "pattern": "^[0-9a-f]{32}$" });

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_are_1_to_128_of_the_allowed_characters() {
        assert!(RunId::parse("aZ09_.~-").is_ok());
        assert!(RunId::parse(&"x".repeat(128)).is_ok());
        assert_eq!(RunId::parse(&"x".repeat(129)), Err(IdentifierFault::Length));
        assert_eq!(RunId::parse(""), Err(IdentifierFault::Length));
        for text in ["a/b", "a#b", "a\0b", "é", "a b", "a:b"] {
            assert_eq!(RunId::parse(text), Err(IdentifierFault::Character), "{text:?}");
        }
    }

    #[test]
    fn a_review_is_called_by_its_run_and_block() {
        let id = ReviewId {
            organization: OrganizationId::parse("org").unwrap(),
            run: RunId::parse("run").unwrap(),
            block: BlockId::parse("block").unwrap(),
        };
        assert_eq!(id.block_run_id(), "run:block");
    }

    #[test]
    fn an_entry_is_called_by_its_bytes_in_hex() {
        let id = EntryId::from_bytes(*b"0123456789abcdef");
        assert_eq!(id.to_string(), "30313233343536373839616263646566");
        assert_eq!(id.to_bytes(), *b"0123456789abcdef");
    }
}
