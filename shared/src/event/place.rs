//! The order of a review's events.

/// The place of an event among those of its review, which are delivered in this order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The number, from 0, of the event's audit entry, or of the entry before it.
    pub ordinal: u64,
    /// 0 for an entry's own event; else the number of the change of the callback's state after that entry.
    pub change: u64,
}

impl Place {
    /// The place of an audit entry's event.
    pub const fn of_entry(ordinal: u64) -> Self {
        Self { ordinal, change: 0 }
    }
}

impl std::fmt::Display for Place {
    /// Texts sort in the order of the places.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:010}", self.ordinal)?;
        if self.change == 0 { Ok(()) } else { write!(f, ".{:010}", self.change) }
    }
}

impl std::str::FromStr for Place {
    type Err = std::num::ParseIntError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (ordinal, change) = text.split_once('.').unwrap_or((text, "0"));
        Ok(Self { ordinal: ordinal.parse()?, change: change.parse()? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_sort_as_their_texts_do_and_read_back() {
        let places = [(0, 0), (2, 0), (2, 1), (2, 10), (3, 0), (10, 0), (10, 2)];
        let places = places.map(|(ordinal, change)| Place { ordinal, change });
        let texts = places.map(|place| place.to_string());
        assert!(places.is_sorted() && texts.is_sorted(), "{texts:?}");
        assert!(places.iter().zip(&texts).all(|(place, text)| text.parse() == Ok(*place)));
        assert!(["", "x", "1.x", "1.", "-1"].iter().all(|text| text.parse::<Place>().is_err()));
    }
}
