//! Failed sign-ins of one address, counted in windows of time, so that guessing keys is slow in every process.

use crate::hex::hex;
use crate::review::Timestamp;
use crate::store::error::StoreError;
use crate::store::handle::Store;
use crate::store::table::calls::Change;
use crate::store::table::codec::{Attributes, number};
use crate::store::table::{expressions, keys};
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
    /// Failures in one window after which an address has to wait for the next window.
    pub const LIMIT: u64 = 20;

    /// The budget of `address` at `now`. The address is stored only as its SHA-256, for a day.
    pub fn of(address: &str, now: Timestamp) -> Self {
        let window = now.millis().div_euclid(1000).div_euclid(WINDOW_SECONDS);
        let hash = hex(&Sha256::digest(address));
        Self { key: keys::failed_sign_ins(&hash, window), ends_at_seconds: (window + 1) * WINDOW_SECONDS }
    }

    /// Seconds until the window ends.
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
        let values = Attributes::from([
            (":one".to_owned(), number(1)),
            (":ttl".to_owned(), number(budget.ends_at_seconds + DAY_SECONDS)),
        ]);
        let names = &[("#failures", "failures"), ("#ttl", "ttl")];
        let change = Change { names, ..Change::new(expressions::FAILED_SIGN_IN, values) };
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
