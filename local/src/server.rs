//! The local HTTP server in front of the gateway.

use crate::Error;
use crate::gateway::dispatch;
use crate::hosts::Hosts;
use crate::links::{self, Links};
use crate::template::{CorsDefinition, Template};
use axum::Router;
use axum::body::{Body, HttpBody};
use axum::extract::{ConnectInfo, State};
use lambda_http::http::{HeaderMap, HeaderName, Method, Request, Response, StatusCode, header};
use shared::api::{App, Call, DeclaredSize, EVENT_LIMIT, FormLimit, SourceAddress};
use std::net::SocketAddr;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::runtime::{Handle, RuntimeFlavor};
use tower_http::cors::{AllowOrigin, CorsLayer};

/// How much of a body that is too large is read, in bytes, so that its sender gets the answer.
const DRAIN_LIMIT: usize = 64 * 1024 * 1024;

/// Largest body of a request without a key or a cookie, in bytes: signing in, with a draft.
const ANONYMOUS_LIMIT: usize = FormLimit::SIGN_IN.bytes;

/// Listens on `host:port`; port 0 takes any.
pub async fn listen(host: &str, port: u16) -> Result<TcpListener, Error> {
    TcpListener::bind((host, port)).await.map_err(|cause| match cause.kind() {
        std::io::ErrorKind::AddrInUse => Error::PortInUse(port),
        _ => Error::Listen { address: format!("{host}:{port}"), cause },
    })
}

/// Who may reach a server, besides pages and programs that use the address at which it listens.
#[derive(Clone, Debug, Default)]
pub struct Reach {
    /// Further names that it answers to, `host` or `host:port`.
    pub names: Vec<String>,
    /// Origins whose pages may call the API, as `CorsOrigins` says it for a deployment.
    pub origins: Vec<String>,
    /// Links that sign in.
    pub links: Arc<Links>,
}

/// Serves until `stop` is done; requests in progress get five seconds to end.
pub async fn serve(
    listener: TcpListener,
    app: Arc<App>,
    reach: &Reach,
    stop: impl Future<Output = ()> + Send + 'static,
) -> Result<(), Error> {
    let cors = cors_layer(&Template::app()?.cors()?, &reach.origins);
    let address: SocketAddr =
        listener.local_addr().map_err(|cause| Error::Listen { address: String::new(), cause })?;
    let hosts = Arc::new(Hosts::new(address, &reach.names));
    let router = Router::new().fallback(handle).layer(cors).with_state((app, hosts, reach.links.clone()));
    let address = address.to_string();
    let (stopping, stopped) = tokio::sync::oneshot::channel::<()>();
    let service = router.into_make_service_with_connect_info::<SocketAddr>();
    let server = axum::serve(listener, service).with_graceful_shutdown(async move {
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
    State((app, hosts, links)): State<(Arc<App>, Arc<Hosts>, Arc<Links>)>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    request: Request<Body>,
) -> Response<Body> {
    let (mut parts, body) = request.into_parts();
    if let Err(status) = hosts.check(&parts.uri, &parts.headers) {
        return misdirected(status);
    }
    parts.extensions.insert(SourceAddress(peer.ip()));
    let limit = if has_credentials(&parts.headers) { EVENT_LIMIT } else { ANONYMOUS_LIMIT };
    let (bytes, size) = read(body, limit).await;
    let mut request = Request::from_parts(parts, lambda_http::Body::Binary(bytes));
    if size > limit {
        request.extensions_mut().insert(DeclaredSize(size));
    }
    if request.uri().path() == links::PATH && is_loopback(&peer, request.headers()) {
        let call = Call::new(request, app.now());
        return links.follow(&app, &call).await;
    }
    let (parts, body) = aside(dispatch(&app, request)).await.into_parts();
    Response::from_parts(parts, Body::from(body.to_vec()))
}

/// Runs a handler without holding a worker of the runtime while it computes: parsing, merging and drawing megabytes takes a
/// while, in which other requests must still be answered. The worker's other tasks move to another thread for each poll. On Lambda,
/// one request is all there is.
async fn aside<T>(work: impl Future<Output = T>) -> T {
    let mut work = pin!(work);
    std::future::poll_fn(|context| match Handle::current().runtime_flavor() {
        RuntimeFlavor::MultiThread => tokio::task::block_in_place(|| work.as_mut().poll(context)),
        _ => work.as_mut().poll(context),
    })
    .await
}

/// Whether a request comes from this machine, and was meant for it: a proxy on this machine serves other ones.
fn is_loopback(peer: &SocketAddr, headers: &HeaderMap) -> bool {
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    let name = host.rsplit_once(':').map_or(host, |(name, _)| name).trim_matches(['[', ']']);
    let is_here = name == "localhost" || name.parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback());
    let is_proxied = headers.contains_key("x-forwarded-for") || headers.contains_key(header::FORWARDED);
    peer.ip().to_canonical().is_loopback() && is_here && !is_proxied
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
    let no_store = header::HeaderValue::from_static("no-store");
    response.headers_mut().insert(header::CACHE_CONTROL, no_store);
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

fn cors_layer(definition: &CorsDefinition, origins: &[String]) -> CorsLayer {
    let headers =
        |names: &[String]| -> Vec<HeaderName> { names.iter().filter_map(|name| name.parse().ok()).collect() };
    let methods: Vec<Method> = definition.methods.iter().filter_map(|name| name.parse().ok()).collect();
    CorsLayer::new()
        .allow_origin(AllowOrigin::list(origins.iter().filter_map(|origin| origin.parse().ok())))
        .allow_methods(methods)
        .allow_headers(headers(&definition.request_headers))
        .expose_headers(headers(&definition.response_headers))
        .max_age(Duration::from_secs(definition.max_age_seconds))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc::channel;

    #[test]
    fn a_handler_that_computes_does_not_block_other_requests() {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).build().unwrap();
        runtime.block_on(async {
            let ((begun, is_begun), (done, other)) = (channel(), channel());
            // On the only worker: it computes until another request has been answered.
            let computing = tokio::spawn(aside(async move {
                begun.send(()).unwrap();
                other.recv_timeout(Duration::from_secs(20))
            }));
            is_begun.recv().unwrap();
            let answered = tokio::spawn(async move { done.send(()) });
            assert!(computing.await.unwrap().is_ok(), "no other request was answered meanwhile");
            answered.await.unwrap().unwrap();
        });
    }
}
