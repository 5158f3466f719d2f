//! Subscriptions: who is told of what, and where.

use crate::egress::Egress;
use crate::hex::hex;
use crate::review::{Actor, ActorId, GroupId, OrganizationId, Timestamp, WorkflowId, words};

/// A subscription's id: `sub_` and 16 hexadecimal digits.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SubscriptionId(String);

impl SubscriptionId {
    /// As a regular expression.
    pub const PATTERN: &str = "^sub_[0-9a-f]{16}$";
    /// What every one begins with.
    pub const PREFIX: &str = "sub_";

    /// The id with these 8 bytes.
    pub fn new(bytes: [u8; 8]) -> Self {
        Self(format!("{}{}", Self::PREFIX, hex(&bytes)))
    }

    /// Parses an id; `None` if it is none.
    pub fn parse(text: &str) -> Option<Self> {
        let digits = text.strip_prefix(Self::PREFIX)?;
        let is_hex = digits.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        (digits.len() == 16 && is_hex).then(|| Self(text.to_owned()))
    }

    /// The text itself.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for SubscriptionId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

words! {
    /// What people are told of.
    pub enum NotificationKind {
        /// A review waits that the receiver may decide.
        Waiting = "waiting",
        /// A review was assigned to the receiver.
        Assigned = "assigned",
        /// A review was escalated to the receiver.
        Escalated = "escalated",
        /// A review that is assigned to the receiver, or to nobody, is due soon.
        DueSoon = "due_soon",
        /// A review that is assigned to the receiver, or to nobody, is overdue.
        Overdue = "overdue",
        /// Somebody took over a review that the receiver had claimed.
        TakenOver = "taken_over",
        /// A review was changed after the receiver had approved it.
        ChangedAfterApproval = "changed_after_approval",
        /// A comment mentions the receiver.
        Mentioned = "mentioned",
        /// A decision could not be delivered to the run that waits for it.
        ResumeFailed = "resume_failed",
        /// A webhook was disabled, because no delivery to it has succeeded for days.
        WebhookDisabled = "webhook_disabled",
    }
}

/// Who is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Receiver {
    /// A member.
    Member(ActorId),
    /// A group.
    Group(GroupId),
}

/// Where a message goes, and in which form. An address is a secret: whoever has it can write there.
#[derive(Clone, PartialEq, Eq)]
pub enum Channel {
    /// Slack's incoming webhook.
    Slack {
        /// Its address.
        url: String,
    },
    /// Microsoft Teams' workflow webhook.
    Teams {
        /// Its address.
        url: String,
    },
}

words! {
    /// The kinds of channels.
    pub enum ChannelKind {
        /// An incoming webhook of Slack.
        Slack = "slack",
        /// A workflow of Microsoft Teams that begins with a webhook.
        Teams = "teams",
    }
}

impl Channel {
    /// Hosts of Slack's incoming webhooks.
    const SLACK: [&str; 2] = ["hooks.slack.com", "hooks.slack-gov.com"];

    /// A channel of that kind at this address.
    pub fn new(kind: ChannelKind, url: String) -> Self {
        match kind {
            ChannelKind::Slack => Self::Slack { url },
            ChannelKind::Teams => Self::Teams { url },
        }
    }

    /// Its kind.
    pub const fn kind(&self) -> ChannelKind {
        match self {
            Self::Slack { .. } => ChannelKind::Slack,
            Self::Teams { .. } => ChannelKind::Teams,
        }
    }

    /// Its address, which is a secret.
    pub fn url(&self) -> &str {
        let (Self::Slack { url } | Self::Teams { url }) = self;
        url
    }

    /// The host of its address, which is none.
    pub fn host(&self) -> String {
        let url = url::Url::parse(self.url()).ok();
        url.and_then(|url| url.host_str().map(str::to_owned)).unwrap_or_default()
    }

    /// What is wrong with its address; `None` for nothing. Microsoft has moved the hosts of Teams' webhooks more than once, so any public one will do.
    pub fn fault(&self, egress: Egress) -> Option<String> {
        let url = match egress.parse(self.url()) {
            Err(fault) => return Some(fault.to_string()),
            Ok(url) => url,
        };
        let is_slacks = || url.host_str().is_some_and(|host| Self::SLACK.contains(&host));
        match self {
            // On a developer's machine there are stand-ins.
            Self::Slack { .. } if egress != Egress::PublicAndLoopback && !is_slacks() => {
                Some(format!("must be at {}", Self::SLACK.join(" or ")))
            }
            _ => None,
        }
    }
}

/// Without the address.
impl std::fmt::Debug for Channel {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.kind().as_str())
    }
}

/// The hours in which nothing is sent; what comes meanwhile is sent together when they end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QuietHours {
    /// Their beginning, as `HH:MM`.
    pub from: String,
    /// Their end, as `HH:MM`; before the beginning, it is on the next day.
    pub until: String,
    /// The IANA name of the time zone: `Europe/Berlin`.
    pub time_zone: String,
}

impl QuietHours {
    /// Whether a text is a time as `HH:MM`.
    pub fn is_time(text: &str) -> bool {
        let part = |text: &str, limit: u8| {
            text.len() == 2
                && text.bytes().all(|byte| byte.is_ascii_digit())
                && text.parse::<u8>().is_ok_and(|number| number < limit)
        };
        text.split_once(':').is_some_and(|(hours, minutes)| part(hours, 24) && part(minutes, 60))
    }
}

/// A subscription: a member or a group is told of some kinds of news, in some workflows, in a channel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subscription {
    /// Its id.
    pub id: SubscriptionId,
    /// The organization that it belongs to.
    pub organization: OrganizationId,
    /// Who is told.
    pub receiver: Receiver,
    /// Of what; at least one.
    pub events: Vec<NotificationKind>,
    /// In which workflows; empty means all.
    pub workflows: Vec<WorkflowId>,
    /// Where.
    pub channel: Channel,
    /// After how many minutes what has gathered is sent; `None` for each at once.
    pub digest_minutes: Option<u16>,
    /// When nothing is sent.
    pub quiet_hours: Option<QuietHours>,
    /// Whether nothing is sent at all.
    pub paused: bool,
    /// When it was made.
    pub created_at: Timestamp,
    /// By whom.
    pub created_by: Actor,
    /// Since when every message has failed, if the last one did.
    pub failing_since: Option<Timestamp>,
    /// What the last message failed for.
    pub last_error: Option<String>,
    /// The number of changes; a change names the one that it was made on.
    pub rev: u64,
}

impl Subscription {
    /// Subscriptions of one organization at most.
    pub const LIMIT: usize = 200;
    /// Subscriptions of one member, or one group, at most.
    pub const LIMIT_EACH: usize = 20;
    /// Workflows of one subscription at most.
    pub const WORKFLOWS: usize = 20;
    /// Minutes of a digest.
    pub const DIGEST: std::ops::RangeInclusive<u16> = 5..=1440;
    /// Longest error that is kept, in characters.
    pub const ERROR_LIMIT: usize = 200;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_hexadecimal() {
        let id = SubscriptionId::new([0xab; 8]);
        assert_eq!(SubscriptionId::parse(id.as_str()), Some(id));
        for bad in [
            "",
            "sub_",
            "sub_ABABABABABABABAB",
            "wh_abababababababab",
            "sub_ababababababababa",
            "sub_#babababababababa",
        ] {
            assert_eq!(SubscriptionId::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn times_are_of_a_day() {
        assert!(["00:00", "23:59", "07:30"].into_iter().all(QuietHours::is_time));
        for bad in ["", "7:30", "24:00", "12:60", "12:3", "+1:00", "12:00:00", "ab:cd"] {
            assert!(!QuietHours::is_time(bad), "{bad}");
        }
    }

    #[test]
    fn slacks_addresses_are_slacks_and_no_address_is_private() {
        let fault = |kind, url: &str| Channel::new(kind, url.into()).fault(Egress::Public);
        assert_eq!(fault(ChannelKind::Slack, "https://hooks.slack.com/services/T0/B0/x"), None);
        assert_eq!(
            fault(ChannelKind::Teams, "https://x.environment.api.powerplatform.com/workflows/y"),
            None
        );
        for bad in [
            "https://hooks.slack.com.evil.example/x",
            "https://evil.example/hooks.slack.com",
            "http://hooks.slack.com/x",
        ] {
            assert!(fault(ChannelKind::Slack, bad).is_some(), "{bad}");
        }
        for bad in ["https://10.0.0.1/x", "http://teams.example/x", "https://a:b@teams.example/x", "x"] {
            assert!(fault(ChannelKind::Teams, bad).is_some(), "{bad}");
        }
    }

    #[test]
    fn no_address_is_in_a_debug_text() {
        let channel = Channel::new(ChannelKind::Slack, "https://hooks.slack.com/services/secret".into());
        assert_eq!(format!("{channel:?} {}", channel.host()), "slack hooks.slack.com");
    }
}
