//! What no emulator can produce: answers that get lost, throttles, connections that break. Injected where the SDK
//! sends its HTTP requests, so that all of the SDK above it, its retries included, is the real one.

use crate::fault_plan::FaultPlan;
use crate::index_lag::IndexLag;
use aws_sdk_dynamodb::Client;
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient,
    SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use futures_util::future::BoxFuture;
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::{Notify, Semaphore};
use tokio::task::JoinHandle;

/// What happens to one request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// None.
    None,
    /// It is done; its answer gets lost.
    LoseAnswer,
    /// It never arrives.
    LoseRequest,
    /// It is refused as too much, whatever DynamoDB thinks.
    Throttle,
    /// It is refused as not allowed.
    Refuse,
    /// It is refused because another transaction touches the item.
    Conflict,
    /// It is cancelled because one of its items was throttled (transactions).
    CancelThrottled,
    /// It is answered as if there were nothing (queries).
    FindNothing,
    /// It is answered with none of the keys processed (batches).
    LeaveUnprocessed,
    /// Should its condition fail, the image is not sent along.
    ForgetImage,
    /// It is held up until [`Faults::let_go`].
    HoldUp,
    /// It takes so many milliseconds longer.
    Delay(u64),
    /// It looks lost, and is done all the same, so many milliseconds later: perhaps after its own retry.
    Late(u64),
    /// It fails with 500, undone.
    Fail,
    /// It fails with 500, and is done all the same.
    FailDone,
    /// It is done; the connection is reset in the middle of its answer.
    CutAnswer,
    /// It never arrives, and nobody says so: see [`Faults::stopped`].
    Stop,
    /// It is done, and its answer never comes.
    StopDone,
}

/// Which faults are still to happen.
#[derive(Clone, Debug, Default)]
pub struct Faults {
    planned: Arc<Mutex<Vec<Planned>>>,
    between: Arc<Mutex<Option<Between>>>,
    gate: Gate,
    sent: Arc<Mutex<Vec<(String, Value)>>>,
    fault_plan: Arc<Mutex<Option<FaultPlan>>>,
    late: Arc<Mutex<Vec<JoinHandle<()>>>>,
    nth: Arc<Mutex<Option<(usize, Fault)>>>,
    stopped: Arc<Notify>,
    lag: Arc<Mutex<Option<IndexLag>>>,
}

/// Opens once for each [`Faults::let_go`].
#[derive(Clone, Debug)]
struct Gate(Arc<Semaphore>);

impl Default for Gate {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(0)))
    }
}

/// Something that happens between a lost answer and the retry.
struct Between(BoxFuture<'static, ()>);

impl std::fmt::Debug for Between {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Between(..)")
    }
}

#[derive(Debug)]
struct Planned {
    operation: &'static str,
    fault: Fault,
    times: usize,
}

impl Faults {
    /// Has `fault` happen to the next `times` requests of `operation`.
    pub fn plan(&self, operation: &'static str, fault: Fault, times: usize) {
        self.planned.lock().unwrap().push(Planned { operation, fault, times });
    }

    /// Has nothing happen to the next `times` requests of `operation`: what is planned next happens to those after them.
    pub fn spare(&self, operation: &'static str, times: usize) {
        self.plan(operation, Fault::None, times);
    }

    /// Waits until all that is planned has happened.
    pub async fn happened(&self) {
        while self.left() > 0 {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    }

    /// Has `fault` happen to the `nth` request from now, the first of which is 0.
    pub fn plan_nth(&self, nth: usize, fault: Fault) {
        *self.nth.lock().unwrap() = Some((nth, fault));
    }

    /// Waits until a request is stopped: the moment to kill who waits for it.
    pub async fn stopped(&self) {
        self.stopped.notified().await;
    }

    /// Has queries of a table's indexes answered as far as `lag` says, wherever no other fault happens to them.
    pub fn lag_behind(&self, lag: &IndexLag) {
        *self.lag.lock().unwrap() = Some(lag.clone());
    }

    /// Has `what` happen between the next lost answer and its retry.
    pub fn between(&self, what: impl Future<Output = ()> + Send + 'static) {
        *self.between.lock().unwrap() = Some(Between(Box::pin(what)));
    }

    /// The operations that were sent since the last time it was asked, with what they said.
    pub fn take_sent(&self) -> Vec<(String, Value)> {
        std::mem::take(&mut *self.sent.lock().unwrap())
    }

    /// Lets go what is held up.
    pub fn let_go(&self) {
        self.gate.0.add_permits(1);
    }

    /// Forgets what has not happened.
    pub fn clear(&self) {
        self.planned.lock().unwrap().clear();
        *self.nth.lock().unwrap() = None;
    }

    /// How many planned faults have not happened.
    pub fn left(&self) -> usize {
        self.planned.lock().unwrap().iter().map(|planned| planned.times).sum()
    }

    /// Has faults happen at random from now on, wherever none is planned.
    pub fn follow(&self, fault_plan: FaultPlan) {
        *self.fault_plan.lock().unwrap() = Some(fault_plan);
    }

    /// Ends the random faults, waits until the last late request is done, and returns what happened.
    pub async fn stop_faults(&self) -> Option<FaultPlan> {
        let fault_plan = self.fault_plan.lock().unwrap().take();
        let late = std::mem::take(&mut *self.late.lock().unwrap());
        for request in late {
            request.await.unwrap();
        }
        fault_plan
    }

    fn next(&self, target: &str) -> Option<Fault> {
        let mut nth = self.nth.lock().unwrap();
        match nth.take() {
            Some((0, fault)) => return Some(fault),
            left => *nth = left.map(|(left, fault)| (left - 1, fault)),
        }
        drop(nth);
        let mut plan = self.planned.lock().unwrap();
        let planned =
            plan.iter_mut().find(|planned| planned.times > 0 && target.ends_with(planned.operation));
        if let Some(planned) = planned {
            planned.times -= 1;
            return Some(planned.fault);
        }
        let operation = target.rsplit('.').next().unwrap_or_default();
        self.fault_plan.lock().unwrap().as_mut()?.fault(operation)
    }

    /// A client for the endpoint to whose requests these faults happen.
    pub fn client(&self, endpoint: &str) -> Client {
        let inner = aws_smithy_http_client::Builder::new().build_http();
        let config = local::emulator::config(endpoint)
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
        let operation = target.rsplit('.').next().unwrap_or_default().to_owned();
        if self.faults.fault_plan.lock().unwrap().is_none() {
            self.faults.sent.lock().unwrap().push((operation, sent(&request)));
        }
        let lost = || ConnectorError::io("the connection was reset".into());
        // That a key was used is written beside the call that a test plans something for.
        if sent(&request)["Item"]["pk"]["S"].as_str().is_some_and(|pk| pk.starts_with("KEY-USES#")) {
            return self.inner.call(request);
        }
        match self.faults.next(&target) {
            None | Some(Fault::None) => {
                let lag = self.faults.lag.lock().unwrap().clone();
                match lag.filter(|lag| lag.concerns(&request)) {
                    None => self.inner.call(request),
                    Some(lag) => {
                        let inner = self.inner.clone();
                        HttpConnectorFuture::new(async move { inner.call(lag.redirect(request).await).await })
                    }
                }
            }
            Some(Fault::LoseRequest) => HttpConnectorFuture::ready(Err(lost())),
            Some(Fault::LoseAnswer) => {
                let answer = self.inner.call(request);
                let between = self.faults.between.lock().unwrap().take();
                HttpConnectorFuture::new(async move {
                    answer.await?;
                    if let Some(Between(what)) = between {
                        what.await;
                    }
                    Err(lost())
                })
            }
            Some(Fault::HoldUp) => {
                let (inner, gate) = (self.inner.clone(), self.faults.gate.0.clone());
                HttpConnectorFuture::new(async move {
                    gate.acquire().await.map_err(|error| ConnectorError::other(error.into(), None))?.forget();
                    inner.call(request).await
                })
            }
            Some(Fault::Delay(millis)) => {
                let inner = self.inner.clone();
                HttpConnectorFuture::new(async move {
                    tokio::time::sleep(Duration::from_millis(millis)).await;
                    inner.call(request).await
                })
            }
            Some(Fault::Late(millis)) => {
                let inner = self.inner.clone();
                let late = tokio::spawn(async move {
                    tokio::time::sleep(Duration::from_millis(millis)).await;
                    drop(inner.call(request).await);
                });
                self.faults.late.lock().unwrap().push(late);
                HttpConnectorFuture::ready(Err(lost()))
            }
            Some(Fault::Stop) => {
                self.faults.stopped.notify_one();
                HttpConnectorFuture::new(std::future::pending())
            }
            Some(Fault::StopDone) => {
                let (done, stopped) = (self.inner.call(request), self.faults.stopped.clone());
                HttpConnectorFuture::new(async move {
                    done.await?;
                    stopped.notify_one();
                    std::future::pending().await
                })
            }
            Some(Fault::FailDone) => {
                let done = self.inner.call(request);
                HttpConnectorFuture::new(async move {
                    done.await?;
                    Ok(response(500, failure()))
                })
            }
            Some(Fault::CutAnswer) => {
                let done = self.inner.call(request);
                HttpConnectorFuture::new(async move {
                    let mut answer = done.await?;
                    *answer.body_mut() = SdkBody::from("{\"Attributes\":{");
                    Ok(answer)
                })
            }
            Some(Fault::Fail) => answer(500, failure()),
            Some(Fault::ForgetImage) => self.inner.call(without_image(request)),
            Some(Fault::FindNothing) => answer(200, r#"{"Count":0,"ScannedCount":0,"Items":[]}"#.into()),
            Some(Fault::LeaveUnprocessed) => {
                let wanted = sent(&request)["RequestItems"].take();
                answer(200, json!({ "Responses": {}, "UnprocessedKeys": wanted }).to_string())
            }
            Some(Fault::Conflict) if target.ends_with("TransactWriteItems") => {
                cancelled("TransactionConflict")
            }
            Some(Fault::CancelThrottled) => cancelled("ProvisionedThroughputExceeded"),
            Some(Fault::Conflict) => refusal("TransactionConflictException"),
            Some(Fault::Throttle) => refusal("ThrottlingException"),
            Some(Fault::Refuse) => refusal("AccessDeniedException"),
        }
    }
}

fn refusal(exception: &str) -> HttpConnectorFuture {
    answer(400, format!(r#"{{"__type":"com.amazonaws.dynamodb.v20120810#{exception}","message":"no"}}"#))
}

fn cancelled(code: &str) -> HttpConnectorFuture {
    let exception = "com.amazonaws.dynamodb.v20120810#TransactionCanceledException";
    let reasons = json!([{ "Code": code }, { "Code": "None" }]);
    answer(400, json!({ "__type": exception, "CancellationReasons": reasons }).to_string())
}

fn failure() -> String {
    r#"{"__type":"com.amazonaws.dynamodb.v20120810#InternalServerError","message":"no"}"#.to_owned()
}

fn answer(status: u16, body: String) -> HttpConnectorFuture {
    HttpConnectorFuture::ready(Ok(response(status, body)))
}

fn response(status: u16, body: String) -> HttpResponse {
    let mut response = HttpResponse::new(status.try_into().unwrap(), SdkBody::from(body));
    response.headers_mut().insert("content-type", "application/x-amz-json-1.0");
    response
}

/// What a request says.
fn sent(request: &HttpRequest) -> Value {
    serde_json::from_slice(request.body().bytes().unwrap()).unwrap()
}

/// The request without its wish for the image of a failed condition, which old emulators do not know.
fn without_image(mut request: HttpRequest) -> HttpRequest {
    const WISH: &str = "ReturnValuesOnConditionCheckFailure";
    let mut body = sent(&request);
    body.as_object_mut().unwrap().remove(WISH);
    for action in body["TransactItems"].as_array_mut().into_iter().flatten() {
        action["Put"].as_object_mut().unwrap().remove(WISH);
    }
    let body = body.to_string();
    request.headers_mut().insert("content-length", body.len().to_string());
    *request.body_mut() = SdkBody::from(body);
    request
}
