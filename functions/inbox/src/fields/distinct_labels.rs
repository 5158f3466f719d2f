//! Labels for the fields of one object: no two are the same.

use crate::document::key_label::{KEY, head, short};
use crate::document::quoted;
use std::collections::HashMap;

/// The labels of some keys, each with what it is called: so where those differ, else as in JSON. All of them are short.
pub(super) fn distinct_labels<'a>(keys: impl Iterator<Item = (&'a str, String)>) -> Vec<String> {
    let keys: Vec<(&str, String)> = keys.collect();
    let mut times: HashMap<String, usize> = HashMap::new();
    for (_, label) in &keys {
        *times.entry(label.to_lowercase()).or_default() += 1;
    }
    let mut used: HashMap<String, usize> = HashMap::new();
    let told_apart = keys.into_iter().map(|(key, label)| {
        let is_unclear = times.get(&label.to_lowercase()) > Some(&1);
        let name = if is_unclear { short(&quoted(&head(key)), KEY) } else { label };
        let count = used.entry(name.clone()).or_default();
        *count += 1;
        // Long keys may begin alike.
        if *count > 1 { format!("{name} ({count})") } else { name }
    });
    told_apart.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::key_label::key_label;

    #[test]
    fn keys_that_differ_have_labels_that_differ() {
        let of = |keys: &[&str]| distinct_labels(keys.iter().map(|key| (*key, key_label(key))));
        assert_eq!(of(&["unit_price", "total"]), ["Unit price", "Total"]);
        assert_eq!(of(&["unit_price", "unit-price", "x"]), ["\"unit_price\"", "\"unit-price\"", "X"]);
        assert_eq!(of(&["Key", "key", "key "]), ["\"Key\"", "\"key\"", "\"key \""]);
        let (one, other) = (format!("{}1", "k".repeat(200)), format!("{}2", "k".repeat(200)));
        let long = of(&[&one, &other]);
        assert!(long[0] != long[1] && long.iter().all(|label| label.chars().count() < 100), "{long:?}");
    }
}
