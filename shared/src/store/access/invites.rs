//! Invites: links by which people become members, once each. The token is not stored; its SHA-256 is its item's key.

use crate::hex::hex;
use crate::new_id::random;
use crate::review::{Actor, GroupId, OrganizationId, Timestamp};
use crate::store::access::administration::AdministrationEntry;
use crate::store::access::api_keys::Scope;
use crate::store::access::members::{Member, Role};
use crate::store::error::StoreError;
use crate::store::handle::Store;
use crate::store::items::values::{StoredActor, decode_groups};
use crate::store::table::codec::{self, Attributes, corrupt, number};
use crate::store::table::transaction::{Condition, Transacted};
use crate::store::table::{expressions, keys};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use serde_json::json;
use sha2::{Digest, Sha256};

/// What the link of an invite holds: 32 random bytes, 43 URL-safe characters. Never logged, never stored.
#[derive(Clone)]
pub struct InviteToken(String);

impl InviteToken {
    /// A new token.
    pub fn generate() -> Result<Self, StoreError> {
        Ok(Self(URL_SAFE_NO_PAD.encode(random::<32>()?)))
    }

    /// The token's text, for its link.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    fn digest(&self) -> String {
        hex(&Sha256::digest(&self.0))
    }
}

impl std::fmt::Debug for InviteToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("InviteToken(..)")
    }
}

/// An invite.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invite {
    /// What people call it: the first 16 digits of the token's digest.
    pub id: String,
    /// The tenant.
    pub organization: OrganizationId,
    /// The roles that it gives.
    pub roles: Vec<Role>,
    /// The groups that it gives.
    pub groups: Vec<GroupId>,
    /// The address that whoever uses it must have, if that is said.
    pub email: Option<String>,
    /// Who made it.
    pub made_by: Actor,
    /// The id of the API key that it was made with, if it was one.
    pub made_with: Option<String>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it ends.
    pub expires_at: Timestamp,
}

impl Invite {
    /// How long an invite lasts: seven days.
    pub const MILLIS: i64 = 7 * 86_400_000;
    /// How many an organization can have at a time.
    pub const LIMIT: usize = 200;
}

/// INVITE, under the token's digest, and the same under the organization's register. TTL deletes both some time after their end.
#[derive(Clone, Serialize, Deserialize)]
struct InviteItem {
    pk: String,
    sk: String,
    digest: String,
    organization: String,
    roles: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    groups: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    email: Option<String>,
    made_by: StoredActor,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    made_with: Option<String>,
    created_at: i64,
    expires_at: i64,
    ttl: i64,
}

impl InviteItem {
    fn decode(self) -> Result<Invite, StoreError> {
        Ok(Invite {
            id: self.digest.get(..16).ok_or_else(corrupt("an invite's digest"))?.to_owned(),
            organization: OrganizationId::parse(&self.organization).map_err(|_| corrupt("organization")())?,
            roles: self.roles.iter().filter_map(|role| Role::parse(role)).collect(),
            groups: decode_groups(&self.groups)?,
            email: self.email,
            made_by: self.made_by.decode()?,
            made_with: self.made_with,
            created_at: Timestamp::from_millis(self.created_at),
            expires_at: Timestamp::from_millis(self.expires_at),
        })
    }
}

impl Store {
    /// Makes an invite; its `id` is set from the token. One transaction, with the entry of the audit.
    pub async fn create_invite(&self, token: &InviteToken, invite: Invite) -> Result<Invite, StoreError> {
        let digest = token.digest();
        let invite = Invite { id: digest[..16].to_owned(), ..invite };
        let by_digest = InviteItem {
            pk: keys::invite(&digest),
            sk: keys::INVITE.into(),
            digest,
            organization: invite.organization.to_string(),
            roles: invite.roles.iter().map(|role| role.as_str().to_owned()).collect(),
            groups: invite.groups.iter().map(ToString::to_string).collect(),
            email: invite.email.clone(),
            made_by: StoredActor::from(&invite.made_by),
            made_with: invite.made_with.clone(),
            created_at: invite.created_at.millis(),
            expires_at: invite.expires_at.millis(),
            ttl: invite.expires_at.millis() / 1000,
        };
        let in_register = InviteItem {
            pk: keys::invite_register(&invite.organization),
            sk: invite.id.clone(),
            ..by_digest.clone()
        };
        let detail =
            json!({ "roles": by_digest.roles, "groups": by_digest.groups, "email": by_digest.email });
        let entry =
            AdministrationEntry::new(&invite.made_by, invite.created_at, "invite_created", &invite.id)
                .with_detail(&detail);
        let writes = vec![
            self.transact_create(codec::encode_item(&by_digest)?)?,
            self.transact_create(codec::encode_item(&in_register)?)?,
            self.transact_create(entry.item(&invite.organization)?)?,
        ];
        match self.transact(writes).await? {
            Transacted::Written => Ok(invite),
            Transacted::Refused(_) => Err(StoreError::Rejected("an invite with this id exists".into())),
        }
    }

    /// The invite of a token, if it can be used at `now`.
    pub async fn invite(&self, token: &str, now: Timestamp) -> Result<Option<Invite>, StoreError> {
        let key = keys::invite(&hex(&Sha256::digest(token)));
        let Some(found) = self.get(key, keys::INVITE.into()).await? else { return Ok(None) };
        let invite = codec::decode_item::<InviteItem>(found)?.decode()?;
        Ok((now < invite.expires_at).then_some(invite))
    }

    /// Whether who made an invite could still make it at `now`: a member who administers, or a live key with scope `admin`. The operator's
    /// own tools always can.
    pub async fn may_still_invite(&self, invite: &Invite, now: Timestamp) -> Result<bool, StoreError> {
        let organization = &invite.organization;
        if let Some(key_id) = &invite.made_with {
            let key = self.key(organization, key_id).await?;
            return Ok(key.is_some_and(|key| key.is_live(now) && key.scopes.allow(Scope::Admin)));
        }
        let maker = self.member(organization, &invite.made_by.id).await?;
        Ok(maker.is_none_or(|maker| maker.administers()))
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
        let digest = hex(&Sha256::digest(token));
        let mut writes = self.member_writes(member, seen, entry)?;
        let values = Attributes::from([(":now".to_owned(), number(now.millis()))]);
        let valid = Condition::of(expressions::STILL_VALID, values);
        writes.push(self.transact_delete_if((keys::invite(&digest), keys::INVITE.into()), valid)?);
        let register = (keys::invite_register(&member.organization), digest[..16].to_owned());
        writes.push(self.transact_delete(register, expressions::PRESENT)?);
        Ok(matches!(self.transact(writes).await?, Transacted::Written))
    }

    /// The invites of an organization that have not ended at `now`, the newest first. One query.
    pub async fn invites(
        &self,
        organization: &OrganizationId,
        now: Timestamp,
    ) -> Result<Vec<Invite>, StoreError> {
        let mut invites = Vec::new();
        for item in self.partition(keys::invite_register(organization)).await? {
            let invite = codec::decode_item::<InviteItem>(item)?.decode()?;
            if now < invite.expires_at {
                invites.push(invite);
            }
        }
        invites.sort_by_key(|invite| std::cmp::Reverse(invite.created_at));
        Ok(invites)
    }

    /// Deletes an invite by its id; `false` when the organization has no such invite.
    pub async fn delete_invite(
        &self,
        organization: &OrganizationId,
        id: &str,
        by: &Actor,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let register = (keys::invite_register(organization), id.to_owned());
        let Some(found) = self.get(register.0.clone(), register.1.clone()).await? else { return Ok(false) };
        let found: InviteItem = codec::decode_item(found)?;
        let entry = AdministrationEntry::new(by, now, "invite_deleted", id);
        let writes = vec![
            self.transact_delete(register, expressions::PRESENT)?,
            self.transact_delete((keys::invite(&found.digest), keys::INVITE.into()), expressions::PRESENT)?,
            self.transact_create(entry.item(organization)?)?,
        ];
        Ok(matches!(self.transact(writes).await?, Transacted::Written))
    }
}
