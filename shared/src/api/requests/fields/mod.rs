//! Strict reading of declared fields: every error is reported, all at once, each with its place.
//!
//! docs/decisions/body-parsing.md says why this is no library: a field stays its raw text until it is read, so that a snapshot keeps
//! its digits.

mod nested;

pub use nested::List;

use crate::api::errors::{FieldErrors, ValueError};
use crate::api::requests::declare::{Field, FieldSpec, OfOthers, Presence, Shape, Variant};
use crate::api::requests::given::Given;
use crate::api::requests::json::RawObject;
use crate::api::requests::values::FieldValue;
use crate::review::FromWord;
use std::borrow::Cow;
use std::collections::HashSet;

/// The fields of a body, of an object in it, or of a query, that have not been read yet.
pub struct Fields<'a, 'e> {
    loc: Vec<Cow<'static, str>>,
    entries: Vec<(String, Given<'a>)>,
    shape: Shape,
    chosen: Chosen,
    read: Vec<&'static str>,
    errors: &'e mut FieldErrors,
}

/// Which variant of an object it is.
#[derive(Clone, Copy)]
enum Chosen {
    /// Its tag has not been read, or is wrong: which fields belong there is unknown.
    None,
    /// This one.
    One(&'static Variant),
    /// Its tag is wrong, and what is there of any variant was checked.
    Any,
}

impl<'a, 'e> Fields<'a, 'e> {
    /// Of a JSON object at `loc`.
    pub(super) fn of_json(
        loc: Vec<Cow<'static, str>>,
        object: RawObject<'a>,
        shape: Shape,
        errors: &'e mut FieldErrors,
    ) -> Self {
        let entries = object.0.into_iter().map(|(name, value)| (name, Given::Json(value)));
        Self::new(loc, entries, shape, errors)
    }

    /// Of a query. What comes twice is an error.
    pub(super) fn new(
        loc: Vec<Cow<'static, str>>,
        entries: impl Iterator<Item = (String, Given<'a>)>,
        shape: Shape,
        errors: &'e mut FieldErrors,
    ) -> Self {
        let mut fields =
            Self { loc, entries: Vec::new(), shape, chosen: Chosen::None, read: Vec::new(), errors };
        let mut seen = HashSet::new();
        for (name, given) in entries {
            if seen.insert(name.clone()) {
                fields.entries.push((name, given));
            } else {
                fields.error(&name, ValueError::new("duplicate_field", "is given more than once"));
            }
        }
        fields
    }

    /// Reads a field: its value, its default, or nothing. `None` after an error.
    pub fn read<T: FieldValue>(&mut self, field: &Field<T>) -> Option<T> {
        self.read_then(field, Ok)
    }

    /// As [`Fields::read`], and checks the value further, or turns it into another.
    pub fn read_then<T: FieldValue, U>(
        &mut self,
        field: &Field<T>,
        then: impl FnOnce(T) -> Result<U, ValueError>,
    ) -> Option<U> {
        let spec = &field.spec;
        let value = match (self.take(spec), spec.presence) {
            (Some(given), _) => T::parse(&spec.kind, &given),
            (None, Presence::Default(literal)) => T::parse(&spec.kind, &Given::Default(literal)),
            (None, Presence::Optional) => T::absent().ok_or_else(|| missing(spec)),
            (None, Presence::Required) => Err(missing(spec)),
        };
        self.reported(spec.name, value.and_then(then))
    }

    /// Reads the field that names the variant. From then on the fields are that variant's.
    pub fn choose<T: FromWord>(&mut self, tag: &Field<T>) -> Option<T> {
        let spec = &tag.spec;
        let Some(given) = self.take(spec) else { return self.reported(spec.name, Err(missing(spec))) };
        let value = T::parse(&spec.kind, &given);
        if let (Ok(_), Ok(text), Shape::Variants { variants, .. }) = (&value, given.text(), self.shape) {
            let variant = variants.iter().find(|variant| variant.word.text == text);
            self.chosen = variant.map_or(Chosen::None, Chosen::One);
        }
        self.reported(spec.name, value)
    }

    /// Without a variant it is unknown what is required, but what is there is checked all the same.
    pub fn check_the_rest(&mut self) {
        let Shape::Variants { variants, .. } = self.shape else { return };
        self.chosen = Chosen::Any;
        for spec in variants.iter().flat_map(|variant| variant.fields) {
            if self.read.contains(&spec.name) {
                continue;
            }
            let optional = FieldSpec { presence: Presence::Optional, ..*spec };
            if let Some(given) = self.take(&optional) {
                let checked = spec.kind.check(&given);
                self.reported(spec.name, checked);
            }
        }
    }

    /// Leaves what has not been read: what is wrong is all of it, and has been said.
    pub fn leave_the_rest(&mut self) {
        self.read = self.declared();
        self.entries.clear();
    }

    /// Adds an error about one of these fields.
    pub fn reject(&mut self, name: &str, code: &'static str, message: impl Into<String>) {
        self.error(name, ValueError::new(code, message));
    }

    /// All errors of the request so far.
    pub const fn errors(&mut self) -> &mut FieldErrors {
        self.errors
    }

    /// Reports every field that is not declared. In builds with debug assertions it panics where a declared field has not been read.
    pub(super) fn finish(mut self) {
        if matches!((self.shape, self.chosen), (Shape::Variants { .. }, Chosen::None)) {
            return;
        }
        let declared = self.declared();
        for name in &declared {
            debug_assert!(self.read.contains(name), "{name} is declared and never read");
        }
        let mut known = Some(declared.join(", "));
        for (name, given) in std::mem::take(&mut self.entries) {
            if self.is_of_another_variant(&name) {
                if !given.is_null() {
                    self.error(&name, ValueError::new("not_allowed", self.not_here()));
                }
                continue;
            }
            // The list of fields is given once: a body may have many unknown names.
            let message = known.take().map_or_else(
                || format!("is {}", self.no_field()),
                |known| format!("is {}; {}", self.no_field(), self.there_are(&known)),
            );
            self.error(&name, ValueError::new("unknown_field", message));
        }
    }

    fn is_query(&self) -> bool {
        self.loc.first().is_some_and(|place| place == "query")
    }

    fn no_field(&self) -> &'static str {
        if self.is_query() { "not a query parameter of this call" } else { "not a field here" }
    }

    fn there_are(&self, known: &str) -> String {
        match (self.is_query(), known) {
            (_, "") => "there are none".into(),
            (true, known) => format!("it takes {known}"),
            (false, known) => format!("the fields are {known}"),
        }
    }

    fn not_here(&self) -> String {
        match self.shape {
            Shape::Variants { tag, .. } => format!("is not allowed with this {}", tag.name),
            Shape::Fields(_) => "is not allowed here".into(),
        }
    }

    /// The names of the fields that there can be.
    fn declared(&self) -> Vec<&'static str> {
        let names = |specs: &'static [FieldSpec]| specs.iter().map(|spec| spec.name);
        match (self.shape, self.chosen) {
            (Shape::Fields(specs), _) => names(specs).collect(),
            (Shape::Variants { tag, .. }, Chosen::One(variant)) => {
                [tag.name].into_iter().chain(names(variant.fields)).collect()
            }
            (Shape::Variants { tag, variants, .. }, _) => {
                let mut all = vec![tag.name];
                for name in variants.iter().flat_map(|variant| names(variant.fields)) {
                    if !all.contains(&name) {
                        all.push(name);
                    }
                }
                all
            }
        }
    }

    fn is_of_another_variant(&self, name: &str) -> bool {
        match self.shape {
            Shape::Variants { variants, of_others: OfOthers::NotAllowed, .. } => {
                variants.iter().flat_map(|variant| variant.fields).any(|spec| spec.name == name)
            }
            _ => false,
        }
    }

    /// Takes what was given for a field; a field that may be absent may be null.
    fn take(&mut self, spec: &FieldSpec) -> Option<Given<'a>> {
        debug_assert!(self.is_declared(spec), "{} is read and not declared", spec.name);
        self.read.push(spec.name);
        let index = self.entries.iter().position(|(entry, _)| entry == spec.name)?;
        let given = self.entries.remove(index).1;
        (spec.presence == Presence::Required || !given.is_null()).then_some(given)
    }

    /// Whether a field is declared just so; in [`Fields::check_the_rest`], whatever its presence.
    fn is_declared(&self, spec: &FieldSpec) -> bool {
        match (self.shape, self.chosen) {
            (Shape::Fields(specs), _) => specs.contains(spec),
            (Shape::Variants { tag, .. }, _) if tag == *spec => true,
            (Shape::Variants { .. }, Chosen::One(variant)) => variant.fields.contains(spec),
            (Shape::Variants { variants, .. }, _) => {
                variants.iter().flat_map(|variant| variant.fields).any(|other| other.name == spec.name)
            }
        }
    }

    fn reported<T>(&mut self, name: &str, result: Result<T, ValueError>) -> Option<T> {
        result.map_err(|error| self.error(name, error)).ok()
    }

    fn error(&mut self, name: &str, error: ValueError) {
        self.errors.add(self.loc.iter().map(AsRef::as_ref).chain([name]), error.code, error.message);
    }
}

fn missing(spec: &FieldSpec) -> ValueError {
    ValueError::new("missing", format!("{} is required", spec.name))
}
