//! Decimal numbers that are added and multiplied exactly.

use shared::review::thousands;

/// A number as so many of a fraction of one: 12.50 is 1250 with two digits after the point.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Decimal {
    units: i128,
    digits: u32,
}

impl Decimal {
    /// Digits after the point that are counted, and before it.
    const MOST: usize = 9;
    const WHOLE: usize = 18;

    /// Nothing.
    pub(crate) const ZERO: Self = Self { units: 0, digits: 0 };

    /// Parses a plain number; none of one with an exponent or with more digits than sums are made of.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
        let is_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        let fits = whole.len() <= Self::WHOLE && fraction.len() <= Self::MOST;
        if !fits || !is_digits(whole.strip_prefix('-').unwrap_or(whole)) || !is_digits(fraction) {
            return None;
        }
        let units: i128 = format!("{whole}{fraction}").parse().ok()?;
        Some(Self { units, digits: u32::try_from(fraction.len()).ok()? })
    }

    fn with_digits(self, digits: u32) -> i128 {
        self.units * 10_i128.pow(digits - self.digits)
    }

    /// The sum, exactly.
    pub(crate) fn plus(self, other: Self) -> Self {
        let digits = self.digits.max(other.digits);
        Self { units: self.with_digits(digits) + other.with_digits(digits), digits }
    }

    /// The same for the same number, however it is written.
    pub(crate) fn key(self) -> i128 {
        self.with_digits(u32::try_from(Self::MOST).unwrap_or_default())
    }

    /// As people read it: "7,128.85".
    pub(crate) fn in_words(self) -> String {
        let text = format!("{:0width$}", self.units.unsigned_abs(), width = self.digits as usize + 1);
        let (whole, fraction) = text.split_at(text.len() - self.digits as usize);
        let grouped = thousands(whole);
        let sign = if self.units < 0 { "−" } else { "" };
        let point = if fraction.is_empty() { "" } else { "." };
        format!("{sign}{grouped}{point}{fraction}")
    }

    pub(crate) const fn is_zero(self) -> bool {
        self.units == 0
    }

    pub(crate) fn minus(self, other: Self) -> Self {
        self.plus(Self { units: -other.units, digits: other.digits })
    }

    /// None if the product has more digits than are counted.
    pub(crate) fn times(self, other: Self) -> Option<Self> {
        let (units, digits) = (self.units.checked_mul(other.units)?, self.digits + other.digits);
        let kept = digits.min(u32::try_from(Self::MOST).unwrap_or_default());
        let units = units / 10_i128.pow(digits - kept);
        let limit = 10_u128.pow(u32::try_from(Self::WHOLE).unwrap_or_default() + kept);
        (units.unsigned_abs() < limit).then_some(Self { units, digits: kept })
    }

    /// Whether both are the same but for rounding to hundredths.
    pub(crate) fn is_about(self, other: Self) -> bool {
        self.minus(other).key().abs() <= Self { units: 1, digits: 2 }.key()
    }
}
