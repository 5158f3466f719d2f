//! What the numbers of a column add up to, exactly, and whether a field of the output says the same.

use crate::document::Node;
use crate::document::decimal::Decimal;
use crate::document::key_label::key_label;
use std::collections::HashMap;

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
                if let Some(number) = Decimal::parse(text).filter(|number| !number.is_zero()) {
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
    let mut total = Decimal::ZERO;
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
    let same_as = numbers.0.get(&total.key()).filter(|_| !total.is_zero()).cloned();
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
