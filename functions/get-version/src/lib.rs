//! `GET …/versions/{seq}`: one version, for reviews whose whole overlay is too large to carry.

use shared::api::{self, App, Call, Caller, Error, FieldErrors, Function, Reply, routes};

/// The endpoint.
pub const FUNCTION: Function = Function {
    route: routes::GET_VERSION,
    handle: |app, caller, call| Box::pin(get_version(app, caller, call)),
};

async fn get_version(app: &App, caller: &Caller, call: &Call) -> Result<Reply, Error> {
    let mut faults = FieldErrors::new();
    let id = call.review_id(caller, &mut faults);
    let seq = call.seq(&mut faults);
    let (id, seq) = faults.finish(id.zip(seq))?;
    let Some(version) = app.store.load_version(&id, seq).await? else {
        let review = app.store.peek(&id).await?;
        return Err(if review.is_some() { Error::VersionNotFound } else { Error::ReviewNotFound });
    };
    Ok(api::version(&version).tagged_by_content(call))
}
