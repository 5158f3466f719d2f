//! The local HTTP server in front of the gateway.

use crate::Error;
use crate::gateway::dispatch;
use crate::hosts::Hosts;
use crate::template::{CorsDefinition, Template};
use axum::Router;
use axum::body::{Body, HttpBody};
use axum::extract::State;
use lambda_http::http::{HeaderMap, HeaderName, Method, Request, Response, StatusCode, header};
use shared::http::{App, BODY_LIMIT, DeclaredSize, FormLimit};
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tower_http::cors::{Any, CorsLayer};

/// How much of a body that is too large is read, in bytes, so that its sender hears the answer.
const DRAIN_LIMIT: usize = 64 * 1024 * 1024;

/// Largest body that is kept of a request without a key or a cookie, in bytes: signing in, with what was typed before.
const ANYBODYS_LIMIT: usize = FormLimit::SIGN_IN.bytes;

/// Listens on `host:port`; port 0 takes any.
pub async fn listen(host: &str, port: u16) -> Result<TcpListener, Error> {
    TcpListener::bind((host, port)).await.map_err(|cause| match cause.kind() {
        std::io::ErrorKind::AddrInUse => Error::PortInUse(port),
        _ => Error::Listen { address: format!("{host}:{port}"), cause },
    })
}

/// Serves until `stop` is done; requests under way get five seconds to end.
pub async fn serve(
    listener: TcpListener,
    app: Arc<App>,
    stop: impl Future<Output = ()> + Send + 'static,
) -> Result<(), Error> {
    serve_as(listener, &[], app, stop).await
}

/// The same, reached under `names`, too.
pub async fn serve_as(
    listener: TcpListener,
    names: &[String],
    app: Arc<App>,
    stop: impl Future<Output = ()> + Send + 'static,
) -> Result<(), Error> {
    let cors = cors_layer(&Template::embedded()?.cors()?);
    let address: SocketAddr =
        listener.local_addr().map_err(|cause| Error::Listen { address: String::new(), cause })?;
    let hosts = Arc::new(Hosts::new(address, names));
    let router = Router::new().fallback(handle).layer(cors).with_state((app, hosts));
    let address = address.to_string();
    let (stopping, stopped) = tokio::sync::oneshot::channel::<()>();
    let server = axum::serve(listener, router).with_graceful_shutdown(async move {
        stop.await;
        drop(stopping);
    });
    let grace = async {
        let _ = stopped.await;
        tokio::time::sleep(Duration::from_secs(5)).await;
    };
    tokio::select! {
        result = server.into_future() => result.map_err(|cause| Error::Listen { address, cause }),
        () = grace => Ok(()),
    }
}

async fn handle(
    State((app, hosts)): State<(Arc<App>, Arc<Hosts>)>,
    request: Request<Body>,
) -> Response<Body> {
    let (parts, body) = request.into_parts();
    if let Err(status) = hosts.check(&parts.uri, &parts.headers) {
        return misdirected(status);
    }
    let limit = if has_credentials(&parts.headers) { BODY_LIMIT } else { ANYBODYS_LIMIT };
    let (bytes, size) = read(body, limit).await;
    let mut request = Request::from_parts(parts, lambda_http::Body::Binary(bytes));
    if size > limit {
        request.extensions_mut().insert(DeclaredSize(size));
    }
    let (parts, body) = dispatch(&app, request).await.into_parts();
    Response::from_parts(parts, Body::from(body.to_vec()))
}

/// Whether a request says who sends it, rightly or not.
fn has_credentials(headers: &HeaderMap) -> bool {
    headers.contains_key("api-key")
        || headers.contains_key(header::AUTHORIZATION)
        || headers.contains_key(header::COOKIE)
}

/// The answer to a request that was not meant for this server. It echoes nothing.
fn misdirected(status: StatusCode) -> Response<Body> {
    const MESSAGE: &str = r#"{"detail":{"code":"misdirected_request","message":"This server does not answer to the name in the Host header. Use the address that it printed at its start, or start it with --allow-host NAME.","details":null}}"#;
    let mut response = Response::new(Body::from(MESSAGE));
    *response.status_mut() = status;
    let json = header::HeaderValue::from_static("application/json");
    response.headers_mut().insert(header::CONTENT_TYPE, json);
    response
}

/// A body's bytes, none of them when there are more than the limit, and how many there were. A sender that breaks
/// off has sent what it has sent: what is missing makes it broken JSON.
async fn read(mut body: Body, limit: usize) -> (Vec<u8>, usize) {
    let (mut bytes, mut size) = (Vec::new(), 0);
    while let Some(Ok(frame)) = std::future::poll_fn(|context| Pin::new(&mut body).poll_frame(context)).await
    {
        let Ok(data) = frame.into_data() else { continue };
        size += data.len();
        if size <= limit {
            bytes.extend_from_slice(&data);
        } else if size > DRAIN_LIMIT {
            break;
        } else {
            bytes = Vec::new();
        }
    }
    (bytes, size)
}

fn cors_layer(definition: &CorsDefinition) -> CorsLayer {
    let headers =
        |names: &[String]| -> Vec<HeaderName> { names.iter().filter_map(|name| name.parse().ok()).collect() };
    let methods: Vec<Method> = definition.methods.iter().filter_map(|name| name.parse().ok()).collect();
    CorsLayer::new()
        .allow_origin(Any)
        .allow_methods(methods)
        .allow_headers(headers(&definition.request_headers))
        .expose_headers(headers(&definition.response_headers))
        .max_age(Duration::from_secs(definition.max_age_seconds))
}
