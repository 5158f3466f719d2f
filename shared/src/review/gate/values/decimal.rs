//! Numbers as JSON writes them, compared exactly: 0.9 is 0.90, and nothing is lost in a double.
//!
//! Only order and nearness are asked for, so that no number is ever written out: `1e-999999999` costs what its text costs. Crates
//! of decimals either have 28 digits or write such a number out when it is compared.

use std::cmp::Ordering;

/// A number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Decimal {
    is_negative: bool,
    /// Its digits without zeros at either end; none of zero.
    digits: Vec<u8>,
    /// How many digits of it stand before the point: 0.05 has −1, 12.5 has 2.
    magnitude: i64,
}

impl Decimal {
    /// Parses a number as JSON writes it.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (is_negative, rest) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
        let (mantissa, exponent) = rest.split_once(['e', 'E']).unwrap_or((rest, ""));
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let is_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        let has_exponent = mantissa.len() < rest.len();
        let is_whole = is_digits(whole) && !whole.is_empty() && (whole.len() == 1 || !whole.starts_with('0'));
        let is_fraction = is_digits(fraction) && (fraction.is_empty() != mantissa.contains('.'));
        let unsigned = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
        let is_exponent = is_digits(unsigned) && unsigned.is_empty() != has_exponent;
        if !(is_whole && is_fraction && is_exponent) {
            return None;
        }
        // Longer ones are all the same: beyond everything, or next to nothing.
        let size = unsigned.trim_start_matches('0');
        let size = if size.len() > 15 { 1_000_000_000_000_000 } else { size.parse::<i64>().unwrap_or(0) };
        let exponent = if exponent.starts_with('-') { -size } else { size };
        let all = || whole.bytes().chain(fraction.bytes());
        let zeros = all().take_while(|digit| *digit == b'0').count();
        let mut digits: Vec<u8> = all().skip(zeros).collect();
        let kept = digits.iter().rposition(|digit| *digit != b'0').map_or(0, |last| last + 1);
        digits.truncate(kept);
        if digits.is_empty() {
            return Some(Self { is_negative: false, digits, magnitude: 0 });
        }
        let before_point = i64::try_from(whole.len()).ok()? - i64::try_from(zeros).ok()?;
        Some(Self { is_negative, digits, magnitude: before_point + exponent })
    }

    /// So many units of 10^−[`Decimal::UNITS`], cut behind them; `None` of what is negative, or 1000 or more.
    pub(crate) fn units(&self) -> Option<u128> {
        self.scaled(Self::UNITS).map(|(units, _)| units)
    }

    /// So many units of 10^−`places`, cut behind them, and whether nothing was cut; `None` of what is negative, 1000 or more, or too
    /// large for so many places.
    pub(crate) fn scaled(&self, places: i64) -> Option<(u128, bool)> {
        if self.is_negative || self.magnitude > 3 || self.magnitude + places > 38 {
            return None;
        }
        let before = usize::try_from(self.magnitude + places).unwrap_or(0);
        let mut units: u128 = 0;
        for index in 0..before {
            let digit = self.digits.get(index).map_or(0, |digit| digit - b'0');
            units = units * 10 + u128::from(digit);
        }
        Some((units, self.digits.len() <= before))
    }

    /// Whether it is from 0 to 1, as likelihoods are.
    pub(crate) fn is_fraction(&self) -> bool {
        let is_one = self.magnitude == 1 && self.digits == b"1";
        !self.is_negative && (self.digits.is_empty() || self.magnitude <= 0 || is_one)
    }

    /// How many digits after the point [`Decimal::units`] counts.
    pub(crate) const UNITS: i64 = 17;
}

impl Ord for Decimal {
    fn cmp(&self, other: &Self) -> Ordering {
        let sign = |of: &Self| {
            if of.digits.is_empty() {
                0
            } else if of.is_negative {
                -1
            } else {
                1
            }
        };
        let size = || self.magnitude.cmp(&other.magnitude).then_with(|| self.digits.cmp(&other.digits));
        sign(self).cmp(&sign(other)).then_with(|| match sign(self) {
            0 => Ordering::Equal,
            1 => size(),
            _ => size().reverse(),
        })
    }
}

impl PartialOrd for Decimal {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn of(text: &str) -> Decimal {
        Decimal::parse(text).unwrap()
    }

    #[test]
    fn the_same_number_is_the_same_however_it_is_written() {
        for (one, other) in [
            ("0.9", "0.90"),
            ("0.9", "9e-1"),
            ("0.9", "0.09E+1"),
            ("0", "-0.000e5"),
            ("100", "1e2"),
            ("12.50", "1250e-2"),
            ("0", "0e99999999999999999999"),
        ] {
            assert_eq!(of(one).cmp(&of(other)), Ordering::Equal, "{one} {other}");
            assert_eq!(of(one), of(other));
        }
    }

    #[test]
    fn numbers_are_in_their_order_to_the_last_digit() {
        let ascending = [
            "-1e999999999999999999",
            "-1e400",
            "-10",
            "-9.5",
            "-9.4999",
            "-0.001",
            "0",
            "1e-999999999",
            "0.05",
            "0.1",
            "0.30000000000000004",
            "0.5",
            "0.89999999999999999999",
            "0.9",
            "0.90000000000000000001",
            "9.99",
            "10",
            "9007199254740992",
            "9007199254740993",
            "1e400",
            "1e999999999",
        ];
        for (index, one) in ascending.iter().enumerate() {
            for (other_index, other) in ascending.iter().enumerate() {
                assert_eq!(of(one).cmp(&of(other)), index.cmp(&other_index), "{one} {other}");
            }
        }
    }

    #[test]
    fn what_json_does_not_write_is_no_number() {
        for text in [
            "",
            "-",
            "+1",
            "01",
            "1.",
            ".5",
            "1e",
            "1e+",
            "1,5",
            "NaN",
            "Infinity",
            "-Infinity",
            "0x1",
            " 1",
            "1 ",
            "1_0",
            "٣",
            "1e5e5",
            "--1",
            "1.2.3",
        ] {
            assert_eq!(Decimal::parse(text), None, "{text}");
        }
    }

    #[test]
    fn fractions_are_counted_in_units() {
        let unit = 10_u128.pow(17);
        for (text, units) in [
            ("0", Some(0)),
            ("1", Some(unit)),
            ("0.5", Some(unit / 2)),
            ("100", Some(100 * unit)),
            ("2.5e1", Some(25 * unit)),
            ("1e-17", Some(1)),
            ("1e-18", Some(0)),
            ("1e-999999999", Some(0)),
            ("-1", None),
            ("1e3", None),
        ] {
            assert_eq!(of(text).units(), units, "{text}");
        }
    }

    #[test]
    fn likelihoods_are_from_nought_to_one() {
        for (text, is_fraction) in [
            ("0", true),
            ("-0.0", true),
            ("1", true),
            ("1.000", true),
            ("10e-1", true),
            ("0.999999999999999999999999", true),
            ("1e-999999999", true),
            ("1.000000000000000000000001", false),
            ("2", false),
            ("10", false),
            ("1e400", false),
            ("-1e-9", false),
        ] {
            assert_eq!(of(text).is_fraction(), is_fraction, "{text}");
        }
    }

    #[test]
    fn what_is_cut_is_known() {
        for (text, places, scaled) in [
            ("0.25", 2, Some((25, true))),
            ("0.259", 2, Some((25, false))),
            ("1e-999999999", 36, Some((0, false))),
            ("0", 36, Some((0, true))),
            ("1", 36, Some((10_u128.pow(36), true))),
            ("999", 36, None),
        ] {
            assert_eq!(of(text).scaled(places), scaled, "{text}");
        }
    }

    proptest! {
        #[test]
        fn integers_are_in_the_order_of_integers(one: i64, other: i64) {
            prop_assert_eq!(of(&one.to_string()).cmp(&of(&other.to_string())), one.cmp(&other));
        }

        /// Rust writes the shortest text that reads back as the same double, so unlike doubles have unlike texts.
        #[test]
        fn doubles_are_in_the_order_of_doubles(one: f64, other: f64) {
            prop_assume!(one.is_finite() && other.is_finite());
            let order = of(&format!("{one:e}")).cmp(&of(&format!("{other:?}")));
            prop_assert_eq!(Some(order), one.partial_cmp(&other));
        }

        #[test]
        fn what_is_a_number_is_what_json_says(text in "[-+0-9.eE]{0,12}") {
            let is_json = serde_json::from_str::<Box<serde_json::value::RawValue>>(&text).is_ok_and(|it| it.get() == text);
            prop_assert_eq!(Decimal::parse(&text).is_some(), is_json);
        }
    }
}
