//! Invites: made, listed, deleted. Signing in uses them.

use super::fields::{GROUPS, ROLES, named, read_groups};
use lambda_http::http::StatusCode;
use schemars::JsonSchema;
use serde::Serialize;
use shared::api::{
    Answer, App, Body, Call, Caller, Code, Content, Endpoint, Error, Field, FieldErrors, Object, Reply,
    Shape, ValueError, schema_of, text_of,
};
use shared::review::{Actor, GroupId, Timestamp};
use shared::store::{Invite, InviteToken, Role, Scope};

/// Makes an invite.
pub const CREATE_INVITE: Endpoint = Endpoint {
    of_function: Some(crate::NAME),
    summary: "Invite somebody",
    description: "The link makes whoever signs in with it a member with these roles and groups. It works once, for seven days. Nothing \
        is sent: pass the link on yourself.",
    body: Some(&BODY),
    example: Some(r#"{ "roles": ["reviewer"], "groups": ["finance"], "email": "ada@example.com" }"#),
    answers: &[Answer::json(
        201,
        "The invite and its link, which no other call shows.",
        schema_of::<CreatedInvite<'static>>,
    )],
    errors: &[Code::TooManyInvites, Code::BodyTooLarge],
    ..Endpoint::new("create-invite", "POST", "/v1/invites", Scope::Admin, |app, caller, call| {
        Box::pin(post(app, caller, call))
    })
};

/// The invites that there are.
pub const LIST_INVITES: Endpoint = Endpoint {
    of_function: Some(crate::NAME),
    summary: "List the invites",
    description: "Those that were not used yet and have not ended, the newest first. There are at most 200, so there are no pages.",
    answers: &[Answer::json(200, "The invites.", schema_of::<Invites<'static>>)],
    ..Endpoint::new("list-invites", "GET", "/v1/invites", Scope::Admin, |app, caller, call| {
        Box::pin(list(app, caller, call))
    })
};

/// Deletes an invite.
pub const DELETE_INVITE: Endpoint = Endpoint {
    of_function: Some(crate::NAME),
    summary: "Delete an invite",
    description: "Its link no longer works.",
    answers: &[Answer::empty(204, "It is deleted.")],
    errors: &[Code::InviteNotFound],
    ..Endpoint::new(
        "delete-invite",
        "DELETE",
        "/v1/invites/{invite_id}",
        Scope::Admin,
        |app, caller, call| Box::pin(remove(app, caller, call)),
    )
};

const EMAIL: Field<Option<String>> = Field::new(
    "email",
    "Only whoever has this address, verified by the issuer, can use the link.",
    text_of(3..=254, Content::Name),
)
.optional();

const BODY: Body = Body {
    object: Object {
        name: "CreateInviteRequest",
        about: "The body of `create-invite`.",
        shape: Shape::Fields(&[ROLES.spec, GROUPS.spec, EMAIL.spec]),
    },
    limit: Body::SMALL,
};

/// An invite.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Invite")]
struct InviteView<'a> {
    /// Its id.
    invite_id: &'a str,
    /// The roles that it gives.
    roles: &'a [Role],
    /// The groups that it gives.
    groups: &'a [GroupId],
    /// The address that whoever uses it must have.
    email: Option<&'a str>,
    /// Who made it.
    made_by: &'a Actor,
    /// When it was made.
    created_at: Timestamp,
    /// When it ends.
    expires_at: Timestamp,
}

/// An invite with its link.
#[derive(Serialize, JsonSchema)]
struct CreatedInvite<'a> {
    #[serde(flatten)]
    invite: InviteView<'a>,
    /// The link to pass on. No other call shows it.
    link: String,
}

/// The invites of an organization.
#[derive(Serialize, JsonSchema)]
struct Invites<'a> {
    /// The invites, the newest first.
    data: Vec<InviteView<'a>>,
}

impl<'a> From<&'a Invite> for InviteView<'a> {
    fn from(invite: &'a Invite) -> Self {
        Self {
            invite_id: &invite.id,
            roles: &invite.roles,
            groups: &invite.groups,
            email: invite.email.as_deref(),
            made_by: &invite.made_by,
            created_at: invite.created_at,
            expires_at: invite.expires_at,
        }
    }
}

/// An address as far as it can be told without writing to it.
pub(crate) fn parse_email(text: String) -> Result<String, ValueError> {
    let is_one = text.split_once('@').is_some_and(|(name, domain)| {
        !name.is_empty() && !domain.is_empty() && !domain.contains('@') && !text.contains(char::is_whitespace)
    });
    if is_one {
        Ok(text)
    } else {
        Err(ValueError::new("invalid_value", "must be an e-mail address, such as ada@example.com"))
    }
}

async fn post(app: &App, caller: &Caller, call: &Call) -> Result<Reply, Error> {
    let mut errors = FieldErrors::new();
    let body = call.body(&BODY, &mut errors, |body| {
        let (roles, groups) = (body.read(&ROLES), read_groups(body));
        let email = body.read_then(&EMAIL, |email| email.map(parse_email).transpose());
        Some((roles?.unwrap_or_default(), groups?, email?))
    })?;
    let (roles, groups, email) = errors.finish(body)?;
    let (invite, link) = create(app, caller, call, roles, groups, email).await?;
    Ok(Reply::json(StatusCode::CREATED, &CreatedInvite { invite: (&invite).into(), link }))
}

/// Makes an invite; returns it with its link.
pub(crate) async fn create(
    app: &App,
    caller: &Caller,
    call: &Call,
    roles: Vec<Role>,
    groups: Vec<GroupId>,
    email: Option<String>,
) -> Result<(Invite, String), Error> {
    let now = call.now();
    // Two at once may both find room for the last one: that is no harm.
    if app.store.invites(&caller.organization, now).await?.len() >= Invite::LIMIT {
        return Err(Error::TooManyInvites { limit: Invite::LIMIT });
    }
    let token = InviteToken::generate()?;
    let invite = Invite {
        id: String::new(),
        organization: caller.organization.clone(),
        roles,
        groups,
        email,
        made_by: caller.actor.clone(),
        made_with: caller.key().map(str::to_owned),
        created_at: now,
        expires_at: now.plus_millis(Invite::MILLIS),
    };
    let invite = app.store.create_invite(&token, invite).await?;
    let path = format!("/inbox/sign-in?invite={}", token.reveal());
    Ok((invite, app.url(call, &path)))
}

async fn list(app: &App, caller: &Caller, call: &Call) -> Result<Reply, Error> {
    let mut errors = FieldErrors::new();
    let query = call.query_fields(&[], &mut errors, |_| Some(()));
    errors.finish(query)?;
    let invites = app.store.invites(&caller.organization, call.now()).await?;
    Ok(Reply::json(StatusCode::OK, &Invites { data: invites.iter().map(InviteView::from).collect() }))
}

async fn remove(app: &App, caller: &Caller, call: &Call) -> Result<Reply, Error> {
    delete(app, caller, call, &named(call, "invite_id")).await?;
    Ok(Reply::empty(StatusCode::NO_CONTENT))
}

/// Deletes an invite.
pub(crate) async fn delete(app: &App, caller: &Caller, call: &Call, id: &str) -> Result<(), Error> {
    let is_id = id.len() == 16 && id.bytes().all(|byte| byte.is_ascii_hexdigit());
    if is_id && app.store.delete_invite(&caller.organization, id, &caller.actor, call.now()).await? {
        Ok(())
    } else {
        Err(Error::InviteNotFound)
    }
}
