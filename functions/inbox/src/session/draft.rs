//! What was typed before a session ended: a hidden field of the sign-in page keeps it, and it is shown again after signing in.

use crate::form::SubmittedForm;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use shared::api::FormLimit;

/// The fields of a form as one text that HTML and forms leave as it is: four thirds of what it holds, however it is escaped.
pub(crate) struct Draft(String);

impl Draft {
    /// What a form has sent; none if that is nothing, or too much to keep.
    pub(crate) fn of(fields: Vec<(String, String)>) -> Option<Self> {
        let mut form = form_urlencoded::Serializer::new(String::new());
        let sent = SubmittedForm::new(fields);
        for (name, value) in sent.fields().filter(|(name, _)| *name != "form_token") {
            form.append_pair(name, value);
        }
        let form = form.finish();
        // A name or a byte that needs no escape in what was sent may need one here.
        let fits = !form.is_empty() && form.len() <= FormLimit::DRAFT.bytes;
        fits.then(|| Self(URL_SAFE_NO_PAD.encode(form)))
    }

    /// Parses what [`Draft::as_str`] returned; none if it has been changed.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let draft = Self(text.to_owned());
        draft.sent().map(|_| draft)
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// The fields.
    pub(crate) fn sent(&self) -> Option<SubmittedForm> {
        let form = URL_SAFE_NO_PAD.decode(&self.0).ok()?;
        let fields = form.split(|byte| *byte == b'&').count();
        let fits = form.len() <= FormLimit::DRAFT.bytes && fields <= FormLimit::DRAFT.fields;
        fits.then(|| SubmittedForm::new(form_urlencoded::parse(&form).into_owned().collect()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn field(name: &str, value: &str) -> (String, String) {
        (name.to_owned(), value.to_owned())
    }

    #[test]
    fn a_draft_comes_back_as_it_was_without_the_token_of_the_form() {
        let fields =
            vec![field("f/a", "1\r\n\"<&\u{202e}"), field("form_token", "x"), field("f/a", "second")];
        let draft = Draft::of(fields).unwrap();
        let sent = Draft::parse(draft.as_str()).unwrap().sent().unwrap();
        assert_eq!((sent.get("f/a"), sent.get("form_token")), (Some("1\r\n\"<&\u{202e}"), None));
        assert!(draft.as_str().bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte)));
    }

    #[test]
    fn a_draft_is_bounded_and_none_of_nothing() {
        assert!(Draft::of(vec![field("form_token", "x")]).is_none());
        assert!(Draft::of(vec![field("f/a", &"é".repeat(90_000))]).is_none());
        assert!(Draft::of(vec![field("f/a", &"e".repeat(500_000))]).is_some());
        let many = URL_SAFE_NO_PAD.encode("a&".repeat(10_000));
        assert!(Draft::parse(&many).is_none() && Draft::parse("not base64!").is_none());
    }
}
