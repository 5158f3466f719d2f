//! Invites: links that make whoever signs in with them a member. Each is used once; only the digest of its token is stored.

use crate::hex::hex;
use crate::review::{Actor, GroupId, OrganizationId, Timestamp};
use crate::store::access::administration::AdministrationEntry;
use crate::store::access::members::{Member, Role};
use crate::store::error::StoreError;
use crate::store::handle::Store;
use crate::store::items::values::StoredActor;
use crate::store::table::codec::{self, Attributes, corrupt, number};
use crate::store::table::transaction::{Condition, Transacted};
use crate::store::table::{expressions, keys};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// What an invite makes of whoever signs in with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invite {
    /// The tenant.
    pub organization: OrganizationId,
    /// The roles that it gives.
    pub roles: Vec<Role>,
    /// The groups that it gives.
    pub groups: Vec<GroupId>,
    /// The address, verified by the issuer, that alone may use it; whoever has the link if there is none.
    pub email: Option<String>,
    /// Who made it.
    pub made_by: Actor,
    /// Until when it is valid.
    pub expires_at: Timestamp,
}

impl Invite {
    /// How long an invite is valid, in milliseconds: seven days.
    pub const MILLIS: i64 = 7 * 86_400_000;

    /// The token of an invite, from 32 random bytes: 43 URL-safe characters, never stored.
    pub fn token(random: [u8; 32]) -> String {
        URL_SAFE_NO_PAD.encode(random)
    }
}

#[derive(Serialize, Deserialize)]
struct InviteItem {
    pk: String,
    sk: String,
    organization: String,
    roles: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    groups: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    email: Option<String>,
    made_by: StoredActor,
    expires_at: i64,
    ttl: i64,
}

fn partition(token: &str) -> String {
    keys::invite(&hex(&Sha256::digest(token)))
}

impl Store {
    /// Makes an invite, with the entry that says so.
    pub async fn create_invite(
        &self,
        token: &str,
        invite: &Invite,
        entry: &AdministrationEntry,
    ) -> Result<(), StoreError> {
        let item = InviteItem {
            pk: partition(token),
            sk: keys::INVITE.into(),
            organization: invite.organization.to_string(),
            roles: invite.roles.iter().map(|role| role.as_str().to_owned()).collect(),
            groups: invite.groups.iter().map(ToString::to_string).collect(),
            email: invite.email.clone(),
            made_by: StoredActor::from(&invite.made_by),
            expires_at: invite.expires_at.millis(),
            ttl: invite.expires_at.millis() / 1000,
        };
        let writes = vec![
            self.transact_create(codec::encode_item(&item)?)?,
            self.transact_create(entry.item(&invite.organization)?)?,
        ];
        match self.transact(writes).await? {
            Transacted::Written => Ok(()),
            Transacted::Refused(_) => Err(StoreError::Rejected("this invite exists".into())),
        }
    }

    /// The invite of a token, if it can be used at `now`.
    pub async fn invite(&self, token: &str, now: Timestamp) -> Result<Option<Invite>, StoreError> {
        let Some(found) = self.get(partition(token), keys::INVITE.into()).await? else { return Ok(None) };
        let found: InviteItem = codec::decode_item(found)?;
        let groups = found.groups.iter().map(|group| GroupId::parse(group)).collect::<Result<_, _>>();
        let invite = Invite {
            organization: OrganizationId::parse(&found.organization)
                .map_err(|_| corrupt("organization")())?,
            roles: found.roles.iter().filter_map(|role| Role::parse(role)).collect(),
            groups: groups.map_err(|_| corrupt("a group")())?,
            email: found.email,
            made_by: found.made_by.decode()?,
            expires_at: Timestamp::from_millis(found.expires_at),
        };
        Ok((now < invite.expires_at).then_some(invite))
    }

    /// As [`Store::put_member`], and uses up an invite in the same transaction; `false` if that was used before, too.
    pub async fn put_invited_member(
        &self,
        member: &Member,
        seen: Option<u64>,
        entry: &AdministrationEntry,
        token: &str,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let mut writes = self.member_writes(member, seen, entry)?;
        let values = Attributes::from([(":now".to_owned(), number(now.millis()))]);
        let valid = Condition { expression: expressions::STILL_VALID, names: &[], values };
        writes.push(self.transact_delete_if((partition(token), keys::INVITE.into()), valid)?);
        Ok(matches!(self.transact(writes).await?, Transacted::Written))
    }
}
