//! How people sign in: the issuers, and whether API keys do.

use super::fields::named;
use lambda_http::http::StatusCode;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Value, json};
use shared::api::{
    Answer, App, Body, Call, Caller, Code, Content, Endpoint, Error, Field, FieldErrors, Literal, Object,
    Reply, Shape, VERSION_STAMP, boolean, schema_of, text_of, texts_or_none,
};
use shared::review::{Rev, Timestamp};
use shared::store::{AdministrationEntry, Issuer, IssuerStored, Scope, SettingsStored, SignInSettings};

/// How people sign in.
pub const GET_SIGN_IN: Endpoint = Endpoint {
    of_function: Some(crate::NAME),
    summary: "Read how people sign in",
    description: "The issuers of identities, by their ids, and whether API keys sign in at the inbox. Secrets are not shown.",
    answers: &[Answer::json(200, "How people sign in.", schema_of::<SignInView<'static>>)],
    ..Endpoint::new("get-sign-in", "GET", "/v1/sign-in", Scope::Admin, |app, caller, call| {
        Box::pin(get(app, caller, call))
    })
};

/// Whether API keys sign in.
pub const SET_SIGN_IN: Endpoint = Endpoint {
    of_function: Some(crate::NAME),
    summary: "Set whether API keys sign in",
    description: "At the inbox: keys of programs work either way. It is refused while no administrator has signed in at an issuer.",
    body: Some(&SETTINGS),
    example: Some(r#"{ "version_stamp": 0, "api_key_sign_in": true }"#),
    answers: &[Answer::json(200, "How people sign in now.", schema_of::<SignInView<'static>>)],
    errors: &[Code::SignInChanged, Code::NoAdminSignsIn, Code::BodyTooLarge],
    is_repeatable: true,
    ..Endpoint::new("set-sign-in", "PUT", "/v1/sign-in", Scope::Admin, |app, caller, call| {
        Box::pin(put_settings(app, caller, call))
    })
};

/// An issuer, new or changed.
pub const PUT_ISSUER: Endpoint = Endpoint {
    of_function: Some(crate::NAME),
    summary: "Add or change an issuer",
    description: "Without `version_stamp` it is a new one. All of it is replaced but the secret, which stays unless `client_secret` gives \
        another or `has_client_secret` is false. A stored secret is not sent to another URL: with one, give the secret again.",
    body: Some(&ISSUER),
    example: Some(
        r#"{ "name": "Entra", "url": "https://login.microsoftonline.com/TENANT/v2.0", "client_id": "CLIENT-ID", "client_secret": "SECRET",
    "email_domains": ["example.com"], "lets_in": true, "groups_claim": "groups" }"#,
    ),
    answers: &[
        Answer::json(200, "The issuer as it is now.", schema_of::<IssuerView<'static>>),
        Answer::json(201, "It is added: the issuer as it is now.", schema_of::<IssuerView<'static>>),
    ],
    errors: &[Code::SignInChanged, Code::NoAdminSignsIn, Code::TooManyIssuers, Code::BodyTooLarge],
    is_repeatable: true,
    ..Endpoint::new(
        "put-issuer",
        "PUT",
        "/v1/sign-in/issuers/{issuer_id}",
        Scope::Admin,
        |app, caller, call| Box::pin(put_issuer(app, caller, call)),
    )
};

/// Removes an issuer.
pub const DELETE_ISSUER: Endpoint = Endpoint {
    of_function: Some(crate::NAME),
    summary: "Remove an issuer",
    description: "Nobody signs in there any more. Its members stay, and so do sessions that it has begun, until they end.",
    answers: &[Answer::empty(204, "It is removed.")],
    errors: &[Code::IssuerNotFound, Code::NoAdminSignsIn],
    ..Endpoint::new(
        "delete-issuer",
        "DELETE",
        "/v1/sign-in/issuers/{issuer_id}",
        Scope::Admin,
        |app, caller, call| Box::pin(delete(app, caller, call)),
    )
};

const KEYS_SIGN_IN: Field<bool> =
    Field::new("api_key_sign_in", "Whether an API key signs in at the inbox.", boolean());
const STAMP: Field<Option<Rev>> = VERSION_STAMP.optional();
const NAME: Field<String> =
    Field::new("name", "What people call it.", text_of(1..=Issuer::NAME_LIMIT, Content::Name));
const URL: Field<String> = Field::new(
    "url",
    "Its issuer URL, exactly as its metadata says it. Public, and https.",
    text_of(1..=shared::egress::Egress::URL_LIMIT, Content::NotBlank),
);
const CLIENT_ID: Field<String> =
    Field::new("client_id", "Who we are there.", text_of(1..=Issuer::CLIENT_ID_LIMIT, Content::Name));
const SECRET: Field<Option<String>> = Field::new(
    "client_secret",
    "Our secret there. No call shows it.",
    text_of(1..=Issuer::SECRET_LIMIT, Content::Name),
)
.optional();
const HAS_SECRET: Field<bool> = Field::new(
    "has_client_secret",
    "Whether there is to be a secret; with false, the stored one is forgotten.",
    boolean(),
)
.default(Literal::Boolean(true));
const DOMAINS: Field<Option<Vec<String>>> = Field::new(
    "email_domains",
    "The domains whose people `lets_in` means.",
    texts_or_none(Issuer::DOMAINS, 253),
)
.optional();
const LETS_IN: Field<bool> = Field::new(
    "lets_in",
    "Whether people whom nobody has invited become reviewers, if their verified e-mail address is in one of the domains.",
    boolean(),
)
.default(Literal::Boolean(false));
const CLAIM: Field<Option<String>> = Field::new(
    "groups_claim",
    "The claim that lists somebody's groups.",
    text_of(1..=Issuer::CLAIM_LIMIT, Content::Name),
)
.optional();

const SETTINGS: Body = Body {
    object: Object {
        name: "SetSignInRequest",
        about: "The body of `set-sign-in`.",
        shape: Shape::Fields(&[VERSION_STAMP.spec, KEYS_SIGN_IN.spec]),
    },
    limit: Body::SMALL,
};

const ISSUER: Body = Body {
    object: Object {
        name: "PutIssuerRequest",
        about: "The body of `put-issuer`.",
        shape: Shape::Fields(&[
            STAMP.spec,
            NAME.spec,
            URL.spec,
            CLIENT_ID.spec,
            SECRET.spec,
            HAS_SECRET.spec,
            DOMAINS.spec,
            LETS_IN.spec,
            CLAIM.spec,
        ]),
    },
    limit: Body::SMALL,
};

/// An issuer of identities (OpenID Connect).
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Issuer")]
struct IssuerView<'a> {
    /// Its id: what paths call it.
    issuer_id: &'a str,
    /// What people call it.
    name: &'a str,
    /// Its issuer URL.
    url: &'a str,
    /// Who we are there.
    client_id: &'a str,
    /// Whether a secret is stored.
    has_client_secret: bool,
    /// The domains whose people `lets_in` means.
    email_domains: &'a [String],
    /// Whether people whom nobody has invited become reviewers.
    lets_in: bool,
    /// The claim that lists somebody's groups.
    groups_claim: Option<&'a str>,
    /// The number of changes: the `version_stamp` of the next.
    rev: u64,
}

/// How people sign in.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "SignIn")]
struct SignInView<'a> {
    /// Whether an API key signs in at the inbox.
    api_key_sign_in: bool,
    /// The issuers, by their ids.
    issuers: Vec<IssuerView<'a>>,
    /// The number of changes of `api_key_sign_in`: the `version_stamp` of the next. Issuers have their own.
    rev: u64,
}

impl<'a> From<&'a Issuer> for IssuerView<'a> {
    fn from(issuer: &'a Issuer) -> Self {
        Self {
            issuer_id: &issuer.id,
            name: &issuer.name,
            url: &issuer.url,
            client_id: &issuer.client_id,
            has_client_secret: issuer.client_secret.is_some(),
            email_domains: &issuer.email_domains,
            lets_in: issuer.lets_in,
            groups_claim: issuer.groups_claim.as_deref(),
            rev: issuer.rev,
        }
    }
}

/// The settings and the issuers of the caller's organization.
pub(crate) async fn read(app: &App, caller: &Caller) -> Result<(SignInSettings, Vec<Issuer>), Error> {
    let (store, organization) = (&app.store, &caller.organization);
    Ok(futures_util::try_join!(store.sign_in_settings(organization), store.issuers(organization))?)
}

async fn reply(app: &App, caller: &Caller) -> Result<Reply, Error> {
    let (settings, issuers) = read(app, caller).await?;
    let SignInSettings { api_key_sign_in, rev } = settings;
    let issuers = issuers.iter().map(IssuerView::from).collect();
    Ok(Reply::json(StatusCode::OK, &SignInView { api_key_sign_in, issuers, rev }))
}

async fn get(app: &App, caller: &Caller, call: &Call) -> Result<Reply, Error> {
    let mut errors = FieldErrors::new();
    let query = call.query_fields(&[], &mut errors, |_| Some(()));
    errors.finish(query)?;
    reply(app, caller).await
}

async fn put_settings(app: &App, caller: &Caller, call: &Call) -> Result<Reply, Error> {
    let mut errors = FieldErrors::new();
    let body = call.body(&SETTINGS, &mut errors, |body| {
        let (stamp, allowed) = (body.read(&VERSION_STAMP), body.read(&KEYS_SIGN_IN));
        Some((stamp?.0, allowed?))
    })?;
    let (stamp, allowed) = errors.finish(body)?;
    set_key_sign_in(app, caller, call.now(), stamp, allowed).await?;
    reply(app, caller).await
}

/// Sets whether API keys sign in. If it is so already, nothing is written.
pub(crate) async fn set_key_sign_in(
    app: &App,
    caller: &Caller,
    now: Timestamp,
    stamp: u64,
    allowed: bool,
) -> Result<(), Error> {
    let organization = &caller.organization;
    let before = app.store.sign_in_settings(organization).await?;
    if before.api_key_sign_in == allowed {
        return Ok(());
    }
    // The store takes any stamp while nothing was ever set.
    if stamp != before.rev {
        return Err(Error::SignInChanged { rev: Some(before.rev) });
    }
    let state = if allowed { "on" } else { "off" };
    let entry = AdministrationEntry::new(&caller.actor, now, "api_key_sign_in", organization.as_str());
    let entry = entry.with_detail(&json!({ "state": state }));
    match app.store.set_api_key_sign_in(organization, allowed, stamp, &entry).await? {
        SettingsStored::Stored => Ok(()),
        SettingsStored::NoAdmin => Err(Error::NoAdminSignsIn),
        SettingsStored::Changed => Err(Error::SignInChanged { rev: Some(before.rev) }),
    }
}

/// What is to become of an issuer's secret.
pub(crate) enum Secret {
    Keep,
    Forget,
    Set(String),
}

async fn put_issuer(app: &App, caller: &Caller, call: &Call) -> Result<Reply, Error> {
    let mut errors = FieldErrors::new();
    let body = call.body(&ISSUER, &mut errors, |body| {
        let (stamp, name, url) = (body.read(&STAMP), body.read(&NAME), body.read(&URL));
        let (client_id, secret, has) = (body.read(&CLIENT_ID), body.read(&SECRET), body.read(&HAS_SECRET));
        let (domains, lets_in, claim) = (body.read(&DOMAINS), body.read(&LETS_IN), body.read(&CLAIM));
        let issuer = Issuer {
            organization: caller.organization.clone(),
            id: named(call, "issuer_id"),
            name: name?,
            url: url?,
            client_id: client_id?,
            client_secret: None,
            email_domains: domains?.unwrap_or_default().iter().map(|it| Issuer::domain(it)).collect(),
            lets_in: lets_in?,
            groups_claim: claim?,
            rev: 0,
        };
        let secret = match (secret?, has?) {
            (Some(secret), true) => Secret::Set(secret),
            (None, true) => Secret::Keep,
            (_, false) => Secret::Forget,
        };
        Some((issuer, stamp?.map(|stamp| stamp.0), secret))
    })?;
    let (issuer, stamp, secret) = errors.finish(body)?;
    let issuer = put(app, caller, call.now(), issuer, stamp, secret).await?;
    let status = if stamp.is_none() { StatusCode::CREATED } else { StatusCode::OK };
    Ok(Reply::json(status, &IssuerView::from(&issuer)))
}

fn wrong(field: &str, message: String) -> Error {
    let mut errors = FieldErrors::new();
    let place = if field == "id" { ["path", "issuer_id"] } else { ["body", field] };
    errors.add(place, "invalid_value", message);
    Error::Invalid(errors)
}

/// Stores an issuer, changed on `stamp`, or new without one. If it is as wanted already, nothing is written.
pub(crate) async fn put(
    app: &App,
    caller: &Caller,
    now: Timestamp,
    mut issuer: Issuer,
    stamp: Option<u64>,
    secret: Secret,
) -> Result<Issuer, Error> {
    let organization = &caller.organization;
    let (settings, issuers) = read(app, caller).await?;
    let before = issuers.iter().find(|known| known.id == issuer.id);
    let stored = before.and_then(|before| before.client_secret.as_deref());
    let is_elsewhere = before.is_some_and(|before| before.url != issuer.url);
    issuer.client_secret = match secret {
        Secret::Set(secret) => Some(secret),
        Secret::Forget => None,
        Secret::Keep if stored.is_some() && is_elsewhere => {
            return Err(wrong("client_secret", "must be given again with another URL".into()));
        }
        Secret::Keep => stored.map(str::to_owned),
    };
    if let Some((field, message)) = issuer.fault(app.egress) {
        return Err(wrong(field, message));
    }
    issuer.rev = before.map_or(0, |before| before.rev);
    if before == Some(&issuer) {
        return Ok(issuer);
    }
    if stamp != before.map(|before| before.rev) {
        return Err(Error::SignInChanged { rev: before.map(|before| before.rev) });
    }
    if is_elsewhere && !settings.api_key_sign_in {
        let others = issuers.iter().filter(|known| known.id != issuer.id).cloned();
        let left: Vec<Issuer> = others.chain([issuer.clone()]).collect();
        must_have_admin(app, caller, &left).await?;
    }
    issuer.rev = stamp.map_or(0, |stamp| stamp + 1);
    let action = if stamp.is_some() { "issuer_changed" } else { "issuer_added" };
    let entry = AdministrationEntry::new(&caller.actor, now, action, &issuer.id);
    let mut detail = json!({ "after": said(&issuer) });
    if let Some(before) = before {
        detail["before"] = said(before);
        if before.client_secret != issuer.client_secret {
            detail["secret"] = json!(if issuer.client_secret.is_some() { "replaced" } else { "forgotten" });
        }
    }
    match app.store.put_issuer(&issuer, stamp, &entry.with_detail(&detail)).await? {
        IssuerStored::Stored => Ok(issuer),
        IssuerStored::TooMany => {
            Err(Error::TooManyIssuers { limit: usize::try_from(Issuer::LIMIT).unwrap_or_default() })
        }
        IssuerStored::Changed => {
            let now = app.store.issuer(organization, &issuer.id).await?;
            Err(Error::SignInChanged { rev: now.map(|now| now.rev) })
        }
    }
}

/// What the log says of an issuer.
fn said(issuer: &Issuer) -> Value {
    json!({
        "name": issuer.name,
        "url": issuer.url,
        "client_id": issuer.client_id,
        "email_domains": issuer.email_domains,
        "lets_in": issuer.lets_in,
        "groups_claim": issuer.groups_claim,
    })
}

async fn must_have_admin(app: &App, caller: &Caller, left: &[Issuer]) -> Result<(), Error> {
    let is_left = app.store.has_admin_at(&caller.organization, left).await?;
    if is_left { Ok(()) } else { Err(Error::NoAdminSignsIn) }
}

async fn delete(app: &App, caller: &Caller, call: &Call) -> Result<Reply, Error> {
    remove(app, caller, call.now(), &named(call, "issuer_id")).await?;
    Ok(Reply::empty(StatusCode::NO_CONTENT))
}

/// Removes an issuer, if somebody remains who can sign in and administer.
pub(crate) async fn remove(app: &App, caller: &Caller, now: Timestamp, id: &str) -> Result<(), Error> {
    let (settings, mut issuers) = read(app, caller).await?;
    let place = issuers.iter().position(|issuer| issuer.id == id).ok_or(Error::IssuerNotFound)?;
    issuers.remove(place);
    if !settings.api_key_sign_in {
        must_have_admin(app, caller, &issuers).await?;
    }
    let entry = AdministrationEntry::new(&caller.actor, now, "issuer_removed", id);
    let was_there = app.store.delete_issuer(&caller.organization, id, &entry).await?;
    if was_there { Ok(()) } else { Err(Error::IssuerNotFound) }
}
