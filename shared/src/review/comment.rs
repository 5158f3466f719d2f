//! Comments on a review: what people say of it beside their decisions.

use super::{ActorId, AuditEvent, CommandContext, RecordedEvent, Refusal, Review, is_blank};
use serde::Serialize;

/// Longest comment, in characters.
pub const MAX_COMMENT: usize = 2000;
/// Most people whom one comment mentions.
pub const MAX_MENTIONS: usize = 10;
/// Most comments of a review: the audit in an answer shows so many entries.
pub const MAX_COMMENTS: u32 = 200;

/// The text of a comment: not blank, at most [`MAX_COMMENT`] characters.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct CommentText(String);

impl CommentText {
    /// The text, if it is one of a comment.
    pub fn parse(text: String) -> Option<Self> {
        (!is_blank(&text) && text.chars().count() <= MAX_COMMENT).then_some(Self(text))
    }

    /// A text that was parsed before it was stored. Whoever reads a review should not need the tables of blank characters.
    pub(crate) const fn stored(text: String) -> Self {
        Self(text)
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Review {
    /// Adds a comment, also to a decided review. `rev` stays, and so does the claim: nothing that a reviewer decides on has changed.
    pub fn comment(
        &self,
        text: CommentText,
        mentions: Vec<ActorId>,
        context: &CommandContext,
    ) -> Result<Self, Refusal> {
        if self.comments >= MAX_COMMENTS {
            return Err(Refusal::TooManyComments);
        }
        let mut next = self.clone();
        next.comments += 1;
        next.record(context, RecordedEvent::Plain(AuditEvent::Commented { text, mentions }));
        next.updated_at = context.at;
        Ok(next)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::review::TtlSeconds;
    use crate::review::tests::properties::{context, review_and_version};

    fn text(text: &str) -> CommentText {
        CommentText::parse(text.into()).unwrap()
    }

    #[test]
    fn a_comment_is_not_blank_and_no_longer_than_its_limit() {
        let parse = |text: String| CommentText::parse(text).is_some();
        assert!(parse("é".repeat(MAX_COMMENT)));
        assert!(!parse("é".repeat(MAX_COMMENT + 1)));
        assert!(!parse(" \n".into()) && !parse("\u{200b}".into()));
    }

    #[test]
    fn a_comment_keeps_rev_and_claim_and_is_one_entry() {
        let review = review_and_version().0;
        let review = review.claim(TtlSeconds::default(), &context(1, review.created_at, "c")).unwrap();
        let context = context(2, review.created_at, "d");
        let next = review.comment(text("Why?"), vec![context.actor.id.clone()], &context).unwrap();
        assert_eq!((next.rev, next.recorded_claim()), (review.rev, review.recorded_claim()));
        assert_eq!((next.comments, next.journal.len()), (1, review.journal.len() + 1));
        assert_eq!(next.last_entry().unwrap().rev_result(), None);
    }

    #[test]
    fn the_201st_comment_is_refused() {
        let review = Review { comments: MAX_COMMENTS - 1, ..review_and_version().0 };
        let context = context(0, review.created_at, "");
        let full = review.comment(text("the last"), Vec::new(), &context).unwrap();
        assert_eq!(full.comment(text("one more"), Vec::new(), &context), Err(Refusal::TooManyComments));
    }
}
