//! Where events are delivered to.

use super::SubscriptionId;
use crate::hex::hex;

/// A webhook's id: `wh_` and 16 hexadecimal digits.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct WebhookId(String);

impl WebhookId {
    /// As a regular expression.
    pub const PATTERN: &str = "^wh_[0-9a-f]{16}$";

    /// The id with these 8 bytes.
    pub fn new(bytes: [u8; 8]) -> Self {
        Self(format!("wh_{}", hex(&bytes)))
    }

    /// Parses an id; `None` if it is none.
    pub fn parse(text: &str) -> Option<Self> {
        let digits = text.strip_prefix("wh_")?;
        let is_hex = digits.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        (digits.len() == 16 && is_hex).then(|| Self(text.to_owned()))
    }

    /// The text itself.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for WebhookId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// A target of events. A new one takes a variant here, its text in `as_str` and `parse`, a file in `functions/publish/src/targets`
/// and a line in the list there.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum DeliveryTarget {
    /// The deployment's `EventBridge` bus.
    EventBus,
    /// One of the organization's webhooks.
    Webhook(WebhookId),
    /// One of the organization's subscriptions: people are told there.
    Subscription(SubscriptionId),
}

impl DeliveryTarget {
    const EVENT_BUS: &str = "event-bus";

    /// Its name in keys and in the log.
    pub fn as_str(&self) -> &str {
        match self {
            Self::EventBus => Self::EVENT_BUS,
            Self::Webhook(id) => id.as_str(),
            Self::Subscription(id) => id.as_str(),
        }
    }

    /// The target with that name; `None` if there is none.
    pub fn parse(name: &str) -> Option<Self> {
        if name == Self::EVENT_BUS {
            return Some(Self::EventBus);
        }
        let webhook = WebhookId::parse(name).map(Self::Webhook);
        webhook.or_else(|| SubscriptionId::parse(name).map(Self::Subscription))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_target_is_the_bus_or_a_webhook_and_nothing_else() {
        let id = WebhookId::new([0, 1, 2, 3, 4, 5, 6, 0xff]);
        assert_eq!(id.as_str(), "wh_00010203040506ff");
        for target in [DeliveryTarget::EventBus, DeliveryTarget::Webhook(id)] {
            assert_eq!(DeliveryTarget::parse(target.as_str()), Some(target));
        }
        for text in ["", "event-bus", "wh_", "wh_1", "wh_00010203040506FF", "wh_00010203040506ff0", "x"] {
            assert_eq!(WebhookId::parse(text), None, "{text}");
        }
    }
}
