//! Claims and releases: updates of META that are written without reading it first.

use crate::review::{CommandContext, RecordedEvent, Rev, ReviewId, StampCheck, Status, Timestamp};
use crate::store::error::StoreError;
use crate::store::handle::Store;
use crate::store::items::entry::StoredEntry;
use crate::store::items::meta::{JOURNAL_LIMIT, SCHEMA_VERSION};
use crate::store::reviews::commit::Committed;
use crate::store::reviews::read::image::Image;
use crate::store::table::codec::{self, number};
use crate::store::table::{expressions, keys, meter};
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::types::{
    AttributeValue, ReturnConsumedCapacity, ReturnValue, ReturnValuesOnConditionCheckFailure,
};
use std::borrow::Cow;
use std::collections::HashMap;

/// An update of META without a read before it.
#[derive(Clone, Copy)]
pub(in crate::store) struct UnreadUpdate<'a> {
    pub(in crate::store) id: &'a ReviewId,
    /// The `rev` the caller last saw.
    pub(in crate::store) stamp: Rev,
    pub(in crate::store) context: &'a CommandContext,
    pub(in crate::store) effect: Effect,
}

/// What the update does besides adding its audit entry.
#[derive(Clone, Copy)]
pub(in crate::store) enum Effect {
    Claim { expires_at: Timestamp },
    Release,
}

impl Effect {
    const fn update(self) -> &'static str {
        match self {
            Self::Claim { .. } => expressions::CLAIM,
            Self::Release => expressions::RELEASE,
        }
    }

    /// `names` are those of the caller in `only_for`, if it is compared.
    fn condition(self, names: &[String]) -> Cow<'static, str> {
        match self {
            Self::Claim { .. } => expressions::may_claim(names.len()).into(),
            Self::Release => expressions::MAY_RELEASE.into(),
        }
    }

    const fn recorded(self) -> RecordedEvent {
        match self {
            Self::Claim { expires_at } => RecordedEvent::Claimed { expires_at },
            Self::Release => RecordedEvent::Released,
        }
    }
}

/// What names the caller where only some may work on a review; nothing, if the caller may work on all.
fn names_of(context: &CommandContext) -> Vec<String> {
    let CommandContext { actor, standing, .. } = context;
    if standing.may_override {
        return Vec::new();
    }
    let groups = standing.groups.iter().map(keys::assigned_group);
    let actors = std::iter::once(&actor.id).chain(&standing.stands_in_for).map(keys::assigned_actor);
    actors.chain(groups).collect()
}

impl UnreadUpdate<'_> {
    /// Whether the stamp is current. If so, the update was refused because of the review's state, or because the journal is full.
    pub(in crate::store) fn is_current(&self, image: &Image) -> bool {
        image.review.check_stamp(self.stamp, self.context, &[]) == Ok(StampCheck::Current)
    }
}

impl Store {
    /// Writes the update if its stamp is current, its own conditions hold and the journal has room.
    pub(in crate::store) async fn commit_unread(
        &self,
        mutation: UnreadUpdate<'_>,
    ) -> Result<Committed, StoreError> {
        let UnreadUpdate { id, stamp, context, effect } = mutation;
        let entry = StoredEntry::recorded(context, stamp, effect.recorded());
        let mut values = HashMap::from([
            (":stamp".to_owned(), number(stamp.0)),
            (":next".to_owned(), number(stamp.next().0)),
            (":now".to_owned(), number(context.at.millis())),
            (":entry".to_owned(), codec::encode(&[entry])?),
            (":journal_limit".to_owned(), number(JOURNAL_LIMIT)),
            (":schema".to_owned(), number(SCHEMA_VERSION)),
        ]);
        let mut names = None;
        let mut caller = Vec::new();
        if let Effect::Claim { expires_at } = effect {
            values.insert(":expires_at".into(), number(expires_at.millis()));
            values.insert(":awaiting".into(), AttributeValue::S(Status::AwaitingReview.as_str().into()));
            names = Some(HashMap::from([("#status".to_owned(), "status".to_owned())]));
            caller = names_of(context);
            let who = caller.iter().enumerate();
            values.extend(who.map(|(place, name)| (format!(":who{place}"), AttributeValue::S(name.clone()))));
        }
        let request = self
            .client
            .update_item()
            .table_name(&self.table)
            .key(keys::PK, AttributeValue::S(keys::review(id)))
            .key(keys::SK, AttributeValue::S(keys::META.into()))
            .update_expression(effect.update())
            .condition_expression(effect.condition(&caller))
            .set_expression_attribute_values(Some(values))
            .set_expression_attribute_names(names)
            .return_values(ReturnValue::AllOld)
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .return_consumed_capacity(ReturnConsumedCapacity::Total);
        match meter::call(request.send()).await {
            Ok(output) => {
                meter::written(output.consumed_capacity());
                Ok(Committed::Written(Box::new(Image::decode(output.attributes.unwrap_or_default())?)))
            }
            Err(error) => match error.as_service_error() {
                Some(UpdateItemError::ConditionalCheckFailedException(failed)) => {
                    self.refused(id, failed.item()).await
                }
                _ => Err(StoreError::from_sdk(&error)),
            },
        }
    }
}
