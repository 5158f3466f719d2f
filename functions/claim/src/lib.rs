//! `POST …/claim`: take, renew or take over the advisory claim. It never blocks anybody.

use shared::http::{
    self, App, Call, Caller, Error, Faults, Function, Reply, SMALL_BODY_LIMIT, integer, routes,
};
use shared::review::{RequestDigest, Rev, ReviewId, TtlSeconds};

/// The endpoint.
pub const FUNCTION: Function =
    Function { route: routes::CLAIM, handle: |app, caller, call| Box::pin(claim(app, caller, call)) };

async fn claim(app: &App, caller: &Caller, call: &Call) -> Result<Reply, Error> {
    let (id, stamp, ttl) = parse(caller, call)?;
    let request = RequestDigest::of("claim", &[&ttl.seconds().to_be_bytes()]);
    let act = call.act(caller, request, None);
    let outcome = app.store.claim(&id, stamp, ttl, &act).await?;
    http::mutated(outcome, stamp, call.now())
}

fn parse(caller: &Caller, call: &Call) -> Result<(ReviewId, Rev, TtlSeconds), Error> {
    let mut faults = Faults::new();
    let id = call.review_id(caller, &mut faults);
    let mut parsed = None;
    if let Some(mut body) = call.body(SMALL_BODY_LIMIT, &mut faults)? {
        let stamp = body.version_stamp(&mut faults);
        let range = i64::from(TtlSeconds::MIN)..=i64::from(TtlSeconds::MAX);
        let ttl = body.optional("ttl_seconds", &mut faults, integer(range));
        body.finish(&mut faults);
        parsed = stamp.zip(ttl);
    }
    let (id, (stamp, ttl)) = faults.finish(id.zip(parsed))?;
    Ok((id, stamp, ttl.and_then(TtlSeconds::parse).unwrap_or_default()))
}
