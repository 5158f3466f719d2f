//! The product, a browser, and the reasons that it logs.

use crate::issuer::{CLIENT, Issuer};
use lambda_http::http::{Request, StatusCode, header};
use lambda_http::{Body, Response};
use local::emulator::Emulator;
use local::gateway::dispatch;
use local::table::{self, Stream};
use shared::api::App;
use shared::egress::Egress;
use shared::new_id::entry_id;
use shared::review::{Actor, ActorId, ActorKind, OrganizationId, Timestamp};
use shared::store::{AdministrationEntry, IssuerStored, Member, NewKey, Role, Scope, Store};
use std::cell::RefCell;
use std::collections::HashMap;
use std::fmt::Write;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Once};
use tracing_subscriber::prelude::*;

pub(crate) const HOST: &str = "127.0.0.1:8787";

/// The product, with a clock that can be moved.
pub(crate) struct World {
    pub(crate) app: App,
    pub(crate) offset: Arc<AtomicI64>,
    _emulator: Emulator,
}

/// A browser: its cookies.
#[derive(Clone, Default)]
pub(crate) struct Browser(HashMap<String, String>);

/// An answer.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) text: String,
    pub(crate) cookies: Vec<String>,
    pub(crate) location: String,
}

thread_local! {
    static REASONS: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
    static LOG: RefCell<String> = const { RefCell::new(String::new()) };
}

struct Reasons;

impl<S: tracing::Subscriber> tracing_subscriber::Layer<S> for Reasons {
    fn on_event(&self, event: &tracing::Event<'_>, _: tracing_subscriber::layer::Context<'_, S>) {
        struct Visit;
        impl tracing::field::Visit for Visit {
            fn record_str(&mut self, field: &tracing::field::Field, value: &str) {
                LOG.with_borrow_mut(|log| log.push_str(value));
                if field.name() == "reason" {
                    REASONS.with_borrow_mut(|reasons| reasons.push(value.to_owned()));
                }
            }
            fn record_debug(&mut self, _: &tracing::field::Field, value: &dyn std::fmt::Debug) {
                LOG.with_borrow_mut(|log| write!(log, "{value:?}").unwrap());
            }
        }
        event.record(&mut Visit);
    }
}

/// The reasons that were logged since this was called last.
pub(crate) fn reasons() -> Vec<String> {
    REASONS.with_borrow_mut(std::mem::take)
}

/// All that was logged.
pub(crate) fn log() -> String {
    LOG.with_borrow(String::clone)
}

pub(crate) fn organization() -> OrganizationId {
    OrganizationId::parse("org_a").unwrap()
}

pub(crate) fn entry() -> AdministrationEntry {
    let id = ActorId::parse("test").unwrap();
    let actor = Actor { kind: ActorKind::Agent, id, display_name: "Test".into() };
    AdministrationEntry {
        id: entry_id(),
        actor,
        at: Timestamp::from_millis(0),
        action: "test".into(),
        target: "test".into(),
        detail: String::new(),
    }
}

impl World {
    pub(crate) async fn new() -> Self {
        static LOGGED: Once = Once::new();
        LOGGED.call_once(|| tracing_subscriber::registry().with(Reasons).init());
        let emulator = Emulator::ephemeral().unwrap();
        let client = emulator.client();
        table::create(&client, "test", Stream::Off).await.unwrap();
        let offset = Arc::new(AtomicI64::new(0));
        let moved = offset.clone();
        let clock = move || Timestamp::from(chrono::Utc::now()).plus_millis(moved.load(Ordering::SeqCst));
        let mut app = App::with_clock(Store::new(client, "test"), Arc::new(clock));
        (app.egress, app.https) = (Egress::PublicAndLoopback, false);
        Self { app, offset, _emulator: emulator }
    }

    /// A world with this issuer, which lets in whoever has an address at `example.com`.
    pub(crate) async fn with(issuer: &Issuer) -> Self {
        let world = Self::new().await;
        world.add(issuer, |_| {}).await;
        world
    }

    pub(crate) async fn add(&self, issuer: &Issuer, change: impl FnOnce(&mut shared::store::Issuer)) {
        let mut settings = shared::store::Issuer {
            organization: organization(),
            id: "one".into(),
            name: "One & Only".into(),
            url: issuer.url.clone(),
            client_id: CLIENT.into(),
            client_secret: None,
            email_domains: vec!["example.com".into()],
            lets_in: true,
            groups_claim: Some("groups".into()),
            rev: 0,
        };
        change(&mut settings);
        let seen =
            self.app.store.issuer(&settings.organization, &settings.id).await.unwrap().map(|it| it.rev);
        settings.rev = seen.map_or(0, |seen| seen + 1);
        let stored = self.app.store.put_issuer(&settings, seen, &entry()).await.unwrap();
        assert_eq!(stored, IssuerStored::Stored);
    }

    pub(crate) fn advance_minutes(&self, minutes: i64) {
        self.offset.fetch_add(minutes * 60_000, Ordering::SeqCst);
    }

    /// A key of a person, as the demo has them.
    pub(crate) async fn key(&self) -> String {
        let id = ActorId::parse("user_42").unwrap();
        let new = NewKey {
            organization: organization(),
            actor: Actor { kind: ActorKind::Human, id, display_name: "Dana".into() },
            scopes: vec![Scope::Read],
            groups: Vec::new(),
            expires_at: None,
        };
        let (key, _) = self.app.store.create_key(new, &entry().actor, self.app.now()).await.unwrap();
        key.reveal().to_owned()
    }

    pub(crate) async fn members(&self) -> Vec<Member> {
        self.app.store.members(&organization()).await.unwrap()
    }

    pub(crate) async fn change_member(&self, change: impl FnOnce(&mut Member)) {
        let mut member = self.members().await.remove(0);
        let seen = member.rev;
        change(&mut member);
        member.rev = seen + 1;
        assert!(self.app.store.put_member(&member, Some(seen), &entry()).await.unwrap());
    }

    /// An invite of these roles; its token.
    pub(crate) async fn invite(&self, roles: &[Role], email: Option<&str>) -> String {
        self.invite_by((entry().actor, None), roles, email).await
    }

    /// As [`World::invite`], by somebody, with a key or without.
    pub(crate) async fn invite_by(
        &self,
        (made_by, made_with): (Actor, Option<String>),
        roles: &[Role],
        email: Option<&str>,
    ) -> String {
        let token = shared::store::InviteToken::generate().unwrap();
        let invite = shared::store::Invite {
            id: String::new(),
            created_at: self.app.now(),
            organization: organization(),
            roles: roles.to_vec(),
            groups: vec![shared::review::GroupId::parse("invited").unwrap()],
            email: email.map(str::to_owned),
            made_by,
            made_with,
            expires_at: self.app.now().plus_millis(shared::store::Invite::MILLIS),
        };
        self.app.store.create_invite(&token, invite).await.unwrap();
        token.reveal().to_owned()
    }

    pub(crate) async fn get(&self, browser: &mut Browser, path: &str) -> Answer {
        self.send(browser, Request::get(path).body(Body::Empty).unwrap()).await
    }

    pub(crate) async fn post(&self, browser: &mut Browser, path: &str, fields: &[(&str, &str)]) -> Answer {
        let form = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        let request = Request::post(path)
            .header("sec-fetch-site", "same-origin")
            .header("content-type", "application/x-www-form-urlencoded");
        self.send(browser, request.body(Body::Text(form)).unwrap()).await
    }

    pub(crate) async fn send(&self, browser: &mut Browser, mut request: Request<Body>) -> Answer {
        let cookies: Vec<String> = browser.0.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let headers = request.headers_mut();
        headers.insert("host", HOST.parse().unwrap());
        headers.insert("user-agent", "Mozilla/5.0 (X11; Linux) Firefox/140.0".parse().unwrap());
        if !cookies.is_empty() {
            headers.insert("cookie", cookies.join("; ").parse().unwrap());
        }
        let answer: Response<Body> = Box::pin(dispatch(&self.app, request)).await;
        let (parts, body) = answer.into_parts();
        let text = |value: &header::HeaderValue| value.to_str().unwrap().to_owned();
        let cookies: Vec<String> = parts.headers.get_all(header::SET_COOKIE).iter().map(text).collect();
        for cookie in &cookies {
            let (name, rest) = cookie.split_once('=').unwrap();
            let value = rest.split(';').next().unwrap();
            if rest.contains("Max-Age=0") {
                browser.0.remove(name);
            } else {
                browser.0.insert(name.to_owned(), value.to_owned());
            }
        }
        Answer {
            status: parts.status,
            text: String::from_utf8_lossy(&body).into_owned(),
            cookies,
            location: parts.headers.get(header::LOCATION).map(text).unwrap_or_default(),
        }
    }

    /// Leaves for the issuer; what the browser brings there.
    pub(crate) async fn start(
        &self,
        browser: &mut Browser,
        more: &[(&str, &str)],
    ) -> HashMap<String, String> {
        let answer = self.leave(browser, more).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
        let url =
            answer.text.split("href=\"").nth(2).unwrap().split('"').next().unwrap().replace("&amp;", "&");
        let query = url.split_once('?').unwrap().1;
        form_urlencoded::parse(query.as_bytes()).into_owned().collect()
    }

    pub(crate) async fn leave(&self, browser: &mut Browser, more: &[(&str, &str)]) -> Answer {
        let fields = [&[("organization", "org_a"), ("issuer", "one")], more].concat();
        self.post(browser, "/inbox/sign-in/issuer", &fields).await
    }

    /// Comes back from the issuer.
    pub(crate) async fn back(&self, browser: &mut Browser, query: &[(&str, &str)]) -> Answer {
        let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(query).finish();
        self.get(browser, &format!("/inbox/sign-in/callback?{query}")).await
    }

    /// The whole way.
    pub(crate) async fn sign_in(
        &self,
        issuer: &Issuer,
        browser: &mut Browser,
        more: &[(&str, &str)],
    ) -> Answer {
        let query = self.start(browser, more).await;
        let code = issuer.authorize(&query);
        self.back(browser, &[("state", &query["state"]), ("code", &code)]).await
    }
}
