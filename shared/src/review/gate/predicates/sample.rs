//! `sample`: so many percent of all runs.

use crate::review::gate::evaluate::Scene;
use crate::review::gate::evaluation::AnyJson;
use crate::review::gate::finding::Finding;
use crate::review::gate::predicate::Bound;
use crate::review::gate::values::decimal::Decimal;
use sha2::{Digest, Sha256};

impl Scene<'_> {
    pub(crate) fn sample(&self, percent: &Bound) -> Finding {
        let mut hasher = Sha256::new();
        // No identifier holds it.
        hasher.update([self.subject.run.as_str(), self.subject.block.as_str()].join("\n"));
        let digest: [u8; 32] = hasher.finalize().into();
        let (head, _) = digest.split_first_chunk::<8>().unwrap_or((&[0; 8], &[]));
        let place = u128::from(u64::from_be_bytes(*head));
        // place / 2^64 < percent / 100
        let hundred = 100 * 10_u128.pow(u32::try_from(Decimal::UNITS).unwrap_or_default());
        let fired = percent.value.units().is_none_or(|units| place * hundred < units << 64);
        let said = if fired { "is" } else { "is not" };
        let reason = format!("the run {said} in the sample of {} %", percent.as_str());
        Finding::decided(fired, reason).compared("sample", AnyJson::of(percent.as_str()), AnyJson::NULL)
    }
}
