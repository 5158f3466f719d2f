//! Administration of an organization: members, invites, groups, API keys, signing in, subscriptions to notifications and the audit of all of it; and the pages for it, of which the
//! webhooks' are by the webhooks' own functions.
//!
//! - `calls`: the calls of the API. Each does its work in a function that the pages use, too.
//! - `pages`: the same for people, under the inbox's session, in its frame.

mod calls;
mod pages;

pub use calls::away::{END_AWAY, SET_AWAY};
pub use calls::groups::LIST_GROUPS;
pub use calls::invites::{CREATE_INVITE, DELETE_INVITE, LIST_INVITES};
pub use calls::keys::{CREATE_KEY, LIST_KEYS, REVOKE_KEY, ROTATE_KEY};
pub use calls::log::LIST_ADMINISTRATION;
pub use calls::members::{CHANGE_MEMBER, DISABLE_MEMBER, ENABLE_MEMBER, GET_MEMBER, LIST_MEMBERS};
pub use calls::sign_in::{DELETE_ISSUER, GET_SIGN_IN, PUT_ISSUER, SET_SIGN_IN};
pub use calls::subscriptions::{
    CHANGE_SUBSCRIPTION, CREATE_SUBSCRIPTION, DELETE_SUBSCRIPTION, GET_SUBSCRIPTION, LIST_SUBSCRIPTIONS,
    TEST_SUBSCRIPTION,
};
pub use pages::SITE;

use shared::api::{Endpoint, Handler, Route};

/// The function's name.
pub const NAME: &str = "administration";

const fn handler(endpoint: &Endpoint) -> (Route, Handler) {
    (endpoint.route, endpoint.handler)
}

/// The calls of the API that this function answers.
pub const HANDLERS: &[(Route, Handler)] = &[
    handler(&LIST_MEMBERS),
    handler(&GET_MEMBER),
    handler(&CHANGE_MEMBER),
    handler(&DISABLE_MEMBER),
    handler(&ENABLE_MEMBER),
    handler(&SET_AWAY),
    handler(&END_AWAY),
    handler(&CREATE_INVITE),
    handler(&LIST_INVITES),
    handler(&DELETE_INVITE),
    handler(&LIST_GROUPS),
    handler(&LIST_KEYS),
    handler(&CREATE_KEY),
    handler(&ROTATE_KEY),
    handler(&REVOKE_KEY),
    handler(&LIST_ADMINISTRATION),
    handler(&GET_SIGN_IN),
    handler(&SET_SIGN_IN),
    handler(&PUT_ISSUER),
    handler(&DELETE_ISSUER),
    handler(&LIST_SUBSCRIPTIONS),
    handler(&CREATE_SUBSCRIPTION),
    handler(&GET_SUBSCRIPTION),
    handler(&CHANGE_SUBSCRIPTION),
    handler(&DELETE_SUBSCRIPTION),
    handler(&TEST_SUBSCRIPTION),
];
