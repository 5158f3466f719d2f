//! Keys of API keys and sessions.

use crate::review::{ActorId, OrganizationId};

/// Sort key of a KEY item.
pub(crate) const KEY: &str = "KEY";

/// Sort key of a SESSION item.
pub(crate) const SESSION: &str = "SESSION";

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

/// Partition of an organization's members.
pub(crate) fn members(organization: &OrganizationId) -> String {
    format!("MEMBERS#{organization}")
}

/// Sort key of one member.
pub(crate) fn member(actor: &ActorId) -> String {
    format!("MEMBER#{actor}")
}

/// Partition of an organization's audit of administration; its sort keys are entry ids, which ascend with time.
pub(crate) fn administration(organization: &OrganizationId) -> String {
    format!("ADMINISTRATION#{organization}")
}

/// Partition of an organization's register of API keys.
pub(crate) fn key_register(organization: &OrganizationId) -> String {
    format!("KEYS#{organization}")
}

/// Partition of when an organization's API keys were last used. Who calls may write there, and not where the keys are.
pub(crate) fn key_uses(organization: &OrganizationId) -> String {
    format!("KEY-USES#{organization}")
}

/// Partition of an organization's register of invites.
pub(crate) fn invite_register(organization: &OrganizationId) -> String {
    format!("INVITES#{organization}")
}

/// Sort key of an INVITE item.
pub(crate) const INVITE: &str = "INVITE";

/// Partition of one invite.
pub(crate) fn invite(digest_hex: &str) -> String {
    format!("INVITE#{digest_hex}")
}
