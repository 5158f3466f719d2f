//! Declarations of what calls take. One value says it to the parser and to the API's description.
//!
//! A declaration is plain data, so that a Lambda binary carries no code of the description. A [`Field`] adds the type that it is
//! parsed to.

use super::kinds::{Content, JsonLimits, Kind};
use super::values::ExactNumber;
use crate::review::{HashedJson, Identifier, JsonText, Word};
use std::marker::PhantomData;
use std::ops::RangeInclusive;

/// Whether a field must be there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Presence {
    /// It must be there, and not null.
    Required,
    /// It may be absent or null.
    Optional,
    /// It may be absent or null, and is this then.
    Default(Literal),
}

/// The value of a field by default.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Literal {
    /// An integer.
    Integer(i64),
    /// A boolean.
    Boolean(bool),
    /// A word.
    Word(&'static str),
}

/// One field of a body, or one parameter of a query.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FieldSpec {
    /// Its name.
    pub name: &'static str,
    /// What it means, in a sentence.
    pub about: &'static str,
    /// What it holds.
    pub kind: Kind,
    /// Whether it must be there.
    pub presence: Presence,
}

/// A body, or an object inside one. It may refer to itself, so two are the same, and are shown, by their names.
pub struct Object {
    /// What its schema is called.
    pub name: &'static str,
    /// What it is, in a sentence.
    pub about: &'static str,
    /// Its fields.
    pub shape: Shape,
}

impl PartialEq for Object {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for Object {}

impl std::fmt::Debug for Object {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name)
    }
}

/// The fields of an object. There can be no others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// Always the same.
    Fields(&'static [FieldSpec]),
    /// Those of one variant, which a field names.
    Variants {
        /// The field that names the variant: a word.
        tag: FieldSpec,
        /// One for each word.
        variants: &'static [Variant],
        /// What is answered to a field of another variant.
        of_others: OfOthers,
    },
}

/// One variant of an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Variant {
    /// Its word.
    pub word: Word,
    /// Its fields, the tag aside.
    pub fields: &'static [FieldSpec],
}

/// The error code of a field that belongs to another variant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OfOthers {
    /// `not_allowed`, unless it is null.
    NotAllowed,
    /// `unknown_field`.
    Unknown,
}

/// A JSON body.
#[derive(Debug, PartialEq, Eq)]
pub struct Body {
    /// Its fields.
    pub object: Object,
    /// Largest body, in bytes.
    pub limit: usize,
}

impl Body {
    /// Largest body of a call that carries a snapshot, in bytes. Lambda's event can hold it, escaped, as long as at most one
    /// byte of six is a quotation mark, a backslash or a line break; beyond that the gateway refuses it, not we.
    pub const WITH_SNAPSHOT: usize = 5 * 1024 * 1024;
    /// Largest body of any other call, in bytes.
    pub const SMALL: usize = 64 * 1024;
}

/// A declared field and the type that it is parsed to: `T` where it is required or has a default, else `Option<T>`.
#[derive(Debug)]
pub struct Field<T> {
    /// The declaration.
    pub spec: FieldSpec,
    value: PhantomData<fn() -> T>,
}

impl<T> Clone for Field<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Field<T> {}

impl<T> Field<T> {
    /// A field that is required.
    pub const fn new(name: &'static str, about: &'static str, kind: Holds<T>) -> Self {
        let spec = FieldSpec { name, about, kind: kind.kind, presence: Presence::Required };
        Self { spec, value: PhantomData }
    }

    /// The same field, which may be absent.
    #[must_use]
    pub const fn optional(self) -> Field<Option<T>> {
        let spec = FieldSpec { presence: Presence::Optional, ..self.spec };
        Field { spec, value: PhantomData }
    }

    /// The same field, which has a value by default.
    #[must_use]
    pub const fn default(self, literal: Literal) -> Self {
        let spec = FieldSpec { presence: Presence::Default(literal), ..self.spec };
        Self { spec, value: PhantomData }
    }
}

/// A kind, and the type that it is parsed to.
#[derive(Debug)]
pub struct Holds<T> {
    kind: Kind,
    value: PhantomData<fn() -> T>,
}

impl<T> Clone for Holds<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Holds<T> {}

/// A kind, parsed to `T`.
pub(super) const fn holds<T>(kind: Kind) -> Holds<T> {
    Holds { kind, value: PhantomData }
}

/// An integer from a range.
pub const fn integer<T>(range: RangeInclusive<i64>) -> Holds<T> {
    holds(Kind::Integer { min: *range.start(), max: *range.end() })
}

/// `true` or `false`.
pub const fn boolean() -> Holds<bool> {
    holds(Kind::Boolean)
}

/// A string of so many characters.
pub const fn text(length: RangeInclusive<usize>) -> Holds<String> {
    text_of(length, Content::Any)
}

/// A string of so many characters that holds something in particular.
pub const fn text_of(length: RangeInclusive<usize>, content: Content) -> Holds<String> {
    holds(Kind::Text { min: *length.start(), max: *length.end(), content })
}

/// An identifier.
pub const fn identifier<T: Identifier>() -> Holds<T> {
    holds(Kind::Identifier { pattern: T::PATTERN, max: T::MAX_LENGTH })
}

/// A number from 0 to 1.
pub const fn fraction() -> Holds<f64> {
    holds(Kind::Fraction)
}

/// A number from 0 to 1, with the digits that it was written with.
pub const fn exact_fraction() -> Holds<ExactNumber> {
    holds(Kind::Fraction)
}

/// A number from 0 to 100, with the digits that it was written with.
pub const fn percent() -> Holds<ExactNumber> {
    holds(Kind::Percent)
}

/// A list of at most `max` strings of at most `max_length` characters.
pub const fn texts(max: usize, max_length: usize) -> Holds<Vec<String>> {
    holds(Kind::Texts { min: 1, max, max_length })
}

/// As [`texts`]; there may be none.
pub const fn texts_or_none(max: usize, max_length: usize) -> Holds<Vec<String>> {
    holds(Kind::Texts { min: 0, max, max_length })
}

/// A list of at most `max_items` integers from a range.
pub const fn integers(max_items: usize, range: RangeInclusive<i64>) -> Holds<Vec<u32>> {
    holds(Kind::Integers { max_items, min: *range.start(), max: *range.end() })
}

/// A list of at most `max` identifiers, each at most once. It may be empty.
pub const fn identifiers<T: Identifier>(max: usize) -> Holds<Vec<T>> {
    holds(Kind::Identifiers { pattern: T::PATTERN, max_length: T::MAX_LENGTH, max })
}

/// Any JSON value of at most so many bytes.
pub const fn json_value(max_bytes: usize) -> Holds<JsonText> {
    holds(Kind::Value { max_bytes })
}

/// One of some words.
pub const fn one_of<T>(words: &'static [Word]) -> Holds<T> {
    holds(Kind::Word(words))
}

/// A list of some words, at least one, each at most once.
pub const fn some_of<T>(words: &'static [Word]) -> Holds<Vec<T>> {
    holds(Kind::Words { words, min: 1 })
}

/// A list of some words or none, each at most once.
pub const fn any_of<T>(words: &'static [Word]) -> Holds<Vec<T>> {
    holds(Kind::Words { words, min: 0 })
}

/// Any JSON object.
pub const fn json_object() -> Holds<HashedJson> {
    limited_json_object(JsonLimits { max_bytes: None, text_field: None })
}

/// A JSON object of which more is required.
pub const fn limited_json_object(limits: JsonLimits) -> Holds<HashedJson> {
    holds(Kind::Json(limits))
}

/// What [`object`] holds: [`Fields::object`](super::Fields::object) reads it field by field.
#[derive(Debug)]
pub struct Nested;

/// An object with declared fields.
pub const fn object(object: &'static Object) -> Holds<Nested> {
    holds(Kind::Object(object))
}

/// What [`objects`] holds: [`Fields::list`](super::Fields::list) reads each, field by field.
#[derive(Debug)]
pub struct Listed;

/// What [`named_objects`] holds: [`Fields::named`](super::Fields::named) reads each, field by field.
#[derive(Debug)]
pub struct Named;

/// Objects with declared fields, at least one and at most so many, by identifiers of the client's or `*`.
pub const fn named_objects(object: &'static Object, max: usize) -> Holds<Named> {
    holds(Kind::Named { object, max })
}

/// A list of at most so many objects with declared fields.
pub const fn objects(object: &'static Object, max: usize) -> Holds<Listed> {
    holds(Kind::Objects { object, min: 0, max })
}

/// A list of at least one and at most so many objects with declared fields.
pub const fn some_objects(object: &'static Object, max: usize) -> Holds<Listed> {
    holds(Kind::Objects { object, min: 1, max })
}
