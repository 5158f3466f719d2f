//! Members of an organization: the people who sign in. What each may do follows from roles and groups.

use crate::hex::hex;
use crate::review::{
    Actor, ActorId, ActorKind, GroupId, MAX_STAND_INS, OrganizationId, Standing, Timestamp, words,
};
use crate::store::access::administration::AdministrationEntry;
use crate::store::access::api_keys::{Scope, Scopes};
use crate::store::error::StoreError;
use crate::store::handle::Store;
use crate::store::items::values::{StoredActor, decode_groups};
use crate::store::table::codec::{self, Attributes, corrupt};
use crate::store::table::keys;
use crate::store::table::transaction::Transacted;
use aws_sdk_dynamodb::types::TransactWriteItem;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

words! {
    /// What a member may do.
    pub enum Role {
        /// Read, claim, correct and decide reviews.
        Reviewer = "reviewer",
        /// As a reviewer, and also what is assigned to others.
        Lead = "lead",
        /// Read, and administer people, keys, webhooks, sign-in and policies.
        Admin = "admin",
    }
}

/// Who a member is at an issuer of identities.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// The issuer (`iss`).
    pub issuer: String,
    /// The subject (`sub`): stable and unique at that issuer.
    pub subject: String,
}

impl Identity {
    /// The id of its actor: always the same for the same subject of the same issuer.
    pub fn actor_id(&self) -> ActorId {
        let mut hasher = Sha256::new();
        for part in [&self.issuer, &self.subject] {
            hasher.update((part.len() as u64).to_be_bytes());
            hasher.update(part);
        }
        let id = format!("user_{}", &hex(&hasher.finalize())[..24]);
        ActorId::parse(&id).unwrap_or_else(|_| unreachable!("letters and digits"))
    }
}

/// A member of an organization.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// The tenant.
    pub organization: OrganizationId,
    /// Who acts when they are signed in.
    pub actor: Actor,
    /// Where they can be written to; verified by the issuer.
    pub email: Option<String>,
    /// What they may do.
    pub roles: Vec<Role>,
    /// The groups that they belong to.
    pub groups: Vec<GroupId>,
    /// Those of them that the issuer named at the last sign-in. The next one replaces them.
    pub claimed_groups: Vec<GroupId>,
    /// Who they are at the issuer.
    pub identity: Option<Identity>,
    /// When they became a member.
    pub created_at: Timestamp,
    /// When they last signed in.
    pub last_seen_at: Option<Timestamp>,
    /// Since when they may no longer sign in.
    pub disabled_at: Option<Timestamp>,
    /// Whether they are out of office, and who stands in.
    pub away: Option<Away>,
    /// Whom they stand in for, as those have said.
    pub stands_in_for: Vec<StandsInFor>,
    /// The number of changes; a change names the one that it was made on.
    pub rev: u64,
}

/// Out of office.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Away {
    /// Until when, in milliseconds since 1970.
    pub until: i64,
    /// Who stands in: a member's id.
    pub to: String,
}

/// A colleague who is out of office.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StandsInFor {
    /// Their id.
    pub who: String,
    /// Until when, in milliseconds since 1970.
    pub until: i64,
}

impl Member {
    /// Longest that somebody is out of office, in days.
    pub const AWAY_DAYS: i64 = 180;

    /// Who stands in and until when, if they are out of office at `now`.
    pub fn away_at(&self, now: Timestamp) -> Option<&Away> {
        self.away.as_ref().filter(|away| now.millis() < away.until)
    }

    /// What their sessions may do.
    pub fn scopes(&self) -> Scopes {
        let mut scopes = vec![Scope::Read];
        if self.roles.iter().any(|role| matches!(role, Role::Reviewer | Role::Lead)) {
            scopes.push(Scope::Review);
        }
        if self.roles.contains(&Role::Admin) {
            scopes.push(Scope::Admin);
        }
        Scopes(scopes)
    }

    /// What they are besides an actor, at `now`.
    pub fn standing(&self, now: Timestamp) -> Standing {
        let may_override = self.roles.iter().any(|role| matches!(role, Role::Lead | Role::Admin));
        let others = self.stands_in_for.iter().filter(|it| now.millis() < it.until);
        let others = others.filter_map(|it| ActorId::parse(&it.who).ok()).take(MAX_STAND_INS).collect();
        Standing { stands_in_for: others, ..Standing::new(self.groups.clone(), may_override) }
    }

    /// Whether they may sign in.
    pub const fn is_active(&self) -> bool {
        self.disabled_at.is_none()
    }
}

/// MEMBER.
#[derive(Serialize, Deserialize)]
pub(in crate::store) struct MemberItem {
    pk: String,
    sk: String,
    organization: String,
    actor: StoredActor,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    email: Option<String>,
    roles: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    groups: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    claimed_groups: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    issuer: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    subject: Option<String>,
    created_at: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    last_seen_at: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    disabled_at: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    away: Option<Away>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    stands_in_for: Vec<StandsInFor>,
    rev: u64,
}

impl From<&Member> for MemberItem {
    fn from(member: &Member) -> Self {
        Self {
            pk: keys::members(&member.organization),
            sk: keys::member(&member.actor.id),
            organization: member.organization.to_string(),
            actor: StoredActor::from(&member.actor),
            email: member.email.clone(),
            roles: member.roles.iter().map(|role| role.as_str().to_owned()).collect(),
            groups: member.groups.iter().map(ToString::to_string).collect(),
            claimed_groups: member.claimed_groups.iter().map(ToString::to_string).collect(),
            issuer: member.identity.as_ref().map(|identity| identity.issuer.clone()),
            subject: member.identity.as_ref().map(|identity| identity.subject.clone()),
            created_at: member.created_at.millis(),
            last_seen_at: member.last_seen_at.map(Timestamp::millis),
            disabled_at: member.disabled_at.map(Timestamp::millis),
            away: member.away.clone(),
            stands_in_for: member.stands_in_for.clone(),
            rev: member.rev,
        }
    }
}

impl MemberItem {
    pub(in crate::store) fn decode(self) -> Result<Member, StoreError> {
        let actor = self.actor.decode()?;
        if actor.kind != ActorKind::Human {
            return Err(corrupt("a member's kind")());
        }
        Ok(Member {
            organization: OrganizationId::parse(&self.organization).map_err(|_| corrupt("organization")())?,
            actor,
            email: self.email,
            // A role of a newer build gives nothing here.
            roles: self.roles.iter().filter_map(|role| Role::parse(role)).collect(),
            groups: decode_groups(&self.groups)?,
            claimed_groups: decode_groups(&self.claimed_groups)?,
            identity: self.issuer.zip(self.subject).map(|(issuer, subject)| Identity { issuer, subject }),
            created_at: Timestamp::from_millis(self.created_at),
            last_seen_at: self.last_seen_at.map(Timestamp::from_millis),
            disabled_at: self.disabled_at.map(Timestamp::from_millis),
            away: self.away,
            stands_in_for: self.stands_in_for,
            rev: self.rev,
        })
    }
}

impl Store {
    /// A member, read consistently; disabled or not.
    pub async fn member(
        &self,
        organization: &OrganizationId,
        actor: &ActorId,
    ) -> Result<Option<Member>, StoreError> {
        let found = self.get(keys::members(organization), keys::member(actor)).await?;
        found.map(|item| codec::decode_item::<MemberItem>(item)?.decode()).transpose()
    }

    /// All members of an organization, by id.
    pub async fn members(&self, organization: &OrganizationId) -> Result<Vec<Member>, StoreError> {
        let found = self.partition(keys::members(organization)).await?.into_iter();
        found.map(|item| codec::decode_item::<MemberItem>(item)?.decode()).collect()
    }

    /// Stores a member as changed on `seen`, none for a new one, with the entry that says so in the organization's administration
    /// audit; returns whether nobody was faster. `member.rev` must be the next one.
    pub async fn put_member(
        &self,
        member: &Member,
        seen: Option<u64>,
        entry: &AdministrationEntry,
    ) -> Result<bool, StoreError> {
        let writes = self.member_writes(member, seen, entry)?;
        Ok(matches!(self.transact(writes).await?, Transacted::Written))
    }

    /// The writes of [`Store::put_member`].
    pub(in crate::store) fn member_writes(
        &self,
        member: &Member,
        seen: Option<u64>,
        entry: &AdministrationEntry,
    ) -> Result<Vec<TransactWriteItem>, StoreError> {
        let write = self.transact_put_at(Self::member_item(member)?, seen)?;
        Ok(vec![write, self.transact_create(entry.item(&member.organization)?)?])
    }

    /// Stores members as changed, each on the `rev` before its own, with one entry; returns whether nobody was faster.
    pub async fn change_members(
        &self,
        members: &[&Member],
        entry: &AdministrationEntry,
    ) -> Result<bool, StoreError> {
        let Some(first) = members.first() else { return Ok(true) };
        let put =
            |member: &&Member| self.transact_put_at(Self::member_item(member)?, member.rev.checked_sub(1));
        let mut writes = members.iter().map(put).collect::<Result<Vec<_>, _>>()?;
        writes.push(self.transact_create(entry.item(&first.organization)?)?);
        Ok(matches!(self.transact(writes).await?, Transacted::Written))
    }

    fn member_item(member: &Member) -> Result<Attributes, StoreError> {
        codec::encode_item(&MemberItem::from(member))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn member(roles: &[Role]) -> Member {
        let identity = Identity { issuer: "https://issuer.example".into(), subject: "1".into() };
        Member {
            organization: OrganizationId::parse("org").unwrap(),
            actor: Actor { kind: ActorKind::Human, id: identity.actor_id(), display_name: "Dana".into() },
            email: Some("dana@example.com".into()),
            roles: roles.to_vec(),
            groups: vec![GroupId::parse("finance").unwrap()],
            claimed_groups: vec![GroupId::parse("finance").unwrap()],
            identity: Some(identity),
            created_at: Timestamp::from_millis(1),
            last_seen_at: None,
            disabled_at: None,
            away: Some(Away { until: 9, to: "user_1".into() }),
            stands_in_for: vec![StandsInFor { who: "user_2".into(), until: 7 }],
            rev: 0,
        }
    }

    #[test]
    fn a_member_reads_back_as_stored() {
        for roles in [&[][..], &[Role::Reviewer], &[Role::Lead, Role::Admin]] {
            let member = member(roles);
            let item = Store::member_item(&member).unwrap();
            assert_eq!(codec::decode_item::<MemberItem>(item).unwrap().decode().unwrap(), member);
        }
    }

    #[test]
    fn standing_in_ends_by_itself() {
        let at = |millis| member(&[]).standing(Timestamp::from_millis(millis)).stands_in_for.len();
        assert_eq!((at(6), at(7)), (1, 0));
        let away = |millis| member(&[]).away_at(Timestamp::from_millis(millis)).is_some();
        assert_eq!((away(8), away(9)), (true, false));
    }

    #[test]
    fn roles_say_what_a_member_may_do() {
        let may = |roles: &[Role]| {
            let member = member(roles);
            (
                Scope::ALL.map(|scope| member.scopes().allow(scope)),
                member.standing(Timestamp::from_millis(7)).may_override,
            )
        };
        // read, review, runtime, admin
        assert_eq!(may(&[]), ([true, false, false, false], false));
        assert_eq!(may(&[Role::Reviewer]), ([true, true, false, false], false));
        assert_eq!(may(&[Role::Lead]), ([true, true, false, false], true));
        assert_eq!(may(&[Role::Admin]), ([true, false, false, true], true));
        assert_eq!(may(&[Role::Reviewer, Role::Admin]), ([true, true, false, true], true));
    }

    #[test]
    fn an_actor_is_of_one_subject_of_one_issuer() {
        let id = |issuer: &str, subject: &str| {
            Identity { issuer: issuer.into(), subject: subject.into() }.actor_id()
        };
        assert_eq!(id("https://a", "1"), id("https://a", "1"));
        assert_ne!(id("https://a", "1"), id("https://a1", ""));
        assert_ne!(id("https://a", "1"), id("https://b", "1"));
    }
}
