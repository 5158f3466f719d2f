//! Whom the organization knows, by its keys: to whom an escalation can assign a review.

use crate::review::{ActorId, Addressee, OrganizationId, Timestamp, is_same_name};
use crate::store::access::api_keys::KeyRecord;
use crate::store::error::StoreError;
use crate::store::handle::Store;
use std::collections::BTreeSet;

impl Store {
    /// The group or the actor that `name` names: an actor by id, else a group, else an actor by display name, without regard to case. By the
    /// keys that are active at `now`. A name that several actors have names none of them.
    ///
    /// Only the first 5,000 keys or so of an organization are looked at.
    pub async fn addressee(
        &self,
        organization: &OrganizationId,
        name: &str,
        now: Timestamp,
    ) -> Result<Addressee, StoreError> {
        const KEYS: usize = 5000;
        let mut keys = self.first_keys(organization, KEYS).await?;
        keys.retain(|key| key.is_live(now));
        Ok(named(&keys, name))
    }
}

fn named(keys: &[KeyRecord], name: &str) -> Addressee {
    let actors_of = |matches: fn(&KeyRecord, &str) -> bool| {
        let found = keys.iter().filter(|key| matches(key, name)).map(|key| key.actor.id.clone());
        let found: BTreeSet<ActorId> = found.collect();
        if found.len() == 1 { found.into_iter().next().map(Addressee::Actor) } else { None }
    };
    if let Some(actor) = actors_of(|key, name| is_same_name(key.actor.id.as_str(), name)) {
        return actor;
    }
    let group = keys.iter().flat_map(|key| &key.groups).find(|group| is_same_name(group.as_str(), name));
    if let Some(group) = group {
        return Addressee::Group(group.clone());
    }
    actors_of(|key, name| is_same_name(&key.actor.display_name, name)).unwrap_or(Addressee::Unknown)
}
