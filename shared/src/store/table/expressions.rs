//! Every DynamoDB expression, in one place.
//!
//! The condition of each mutation of a review begins with `rev = :stamp`: that is the compare-and-swap.

/// Only if the item does not exist yet.
pub(in crate::store) const ABSENT: &str = "attribute_not_exists(pk)";
/// Only if the item exists.
pub(in crate::store) const PRESENT: &str = "attribute_exists(pk)";

/// A claim: the stamp is current, the review is open, the journal has room. It is written without having read the review,
/// so META must be of the first schema, which has no `v`.
pub(in crate::store) const MAY_CLAIM: &str =
    "rev = :stamp AND #status = :awaiting AND size(journal) < :journal_limit AND attribute_not_exists(v)";
/// A release: the stamp is current, a claim stands, the journal has room, META is of the first schema.
pub(in crate::store) const MAY_RELEASE: &str =
    "rev = :stamp AND claim_expires_at > :now AND size(journal) < :journal_limit AND attribute_not_exists(v)";
/// A mutation computed from an image: the image is current. The stamp alone would not say so, because an expiry that
/// is recorded leaves `rev` as it is, and so does somebody who begins to wait.
pub(in crate::store) const CURRENT: &str =
    "rev = :stamp AND size(journal) = :entries AND attribute_not_exists(#resume)";

/// As [`CURRENT`], for a review that somebody waits for: how telling them went has not changed either, for it is written
/// without the stamp, and must not be lost.
pub(in crate::store) const CURRENT_AND_RESUME: &str =
    "rev = :stamp AND size(journal) = :entries AND #resume.#changes = :changes";

/// How telling the run goes, written on what was read of it; the decision must still be the same.
pub(in crate::store) const SET_RESUME: &str = "SET #resume = :resume, updated_at = :now";
/// As [`SET_RESUME`], by a try that somebody asked for.
pub(in crate::store) const ASK_RESUME: &str =
    "SET #resume = :resume, updated_at = :now, resume_asked_at = :now";
/// The condition of [`SET_RESUME`].
pub(in crate::store) const SAME_RESUME: &str = "rev = :stamp AND #resume.#changes = :changes";
/// As [`SAME_RESUME`], where nobody waited before.
pub(in crate::store) const NO_RESUME: &str = "rev = :stamp AND attribute_not_exists(#resume)";

/// A claim, its entry appended.
pub(in crate::store) const CLAIM: &str = "SET rev = :next, updated_at = :now, claim_expires_at = :expires_at, journal = list_append(journal, :entry)";
/// A release, its entry appended.
pub(in crate::store) const RELEASE: &str =
    "SET rev = :next, updated_at = :now, journal = list_append(journal, :entry) REMOVE claim_expires_at";
/// All items of a partition.
pub(in crate::store) const PARTITION: &str = "pk = :pk";
/// The items of a partition within a range of sort keys, both ends included.
pub(in crate::store) const PART: &str = "pk = :pk AND sk BETWEEN :from AND :to";
/// One queue, in either index (`QueueFilter`).
pub(in crate::store) const IN_QUEUE: &str = "#pk = :pk";
/// One queue, after a position.
pub(in crate::store) const QUEUE_AFTER: &str = "#pk = :pk AND queue_sk > :after";
/// A LEASE is written or deleted only by what happened after it was written: a call that was held up on its way must
/// not undo a later one.
pub(in crate::store) const NOT_NEWER: &str = "attribute_not_exists(pk) OR written_at <= :at";
/// As [`NOT_NEWER`], for a deletion. Of two calls in one millisecond nobody knows which was later: a lease too many is a
/// hint that the sweep finds stale, one too few is a claim whose end nobody notices.
pub(in crate::store) const OLDER: &str = "attribute_not_exists(pk) OR written_at < :at";
/// A LEASE is the one that this act wrote.
pub(in crate::store) const WRITTEN_BY: &str = "written_by = :by";
/// A LEASE is still that of the claim that was ended: a later claim has another end, or was written later.
pub(in crate::store) const LEASE_OF_ENDED: &str = "expires_at = :expires_at AND written_at < :at";
/// The LEASEs of a holder.
pub(in crate::store) const LEASES: &str = "pk = :pk AND begins_with(sk, :leases)";
/// One shard of what is due, up to a time.
pub(in crate::store) const DUE_UNTIL: &str = "due_shard = :shard AND due_at <= :until";
/// What is due is still due when it was seen to be.
pub(in crate::store) const STILL_DUE: &str = "due_at = :due_at";
/// What is due is still due, whenever.
pub(in crate::store) const IS_DUE: &str = "attribute_exists(due_at)";
/// Puts a lease right.
pub(in crate::store) const MEND_LEASE: &str =
    "SET expires_at = :expires_at, due_at = :expires_at, #ttl = :ttl";
/// Moves what is due to another time.
pub(in crate::store) const DUE_AT: &str = "SET due_at = :later";
/// Moves what is due to another shard and time.
pub(in crate::store) const DUE_IN: &str = "SET due_shard = :shard, due_at = :later";
/// Takes something off the index of due things.
pub(in crate::store) const NOT_DUE_ANY_MORE: &str = "REMOVE due_shard, due_at";

/// Adds an owed event to a backlog, which is made if there is none; one that nobody tried any more is due again.
pub(in crate::store) const OWE: &str = "SET due_shard = :shard, due_at = if_not_exists(due_at, :due_at), last_owed = :ordinal, last_place = :place, attempts = if_not_exists(attempts, :attempts)";
/// A try at a backlog's first event failed: when the next one is.
pub(in crate::store) const TRIED: &str = "SET due_shard = :shard, due_at = :later, attempts = :attempts";
/// Nothing is owed after this event. A build that knows no `last_place` writes `last_owed` alone.
pub(in crate::store) const LAST_OWED: &str =
    "last_owed = :ordinal AND (attribute_not_exists(last_place) OR last_place <= :place)";
/// A partition's items after one.
pub(in crate::store) const PART_AFTER: &str = "pk = :pk AND sk > :after";
/// Asks that all heads of a target are made due, from the first one on.
pub(in crate::store) const ASK_REDRIVE: &str = "SET due_shard = :shard, due_at = :now REMOVE sk_after";
/// How far making heads due has got.
pub(in crate::store) const REDRIVEN: &str = "SET sk_after = :after, due_at = :later";

/// One webhook more, where there is room.
pub(in crate::store) const ONE_WEBHOOK_MORE: &str = "SET webhooks = webhooks + :one";
/// There is room for one more.
pub(in crate::store) const ROOM_FOR_WEBHOOK: &str = "webhooks < :limit";
/// One webhook less.
pub(in crate::store) const ONE_WEBHOOK_LESS: &str = "SET webhooks = webhooks - :one";
/// There is one to take away.
pub(in crate::store) const HAS_WEBHOOK: &str = "webhooks > :none";
/// Puts the count of webhooks right.
pub(in crate::store) const COUNT_WEBHOOKS: &str = "SET webhooks = :count";
/// The count is still what was seen.
pub(in crate::store) const SAME_COUNT: &str = "webhooks = :seen";

/// A webhook began to fail; the first time counts.
pub(in crate::store) const FAILING: &str = "SET failing_since = if_not_exists(failing_since, :now)";
/// A webhook works again. Should it have been given up meanwhile, that stands.
pub(in crate::store) const WORKING: &str = "REMOVE failing_since";
/// A webhook works again, and answers quickly.
pub(in crate::store) const WORKING_QUICKLY: &str = "REMOVE failing_since, slow_until";
/// A webhook is slow: until when the stream does not wait for it.
pub(in crate::store) const SLOW: &str = "SET slow_until = :until";
/// A webhook gets another secret; the ones before stay valid for a while.
pub(in crate::store) const ROTATE: &str = "SET signing_secret = :secret, previous_secrets = :previous";
/// The secret is still the one that was seen.
pub(in crate::store) const SAME_SECRET: &str = "signing_secret = :seen";
/// A webhook is to be told again, whatever it did.
pub(in crate::store) const ENABLE: &str = "REMOVE failing_since, disabled_at, disabled_reason";
/// Nothing has succeeded since it was seen to fail.
pub(in crate::store) const STILL_FAILING: &str = "failing_since = :since";
/// A webhook is given up; the first reason counts.
pub(in crate::store) const DISABLE: &str = "SET disabled_at = if_not_exists(disabled_at, :now), disabled_reason = if_not_exists(disabled_reason, :reason)";

/// Leases that should still hold.
pub(in crate::store) const NOT_DUE: &str = "expires_at > :now";

/// One more failed sign-in.
pub(in crate::store) const FAILED_SIGN_IN: &str = "SET #ttl = :ttl ADD #failures :one";

/// Marks a KEY and its entry in the register as revoked; the first time counts.
pub(in crate::store) const REVOKE: &str = "SET revoked_at = if_not_exists(revoked_at, :now)";
/// Says when a KEY and its entry in the register end.
pub(in crate::store) const EXPIRE_KEY: &str = "SET expires_at = :now";
