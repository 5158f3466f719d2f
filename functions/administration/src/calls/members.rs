//! Members: listed, read, changed, disabled and enabled.

use super::away::AwayView;
use super::disabling;
use super::fields::{GROUPS, ROLES, named, read_groups};
use lambda_http::http::StatusCode;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::json;
use shared::api::{
    Answer, App, Body, CURSOR, Call, Caller, Code, Endpoint, Error, FieldErrors, FieldSpec, Object,
    PAGE_LIMIT, Reply, Shape, VERSION_STAMP, ValueError, schema_of,
};
use shared::review::{Actor, ActorId, GroupId, Timestamp};
use shared::store::{AdministrationEntry, Member, Role, Scope};

const QUERY: &[FieldSpec] = &[PAGE_LIMIT.spec, CURSOR.spec];

/// The members.
pub const LIST_MEMBERS: Endpoint = Endpoint {
    of_function: Some(crate::NAME),
    summary: "List the members",
    description: "By their ids, disabled ones included.",
    query: QUERY,
    answers: &[Answer::json(200, "A page of members.", schema_of::<Members<'static>>)],
    ..Endpoint::new("list-members", "GET", "/v1/members", Scope::Admin, |app, caller, call| {
        Box::pin(list(app, caller, call))
    })
};

/// One member.
pub const GET_MEMBER: Endpoint = Endpoint {
    of_function: Some(crate::NAME),
    summary: "Read a member",
    description: "Its `rev` is the `version_stamp` of a change.",
    answers: &[Answer::json(200, "The member.", schema_of::<MemberView<'static>>)],
    errors: &[Code::MemberNotFound],
    ..Endpoint::new("get-member", "GET", "/v1/members/{actor_id}", Scope::Admin, |app, caller, call| {
        Box::pin(get(app, caller, call))
    })
};

/// A member's roles and groups.
pub const CHANGE_MEMBER: Endpoint = Endpoint {
    of_function: Some(crate::NAME),
    summary: "Set a member's roles and groups",
    description: "Both are replaced; what is left out is none. It applies within a minute, also to sessions that there are.",
    body: Some(&CHANGE),
    example: Some(r#"{ "version_stamp": 0, "roles": ["reviewer", "lead"], "groups": ["finance"] }"#),
    answers: &[Answer::json(200, "The member after the change.", schema_of::<MemberView<'static>>)],
    errors: &[Code::MemberNotFound, Code::MemberChanged, Code::LastAdmin, Code::BodyTooLarge],
    ..Endpoint::new("change-member", "PUT", "/v1/members/{actor_id}", Scope::Admin, |app, caller, call| {
        Box::pin(put(app, caller, call))
    })
};

/// Disables a member.
pub const DISABLE_MEMBER: Endpoint = Endpoint {
    of_function: Some(crate::NAME),
    summary: "Disable a member",
    description: "Within a minute nothing of the member's works any more, and the claims are released. If the answer is lost, or \
        not all claims could be released, repeat the call.",
    body: Some(&STAMP),
    example: Some(r#"{ "version_stamp": 0 }"#),
    answers: &[Answer::json(200, "The member after the change.", schema_of::<DisabledMember<'static>>)],
    errors: &[Code::MemberNotFound, Code::MemberChanged, Code::LastAdmin, Code::BodyTooLarge],
    is_repeatable: true,
    ..Endpoint::new(
        "disable-member",
        "POST",
        "/v1/members/{actor_id}/disable",
        Scope::Admin,
        |app, caller, call| Box::pin(disable_call(app, caller, call)),
    )
};

/// Enables a member.
pub const ENABLE_MEMBER: Endpoint = Endpoint {
    of_function: Some(crate::NAME),
    summary: "Enable a disabled member",
    description: "The member can sign in again, with the roles and groups of before.",
    body: Some(&STAMP),
    example: Some(r#"{ "version_stamp": 1 }"#),
    answers: &[Answer::json(200, "The member after the change.", schema_of::<MemberView<'static>>)],
    errors: &[Code::MemberNotFound, Code::MemberChanged, Code::BodyTooLarge],
    is_repeatable: true,
    ..Endpoint::new(
        "enable-member",
        "POST",
        "/v1/members/{actor_id}/enable",
        Scope::Admin,
        |app, caller, call| Box::pin(enable_call(app, caller, call)),
    )
};

const CHANGE: Body = Body {
    object: Object {
        name: "ChangeMemberRequest",
        about: "The body of `change-member`.",
        shape: Shape::Fields(&[VERSION_STAMP.spec, ROLES.spec, GROUPS.spec]),
    },
    limit: Body::SMALL,
};

const STAMP: Body = Body {
    object: Object {
        name: "MemberStampRequest",
        about: "The body of `disable-member` and of `enable-member`.",
        shape: Shape::Fields(&[VERSION_STAMP.spec]),
    },
    limit: Body::SMALL,
};

/// A member.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Member")]
pub(crate) struct MemberView<'a> {
    /// Who acts when they are signed in; `actor.id` is the id in paths.
    actor: &'a Actor,
    /// Their e-mail address, if the issuer has verified it.
    email: Option<&'a str>,
    /// What they may do.
    roles: &'a [Role],
    /// The groups that they belong to.
    groups: &'a [GroupId],
    /// Whether they may sign in.
    #[schemars(extend("enum" = ["active", "disabled"]))]
    status: &'static str,
    /// When they became a member.
    created_at: Timestamp,
    /// When they last signed in.
    last_seen_at: Option<Timestamp>,
    /// When they were disabled.
    disabled_at: Option<Timestamp>,
    /// Until when they are out of office, and who stands in. What has ended may still stand here.
    away: Option<AwayView>,
    /// The number of changes: the `version_stamp` of the next.
    rev: u64,
}

/// A member who was disabled.
#[derive(Serialize, JsonSchema)]
struct DisabledMember<'a> {
    #[serde(flatten)]
    member: MemberView<'a>,
    /// How many claims of the member's were released.
    claims_released: usize,
}

/// A page of members.
#[derive(Serialize, JsonSchema)]
struct Members<'a> {
    /// The members.
    data: Vec<MemberView<'a>>,
    /// Where the next page starts; null on the last.
    next_cursor: Option<&'a ActorId>,
}

impl<'a> From<&'a Member> for MemberView<'a> {
    fn from(member: &'a Member) -> Self {
        Self {
            actor: &member.actor,
            email: member.email.as_deref(),
            roles: &member.roles,
            groups: &member.groups,
            status: if member.is_active() { "active" } else { "disabled" },
            created_at: member.created_at,
            last_seen_at: member.last_seen_at,
            disabled_at: member.disabled_at,
            away: member.away.as_ref().map(AwayView::from),
            rev: member.rev,
        }
    }
}

async fn list(app: &App, caller: &Caller, call: &Call) -> Result<Reply, Error> {
    let mut errors = FieldErrors::new();
    let query = call.query_fields(QUERY, &mut errors, |query| {
        let limit = query.read(&PAGE_LIMIT);
        let after = query.read_then(&CURSOR, |text| {
            let unknown = |_| ValueError::new("invalid_value", "is not a cursor of this list");
            text.map(|text| ActorId::parse(&text).map_err(unknown)).transpose()
        });
        Some((limit?, after?))
    });
    let (limit, after) = errors.finish(query)?;
    let page = app.store.members_after(&caller.organization, after.as_ref(), limit).await?;
    let data = page.members.iter().map(MemberView::from).collect();
    Ok(Reply::json(StatusCode::OK, &Members { data, next_cursor: page.next.as_ref() }))
}

/// The member that the path names. What is no id names nobody.
fn member_id(call: &Call) -> Result<ActorId, Error> {
    ActorId::parse(&named(call, "actor_id")).map_err(|_| Error::MemberNotFound)
}

/// A member of the caller's organization.
pub(crate) async fn find(app: &App, caller: &Caller, id: &ActorId) -> Result<Member, Error> {
    app.store.member(&caller.organization, id).await?.ok_or(Error::MemberNotFound)
}

async fn get(app: &App, caller: &Caller, call: &Call) -> Result<Reply, Error> {
    let member = find(app, caller, &member_id(call)?).await?;
    Ok(Reply::json(StatusCode::OK, &MemberView::from(&member)))
}

async fn put(app: &App, caller: &Caller, call: &Call) -> Result<Reply, Error> {
    let mut errors = FieldErrors::new();
    let body = call.body(&CHANGE, &mut errors, |body| {
        let (stamp, roles, groups) = (body.read(&VERSION_STAMP), body.read(&ROLES), read_groups(body));
        Some((stamp?.0, roles?.unwrap_or_default(), groups?))
    })?;
    let (stamp, roles, groups) = errors.finish(body)?;
    let member = change(app, caller, call.now(), &member_id(call)?, stamp, roles, groups).await?;
    Ok(Reply::json(StatusCode::OK, &MemberView::from(&member)))
}

/// Sets a member's roles and groups. If they are as they were, nothing is written.
pub(crate) async fn change(
    app: &App,
    caller: &Caller,
    now: Timestamp,
    id: &ActorId,
    stamp: u64,
    roles: Vec<Role>,
    groups: Vec<GroupId>,
) -> Result<Member, Error> {
    let before = find(app, caller, id).await?;
    let next = Member { roles, groups, ..before.clone() };
    let said = |member: &Member| json!({ "roles": member.roles, "groups": member.groups });
    let detail = json!({ "before": said(&before), "after": said(&next) });
    write(app, caller, now, stamp, &before, next, ("member_changed", Some(detail))).await
}

/// Disables a member, or finds that somebody has.
pub(crate) async fn disable(
    app: &App,
    caller: &Caller,
    now: Timestamp,
    id: &ActorId,
    stamp: u64,
) -> Result<Member, Error> {
    let before = find(app, caller, id).await?;
    let disabled = if before.is_active() {
        let next = Member { disabled_at: Some(now), ..before.clone() };
        write(app, caller, now, stamp, &before, next, ("member_disabled", None)).await?
    } else {
        before
    };
    if disabled.away.is_none() {
        return Ok(disabled);
    }
    // Nobody stands in for who is not there any more. A call that is repeated does it, too.
    super::away::set(app, caller, now, id, None).await?;
    find(app, caller, id).await
}

/// Enables a member, or finds that somebody has.
pub(crate) async fn enable(
    app: &App,
    caller: &Caller,
    now: Timestamp,
    id: &ActorId,
    stamp: u64,
) -> Result<Member, Error> {
    let before = find(app, caller, id).await?;
    if before.is_active() {
        return Ok(before);
    }
    let next = Member { disabled_at: None, ..before.clone() };
    write(app, caller, now, stamp, &before, next, ("member_enabled", None)).await
}

/// Writes a change that was made on `before`, if the caller has seen that and somebody remains who administers the organization.
async fn write(
    app: &App,
    caller: &Caller,
    now: Timestamp,
    stamp: u64,
    before: &Member,
    next: Member,
    (action, detail): (&str, Option<serde_json::Value>),
) -> Result<Member, Error> {
    if stamp != before.rev {
        return Err(Error::MemberChanged { rev: before.rev });
    }
    if next == *before {
        return Ok(next);
    }
    let next = Member { rev: before.rev + 1, ..next };
    let remaining = if before.administers() && !next.administers() {
        let members = app.store.members(&caller.organization).await?.into_iter();
        let other = |member: &Member| member.administers() && member.actor.id != before.actor.id;
        Some(members.into_iter().find(other).ok_or(Error::LastAdmin)?)
    } else {
        None
    };
    let entry = AdministrationEntry::new(&caller.actor, now, action, before.actor.id.as_str());
    let mut said = detail.unwrap_or_else(|| json!({}));
    said["name"] = json!(before.actor.display_name);
    let entry = entry.with_detail(&said);
    if app.store.change_member(&next, before.rev, remaining.as_ref(), &entry).await? {
        return Ok(next);
    }
    Err(Error::MemberChanged { rev: find(app, caller, &before.actor.id).await?.rev })
}

fn stamp(call: &Call) -> Result<u64, Error> {
    let mut errors = FieldErrors::new();
    let stamp = call.body(&STAMP, &mut errors, |body| body.read(&VERSION_STAMP))?;
    Ok(errors.finish(stamp)?.0)
}

async fn disable_call(app: &App, caller: &Caller, call: &Call) -> Result<Reply, Error> {
    let (stamp, id) = (stamp(call)?, member_id(call)?);
    let member = disable(app, caller, call.now(), &id, stamp).await?;
    let claims_released = disabling::release_claims(app, caller, call, &member.actor).await?;
    let body = DisabledMember { member: MemberView::from(&member), claims_released };
    Ok(Reply::json(StatusCode::OK, &body))
}

async fn enable_call(app: &App, caller: &Caller, call: &Call) -> Result<Reply, Error> {
    let (stamp, id) = (stamp(call)?, member_id(call)?);
    let member = enable(app, caller, call.now(), &id, stamp).await?;
    Ok(Reply::json(StatusCode::OK, &MemberView::from(&member)))
}
