//! POLICY, the entries of its audit, and its line in the register.

use crate::review::{Actor, JsonText, OrganizationId, Policy, Rev, Timestamp, WorkflowId};
use crate::store::error::StoreError;
use crate::store::handle::Store;
use crate::store::items::values::StoredActor;
use crate::store::policies::text::policy_from_json;
use crate::store::table::{codec, keys};
use serde::{Deserialize, Serialize};

/// The schema of POLICY that this build writes, and the newest that it reads.
const SCHEMA: u32 = 1;

/// A workflow's policy as it is stored: by its last change.
#[derive(Clone, Debug, PartialEq)]
pub struct StoredPolicy {
    /// The number of its changes.
    pub rev: Rev,
    /// Its `blocks`, as canonical JSON; none where it is deleted.
    pub blocks: Option<JsonText>,
    /// When it was last changed.
    pub updated_at: Timestamp,
    /// By whom.
    pub updated_by: Actor,
    /// The `version_stamp` of that change.
    pub(in crate::store) stamp: Rev,
}

/// One change of a policy: an entry of its audit.
#[derive(Clone, Debug, PartialEq)]
pub struct PolicyChange {
    /// The policy's `rev` after it.
    pub rev: Rev,
    /// The policy's `blocks` after it; none where it was deleted.
    pub blocks: Option<JsonText>,
    /// When.
    pub at: Timestamp,
    /// Who.
    pub by: Actor,
}

impl StoredPolicy {
    /// What it says; `None` where it is deleted.
    pub fn policy(&self) -> Result<Option<Policy>, StoreError> {
        self.blocks.as_ref().map(policy_from_json).transpose()
    }
}

/// POLICY, and an entry of its audit: they say the same, at different keys.
#[derive(Clone, Serialize, Deserialize)]
pub(in crate::store) struct PolicyItem {
    pub(in crate::store) pk: String,
    pub(in crate::store) sk: String,
    rev: u64,
    stamp: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    blocks: Option<String>,
    at: i64,
    by: StoredActor,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    v: Option<u32>,
}

/// A policy's line in the register of its organization.
#[derive(Serialize, Deserialize)]
pub(in crate::store) struct RegisterItem {
    pub(in crate::store) pk: String,
    pub(in crate::store) sk: String,
    pub(in crate::store) rev: u64,
    pub(in crate::store) rules: u32,
    pub(in crate::store) at: i64,
    pub(in crate::store) by: StoredActor,
}

impl PolicyItem {
    pub(in crate::store) fn new(
        organization: &OrganizationId,
        workflow: &WorkflowId,
        policy: &StoredPolicy,
    ) -> Self {
        Self {
            pk: keys::policy(organization, workflow),
            sk: keys::POLICY.to_owned(),
            rev: policy.rev.0,
            stamp: policy.stamp.0,
            blocks: policy.blocks.as_ref().map(|text| text.as_str().to_owned()),
            at: policy.updated_at.millis(),
            by: StoredActor::from(&policy.updated_by),
            v: None,
        }
    }

    /// The same as an entry of the audit.
    pub(in crate::store) fn as_entry(&self) -> Self {
        Self { sk: keys::policy_change(Rev(self.rev)), ..self.clone() }
    }

    pub(in crate::store) fn decode(self) -> Result<StoredPolicy, StoreError> {
        if let Some(newer) = self.v.filter(|schema| *schema > SCHEMA) {
            return Err(StoreError::Newer(format!(
                "the policy is of schema {newer}; this build knows {SCHEMA}"
            )));
        }
        let blocks = self.blocks.map(JsonText::parse).transpose();
        Ok(StoredPolicy {
            rev: Rev(self.rev),
            blocks: blocks.map_err(|_| codec::corrupt("a policy")())?,
            updated_at: Timestamp::from_millis(self.at),
            updated_by: self.by.decode()?,
            stamp: Rev(self.stamp),
        })
    }

    pub(in crate::store) fn decode_change(self) -> Result<PolicyChange, StoreError> {
        let StoredPolicy { rev, blocks, updated_at, updated_by, .. } = self.decode()?;
        Ok(PolicyChange { rev, blocks, at: updated_at, by: updated_by })
    }
}

impl Store {
    /// A workflow's policy, also a deleted one, whose `rev` goes on; `None` if it never had one. One consistent read.
    pub async fn stored_policy(
        &self,
        organization: &OrganizationId,
        workflow: &WorkflowId,
    ) -> Result<Option<StoredPolicy>, StoreError> {
        let item = self.get(keys::policy(organization, workflow), keys::POLICY.to_owned()).await?;
        item.map(|item| codec::decode_item::<PolicyItem>(item)?.decode()).transpose()
    }

    /// What a workflow's policy says; `None` if it has none. One consistent read.
    pub async fn policy(
        &self,
        organization: &OrganizationId,
        workflow: &WorkflowId,
    ) -> Result<Option<Policy>, StoreError> {
        let stored = self.stored_policy(organization, workflow).await?;
        Ok(stored.map(|stored| stored.policy()).transpose()?.flatten())
    }
}
