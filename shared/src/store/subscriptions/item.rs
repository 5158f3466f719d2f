//! A subscription's item.

use crate::event::{
    Channel, ChannelKind, NotificationKind, QuietHours, Receiver, Subscription, SubscriptionId,
};
use crate::review::{ActorId, GroupId, OrganizationId, Timestamp, WorkflowId};
use crate::store::error::StoreError;
use crate::store::items::values::StoredActor;
use crate::store::table::codec::{self, Attributes, corrupt};
use crate::store::table::keys;
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize)]
pub(super) struct SubscriptionItem {
    pk: String,
    sk: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    member: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    group: Option<String>,
    events: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    workflows: Vec<String>,
    channel: String,
    url: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    digest_minutes: Option<u16>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    quiet_hours: Option<StoredQuietHours>,
    #[serde(default)]
    paused: bool,
    created_at: i64,
    created_by: StoredActor,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    failing_since: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    last_error: Option<String>,
    rev: u64,
}

#[derive(Serialize, Deserialize)]
struct StoredQuietHours {
    from: String,
    until: String,
    time_zone: String,
}

impl SubscriptionItem {
    fn new(subscription: &Subscription) -> Self {
        let it = subscription;
        let (member, group) = match &it.receiver {
            Receiver::Member(actor) => (Some(actor.to_string()), None),
            Receiver::Group(group) => (None, Some(group.to_string())),
        };
        let quiet_hours = it.quiet_hours.clone();
        Self {
            pk: keys::subscriptions(&it.organization),
            sk: it.id.to_string(),
            member,
            group,
            events: it.events.iter().map(|kind| kind.as_str().to_owned()).collect(),
            workflows: it.workflows.iter().map(ToString::to_string).collect(),
            channel: it.channel.kind().as_str().to_owned(),
            url: it.channel.url().to_owned(),
            digest_minutes: it.digest_minutes,
            quiet_hours: quiet_hours.map(|QuietHours { from, until, time_zone }| StoredQuietHours {
                from,
                until,
                time_zone,
            }),
            paused: it.paused,
            created_at: it.created_at.millis(),
            created_by: StoredActor::from(&it.created_by),
            failing_since: it.failing_since.map(Timestamp::millis),
            last_error: it.last_error.clone(),
            rev: it.rev,
        }
    }

    /// Whether this build knows its channel.
    pub(super) fn is_known(&self) -> bool {
        ChannelKind::parse(&self.channel).is_some()
    }

    pub(super) fn decode(self, organization: &OrganizationId) -> Result<Subscription, StoreError> {
        let receiver = match (self.member, self.group) {
            (Some(member), _) => {
                Receiver::Member(ActorId::parse(&member).map_err(|_| corrupt("a member")())?)
            }
            (None, Some(group)) => Receiver::Group(GroupId::parse(&group).map_err(|_| corrupt("a group")())?),
            (None, None) => return Err(corrupt("a subscription's receiver")()),
        };
        let kind = ChannelKind::parse(&self.channel).ok_or_else(corrupt("a channel"))?;
        let workflow = |text: &String| WorkflowId::parse(text).map_err(|_| corrupt("a workflow")());
        Ok(Subscription {
            id: SubscriptionId::parse(&self.sk).ok_or_else(corrupt("a subscription's id"))?,
            organization: organization.clone(),
            receiver,
            // What a later build tells of, this one cannot.
            events: self.events.iter().filter_map(|word| NotificationKind::parse(word)).collect(),
            workflows: self.workflows.iter().map(workflow).collect::<Result<_, _>>()?,
            channel: Channel::new(kind, self.url),
            digest_minutes: self.digest_minutes,
            quiet_hours: self.quiet_hours.map(|StoredQuietHours { from, until, time_zone }| QuietHours {
                from,
                until,
                time_zone,
            }),
            paused: self.paused,
            created_at: Timestamp::from_millis(self.created_at),
            created_by: self.created_by.decode()?,
            failing_since: self.failing_since.map(Timestamp::from_millis),
            last_error: self.last_error,
            rev: self.rev,
        })
    }
}

/// The item of a subscription.
pub(super) fn subscription_item(subscription: &Subscription) -> Result<Attributes, StoreError> {
    codec::encode_item(&SubscriptionItem::new(subscription))
}
