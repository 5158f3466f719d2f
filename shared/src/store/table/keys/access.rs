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

/// Partition of the sessions of one holder, who is a member or a key; its sort keys are the sessions' digests.
pub(crate) fn sessions_of_member(organization: &OrganizationId, actor: &ActorId) -> String {
    format!("SESSIONS#{organization}#{actor}")
}

/// As [`sessions_of_member`], of an API key. An organization's id has no `#`, so the two never meet.
pub(crate) fn sessions_of_key(digest_hex: &str) -> String {
    format!("SESSIONS##{digest_hex}")
}

/// Partition of an organization's issuers of identities, and of its settings of signing in.
pub(crate) fn issuers(organization: &OrganizationId) -> String {
    format!("ISSUERS#{organization}")
}

/// What the sort keys of issuers begin with.
pub(crate) const ISSUER: &str = "ISSUER#";

/// Sort key of an organization's settings of signing in.
pub(crate) const SIGN_IN_SETTINGS: &str = "SETTINGS";

/// Partition of one attempt to sign in at an issuer.
pub(crate) fn sign_in_attempt(digest_hex: &str) -> String {
    format!("SIGN-IN#{digest_hex}")
}

/// Sort key of an attempt.
pub(crate) const ATTEMPT: &str = "ATTEMPT";

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
