//! What is due in all shards, read page by page: one page of each shard in turn.

use super::due::{DueItem, DuePosition};
use crate::review::Timestamp;
use crate::store::table::keys::Due;
use crate::store::{Store, StoreError};
use std::collections::VecDeque;

/// A reader of what is due. Within a shard, what has been due longest comes first.
#[derive(Debug)]
pub struct DuePages {
    what: Due,
    until: Timestamp,
    shards: VecDeque<Shard>,
    limit_of_shard: usize,
    /// Whether a shard holds more than is read of each.
    pub is_cut: bool,
}

#[derive(Debug)]
struct Shard {
    number: u8,
    after: Option<DuePosition>,
    read: usize,
}

/// A shard that could not be read. The others still are.
#[derive(Debug, thiserror::Error)]
#[error("shard {shard}: {error}")]
pub struct ShardError {
    /// Its number.
    pub shard: u8,
    /// Why.
    pub error: StoreError,
}

impl DuePages {
    /// All that is due at `until`.
    pub fn new(what: Due, until: Timestamp) -> Self {
        let shard = |number| Shard { number, after: None, read: 0 };
        let shards = Due::shards_from(until).map(shard).collect();
        Self { what, until, shards, limit_of_shard: usize::MAX, is_cut: false }
    }

    /// Reads no further page of a shard once this many of its items are read.
    #[must_use]
    pub fn limited_to(self, limit_of_shard: usize) -> Self {
        Self { limit_of_shard, ..self }
    }

    /// Whether there may be another page.
    pub fn has_next(&self) -> bool {
        !self.shards.is_empty()
    }

    /// The next page, of at most `limit` items; empty if there is none.
    pub async fn next(&mut self, store: &Store, limit: usize) -> Result<Vec<DueItem>, ShardError> {
        let Some(shard) = self.shards.pop_front() else { return Ok(Vec::new()) };
        let Shard { number, after, read } = shard;
        let page = store.due(self.what, number, self.until, limit, after).await;
        let page = page.map_err(|error| ShardError { shard: number, error })?;
        let read = read + page.items.len();
        if page.next.is_some() && read >= self.limit_of_shard {
            self.is_cut = true;
        } else if page.next.is_some() {
            self.shards.push_back(Shard { number, after: page.next, read });
        }
        Ok(page.items)
    }
}
