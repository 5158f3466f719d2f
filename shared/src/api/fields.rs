//! Strict reading of JSON objects: every fault is reported, all at once, each with its place.
//!
//! Why not serde's derive, or `deserr` over a parsed value: the one stops at the first fault, the other has already
//! re-rendered the snapshot's numbers. Here each field is its raw text until somebody asks for it.

use super::Error;
use crate::review::Rev;
use schemars::JsonSchema;
use serde::Serialize;
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;
use std::collections::HashSet;

/// One thing wrong with a request (contract: `details.errors`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct FieldError {
    /// Where: `path`, `query`, `header` or `body`, then the names below it.
    pub loc: Vec<String>,
    /// What kind of fault.
    pub code: &'static str,
    /// What a person should do about it.
    pub message: String,
}

/// What is wrong with one value, before its place is known.
#[derive(Debug)]
pub struct ValueError {
    /// What kind of fault.
    pub code: &'static str,
    /// What a person should do about it.
    pub message: String,
}

impl ValueError {
    /// A fault of a value.
    pub fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self { code, message: message.into() }
    }
}

/// All faults of one request. Beyond [`FieldErrors::LIMIT`] they are only counted.
#[derive(Debug, Default)]
pub struct FieldErrors {
    pub(super) listed: Vec<FieldError>,
    pub(super) omitted: usize,
}

impl FieldErrors {
    /// How many are listed at most: a body can have more faults than an answer has room.
    pub const LIMIT: usize = 100;

    /// None so far.
    pub fn new() -> Self {
        Self::default()
    }

    /// One more.
    pub fn add<'a>(&mut self, loc: impl IntoIterator<Item = &'a str>, code: &'static str, message: String) {
        if self.listed.len() == Self::LIMIT {
            self.omitted += 1;
            return;
        }
        // A name that is itself a document is no help to anybody.
        let loc = loc.into_iter().map(|name| name.chars().take(128).collect()).collect();
        self.listed.push(FieldError { loc, code, message });
    }

    /// Those that are listed.
    pub fn listed(&self) -> &[FieldError] {
        &self.listed
    }

    /// What was parsed, if there was no fault; what is `None` has left one.
    pub fn finish<T>(self, parsed: Option<T>) -> Result<T, Error> {
        match parsed {
            Some(parsed) if self.listed.is_empty() => Ok(parsed),
            _ => Err(Error::Invalid(self)),
        }
    }
}

/// The fields of a JSON object that nobody has asked for yet.
pub struct Fields<'a> {
    loc: Vec<String>,
    entries: Vec<(String, &'a RawValue)>,
    /// What was asked for: the fields there are.
    known: Vec<String>,
}

impl<'a> Fields<'a> {
    pub(super) fn new(loc: &[&str], object: RawObject<'a>, faults: &mut FieldErrors) -> Self {
        let loc: Vec<String> = loc.iter().map(|part| (*part).to_owned()).collect();
        let mut fields = Self { loc, entries: Vec::with_capacity(object.0.len()), known: Vec::new() };
        let mut seen = HashSet::with_capacity(object.0.len());
        for (name, value) in object.0 {
            if seen.insert(name.clone()) {
                fields.entries.push((name, value));
            } else {
                fields.fault(faults, &name, ValueError::new("duplicate_field", "is given more than once"));
            }
        }
        fields
    }

    /// A field that must be there.
    pub fn required<T>(
        &mut self,
        name: &str,
        faults: &mut FieldErrors,
        parse: impl FnOnce(&'a RawValue) -> Result<T, ValueError>,
    ) -> Option<T> {
        if let Some(value) = self.take(name) {
            self.parsed(name, faults, parse(value))
        } else {
            self.fault(faults, name, ValueError::new("missing", format!("{name} is required")));
            None
        }
    }

    /// A field that may be left out or null: `Some(None)`. `None` when it is there and wrong.
    pub fn optional<T>(
        &mut self,
        name: &str,
        faults: &mut FieldErrors,
        parse: impl FnOnce(&'a RawValue) -> Result<T, ValueError>,
    ) -> Option<Option<T>> {
        match self.take(name) {
            Some(value) if value.get() != "null" => self.parsed(name, faults, parse(value)).map(Some),
            _ => Some(None),
        }
    }

    /// `version_stamp`: the `rev` the caller last saw (seed: required, an integer from 0).
    pub fn version_stamp(&mut self, faults: &mut FieldErrors) -> Option<Rev> {
        let stamp = self.required("version_stamp", faults, super::integer(0..=i64::MAX))?;
        u64::try_from(stamp).ok().map(Rev)
    }

    /// The fields of an object inside this one that may be left out.
    pub fn optional_object(&mut self, name: &str, faults: &mut FieldErrors) -> Option<Option<Fields<'a>>> {
        let object: RawObject<'a> = match self.optional(name, faults, super::parse::raw_object)? {
            Some(object) => object,
            None => return Some(None),
        };
        let loc: Vec<&str> = self.loc.iter().map(String::as_str).chain([name]).collect();
        Some(Some(Fields::new(&loc, object, faults)))
    }

    /// Reports every field that nobody asked for.
    pub fn finish(self, faults: &mut FieldErrors) {
        let Some(((first, _), others)) = self.entries.split_first() else { return };
        // The list of fields is said once: a body may have many names that are none.
        let known = format!("is not a field here; the fields are {}", self.known.join(", "));
        self.fault(faults, first, ValueError::new("unknown_field", known));
        for (name, _) in others {
            self.fault(faults, name, ValueError::new("unknown_field", "is not a field here"));
        }
    }

    fn take(&mut self, name: &str) -> Option<&'a RawValue> {
        if !self.known.iter().any(|known| known == name) {
            self.known.push(name.to_owned());
        }
        let index = self.entries.iter().position(|(entry, _)| entry == name)?;
        Some(self.entries.swap_remove(index).1)
    }

    fn parsed<T>(&self, name: &str, faults: &mut FieldErrors, result: Result<T, ValueError>) -> Option<T> {
        result.map_err(|wrong| self.fault(faults, name, wrong)).ok()
    }

    fn fault(&self, faults: &mut FieldErrors, name: &str, wrong: ValueError) {
        faults.add(self.loc.iter().map(String::as_str).chain([name]), wrong.code, wrong.message);
    }
}

/// A JSON object's fields in their order, duplicates included, each as its own text.
pub struct RawObject<'a>(pub Vec<(String, &'a RawValue)>);

impl<'de: 'a, 'a> Deserialize<'de> for RawObject<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Entries;
        impl<'de> Visitor<'de> for Entries {
            type Value = RawObject<'de>;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a JSON object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut entries = Vec::new();
                while let Some(entry) = map.next_entry()? {
                    entries.push(entry);
                }
                Ok(RawObject(entries))
            }
        }
        deserializer.deserialize_map(Entries)
    }
}
