//! Who calls: an organization, an actor and scopes.

use super::errors::Error;
use crate::review::{Actor, OrganizationId, Standing, Timestamp};
use crate::store::{KeyRecord, Member, Scope, Scopes};

/// Who calls and what they may do: what their API key says.
#[derive(Clone, Debug)]
pub struct Caller {
    /// The tenant.
    pub organization: OrganizationId,
    /// Who acts.
    pub actor: Actor,
    /// Which key or member it is, for the log.
    pub key_id: String,
    scopes: Scopes,
    /// What the actor is in the organization.
    pub standing: Standing,
    /// Whether a member signed in, and not a key.
    is_member: bool,
}

impl Caller {
    /// The id of the caller's API key, if it is not a member who signed in.
    pub fn key(&self) -> Option<&str> {
        (!self.is_member).then_some(self.key_id.as_str())
    }

    /// Whether the key may do what `scope` covers.
    pub fn may(&self, scope: Scope) -> bool {
        self.scopes.allow(scope)
    }

    /// Whether a key that the caller makes may have the scope: one that they have. No role has `runtime`, so members who administer
    /// may give it: else nobody could connect a workflow runtime without a key that has it.
    pub fn may_give(&self, scope: Scope) -> bool {
        self.may(scope) || (scope == Scope::Runtime && self.is_member && self.may(Scope::Admin))
    }

    /// A caller with all scopes.
    #[cfg(feature = "fuzzing")]
    pub(crate) fn allowed_everything(organization: OrganizationId, actor: Actor) -> Self {
        Self {
            organization,
            actor,
            key_id: "fuzzing".into(),
            scopes: Scopes(Scope::ALL.to_vec()),
            standing: Standing::default(),
            is_member: false,
        }
    }

    /// Fails unless the key has the scope.
    pub(super) fn must_be_allowed(&self, scope: Scope) -> Result<(), Error> {
        if self.scopes.allow(scope) { Ok(()) } else { Err(Error::Forbidden { scope }) }
    }
}

impl Caller {
    /// A member who has signed in, as of `now`.
    pub fn of_member(member: Member, now: Timestamp) -> Self {
        let (scopes, standing) = (member.scopes(), member.standing(now));
        let Member { organization, actor, .. } = member;
        Self { organization, key_id: actor.id.to_string(), actor, scopes, standing, is_member: true }
    }
}

impl From<KeyRecord> for Caller {
    fn from(key: KeyRecord) -> Self {
        let KeyRecord { key_id, organization, actor, scopes, groups, .. } = key;
        let standing = Standing::new(groups, scopes.allow(Scope::Admin));
        Self { organization, actor, key_id, scopes, standing, is_member: false }
    }
}
