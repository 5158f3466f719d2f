//! Identifiers. They are parsed once, at the edge, so that an invalid one cannot exist.

use serde::{Serialize, Serializer};
use uuid::Uuid;

/// Why a text is not an identifier.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum IdentifierError {
    /// Empty, or longer than it may be.
    #[error("must be 1 to {0} characters long")]
    Length(usize),
    /// A character that a URL path segment cannot hold as it is.
    #[error("must not contain {}; it may contain A-Z a-z 0-9 {PUNCTUATION}", Named(*.0))]
    Character(char),
    /// A slash, which would make two path segments of one.
    #[error(
        "must not contain '/': put another character in its place, such as ':', wherever the identifier is used"
    )]
    Slash,
    /// `.` or `..`, which URLs resolve.
    #[error("must not be \".\" or \"..\", which mean another place in a URL")]
    Dots,
}

/// What an identifier may contain besides letters and digits: all that a path segment may contain unescaped (RFC 3986, `pchar`), so
/// that decoding it again does not change it.
const PUNCTUATION: &str = "- . _ ~ ! $ & ' ( ) * + , ; = : @";

/// Longest identifier, in characters.
const MAX_LENGTH: usize = 256;
/// Longest name of a document or a group, in characters: each review with any carries them in META.
const MAX_DOCUMENT_LENGTH: usize = 64;

/// A character in an error message; an invisible one by its number.
struct Named(char);

impl std::fmt::Display for Named {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.0 {
            ' ' => f.write_str("a space"),
            seen if seen.is_ascii_graphic() || seen.is_alphanumeric() => write!(f, "'{seen}'"),
            other => write!(f, "U+{:04X}", u32::from(other)),
        }
    }
}

fn is_allowed(character: char) -> bool {
    character.is_ascii_alphanumeric() || (character != ' ' && PUNCTUATION.contains(character))
}

/// Checks an identifier that may be part of a path.
fn check(text: &str, max: usize) -> Result<(), IdentifierError> {
    match text.chars().find(|character| !is_allowed(*character)) {
        Some('/') => Err(IdentifierError::Slash),
        Some(other) => Err(IdentifierError::Character(other)),
        None if text.is_empty() || text.len() > max => Err(IdentifierError::Length(max)),
        None if text == "." || text == ".." => Err(IdentifierError::Dots),
        None => Ok(()),
    }
}

/// Checks an identifier that is never part of a path, and so may contain slashes.
fn check_with_slashes(text: &str, max: usize) -> Result<(), IdentifierError> {
    check(&text.replace('/', ":"), max)
}

/// [`check`] as a regular expression of JSON Schema.
const PATTERN: &str = r"^(?!\.{1,2}$)[A-Za-z0-9._~!$&'()*+,;=:@-]+$";
/// [`check_with_slashes`] as a regular expression of JSON Schema.
const PATTERN_WITH_SLASHES: &str = r"^(?!\.{1,2}$)[A-Za-z0-9._~!$&'()*+,;=:@/-]+$";

/// A text that names something of a client's.
pub trait Identifier: Sized {
    /// Which texts are one, as a regular expression of JSON Schema; besides that, 1 to [`Identifier::MAX_LENGTH`] characters.
    const PATTERN: &'static str;

    /// Longest one, in characters.
    const MAX_LENGTH: usize;

    /// Parses a text.
    fn parse(text: &str) -> Result<Self, IdentifierError>;
}

macro_rules! identifiers {
    ($($(#[$doc:meta])* $name:ident: $check:ident, $pattern:ident, $max:ident);* $(;)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// Parses a text of characters that a path segment can hold; not `.` or `..`, and not too long.
            pub fn parse(text: &str) -> Result<Self, IdentifierError> {
                $check(text, $max).map(|()| Self(text.to_owned()))
            }

            /// The same as a regular expression of JSON Schema.
            pub const PATTERN: &'static str = $pattern;

            /// Longest one, in characters.
            pub const MAX_LENGTH: usize = $max;

            /// The text itself.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl Identifier for $name {
            const PATTERN: &'static str = $pattern;
            const MAX_LENGTH: usize = $max;

            fn parse(text: &str) -> Result<Self, IdentifierError> {
                Self::parse(text)
            }
        }

        described!($name, { "type": "string", "pattern": $pattern, "minLength": 1, "maxLength": $max });

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }
    )*};
}

identifiers! {
    /// The tenant. Part of the key of every item.
    OrganizationId: check, PATTERN, MAX_LENGTH;
    /// A workflow run.
    RunId: check, PATTERN, MAX_LENGTH;
    /// A block of a workflow.
    BlockId: check, PATTERN, MAX_LENGTH;
    /// A workflow.
    WorkflowId: check, PATTERN, MAX_LENGTH;
    /// A version of a workflow.
    WorkflowVersionId: check, PATTERN, MAX_LENGTH;
    /// An actor, stable within its organization. It stands in no path, so it may hold slashes, as model names do.
    ActorId: check_with_slashes, PATTERN_WITH_SLASHES, MAX_LENGTH;
    /// What a client calls one command, so that it can be retried.
    CommandId: check, PATTERN, MAX_LENGTH;
    /// What a review calls one of its documents.
    DocumentId: check, PATTERN, MAX_DOCUMENT_LENGTH;
    /// A group of people, as policies and keys name it.
    GroupId: check, PATTERN, MAX_DOCUMENT_LENGTH;
    /// An uploaded document.
    UploadId: check, PATTERN, MAX_DOCUMENT_LENGTH;
}

impl ActorId {
    /// The id under which the product itself acts.
    const PRODUCT: &str = "holdpoint";

    /// The id under which the product itself acts.
    pub(super) fn of_product() -> Self {
        Self(Self::PRODUCT.to_owned())
    }

    /// Whether it is the id under which the product itself acts, however it is spelled: no key is for it.
    pub fn is_of_product(&self) -> bool {
        self.as_str().eq_ignore_ascii_case(Self::PRODUCT)
    }
}

/// The id of a review: the organization and the gated block run.
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

/// The id of an audit entry. Unique; sorts by the time of its creation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct EntryId(Uuid);

impl EntryId {
    /// From its 16 bytes.
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(Uuid::from_bytes(bytes))
    }

    /// Parses its 32 hexadecimal digits, as [`std::fmt::Display`] writes them.
    pub fn parse(text: &str) -> Option<Self> {
        let plain =
            text.len() == 32 && text.bytes().all(|it| it.is_ascii_digit() || (b'a'..=b'f').contains(&it));
        Uuid::try_parse(text).ok().filter(|_| plain).map(Self)
    }

    /// Its 16 bytes.
    pub const fn to_bytes(self) -> [u8; 16] {
        *self.0.as_bytes()
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

    /// What workflow engines and model registries call things.
    const IN_USE: [&str; 6] = [
        "manual__2026-05-13T08:55:00+00:00",
        "arn:aws:states:eu-west-1:123456789012:execution:invoices:0f1e2d3c",
        "scheduled__2026-05-13T00:00:00.000000+00:00",
        "gpt-4o@2026-05-13",
        "s3(a)&b='c';d=$1,*!~_",
        "aZ09_.~-",
    ];

    #[test]
    fn identifiers_are_1_to_256_characters_of_a_path_segment() {
        for text in IN_USE {
            assert!(RunId::parse(text).is_ok(), "{text}");
        }
        assert!(RunId::parse(&"x".repeat(256)).is_ok());
        assert_eq!(RunId::parse(&"x".repeat(257)), Err(IdentifierError::Length(256)));
        assert_eq!(RunId::parse(""), Err(IdentifierError::Length(256)));
        assert_eq!(DocumentId::parse(&"x".repeat(65)), Err(IdentifierError::Length(64)));
        for (text, refused) in [
            ("a#b", '#'),
            ("a\0b", '\0'),
            ("é", 'é'),
            ("a b", ' '),
            ("a%2Fb", '%'),
            ("a?b", '?'),
            ("a\\b", '\\'),
        ] {
            assert_eq!(RunId::parse(text), Err(IdentifierError::Character(refused)), "{text:?}");
        }
    }

    #[test]
    fn the_pattern_and_the_parser_allow_the_same_characters() {
        for (pattern, parses) in [
            (PATTERN, (|text| RunId::parse(text).is_ok()) as fn(&str) -> bool),
            (PATTERN_WITH_SLASHES, |text| ActorId::parse(text).is_ok()),
        ] {
            let class = pattern.split('[').nth(1).unwrap().trim_end_matches("]+$");
            let (ranges, others) = class.split_at("A-Za-z0-9".len());
            assert_eq!(ranges, "A-Za-z0-9");
            for character in '\0'..='\u{ff}' {
                let allowed = character.is_ascii_alphanumeric() || others.contains(character);
                assert_eq!(parses(&format!("a{character}")), allowed, "{character:?}");
            }
        }
    }

    #[test]
    fn no_url_takes_an_identifier_for_another_place() {
        assert_eq!(RunId::parse("a/b"), Err(IdentifierError::Slash));
        for text in [".", ".."] {
            assert_eq!(BlockId::parse(text), Err(IdentifierError::Dots));
            assert_eq!(ActorId::parse(text), Err(IdentifierError::Dots));
        }
        for text in ["...", ".a", "a.", "..a"] {
            assert!(RunId::parse(text).is_ok(), "{text}");
        }
        for text in IN_USE {
            let path = format!("/v1/workflows/reviews/{text}/block");
            let url = url::Url::parse("https://holdpoint.invalid").unwrap().join(&path).unwrap();
            assert_eq!(url.path(), path);
        }
    }

    #[test]
    fn an_actors_id_may_hold_slashes() {
        assert_eq!(ActorId::parse("openai/gpt-4o").unwrap().as_str(), "openai/gpt-4o");
        assert_eq!(ActorId::parse("a/é"), Err(IdentifierError::Character('é')));
    }

    #[test]
    fn a_refused_character_is_named_even_if_it_does_not_show() {
        let said = |text: &str| RunId::parse(text).unwrap_err().to_string();
        assert!(said("a b").starts_with("must not contain a space; it may contain A-Z"));
        assert!(said("a#b").starts_with("must not contain '#';"));
        assert!(said("a\u{200b}b").starts_with("must not contain U+200B;"));
        assert!(said("a/b").contains("put another character in its place"));
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
