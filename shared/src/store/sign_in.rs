//! Failed sign-ins of one address, counted in windows of time, so that guessing keys is slow wherever the next try lands.

use super::item::Attributes;
use super::{Store, StoreError, access::Change, expressions, keys};
use crate::review::Timestamp;
use aws_sdk_dynamodb::types::AttributeValue;
use sha2::{Digest, Sha256};

/// How long one window lasts.
const WINDOW_SECONDS: i64 = 600;

/// The failed sign-ins from one address within one window of ten minutes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignInBudget {
    key: String,
    ends_at_seconds: i64,
}

impl SignInBudget {
    /// Failures within one window after which an address has to wait for the next.
    pub const LIMIT: u64 = 20;

    /// The budget of `address` at `now`. The address is stored as its SHA-256 only, and not for longer than a day.
    pub fn of(address: &str, now: Timestamp) -> Self {
        let window = now.millis().div_euclid(1000).div_euclid(WINDOW_SECONDS);
        let hash = keys::hex(&Sha256::digest(address));
        Self { key: keys::failed_sign_ins(&hash, window), ends_at_seconds: (window + 1) * WINDOW_SECONDS }
    }

    /// For how many seconds after `now` it is the one that counts.
    pub fn seconds_left(&self, now: Timestamp) -> i64 {
        (self.ends_at_seconds - now.millis().div_euclid(1000)).max(1)
    }
}

impl Store {
    /// Whether the address may try again within this window.
    pub async fn may_sign_in(&self, budget: &SignInBudget) -> Result<bool, StoreError> {
        let Some(found) = self.get(budget.key.clone(), keys::SESSION.into()).await? else { return Ok(true) };
        let failures = found.get("failures").and_then(|it| it.as_n().ok()?.parse::<u64>().ok());
        Ok(failures.unwrap_or_default() < SignInBudget::LIMIT)
    }

    /// Counts one failed sign-in.
    pub async fn count_failed_sign_in(&self, budget: &SignInBudget) -> Result<(), StoreError> {
        const DAY_SECONDS: i64 = 86_400;
        let number = |number: i64| AttributeValue::N(number.to_string());
        let values = Attributes::from([
            (":one".to_owned(), number(1)),
            (":ttl".to_owned(), number(budget.ends_at_seconds + DAY_SECONDS)),
        ]);
        let names = [("#failures", "failures"), ("#ttl", "ttl")];
        let change = Change { names: &names, ..Change::new(expressions::FAILED_SIGN_IN, values) };
        self.update((budget.key.clone(), keys::SESSION.into()), change).await?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn failed_sign_ins_count_until_the_next_full_ten_minutes() {
        let at = Timestamp::from_millis;
        let first = SignInBudget::of("a", at(1_200_000));
        assert_eq!(first, SignInBudget::of("a", at(1_799_999)));
        assert_ne!(first, SignInBudget::of("a", at(1_800_000)));
        assert_ne!(first, SignInBudget::of("b", at(1_200_000)));
        let left = [1_200_000, 1_201_000, 1_799_999, 1_900_000].map(|millis| first.seconds_left(at(millis)));
        assert_eq!(left, [600, 599, 1, 1]);
    }
}
