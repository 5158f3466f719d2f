//! Groups: there is no list of them; a group is there when somebody is in it.

use futures_util::try_join;
use lambda_http::http::StatusCode;
use schemars::JsonSchema;
use serde::Serialize;
use shared::api::{Answer, App, Call, Caller, Endpoint, Error, FieldErrors, Reply, schema_of};
use shared::review::{GroupId, Timestamp};
use shared::store::Scope;
use std::collections::BTreeMap;

/// The groups in use.
pub const LIST_GROUPS: Endpoint = Endpoint {
    of_function: Some(crate::NAME),
    summary: "List the groups",
    description: "The names that active members and valid keys use. A group need not be created: it is there once somebody is in it.",
    answers: &[Answer::json(200, "The groups.", schema_of::<Groups>)],
    ..Endpoint::new("list-groups", "GET", "/v1/groups", Scope::Admin, |app, caller, call| {
        Box::pin(list(app, caller, call))
    })
};

/// A group, and who is in it.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Group")]
pub(crate) struct GroupView {
    /// Its name.
    pub(crate) group: GroupId,
    /// How many active members are in it.
    pub(crate) members: usize,
    /// How many valid keys are in it.
    pub(crate) keys: usize,
}

/// The groups of an organization.
#[derive(Serialize, JsonSchema)]
struct Groups {
    /// The groups, by name.
    data: Vec<GroupView>,
}

async fn list(app: &App, caller: &Caller, call: &Call) -> Result<Reply, Error> {
    let mut errors = FieldErrors::new();
    let query = call.query_fields(&[], &mut errors, |_| Some(()));
    errors.finish(query)?;
    Ok(Reply::json(StatusCode::OK, &Groups { data: used(app, caller, call.now()).await? }))
}

/// The groups in use, by name. It reads all members and all keys.
pub(crate) async fn used(app: &App, caller: &Caller, now: Timestamp) -> Result<Vec<GroupView>, Error> {
    let organization = &caller.organization;
    let (members, keys) = try_join!(app.store.members(organization), app.store.list_keys(organization))?;
    let mut groups: BTreeMap<GroupId, (usize, usize)> = BTreeMap::new();
    for member in members.into_iter().filter(shared::store::Member::is_active) {
        for group in member.groups {
            groups.entry(group).or_default().0 += 1;
        }
    }
    for key in keys.into_iter().filter(|key| key.is_live(now)) {
        for group in key.groups {
            groups.entry(group).or_default().1 += 1;
        }
    }
    Ok(groups.into_iter().map(|(group, (members, keys))| GroupView { group, members, keys }).collect())
}
