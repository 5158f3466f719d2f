//! What names a review in a queue, where its policy says which values of the output do.

use super::JsonText;
use super::invisible::{is_blank, is_invisible, short};
use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;
use std::borrow::Cow;

/// Most paths of a rule.
pub const MAX_DISPLAY: usize = 5;
/// Longest path, in characters.
pub const MAX_DISPLAY_PATH: usize = 200;
/// Longest text of one value, in characters.
const MAX_SHOWN: usize = 40;

/// The values at these paths, of those that are there and say something: texts, numbers, `true` and `false`. `None` if there are none.
/// At most [`MAX_DISPLAY`] values of 40 characters, each path one pass over the output.
pub(super) fn shown(snapshot: &JsonText, paths: &[String]) -> Option<String> {
    let values = paths.iter().take(MAX_DISPLAY).filter_map(|path| value(snapshot.as_str(), &steps(path)));
    Some(values.collect::<Vec<_>>().join(" · ")).filter(|shown| !shown.is_empty())
}

/// The keys and indexes of `seller.name`, `$.seller.name`, `data.seller.name`, `lines[0].amount` or a JSON Pointer.
fn steps(path: &str) -> Vec<String> {
    if let Some(pointer) = path.strip_prefix('/') {
        return pointer.split('/').map(|step| step.replace("~1", "/").replace("~0", "~")).collect();
    }
    let path = path.strip_prefix("$.").or_else(|| path.strip_prefix("data.")).unwrap_or(path);
    let parts = path.split(['.', '[']).map(|step| step.trim_end_matches(']').trim_matches(['\'', '"']));
    parts.filter(|step| !step.is_empty()).map(str::to_owned).collect()
}

fn value(text: &str, steps: &[String]) -> Option<String> {
    let found = At(steps).deserialize(&mut serde_json::Deserializer::from_str(text)).ok().flatten();
    let text = found?.get();
    let said = match text.as_bytes().first()? {
        b'"' => serde_json::from_str::<String>(text).ok()?,
        b'{' | b'[' | b'n' => return None,
        _ => text.to_owned(),
    };
    let said: String = said.chars().take(4 * MAX_SHOWN).filter(|it| !is_invisible(*it)).collect();
    let said = said.split_whitespace().collect::<Vec<_>>().join(" ");
    Some(short(&said, MAX_SHOWN)).filter(|said| !is_blank(said))
}

/// Reads what stands at the end of these steps, with its digits, in one pass: however many steps there are.
struct At<'s>(&'s [String]);

impl<'de> DeserializeSeed<'de> for At<'_> {
    type Value = Option<&'de RawValue>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        if self.0.is_empty() {
            return <&RawValue>::deserialize(deserializer).map(Some);
        }
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for At<'_> {
    type Value = Option<&'de RawValue>;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("an object or a list")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let Some((step, rest)) = self.0.split_first() else { return Ok(None) };
        let mut found = None;
        while let Some(key) = map.next_key::<Cow<'_, str>>()? {
            if key == step.as_str() {
                found = map.next_value_seed(At(rest))?;
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(found)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
        let Some((step, rest)) = self.0.split_first() else { return Ok(None) };
        let index = step.parse::<usize>().ok();
        let mut found = None;
        let mut at = 0;
        loop {
            let more = if index == Some(at) {
                list.next_element_seed(At(rest))?.map(|it| found = it).is_some()
            } else {
                list.next_element::<IgnoredAny>()?.is_some()
            };
            if !more {
                return Ok(found);
            }
            at += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(paths: &[&str]) -> Option<String> {
        let output = r#"{"invoice_number": "RE-7", "seller": {"name": " Nord\u200bwerk ", "a.b": 3}, "total": 12.50, "none": null,
            "blank": "  ", "lines": [{"amount": 1e2}], "data": {"x": "nested"}, "is_paid": false}"#;
        let output = JsonText::parse(output.into()).unwrap();
        shown(&output, &paths.iter().map(|path| (*path).to_owned()).collect::<Vec<_>>())
    }

    #[test]
    fn what_is_there_and_says_something_names_a_review() {
        assert_eq!(of(&["invoice_number", "seller.name", "total"]).unwrap(), "RE-7 · Nordwerk · 12.50");
        assert_eq!(of(&["$.seller.name", "data.total", "/seller/a.b"]).unwrap(), "Nordwerk · 12.50 · 3");
        assert_eq!(of(&["lines[0].amount", "is_paid"]).unwrap(), "1e2 · false");
        for nothing in [&[][..], &["none"], &["blank", "seller", "lines"], &["lines[7].amount"], &["total.x"]]
        {
            assert_eq!(of(nothing), None, "{nothing:?}");
        }
    }

    #[test]
    fn a_long_value_is_cut() {
        let output = JsonText::parse(format!(r#"{{"a": "{}"}}"#, "x".repeat(5000))).unwrap();
        let shown = shown(&output, &vec!["a".to_owned(); 9]).unwrap();
        assert!(shown.chars().count() <= 5 * (MAX_SHOWN + 4), "{}", shown.len());
    }
}
