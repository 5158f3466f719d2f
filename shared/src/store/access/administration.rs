//! The audit of administration: who changed which member, key, webhook, policy or sign-in, and when. Each entry is written in the
//! transaction of the change that it tells of.

use crate::new_id;
use crate::review::{Actor, EntryId, OrganizationId, Timestamp};
use crate::store::error::StoreError;
use crate::store::handle::Store;
use crate::store::items::values::StoredActor;
use crate::store::table::codec::{self, Attributes, corrupt};
use crate::store::table::{expressions, keys};
use aws_sdk_dynamodb::types::AttributeValue;
use serde::{Deserialize, Serialize};

/// One entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AdministrationEntry {
    /// Stable and unique; ascends with time.
    pub id: EntryId,
    /// Who did it.
    pub actor: Actor,
    /// When.
    pub at: Timestamp,
    /// What was done, as one word: `member_disabled`.
    pub action: String,
    /// To whom or what: an id.
    pub target: String,
    /// What changed, as JSON; never a secret. Empty if the action says it all.
    pub detail: String,
}

/// A page of entries, newest first.
#[derive(Debug)]
pub struct AdministrationPage {
    /// The entries.
    pub entries: Vec<AdministrationEntry>,
    /// The last entry's id, if there are older ones.
    pub next: Option<EntryId>,
}

#[derive(Serialize, Deserialize)]
struct EntryItem {
    pk: String,
    sk: String,
    actor: StoredActor,
    at: i64,
    action: String,
    target: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    detail: String,
}

impl AdministrationEntry {
    /// A new entry: `actor` does that to `target` at `at`.
    pub fn new(actor: &Actor, at: Timestamp, action: &str, target: &str) -> Self {
        Self {
            id: new_id::entry_id(),
            actor: actor.clone(),
            at,
            action: action.to_owned(),
            target: target.to_owned(),
            detail: String::new(),
        }
    }

    /// The same, which also says what changed; never a secret.
    #[must_use]
    pub fn with_detail(self, detail: &serde_json::Value) -> Self {
        Self { detail: detail.to_string(), ..self }
    }

    /// Its item.
    pub(in crate::store) fn item(&self, organization: &OrganizationId) -> Result<Attributes, StoreError> {
        codec::encode_item(&EntryItem {
            pk: keys::administration(organization),
            sk: self.id.to_string(),
            actor: StoredActor::from(&self.actor),
            at: self.at.millis(),
            action: self.action.clone(),
            target: self.target.clone(),
            detail: self.detail.clone(),
        })
    }
}

impl EntryItem {
    fn decode(self) -> Result<AdministrationEntry, StoreError> {
        Ok(AdministrationEntry {
            id: EntryId::parse(&self.sk).ok_or_else(corrupt("an entry's id"))?,
            actor: self.actor.decode()?,
            at: Timestamp::from_millis(self.at),
            action: self.action,
            target: self.target,
            detail: self.detail,
        })
    }
}

impl Store {
    /// The newest entries, or those before one; at most `limit`. One query.
    pub async fn administration(
        &self,
        organization: &OrganizationId,
        before: Option<EntryId>,
        limit: usize,
    ) -> Result<AdministrationPage, StoreError> {
        let pk = keys::administration(organization);
        let query = match before {
            None => self.part(pk, expressions::PARTITION),
            Some(before) => self
                .part(pk, expressions::RANGE_BEFORE)
                .expression_attribute_values(":before", AttributeValue::S(before.to_string())),
        };
        let query = query.scan_index_forward(false).set_limit(i32::try_from(limit + 1).ok());
        let found = self.gather(query, Some(limit + 1)).await?.into_iter();
        let mut entries: Vec<AdministrationEntry> =
            found.map(|item| codec::decode_item::<EntryItem>(item)?.decode()).collect::<Result<_, _>>()?;
        let more = entries.len() > limit;
        entries.truncate(limit);
        Ok(AdministrationPage { next: entries.last().filter(|_| more).map(|entry| entry.id), entries })
    }
}
