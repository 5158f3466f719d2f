//! The lowest likelihood of some values, and which of them have none.

use super::read::{Likelihood, Read};

/// The first of some places, and how many there are.
#[derive(Clone, Debug, Default)]
pub(crate) struct Places {
    pub(crate) first: Option<String>,
    pub(crate) count: u64,
}

impl Places {
    pub(crate) fn add(&mut self, place: &str) {
        self.first.get_or_insert_with(|| place.to_owned());
        self.count += 1;
    }

    fn join(&mut self, other: Self) {
        self.first = self.first.take().or(other.first);
        self.count += other.count;
    }

    pub(crate) const fn is_empty(&self) -> bool {
        self.count == 0
    }
}

/// The lowest likelihood of some values, and which of them have none.
#[derive(Clone, Debug, Default)]
pub(crate) struct Lowest {
    /// With its place.
    pub(crate) found: Option<(Likelihood, String)>,
    /// Where a likelihood is needed and nobody sent one.
    pub(crate) missing: Places,
    /// Where something stands that is no likelihood.
    pub(crate) unknown: Places,
}

impl Lowest {
    pub(crate) fn add(&mut self, likelihood: Likelihood, place: &str) {
        if self.found.as_ref().is_none_or(|(lowest, _)| likelihood.value < lowest.value) {
            self.found = Some((likelihood, place.to_owned()));
        }
    }

    /// Adds what was read, if it says anything. Whether it does.
    pub(crate) fn read(&mut self, read: Read, place: &str) -> bool {
        match read {
            Read::Nothing | Read::Null => return false,
            Read::Known(likelihood) => self.add(likelihood, place),
            Read::Unknown => self.unknown.add(place),
        }
        true
    }

    /// Adds what was read of a value that needs a likelihood.
    pub(crate) fn need(&mut self, read: Read, place: &str) {
        if !self.read(read, place) {
            self.missing.add(place);
        }
    }

    pub(crate) fn join(&mut self, other: Self) {
        if let Some((likelihood, place)) = other.found {
            self.add(likelihood, &place);
        }
        self.missing.join(other.missing);
        self.unknown.join(other.unknown);
    }

    /// Whether there was nothing to look at.
    pub(crate) const fn is_empty(&self) -> bool {
        self.found.is_none() && self.missing.is_empty() && self.unknown.is_empty()
    }
}
