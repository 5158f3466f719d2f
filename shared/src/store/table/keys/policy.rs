//! Keys of policies.

use crate::review::{OrganizationId, Rev, WorkflowId};

/// Sort key of POLICY. It sorts after its audit.
pub(crate) const POLICY: &str = "POLICY";

/// After all entries of a policy's audit.
pub(crate) const POLICY_CHANGES_END: &str = "AUDIT$";

/// Partition of a workflow's policy and its audit.
pub(crate) fn policy(organization: &OrganizationId, workflow: &WorkflowId) -> String {
    format!("POLICY#{organization}#{workflow}")
}

/// Sort key of an entry of a policy's audit.
pub(crate) fn policy_change(rev: Rev) -> String {
    format!("AUDIT#{:010}", rev.0)
}

/// Partition of an organization's register of policies; the sort key is the workflow.
pub(crate) fn policy_register(organization: &OrganizationId) -> String {
    format!("POLICIES#{organization}")
}
