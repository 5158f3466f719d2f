//! What a disabled member leaves behind: claims, which somebody else needs.

use futures_util::{StreamExt, TryStreamExt, stream};
use shared::api::{App, Call, Caller, Error};
use shared::review::{Actor, Refusal, RequestDigest, Review};
use shared::store::Outcome;

/// How many are released at a time.
const AT_A_TIME: usize = 8;
/// How often one is tried because the review changed.
const ATTEMPTS: usize = 4;

/// Releases all claims of an actor, as the caller; returns how many. Each is an ordinary release, with its entry in the review's audit.
/// A change in between is no failure: the claim is looked at again.
pub(crate) async fn release_claims(
    app: &App,
    caller: &Caller,
    call: &Call,
    holder: &Actor,
) -> Result<usize, Error> {
    let held = app.store.held_by(&caller.organization, holder, call.now()).await?;
    let released: Vec<bool> = stream::iter(held)
        .map(|review| release(app, caller, call, holder, review))
        .buffer_unordered(AT_A_TIME)
        .try_collect()
        .await?;
    Ok(released.into_iter().filter(|released| *released).count())
}

async fn release(
    app: &App,
    caller: &Caller,
    call: &Call,
    holder: &Actor,
    mut review: Review,
) -> Result<bool, Error> {
    for _ in 0..ATTEMPTS {
        if !review.claim_at(call.now()).is_some_and(|claim| claim.holder.is(holder)) {
            return Ok(false);
        }
        let context = call.command_context(caller, RequestDigest::of("release", &[]), None);
        match app.store.release(&review.id, review.rev, &context).await? {
            Outcome::Done { .. } => return Ok(true),
            Outcome::Refused(Refusal::VersionConflict, now) => review = *now,
            // Decided or gone: there is no claim any more.
            _ => return Ok(false),
        }
    }
    Err(Error::Store(shared::store::StoreError::Unavailable("a claimed review kept changing".into())))
}
