//! An issuer of identities that forges what a test wants forged. Real HTTP, real signatures (ES256).

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::State;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use lambda_http::http::{Request, Response};
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
use ring::{digest, hmac};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// How an identity token is signed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Signing {
    #[default]
    Well,
    /// With a key that is not the one of that id.
    WrongKey,
    /// Not at all: `alg` is `none`.
    Unsigned,
    /// With the public key as a shared secret.
    PublicKeyAsSecret,
    /// With a key that is not published.
    UnknownKey,
}

/// What an endpoint does besides what it should.
#[derive(Clone, Debug)]
pub(crate) enum Odd {
    Json(Value),
    Huge,
    Endless,
    Redirect(String),
    Hang,
    Status(u16),
}

/// What the issuer does.
#[derive(Clone, Debug, Default)]
pub(crate) struct Behaviour {
    /// Laid over the metadata.
    pub(crate) metadata: Value,
    /// Laid over the claims; `null` takes one out.
    pub(crate) claims: Value,
    pub(crate) signing: Signing,
    /// By path.
    pub(crate) odd: HashMap<&'static str, Odd>,
}

struct Grant {
    query: HashMap<String, String>,
}

struct Shared {
    url: String,
    key: Vec<u8>,
    kid: String,
    behaviour: Behaviour,
    grants: HashMap<String, Grant>,
    calls: Vec<String>,
    authorizations: Vec<Option<String>>,
}

/// A running issuer.
#[derive(Clone)]
pub(crate) struct Issuer {
    pub(crate) url: String,
    shared: Arc<Mutex<Shared>>,
    _stop: Arc<tokio::sync::oneshot::Sender<()>>,
}

fn new_key() -> Vec<u8> {
    let rng = SystemRandom::new();
    EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &rng).unwrap().as_ref().to_vec()
}

fn pair(key: &[u8]) -> EcdsaKeyPair {
    EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, key, &SystemRandom::new()).unwrap()
}

/// What a client of ours is called there.
pub(crate) const CLIENT: &str = "holdpoint";

impl Issuer {
    /// Starts one, on a thread of its own. Its URL ends in a number that no other has: the product remembers issuers by URL, and a port is given
    /// again once it is free.
    pub(crate) fn start(behaviour: Behaviour) -> Self {
        static STARTED: AtomicU32 = AtomicU32::new(0);
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let number = STARTED.fetch_add(1, Ordering::Relaxed);
        let url = format!("http://{}/{number}", listener.local_addr().unwrap());
        let shared = Shared {
            url: url.clone(),
            key: new_key(),
            kid: "one".into(),
            behaviour,
            grants: HashMap::new(),
            calls: Vec::new(),
            authorizations: Vec::new(),
        };
        let shared = Arc::new(Mutex::new(shared));
        let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
        let state = shared.clone();
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async {
                let listener = tokio::net::TcpListener::from_std(listener).unwrap();
                let router = Router::new().fallback(handle).with_state(state);
                tokio::select! {
                    _ = axum::serve(listener, router) => {}
                    _ = stopped => {}
                }
            });
        });
        Self { url, shared, _stop: Arc::new(stop) }
    }

    /// Changes what it does.
    pub(crate) fn behave(&self, change: impl FnOnce(&mut Behaviour)) {
        change(&mut self.shared.lock().unwrap().behaviour);
    }

    /// Takes another key, of another id.
    pub(crate) fn change_keys(&self) {
        let mut shared = self.shared.lock().unwrap();
        (shared.key, shared.kid) = (new_key(), format!("{}x", shared.kid));
    }

    /// What somebody does who signs in there: the code that the browser brings back.
    pub(crate) fn authorize(&self, query: &HashMap<String, String>) -> String {
        let mut shared = self.shared.lock().unwrap();
        let code = format!("code-{}", shared.grants.len());
        shared.grants.insert(code.clone(), Grant { query: query.clone() });
        code
    }

    /// The paths that were called.
    pub(crate) fn calls(&self) -> Vec<String> {
        self.shared.lock().unwrap().calls.clone()
    }

    /// What callers of the token endpoint said of who they are.
    pub(crate) fn authorizations(&self) -> Vec<Option<String>> {
        self.shared.lock().unwrap().authorizations.clone()
    }
}

async fn handle(State(shared): State<Arc<Mutex<Shared>>>, request: Request<Body>) -> Response<Body> {
    let (parts, body) = request.into_parts();
    let body = axum::body::to_bytes(body, usize::MAX).await.unwrap_or(Bytes::new());
    // Without the number.
    let path = parts.uri.path().splitn(3, '/').last().map(|path| format!("/{path}")).unwrap();
    let (odd, normal) = {
        let mut shared = shared.lock().unwrap();
        shared.calls.push(path.clone());
        let odd = shared.behaviour.odd.get(path.as_str()).cloned();
        let normal = match path.as_str() {
            "/.well-known/openid-configuration" => (200, shared.metadata()),
            "/keys" => (200, shared.keys()),
            "/token" => {
                let own = parts.headers.get("authorization").map(|it| it.to_str().unwrap().to_owned());
                shared.authorizations.push(own);
                shared.token(&body)
            }
            _ => (404, json!({})),
        };
        (odd, normal)
    };
    let say = |status: u16, body: Body| {
        Response::builder().status(status).header("content-type", "application/json").body(body).unwrap()
    };
    match odd {
        None => say(normal.0, Body::from(normal.1.to_string())),
        Some(Odd::Json(value)) => say(200, Body::from(value.to_string())),
        Some(Odd::Status(status)) => say(status, Body::from("{}")),
        Some(Odd::Huge) => {
            say(200, Body::from(format!("{{\"keys\":[],\"x\":\"{}\"}}", "x".repeat(1_000_000))))
        }
        Some(Odd::Endless) => {
            let chunks =
                futures_util::stream::repeat_with(|| Ok::<_, std::io::Error>(Bytes::from(vec![b' '; 1024])));
            say(200, Body::from_stream(chunks))
        }
        Some(Odd::Redirect(location)) => {
            Response::builder().status(307).header("location", location).body(Body::empty()).unwrap()
        }
        Some(Odd::Hang) => {
            tokio::time::sleep(Duration::from_hours(1)).await;
            say(200, Body::empty())
        }
    }
}

fn lay_over(value: &mut Value, over: &Value) {
    for (name, over) in over.as_object().into_iter().flatten() {
        if over.is_null() {
            value.as_object_mut().unwrap().remove(name);
        } else {
            value[name] = over.clone();
        }
    }
}

impl Shared {
    fn metadata(&self) -> Value {
        let at = |path: &str| format!("{}{path}", self.url);
        let mut metadata = json!({
            "issuer": self.url,
            "authorization_endpoint": at("/authorize"),
            "token_endpoint": at("/token"),
            "jwks_uri": at("/keys"),
            "response_types_supported": ["code"],
        });
        lay_over(&mut metadata, &self.behaviour.metadata);
        metadata
    }

    fn keys(&self) -> Value {
        let (x, y) = self.point();
        // Keys that nobody here understands are skipped.
        json!({ "keys": [
            { "kty": "XYZ", "kid": "odd" },
            { "kty": "EC", "crv": "P-256", "use": "sig", "alg": "ES256", "kid": self.kid, "x": x, "y": y },
        ] })
    }

    fn point(&self) -> (String, String) {
        let pair = pair(&self.key);
        let point = pair.public_key().as_ref();
        (URL_SAFE_NO_PAD.encode(&point[1..33]), URL_SAFE_NO_PAD.encode(&point[33..65]))
    }

    /// A code is exchanged once, by its own client, with its verifier and its redirect URI.
    fn token(&mut self, body: &[u8]) -> (u16, Value) {
        let form: HashMap<String, String> = form_urlencoded::parse(body).into_owned().collect();
        let no = |why: &str| (400, json!({ "error": "invalid_grant", "error_description": why }));
        let Some(grant) = self.grants.remove(&form["code"]) else { return no("unknown code") };
        let challenge =
            URL_SAFE_NO_PAD.encode(digest::digest(&digest::SHA256, form["code_verifier"].as_bytes()));
        if grant.query["client_id"] != form["client_id"] {
            return no("of another client");
        }
        if grant.query["code_challenge"] != challenge || grant.query["redirect_uri"] != form["redirect_uri"] {
            return no("does not fit");
        }
        let now = chrono::Utc::now().timestamp();
        let mut claims = json!({
            "iss": self.url, "aud": form["client_id"], "sub": "subject-1", "exp": now + 300, "iat": now,
            "nonce": grant.query["nonce"], "name": "Dana Rivera", "email": "dana@example.com", "email_verified": true,
            "groups": ["finance", "legal"],
        });
        lay_over(&mut claims, &self.behaviour.claims);
        (200, json!({ "access_token": "a", "token_type": "Bearer", "id_token": self.sign(&claims) }))
    }

    fn sign(&self, claims: &Value) -> String {
        let signing = self.behaviour.signing;
        let (alg, kid) = match signing {
            Signing::Well | Signing::WrongKey => ("ES256", self.kid.as_str()),
            Signing::Unsigned => ("none", self.kid.as_str()),
            Signing::PublicKeyAsSecret => ("HS256", self.kid.as_str()),
            Signing::UnknownKey => ("ES256", "unknown"),
        };
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let signed = format!("{}.{}", part(&json!({ "alg": alg, "typ": "JWT", "kid": kid })), part(claims));
        let signature = match signing {
            Signing::Unsigned => Vec::new(),
            Signing::PublicKeyAsSecret => {
                let key = hmac::Key::new(hmac::HMAC_SHA256, pair(&self.key).public_key().as_ref());
                hmac::sign(&key, signed.as_bytes()).as_ref().to_vec()
            }
            _ => {
                let key = if signing == Signing::Well { self.key.clone() } else { new_key() };
                pair(&key).sign(&SystemRandom::new(), signed.as_bytes()).unwrap().as_ref().to_vec()
            }
        };
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))
    }
}
