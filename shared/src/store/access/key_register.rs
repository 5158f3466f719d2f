//! An organization's register of API keys: listing, creating, rotating and revoking them, and when each was last used. Each change
//! writes its entry in the audit of administration in the same transaction.

use crate::review::{Actor, GroupId, OrganizationId, Timestamp};
use crate::store::access::administration::AdministrationEntry;
use crate::store::access::api_keys::{ApiKey, KeyItem, KeyRecord, Scope, Scopes};
use crate::store::error::StoreError;
use crate::store::handle::Store;
use crate::store::table::calls::Change;
use crate::store::table::codec::{self, number};
use crate::store::table::transaction::Transacted;
use crate::store::table::{expressions, keys};
use aws_sdk_dynamodb::types::TransactWriteItem;
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::collections::HashMap;

/// What a new key is for.
#[derive(Clone, Debug)]
pub struct NewKey {
    /// The tenant.
    pub organization: OrganizationId,
    /// Who acts when it is used.
    pub actor: Actor,
    /// What it may do.
    pub scopes: Vec<Scope>,
    /// The groups that its actor belongs to.
    pub groups: Vec<GroupId>,
    /// When it ends, if it does.
    pub expires_at: Option<Timestamp>,
}

/// That a key was used.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct KeyUse {
    /// The tenant.
    pub organization: OrganizationId,
    /// Which key.
    pub key_id: String,
}

/// KEY-USE.
#[derive(Serialize, Deserialize)]
struct UseItem {
    pk: String,
    sk: String,
    last_used_at: i64,
}

impl NewKey {
    fn record(self, key: &ApiKey, by: &Actor, now: Timestamp) -> KeyRecord {
        KeyRecord {
            key_id: key.digest().key_id(),
            organization: self.organization,
            actor: self.actor,
            scopes: Scopes(self.scopes),
            groups: self.groups,
            created_at: now,
            created_by: Some(by.clone()),
            expires_at: self.expires_at,
            revoked_at: None,
            last_used_at: None,
        }
    }
}

/// What the audit says of a key: whose it is and what it may do, never the key.
fn described(record: &KeyRecord) -> serde_json::Value {
    json!({
        "actor": record.actor,
        "scopes": record.scopes,
        "groups": record.groups.iter().map(ToString::to_string).collect::<Vec<_>>(),
        "expires_at": record.expires_at,
    })
}

impl Store {
    /// The first keys of an organization by id, about `enough` if there are more.
    pub(in crate::store) async fn first_keys(
        &self,
        organization: &OrganizationId,
        enough: usize,
    ) -> Result<Vec<KeyRecord>, StoreError> {
        let query = self.part(keys::key_register(organization), expressions::PARTITION);
        let keys = self.gather(query, Some(enough)).await?.into_iter();
        keys.map(|key| codec::decode_item::<KeyItem>(key)?.decode()).collect()
    }

    /// All keys of an organization, by id, with when each was last used. Two queries.
    pub async fn list_keys(&self, organization: &OrganizationId) -> Result<Vec<KeyRecord>, StoreError> {
        let mut used = HashMap::new();
        for item in self.partition(keys::key_uses(organization)).await? {
            let item: UseItem = codec::decode_item(item)?;
            used.insert(item.sk, Timestamp::from_millis(item.last_used_at));
        }
        let mut records = Vec::new();
        for item in self.partition(keys::key_register(organization)).await? {
            let record = codec::decode_item::<KeyItem>(item)?.decode()?;
            let last_used_at = used.get(&record.key_id).copied();
            records.push(KeyRecord { last_used_at, ..record });
        }
        Ok(records)
    }

    /// A key by its id, live or not, without its last use.
    pub async fn key(
        &self,
        organization: &OrganizationId,
        key_id: &str,
    ) -> Result<Option<KeyRecord>, StoreError> {
        let found = self.get_key_item(keys::key_register(organization), key_id.to_owned()).await?;
        found.map(KeyItem::decode).transpose()
    }

    /// Makes a key for `new`, as asked by `by`. The key is in the answer and nowhere else.
    pub async fn create_key(
        &self,
        new: NewKey,
        by: &Actor,
        now: Timestamp,
    ) -> Result<(ApiKey, KeyRecord), StoreError> {
        let key = ApiKey::generate()?;
        let record = new.record(&key, by, now);
        let entry = AdministrationEntry::new(by, now, "key_created", &record.key_id);
        let mut writes = self.creation(&key, &record)?;
        writes
            .push(self.transact_create(entry.with_detail(&described(&record)).item(&record.organization)?)?);
        match self.transact(writes).await? {
            Transacted::Written => Ok((key, record)),
            Transacted::Refused(_) => Err(StoreError::Rejected("a key with this id exists".into())),
        }
    }

    /// Makes a key for the actor, with the scopes and groups of the key `old`, which ends at `end` or when it would have, whichever is
    /// earlier; at once, if that is now. The new key is valid for as long as the old one was. `None` if `old` has been revoked.
    pub async fn rotate_key(
        &self,
        old: &KeyRecord,
        end: Timestamp,
        by: &Actor,
        now: Timestamp,
    ) -> Result<Option<(ApiKey, KeyRecord)>, StoreError> {
        let organization = &old.organization;
        let lifetime = old.expires_at.map(|end| end.millis() - old.created_at.millis());
        let new = NewKey {
            organization: organization.clone(),
            actor: old.actor.clone(),
            scopes: old.scopes.0.clone(),
            groups: old.groups.clone(),
            expires_at: lifetime.map(|lifetime| now.plus_millis(lifetime)),
        };
        let key = ApiKey::generate()?;
        let record = new.record(&key, by, now);
        let end = old.expires_at.map_or(end, |own| own.min(end));
        let mut writes = self.creation(&key, &record)?;
        let (update, at) =
            if end <= now { (expressions::REVOKE, now) } else { (expressions::EXPIRE_KEY, end) };
        match self.ending(organization, &old.key_id, update, at).await? {
            Some(ending) => writes.extend(ending),
            None => return Ok(None),
        }
        let entry = AdministrationEntry::new(by, now, "key_rotated", &old.key_id)
            .with_detail(&json!({ "new_key_id": record.key_id, "old_ends_at": end.max(now) }));
        writes.push(self.transact_create(entry.item(organization)?)?);
        match self.transact(writes).await? {
            Transacted::Written => Ok(Some((key, record))),
            Transacted::Refused(_) => Ok(None),
        }
    }

    /// Revokes a key by its id; `false` when the organization has no such key. Revoking twice keeps the first time, and is one entry.
    pub async fn revoke_key(
        &self,
        organization: &OrganizationId,
        key_id: &str,
        by: &Actor,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let Some(mut writes) = self.ending(organization, key_id, expressions::REVOKE, now).await? else {
            return Ok(false);
        };
        let entry = AdministrationEntry::new(by, now, "key_revoked", key_id);
        writes.push(self.transact_create(entry.item(organization)?)?);
        // Refused, it was revoked before: keys are never deleted.
        let (Transacted::Written | Transacted::Refused(_)) = self.transact(writes).await?;
        Ok(true)
    }

    /// The two items of a new key.
    fn creation(&self, key: &ApiKey, record: &KeyRecord) -> Result<Vec<TransactWriteItem>, StoreError> {
        let by_digest = KeyItem::by_digest(key.digest(), record);
        let in_register = by_digest.clone().in_register(record);
        let items = [by_digest, in_register].into_iter();
        items.map(|item| self.transact_create(codec::encode_item(&item)?)).collect()
    }

    /// The change of a key that is not revoked and of its entry in the register, which always say the same; `None` if there is none.
    async fn ending(
        &self,
        organization: &OrganizationId,
        key_id: &str,
        update: &'static str,
        at: Timestamp,
    ) -> Result<Option<Vec<TransactWriteItem>>, StoreError> {
        let register = (keys::key_register(organization), key_id.to_owned());
        let Some(found) = self.get_key_item(register.0.clone(), register.1.clone()).await? else {
            return Ok(None);
        };
        let mut writes = Vec::with_capacity(2);
        for key in [register, (keys::api_key(&found.digest), keys::KEY.to_owned())] {
            let values = HashMap::from([(":now".to_owned(), number(at.millis()))]);
            let change = Change { condition: Some(expressions::NOT_REVOKED), ..Change::new(update, values) };
            writes.push(self.transact_update(key, change)?);
        }
        Ok(Some(writes))
    }

    /// Notes when a key was used. One write unit; the caller does it once a day.
    pub async fn note_key_use(&self, used: &KeyUse, now: Timestamp) -> Result<(), StoreError> {
        let item = UseItem {
            pk: keys::key_uses(&used.organization),
            sk: used.key_id.clone(),
            last_used_at: now.millis(),
        };
        self.put(codec::encode_item(&item)?).await
    }
}
