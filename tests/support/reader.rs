//! A reader of the inbox: a browser without JavaScript, as far as the server can tell.

use crate::{Answer, TestApp};
use lambda_http::http::Request;
use lambda_http::{Body, http};
use local::emulator;
use shared::review::{Actor, ActorKind, OrganizationId};
use shared::store::{
    AdministrationEntry, Identity, Member, Role, Session, SessionHolder, SessionToken, Store,
};
use std::sync::atomic::{AtomicU64, Ordering};

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

    /// A member with these roles, and a session of theirs.
    pub async fn member(&self, organization: &str, subject: &str, roles: &[Role]) -> (Member, Reader) {
        let identity = Identity { issuer: "https://issuer.example".into(), subject: subject.into() };
        let actor = Actor { kind: ActorKind::Human, id: identity.actor_id(), display_name: subject.into() };
        let member = Member {
            organization: OrganizationId::parse(organization).unwrap(),
            actor,
            email: Some(format!("{subject}@example.com")),
            roles: roles.to_vec(),
            groups: Vec::new(),
            claimed_groups: Vec::new(),
            identity: Some(identity),
            created_at: self.clock.now(),
            last_seen_at: None,
            disabled_at: None,
            away: None,
            stands_in_for: Vec::new(),
            rev: 0,
        };
        let entry = AdministrationEntry::new(&member.actor, self.clock.now(), "member_joined", subject);
        let store = Store::new(emulator::client(&self.endpoint), self.inner.store.table());
        assert!(store.put_member(&member, None, &entry).await.unwrap(), "{subject} is a member already");
        let reader = self.session_of(&member).await;
        (member, reader)
    }

    /// Another session of a member's.
    pub async fn session_of(&self, member: &Member) -> Reader {
        static NEXT: AtomicU64 = AtomicU64::new(1);
        let mut random = [0; 32];
        random[..8].copy_from_slice(&NEXT.fetch_add(1, Ordering::Relaxed).to_be_bytes());
        let token = SessionToken::from_random(random);
        let holder = SessionHolder::Member(member.organization.clone(), member.actor.id.clone());
        let session = Session::new(holder, "test", self.clock.now());
        let store = Store::new(emulator::client(&self.endpoint), self.inner.store.table());
        store.create_session(&token, session).await.unwrap();
        Reader { cookie: format!("__Host-holdpoint={}", token.reveal()), form_token: token.form_token() }
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
