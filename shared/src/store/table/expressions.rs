//! All DynamoDB expressions.
//!
//! The condition of each mutation of a review begins with `rev = :stamp`: that is the compare-and-swap.

/// Only if the item does not exist yet.
pub(in crate::store) const ABSENT: &str = "attribute_not_exists(pk)";
/// Only if the item exists.
pub(in crate::store) const PRESENT: &str = "attribute_exists(pk)";

/// A claim: the stamp is current, the review is open, the journal has room. It is written without reading the review first,
/// so META must be of a schema that this build knows.
const MAY_CLAIM: &str = "rev = :stamp AND #status = :awaiting AND size(journal) < :journal_limit AND (attribute_not_exists(v) OR v <= :schema)";
/// A release: the stamp is current, a claim is active, the journal has room, META is of a schema that this build knows.
pub(in crate::store) const MAY_RELEASE: &str = "rev = :stamp AND claim_expires_at > :now AND size(journal) < :journal_limit AND (attribute_not_exists(v) OR v <= :schema)";

/// The condition of a claim by who is named `:who0`, `:who1`, … in `only_for`; by anybody, if `names` is 0.
pub(in crate::store) fn may_claim(names: usize) -> String {
    if names == 0 {
        return MAY_CLAIM.to_owned();
    }
    let each = (0..names).map(|name| format!(" OR contains(only_for, :who{name})"));
    format!("{MAY_CLAIM} AND (attribute_not_exists(only_for){})", each.collect::<String>())
}

/// A write computed from an image: META is still that image. The stamp alone does not say so: recording an expiry and
/// adding a callback leave `rev` as it is.
pub(in crate::store) const CURRENT: &str =
    "rev = :stamp AND size(journal) = :entries AND attribute_not_exists(#resume)";

/// As [`CURRENT`], for a review with a callback: the delivery state is unchanged, too. It is written without changing `rev`,
/// and must not be lost.
pub(in crate::store) const CURRENT_AND_RESUME: &str =
    "rev = :stamp AND size(journal) = :entries AND #resume.#changes = :changes";

/// Sets the callback's delivery state.
pub(in crate::store) const SET_RESUME: &str = "SET #resume = :resume, updated_at = :now";
/// As [`SET_RESUME`], because somebody asked for another attempt.
pub(in crate::store) const SET_RESUME_ON_REQUEST: &str =
    "SET #resume = :resume, updated_at = :now, resume_asked_at = :now";
/// The condition of [`SET_RESUME`]: decision and delivery state are still those that were read.
pub(in crate::store) const SAME_RESUME: &str = "rev = :stamp AND #resume.#changes = :changes";
/// As [`SAME_RESUME`], where there was no callback before.
pub(in crate::store) const NO_RESUME: &str = "rev = :stamp AND attribute_not_exists(#resume)";

/// A claim, its entry appended.
pub(in crate::store) const CLAIM: &str = "SET rev = :next, updated_at = :now, claim_expires_at = :expires_at, journal = list_append(journal, :entry)";
/// A release, its entry appended.
pub(in crate::store) const RELEASE: &str =
    "SET rev = :next, updated_at = :now, journal = list_append(journal, :entry) REMOVE claim_expires_at";
/// All items of a partition.
pub(in crate::store) const PARTITION: &str = "pk = :pk";
/// The items of a partition in a range of sort keys, both ends included.
pub(in crate::store) const RANGE: &str = "pk = :pk AND sk BETWEEN :from AND :to";
/// One queue, in either index (`QueueFilter`).
pub(in crate::store) const QUEUE: &str = "#pk = :pk";
/// One queue, after a position.
pub(in crate::store) const QUEUE_AFTER: &str = "#pk = :pk AND queue_sk > :after";
/// A LEASE may be replaced only by a call that came later than the one that wrote it: a delayed call must not undo a later one.
pub(in crate::store) const NOT_NEWER: &str = "attribute_not_exists(pk) OR written_at <= :at";
/// As [`NOT_NEWER`], for a deletion. Of two calls in the same millisecond the order is unknown, so the lease stays: a lease too
/// many is removed by the sweep, a lease too few is a claim that never expires.
pub(in crate::store) const OLDER: &str = "attribute_not_exists(pk) OR written_at < :at";
/// A LEASE is the one that this very call wrote.
pub(in crate::store) const WRITTEN_BY: &str = "written_by = :by";
/// A LEASE still belongs to the claim that was ended: a later claim has another `expires_at`, or was written later.
pub(in crate::store) const LEASE_OF_ENDED: &str = "expires_at = :expires_at AND written_at < :at";
/// The LEASEs of a holder.
pub(in crate::store) const LEASES: &str = "pk = :pk AND begins_with(sk, :leases)";
/// One shard of what is due, up to a time.
pub(in crate::store) const DUE_UNTIL: &str = "due_shard = :shard AND due_at <= :until";
/// `due_at` is still what was read.
pub(in crate::store) const STILL_DUE: &str = "due_at = :due_at";
/// It is still due, at whatever time.
pub(in crate::store) const IS_DUE: &str = "attribute_exists(due_at)";
/// Sets a lease to what META says.
pub(in crate::store) const CORRECT_LEASE: &str =
    "SET expires_at = :expires_at, due_at = :expires_at, #ttl = :ttl";
/// Makes something due at another time.
pub(in crate::store) const DUE_AT: &str = "SET due_at = :later";
/// Makes something due in another shard, at another time.
pub(in crate::store) const DUE_IN: &str = "SET due_shard = :shard, due_at = :later";
/// Removes something from the index of due items.
pub(in crate::store) const REMOVE_FROM_DUE: &str = "REMOVE due_shard, due_at";

/// Adds a pending event to a backlog's HEAD, which is created if there is none. A dead letter becomes due again.
pub(in crate::store) const ENQUEUE: &str = "SET due_shard = :shard, due_at = if_not_exists(due_at, :due_at), last_owed = :ordinal, last_place = :place, attempts = if_not_exists(attempts, :attempts)";
/// Moves a backlog to a shard and a time, with its number of attempts.
pub(in crate::store) const RESCHEDULE: &str = "SET due_shard = :shard, due_at = :later, attempts = :attempts";
/// No event after this one is pending. An older build writes `last_owed` without `last_place`.
pub(in crate::store) const NOTHING_PENDING_AFTER: &str =
    "last_owed = :ordinal AND (attribute_not_exists(last_place) OR last_place <= :place)";
/// The items of a partition after a sort key.
pub(in crate::store) const RANGE_AFTER: &str = "pk = :pk AND sk > :after";
/// The items of a partition before a sort key.
pub(in crate::store) const RANGE_BEFORE: &str = "pk = :pk AND sk < :before";
/// Requests a redrive of all of a target's backlogs, from the first one on.
pub(in crate::store) const REQUEST_REDRIVE: &str = "SET due_shard = :shard, due_at = :now REMOVE sk_after";
/// How far a redrive has got.
pub(in crate::store) const REDRIVEN: &str = "SET sk_after = :after, due_at = :later";

/// Counts one notice more in a digest, which is created if there is none. A dead letter becomes due again.
pub(in crate::store) const ADD_NOTICE: &str = "SET due_shard = :shard, due_at = if_not_exists(due_at, :due_at), attempts = if_not_exists(attempts, :attempts) ADD notices :one";
/// A digest has fewer notices than it keeps with their text.
pub(in crate::store) const ROOM_FOR_NOTICE: &str = "attribute_not_exists(notices) OR notices < :most";
/// A notice that was not told yet.
pub(in crate::store) const IS_PENDING_NOTICE: &str = "attribute_exists(notice)";
/// Fixes what a digest tells.
pub(in crate::store) const FIX_DIGEST: &str = "SET ids = :ids, fixed_at = :now, fixed_count = :count";
/// A digest is as it was read: nothing came, and nobody else has it.
pub(in crate::store) const SAME_DIGEST: &str = "due_at = :due_at AND notices = :count";
/// No notice came since the digest was fixed.
pub(in crate::store) const SAME_NOTICES: &str = "notices = :count";
/// A digest was sent, and more notices came meanwhile.
pub(in crate::store) const NEXT_DIGEST: &str =
    "SET notices = notices - :told, due_at = :later, attempts = :attempts REMOVE ids, fixed_at, fixed_count";

/// Counts one webhook more.
pub(in crate::store) const ONE_WEBHOOK_MORE: &str = "SET webhooks = webhooks + :one";
/// There are fewer webhooks than the limit.
pub(in crate::store) const ROOM_FOR_WEBHOOK: &str = "webhooks < :limit";
/// Counts one webhook less.
pub(in crate::store) const ONE_WEBHOOK_LESS: &str = "SET webhooks = webhooks - :one";
/// The count is above zero.
pub(in crate::store) const HAS_WEBHOOK: &str = "webhooks > :none";
/// Sets the count of webhooks.
pub(in crate::store) const COUNT_WEBHOOKS: &str = "SET webhooks = :count";
/// The count is still what was read.
pub(in crate::store) const SAME_COUNT: &str = "webhooks = :seen";

/// A delivery to a webhook failed; the first time is kept.
pub(in crate::store) const FAILING: &str = "SET failing_since = if_not_exists(failing_since, :now)";
/// A delivery to a webhook succeeded. A webhook that was disabled meanwhile stays disabled.
pub(in crate::store) const WORKING: &str = "REMOVE failing_since";
/// A delivery to a webhook succeeded quickly.
pub(in crate::store) const WORKING_QUICKLY: &str = "REMOVE failing_since, slow_until";
/// A webhook is slow: until then `publish` does not call it.
pub(in crate::store) const SLOW: &str = "SET slow_until = :until";
/// Sets a webhook's secret; those before it stay valid for a while.
pub(in crate::store) const ROTATE: &str = "SET signing_secret = :secret, previous_secrets = :previous";
/// Nobody has changed it since it was read.
pub(in crate::store) const SAME_REV: &str = "rev = :seen";
/// The secret is still the one that was read.
pub(in crate::store) const SAME_SECRET: &str = "signing_secret = :seen";
/// Enables a webhook, whatever it was disabled for.
pub(in crate::store) const ENABLE: &str = "REMOVE failing_since, disabled_at, disabled_reason";
/// No delivery has succeeded since it was read.
pub(in crate::store) const STILL_FAILING: &str = "failing_since = :since";
/// Disables a webhook; the first reason is kept.
pub(in crate::store) const DISABLE: &str = "SET disabled_at = if_not_exists(disabled_at, :now), disabled_reason = if_not_exists(disabled_reason, :reason)";

/// Leases that have not expired.
pub(in crate::store) const UNEXPIRED: &str = "expires_at > :now";

/// Counts a failed sign-in.
pub(in crate::store) const FAILED_SIGN_IN: &str = "SET #ttl = :ttl ADD #failures :one";

/// Revokes a KEY, or its entry in the register; the first time is kept.
pub(in crate::store) const REVOKE: &str = "SET revoked_at = if_not_exists(revoked_at, :now)";
/// A KEY, or its entry in the register, that is not revoked.
pub(in crate::store) const NOT_REVOKED: &str = "attribute_exists(pk) AND attribute_not_exists(revoked_at)";
/// Sets when a KEY, or its entry in the register, expires.
pub(in crate::store) const EXPIRE_KEY: &str = "SET expires_at = :now";

/// A session was used.
pub(in crate::store) const USED: &str = "SET last_used_at = :now";
/// Counts an organization's issuers.
pub(in crate::store) const COUNT_ISSUER: &str = "ADD issuers :one";
/// There are fewer issuers than the limit.
pub(in crate::store) const ROOM_FOR_ISSUER: &str = "attribute_not_exists(issuers) OR issuers < :limit";
/// Counts subscriptions.
pub(in crate::store) const COUNT_SUBSCRIPTION: &str = "ADD subscriptions :one";
/// There are fewer subscriptions than the limit.
pub(in crate::store) const ROOM_FOR_SUBSCRIPTION: &str =
    "attribute_not_exists(subscriptions) OR subscriptions < :limit";
/// A message to a subscription went well.
pub(in crate::store) const TOLD: &str = "REMOVE failing_since, last_error";
/// A message to a subscription failed.
pub(in crate::store) const NOT_TOLD: &str =
    "SET failing_since = if_not_exists(failing_since, :now), last_error = :error";
/// An invite is still valid.
pub(in crate::store) const STILL_VALID: &str = "expires_at > :now";
/// Sets whether API keys sign in, if nobody has changed that since it was read.
pub(in crate::store) const SET_KEY_SIGN_IN: &str = "SET api_key_sign_in = :allowed, rev = :next";
/// Nobody has changed the settings since they were read; there may be none yet.
pub(in crate::store) const SAME_SETTINGS: &str = "attribute_not_exists(rev) OR rev = :seen";
/// The items of a partition whose sort keys begin so.
pub(in crate::store) const BEGINS_WITH: &str = "pk = :pk AND begins_with(sk, :prefix)";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::review::{MAX_GROUPS, MAX_STAND_INS};

    #[test]
    fn a_claim_by_a_member_of_the_most_groups_is_within_dynamodbs_limits() {
        let names = 1 + MAX_GROUPS + MAX_STAND_INS;
        let condition = may_claim(names);
        let operators = condition.matches(" AND ").count() + condition.matches(" OR ").count() + names;
        assert!(condition.len() <= 4096 && operators < 300, "{} bytes", condition.len());
    }
}
