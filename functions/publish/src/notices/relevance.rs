//! Whom an event concerns, and why. Pure: from an audit entry and its review to kinds of notices, each with those it is for.

use shared::event::NotificationKind as Kind;
use shared::review::{
    Actor, ActorId, AuditEntry, AuditEvent, EntryId, GroupId, Review, Timestamp, Verdict, is_same_name,
};
use shared::store::Member;

/// Whom something concerns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Audience {
    /// These actors, and the members of these groups.
    Named(Vec<ActorId>, Vec<GroupId>),
    /// Who has this id or display name, or belongs to the group of that name: an escalation's addressee, which is free text.
    Called(String),
    /// Everybody who has subscribed to it.
    Everybody,
}

impl Audience {
    /// Whether a member of whom only the id is known may belong to it.
    pub(crate) fn may_have(&self, actor: &ActorId) -> bool {
        match self {
            Self::Named(actors, groups) => !groups.is_empty() || actors.contains(actor),
            Self::Called(_) | Self::Everybody => true,
        }
    }

    /// The actors whom it names.
    pub(crate) fn actors(&self) -> &[ActorId] {
        match self {
            Self::Named(actors, _) => actors,
            Self::Called(_) | Self::Everybody => &[],
        }
    }

    /// Whether a member belongs to it.
    pub(crate) fn has_member(&self, member: &Member) -> bool {
        let in_group = |is: &dyn Fn(&GroupId) -> bool| member.groups.iter().any(is);
        match self {
            Self::Named(actors, groups) => {
                actors.contains(&member.actor.id) || in_group(&|group| groups.contains(group))
            }
            Self::Called(name) => {
                is_same_name(member.actor.id.as_str(), name)
                    || is_same_name(&member.actor.display_name, name)
                    || in_group(&|group| is_same_name(group.as_str(), name))
            }
            Self::Everybody => true,
        }
    }

    /// Whether a group as a whole belongs to it.
    pub(crate) fn has_group(&self, group: &GroupId) -> bool {
        match self {
            Self::Named(_, groups) => groups.contains(group),
            Self::Called(name) => is_same_name(group.as_str(), name),
            Self::Everybody => true,
        }
    }

    fn people(actors: Vec<ActorId>) -> Option<Self> {
        (!actors.is_empty()).then_some(Self::Named(actors, Vec::new()))
    }
}

/// An event of a review that concerns somebody.
#[derive(Debug)]
pub(crate) struct News<'a> {
    pub(crate) id: EntryId,
    pub(crate) at: Timestamp,
    pub(crate) review: &'a Review,
    /// Who did it; none if nobody did.
    pub(crate) by: Option<&'a Actor>,
    /// What it is to whom. The first kind that a subscription has is told, so that an event is told once.
    pub(crate) kinds: Vec<(Kind, Audience)>,
}

impl<'a> News<'a> {
    /// An audit entry's news, if it concerns anybody. `approvers` had approved the version that was the newest before it.
    pub(crate) fn of_entry(review: &'a Review, entry: &'a AuditEntry, approvers: &[ActorId]) -> Option<Self> {
        let kinds = kinds(review, &entry.event, approvers);
        let by = Some(&entry.actor);
        (!kinds.is_empty()).then_some(Self { id: entry.entry_id, at: entry.at, review, by, kinds })
    }

    /// The news that a run could not be resumed.
    pub(crate) fn resume_failed(review: &'a Review, id: EntryId, at: Timestamp) -> Self {
        Self { id, at, review, by: None, kinds: vec![(Kind::ResumeFailed, Audience::Everybody)] }
    }

    /// Whether a member can decide the review: it may review at all, and an approval of its would count.
    pub(crate) fn may_decide(&self, member: &Member) -> bool {
        let counts =
            self.review.terms.approvals.as_ref().is_none_or(|it| it.refuses(&member.actor).is_none());
        counts && member.scopes().allow(shared::store::Scope::Review)
    }
}

/// To whom the review is assigned; everybody, if to nobody.
fn assigned(review: &Review) -> Audience {
    match &review.terms.assignment {
        // Enforced and to nobody, nobody can decide it.
        Some(assignment) if assignment.enforce || !assignment.is_to_nobody() => {
            Audience::Named(assignment.actors.clone(), assignment.groups.clone())
        }
        _ => Audience::Everybody,
    }
}

fn kinds(review: &Review, event: &AuditEvent, approvers: &[ActorId]) -> Vec<(Kind, Audience)> {
    let changed = || Audience::people(approvers.to_vec()).map(|them| (Kind::ChangedAfterApproval, them));
    match event {
        AuditEvent::OverlayCreated { .. } => match assigned(review) {
            Audience::Everybody => vec![(Kind::Waiting, Audience::Everybody)],
            them => vec![(Kind::Assigned, them.clone()), (Kind::Waiting, them)],
        },
        AuditEvent::Assigned { groups, actors, .. } if groups.is_empty() && actors.is_empty() => {
            vec![(Kind::Waiting, assigned(review))]
        }
        AuditEvent::Assigned { groups, actors, .. } => {
            let them = Audience::Named(actors.clone(), groups.clone());
            vec![(Kind::Assigned, them.clone()), (Kind::Waiting, them)]
        }
        AuditEvent::DecisionSubmitted { verdict: Verdict::Escalated, .. } => {
            let them = match (assigned(review), &review.escalated_to) {
                (Audience::Everybody, Some(name)) => Audience::Called(name.clone()),
                (them, _) => them,
            };
            vec![(Kind::Escalated, them.clone()), (Kind::Waiting, them)]
        }
        AuditEvent::DecisionSubmitted { appended_seq: Some(_), .. } | AuditEvent::VersionAppended { .. } => {
            changed().into_iter().collect()
        }
        AuditEvent::Reopened { .. } => vec![(Kind::Waiting, assigned(review))],
        AuditEvent::DueSoon { .. } => vec![(Kind::DueSoon, assigned(review))],
        AuditEvent::Overdue { .. } => vec![(Kind::Overdue, assigned(review))],
        AuditEvent::Claimed { kind, .. } => {
            let from = kind.from().map(|holder| holder.id.clone());
            let them = Audience::people(from.into_iter().collect());
            them.map(|them| (Kind::TakenOver, them)).into_iter().collect()
        }
        AuditEvent::Commented { mentions, .. } => {
            let them = Audience::people(mentions.clone());
            them.map(|them| (Kind::Mentioned, them)).into_iter().collect()
        }
        AuditEvent::DecisionSubmitted { .. }
        | AuditEvent::Released { .. }
        | AuditEvent::ClaimExpired { .. }
        | AuditEvent::DocumentDeleted { .. } => Vec::new(),
    }
}
