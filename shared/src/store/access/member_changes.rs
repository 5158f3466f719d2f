//! Pages of members, and changes of one of them by an administrator.

use crate::review::{ActorId, OrganizationId};
use crate::store::access::administration::AdministrationEntry;
use crate::store::access::members::{Member, MemberItem, Role};
use crate::store::error::StoreError;
use crate::store::handle::Store;
use crate::store::table::codec;
use crate::store::table::transaction::{Condition, Transacted};
use crate::store::table::{expressions, keys};
use aws_sdk_dynamodb::types::AttributeValue;

/// A page of members, by id.
#[derive(Debug)]
pub struct MemberPage {
    /// The members, disabled ones included.
    pub members: Vec<Member>,
    /// The last member's id, if there are more.
    pub next: Option<ActorId>,
}

impl Member {
    /// Whether they may administer the organization: an active member with that role.
    pub fn administers(&self) -> bool {
        self.is_active() && self.roles.contains(&Role::Admin)
    }
}

impl Store {
    /// At most `limit` members, those after one of them. One query.
    pub async fn members_after(
        &self,
        organization: &OrganizationId,
        after: Option<&ActorId>,
        limit: usize,
    ) -> Result<MemberPage, StoreError> {
        let pk = keys::members(organization);
        let query = match after {
            None => self.part(pk, expressions::PARTITION),
            Some(after) => self
                .part(pk, expressions::RANGE_AFTER)
                .expression_attribute_values(":after", AttributeValue::S(keys::member(after))),
        };
        let query = query.set_limit(i32::try_from(limit + 1).ok());
        let found = self.gather(query, Some(limit + 1)).await?.into_iter();
        let mut members: Vec<Member> =
            found.map(|item| codec::decode_item::<MemberItem>(item)?.decode()).collect::<Result<_, _>>()?;
        let more = members.len() > limit;
        members.truncate(limit);
        let next = members.last().filter(|_| more).map(|member| member.actor.id.clone());
        Ok(MemberPage { members, next })
    }

    /// Stores a member as changed on `seen`, with its entry; returns whether nobody was faster. With `remaining`, only if that member
    /// is unchanged, too: an administrator who stays one. So two who take the role from each other do not both succeed.
    pub async fn change_member(
        &self,
        member: &Member,
        seen: u64,
        remaining: Option<&Member>,
        entry: &AdministrationEntry,
    ) -> Result<bool, StoreError> {
        let mut writes = self.member_writes(member, Some(seen), entry)?;
        if let Some(remaining) = remaining {
            let key = (keys::members(&remaining.organization), keys::member(&remaining.actor.id));
            writes.push(self.transact_check(key, Condition::same_rev(remaining.rev))?);
        }
        Ok(matches!(self.transact(writes).await?, Transacted::Written))
    }
}
