//! Whom the organization knows, by its members and keys: to whom an escalation can assign a review.

use crate::review::{ActorId, Addressee, GroupId, OrganizationId, Timestamp, is_same_name};
use crate::store::access::api_keys::KeyRecord;
use crate::store::error::StoreError;
use crate::store::handle::Store;
use std::collections::BTreeSet;

/// Most keys, and most members, of an organization that are looked at.
const MOST_LOOKED_AT: usize = 5000;

impl Store {
    /// The group or the actor that `name` names: an active member by id, which is one read. Else, by the keys that are active at `now` and
    /// without regard to case, an actor by id, a group, or an actor by display name. A name that several actors have names none of them.
    ///
    /// Only the first 5,000 keys or so of an organization are looked at.
    pub async fn addressee(
        &self,
        organization: &OrganizationId,
        name: &str,
        now: Timestamp,
    ) -> Result<Addressee, StoreError> {
        if let Ok(id) = ActorId::parse(name.trim()) {
            let member = self.member(organization, &id).await?;
            if member.is_some_and(|member| member.is_active()) {
                return Ok(Addressee::Actor(id));
            }
        }
        let mut keys = self.first_keys(organization, MOST_LOOKED_AT).await?;
        keys.retain(|key| key.is_live(now));
        Ok(named(&keys, name))
    }
}

/// The ids of an organization's actors, and its groups.
#[derive(Debug, Default)]
pub struct KnownNames {
    names: BTreeSet<String>,
}

impl KnownNames {
    /// Whether somebody has that id, or belongs to that group.
    pub fn has(&self, name: &str) -> bool {
        self.names.contains(name)
    }
}

impl Store {
    /// Who there is: active members, and who has a key that is active at `now`. `None` if there are too many to look at. Two queries.
    pub async fn known_names(
        &self,
        organization: &OrganizationId,
        now: Timestamp,
    ) -> Result<Option<KnownNames>, StoreError> {
        let (members, keys) = futures_util::try_join!(
            self.members_after(organization, None, MOST_LOOKED_AT),
            self.first_keys(organization, MOST_LOOKED_AT)
        )?;
        if members.next.is_some() || keys.len() >= MOST_LOOKED_AT {
            return Ok(None);
        }
        let mut known = KnownNames::default();
        let mut add = |actor: &ActorId, groups: &[GroupId]| {
            known.names.insert(actor.to_string());
            known.names.extend(groups.iter().map(ToString::to_string));
        };
        for member in members.members.iter().filter(|member| member.is_active()) {
            add(&member.actor.id, &member.groups);
            add(&member.actor.id, &member.claimed_groups);
        }
        for key in keys.iter().filter(|key| key.is_live(now)) {
            add(&key.actor.id, &key.groups);
        }
        Ok(Some(known))
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
