//! Which policies an organization has, and what was changed in one.

use crate::review::{Actor, OrganizationId, Rev, Timestamp, WorkflowId};
use crate::store::error::StoreError;
use crate::store::handle::Store;
use crate::store::policies::item::{PolicyChange, PolicyItem, RegisterItem};
use crate::store::table::codec;
use crate::store::table::{expressions, keys};
use aws_sdk_dynamodb::types::AttributeValue;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};

/// Entries of a page of an audit: with the largest policies, less than a query's megabyte.
pub const POLICY_AUDIT_PAGE: usize = 10;
/// Policies of a page of the register.
pub const POLICY_LIST_PAGE: usize = 200;

/// A workflow that has a policy.
#[derive(Clone, Debug, PartialEq)]
pub struct PolicyEntry {
    /// The workflow.
    pub workflow: WorkflowId,
    /// Its policy's `rev`.
    pub rev: Rev,
    /// How many rules it has.
    pub rules: u32,
    /// When it was last changed.
    pub updated_at: Timestamp,
    /// By whom.
    pub updated_by: Actor,
}

/// A page of a policy's audit.
#[derive(Clone, Debug, PartialEq)]
pub struct PolicyAuditPage {
    /// Its changes, newest first.
    pub changes: Vec<PolicyChange>,
    /// Where the next page starts, if there is one.
    pub next: Option<PolicyAuditCursor>,
}

/// Where a page of a policy's audit ended. Opaque to clients, and valid only for that policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PolicyAuditCursor(Rev);

impl PolicyAuditCursor {
    const VERSION: u8 = 1;

    /// The text for clients.
    pub fn encode(self, organization: &OrganizationId, workflow: &WorkflowId) -> String {
        let mut bytes = vec![Self::VERSION];
        bytes.extend_from_slice(&self.0.0.to_be_bytes());
        bytes.extend_from_slice(&self.binding(organization, workflow));
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// Parses a cursor that was made for this policy. The binding is a guard against mistakes, not a secret.
    pub fn decode(text: &str, organization: &OrganizationId, workflow: &WorkflowId) -> Option<Self> {
        let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        let (version, rest) = bytes.split_first()?;
        let (rev, binding) = rest.split_first_chunk()?;
        let cursor = Self(Rev(u64::from_be_bytes(*rev)));
        (*version == Self::VERSION && binding == cursor.binding(organization, workflow)).then_some(cursor)
    }

    fn binding(self, organization: &OrganizationId, workflow: &WorkflowId) -> [u8; 8] {
        let mut binding = [0; 8];
        let text = format!("{}\n{}", keys::policy(organization, workflow), self.0.0);
        binding.copy_from_slice(&Sha256::digest(text)[..8]);
        binding
    }
}

impl Store {
    /// The changes of a workflow's policy before `cursor`, newest first: at most [`POLICY_AUDIT_PAGE`]. Empty if it never had one.
    pub async fn policy_audit(
        &self,
        organization: &OrganizationId,
        workflow: &WorkflowId,
        cursor: Option<PolicyAuditCursor>,
    ) -> Result<PolicyAuditPage, StoreError> {
        let to = match cursor {
            None => keys::POLICY_CHANGES_END.to_owned(),
            Some(PolicyAuditCursor(Rev(before))) => keys::policy_change(Rev(before.saturating_sub(1))),
        };
        let query = self
            .part(keys::policy(organization, workflow), expressions::RANGE)
            .expression_attribute_values(":from", AttributeValue::S(keys::policy_change(Rev(0))))
            .expression_attribute_values(":to", AttributeValue::S(to))
            .scan_index_forward(false)
            .set_limit(i32::try_from(POLICY_AUDIT_PAGE + 1).ok());
        let items = self.gather(query, Some(POLICY_AUDIT_PAGE + 1)).await?;
        let changes = items.into_iter().map(|item| codec::decode_item::<PolicyItem>(item)?.decode_change());
        let mut changes = changes.collect::<Result<Vec<_>, StoreError>>()?;
        let has_more = changes.len() > POLICY_AUDIT_PAGE;
        changes.truncate(POLICY_AUDIT_PAGE);
        let next = changes.last().filter(|_| has_more).map(|last| PolicyAuditCursor(last.rev));
        Ok(PolicyAuditPage { changes, next })
    }

    /// The workflows of an organization that have a policy, by id, after `after`: at most [`POLICY_LIST_PAGE`], and whether there are
    /// more.
    pub async fn policies(
        &self,
        organization: &OrganizationId,
        after: Option<&WorkflowId>,
    ) -> Result<(Vec<PolicyEntry>, bool), StoreError> {
        // Every identifier sorts after a space.
        let after = after.map_or_else(|| " ".to_owned(), ToString::to_string);
        let query = self
            .part(keys::policy_register(organization), expressions::RANGE_AFTER)
            .expression_attribute_values(":after", AttributeValue::S(after))
            .set_limit(i32::try_from(POLICY_LIST_PAGE + 1).ok());
        let items = self.gather(query, Some(POLICY_LIST_PAGE + 1)).await?;
        let decode = |item| {
            let item: RegisterItem = codec::decode_item(item)?;
            Ok(PolicyEntry {
                workflow: WorkflowId::parse(&item.sk).map_err(|_| codec::corrupt("a policy's workflow")())?,
                rev: Rev(item.rev),
                rules: item.rules,
                updated_at: Timestamp::from_millis(item.at),
                updated_by: item.by.decode()?,
            })
        };
        let mut entries = items.into_iter().map(decode).collect::<Result<Vec<_>, StoreError>>()?;
        let has_more = entries.len() > POLICY_LIST_PAGE;
        entries.truncate(POLICY_LIST_PAGE);
        Ok((entries, has_more))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_is_bound_to_its_policy() {
        let organization = OrganizationId::parse("org").unwrap();
        let workflow = |name| WorkflowId::parse(name).unwrap();
        let cursor = PolicyAuditCursor(Rev(12));
        let text = cursor.encode(&organization, &workflow("a"));
        let decode = |text: &str, name| PolicyAuditCursor::decode(text, &organization, &workflow(name));
        assert_eq!(decode(&text, "a"), Some(cursor));
        for (text, name) in
            [(text.as_str(), "b"), ("", "a"), ("!", "a"), (&text[1..], "a"), (&format!("{text}A"), "a")]
        {
            assert_eq!(decode(text, name), None, "{text}");
        }
    }
}
