//! Out of office: until when, and who stands in.

use super::super::Visit;
use super::super::layout::{Wrong, field};
use super::HOME;
use crate::calls::away as calls;
use inbox::common::{SubmittedForm, form_token, time};
use maud::{Markup, html};
use shared::api::{Error, Reply, ValueError};
use shared::review::{ActorId, Timestamp, visible};
use shared::store::{Member, Scope};

/// The reader, and who stands in for them, if somebody does; `None` if the reader is no member.
pub(super) struct Me {
    member: Member,
    stand_in: Option<Member>,
}

pub(super) async fn me(visit: &Visit<'_>) -> Result<Option<Me>, Error> {
    if !visit.is_member {
        return Ok(None);
    }
    let (store, caller) = (&visit.app.store, visit.viewer.caller);
    let Some(member) = store.member(&caller.organization, &caller.actor.id).await? else { return Ok(None) };
    let to = member.away_at(visit.call.now()).and_then(|away| ActorId::parse(&away.to).ok());
    let stand_in = match to {
        Some(to) => store.member(&caller.organization, &to).await?,
        None => None,
    };
    Ok(Some(Me { member, stand_in }))
}

pub(super) fn section(visit: &Visit<'_>, me: Option<&Me>, wrong: Option<Wrong<'_>>) -> Markup {
    let Some(Me { member, stand_in }) = me else { return html! {} };
    let wrong = wrong.filter(|wrong| wrong.form.get("days").is_some());
    let typed = |name: &str| wrong.as_ref().map_or("", |wrong| wrong.typed(name));
    let away = member.away_at(visit.call.now());
    html! {
        section #away {
            @if let Some(away) = away {
                form.card method="post" action={(HOME) "/away"} {
                    (form_token(visit.viewer))
                    p { "You are out of office until " (time(Timestamp::from_millis(away.until))) ". "
                        @match stand_in {
                            Some(other) if other.is_active() && other.scopes().allow(Scope::Review) && other.away_at(visit.call.now()).is_none() => { b { bdi { (visible(&other.actor.display_name)) } } " stands in: what is assigned to you is theirs, too." }
                            _ => "Who was to stand in cannot, just now: tell a colleague."
                        } }
                    button name="end" value="1" { "I am back" }
                }
            } @else {
                details open[wrong.is_some()] {
                    summary { "Out of office…" }
                    form.card method="post" action={(HOME) "/away"} {
                        (form_token(visit.viewer))
                        (field("to", "Who stands in", "A colleague's name or e-mail address. What is assigned to you is theirs, too, for that time. They decide in their own name.", &html! {
                            input #to name="to" required maxlength="254" value=(typed("to")) autocomplete="off" aria-describedby="to-help"; }))
                        (field("days", "For how many days", "From now; it ends by itself.", &html! {
                            input #days name="days" type="number" required min="1" max=(Member::AWAY_DAYS) value=(typed("days")) aria-describedby="days-help"; }))
                        button { "Save" }
                    }
                }
            }
        }
    }
}

/// `POST …/away`.
pub(super) async fn act(visit: &Visit<'_>, form: &SubmittedForm) -> Result<Reply, Error> {
    let (app, caller, now) = (visit.app, visit.viewer.caller, visit.call.now());
    if form.get("end").is_some() {
        calls::set(app, caller, now, &caller.actor.id, None).await?;
        return Ok(Reply::see_other(&format!("{HOME}?done=back")));
    }
    let days = form.get("days").and_then(|days| days.trim().parse::<u32>().ok());
    let days = days.filter(|days| (1..=Member::AWAY_DAYS).contains(&i64::from(*days)));
    let days = days.ok_or_else(|| {
        let message = format!("must be 1 to {}", Member::AWAY_DAYS);
        super::super::sent::invalid("days", &ValueError::new("out_of_range", message))
    })?;
    let to = calls::meant(app, caller, form.get("to").unwrap_or_default()).await?;
    calls::set(app, caller, now, &caller.actor.id, Some((to, days))).await?;
    Ok(Reply::see_other(&format!("{HOME}?done=away")))
}
