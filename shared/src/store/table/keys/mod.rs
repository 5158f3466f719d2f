//! The keys of all items. All but API keys and sessions begin with the organization; `#` occurs in no identifier.

mod access;
mod documents;
mod due;
mod holder;
mod outbox;
mod policy;
mod queue;
mod review;

pub(crate) use access::*;
pub(crate) use documents::*;
pub(crate) use due::DUE;
pub use due::Due;
pub(crate) use holder::*;
pub(crate) use outbox::*;
pub(crate) use policy::*;
pub(crate) use queue::*;
pub(crate) use review::*;

/// The table's partition key.
pub(crate) const PK: &str = "pk";

/// The table's sort key.
pub(crate) const SK: &str = "sk";

/// A review of that run, for the tests of keys.
#[cfg(test)]
fn id(run: &str) -> crate::review::ReviewId {
    use crate::review::{BlockId, OrganizationId, ReviewId, RunId};
    ReviewId {
        organization: OrganizationId::parse("org").unwrap(),
        run: RunId::parse(run).unwrap(),
        block: BlockId::parse("block").unwrap(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::review::{Actor, ActorId, ActorKind, Rev, Seq, Status, Timestamp, UploadId, WorkflowId};

    #[test]
    fn keys_are_spelled_as_in_the_tables_that_there_are() {
        let (id, at) = (id("run"), Timestamp::from_millis(1_778_662_500_000));
        let organization = &id.organization;
        let actor = |kind| Actor { kind, id: ActorId::parse("ada").unwrap(), display_name: "Ada".into() };
        let workflow = WorkflowId::parse("wf").unwrap();
        for (key, spelled) in [
            (review(&id), "REVIEW#org#run#block"),
            (version(Seq(7), 3), "VERSION#0000000007#00003"),
            (evidence(3), "~EVIDENCE#00003"),
            (audit_page(7), "AUDIT#0000000007"),
            (decisions(7), "VERDICTS#0000000007"),
            (stale_write(Rev(7), &actor(ActorKind::Model)), "STALE#00000000000000000007#model#ada"),
            (holder(organization, &actor(ActorKind::Human)), "HOLDER#org#human#ada"),
            (holder(organization, &actor(ActorKind::Agent)), "HOLDER#org#agent#ada"),
            (lease(&id), "LEASE#run#block"),
            (resume(&id), "RESUME#org#run#block"),
            (document(organization, &UploadId::parse("doc_1").unwrap()), "DOCUMENT#org#doc_1"),
            (naming_review(&id), "REVIEW#run#block"),
            (webhooks(organization), "WEBHOOKS#org"),
            (webhook_count(organization), "WEBHOOK-COUNT#org"),
            (subscriptions(organization), "SUBSCRIPTIONS#org"),
            (delivery_log(organization, "we_1"), "WEBHOOK#org#we_1"),
            (delivery(at, "ev_1", 2), "DELIVERY#1778662500000#ev_1#002"),
            (queue(organization, Status::AwaitingReview), "org#awaiting_review"),
            (queue(organization, Status::Approved), "org#approved"),
            (workflow_queue(organization, &workflow, Status::Rejected), "org#wf#rejected"),
            (api_key("00ff"), "KEY#00ff"),
            (session("00ff"), "SESSION#00ff"),
            (failed_sign_ins("00ff", 7), "SESSION#FAILED#00ff#7"),
            (key_register(organization), "KEYS#org"),
            (policy(organization, &workflow), "POLICY#org#wf"),
            (policy_change(Rev(7)), "AUDIT#0000000007"),
            (policy_register(organization), "POLICIES#org"),
            (key_uses(organization), "KEY-USES#org"),
            (invite_register(organization), "INVITES#org"),
            (invite("00ff"), "INVITE#00ff"),
            (Due::Leases.shard(7), "LEASES#7"),
            (Due::Deliveries.shard(0), "DELIVERIES#0"),
            (Due::DeadLetters.shard_of(&id), "DEAD#3"),
        ] {
            assert_eq!(key, spelled);
        }
    }
}
