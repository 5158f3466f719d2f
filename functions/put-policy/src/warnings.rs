//! What of a policy would lead to reviews that nobody can work on.

use shared::api::{App, Error, PolicyWarning};
use shared::review::{ActorId, Assignment, GroupId, OrganizationId, Policy, Rule, Timestamp};
use shared::store::KnownNames;

/// Where rules enforce an assignment to nobody whom the organization knows, or escalate one to such a name. Nothing is looked up where no
/// rule enforces one, and nothing is said where the organization has too many people to look at.
pub async fn of(
    app: &App,
    organization: &OrganizationId,
    policy: &Policy,
    now: Timestamp,
) -> Result<Vec<PolicyWarning>, Error> {
    if !policy.blocks.values().any(|rule| enforced(rule).is_some()) {
        return Ok(Vec::new());
    }
    let known = app.store.known_names(organization, now).await?;
    Ok(known.map_or_else(Vec::new, |known| {
        policy.blocks.iter().flat_map(|(block, rule)| of_rule(block, rule, &known)).collect()
    }))
}

fn enforced(rule: &Rule) -> Option<&Assignment> {
    rule.assignment.as_ref().filter(|assignment| assignment.enforce)
}

fn of_rule(block: &str, rule: &Rule, known: &KnownNames) -> Vec<PolicyWarning> {
    let mut warnings = Vec::new();
    let Some(assignment) = enforced(rule) else { return warnings };
    let mut warn = |field: &str, message: &str| {
        warnings.push(PolicyWarning {
            field: format!("body.blocks.{block}.{field}"),
            message: message.to_owned(),
        });
    };
    let Assignment { groups, actors, .. } = assignment;
    let somebody =
        groups.iter().map(GroupId::as_str).chain(actors.iter().map(ActorId::as_str)).any(|it| known.has(it));
    if !somebody {
        warn(
            "assign",
            "names nobody whom the organization knows: only keys with the scope admin could work on its reviews",
        );
    }
    let to = rule.due.as_ref().and_then(|due| due.on_overdue.escalate_to.as_deref());
    if to.is_some_and(|to| !known.has(to)) {
        let message = "is no actor's id and no group whom the organization knows: once overdue, only keys with the scope admin could work on it";
        warn("on_overdue.escalate_to", message);
    }
    warnings
}
