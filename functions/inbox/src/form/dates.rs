//! Dates as people type them, as a schema's `date` is saved: 2026-05-11.

use chrono::{Datelike, NaiveDate};

/// What a text says as a date.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Date {
    /// One date, as ISO 8601 writes it.
    Of(String),
    /// Two dates: the day and the month can be told apart in neither.
    Doubtful([NaiveDate; 2]),
    /// It is no date.
    None,
}

/// The beginnings of the names of months, in English, German, French, Spanish, Italian and Dutch, without accents.
const MONTHS: [&[&str]; 12] = [
    &["jan", "ene", "gen"],
    &["feb", "fev", "fév"],
    &["mar", "mär", "mrz", "mrt", "maa"],
    &["apr", "avr", "abr"],
    &["may", "mai", "mag", "mei"],
    &["jun", "juin", "giu"],
    &["jul", "juil", "lug"],
    &["aug", "aoû", "aou", "ago"],
    &["sep", "set"],
    &["oct", "okt", "ott"],
    &["nov"],
    &["dec", "déc", "dez", "dic"],
];

/// A date as it was typed: "11.05.26", "11 May 2026", "May 11, 2026". With slashes, day and month may stand either way.
pub(super) fn date(text: &str) -> Date {
    /// No date is longer.
    const LONGEST: usize = 40;
    if text.len() > LONGEST {
        return Date::None;
    }
    let lower = text.to_lowercase();
    let is_between = |it: char| it.is_whitespace() || matches!(it, '.' | '/' | '-' | ',' | '–' | '’' | '\'');
    let words: Vec<&str> = lower.split(is_between).filter(|word| !word.is_empty() && *word != "de").collect();
    let [first, second, third] = words[..] else { return Date::None };
    if let Some(month) = month(second) {
        return of(year(third)
            .zip(day(first))
            .and_then(|(year, day)| NaiveDate::from_ymd_opt(year, month, day)));
    }
    if let Some(month) = month(first) {
        return of(year(third)
            .zip(day(second))
            .and_then(|(year, day)| NaiveDate::from_ymd_opt(year, month, day)));
    }
    let (Some(one), Some(two)) = (number(first), number(second)) else { return Date::None };
    if first.len() == 4 {
        return of(number(third).and_then(|day| NaiveDate::from_ymd_opt(i32::try_from(one).ok()?, two, day)));
    }
    let Some(year) = year(third) else { return Date::None };
    let day_first = NaiveDate::from_ymd_opt(year, two, one);
    // With full stops the day comes first; with slashes or hyphens it depends on the country.
    if text.contains('.') {
        return of(day_first);
    }
    match (day_first, NaiveDate::from_ymd_opt(year, one, two)) {
        (Some(one), Some(other)) if one != other => Date::Doubtful([one, other]),
        (one, other) => of(one.or(other)),
    }
}

fn of(date: Option<NaiveDate>) -> Date {
    date.map_or(Date::None, |date| Date::Of(date.to_string()))
}

fn month(word: &str) -> Option<u32> {
    if word.chars().any(|it| !it.is_alphabetic()) {
        return None;
    }
    // The longest beginning counts: "juin" is June, "juillet" July.
    let matching = MONTHS
        .iter()
        .zip(1..)
        .flat_map(|(names, month)| names.iter().map(move |name| (name.len(), *name, month)));
    matching.filter(|(_, name, _)| word.starts_with(name)).max().map(|(_, _, month)| month)
}

fn number(word: &str) -> Option<u32> {
    let fits = (1..=4).contains(&word.len()) && word.bytes().all(|byte| byte.is_ascii_digit());
    fits.then(|| word.parse().ok()).flatten()
}

/// A day of a month: "11", "11th".
fn day(word: &str) -> Option<u32> {
    let digits = word.trim_end_matches(|it: char| it.is_alphabetic() || it == 'º');
    let after = &word[digits.len()..];
    let is_plain = matches!(after, "" | "st" | "nd" | "rd" | "th" | "er" | "º");
    number(digits).filter(|day| is_plain && (1..=31).contains(day))
}

/// A year of four digits, or of two: those up to 69 are of this century.
fn year(word: &str) -> Option<i32> {
    let year = i32::try_from(number(word)?).ok()?;
    match (word.len(), year) {
        (4, _) => Some(year),
        (2, 0..70) => Some(2000 + year),
        (2, _) => Some(1900 + year),
        _ => None,
    }
}

/// A date as people read it: "11 May 2026".
pub(crate) fn long_date(iso: &str) -> Option<String> {
    let date = NaiveDate::parse_from_str(iso, "%Y-%m-%d").ok().filter(|_| iso.len() == 10)?;
    Some(in_words(date))
}

/// A date in words.
pub(super) fn in_words(date: NaiveDate) -> String {
    const NAMES: [&str; 12] = [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ];
    format!("{} {} {}", date.day(), NAMES[date.month0() as usize], date.year())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_read_as_people_write_them() {
        for typed in [
            "2026-05-11",
            "11.05.26",
            "11.5.2026",
            "11 May 2026",
            "11 may 26",
            "May 11, 2026",
            "11. Mai 2026",
            "11 mai 2026",
            "11-May-2026",
            "11th May 2026",
            "11 de mayo de 2026",
            "2026/05/11",
            "11/mag/2026",
        ] {
            assert_eq!(date(typed), Date::Of("2026-05-11".into()), "{typed}");
        }
        assert_eq!(date("31/12/2026"), Date::Of("2026-12-31".into()));
        assert_eq!(date("12/31/2026"), Date::Of("2026-12-31".into()));
        assert_eq!(date("5/5/2026"), Date::Of("2026-05-05".into()));
        assert_eq!(
            [date("3 juin 2026"), date("3 juillet 2026"), date("3. März 99")].map(|it| format!("{it:?}")),
            [r#"Of("2026-06-03")"#, r#"Of("2026-07-03")"#, r#"Of("1999-03-03")"#]
        );
    }

    #[test]
    fn a_date_that_could_be_two_is_in_doubt() {
        let Date::Doubtful([one, other]) = date("11/05/2026") else { panic!("in doubt") };
        assert_eq!([in_words(one), in_words(other)], ["11 May 2026", "5 November 2026"]);
        assert!(matches!(date("01-02-26"), Date::Doubtful(_)));
    }

    #[test]
    fn what_is_no_date_is_said_to_be_none() {
        for text in [
            "",
            "soon",
            "30 days",
            "2026",
            "31.02.2026",
            "11 May",
            "1 2 3 4",
            "11/13/14/15",
            "May May 2026",
            "0.0.2026",
        ] {
            assert_eq!(date(text), Date::None, "{text}");
        }
        assert_eq!(date(&"1.".repeat(1000)), Date::None);
        assert_eq!(
            (long_date("2026-05-11").as_deref(), long_date("11.05.2026")),
            (Some("11 May 2026"), None)
        );
    }
}
