//! What the numbers of a column add up to, exactly, and whether a field of the output says the same.

use crate::document::Node;
use crate::document::key_label::key_label;
use std::collections::HashMap;

/// A number as so many of a fraction of one: 12.50 is 1250 with two digits after the point.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Decimal {
    units: i128,
    digits: u32,
}

impl Decimal {
    /// Digits after the point that are counted, and before it.
    const MOST: usize = 9;
    const WHOLE: usize = 18;

    /// Parses a plain number; none of one with an exponent or with more digits than sums are made of.
    fn parse(text: &str) -> Option<Self> {
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

    fn plus(self, other: Self) -> Self {
        let digits = self.digits.max(other.digits);
        Self { units: self.with_digits(digits) + other.with_digits(digits), digits }
    }

    /// The same for the same number, however it is written.
    fn key(self) -> i128 {
        self.with_digits(u32::try_from(Self::MOST).unwrap_or_default())
    }

    /// As people read it: "7,128.85".
    fn in_words(self) -> String {
        let text = format!("{:0width$}", self.units.unsigned_abs(), width = self.digits as usize + 1);
        let (whole, fraction) = text.split_at(text.len() - self.digits as usize);
        let mut grouped = String::new();
        for (index, digit) in whole.chars().enumerate() {
            if index > 0 && (whole.len() - index) % 3 == 0 {
                grouped.push(',');
            }
            grouped.push(digit);
        }
        let sign = if self.units < 0 { "−" } else { "" };
        let point = if fraction.is_empty() { "" } else { "." };
        format!("{sign}{grouped}{point}{fraction}")
    }
}

/// The numbers of an output that stand outside its lists, and what they are called.
#[derive(Debug, Default)]
pub(super) struct Numbers(HashMap<i128, String>);

impl Numbers {
    /// Numbers that are looked at.
    const MOST: usize = 500;

    pub(super) fn of(output: &Node) -> Self {
        let mut numbers = Self::default();
        numbers.add(output, "");
        numbers
    }

    fn add(&mut self, node: &Node, key: &str) {
        match node {
            Node::Object(entries) => {
                for (key, value) in entries {
                    if self.0.len() == Self::MOST {
                        return;
                    }
                    self.add(value, key);
                }
            }
            Node::Number(text) => {
                if let Some(number) = Decimal::parse(text).filter(|number| number.units != 0) {
                    self.0.entry(number.key()).or_insert_with(|| key_label(key));
                }
            }
            _ => {}
        }
    }
}

/// What a column adds up to.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Sum {
    pub(super) text: String,
    /// The field that says the same.
    pub(super) same_as: Option<String>,
}

/// What the values of a column add up to; none if there are less than two numbers, or anything else.
pub(super) fn sum<'v>(values: impl Iterator<Item = &'v Node>, numbers: &Numbers) -> Option<Sum> {
    let mut total = Decimal { units: 0, digits: 0 };
    let mut count = 0;
    for value in values {
        match value {
            Node::Null => {}
            Node::Number(text) => {
                total = total.plus(Decimal::parse(text)?);
                count += 1;
            }
            _ => return None,
        }
    }
    let same_as = numbers.0.get(&total.key()).filter(|_| total.units != 0).cloned();
    (count >= 2).then(|| Sum { text: total.in_words(), same_as })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_column_adds_up_exactly() {
        let output = Node::parse(r#"{"totals": {"subtotal": 7128.850}, "lines": [1], "rate": 0}"#).unwrap();
        let numbers = Numbers::of(&output);
        let of = |values: &[&str]| {
            let values: Vec<Node> = values.iter().map(|text| Node::parse(text).unwrap()).collect();
            sum(values.iter(), &numbers).map(|sum| (sum.text, sum.same_as))
        };
        let amounts = ["2499.80", "1875.00", "1137.00", "1237.05", "null", "260", "120"];
        assert_eq!(of(&amounts), Some(("7,128.85".into(), Some("Subtotal".into()))));
        assert_eq!(of(&["0.1", "0.2"]), Some(("0.3".into(), None)));
        assert_eq!(of(&["-1", "-0.5"]), Some(("−1.5".into(), None)));
        assert_eq!(of(&["1", "-1"]), Some(("0".into(), None)));
        assert_eq!(of(&["999999", "1"]), Some(("1,000,000".into(), None)));
        for none in [&["1"][..], &["1", "\"x\""], &["1e5", "1"], &["1", "0.0000000001"], &[]] {
            assert_eq!(of(none), None, "{none:?}");
        }
    }
}
