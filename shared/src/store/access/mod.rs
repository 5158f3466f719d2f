//! Who may call: API keys, and sessions of the inbox.

mod addressees;
pub(in crate::store) mod api_keys;
pub(in crate::store) mod sessions;
pub(in crate::store) mod sign_in;
