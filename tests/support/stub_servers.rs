//! Servers that stand in for others: a webhook's receiver, Step Functions, EventBridge. Real HTTP, real protocols.

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::State;
use lambda_http::http::{HeaderMap, Request, Response, StatusCode};
use serde_json::{Value, json};
use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// What a stub server does with a request.
#[derive(Clone, Debug)]
pub enum Answer {
    /// Answers with this status and body.
    Say(u16, Value),
    /// Answers with this status after a while.
    Late(u16, Duration),
    /// Answers with this status and a `retry-after`.
    Busy(u16, String),
    /// Answers with this status and a `location`.
    Redirect(String),
    /// Takes note of the request, and never answers.
    Hang,
    /// Takes note of the request, and breaks the connection.
    Cut,
}

/// One request that came.
#[derive(Clone, Debug)]
pub struct Received {
    /// Its path.
    pub path: String,
    /// Its headers.
    pub headers: HeaderMap,
    /// Its body.
    pub body: String,
}

impl Received {
    /// Its body as JSON.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }

    /// One of its headers.
    pub fn header(&self, name: &str) -> &str {
        self.headers[name].to_str().unwrap()
    }
}

/// What a server takes, or why it does not.
type Rules = fn(&str) -> Result<(), String>;

#[derive(Default)]
struct Shared {
    received: Vec<Received>,
    next: VecDeque<Answer>,
    always: Option<Answer>,
    refused: Option<String>,
    rules: Option<Rules>,
}

/// A server of the test's own.
#[derive(Clone)]
pub struct StubServer {
    url: String,
    shared: Arc<Mutex<Shared>>,
    _stop: Arc<tokio::sync::oneshot::Sender<()>>,
}

impl StubServer {
    /// Starts one that answers with 200 and `{}`, on a thread of its own: it must answer while a test's thread is busy.
    pub fn start() -> Self {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let shared = Arc::new(Mutex::new(Shared::default()));
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

    /// Where it is.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// What it does with the next requests, one each; after them it is good again.
    pub fn then(&self, answers: impl IntoIterator<Item = Answer>) {
        self.shared.lock().unwrap().next.extend(answers);
    }

    /// What it does from now on.
    pub fn always(&self, answer: Answer) {
        self.shared.lock().unwrap().always = Some(answer);
    }

    /// From now on it answers 500 to all that has this text in its body.
    pub fn refuse(&self, text: &str) {
        self.shared.lock().unwrap().refused = Some(text.to_owned());
    }

    /// From now on it takes what is by these rules, and answers 400 with the reason to all else.
    pub fn only(&self, rules: Rules) {
        self.shared.lock().unwrap().rules = Some(rules);
    }

    /// All that came.
    pub fn received(&self) -> Vec<Received> {
        self.shared.lock().unwrap().received.clone()
    }

    /// The ids of the events that came, in order, each once, however often it came.
    pub fn events(&self) -> Vec<String> {
        let mut ids: Vec<String> = Vec::new();
        for received in self.received() {
            let id = received.json()["id"].as_str().unwrap().to_owned();
            if !ids.contains(&id) {
                ids.push(id);
            }
        }
        ids
    }
}

async fn handle(State(shared): State<Arc<Mutex<Shared>>>, request: Request<Body>) -> Response<Body> {
    let (parts, body) = request.into_parts();
    let body = axum::body::to_bytes(body, usize::MAX).await.unwrap_or(Bytes::new());
    let received = Received {
        path: parts.uri.path().to_owned(),
        headers: parts.headers,
        body: String::from_utf8_lossy(&body).into_owned(),
    };
    let answer = {
        let mut shared = shared.lock().unwrap();
        let refuses = shared.refused.as_ref().is_some_and(|text| received.body.contains(text));
        let fault = shared.rules.and_then(|rules| rules(&received.body).err());
        shared.received.push(received);
        if let Some(fault) = fault {
            shared.next.push_front(Answer::Say(400, json!(fault)));
        }
        if refuses {
            shared.next.push_front(Answer::Say(500, json!({})));
        }
        shared.next.pop_front().or_else(|| shared.always.clone())
    };
    let response = Response::builder();
    match answer.unwrap_or_else(|| Answer::Say(200, json!({}))) {
        Answer::Say(status, body) => response
            .status(StatusCode::from_u16(status).unwrap())
            .header("content-type", "application/x-amz-json-1.0")
            .body(Body::from(body.to_string()))
            .unwrap(),
        Answer::Busy(status, retry_after) => response
            .status(StatusCode::from_u16(status).unwrap())
            .header("retry-after", retry_after)
            .body(Body::empty())
            .unwrap(),
        Answer::Late(status, pause) => {
            tokio::time::sleep(pause).await;
            response.status(StatusCode::from_u16(status).unwrap()).body(Body::empty()).unwrap()
        }
        Answer::Redirect(location) => {
            response.status(302).header("location", location).body(Body::empty()).unwrap()
        }
        Answer::Hang => {
            tokio::time::sleep(Duration::from_hours(1)).await;
            response.body(Body::empty()).unwrap()
        }
        // A body that fails: the connection is broken off.
        Answer::Cut => panic!("cut, as asked"),
    }
}
