//! The partition of one review: META and all that is beside it.

use crate::review::{Actor, ActorId, ActorKind, BlockId, GroupId, OrganizationId, Rev, ReviewId, RunId, Seq};
use crate::store::error::StoreError;

/// An actor who may work on a review that is assigned, as the condition of a claim compares it.
pub(crate) fn assigned_actor(actor: &ActorId) -> String {
    format!("a:{actor}")
}

/// As [`assigned_actor`], for a group.
pub(crate) fn assigned_group(group: &GroupId) -> String {
    format!("g:{group}")
}

/// What an enforced assignment to nobody has instead: it names nobody.
pub(crate) const ASSIGNED_TO_NOBODY: &str = "-";

/// Sort key of META. It sorts before all else of a review, so that one query reads META first.
pub(crate) const META: &str = "#META";

/// Sort keys of AUDIT pages begin with this, and lie before [`AUDIT_END`]: `$` comes after `#`.
pub(crate) const AUDIT: &str = "AUDIT#";

/// After all AUDIT pages.
pub(crate) const AUDIT_END: &str = "AUDIT$";

/// Sort keys of rejected stale writes begin with this.
pub(crate) const STALE: &str = "STALE#";

/// After all rejected stale writes.
pub(crate) const STALE_END: &str = "STALE$";

/// Sort keys of DECISIONS begin with this. They sort next to VERSIONs, with which they are always read.
pub(crate) const DECISIONS: &str = "VERDICTS#";

/// Sort keys of VERSIONs begin with this.
pub(crate) const VERSION: &str = "VERSION#";

/// After all VERSIONs.
pub(crate) const VERSION_END: &str = "VERSION$";

/// Sort keys of EVIDENCE begin with this. They sort after VERSIONs, so that no query of a review reads them with it.
pub(crate) const EVIDENCE: &str = "~EVIDENCE#";

/// After all EVIDENCE.
pub(crate) const EVIDENCE_END: &str = "~EVIDENCE$";

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

/// Sort key of one chunk of EVIDENCE.
pub(crate) fn evidence(chunk: u16) -> String {
    format!("{EVIDENCE}{chunk:05}")
}

/// Sort key of an AUDIT page.
pub(crate) fn audit_page(page: u32) -> String {
    format!("{AUDIT}{page:010}")
}

/// Sort key of the DECISIONS of an AUDIT page.
pub(crate) fn decisions(page: u32) -> String {
    format!("{DECISIONS}{page:010}")
}

/// Sort key of the RECEIPT of an actor's command. It sorts after all else of a review.
pub(crate) fn receipt(kind: ActorKind, actor: &str, command: &str) -> String {
    format!("~RECEIPT#{}#{actor}#{command}", kind.as_str())
}

/// Sort key of an actor's rejected write on a stale stamp.
pub(crate) fn stale_write(stamp: Rev, actor: &Actor) -> String {
    format!("{STALE}{:020}#{}#{}", stamp.0, actor.kind.as_str(), actor.id)
}
