//! Lambda's runtime API, as far as one function needs it: sends it events, receives its answers.
//!
//! AWS's emulator starts the function's process together with itself, so its start cannot be timed. Here the time begins just before
//! the process is spawned.

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::State;
use axum::http::{Response, StatusCode};
use axum::routing::{get, post};
use serde_json::Value;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use tokio::sync::{Mutex, mpsc};

/// A function's process, and the API it talks to.
pub(crate) struct Function {
    child: Child,
    events: mpsc::Sender<String>,
    answers: mpsc::Receiver<Value>,
}

struct Api {
    events: Mutex<mpsc::Receiver<String>>,
    answers: mpsc::Sender<Value>,
}

impl Function {
    /// Serves the API, then starts the process, in no other environment than `command`'s and this. The first event waits for it.
    pub(crate) async fn start(
        mut command: Command,
        environment: impl IntoIterator<Item = (&'static str, String)>,
        first: &Value,
    ) -> Self {
        let ((events, waiting), (answered, answers)) = (mpsc::channel(1), mpsc::channel(1));
        let api = Arc::new(Api { events: Mutex::new(waiting), answers: answered });
        let router = Router::new()
            .route("/2018-06-01/runtime/invocation/next", get(next))
            .route("/2018-06-01/runtime/invocation/{id}/response", post(answer))
            .route("/2018-06-01/runtime/invocation/{id}/error", post(answer))
            .route("/2018-06-01/runtime/init/error", post(answer))
            .with_state(api);
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        tokio::spawn(async move { axum::serve(listener, router).await });
        events.send(first.to_string()).await.unwrap();
        let child = command
            .envs(environment)
            .env("AWS_LAMBDA_RUNTIME_API", address)
            .env("AWS_LAMBDA_FUNCTION_NAME", "function")
            .env("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST")
            .env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "512")
            .env("AWS_LAMBDA_LOG_GROUP_NAME", "log")
            .env("AWS_LAMBDA_LOG_STREAM_NAME", "log")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        Self { child, events, answers }
    }

    /// Gives it a further event.
    pub(crate) async fn send(&self, event: &Value) {
        self.events.send(event.to_string()).await.unwrap();
    }

    /// Its next answer, or the error that it reports.
    pub(crate) async fn answer(&mut self) -> Value {
        let answer = tokio::time::timeout(std::time::Duration::from_secs(30), self.answers.recv());
        answer.await.expect("an answer within 30 s").unwrap()
    }

    /// Its peak memory, in kilobytes (Linux).
    pub(crate) fn peak_memory_kb(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
        peak.trim().strip_suffix(" kB").unwrap().parse().unwrap()
    }
}

impl Drop for Function {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

async fn next(State(api): State<Arc<Api>>) -> Response<Body> {
    let event = api.events.lock().await.recv().await.unwrap_or_default();
    Response::builder()
        // Lambda always sends it; AWS's client for Python crashes without it.
        .header("content-type", "application/json")
        .header("lambda-runtime-aws-request-id", "8476a536-e9f4-11e8-9739-2dfe598c3fcd")
        .header("lambda-runtime-deadline-ms", "4102444800000")
        .header(
            "lambda-runtime-invoked-function-arn",
            "arn:aws:lambda:eu-west-1:123456789012:function:function",
        )
        .body(event.into())
        .unwrap()
}

async fn answer(State(api): State<Arc<Api>>, body: Body) -> StatusCode {
    let bytes = to_bytes(body, 16 * 1024 * 1024).await.unwrap();
    let _ = api.answers.send(serde_json::from_slice(&bytes).unwrap()).await;
    StatusCode::ACCEPTED
}
