//! API keys: made, listed, rotated, revoked. A key never gives what its maker does not have.

use super::fields::{GROUPS, named, read_groups};
use lambda_http::http::StatusCode;
use schemars::JsonSchema;
use serde::Serialize;
use shared::api::{
    Answer, App, Body, Call, Caller, Code, Content, Endpoint, Error, Field, FieldErrors, Literal, Object,
    Reply, Shape, boolean, identifier, integer, one_of, schema_of, some_of, text_of,
};
use shared::review::{Actor, ActorId, ActorKind, GroupId, Timestamp};
use shared::store::{ApiKey, KeyRecord, NewKey, Scope, Scopes};

/// The keys.
pub const LIST_KEYS: Endpoint = Endpoint {
    of_function: Some(crate::NAME),
    summary: "List the API keys",
    description: "All of them, revoked and expired ones included, by their ids. The keys themselves are not stored. When a key was \
        last used is noted once a day; claims are not noted, every other call is.",
    answers: &[Answer::json(200, "The keys.", schema_of::<Keys<'static>>)],
    ..Endpoint::new("list-keys", "GET", "/v1/keys", Scope::Admin, |app, caller, call| {
        Box::pin(list(app, caller, call))
    })
};

/// Makes a key.
pub const CREATE_KEY: Endpoint = Endpoint {
    of_function: Some(crate::NAME),
    summary: "Make an API key",
    description: "For a program, or for a person where nobody signs in. It can have no scope that its maker does not have; only \
        members who administer may also give `runtime`, which no role has. If the answer is lost, revoke the key that nobody knows, and \
        make another.",
    body: Some(&BODY),
    example: Some(
        r#"{ "kind": "agent", "id": "ledger", "name": "Ledger import", "scopes": ["runtime"], "expires_in_days": 90 }"#,
    ),
    answers: &[Answer::json(201, "The key, which no other call shows.", schema_of::<CreatedKey<'static>>)],
    errors: &[Code::BodyTooLarge],
    ..Endpoint::new("create-key", "POST", "/v1/keys", Scope::Admin, |app, caller, call| {
        Box::pin(post(app, caller, call))
    })
};

/// Replaces a key.
pub const ROTATE_KEY: Endpoint = Endpoint {
    of_function: Some(crate::NAME),
    summary: "Rotate an API key",
    description: "Makes a key for the same actor, with the same scopes, groups and lifetime. The old one stays valid for as many hours \
        as you say, at most until its own end.",
    body: Some(&ROTATION),
    example: Some(r#"{ "keep_old_for_hours": 24 }"#),
    answers: &[Answer::json(
        201,
        "The new key, which no other call shows.",
        schema_of::<CreatedKey<'static>>,
    )],
    errors: &[Code::KeyNotFound, Code::BodyTooLarge],
    ..Endpoint::new("rotate-key", "POST", "/v1/keys/{key_id}/rotate", Scope::Admin, |app, caller, call| {
        Box::pin(post_rotation(app, caller, call))
    })
};

/// Revokes a key.
pub const REVOKE_KEY: Endpoint = Endpoint {
    of_function: Some(crate::NAME),
    summary: "Revoke an API key",
    description: "It stops working within a minute, and the sessions that it began end. Revoking twice changes nothing.",
    answers: &[Answer::empty(204, "It is revoked.")],
    errors: &[Code::KeyNotFound],
    is_repeatable: true,
    ..Endpoint::new("revoke-key", "DELETE", "/v1/keys/{key_id}", Scope::Admin, |app, caller, call| {
        Box::pin(delete(app, caller, call))
    })
};

/// How long a key lasts by default, in days.
pub(crate) const DEFAULT_DAYS: u32 = 365;
/// How long it can last, unless it never expires.
pub(crate) const MAX_DAYS: u32 = 3650;
/// How long an old key can stay valid, in hours: thirty days.
pub(crate) const MAX_HOURS: u32 = 720;

const KIND: Field<ActorKind> = Field::new("kind", "What acts with it.", one_of(ActorKind::WORDS));
const ID: Field<ActorId> = Field::new("id", "The id of the actor: what audits name.", identifier());
const NAME: Field<String> =
    Field::new("name", "The actor's name, for people.", text_of(1..=Actor::MAX_DISPLAY_NAME, Content::Name));
const SCOPES: Field<Vec<Scope>> = Field::new("scopes", "What it may do.", some_of(&Scope::WORDS));
const DAYS: Field<u32> = Field::new("expires_in_days", "When it ends.", integer(1..=MAX_DAYS as i64))
    .default(Literal::Integer(DEFAULT_DAYS as i64));
const NEVER: Field<bool> = Field::new(
    "never_expires",
    "It has no end, whatever `expires_in_days` says. Rotate it by hand then.",
    boolean(),
)
.default(Literal::Boolean(false));
const HOURS: Field<u32> =
    Field::new("keep_old_for_hours", "For how long the old key stays valid.", integer(0..=MAX_HOURS as i64))
        .default(Literal::Integer(0));

const BODY: Body = Body {
    object: Object {
        name: "CreateKeyRequest",
        about: "The body of `create-key`.",
        shape: Shape::Fields(&[
            KIND.spec,
            ID.spec,
            NAME.spec,
            SCOPES.spec,
            GROUPS.spec,
            DAYS.spec,
            NEVER.spec,
        ]),
    },
    limit: Body::SMALL,
};

const ROTATION: Body = Body {
    object: Object {
        name: "RotateKeyRequest",
        about: "The body of `rotate-key`.",
        shape: Shape::Fields(&[HOURS.spec]),
    },
    limit: Body::SMALL,
};

/// An API key. The key itself is shown only when it is made.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "ApiKey")]
struct KeyView<'a> {
    /// What it is called: in lists, logs and audits.
    key_id: &'a str,
    /// Who acts with it.
    actor: &'a Actor,
    /// What it may do.
    #[schemars(with = "Vec<String>")]
    scopes: &'a Scopes,
    /// The groups that its actor belongs to.
    groups: &'a [GroupId],
    /// Whether it works.
    #[schemars(extend("enum" = ["active", "expired", "revoked"]))]
    status: &'static str,
    /// When it was made.
    created_at: Timestamp,
    /// Who made or rotated it; null for keys from before this was noted.
    created_by: Option<&'a Actor>,
    /// When it ends; null if it does not.
    expires_at: Option<Timestamp>,
    /// When it was revoked.
    revoked_at: Option<Timestamp>,
    /// When it was last used, to the day; null if it never was.
    last_used_at: Option<Timestamp>,
}

/// An API key that was just made.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "CreatedApiKey")]
struct CreatedKey<'a> {
    #[serde(flatten)]
    record: KeyView<'a>,
    /// The key. No other call shows it.
    key: &'a str,
}

/// The keys of an organization.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "ApiKeys")]
struct Keys<'a> {
    /// The keys.
    data: Vec<KeyView<'a>>,
}

/// Whether a key works at `now`, as a word.
pub(crate) fn status(record: &KeyRecord, now: Timestamp) -> &'static str {
    match record.revoked_at {
        Some(_) => "revoked",
        None if record.is_live(now) => "active",
        None => "expired",
    }
}

fn view(record: &KeyRecord, now: Timestamp) -> KeyView<'_> {
    KeyView {
        key_id: &record.key_id,
        actor: &record.actor,
        scopes: &record.scopes,
        groups: &record.groups,
        status: status(record, now),
        created_at: record.created_at,
        created_by: record.created_by.as_ref(),
        expires_at: record.expires_at,
        revoked_at: record.revoked_at,
        last_used_at: record.last_used_at,
    }
}

fn created((key, record): &(ApiKey, KeyRecord), now: Timestamp) -> Reply {
    let body = CreatedKey { record: view(record, now), key: key.reveal() };
    Reply::json(StatusCode::CREATED, &body)
}

async fn list(app: &App, caller: &Caller, call: &Call) -> Result<Reply, Error> {
    let mut errors = FieldErrors::new();
    let query = call.query_fields(&[], &mut errors, |_| Some(()));
    errors.finish(query)?;
    let records = app.store.list_keys(&caller.organization).await?;
    let data = records.iter().map(|record| view(record, call.now())).collect();
    Ok(Reply::json(StatusCode::OK, &Keys { data }))
}

async fn post(app: &App, caller: &Caller, call: &Call) -> Result<Reply, Error> {
    let mut errors = FieldErrors::new();
    let now = call.now();
    let body = call.body(&BODY, &mut errors, |body| {
        let (kind, id, name) = (body.read(&KIND), body.read(&ID), body.read(&NAME));
        let (scopes, groups) = (body.read(&SCOPES), read_groups(body));
        let (days, never) = (body.read(&DAYS), body.read(&NEVER));
        Some(NewKey {
            organization: caller.organization.clone(),
            actor: Actor { kind: kind?, id: id?, display_name: name? },
            scopes: scopes?,
            groups: groups?,
            expires_at: end(days?, never?, now),
        })
    })?;
    let made = create(app, caller, now, errors.finish(body)?).await?;
    Ok(created(&made, now))
}

/// When a key ends that lasts so long.
pub(crate) fn end(days: u32, never: bool, now: Timestamp) -> Option<Timestamp> {
    (!never).then(|| now.plus_millis(i64::from(days) * 86_400_000))
}

/// Makes a key, if its maker may give what it gives.
pub(crate) async fn create(
    app: &App,
    caller: &Caller,
    now: Timestamp,
    new: NewKey,
) -> Result<(ApiKey, KeyRecord), Error> {
    must_give(caller, &new.scopes)?;
    if new.actor.id.is_of_product() {
        let mut errors = FieldErrors::new();
        let message = "is the id under which the product itself acts: choose another".to_owned();
        errors.add(["body", "id"], "invalid_value", message);
        return Err(Error::Invalid(errors));
    }
    // Nobody acts as a member but the member.
    let is_own = new.actor.id == caller.actor.id;
    if !is_own && app.store.member(&caller.organization, &new.actor.id).await?.is_some() {
        let mut errors = FieldErrors::new();
        let message = "is the id of a member, who signs in: only they can make a key for it".to_owned();
        errors.add(["body", "id"], "invalid_value", message);
        return Err(Error::Invalid(errors));
    }
    Ok(app.store.create_key(new, &caller.actor, now).await?)
}

fn must_give(caller: &Caller, scopes: &[Scope]) -> Result<(), Error> {
    match scopes.iter().find(|scope| !caller.may_give(**scope)) {
        Some(scope) => Err(Error::Forbidden { scope: *scope }),
        None => Ok(()),
    }
}

async fn post_rotation(app: &App, caller: &Caller, call: &Call) -> Result<Reply, Error> {
    let mut errors = FieldErrors::new();
    let hours = call.body(&ROTATION, &mut errors, |body| body.read(&HOURS))?;
    let made = rotate(app, caller, call.now(), &named(call, "key_id"), errors.finish(hours)?).await?;
    Ok(created(&made, call.now()))
}

/// Replaces a key, if the caller could have made it.
pub(crate) async fn rotate(
    app: &App,
    caller: &Caller,
    now: Timestamp,
    key_id: &str,
    keep_old_for_hours: u32,
) -> Result<(ApiKey, KeyRecord), Error> {
    let old = find(app, caller, key_id).await?;
    if !old.is_live(now) {
        return Err(Error::KeyNotFound);
    }
    must_give(caller, &old.scopes.0)?;
    let end = now.plus_millis(i64::from(keep_old_for_hours) * 3_600_000);
    app.store.rotate_key(&old, end, &caller.actor, now).await?.ok_or(Error::KeyNotFound)
}

async fn find(app: &App, caller: &Caller, key_id: &str) -> Result<KeyRecord, Error> {
    // What is no id of a key is not looked up: it may be longer than a key of the table can be.
    let digits = key_id.strip_prefix("key_").filter(|it| it.len() == 16);
    if !digits.is_some_and(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit())) {
        return Err(Error::KeyNotFound);
    }
    app.store.key(&caller.organization, key_id).await?.ok_or(Error::KeyNotFound)
}

async fn delete(app: &App, caller: &Caller, call: &Call) -> Result<Reply, Error> {
    revoke(app, caller, call.now(), &named(call, "key_id")).await?;
    Ok(Reply::empty(StatusCode::NO_CONTENT))
}

/// Revokes a key.
pub(crate) async fn revoke(app: &App, caller: &Caller, now: Timestamp, key_id: &str) -> Result<(), Error> {
    let found = find(app, caller, key_id).await?;
    app.store.revoke_key(&caller.organization, &found.key_id, &caller.actor, now).await?;
    Ok(())
}
