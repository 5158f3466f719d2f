//! Changing a policy: POLICY, its audit and the register in one transaction.

use crate::review::{Actor, OrganizationId, Policy, Rev, Timestamp, WorkflowId};
use crate::store::error::StoreError;
use crate::store::handle::Store;
use crate::store::items::values::StoredActor;
use crate::store::policies::item::{PolicyItem, RegisterItem, StoredPolicy};
use crate::store::policies::text::policy_to_json;
use crate::store::table::codec;
use crate::store::table::transaction::Transacted;
use crate::store::table::{expressions, keys};

/// What became of a change of a policy.
#[must_use]
#[derive(Clone, Debug, PartialEq)]
pub enum PutPolicy {
    /// It is done, by this request or by an earlier attempt of it: the policy as it is now.
    Done(StoredPolicy),
    /// The stamp is not the policy's `rev`; the policy as it is, if there is or was one.
    Stale(Option<StoredPolicy>),
    /// There is no policy to be deleted.
    Missing,
}

/// Who changes a policy, when, and on which `rev`: 0 where there is none.
#[derive(Clone, Debug)]
pub struct PolicyStamp {
    /// The `rev` that the caller has seen.
    pub stamp: Rev,
    /// Who.
    pub by: Actor,
    /// When.
    pub at: Timestamp,
}

impl Store {
    /// Creates, replaces or (`None`) deletes a workflow's policy. A deleted one leaves its audit, and its `rev` goes on; it is created
    /// again on the stamp 0 or on that `rev`. A read, and a transaction of three items.
    pub async fn put_policy(
        &self,
        organization: &OrganizationId,
        workflow: &WorkflowId,
        policy: Option<&Policy>,
        change: &PolicyStamp,
    ) -> Result<PutPolicy, StoreError> {
        let blocks = policy.map(policy_to_json).transpose()?;
        let before = self.stored_policy(organization, workflow).await?;
        let is_there = before.as_ref().is_some_and(|before| before.blocks.is_some());
        let rev = before.as_ref().map_or(Rev(0), |before| before.rev);
        let is_current = change.stamp == rev || (!is_there && change.stamp == Rev(0) && blocks.is_some());
        let after = StoredPolicy {
            rev: rev.next(),
            blocks,
            updated_at: change.at,
            updated_by: change.by.clone(),
            stamp: change.stamp,
        };
        if !is_current {
            return Ok(refused(before, &after));
        }
        if !is_there && after.blocks.is_none() {
            return Ok(PutPolicy::Missing);
        }
        let item = PolicyItem::new(organization, workflow, &after);
        let entry = codec::encode_item(&item.as_entry())?;
        let register = match policy {
            Some(policy) => self.transact_put(codec::encode_item(&RegisterItem {
                pk: keys::policy_register(organization),
                sk: workflow.to_string(),
                rev: after.rev.0,
                rules: u32::try_from(policy.blocks.len()).unwrap_or(u32::MAX),
                at: change.at.millis(),
                by: StoredActor::from(&change.by),
            })?)?,
            None => self.transact_delete(
                (keys::policy_register(organization), workflow.to_string()),
                expressions::PRESENT,
            )?,
        };
        let writes = vec![
            self.transact_put_at(codec::encode_item(&item)?, before.as_ref().map(|before| before.rev.0))?,
            self.transact_create(entry)?,
            register,
        ];
        match self.transact(writes).await? {
            Transacted::Written => Ok(PutPolicy::Done(after)),
            // Somebody was faster, or the SDK's own retry found what it had written.
            Transacted::Refused(_) => Ok(refused(self.stored_policy(organization, workflow).await?, &after)),
        }
    }
}

/// The answer to a change that is not made: it is made already if the last change is this one.
fn refused(now: Option<StoredPolicy>, asked: &StoredPolicy) -> PutPolicy {
    match now {
        Some(now)
            if now.stamp == asked.stamp
                && now.updated_by.is(&asked.updated_by)
                && now.blocks == asked.blocks =>
        {
            PutPolicy::Done(now)
        }
        now => PutPolicy::Stale(now),
    }
}
