//! The callback of a Step Functions task: `SendTaskSuccess` for an approval, `SendTaskFailure` for a rejection.

use super::attempt::{Attempt, Message};
use super::{Call, Target};
use aws_sdk_sfn::Client;
use aws_sdk_sfn::error::{ProvideErrorMetadata, SdkError};
use aws_types::SdkConfig;
use futures_util::future::BoxFuture;
use shared::review::{Delivery, Verdict};

/// The largest output of a Step Functions task, in bytes of UTF-8 (its quota). Larger snapshots are replaced by a URL.
pub const OUTPUT_LIMIT: usize = 262_144;

/// The error that a state machine catches when a review is rejected.
pub const REJECTED: &str = "ReviewRejected";

/// A task that waits for the decision.
pub(crate) struct Task<'a> {
    /// None where Step Functions is not set up.
    pub(crate) client: Option<&'a Client>,
    pub(crate) token: &'a str,
    pub(crate) verdict: Verdict,
    /// Whether an earlier attempt may have resumed the task.
    pub(crate) is_in_doubt: bool,
}

impl Target for Task<'_> {
    fn send<'a>(&'a self, message: &'a Message<'a>, call: Call) -> BoxFuture<'a, Attempt> {
        Box::pin(async move { Attempt::untimed(call.at, self.resume(message.body.to_owned()).await) })
    }
}

impl Task<'_> {
    async fn resume(&self, body: String) -> Delivery {
        let Some(client) = self.client else {
            return Delivery::Refused("Step Functions is not set up here".into());
        };
        match self.verdict {
            Verdict::Approved => {
                let request = client.send_task_success().task_token(self.token).output(body);
                let sent = request.send().await;
                sent.map_or_else(|error| failure(&error, self.is_in_doubt), |_| Delivery::Done)
            }
            Verdict::Rejected => {
                let request = client.send_task_failure().task_token(self.token);
                let sent = request.error(REJECTED).cause(body).send().await;
                sent.map_or_else(|error| failure(&error, self.is_in_doubt), |_| Delivery::Done)
            }
            // An escalation leaves the review open, so no callback is due. Should one be, the task is not resumed.
            Verdict::Escalated => Delivery::Refused("the last decision decides nothing".into()),
        }
    }
}

/// The SDK does not retry these calls by itself: after a lost answer, its retry would be refused because the task is over, and
/// it would be unknown that this very call had resumed it.
fn failure<E, R>(error: &SdkError<E, R>, is_in_doubt: bool) -> Delivery
where
    E: ProvideErrorMetadata,
{
    const FOR_GOOD: [&str; 4] = ["TaskTimedOut", "TaskDoesNotExist", "InvalidToken", "InvalidOutput"];
    let failed = |error: String, in_doubt| Delivery::Failed { error, in_doubt };
    match error {
        SdkError::ServiceError(service) => {
            let code = service.err().code().unwrap_or("unknown");
            let text = format!("{code}: {}", service.err().message().unwrap_or("no message"));
            if FOR_GOOD.contains(&code) {
                let text = if is_in_doubt {
                    format!("{text} (the answer of an earlier try got lost: the run may have been resumed)")
                } else {
                    text
                };
                Delivery::Refused(text)
            } else {
                failed(text, !code.contains("Throttl") && !code.contains("AccessDenied"))
            }
        }
        SdkError::DispatchFailure(failure) => {
            let refused = failure.as_connector_error().is_some_and(|error| connection_refused(error));
            let text = if refused { "could not connect" } else { "no answer: the connection failed" };
            failed(text.into(), !refused)
        }
        SdkError::TimeoutError(_) => failed("no answer: timed out".into(), true),
        SdkError::ConstructionFailure(_) => Delivery::Refused("the request could not be built".into()),
        _ => failed("no answer: it was cut off or unreadable".into(), true),
    }
}

/// Whether nothing was sent because the connection was refused.
fn connection_refused(error: &(dyn std::error::Error + 'static)) -> bool {
    let mut causes = std::iter::successors(Some(error), |error| error.source());
    causes.any(|cause| {
        let io = cause.downcast_ref::<std::io::Error>();
        io.is_some_and(|io| io.kind() == std::io::ErrorKind::ConnectionRefused)
    })
}

/// A client for Step Functions, at its own or another endpoint (`AWS_ENDPOINT_URL_SFN`). It does not retry: the outbox does.
pub fn step_functions_at(sdk: &SdkConfig, endpoint: Option<String>) -> Client {
    let mut builder = aws_sdk_sfn::config::Builder::from(sdk);
    builder.set_retry_config(Some(aws_sdk_sfn::config::retry::RetryConfig::disabled()));
    if endpoint.is_some() {
        // It is called as it is: the SDK would refuse to look for another variant of it.
        builder.set_use_fips(Some(false)).set_use_dual_stack(Some(false));
    }
    builder.set_endpoint_url(endpoint);
    Client::from_conf(builder.build())
}
