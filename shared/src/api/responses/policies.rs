//! Policies and their audit, as answers show them.

use crate::review::{Actor, JsonText, Rev, Timestamp, WorkflowId};
use crate::store::{PolicyChange, PolicyEntry, StoredPolicy};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Serialize;

/// Rules by block, as the body of `put-policy` declares them.
fn blocks(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "type": "object", "additionalProperties": { "$ref": "#/components/schemas/PolicyRule" } })
}

/// As [`blocks`], or null.
fn blocks_or_null(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "type": ["object", "null"], "additionalProperties": { "$ref": "#/components/schemas/PolicyRule" } })
}

/// A workflow's policy.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Policy")]
pub struct PolicyView<'a> {
    /// The workflow.
    workflow_id: &'a str,
    /// The number of its changes: what the next one must echo as `version_stamp`.
    rev: Rev,
    /// The rules, by block; `*` is for blocks without one of their own.
    #[schemars(schema_with = "blocks")]
    blocks: &'a JsonText,
    /// When it was last changed.
    updated_at: Timestamp,
    /// By whom.
    updated_by: &'a Actor,
}

impl<'a> PolicyView<'a> {
    /// A policy as it is stored; `None` where it is deleted.
    pub fn of(workflow: &'a WorkflowId, policy: &'a StoredPolicy) -> Option<Self> {
        Some(Self {
            workflow_id: workflow.as_str(),
            rev: policy.rev,
            blocks: policy.blocks.as_ref()?,
            updated_at: policy.updated_at,
            updated_by: &policy.updated_by,
        })
    }
}

/// What a put policy would lead to that is hardly meant.
#[derive(Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct PolicyWarning {
    /// The field, as in the errors of a body.
    pub field: String,
    /// What is wrong.
    pub message: String,
}

/// What `put-policy` answers with.
#[derive(Serialize, JsonSchema)]
pub struct PutPolicyAnswer<'a> {
    /// The policy.
    #[serde(flatten)]
    pub policy: PolicyView<'a>,
    /// What would lead to reviews that nobody can work on; left out if nothing does.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<PolicyWarning>,
}

/// One change of a policy.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "PolicyChange")]
pub struct PolicyChangeView<'a> {
    /// The policy's `rev` after it.
    rev: Rev,
    /// When.
    at: Timestamp,
    /// Who.
    actor: &'a Actor,
    /// The rules after it; null where the policy was deleted.
    #[schemars(schema_with = "blocks_or_null")]
    blocks: Option<&'a JsonText>,
}

impl<'a> From<&'a PolicyChange> for PolicyChangeView<'a> {
    fn from(change: &'a PolicyChange) -> Self {
        let PolicyChange { rev, blocks, at, by } = change;
        Self { rev: *rev, at: *at, actor: by, blocks: blocks.as_ref() }
    }
}

/// A page of a policy's audit.
#[derive(Serialize, JsonSchema)]
pub struct PolicyAudit<'a> {
    /// The changes, newest first.
    pub data: Vec<PolicyChangeView<'a>>,
    /// Whether there are older ones.
    pub has_more: bool,
    /// The `cursor` of the next page; null on the last page.
    pub next_cursor: Option<String>,
}

/// A workflow that has a policy.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "PolicyEntry")]
pub struct PolicyEntryView<'a> {
    /// The workflow.
    workflow_id: &'a str,
    /// Its policy's `rev`.
    rev: Rev,
    /// How many rules it has.
    rules: u32,
    /// When it was last changed.
    updated_at: Timestamp,
    /// By whom.
    updated_by: &'a Actor,
}

impl<'a> From<&'a PolicyEntry> for PolicyEntryView<'a> {
    fn from(entry: &'a PolicyEntry) -> Self {
        Self {
            workflow_id: entry.workflow.as_str(),
            rev: entry.rev,
            rules: entry.rules,
            updated_at: entry.updated_at,
            updated_by: &entry.updated_by,
        }
    }
}

/// A page of the workflows that have a policy.
#[derive(Serialize, JsonSchema)]
pub struct Policies<'a> {
    /// The workflows, by id.
    pub data: Vec<PolicyEntryView<'a>>,
    /// Whether there are more.
    pub has_more: bool,
    /// The `cursor` of the next page: its last workflow; null on the last page.
    pub next_cursor: Option<&'a str>,
}
