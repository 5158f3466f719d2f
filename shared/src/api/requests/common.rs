//! Fields that several calls take.

use super::declare::{Field, Literal, identifier, integer, json_object, text_of};
use super::kinds::Content;
use crate::review::{CommandId, HashedJson, MAX_FILENAME, MAX_MIME_TYPE, Rev, Seq, TtlSeconds};

/// Longest note of a version, in characters.
pub const MAX_NOTE: usize = 4000;
/// Longest reason, in characters.
pub const MAX_REASON: usize = 2000;
/// Longest name or address, in characters.
pub const MAX_SHORT_TEXT: usize = 200;

/// `version_stamp`: the `rev` the caller last saw (seed: required, an integer from 0).
pub const VERSION_STAMP: Field<Rev> =
    Field::new("version_stamp", "The `rev` that you last saw.", integer(0..=i64::MAX));

/// `command_id`, which means the same as the header `Idempotency-Key`.
pub const COMMAND_ID: Field<Option<CommandId>> = Field::new(
    "command_id",
    "Your name for this command. With it the call can be repeated at any time.",
    identifier(),
)
.optional();

/// `ttl_seconds`: how long a claim holds.
pub const TTL_SECONDS: Field<TtlSeconds> = Field::new(
    "ttl_seconds",
    "How long the claim holds.",
    integer(TtlSeconds::MIN as i64..=TtlSeconds::MAX as i64),
)
.default(Literal::Integer(TtlSeconds::DEFAULT as i64));

/// `reason`: why something was done.
pub const REASON: Field<String> = Field::new("reason", "Why.", text_of(1..=MAX_REASON, Content::NotBlank));

/// `filename` of a document.
pub const FILENAME: Field<String> =
    Field::new("filename", "The file's name, without a path.", text_of(1..=MAX_FILENAME, Content::FileName));

/// `mime_type` of a document.
pub const MIME_TYPE: Field<String> = Field::new(
    "mime_type",
    "Its media type, in lower case and without parameters.",
    text_of(1..=MAX_MIME_TYPE, Content::MediaType),
);

/// `snapshot`: an output, whole.
pub const SNAPSHOT: Field<HashedJson> = Field::new("snapshot", "The whole output.", json_object());

/// A version's number.
pub const fn seq(name: &'static str, about: &'static str) -> Field<Option<Seq>> {
    Field::new(name, about, integer(0..=u32::MAX as i64)).optional()
}

/// `limit`: how long a page is.
pub const PAGE_LIMIT: Field<usize> =
    Field::new("limit", "Most rows of a page.", integer(1..=200)).default(Literal::Integer(50));

/// `cursor`: where a page starts. What it says depends on the call.
pub const CURSOR: Field<Option<String>> =
    Field::new("cursor", "`next_cursor` of the previous page.", super::declare::text(0..=usize::MAX))
        .optional();
