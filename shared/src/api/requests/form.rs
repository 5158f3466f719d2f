//! Forms of the inbox. They are counted before any of them is decoded.

use super::call::Call;
use crate::api::errors::{Error, FieldErrors};

/// The limits of a form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FormLimit {
    /// Largest body, as it was sent.
    pub bytes: usize,
    /// Most fields; `&` separates them.
    pub fields: usize,
}

impl FormLimit {
    /// A form of a signed-in reviewer. A page has at most 2,000 values, each with one input and a few fields beside it. Lambda's event
    /// can hold its bytes, as base64.
    pub const PAGE: Self = Self { bytes: 4_500_000, fields: 10_000 };
    /// A form that came without a session, and is kept until its sender has signed in.
    pub const DRAFT: Self = Self { bytes: 512 * 1024, fields: 10_000 };
    /// The sign-in form, which may hold such a draft.
    pub const SIGN_IN: Self = Self { bytes: 1024 * 1024, fields: 8 };
}

impl Call {
    /// The fields of a form that was sent. Its bytes and its fields are counted before any of it is decoded.
    pub fn form(&self, limit: FormLimit) -> Result<Vec<(String, String)>, Error> {
        let (body, size) = (self.bytes(), self.body_size());
        if size > limit.bytes {
            return Err(Error::SnapshotTooLarge { what: "The form", limit: limit.bytes, size });
        }
        let fields = body.split(|byte| *byte == b'&').count();
        if fields > limit.fields {
            let mut errors = FieldErrors::new();
            let message = format!("the form has {fields} fields; the limit is {}", limit.fields);
            errors.add(["body"], "too_many_fields", message);
            return Err(Error::Invalid(errors));
        }
        Ok(form_urlencoded::parse(body).into_owned().collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::review::Timestamp;
    use lambda_http::{Body, Request};

    fn form(body: String, limit: FormLimit) -> Result<Vec<(String, String)>, Error> {
        let request = Request::new(Body::Text(body));
        Call::new(request, Timestamp::from_millis(0)).form(limit)
    }

    #[test]
    fn a_form_is_counted_before_it_is_decoded() {
        let limit = FormLimit { bytes: 100, fields: 3 };
        assert_eq!(form("a=1&b=2&c".into(), limit).unwrap().len(), 3);
        assert!(matches!(form("a&b&c&d".into(), limit), Err(Error::Invalid(_))));
        assert!(matches!(form("&&&".into(), limit), Err(Error::Invalid(_))));
        assert_eq!(form("x".repeat(100), limit).unwrap().len(), 1);
        assert!(matches!(form("x".repeat(101), limit), Err(Error::SnapshotTooLarge { size: 101, .. })));
    }
}
