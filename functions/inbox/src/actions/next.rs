//! The next review: claims the first that nobody has claimed, and goes there.

use crate::form::SubmittedForm;
use crate::pages::frame::go;
use crate::paths::{self, HOME};
use crate::session::Viewer;
use shared::api::{App, Call, Error, Reply};

/// What is needed of a review to go to it.
#[derive(serde::Deserialize)]
struct Claimed {
    workflow_run_id: String,
    block_id: String,
}

/// Claims the most urgent review that nobody has claimed, and goes there; if there is none, the queue says so.
pub(crate) async fn next(
    app: &App,
    call: &Call,
    viewer: &Viewer<'_>,
    sent: &SubmittedForm,
) -> Result<Reply, Error> {
    let workflow = sent.text("workflow_id");
    let body = serde_json::json!({ "workflow_id": workflow });
    let inner = call.inner(None, body.to_string());
    let reply = const { claim_next::ENDPOINT.handler }.call(app, viewer.caller, &inner).await?;
    let flow = || workflow.as_deref().map(|workflow| ("workflow_id", workflow));
    let Ok(claimed) = serde_json::from_str::<Claimed>(reply.body()) else {
        let to = paths::with_query(HOME, [Some(("done", "none-free")), flow()]);
        return Ok(go(call, &to).counted_as(&reply));
    };
    let path = format!("{HOME}/reviews/{}/{}", claimed.workflow_run_id, claimed.block_id);
    let to = paths::with_query(&path, [Some(("done", "claimed")), flow()]);
    Ok(go(call, &to).counted_as(&reply))
}
