//! Who may call: API keys, members, and sessions of the inbox.

pub(in crate::store) mod addressees;
pub(in crate::store) mod administration;
pub(in crate::store) mod api_keys;
pub(in crate::store) mod invites;
pub(in crate::store) mod issuers;
pub(in crate::store) mod key_register;
pub(in crate::store) mod member_changes;
pub(in crate::store) mod members;
pub(in crate::store) mod sessions;
pub(in crate::store) mod sign_in;
pub(in crate::store) mod sign_in_attempts;
pub(in crate::store) mod sign_in_settings;
