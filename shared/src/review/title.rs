//! What a review is called in a list: who sent what, for how much, as its output says it. A pure function of the output.

use super::JsonText;
use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;
use std::fmt;

/// The few words by which people know a document. Each is absent where the output has no such value.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Title {
    /// Its number, reference, name or file name.
    pub document: Option<String>,
    /// The other party.
    pub from: Option<String>,
    /// The amount, with its currency if that is known.
    pub amount: Option<String>,
}

/// What identifies a document, best first. Keys are compared in lower case, by their letters and digits alone.
const NUMBERS: [&str; 19] = [
    "invoicenumber",
    "invoiceno",
    "invoiceid",
    "documentnumber",
    "documentid",
    "ordernumber",
    "purchaseordernumber",
    "receiptnumber",
    "contractnumber",
    "claimnumber",
    "policynumber",
    "casenumber",
    "referencenumber",
    "number",
    "reference",
    "id",
    "title",
    "subject",
    "name",
];
const FILES: [&str; 3] = ["filename", "file", "sourcefile"];
/// The other party: a text, an object with a name, or a list of such.
const PARTIES: [&str; 18] = [
    "seller",
    "sellername",
    "supplier",
    "suppliername",
    "vendor",
    "vendorname",
    "merchant",
    "merchantname",
    "issuer",
    "counterparty",
    "sender",
    "from",
    "receivedfrom",
    "customer",
    "customername",
    "client",
    "payee",
    "parties",
];
const NAMES: [&str; 3] = ["name", "companyname", "legalname"];
const AMOUNTS: [&str; 12] = [
    "totalamount",
    "grandtotal",
    "amountdue",
    "totaldue",
    "total",
    "totalgross",
    "grossamount",
    "grosstotal",
    "invoicetotal",
    "amount",
    "sum",
    "price",
];
const CURRENCIES: [&str; 2] = ["currency", "currencycode"];
/// Objects that hold such values where the output itself does not.
const WRAPPERS: [&str; 10] = [
    "document",
    "invoice",
    "receipt",
    "order",
    "contract",
    "header",
    "inputs",
    "data",
    "fields",
    "condition",
];

/// Longest text, in bytes; an amount takes at most 32.
const TEXT: usize = 56;
#[cfg(test)]
const AMOUNT: usize = 32;

impl Title {
    /// Of an output. One pass over its text, and one over each object that it looks into.
    pub fn of(snapshot: &JsonText) -> Self {
        let top = Entries::of(snapshot.as_str());
        let mut places = vec![top];
        for wrapper in WRAPPERS {
            let inner = places[0].get(wrapper).map(Entries::of);
            places.extend(inner.filter(|entries| !entries.0.is_empty()));
        }
        let first = |keys: &[&str]| places.iter().find_map(|entries| entries.text(keys));
        Self {
            document: first(&NUMBERS).or_else(|| first(&FILES)),
            from: places.iter().find_map(Entries::party),
            amount: places.iter().find_map(Entries::amount),
        }
    }

    /// Whether there is nothing to show.
    #[cfg(test)]
    const fn is_empty(&self) -> bool {
        self.document.is_none() && self.from.is_none() && self.amount.is_none()
    }
}

/// The entries of an object that a title looks at, by their plain keys.
struct Entries<'a>(Vec<(String, &'a RawValue)>);

impl<'a> Entries<'a> {
    fn of(text: &'a str) -> Self {
        serde_json::from_str(text).unwrap_or(Self(Vec::new()))
    }

    fn get(&self, key: &str) -> Option<&'a str> {
        self.0.iter().find(|(name, _)| name == key).map(|(_, value)| value.get())
    }

    fn text(&self, keys: &[&str]) -> Option<String> {
        keys.iter().find_map(|key| self.get(key).and_then(text))
    }

    fn party(&self) -> Option<String> {
        PARTIES.iter().find_map(|key| {
            let value = self.get(key)?;
            let named = |value: &str| text(value).or_else(|| Entries::of(value).text(&NAMES));
            named(value).or_else(|| first_item(value).and_then(named))
        })
    }

    fn amount(&self) -> Option<String> {
        let number = AMOUNTS.iter().find_map(|key| self.get(key).and_then(number))?;
        let currency = self.text(&CURRENCIES).unwrap_or_default();
        Some(money(&number, &currency))
    }
}

/// Lower case letters and digits of a key that a title looks at; none of one that it does not.
fn plain(key: &str) -> Option<String> {
    const LONGEST: usize = 40;
    if key.len() > LONGEST {
        return None;
    }
    let plain: String =
        key.chars().filter(char::is_ascii_alphanumeric).map(|it| it.to_ascii_lowercase()).collect();
    let known: [&[&str]; 7] = [&NUMBERS, &FILES, &PARTIES, &NAMES, &AMOUNTS, &CURRENCIES, &WRAPPERS];
    known.iter().any(|keys| keys.contains(&plain.as_str())).then_some(plain)
}

impl<'de: 'a, 'a> Deserialize<'de> for Entries<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Collector;
        impl<'de> Visitor<'de> for Collector {
            type Value = Vec<(String, &'de RawValue)>;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut entries: Self::Value = Vec::new();
                while let Some(key) = map.next_key::<String>()? {
                    match plain(&key).filter(|plain| entries.iter().all(|(name, _)| name != plain)) {
                        Some(plain) => entries.push((plain, map.next_value()?)),
                        None => {
                            map.next_value::<IgnoredAny>()?;
                        }
                    }
                }
                Ok(entries)
            }
        }
        deserializer.deserialize_map(Collector).map(Self)
    }
}

/// The first item of a list.
fn first_item(text: &str) -> Option<&str> {
    struct First<'a>(Option<&'a RawValue>);
    impl<'de: 'a, 'a> Deserialize<'de> for First<'a> {
        fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            struct Collector;
            impl<'de> Visitor<'de> for Collector {
                type Value = Option<&'de RawValue>;

                fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                    formatter.write_str("a list")
                }

                fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Self::Value, A::Error> {
                    let first = items.next_element()?;
                    while items.next_element::<IgnoredAny>()?.is_some() {}
                    Ok(first)
                }
            }
            deserializer.deserialize_seq(Collector).map(First)
        }
    }
    serde_json::from_str::<First<'_>>(text).ok()?.0.map(RawValue::get)
}

/// A text or a whole number that says something, cut where it is long.
fn text(value: &str) -> Option<String> {
    let text = if value.starts_with('"') {
        serde_json::from_str::<String>(value).ok()?
    } else if value.bytes().all(|byte| byte.is_ascii_digit()) {
        value.to_owned()
    } else {
        return None;
    };
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if text.is_empty() { None } else { Some(cut(&text, TEXT)) }
}

fn cut(text: &str, most: usize) -> String {
    if text.len() <= most {
        return text.to_owned();
    }
    let end = (0..=most - '…'.len_utf8()).rev().find(|end| text.is_char_boundary(*end)).unwrap_or_default();
    format!("{}…", &text[..end])
}

/// The digits of an amount: a JSON number without an exponent, or a text that is one.
fn number(value: &str) -> Option<String> {
    let value = value.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(value);
    let digits = value.strip_prefix('-').unwrap_or(value);
    let (whole, part) = digits.split_once('.').unwrap_or((digits, "0"));
    let are_digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    (value.len() <= 15 && are_digits(whole) && are_digits(part)).then(|| value.to_owned())
}

/// Digits with commas between thousands.
pub fn thousands(digits: &str) -> String {
    let mut grouped = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

/// An amount as people write it: thousands apart, cents in full, the currency's sign in front.
fn money(number: &str, currency: &str) -> String {
    let (minus, digits) = number.strip_prefix('-').map_or(("", number), |rest| ("−", rest));
    let (whole, part) = digits.split_once('.').unwrap_or((digits, ""));
    let grouped = thousands(whole);
    let part = match part.len() {
        0 => String::new(),
        1 => format!(".{part}0"),
        _ => format!(".{part}"),
    };
    let sign = match currency {
        "GBP" | "£" => "£".to_owned(),
        "EUR" | "€" => "€".to_owned(),
        "USD" | "$" => "$".to_owned(),
        "" => String::new(),
        other => format!("{} ", cut(other, 6)),
    };
    format!("{minus}{sign}{grouped}{part}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn title(output: &str) -> [String; 3] {
        let title = Title::of(&JsonText::parse(output.into()).unwrap());
        [title.document, title.from, title.amount].map(Option::unwrap_or_default)
    }

    #[test]
    fn a_title_names_number_party_and_amount() {
        for (output, words) in [
            (
                r#"{"document": {"file_name": "a.pdf"}, "invoice_number": "HPW-1", "currency": "GBP", "seller": {"name": "Harrow & Pike"},
                    "tax": {"name": "VAT", "amount": 1.5}, "total_amount": 8554.62}"#,
                ["HPW-1", "Harrow & Pike", "£8,554.62"],
            ),
            (
                r#"{"orderNumber": 4500031877, "customer": "M\u00fcller", "total": "1988.5", "currency": "CHF"}"#,
                ["4500031877", "Müller", "CHF 1,988.50"],
            ),
            (
                r#"{"title": "Agreement", "reference": "KWU-9", "parties": [{"role": "x", "name": "Tessel"}, {"name": "K"}]}"#,
                ["KWU-9", "Tessel", ""],
            ),
            (
                r#"{"inputs": {"invoice_number": "T-2", "total_amount": -10940, "currency": "USD"}, "condition": {"name": "CFO?"}}"#,
                ["T-2", "", "−$10,940"],
            ),
            (
                r#"{"document": {"file_name": "scan.pdf", "received_from": "a@b.example"}, "label": "x"}"#,
                ["scan.pdf", "a@b.example", ""],
            ),
            (r#"{"invoice_number": null, "id": " ", "number": "7"}"#, ["7", "", ""]),
            (r#"{"total": 1e9, "amount": "12,5", "sum": 3}"#, ["", "", "3"]),
        ] {
            assert_eq!(title(output), words, "{output}");
        }
    }

    #[test]
    fn an_output_without_any_has_no_title() {
        for output in ["{}", "[1]", "7", r#"{"a": {"number": "7"}}"#, r#"{"invoice_number": {"x": 1}}"#] {
            assert!(Title::of(&JsonText::parse(output.into()).unwrap()).is_empty(), "{output}");
        }
    }

    #[test]
    fn a_title_is_bounded_whatever_the_output() {
        let long = "é".repeat(500);
        let [document, from, amount] = title(&format!(
            r#"{{"number": "{long}", "seller": "{long}", "currency": "{long}", "total": {}}}"#,
            "9".repeat(15)
        ));
        assert!(document.len() <= TEXT && from.len() <= TEXT && amount.len() <= AMOUNT, "{amount}");
        assert!(document.ends_with('…'));
        let [.., amount] = title(&format!(r#"{{"total": {}}}"#, "9".repeat(200)));
        assert_eq!(amount, "");
    }
}
