//! Random faults by a seed: mostly single ones, and now and then a storm, in which even the SDK's retries fail.

use crate::faults::Fault;
use std::collections::BTreeMap;

/// Dice that fall the same way for the same seed (`SplitMix64`).
#[derive(Clone, Debug)]
pub struct Dice(u64);

impl Dice {
    /// New dice.
    pub const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The seed that `HOLDPOINT_SEED` names, or `usual`.
    pub fn seed(usual: u64) -> u64 {
        std::env::var("HOLDPOINT_SEED").map_or(usual, |seed| seed.parse().unwrap())
    }

    /// A number below `end`.
    pub fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (mixed ^ (mixed >> 31)) % end
    }

    /// One of these.
    pub fn pick<T: Copy>(&mut self, of: &[T]) -> T {
        of[usize::try_from(self.below(of.len() as u64)).unwrap()]
    }
}

/// Which requests meet which fault, and how many did.
#[derive(Clone, Debug)]
pub struct FaultPlan {
    dice: Dice,
    storm: u32,
    /// How many requests there were.
    pub requests: usize,
    /// How many met which fault.
    pub faults: BTreeMap<&'static str, usize>,
}

impl FaultPlan {
    /// Of 1,000 requests, so many meet a fault.
    const USUAL: u64 = 80;
    /// The same in a storm.
    const STORMY: u64 = 930;
    /// One of so many requests begins a storm.
    const STORMS: u64 = 600;
    /// So many requests are in it.
    const STORM: u32 = 100;

    /// The plan that a seed makes.
    pub const fn of(seed: u64) -> Self {
        Self { dice: Dice::new(seed), storm: 0, requests: 0, faults: BTreeMap::new() }
    }

    /// What happens to the next request.
    pub fn fault(&mut self, operation: &str) -> Option<Fault> {
        self.requests += 1;
        let rate = if self.storm > 0 { Self::STORMY } else { Self::USUAL };
        self.storm = match self.storm {
            0 if self.dice.below(Self::STORMS) == 0 => Self::STORM,
            left => left.saturating_sub(1),
        };
        if self.dice.below(1000) >= rate {
            return None;
        }
        let (kind, fault) = self.any(operation);
        *self.faults.entry(kind).or_default() += 1;
        Some(fault)
    }

    fn any(&mut self, operation: &str) -> (&'static str, Fault) {
        let delay = Fault::Delay(1 + self.dice.below(60));
        let late = Fault::Late(1 + self.dice.below(150));
        let transacts = operation == "TransactWriteItems";
        let reads = matches!(operation, "GetItem" | "Query" | "BatchGetItem");
        // Reads conflict with nothing, and nothing is done by them that could be done too late.
        let conflict = if reads { ("throttled", Fault::Throttle) } else { ("conflict", Fault::Conflict) };
        let throttle = if transacts { Fault::CancelThrottled } else { Fault::Throttle };
        let late = if reads { ("request lost", Fault::LoseRequest) } else { ("done too late", late) };
        self.dice.pick(&[
            ("delayed", delay),
            ("request lost", Fault::LoseRequest),
            ("answer lost", Fault::LoseAnswer),
            ("answer lost", Fault::LoseAnswer),
            ("reset in the answer", Fault::CutAnswer),
            late,
            ("throttled", throttle),
            conflict,
            ("500, undone", Fault::Fail),
            ("500, done", Fault::FailDone),
        ])
    }
}

impl std::fmt::Display for FaultPlan {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let total: usize = self.faults.values().sum();
        write!(f, "{total} faults in {} requests", self.requests)?;
        for (kind, count) in &self.faults {
            write!(f, "; {kind}: {count}")?;
        }
        Ok(())
    }
}
