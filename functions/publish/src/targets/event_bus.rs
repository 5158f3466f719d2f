//! The EventBridge bus: each event as one entry, its type as `detail-type`.

use super::attempt::{Attempt, Message};
use super::{Call, EventTarget, Found, Target, Targets};
use aws_sdk_eventbridge::Client;
use aws_sdk_eventbridge::error::DisplayErrorContext;
use aws_sdk_eventbridge::primitives::DateTime;
use aws_sdk_eventbridge::types::PutEventsRequestEntry;
use aws_types::SdkConfig;
use futures_util::future::BoxFuture;
use shared::event::DeliveryTarget;
use shared::review::{Delivery, OrganizationId};

/// What all our entries have as `source`.
pub const SOURCE: &str = "holdpoint";

/// A bus that events are put on.
pub struct Bus {
    client: Client,
    name: String,
}

impl Bus {
    /// The bus of that name or ARN behind `client`.
    pub fn new(client: Client, name: impl Into<String>) -> Self {
        Self { client, name: name.into() }
    }

    /// Puts one event. One entry a call: of several, the first might fail and the second not, and their order be lost.
    async fn put(&self, message: &Message<'_>) -> Result<(), String> {
        let entry = PutEventsRequestEntry::builder()
            .event_bus_name(&self.name)
            .source(SOURCE)
            .detail_type(message.kind)
            .time(DateTime::from_millis(message.at.millis()))
            .detail(message.body)
            .build();
        let output = self.client.put_events().entries(entry).send().await;
        let output = output.map_err(|error| DisplayErrorContext(error).to_string())?;
        match output.entries().iter().find(|entry| entry.error_code().is_some()) {
            None => Ok(()),
            Some(entry) => Err(format!(
                "{}: {}",
                entry.error_code().unwrap_or_default(),
                entry.error_message().unwrap_or_default()
            )),
        }
    }
}

/// The bus takes the events of all organizations.
pub(super) fn find(targets: &Targets, _: OrganizationId, only: Option<DeliveryTarget>) -> Found<'_> {
    let is_wanted = only.is_none_or(|id| id == DeliveryTarget::EventBus);
    let bus = targets.event_bus.as_ref().filter(|_| is_wanted);
    let found = bus.map(|bus| EventTarget::new(DeliveryTarget::EventBus, bus)).into_iter().collect();
    Box::pin(async { Ok(found) })
}

impl Target for &Bus {
    fn send<'a>(&'a self, message: &'a Message<'a>, call: Call) -> BoxFuture<'a, Attempt> {
        Box::pin(async move {
            let delivery = match self.put(message).await {
                Ok(()) => Delivery::Done,
                Err(error) => Delivery::Failed { error, in_doubt: true },
            };
            Attempt::untimed(call.at, delivery)
        })
    }

    fn is_limited(&self) -> bool {
        false
    }
}

/// A client for EventBridge, at its own or another endpoint (`AWS_ENDPOINT_URL_EVENTBRIDGE`).
pub fn event_bus_at(sdk: &SdkConfig, endpoint: Option<String>) -> Client {
    let mut builder = aws_sdk_eventbridge::config::Builder::from(sdk);
    if endpoint.is_some() {
        // It is called as it is: the SDK would refuse to look for another variant of it.
        builder.set_use_fips(Some(false)).set_use_dual_stack(Some(false));
    }
    builder.set_endpoint_url(endpoint);
    Client::from_conf(builder.build())
}
