//! Dates: a day as ISO 8601 writes it, or an instant as RFC 3339 does.

use chrono::{DateTime, NaiveDate, NaiveDateTime};
use std::cmp::Ordering;

/// A day, or an instant in a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Date {
    day: NaiveDate,
    /// Nanoseconds do not fit before 1678: seconds and the rest.
    instant: Option<(i64, u32)>,
}

impl Date {
    /// Parses `2026-05-11`, `2026-05-11T09:30:00+02:00`, or a time without an offset, which is taken as UTC.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        // What is longer is none, and chrono would read years of six digits.
        let is_date = |text: &str| {
            text.len() == 10
                && text.bytes().enumerate().all(|(at, byte)| match at {
                    4 | 7 => byte == b'-',
                    _ => byte.is_ascii_digit(),
                })
        };
        let day = text.get(..10).filter(|day| is_date(day))?;
        let day = NaiveDate::parse_from_str(day, "%Y-%m-%d").ok()?;
        if text.len() == 10 {
            return Some(Self { day, instant: None });
        }
        if text.len() > 40 {
            return None;
        }
        let instant = if let Ok(time) = DateTime::parse_from_rfc3339(text) {
            (time.timestamp(), time.timestamp_subsec_nanos())
        } else {
            let rest = text[10..].strip_prefix(['T', 't', ' '])?;
            let time = format!("{}T{rest}", &text[..10]);
            let time = NaiveDateTime::parse_from_str(&time, "%Y-%m-%dT%H:%M:%S%.f")
                .or_else(|_| NaiveDateTime::parse_from_str(&time, "%Y-%m-%dT%H:%M"))
                .ok()?
                .and_utc();
            (time.timestamp(), time.timestamp_subsec_nanos())
        };
        Some(Self { day, instant: Some(instant) })
    }

    /// Which is earlier. Two instants are compared as such; where one is a day, the days are, as they are written.
    pub(crate) fn order(&self, other: &Self) -> Ordering {
        match (self.instant, other.instant) {
            (Some(one), Some(other)) => one.cmp(&other),
            _ => self.day.cmp(&other.day),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn order(one: &str, other: &str) -> Ordering {
        Date::parse(one).unwrap().order(&Date::parse(other).unwrap())
    }

    #[test]
    fn instants_are_compared_as_instants_and_days_as_days() {
        for (one, other, expected) in [
            ("2026-05-11", "2026-05-12", Ordering::Less),
            ("2026-05-11", "2026-05-11T23:59:59Z", Ordering::Equal),
            ("2026-05-11T23:30:00-05:00", "2026-05-12", Ordering::Less),
            ("2026-05-11T09:30:00+02:00", "2026-05-11T07:30:00Z", Ordering::Equal),
            ("2026-05-11T09:30:00.001Z", "2026-05-11T09:30:00Z", Ordering::Greater),
            ("2026-05-11T09:30:00", "2026-05-11T09:30:00Z", Ordering::Equal),
            ("2026-05-11 09:30", "2026-05-11T09:30:00Z", Ordering::Equal),
            ("0001-01-01", "9999-12-31", Ordering::Less),
            ("2024-02-29", "2024-03-01", Ordering::Less),
        ] {
            assert_eq!(order(one, other), expected, "{one} {other}");
            assert_eq!(order(other, one), expected.reverse(), "{other} {one}");
        }
    }

    #[test]
    fn what_is_no_date_is_not_guessed_at() {
        for text in [
            "",
            "today",
            "2026",
            "2026-5-1",
            "11.05.2026",
            "05/11/2026",
            "2026-02-30",
            "2026-13-01",
            "+12026-05-11",
            "2026-05-11T25:00:00Z",
            "2026-05-11X",
            "2026-05-11T",
            "２０２６-05-11",
            "2026-05-11T09:30:00Z and more and more and more",
        ] {
            assert_eq!(Date::parse(text), None, "{text}");
        }
    }
}
