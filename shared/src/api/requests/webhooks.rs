//! What calls about webhooks take.

use super::call::Call;
use super::declare::{Field, some_of, text_of};
use super::kinds::Content;
use crate::api::errors::{Error, FieldErrors, ValueError};
use crate::egress::Egress;
use crate::event::{EventType, WebhookId};
use crate::review::{FromWord, RunId, Word};
use url::Url;

/// `url`: a URL of the client's that is called.
pub const CALLED_URL: Field<String> =
    Field::new("url", "The URL to call: public, and https.", text_of(1..=Egress::URL_LIMIT, Content::Url));

/// A URL that this deployment may call.
pub fn callable(egress: Egress) -> impl FnOnce(String) -> Result<Url, ValueError> {
    move |text| egress.parse(&text).map_err(|error| ValueError::new("invalid_value", error.to_string()))
}

/// `events`: the types of events that a webhook gets.
pub const EVENT_TYPES: Field<Option<Vec<EventType>>> =
    Field::new("events", "The event types to send; all by default.", some_of(&EVENT_WORDS)).optional();

const EVENT_WORDS: [Word; EventType::ALL.len()] = {
    let mut words = [Word { text: "", meaning: "" }; EventType::ALL.len()];
    let mut index = 0;
    while index < words.len() {
        let event = EventType::ALL[index];
        words[index] = Word { text: event.as_str(), meaning: event.meaning() };
        index += 1;
    }
    words
};

impl FromWord for EventType {
    fn from_word(text: &str) -> Option<Self> {
        Self::parse(text)
    }
}

/// The webhook that the call's path names. An identifier that is none of ours names a webhook that does not exist.
pub fn webhook_id(call: &Call) -> Result<WebhookId, Error> {
    let mut errors = FieldErrors::new();
    let parse = |text: &str| RunId::parse(text).map(|_| WebhookId::parse(text));
    let id = call.path_parameter("webhook_id", parse, &mut errors);
    errors.finish(id)?.ok_or(Error::WebhookNotFound)
}
