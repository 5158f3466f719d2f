//! Notices: what people are told. One of each event for each subscription, as it is kept until it has been sent.

use super::NotificationKind;
use crate::review::{Actor, EntryId, Review, Timestamp, short, visible};
use serde::{Deserialize, Serialize};

/// Longest title, in characters.
pub const MAX_NOTICE_TITLE: usize = 150;
/// Longest name of who did it, in characters.
const MAX_NAME: usize = 40;

/// What is told of one event: a title, why it is told, since when the review waits, and where to read more. Of an output it holds only
/// what the policy's `display` names.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notice {
    /// Its event's id, in hexadecimal digits: with its subscription, it is told once.
    pub id: String,
    /// What happened; a word of [`NotificationKind`].
    pub kind: String,
    /// What it is about: at most [`MAX_NOTICE_TITLE`] characters, all visible.
    pub title: String,
    /// Who did it, if it was somebody.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    /// When it happened, in milliseconds since 1970.
    pub at: i64,
    /// Since when the review waits, in milliseconds since 1970; none if nothing waits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<i64>,
    /// When it is due, in milliseconds since 1970, if it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due: Option<i64>,
    /// The path of its page.
    pub path: String,
}

impl Notice {
    /// Of a review.
    pub fn of_review(
        (id, kind, at): (EntryId, NotificationKind, Timestamp),
        review: &Review,
        by: Option<&Actor>,
    ) -> Self {
        let open = review.status == crate::review::Status::AwaitingReview;
        let due = review.terms.deadline.as_ref().filter(|_| open);
        Self {
            id: id.to_string(),
            kind: kind.as_str().to_owned(),
            title: title(review),
            by: by.map(|by| line(&by.display_name, MAX_NAME)),
            at: at.millis(),
            since: open.then(|| review.awaiting_since.millis()),
            due: due.map(|deadline| deadline.due_at.millis()),
            // An ampersand is the one character of an identifier that some channel would have to write as five.
            path: format!("/inbox/reviews/{}/{}", review.id.run, review.id.block).replace('&', "%26"),
        }
    }

    /// Of a webhook that was disabled at `at`. Of its URL it holds the host alone: the rest may be a secret.
    pub fn of_webhook(kind: NotificationKind, id: &str, url: &str, at: Timestamp) -> Self {
        let host = url::Url::parse(url).ok().and_then(|url| url.host_str().map(str::to_owned));
        Self {
            id: format!("{id}-{}", at.millis()),
            kind: kind.as_str().to_owned(),
            title: line(&format!("{} ({id})", host.unwrap_or_default()), MAX_NOTICE_TITLE),
            by: None,
            at: at.millis(),
            since: None,
            due: None,
            path: format!("/inbox/administration/webhooks/{id}"),
        }
    }

    /// What happened; `None` if this build does not know it.
    pub fn kind(&self) -> Option<NotificationKind> {
        NotificationKind::parse(&self.kind)
    }
}

/// What a review is called to people who have not opened it: the values that its policy's `display` names; else its block, workflow and run.
fn title(review: &Review) -> String {
    let named = || format!("{} of {}, run {}", review.id.block, review.workflow_id, review.id.run);
    line(&review.shown_as.clone().unwrap_or_else(named), MAX_NOTICE_TITLE)
}

/// One line of visible characters.
fn line(text: &str, most: usize) -> String {
    let text: String = text.chars().take(4 * most).collect();
    let text = visible(&text).split_whitespace().collect::<Vec<_>>().join(" ");
    short(&text, most)
}
