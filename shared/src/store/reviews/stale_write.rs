//! Records rejected stale writes: one item for each stamp and actor, so that a loop of retries adds nothing.

use crate::review::{Attempt, CommandContext, Refusal, Rev, Review, StaleWrite};
use crate::store::error::StoreError;
use crate::store::handle::Store;
use crate::store::items::stale_write::StaleWriteItem;
use crate::store::reviews::read::image::Image;
use crate::store::table::{codec, expressions};
use std::collections::HashMap;
use std::time::Duration;

/// How long an answer waits for its record at most.
const TIMEOUT: Duration = Duration::from_millis(500);

impl Store {
    /// As [`Store::record_stale_write`], if the stamp is stale and there is an `attempt` to record.
    pub(in crate::store) async fn record_if_stale(
        &self,
        image: &Image,
        context: &CommandContext,
        attempt: Option<Attempt>,
        stamp: Rev,
    ) {
        let Some(attempt) = attempt else { return };
        if image.review.check_stamp(stamp, context, &[]) == Err(Refusal::VersionConflict) {
            self.record_stale_write(&image.review, context, attempt, stamp).await;
        }
    }

    /// Records that a call was refused for its stale stamp. A failure or a slow table does not change the answer.
    pub(in crate::store) async fn record_stale_write(
        &self,
        review: &Review,
        context: &CommandContext,
        attempt: Attempt,
        stamp: Rev,
    ) {
        let Some(write) = StaleWrite::of(&review.id, context, attempt, stamp, review.rev) else { return };
        let noted = tokio::time::timeout(TIMEOUT, self.put_stale_write(review, &write)).await;
        let cause = match noted {
            Ok(Ok(())) => return,
            Ok(Err(error)) => error.to_string(),
            Err(_) => "it took too long".to_owned(),
        };
        tracing::warn!(target: "holdpoint", cause, "a rejected stale write was not recorded");
    }

    async fn put_stale_write(&self, review: &Review, write: &StaleWrite) -> Result<(), StoreError> {
        let item = codec::encode_item(&StaleWriteItem::new(&review.id, write))?;
        // An existing one stays: the first time counts.
        self.put_if(item, expressions::ABSENT, HashMap::new()).await?;
        Ok(())
    }
}
