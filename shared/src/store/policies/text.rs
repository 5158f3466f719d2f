//! A policy as JSON: what a client sent, in one canonical form, which is stored, answered and read back.

use crate::review::{
    ActorId, ApprovalRule, Assignment, DueRule, GroupId, JsonText, OnOverdue, OutputCheck, OverdueAction,
    Policy, Priority, Rule,
};
use crate::store::error::StoreError;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use std::collections::BTreeMap;

/// What a build says of a policy that it cannot read: one of a later build may say more, and what it demands must not be passed over.
const UNREADABLE: &str = "the policy holds what this build does not know";

/// A rule. A field that this build does not know makes it unreadable.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct RuleText {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    predicate: Option<Box<RawValue>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    priority: Option<i32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    assign: Option<AssignText>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    due_in_seconds: Option<u32>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    remind_before_seconds: Vec<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    on_overdue: Option<OverdueText>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    approvals: Option<ApprovalsText>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    output: Option<OutputText>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    display: Vec<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct AssignText {
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    groups: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    actors: Vec<String>,
    enforce: bool,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct OverdueText {
    action: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    escalate_to: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct ApprovalsText {
    required: u8,
    four_eyes: bool,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct OutputText {
    validation: String,
}

/// A policy's `blocks` as canonical JSON: blocks by name, fields in the order of the documentation, none that is absent.
pub fn policy_to_json(policy: &Policy) -> Result<JsonText, StoreError> {
    let blocks: BTreeMap<&str, RuleText> =
        policy.blocks.iter().map(|(block, rule)| (block.as_str(), RuleText::from(rule))).collect();
    let text = serde_json::to_string(&blocks).map_err(|error| StoreError::Corrupt(error.to_string()))?;
    JsonText::parse(text).map_err(|error| StoreError::Corrupt(error.to_string()))
}

/// The policy of what [`policy_to_json`] wrote. What a later build has added is [`StoreError::Newer`].
pub fn policy_from_json(text: &JsonText) -> Result<Policy, StoreError> {
    let newer = || StoreError::Newer(UNREADABLE.into());
    let blocks: BTreeMap<String, RuleText> = serde_json::from_str(text.as_str()).map_err(|_| newer())?;
    let rules = blocks.into_iter().map(|(block, rule)| Some((block, rule.decode()?)));
    Ok(Policy { blocks: rules.collect::<Option<_>>().ok_or_else(newer)? })
}

impl From<&Rule> for RuleText {
    fn from(rule: &Rule) -> Self {
        let due = rule.due.as_ref();
        let overdue = due.map(|due| &due.on_overdue).filter(|it| **it != OnOverdue::default());
        Self {
            predicate: rule.predicate.as_ref().map(|predicate| predicate.raw().to_owned()),
            priority: rule.priority.map(|priority| priority.0),
            assign: rule.assignment.as_ref().map(|assignment| AssignText {
                groups: assignment.groups.iter().map(ToString::to_string).collect(),
                actors: assignment.actors.iter().map(ToString::to_string).collect(),
                enforce: assignment.enforce,
            }),
            due_in_seconds: due.map(|due| due.due_in_seconds),
            remind_before_seconds: due.map(|due| due.remind_before_seconds.clone()).unwrap_or_default(),
            on_overdue: overdue.map(|it| OverdueText {
                action: it.action.as_str().to_owned(),
                escalate_to: it.escalate_to.clone(),
                reason: it.reason.clone(),
            }),
            approvals: rule
                .approvals
                .map(|it| ApprovalsText { required: it.required, four_eyes: it.four_eyes }),
            output: rule.output.map(|it| OutputText { validation: it.as_str().to_owned() }),
            display: rule.display.clone(),
        }
    }
}

impl RuleText {
    /// `None` where a word, an id or a part is not known.
    fn decode(self) -> Option<Rule> {
        let on_overdue = match self.on_overdue {
            None => OnOverdue::default(),
            Some(it) => OnOverdue {
                action: OverdueAction::parse(&it.action)?,
                escalate_to: it.escalate_to,
                reason: it.reason,
            },
        };
        let remind_before_seconds = self.remind_before_seconds;
        Some(Rule {
            predicate: self.predicate.map(|text| JsonText::from(&*text)),
            priority: self.priority.map(Priority),
            assignment: match self.assign {
                None => None,
                Some(it) => Some(Assignment {
                    groups: it.groups.iter().map(|id| GroupId::parse(id).ok()).collect::<Option<_>>()?,
                    actors: it.actors.iter().map(|id| ActorId::parse(id).ok()).collect::<Option<_>>()?,
                    enforce: it.enforce,
                }),
            },
            due: self.due_in_seconds.map(|due_in_seconds| DueRule {
                due_in_seconds,
                remind_before_seconds,
                on_overdue,
            }),
            approvals: self
                .approvals
                .map(|it| ApprovalRule { required: it.required, four_eyes: it.four_eyes }),
            output: match self.output {
                None => None,
                Some(it) => Some(OutputCheck::parse(&it.validation)?),
            },
            display: self.display,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every field of a rule, in the canonical form.
    const WHOLE: &str = concat!(
        r#"{"*":{"predicate":{"kind":"sample","percent":2.50},"priority":-7,"assign":{"groups":["finance"],"actors":["user/1"],"#,
        r#""enforce":true},"due_in_seconds":14400,"remind_before_seconds":[3600,600],"on_overdue":{"action":"escalate","#,
        r#""escalate_to":"lead","reason":"late"},"approvals":{"required":2,"four_eyes":true},"output":{"validation":"enforce"},"#,
        r#""display":["seller.name"]},"block_a":{}}"#,
    );

    fn parse(text: &str) -> Result<Policy, StoreError> {
        policy_from_json(&JsonText::parse(text.into()).unwrap())
    }

    #[test]
    fn what_is_stored_reads_back_as_what_it_was() {
        let policy = parse(WHOLE).unwrap();
        assert_eq!(policy_to_json(&policy).unwrap().as_str(), WHOLE);
        let rule = &policy.blocks["*"];
        assert_eq!(rule.due.as_ref().unwrap().on_overdue.action, OverdueAction::Escalate);
        assert_eq!(policy.blocks["block_a"], Rule::default());
    }

    #[test]
    fn what_was_stored_before_there_were_limits_still_reads() {
        let ids: Vec<String> = (0..10).map(|nth| format!("{nth}{}", "a".repeat(100))).collect();
        let assign = serde_json::json!({ "actors": ids, "enforce": true });
        let overdue = serde_json::json!({ "action": "reject", "reason": "r".repeat(2000) });
        let rule =
            serde_json::json!({ "*": { "assign": assign, "due_in_seconds": 60, "on_overdue": overdue } });
        let policy = parse(&rule.to_string()).unwrap();
        let due = policy.blocks["*"].due.as_ref().unwrap();
        assert_eq!(due.on_overdue.reason.as_ref().unwrap().len(), 2000);
        assert_eq!(policy.blocks["*"].assignment.as_ref().unwrap().actors.len(), 10);
    }

    #[test]
    fn what_a_later_build_has_added_is_not_passed_over() {
        for later in [
            r#"{"*":{"quorum":2}}"#,
            r#"{"*":{"output":{"validation":"mend"}}}"#,
            r#"{"*":{"approvals":{"required":2,"four_eyes":true,"of":"finance"}}}"#,
        ] {
            assert!(matches!(parse(later), Err(StoreError::Newer(_))), "{later}");
        }
    }
}
