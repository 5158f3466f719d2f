//! Redrives: all backlogs of a target become due. Requested by one write, carried out by `redeliver`, page by page.

use crate::event::DeliveryTarget;
use crate::review::{OrganizationId, Timestamp};
use crate::store::error::{SdkResult, StoreError};
use crate::store::handle::Store;
use crate::store::items::due::DueItem;
use crate::store::outbox::backlog_items::{HeadItem, LEASE_MILLIS};
use crate::store::table::calls::Change;
use crate::store::table::codec::{self, Attributes, number};
use crate::store::table::keys::{self, Due};
use crate::store::table::{expressions, meter};
use aws_sdk_dynamodb::types::{AttributeValue, TransactWriteItem};
use futures_util::{StreamExt, TryStreamExt, stream};
use serde::Deserialize;
use std::collections::HashMap;

/// Items of one page. In the first layout each may be an event with its body.
const PAGE: i32 = 100;
/// HEADs that are moved in parallel.
const AT_ONCE: usize = 16;

/// What one step of a redrive did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Redriven {
    /// How many HEADs it made due.
    pub moved: u64,
    /// Whether there are more pages.
    pub more: bool,
}

#[derive(Deserialize)]
struct RedriveItem {
    #[serde(default)]
    sk_after: Option<String>,
}

impl Store {
    /// The update that requests a redrive: of dead letters, and of what waits for a later attempt.
    pub(in crate::store) fn request_redrive(
        &self,
        organization: &OrganizationId,
        target: &DeliveryTarget,
        now: Timestamp,
    ) -> Result<TransactWriteItem, StoreError> {
        let pk = keys::backlog(organization, target);
        let values = HashMap::from([
            (":shard".to_owned(), AttributeValue::S(Due::Deliveries.shard_of_key(&pk))),
            (":now".to_owned(), number(now.millis())),
        ]);
        self.transact_update((pk, keys::REDRIVE.into()), Change::new(expressions::REQUEST_REDRIVE, values))
    }

    /// One step of a requested redrive: reads one page of the target's backlogs, and makes due what waits. What is due within two
    /// minutes may be in progress, and is left alone. If the step dies half-way, it is repeated.
    pub async fn redrive_step(&self, asked: &DueItem, now: Timestamp) -> Result<Redriven, StoreError> {
        // If another process takes it up meanwhile, it does the same page again, which does no harm.
        let Some(item) = self.get(asked.pk.clone(), asked.sk.clone()).await? else {
            return Ok(Redriven::default());
        };
        let after =
            codec::decode_item::<RedriveItem>(item)?.sk_after.unwrap_or_else(|| keys::HEADS.to_owned());
        let request = self
            .part(asked.pk.clone(), expressions::RANGE_AFTER)
            .expression_attribute_values(":after", AttributeValue::S(after))
            .limit(PAGE);
        let output = meter::call(request.send()).await.or_store_error()?;
        meter::read(output.consumed_capacity());
        let moved = self.make_due(output.items.unwrap_or_default(), now).await?;
        let key = (asked.pk.clone(), asked.sk.clone());
        let still = HashMap::from([(":due_at".to_owned(), number(asked.due_at.millis()))]);
        let Some(AttributeValue::S(next)) =
            output.last_evaluated_key.and_then(|mut key| key.remove(keys::SK))
        else {
            // If it was requested again meanwhile, it begins again.
            self.delete(key, Some(expressions::STILL_DUE), still).await?;
            return Ok(Redriven { moved, more: false });
        };
        let mut values = still;
        values.insert(":after".into(), AttributeValue::S(next));
        values.insert(":later".into(), number(asked.due_at.millis()));
        let condition = Some(expressions::STILL_DUE);
        self.update(key, Change { condition, ..Change::new(expressions::REDRIVEN, values) }).await?;
        Ok(Redriven { moved, more: true })
    }

    /// Makes due the HEADs among these items that wait.
    async fn make_due(&self, items: Vec<Attributes>, now: Timestamp) -> Result<u64, StoreError> {
        let soon = now.plus_millis(LEASE_MILLIS);
        let mut waiting = Vec::new();
        for attributes in items {
            if !attributes.contains_key("last_owed") {
                continue;
            }
            // `redeliver` reports one that is not readable when it is due.
            let Ok(head) = codec::decode_item::<HeadItem>(attributes).and_then(HeadItem::decode) else {
                continue;
            };
            if head.is_dead || head.due_at > soon {
                waiting.push(head.due());
            }
        }
        let moves: Vec<_> = waiting.iter().map(|head| self.redrive(head, now)).collect();
        let moves = stream::iter(moves).buffer_unordered(AT_ONCE);
        moves.try_fold(0, async |count, moved| Ok(count + u64::from(moved))).await
    }
}
