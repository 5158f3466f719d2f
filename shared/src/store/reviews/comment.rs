//! Comments on a review. One read of META and one conditional write, which leaves `rev` as it is.

use crate::review::{ActorId, CommandContext, CommentText, Refusal, Review, ReviewId, Written};
use crate::store::error::StoreError;
use crate::store::handle::Store;
use crate::store::reviews::commit::Committed;

/// How often a comment is tried because the review changed between its read and its write.
const ATTEMPTS: usize = 8;

/// The outcome of [`Store::comment`].
#[derive(Debug)]
pub enum Commented {
    /// It is there; the review as it is.
    Done {
        /// The review.
        review: Box<Review>,
        /// Whether an earlier attempt had written it.
        replayed: bool,
    },
    /// It is refused; the review as it is.
    Refused(Refusal, Box<Review>),
    /// There is no such review in this organization.
    Missing,
}

impl Store {
    /// Adds a comment to a review. Repeated with the same command id it is one comment.
    pub async fn comment(
        &self,
        id: &ReviewId,
        text: &CommentText,
        mentions: &[ActorId],
        context: &CommandContext,
    ) -> Result<Commented, StoreError> {
        for _ in 0..ATTEMPTS {
            let Some(image) = self.load_image(id).await? else { return Ok(Commented::Missing) };
            // The SDK repeats a call whose answer was lost; then the entry exists already.
            if image.review.journal.iter().any(|entry| entry.entry_id == context.entry_id) {
                return Ok(Commented::Done { review: Box::new(image.review), replayed: false });
            }
            if let Some(entry) = self.command(&image.review, &[], context).await?.first() {
                let review = Box::new(image.review);
                return Ok(if entry.request == context.request {
                    Commented::Done { review, replayed: true }
                } else {
                    Commented::Refused(Refusal::CommandIdReused, review)
                });
            }
            let review = match image.review.comment(text.clone(), mentions.to_vec(), context) {
                Ok(review) => review,
                Err(refusal) => return Ok(Commented::Refused(refusal, Box::new(image.review))),
            };
            let written = Written { review, version: None };
            match self.commit(Box::new(image), &written, None).await? {
                Committed::Written(_) => {
                    return Ok(Commented::Done { review: Box::new(written.review), replayed: false });
                }
                Committed::Refused(None) => return Ok(Commented::Missing),
                Committed::Refused(Some(_)) => {}
            }
        }
        Err(StoreError::Unavailable("the review kept changing while a comment was added to it".into()))
    }
}
