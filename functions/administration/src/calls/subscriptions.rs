//! Subscriptions: who is told of what, and where. Members have their own; groups' are for leads and admins.

use super::fields::named;
use lambda_http::http::StatusCode;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Value, json};
use shared::api::{
    Answer, App, Body, Call, Caller, Code, Content, Endpoint, Error, Field, FieldErrors, Fields, Literal,
    Object, Reply, Shape, VERSION_STAMP, boolean, identifier, identifiers, integer, one_of, schema_of,
    some_of, text_of,
};
use shared::egress::Egress;
use shared::event::{
    Channel, ChannelKind, NotificationKind, QuietHours, Receiver, Subscription, SubscriptionId,
};
use shared::new_id::random;
use shared::review::{Actor, ActorId, GroupId, Timestamp, WorkflowId};
use shared::store::{AdministrationEntry, RequestedTest, Scope, SubscriptionStored, WebhookTest};

/// The subscriptions that the caller may change.
pub const LIST_SUBSCRIPTIONS: Endpoint = Endpoint {
    of_function: Some(crate::NAME),
    summary: "List subscriptions to notifications",
    description: "One's own; a lead's also those of groups, and an admin's all of the organization. Addresses are not shown.",
    answers: &[Answer::json(200, "The subscriptions, by their ids.", schema_of::<Subscriptions<'static>>)],
    ..Endpoint::new("list-subscriptions", "GET", "/v1/subscriptions", Scope::Read, |app, caller, call| {
        Box::pin(list(app, caller, call))
    })
};

/// A new subscription.
pub const CREATE_SUBSCRIPTION: Endpoint = Endpoint {
    of_function: Some(crate::NAME),
    summary: "Subscribe to notifications",
    description: "Without `member` and `group` it is the caller's own, who must be a member. For a group it takes a \
        lead or an admin, for another member an admin. What is sent is in docs/notifications.md.",
    body: Some(&NEW),
    example: Some(
        r#"{ "events": ["assigned", "due_soon", "overdue"], "channel": "slack", "url": "https://hooks.slack.com/services/T0/B0/SECRET",
    "digest_minutes": 30, "quiet_from": "18:00", "quiet_until": "08:00", "time_zone": "Europe/Berlin" }"#,
    ),
    answers: &[Answer::json(201, "The subscription.", schema_of::<SubscriptionView<'static>>)],
    errors: &[Code::TooManySubscriptions, Code::BodyTooLarge],
    ..Endpoint::new("create-subscription", "POST", "/v1/subscriptions", Scope::Read, |app, caller, call| {
        Box::pin(create(app, caller, call))
    })
};

/// One subscription.
pub const GET_SUBSCRIPTION: Endpoint = Endpoint {
    of_function: Some(crate::NAME),
    summary: "Read a subscription",
    description: "Its `rev` is the `version_stamp` of a change. The address is not shown, but its host.",
    answers: &[Answer::json(200, "The subscription.", schema_of::<SubscriptionView<'static>>)],
    errors: &[Code::SubscriptionNotFound],
    ..Endpoint::new(
        "get-subscription",
        "GET",
        "/v1/subscriptions/{subscription_id}",
        Scope::Read,
        |app, caller, call| Box::pin(get(app, caller, call)),
    )
};

/// Changes a subscription.
pub const CHANGE_SUBSCRIPTION: Endpoint = Endpoint {
    of_function: Some(crate::NAME),
    summary: "Change a subscription",
    description: "All of it is replaced but whose it is; the address stays unless `url` gives another. Another kind of channel needs one.",
    body: Some(&CHANGED),
    example: Some(r#"{ "version_stamp": 0, "events": ["assigned"], "channel": "slack", "paused": true }"#),
    answers: &[Answer::json(200, "The subscription as it is now.", schema_of::<SubscriptionView<'static>>)],
    errors: &[Code::SubscriptionNotFound, Code::SubscriptionChanged, Code::BodyTooLarge],
    is_repeatable: true,
    ..Endpoint::new(
        "change-subscription",
        "PUT",
        "/v1/subscriptions/{subscription_id}",
        Scope::Read,
        |app, caller, call| Box::pin(change(app, caller, call)),
    )
};

/// Removes a subscription.
pub const DELETE_SUBSCRIPTION: Endpoint = Endpoint {
    of_function: Some(crate::NAME),
    summary: "Remove a subscription",
    description: "Nothing is sent to it any more, nor what has gathered for it.",
    answers: &[Answer::empty(204, "It is removed.")],
    errors: &[Code::SubscriptionNotFound],
    ..Endpoint::new(
        "delete-subscription",
        "DELETE",
        "/v1/subscriptions/{subscription_id}",
        Scope::Read,
        |app, caller, call| Box::pin(delete(app, caller, call)),
    )
};

/// Sends a test message.
pub const TEST_SUBSCRIPTION: Endpoint = Endpoint {
    of_function: Some(crate::NAME),
    summary: "Send a test message",
    description: "To the channel, within a minute, also where the subscription is paused or in its quiet hours. One at a time; it is not retried. How it \
        went is in `failing_since` and `last_error`.",
    answers: &[Answer::json(202, "It will be sent.", schema_of::<TestMessage>)],
    errors: &[Code::SubscriptionNotFound],
    is_repeatable: true,
    ..Endpoint::new(
        "test-subscription",
        "POST",
        "/v1/subscriptions/{subscription_id}/test",
        Scope::Read,
        |app, caller, call| Box::pin(test(app, caller, call)),
    )
};

const MEMBER: Field<Option<ActorId>> =
    Field::new("member", "The member who is told; by default the caller.", identifier()).optional();
const GROUP: Field<Option<GroupId>> = Field::new("group", "The group that is told.", identifier()).optional();
const EVENTS: Field<Vec<NotificationKind>> =
    Field::new("events", "What is told.", some_of(NotificationKind::WORDS));
const WORKFLOWS: Field<Option<Vec<WorkflowId>>> =
    Field::new("workflows", "Of which workflows; all by default.", identifiers(Subscription::WORKFLOWS))
        .optional();
const CHANNEL: Field<ChannelKind> = Field::new("channel", "Where it is sent.", one_of(ChannelKind::WORDS));
const URL: Field<Option<String>> = Field::new(
    "url",
    "The channel's address: public, and https; for Slack at hooks.slack.com. No call shows it.",
    text_of(1..=Egress::URL_LIMIT, Content::Url),
)
.optional();
const DIGEST: Field<Option<u32>> = Field::new(
    "digest_minutes",
    "After how many minutes what has gathered is sent as one message; by default each is sent at once.",
    integer(*Subscription::DIGEST.start() as i64..=*Subscription::DIGEST.end() as i64),
)
.optional();
const QUIET_FROM: Field<Option<String>> =
    Field::new("quiet_from", "From when nothing is sent, as `HH:MM`.", text_of(5..=5, Content::NotBlank))
        .optional();
const QUIET_UNTIL: Field<Option<String>> = Field::new(
    "quiet_until",
    "Until when nothing is sent, as `HH:MM`: then what has gathered is, as one message.",
    text_of(5..=5, Content::NotBlank),
)
.optional();
const TIME_ZONE: Field<Option<String>> = Field::new(
    "time_zone",
    "The time zone of the quiet hours, by its IANA name.",
    text_of(1..=64, Content::NotBlank),
)
.optional();
const PAUSED: Field<bool> =
    Field::new("paused", "Whether nothing is sent for now.", boolean()).default(Literal::Boolean(false));

const NEW: Body = Body {
    object: Object {
        name: "CreateSubscriptionRequest",
        about: "The body of `create-subscription`.",
        shape: Shape::Fields(&[
            MEMBER.spec,
            GROUP.spec,
            EVENTS.spec,
            WORKFLOWS.spec,
            CHANNEL.spec,
            URL.spec,
            DIGEST.spec,
            QUIET_FROM.spec,
            QUIET_UNTIL.spec,
            TIME_ZONE.spec,
            PAUSED.spec,
        ]),
    },
    limit: Body::SMALL,
};

const CHANGED: Body = Body {
    object: Object {
        name: "ChangeSubscriptionRequest",
        about: "The body of `change-subscription`.",
        shape: Shape::Fields(&[
            VERSION_STAMP.spec,
            EVENTS.spec,
            WORKFLOWS.spec,
            CHANNEL.spec,
            URL.spec,
            DIGEST.spec,
            QUIET_FROM.spec,
            QUIET_UNTIL.spec,
            TIME_ZONE.spec,
            PAUSED.spec,
        ]),
    },
    limit: Body::SMALL,
};

/// A subscription to notifications.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Subscription")]
struct SubscriptionView<'a> {
    /// Its id.
    subscription_id: &'a str,
    /// The member who is told, if it is one.
    member: Option<&'a ActorId>,
    /// The group that is told, if it is one.
    group: Option<&'a GroupId>,
    /// What is told.
    events: &'a [NotificationKind],
    /// Of which workflows; empty means all.
    workflows: &'a [WorkflowId],
    /// Where it is sent.
    channel: ChannelKind,
    /// The host of the channel's address, of which no more is shown.
    host: String,
    /// After how many minutes what has gathered is sent; null for each at once.
    digest_minutes: Option<u16>,
    /// From when nothing is sent, as `HH:MM`.
    quiet_from: Option<&'a str>,
    /// Until when nothing is sent, as `HH:MM`.
    quiet_until: Option<&'a str>,
    /// The time zone of the quiet hours.
    time_zone: Option<&'a str>,
    /// Whether nothing is sent for now.
    paused: bool,
    /// Since when every message has failed, if the last one did.
    failing_since: Option<Timestamp>,
    /// What the last message failed for.
    last_error: Option<&'a str>,
    /// When it was made.
    created_at: Timestamp,
    /// By whom.
    created_by: &'a Actor,
    /// The number of changes: the `version_stamp` of the next.
    rev: u64,
}

/// A test message that will be sent.
#[derive(Serialize, JsonSchema)]
struct TestMessage {
    /// When it was asked for: an earlier time if one was still to be sent.
    asked_at: Timestamp,
}

/// Subscriptions.
#[derive(Serialize, JsonSchema)]
struct Subscriptions<'a> {
    /// The subscriptions.
    data: Vec<SubscriptionView<'a>>,
}

impl<'a> From<&'a Subscription> for SubscriptionView<'a> {
    fn from(it: &'a Subscription) -> Self {
        let quiet = it.quiet_hours.as_ref();
        let (member, group) = match &it.receiver {
            Receiver::Member(actor) => (Some(actor), None),
            Receiver::Group(group) => (None, Some(group)),
        };
        Self {
            subscription_id: it.id.as_str(),
            member,
            group,
            events: &it.events,
            workflows: &it.workflows,
            channel: it.channel.kind(),
            host: it.channel.host(),
            digest_minutes: it.digest_minutes,
            quiet_from: quiet.map(|hours| hours.from.as_str()),
            quiet_until: quiet.map(|hours| hours.until.as_str()),
            time_zone: quiet.map(|hours| hours.time_zone.as_str()),
            paused: it.paused,
            failing_since: it.failing_since,
            last_error: it.last_error.as_deref(),
            created_at: it.created_at,
            created_by: &it.created_by,
            rev: it.rev,
        }
    }
}

/// Whether the caller may see and change what is sent to that receiver: members their own, leads those of groups, admins all. Which scope it takes if not.
pub(crate) fn must_manage(caller: &Caller, receiver: &Receiver) -> Result<(), Scope> {
    match receiver {
        _ if caller.may(Scope::Admin) => Ok(()),
        Receiver::Member(actor) if *actor == caller.actor.id => Ok(()),
        Receiver::Group(_) if caller.standing.may_override => Ok(()),
        Receiver::Group(_) | Receiver::Member(_) => Err(Scope::Admin),
    }
}

/// The subscriptions that the caller may change, by their ids.
pub(crate) async fn all(app: &App, caller: &Caller) -> Result<Vec<Subscription>, Error> {
    let mut found = app.store.subscriptions(&caller.organization).await?;
    found.retain(|subscription| must_manage(caller, &subscription.receiver).is_ok());
    Ok(found)
}

/// One that the caller may change. Another's does not exist.
pub(crate) async fn one(app: &App, caller: &Caller, id: &str) -> Result<Subscription, Error> {
    let id = SubscriptionId::parse(id).ok_or(Error::SubscriptionNotFound)?;
    let found = app.store.subscription(&caller.organization, &id).await?;
    found.filter(|it| must_manage(caller, &it.receiver).is_ok()).ok_or(Error::SubscriptionNotFound)
}

async fn list(app: &App, caller: &Caller, call: &Call) -> Result<Reply, Error> {
    let mut errors = FieldErrors::new();
    let query = call.query_fields(&[], &mut errors, |_| Some(()));
    errors.finish(query)?;
    let found = all(app, caller).await?;
    let data = found.iter().map(SubscriptionView::from).collect();
    Ok(Reply::json(StatusCode::OK, &Subscriptions { data }))
}

async fn get(app: &App, caller: &Caller, call: &Call) -> Result<Reply, Error> {
    let found = one(app, caller, &named(call, "subscription_id")).await?;
    Ok(Reply::json(StatusCode::OK, &SubscriptionView::from(&found)))
}

/// What a subscription is to be, as it was asked for.
pub(crate) struct Wanted {
    pub(crate) events: Vec<NotificationKind>,
    pub(crate) workflows: Vec<WorkflowId>,
    pub(crate) channel: ChannelKind,
    /// The address; `None` if it stays.
    pub(crate) url: Option<String>,
    pub(crate) digest_minutes: Option<u16>,
    /// Begin, end and time zone of the quiet hours.
    pub(crate) quiet: [Option<String>; 3],
    pub(crate) paused: bool,
}

fn wanted(body: &mut Fields<'_, '_>) -> Option<Wanted> {
    let (events, workflows, channel) = (body.read(&EVENTS), body.read(&WORKFLOWS), body.read(&CHANNEL));
    let (url, digest, from) = (body.read(&URL), body.read(&DIGEST), body.read(&QUIET_FROM));
    let (until, zone, paused) = (body.read(&QUIET_UNTIL), body.read(&TIME_ZONE), body.read(&PAUSED));
    Some(Wanted {
        events: events?,
        workflows: workflows?.unwrap_or_default(),
        channel: channel?,
        url: url?,
        digest_minutes: digest?.and_then(|minutes| u16::try_from(minutes).ok()),
        quiet: [from?, until?, zone?],
        paused: paused?,
    })
}

async fn create(app: &App, caller: &Caller, call: &Call) -> Result<Reply, Error> {
    let mut errors = FieldErrors::new();
    let body = call.body(&NEW, &mut errors, |body| {
        let (member, group) = (body.read(&MEMBER), body.read(&GROUP));
        let wanted = wanted(body);
        Some((member?, group?, wanted?))
    })?;
    let (member, group, wanted) = errors.finish(body)?;
    let receiver = match (member, group) {
        (Some(_), Some(_)) => return Err(wrong("group", "cannot be given together with member")),
        (None, Some(group)) => Receiver::Group(group),
        (Some(member), None) => Receiver::Member(member),
        (None, None) => Receiver::Member(caller.actor.id.clone()),
    };
    let made = add(app, caller, call.now(), receiver, wanted).await?;
    Ok(Reply::json(StatusCode::CREATED, &SubscriptionView::from(&made)))
}

async fn change(app: &App, caller: &Caller, call: &Call) -> Result<Reply, Error> {
    let mut errors = FieldErrors::new();
    let body = call.body(&CHANGED, &mut errors, |body| {
        let (stamp, wanted) = (body.read(&VERSION_STAMP), wanted(body));
        Some((stamp?.0, wanted?))
    })?;
    let (stamp, wanted) = errors.finish(body)?;
    let before = one(app, caller, &named(call, "subscription_id")).await?;
    let now = set(app, caller, call.now(), before, stamp, wanted).await?;
    Ok(Reply::json(StatusCode::OK, &SubscriptionView::from(&now)))
}

async fn delete(app: &App, caller: &Caller, call: &Call) -> Result<Reply, Error> {
    remove(app, caller, call.now(), &named(call, "subscription_id")).await?;
    Ok(Reply::empty(StatusCode::NO_CONTENT))
}

async fn test(app: &App, caller: &Caller, call: &Call) -> Result<Reply, Error> {
    let asked_at = ask_for_test(app, caller, call.now(), &named(call, "subscription_id")).await?;
    Ok(Reply::json(StatusCode::ACCEPTED, &TestMessage { asked_at }))
}

/// Has `redeliver` send a test: this function makes no calls. Returns when it was asked for.
pub(crate) async fn ask_for_test(
    app: &App,
    caller: &Caller,
    now: Timestamp,
    id: &str,
) -> Result<Timestamp, Error> {
    let found = one(app, caller, id).await?;
    let asked = WebhookTest { event_id: shared::new_id::entry_id(), asked_at: now };
    Ok(match app.store.request_test_message(&caller.organization, &found.id, asked).await? {
        RequestedTest::Accepted => now,
        RequestedTest::Pending(pending) => pending.asked_at,
    })
}

fn wrong(field: &str, message: impl Into<String>) -> Error {
    let mut errors = FieldErrors::new();
    errors.add(["body", field], "invalid_value", message.into());
    Error::Invalid(errors)
}

/// The quiet hours of what was sent: all three, or none.
fn quiet_hours(quiet: [Option<String>; 3]) -> Result<Option<QuietHours>, Error> {
    let (from, until, time_zone) = match quiet {
        [None, None, None] => return Ok(None),
        [Some(from), Some(until), Some(zone)] => (from, until, zone),
        [None, ..] => return Err(wrong("quiet_from", "is needed for quiet hours, as HH:MM")),
        [_, None, _] => return Err(wrong("quiet_until", "is needed for quiet hours, as HH:MM")),
        [.., None] => return Err(wrong("time_zone", "is needed for quiet hours")),
    };
    for (field, text) in [("quiet_from", &from), ("quiet_until", &until)] {
        if !QuietHours::is_time(text) {
            return Err(wrong(field, "must be a time of the day, as HH:MM"));
        }
    }
    if from == until {
        return Err(wrong("quiet_until", "must differ from quiet_from"));
    }
    if jiff::tz::TimeZone::get(&time_zone).is_err() {
        return Err(wrong("time_zone", "must be the IANA name of a time zone, such as Europe/Berlin"));
    }
    Ok(Some(QuietHours { from, until, time_zone }))
}

fn channel(app: &App, kind: ChannelKind, url: String) -> Result<Channel, Error> {
    let channel = Channel::new(kind, url);
    channel.fault(app.egress).map_or(Ok(channel), |fault| Err(wrong("url", fault)))
}

/// Makes a subscription.
pub(crate) async fn add(
    app: &App,
    caller: &Caller,
    now: Timestamp,
    receiver: Receiver,
    wanted: Wanted,
) -> Result<Subscription, Error> {
    must_manage(caller, &receiver).map_err(|scope| Error::Forbidden { scope })?;
    let url = wanted.url.ok_or_else(|| wrong("url", "is needed: the address of the channel"))?;
    let made = Subscription {
        id: SubscriptionId::new(random()?),
        organization: caller.organization.clone(),
        receiver,
        events: wanted.events,
        workflows: wanted.workflows,
        channel: channel(app, wanted.channel, url)?,
        digest_minutes: wanted.digest_minutes,
        quiet_hours: quiet_hours(wanted.quiet)?,
        paused: wanted.paused,
        created_at: now,
        created_by: caller.actor.clone(),
        failing_since: None,
        last_error: None,
        rev: 0,
    };
    if let Receiver::Member(actor) = &made.receiver {
        let member = app.store.member(&caller.organization, actor).await?;
        if member.is_none_or(|member| !member.is_active()) {
            return Err(wrong("member", "must be an active member: an API key has no notifications"));
        }
    }
    let known = app.store.subscriptions(&caller.organization).await?;
    if known.iter().filter(|it| it.receiver == made.receiver).count() >= Subscription::LIMIT_EACH {
        return Err(Error::TooManySubscriptions { limit: Subscription::LIMIT_EACH });
    }
    let entry = AdministrationEntry::new(&caller.actor, now, "subscription_added", made.id.as_str());
    let entry = entry.with_detail(&json!({ "after": said(&made) }));
    match app.store.put_subscription(&made, None, &entry).await? {
        SubscriptionStored::TooMany => Err(Error::TooManySubscriptions { limit: Subscription::LIMIT }),
        // The SDK's own retry, after an answer was lost, finds what it has made.
        SubscriptionStored::Stored | SubscriptionStored::Changed => Ok(made),
    }
}

/// Changes a subscription that was seen at `stamp`. If it is as wanted already, nothing is written.
pub(crate) async fn set(
    app: &App,
    caller: &Caller,
    now: Timestamp,
    before: Subscription,
    stamp: u64,
    wanted: Wanted,
) -> Result<Subscription, Error> {
    let url = match wanted.url {
        Some(url) => url,
        None if wanted.channel == before.channel.kind() => before.channel.url().to_owned(),
        None => return Err(wrong("url", "must be given with another kind of channel")),
    };
    let mut after = Subscription {
        events: wanted.events,
        workflows: wanted.workflows,
        channel: channel(app, wanted.channel, url)?,
        digest_minutes: wanted.digest_minutes,
        quiet_hours: quiet_hours(wanted.quiet)?,
        paused: wanted.paused,
        ..before.clone()
    };
    if after == before {
        return Ok(before);
    }
    if stamp != before.rev {
        return Err(Error::SubscriptionChanged { rev: Some(before.rev) });
    }
    if after.channel != before.channel {
        // What another address did not take says nothing of this one.
        (after.failing_since, after.last_error) = (None, None);
    }
    after.rev = stamp + 1;
    let mut detail = json!({ "before": said(&before), "after": said(&after) });
    if after.channel != before.channel {
        detail["address"] = json!("replaced");
    }
    let entry = AdministrationEntry::new(&caller.actor, now, "subscription_changed", after.id.as_str());
    match app.store.put_subscription(&after, Some(stamp), &entry.with_detail(&detail)).await? {
        SubscriptionStored::Stored => Ok(after),
        SubscriptionStored::Changed | SubscriptionStored::TooMany => {
            let now = app.store.subscription(&caller.organization, &after.id).await?;
            Err(Error::SubscriptionChanged { rev: now.map(|it| it.rev) })
        }
    }
}

/// Removes a subscription that the caller may change.
pub(crate) async fn remove(app: &App, caller: &Caller, now: Timestamp, id: &str) -> Result<(), Error> {
    let found = one(app, caller, id).await?;
    let entry = AdministrationEntry::new(&caller.actor, now, "subscription_removed", id);
    let entry = entry.with_detail(&json!({ "before": said(&found) }));
    let was_there = app.store.delete_subscription(&caller.organization, &found.id, &entry).await?;
    if was_there { Ok(()) } else { Err(Error::SubscriptionNotFound) }
}

/// What the log says of a subscription: all but its address.
fn said(it: &Subscription) -> Value {
    let mut said = serde_json::to_value(SubscriptionView::from(it)).unwrap_or_default();
    if let Value::Object(fields) = &mut said {
        for name in ["subscription_id", "created_at", "created_by", "failing_since", "last_error", "rev"] {
            fields.remove(name);
        }
        fields.retain(|_, value| !value.is_null());
    }
    said
}
