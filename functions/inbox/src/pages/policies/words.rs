//! A rule in plain words.

use serde_json::Value;
use shared::review::{OutputCheck, OverdueAction, Rule, short};

/// Longest text of a predicate, in characters: a predicate can have 50 parts.
const LONGEST: usize = 600;

/// What it says, part by part: "Held when …", "Assigned to finance", "Due in 4 h", "Two approvals, four eyes".
pub(super) fn rule(rule: &Rule) -> Vec<String> {
    let mut parts = Vec::new();
    parts.push(match rule.predicate.as_ref().and_then(|text| serde_json::from_str(text.as_str()).ok()) {
        Some(predicate) => format!("Held when {}", short(&predicate_words(&predicate), LONGEST)),
        None => "Held when the call says so".to_owned(),
    });
    if let Some(priority) = rule.priority {
        parts.push(format!("priority {}", priority.0));
    }
    if let Some(assignment) = &rule.assignment {
        let groups = assignment.groups.iter().map(ToString::to_string);
        let who: Vec<String> = groups.chain(assignment.actors.iter().map(ToString::to_string)).collect();
        let alone = if assignment.enforce { ", and nobody else" } else { "" };
        parts.push(format!("assigned to {}{alone}", who.join(", ")));
    }
    if let Some(due) = &rule.due {
        parts.push(format!("due in {}", duration(due.due_in_seconds)));
        let before: Vec<String> = due.remind_before_seconds.iter().map(|it| duration(*it)).collect();
        if !before.is_empty() {
            parts.push(format!("reminded {} before", before.join(" and ")));
        }
        parts.push(match due.on_overdue.action {
            OverdueAction::None => "if it is late, it stays open".to_owned(),
            OverdueAction::Escalate => {
                format!(
                    "if it is late, escalated to {}",
                    due.on_overdue.escalate_to.as_deref().unwrap_or("nobody")
                )
            }
            OverdueAction::Reject => "if it is late, rejected".to_owned(),
            OverdueAction::Approve => "if it is late, approved as it is".to_owned(),
        });
    }
    if let Some(approvals) = rule.approvals {
        let count = ["one approval", "two approvals", "three approvals", "four approvals", "five approvals"];
        let count = count.get(usize::from(approvals.required.saturating_sub(1))).unwrap_or(&"approvals");
        let eyes =
            if approvals.four_eyes { ", four eyes: nobody approves a version of their own" } else { "" };
        parts.push(format!("{count}{eyes}"));
    }
    match rule.output {
        Some(OutputCheck::Enforce) => parts.push("approved only if it fits its schema".to_owned()),
        Some(OutputCheck::Advise) => parts.push("warned if it does not fit its schema".to_owned()),
        None => {}
    }
    if !rule.display.is_empty() {
        parts.push(format!("named by {}", rule.display.join(", ")));
    }
    parts.iter().map(|part| capital(part)).collect()
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// 90 s, 15 min, 4 h, 1 h 30 min, 2 days.
fn duration(seconds: u32) -> String {
    const UNITS: [(u32, &str); 4] = [(86_400, "d"), (3600, "h"), (60, "min"), (1, "s")];
    let mut left = seconds;
    let mut parts = Vec::new();
    for (length, unit) in UNITS {
        if left >= length {
            parts.push(format!("{} {unit}", left / length));
            left %= length;
        }
    }
    parts.join(" ")
}

fn predicate_words(predicate: &Value) -> String {
    let text = |name: &str| words(&predicate[name]);
    match predicate["kind"].as_str().unwrap_or_default() {
        "always" => "it runs".into(),
        "validation_failed" => "the output does not fit its schema".into(),
        "confidence_lt" => format!("a confidence is below {}", text("threshold")),
        "field_confidence_lt" => format!("the confidence of {} is below {}", text("path"), text("threshold")),
        "any_required_field_null" => "a required field is empty".into(),
        "category_in" => format!("the category is one of {}", text("categories")),
        "top_margin_lt" => format!("the two best categories are closer than {}", text("margin")),
        "split_count_neq" => format!("it is not split into {} parts", text("expected")),
        "any_split_pages_lt" => format!("a part has fewer than {} pages", text("min_pages")),
        "boundary_confidence_lt" => format!("the confidence of a boundary is below {}", text("threshold")),
        "branch_in" => format!("it takes the branch {}", text("branches")),
        "sample" => format!("it is in the sample of {} % of all runs", text("percent")),
        "json_condition" => {
            let condition = &predicate["condition"];
            let parts = condition["sub_conditions"].as_array().into_iter().flatten().map(|it| {
                let operator = words(&it["operator"]).replace('_', " ");
                let value =
                    if it["value"].is_null() { String::new() } else { format!(" {}", words(&it["value"])) };
                format!("{} {operator}{value}", words(&it["path"]))
            });
            let joint = if condition["logical_operator"] == "or" { " or " } else { " and " };
            parts.collect::<Vec<_>>().join(joint)
        }
        kind @ ("any_of" | "all_of") => {
            let joint = if kind == "any_of" { ", or " } else { ", and " };
            let parts = predicate["predicates"].as_array().into_iter().flatten();
            let parts = parts.map(|inner| match inner["kind"].as_str() {
                Some("any_of" | "all_of" | "json_condition") => format!("({})", predicate_words(inner)),
                _ => predicate_words(inner),
            });
            parts.collect::<Vec<_>>().join(joint)
        }
        other => other.replace('_', " "),
    }
}

fn words(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(items) => items.iter().map(words).collect::<Vec<_>>().join(", "),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use put_policy::rules::from_text;

    fn said(text: &str) -> Vec<String> {
        rule(&from_text(&format!(r#"{{"*": {text}}}"#)).unwrap().blocks["*"])
    }

    #[test]
    fn a_rule_is_said_in_plain_words() {
        assert_eq!(said("{}"), ["Held when the call says so"]);
        assert_eq!(
            said(
                r#"{"predicate": {"kind": "any_of", "predicates": [{"kind": "field_confidence_lt", "path": "total", "threshold": 0.90},
                {"kind": "json_condition", "condition": {"logical_operator": "and", "sub_conditions": [
                {"path": "data.total", "operator": "is_greater_than", "value": 10000}, {"path": "iban", "operator": "does_not_exist"}]}}]},
                "assign": {"groups": ["finance"], "enforce": true}, "due_in_seconds": 5400, "remind_before_seconds": [900],
                "on_overdue": {"action": "escalate", "escalate_to": "lead"}, "approvals": {"required": 2, "four_eyes": true}}"#
            ),
            [
                "Held when the confidence of total is below 0.9, or (data.total is greater than 10000 and iban does not exist)",
                "Assigned to finance, and nobody else",
                "Due in 1 h 30 min",
                "Reminded 15 min before",
                "If it is late, escalated to lead",
                "Two approvals, four eyes: nobody approves a version of their own",
            ]
        );
    }

    #[test]
    fn every_kind_of_predicate_has_words() {
        for kind in shared::review::gate::PredicateKind::ALL {
            let said = predicate_words(&serde_json::json!({ "kind": kind.as_str() }));
            assert_ne!(said, kind.as_str().replace('_', " "), "{}", kind.as_str());
        }
    }
}
