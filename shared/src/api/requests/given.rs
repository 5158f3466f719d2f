//! One value as it was given: JSON text from a body, plain text from a query, or a default.

use super::declare::Literal;
use super::json::{type_name, wrong_type};
use crate::api::errors::ValueError;
use serde_json::value::RawValue;
use std::borrow::Cow;

/// A value before it is parsed.
#[derive(Clone, Debug)]
pub enum Given<'a> {
    /// A field of a body.
    Json(&'a RawValue),
    /// A parameter of a query, decoded.
    Text(Cow<'a, str>),
    /// Nothing was given, and the declaration has a default.
    Default(Literal),
}

impl<'a> Given<'a> {
    /// Whether it is JSON's null.
    pub(super) fn is_null(&self) -> bool {
        matches!(self, Self::Json(value) if value.get() == "null")
    }

    /// An integer. In JSON, `1.0` and `1e2` are none: what is not written as an integer was not meant as one.
    pub(super) fn integer(&self, min: i64, max: i64) -> Result<i64, ValueError> {
        let number = match self {
            Self::Json(value) if type_name(value) != "a number" => {
                return Err(wrong_type("an integer", value));
            }
            Self::Json(value) if value.get().contains(['.', 'e', 'E']) => {
                let message = "must be an integer, without fraction or exponent";
                return Err(ValueError::new("wrong_type", message));
            }
            Self::Json(value) => value.get().parse().ok(),
            Self::Text(text) => {
                let number = text.parse().ok().filter(|number: &i64| number.to_string() == **text);
                Some(number.ok_or_else(|| ValueError::new("wrong_type", "must be an integer"))?)
            }
            Self::Default(Literal::Integer(number)) => Some(*number),
            Self::Default(_) => None,
        };
        let within = number.filter(|number| (min..=max).contains(number));
        within.ok_or_else(|| ValueError::new("out_of_range", format!("must be from {min} to {max}")))
    }

    /// A number from 0 to 1, written in any of JSON's ways.
    pub(super) fn fraction(&self) -> Result<f64, ValueError> {
        let value = self.json()?;
        if type_name(value) != "a number" {
            return Err(wrong_type("a number", value));
        }
        let number = value.get().parse().ok().filter(|number: &f64| (0.0..=1.0).contains(number));
        number.ok_or_else(|| ValueError::new("out_of_range", "must be from 0 to 1"))
    }

    /// A number from 0 to 100, written in any of JSON's ways.
    pub(super) fn percent(&self) -> Result<f64, ValueError> {
        let value = self.json()?;
        if type_name(value) != "a number" {
            return Err(wrong_type("a number", value));
        }
        let number = value.get().parse().ok().filter(|number: &f64| (0.0..=100.0).contains(number));
        number.ok_or_else(|| ValueError::new("out_of_range", "must be from 0 to 100"))
    }

    /// `true` or `false`.
    pub(super) fn boolean(&self) -> Result<bool, ValueError> {
        let text = match self {
            Self::Json(value) => value.get(),
            Self::Text(text) => text,
            Self::Default(literal) => return Ok(*literal == Literal::Boolean(true)),
        };
        match text {
            "true" => Ok(true),
            "false" => Ok(false),
            _ => Err(ValueError::new("wrong_type", "must be true or false")),
        }
    }

    /// A string.
    pub(super) fn text(&self) -> Result<Cow<'_, str>, ValueError> {
        match self {
            Self::Json(value) if type_name(value) != "a string" => Err(wrong_type("a string", value)),
            Self::Json(value) => serde_json::from_str::<String>(value.get())
                .map(Cow::Owned)
                .map_err(|_| ValueError::new("invalid_value", "is not a valid Unicode string")),
            Self::Text(text) => Ok(Cow::Borrowed(text)),
            Self::Default(Literal::Word(word)) => Ok(Cow::Borrowed(word)),
            Self::Default(_) => Ok(Cow::Borrowed("")),
        }
    }

    /// JSON, which only a body holds.
    pub(super) fn json(&self) -> Result<&'a RawValue, ValueError> {
        match self {
            Self::Json(value) => Ok(value),
            Self::Text(_) | Self::Default(_) => Err(ValueError::new("wrong_type", "must be JSON")),
        }
    }
}
