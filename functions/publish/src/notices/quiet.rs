//! Until when a message is held: a digest's time, and quiet hours. Pure.

use jiff::civil::Time;
use jiff::tz::TimeZone;
use shared::event::{QuietHours, Subscription};
use shared::review::Timestamp;

const MINUTE: i64 = 60_000;

/// When what a subscription has to tell at `now` is sent; `None` for at once.
pub(crate) fn held_until(subscription: &Subscription, now: Timestamp) -> Option<Timestamp> {
    let due = subscription.digest_minutes.map(|minutes| now.plus_millis(i64::from(minutes) * MINUTE));
    quiet_until(subscription, due.unwrap_or(now)).or(due)
}

/// When the quiet hours end that `now` is in; `None` if it is in none.
pub(crate) fn quiet_until(subscription: &Subscription, now: Timestamp) -> Option<Timestamp> {
    let QuietHours { from, until, time_zone } = subscription.quiet_hours.as_ref()?;
    // A zone that this build's list does not have is quiet never: a message too early is better than none.
    let zone = TimeZone::get(time_zone).ok()?;
    let (from, until): (Time, Time) = (time(from)?, time(until)?);
    let here = zone.to_datetime(jiff::Timestamp::from_millisecond(now.millis()).ok()?);
    let at = here.time();
    let is_quiet = if from < until { from <= at && at < until } else { at >= from || at < until };
    if !is_quiet {
        return None;
    }
    let day = if at < until { here.date() } else { here.date().tomorrow().ok()? };
    // Where the clock is put forward over the end, it is as much later; where it is put back, the first of the two.
    let end = zone.to_zoned(day.to_datetime(until)).ok()?.timestamp().as_millisecond();
    (end > now.millis()).then(|| Timestamp::from_millis(end))
}

/// `07:30`.
fn time(text: &str) -> Option<Time> {
    let (hours, minutes) = text.split_once(':')?;
    Time::new(hours.parse().ok()?, minutes.parse().ok()?, 0, 0).ok()
}
