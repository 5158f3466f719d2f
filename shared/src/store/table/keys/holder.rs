//! The partition of an actor who claims: its LEASEs, and its claim-next COMMANDs.

use crate::review::{Actor, CommandId, OrganizationId, ReviewId};
use crate::store::error::StoreError;
use crate::store::table::keys::review::parse_review;

/// Partition of the leases of one holder.
pub(crate) fn holder(organization: &OrganizationId, actor: &Actor) -> String {
    format!("HOLDER#{organization}#{}#{}", actor.kind.as_str(), actor.id)
}

/// The organization of a LEASE's partition.
pub(crate) fn parse_holder(pk: &str) -> Result<OrganizationId, StoreError> {
    let corrupt = || StoreError::Corrupt("the partition key does not name a holder".into());
    let organization = pk.strip_prefix("HOLDER#").and_then(|rest| rest.split('#').next());
    OrganizationId::parse(organization.ok_or_else(corrupt)?).map_err(|_| corrupt())
}

/// Sort key of a LEASE.
pub(crate) fn lease(id: &ReviewId) -> String {
    format!("LEASE#{}#{}", id.run, id.block)
}

/// Sort keys of LEASEs begin with this.
pub(crate) const LEASES: &str = "LEASE#";

/// The review a LEASE's sort key names.
pub(crate) fn parse_lease(organization: &OrganizationId, sk: &str) -> Result<ReviewId, StoreError> {
    let rest = sk.strip_prefix("LEASE#").unwrap_or_default();
    parse_review(&format!("REVIEW#{organization}#{rest}"))
}

/// Sort key of a COMMAND, in the partition of the actor who gave it.
pub(crate) fn command(id: &CommandId) -> String {
    format!("COMMAND#{id}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::table::keys::id;
    use crate::store::table::keys::review::review;

    #[test]
    fn keys_name_their_review() {
        assert_eq!(parse_review(&review(&id("a.b~c"))).unwrap(), id("a.b~c"));
        assert_eq!(parse_lease(&id("x").organization, &lease(&id("x"))).unwrap(), id("x"));
        assert!(parse_review("KEY#abc").is_err());
    }
}
