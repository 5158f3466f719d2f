//! The audit of administration.

use lambda_http::http::StatusCode;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;
use shared::api::{
    Answer, App, CURSOR, Call, Caller, Endpoint, Error, FieldErrors, FieldSpec, PAGE_LIMIT, Reply,
    ValueError, schema_of,
};
use shared::review::{Actor, EntryId, Timestamp};
use shared::store::{AdministrationEntry, Scope};

const QUERY: &[FieldSpec] = &[PAGE_LIMIT.spec, CURSOR.spec];

/// The audit of administration.
pub const LIST_ADMINISTRATION: Endpoint = Endpoint {
    of_function: Some(crate::NAME),
    summary: "Read the audit of administration",
    description: "Who changed which member, invite, key or webhook, and when; the newest first. An entry is written in the transaction \
        of the change that it tells of. Nothing deletes entries.",
    query: QUERY,
    answers: &[Answer::json(200, "A page of entries.", schema_of::<Entries<'static>>)],
    ..Endpoint::new("list-administration", "GET", "/v1/administration", Scope::Admin, |app, caller, call| {
        Box::pin(list(app, caller, call))
    })
};

/// An entry of the audit.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "AdministrationEntry")]
struct EntryView<'a> {
    /// Its id; ids ascend with time.
    entry_id: EntryId,
    /// Who did it.
    actor: &'a Actor,
    /// When.
    at: Timestamp,
    /// What was done, as a word. There will be others.
    action: &'a str,
    /// To whom or what: an id.
    target: &'a str,
    /// What changed, as an object that depends on the action; null if the action says it all.
    detail: Value,
}

/// A page of the audit.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "AdministrationLog")]
struct Entries<'a> {
    /// The entries, the newest first.
    data: Vec<EntryView<'a>>,
    /// Where the next page starts; null on the last.
    next_cursor: Option<EntryId>,
}

impl<'a> From<&'a AdministrationEntry> for EntryView<'a> {
    fn from(entry: &'a AdministrationEntry) -> Self {
        Self {
            entry_id: entry.id,
            actor: &entry.actor,
            at: entry.at,
            action: &entry.action,
            target: &entry.target,
            detail: serde_json::from_str(&entry.detail).unwrap_or_default(),
        }
    }
}

async fn list(app: &App, caller: &Caller, call: &Call) -> Result<Reply, Error> {
    let mut errors = FieldErrors::new();
    let query = call.query_fields(QUERY, &mut errors, |query| {
        let limit = query.read(&PAGE_LIMIT);
        let before = query.read_then(&CURSOR, |text| {
            let unknown = || ValueError::new("invalid_value", "is not a cursor of this list");
            text.map(|text| EntryId::parse(&text).ok_or_else(unknown)).transpose()
        });
        Some((limit?, before?))
    });
    let (limit, before) = errors.finish(query)?;
    let page = app.store.administration(&caller.organization, before, limit).await?;
    let data = page.entries.iter().map(EntryView::from).collect();
    Ok(Reply::json(StatusCode::OK, &Entries { data, next_cursor: page.next }))
}
