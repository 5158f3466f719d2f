//! Who is to review it.

use crate::review::{Actor, ActorId, GroupId};
use schemars::JsonSchema;
use serde::Serialize;

/// Most groups, and most actors, of an assignment.
pub const MAX_ASSIGNEES: usize = 10;

/// Most groups of a caller that count. The condition of a claim names each, and DynamoDB takes 4,096 bytes of condition.
pub const MAX_GROUPS: usize = 50;

/// Who is to review it: members of any of the groups, and the actors. Serializes to the wire's shape.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Assignment {
    /// Groups, at most 10.
    #[schemars(with = "Vec<String>")]
    pub groups: Vec<GroupId>,
    /// Ids of actors, at most 10.
    #[schemars(with = "Vec<String>")]
    pub actors: Vec<ActorId>,
    /// Whether others are refused; if not, it only sorts the queue and warns.
    pub enforce: bool,
}

/// Most colleagues that somebody stands in for at a time.
pub const MAX_STAND_INS: usize = 10;

/// What a caller is in the organization, besides an actor.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Standing {
    /// The groups that the caller belongs to.
    pub groups: Vec<GroupId>,
    /// Whether the caller may work on what is assigned to others.
    pub may_override: bool,
    /// Whom the caller stands in for: what is assigned to them is the caller's, too. At most [`MAX_STAND_INS`].
    pub stands_in_for: Vec<ActorId>,
}

impl Standing {
    /// Of who belongs to these groups: the first [`MAX_GROUPS`] of them count.
    pub fn new(mut groups: Vec<GroupId>, may_override: bool) -> Self {
        groups.truncate(MAX_GROUPS);
        Self { groups, may_override, stands_in_for: Vec::new() }
    }
}

/// Whom an escalation is addressed to, by the organization's keys.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Addressee {
    /// A group.
    Group(GroupId),
    /// An actor.
    Actor(ActorId),
    /// Nobody whom the organization knows: `escalate_to` is free text.
    Unknown,
}

/// Whether two texts name the same actor or group: without regard to case and to space around them.
pub fn is_same_name(one: &str, other: &str) -> bool {
    one.trim().to_lowercase() == other.trim().to_lowercase()
}

impl Assignment {
    /// Most bytes of all its groups and actors: they are part of META, twice where it is enforced, and each write of that pays for them.
    pub const MAX_BYTES: usize = 512;

    /// What is wrong if groups and actors together have more than [`Self::MAX_BYTES`] bytes.
    pub fn excess(groups: &[GroupId], actors: &[ActorId]) -> Option<String> {
        let groups = groups.iter().map(|group| group.as_str().len());
        let bytes: usize = groups.chain(actors.iter().map(|actor| actor.as_str().len())).sum();
        let most = Self::MAX_BYTES;
        (bytes > most)
            .then(|| format!("must have at most {most} bytes together with the actors, not {bytes}"))
    }

    /// Whether it names nobody. Where it is enforced, nobody may work on the review then but who may override it.
    pub const fn is_to_nobody(&self) -> bool {
        self.groups.is_empty() && self.actors.is_empty()
    }

    /// Whether it names the actor, a group of theirs, or somebody they stand in for.
    pub fn names(&self, actor: &Actor, standing: &Standing) -> bool {
        self.actors.contains(&actor.id)
            || standing.groups.iter().any(|group| self.groups.contains(group))
            || standing.stands_in_for.iter().any(|away| self.actors.contains(away))
    }
}
