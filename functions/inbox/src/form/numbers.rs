//! Numbers as people type them, as JSON writes them.

use crate::document::Node;

/// A number as it was typed: "1 249.90", "€5" and "−5" say what they mean, "1,249" does not.
///
/// # Errors
/// What to type instead.
pub(super) fn number(text: &str) -> Result<String, String> {
    if Node::is_number(text) {
        return in_range(text.to_owned());
    }
    let no_number = || "must be a number, such as 1249.90".to_owned();
    let is_group = |character: char| character.is_whitespace() || matches!(character, '\'' | '’' | '_');
    let plain: String = text
        .chars()
        .map(|character| match character {
            '−' | '–' | '\u{fe63}' | '\u{ff0d}' => '-',
            group if is_group(group) => ' ',
            other => other,
        })
        .collect();
    let (is_negative, digits) = signed(plain.trim()).ok_or_else(no_number)?;
    let (whole, fraction) = decimal(digits)?;
    let whole = ungrouped(whole).ok_or_else(no_number)?;
    let is_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || fraction.is_some_and(|fraction| fraction.is_empty() || !is_digits(fraction)) {
        return Err(no_number());
    }
    let sign = if is_negative { "-" } else { "" };
    let fraction = fraction.map(|fraction| format!(".{fraction}")).unwrap_or_default();
    let number = format!("{sign}{whole}{fraction}");
    if Node::is_number(&number) { in_range(number) } else { Err(no_number()) }
}

fn in_range(number: String) -> Result<String, String> {
    let is_too_large = number.parse::<f64>().is_ok_and(f64::is_infinite);
    if is_too_large { Err("is too large: numbers go up to 1.8e308".into()) } else { Ok(number) }
}

/// Without its sign and one sign of a currency, in any order before the digits, or the latter after them.
fn signed(text: &str) -> Option<(bool, &str)> {
    let is_currency =
        |character: char| matches!(character, '$' | '€' | '£' | '¥' | '₹' | '₩' | '₽' | '₺' | '฿' | '₪');
    let (mut rest, mut is_negative, mut currencies) = (text, false, 0);
    let mut signs = 0;
    loop {
        let first = rest.chars().next()?;
        if first == '-' || first == '+' {
            signs += 1;
            is_negative |= first == '-';
        } else if is_currency(first) {
            currencies += 1;
        } else {
            break;
        }
        rest = rest[first.len_utf8()..].trim_start();
    }
    if let Some(before) = rest.strip_suffix(is_currency) {
        currencies += 1;
        rest = before.trim_end();
    }
    (signs <= 1 && currencies <= 1).then_some((is_negative, rest))
}

/// The digits before the decimal sign, and those after it.
fn decimal(text: &str) -> Result<(&str, Option<&str>), String> {
    let last = text.rfind([',', '.']);
    let Some(last) = last else { return Ok((text, None)) };
    let (whole, fraction) = (&text[..last], &text[last + 1..]);
    let sign = text.as_bytes()[last];
    let count = |byte: u8| text.bytes().filter(|it| *it == byte).count();
    let (commas, stops) = (count(b','), count(b'.'));
    // The same sign more than once, and no other: it is between groups of digits.
    if commas.min(stops) == 0 && commas.max(stops) > 1 {
        return Ok((text, None));
    }
    if count(sign) > 1 {
        return Err("must be a number, such as 1249.90".into());
    }
    let is_doubtful = sign == b','
        && stops == 0
        && fraction.len() == 3
        && !whole.contains(' ')
        && (1..=3).contains(&whole.len())
        && whole != "0";
    if is_doubtful {
        return Err(format!(
            "could be {whole}{fraction} or {whole}.{fraction}: write which, without a comma"
        ));
    }
    Ok((whole, Some(fraction)))
}

/// Digits without what stands between groups of three; none if the groups are others.
fn ungrouped(whole: &str) -> Option<String> {
    let groups: Vec<&str> = whole.split([' ', ',', '.']).collect();
    let separators: std::collections::HashSet<char> =
        whole.chars().filter(|it| !it.is_ascii_digit()).collect();
    let (first, others) = groups.split_first()?;
    let is_digits = |group: &&str| group.bytes().all(|byte| byte.is_ascii_digit());
    let fits = separators.len() <= 1
        && groups.iter().all(is_digits)
        && (others.is_empty() || (1..=3).contains(&first.len()))
        && others.iter().all(|group| group.len() == 3);
    let digits: String = groups.concat();
    let zeros = digits.trim_start_matches('0');
    fits.then(|| if zeros.is_empty() && !digits.is_empty() { "0".to_owned() } else { zeros.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_as_they_are_meant() {
        for (typed, number_) in [
            ("1249.90", "1249.90"),
            ("-1.5e3", "-1.5e3"),
            ("1,50", "1.50"),
            ("1 249.90", "1249.90"),
            ("1\u{a0}249,90", "1249.90"),
            ("1.249,90", "1249.90"),
            ("1,249.90", "1249.90"),
            ("1,249,000", "1249000"),
            ("1.249.000", "1249000"),
            ("1'249", "1249"),
            ("€5", "5"),
            ("5 €", "5"),
            ("-€ 5,00", "-5.00"),
            ("€-5", "-5"),
            ("−5", "-5"),
            ("+5", "5"),
            ("007", "7"),
            ("0,125", "0.125"),
            ("1249,900", "1249.900"),
            ("1.249", "1.249"),
        ] {
            assert_eq!(number(typed).as_deref(), Ok(number_), "{typed}");
        }
    }

    #[test]
    fn a_text_that_could_be_two_numbers_is_asked() {
        let asked = number("1,249").unwrap_err();
        assert!(asked.contains("1249") && asked.contains("1.249"), "{asked}");
        for typed in ["12,345", "€1,000", "-999,999"] {
            assert!(number(typed).unwrap_err().contains(" or "), "{typed}");
        }
    }

    #[test]
    fn a_text_that_is_no_number_is_refused() {
        for typed in [
            "",
            "x",
            "1 2",
            "12 34",
            "1,2,3",
            "1.2.3",
            "1,249.9.9",
            "--5",
            "€€5",
            "5-",
            "1..5",
            ",",
            ".",
            "€",
            "1e",
            "٣",
        ] {
            assert!(number(typed).is_err(), "{typed}: {:?}", number(typed));
        }
        assert!(number("1e400").unwrap_err().contains("too large"));
    }
}
