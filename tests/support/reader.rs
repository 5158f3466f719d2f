//! A reader of the inbox: a browser without JavaScript, as far as the server can tell.

use crate::{Answer, TestApp};
use lambda_http::http::Request;
use lambda_http::{Body, http};

/// Somebody who is signed in.
pub struct Reader {
    /// The cookie's name and value.
    pub cookie: String,
    /// What their forms carry.
    pub form_token: String,
}

impl TestApp {
    /// Signs somebody in.
    pub async fn reader(&self, who: &str) -> Reader {
        self.reader_with(self.key(who)).await
    }

    /// Whoever has a key, signed in.
    pub async fn reader_with(&self, key: &str) -> Reader {
        let answer = self.send(sign_in(key, "/inbox")).await;
        assert_eq!(answer.status, http::StatusCode::SEE_OTHER, "{}", answer.text);
        let cookie = answer.headers[http::header::SET_COOKIE].to_str().unwrap();
        let cookie = cookie.split(';').next().unwrap().to_owned();
        let mut reader = Reader { cookie, form_token: String::new() };
        let page = self.send(self.visit(&reader, "/inbox")).await;
        reader.form_token = hidden(&page, "form_token");
        reader
    }

    /// The form with which somebody signs in.
    pub fn sign_in_form(&self, who: &str, back: &str) -> Request<Body> {
        sign_in(self.key(who), back)
    }

    /// A request for a page.
    pub fn visit(&self, reader: &Reader, path: &str) -> Request<Body> {
        let request = Request::get(path).header("cookie", &reader.cookie).header("accept-encoding", "gzip");
        request.body(Body::Empty).unwrap()
    }

    /// A form of a page of ours.
    pub fn send_form(&self, reader: &Reader, path: &str, fields: &[(&str, &str)]) -> Request<Body> {
        let mut form = form_urlencoded::Serializer::new(String::new());
        form.append_pair("form_token", &reader.form_token).extend_pairs(fields);
        let mut request = form_request(path, form.finish());
        request.headers_mut().insert("cookie", reader.cookie.parse().unwrap());
        request
    }
}

fn sign_in(key: &str, back: &str) -> Request<Body> {
    let mut form = form_urlencoded::Serializer::new(String::new());
    form.append_pair("key", key).append_pair("return", back);
    form_request("/inbox/sign-in", form.finish())
}

fn form_request(path: &str, form: String) -> Request<Body> {
    let request = Request::post(path).header("sec-fetch-site", "same-origin");
    let request = request.header("content-type", "application/x-www-form-urlencoded");
    request.body(Body::Text(form)).unwrap()
}

/// The value of a page's first hidden field of that name.
pub fn hidden(page: &Answer, name: &str) -> String {
    let start = format!("name=\"{name}\" value=\"");
    let (_, rest) = page.text.split_once(&start).unwrap_or_else(|| panic!("no {name}: {}", page.text));
    rest.split('"').next().unwrap().to_owned()
}
