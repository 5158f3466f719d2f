//! Objects and lists inside what is read.

use super::{Fields, missing};
use crate::api::errors::{FieldErrors, ValueError};
use crate::api::requests::declare::{Field, FieldSpec, Listed, Named, Nested, Object};
use crate::api::requests::given::Given;
use crate::api::requests::json;
use crate::api::requests::kinds::Kind;
use crate::review::JsonText;
use std::borrow::Cow;
use std::collections::HashSet;

/// A list of objects, as they were read and as they came.
pub struct List<T> {
    /// What they are.
    pub items: Vec<T>,
    /// The list as the text that came.
    pub text: JsonText,
}

impl<'a> Fields<'a, '_> {
    /// Reads an object inside this one, field by field: `Some(None)` where it is absent. `None` after an error.
    #[allow(clippy::option_option)] // wrong, absent, there
    pub fn object<T>(
        &mut self,
        field: &Field<Option<Nested>>,
        read: impl FnOnce(&mut Fields<'a, '_>) -> Option<T>,
    ) -> Option<Option<T>> {
        match self.take(&field.spec) {
            Some(given) => self.nested(&field.spec, &given, read).map(Some),
            None => Some(None),
        }
    }

    /// As [`Fields::object`], of an object that must be there.
    pub fn required_object<T>(
        &mut self,
        field: &Field<Nested>,
        read: impl FnOnce(&mut Fields<'a, '_>) -> Option<T>,
    ) -> Option<T> {
        match self.take(&field.spec) {
            Some(given) => self.nested(&field.spec, &given, read),
            None => self.reported(field.spec.name, Err(missing(&field.spec))),
        }
    }

    fn nested<T>(
        &mut self,
        spec: &FieldSpec,
        given: &Given<'a>,
        read: impl FnOnce(&mut Fields<'a, '_>) -> Option<T>,
    ) -> Option<T> {
        let Kind::Object(object) = spec.kind else { return None };
        let entries = self.reported(spec.name, given.json().and_then(json::object))?;
        let loc = self.below([spec.name.into()]);
        let mut fields = Fields::of_json(loc, entries, object.shape, self.errors);
        let value = read(&mut fields);
        fields.finish();
        value
    }

    /// Reads each object of a list, field by field: nothing where it is absent. `None` after an error, but all are read.
    #[allow(clippy::option_option)] // wrong, absent, there
    pub fn list<T>(
        &mut self,
        field: &Field<Option<Listed>>,
        read: impl FnMut(&mut Fields<'a, '_>) -> Option<T>,
    ) -> Option<Option<List<T>>> {
        match self.take(&field.spec) {
            Some(given) => self.items(&field.spec, &given, read).map(Some),
            None => Some(None),
        }
    }

    /// As [`Fields::list`], of a list that must be there.
    pub fn required_list<T>(
        &mut self,
        field: &Field<Listed>,
        read: impl FnMut(&mut Fields<'a, '_>) -> Option<T>,
    ) -> Option<List<T>> {
        match self.take(&field.spec) {
            Some(given) => self.items(&field.spec, &given, read),
            None => self.reported(field.spec.name, Err(missing(&field.spec))),
        }
    }

    fn items<T>(
        &mut self,
        spec: &FieldSpec,
        given: &Given<'a>,
        mut read: impl FnMut(&mut Fields<'a, '_>) -> Option<T>,
    ) -> Option<List<T>> {
        let Kind::Objects { object, min, max } = spec.kind else { return None };
        let raw = given.json().and_then(|value| json::list(value, min, max).map(|items| (value, items)));
        let (value, raw) = self.reported(spec.name, raw)?;
        let mut items = Some(Vec::with_capacity(raw.len()));
        for (index, item) in raw.into_iter().enumerate() {
            let loc = self.below([spec.name.into(), index.to_string().into()]);
            let item = match json::object(item) {
                Ok(entries) => {
                    let mut fields = Fields::of_json(loc, entries, object.shape, self.errors);
                    let item = read(&mut fields);
                    fields.finish();
                    item
                }
                Err(error) => {
                    self.errors.add(loc.iter().map(AsRef::as_ref), error.code, error.message);
                    None
                }
            };
            items = items.zip(item).map(|(mut items, item)| {
                items.push(item);
                items
            });
        }
        Some(List { items: items?, text: value.into() })
    }

    /// Reads objects by the client's own names, which `name` checks, field by field. `None` after an error, but all are read.
    pub fn named<T>(
        &mut self,
        field: &Field<Named>,
        name: impl Fn(&str) -> Result<(), ValueError>,
        mut read: impl FnMut(&str, &mut Fields<'a, '_>) -> Option<T>,
    ) -> Option<Vec<(String, T)>> {
        let spec = &field.spec;
        let Some(given) = self.take(spec) else { return self.reported(spec.name, Err(missing(spec))) };
        let Kind::Named { object, max } = spec.kind else { return None };
        let entries = self.reported(spec.name, given.json().and_then(json::object))?.0;
        let count = match entries.len() {
            0 => Err("must not be empty".to_owned()),
            count if count > max => Err(format!("must have at most {max} names, not {count}")),
            _ => Ok(()),
        };
        self.reported(spec.name, count.map_err(|fault| ValueError::new("out_of_range", fault)))?;
        let mut items = Some(Vec::with_capacity(entries.len()));
        let mut seen = HashSet::new();
        for (key, value) in entries {
            let loc = self.below([spec.name.into(), key.clone().into()]);
            let is_new = seen.insert(key.clone());
            let twice = || ValueError::new("duplicate_field", "is given more than once");
            let checked = name(&key).and_then(|()| if is_new { Ok(()) } else { Err(twice()) });
            let item = match checked.and_then(|()| json::object(value)) {
                Ok(entries) => {
                    let mut fields = Fields::of_json(loc, entries, object.shape, self.errors);
                    let item = read(&key, &mut fields);
                    fields.finish();
                    item
                }
                Err(error) => {
                    self.errors.add(loc.iter().map(AsRef::as_ref), error.code, error.message);
                    None
                }
            };
            items = items.zip(item).map(|(mut items, item)| {
                items.push((key, item));
                items
            });
        }
        items
    }

    /// Reads an object that is already there as text, at the place `loc`.
    pub fn of_text<T>(
        text: &'a JsonText,
        object: &Object,
        loc: &[&'static str],
        errors: &mut FieldErrors,
        read: impl FnOnce(&mut Fields<'a, '_>) -> Option<T>,
    ) -> Option<T> {
        let loc: Vec<Cow<'static, str>> = loc.iter().copied().map(Cow::Borrowed).collect();
        match json::object(text.raw()) {
            Ok(entries) => {
                let mut fields = Fields::of_json(loc, entries, object.shape, errors);
                let value = read(&mut fields);
                fields.finish();
                value
            }
            Err(error) => {
                errors.add(loc.iter().map(AsRef::as_ref), error.code, error.message);
                None
            }
        }
    }

    /// The place of something below these fields.
    fn below<const N: usize>(&self, names: [Cow<'static, str>; N]) -> Vec<Cow<'static, str>> {
        self.loc.iter().cloned().chain(names).collect()
    }

    /// Adds errors about what is inside one of these fields, each with its place there.
    pub fn reject_inside(&mut self, name: &str, faults: impl IntoIterator<Item = (String, String)>) {
        for (path, message) in faults {
            let loc = self.loc.iter().map(AsRef::as_ref).chain([name, &path]);
            self.errors.add(loc.filter(|part| !part.is_empty()), "invalid_value", message);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::requests::declare::{Object, Shape, fraction, objects};

    const SHARE: Field<f64> = Field::new("share", "", fraction());
    const ITEM: Object = Object { name: "Item", about: "", shape: Shape::Fields(&[SHARE.spec]) };
    const ITEMS: Field<Option<Listed>> = Field::new("items", "", objects(&ITEM, 3)).optional();

    type Codes = Vec<(String, &'static str)>;

    /// The shares that a list names, its text, and what is wrong with it.
    fn read(list: &str) -> (Option<Vec<f64>>, Option<String>, Codes) {
        let mut errors = FieldErrors::new();
        let body = format!("{{\"items\":{list}}}");
        let shape = Shape::Fields(&[ITEMS.spec]);
        let object = json::body(body.as_bytes()).unwrap();
        let mut fields = Fields::of_json(vec!["body".into()], object, shape, &mut errors);
        let list = fields.list(&ITEMS, |item| item.read(&SHARE)).flatten();
        fields.finish();
        let codes = errors.listed().iter().map(|error| (error.loc.join("."), error.code)).collect();
        let text = list.as_ref().map(|list| list.text.as_str().to_owned());
        (list.map(|list| list.items), text, codes)
    }

    #[test]
    fn a_list_is_read_whole_and_kept_as_it_came() {
        let text = r#"[ {"share":0},{"share" : 1.0}, {"share":25E-2}]"#;
        assert_eq!(read(text), (Some(vec![0.0, 1.0, 0.25]), Some(text.into()), vec![]));
        assert_eq!(read("[]"), (Some(vec![]), Some("[]".into()), vec![]));
        assert_eq!(read("null"), (None, None, vec![]));
    }

    #[test]
    fn every_error_of_a_list_is_reported_at_its_place() {
        let (items, _, codes) = read(r#"[{"share":"1","x":0},null,{"share":1.01}]"#);
        let expected = [
            ("body.items.0.share", "wrong_type"),
            ("body.items.0.x", "unknown_field"),
            ("body.items.1", "wrong_type"),
            ("body.items.2.share", "out_of_range"),
        ];
        assert_eq!((items, codes), (None, expected.map(|(place, code)| (place.to_owned(), code)).to_vec()));
        for (list, code) in [("{}", "wrong_type"), ("[1,2,3,4]", "out_of_range"), ("7", "wrong_type")] {
            assert_eq!(read(list).2, [("body.items".to_owned(), code)]);
        }
        for share in ["-0.1", "1e400", "-1e-9", "2"] {
            let codes = read(&format!("[{{\"share\":{share}}}]")).2;
            assert_eq!(codes, [("body.items.0.share".to_owned(), "out_of_range")], "{share}");
        }
    }
}
