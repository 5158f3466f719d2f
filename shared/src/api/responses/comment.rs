//! A comment, as the answer to who made it.

use super::Reply;
use crate::api::errors::Error;
use crate::review::{ActorId, CommentText, Rev, Timestamp};
use crate::store::Commented;
use lambda_http::http::StatusCode;
use schemars::JsonSchema;
use serde::Serialize;

/// A comment that was added.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Comment")]
pub struct CommentView<'a> {
    /// The run.
    workflow_run_id: &'a str,
    /// The block.
    block_id: &'a str,
    /// The review's `rev`, which a comment leaves as it is.
    rev: Rev,
    /// How many comments the review has.
    comments: u32,
    /// What was said.
    text: &'a str,
    /// The members whom it mentions.
    #[schemars(with = "Vec<String>")]
    mentions: &'a [ActorId],
    /// Whether an earlier attempt of this call had added it.
    replayed: bool,
}

/// The answer to a comment, or the error.
pub fn commented(
    outcome: Commented,
    text: &CommentText,
    mentions: &[ActorId],
    now: Timestamp,
) -> Result<Reply, Error> {
    match outcome {
        Commented::Done { review, replayed } => {
            let view = CommentView {
                workflow_run_id: review.id.run.as_str(),
                block_id: review.id.block.as_str(),
                rev: review.rev,
                comments: review.comments,
                text: text.as_str(),
                mentions,
                replayed,
            };
            Ok(Reply::json(StatusCode::CREATED, &view).at_rev(review.rev))
        }
        Commented::Refused(refusal, review) => {
            let stamp = review.rev;
            Err(Error::Refused { refusal, review, stamp, now, caller: None })
        }
        Commented::Missing => Err(Error::ReviewNotFound),
    }
}
