//! Instants and durations in the wire's units.

use chrono::{DateTime, SecondsFormat, Utc};
use serde::{Serialize, Serializer};

/// An instant, UTC, in whole milliseconds since 1970; written as `2026-05-13T08:55:00.000Z`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Timestamp(i64);

impl Timestamp {
    /// From milliseconds since 1970.
    pub const fn from_millis(millis: i64) -> Self {
        Self(millis)
    }

    /// Milliseconds since 1970.
    pub const fn millis(self) -> i64 {
        self.0
    }

    /// Seconds since 1970, rounded up: DynamoDB's TTL must not be before the instant itself.
    pub const fn seconds_rounded_up(self) -> i64 {
        self.0.div_euclid(1000) + if self.0.rem_euclid(1000) == 0 { 0 } else { 1 }
    }

    /// This much later.
    #[must_use]
    pub const fn plus(self, ttl: TtlSeconds) -> Self {
        Self(self.0.saturating_add(ttl.0 as i64 * 1000))
    }

    /// This many milliseconds later.
    #[must_use]
    pub const fn plus_millis(self, millis: i64) -> Self {
        Self(self.0.saturating_add(millis))
    }
}

impl From<DateTime<Utc>> for Timestamp {
    fn from(time: DateTime<Utc>) -> Self {
        Self(time.timestamp_millis())
    }
}

impl std::fmt::Display for Timestamp {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let time = DateTime::<Utc>::from_timestamp_millis(self.0).unwrap_or_default();
        f.write_str(&time.to_rfc3339_opts(SecondsFormat::Millis, true))
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

described!(Timestamp, {
    "type": "string",
    "format": "date-time",
    "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$",
});

/// How long a claim holds: 30 to 86,400 seconds, 900 by default (seed: `ttl_seconds`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TtlSeconds(u32);

impl TtlSeconds {
    /// Shortest claim.
    pub const MIN: u32 = 30;
    /// Longest claim: a day.
    pub const MAX: u32 = 86_400;
    /// How long a claim holds by default.
    pub const DEFAULT: u32 = 900;

    /// Parses a number of seconds; `None` when it is out of range.
    pub const fn parse(seconds: i64) -> Option<Self> {
        if seconds >= Self::MIN as i64 && seconds <= Self::MAX as i64 {
            #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // the range was just checked
            Some(Self(seconds as u32))
        } else {
            None
        }
    }

    /// In seconds.
    pub const fn seconds(self) -> u32 {
        self.0
    }
}

impl Default for TtlSeconds {
    fn default() -> Self {
        Self(Self::DEFAULT)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn timestamps_are_written_with_milliseconds_and_z() {
        assert_eq!(Timestamp::from_millis(1_778_662_500_000).to_string(), "2026-05-13T08:55:00.000Z");
        assert_eq!(Timestamp::from_millis(1_778_662_500_007).to_string(), "2026-05-13T08:55:00.007Z");
    }

    #[test]
    fn seconds_round_up() {
        assert_eq!(Timestamp::from_millis(1000).seconds_rounded_up(), 1);
        assert_eq!(Timestamp::from_millis(1001).seconds_rounded_up(), 2);
    }

    #[test]
    fn an_instant_is_its_milliseconds() {
        let time = DateTime::<Utc>::from_timestamp_millis(1_778_662_500_007).unwrap();
        assert_eq!(Timestamp::from(time).millis(), 1_778_662_500_007);
    }

    #[test]
    fn a_claim_ends_its_seconds_later() {
        let ttl = TtlSeconds::parse(90).unwrap();
        assert_eq!(
            (ttl.seconds(), Timestamp::from_millis(7).plus(ttl)),
            (90, Timestamp::from_millis(90_007))
        );
    }

    #[test]
    fn ttl_is_bounded_on_both_sides() {
        assert_eq!(
            [29, 30, 86_400, 86_401, -1].map(|s| TtlSeconds::parse(s).is_some()),
            [false, true, true, false, false]
        );
    }
}
