//! Policies of workflows: POLICY under compare-and-swap, an audit of its changes, and the organization's register of them.

mod item;
mod list;
mod put;
mod text;

pub use item::{PolicyChange, StoredPolicy};
pub use list::{POLICY_AUDIT_PAGE, POLICY_LIST_PAGE, PolicyAuditCursor, PolicyAuditPage, PolicyEntry};
pub use put::{PolicyStamp, PutPolicy};
pub use text::{policy_from_json, policy_to_json};
