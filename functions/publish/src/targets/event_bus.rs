//! The EventBridge bus: each event as one entry, its type as `detail-type`.

use aws_sdk_eventbridge::Client;
use aws_sdk_eventbridge::error::DisplayErrorContext;
use aws_sdk_eventbridge::primitives::DateTime;
use aws_sdk_eventbridge::types::PutEventsRequestEntry;
use shared::event::ReviewEvent;

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
    pub(crate) async fn put(&self, event: &ReviewEvent) -> Result<(), String> {
        let entry = PutEventsRequestEntry::builder()
            .event_bus_name(&self.name)
            .source(SOURCE)
            .detail_type(event.event_type.as_str())
            .time(DateTime::from_millis(event.at.millis()))
            .detail(&event.body)
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
