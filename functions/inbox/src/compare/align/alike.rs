//! Rows that are the same because most of what they hold is.

use super::{Aligning, COMMON, Feature};
use std::collections::{HashMap, HashSet};

impl<'a> Aligning<'a, '_, '_> {
    /// Rows most of whose values are the same. Only values that few rows have lead from one to the other, so that each row
    /// meets few others.
    pub(super) fn alike(&mut self, names: &HashSet<&'a str>) {
        let (old, new) = self.left_over();
        let mut rows_with: HashMap<Feature<'a>, Vec<usize>> = HashMap::new();
        for &row in &old {
            for feature in self.features(&self.old[row]) {
                self.ids.steps += 1;
                let rows = rows_with.entry(feature).or_default();
                if rows.len() <= COMMON {
                    rows.push(row);
                }
            }
        }
        // Each row of `new` and the row of `old` it is most like; two that claim the same row are both in doubt.
        let mut claims: HashMap<usize, Vec<usize>> = HashMap::new();
        for &row in &new {
            if let Some(best) = self.most_like(row, &rows_with) {
                claims.entry(best).or_default().push(row);
            }
        }
        for (old, claimants) in claims {
            if let [new] = claimants[..] {
                let is_sure = !self.differ_in(names, old, new);
                self.pair(old, new, is_sure);
            }
        }
    }

    fn most_like(&mut self, row: usize, rows_with: &HashMap<Feature<'a>, Vec<usize>>) -> Option<usize> {
        let features = self.features(&self.new[row]);
        let mut shared: HashMap<usize, usize> = HashMap::new();
        let mut common = 0;
        for feature in &features {
            let rows = rows_with.get(feature).map_or(&[][..], Vec::as_slice);
            if rows.len() > COMMON {
                common += 1;
                continue;
            }
            self.ids.steps += rows.len() + 1;
            for old in rows {
                *shared.entry(*old).or_default() += 1;
            }
        }
        let most = *shared.values().max()?;
        let mut best = shared.iter().filter(|(_, count)| **count == most).map(|(old, _)| *old);
        let (first, second) = (best.next()?, best.next());
        let size = features.len().max(self.features(&self.old[first]).len());
        // What is common counts where it is there; that is only looked at for the one row.
        let common = if common == 0 { 0 } else { self.shared_commons(&features, first, rows_with) };
        (second.is_none() && 2 * (most + common) > size).then_some(first)
    }

    fn shared_commons(
        &mut self,
        features: &[Feature<'a>],
        old: usize,
        rows_with: &HashMap<Feature<'a>, Vec<usize>>,
    ) -> usize {
        let of_old: HashSet<Feature<'a>> = self.features(&self.old[old]).into_iter().collect();
        self.ids.steps += features.len();
        let is_common =
            |feature: &&Feature<'a>| rows_with.get(*feature).is_some_and(|rows| rows.len() > COMMON);
        features.iter().filter(is_common).filter(|feature| of_old.contains(*feature)).count()
    }
}
