//! What people read for the API's words.

use maud::{Markup, html};
use shared::event::{ChannelKind, NotificationKind, QuietHours};
use shared::review::visible;
use std::borrow::Cow;

/// A channel's name.
pub(super) const fn channel(kind: ChannelKind) -> &'static str {
    match kind {
        ChannelKind::Slack => "Slack",
        ChannelKind::Teams => "Teams",
    }
}

/// A kind's name, and when it is told. Of a group, “you” is who belongs to it.
pub(super) const fn event(kind: NotificationKind) -> (&'static str, &'static str) {
    match kind {
        NotificationKind::Waiting => ("waiting", "a review waits that you may decide"),
        NotificationKind::Assigned => ("assigned", "a review is assigned to you"),
        NotificationKind::Escalated => ("escalated", "a review is escalated to you"),
        NotificationKind::DueSoon => ("due soon", "a review of yours, or of nobody’s, is due soon"),
        NotificationKind::Overdue => ("overdue", "a review of yours, or of nobody’s, is overdue"),
        NotificationKind::TakenOver => ("taken over", "somebody takes over what you had claimed"),
        NotificationKind::ChangedAfterApproval => {
            ("changed after approval", "what you had approved is changed")
        }
        NotificationKind::Mentioned => ("mentioned", "a comment mentions you"),
        NotificationKind::ResumeFailed => {
            ("run not resumed", "a decision does not reach the run that waits for it")
        }
        NotificationKind::WebhookDisabled => {
            ("webhook disabled", "a webhook is disabled because its receiver fails")
        }
    }
}

/// What is told, in one line.
pub(super) fn events(kinds: &[NotificationKind]) -> String {
    if kinds.len() == NotificationKind::ALL.len() {
        return "Everything".into();
    }
    sentence(&kinds.iter().map(|kind| event(*kind).0).collect::<Vec<_>>().join(", "))
}

/// The same, beginning with a capital letter.
pub(super) fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or(String::new(), |first| first.to_uppercase().chain(letters).collect())
}

/// How often messages come.
pub(super) fn how_often(digest: Option<u16>) -> String {
    match digest {
        None => "at once, each by itself".into(),
        Some(minutes) => format!("together, {} after the first", span(minutes)),
    }
}

/// A host's name, without what it begins with if that is long: Teams' are. Whose it is is at its end. A line
/// does not break after the dots.
pub(super) fn short(host: &str) -> Cow<'_, str> {
    const LIMIT: usize = 35;
    if host.len() <= LIMIT {
        return Cow::Borrowed(host);
    }
    let mut ends = host.match_indices('.').map(|(at, _)| &host[at + 1..]);
    let end = ends.find(|end| end.len() <= LIMIT).unwrap_or(host);
    if end == host { Cow::Borrowed(host) } else { Cow::Owned(format!("…\u{2060}{end}")) }
}

/// A number of minutes.
fn span(minutes: u16) -> String {
    match (minutes / 60, minutes % 60) {
        (1, 0) => "an hour".into(),
        (24, 0) => "a day".into(),
        (hours, 0) => format!("{hours} hours"),
        _ => format!("{minutes} minutes"),
    }
}

/// When nothing is sent.
pub(super) fn quiet(hours: &QuietHours) -> Markup {
    html! { "quiet from " (hours.from) " to " (hours.until) " (" (visible(&hours.time_zone)) ")" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn minutes_are_read_as_people_say_them() {
        let said = [5, 59, 60, 90, 240, 1440].map(span);
        assert_eq!(said, ["5 minutes", "59 minutes", "an hour", "90 minutes", "4 hours", "a day"]);
    }

    #[test]
    fn a_long_host_is_known_by_its_end() {
        assert_eq!(short("hooks.slack.com"), "hooks.slack.com");
        let teams = format!("default{}.0c.environment.api.powerplatform.com", "0".repeat(32));
        assert_eq!(short(&teams), "…\u{2060}environment.api.powerplatform.com");
        assert_eq!(short(&"x".repeat(60)), "x".repeat(60));
    }

    #[test]
    fn all_kinds_are_everything() {
        assert_eq!(events(NotificationKind::ALL), "Everything");
        assert_eq!(events(&[NotificationKind::DueSoon, NotificationKind::Overdue]), "Due soon, overdue");
    }
}
