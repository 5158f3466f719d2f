//! What no emulator can produce: answers that get lost, throttles, connections that break. Injected where the SDK
//! sends its HTTP requests, so that all of the SDK above it, its retries included, is the real one.

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::{Credentials, Region};
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient,
    SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use std::sync::{Arc, Mutex};

/// What happens to one request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// It is done; its answer gets lost.
    LoseAnswer,
    /// It never arrives.
    LoseRequest,
    /// It is refused as too much, whatever DynamoDB thinks.
    Throttle,
    /// It is refused as not allowed.
    Refuse,
}

/// Which faults are still to happen.
#[derive(Clone, Debug, Default)]
pub struct Faults(Arc<Mutex<Vec<Planned>>>);

#[derive(Debug)]
struct Planned {
    operation: &'static str,
    fault: Fault,
    times: usize,
}

impl Faults {
    /// Has `fault` happen to the next `times` requests of `operation`.
    pub fn plan(&self, operation: &'static str, fault: Fault, times: usize) {
        self.0.lock().unwrap().push(Planned { operation, fault, times });
    }

    /// Forgets what has not happened.
    pub fn clear(&self) {
        self.0.lock().unwrap().clear();
    }

    /// How many planned faults have not happened.
    pub fn left(&self) -> usize {
        self.0.lock().unwrap().iter().map(|planned| planned.times).sum()
    }

    fn next(&self, target: &str) -> Option<Fault> {
        let mut plan = self.0.lock().unwrap();
        let planned =
            plan.iter_mut().find(|planned| planned.times > 0 && target.ends_with(planned.operation))?;
        planned.times -= 1;
        Some(planned.fault)
    }

    /// A client for the endpoint to whose requests these faults happen.
    pub fn client(&self, endpoint: &str) -> Client {
        let inner = aws_smithy_http_client::Builder::new().build_http();
        let config = shared::store::sdk_config()
            .region(Region::new("local"))
            .credentials_provider(Credentials::new("local", "local", None, None, "local"))
            .endpoint_url(endpoint)
            .http_client(SharedHttpClient::new(FaultyClient { inner, faults: self.clone() }));
        Client::from_conf(config.build())
    }
}

#[derive(Debug)]
struct FaultyClient {
    inner: SharedHttpClient,
    faults: Faults,
}

impl HttpClient for FaultyClient {
    fn http_connector(
        &self,
        settings: &HttpConnectorSettings,
        components: &RuntimeComponents,
    ) -> SharedHttpConnector {
        let inner = self.inner.http_connector(settings, components);
        SharedHttpConnector::new(FaultyConnector { inner, faults: self.faults.clone() })
    }
}

#[derive(Debug)]
struct FaultyConnector {
    inner: SharedHttpConnector,
    faults: Faults,
}

impl HttpConnector for FaultyConnector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let target = request.headers().get("x-amz-target").unwrap_or_default().to_owned();
        let lost = || ConnectorError::io("the connection was reset".into());
        match self.faults.next(&target) {
            None => self.inner.call(request),
            Some(Fault::LoseRequest) => HttpConnectorFuture::ready(Err(lost())),
            Some(Fault::LoseAnswer) => {
                let answer = self.inner.call(request);
                HttpConnectorFuture::new(async move {
                    answer.await?;
                    Err(lost())
                })
            }
            Some(Fault::Throttle) => refusal("ThrottlingException"),
            Some(Fault::Refuse) => refusal("AccessDeniedException"),
        }
    }
}

fn refusal(exception: &str) -> HttpConnectorFuture {
    let body = format!(r#"{{"__type":"com.amazonaws.dynamodb.v20120810#{exception}","message":"no"}}"#);
    let mut response = HttpResponse::new(400.try_into().unwrap(), SdkBody::from(body));
    response.headers_mut().insert("content-type", "application/x-amz-json-1.0");
    HttpConnectorFuture::ready(Ok(response))
}
