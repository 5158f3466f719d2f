//! How values are compared.

use crate::review::words;
use std::cmp::Ordering;

words! {
    /// How a value is compared.
    pub enum Operator {
        /// There is a value, null included.
        Exists = "exists",
        /// There is none.
        DoesNotExist = "does_not_exist",
        /// It is missing, null, blank, [] or {}.
        IsEmpty = "is_empty",
        /// It is none of these.
        IsNotEmpty = "is_not_empty",
        /// It is the same: numbers as numbers, objects whatever the order of their keys.
        IsEqualTo = "is_equal_to",
        /// It is another, or missing.
        IsNotEqualTo = "is_not_equal_to",
        /// A text holds this text, a list this value, an object this key.
        Contains = "contains",
        /// A text begins so.
        StartsWith = "starts_with",
        /// A text ends so.
        EndsWith = "ends_with",
        /// A part of the text has this form: a regular expression of Rust's crate `regex`.
        MatchesRegex = "matches_regex",
        /// It is true.
        IsTrue = "is_true",
        /// It is false.
        IsFalse = "is_false",
        /// The number is greater.
        IsGreaterThan = "is_greater_than",
        /// The number is less.
        IsLessThan = "is_less_than",
        /// The number is greater, or the same.
        IsGreaterThanOrEqualTo = "is_greater_than_or_equal_to",
        /// The number is less, or the same.
        IsLessThanOrEqualTo = "is_less_than_or_equal_to",
        /// A text has so many characters, a list so many elements, an object so many keys.
        LengthEqualTo = "length_equal_to",
        /// It has more.
        LengthGreaterThan = "length_greater_than",
        /// It has fewer.
        LengthLessThan = "length_less_than",
        /// The date is later.
        IsAfter = "is_after",
        /// The date is earlier.
        IsBefore = "is_before",
        /// The date is later, or the same.
        IsAfterOrEqualTo = "is_after_or_equal_to",
        /// The date is earlier, or the same.
        IsBeforeOrEqualTo = "is_before_or_equal_to",
    }
}

impl Operator {
    /// Whether it compares with a value.
    pub const fn takes_value(self) -> bool {
        !matches!(
            self,
            Self::Exists
                | Self::DoesNotExist
                | Self::IsEmpty
                | Self::IsNotEmpty
                | Self::IsTrue
                | Self::IsFalse
        )
    }

    /// Whether it asks only if something is there.
    pub(super) const fn asks_for_presence(self) -> bool {
        matches!(self, Self::Exists | Self::DoesNotExist | Self::IsEmpty | Self::IsNotEmpty)
    }

    /// Which orders it accepts: of what is there to what it is compared with.
    pub(super) const fn accepts(self, order: Ordering) -> bool {
        match self {
            Self::IsGreaterThan | Self::LengthGreaterThan | Self::IsAfter => order.is_gt(),
            Self::IsLessThan | Self::LengthLessThan | Self::IsBefore => order.is_lt(),
            Self::IsGreaterThanOrEqualTo | Self::IsAfterOrEqualTo => order.is_ge(),
            Self::IsLessThanOrEqualTo | Self::IsBeforeOrEqualTo => order.is_le(),
            _ => order.is_eq(),
        }
    }
}
