//! From a value as it was given to a valid one, or to what is wrong with it. The bounds come from the declaration.

use super::declare::{Holds, holds};
use super::given::Given;
use super::json;
use super::kinds::{Content, JsonLimits, Kind};
use crate::api::errors::ValueError;
use crate::review::{
    ActorId, BlockId, CommandId, DocumentId, FromWord, GroupId, HashedJson, JsonText, Priority, Rev, RunId,
    Seq, TtlSeconds, UploadId, Word, WorkflowId, WorkflowVersionId, file_name_fault, is_blank,
    is_bucket_name, is_media_type, is_pointer,
};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

/// A type that fields are parsed to.
pub trait FieldValue: Sized {
    /// Parses what was given for a field of that kind.
    fn parse(kind: &Kind, given: &Given<'_>) -> Result<Self, ValueError>;

    /// Its value where the field is absent, if it can be.
    fn absent() -> Option<Self> {
        None
    }
}

impl<T: FieldValue> FieldValue for Option<T> {
    fn parse(kind: &Kind, given: &Given<'_>) -> Result<Self, ValueError> {
        T::parse(kind, given).map(Some)
    }

    fn absent() -> Option<Self> {
        Some(None)
    }
}

/// An integer within the bounds of its kind.
fn integer(kind: &Kind, given: &Given<'_>) -> Result<i64, ValueError> {
    match kind {
        Kind::Integer { min, max } => given.integer(*min, *max),
        _ => given.integer(i64::MIN, i64::MAX),
    }
}

macro_rules! integers {
    ($($name:ty: $convert:expr),+ $(,)?) => {$(
        impl FieldValue for $name {
            fn parse(kind: &Kind, given: &Given<'_>) -> Result<Self, ValueError> {
                let number = integer(kind, given)?;
                // The declared bounds are within those of the type.
                ($convert)(number).ok_or_else(|| ValueError::new("out_of_range", "is out of range"))
            }
        }
    )+};
}

integers! {
    Rev: |number| u64::try_from(number).ok().map(Rev),
    Seq: |number| u32::try_from(number).ok().map(Seq),
    Priority: |number| i32::try_from(number).ok().map(Priority),
    TtlSeconds: TtlSeconds::parse,
    u32: |number| u32::try_from(number).ok(),
    usize: |number| usize::try_from(number).ok(),
}

impl FieldValue for bool {
    fn parse(_: &Kind, given: &Given<'_>) -> Result<Self, ValueError> {
        given.boolean()
    }
}

impl FieldValue for f64 {
    fn parse(_: &Kind, given: &Given<'_>) -> Result<Self, ValueError> {
        given.fraction()
    }
}

/// A number with the digits that it was written with.
pub struct ExactNumber(pub String);

impl FieldValue for ExactNumber {
    fn parse(kind: &Kind, given: &Given<'_>) -> Result<Self, ValueError> {
        // Longer ones are no more exact.
        const MAX_DIGITS: usize = 40;
        match kind {
            Kind::Percent => given.percent()?,
            _ => given.fraction()?,
        };
        let text = given.json()?.get();
        if text.len() > MAX_DIGITS {
            return Err(ValueError::new(
                "out_of_range",
                format!("must be written with at most {MAX_DIGITS} characters"),
            ));
        }
        // Rounded to a double it may be within the bounds, and not be.
        Ok(Self(text.to_owned()))
    }
}

impl FieldValue for Vec<String> {
    fn parse(kind: &Kind, given: &Given<'_>) -> Result<Self, ValueError> {
        let Kind::Texts { min, max, max_length } = kind else {
            return Err(ValueError::new("invalid_value", "is no list"));
        };
        let items = json::list(given.json()?, *min, *max)?;
        let mut texts = Self::with_capacity(items.len());
        for item in items {
            let text: String = serde_json::from_str(item.get())
                .map_err(|_| ValueError::new("wrong_type", "must be a list of strings"))?;
            if !(1..=*max_length).contains(&text.chars().count()) {
                let message = format!("must have strings of 1 to {max_length} characters");
                return Err(ValueError::new("out_of_range", message));
            }
            texts.push(text);
        }
        Ok(texts)
    }
}

impl FieldValue for Vec<u32> {
    fn parse(kind: &Kind, given: &Given<'_>) -> Result<Self, ValueError> {
        let Kind::Integers { max_items, min, max } = kind else {
            return Err(ValueError::new("invalid_value", "is no list"));
        };
        let items = json::list(given.json()?, 1, *max_items)?.into_iter();
        let parse = |item| {
            let number = Given::Json(item).integer(*min, *max)?;
            u32::try_from(number).map_err(|_| ValueError::new("out_of_range", "is out of range"))
        };
        items.map(parse).collect()
    }
}

/// Any value, as the text that came.
impl FieldValue for JsonText {
    fn parse(kind: &Kind, given: &Given<'_>) -> Result<Self, ValueError> {
        let value = given.json()?;
        let Kind::Value { max_bytes } = kind else { return Ok(value.into()) };
        if value.get() == "null" {
            return Err(ValueError::new("wrong_type", "must not be null"));
        }
        if value.get().len() > *max_bytes {
            return Err(ValueError::new(
                "out_of_range",
                format!("must be at most {max_bytes} bytes of JSON"),
            ));
        }
        Ok(value.into())
    }
}

macro_rules! identifiers {
    ($($name:ident),+ $(,)?) => {$(
        impl FieldValue for $name {
            fn parse(_: &Kind, given: &Given<'_>) -> Result<Self, ValueError> {
                Self::parse(&given.text()?)
                    .map_err(|error| ValueError::new("invalid_identifier", error.to_string()))
            }
        }
    )+};
}

/// A list of identifiers, as `parse` reads one.
fn identifier_list<T: PartialEq, E: std::fmt::Display>(
    kind: &Kind,
    given: &Given<'_>,
    parse: fn(&str) -> Result<T, E>,
) -> Result<Vec<T>, ValueError> {
    let Kind::Identifiers { max, .. } = kind else {
        return Err(ValueError::new("invalid_value", "is no list"));
    };
    let items = json::list(given.json()?, 0, *max)?;
    let mut list = Vec::with_capacity(items.len());
    for item in items {
        let text: String = serde_json::from_str(item.get())
            .map_err(|_| ValueError::new("wrong_type", "must be a list of strings"))?;
        let one = parse(&text).map_err(|error| ValueError::new("invalid_identifier", format!("{error}")))?;
        if list.contains(&one) {
            return Err(ValueError::new("duplicate_field", "must name each one once"));
        }
        list.push(one);
    }
    Ok(list)
}

macro_rules! identifier_lists {
    ($($name:ident),+ $(,)?) => {$(
        impl FieldValue for Vec<$name> {
            fn parse(kind: &Kind, given: &Given<'_>) -> Result<Self, ValueError> {
                identifier_list(kind, given, $name::parse)
            }
        }
    )+};
}

identifier_lists!(ActorId, GroupId, WorkflowId);

identifiers!(
    ActorId,
    BlockId,
    CommandId,
    DocumentId,
    GroupId,
    RunId,
    UploadId,
    WorkflowId,
    WorkflowVersionId
);

impl FieldValue for String {
    fn parse(kind: &Kind, given: &Given<'_>) -> Result<Self, ValueError> {
        let Kind::Text { min, max, content } = kind else { return Ok(given.text()?.into_owned()) };
        let text = given.text()?;
        if !(*min..=*max).contains(&text.chars().count()) {
            return Err(ValueError::new("out_of_range", format!("must be {min} to {max} characters long")));
        }
        if matches!(content, Content::NotBlank | Content::Name) && is_blank(&text) {
            return Err(ValueError::new("invalid_value", "must not be blank"));
        }
        if *content == Content::Name && text.chars().any(char::is_control) {
            return Err(ValueError::new("invalid_value", "must not contain control characters"));
        }
        if let Some(fault) = content_fault(*content, &text) {
            return Err(ValueError::new("invalid_value", fault));
        }
        Ok(text.into_owned())
    }
}

/// Why a text is not what it should hold in particular, if it is not.
fn content_fault(content: Content, text: &str) -> Option<&'static str> {
    let unless = |is_one: bool, fault| (!is_one).then_some(fault);
    match content {
        Content::FileName => file_name_fault(text),
        Content::MediaType => unless(
            is_media_type(text),
            "must be a media type in lower case without parameters, such as application/pdf",
        ),
        Content::Sha256 => unless(
            text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')),
            "must be the SHA-256 in hexadecimal and lower case",
        ),
        Content::BucketName => unless(is_bucket_name(text), "must be the name of an S3 bucket"),
        Content::JsonPointer => {
            unless(is_pointer(text), "must be a JSON Pointer (RFC 6901), such as /lines/0/total")
        }
        Content::Any
        | Content::NotBlank
        | Content::Name
        | Content::Url
        | Content::Pattern(_)
        | Content::SigningSecret => None,
    }
}

/// A secret that signs the calls that we make: `whsec_` and the base64 of 24 to 64 bytes (Standard Webhooks).
pub struct SigningSecret(pub String);

/// A field that holds a [`SigningSecret`].
pub const fn signing_secret() -> Holds<SigningSecret> {
    holds(Kind::Text { min: 1, max: 200, content: Content::SigningSecret })
}

impl FieldValue for SigningSecret {
    fn parse(kind: &Kind, given: &Given<'_>) -> Result<Self, ValueError> {
        let text = String::parse(kind, given)?;
        let bytes = text.strip_prefix("whsec_").and_then(|secret| STANDARD.decode(secret).ok());
        if bytes.is_some_and(|bytes| (24..=64).contains(&bytes.len())) {
            Ok(Self(text))
        } else {
            Err(ValueError::new("invalid_value", "must be whsec_ and the base64 of 24 to 64 bytes"))
        }
    }
}

/// The words of a kind, as an error lists them.
fn list(words: &[Word]) -> String {
    words.iter().map(|word| word.text).collect::<Vec<_>>().join(", ")
}

fn one_word<T: FromWord>(words: &[Word], text: &str) -> Option<T> {
    words.iter().any(|word| word.text == text).then(|| T::from_word(text)).flatten()
}

impl<T: FromWord> FieldValue for T {
    fn parse(kind: &Kind, given: &Given<'_>) -> Result<Self, ValueError> {
        let Kind::Word(words) = kind else { return Err(ValueError::new("invalid_value", "is not a word")) };
        one_word(words, &given.text()?)
            .ok_or_else(|| ValueError::new("invalid_value", format!("must be one of {}", list(words))))
    }
}

impl<T: FromWord> FieldValue for Vec<T> {
    fn parse(kind: &Kind, given: &Given<'_>) -> Result<Self, ValueError> {
        let Kind::Words { words, min } = kind else {
            return Err(ValueError::new("invalid_value", "is no list"));
        };
        let texts: Vec<String> = serde_json::from_str(given.json()?.get())
            .map_err(|_| ValueError::new("wrong_type", "must be a list of strings"))?;
        if texts.len() < *min {
            return Err(ValueError::new("out_of_range", "must not be empty; leave it out for all"));
        }
        let mut values = Self::with_capacity(texts.len());
        for (index, text) in texts.iter().enumerate() {
            let value = one_word(words, text).ok_or_else(|| {
                ValueError::new("invalid_value", format!("must be some of {}", list(words)))
            })?;
            if texts[..index].contains(text) {
                return Err(ValueError::new("duplicate_field", "must name each one once"));
            }
            values.push(value);
        }
        Ok(values)
    }
}

/// The text as it came, with its canonical hash. An object that has no canonical form is refused.
impl FieldValue for HashedJson {
    fn parse(kind: &Kind, given: &Given<'_>) -> Result<Self, ValueError> {
        let value = given.json()?;
        json::object(value)?;
        let object = Self::try_from(JsonText::from(value))
            .map_err(|error| ValueError::new("invalid_value", error.to_string()))?;
        let Kind::Json(JsonLimits { max_bytes, text_field }) = kind else { return Ok(object) };
        if let Some(limit) = max_bytes.filter(|limit| object.text.as_str().len() > *limit) {
            return Err(ValueError::new("out_of_range", format!("must be at most {limit} bytes of JSON")));
        }
        if let Some((name, _)) = text_field.filter(|(name, _)| !object.text.has_text(name)) {
            return Err(ValueError::new("invalid_value", format!("must have a `{name}` that is a string")));
        }
        Ok(object)
    }
}

impl Kind {
    /// What is wrong with a value of this kind, whatever type it is parsed to.
    pub(super) fn check(&self, given: &Given<'_>) -> Result<(), ValueError> {
        match self {
            Self::Integer { min, max } => given.integer(*min, *max).map(drop),
            Self::Boolean => given.boolean().map(drop),
            Self::Text { content: Content::SigningSecret, .. } => SigningSecret::parse(self, given).map(drop),
            Self::Text { .. } => String::parse(self, given).map(drop),
            Self::Fraction => given.fraction().map(drop),
            Self::Percent => given.percent().map(drop),
            Self::Texts { .. } => <Vec<String> as FieldValue>::parse(self, given).map(drop),
            Self::Integers { .. } => <Vec<u32> as FieldValue>::parse(self, given).map(drop),
            // The longest list there is, whatever its items are called.
            Self::Identifiers { .. } => <Vec<ActorId> as FieldValue>::parse(self, given).map(drop),
            Self::Value { .. } => <JsonText as FieldValue>::parse(self, given).map(drop),
            Self::Identifier { pattern, .. } if *pattern == ActorId::PATTERN => {
                <ActorId as FieldValue>::parse(self, given).map(drop)
            }
            Self::Identifier { max, .. } if *max == DocumentId::MAX_LENGTH => {
                <DocumentId as FieldValue>::parse(self, given).map(drop)
            }
            Self::Identifier { .. } => <RunId as FieldValue>::parse(self, given).map(drop),
            Self::Json(_) => HashedJson::parse(self, given).map(drop),
            Self::Object(_) | Self::Named { .. } => json::object(given.json()?).map(drop),
            Self::Word(words) => {
                let text = given.text()?;
                let is_one = words.iter().any(|word| word.text == text);
                let message = || format!("must be one of {}", list(words));
                is_one.then_some(()).ok_or_else(|| ValueError::new("invalid_value", message()))
            }
            Self::Objects { min, max, .. } => json::list(given.json()?, *min, *max).map(drop),
            Self::Words { .. } => given.json().map(drop),
        }
    }
}
