//! Reads the query and the body of a request by their declarations.

use super::call::{Call, DeclaredSize};
use super::declare::{Body, FieldSpec, Shape};
use super::fields::Fields;
use super::given::Given;
use super::json::{self, RawObject};
use crate::api::errors::{Error, FieldErrors};
use lambda_http::http::header;
use std::borrow::Cow;

impl Call {
    /// Its query, decoded. A parameter that is not in `known`, or comes twice, is an error.
    pub fn query(&self, known: &[&str], errors: &mut FieldErrors) -> Vec<(String, String)> {
        let query = self.request.uri().query().unwrap_or_default();
        let mut seen: Vec<(String, String)> = Vec::new();
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            if !known.contains(&name.as_ref()) {
                let message = format!("is not a query parameter of this call; it takes {}", known.join(", "));
                errors.add(["query", &name], "unknown_field", message);
            } else if seen.iter().any(|(before, _)| *before == name) {
                errors.add(["query", &name], "duplicate_field", "is given more than once".into());
            } else {
                seen.push((name.into_owned(), value.into_owned()));
            }
        }
        seen
    }

    /// Reads the parameters of its query. A parameter that is not declared, or comes twice, is an error.
    pub fn query_fields<T>(
        &self,
        declared: &'static [FieldSpec],
        errors: &mut FieldErrors,
        read: impl FnOnce(&mut Fields<'_, '_>) -> Option<T>,
    ) -> Option<T> {
        let query = self.request.uri().query().unwrap_or_default();
        let entries = form_urlencoded::parse(query.as_bytes())
            .map(|(name, value)| (name.into_owned(), Given::Text(value)));
        let mut fields = Fields::new(vec!["query".into()], entries, Shape::Fields(declared), errors);
        let value = read(&mut fields);
        fields.finish();
        value
    }

    /// Reads its JSON body. `None` after an error, one about a field included; `Err` where it is too large.
    pub fn body<T>(
        &self,
        body: &'static Body,
        errors: &mut FieldErrors,
        read: impl FnOnce(&mut Fields<'_, '_>) -> Option<T>,
    ) -> Result<Option<T>, Error> {
        let Some(object) = self.json_object(body.limit, errors)? else { return Ok(None) };
        let mut fields = Fields::of_json(vec!["body".into()], object, body.object.shape, errors);
        let value = read(&mut fields);
        fields.finish();
        Ok(value)
    }

    fn json_object(&self, limit: usize, errors: &mut FieldErrors) -> Result<Option<RawObject<'_>>, Error> {
        let body: &[u8] = self.request.body();
        let size = self.body_size();
        if size > limit {
            return Err(if limit == Body::WITH_SNAPSHOT {
                Error::SnapshotTooLarge { what: "The request body", limit, size }
            } else {
                Error::BodyTooLarge { limit, size }
            });
        }
        if !self.says_json() {
            errors.add(["header", "content-type"], "wrong_type", "must be application/json".into());
            return Ok(None);
        }
        if body.iter().all(u8::is_ascii_whitespace) {
            errors.add(["body"], "missing", "the body is empty; it must be a JSON object".into());
            return Ok(None);
        }
        match json::body(body) {
            Ok(object) => Ok(Some(object)),
            Err(error) => {
                errors.add(["body"], error.code, error.message);
                Ok(None)
            }
        }
    }

    /// The size of its body in bytes, also where a server has not read all of it.
    pub(super) fn body_size(&self) -> usize {
        self.declared_size().unwrap_or_default().max(self.request.body().len())
    }

    /// The bytes of its body.
    pub(super) fn bytes(&self) -> &[u8] {
        self.request.body()
    }

    /// The size of a body that a server did not read.
    fn declared_size(&self) -> Option<usize> {
        self.request.extensions().get::<DeclaredSize>().map(|size| size.0)
    }

    fn says_json(&self) -> bool {
        let Some(value) = self.request.headers().get(header::CONTENT_TYPE) else { return true };
        let essence = value.to_str().unwrap_or_default().split(';').next().unwrap_or_default().trim();
        let essence: Cow<'_, str> = essence.to_ascii_lowercase().into();
        essence == "application/json" || (essence.starts_with("application/") && essence.ends_with("+json"))
    }
}
