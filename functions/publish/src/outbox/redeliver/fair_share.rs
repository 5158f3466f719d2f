//! What is due, shared out fairly: each organization gets its turn, however much is pending for another.

use shared::event::DeliveryTarget;
use shared::review::OrganizationId;
use shared::store::{DueItem, DueWork};
use std::collections::VecDeque;

/// Whom due items are for: each has a lane of its own, so that none waits for another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Lane {
    /// Runs that wait for their callbacks.
    Callbacks,
    /// A target of events.
    Target(DeliveryTarget),
}

/// What is due to one organization, by lane.
pub(super) struct Share {
    pub(super) organization: OrganizationId,
    pub(super) lanes: Vec<(Lane, VecDeque<DueItem>)>,
}

impl Share {
    fn lane(&mut self, lane: Lane) -> &mut VecDeque<DueItem> {
        let place = self.lanes.iter().position(|(it, _)| *it == lane).unwrap_or_else(|| {
            self.lanes.push((lane, VecDeque::new()));
            self.lanes.len() - 1
        });
        &mut self.lanes[place].1
    }
}

/// Sorts what is due by organization and lane, each in the order in which it came.
pub(super) fn by_organization(due: Vec<(DueItem, DueWork)>) -> Vec<Share> {
    let mut shares: Vec<Share> = Vec::new();
    let mut places = std::collections::HashMap::new();
    for (item, work) in due {
        let organization = work.organization().clone();
        let lane = match work {
            DueWork::Callback(_) => Lane::Callbacks,
            DueWork::Backlog(_, target) | DueWork::Redrive(_, target) => Lane::Target(target),
            DueWork::Test(_, id) => Lane::Target(DeliveryTarget::Webhook(id)),
            DueWork::Digest(_, id) | DueWork::TestMessage(_, id) => {
                Lane::Target(DeliveryTarget::Subscription(id))
            }
        };
        let place = *places.entry(organization.clone()).or_insert_with(|| {
            shares.push(Share { organization, lanes: Vec::new() });
            shares.len() - 1
        });
        shares[place].lane(lane).push_back(item);
    }
    shares
}

/// Takes at most `room` items: one of each organization in turn, its callbacks first, then its targets in turn. Returns what is
/// taken, and what is left.
pub(super) fn share_out(due: Vec<(DueItem, DueWork)>, room: usize) -> (Vec<Share>, Vec<DueItem>) {
    let mut waiting = by_organization(due);
    for share in &mut waiting {
        share.lanes.sort_by_key(|(lane, _)| *lane != Lane::Callbacks);
    }
    let taken = waiting.iter().map(|it| Share { organization: it.organization.clone(), lanes: Vec::new() });
    let mut taken: Vec<Share> = taken.collect();
    let mut turns: VecDeque<usize> = (0..waiting.len()).collect();
    let mut room = room;
    while room > 0
        && let Some(place) = turns.pop_front()
    {
        let lanes = &mut waiting[place].lanes;
        if lanes.is_empty() {
            continue;
        }
        if let Some(item) = lanes[0].1.pop_front() {
            taken[place].lane(lanes[0].0.clone()).push_back(item);
            room -= 1;
        }
        if lanes[0].1.is_empty() {
            lanes.remove(0);
        } else if lanes[0].0 != Lane::Callbacks {
            lanes.rotate_left(1);
        }
        turns.push_back(place);
    }
    let left = waiting.into_iter().flat_map(|share| share.lanes).flat_map(|(_, items)| items).collect();
    taken.retain(|share| !share.lanes.is_empty());
    (taken, left)
}
