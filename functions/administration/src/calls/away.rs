//! Out of office: meanwhile somebody else stands in, to whom what is assigned to the member is assigned, too.
//!
//! The member says who; the stand-in's own record holds it, so that a call of theirs reads nothing more. It ends by itself. It goes one
//! step: whom the absent member stands in for is not passed on. A stand-in who is disabled can do nothing, and the reviews stay the member's.

use super::fields::named;
use super::members::find;
use lambda_http::http::StatusCode;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::json;
use shared::api::{
    Answer, App, Body, Call, Caller, Code, Endpoint, Error, Field, FieldErrors, Object, Reply, Shape,
    identifier, integer, schema_of,
};
use shared::review::{ActorId, MAX_STAND_INS, Timestamp};
use shared::store::{AdministrationEntry, Away, Member, Scope, StandsInFor};

const DAY_MILLIS: i64 = 86_400_000;
/// How often a change is tried because one of the members changed.
const ATTEMPTS: usize = 4;

/// Sets a member out of office.
pub const SET_AWAY: Endpoint = Endpoint {
    of_function: Some(crate::NAME),
    summary: "Set a member out of office",
    description: "Oneself, or as an admin anybody. Until then, what is assigned to the member by its id is the stand-in's, too: it is listed, given out \
        and allowed as if it were assigned to both. Who acts is recorded under the own name, and counts once among the approvals. It applies within a minute.",
    body: Some(&BODY),
    example: Some(r#"{ "to": "user_4f8a6b7c8d9e0f1a2b0197c3", "days": 14 }"#),
    answers: &[Answer::json(200, "Until when, and who stands in.", schema_of::<AwayView>)],
    errors: &[Code::MemberNotFound, Code::MemberChanged, Code::BodyTooLarge],
    is_repeatable: true,
    ..Endpoint::new("set-away", "PUT", "/v1/members/{actor_id}/away", Scope::Review, |app, caller, call| {
        Box::pin(put(app, caller, call))
    })
};

/// A member is back.
pub const END_AWAY: Endpoint = Endpoint {
    of_function: Some(crate::NAME),
    summary: "Set a member back in office",
    description: "Oneself, or as an admin anybody. Nobody stands in any more.",
    answers: &[Answer::empty(204, "The member is in office.")],
    errors: &[Code::MemberNotFound, Code::MemberChanged],
    is_repeatable: true,
    ..Endpoint::new(
        "end-away",
        "DELETE",
        "/v1/members/{actor_id}/away",
        Scope::Review,
        |app, caller, call| Box::pin(delete(app, caller, call)),
    )
};

const TO: Field<ActorId> =
    Field::new("to", "Who stands in: the id of another active member who may review.", identifier());
const DAYS: Field<u32> = Field::new("days", "For how many days from now.", integer(1..=Member::AWAY_DAYS));

const BODY: Body = Body {
    object: Object {
        name: "SetAwayRequest",
        about: "The body of `set-away`.",
        shape: Shape::Fields(&[TO.spec, DAYS.spec]),
    },
    limit: Body::SMALL,
};

/// A member who is out of office.
#[derive(Serialize, JsonSchema)]
pub(crate) struct AwayView {
    /// Until when.
    until: Timestamp,
    /// Who stands in: a member's id.
    to: String,
}

impl From<&Away> for AwayView {
    fn from(away: &Away) -> Self {
        Self { until: Timestamp::from_millis(away.until), to: away.to.clone() }
    }
}

/// The member whom the path names, if the caller may say so of them. Members know no others.
async fn member(app: &App, caller: &Caller, call: &Call) -> Result<Member, Error> {
    let id = ActorId::parse(&named(call, "actor_id")).map_err(|_| Error::MemberNotFound)?;
    if id != caller.actor.id && !caller.may(Scope::Admin) {
        return Err(Error::MemberNotFound);
    }
    find(app, caller, &id).await
}

async fn put(app: &App, caller: &Caller, call: &Call) -> Result<Reply, Error> {
    let mut errors = FieldErrors::new();
    let body = call.body(&BODY, &mut errors, |body| {
        let (to, days) = (body.read(&TO), body.read(&DAYS));
        Some((to?, days?))
    })?;
    let (to, days) = errors.finish(body)?;
    let member = member(app, caller, call).await?;
    let away = set(app, caller, call.now(), &member.actor.id, Some((to, days))).await?;
    let view = away.as_ref().map(AwayView::from);
    Ok(Reply::json(StatusCode::OK, &view))
}

async fn delete(app: &App, caller: &Caller, call: &Call) -> Result<Reply, Error> {
    let member = member(app, caller, call).await?;
    set(app, caller, call.now(), &member.actor.id, None).await?;
    Ok(Reply::empty(StatusCode::NO_CONTENT))
}

fn wrong(message: impl Into<String>) -> Error {
    let mut errors = FieldErrors::new();
    errors.add(["body", "to"], "invalid_value", message.into());
    Error::Invalid(errors)
}

/// Sets a member out of office, or back. Both members are written in one transaction, with its entry in the audit.
pub(crate) async fn set(
    app: &App,
    caller: &Caller,
    now: Timestamp,
    id: &ActorId,
    wanted: Option<(ActorId, u32)>,
) -> Result<Option<Away>, Error> {
    for _ in 0..ATTEMPTS {
        let before = find(app, caller, id).await?;
        // Who is disabled gives nothing away any more.
        if wanted.is_some() && !before.is_active() {
            return Err(Error::MemberNotFound);
        }
        let mut member = before.clone();
        member.away = wanted.as_ref().map(|(to, days)| Away {
            until: now.plus_millis(i64::from(*days) * DAY_MILLIS).millis(),
            to: to.to_string(),
        });
        if member.away == before.away {
            return Ok(member.away);
        }
        let mut others = Vec::new();
        let replaced =
            before.away.as_ref().filter(|old| member.away.as_ref().is_none_or(|new| new.to != old.to));
        if let Some(old) = replaced.and_then(|old| ActorId::parse(&old.to).ok()) {
            others.extend(app.store.member(&caller.organization, &old).await?.map(|old| without(old, id)));
        }
        if let (Some(away), Some((to, _))) = (&member.away, &wanted) {
            others.push(stand_in(app, caller, now, (id, to), away).await?);
        }
        member.rev += 1;
        for other in &mut others {
            other.rev += 1;
        }
        let action = if member.away.is_some() { "member_away" } else { "member_back" };
        let said = member
            .away
            .as_ref()
            .map(|away| json!({ "until": Timestamp::from_millis(away.until), "to": away.to }));
        let mut detail = said.unwrap_or_else(|| json!({}));
        detail["name"] = json!(member.actor.display_name);
        let entry = AdministrationEntry::new(&caller.actor, now, action, id.as_str()).with_detail(&detail);
        let all: Vec<&Member> = std::iter::once(&member).chain(&others).collect();
        if app.store.change_members(&all, &entry).await? {
            return Ok(member.away);
        }
    }
    Err(Error::MemberChanged { rev: find(app, caller, id).await?.rev })
}

fn without(mut member: Member, id: &ActorId) -> Member {
    member.stands_in_for.retain(|it| it.who != id.as_str());
    member
}

/// Who is to stand in, as it will be stored.
async fn stand_in(
    app: &App,
    caller: &Caller,
    now: Timestamp,
    (id, to): (&ActorId, &ActorId),
    away: &Away,
) -> Result<Member, Error> {
    if to == id {
        return Err(wrong("must be somebody else"));
    }
    let found = app.store.member(&caller.organization, to).await?;
    let found = found.filter(|it| it.is_active() && it.scopes().allow(Scope::Review));
    let found = found.ok_or_else(|| wrong("must be an active member who may review"))?;
    if found.away_at(now).is_some() {
        return Err(wrong("is out of office, too"));
    }
    let mut found = without(found, id);
    // What has ended makes room.
    found.stands_in_for.retain(|it| now.millis() < it.until);
    if found.stands_in_for.len() >= MAX_STAND_INS {
        return Err(wrong(format!("stands in for {MAX_STAND_INS} members already")));
    }
    found.stands_in_for.push(StandsInFor { who: id.to_string(), until: away.until });
    Ok(found)
}

/// The one active member who is meant by an id, a name or an e-mail address. It reads all members.
pub(crate) async fn meant(app: &App, caller: &Caller, text: &str) -> Result<ActorId, Error> {
    let text = text.trim().to_lowercase();
    let is = |it: &Member| {
        it.actor.id.as_str() == text
            || it.actor.display_name.trim().to_lowercase() == text
            || it.email.as_ref().is_some_and(|email| email.to_lowercase() == text)
    };
    let members = app.store.members(&caller.organization).await?;
    let mut found = members.iter().filter(|it| it.is_active() && !text.is_empty() && is(it));
    match (found.next(), found.next()) {
        (Some(one), None) => Ok(one.actor.id.clone()),
        (Some(_), Some(_)) => Err(wrong("is the name of several members: give the e-mail address")),
        (None, _) => Err(wrong("must be the name or the e-mail address of an active member")),
    }
}
