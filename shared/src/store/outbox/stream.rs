//! Records of the table's stream: which of them are changes of a review, and which expired leases.
//!
//! Each image of META has the newest audit entries, and each write adds one: the entries that the old image does not have are new.

use crate::review::{ActorId, AuditEntry, Claim, EntryId, ResumeStatus, Review, ReviewId};
use crate::store::error::StoreError;
use crate::store::items::meta::{MetaItem, SCHEMA_VERSION, newer_schema};
use crate::store::table::keys;
use serde_dynamo::Item;
use std::collections::HashSet;

/// What a record of the stream says.
#[derive(Debug)]
pub enum StreamChange {
    /// A review has changed.
    Review(Box<ReviewChange>),
    /// DynamoDB's TTL has deleted a lease: the sweep has not seen it since it expired.
    LeaseEnded(ReviewId),
    /// Nothing of interest.
    None,
}

/// A review after a change.
#[derive(Debug)]
pub struct ReviewChange {
    /// The review as it was then.
    pub review: Review,
    /// Its new audit entries, each with its number in the review's whole audit, from 0.
    pub entries: Vec<(u64, AuditEntry)>,
    /// Whether, since this change, the callback's delivery has failed for good.
    pub resume_failed: bool,
    /// The claim that the change ended without removing its lease.
    pub ended: Option<Claim>,
    /// Who had approved the version that was the newest before the change, as far as META says.
    pub approvers: Vec<ActorId>,
}

/// A record of the stream.
pub struct StreamRecord<'a> {
    /// The item's key.
    pub keys: &'a Item,
    /// The item before; empty if there was none.
    pub old: &'a Item,
    /// The item after; empty if there is none.
    pub new: &'a Item,
    /// Whether DynamoDB itself deleted it.
    pub by_service: bool,
}

impl StreamRecord<'_> {
    fn key(&self, name: &str) -> Option<&str> {
        match self.keys.inner().get(name)? {
            serde_dynamo::AttributeValue::S(text) => Some(text),
            _ => None,
        }
    }

    /// Its partition: changes within one come in order.
    pub fn partition(&self) -> &str {
        self.key(keys::PK).unwrap_or_default()
    }

    /// Decodes it.
    pub fn decode(&self) -> Result<StreamChange, StoreError> {
        let (pk, sk) = (self.partition(), self.key(keys::SK).unwrap_or_default());
        if sk == keys::META && !self.new.is_empty() {
            return self.review_change().map(|change| StreamChange::Review(Box::new(change)));
        }
        if self.by_service && self.new.is_empty() && sk.starts_with(keys::LEASES) {
            return Ok(StreamChange::LeaseEnded(keys::parse_lease(&keys::parse_holder(pk)?, sk)?));
        }
        Ok(StreamChange::None)
    }

    /// Whether a newer build wrote it. Looked at before anything is decoded: the other attributes may have another form, too.
    fn check_schema(item: &Item) -> Result<(), StoreError> {
        let schema = match item.inner().get("v") {
            Some(serde_dynamo::AttributeValue::N(number)) => number.parse().ok(),
            _ => None,
        };
        match schema.filter(|schema| *schema > SCHEMA_VERSION) {
            Some(newer) => Err(newer_schema(newer)),
            None => Ok(()),
        }
    }

    fn review_change(&self) -> Result<ReviewChange, StoreError> {
        [self.new, self.old].into_iter().try_for_each(Self::check_schema)?;
        let decode = |item: &Item| -> Result<Review, StoreError> {
            let meta: MetaItem = serde_dynamo::from_item(item.clone())
                .map_err(|_| StoreError::Corrupt("META in the stream does not decode".into()))?;
            meta.decode()
        };
        let review = decode(self.new)?;
        let old = if self.old.is_empty() { None } else { Some(decode(self.old)?) };
        let ended = old.as_ref().and_then(|old| review.claim_ended_since(old));
        let known: HashSet<EntryId> =
            old.iter().flat_map(|old| &old.journal).map(|entry| entry.entry_id).collect();
        let ordinals = u64::from(review.older_entries)..;
        let entries = ordinals
            .zip(&review.journal)
            .filter(|(_, entry)| !known.contains(&entry.entry_id))
            .map(|(ordinal, entry)| (ordinal, entry.clone()))
            .collect();
        let has_failed = |review: &Review| {
            review.resume.as_ref().is_some_and(|resume| resume.status == ResumeStatus::Failed)
        };
        let approvers = old.as_ref().map(Review::approvers).unwrap_or_default();
        let resume_failed = has_failed(&review) && old.as_ref().is_some_and(|old| !has_failed(old));
        Ok(ReviewChange { review, entries, resume_failed, ended, approvers })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_dynamo::AttributeValue;

    fn news(pk: &str, sk: &str, new: &Item, by_service: bool) -> StreamChange {
        let keys =
            [("pk", pk), ("sk", sk)].map(|(name, text)| (name.to_owned(), AttributeValue::S(text.into())));
        let keys: Item = std::collections::HashMap::from(keys).into();
        StreamRecord { keys: &keys, old: &keys, new, by_service }.decode().unwrap()
    }

    #[test]
    fn a_newer_schema_is_told_from_a_broken_image_whatever_else_is_in_it() {
        let meta = |v: Option<u32>| -> Item {
            let mut item = std::collections::HashMap::from([
                ("pk".to_owned(), AttributeValue::S("REVIEW#org#run#block".into())),
                ("journal".to_owned(), AttributeValue::S("of another form".into())),
            ]);
            item.extend(v.map(|v| ("v".to_owned(), AttributeValue::N(v.to_string()))));
            item.into()
        };
        let keys = [("pk", "REVIEW#org#run#block"), ("sk", "#META")]
            .map(|(name, text)| (name.to_owned(), AttributeValue::S(text.into())));
        let keys: Item = std::collections::HashMap::from(keys).into();
        let decode = |old: &Item, new: &Item| {
            StreamRecord { keys: &keys, old, new, by_service: false }.decode().unwrap_err()
        };
        let (none, now, newer) = (meta(None), meta(Some(SCHEMA_VERSION)), meta(Some(SCHEMA_VERSION + 1)));
        assert!(matches!(decode(&none, &none), StoreError::Corrupt(_)));
        assert!(matches!(decode(&none, &now), StoreError::Corrupt(_)));
        assert!(matches!(decode(&none, &newer), StoreError::Newer(_)));
        assert!(matches!(decode(&newer, &none), StoreError::Newer(_)));
    }

    #[test]
    fn only_a_lease_that_dynamodb_deleted_has_ended() {
        let (holder, lease) = ("HOLDER#org#human#dana", "LEASE#run#block");
        let ended = news(holder, lease, &Item::default(), true);
        assert!(matches!(ended, StreamChange::LeaseEnded(id) if id.block_run_id() == "run:block"));
        let written: Item =
            std::collections::HashMap::from([("ttl".to_owned(), AttributeValue::N("1".into()))]).into();
        let others = [
            news(holder, lease, &Item::default(), false),
            news(holder, lease, &written, true),
            news("SESSION#00", "SESSION", &Item::default(), true),
            news("REVIEW#org#run#block", "#META", &Item::default(), false),
        ];
        assert!(others.iter().all(|news| matches!(news, StreamChange::None)));
    }
}
