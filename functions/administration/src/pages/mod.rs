use shared::api::{Error, Site};
/// x
pub const SITE: Site = Site {
    name: crate::NAME,
    paths: &["/inbox/administration", "/inbox/administration/{proxy+}"],
    handle: |_, _| Box::pin(async { (None, Err(Error::RouteNotFound)) }),
    failed: inbox::common::failed,
};
