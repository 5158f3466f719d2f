//! The keys of all items, in one place. The organization is part of each; `#` occurs in no identifier.

use crate::event::{DeliveryTarget, Place};
use crate::review::{
    Actor, ActorKind, BlockId, CommandId, OrganizationId, Rev, ReviewId, RunId, Seq, Status, Timestamp,
    WorkflowId,
};
use crate::store::StoreError;
use crate::store::items::entry::StoredActor;

/// The table's partition key.
pub(crate) const PK: &str = "pk";
/// The table's sort key.
pub(crate) const SK: &str = "sk";
/// Index: organization and status, hottest or newest first.
pub(crate) const QUEUE: &str = "queue";
/// Index: organization, workflow and status, hottest or newest first.
pub(crate) const QUEUE_BY_WORKFLOW: &str = "queue-by-workflow";

/// Sort key of META. It sorts before the history, so that one query reads META first.
pub(crate) const META: &str = "#META";
/// Sort keys of AUDIT pages begin with this, and lie before [`AUDIT_END`]: `$` comes after `#`.
pub(crate) const AUDIT: &str = "AUDIT#";
/// After all AUDIT pages.
pub(crate) const AUDIT_END: &str = "AUDIT$";
/// Sort keys of rejected stale writes begin with this.
pub(crate) const STALE: &str = "STALE#";
/// After all rejected stale writes.
pub(crate) const STALE_END: &str = "STALE$";
/// Sort keys of DECISIONS begin with this. They stand beside the VERSIONs, with which they are always read.
pub(crate) const DECISIONS: &str = "VERDICTS#";
/// Sort keys of VERSIONs begin with this.
pub(crate) const VERSION: &str = "VERSION#";
/// After all VERSIONs.
pub(crate) const VERSION_END: &str = "VERSION$";
/// Sort key of a KEY item.
pub(crate) const KEY: &str = "KEY";
/// Sort key of a SESSION item.
pub(crate) const SESSION: &str = "SESSION";
/// Index: what is due, by shard and time.
pub(crate) const DUE: &str = "due";
/// Sort key of a RESUME item.
pub(crate) const RESUME: &str = "RESUME";

/// Partition of one review.
pub(crate) fn review(id: &ReviewId) -> String {
    format!("REVIEW#{}#{}#{}", id.organization, id.run, id.block)
}

/// The review a partition key names.
pub(crate) fn parse_review(pk: &str) -> Result<ReviewId, StoreError> {
    let corrupt = || StoreError::Corrupt("the partition key does not name a review".into());
    let mut parts = pk.strip_prefix("REVIEW#").ok_or_else(corrupt)?.split('#');
    let mut next = || parts.next().ok_or_else(corrupt);
    Ok(ReviewId {
        organization: OrganizationId::parse(next()?).map_err(|_| corrupt())?,
        run: RunId::parse(next()?).map_err(|_| corrupt())?,
        block: BlockId::parse(next()?).map_err(|_| corrupt())?,
    })
}

/// Sort key of one chunk of a VERSION.
pub(crate) fn version(seq: Seq, chunk: u16) -> String {
    format!("{VERSION}{:010}#{chunk:05}", seq.0)
}

/// Sort key of an AUDIT page.
pub(crate) fn audit_page(page: u32) -> String {
    format!("{AUDIT}{page:010}")
}

/// Sort key of the DECISIONS of an AUDIT page.
pub(crate) fn decisions(page: u32) -> String {
    format!("{DECISIONS}{page:010}")
}

/// Sort key of the receipt of an actor's command, after all else of a review.
pub(in crate::store) fn receipt_of(actor: &StoredActor, command: &str) -> String {
    format!("~RECEIPT#{}#{command}", actor.key())
}

/// Sort key of an actor's rejected write on a stale stamp.
pub(crate) fn stale_write(stamp: Rev, actor: &Actor) -> String {
    format!("{STALE}{:020}#{}#{}", stamp.0, kind_word(actor.kind), actor.id)
}

const fn kind_word(kind: ActorKind) -> &'static str {
    kind.as_str()
}

/// Partition of the leases of one holder.
pub(crate) fn holder(organization: &OrganizationId, actor: &Actor) -> String {
    format!("HOLDER#{organization}#{}#{}", kind_word(actor.kind), actor.id)
}

/// Sort key of a LEASE.
pub(crate) fn lease(id: &ReviewId) -> String {
    format!("LEASE#{}#{}", id.run, id.block)
}

/// Sort key of a COMMAND, below the partition of who gave it.
pub(crate) fn command(id: &CommandId) -> String {
    format!("COMMAND#{id}")
}

/// Sort keys of LEASEs begin with this.
pub(crate) const LEASES: &str = "LEASE#";

/// The review a LEASE's sort key names.
pub(crate) fn parse_lease(organization: &OrganizationId, sk: &str) -> Result<ReviewId, StoreError> {
    let rest = sk.strip_prefix("LEASE#").unwrap_or_default();
    parse_review(&format!("REVIEW#{organization}#{rest}"))
}

/// What the index of due things holds, each kind in shards of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Due {
    /// Leases, by when they end.
    Leases,
    /// Deliveries to be tried, by when.
    Deliveries,
    /// Deliveries that nobody tries any more, by when that was decided: the dead-letter queue.
    DeadLetters,
}

impl Due {
    /// How many shards each kind has: they spread the index's writes and the work on them.
    pub const SHARDS: u8 = 8;

    /// All shards, beginning with another one each minute: should a run's bounds always be met, no shard is always last.
    pub fn shards_from(now: Timestamp) -> impl Iterator<Item = u8> {
        let minute = now.millis().div_euclid(60_000).rem_euclid(Self::SHARDS.into());
        let first = u8::try_from(minute).unwrap_or_default();
        (0..Self::SHARDS).map(move |number| (first + number) % Self::SHARDS)
    }

    /// The name of one shard.
    pub(crate) fn shard(self, number: u8) -> String {
        let kind = match self {
            Self::Leases => "LEASES",
            Self::Deliveries => "DELIVERIES",
            Self::DeadLetters => "DEAD",
        };
        format!("{kind}#{number}")
    }

    /// The shard of what belongs to a review.
    pub(crate) fn shard_of(self, id: &ReviewId) -> String {
        self.shard_of_key(&review(id))
    }

    /// The shard of what belongs to a partition.
    pub(crate) fn shard_of_key(self, pk: &str) -> String {
        let sum = pk.bytes().fold(0_u8, |sum, byte| sum.wrapping_mul(31).wrapping_add(byte));
        self.shard(sum % Self::SHARDS)
    }
}

/// Partition of who waits for one review: a partition of its own, so that only who tells them can read it.
pub(crate) fn resume(id: &ReviewId) -> String {
    format!("RESUME#{}#{}#{}", id.organization, id.run, id.block)
}

/// The review whose RESUME item has this partition key.
pub(crate) fn parse_resume(pk: &str) -> Result<ReviewId, StoreError> {
    parse_review(&format!("REVIEW#{}", pk.strip_prefix("RESUME#").unwrap_or_default()))
}

/// Partition of an organization's webhooks; the sort key is the webhook's id.
pub(crate) fn webhooks(organization: &OrganizationId) -> String {
    format!("WEBHOOKS#{organization}")
}

/// Partition of a webhook's delivery log.
pub(crate) fn delivery_log(organization: &OrganizationId, webhook_id: &str) -> String {
    format!("WEBHOOK#{organization}#{webhook_id}")
}

/// Sort key of one try in the delivery log.
pub(crate) fn delivery(at: Timestamp, event_id: &str, attempt: u32) -> String {
    format!("DELIVERY#{:013}#{event_id}#{attempt:03}", at.millis())
}

/// Partition of how many webhooks an organization has. Its own, because a build that does not know it reads all of the
/// webhooks' partition as webhooks.
pub(crate) fn webhook_count(organization: &OrganizationId) -> String {
    format!("WEBHOOK-COUNT#{organization}")
}

/// Sort key of that count.
pub(crate) const COUNT: &str = "COUNT";

/// Partition of all that is owed to a target.
pub(crate) fn backlog(organization: &OrganizationId, target: &DeliveryTarget) -> String {
    format!("BACKLOG#{organization}#{}", target.as_str())
}

/// The organization and the target of a backlog's partition.
pub(crate) fn parse_backlog(pk: &str) -> Result<(OrganizationId, DeliveryTarget), StoreError> {
    let corrupt = || StoreError::Corrupt("the partition key does not name a backlog".into());
    let rest = pk.strip_prefix("BACKLOG#").ok_or_else(corrupt)?;
    let (organization, target) = rest.split_once('#').ok_or_else(corrupt)?;
    let target = DeliveryTarget::parse(target).ok_or_else(corrupt)?;
    Ok((OrganizationId::parse(organization).map_err(|_| corrupt())?, target))
}

/// How the sort keys of a backlog are made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Layout {
    /// `run#block#HEAD` and `run#block#EVENT#place`: a reader of the heads meets all events. It is read, and no longer begun.
    First,
    /// `#HEAD#run#block` and `#EVENT#run#block#place`: the heads are beside each other. No identifier begins with `#`.
    Second,
}

/// Sort keys of heads of the second layout begin with this.
pub(crate) const HEADS: &str = "#HEAD#";
/// Sort key of the wish that all heads of a target are made due.
pub(crate) const REDRIVE: &str = "#REDRIVE";
/// Sort key of a test delivery that is asked for.
pub(crate) const TEST: &str = "#TEST";

/// Sort key of one owed event.
pub(crate) fn backlog_event(id: &ReviewId, place: Place, layout: Layout) -> String {
    format!("{}{place}", backlog_events(id, layout).0)
}

/// What the sort keys of a review's owed events begin with, and a text that is beyond them all.
pub(crate) fn backlog_events(id: &ReviewId, layout: Layout) -> (String, String) {
    let prefix = match layout {
        Layout::First => format!("{}#{}#EVENT#", id.run, id.block),
        Layout::Second => format!("#EVENT#{}#{}#", id.run, id.block),
    };
    let beyond = format!("{prefix}~");
    (prefix, beyond)
}

/// Sort key of what is known of the owed events of one review.
pub(crate) fn backlog_head(id: &ReviewId, layout: Layout) -> String {
    match layout {
        Layout::First => format!("{}#{}#HEAD", id.run, id.block),
        Layout::Second => format!("{HEADS}{}#{}", id.run, id.block),
    }
}

/// The review of a backlog's head, and how the head's key is made.
pub(crate) fn parse_backlog_head(
    organization: &OrganizationId,
    sk: &str,
) -> Result<(ReviewId, Layout), StoreError> {
    let (rest, layout) = match sk.strip_prefix(HEADS) {
        Some(rest) => (rest, Layout::Second),
        None => (sk.strip_suffix("#HEAD").unwrap_or_default(), Layout::First),
    };
    Ok((parse_review(&format!("REVIEW#{organization}#{rest}"))?, layout))
}

/// The organization of a LEASE's partition.
pub(crate) fn parse_holder(pk: &str) -> Result<OrganizationId, StoreError> {
    let corrupt = || StoreError::Corrupt("the partition key does not name a holder".into());
    let organization = pk.strip_prefix("HOLDER#").and_then(|rest| rest.split('#').next());
    OrganizationId::parse(organization.ok_or_else(corrupt)?).map_err(|_| corrupt())
}

/// Partition of the queue index.
pub(crate) fn queue(organization: &OrganizationId, status: Status) -> String {
    format!("{organization}#{}", status_word(status))
}

/// Partition of the queue-by-workflow index.
pub(crate) fn workflow_queue(organization: &OrganizationId, workflow: &WorkflowId, status: Status) -> String {
    format!("{organization}#{workflow}#{}", status_word(status))
}

/// The status as items spell it.
pub(crate) const fn status_word(status: Status) -> &'static str {
    status.as_str()
}

/// Sort key of both queue indexes. Ascending order is: open reviews by priority descending, then longest waiting
/// first; decided ones newest first. The review makes it unique, so that a page can start after any of them.
pub(crate) fn queue_position(
    id: &ReviewId,
    status: Status,
    priority: i32,
    awaiting_since: Timestamp,
    decided_at: Option<Timestamp>,
) -> String {
    /// After every instant that 13 digits of milliseconds can say (the year 2286).
    const END_OF_TIME: i64 = 9_999_999_999_999;
    match status {
        Status::AwaitingReview => {
            let urgency = i64::from(i32::MAX) - i64::from(priority);
            format!("{urgency:010}#{:013}#{}#{}", awaiting_since.millis(), id.run, id.block)
        }
        Status::Approved | Status::Rejected => {
            let decided = decided_at.unwrap_or(awaiting_since).millis();
            format!("{:013}#{}#{}", END_OF_TIME - decided, id.run, id.block)
        }
    }
}

/// Whether a text is a position in the queue of open or of decided reviews.
pub(crate) fn is_queue_position(text: &str, decided: bool) -> bool {
    let digits = |text: &str, count| text.len() == count && text.bytes().all(|byte| byte.is_ascii_digit());
    let parts: Vec<&str> = text.split('#').collect();
    let (numbers, run, block) = match parts.as_slice() {
        [since, run, block] if decided => (digits(since, 13), run, block),
        [urgency, since, run, block] if !decided => (digits(urgency, 10) && digits(since, 13), run, block),
        _ => return false,
    };
    numbers && RunId::parse(run).is_ok() && BlockId::parse(block).is_ok()
}

/// Partition of one API key.
pub(crate) fn api_key(digest_hex: &str) -> String {
    format!("KEY#{digest_hex}")
}

/// Partition of one session of the inbox.
pub(crate) fn session(digest_hex: &str) -> String {
    format!("SESSION#{digest_hex}")
}

/// Partition of the failed sign-ins of one address within one window of time.
pub(crate) fn failed_sign_ins(address_hash_hex: &str, window: i64) -> String {
    format!("SESSION#FAILED#{address_hash_hex}#{window}")
}

/// Bytes in hexadecimal.
pub(crate) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::with_capacity(2 * bytes.len()), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

/// Partition of an organization's register of API keys.
pub(crate) fn key_register(organization: &OrganizationId) -> String {
    format!("KEYS#{organization}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(run: &str) -> ReviewId {
        ReviewId {
            organization: OrganizationId::parse("org").unwrap(),
            run: RunId::parse(run).unwrap(),
            block: BlockId::parse("block").unwrap(),
        }
    }

    #[test]
    fn hot_reviews_sort_first_and_long_waiting_ones_before_short() {
        let open = |priority, since| {
            queue_position(&id("r"), Status::AwaitingReview, priority, Timestamp::from_millis(since), None)
        };
        let mut positions =
            vec![open(0, 5), open(i32::MIN, 1), open(7, 9), open(i32::MAX, 9), open(7, 3), open(-1, 2)];
        positions.sort();
        assert_eq!(
            positions,
            [open(i32::MAX, 9), open(7, 3), open(7, 9), open(0, 5), open(-1, 2), open(i32::MIN, 1)]
        );
    }

    #[test]
    fn newly_decided_reviews_sort_first() {
        let decided = |at| {
            let at = Some(Timestamp::from_millis(at));
            queue_position(&id("r"), Status::Approved, 0, Timestamp::default(), at)
        };
        assert!(decided(1_778_662_500_001) < decided(1_778_662_500_000));
    }

    #[test]
    fn only_positions_are_positions() {
        let at = Timestamp::from_millis(1_778_662_500_000);
        let open = queue_position(&id("r"), Status::AwaitingReview, -3, at, None);
        let decided = queue_position(&id("r"), Status::Rejected, 0, at, Some(at));
        assert!(is_queue_position(&open, false) && is_queue_position(&decided, true));
        assert!(!is_queue_position(&open, true) && !is_queue_position(&decided, false));
        for text in ["", "x", "#r#block", "1778662500000#r", "1778662500000#r#", "177866250000x#r#block"] {
            assert!(!is_queue_position(text, true) && !is_queue_position(text, false), "{text}");
        }
    }

    #[test]
    fn keys_name_their_review() {
        assert_eq!(parse_review(&review(&id("a.b~c"))).unwrap(), id("a.b~c"));
        assert_eq!(parse_lease(&id("x").organization, &lease(&id("x"))).unwrap(), id("x"));
        assert!(parse_review("KEY#abc").is_err());
    }

    #[test]
    fn a_head_names_its_review_in_both_layouts_and_no_other_key_is_taken_for_one() {
        let organization = id("x").organization;
        // Names that look like parts of keys.
        for run in ["run", "HEAD", "EVENT"] {
            for layout in [Layout::First, Layout::Second] {
                let head = backlog_head(&id(run), layout);
                assert_eq!(parse_backlog_head(&organization, &head).unwrap(), (id(run), layout));
                let event = backlog_event(&id(run), Place { ordinal: 7, change: 3 }, layout);
                assert!(parse_backlog_head(&organization, &event).is_err(), "{event}");
                let (from, to) = backlog_events(&id(run), layout);
                assert!(from < event && event < to && !(from..to).contains(&head));
            }
        }
        assert!(backlog_head(&id("a"), Layout::Second).as_str() < "#HEAD$");
        assert!([REDRIVE, TEST].iter().all(|sk| parse_backlog_head(&organization, sk).is_err()));
    }

    #[test]
    fn a_run_begins_with_another_shard_each_minute_and_leaves_out_none() {
        let from = |millis| Due::shards_from(Timestamp::from_millis(millis)).collect::<Vec<u8>>();
        assert_eq!(from(0), [0, 1, 2, 3, 4, 5, 6, 7]);
        assert_eq!(from(11 * 60_000 + 59_999), [3, 4, 5, 6, 7, 0, 1, 2]);
    }
}
