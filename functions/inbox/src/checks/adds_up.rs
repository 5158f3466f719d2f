//! Rows that do not add up: a quantity times a price that is not the amount, a balance that does not follow from the one above.
//!
//! Which columns belong together is told by their names, and only believed where most rows of the list agree.

use crate::document::Node;
use crate::document::decimal::Decimal;

/// A row that does not add up.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Fault<'a> {
    pub(super) row: usize,
    /// The keys of which one is likely wrong; the last, if nothing else is known.
    pub(super) keys: Vec<&'a str>,
    pub(super) text: String,
}

const QUANTITIES: [&str; 5] = ["quantity", "qty", "hours", "units", "menge"];
const PRICES: [&str; 5] = ["unit_price", "price", "unit_cost", "rate", "unit_amount"];
const AMOUNTS: [&str; 5] = ["amount", "line_total", "total", "net_amount", "total_price"];
const BALANCES: [&str; 2] = ["balance", "running_balance"];
/// Keys of each row that are looked at.
const KEYS: usize = 60;
/// Rows of a list that are looked at.
const ROWS: usize = 5000;
/// Rows that must agree before others are said not to.
const AGREE: usize = 2;

/// The rows of a list that do not add up. Takes time linear in its rows.
pub(super) fn faults(items: &[Node]) -> Vec<Fault<'_>> {
    let rows: Vec<Row<'_>> = items.iter().take(ROWS).map(Row::of).collect();
    let mut faults = believed(rows.iter().enumerate().filter_map(|(at, row)| product(at, row)));
    let pairs = rows.iter().zip(rows.iter().skip(1)).enumerate();
    faults.extend(believed(pairs.filter_map(|(at, (above, row))| follows(at + 1, above, row))));
    faults
}

/// What is at fault, if most rows are not.
fn believed<'a>(rows: impl Iterator<Item = Option<Fault<'a>>>) -> Vec<Fault<'a>> {
    let (mut agree, mut faults) = (0, Vec::new());
    for fault in rows {
        match fault {
            Some(fault) => faults.push(fault),
            None => agree += 1,
        }
    }
    if agree >= AGREE && agree > faults.len() { faults } else { Vec::new() }
}

type Cell<'a> = Option<(&'a str, Decimal, &'a str)>;

/// The cells of a row that are looked at.
struct Row<'a> {
    quantity: Cell<'a>,
    price: Cell<'a>,
    amount: Cell<'a>,
    balance: Cell<'a>,
    /// Whether something else goes off the amount.
    is_reduced: bool,
}

impl<'a> Row<'a> {
    fn of(item: &'a Node) -> Self {
        let mut row = Self { quantity: None, price: None, amount: None, balance: None, is_reduced: false };
        let Node::Object(entries) = item else { return row };
        for (key, value) in entries.iter().take(KEYS) {
            let name = key.to_ascii_lowercase();
            let Node::Number(text) = value else { continue };
            let Some(number) = Decimal::parse(text) else { continue };
            row.is_reduced |= name.contains("discount") && !number.is_zero();
            for (cell, names) in [
                (&mut row.quantity, &QUANTITIES[..]),
                (&mut row.price, &PRICES),
                (&mut row.amount, &AMOUNTS),
                (&mut row.balance, &BALANCES),
            ] {
                if cell.is_none() && names.contains(&name.as_str()) {
                    *cell = Some((key, number, text));
                }
            }
        }
        row
    }
}

/// None where there is nothing to compare.
#[allow(clippy::option_option)] // the outer: whether there is anything to compare; the inner: the fault
fn product<'a>(row: usize, cells: &Row<'a>) -> Option<Option<Fault<'a>>> {
    let (quantity, price, amount) = (cells.quantity?, cells.price?, cells.amount?);
    if cells.is_reduced {
        return None;
    }
    let made = quantity.1.times(price.1)?;
    let text = || format!("{} × {} is not {}", quantity.2, price.2, amount.2);
    let fault = || Fault { row, keys: vec![quantity.0, amount.0, price.0], text: text() };
    Some((!made.is_about(amount.1)).then(fault))
}

#[allow(clippy::option_option)] // as above
fn follows<'a>(row: usize, above: &Row<'a>, cells: &Row<'a>) -> Option<Option<Fault<'a>>> {
    let (before, amount, balance) = (above.balance?, cells.amount?, cells.balance?);
    let missing = balance.1.minus(before.1.plus(amount.1));
    let text = || format!("{} missing above", missing.in_words());
    let fault = || Fault { row, keys: vec![amount.0, balance.0], text: text() };
    Some((!missing.is_zero()).then(fault))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Vec<String> {
        let Node::List(items) = Node::parse(text).unwrap() else { unreachable!() };
        faults(&items)
            .into_iter()
            .map(|fault| format!("{} {}: {}", fault.row, fault.keys.join(" "), fault.text))
            .collect()
    }

    #[test]
    fn a_row_is_at_fault_where_most_are_not() {
        let right =
            r#"{"qty": 2, "price": 1249.90, "amount": 2499.80}, {"qty": 2.5, "price": 48, "amount": 120.00}"#;
        let wrong = r#"{"qty": 1, "price": 1857.00, "amount": 1875.00}"#;
        assert_eq!(of(&format!("[{right}, {wrong}]")), ["2 qty amount price: 1 × 1857.00 is not 1875.00"]);
        assert_eq!(of(&format!("[{right}]")), [""; 0]);
        // Two that agree and two that do not: the columns may mean something else.
        assert_eq!(of(&format!("[{right}, {wrong}, {wrong}]")), [""; 0]);
        let reduced = r#"{"qty": 1, "price": 100, "discount": 10, "amount": 90}"#;
        assert_eq!(of(&format!("[{right}, {reduced}]")), [""; 0]);
        // A third of 100 is rounded.
        assert_eq!(of(&format!(r#"[{right}, {{"qty": 3, "price": 33.333, "amount": 100.00}}]"#)), [""; 0]);
    }

    #[test]
    fn a_balance_that_does_not_follow_says_what_is_missing() {
        let rows = |balances: &[(&str, &str)]| {
            let rows: Vec<String> = balances
                .iter()
                .map(|(amount, balance)| format!(r#"{{"amount": {amount}, "balance": {balance}}}"#))
                .collect();
            of(&format!("[{}]", rows.join(",")))
        };
        let right = [("-10", "90.00"), ("5.5", "95.50"), ("-0.50", "95"), ("1", "96")];
        assert_eq!(rows(&right), [""; 0]);
        let gap = [right[0], right[1], right[2], right[3], ("2", "80.00")];
        assert_eq!(rows(&gap), ["4 amount balance: −18.00 missing above"]);
    }

    #[test]
    fn numbers_too_long_to_add_are_left_alone() {
        let long = "9".repeat(18);
        let row = format!(r#"{{"qty": {long}.999999999, "price": {long}.999999999, "amount": 1}}"#);
        assert_eq!(of(&format!("[{row}, {row}, 1, null]")), [""; 0]);
    }
}
