//! Every DynamoDB expression, in one place.
//!
//! The condition of each mutation of a review begins with `rev = :stamp`: that is the compare-and-swap.

/// Only if the item does not exist yet.
pub(super) const ABSENT: &str = "attribute_not_exists(pk)";
/// Only if the item exists.
pub(super) const PRESENT: &str = "attribute_exists(pk)";

/// A claim: the stamp is current, the review is open, the journal has room.
pub(super) const MAY_CLAIM: &str = "rev = :stamp AND #status = :awaiting AND size(journal) < :journal_limit";
/// A release: the stamp is current, a claim stands, the journal has room.
pub(super) const MAY_RELEASE: &str =
    "rev = :stamp AND claim_expires_at > :now AND size(journal) < :journal_limit";
/// A mutation computed from an image: the image is current. The stamp alone would not say so, because an expiry that
/// is recorded leaves `rev` as it is.
pub(super) const CURRENT: &str = "rev = :stamp AND size(journal) = :entries";

/// A claim, its entry appended.
pub(super) const CLAIM: &str = "SET rev = :next, updated_at = :now, claim_expires_at = :expires_at, journal = list_append(journal, :entry)";
/// A release, its entry appended.
pub(super) const RELEASE: &str =
    "SET rev = :next, updated_at = :now, journal = list_append(journal, :entry) REMOVE claim_expires_at";
/// All items of a partition.
pub(super) const PARTITION: &str = "pk = :pk";
/// The items of a partition within a range of sort keys, both ends included.
pub(super) const PART: &str = "pk = :pk AND sk BETWEEN :from AND :to";
/// One queue of all workflows, after a position.
pub(super) const QUEUE_AFTER: &str = "queue_pk = :pk AND queue_sk > :after";
/// One queue of one workflow, after a position.
pub(super) const WORKFLOW_QUEUE_AFTER: &str = "workflow_queue_pk = :pk AND queue_sk > :after";
/// A LEASE is written or deleted only by what happened after it was written: a call that was held up on its way must
/// not undo a later one.
pub(super) const NOT_NEWER: &str = "attribute_not_exists(pk) OR written_at <= :at";
/// The LEASEs of a holder.
pub(super) const LEASES: &str = "pk = :pk AND begins_with(sk, :leases)";
/// Leases that should still hold.
pub(super) const NOT_DUE: &str = "expires_at > :now";

/// Marks a KEY and its entry in the register as revoked; the first time counts.
pub(super) const REVOKE: &str = "SET revoked_at = if_not_exists(revoked_at, :now)";
