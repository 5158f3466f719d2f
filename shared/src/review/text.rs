//! JSON as the text that was received, and its canonical hash.

use serde::Serialize;
use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;
use sha2::{Digest, Sha256};
use std::collections::{HashMap, HashSet};

/// A JSON value as the text that was received: numbers to the last digit, keys in their order.
#[derive(Clone, Debug, Serialize)]
#[serde(transparent)]
pub struct JsonText(Box<RawValue>);

/// A JSON text with its hashes.
#[derive(Clone, Debug)]
pub struct HashedJson {
    /// The text.
    pub text: JsonText,
    /// Its canonical hash.
    pub hash: ContentHash,
    /// SHA-256 of the text without spacing. Unlike the canonical hash, it distinguishes numbers beyond a double's precision.
    pub digest: [u8; 32],
}

impl TryFrom<JsonText> for HashedJson {
    type Error = CanonicalError;

    fn try_from(text: JsonText) -> Result<Self, CanonicalError> {
        let hash = text.content_hash()?;
        let digest = text.digest();
        Ok(Self { text, hash, digest })
    }
}

impl HashedJson {
    /// Whether it is that text, apart from spacing.
    pub fn is_text(&self, text: &JsonText) -> bool {
        self.digest == text.digest()
    }
}

/// Why a JSON text has no canonical form, and so no hash.
#[derive(Debug, thiserror::Error)]
#[error("has no canonical form (RFC 8785): {0}")]
pub struct CanonicalError(#[from] serde_json::Error);

impl JsonText {
    /// Parses a stored text; fails when it is not one JSON value.
    pub fn parse(text: String) -> Result<Self, serde_json::Error> {
        RawValue::from_string(text).map(Self)
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        self.0.get()
    }

    /// The text, as a part of another one.
    pub(crate) const fn raw(&self) -> &RawValue {
        &self.0
    }

    /// Whether it is an object with a field of that name that is a string.
    pub fn has_text(&self, name: &str) -> bool {
        let object: Result<HashMap<String, &RawValue>, _> = serde_json::from_str(self.as_str());
        object.is_ok_and(|fields| fields.get(name).is_some_and(|value| value.get().starts_with('"')))
    }

    /// SHA-256 of the text without spacing.
    pub(crate) fn digest(&self) -> [u8; 32] {
        Sha256::digest(self.without_spacing()).into()
    }

    /// The text without white space between its tokens.
    fn without_spacing(&self) -> Vec<u8> {
        let (mut in_string, mut escaped) = (false, false);
        let keep = |byte: &u8| {
            let keep = in_string || !byte.is_ascii_whitespace();
            in_string ^= *byte == b'"' && !escaped;
            escaped = in_string && *byte == b'\\' && !escaped;
            keep
        };
        self.as_str().bytes().filter(keep).collect()
    }

    /// SHA-256 of the RFC 8785 canonical form.
    ///
    /// Fails on what that form cannot express: a number beyond IEEE 754 doubles, a lone surrogate, a duplicate key in an object,
    /// nesting deeper than 127 levels.
    pub fn content_hash(&self) -> Result<ContentHash, CanonicalError> {
        let _: DistinctKeys = serde_json::from_str(self.as_str())?;
        let value: serde_json::Value = serde_json::from_str(self.as_str())?;
        let canonical = serde_json_canonicalizer::to_vec(&value)?;
        Ok(ContentHash(Sha256::digest(canonical).into()))
    }
}

impl From<&RawValue> for JsonText {
    fn from(value: &RawValue) -> Self {
        Self(value.to_owned())
    }
}

impl PartialEq for JsonText {
    fn eq(&self, other: &Self) -> bool {
        self.as_str() == other.as_str()
    }
}

/// Any JSON value without duplicate keys in an object (I-JSON, RFC 7493, which RFC 8785 builds on).
struct DistinctKeys;

impl<'de> Deserialize<'de> for DistinctKeys {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Walk;
        impl<'de> Visitor<'de> for Walk {
            type Value = DistinctKeys;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a JSON value")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<DistinctKeys, A::Error> {
                let mut seen = HashSet::new();
                while let Some(key) = map.next_key::<String>()? {
                    if !seen.insert(key) {
                        return Err(A::Error::custom("a key comes twice in one object"));
                    }
                    map.next_value::<DistinctKeys>()?;
                }
                Ok(DistinctKeys)
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<DistinctKeys, A::Error> {
                while items.next_element::<DistinctKeys>()?.is_some() {}
                Ok(DistinctKeys)
            }

            fn visit_str<E>(self, _: &str) -> Result<DistinctKeys, E> {
                Ok(DistinctKeys)
            }

            fn visit_bool<E>(self, _: bool) -> Result<DistinctKeys, E> {
                Ok(DistinctKeys)
            }

            fn visit_i64<E>(self, _: i64) -> Result<DistinctKeys, E> {
                Ok(DistinctKeys)
            }

            fn visit_u64<E>(self, _: u64) -> Result<DistinctKeys, E> {
                Ok(DistinctKeys)
            }

            fn visit_f64<E>(self, _: f64) -> Result<DistinctKeys, E> {
                Ok(DistinctKeys)
            }

            fn visit_unit<E>(self) -> Result<DistinctKeys, E> {
                Ok(DistinctKeys)
            }
        }
        deserializer.deserialize_any(Walk)
    }
}

/// SHA-256 of a canonical form, written in hex (seed: `content_sha256`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ContentHash(pub [u8; 32]);

impl std::fmt::Display for ContentHash {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl Serialize for ContentHash {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

described!(JsonText, { "type": "object" });
described!(ContentHash, { "type": "string", "pattern": "^[0-9a-f]{64}$" });

#[cfg(test)]
mod tests {
    use super::*;

    fn hash(text: &str) -> Result<String, CanonicalError> {
        JsonText::parse(text.into()).unwrap().content_hash().map(|hash| hash.to_string())
    }

    #[test]
    fn the_hash_does_not_depend_on_order_spacing_or_number_spelling() {
        assert_eq!(hash(r#"{"b": 1.0, "a": "é"}"#).unwrap(), hash(r#"{"a":"\u00e9","b":1}"#).unwrap());
        // echo -n '{"a":1}' | sha256sum
        assert_eq!(
            hash(r#"{"a":1}"#).unwrap(),
            "015abd7f5cc57a2dd94b7590f04ad8084273905ee33ec5cebeae62276a97f862"
        );
    }

    #[test]
    fn what_has_no_canonical_form_has_no_hash() {
        assert!(hash(r#"{"a":1e400}"#).is_err());
        assert!(hash(r#"{"a":"\ud800"}"#).is_err());
        assert!(hash(r#"{"a":[{"b":1,"\u0062":2}]}"#).is_err());
        assert!(hash(&format!("{}{}", "[".repeat(200), "]".repeat(200))).is_err());
    }

    #[test]
    fn the_digest_tells_apart_all_but_spacing() {
        let digest = |text: &str| HashedJson::try_from(JsonText::parse(text.into()).unwrap()).unwrap().digest;
        assert_eq!(digest("{ \"a\" :\n[1, \"x \\\" y\"]}"), digest(r#"{"a":[1,"x \" y"]}"#));
        assert_ne!(digest(r#"{"a":9007199254740993}"#), digest(r#"{"a":9007199254740992}"#));
        assert_ne!(digest(r#"{"a":"x y"}"#), digest(r#"{"a":"xy"}"#));
        assert_ne!(digest(r#"{"a":"\\ "}"#), digest(r#"{"a":"\\"}"#));
        // Where a string ends, whatever its length and however many quotes are in it.
        assert_eq!(digest(r#"{ "ab" : ["\"", 1] }"#), digest(r#"{"ab":["\"",1]}"#));
        assert_ne!(digest(r#"["\" x"]"#), digest(r#"["\"x"]"#));
    }

    #[test]
    fn a_text_field_is_found_whatever_the_other_keys_are() {
        let has = |text: &str| JsonText::parse(text.into()).unwrap().has_text("kind");
        assert!(has(r#"{"f(\"x\")": 1, "k\u0069nd": "always"}"#));
        assert!(!has(r#"{"kind": 7}"#) && !has("[]"));
    }

    #[test]
    fn the_text_survives_to_the_last_digit() {
        let text = r#"{"z":12345678901234567890.123456789,  "a":-0.0}"#;
        assert_eq!(JsonText::parse(text.into()).unwrap().as_str(), text);
    }

    #[test]
    fn texts_are_the_same_to_the_letter_or_not_at_all() {
        let text = |text: &str| JsonText::parse(text.into()).unwrap();
        assert_eq!(text("[1]"), text("[1]"));
        assert_ne!(text("[1]"), text("[1.0]"));
    }
}
