//! The form of a subscription: its fields, filled with what was typed or what is stored, and what was sent with it.

use super::super::Visit;
use super::super::layout::{Wrong, field};
use super::words;
use crate::calls::subscriptions::Wanted;
use inbox::common::SubmittedForm;
use maud::{Markup, html};
use shared::api::{Caller, Error, FieldErrors, ValueError};
use shared::egress::Egress;
use shared::event::{ChannelKind, NotificationKind, Receiver, Subscription};
use shared::review::{GroupId, WorkflowId};
use shared::store::{Member, Scope};
use std::collections::BTreeSet;

/// The spans that the form offers for a digest, in minutes.
const DIGESTS: [u16; 7] = [5, 15, 30, 60, 240, 480, 1440];
/// Longest name of a time zone that is looked up.
const ZONE_LIMIT: usize = 64;

/// Whom the caller may subscribe.
pub(super) struct Audience {
    me: bool,
    groups: Vec<GroupId>,
}

impl Audience {
    /// Members themselves; leads their groups, admins all that active members are in.
    pub(super) fn of(visit: &Visit<'_>, members: &[Member]) -> Self {
        let caller = visit.viewer.caller;
        let groups: BTreeSet<GroupId> = if caller.may(Scope::Admin) {
            members.iter().filter(|it| it.is_active()).flat_map(|it| it.groups.iter().cloned()).collect()
        } else if caller.standing.may_override {
            caller.standing.groups.iter().cloned().collect()
        } else {
            BTreeSet::new()
        };
        Self { me: visit.is_member, groups: groups.into_iter().collect() }
    }

    pub(super) fn is_empty(&self) -> bool {
        !self.me && self.groups.is_empty()
    }

    pub(super) fn is_only_me(&self) -> bool {
        self.me && self.groups.is_empty()
    }

    /// The field to choose one, if there is a choice.
    pub(super) fn field(&self, wrong: Option<Wrong<'_>>) -> Markup {
        if self.groups.is_empty() {
            return html! {};
        }
        let typed = wrong.as_ref().map_or("", |wrong| wrong.typed("for"));
        field(
            "for",
            "For",
            "A group is told of what concerns all of it. “You” below is then who belongs to it.",
            &html! {
                select #for name="for" aria-describedby="for-help" {
                    @if self.me { option value="" { "me" } }
                    @for group in &self.groups {
                        option value=(group.as_str()) selected[typed == group.as_str()] { "the group " (group.as_str()) }
                    }
                }
            },
        )
    }
}

/// For whom the form is: the caller, or a group.
pub(super) fn receiver(caller: &Caller, form: &SubmittedForm) -> Result<Receiver, Error> {
    match form.text("for") {
        None => Ok(Receiver::Member(caller.actor.id.clone())),
        Some(group) => GroupId::parse(&group).map(Receiver::Group).map_err(|error| {
            super::sent::invalid("group", &ValueError::new("invalid_identifier", error.to_string()))
        }),
    }
}

fn box_name(kind: NotificationKind) -> String {
    format!("event_{}", kind.as_str())
}

/// The fields, without for whom it is. `zone`: the time zone to begin with.
pub(super) fn fields(it: Option<&Subscription>, zone: Option<&str>, wrong: Option<Wrong<'_>>) -> Markup {
    let quiet = it.and_then(|it| it.quiet_hours.as_ref());
    let value = |name: &str, stored: Option<&str>| match wrong {
        Some(wrong) => wrong.typed(name).to_owned(),
        None => stored.unwrap_or_default().to_owned(),
    };
    let is_ticked = |kind: NotificationKind| match (wrong, it) {
        (Some(wrong), _) => wrong.form.get(&box_name(kind)).is_some(),
        (None, Some(it)) => it.events.contains(&kind),
        (None, None) => false,
    };
    let channel = value("channel", it.map(|it| it.channel.kind().as_str()));
    let workflows = value("workflows", it.map(|it| super::workflows(&it.workflows, "\n")).as_deref());
    let (from, until) = (quiet.map(|it| it.from.as_str()), quiet.map(|it| it.until.as_str()));
    let (from, until) = (value("quiet_from", from), value("quiet_until", until));
    let zone = value("time_zone", quiet.map(|it| it.time_zone.as_str()).or(zone));
    let url_help = match (it, wrong) {
        (Some(_), _) => "One is stored and not shown. Leave this empty to keep it.",
        (None, Some(_)) => "Paste it again: it is a secret, which no page shows.",
        (None, None) => {
            "Slack: of an incoming webhook. Teams: of a workflow that starts when a webhook request is received."
        }
    };
    html! {
        fieldset {
            legend { "Events" }
            @for kind in NotificationKind::ALL {
                @let (name, meaning) = words::event(*kind);
                label.box { input type="checkbox" name=(box_name(*kind)) value="1" checked[is_ticked(*kind)];
                    span { (words::sentence(name)) " " span.hint { (meaning) } } }
            }
        }
        // An id may hold a comma, but no line break.
        (field("workflows", "Workflows", "Their ids, one on each line. Empty for all.", &html! {
            textarea #workflows name="workflows" rows="2" autocomplete="off" spellcheck="false" aria-describedby="workflows-help" { "\n" (workflows) } }))
        (field("channel", "Channel", "", &html! {
            select #channel name="channel" {
                @for kind in ChannelKind::ALL {
                    option value=(kind.as_str()) selected[channel == kind.as_str()] { (words::channel(*kind)) }
                }
            } }))
        // An address is a secret, and is never put back into a page.
        (field("url", "URL", url_help, &html! {
            input #url name="url" type="url" required[it.is_none()] maxlength=(Egress::URL_LIMIT) placeholder="https://" autocomplete="off" spellcheck="false" aria-describedby="url-help"; }))
        (field("digest_minutes", "How often", "", &digest(&value("digest_minutes", it.and_then(|it| it.digest_minutes).map(|it| it.to_string()).as_deref()))))
        details open[!from.is_empty() || !until.is_empty()] {
            summary { "Quiet hours" }
            p.hint { "Nothing is sent in them. What has gathered comes together when they end." }
            div.times {
                (field("quiet_from", "Quiet from", "", &html! { input #quiet_from name="quiet_from" type="time" value=(from); }))
                (field("quiet_until", "Quiet until", "", &html! { input #quiet_until name="quiet_until" type="time" value=(until); }))
            }
            (field("time_zone", "Time zone", "By its IANA name: Europe/Berlin.", &html! {
                input #time_zone name="time_zone" value=(zone) maxlength=(ZONE_LIMIT) list="zones" autocomplete="off" spellcheck="false" aria-describedby="time_zone-help"; }))
            datalist #zones { @for zone in jiff::tz::db().available().filter(|it| it.as_str().contains('/') && !it.as_str().starts_with("Etc/")) { option value=(zone.as_str()) {} } }
        }
    }
}

fn digest(chosen: &str) -> Markup {
    let stored = chosen
        .parse()
        .ok()
        .filter(|minutes| Subscription::DIGEST.contains(minutes) && !DIGESTS.contains(minutes));
    html! {
        select #digest_minutes name="digest_minutes" {
            option value="" { (words::sentence(&words::how_often(None))) }
            @for minutes in stored.into_iter().chain(DIGESTS) {
                option value=(minutes) selected[chosen == minutes.to_string()] { (words::sentence(&words::how_often(Some(minutes)))) }
            }
        }
    }
}

/// What a form asks for.
pub(super) fn wanted(form: &SubmittedForm, paused: bool) -> Result<Wanted, Error> {
    let mut errors = FieldErrors::new();
    let events: Vec<_> =
        NotificationKind::ALL.iter().copied().filter(|kind| form.get(&box_name(*kind)).is_some()).collect();
    if events.is_empty() {
        errors.add(["body", "events"], "out_of_range", "must be at least one".into());
    }
    let channel = form.get("channel").and_then(ChannelKind::parse);
    if channel.is_none() {
        errors.add(["body", "channel"], "invalid_value", "must be Slack or Teams".into());
    }
    let workflows = workflows(form.get("workflows").unwrap_or_default());
    let workflows =
        workflows.map_err(|error| errors.add(["body", "workflows"], error.code, error.message)).ok();
    let digest = digest_of(form)
        .map_err(|error| errors.add(["body", "digest_minutes"], error.code, error.message))
        .ok();
    let text = |name: &str| form.text(name);
    let mut quiet = [text("quiet_from"), text("quiet_until"), text("time_zone")];
    if quiet[2].as_ref().is_some_and(|zone| zone.len() > ZONE_LIMIT) {
        errors.add(
            ["body", "time_zone"],
            "out_of_range",
            format!("must be at most {ZONE_LIMIT} characters long"),
        );
    }
    // The form begins with a time zone, which says nothing without hours.
    if quiet[0].is_none() && quiet[1].is_none() {
        quiet = [const { None }; 3];
    }
    let read = channel.zip(workflows).zip(digest);
    let ((channel, workflows), digest_minutes) = errors.finish(read)?;
    Ok(Wanted { events, workflows, channel, url: text("url"), digest_minutes, quiet, paused })
}

fn workflows(typed: &str) -> Result<Vec<WorkflowId>, ValueError> {
    let mut ids = Vec::new();
    for part in typed.lines().map(str::trim).filter(|part| !part.is_empty()) {
        let id = WorkflowId::parse(part)
            .map_err(|error| ValueError::new("invalid_identifier", format!("{part}: {error}")))?;
        if ids.contains(&id) {
            continue;
        }
        if ids.len() == Subscription::WORKFLOWS {
            return Err(ValueError::new(
                "out_of_range",
                format!("must be at most {}", Subscription::WORKFLOWS),
            ));
        }
        ids.push(id);
    }
    Ok(ids)
}

fn digest_of(form: &SubmittedForm) -> Result<Option<u16>, ValueError> {
    let Some(text) = form.text("digest_minutes") else { return Ok(None) };
    let range = Subscription::DIGEST;
    let minutes = text.parse().ok().filter(|minutes| range.contains(minutes));
    let message = || format!("must be from {} to {} minutes", range.start(), range.end());
    minutes.map(Some).ok_or_else(|| ValueError::new("out_of_range", message()))
}

/// What is asked for by pausing or going on: all as it is.
pub(super) fn paused(it: &Subscription, paused: bool) -> Wanted {
    let quiet = it.quiet_hours.clone();
    Wanted {
        events: it.events.clone(),
        workflows: it.workflows.clone(),
        channel: it.channel.kind(),
        url: None,
        digest_minutes: it.digest_minutes,
        quiet: quiet.map_or([const { None }; 3], |it| [Some(it.from), Some(it.until), Some(it.time_zone)]),
        paused,
    }
}
