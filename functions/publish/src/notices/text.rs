//! The words of a message, the same in every channel. Pure.

use shared::event::{Notice, NotificationKind as Kind};
use shared::review::Timestamp;

/// Most notices that one message lists; it counts the others.
pub(crate) const MOST_LISTED: usize = 20;

/// A message, before it takes the form of its channel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Telling {
    /// Identifies duplicates: each try has the same.
    pub(crate) id: String,
    /// What it is, in a few words.
    pub(crate) heading: String,
    /// At least one.
    pub(crate) entries: Vec<Entry>,
    /// How many more there are.
    pub(crate) more: u64,
}

/// One notice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    /// What it is about; from a stranger's document, if the policy shows values of it.
    pub(crate) title: String,
    /// Why it is told, and how long it waits.
    pub(crate) reason: String,
    /// Its page.
    pub(crate) link: Option<String>,
}

impl Telling {
    /// Of these notices, in their order, as of `at`; `base` is the deployment's address, such as `https://reviews.example.com`.
    pub(crate) fn new(
        id: String,
        (notices, more): (&[Notice], u64),
        at: Timestamp,
        base: Option<&str>,
    ) -> Self {
        let link = |path: &str| base.map(|base| format!("{}{path}", base.trim_end_matches('/')));
        let entry = |notice: &Notice| Entry {
            title: notice.title.clone(),
            reason: reason(notice, at),
            link: link(&notice.path),
        };
        let all = notices.len() as u64 + more;
        let entries: Vec<Entry> = notices.iter().take(MOST_LISTED).map(entry).collect();
        let heading = match notices {
            [one] if more == 0 => heading(one).to_owned(),
            _ => format!("{all} notifications"),
        };
        Self { id, heading, more: all - entries.len() as u64, entries }
    }

    /// A test, which says nothing of any review.
    pub(crate) fn test(id: String, base: Option<&str>) -> Self {
        let entry = Entry {
            title: "It works".into(),
            reason: "Somebody has asked for a test of this channel.".into(),
            link: base.map(|base| format!("{}/inbox", base.trim_end_matches('/'))),
        };
        Self { id, heading: "A test".into(), entries: vec![entry], more: 0 }
    }

    /// Lists the last entry no more, but counts it.
    pub(crate) fn shorten(&mut self) {
        self.more += u64::from(self.entries.pop().is_some());
    }

    /// What is said of those that are not listed, if there are any.
    pub(crate) fn rest(&self) -> Option<String> {
        (self.more > 0).then(|| format!("And {} more.", self.more))
    }
}

/// What it is, in a few words.
fn heading(notice: &Notice) -> &'static str {
    match notice.kind() {
        Some(Kind::Waiting) => "A review waits",
        Some(Kind::Assigned) => "A review was assigned",
        Some(Kind::Escalated) => "A review was escalated",
        Some(Kind::DueSoon) => "A review is due soon",
        Some(Kind::Overdue) => "A review is overdue",
        Some(Kind::TakenOver) => "A review was taken over",
        Some(Kind::ChangedAfterApproval) => "A review was changed after an approval",
        Some(Kind::Mentioned) => "A comment mentions you",
        Some(Kind::ResumeFailed) => "A run could not be resumed",
        Some(Kind::WebhookDisabled) => "A webhook was disabled",
        None => "A review has changed",
    }
}

/// Why it is told, and how long it waits.
fn reason(notice: &Notice, at: Timestamp) -> String {
    let by = notice.by.as_deref().unwrap_or("Somebody");
    let why = match notice.kind() {
        Some(Kind::Waiting) => "It waits for a decision.".to_owned(),
        Some(Kind::Assigned) => format!("{by} has assigned it."),
        Some(Kind::Escalated) => format!("{by} has escalated it."),
        Some(Kind::DueSoon) => "It is due soon.".to_owned(),
        Some(Kind::Overdue) => "It was not decided in time.".to_owned(),
        Some(Kind::TakenOver) => format!("{by} has taken over the claim."),
        Some(Kind::ChangedAfterApproval) => format!("{by} has changed it after it was approved."),
        Some(Kind::Mentioned) => format!("{by} has mentioned you in a comment."),
        Some(Kind::ResumeFailed) => "Its decision could not be delivered to the run.".to_owned(),
        Some(Kind::WebhookDisabled) => "Nothing is sent to it until somebody enables it.".to_owned(),
        None => "It has changed.".to_owned(),
    };
    let since = |then: i64| span(at.millis().saturating_sub(then));
    let waits = notice.since.map(|then| format!(" Waiting for {}.", since(then)));
    let due = notice.due.map(|due| match due.saturating_sub(at.millis()) {
        left if left > 0 => format!(" Due in {}.", span(left)),
        over => format!(" Overdue for {}.", span(-over)),
    });
    [Some(why), waits, due].into_iter().flatten().collect()
}

/// A time in words, rounded down.
fn span(millis: i64) -> String {
    let count = |number: i64, unit: &str| {
        let plural = if number == 1 { "" } else { "s" };
        format!("{number} {unit}{plural}")
    };
    let minutes = millis.max(0) / 60_000;
    match minutes {
        0 => "less than a minute".to_owned(),
        1..60 => count(minutes, "minute"),
        60..2880 => count(minutes / 60, "hour"),
        _ => count(minutes / 1440, "day"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 1_000_000_000_000;

    fn notice(kind: Kind, title: &str) -> Notice {
        Notice {
            id: "00".into(),
            kind: kind.as_str().into(),
            title: title.into(),
            by: Some("Dana".into()),
            at: NOW,
            since: Some(NOW - 3 * 3_600_000 - 1),
            due: Some(NOW + 90_000),
            path: "/inbox/reviews/run/block".into(),
        }
    }

    fn telling(notices: &[Notice], more: u64, base: Option<&str>) -> Telling {
        Telling::new("id".into(), (notices, more), Timestamp::from_millis(NOW), base)
    }

    #[test]
    fn a_message_says_what_why_how_long_and_where() {
        let one = telling(&[notice(Kind::Assigned, "RE-7")], 0, Some("https://reviews.example.com/"));
        assert_eq!((one.heading.as_str(), one.more), ("A review was assigned", 0));
        let entry = &one.entries[0];
        assert_eq!(entry.title, "RE-7");
        assert_eq!(entry.reason, "Dana has assigned it. Waiting for 3 hours. Due in 1 minute.");
        assert_eq!(entry.link.as_deref(), Some("https://reviews.example.com/inbox/reviews/run/block"));
        let nowhere = telling(&[notice(Kind::Overdue, "RE-7")], 0, None);
        assert_eq!(nowhere.entries[0].link, None);
    }

    #[test]
    fn a_message_lists_the_first_and_counts_the_others() {
        let many = vec![notice(Kind::Waiting, "RE-7"); 50];
        let mut message = telling(&many, 7, None);
        assert_eq!((message.entries.len(), message.more), (MOST_LISTED, 37));
        assert_eq!(message.heading, "57 notifications");
        message.shorten();
        assert_eq!(message.rest().unwrap(), "And 38 more.");
    }

    #[test]
    fn times_are_said_as_people_say_them() {
        for (minutes, said) in [
            (-5, "less than a minute"),
            (0, "less than a minute"),
            (1, "1 minute"),
            (59, "59 minutes"),
            (60, "1 hour"),
            (2879, "47 hours"),
            (2880, "2 days"),
        ] {
            assert_eq!(span(minutes * 60_000), said);
        }
    }
}
