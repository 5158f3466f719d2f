//! The label of one key of a document.

pub(crate) use shared::review::short;
use shared::review::visible;

/// Words that are written in capitals. None of them is an English word that a key may hold.
const ACRONYMS: [&str; 72] = [
    "ABA", "ACH", "API", "AWB", "BIC", "CEO", "CFO", "CHF", "CIF", "COO", "CPT", "CRM", "CSV", "CTO", "CVC",
    "CVV", "DOB", "DUNS", "EAN", "EIN", "EORI", "ERP", "ETA", "ETD", "EU", "EUR", "FOB", "FX", "GBP", "GL",
    "GST", "GTIN", "HS", "HST", "HTML", "IBAN", "ICD", "ID", "IP", "ISBN", "ISIN", "ISO", "JPY", "JSON",
    "KYC", "LEI", "MPN", "MRN", "NHS", "NPI", "OCR", "PDF", "PIN", "PO", "PST", "QR", "QST", "RFQ", "SKU",
    "SSN", "TIN", "TVA", "UK", "UOM", "UPC", "URL", "USD", "UUID", "VAT", "VIN", "XML", "ZIP",
];

/// A name as JSON has it, as a label: `unit_price` and `unitPrice` are "Unit price", `vat_id` is "VAT ID".
pub(crate) fn label(name: &str) -> String {
    let spaced = visible(name).replace(['_', '-'], " ").replace('\n', "\\u000a").replace('\t', "\\u0009");
    let words: Vec<String> = spaced.split(' ').filter(|word| !word.is_empty()).flat_map(humps).collect();
    let mut words = words.iter().map(|word| acronym(word).map_or_else(|| word.clone(), str::to_owned));
    let Some(first) = words.next() else { return "(no name)".into() };
    let mut characters = first.chars();
    let mut label: String = characters.next().into_iter().flat_map(char::to_uppercase).collect();
    label.push_str(characters.as_str());
    for word in words {
        label.push(' ');
        label.push_str(&word);
    }
    label
}

fn acronym(word: &str) -> Option<&'static str> {
    // All of them are ASCII and in order.
    let upper = word.to_ascii_uppercase();
    ACRONYMS.binary_search(&upper.as_str()).ok().map(|index| ACRONYMS[index])
}

/// The words of a name that is written with capitals inside: `poNumber` is "po", "number"; `GmbH` and `iPhone` are one word.
fn humps(word: &str) -> Vec<String> {
    let characters: Vec<char> = word.chars().collect();
    let mut parts: Vec<String> = vec![String::new()];
    for (index, character) in characters.iter().enumerate() {
        let before = index.checked_sub(1).map(|before| characters[before]);
        let is_next_lower = characters.get(index + 1).is_some_and(char::is_ascii_lowercase);
        let starts = character.is_ascii_uppercase()
            && before.is_some_and(|it| {
                it.is_ascii_lowercase() || it.is_ascii_digit() || (it.is_ascii_uppercase() && is_next_lower)
            });
        if starts {
            parts.push(String::new());
        }
        if let Some(part) = parts.last_mut() {
            part.push(*character);
        }
    }
    if parts.len() == 1 || parts.iter().any(|part| part.chars().nth(1).is_none()) {
        return vec![word.to_owned()];
    }
    let is_capitals = |part: &String| part.chars().all(|it| it.is_ascii_uppercase() || it.is_ascii_digit());
    parts.into_iter().map(|part| if is_capitals(&part) { part } else { part.to_ascii_lowercase() }).collect()
}

/// A key in words, cut if it is long.
pub(crate) fn key_label(key: &str) -> String {
    short(&label(&head(key)), KEY)
}

/// As much of a key as can matter: a label is cut.
pub(crate) fn head(key: &str) -> String {
    key.chars().take(KEY + 1).collect()
}

/// How many characters of a key are shown.
pub(crate) const KEY: usize = 80;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_label_hides_nothing() {
        assert_eq!(
            [label("unit_price"), label("a\u{202e}b\n"), label("")],
            ["Unit price", "A\\u202eb\\u000a", "(no name)"]
        );
    }

    #[test]
    fn acronyms_are_upright_and_only_the_first_word_is_capital() {
        assert!(ACRONYMS.is_sorted());
        for (name, words) in [
            ("vat", "VAT"),
            ("vat_number", "VAT number"),
            ("sku", "SKU"),
            ("cfo_email", "CFO email"),
            ("supplier_iban", "Supplier IBAN"),
            ("invoiceNumber", "Invoice number"),
            ("VATNumber", "VAT number"),
            ("poNumber", "PO number"),
            ("customer-id", "Customer ID"),
            ("Invoice Number", "Invoice Number"),
            ("GmbH", "GmbH"),
            ("iPhone", "IPhone"),
            ("line2", "Line2"),
            ("über_größe", "Über größe"),
            ("__x__", "X"),
            ("identity", "Identity"),
        ] {
            assert_eq!(label(name), words, "{name}");
        }
    }
}
