//! The addresses of the inbox's pages.

pub(crate) use shared::api::way_back;
use shared::review::{ReviewId, Seq, WorkflowId};

/// The queue, and where all of the inbox is.
pub(crate) const HOME: &str = "/inbox";

/// The list of one's own sessions.
pub(crate) const SESSIONS: &str = "/inbox/sessions";
/// The pages for those who administer the organization: the function `administration` answers there.
pub(crate) const ADMINISTRATION: &str = "/inbox/administration";
/// The pages for what one is told of elsewhere. The same function answers there.
pub(crate) const NOTIFICATIONS: &str = "/inbox/notifications";

/// The page of a review.
pub(crate) fn review(id: &ReviewId) -> String {
    format!("{HOME}/reviews/{}/{}", id.run, id.block)
}

/// The policies.
pub(crate) fn policies() -> String {
    format!("{HOME}/policies")
}

/// The page of a workflow's policy.
pub(crate) fn policy(workflow: &WorkflowId) -> String {
    format!("{HOME}/policies/{workflow}")
}

/// A version of its output, as it was stored.
pub(crate) fn version(id: &ReviewId, seq: Seq) -> String {
    format!("{}/versions/{}", review(id), seq.0)
}

/// A path with those parts of a query that there are.
pub(crate) fn with_query<const PARTS: usize>(path: &str, parts: [Option<(&str, &str)>; PARTS]) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    for (name, value) in parts.into_iter().flatten() {
        query.append_pair(name, value);
    }
    let query = query.finish();
    if query.is_empty() { path.to_owned() } else { format!("{path}?{query}") }
}
