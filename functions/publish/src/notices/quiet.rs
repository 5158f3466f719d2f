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
    quiet_until_in((from, until, time_zone), now)
}

fn quiet_until_in((from, until, time_zone): (&str, &str, &str), now: Timestamp) -> Option<Timestamp> {
    // A zone that this build's list does not have is quiet never: a message too early is better than none.
    let zone = TimeZone::get(time_zone).ok()?;
    let (from, until): (Time, Time) = (time(from)?, time(until)?);
    let here = zone.to_datetime(jiff::Timestamp::from_millisecond(now.millis()).ok()?);
    let at = here.time();
    if from == until {
        return None;
    }
    let is_quiet = if from < until { from <= at && at < until } else { at >= from || at < until };
    if !is_quiet {
        return None;
    }
    let day = if at < until { here.date() } else { here.date().tomorrow().ok()? };
    // Where the clock is put forward over the end, it is as much later; where it is put back, the first of the two.
    let end = zone.to_timestamp(day.to_datetime(until)).ok()?.as_millisecond();
    (end > now.millis()).then(|| Timestamp::from_millis(end))
}

/// `07:30`.
fn time(text: &str) -> Option<Time> {
    let (hours, minutes) = text.split_once(':')?;
    Time::new(hours.parse().ok()?, minutes.parse().ok()?, 0, 0).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        Timestamp::from_millis(text.parse::<jiff::Timestamp>().unwrap().as_millisecond())
    }

    fn quiet(hours: (&str, &str, &str), now: &str) -> Option<Timestamp> {
        quiet_until_in(hours, at(now))
    }

    #[test]
    fn a_message_of_the_night_waits_for_the_morning_of_its_own_zone() {
        let berlin = ("22:00", "07:00", "Europe/Berlin");
        for (now, end) in [
            ("2026-11-27T20:59:59Z", None),
            ("2026-11-27T21:00:00Z", Some("2026-11-28T06:00:00Z")),
            ("2026-11-28T05:59:59Z", Some("2026-11-28T06:00:00Z")),
            ("2026-11-28T06:00:00Z", None),
        ] {
            assert_eq!(quiet(berlin, now), end.map(at), "{now}");
        }
        let noon = ("12:00", "13:30", "Asia/Kolkata");
        assert_eq!(quiet(noon, "2026-07-01T07:00:00Z"), Some(at("2026-07-01T08:00:00Z")));
        assert_eq!(quiet(noon, "2026-07-01T08:00:00Z"), None);
    }

    #[test]
    fn quiet_hours_end_by_the_clock_also_when_it_is_changed() {
        let berlin = ("22:00", "07:00", "Europe/Berlin");
        // In the nights in which the clock is put forward and back.
        assert_eq!(quiet(berlin, "2026-03-28T21:30:00Z"), Some(at("2026-03-29T05:00:00Z")));
        assert_eq!(quiet(berlin, "2026-10-24T20:30:00Z"), Some(at("2026-10-25T06:00:00Z")));
        // 02:30 does not exist, or exists twice: then the first counts, and the second begins no new night.
        let gap = ("22:00", "02:30", "Europe/Berlin");
        assert_eq!(quiet(gap, "2026-03-28T23:00:00Z"), Some(at("2026-03-29T01:30:00Z")));
        assert_eq!(quiet(gap, "2026-10-24T23:00:00Z"), Some(at("2026-10-25T00:30:00Z")));
        assert_eq!(quiet(gap, "2026-10-25T01:15:00Z"), None);
    }

    #[test]
    fn a_zone_that_nobody_knows_and_an_empty_span_are_never_quiet() {
        for hours in [("22:00", "07:00", "Mars/Olympus"), ("07:00", "07:00", "UTC"), ("x", "07:00", "UTC")] {
            assert_eq!(quiet(hours, "2026-11-27T23:00:00Z"), None, "{hours:?}");
        }
    }
}
