//! How much an evaluation may do: it is counted in steps, and never measured in seconds. What cannot be decided within it fires.

/// Work that is left.
#[derive(Debug)]
pub(crate) struct Work {
    left: u64,
}

impl Work {
    /// Steps of one evaluation: a step is about a value looked at, or 16 bytes of text compared.
    pub(crate) const ALL: u64 = 20_000_000;

    /// Counts steps.
    pub(crate) const fn spend(&mut self, steps: u64) {
        self.left = self.left.saturating_sub(steps);
    }

    /// Counts steps that may be many; without enough left for them it uses up the rest and says no.
    pub(crate) const fn afford(&mut self, steps: u64) -> bool {
        let is_enough = self.left > steps;
        self.spend(steps);
        is_enough
    }

    /// Whether nothing is left.
    pub(crate) const fn is_used_up(&self) -> bool {
        self.left == 0
    }

    /// How much was used.
    #[cfg(test)]
    pub(crate) const fn used(&self) -> u64 {
        Self::ALL - self.left
    }
}

impl Default for Work {
    fn default() -> Self {
        Self { left: Self::ALL }
    }
}
