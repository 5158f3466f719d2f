//! Notices and digests, as they are stored.

use crate::event::Notice;
use crate::review::Timestamp;
use crate::store::error::StoreError;
use crate::store::table::{codec, keys};
use serde::{Deserialize, Serialize};
use std::collections::HashSet;

/// For how long a notice is kept whose subscription sends nothing, or is gone, in seconds.
const PENDING_SECONDS: i64 = 30 * 86_400;
/// For how long it is remembered that an event was told, in seconds: longer than the stream keeps a record, which is a day.
const TOLD_SECONDS: i64 = 2 * 86_400;

/// What one message tells, the same however often it is tried.
#[derive(Clone, Debug)]
pub struct Digest {
    pk: String,
    /// The notices, in the order in which they happened.
    pub notices: Vec<Notice>,
    /// How many more there are, of which the text is not kept.
    pub more: u64,
    /// When its content was fixed.
    pub fixed_at: Timestamp,
    /// How often it was tried.
    pub attempts: u32,
    /// When it is due again if this try does not end.
    pub due_at: Timestamp,
    pub(in crate::store) ids: Vec<String>,
    pub(in crate::store) count: u64,
}

impl Digest {
    /// What identifies its message: the same for each try.
    pub fn id(&self) -> String {
        let first = self.ids.first().map_or("none", String::as_str);
        if self.ids.len() == 1 { first.to_owned() } else { format!("{first}-{}", self.fixed_at.millis()) }
    }

    /// Whether there is nothing to send: a run that died after it had sent it has told all of it. One that only counts tells none by an id.
    pub fn is_told(&self) -> bool {
        self.notices.is_empty() && (self.more == 0 || !self.ids.is_empty())
    }

    pub(in crate::store) fn pk(&self) -> String {
        self.pk.clone()
    }

    pub(in crate::store) fn key(&self) -> (String, String) {
        (self.pk(), keys::DIGEST.to_owned())
    }

    /// A digest whose content is fixed, of what is pending.
    pub(in crate::store) fn of(item: DigestItem, mut pending: Vec<Notice>) -> Result<Self, StoreError> {
        let fixed_at = item.fixed_at.ok_or_else(codec::corrupt("fixed_at"))?;
        let ids: HashSet<&String> = item.ids.iter().collect();
        pending.retain(|notice| ids.contains(&notice.id));
        let count = item.fixed_count;
        Ok(Self {
            pk: item.pk,
            more: count.saturating_sub(item.ids.len() as u64),
            notices: pending,
            fixed_at: Timestamp::from_millis(fixed_at),
            attempts: item.attempts,
            due_at: Timestamp::from_millis(item.due_at),
            ids: item.ids,
            count,
        })
    }
}

/// DIGEST.
#[derive(Deserialize)]
pub(in crate::store) struct DigestItem {
    pk: String,
    pub(in crate::store) due_at: i64,
    attempts: u32,
    /// How many notices came since the last one.
    pub(in crate::store) notices: u64,
    /// Which notices it tells, once that is fixed.
    #[serde(default)]
    ids: Vec<String>,
    #[serde(default)]
    pub(in crate::store) fixed_at: Option<i64>,
    /// How many it tells, those without a text included.
    #[serde(default)]
    fixed_count: u64,
}

/// NOTICE.
#[derive(Serialize, Deserialize)]
pub(in crate::store) struct NoticeItem {
    pk: String,
    sk: String,
    /// The notice, as JSON; none once it was told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    notice: Option<String>,
    /// When it is forgotten, in seconds since 1970.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    ttl: Option<i64>,
}

impl NoticeItem {
    pub(in crate::store) fn pending(pk: String, notice: &Notice) -> Result<Self, StoreError> {
        let json = serde_json::to_string(notice).map_err(|_| codec::corrupt("a notice")())?;
        let ttl = notice.at.div_euclid(1000) + PENDING_SECONDS;
        Ok(Self { pk, sk: keys::notice(&notice.id), notice: Some(json), ttl: Some(ttl) })
    }

    pub(in crate::store) fn told(pk: String, event: &str, now: Timestamp) -> Self {
        let ttl = now.millis().div_euclid(1000) + TOLD_SECONDS;
        Self { pk, sk: keys::notice(event), notice: None, ttl: Some(ttl) }
    }

    pub(in crate::store) fn notice(self) -> Result<Option<Notice>, StoreError> {
        let read = |json: String| serde_json::from_str(&json).map_err(|_| codec::corrupt("a notice")());
        self.notice.map(read).transpose()
    }
}
