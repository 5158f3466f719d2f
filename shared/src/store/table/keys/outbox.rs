//! Keys of callbacks, webhooks, and events to be delivered.

use crate::event::{DeliveryTarget, Place};
use crate::review::{OrganizationId, ReviewId, Timestamp};
use crate::store::error::StoreError;
use crate::store::table::keys::review::parse_review;

/// Sort key of a RESUME item.
pub(crate) const RESUME: &str = "RESUME";

/// Partition of a review's callback target. Its own, so that only the functions that deliver can read it.
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

/// Partition of an organization's subscriptions; the sort key is the subscription's id.
pub(crate) fn subscriptions(organization: &OrganizationId) -> String {
    format!("SUBSCRIPTIONS#{organization}")
}

/// Sort key of their count, in the same partition. No id begins with `#`.
pub(crate) const COUNT_OF_SUBSCRIPTIONS: &str = "#COUNT";

/// Partition of a webhook's delivery log.
pub(crate) fn delivery_log(organization: &OrganizationId, webhook_id: &str) -> String {
    format!("WEBHOOK#{organization}#{webhook_id}")
}

/// Sort key of one attempt in the delivery log.
pub(crate) fn delivery(at: Timestamp, event_id: &str, attempt: u32) -> String {
    format!("DELIVERY#{:013}#{event_id}#{attempt:03}", at.millis())
}

/// Partition of an organization's count of webhooks. Its own, because an older build takes everything in the partition of
/// webhooks for a webhook.
pub(crate) fn webhook_count(organization: &OrganizationId) -> String {
    format!("WEBHOOK-COUNT#{organization}")
}

/// Sort key of that count.
pub(crate) const COUNT: &str = "COUNT";

/// Partition of a target's pending events.
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

/// The form of a backlog's sort keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Layout {
    /// `run#block#HEAD` and `run#block#EVENT#place`: who reads all heads also reads all events. No longer written for a new backlog.
    First,
    /// `#HEAD#run#block` and `#EVENT#run#block#place`: the heads are next to each other. No identifier begins with `#`.
    Second,
}

/// Sort keys of heads of the second layout begin with this.
pub(crate) const HEADS: &str = "#HEAD#";

/// Sort key of a requested redrive of all of a target's backlogs.
pub(crate) const REDRIVE: &str = "#REDRIVE";

/// Sort key of a requested test delivery.
pub(crate) const TEST: &str = "#TEST";

/// Sort key of what a subscription tells next.
pub(crate) const DIGEST: &str = "#DIGEST";

/// Sort keys of a subscription's notices begin with this.
pub(crate) const NOTICES: &str = "#NOTICE#";

/// Sort key of the notice of an event.
pub(crate) fn notice(event: &str) -> String {
    format!("{NOTICES}{event}")
}

/// Sort key of a pending event.
pub(crate) fn backlog_event(id: &ReviewId, place: Place, layout: Layout) -> String {
    format!("{}{place}", backlog_events(id, layout).0)
}

/// The range of the sort keys of a review's pending events.
pub(crate) fn backlog_events(id: &ReviewId, layout: Layout) -> (String, String) {
    let prefix = match layout {
        Layout::First => format!("{}#{}#EVENT#", id.run, id.block),
        Layout::Second => format!("#EVENT#{}#{}#", id.run, id.block),
    };
    let beyond = format!("{prefix}~");
    (prefix, beyond)
}

/// Sort key of the HEAD of a review's pending events.
pub(crate) fn backlog_head(id: &ReviewId, layout: Layout) -> String {
    match layout {
        Layout::First => format!("{}#{}#HEAD", id.run, id.block),
        Layout::Second => format!("{HEADS}{}#{}", id.run, id.block),
    }
}

/// The review of a HEAD, and the form of its key.
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::table::keys::id;

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
        assert!([REDRIVE, TEST, DIGEST].iter().all(|sk| parse_backlog_head(&organization, sk).is_err()));
    }
}
